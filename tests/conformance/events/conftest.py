"""Third-party vectors beside the repository, and the published schema as an oracle."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared"


@pytest.fixture(scope="session")
def vectors() -> Path:
    folder = SHARED / "vectors" / "epcis"
    if not folder.is_dir():
        pytest.skip("the third-party EPCIS vectors are not beside this repository")
    return folder.resolve()


@pytest.fixture(scope="session")
def sample_chain() -> bytes:
    path = SHARED / "design" / "sample-chain.json"
    if not path.is_file():
        pytest.skip("the sample chain is not beside this repository")
    return path.read_bytes()


@pytest.fixture(scope="session")
def oracle(vectors: Path) -> Callable[[Any], bool]:
    """Tell what the GS1 EPCIS 2.0.0 JSON schema says, formats checked."""
    schema = json.loads((vectors / "gs1-EPCIS" / "EPCIS-JSON-Schema.json").read_text())
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    return validator.is_valid
