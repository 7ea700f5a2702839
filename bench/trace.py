"""Upstream trace of a batch with 10,000 events behind it, in a store of a million."""

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.lines import Say, at_most, only_of
from bench.world import event, make_world
from traceability.services.trace import run as run_trace
from traceability.services.visible import View
from traceability.storage import tables as t
from traceability.storage.engine import sqlite_path, write_engine

_ROUNDS, _WARM = 400, 10  # the first ones open connections and fill caches
_STORE = 1_000_000
_LOTS = 2500
_EVENTS_A_LOT = 4
_BODY = json.dumps(event(1))  # as long as such events are, or their rows would lie closer together


def run(url: str, folder: Path, say: Say, events: int) -> None:
    """Fill a store and trace the one large batch in it, as a regulator reads it."""
    world = make_world(url, folder / "trace")
    begun = time.perf_counter()
    _fill(url, world.party_id, events)
    say(f"(filled {events:,} events)", time.perf_counter() - begun, "s")
    times = []
    view = View(None, everything=True)
    for _ in range(_WARM + _ROUNDS):
        with world.service.store.read() as session:
            begun = time.perf_counter()
            found = run_trace(session, "https://id.bench.example/mix/0", "upstream", view)
            times.append(time.perf_counter() - begun)
    assert len(found.events) == _LOTS * _EVENTS_A_LOT + 1 + _EVENTS_A_LOT - 1, len(found.events)
    reference = _bare(url) if url.startswith("sqlite") else None
    world.service.close()
    times = sorted(times[_WARM:])
    say(
        f"upstream trace, {len(found.events):,} events",
        len(times) / sum(times),
        "traces/s",
        times,
        reference,
        [at_most(100, "ms", of="p99", unjudged=only_of(_STORE, events, "events"))],
    )


def _bare(url: str) -> tuple[str, float]:
    """Return the same recursive query through bare sqlite3, counting only."""
    connection = sqlite3.connect(sqlite_path(url))
    (start,) = connection.execute("SELECT id FROM item WHERE key = 'https://id.bench.example/mix/0'").fetchone()
    query = (
        "WITH RECURSIVE r(i) AS (SELECT ? UNION SELECT parent_id FROM batch_edge, r WHERE child_id = i)"
        " SELECT count(*) FROM r JOIN event_item ON item_id = i"
    )
    begun = time.perf_counter()
    for _ in range(20):
        connection.execute(query, (start,)).fetchone()
    return "bare sqlite3, the recursive query counted", 20 / (time.perf_counter() - begun)


def _fill(url: str, party_id: str, events: int) -> None:
    """Write chains straight into the tables: many of 10,003 events each would be one large batch and its lots."""
    engine = write_engine(url)
    chains = max(1, events // (_LOTS * _EVENTS_A_LOT + _EVENTS_A_LOT))
    with engine.begin() as connection:
        for chain in range(chains):
            rows: dict[Any, list[dict[str, Any]]] = {}
            for table, row in _chain(chain, party_id):
                rows.setdefault(table, []).append(row)
            for table, found in rows.items():
                _insert(connection, table, found)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not url.startswith("sqlite"):
            connection.exec_driver_sql("VACUUM ANALYZE")  # as the database itself does in time after a bulk load
    engine.dispose()


def _insert(connection: sa.Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 5000):
        connection.execute(sa.insert(table), rows[start : start + 5000])


def _chain(chain: int, party_id: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    from datetime import UTC, datetime

    moment = datetime(2026, 1, 1, tzinfo=UTC)
    first = 1000 + chain * (_LOTS * _EVENTS_A_LOT + _EVENTS_A_LOT)
    item = 1000 + chain * (_LOTS + 1)

    def new_event(index: int) -> tuple[Any, dict[str, Any]]:
        return t.Event.__table__, {  # type: ignore[attr-defined]  # SQLModel tables carry it
            "index": index, "event_id": f"urn:x-bench:{index}", "declares_error": False, "capture_id": "bench",
            "position": 0, "type": "ObjectEvent", "biz_step": "shipping", "event_time": moment,
            "received_at": moment, "signer_id": party_id, "key_id": None, "credential_by": None,
            "evidence": "signed", "content": "0" * 64, "body": _BODY,
        }  # fmt: skip

    def names(index: int, target: int, role: str) -> tuple[Any, dict[str, Any]]:
        return t.EventItem.__table__, {"item_id": target, "event_index": index, "role": role, "kg": None}  # type: ignore[attr-defined]  # as above

    def new_item(number: int, uri: str) -> tuple[Any, dict[str, Any]]:
        return t.Item.__table__, {"id": number, "key": uri, "uri": uri, "is_batch": True}  # type: ignore[attr-defined]  # as above

    yield new_item(item, f"https://id.bench.example/mix/{chain}")
    index = first
    for lot in range(_LOTS):
        yield new_item(item + 1 + lot, f"https://id.bench.example/lot/{chain}/{lot}")
        for _ in range(_EVENTS_A_LOT):
            yield new_event(index)
            yield names(index, item + 1 + lot, "observed")
            index += 1
    blend = index
    yield new_event(blend)
    yield names(blend, item, "output")
    for lot in range(_LOTS):
        yield names(blend, item + 1 + lot, "input")
        yield t.BatchEdge.__table__, {"child_id": item, "parent_id": item + 1 + lot, "event_index": blend}  # type: ignore[attr-defined]  # as above
    for later in range(1, _EVENTS_A_LOT):
        yield new_event(blend + later)
        yield names(blend + later, item, "observed")
