"""Whom a request asks, in a column of its own: by it the party asked finds what is asked of it."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_version", sa.Column("addressee_id", sa.String(length=36), nullable=True))
    op.create_index("ix_case_version_addressee", "case_version", ["addressee_id", "latest"])
