"""Rotating the log's own key (ledger.md 6): one checkpoint is signed by the old and the new key, later ones by the new.

The new key is in its file before the database names it, and the database names it in the transaction that records it:
a process killed at any line leaves the old key or the new one, and at most a file that signs nothing. No key file is
ever deleted here: a commit may have come about although its answer was lost.
"""

import logging
from dataclasses import dataclass
from functools import partial

from sqlmodel import col, select

from traceability.ledger import ml_dsa
from traceability.ledger.checkpoint import LogKey
from traceability.ledger.cosignature import CosigningKey
from traceability.ledger.entry import milliseconds
from traceability.ledger.log_change import Rotation, entry_of, to_record
from traceability.ledger.note import note_text
from traceability.services.context import Service
from traceability.services.second_signature import keep, second_key
from traceability.storage.store import Transaction
from traceability.storage.tables import Checkpoint, LogChange

_SIZE = col(Checkpoint.size)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rotated:
    """A rotation that is durable: its entry, the size of the checkpoint both keys signed, and what changed."""

    index: int
    size: int
    change: Rotation


def rotate_log_key(service: Service) -> Rotated:
    """Make a new log key, and a new second one where the log has one, and have them followed from now on.

    Raises:
        Quarantined: the log must not be written.
        Unavailable: the database cannot be written; the old key signs on.

    """
    service.store.check()
    seconds = _seconds(service)
    new = service.log_keys.new()
    index, change = service.store.write(lambda tx: _rotate(service, tx, new, seconds))
    with service.store.read() as session:
        head = session.exec(select(Checkpoint).where(index < _SIZE).order_by(_SIZE).limit(1)).one()
    _sign_by_all(service, head, seconds)
    return Rotated(index, head.size, change)


def _seconds(service: Service) -> tuple[CosigningKey, ...]:
    """Return the second key in use and the one to follow it; none where the log has none."""
    if not ml_dsa.available() or not service.log_keys.seconds():
        return ()
    with service.store.read() as session:
        old = second_key(service, session)
    return old, service.log_keys.new_second()


def _rotate(service: Service, tx: Transaction, new: LogKey, seconds: tuple[CosigningKey, ...]) -> tuple[int, Rotation]:
    named = dict(zip(("second_old", "second_new"), (key.public.vkey for key in seconds), strict=False))
    change = Rotation(
        origin=service.settings.log_origin, old=tx.log.active_key().vkey, new=new.vkey, **named
    )  # fmt: skip
    index = tx.log.append(entry_of(change, milliseconds(tx.now)))
    tx.session.add(LogChange(entry_index=index, record=to_record(change)))
    tx.log.rotate(new)
    return index, change


def _sign_by_all(service: Service, head: Checkpoint, seconds: tuple[CosigningKey, ...]) -> None:
    """Sign the checkpoint of the rotation with both second keys; without that the rotation stands all the same."""
    now = service.clock()
    try:
        for key in seconds:
            line, at = key.cosign(note_text(head.note), now), int(now.timestamp())
            service.store.write(partial(keep, size=head.size, vkey=key.public.vkey, line=line, at=at))
    except Exception:  # noqa: BLE001  # the rotation is durable, and the second signature is made again when published
        _log.exception("the checkpoint of the rotation has no second signature yet")
