"""What a process has to import before its first answer: nothing that takes long and is needed by few requests."""

import subprocess
import sys

import pytest

HEAVY = ("spacy", "numpy", "jsonschema", "openpyxl", "alembic", "typst", "pypdfium2", "docx", "lxml")


@pytest.mark.parametrize("module", ["traceability.app", "traceability.cli"])
def test_what_takes_long_is_imported_where_it_is_needed(module):
    ask = f"import {module}, sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True, text=True).stdout.split()
    assert found == []
