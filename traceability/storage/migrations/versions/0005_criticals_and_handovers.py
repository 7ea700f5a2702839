"""Criticals under the key of the batch, so that no record under another id takes a batch off hold; who gave it whom.

What paper a document is becomes a decision of two officers; what one person alone had said counts no more.
An auditor's mandate says which days its records are of.

Written by hand. What was critical before is carried over from the assessments as they are stored.
"""

import hashlib
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LONGEST = 300
#: The hand-over that each holding rests on; further ones of the same batch to the same party come with its next event.
_KNOWN_HANDOVERS = (
    "INSERT INTO handover (item_id, giver_id, receiver_id) SELECT holding.item_id, event.signer_id, holding.party_id "
    'FROM holding JOIN event ON event."index" = holding.event_index WHERE event.signer_id <> holding.party_id'
)
_MADE = (
    'UPDATE holding SET made = true WHERE EXISTS (SELECT 1 FROM event WHERE event."index" = holding.event_index '
    "AND event.signer_id = holding.party_id)"
)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "batch_critical",
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("batch_key", sa.String(length=500), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("subject_kind", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "owner_id", "batch_key", "code", "subject_kind", "subject", name=op.f("pk_batch_critical")
        ),
    )
    op.create_index("ix_batch_critical_subject", "batch_critical", ["owner_id", "subject_kind", "subject"])
    _carry_over(op.get_bind())
    op.create_table(
        "handover",
        sa.Column(
            "item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("giver_id", sa.String(length=36), nullable=False),
        sa.Column("receiver_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "giver_id", "receiver_id", name=op.f("pk_handover")),
        sqlite_with_rowid=False,
    )
    op.execute(_KNOWN_HANDOVERS)
    with op.batch_alter_table("holding") as batch:
        batch.add_column(sa.Column("made", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(_MADE)
    with op.batch_alter_table("holding") as batch:
        batch.alter_column("made", server_default=None)
    with op.batch_alter_table("document") as table:
        table.drop_column("confirmed_type")
    with op.batch_alter_table("mandate") as table:
        table.add_column(sa.Column("records_from", sa.Date(), nullable=True))
        table.add_column(sa.Column("records_to", sa.Date(), nullable=True))


def _carry_over(connection: sa.Connection) -> None:
    assessment = sa.table(
        "assessment",
        *(sa.column(name) for name in ("id", "owner_id", "subject_kind", "subject")),
        *(sa.column(name, _JSON) for name in ("facts", "criticals")),
    )
    found: dict[tuple[str, str, str, str, str], int] = {}
    for row in connection.execute(sa.select(assessment).order_by(assessment.c.id)):
        for batch in _named(row.subject_kind, row.subject, row.facts) if row.criticals else ():
            for code, seen in row.criticals.items():
                found[row.owner_id, batch, code, row.subject_kind, row.subject] = seen
    table = sa.table(
        "batch_critical",
        *(sa.column(name) for name in ("owner_id", "batch_key", "code", "subject_kind", "subject", "assessment_id")),
    )
    names = [column.name for column in table.columns]
    if found:
        rows = [dict(zip(names, (*key, seen), strict=True)) for key, seen in found.items()]
        connection.execute(sa.insert(table), rows)


def _named(kind: str, subject: str, facts: dict[str, Any]) -> set[str]:
    """Return the batches of a run as its facts spell them: an identifier of more than 300 characters by its hash."""
    if kind == "batch":
        return {subject if len(subject) <= LONGEST else f"sha256:{hashlib.sha256(subject.encode()).hexdigest()}"}
    return set(facts.get("shipment", {}).get("batch_ids", []))
