"""The day that decides the calendar year of a shipment record, in a column of its own: by it a year is found quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_STATED = {
    "sqlite": "COALESCE(json_extract(record, '$.released_on'), date(received_at))",
    "postgresql": "COALESCE((record ->> 'released_on')::date, (received_at AT TIME ZONE 'UTC')::date)",
}


def upgrade() -> None:
    op.add_column("shipment", sa.Column("released_on", sa.Date(), nullable=True))
    op.execute(f"UPDATE shipment SET released_on = {_STATED[op.get_bind().dialect.name]}")  # noqa: S608  # our own words
    with op.batch_alter_table("shipment") as table:
        table.alter_column("released_on", nullable=False)
    op.create_index("ix_shipment_released", "shipment", ["importer_id", "latest", "released_on"])
