"""docs/faults.md names each of the 36 faults once, and tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([^`]+)`")
ROWS = ROW.findall((ROOT / "docs" / "faults.md").read_text(encoding="utf-8"))


def test_each_fault_has_its_row():
    assert [int(number) for number, *_ in ROWS] == list(range(1, 37))


@pytest.mark.parametrize(("number", "outcome", "shown"), [(row[0], row[2], row[3]) for row in ROWS])
def test_every_row_names_tests_that_exist_or_says_why_not(number, outcome, shown):
    named = NAMED.findall(shown)
    assert named or (shown.strip() == "-" and outcome.startswith("not tested: ")), number
    for name in named:
        path, _, test = name.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
        assert tests, path
        assert not test or test in tests, name
