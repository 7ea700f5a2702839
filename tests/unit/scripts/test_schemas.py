"""What is published in schemas/ is what the code says, and each document is well formed."""

import importlib.util
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def published():
    spec = importlib.util.spec_from_file_location("schemas_script", ROOT / "scripts" / "schemas.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, module.documents()


def test_the_committed_files_are_fresh(published):
    module, documents = published
    for name, document in documents.items():
        assert (ROOT / "schemas" / name).read_text(encoding="utf-8") == module.text(document), name


def test_the_schemas_are_valid_schemas(published):
    for name, document in published[1].items():
        if name.endswith(".schema.json"):
            Draft202012Validator.check_schema(document)


def test_every_route_of_the_api_is_in_the_openapi_document(published):
    paths = json.loads((ROOT / "schemas" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    assert "/epcis/capture" in paths
    assert "post" in paths["/v1/shipments"]
    assert all(
        "description" in op or "summary" in op
        for path in paths.values()
        for m, op in path.items()
        if m in ("get", "post")
    )


def test_the_context_binds_every_term_to_our_name_space(published):
    context = published[1]["context.jsonld"]["@context"]
    assert context["crm"].startswith("https://")
    assert context["crm:processLossKg"]["@type"] == "xsd:decimal"
