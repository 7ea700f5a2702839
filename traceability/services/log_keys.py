"""The log's own keys over its life: which one signed which size, how one follows another, and the policy to print."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.errors import TraceabilityError, Unavailable
from traceability.ledger.checkpoint import verify_checkpoint
from traceability.ledger.cosignature import CosignerKey
from traceability.ledger.log_change import Change, OriginChange, Rotation, read_record
from traceability.ledger.note import VerifierKey
from traceability.ledger.proof import make_proof
from traceability.ledger.succession import Link
from traceability.ledger.tiles import TileTree
from traceability.services.context import Service
from traceability.storage.tables import Checkpoint, LedgerEntry, LogChange, LogHead, SecondSignature

_NO_END = 2**53


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of the log: its entry's index, the size of the checkpoint that first holds it, and what it was."""

    index: int
    size: int
    change: Change
    record: bytes


@dataclass(frozen=True, slots=True)
class KeySpan:
    """A key of the log and the sizes of the checkpoints it signed; ``until`` is None while it signs."""

    vkey: str
    kind: str
    """Ed25519, or ML-DSA-44 for the second signature."""
    fingerprint: str
    since: int
    until: int | None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "vkey": self.vkey, "type": self.kind, "fingerprint": self.fingerprint, "since_size": self.since,
            "until_size": self.until,
        }  # fmt: skip


def changes(session: Session) -> list[Changed]:
    """Return the changes of the log, oldest first; read once in a session."""
    if "log_changes" not in session.info:
        session.info["log_changes"] = _changes(session)
    found: list[Changed] = session.info["log_changes"]
    return found


def _changes(session: Session) -> list[Changed]:
    first = select(sa.func.min(Checkpoint.size)).where(col(Checkpoint.size) > col(LogChange.entry_index))
    query = sa.select(LogChange.entry_index, LogChange.record, first.scalar_subquery()).order_by(  # type: ignore[call-overload]  # columns, to mypy values
        col(LogChange.entry_index)
    )
    return [Changed(index, size, read_record(bytes(data)), bytes(data)) for index, data, size in session.execute(query)]


def signer_at(service: Service, session: Session, size: int, past: Sequence[Changed]) -> str:
    """Return the verifier key that signed the checkpoint of a size; at a rotation, where two did, the new one."""
    vkey = past[0].change.old if past else _active(service, session)
    for one in past:
        vkey = one.change.new if one.size <= size else vkey
    return vkey


def window(past: Sequence[Changed], index: int) -> tuple[int, int]:
    """Return between which sizes (above the first, up to the second) a checkpoint proves an entry as it counts today.

    What stood in a log before it was given up is proved under its old origin, which signers may have named in what they
    signed; what the old origin's key may have signed in two ways is proved under the new one.
    """
    low, high = index, _NO_END
    for one in past:
        if isinstance(one.change, OriginChange) and low < one.size - 1 and high == _NO_END:
            low, high = (low, one.change.agreed) if low < one.change.agreed else (one.size - 1, _NO_END)
    return low, high


def links(session: Session, tree: TileTree, past: Sequence[Changed]) -> tuple[Link, ...]:
    """Return how each key of this origin follows the one before, up to the size of ``tree``."""
    found: list[Link] = []
    for one in past:
        if one.size > tree.size:
            break
        found = [*found, _link(session, tree, one)] if isinstance(one.change, Rotation) else []
    return tuple(found)


def _link(session: Session, tree: TileTree, one: Changed) -> Link:
    note = session.get_one(Checkpoint, one.size).note
    proof = make_proof(one.index, tree.inclusion(one.index, one.size), note)
    entry = bytes(session.get_one(LedgerEntry, one.index).body)
    return Link(one.record, entry, proof, tuple(tree.consistency(one.size, tree.size)))


