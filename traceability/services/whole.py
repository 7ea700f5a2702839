"""Records of our own as the bytes that their ledger entries stand for: all of what is relied on (ledger.md 2).

Assessments and list versions recorded before form 2 stand in the ledger with a part of themselves alone; that part can
still be held to its entry, the rest of such a record cannot.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import orjson

from traceability.ledger.encoding import b64u, digest

FORM = 2
_ASSESSMENT = (
    "owner_id", "subject_kind", "subject", "as_of", "at", "result", "status", "notes", "pending", "coverage", "batches",
    "inputs_hash",
)  # fmt: skip
_VERSION = (
    "list_id", "version", "title", "publisher", "published_at", "retrieved_at", "loaded_at", "source_url",
    "source_sha256", "table_sha256", "row_count", "expected_min", "expected_max", "coverage", "max_age_days", "terms",
    "for_review", "sources",
)  # fmt: skip
_LINE = ("entry_key", "kind", "code", "name", "valid_from", "valid_to", "payload")


def record_bytes(record: Any) -> bytes:
    """Return a record as JSON with sorted names; dates and moments as ISO 8601."""
    return orjson.dumps(record, default=str, option=orjson.OPT_SORT_KEYS)


def assessment_bytes(row: Any) -> bytes:
    """Return an assessment whole, its facts by their hash: what its entry stands for since form 2."""
    record = {name: getattr(row, name) for name in _ASSESSMENT}
    return record_bytes({**record, "v": FORM, "facts": digest(record_bytes(row.facts))})


def assessment_under(row: Any, body: str) -> bytes:
    """Return the bytes of an assessment that the hash in its entry is of; those of form 2 where it is of neither."""
    whole = assessment_bytes(row)
    part = record_bytes(row.result)
    return part if digest(whole) != body == digest(part) else whole


def version_bytes(row: Any, lines: str) -> bytes:
    """Return a list version whole; ``lines`` is what ``lines_digest`` gives for its lines."""
    return record_bytes({**{name: getattr(row, name) for name in _VERSION}, "v": FORM, "lines": lines})


def lines_digest(lines: Iterable[Mapping[str, Any]]) -> str:
    """Return the hash of a version's lines; they are a set, so the order they are stored in does not count."""
    hashes = sorted(hashlib.sha256(line_bytes(line)).digest() for line in lines)
    return b64u(hashlib.sha256(b"".join(hashes)).digest())


def line_bytes(line: Mapping[str, Any]) -> bytes:
    """Return one line of a list as it is hashed."""
    return orjson.dumps([_plain(line[name]) for name in _LINE], option=orjson.OPT_SORT_KEYS)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
