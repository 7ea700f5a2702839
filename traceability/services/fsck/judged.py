"""Our own records against their entries: list versions, screenings, assessments and decisions."""

from itertools import groupby
from typing import Any

import orjson
import sqlalchemy as sa

from traceability.diligence.facts import inputs_hash
from traceability.errors import TraceabilityError
from traceability.ledger.encoding import b64u, digest
from traceability.ledger.entry import milliseconds
from traceability.lists.entries import from_payload
from traceability.services.fsck.audit import TABLES, Audit, Said, batched
from traceability.services.lists import entry_row
from traceability.services.review import VERDICTS, decision_record

_BATCH = 50
_SCREENED = ("subject_key", "subject", "as_of", "versions", "matcher", "outcome", "hits")
_LIST_ENTRY = TABLES["list_entry"]


def check_judged(audit: Audit, *, deep: bool) -> None:
    """Check every such record."""
    _check_versions(audit)
    if deep:
        _check_list_entries(audit)
    _check_screenings(audit)
    _check_assessments(audit, deep=deep)
    _check_decisions(audit)


def record_digest(value: Any) -> str:
    """Return the hash under which a record of our own stands in the ledger."""
    return digest(orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS))


def _check_versions(audit: Audit) -> None:
    """Check list versions: the table that was loaded, when, how many lines, and that the last one is in force."""
    query = sa.select(_LIST_ENTRY.c.version_id, sa.func.count()).group_by(_LIST_ENTRY.c.version_id)
    counts: dict[int, int] = {row[0]: row[1] for row in audit.session.connection().execute(query)}
    for _, group in groupby(audit.rows("list_version", ("list_id", "id")), key=lambda row: row.list_id):
        versions = list(group)
        entries = audit.entries(row.entry_index for row in versions)
        places = [row.entry_index for row in versions]
        for row in versions:
            said = {
                "kind": "list-version", "body": _hash_of(row.table_sha256), "who": None, "key": None,
                "at": milliseconds(row.loaded_at),
            }  # fmt: skip
            audit.stands_for("list_version", row.entry_index, entries.get(row.entry_index), said)
            state = "active" if row is versions[-1] else "superseded"
            expected = {"row_count": counts.pop(row.id, 0), "state": state}
            audit.same("list_version", row.entry_index, expected, row)
        if places != sorted(places):
            audit.problem("list_version", min(places), "id: the versions are not in the order they were loaded in")
    for version_id, count in counts.items():
        audit.problem("list_entry", None, f"{count} lines belong to the version {version_id}, which is not stored")


def _hash_of(sha256: str) -> str | None:
    try:
        return b64u(bytes.fromhex(sha256)) if sha256 == sha256.lower() else None
    except ValueError:
        return None


def _check_list_entries(audit: Audit) -> None:
    """Check that the columns that are searched say what the whole line says."""
    lists = {row.id: row for row in audit.rows("list_version", again=True)}
    for row in audit.rows("list_entry", size=2000):
        version = lists.get(row.version_id)
        place = None if version is None else version.entry_index
        try:
            entry = from_payload(row.payload)
            expected = entry_row(entry)
        except (KeyError, TypeError, ValueError) as error:
            audit.problem("list_entry", place, f"payload of line {row.id}: {error!r}")
            continue
        if version is not None and entry.list_id != version.list_id:
            audit.problem("list_entry", place, f"version_id: line {row.id} is one of {entry.list_id}")
        audit.same("list_entry", place, expected, row)


def _check_screenings(audit: Audit) -> None:
    """Check that the screenings that share an entry are together the record it stands for."""
    found = audit.rows(
        "screening", ("entry_index", "id"), size=_BATCH, where=TABLES["screening"].c.entry_index.is_not(None)
    )
    for index, group in groupby(found, key=lambda row: row.entry_index):
        rows = list(group)
        entry = audit.entries([index]).get(index)
        record = [{name: getattr(row, name) for name in _SCREENED} for row in rows]
        said = {"kind": "screening", "body": record_digest(record), "key": None}
        audit.stands_for("screening", index, entry, said)
        for row in rows:
            if entry is not None and milliseconds(row.at) != entry.at:
                audit.problem("screening", index, "at: it is not the moment of the entry")
    for row in audit.rows("screening", where=TABLES["screening"].c.entry_index.is_(None)):
        audit.problem("screening", None, f"entry_index: screening {row.id} names no entry")


def _check_assessments(audit: Audit, *, deep: bool) -> None:
    order = ("owner_id", "subject_kind", "subject", "id")
    before: Any = None
    for batch in batched(audit.rows("assessment", order, size=_BATCH), _BATCH):
        entries = audit.entries(row.entry_index for row in batch)
        for row in batch:
            same = before is not None and all(getattr(before, name) == getattr(row, name) for name in order[:3])
            _check_assessment(audit, row, before if same else None, entries.get(row.entry_index))
            if deep:
                _check_facts(audit, row)
            before = row


def _check_assessment(audit: Audit, row: Any, before: Any, entry: Said | None) -> None:
    index, result = row.entry_index, row.result
    said = {
        "kind": "assessment", "body": record_digest(result), "who": audit.who(row.owner_id), "key": None,
        "at": milliseconds(row.at),
    }  # fmt: skip
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


def _check_decisions(audit: Audit) -> None:
    for batch in batched(audit.rows("decision"), _BATCH):
        entries = audit.entries(index for row in batch for index in (row.entry_index, row.confirmed_index))
        for row in batch:
            _check_decision(audit, row, entries)


def _check_decision(audit: Audit, row: Any, entries: dict[int, Said]) -> None:
    """Check both entries of a decision: as it was proposed, and as a second person confirmed or refused it."""
    record = decision_record(row._mapping)  # noqa: SLF001  # SQLAlchemy's name for it
    common = {
        "kind": "correction" if row.subject_kind == "correction" else "decision", "who": audit.who(row.owner_id),
        "key": None,
    }  # fmt: skip
    proposed = record | {
        "state": "waiting" if row.needs_second else "in_force", "confirmed_by": None, "confirmed_at": None,
        "confirmed_reason": None,
    }  # fmt: skip
    said: dict[str, Any] = {**common, "at": milliseconds(row.proposed_at)}
    # The second person confirms what rests on the subject by then; the findings proposed at first are not kept.
    kept = row.confirmed_index is None or row.state == "refused" or row.subject_kind not in VERDICTS
    if kept:
        said["body"] = record_digest(proposed)
    audit.stands_for("decision", row.entry_index, entries.get(row.entry_index), said)
    if row.confirmed_index is not None:
        moment = None if row.confirmed_at is None else milliseconds(row.confirmed_at)
        said = {**common, "body": record_digest(record), "at": moment, "ref": (row.entry_index,)}
        audit.stands_for("decision", row.confirmed_index, entries.get(row.confirmed_index), said)
    elif row.needs_second and row.state != "waiting":
        audit.problem("decision", row.entry_index, "state: no entry says that a second person has decided")
