"""Links of incidents to batches as rows of their own, each of one importer: another's officer neither reads nor ends it.

A link made before is its linker's: the importer is that of the account or API key that bears the name. One whose linker
is not known any more is nobody's to see, and keeps its batch as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_LINKS = (
    "INSERT INTO incident_link (incident_id, owner_id, batch_key, linked_by, linked_at, reason) "
    "SELECT id, coalesce((SELECT min(party_id) FROM app_user WHERE app_user.name = linked_by), "
    "(SELECT min(party_id) FROM api_key WHERE api_key.created_by = linked_by)), "
    "linked_batch, coalesce(linked_by, ''), at, coalesce(linked_reason, '') FROM incident WHERE linked_batch IS NOT NULL"
)


def upgrade() -> None:
    op.create_table(
        "incident_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=True),
        sa.Column("batch_key", sa.String(length=500), nullable=False),
        sa.Column("linked_by", sa.String(length=100), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_link")),
    )
    op.create_index(op.f("ix_incident_link_incident_id"), "incident_link", ["incident_id"])
    op.create_index(op.f("ix_incident_link_batch_key"), "incident_link", ["batch_key"])
    op.execute(_LINKS)
    with op.batch_alter_table("incident") as table:
        table.drop_column("linked_batch")
        table.drop_column("linked_by")
        table.drop_column("linked_reason")
