"""Where the ledger entries stand of what had none: readings and links of documents, approved parties, mandates.

Rows from before keep none: the audit says of them that they were recorded before, and holds them to nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_INDEX = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Behind bodies of megabytes: without an index each question about a place reads all of them.
    op.create_index(op.f("ix_capture_entry_index"), "capture", ["entry_index"])
    op.add_column("document", sa.Column("read_index", _INDEX, nullable=True))
    op.add_column("document_link", sa.Column("entry_index", _INDEX, nullable=True))
    op.create_index(op.f("ix_document_link_entry_index"), "document_link", ["entry_index"])
    op.add_column("party", sa.Column("entry_index", _INDEX, nullable=True))
    op.add_column("mandate", sa.Column("entry_index", _INDEX, nullable=True))
