"""The entry by which an admin approved a further key of a party; those approved before stand in none."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("party_key") as table:
        table.add_column(sa.Column("approved_index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
