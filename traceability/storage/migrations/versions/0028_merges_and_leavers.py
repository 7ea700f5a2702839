"""Two records of one party, parties that left, and the open work of people who left."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "party_merge",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("act", sa.String(length=6), nullable=False),
        sa.Column("kept_id", sa.String(length=36), nullable=False),
        sa.Column("merged_id", sa.String(length=36), nullable=False),
        sa.Column("undoes", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_by", sa.String(length=100), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_reason", sa.String(length=2000), nullable=True),
        sa.Column("entry_index", _BIG, nullable=True),
        sa.Column("undone_index", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["kept_id"], ["party.id"], name=op.f("fk_party_merge_kept_id_party")),
        sa.ForeignKeyConstraint(["merged_id"], ["party.id"], name=op.f("fk_party_merge_merged_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_merge")),
    )
    for name in ("kept_id", "merged_id", "state"):
        op.create_index(op.f(f"ix_party_merge_{name}"), "party_merge", [name])
    op.create_table(
        "party_departure",
        sa.Column("party_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("left_by", sa.String(length=100), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_party_departure_party_id_party")),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_party_departure")),
    )
    op.create_table(
        "work_handover",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("from_user", sa.String(length=100), nullable=False),
        sa.Column("to_user", sa.String(length=100), nullable=False),
        sa.Column("handed_by", sa.String(length=100), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", "from_user", name=op.f("pk_work_handover")),
    )
    op.create_index(op.f("ix_work_handover_to_user"), "work_handover", ["to_user"])
