"""What the log says about itself: a new key (entry key-rotate) or a new origin (origin-change), as exact JSON bytes.

The entry holds the hash of the record and names neither a party nor a party's key, as theirs do.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry
from traceability.ledger.note import VerifierKey

ROTATION, ORIGIN = "traceability-log-rotation@v1", "traceability-origin-change@v1"
_MAX = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """The key ``old`` of a log is followed by ``new``; both sign the checkpoint that first holds the entry."""

    origin: str
    old: str
    new: str
    second_old: str | None = None
    """Verifier key of ML-DSA-44 that ended, where there was one."""
    second_new: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginChange:
    """The log ``old_origin`` is given up, and its first ``size`` entries go on as the log ``origin``."""

    origin: str
    old_origin: str
    old: str
    new: str
    size: int
    root: str
    """Base64: of the ``size`` entries that are kept."""
    agreed: int
    """The largest size of the old origin of which nothing contradicts what is kept: its key counts up to here."""
    signed: tuple[str, ...]
    """Checkpoints of the old origin that the kept entries do not continue: larger, or another history."""


Change = Rotation | OriginChange


def to_record(change: Change) -> bytes:
    """Return the bytes an entry stands for."""
    members = asdict(change) | {"format": ROTATION if isinstance(change, Rotation) else ORIGIN}
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS)


def read_record(data: bytes) -> Change:
    """Read a record; nothing in it is verified but its form.

    Raises:
        InvalidInput: another form.
        InvalidKey: a key of it is none.

    """
    value = strict_json.loads(data, max_depth=3, max_string=_MAX)
    said = value.get("format") if isinstance(value, dict) else None
    kind = {ROTATION: Rotation, ORIGIN: OriginChange}.get(said if isinstance(said, str) else "")
    if kind is None or value.keys() != {"format", *(one.name for one in fields(kind))}:
        raise InvalidInput(f"expected the record of a change of the log, of format {ROTATION} or {ORIGIN}")
    members = {name: item for name, item in value.items() if name != "format"}
    change: Change = kind(**_checked(members))
    names = [VerifierKey.parse(change.old).name, VerifierKey.parse(change.new).name]
    if names != [change.old_origin if isinstance(change, OriginChange) else change.origin, change.origin]:
        raise InvalidInput(f"expected keys named like their log, {change.origin}; got {names[0]} and {names[1]}")
    return change


def entry_of(change: Change, at: int) -> Entry:
    """Return the entry that a change leaves in the log, received ``at`` (milliseconds)."""
    kind = "key-rotate" if isinstance(change, Rotation) else "origin-change"
    return Entry(kind=kind, body=digest(to_record(change)), at=at)


def stands_for(entry: Entry, record: bytes) -> bool:
    """Tell whether an entry is the log's own about the change in ``record``: parties' entries name the party."""
    return entry == entry_of(read_record(record), entry.at) and entry.body == digest(record)


def _checked(members: dict[str, Any]) -> dict[str, Any]:
    signed: Sequence[Any] = members.get("signed", [])
    numbers = [members[name] for name in ("size", "agreed") if name in members]
    rest = [value for name, value in members.items() if name not in ("size", "agreed", "signed")]
    optional = [members.get("second_old"), members.get("second_new")]
    texts = [value for value in rest if value is not None or value not in optional]
    if not isinstance(signed, list) or not all(isinstance(text, str) for text in [*texts, *signed]):
        raise InvalidInput("record of a change of the log: expected texts")
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise InvalidInput("record of a change of the log: expected sizes")
    return members | ({"signed": tuple(signed)} if "signed" in members else {})
