"""Retention reports, legal holds, erasures with the entries they concern, and the openings of commitments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _erasures()
    _reports()
    _personal_data()
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    for table in ("capture", "event", "shipment", "document", "assessment"):
        op.add_column(table, sa.Column("erased_index", big, nullable=True))
    op.add_column("capture", sa.Column("last_verdict", sa.String(length=10), nullable=True))


def _erasures() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "erasure",
        sa.Column("entry_index", big, autoincrement=False, nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("entry_index", name=op.f("pk_erasure")),
    )
    op.create_table(
        "erased_entry",
        sa.Column("target_index", big, autoincrement=False, nullable=False),
        sa.Column("erasure_index", big, nullable=False),
        sa.Column("verdict_index", big, nullable=False),
        sa.PrimaryKeyConstraint("target_index", name=op.f("pk_erased_entry")),
    )
    op.create_index(op.f("ix_erased_entry_erasure_index"), "erased_entry", ["erasure_index"], unique=False)


def _reports() -> None:
    moment = sa.DateTime(timezone=True)
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "retention_report",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("party_id", sa.String(length=36), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("counts", json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_report")),
    )
    op.create_index(op.f("ix_retention_report_party_id"), "retention_report", ["party_id"], unique=False)
    op.create_table(
        "retention_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ground", sa.String(length=20), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.Column("erasure_index", big, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_line")),
    )
    op.create_index("ix_retention_line_report", "retention_line", ["report_id", "id"], unique=False)
    op.create_index(op.f("ix_retention_line_owner_id"), "retention_line", ["owner_id"], unique=False)
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("party_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("target", sa.String(length=500), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("placed_by", sa.String(length=100), nullable=False),
        sa.Column("placed_at", moment, nullable=False),
        sa.Column("lifted_by", sa.String(length=100), nullable=True),
        sa.Column("lifted_at", moment, nullable=True),
        sa.Column("lifted_reason", sa.String(length=2000), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index(op.f("ix_legal_hold_party_id"), "legal_hold", ["party_id"], unique=False)


def _personal_data() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "personal_data",
        sa.Column("id", big, nullable=False),
        sa.Column("event_index", big, nullable=False),
        sa.Column("party_id", sa.String(length=36), nullable=False),
        sa.Column("commitment", sa.String(length=44), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("deposited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erasure_index", big, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_data")),
        sa.UniqueConstraint("event_index", "commitment", name=op.f("uq_personal_data_event_index_commitment")),
    )
    op.create_index(op.f("ix_personal_data_party_id"), "personal_data", ["party_id"], unique=False)
