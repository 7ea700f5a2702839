"""The batch page and the page of a shipment record: verdict first, then evidence, then the raw data (console.md 2)."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request, session, url_for

from traceability.errors import Forbidden
from traceability.services import disclose, shipments
from traceability.services import site_map as site_maps
from traceability.services.access import Actor
from traceability.services.mandates import UNDER_MANDATE
from traceability.services.states import SubjectState, state_of
from traceability.web import chain as chains
from traceability.web import decided, evidence, graph, papers, sections, site_map, verdict, words
from traceability.web.language import N_, Verbatim, gettext
from traceability.web.page import Cell, Column, Page, Table, table
from traceability.web.routes import page
from traceability.web.sections import Section
from traceability.web.session import actor, service

_INCIDENTS = (
    Column("at", "Refused", "time"),
    Column("reason", "Why"),
    Column("by", "Linked by"),
)


@page("/batch")
def batch() -> Page:
    """A batch: verdict, what to do, balance, custody table and picture, findings, documents, decisions."""
    who = actor()
    chain = disclose.chain(service(), who, request.args.get("id", ""), session.get("purpose"))
    shown = sections.sections(who, chain, chains.unsigned(chain), chains.anchors(chain))
    subjects = [subject for one in shown for subject in one.subjects]
    codes, places = _codes_by_event(subjects), site_maps.of_chain(service(), chain["events"])
    data = {
        "batch": chain["batch"],
        "verdict": shown[0].verdict.as_dict() if len(shown) == 1 else None,
        "findings": [item for one in shown for item in one.findings],
        "subjects": [disclose.assessed(subject) for subject in subjects],
        "importers": [one.as_dict() for one in shown],
        "chain": chain,
    }
    tables = [*_tables(who, chain, codes, shown), *site_map.tables(places)]
    context = {**_context(who, chain, codes, shown), **site_map.context(places)}
    return Page(Verbatim(words.short(chain["batch"])), "batch.html", tables, data, context)


def _tables(
    who: Actor, chain: Mapping[str, Any], codes: Mapping[str, list[str]], shown: Sequence[Section]
) -> list[Table]:
    made = chains.tables(chain, codes)
    if who.role == "regulator":
        made.append(sections.overview(shown))
    for one in shown:
        made += one.tables
    if shown or who.role == "regulator":
        return [*made, _incidents(chain)]
    return [*made, papers.listing(sections.own_papers(who, chain["batch"]))] if who.may("documents") else made


def _context(
    who: Actor, chain: Mapping[str, Any], codes: Mapping[str, list[str]], shown: Sequence[Section]
) -> dict[str, Any]:
    events = chain["events"]
    return {
        "picture": graph.picture(events, codes),
        "disputed": chains.disputed(chain),
        "summary": graph.summary(events, codes),
        "too_large": len(events) > graph.MAX_NODES,
        "names": {one["did"]: one["name"] for one in chain["parties"] if "name" in one},
        "sections": shown,
        "decide": _decidable(who, [subject for one in shown for subject in one.subjects]),
        "upload": who.may("documents"),
    }


def _codes_by_event(subjects: Sequence[SubjectState]) -> dict[str, list[str]]:
    """Return the codes of the findings that rest on an event, by its event id."""
    found: dict[str, list[str]] = {}
    for subject in subjects:
        events = subject.assessment.facts.get("custody_events", []) if subject.assessment else []
        for item in subject.findings:
            for number in _event_numbers(item.body["evidence"]):
                found.setdefault(events[number]["event_id"], []).append(item.code)
    return found


def _event_numbers(pointers: Sequence[str]) -> set[int]:
    parts = [pointer.split("/") for pointer in pointers if pointer.startswith("/custody_events/")]
    return {int(part[2]) for part in parts if part[2].isdigit()}


def _incidents(chain: Mapping[str, Any]) -> Table:
    rows = [
        {"at": words.moment(item["at"]), "reason": item["reason"], "by": item["linked_by"]}
        for item in chain["incidents"]
    ]
    empty = N_("No incident was linked to this batch. Incidents enter no facts and change no state.")
    return table("incidents", "Incidents an officer linked to this batch", _INCIDENTS, rows, empty)


def _decidable(who: Actor, subjects: Sequence[SubjectState]) -> list[SubjectState]:
    return [subject for subject in subjects if subject.assessment is not None] if who.may("decide") else []


@page("/shipment")
def shipment() -> Page:
    """A shipment record: its verdict, findings, batches, documents and decisions, and the signed fields."""
    who, name = actor(), request.args.get("id", "")
    if who.role in UNDER_MANDATE:
        raise Forbidden(gettext("search for the shipment record: its batches show what your mandate opens"))
    row = shipments.shipment(service(), who, name)
    with service().store.read() as reading:
        subject = state_of(service(), reading, who.own_party(), "shipment", row.shipment_id)
    said = verdict.verdict(subject.state, [subject])
    fields = [{"field": words.sentence(key), "value": _said(value)} for key, value in sorted(row.record.items())]
    return Page(
        gettext("Shipment record %(id)s", id=row.shipment_id),
        "shipment.html",
        [
            table("batches", "Batches of this shipment record", _BATCHES, map(_named, row.record.get("batch_ids", [])),
                  N_("It names no batch, so no chain could be assessed.")),
            decided.listing([subject]),
            table("record", gettext("Fields as signed, version %(version)s", version=row.version), _FIELDS, fields,
                  N_("It has no field.")),
        ],
        {"shipment_id": row.shipment_id, "verdict": said.as_dict(), "subjects": [disclose.assessed(subject)],
         "findings": evidence.findings(subject, {}, papers.names(who))},
        {"notes": sections.notes([subject]), "decide": _decidable(who, [subject]), "row": row},
    )  # fmt: skip


_BATCHES = (Column("batch", "Batch"), Column("identifier", "Identifier", "id"))
_FIELDS = (Column("field", "Field"), Column("value", "Value"))


def _named(batch_id: str) -> dict[str, Any]:
    return {"batch": Cell(words.short(batch_id), href=url_for("web.batch", id=batch_id)), "identifier": batch_id}


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_said(item) for item in value) or gettext("none")
    if isinstance(value, Mapping):
        return ", ".join(f"{words.sentence(key)} {_said(item)}" for key, item in value.items())
    return (gettext("yes") if value else gettext("no")) if isinstance(value, bool) else str(value)
