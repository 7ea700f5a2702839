"""Which key signs the log, the records of its changes, and its second signatures."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("log_head", sa.Column("key", sa.Text(), nullable=True))
    with op.batch_alter_table("cosignature") as table:  # a verifier key of ML-DSA-44 has about 1 800 characters
        table.alter_column("witness", existing_type=sa.String(500), type_=sa.String(2500), existing_nullable=False)
    op.create_table(
        "log_change",
        sa.Column(
            "entry_index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("entry_index", name=op.f("pk_log_change")),
    )
    op.create_table(
        "second_signature",
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=2500), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", "key", name=op.f("pk_second_signature")),
    )
