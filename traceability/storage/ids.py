"""Large sets of ids as one parameter: databases limit the number of parameters, not the length of one."""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


def id_set(ids: Iterable[int], dialect: str) -> Any:
    """Return a subquery of the given integer ids, for ``column.in_(...)``."""
    text = json.dumps(sorted(set(ids)))
    if dialect == "sqlite":
        each = sa.func.json_each(sa.literal(text)).table_valued("value")
        return sa.select(sa.cast(each.c.value, sa.Integer))
    parsed = sa.cast(sa.literal(text), postgresql.JSONB)
    each = sa.func.jsonb_array_elements_text(parsed).table_valued("value")
    return sa.select(sa.cast(each.c.value, sa.BigInteger))
