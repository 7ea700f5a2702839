"""The whole screening record: whose it is, who asked, by which settings; and what a judgement on a hit looked at.

Of screenings recorded before, the owner is that of the run they belong to, whose entry is the one right after theirs.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from traceability.storage.types import json_type

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TEXTS = {
    "owner_id": 36, "asked_by": 100, "kind": 20, "party_id": 500, "threshold": 10, "settings_hash": 64, "status": 12,
    "failure": 300,
}  # fmt: skip
_OWNERS = (
    "UPDATE screening SET owner_id = (SELECT assessment.owner_id FROM assessment "
    "WHERE assessment.entry_index = screening.entry_index + 1)"
)
_CHUNK = 500


def upgrade() -> None:
    for name, length in _TEXTS.items():
        op.add_column("screening", sa.Column(name, sa.String(length=length), nullable=True))
    op.add_column("screening", sa.Column("known_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_screening_owner", "screening", ["owner_id", "id"])
    op.create_index(op.f("ix_screening_party_id"), "screening", ["party_id"])
    op.add_column("decision", sa.Column("sides", json_type(), nullable=True))
    op.create_table(
        "screening_hit",
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.String(length=60), nullable=False),
        sa.Column("entry_key", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["screening.id"], name=op.f("fk_screening_hit_screening_id_screening")
        ),
        sa.PrimaryKeyConstraint("screening_id", "list_id", "entry_key", name=op.f("pk_screening_hit")),
    )
    op.create_index("ix_screening_hit_entry", "screening_hit", ["list_id", "entry_key", "screening_id"])
    op.execute(_OWNERS)
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    """Take the party and the entries met from what the rows say themselves."""
    table = sa.table(
        "screening", sa.column("id", sa.Integer), sa.column("subject", json_type()), sa.column("hits", json_type()),
        sa.column("party_id", sa.String),
    )  # fmt: skip
    hits = sa.table("screening_hit", *(sa.column(name) for name in ("screening_id", "list_id", "entry_key")))
    for rows in _chunks(connection, table):
        parties = [{"number": row.id, "party": row.subject["party_id"][:500]} for row in rows if _party(row)]
        if parties:
            change = sa.update(table).where(table.c.id == sa.bindparam("number"))
            connection.execute(change.values(party_id=sa.bindparam("party")), parties)
        met = {(row.id, hit["list_id"], hit["entry_key"][:500]) for row in rows for hit in row.hits}
        if met:
            values = [dict(zip(("screening_id", "list_id", "entry_key"), one, strict=True)) for one in sorted(met)]
            connection.execute(sa.insert(hits), values)


def _party(row: Any) -> bool:
    return bool(row.subject.get("party_id"))


def _chunks(connection: sa.Connection, table: Any) -> Iterator[list[Any]]:
    last = 0
    while True:
        query = sa.select(table.c.id, table.c.subject, table.c.hits).where(table.c.id > last)
        rows = list(connection.execute(query.order_by(table.c.id).limit(_CHUNK)))
        if not rows:
            return
        yield rows
        last = rows[-1].id
