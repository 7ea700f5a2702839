"""The contract of the job queue, the same for every adapter: nothing is lost, duplicates collapse, failures are kept."""

import threading
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from traceability.errors import Conflict, InvalidInput, NotFound
from traceability.services.context import Service
from traceability.storage import jobs as j
from traceability.storage.jobs_leased import LeasedQueue
from traceability.storage.jobs_port import MAX_ATTEMPTS, wait_after
from traceability.storage.jobs_procrastinate import ProcrastinateQueue


@dataclass
class Desk:
    """One service with one adapter, and what its handler has done."""

    service: Service
    queue: Any
    clock: Any

    def __post_init__(self) -> None:
        self.done: list[dict[str, Any]] = []
        self.fail: Exception | None = None
        self.during = lambda: None
        self.runner = j.Runner(self.service, {"assess": self.handle}, queue=self.queue)

    def handle(self, service: Service, args: dict[str, Any]) -> None:
        assert service is self.service
        self.during()
        if self.fail:
            raise self.fail
        self.done.append(dict(args))

    def add(self, key: str = "k", name: str = "assess", **args: Any) -> None:
        self.service.store.write(lambda tx: self.queue.enqueue(tx, name, key, args))

    def open(self, **chosen: Any) -> list[j.OpenJob]:
        with self.service.store.read() as session:
            return self.queue.jobs(session, **{"key": None, "state": None, "limit": 100, **chosen})

    def states(self) -> list[str]:
        return [job.state for job in self.open()]

    def wait(self) -> None:
        """Let the time until every next attempt pass."""
        self.clock.advance(hours=2)
        if isinstance(self.queue, ProcrastinateQueue):  # its clock is the database's
            self.sql("UPDATE procrastinate_jobs SET scheduled_at = now() - interval '1 second' WHERE status = 'todo'")

    def sql(self, statement: str) -> None:
        with self.service.store.writer_engine.begin() as connection:
            connection.execute(sa.text(statement))


@pytest.fixture(params=[("sqlite", LeasedQueue), ("postgresql", ProcrastinateQueue), ("postgresql", LeasedQueue)],
                ids=["sqlite-leased", "postgresql-procrastinate", "postgresql-leased"])  # fmt: skip
def desk(request, make_database, make_settings, clock, open_at):
    database, adapter = request.param
    return Desk(open_at(make_settings(make_database(database)), clock), adapter(), clock)


def test_runs_a_job_once_and_forgets_it(desk):
    desk.add("b|1", subject="1", numbers=[1, 2], nested={"a": None})
    assert desk.runner.run_once(10) == 1
    assert desk.done == [{"subject": "1", "numbers": [1, 2], "nested": {"a": None}}]
    assert desk.runner.run_once(10) == 0
    assert desk.open() == []


def test_job_and_cause_stand_or_fall_together(desk):
    def broken(tx):
        desk.queue.enqueue(tx, "assess", "k", {})
        raise Conflict("no")

    with pytest.raises(Conflict):
        desk.service.store.write(broken)
    assert desk.open() == []


def test_waiting_duplicate_is_dropped(desk):
    desk.add("k")
    desk.add("k")
    desk.add("k", name="other")
    desk.add("l")
    assert [(job.name, job.key) for job in desk.open()] == [("assess", "k"), ("other", "k"), ("assess", "l")]


def test_running_subject_gets_a_second_job(desk):
    def change_meanwhile():
        desk.during = lambda: None
        desk.add("k", again=True)
        assert sorted(desk.states()) == ["running", "waiting"]

    desk.during = change_meanwhile
    desk.add("k")
    assert desk.runner.run_once(1) == 1
    assert desk.states() == ["waiting"]
    desk.runner.run_once(1)
    assert desk.done == [{}, {"again": True}]


def test_limit(desk):
    for n in range(5):
        desk.add(f"k{n}")
    assert desk.runner.run_once(2) == 2
    assert len(desk.open()) == 3
    assert desk.runner.run_once(100) == 3


def test_jobs_are_found_by_their_names_however_many_wait(desk):
    def many(tx):
        for number in range(600):
            desk.queue.add(tx, "assess", f"k{number}", {})

    desk.service.store.write(many)
    desk.add("k", name="touched")
    desk.add("l", name="list_changed")
    found = desk.open(names={"touched", "list_changed"}, limit=None)
    assert [(job.name, job.key) for job in found] == [("touched", "k"), ("list_changed", "l")]
    assert len(desk.open(limit=None)) == 602
    assert len(desk.open(names={"assess"}, limit=None)) == 600
    assert desk.open(names=()) == []


def test_failure_is_tried_again_later(desk):
    desk.fail = ValueError("bad\x00list")
    desk.add("k")
    assert desk.runner.run_once(10) == 1
    (job,) = desk.open(key="k")
    assert (job.state, job.attempts) == ("waiting", 1)
    assert job.error == "ValueError: bad\ufffdlist"
    assert desk.runner.run_once(10) == 0  # not before its time
    desk.fail = None
    desk.wait()
    assert desk.runner.run_once(10) == 1
    assert desk.open() == []


