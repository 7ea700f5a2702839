"""The audit of a log of signed events: every entry, tile, checkpoint and capture, and every event row (ledger.md 9)."""

import time
from pathlib import Path

from bench.lines import Say, at_least, only_of
from bench.world import make_world, signed
from traceability.services.access import Actor
from traceability.services.capture import CaptureRequest, capture
from traceability.services.context import Service
from traceability.services.fsck import fsck
from traceability.services.fsck.log import check_log
from traceability.services.fsck.log_changes import log_keys
from traceability.services.fsck.report import Report
from traceability.services.fsck.sample import fsck_sample

_EVENTS = 500
_DEEP = 20_000
"""Events of the log when it is audited with ``--deep``, which takes far longer for each."""
_FEWEST = 100_000  # with fewer the start counts for too much


def run(url: str, folder: Path, say: Say, entries: int) -> None:
    """Record that many entries as signed captures of 500 events, and audit them."""
    world = make_world(url, folder / "fsck")
    service, actor = world.service, Actor("bench", "bench", "supplier", world.party_id)

    def record(events: range) -> float:
        begun = time.perf_counter()
        for first in events[::_EVENTS]:
            body, jws = signed(world, first, _EVENTS)
            capture(service, actor, CaptureRequest(body, "application/json", jws))
        return time.perf_counter() - begun

    first = min(_DEEP, entries)
    seconds = record(range(first))
    _deep(service, say)
    seconds += record(range(first, entries))
    say(f"(recorded {entries:,} events)", seconds, "s")
    begun, busy = time.perf_counter(), time.process_time()
    report = fsck(service)
    seconds, busy = time.perf_counter() - begun, time.process_time() - busy
    assert report.verdict == "ok", report.problems[:3]
    target = at_least(50_000, "/s", unjudged=only_of(_FEWEST, entries, "events or more"))
    what = f"fsck of {report.entries:,} entries and their records"
    say(what, report.entries / seconds, "entries/s", (), None, [target])
    say("(the same, a second of processor time)", report.entries / busy, "entries/s")
    alone = Report()
    with service.store.read() as session:
        begun = time.perf_counter()
        check_log(session.connection(), log_keys(service, session.connection()), alone)
    say("(of that entries, tiles and checkpoints alone)", alone.entries / (time.perf_counter() - begun), "entries/s")
    begun = time.perf_counter()
    assert fsck_sample(service).verdict == "ok"
    say("(the hourly sample)", (time.perf_counter() - begun) * 1000, "ms")
    service.close()


def _deep(service: Service, say: Say) -> None:
    """Audit with everything that is derived from the signed bytes: signatures, events, kilograms, edges, holdings."""
    begun, busy = time.perf_counter(), time.process_time()
    report = fsck(service, deep=True)
    seconds, busy = time.perf_counter() - begun, time.process_time() - busy
    assert report.verdict == "ok", report.problems[:3]
    say(f"(fsck --deep of the first {report.entries:,} entries)", report.entries / seconds, "entries/s")
    say("(the same, a second of processor time)", report.entries / busy, "entries/s")
