"""Giving up an origin (ledger.md 9): the entries that are here go on as a log of another name, under a new key.

Where a database is older than what its key has signed, or shows another history, and no newer copy is left, the old
name must sign nothing more: it would contradict receipts that others hold. The same tree goes on under the new name,
because keys, records and their proofs stand at its indices; its first own entry says what became of the old log.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from traceability.errors import Conflict, InvalidInput
from traceability.ledger.checkpoint import Checkpoint, LogKey
from traceability.ledger.encoding import b64
from traceability.ledger.entry import milliseconds
from traceability.ledger.log_change import OriginChange, entry_of, to_record
from traceability.ledger.tiles import TileTree
from traceability.services.context import Service
from traceability.services.receipts import tile_reader
from traceability.storage.heads import Heads
from traceability.storage.log import Log
from traceability.storage.quarantine import Quarantined
from traceability.storage.store import Store, Transaction
from traceability.storage.tables import LogChange, LogHead

_NAMED = 16  # contradicting checkpoints that the record keeps: the smallest and the largest ones


@dataclass(frozen=True, slots=True)
class Opened:
    """A new origin that is durable: the index of its first own entry, and what it says."""

    index: int
    change: OriginChange


def new_origin(service: Service, origin: str) -> Opened:
    """Let the log go on as ``origin``; afterwards the settings have to name it.

    Raises:
        InvalidInput: the name is the old one, or cannot be a key's name.
        Conflict: nothing speaks against the log as it is.
        Unavailable: the database cannot be written; the old origin is as it was.

    """
    old = service.settings.log_origin
    if origin == old:
        raise InvalidInput(f"expected another name than {old}: what that has signed stays contradicted")
    _require_quarantine(service)
    heads = Heads(service.settings.state_dir / "heads", service.log_keys)
    remembered = heads.notes()
    key = service.log_keys.new_of(origin)
    # A writer of its own, which compares with nothing: what it would find is why it is here.
    store = Store(service.settings.database_url, Log(service.log_keys, old, heads, compared=True), service.clock)
    try:
        index, change = store.write(lambda tx: _open(tx, key, old, remembered))
    finally:
        store.close()
    return Opened(index, change)


def _require_quarantine(service: Service) -> None:
    try:
        service.store.check()
    except Quarantined:
        return
    raise Conflict(
        "nothing that is remembered speaks against this log, so it keeps its origin; a lost or stolen key is replaced "
        "with `traceability ledger rotate-key`"
    )


def _open(
    tx: Transaction, key: LogKey, old: str, remembered: Sequence[tuple[Checkpoint, str]]
) -> tuple[int, OriginChange]:
    ended = tx.log.active_key()  # takes the head row's lock
    head = tx.session.get_one(LogHead, 1)
    tree = TileTree(tile_reader(tx.session), head.size)
    against = [(one, note) for one, note in remembered if one.size > tree.size or tree.root(one.size) != one.root]
    change = OriginChange(
        origin=key.name, old_origin=old, old=ended.vkey, new=key.vkey, size=tree.size,
        root=b64(tree.root()), agreed=_agreed(tree, remembered, against), signed=_some([note for _, note in against]),
    )  # fmt: skip
    index = tx.log.append(entry_of(change, milliseconds(tx.now)))
    tx.session.add(LogChange(entry_index=index, record=to_record(change)))
    tx.log.rotate(key)
    return index, change


def _agreed(
    tree: TileTree, remembered: Sequence[tuple[Checkpoint, str]], against: Sequence[tuple[Checkpoint, str]]
) -> int:
    """Return up to which size the old origin counts: below every head that contradicts what is kept."""
    forked = min((one.size for one, _ in against if one.size <= tree.size), default=None)
    if forked is None:
        return tree.size
    return max((one.size for one, _ in remembered if one.size < forked and tree.root(one.size) == one.root), default=0)


def _some(notes: Sequence[str]) -> tuple[str, ...]:
    half = _NAMED // 2
    return tuple(notes) if len(notes) <= _NAMED else (*notes[:half], *notes[-half:])
