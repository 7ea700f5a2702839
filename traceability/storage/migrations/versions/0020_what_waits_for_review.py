"""Rows of a list's source that a person has to read, with the version they belong to, and who read them when.

Of versions loaded before, only how many there were is known: they have no rows here. The same table fetched again on a
later day is a version of its own, since it says that nothing has changed until then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("entry_key", sa.String(length=200), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("raw", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("lost", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("read_by", sa.String(length=100), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("entry_index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["version_id"], ["list_version.id"], name=op.f("fk_list_review_version_id_list_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_review")),
    )
    op.create_index(op.f("ix_list_review_version_id"), "list_review", ["version_id"])
    with op.batch_alter_table("list_version") as table:
        table.drop_constraint(op.f("uq_list_version_list_id_table_sha256"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_list_version_list_id_table_sha256_retrieved_at"), ["list_id", "table_sha256", "retrieved_at"]
        )
