"""Assessments, the criticals that go with their batches, and decisions, against their entries."""

from typing import Any

import sqlalchemy as sa

from traceability.diligence.facts import inputs_hash
from traceability.errors import TraceabilityError
from traceability.ledger.encoding import digest
from traceability.services.carried import named_batches
from traceability.services.fsck.audit import TABLES, Audit, Said, batched, moment_of
from traceability.services.review import VERDICTS, decision_record, proposal_record
from traceability.services.whole import assessment_bytes, record_bytes

_BATCH = 50
_SUBJECT = ("owner_id", "subject_kind", "subject")
_CRITICAL = ("owner_id", "batch_key", "code", "subject_kind", "subject")
ERASED = ""
"""Stands for the batches of a run whose facts were erased."""
_Criticals = dict[tuple[Any, ...], int]


def check_assessments(audit: Audit, *, deep: bool) -> None:
    """Check every run, and that what was critical is kept with each batch it was about."""
    before: Any = None
    criticals: _Criticals = {}
    for batch in batched(audit.rows("assessment", (*_SUBJECT, "id"), size=_BATCH), _BATCH):
        entries = audit.entries(row.entry_index for row in batch)
        for row in batch:
            same = before is not None and all(getattr(before, name) == getattr(row, name) for name in _SUBJECT)
            _check_assessment(audit, row, before if same else None, entries.get(row.entry_index), deep=deep)
            _carry(criticals, row)
            before = row
    _check_criticals(audit, criticals)


def _check_assessment(audit: Audit, row: Any, before: Any, entry: Said | None, *, deep: bool) -> None:
    index, result = row.entry_index, row.result
    body = digest(assessment_bytes(row))
    if entry is not None and body != entry.body == digest(record_bytes(result)):
        body = entry.body
        audit.report.recorded_before("assessment", "notes, pending, coverage and batches stand in no entry")
        if deep:
            _check_facts(audit, row)
    said = {"kind": "assessment", "body": body, "who": audit.who(row.owner_id), "key": None, "at": moment_of(row.at)}
    if not audit.stands_for("assessment", index, entry, said):
        return
    critical = {item["code"]: row.id for item in result["findings"] if item["severity"] == "critical"}
    earlier = {} if before is None else before.criticals
    expected = {
        "status": result["status"], "inputs_hash": result["inputs_hash"], "criticals": {**earlier, **critical},
    }  # fmt: skip
    audit.same("assessment", index, expected, row)
    if before is not None and before.entry_index >= index:
        audit.problem("assessment", index, "id: the runs about a subject are not in the order of their entries")


def _carry(criticals: _Criticals, row: Any) -> None:
    """Add what a run keeps with its batches (`services.carried`)."""
    batches = {ERASED} if row.erased_index is not None and row.subject_kind == "shipment" else named_batches(row)
    for batch in batches if row.criticals else ():
        for code, seen in row.criticals.items():
            criticals[row.owner_id, batch, code, row.subject_kind, row.subject] = seen


def _check_criticals(audit: Audit, expected: _Criticals) -> None:
    left = dict(expected)
    for row in audit.rows("batch_critical"):
        key = tuple(getattr(row, name) for name in _CRITICAL)
        known = left.pop(key, None)
        if known is None:  # which batches an erased run was about, nothing says any more
            known = expected.get((row.owner_id, ERASED, row.code, row.subject_kind, row.subject))
        if known != row.assessment_id:
            told = f"{row.batch_key}: no run of {row.subject_kind} {row.subject} gives {row.code} like this"
            audit.problem("batch_critical", None, told)
    for _, batch, code, kind, subject in left:
        if batch == ERASED:
            continue
        audit.problem("batch_critical", None, f"{batch}: {code} was critical for {kind} {subject}, and no row says so")


def _check_facts(audit: Audit, row: Any) -> None:
    """Check that the facts are those the result was reached from, and what they say of the subject."""
    facts = row.facts
    try:
        if inputs_hash(facts) != row.inputs_hash:
            audit.problem("assessment", row.entry_index, "facts: they do not give the inputs_hash of the result")
    except TraceabilityError as error:
        audit.problem("assessment", row.entry_index, f"facts: {error.detail}")
        return
    shipment = facts.get("shipment")
    kind = "batch" if shipment is None else "shipment"
    subject = shipment["shipment_id"] if shipment is not None else row.subject
    if shipment is None and row.batches and row.subject not in row.batches:
        subject = row.batches[0]
    expected = {"subject_kind": kind, "subject": subject}
    audit.same("assessment", row.entry_index, expected, row)
    if facts.get("as_of") != row.as_of.isoformat():
        audit.problem("assessment", row.entry_index, f"as_of: the facts are of {facts.get('as_of')}")


def check_decisions(audit: Audit) -> None:
    """Check every decision, as it was proposed and as a second person confirmed or refused it."""
    places = _places_of_runs(audit)
    for batch in batched(audit.rows("decision"), _BATCH):
        entries = audit.entries(index for row in batch for index in (row.entry_index, row.confirmed_index))
        for row in batch:
            _check_decision(audit, row, entries)
            _check_run(audit, row, entries.get(row.entry_index), places)


def _check_decision(audit: Audit, row: Any, entries: dict[int, Said]) -> None:
    """Check both entries of a decision: as it was proposed, and as a second person confirmed or refused it."""
    record = decision_record(row._mapping)  # noqa: SLF001  # SQLAlchemy's name for it
    common = {
        "kind": "correction" if row.subject_kind == "correction" else "decision", "who": audit.who(row.owner_id),
        "key": None,
    }  # fmt: skip
    said: dict[str, Any] = {**common, "at": moment_of(row.proposed_at)}
    # A second person confirms a judgement for what rests on it by then. Confirmed before 0017, it does not say what
    # was proposed.
    rewritten = row.confirmed_index is not None and row.state != "refused" and row.subject_kind in VERDICTS
    if row.proposed is not None or not rewritten:
        said["body"] = _digest(proposal_record(row._mapping))  # noqa: SLF001  # as above
    audit.stands_for("decision", row.entry_index, entries.get(row.entry_index), said)
    if row.confirmed_index is not None:
        moment = None if row.confirmed_at is None else moment_of(row.confirmed_at)
        said = {**common, "body": _digest(record), "at": moment, "ref": (row.entry_index,)}
        audit.stands_for("decision", row.confirmed_index, entries.get(row.confirmed_index), said)
    elif row.needs_second and row.state != "waiting":
        audit.problem("decision", row.entry_index, "state: no entry says that a second person has decided")


def _digest(record: dict[str, Any]) -> str:
    return digest(record_bytes(record))


def _places_of_runs(audit: Audit) -> dict[int, int]:
    table = TABLES["assessment"]
    query = sa.select(table.c.id, table.c.entry_index)
    return {int(row[0]): int(row[1]) for row in audit.session.connection().execute(query)}


def _check_run(audit: Audit, row: Any, entry: Said | None, places: dict[int, int]) -> None:
    """Check that a decision was made on the run it names: its entry refers to that one."""
    if row.assessment_id is not None and entry is not None and places.get(row.assessment_id) not in entry.ref:
        told = f"assessment_id: run {row.assessment_id} is not the one that the entry refers to"
        audit.problem("decision", row.entry_index, told)
