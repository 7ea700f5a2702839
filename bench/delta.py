"""Re-screening by delta, and names looked up in SQL: 100,000 suppliers against 500 changed names."""

import time
from itertools import islice
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from bench.invented_names import entries_of, invented, misspelt
from bench.lines import Say, at_least, at_most, only_of
from bench.world import make_world
from traceability.clock import latest_date
from traceability.lists.keys import asked_by
from traceability.lists.nameform import forms_of
from traceability.lists.orgforms import default_forms
from traceability.services import list_delta
from traceability.services.name_postings import of_subject
from traceability.services.screening import Subject
from traceability.storage.postings import SqlPostings
from traceability.storage.tables import Screening

SUPPLIERS, CHANGED = 100_000, 500
_STEP = 2_000


def run(url: str, folder: Path, say: Say, suppliers: int) -> None:
    """Index the suppliers, and ask which of them 500 changed names concern."""
    service = make_world(url, folder / "delta").service
    few = only_of(SUPPLIERS, suppliers, "suppliers")
    with Session(service.store.writer_engine) as session:
        spent = _suppliers(session, suppliers, latest_date(service.clock()), service.clock())
        session.commit()
        say("names of suppliers indexed in SQL (processor time)", suppliers / spent, "names/s", (), None,
            [at_least(20_000, "names/s", unjudged=few)])  # fmt: skip
        changed = entries_of(CHANGED, seed=5)
        was = list_delta.Side.of([])
        begun = time.perf_counter()
        now = list_delta.Side.of(changed)
        near = list_delta.everybody_near(session, was.index, now.index)
        differ = [key for key, query in near if was.outcome(query) != now.outcome(query)]
        took = time.perf_counter() - begun
        say(f"({len(near):,} suppliers compared, of {len(differ):,} the outcome differs)", len(differ), "suppliers")
        say(f"delta of {CHANGED} changed names among {suppliers:,} suppliers", took, "s", (), None,
            [at_most(2, "s", unjudged=few)])  # fmt: skip
        _asked(session, say, suppliers, few)
    service.close()


def _suppliers(session: Session, suppliers: int, day: object, at: object) -> float:
    postings, spent = SqlPostings(session.connection(), "P"), 0.0
    names = invented(suppliers, seed=9)
    while some := list(islice(names, _STEP)):
        subjects = [Subject(name) for name, _ in some]
        begun = time.process_time()
        postings.add(one for subject in subjects for one in of_subject(subject.key, {"name": subject.name}))
        spent += time.process_time() - begun
        rows = [
            {"subject_key": one.key, "subject": {"name": one.name}, "as_of": day, "at": at, "versions": [],
             "matcher": "bench", "outcome": "hits", "hits": []}
            for one in subjects
        ]  # fmt: skip
        session.execute(sa.insert(Screening), rows)
    return spent


def _asked(session: Session, say: Say, names: int, few: str | None) -> None:
    postings, took = SqlPostings(session.connection(), "P"), []
    for name, _ in misspelt(list(invented(400, seed=9)), seed=1):
        for form in list(forms_of(name, "", default_forms()))[:1]:
            begun = time.perf_counter()
            postings.nearest(asked_by(form))
            took.append(time.perf_counter() - begun)
    took.sort()
    say(f"candidates of a misspelt name among {names:,}, in SQL", len(took) / sum(took), "names/s", took, None,
        [at_most(10, "ms", of="p99", unjudged=few)])  # fmt: skip
