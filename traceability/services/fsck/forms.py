"""Values in the one form we write them in: SQLite keeps whatever it is given, and compares it as it stands.

A truth value of 3 reads as true and is not found by who asks for true; a moment written otherwise sorts elsewhere.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from traceability.services.fsck.audit import TABLES, Audit
from traceability.services.fsck.covered import FOUND

_DAY = "[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]"
_MOMENT = f"{_DAY} [0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]"
_FORMS: Mapping[type[Any], str] = {
    sa.Boolean: "{} IN (0, 1)",
    sa.DateTime: f"{{}} GLOB '{_MOMENT}'",
    sa.Date: f"{{}} GLOB '{_DAY}'",
    sa.LargeBinary: "typeof({}) = 'blob'",
    sa.Integer: "typeof({}) = 'integer'",
    sa.Float: "typeof({}) = 'real'",
    sa.String: "typeof({}) = 'text'",
    sa.JSON: "typeof({}) = 'text'",
}
_RAW = ("ledger_entry", "ledger_tile")  # `log` reads these as they stand


def check_forms(audit: Audit) -> None:
    """Check on SQLite that each value has the type and spelling of its column; PostgreSQL sees to it itself."""
    connection = audit.session.connection()
    if connection.dialect.name != "sqlite":
        return
    for name in FOUND:
        wrong = {column.name: condition for column in TABLES[name].columns for condition in _wrong(column)}
        if name in _RAW or not wrong:
            continue
        counts = ", ".join(f"count(CASE WHEN {condition} THEN 1 END)" for condition in wrong.values())
        found = connection.exec_driver_sql(f'SELECT {counts} FROM "{name}"').one()  # noqa: S608  # names of our own
        for column, count in zip(wrong, found, strict=True):
            if count:
                audit.problem(name, None, f"{column}: {count} values are not of the column's form")


def _wrong(column: Any) -> Iterator[str]:
    """Yield the condition under which a value of the column is not in its form; none where every value is."""
    name, kind = f'"{column.name}"', column.type
    kind = kind.impl_instance if isinstance(kind, sa.TypeDecorator) else kind
    for one, form in _FORMS.items():
        if isinstance(kind, one):
            yield f"{name} IS NOT NULL AND NOT {form.format(name)}"
            return