def spans(service: Service) -> list[KeySpan]:
    """Return every key the log was signed with, oldest first, with the sizes it counts for."""
    with service.store.read() as session:
        past = changes(session)
        found = [_span(past[0].change.old if past else _active(service, session), 0)]
        others = seconds(session, past)
    for one in past:
        if isinstance(one.change, OriginChange):
            found = [_up_to(span, one.change.agreed) for span in found]
        else:
            found[-1] = _up_to(found[-1], one.size)
        found.append(_span(one.change.new, one.size))
    ended: dict[str, int] = {}
    for vkey, until in _ends(past, others):
        ended.setdefault(vkey, until)
    return [
        *found,
        *(
            KeySpan(vkey, "ML-DSA-44", CosignerKey.parse(vkey).fingerprint, since, ended.get(vkey))
            for vkey, since in others.items()
        ),
    ]


def policy(service: Service) -> str:
    """Return a policy (C2SP tlog-policy) that names the log's keys; to be compared with what others say they are.

    A key that has ended stands with the size it counts up to. No witness is asked for: that is the verifier's choice.
    """
    url = f"{service.settings.public_url.rstrip('/')}/ledger"
    lines = [f"log {one.vkey} {url}" + ("" if one.until is None else f"#until={one.until}") for one in spans(service)]
    return "\n".join(
        ["# The keys this log says it has: get them confirmed by somebody else.", *lines, "quorum none", ""]
    )


def signing(service: Service) -> str:
    """Return the verifier key that signs now; of one that followed another its file need not be here.

    Raises:
        Unavailable: no other has followed, and the first is not in the state folder.

    """
    with service.store.read() as session:
        past = changes(session)
        return past[-1].change.new if past else _active(service, session)


def _active(service: Service, session: Session) -> str:
    """Return the first key, before any rotation; a key from another log's folder must not be shown as this log's."""
    head = session.get(LogHead, 1)
    key = service.log_keys.active(None if head is None else head.key)
    newest = session.exec(select(Checkpoint.note).order_by(col(Checkpoint.size).desc()).limit(1)).first()
    if newest is not None and not _has_signed(key.verifier, newest):
        told = f"the log key in {service.settings.state_dir} has not signed the newest checkpoint of this log"
        raise Unavailable(f"{told}: is it the STATE_DIR of this log? If it is, run `traceability fsck`")
    return key.vkey


def _has_signed(key: VerifierKey, note: str) -> bool:
    try:
        verify_checkpoint(note, [key])
    except TraceabilityError:
        return False
    return True


def seconds(session: Session, past: Sequence[Changed]) -> dict[str, int]:
    """Return the log's keys of ML-DSA-44 by the first size each signed, oldest first."""
    found: dict[str, int] = {}
    size = col(SecondSignature.size)
    for since in (0, *(one.size for one in past)):  # a key is followed by another at a change, and at nothing else
        first = select(SecondSignature.key, size).where(size > since).order_by(size).limit(1)
        both = select(SecondSignature.key, size).where(size == since)
        for vkey, at in [*session.exec(both), *session.exec(first)]:
            found[vkey] = min(at, found.get(vkey, at))
    return dict(sorted(found.items(), key=lambda pair: (pair[1], pair[0])))


def _ends(past: Sequence[Changed], keys: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Yield up to which size keys of ML-DSA-44 count that were followed by another, or given up with their origin."""
    for one in past:
        if isinstance(one.change, Rotation) and one.change.second_old is not None:
            yield one.change.second_old, one.size
        elif isinstance(one.change, OriginChange):
            origin, agreed = one.change.old_origin, one.change.agreed
            yield from ((vkey, agreed) for vkey in keys if vkey.startswith(f"{origin}+"))


def _up_to(span: KeySpan, size: int) -> KeySpan:
    return replace(span, until=size if span.until is None else min(span.until, size))


def _span(vkey: str, since: int) -> KeySpan:
    return KeySpan(vkey, "Ed25519", VerifierKey.parse(vkey).fingerprint, since, None)
