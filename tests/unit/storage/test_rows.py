"""Rows inserted at once: few and many, of every type that is stored, and a failure that leaves none."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from traceability.storage.rows import insert_rows
from traceability.storage.tables import AccessLog, EventItem, Item, LedgerEntry

MANY = 40
MOMENT = datetime(2026, 11, 23, 9, 0, 0, 5000, tzinfo=timezone(timedelta(hours=2)))


def items(count):
    return [{"key": f"k{n}\t\\N", "uri": f"https://é.example/{n}\n", "is_batch": n % 2 == 0} for n in range(count)]


@pytest.mark.parametrize("count", [0, 1, MANY])
def test_rows_are_read_as_they_were_given(service, count):
    links = [
        {"item_id": n, "event_index": n, "role": "observed", "kg": None if n % 2 else Decimal("1250.50")}
        for n in range(count)
    ]
    entries = [{"index": n, "kind": "event", "body": bytes([0, 92, n])} for n in range(count)]
    seen = [
        {"at": MOMENT, "actor": "a", "role": "officer", "action": "read", "subject": str(n), "detail": {"n": [n, "\\"]}}
        for n in range(count)
    ]

    def write(tx):
        for table, rows in ((Item, items(count)), (EventItem, links), (LedgerEntry, entries), (AccessLog, seen)):
            insert_rows(tx.connection, sa.insert(table), rows)

    service.store.write(write)
    with service.store.read() as session:
        found = session.exec(select(Item).order_by(col(Item.id))).all()
        assert [{"key": row.key, "uri": row.uri, "is_batch": row.is_batch} for row in found] == items(count)
        kept = session.exec(select(EventItem).order_by(col(EventItem.event_index))).all()
        assert [(row.item_id, row.kg) for row in kept] == [(row["item_id"], row["kg"]) for row in links]
        bodies = session.exec(select(LedgerEntry.body).order_by(col(LedgerEntry.index))).all()
        assert [bytes(body) for body in bodies] == [row["body"] for row in entries]
        accesses = session.exec(select(AccessLog).order_by(col(AccessLog.id))).all()
        assert [(row.at, row.detail) for row in accesses] == [(MOMENT.astimezone(UTC), row["detail"]) for row in seen]


def test_rows_that_break_a_constraint_are_refused_together(service):
    def write(tx):
        insert_rows(tx.connection, sa.insert(Item), [*items(MANY), *items(1)])

    with pytest.raises(sa.exc.IntegrityError):
        service.store.write(write)
    with service.store.read() as session:
        assert not session.exec(select(Item)).all()
    service.store.write(lambda tx: insert_rows(tx.connection, sa.insert(Item), items(MANY)))


def test_a_naive_moment_is_refused(service):
    row = {"actor": "a", "role": "officer", "action": "read", "subject": "s", "detail": {}}
    naive = datetime(2026, 11, 23, 9)  # noqa: DTZ001  # the subject
    with pytest.raises((ValueError, sa.exc.StatementError)):
        service.store.write(
            lambda tx: insert_rows(tx.connection, sa.insert(AccessLog), [{"at": naive, **row} for _ in range(MANY)])
        )
