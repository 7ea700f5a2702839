"""The registry of handlers and the worker's loop."""

import threading

import pytest

from traceability.services import worker
from traceability.storage import jobs


def test_registered_function_does_the_jobs(sqlite_service, monkeypatch):
    monkeypatch.setattr(worker, "HANDLERS", {})
    stop = threading.Event()

    @worker.handler("greet")
    def greet(service, args):
        assert service is sqlite_service
        assert args == {"name": "x"}
        stop.set()

    with pytest.raises(ValueError, match="two handlers for the job 'greet'"):
        worker.handler("greet")(print)
    sqlite_service.store.write(lambda tx: jobs.enqueue(tx, "greet", "x", name="x"))
    worker.run_worker(sqlite_service, stop)
    with sqlite_service.store.read() as session:
        assert jobs.all_jobs(session) == []


def test_worker_goes_on_after_the_database_was_away(sqlite_service, monkeypatch):
    from traceability.errors import Unavailable
    from traceability.storage.jobs_leased import LeasedQueue

    stop, real, calls = threading.Event(), LeasedQueue.run_once, []

    def sometimes(self, *args):
        calls.append(1)
        if len(calls) == 1:
            raise Unavailable("away")
        stop.set()
        return real(self, *args)

    monkeypatch.setattr(LeasedQueue, "run_once", sometimes)
    worker.run_worker(sqlite_service, stop)
    assert len(calls) == 2


def test_leases_of_a_crashed_process_are_free_at_the_next_start(sqlite_service, clock):
    from traceability.storage.jobs_leased import LeasedQueue

    sqlite_service.store.write(lambda tx: jobs.enqueue(tx, "x", "k"))
    sqlite_service.store.write(lambda tx: LeasedQueue().lease(tx, 1))
    stop, done = threading.Event(), []
    runner = jobs.Runner(sqlite_service, {"x": lambda _service, _args: (done.append(1), stop.set())})
    runner.run_forever(stop)
    assert done == [1]


def test_the_calendar_is_followed_until_stopped(sqlite_service, monkeypatch):
    from traceability.errors import Unavailable
    from traceability.services import touched

    stop, asked = threading.Event(), []

    def sweep(service):
        asked.append(service)
        if len(asked) == 1:
            raise Unavailable
        stop.set()

    monkeypatch.setattr(touched, "sweep", sweep)
    monkeypatch.setattr(worker, "_HOUR", 0.01)
    worker.follow_calendar(sqlite_service, stop)
    assert asked == [sqlite_service, sqlite_service]


def test_every_job_the_services_enqueue_finds_its_function():
    import re
    from pathlib import Path

    worker.load_handlers()
    sources = Path(worker.__file__).parent.rglob("*.py")
    named = {name for path in sources for name in re.findall(r'enqueue\(\s*tx,\s*"(\w+)"', path.read_text())}
    assert named >= {"assess", "touched"}
    assert named <= worker.HANDLERS.keys()
