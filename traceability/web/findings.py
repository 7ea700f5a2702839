"""Why a finding is there: its law, the rule in words, the facts the rule looked at, and what would clear it."""

from collections.abc import Mapping
from typing import Any

from flask import request

from traceability.services.explanations import explanation
from traceability.services.mandates import UNDER_MANDATE
from traceability.web import papers
from traceability.web.evidence import value
from traceability.web.page import Column, Page, Table, table
from traceability.web.routes import page
from traceability.web.session import actor, service

_FACTS = (Column("at", "Place in the facts", "id"), Column("value", "What stands there"))
_TERMS = (Column("term", "Word"), Column("meaning", "Meaning"))


@page("/finding")
def finding() -> Page:
    """One finding, explained from what is kept with its assessment."""
    who, importer = actor(), request.args.get("importer") or None
    as_reader = papers.reader(who, importer) if who.role in UNDER_MANDATE else who
    said = explanation(service(), as_reader, request.args.get("id", ""))
    return Page(
        f"Why {said['code']} was raised", "finding.html", [_rests_on(said), _looked_at(said), _terms(said)],
        {"explanation": said}, {"about": _about(said), "options": "; ".join(said["clears"]["options"])},
    )  # fmt: skip


def _about(said: Mapping[str, Any]) -> dict[str, str]:
    about, law, rule = said["about"], said["law"], said["rule"]
    entry = "none" if rule["entry_index"] is None else str(rule["entry_index"])
    known = {
        "severity": f"{said['severity']}: {said['severity_words']}",
        about["kind"]: about["subject"],
        "assessed": f"{about['at']} as of {about['as_of']}, ledger entry {about['entry_index']}",
        "law": "a rule of this service's own" if law["law_ref"] == "design" else law["law_ref"],
        "applicable": f"from {law['applicable_from'] or 'no date of its own'} to {law['applicable_to'] or 'open'}",
        "provenance": f"{law['provenance']}. {law['provenance_words']}",
        "rule pack": f"{rule['pack']}, version {rule['pack_version'] or 'not recorded then'}",
        "of the rules": f"version {rule['version']}, ledger entry {entry}",
        "logic": rule["logic"],
        "severity changes": rule["severity_changes"] or "",
        "other findings it asked for": _others(said),
    }
    return {name: value for name, value in known.items() if value}


def _others(said: Mapping[str, Any]) -> str:
    asked = (("raised", said["raised"]), ("not raised", said["not_raised"]))
    return "; ".join(f"{word}: {', '.join(codes)}" for word, codes in asked if codes)


def _rests_on(said: Mapping[str, Any]) -> Table:
    return table("facts", "What it rests on", _FACTS, _rows(said, evidence=True), "Nothing that can be shown.")


def _looked_at(said: Mapping[str, Any]) -> Table:
    return table("looked_at", "What else the rule looked at", _FACTS, _rows(said, evidence=False), "Nothing else.")


def _rows(said: Mapping[str, Any], *, evidence: bool) -> list[dict[str, str]]:
    return [{"at": fact["at"], "value": _value(fact)} for fact in said["facts"] if fact["evidence"] is evidence]


def _value(fact: Mapping[str, Any]) -> str:
    return value(fact["value"]) if fact["stated"] else "not stated"


def _terms(said: Mapping[str, Any]) -> Table:
    return table("terms", "What the words of the logic mean", _TERMS, said["rule"]["terms"], "It uses no defined word.")
