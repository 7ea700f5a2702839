"""Column types that keep their promise on SQLite and PostgreSQL alike."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

_KILOGRAMS = 40


class UTCDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite gives back naive values, so the zone is put on again; a naive value is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"expected a moment with a time zone, got {value.isoformat()}")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Kilograms(TypeDecorator[Decimal]):
    """Kilograms as decimal text: SQLite has no exact decimal, and a float would lose the literal weight."""

    impl = sa.String(_KILOGRAMS)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        text = f"{value:f}"
        # Beyond what the column holds, thirty significant digits: the event itself keeps every one.
        return text if len(text) <= _KILOGRAMS else f"{value:.30g}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class JsonText(TypeDecorator[str]):
    """A value of a JSON column given as the text that it is, so that nothing has to write it once more."""

    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(json_type())

    def bind_processor(self, dialect: Dialect) -> None:
        return None


def json_type(*, none_as_null: bool = False) -> Any:
    """Return JSON that is JSONB on PostgreSQL and text on SQLite; None is its ``null``, or none of its values."""
    return sa.JSON(none_as_null).with_variant(postgresql.JSONB(none_as_null), "postgresql")


BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
