"""The batch page and the page of a shipment record: verdict first, then evidence, then the raw data (console.md 2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, session, url_for

from traceability.diligence.status import worst
from traceability.errors import Forbidden
from traceability.services import batches, disclose, documents, shipments
from traceability.services.access import Actor
from traceability.services.batches import BatchState
from traceability.services.mandates import UNDER_MANDATE
from traceability.services.states import SubjectState, state_of
from traceability.storage.tables import Document
from traceability.web import chain as chains
from traceability.web import decided, evidence, graph, papers, verdict, words
from traceability.web.page import Cell, Column, Page, Row, Table, cells_of, table
from traceability.web.routes import page
from traceability.web.session import actor, opens, service

_INHERITED = (
    Column("ancestor", "Ancestor", "id"),
    Column("subject", "Shipment record"),
    Column("state", "Its state"),
    Column("rules", "Rules"),
    Column("decision", "Decision there, which clears nothing here"),
)
_INCIDENTS = (
    Column("at", "Refused", "time"),
    Column("reason", "Why"),
    Column("by", "Linked by"),
)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the batch page shows: the chain, the reader's states of the batch, and the findings that name an event."""

    who: Actor
    chain: Mapping[str, Any]
    states: Sequence[BatchState]
    papers: Sequence[Document]

    @property
    def subjects(self) -> list[SubjectState]:
        return [subject for state in self.states for subject in state.subjects]

    @property
    def codes(self) -> dict[str, list[str]]:
        return _codes_by_event(self.subjects)


@page("/batch")
def batch() -> Page:
    """A batch: verdict, what to do, balance, custody table and picture, findings, documents, decisions."""
    shown = _look(actor(), request.args.get("id", ""))
    chain, subjects = shown.chain, shown.subjects
    said = _verdict(shown.states, chains.unsigned(chain))
    names = {row.sha256: row.filename for row in shown.papers}
    found = [item for one in subjects for item in evidence.findings(one, chains.anchors(chain), names)]
    data = {
        "batch": chain["batch"],
        "verdict": said and said.as_dict(),
        "findings": found,
        "subjects": [disclose.assessed(subject) for subject in subjects],
        "chain": chain,
    }
    return Page(words.short(chain["batch"]), "batch.html", _tables(shown), data, _context(shown))


def _look(who: Actor, name: str) -> _Shown:
    """Return what the chain query shows this reader, with the facts behind the findings."""
    chain = disclose.chain(service(), who, name, session.get("purpose"))
    with service().store.read() as reading:
        owners = chain.get("states", {})
        states = [batches.batch_state(service(), reading, owner, chain["batch"]) for owner in owners]
    own = documents.documents(service(), who, batch=chain["batch"]) if who.may("documents") else []
    return _Shown(who, chain, states, own)


def _tables(shown: _Shown) -> list[Table]:
    made = chains.tables(shown.chain, shown.codes)
    if shown.states:
        may_see = {row["id"] for row in shown.chain["decisions"]}
        made += [_inherited(shown.states), decided.listing(shown.subjects, may_see), _incidents(shown.chain)]
    return [*made, papers.listing(shown.papers)] if shown.who.may("documents") else made


def _context(shown: _Shown) -> dict[str, Any]:
    events = shown.chain["events"]
    return {
        "picture": graph.picture(events, shown.codes),
        "summary": graph.summary(events, shown.codes),
        "too_large": len(events) > graph.MAX_NODES,
        "names": {one["did"]: one["name"] for one in shown.chain["parties"] if "name" in one},
        "notes": _notes(shown.subjects),
        "decide": _decidable(shown.who, shown.subjects),
        "upload": shown.who.may("documents"),
    }


def _verdict(states: Sequence[BatchState], unsigned: int) -> "verdict.Verdict | None":
    if not states:
        return None
    subjects = [subject for state in states for subject in state.subjects]
    return verdict.verdict(worst(*(state.state for state in states)), subjects, unsigned)


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


