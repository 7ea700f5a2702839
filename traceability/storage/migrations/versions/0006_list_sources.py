"""What each list version was made of: the files its entries name by their key, and what of them waits for a person.

Versions stored before keep the one file their row names. Ledger entries are not touched.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("list_version") as batch:
        batch.add_column(sa.Column("for_review", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("sources", JSON, nullable=True))
    _fill(op.get_bind())
    with op.batch_alter_table("list_version") as batch:
        batch.alter_column("for_review", existing_type=sa.Integer(), nullable=False)
        batch.alter_column("sources", existing_type=JSON, nullable=False)


def _fill(connection: sa.Connection) -> None:
    version = sa.table(
        "list_version", sa.column("id", sa.Integer()), sa.column("source_url", sa.String()),
        sa.column("source_sha256", sa.String()), sa.column("published_at", sa.Date()),
        sa.column("retrieved_at", sa.Date()), sa.column("for_review", sa.Integer()), sa.column("sources", JSON),
    )
    for row in connection.execute(sa.select(version)).all():
        source = {
            "source_key": row.source_sha256[:8], "file": row.source_url.rpartition("/")[2],
            "source_url": row.source_url, "published_at": str(row.published_at or ""),
            "retrieved_at": str(row.retrieved_at or ""), "sha256": row.source_sha256,
        }
        connection.execute(
            sa.update(version).where(version.c.id == row.id).values(for_review=0, sources=[source])
        )
