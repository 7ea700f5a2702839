"""The findings a judgement was proposed on, kept where its confirmation writes down those of its own day."""

import sqlalchemy as sa
from alembic import op

from traceability.storage.types import json_type

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decision", sa.Column("proposed", json_type(), nullable=True))
