"""Mitigation plans and grievances of importers, version by version; and apart, who reported a grievance."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "case_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("record", _JSON, nullable=False),
        sa.Column("written_by", sa.String(length=100), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.Column("erased_index", _BIG, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_version")),
        sa.UniqueConstraint("case_id", "version", name=op.f("uq_case_version_case_id_version")),
    )
    op.create_index("ix_case_version_owner", "case_version", ["owner_id", "kind", "latest"])
    op.create_table(
        "grievance_reporter",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("identity", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erasure_index", _BIG, nullable=True),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_grievance_reporter")),
    )
    op.create_index(op.f("ix_grievance_reporter_owner_id"), "grievance_reporter", ["owner_id"])
