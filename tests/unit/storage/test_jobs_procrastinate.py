"""What only the adapter for PostgreSQL has to get right: row locks against its workers, and jobs nobody runs."""

import asyncio
import threading

import procrastinate
import pytest
import sqlalchemy as sa

from traceability.storage import jobs_procrastinate as jp
from traceability.storage.jobs import Runner, enqueue, open_jobs


@pytest.fixture
def service(make_database, make_settings, clock, open_at):
    return open_at(make_settings(make_database("postgresql")), clock)


def sql(service, statement):
    with service.store.writer_engine.begin() as connection:
        connection.execute(sa.text(statement))


def test_waiting_job_is_not_started_before_its_second_cause_is_committed(service):
    """Started earlier it would not see that cause, and the dropped duplicate would be lost work."""
    done = []
    runner = Runner(service, {"assess": lambda _service, args: done.append(args)})
    service.store.write(lambda tx: enqueue(tx, "assess", "k"))

    def second_cause(tx):
        enqueue(tx, "assess", "k")
        assert runner.run_once(1) == 0
        assert done == []

    service.store.write(second_cause)
    assert runner.run_once(1) == 1


def test_two_processes_enqueue_the_same_job(service):
    """The queueing lock decides, without harm to the transaction that comes second."""
    service.store.write(lambda tx: enqueue(tx, "assess", "k"))

    def second(tx):
        lock = jp._lock("k")
        assert not jp._defer(tx, lock, "assess", {"name": "assess", "key": "k", "args": {}})
        enqueue(tx, "assess", "l")

    service.store.write(second)
    with service.store.read() as session:
        assert [len(open_jobs(session, key)) for key in ("k", "l")] == [1, 1]


def test_job_this_worker_lost_sight_of_is_given_back(service):
    """Its outcome could not be written down while the database was away; the worker itself lives on."""
    service.store.write(lambda tx: enqueue(tx, "assess", "k"))
    sql(service, "INSERT INTO procrastinate_workers DEFAULT VALUES")
    sql(
        service,
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)",
    )
    run = jp._Run(service, lambda _name, _args: None, worker=1)

    async def sweep_twice():
        url = sa.make_url(service.store.url).set(drivername="postgresql").render_as_string(hide_password=False)
        app = jp._app(procrastinate.PsycopgConnector(conninfo=url, min_size=1))
        states = []
        async with app.open_async():
            for _ in range(2):
                await jp._sweep(app, run)
                with service.store.read() as session:
                    states += [job.state for job in open_jobs(session, "k")]
        return states

    assert asyncio.run(sweep_twice()) == ["running", "waiting"]
    run.running.add(1)
    assert jp._forgotten(run) == set()


def test_worker_starts_again_after_the_database_was_away(service, monkeypatch):
    stop, real, calls, done = threading.Event(), jp._work, [], []

    async def sometimes(run, stop, **options):
        calls.append(1)
        if len(calls) == 1:
            raise procrastinate.exceptions.ConnectorException
        await real(run, stop, **options)

    monkeypatch.setattr(jp, "_work", sometimes)
    monkeypatch.setattr(jp, "_RESTART_SECONDS", 0.01)
    monkeypatch.setattr(jp, "_SWEEP_SECONDS", 0.25)
    service.store.write(lambda tx: enqueue(tx, "assess", "k"))

    def handle(_service, _args):
        done.append(1)
        threading.Timer(0.5, stop.set).start()

    Runner(service, {"assess": handle}).run_forever(stop)
    assert done == [1]
    assert len(calls) == 2
