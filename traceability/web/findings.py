"""Why a finding is there: its law, the rule in words, the facts the rule looked at, and what would clear it."""

from collections.abc import Mapping
from typing import Any

from flask import request

from traceability.services.explanations import explanation
from traceability.services.mandates import UNDER_MANDATE
from traceability.web import papers, words
from traceability.web.evidence import value
from traceability.web.language import N_, gettext
from traceability.web.page import Column, Page, Table, table
from traceability.web.routes import page
from traceability.web.session import actor, service
from traceability.web.spoken import spoken

_FACTS = (Column("at", "Place in the facts", "id"), Column("value", "What stands there"))
_TERMS = (Column("term", "Word"), Column("meaning", "Meaning"))


@page("/finding")
def finding() -> Page:
    """One finding, explained from what is kept with its assessment."""
    who, importer = actor(), request.args.get("importer") or None
    as_reader = papers.reader(who, importer) if who.role in UNDER_MANDATE else who
    said = explanation(service(), as_reader, request.args.get("id", ""))
    return Page(
        gettext("Why %(code)s was raised", code=said["code"]), "finding.html",
        [_rests_on(said), _looked_at(said), _terms(said)],
        {"explanation": said},
        {"about": _about(said), "options": "; ".join(map(spoken, said["clears"]["options"]))},
    )  # fmt: skip


def _about(said: Mapping[str, Any]) -> dict[str, str]:
    about, law, rule = said["about"], said["law"], said["rule"]
    entry = gettext("none") if rule["entry_index"] is None else str(rule["entry_index"])
    severity = said["severity"]
    known = {
        N_("severity"): f"{gettext(severity)}: {spoken(said['severity_words'])}",
        about["kind"]: about["subject"],
        N_("assessed"): gettext("%(at)s as of %(day)s, ledger entry %(entry)s",
                                at=words.moment(about["at"]), day=about["as_of"], entry=about["entry_index"]),
        N_("law"): gettext("a rule of this service's own") if law["law_ref"] == "design" else law["law_ref"],
        N_("applicable"): _applicable(law),
        N_("provenance"): f"{law['provenance']}. {spoken(law['provenance_words'])}",
        N_("rule pack"): gettext("%(pack)s, version %(version)s", pack=rule["pack"],
                                 version=rule["pack_version"] or gettext("not recorded then")),
        N_("of the rules"): gettext("version %(version)s, ledger entry %(entry)s",
                                    version=rule["version"], entry=entry),
        N_("logic"): rule["logic"],
        N_("severity changes"): rule["severity_changes"] or "",
        N_("other findings it asked for"): _others(said),
    }  # fmt: skip
    return {name: value for name, value in known.items() if value}


def _applicable(law: Mapping[str, Any]) -> str:
    first = law["applicable_from"] or gettext("no date of its own")
    return gettext("from %(first)s to %(last)s", first=first, last=law["applicable_to"] or gettext("open"))


def _others(said: Mapping[str, Any]) -> str:
    asked = ((gettext("raised"), said["raised"]), (gettext("not raised"), said["not_raised"]))
    return "; ".join(f"{word}: {', '.join(codes)}" for word, codes in asked if codes)


def _rests_on(said: Mapping[str, Any]) -> Table:
    empty = N_("Nothing that can be shown.")
    return table("facts", "What it rests on", _FACTS, _rows(said, evidence=True), empty)


def _looked_at(said: Mapping[str, Any]) -> Table:
    empty = N_("Nothing else.")
    return table("looked_at", "What else the rule looked at", _FACTS, _rows(said, evidence=False), empty)


def _rows(said: Mapping[str, Any], *, evidence: bool) -> list[dict[str, str]]:
    return [{"at": fact["at"], "value": _value(fact)} for fact in said["facts"] if fact["evidence"] is evidence]


def _value(fact: Mapping[str, Any]) -> str:
    return value(fact["value"]) if fact["stated"] else gettext("not stated")


def _terms(said: Mapping[str, Any]) -> Table:
    empty = N_("It uses no defined word.")
    return table("terms", "What the words of the logic mean", _TERMS, said["rule"]["terms"], empty)