def _inherited(states: Sequence[BatchState]) -> Table:
    rows = [_ancestor(ancestor, subject) for state in states for ancestor, subject in state.inherited]
    return table(
        "inherited",
        "Inherited from ancestors",
        _INHERITED,
        rows,
        "No ancestor has a shipment record of its own, or was critical before.",
    )


def _ancestor(ancestor: str, subject: SubjectState) -> Row:
    values: dict[str, Any] = {
        "ancestor": Cell(words.short(ancestor), href=url_for("web.batch", id=ancestor), whole=ancestor),
        "subject": (
            Cell(subject.subject, href=opens("shipment", ("officer", "importer"), id=subject.subject))
            if subject.kind == "shipment"
            else "none"
        ),
        "state": Cell(words.MARKS[subject.state].word, mark=subject.state),
        "rules": ", ".join(subject.codes),
        "decision": _disposition(subject),
    }
    return Row(cells_of(values))


def _disposition(subject: SubjectState) -> str:
    if subject.reopened:
        return f"{words.sentence(subject.reopened.decision.disposition)}, {subject.reopened.said}"
    return words.sentence(subject.decision.disposition) if subject.decision else "none"


def _incidents(chain: Mapping[str, Any]) -> Table:
    rows = [
        {"at": words.moment(item["at"]), "reason": item["reason"], "by": item["linked_by"]}
        for item in chain["incidents"]
    ]
    empty = "No incident was linked to this batch. Incidents enter no facts and change no state."
    return table("incidents", "Incidents an officer linked to this batch", _INCIDENTS, rows, empty)


def _notes(subjects: Sequence[SubjectState]) -> list[dict[str, Any]]:
    """Return the notes of the custody room and of the engine, each once."""
    said: dict[str, dict[str, Any]] = {}
    for subject in subjects:
        for note in subject.notes:
            said.setdefault(note["message"], dict(note))
        for text in subject.assessment.result["notes"] if subject.assessment else ():
            said.setdefault(text, {"kind": "rules", "message": text, "review": False})
    return list(said.values())


def _decidable(who: Actor, subjects: Sequence[SubjectState]) -> list[SubjectState]:
    return [subject for subject in subjects if subject.assessment is not None] if who.may("decide") else []


@page("/shipment")
def shipment() -> Page:
    """A shipment record: its verdict, findings, batches, documents and decisions, and the signed fields."""
    who, name = actor(), request.args.get("id", "")
    if who.role in UNDER_MANDATE:
        raise Forbidden("search for the shipment record: its batches show what your mandate opens")
    row = shipments.shipment(service(), who, name)
    with service().store.read() as reading:
        subject = state_of(service(), reading, who.own_party(), "shipment", row.shipment_id)
    said = verdict.verdict(subject.state, [subject])
    fields = [{"field": words.sentence(key), "value": _said(value)} for key, value in sorted(row.record.items())]
    return Page(
        f"Shipment record {row.shipment_id}",
        "shipment.html",
        [
            table("batches", "Batches of this shipment record", _BATCHES, map(_named, row.record.get("batch_ids", [])),
                  "It names no batch, so no chain could be assessed."),
            decided.listing([subject]),
            table("record", f"Fields as signed, version {row.version}", _FIELDS, fields, "It has no field."),
        ],
        {"shipment_id": row.shipment_id, "verdict": said.as_dict(), "subjects": [disclose.assessed(subject)],
         "findings": evidence.findings(subject, {}, papers.names(who))},
        {"notes": _notes([subject]), "decide": _decidable(who, [subject]), "row": row},
    )  # fmt: skip


_BATCHES = (Column("batch", "Batch"), Column("identifier", "Identifier", "id"))
_FIELDS = (Column("field", "Field"), Column("value", "Value"))


def _named(batch_id: str) -> dict[str, Any]:
    return {"batch": Cell(words.short(batch_id), href=url_for("web.batch", id=batch_id)), "identifier": batch_id}


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_said(item) for item in value) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{words.sentence(key)} {_said(item)}" for key, item in value.items())
    return "yes" if value is True else "no" if value is False else str(value)
