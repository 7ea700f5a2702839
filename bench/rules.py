"""The rules: one assessment of a long chain, and re-assessing many batches after the rules have changed.

In memory each batch's facts come from JSON, are checked against the schema, hashed and put to every rule: what a change
of the rules asks of each of them where nothing else has changed. The stored way is the one that the service takes
today: facts assembled from the records again, screenings, the rules, and the assessment written with its ledger entry.
"""

import gc
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from bench.lines import Say, at_least, at_most, only_of
from bench.rule_facts import batch, shipment
from bench.world import make_world, signed
from traceability.diligence.engine import assess
from traceability.services.access import Actor
from traceability.services.assess import assess_subject
from traceability.services.capture import CaptureRequest, capture

BATCHES, STORED = 100_000, 200
_EVENTS, _RUNS, _AT_ONCE = 1_000, 30, 1_000


def run(say: Say, batches: int) -> None:
    """Measure the engine alone, in this thread."""
    gc.collect()
    _chain(say)
    few = only_of(BATCHES, batches, "batches")
    ours, reference = 0.0, 0.0
    for texts in _texts(batches):
        reference += _spent(texts, json.loads)
        ours += _spent(texts, lambda text: assess(json.loads(text)))
    what = f"re-assessment of {batches:,} batches in memory (processor time)"
    say(what, batches / ours, "batches/s", (), ("json.loads of the same facts", batches / reference),
        [at_least(1_000, "batches/s", unjudged=few)])  # fmt: skip


def _chain(say: Say) -> None:
    facts = shipment(_EVENTS)
    text = json.dumps(facts)
    for _ in range(3):
        assess(facts)
    times = sorted(_spent([text], lambda _: assess(facts)) for _ in range(_RUNS))
    loads = median(_spent([text], json.loads) for _ in range(_RUNS))
    what = f"one assessment of a chain of {_EVENTS:,} events (processor time)"
    say(what, median(times) * 1000, "ms", times, ("json.loads of the same facts", loads * 1000),
        [at_most(50, "ms", of="p99")])  # fmt: skip


def _texts(batches: int) -> Iterator[list[str]]:
    for first in range(0, batches, _AT_ONCE):
        yield [json.dumps(batch(number)) for number in range(first, min(first + _AT_ONCE, batches))]


def _spent(texts: list[str], work: Callable[[str], object]) -> float:
    begun = time.process_time()
    for text in texts:
        work(text)
    return time.process_time() - begun


def stored(url: str, folder: Path, say: Say, batches: int = STORED) -> None:
    """Let as many recorded batches be assessed again, one after another as the job does it."""
    world = make_world(url, folder / "rules")
    service, actor = world.service, Actor("bench", "bench", "supplier", world.party_id)
    for first in range(0, batches, 500):
        body, jws = signed(world, first, min(500, batches - first))
        capture(service, actor, CaptureRequest(body, "application/json", jws))
    names = [f"https://id.bench.example/lot/{number}" for number in range(batches)]
    for name in names[:20]:
        assess_subject(service, world.party_id, "batch", name)
    busy, begun = time.process_time(), time.perf_counter()
    for name in names:
        assess_subject(service, world.party_id, "batch", name)
    busy, took = time.process_time() - busy, time.perf_counter() - begun
    say(f"re-assessment of {batches:,} stored batches", batches / took, "batches/s", (), None,
        [at_least(1_000, "batches/s", unjudged=only_of(BATCHES, batches, "batches"))])  # fmt: skip
    say("(the same, a second of processor time)", batches / busy, "batches/s")
    service.close()
