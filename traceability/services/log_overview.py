"""The log as its page tells of it: entries and signed heads, newest first, and how far each witness has followed.

All of it is public: hashes, codes and signatures. Nothing beyond the newest signed head exists for a reader.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.errors import InvalidInput, InvalidQuery, NotFound
from traceability.ledger.entry import KINDS, Entry
from traceability.ledger.policy import Policy, Witness
from traceability.services import published_log
from traceability.services.context import Service
from traceability.services.receipts import Head
from traceability.services.witness_calls import load_witnesses
from traceability.storage.tables import (
    Checkpoint,
    CheckpointTimestamp,
    Cosignature,
    LedgerEntry,
    SecondSignature,
)

ENTRIES = 100
HEADS = 20
Followed = Literal["contradicts", "newest", "behind", "never"]


@dataclass(frozen=True, slots=True)
class Slice:
    """Up to 100 entries from an index down; ``older`` and ``newer`` are where the next and previous slice begin."""

    entries: Sequence[tuple[int, Entry]]
    older: int | None
    newer: int | None


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A checkpoint, and who signed it besides the log's first key: names of witnesses and authorities."""

    head: Head
    second: bool
    witnesses: Sequence[str]
    authorities: Sequence[str]


@dataclass(frozen=True, slots=True)
class Follower:
    """A witness of the operator's file: the size it cosigned last, when, and what it says against the log."""

    name: str
    size: int | None
    at: datetime | None
    told: str | None
    state: Followed


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The witnesses, whether their quorum cosigned the newest head (None: none is asked for), and what is broken."""

    followers: Sequence[Follower]
    quorum: bool | None
    problem: str | None = None


def newest(service: Service) -> Head | None:
    """Return the published head; None before anything was recorded."""
    try:
        return published_log.newest(service)
    except NotFound:
        return None


def entries(service: Service, head: Head | None, upto: int | None = None, kind: str | None = None) -> Slice:
    """Return the entries from index ``upto`` down, the newest where it is not given, of one kind or of all.

    Raises:
        InvalidQuery: the kind is none of the log's.

    """
    if kind is not None and kind not in KINDS:
        raise InvalidQuery(f"expected a kind of entry ({', '.join(KINDS)}); got {kind[:40]!r}")
    last = -1 if head is None else head.size - 1
    first = last if upto is None else min(upto, last)
    wanted = select(LedgerEntry).where(col(LedgerEntry.index) <= last)
    wanted = wanted if kind is None else wanted.where(LedgerEntry.kind == kind)
    down = wanted.where(col(LedgerEntry.index) <= first).order_by(col(LedgerEntry.index).desc()).limit(ENTRIES + 1)
    up = wanted.where(col(LedgerEntry.index) > first).order_by(col(LedgerEntry.index)).limit(ENTRIES)
    with service.store.read() as session:
        found, after = session.exec(down).all(), session.exec(up).all()
    shown = [(row.index, Entry.parse(bytes(row.body))) for row in found[:ENTRIES]]
    return Slice(shown, found[ENTRIES].index if len(found) > ENTRIES else None, after[-1].index if after else None)


def heads(service: Service) -> list[SignedHead]:
    """Return the newest twenty checkpoints, each with who signed it besides the log's first key."""
    query = select(Checkpoint).order_by(col(Checkpoint.size).desc()).limit(HEADS)
    with service.store.read() as session:
        rows = session.exec(query).all()
        sizes = [row.size for row in rows]
        seconds = set(session.exec(select(SecondSignature.size).where(col(SecondSignature.size).in_(sizes))))
        cosigned = _by_size(session, Cosignature.witness, Cosignature.size, sizes)
        stamped = _by_size(session, CheckpointTimestamp.authority, CheckpointTimestamp.size, sizes)
    return [
        SignedHead(
            Head(row.size, bytes(row.root), row.note, row.at), row.size in seconds,
            sorted(map(_name, cosigned.get(row.size, ()))), sorted(stamped.get(row.size, ())),
        )
        for row in rows
    ]  # fmt: skip


def _by_size(session: Session, name: str, size: int, sizes: Sequence[int]) -> dict[int, list[str]]:
    """Return the values of the column ``name`` by those of the column ``size``."""
    found: dict[int, list[str]] = {}
    for at, one in session.exec(select(size, name).where(col(size).in_(sizes))):
        found.setdefault(at, []).append(one)
    return found


def _name(vkey: str) -> str:
    return vkey.partition("+")[0]


def witnessed(service: Service, head: Head | None) -> Witnessed:
    """Return how far each witness has followed the log, and whether the newest head has the quorum."""
    try:
        policy = load_witnesses(service)
    except InvalidInput as error:
        return Witnessed((), None, error.detail)
    with service.store.read() as session:
        last = _last_cosigned(session)
    said = service.contradictions.said()
    size = 0 if head is None else head.size
    found = [_follower(one, last, said, size) for one in policy.witnesses.values()]
    return Witnessed(found, _quorum(policy, found))


def _last_cosigned(session: Session) -> dict[str, tuple[int, datetime]]:
    """Return the largest size each witness cosigned and its time, by the witness's verifier key."""
    top = select(Cosignature.witness, sa.func.max(Cosignature.size)).group_by(col(Cosignature.witness))
    wanted = sa.tuple_(col(Cosignature.witness), col(Cosignature.size)).in_(top)
    return {row.witness: (row.size, row.at) for row in session.exec(select(Cosignature).where(wanted))}


def _follower(
    one: Witness, last: Mapping[str, tuple[int, datetime]], said: Mapping[str, str], newest_size: int
) -> Follower:
    size, at = last.get(one.key.vkey, (None, None))
    told = said.get(one.name)
    state: Followed = "behind" if size is not None else "never"
    if told is not None:
        state = "contradicts"
    elif size is not None and size >= newest_size:
        state = "newest"
    return Follower(one.name, size, at, told, state)


def _quorum(policy: Policy, found: Sequence[Follower]) -> bool | None:
    if policy.witnessed(()):
        return None  # of a quorum of nobody nobody is missing
    return policy.witnessed([one.name for one in found if one.state == "newest"])
