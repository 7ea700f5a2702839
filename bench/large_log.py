"""A large log: what a proof about any of its entries costs, and whether its writer needs more memory as it grows."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from bench.world import make_world
from traceability.config import Settings
from traceability.ledger.checkpoint import Checkpoint, sign_checkpoint
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.tiles import TileTree
from traceability.services import published_log, receipts
from traceability.services.context import Service, open_service
from traceability.storage import tables as t
from traceability.storage.store import Transaction

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
_STEP = 65_536
_PROVED = 1_000  # entries proved, anywhere in the log
_WARM = 50
_COMMITS = 300  # of the writer whose memory is looked at


def run(url: str, folder: Path, say: Callable[..., None], entries: int) -> None:
    """Build a log of ``entries``; at each size look at a fresh writer's memory, and prove entries at the largest."""
    state = folder / "large"
    service = make_world(url, state).service
    wanted = set(random.sample(range(1, entries), _PROVED))
    for size in (*(size for size in SIZES if size < entries), entries):
        begun = time.perf_counter()
        _grow(service, size, wanted)
        say(f"(built a log of {size:,} entries)", time.perf_counter() - begun, "s")
        say(f"memory of a writer at {size:,} entries", _memory(url, state), "MB")
    _prove(service, say, sorted(wanted), entries)
    service.close()


def _grow(service: Service, size: int, wanted: set[int]) -> None:
    """Append up to ``size`` entries: tiles, head and checkpoint as the writer stores them, and the wanted entries.

    Of the others only the hashes are kept, or a disk would be filled with what nobody looks at.
    """
    with Session(service.store.writer_engine) as session:
        tree = TileTree(receipts.tile_reader(session), session.get_one(t.LogHead, 1).size)
        while tree.size < size:
            places = range(tree.size, min(size, tree.size + _STEP))
            bodies = [_body(place) for place in places]
            tree.append([leaf_hash(body) for body in bodies])
            _save(session.connection(), tree)
            kept = [place for place in places if place in wanted]
            rows = [{"index": place, "kind": "document", "body": bodies[place - places[0]]} for place in kept]
            if rows:
                session.connection().execute(sa.insert(t.LedgerEntry), rows)
        _sign(service, session.connection(), tree)
        session.commit()


def _save(connection: sa.Connection, tree: TileTree) -> None:
    tiles = tree.changed().items()
    gone = sa.delete(_TILE).where(_TILE.c.level == sa.bindparam("lv"), _TILE.c.index == sa.bindparam("ix"))
    connection.execute(gone, [{"lv": level, "ix": index} for (level, index), _ in tiles])
    connection.execute(
        sa.insert(_TILE), [{"level": level, "index": index, "hashes": data} for (level, index), data in tiles]
    )
    tree.saved()


def _body(place: int) -> bytes:
    return _ENTRY.replace(b"1700000000000", b"%013d" % (1_700_000_000_000 + place))


_TILE: Any = t.LedgerTile.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it
_ENTRY = Entry(kind="document", body=digest(b"bench"), at=1_700_000_000_000, who=digest(b"who")).to_bytes()


def _sign(service: Service, connection: sa.Connection, tree: TileTree) -> None:
    origin, root, at = service.settings.log_origin, tree.root(), datetime.now(UTC)
    note = sign_checkpoint(Checkpoint(origin, tree.size, root), service.log_key)
    connection.execute(sa.update(t.LogHead).values(size=tree.size, root=root, at=at))
    connection.execute(sa.insert(t.Checkpoint), {"size": tree.size, "root": root, "note": note, "at": at})


def _prove(service: Service, say: Callable[..., None], wanted: Sequence[int], entries: int) -> None:
    ways: dict[str, Callable[[int], Any]] = {
        "inclusion proof": lambda index: published_log.inclusion(service, index),
        "receipt": lambda index: receipts.entry_receipt(service, index),
    }
    for name, prove in ways.items():
        times = []
        for index in random.sample(wanted, len(wanted)):
            begun = time.thread_time()  # processor time: what the server spends, whatever else this machine does
            prove(index)
            times.append(time.thread_time() - begun)
        times = sorted(times[_WARM:])
        say(f"{name} of any of {entries:,} entries", len(times) / sum(times), "/s", times)


def _memory(url: str, state: Path) -> float:
    """Return the resident memory (MB) of a process of its own that has opened the log and committed to it."""
    command = [sys.executable, "-m", "bench.large_log", url, str(state)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _write(url: str, state: Path) -> None:
    service = open_service(Settings(database_url=url, state_dir=state))

    def append(tx: Transaction) -> int:
        return tx.log.append(Entry(kind="document", body=digest(b"bench"), at=milliseconds(tx.now)))

    for _ in range(_COMMITS):
        service.store.write(append)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    service.close()
    print(pages * 4096 / 1e6)


if __name__ == "__main__":
    _write(sys.argv[1], Path(sys.argv[2]))
