"""Rotating the log's own key (ledger.md 6): one checkpoint is signed by the old and the new key, later ones by the new.

The new key is in its file before the database names it, and the database names it in the transaction that records it:
a process killed at any line leaves the old key or the new one, and at most a file that signs nothing. The file of a
key made for a rotation is taken away again only where that was refused: after any other failure the commit may have
come about although its answer was lost. Prepared keys stay; they may lie on other hosts already.
"""

import logging
from dataclasses import dataclass
from functools import partial

from sqlmodel import col, select

from traceability.errors import Conflict, Unavailable
from traceability.ledger import ml_dsa
from traceability.ledger.checkpoint import LogKey
from traceability.ledger.cosignature import CosigningKey
from traceability.ledger.entry import milliseconds
from traceability.ledger.log_change import Rotation, entry_of, to_record
from traceability.ledger.note import note_text
from traceability.services.context import Service
from traceability.services.second_signature import keep, second_key
from traceability.storage.next_key import NextKeys, claim_next, forget_next, read_next
from traceability.storage.store import Transaction
from traceability.storage.tables import Checkpoint, LogChange

_SIZE = col(Checkpoint.size)
_PREPARE = (
    "on PostgreSQL every host that records needs the new key before it signs, so nothing was changed: run "
    "`traceability ledger rotate-key --prepare`, copy the files it names into the STATE_DIR of each host that does not "
    "share this one, and run `traceability ledger rotate-key` again"
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rotated:
    """A rotation that is durable: its entry, the size of the checkpoint both keys signed, and what changed."""

    index: int
    size: int
    change: Rotation


def prepare_log_key(service: Service) -> NextKeys:
    """Make the keys that a rotation will put in place, each durable in its file; the log goes on as it is.

    Their files can then be copied to every host before the database names them. Again, it returns the same keys, but
    for a log that another key signs by now.

    Raises:
        Quarantined: the log must not be written.
        Unavailable: the key that signs is not here, or the note of earlier ones cannot be read.

    """
    service.store.check()
    old, folder = service.log_key.vkey, service.settings.state_dir
    known = read_next(folder)
    if known is not None and known.old == old and _are_here(service, known):
        return known
    if known is not None:
        forget_next(folder)
    second = service.log_keys.new_second() if _has_second(service) else None
    return claim_next(
        folder, NextKeys(old, service.log_keys.new().vkey, None if second is None else second.public.vkey)
    )


def rotate_log_key(service: Service, *, prepared_only: bool = False) -> Rotated:
    """Have the keys that were prepared, or else new ones, followed from now on: a log key, and a second where there is.

    Args:
        service: opened to write.
        prepared_only: make none now: hosts that share no state folder could sign nothing until its file was copied.

    Raises:
        Quarantined: the log must not be written.
        Conflict: another rotation came first, or nothing was prepared although that is asked for; nothing was changed,
            and no file of a key is left that was not prepared.
        Unavailable: the database cannot be written, or a prepared key's file is gone; the old key signs on.

    """
    service.store.check()
    old = service.log_key.vkey
    prepared = _prepared(service, old)
    if prepared is None and prepared_only:
        raise Conflict(_PREPARE)
    seconds = _seconds(service, prepared)
    new = service.log_keys.new() if prepared is None else service.log_keys.active(prepared.new)
    try:
        index, change = service.store.write(lambda tx: _rotate(service, tx, (old, new), seconds))
    except Conflict:
        _take_away(service, prepared, new, seconds)
        raise
    forget_next(service.settings.state_dir)
    with service.store.read() as session:
        head = session.exec(select(Checkpoint).where(index < _SIZE).order_by(_SIZE).limit(1)).one()
    _sign_by_all(service, head, seconds)
    return Rotated(index, head.size, change)


def _take_away(service: Service, prepared: NextKeys | None, new: LogKey, seconds: tuple[CosigningKey, ...]) -> None:
    """Remove the files of keys that were made for a refused rotation: nobody else has seen them."""
    kept = set() if prepared is None else {prepared.new, prepared.second_new}
    made = [new.vkey, *(key.public.vkey for key in seconds[1:])]  # the first one is in use
    for vkey in made:
        if vkey not in kept:
            service.log_keys.discard(vkey)


def _prepared(service: Service, old: str) -> NextKeys | None:
    """Return the keys that were prepared to follow ``old``; raises Conflict where they were to follow another."""
    known = read_next(service.settings.state_dir)
    if known is None:
        return None
    if known.new == old:  # killed after the commit
        forget_next(service.settings.state_dir)
        raise Conflict(f"the prepared rotation was made already: the log is signed by {old}. Nothing was changed now")
    if known.old != old:
        told = f"the keys here were prepared to follow {known.old}, and the log is signed by {old} by now"
        told += ". Nothing was changed, their files stay and sign nothing"
        raise Conflict(f"{told}; run `traceability ledger rotate-key --prepare` again")
    if not _are_here(service, known):
        told = f"the files of the prepared keys are no longer in {service.settings.state_dir}"
        raise Unavailable(f"{told}. Nothing was changed; run `traceability ledger rotate-key --prepare` again")
    return known


def _are_here(service: Service, keys: NextKeys) -> bool:
    seconds = {key.public.vkey for key in service.log_keys.seconds()}
    return service.log_keys.find(keys.new) is not None and keys.second_new in {None, *seconds}


def _has_second(service: Service) -> bool:
    return ml_dsa.available() and bool(service.log_keys.seconds())


def _seconds(service: Service, prepared: NextKeys | None) -> tuple[CosigningKey, ...]:
    """Return the second key in use and the one to follow it; none where the log has none."""
    if not _has_second(service):
        return ()
    with service.store.read() as session:
        old = second_key(service, session)
    named = None if prepared is None else prepared.second_new
    found = [key for key in service.log_keys.seconds() if key.public.vkey == named]
    return old, *(found or [service.log_keys.new_second()])


def _rotate(
    service: Service, tx: Transaction, keys: tuple[str, LogKey], seconds: tuple[CosigningKey, ...]
) -> tuple[int, Rotation]:
    old, new = keys
    active = tx.log.active_key().vkey  # takes the head row's lock
    if active != old:
        raise Conflict(f"another rotation came first: the log is signed by {active} now. Nothing was changed")
    named = dict(zip(("second_old", "second_new"), (key.public.vkey for key in seconds), strict=False))
    change = Rotation(origin=service.settings.log_origin, old=old, new=new.vkey, **named)
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