def test_failed_for_good_is_kept_until_an_admin_retries(desk):
    desk.fail = ValueError("bad list")
    desk.add("k")
    for _ in range(MAX_ATTEMPTS):
        assert desk.runner.run_once(10) == 1
        desk.wait()
    assert desk.runner.run_once(10) == 0
    (job,) = desk.open(state="failed")
    assert (job.attempts, job.error, job.key) == (MAX_ATTEMPTS, "ValueError: bad list", "k")
    assert desk.open(state="waiting") == []
    desk.fail = None
    assert desk.service.store.write(lambda tx: desk.queue.retry(tx, job.id))
    assert not desk.service.store.write(lambda tx: desk.queue.retry(tx, job.id))
    assert desk.runner.run_once(10) == 1
    assert desk.open() == []


def test_later_success_settles_an_earlier_failure(desk):
    desk.fail = ValueError("x")
    desk.add("k")
    for _ in range(MAX_ATTEMPTS):
        desk.runner.run_once(10)
        desk.wait()
    desk.add("l", name="other")
    desk.fail = None
    desk.add("k", second=True)
    assert [job.state for job in desk.open(key="k")] == ["failed", "waiting"]
    desk.runner.run_once(1)
    desk.runner.run_once(1)
    assert desk.done == [{"second": True}]
    assert [job.key for job in desk.open()] == ["l"]


def test_new_cause_brings_a_waiting_retry_forward(desk):
    desk.fail = ValueError("x")
    desk.add("k")
    desk.runner.run_once(10)
    desk.fail = None
    desk.add("k")
    assert len(desk.open()) == 1
    assert desk.runner.run_once(10) == 1
    assert desk.open() == []


def test_failing_job_does_not_collide_with_one_added_while_it_ran(desk):
    def change_meanwhile():
        desk.during = lambda: None
        desk.add("k")

    desk.during, desk.fail = change_meanwhile, ValueError("x")
    desk.add("k")
    desk.runner.run_once(1)
    assert desk.states() == ["waiting", "waiting"]
    desk.fail = None
    desk.wait()
    desk.runner.run_once(10)
    desk.runner.run_once(10)
    assert desk.open() == []


def test_unknown_job_is_kept(desk):
    desk.add("k", name="screen_party")
    assert desk.runner.run_once(10) == 1
    (job,) = desk.open()
    assert "knows no job 'screen_party'" in job.error


def test_job_of_a_dead_worker_is_done_by_another(desk):
    desk.add("k")
    kill_while_running(desk, attempts=1)
    assert desk.states() == ["running"]
    pass_the_lease(desk)
    assert desk.runner.run_once(10) == 1
    assert len(desk.done) == 1
    assert desk.open() == []


def test_job_that_kills_its_workers_is_kept_as_failed(desk):
    desk.add("k")
    kill_while_running(desk, attempts=MAX_ATTEMPTS)
    pass_the_lease(desk)
    assert desk.runner.run_once(10) == 0
    (job,) = desk.open(state="failed")
    assert job.error == "the worker ended while it ran this job"


def test_jobs_of_one_subject_run_one_at_a_time(desk):
    desk.add("k")
    desk.add("k", name="other")
    kill_while_running(desk, attempts=1)
    assert desk.runner.run_once(10) == 0
    desk.add("l")
    assert desk.runner.run_once(10) == 1


def test_runs_until_stopped(desk):
    stop, finished = threading.Event(), threading.Event()
    runner = j.Runner(desk.service, {"assess": desk.handle}, queue=desk.queue, threads=2)
    thread = threading.Thread(target=lambda: (runner.run_forever(stop), finished.set()))
    desk.during = lambda: len(desk.done) == 9 and stop.set()
    for n in range(10):
        desk.add(f"k{n}")
    thread.start()
    assert stop.wait(10)
    assert finished.wait(10)
    assert len(desk.done) == 10
    assert desk.open() == []


def kill_while_running(desk, attempts):
    """Leave the oldest job as a worker leaves it that was killed in its n-th attempt."""
    if isinstance(desk.queue, ProcrastinateQueue):
        desk.sql("INSERT INTO procrastinate_workers DEFAULT VALUES")
        desk.sql(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers), "
            f"attempts = {attempts - 1} WHERE id = (SELECT min(id) FROM procrastinate_jobs)"
        )
    else:
        (job,) = desk.service.store.write(lambda tx: desk.queue.lease(tx, 1))
        desk.sql(f"UPDATE job SET attempts = {attempts} WHERE id = {job.id}")


def pass_the_lease(desk):
    desk.clock.advance(hours=1)
    if isinstance(desk.queue, ProcrastinateQueue):
        desk.sql("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")


def test_port_picks_the_adapter_of_the_database(service):
    service.store.write(lambda tx: j.enqueue(tx, "assess", "k", subject="s"))
    with service.store.read() as session:
        (job,) = j.open_jobs(session, "k")
        assert j.all_jobs(session, "waiting") == [job]
        assert j.open_jobs(session, "other") == []
    seen = []
    assert j.Runner(service, {"assess": lambda _service, args: seen.append(args)}).run_once() == 1
    assert seen == [{"subject": "s"}]
    with pytest.raises(NotFound, match="no failed job 1"):
        service.store.write(lambda tx: j.retry_job(tx, 1))


@pytest.mark.parametrize("key", ["", "k" * 701])
def test_key_has_a_length(sqlite_service, key):
    with pytest.raises(InvalidInput, match="1 to 700 characters"):
        sqlite_service.store.write(lambda tx: j.enqueue(tx, "assess", key))


def test_waits_grow_to_an_hour():
    assert [wait_after(n).total_seconds() for n in range(1, 8)] == [4, 16, 64, 256, 1024, 3600, 3600]
    assert wait_after(8) is None
