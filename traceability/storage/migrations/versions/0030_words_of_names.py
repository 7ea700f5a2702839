"""Words of names by how they begin and end: what a misspelt word may have been meant to be."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "match_word",
        sa.Column("side", sa.String(length=1), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("word", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("side", "part", "word", name=op.f("pk_match_word")),
        sqlite_with_rowid=False,
    )
