"""Faults 10 and 11: several writers at once, and one that ends while it holds the log's head."""

import contextlib
import os
import signal
import threading
import time

import pytest
import sqlalchemy as sa

from traceability.errors import Unavailable
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.services.context import open_service

WRITERS = 4
TERMINATE = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def append(service):
    return service.store.write(
        lambda tx: tx.log.append(Entry(kind="rule-set", body=digest(b"x"), at=milliseconds(tx.now)))
    )


def test_one_of_several_owns_a_sqlite_database(place, victim):
    made = place("sqlite")
    order = made.order | {"work": "capture", "again": [], "first": 0, "threads": 1}
    children = [victim.start(order) for _ in range(WRITERS)]
    refused = [child for child in children if not child.listen(20, until="again") and child.told.of("owned")]
    (owner,) = [child for child in children if child not in refused]
    made.learn(owner.kill())
    assert len(refused) == WRITERS - 1
    for child in refused:
        (why,) = child.end().of("owned")
        assert f"`traceability serve`, process {owner.pid}" in why
    assert made.check() > 0


def test_processes_that_start_at_once_share_one_log(place, victim, shot):
    """Each sends documents of its own and the same twenty as all others: one log, and one receipt for each document."""
    made = place("postgresql")
    orders = [[*range(n * 100, n * 100 + 25), *range(1000, 1020)] for n in range(1, WRITERS + 1)]
    children = [
        victim.start(made.order | {"work": "some", "numbers": numbers}, shot=shot.reading) for numbers in orders
    ]
    for child in children:
        assert child.listen(60, until="ready")
    shot.fire(WRITERS)
    for child in children:
        assert child.listen(120, until="closed"), child.end().lines
        told = child.end()
        assert told.refused == []
        made.learn(told)
        made.check(told, {})
    assert len(made.receipts) == WRITERS * 25 + 20
    made.check()


def test_who_is_killed_with_the_lock_lets_the_next_go_on(place, victim):
    made = place("postgresql")
    service = open_service(made.settings)
    try:
        before = append(service)
        child = victim.start(made.order | {"work": "hold"})
        assert child.listen(30, until="holding")
        waiting = threading.Thread(target=append, args=(service,))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive(), "the head is locked"
        child.kill()
        waiting.join(20)
        assert not waiting.is_alive()
        assert append(service) == before + 2, "without a gap"
    finally:
        service.close()
    made.check()


def test_a_terminated_backend_rolls_back_and_the_writer_goes_on(place, administer):
    made = place("postgresql")
    service = open_service(made.settings)

    def cut_off(tx):
        tx.log.append(Entry(kind="rule-set", body=digest(b"lost"), at=milliseconds(tx.now)))
        administer(made.settings.database_url, TERMINATE)
        tx.connection.execute(sa.text("SELECT 1"))

    try:
        first = append(service)
        with pytest.raises(Unavailable):
            service.store.write(cut_off)
        assert service.store._log._tree is None, "what is in memory may not be what is stored"
        assert append(service) == first + 1
    finally:
        service.close()
    made.check()


def test_backends_terminated_at_random_lose_nothing(place, victim, administer):
    made = place("postgresql")
    child = victim.start(made.order | {"work": "capture", "again": [], "first": 0, "threads": 3})
    assert child.listen(60, until="again")
    for _ in range(15):
        child.listen(0.1)
        administer(made.settings.database_url, TERMINATE)
    child.listen(0.3)
    told = child.kill()
    assert told.refused
    assert {line["status"] for line in told.refused} == {503}
    made.learn(told)
    made.check(told)
    made.retry(victim, told)


def test_a_crashed_database_server_recovers_with_all_that_was_acknowledged(place, victim, own_database, administer):
    """SIGKILL of one backend makes PostgreSQL drop every connection and recover from its write-ahead log."""
    made = place("postgresql", own_database)
    child = victim.start(made.order | {"work": "capture", "again": [], "first": 0, "threads": 3})
    assert child.listen(60, until="again")
    for _ in range(2):
        child.listen(0.3)
        crash(administer, own_database)
    child.listen(1, until="acknowledged")
    told = child.kill()
    made.learn(told)
    made.check(told)
    made.retry(victim, told)


def crash(administer, url):
    """Kill one backend, wait until the server has noticed and dropped every connection, and until it answers again."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as held:
        others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        os.kill(held.exec_driver_sql(f"{others} LIMIT 1").scalar_one(), signal.SIGKILL)
        until_it_fails(lambda: held.exec_driver_sql("SELECT 1"))
        held.invalidate()
    for _ in range(600):
        try:
            return administer(url, "SELECT 1")
        except sa.exc.OperationalError:
            time.sleep(0.1)
    raise AssertionError("the server did not come back")


def until_it_fails(ask):
    with contextlib.suppress(sa.exc.DBAPIError):
        for _ in range(600):
            ask()
            time.sleep(0.05)
        raise AssertionError("the server did not notice")
