"""Records of our own as the bytes that their ledger entries stand for: all of what is relied on (ledger.md 2).

Assessments and list versions recorded before form 2 stand in the ledger with a part of themselves alone; that part can
still be held to its entry, the rest of such a record cannot.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import orjson

from traceability.ledger.encoding import b64u, digest
from traceability.services.printable import printable

FORM = 2
Who = Callable[[str], str]
"""Pseudonym under the ledger's salt: a name hashed without one could be guessed (ledger.md 8)."""

_ASSESSMENT = (
    "owner_id", "subject_kind", "subject", "as_of", "at", "result", "status", "notes", "pending", "coverage", "batches",
    "inputs_hash",
)  # fmt: skip
_VERSION = (
    "list_id", "version", "title", "publisher", "published_at", "retrieved_at", "loaded_at", "source_url",
    "source_sha256", "table_sha256", "row_count", "expected_min", "expected_max", "coverage", "max_age_days", "terms",
    "for_review", "sources",
)  # fmt: skip
_REVIEW = ("entry_key", "field", "raw", "reason", "lost")
_DOCUMENT = (
    "id",
    "sha256",
    "owner_id",
    "media_type",
    "size",
    "uploaded_at",
    "entry_index",
    "outcome",
    "report",
    "read_at",
)
_PARTY = ("id", "did", "name", "country", "address", "roles", "state", "applied_at", "decided_at", "reason")
_KEY = ("id", "kid", "thumbprint", "party_id", "added_index", "applied_at")
_MANDATE = (
    "id", "user_id", "authority", "legal_article", "purpose", "importer_id", "valid_from", "valid_to", "records_from",
    "records_to", "created_at",
)  # fmt: skip
_MERGE = (
    "id", "act", "kept_id", "merged_id", "undoes", "reason", "state", "proposed_at", "decided_at", "decided_reason",
)  # fmt: skip
_CASE = ("case_id", "version", "owner_id", "kind", "record", "written_at")
_LINE = ("entry_key", "kind", "code", "name", "valid_from", "valid_to", "payload")


def record_bytes(record: Any) -> bytes:
    """Return a record as JSON with sorted names; dates and moments as ISO 8601."""
    return orjson.dumps(record, default=printable, option=orjson.OPT_SORT_KEYS)


def assessment_bytes(row: Any) -> bytes:
    """Return an assessment whole, its facts by their hash: what its entry stands for since form 2."""
    record = {name: getattr(row, name) for name in _ASSESSMENT}
    return record_bytes({**record, "v": FORM, "facts": digest(record_bytes(row.facts))})


def assessment_under(row: Any, body: str) -> bytes:
    """Return the bytes of an assessment that the hash in its entry is of; those of form 2 where it is of neither."""
    whole = assessment_bytes(row)
    part = record_bytes(row.result)
    return part if digest(whole) != body == digest(part) else whole


def document_bytes(row: Any, who: Who) -> bytes:
    """Return a document once it was read: what its file gave under the rules of that day, and how it came."""
    record = {name: getattr(row, name) for name in _DOCUMENT}
    return record_bytes({**record, "v": FORM, "filename": who(row.filename), "uploaded_by": who(row.uploaded_by)})


def links_bytes(rows: Iterable[Any], who: Who) -> bytes:
    """Return the links that came with one upload of a document."""
    links = [[row.document_id, row.kind, row.target, who(row.linked_by), row.linked_at] for row in rows]
    return record_bytes({"v": FORM, "links": sorted(links)})


def party_bytes(row: Any, claims: Iterable[Any], who: Who) -> bytes:
    """Return an approved party with its claims."""
    people = {"applicant": who(row.applicant), "decided_by": who(row.decided_by or "")}
    said = [[one.kind, one.value, one.state, who(one.decided_by or ""), one.decided_at] for one in claims]
    record = {name: getattr(row, name) for name in _PARTY}
    return record_bytes({**record, **people, "v": FORM, "claims": sorted(said, key=record_bytes)})


def merge_bytes(row: Any, who: Who) -> bytes:
    """Return what an admin decided of two records of one party, or of the undoing; what undid it later is no part."""
    record = {name: getattr(row, name) for name in _MERGE}
    people = {"proposed_by": who(row.proposed_by), "decided_by": who(row.decided_by or "")}
    return record_bytes({**record, **people, "v": FORM})


def departure_bytes(row: Any, who: Who) -> bytes:
    """Return that a party left, and why."""
    said = {"party_id": row.party_id, "reason": row.reason, "left_at": row.left_at, "left_by": who(row.left_by)}
    return record_bytes({**said, "v": FORM})


def key_approval_bytes(key: Any, application: Any, who: Who) -> bytes:
    """Return what an admin decided of a key, and of the application after a lost one where the key came by that."""
    record = {name: getattr(key, name) for name in _KEY}
    people = {"applicant": who(key.applicant), "decided_by": who(key.decided_by or "")}
    return record_bytes({**record, **people, "v": FORM, "lost": application and _lost(application, who)})


def _lost(row: Any, who: Who) -> dict[str, Any]:
    """Return how it was checked who asks, the words by their hash: they may name people."""
    said = {
        "reason": who(row.reason),
        "checked": who(row.decided_reason or ""),
        "checked_by": who(row.checked_by or ""),
    }
    return {**said, "id": row.id, "method": row.method, "applicant": who(row.applicant)}


def mandate_bytes(row: Any, who: Who) -> bytes:
    """Return what entitles a user to read."""
    record = {name: getattr(row, name) for name in _MANDATE}
    return record_bytes({**record, "v": FORM, "created_by": who(row.created_by)})


def case_bytes(row: Any, who: Who) -> bytes:
    """Return one version of a plan, grievance, notice, request or contest; who reported it is no part of it."""
    record = {name: getattr(row, name) for name in _CASE}
    asked = {} if row.addressee_id is None else {"addressee_id": row.addressee_id}
    return record_bytes({**record, **asked, "v": FORM, "written_by": who(row.written_by)})


def version_bytes(row: Any, lines: str, review: Iterable[Any] = ()) -> bytes:
    """Return a list version whole.

    Args:
        row: the version.
        lines: what ``lines_digest`` gives for its lines.
        review: its rows that wait or waited for a person; of a version loaded before they were kept there are none.

    """
    said = sorted([[getattr(one, name) for name in _REVIEW] for one in review])
    about = {"review": digest(record_bytes(said))} if said else {}
    return record_bytes({**{name: getattr(row, name) for name in _VERSION}, "v": FORM, "lines": lines, **about})


def read_bytes(row: Any, list_id: str, who: Who) -> bytes:
    """Return what a person did with a row of a list that waited: of that text, in any version of the list."""
    said = {name: getattr(row, name) for name in (*_REVIEW, "state", "read_at", "note")}
    return record_bytes({**said, "v": FORM, "list_id": list_id, "read_by": who(row.read_by or "")})


def lines_digest(lines: Iterable[Mapping[str, Any]]) -> str:
    """Return the hash of a version's lines; they are a set, so the order they are stored in does not count."""
    hashes = sorted(hashlib.sha256(line_bytes(line)).digest() for line in lines)
    return b64u(hashlib.sha256(b"".join(hashes)).digest())


def line_bytes(line: Mapping[str, Any]) -> bytes:
    """Return one line of a list as it is hashed."""
    return orjson.dumps([_plain(line[name]) for name in _LINE], option=orjson.OPT_SORT_KEYS)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
