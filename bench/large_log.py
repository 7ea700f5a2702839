"""A large log: what a proof about any of its entries costs, and whether its writer needs more memory as it grows."""

import json
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

from bench.echo import echoing
from bench.http_load import CLIENTS, ask
from bench.lines import Say, at_most, only_of
from bench.serving import Server, serving
from bench.world import make_world
from traceability.config import Settings
from traceability.ledger.checkpoint import Checkpoint, sign_checkpoint
from traceability.ledger.encoding import from_b64
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.ledger.merkle import leaf_hash, verify_inclusion
from traceability.ledger.tiles import TileTree
from traceability.services import published_log, receipts
from traceability.services.context import Service, open_service
from traceability.storage import tables as t
from traceability.storage.store import Transaction

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
_STEP = 65_536
_PROVED = 1_000  # entries proved, anywhere in the log
_WARM = 50
_FLAT = 1.05  # a log a thousand times as large may take a twentieth more: what malloc does by chance
_COMMITS = 300  # of the writer whose memory is looked at


def run(url: str, folder: Path, say: Say, entries: int) -> None:
    """Build a log of ``entries``; at each size look at a fresh writer's memory, and prove entries at the largest."""
    state = folder / "large"
    service = make_world(url, state).service
    few = only_of(SIZES[-1], entries, "entries")
    memory = []
    for size in (*(size for size in SIZES if size < entries), entries):
        begun = time.perf_counter()
        _grow(service, size)
        say(f"(built a log of {size:,} entries)", time.perf_counter() - begun, "s")
        memory.append(_memory(url, state))
        say(f"most memory of a writer at {size:,} entries", memory[-1], "MB")
    flat = at_most(_FLAT, "x", unjudged=few)
    say("memory of a writer, the most beside the least of these", max(memory) / min(memory), "x", (), None, [flat])
    _prove(service, say, _sample(entries), entries, few)
    service.close()
    with serving(url, state, EMBEDDED_WORKER="false") as server:
        _ask(server, say, _sample(entries), f"inclusion proof of any of {entries:,} entries over HTTP", few)


def _sample(entries: int) -> list[int]:
    return [random.randrange(entries) for _ in range(_WARM + _PROVED)]


def _grow(service: Service, size: int) -> None:
    """Append up to ``size`` entries as 64 clients would have it: each entry, the tiles, a checkpoint of each group.

    Whatever a reader of proofs meets is there; only the tiles are written once a step, as they are in the end.
    """
    with Session(service.store.writer_engine) as session:
        tree = TileTree(receipts.tile_reader(session), session.get_one(t.LogHead, 1).size)
        while tree.size < size:
            _step(service, session.connection(), tree, min(size, tree.size + _STEP))
            session.commit()


def _step(service: Service, connection: sa.Connection, tree: TileTree, end: int) -> None:
    first, at = tree.size, datetime.now(UTC)
    bodies = [_body(place) for place in range(first, end)]
    notes = []
    for start in range(0, len(bodies), CLIENTS):
        tree.append([leaf_hash(body) for body in bodies[start : start + CLIENTS]])
        head = Checkpoint(service.settings.log_origin, tree.size, tree.root())
        note = sign_checkpoint(head, service.log_keys.first)
        notes.append({"size": head.size, "root": head.root, "note": note, "at": at})
    rows = [{"index": first + place, "kind": "document", "body": body} for place, body in enumerate(bodies)]
    connection.execute(sa.insert(t.LedgerEntry), rows)
    connection.execute(sa.insert(t.Checkpoint), notes)
    connection.execute(sa.update(t.LogHead).values(size=tree.size, root=tree.root(), at=at))
    _save(connection, tree)


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


def _prove(service: Service, say: Say, wanted: Sequence[int], entries: int, few: str | None) -> None:
    ways: dict[str, Callable[[int], Any]] = {
        "inclusion proof": lambda index: published_log.inclusion(service, index),
        "receipt": lambda index: receipts.entry_receipt(service, index),
    }
    for name, prove in ways.items():
        times = []
        for index in wanted:
            begun = time.thread_time()  # processor time: what the server spends, whatever else this machine does
            prove(index)
            times.append(time.thread_time() - begun)
        times = sorted(times[_WARM:])
        targets = [at_most(1, "ms", of="p99", unjudged=few)] if name == "inclusion proof" else []
        say(f"{name} of any of {entries:,} entries, in process", len(times) / sum(times), "/s", times, None, targets)


def _ask(server: Server, say: Say, wanted: Sequence[int], what: str, few: str | None) -> None:
    """Ask a server for proofs, one after another, and check each: its own processor time, and the wait for it."""
    with echoing(CLIENTS) as echo:
        nothing, _ = ask(echo, ["/health"] * len(wanted), _no_check, _WARM)
    spent, waited = ask(server, [f"/v1/ledger/proofs/inclusion?index={index}" for index in wanted], _check, _WARM)
    target = at_most(1, "ms", of="p50", unjudged=few)  # of the slowest hundredth most is the web framework's
    floor = "a Flask echo asked the same way", len(nothing) / sum(nothing)
    say(what, len(spent) / sum(spent), "/s of processor time", spent, floor, [target])
    say("  (the client's wait for it)", len(waited) / sum(waited), "/s", waited)


def _check(path: str, status: int, body: bytes) -> None:
    found = json.loads(body)
    index = int(path.rpartition("=")[2])
    assert (status, found.get("index")) == (200, index), body[:300]
    hashes, root = [from_b64(item) for item in found["path"]], from_b64(found["root"])
    verify_inclusion(leaf_hash(from_b64(found["entry"])), index, found["size"], hashes, root)


def _no_check(_path: str, status: int, _body: bytes) -> None:
    assert status == 200, status


def _memory(url: str, state: Path) -> float:
    """Return the most resident memory (MB) of a process of its own that has opened the log and committed to it."""
    command = [sys.executable, "-m", "bench.large_log", url, str(state)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _write(url: str, state: Path) -> None:
    service = open_service(Settings(database_url=url, state_dir=state))

    def append(tx: Transaction) -> int:
        return tx.log.append(Entry(kind="document", body=digest(b"bench"), at=milliseconds(tx.now)))

    for _ in range(_COMMITS):
        service.store.write(append)
    service.close()
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(int(status["VmHWM"].split()[0]) * 1024 / 1e6)


if __name__ == "__main__":
    _write(sys.argv[1], Path(sys.argv[2]))
