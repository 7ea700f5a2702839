"""Whose records a read under a mandate showed, so that a party's dpo reads the log of its own party and no other.

Filled from what the lines already there say: the importer of the mandate, or the one a private read named. A chain read
by a regulator did not say whose findings it showed; such lines stay with the operator's dpo alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_log_party",
        sa.Column("read_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("read_id", "party_id", name=op.f("pk_access_log_party")),
    )
    with op.batch_alter_table("access_log_party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_log_party_party_id"), ["party_id"], unique=False)
    op.execute(
        "INSERT INTO access_log_party (read_id, party_id) "
        "SELECT access_log.id, mandate.importer_id FROM access_log JOIN mandate ON mandate.id = access_log.mandate_id "
        "WHERE mandate.importer_id IS NOT NULL "
        "UNION SELECT id, party_id FROM access_log WHERE action = 'private' AND party_id IS NOT NULL"
    )
