"""Names of lists and of whoever was screened by the keys they are looked up by, and what a new list version led to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "match_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=1), nullable=False),
        sa.Column("list_id", sa.String(length=60), nullable=False),
        sa.Column("owner", sa.String(length=500), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("folded", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_name")),
    )
    op.create_index("ix_match_name_owner", "match_name", ["side", "list_id", "owner"])
    op.create_index("ix_match_name_folded", "match_name", ["side", "folded"])
    op.create_table(
        "match_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=1), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("borne", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_key")),
        sa.UniqueConstraint("side", "key", name=op.f("uq_match_key_side_key")),
    )
    op.create_table(
        "match_posting",
        sa.Column("key_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("name_id", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key_id", "name_id", name=op.f("pk_match_posting")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "match_indexed",
        sa.Column("side", sa.String(length=1), nullable=False),
        sa.Column("version_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("matcher", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("side", "version_id", name=op.f("pk_match_indexed")),
    )
    with op.batch_alter_table("list_version") as table:
        table.add_column(sa.Column("delta", _JSON, nullable=True))
