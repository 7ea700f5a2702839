"""Writes schemas/ from the code; with --check it only compares, so that what is published is never stale."""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from traceability.app import create_app
from traceability.cli.shapes import cli_schema
from traceability.config import Settings
from traceability.diligence.facts import facts_schema
from traceability.events.crm_context import crm_context
from traceability.events.crm_terms import crm_schema
from traceability.ledger.receipt_schema import receipt_schema
from traceability.ledger.single_file import single_file
from traceability.services.shipment_schema import shipment_schema

FOLDER = Path(__file__).resolve().parents[1] / "schemas"


def documents() -> dict[str, Any]:
    """Return every published file by name: JSON values, and the verifier as text."""
    return {
        "verify.py": single_file(),
        "assessment-facts.schema.json": facts_schema(),
        "receipt.schema.json": receipt_schema(),
        "shipment-record.schema.json": shipment_schema(),
        "cli.schema.json": cli_schema(),
        "crm.schema.json": crm_schema(),
        "context.jsonld": crm_context(),
        "openapi.json": openapi(),
    }


def openapi() -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of every route."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/none.db", state_dir=Path(folder))
        app = create_app(settings)
        spec: dict[str, Any] = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
        app.extensions["traceability"].close()
    return spec


def text(document: Any) -> str:
    """Return a document as committed; sorted, because the framework lists routes in no fixed order."""
    if isinstance(document, str):
        return document
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> int:
    """Write or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when a file is stale")
    check = parser.parse_args().check
    stale = []
    for name, document in documents().items():
        path = FOLDER / name
        if check:
            stale += [name] if not path.exists() or path.read_text(encoding="utf-8") != text(document) else []
        else:
            path.write_text(text(document), encoding="utf-8")
            print(f"wrote schemas/{name}")
    for name in stale:
        print(f"schemas/{name} is stale; run `make schemas`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
