"""The log computed again from its stored entries (RFC 6962), and compared with the head and checkpoint beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from traceability.errors import TraceabilityError
from traceability.ledger.checkpoint import verify_checkpoint
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.note import VerifierKey
from traceability.ledger.tiles import TileTree

_ENTRIES = sa.text('SELECT "index", body FROM ledger_entry ORDER BY "index"')
_HEAD = sa.text("SELECT size, root FROM log_head WHERE id = 1")
_NOTE = sa.text("SELECT size, root, note FROM checkpoint ORDER BY size DESC LIMIT 1")
_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class LogState:
    """The log as its entries give it, and what does not fit; nothing in ``problems`` means all of it does."""

    entries: int
    root: bytes
    problems: tuple[str, ...]


def replay(connection: Connection, *keys: VerifierKey) -> LogState:
    """Hash every entry again; compare with the head, and the newest checkpoint with the head and the log's keys."""
    tree = TileTree(lambda _level, _index: None)
    problems: list[str] = []
    for rows in connection.execute(_ENTRIES, execution_options={"yield_per": _CHUNK}).partitions():
        problems.extend(_gaps(rows, tree.size))
        tree.append([leaf_hash(_preimage(row.body)) for row in rows])
        tree.saved()  # only hashes are kept, and of full tiles only some
    root = tree.root()
    return LogState(tree.size, root, (*problems[:1], *_head_problems(connection, tree.size, root, keys)))


def _preimage(stored: object) -> bytes:
    """Return the bytes stored; SQLite lets somebody put a text where bytes belong, which then hashes differently."""
    return stored if isinstance(stored, bytes) else str(stored).encode()


def _gaps(rows: Sequence[Any], first: int) -> Iterator[str]:
    for number, row in enumerate(rows, start=first):
        if row.index != number:
            yield f"expected entry {number}; the next one stored is {row.index}"
            return


def _head_problems(connection: Connection, size: int, root: bytes, keys: Sequence[VerifierKey]) -> Iterator[str]:
    head = connection.execute(_HEAD).one_or_none()
    if head is None or (head.size, bytes(head.root)) != (size, root):
        told = "no head" if head is None else f"{head.size} entries with root {bytes(head.root).hex()}"
        yield f"the entries give {size} entries with root {root.hex()}; the head says {told}"
    note = connection.execute(_NOTE).one_or_none()
    if note is None:
        if size:
            yield "no checkpoint is stored"
        return
    try:
        checkpoint, _ = verify_checkpoint(note.note, keys)
    except TraceabilityError as error:
        yield f"the newest checkpoint does not verify: {error}"
        return
    if (checkpoint.size, checkpoint.root) != (size, root):
        yield f"the newest checkpoint signs {checkpoint.size} entries with root {checkpoint.root.hex()}"
