"""docs/coverage.md: all 29 commitments of COM(2023) 165, and everything it names exists."""

import csv
import json
import re
from pathlib import Path

import pytest
from flask import Flask

from traceability.cli.shapes import ANSWERS
from traceability.diligence import catalogue, facts_schema
from traceability.services.reports.registry import kinds
from traceability.web import routes

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
COMMITMENTS = ROOT / ".." / "shared" / "data" / "law" / "com2023_165_commitments.csv"
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in TEXT.splitlines() if re.match(r"\| C\d\d ", line)]


def named():
    """Yield what kind of thing each name in backticks is, by its form or the word before the first of a series."""
    for prose in TEXT.split("\n"):
        kind = ""
        for before, name in re.findall(r"(?:\b(pages?|reports?|field|facts given):? \(?)?`([^`]+)`", prose):
            kind = before.rstrip("s") or kind
            yield _form(name) or kind or "unknown", name


def _form(name):
    forms = {
        r"(GET|POST) /": "route", r"traceability ": "command", r"crm:": "term", r"(schemas|seed)/": "file",
        r"[A-Z0-9]+-": "rule",
    }  # fmt: skip
    return next((kind for form, kind in forms.items() if re.match(form, name)), None)


def _pages():
    app = Flask("pages")
    app.register_blueprint(routes.bp)
    return {rule.rule for rule in app.url_map.iter_rules()}


PROPERTIES = facts_schema()["properties"]
PATHS = json.loads((ROOT / "schemas" / "openapi.json").read_text(encoding="utf-8"))["paths"]
CONTEXT = json.loads((ROOT / "schemas" / "context.jsonld").read_text(encoding="utf-8"))["@context"]
KNOWN = {
    "route": {f"{method.upper()} {path}" for path, methods in PATHS.items() for method in methods},
    "command": {f"traceability {name}" for name in ANSWERS},
    "term": set(CONTEXT),
    "rule": {row.code for row in catalogue.rows()},
    "report": {one.name for one in kinds()},
    "page": _pages(),
    "field": {f"{section}.{name}" for section in PROPERTIES for name in PROPERTIES[section].get("properties", ())},
    "facts given": set(PROPERTIES),
}


def exists(kind, name):
    return (ROOT / name).is_file() if kind == "file" else name in KNOWN.get(kind, ())


@pytest.mark.parametrize(("kind", "name"), sorted(set(named())))
def test_what_the_document_names_exists(kind, name):
    assert exists(kind, name), f"docs/coverage.md names {name} ({kind}), which is not there"


def test_names_that_do_not_exist_would_be_seen():
    wrong = [("route", "GET /v1/nothing"), ("route", "PUT /v1/queue"), ("command", "traceability nothing"),
             ("term", "crm:nothing"), ("file", "seed/nothing.csv"), ("rule", "CMR-99"), ("report", "nothing"),
             ("page", "/nothing"), ("field", "shipment.nothing"), ("unknown", "nothing")]  # fmt: skip
    assert [one for one in wrong if exists(*one)] == []
    assert {kind for kind, _ in named()} >= {"route", "command", "term", "file", "rule", "report", "page", "field",
                                         "facts given"}  # fmt: skip


def test_every_row_says_what_serves_it_or_why_nothing_does():
    assert [row[0] for row in ROWS] == [f"C{number:02}" for number in range(1, 30)]
    for _, commitment, state, why in ROWS:
        assert state in {"served", "partly", "not served"}
        assert len(commitment) > 10
        assert "`" in why or state == "not served", why
        assert len(why.split()) >= 5, why


@pytest.mark.skipif(not COMMITMENTS.exists(), reason="the folder shared/data is not beside this repository")
def test_all_commitments_of_the_table_are_there():
    with COMMITMENTS.open(encoding="utf-8", newline="") as stream:
        assert [row["id"] for row in csv.DictReader(stream)] == [row[0] for row in ROWS]
