"""Counter-signatures: who else signed an event that stands in the ledger already."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counter_signature",
        sa.Column("entry_index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("event_index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("signer_id", sa.String(length=36), nullable=False),
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("capture_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("entry_index", name=op.f("pk_counter_signature")),
        sa.UniqueConstraint("event_index", "signer_id", name=op.f("uq_counter_signature_event_index_signer_id")),
    )
    with op.batch_alter_table("counter_signature", schema=None) as batch_op:
        batch_op.create_index("ix_counter_signature_party", ["signer_id", "event_index"], unique=False)
        batch_op.create_index("ix_counter_signature_key", ["key_id", "entry_index"], unique=False)
