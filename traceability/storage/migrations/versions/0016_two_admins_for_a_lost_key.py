"""Who was the first to check an application after a lost key that nobody with an account has made."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("key_application", sa.Column("checked_by", sa.String(length=100), nullable=True))
