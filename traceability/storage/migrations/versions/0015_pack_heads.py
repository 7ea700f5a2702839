"""The head that the first evidence pack of a size showed, so that every later one of that size shows the same."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pack_head",
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("timestamps", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_pack_head")),
    )
