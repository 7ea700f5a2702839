"""Columns give back what was put in, on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa

from traceability.storage.tables import AccessLog, EventItem, Item


def test_moments_come_back_in_utc(service):
    moment = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    row = {"actor": "a", "role": "r", "action": "x", "subject": "s"}
    service.store.write(lambda tx: tx.session.add(AccessLog(at=moment, **row)))
    with service.store.read() as session:
        at = session.exec(sa.select(AccessLog.at)).scalar_one()
    assert at == moment
    assert at.tzinfo is UTC
    with pytest.raises(sa.exc.StatementError, match="time zone"):
        service.store.write(lambda tx: tx.session.add(AccessLog(at=datetime(2026, 1, 1), **row)))  # noqa: DTZ001  # the case


@pytest.mark.parametrize("literal", ["0.1", "12345678901234567890.123456789", "1000", "1E+3", "0.000000001"])
def test_kilograms_stay_the_decimal_they_are(service, literal):
    def write(tx):
        tx.session.add(Item(id=1, key="k", uri="u", is_batch=True))
        tx.session.add(EventItem(item_id=1, event_index=0, role="observed", kg=Decimal(literal)))
        tx.session.add(EventItem(item_id=1, event_index=1, role="observed"))

    service.store.write(write)
    with service.store.read() as session:
        assert session.exec(sa.select(EventItem.kg).order_by(EventItem.event_index)).scalars().all() == [
            Decimal(literal),
            None,
        ]
