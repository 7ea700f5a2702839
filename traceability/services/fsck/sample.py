"""A sample of the log: a few tiles drawn by chance, with their entries and what these stand for (ledger.md 9).

Each tile is held to the newest signed root by the proof of one of its leaves, which rests on all the others.
"""

import random
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from traceability.errors import TraceabilityError
from traceability.ledger.checkpoint import Checkpoint
from traceability.ledger.merkle import HASH_SIZE, leaf_hash, verify_inclusion
from traceability.ledger.tiles import TILE_WIDTH, TileTree
from traceability.services.context import Service
from traceability.services.fsck.audit import TABLES, Audit
from traceability.services.fsck.captures import check_captures
from traceability.services.fsck.event_entries import check_event_entries
from traceability.services.fsck.log import check_head, entry_bytes, newest_signed, tile_bytes
from traceability.services.fsck.log_changes import log_keys
from traceability.services.fsck.pages import UNREADABLE, passes
from traceability.services.fsck.report import Report

TILES = 20


def fsck_sample(service: Service, *, tiles: int = TILES, seed: int | None = None) -> Report:
    """Audit that many tiles of the log, drawn by chance or from ``seed``; the cost does not grow with the log."""
    report = Report()
    drawn = random.Random(service.clock().timestamp() if seed is None else seed)  # noqa: S311  # no secret
    with service.store.read() as session:
        connection = session.connection()
        signed = newest_signed(connection, log_keys(service, connection))
        report.entries = signed.size
        check_head(connection, signed, report)
        audit = Audit(session, lru_cache(maxsize=4096)(service.who), service.files, report, service.store.read)
        places = range(-(-signed.size // TILE_WIDTH))
        try:
            audit.load_erasures()
            audit.load_keys()
            for tile in sorted(drawn.sample(places, min(tiles, len(places)))):
                _check_tile(connection, signed, tile, drawn, report)
                _check_records(audit, tile)
        except UNREADABLE as error:
            if passes(error):
                raise
            report.add("ledger", None, f"the check could not go on: {error}"[:200])
    return report


def _check_tile(connection: Connection, signed: Checkpoint, tile: int, drawn: random.Random, report: Report) -> None:
    first = tile * TILE_WIDTH
    end = min(first + TILE_WIDTH, signed.size)
    stored = tile_bytes(connection, 0, tile) or b""
    leaves = {index: leaf_hash(data) for index, data in entry_bytes(connection, first, end)}
    report.saw("ledger_entry", len(leaves))
    for index in range(first, end):
        at = (index - first) * HASH_SIZE
        if leaves.get(index) != stored[at : at + HASH_SIZE]:
            report.add("ledger_entry", index, "entry and leaf differ, or one is missing; fsck says which of them")
    index = drawn.randrange(first, end)
    try:
        tree = TileTree(lambda level, number: tile_bytes(connection, level, number), signed.size)
        leaf = stored[(index - first) * HASH_SIZE : (index - first + 1) * HASH_SIZE]
        verify_inclusion(leaf, index, signed.size, tree.inclusion(index, signed.size), signed.root)
    except (TraceabilityError, *UNREADABLE) as error:
        if passes(error):
            raise
        report.add("ledger_tile", first, f"tile {tile} does not give the root signed at {signed.size}: {error}"[:200])


def _check_records(audit: Audit, tile: int) -> None:
    first, end = tile * TILE_WIDTH, (tile + 1) * TILE_WIDTH
    check_captures(audit, None, where=_between("capture", "entry_index", first, end))
    check_event_entries(audit, where=_between("event", "index", first, end))


def _between(table: str, name: str, first: int, end: int) -> Any:
    column = TABLES[table].c[name]
    return (column >= first) & (column < end)
