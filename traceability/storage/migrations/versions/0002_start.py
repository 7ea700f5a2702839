"""The head row of an empty log (RFC 6962, section 2.1), and on PostgreSQL the job queue's own tables.

Written by hand. The queue's SQL comes with its package; its hash says which text this version of the schema stands for.
"""

import hashlib
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

QUEUE_SCHEMA = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    head = sa.table(
        "log_head",
        sa.column("id", sa.Integer()),
        sa.column("size", sa.BigInteger()),
        sa.column("root", sa.LargeBinary()),
        sa.column("at", sa.DateTime(timezone=True)),
    )
    op.bulk_insert(head, [{"id": 1, "size": 0, "root": hashlib.sha256(b"").digest(), "at": EPOCH}])
    if op.get_bind().dialect.name == "postgresql":
        op.get_bind().connection.cursor().execute(queue_schema())
        op.execute("CREATE INDEX ix_procrastinate_jobs_lock ON procrastinate_jobs (lock)")


def queue_schema() -> str:
    """Return the queue's schema; refuse any other text than the one tested with this migration."""
    from procrastinate.schema import SchemaManager

    text = SchemaManager.get_schema()
    found = hashlib.sha256(text.encode()).hexdigest()
    if found != QUEUE_SCHEMA:
        raise ValueError(f"expected the schema of procrastinate 3.10 (sha256 {QUEUE_SCHEMA}); the installed one is {found}")
    return text
