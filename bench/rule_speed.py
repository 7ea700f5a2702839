"""The rules: one assessment of a long chain, and re-assessing many batches after the rules have changed.

In memory each batch's facts come from JSON, are checked against the schema, hashed and put to every rule. Of what is
stored, the kept facts are put to today's rules first; where these judge otherwise the batch's new run is written with
its ledger entry, from the kept facts where they still are those of the store. A change of the records or of the day has
the facts assembled again by a job for each batch.
"""

import gc
import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from bench.lines import Say, at_least, at_most, only_of
from bench.rule_facts import batch, shipment
from bench.world import World, make_world, signed
from traceability.clock import latest_date
from traceability.diligence.engine import assess
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.services.access import Actor
from traceability.services.assess import assess_subject
from traceability.services.capture import CaptureRequest, capture
from traceability.services.context import Service
from traceability.services.facts.program import program_version
from traceability.services.touched import sweep
from traceability.services.whole import assessment_bytes
from traceability.storage.jobs import all_jobs
from traceability.storage.store import Transaction
from traceability.storage.tables import AssessmentRow

BATCHES, STORED = 100_000, 200
_EVENTS, _RUNS, _AT_ONCE, _DIFFERS = 1_000, 100, 1_000, 1_000


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
        [at_most(50, "ms", of="p50")])  # fmt: skip


def _texts(batches: int) -> Iterator[list[str]]:
    for first in range(0, batches, _AT_ONCE):
        yield [json.dumps(batch(number)) for number in range(first, min(first + _AT_ONCE, batches))]


def _spent(texts: list[str], work: Callable[[str], object]) -> float:
    begun = time.process_time()
    for text in texts:
        work(text)
    return time.process_time() - begun


def stored(url: str, folder: Path, say: Say, many: int, batches: int = STORED) -> None:
    """Let recorded batches be assessed again: from kept facts in groups, and one after another as the job does it."""
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
    say(f"facts of {batches:,} stored batches assembled again and assessed by a job each", batches / took, "batches/s")
    say("(the same, a second of processor time)", batches / busy, "batches/s")
    _delta(service, say, many)
    service.close()


def rejudged(url: str, folder: Path, say: Say, batches: int) -> None:
    """Let rules that judge every batch otherwise be followed: each gets a new run, with its ledger entry."""
    world = make_world(url, folder / "rejudged")
    service = world.service
    for first in range(0, batches, _AT_ONCE):
        service.store.write(partial(_kept, world, range(first, min(first + _AT_ONCE, batches))))
    gc.collect()
    busy, begun = time.process_time(), time.perf_counter()
    found = sweep(service)
    busy, took = time.process_time() - busy, time.perf_counter() - begun
    with service.store.read() as session:
        runs = session.scalar(sa.select(sa.func.count()).select_from(AssessmentRow))
        waiting = len(all_jobs(session))
    assert (found, runs, waiting) == (batches, 2 * batches, 0), (found, runs, waiting)
    few = only_of(BATCHES, batches, "batches")
    say(f"re-assessment of {batches:,} stored batches after changed rules, recorded (processor time)", batches / busy,
        "batches/s", (), None, [at_least(1_000, "batches/s", unjudged=few)])  # fmt: skip
    say("(the same by the clock)", batches / took, "batches/s")
    service.close()


def _kept(world: World, numbers: range, tx: Transaction) -> None:
    """Store runs as other rules left them: their facts are of today, and they said what today's do not."""
    at, day = tx.now, latest_date(world.service.clock())
    for number in numbers:
        facts = batch(number) | {"as_of": day.isoformat()}
        lot = f"https://id.mine.example/lot/{number:06}-0"
        result = assess(facts, check=False).to_dict() | {"rule_pack_version": "sha256:other"}
        result["findings"] = [{"code": "COC-GAP", "severity": "major", "advisory": False, "evidence": [""]}]
        result["assembled_by"] = program_version()
        row = AssessmentRow(
            owner_id=world.party_id, subject_kind="batch", subject=lot, as_of=day, at=at, facts=facts, result=result,
            status=result["status"], notes=[], pending=[], coverage=[], batches=[lot], criticals={},
            inputs_hash=result["inputs_hash"], entry_index=0,
        )  # fmt: skip
        body = digest(assessment_bytes(row))
        who = world.service.who(world.party_id)
        row.entry_index = tx.log.append(Entry(kind="assessment", body=body, who=who, at=milliseconds(at)))
        tx.session.add(row)


def _delta(service: Service, say: Say, batches: int) -> None:
    """Follow rules that judge few batches otherwise: nearly all of it is finding which they are."""
    with Session(service.store.writer_engine) as session:
        session.execute(sa.delete(AssessmentRow))
        for first in range(0, batches, _AT_ONCE):
            some = range(first, min(first + _AT_ONCE, batches))
            session.execute(sa.insert(AssessmentRow), [_judged(number, service.clock()) for number in some])
        session.commit()
    gc.collect()
    busy, begun = time.process_time(), time.perf_counter()
    differ = sweep(service)
    busy, took = time.process_time() - busy, time.perf_counter() - begun
    assert differ == len(range(0, batches, _DIFFERS)), differ
    few = only_of(BATCHES, batches, "batches")
    say(f"{batches:,} stored batches put to changed rules (processor time)", batches / busy, "batches/s", (), None,
        [at_least(1_000, "batches/s", unjudged=few)])  # fmt: skip
    say(f"(the same by the clock; {differ:,} of them judged otherwise)", batches / took, "batches/s")


def _judged(number: int, at: datetime) -> dict[str, Any]:
    """Return an assessment as other rules left it; of every thousandth they said a finding that today's do not."""
    facts = batch(number)
    result = assess(facts, check=False).to_dict() | {"rule_pack_version": "sha256:other"}
    if number % _DIFFERS == 0:
        result["findings"] = [{"code": "COC-GAP", "severity": "major", "advisory": False, "evidence": [""]}]
    return {
        "owner_id": "bench", "subject_kind": "batch", "subject": f"lot/{number}", "as_of": latest_date(at), "at": at,
        "facts": facts, "result": result, "status": result["status"], "notes": [], "pending": [], "coverage": [],
        "batches": [f"lot/{number}"], "criticals": {}, "inputs_hash": result["inputs_hash"], "entry_index": number,
    }  # fmt: skip
