"""Reminders of old lists, the addresses of people they go to, and finding an entry of a version by its key."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.String(length=60), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=300), nullable=False),
        sa.Column(
            "attempts",
            sa.JSON().with_variant(postgresql.JSONB(none_as_null=False, astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_reminder")),
    )
    op.create_index("ix_list_reminder_user", "list_reminder", ["user_id", "ended_at"])
    op.create_index("ix_list_reminder_next", "list_reminder", ["ended_at", "next_at"])
    op.create_index("ix_list_entry_version_key", "list_entry", ["version_id", "entry_key"])
    op.add_column("app_user", sa.Column("email", sa.String(length=254), nullable=True))
