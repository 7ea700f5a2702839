"""Our own records against their entries: list versions, rule sets and screenings; and those of `assessed`."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from traceability import strict_json
from traceability.ledger.encoding import digest
from traceability.lists.entries import from_payload
from traceability.services.fsck.assessed import check_assessments, check_decisions
from traceability.services.fsck.audit import TABLES, Audit, Said, batched, hash_of, moment_of
from traceability.services.fsck.cases import check_cases
from traceability.services.fsck.reviewed import check_review, review_of
from traceability.services.lists import entry_row
from traceability.services.screening_record import SINCE, bytes_before, met, screenings_bytes
from traceability.services.whole import lines_digest, version_bytes

_BATCH = 50
_LIST_ENTRY = TABLES["list_entry"]
_SCREENING, _HIT = TABLES["screening"], TABLES["screening_hit"]


def check_judged(audit: Audit, *, deep: bool) -> None:
    """Check every such record."""
    _check_versions(audit)
    check_review(audit)
    _check_rule_sets(audit)
    _check_screenings(audit)
    check_assessments(audit, deep=deep)
    check_decisions(audit)
    check_cases(audit)


def _check_versions(audit: Audit) -> None:
    """Check list versions with their lines, when they were loaded, and that the last one is in force."""
    counts = _counts(audit)
    for _, group in groupby(audit.rows("list_version", ("list_id", "id")), key=lambda row: row.list_id):
        versions = list(group)
        entries = audit.entries(row.entry_index for row in versions)
        places = [row.entry_index for row in versions]
        for row in versions:
            _check_version(audit, row, entries.get(row.entry_index))
            state = "active" if row is versions[-1] else "superseded"
            expected = {"row_count": counts.pop(row.id, 0), "state": state}
            audit.same("list_version", row.entry_index, expected, row)
        if places != sorted(places):
            audit.problem("list_version", min(places), "id: the versions are not in the order they were loaded in")
    for version_id, count in counts.items():
        audit.problem("list_entry", None, f"{count} lines belong to the version {version_id}, which is not stored")


def _counts(audit: Audit) -> dict[int, int]:
    query = sa.select(_LIST_ENTRY.c.version_id, sa.func.count()).group_by(_LIST_ENTRY.c.version_id)
    return {row[0]: row[1] for row in audit.session.connection().execute(query)}


def _check_version(audit: Audit, row: Any, entry: Said | None) -> None:
    """Check one version whole; of one recorded before form 2 its table's hash, and its lines against themselves."""
    old = hash_of(row.table_sha256)
    if entry is not None and entry.body == old:
        audit.report.recorded_before("list_version", "its manifest and the payload of its lines stand in no entry")
        body = old
        for _ in _lines(audit, row):
            pass
    else:
        body = digest(version_bytes(row, lines_digest(_lines(audit, row)), review_of(audit, row)))
    said = {"kind": "list-version", "body": body, "who": None, "key": None, "at": moment_of(row.loaded_at)}
    audit.stands_for("list_version", row.entry_index, entry, said)


def _lines(audit: Audit, version: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the lines of a version, and check that the columns that are searched say what the whole line says."""
    place = version.entry_index
    for row in audit.rows("list_entry", size=2000, where=_LIST_ENTRY.c.version_id == version.id):
        yield row._mapping  # noqa: SLF001  # SQLAlchemy's name for it
        try:
            entry = from_payload(row.payload)
            expected = entry_row(entry)
        except (KeyError, TypeError, ValueError) as error:
            audit.problem("list_entry", place, f"payload of line {row.id}: {error!r}")
            continue
        if entry.list_id != version.list_id:
            audit.problem("list_entry", place, f"version_id: line {row.id} is one of {entry.list_id}")
        audit.same("list_entry", place, expected, row)


def _check_rule_sets(audit: Audit) -> None:
    """Check the rules that judged: the record whole, and what its columns say of it."""
    for batch in batched(audit.rows("rule_set", ("entry_index", "id"), size=_BATCH), _BATCH):
        entries = audit.entries(row.entry_index for row in batch)
        for row in batch:
            said = {
                "kind": "rule-set", "body": digest(row.record), "who": None, "key": None, "at": moment_of(row.at),
            }  # fmt: skip
            if audit.stands_for("rule_set", row.entry_index, entries.get(row.entry_index), said):
                record = strict_json.stored(row.record)
                expected = {"name": record["name"], "version": record["version"]}
                audit.same("rule_set", row.entry_index, expected, row)


def _check_screenings(audit: Audit) -> None:
    """Check that the screenings that share an entry are together the record it stands for."""
    found = audit.rows("screening", ("entry_index", "id"), size=_BATCH, where=_SCREENING.c.entry_index.is_not(None))
    for index, group in groupby(found, key=lambda row: row.entry_index):
        rows = list(group)
        entry = audit.entries([index]).get(index)
        _check_run(audit, index, rows, entry)
        for row in rows:
            if entry is not None and moment_of(row.at) != entry.at:
                audit.problem("screening", index, "at: it is not the moment of the entry")
    for row in audit.rows("screening", where=_SCREENING.c.entry_index.is_(None)):
        audit.problem("screening", None, f"entry_index: screening {row.id} names no entry")
    _check_hits(audit)


def _check_run(audit: Audit, index: int, rows: Sequence[Any], entry: Said | None) -> None:
    """Check the rows of one run; what those recorded before form 2 did not say yet is empty in them."""
    body = digest(screenings_bytes(rows, audit.who))
    before = entry is not None and body != entry.body == digest(bytes_before(rows))
    said = {"kind": "screening", "body": entry.body if before and entry else body, "key": None}
    audit.stands_for("screening", index, entry, said)
    for row in rows:
        audit.same("screening", index, {"party_id": _party_of(row)}, row)
        if before:
            audit.same("screening", index, dict.fromkeys(SINCE), row)
        if entry is not None and entry.who != (None if row.owner_id is None else audit.who(row.owner_id)):
            audit.problem("screening", index, "owner_id: the entry is about another party")


def _check_hits(audit: Audit) -> None:
    """Check that the entries by which screenings are looked for are those they met."""
    for batch in batched(audit.rows("screening", again=True), _BATCH):
        expected = {(row.id, *one) for row in batch for one in _met(audit, row)}
        here = _HIT.c.screening_id.in_([row.id for row in batch])
        stored = {(row.screening_id, row.list_id, row.entry_key) for row in audit.rows("screening_hit", where=here)}
        for number, list_id, key in sorted(expected ^ stored):
            told = "is not among its hits" if (number, list_id, key) in stored else "is met, and no row says so"
            audit.problem("screening_hit", None, f"screening {number}: {list_id} {key} {told}")
    lost = _HIT.c.screening_id.not_in(sa.select(_SCREENING.c.id))
    for row in audit.rows("screening_hit", where=lost):
        audit.problem("screening_hit", None, f"screening_id: there is no screening {row.screening_id}")


def _party_of(row: Any) -> str | None:
    party = row.subject.get("party_id") if isinstance(row.subject, dict) else None
    return party[:500] if isinstance(party, str) else None


def _met(audit: Audit, row: Any) -> list[tuple[str, str]]:
    try:
        return [(one["list_id"], one["entry_key"]) for one in met(row.hits)]
    except (KeyError, TypeError) as error:
        audit.problem("screening", row.entry_index, f"hits of screening {row.id}: {error!r}")
        return []
