"""The whole life of parties' keys: every revocation, applications after a lost key, and which key signed what.

Besides: the names that senders give to their captures (Idempotency-Key).

Revocations of before are found again from their ledger entries: a body is written down only where its hash is the one
that the entry holds. Sites and profiles get the key that their entry names.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010_party_keys"
down_revision = "0012"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_ENTRY = sa.table("ledger_entry", sa.column("index", _BIG), sa.column("kind", sa.String()), sa.column("body", sa.LargeBinary()))
_KEY = sa.table(
    "party_key", sa.column("id", sa.String()), sa.column("kid", sa.String()), sa.column("thumbprint", sa.String()),
    sa.column("compromised_since", _BIG), sa.column("reason", sa.String()),
)
_REVOCATION = sa.table(
    "key_revocation", sa.column("entry_index", _BIG), sa.column("key_id", sa.String()),
    sa.column("compromised_since", _BIG), sa.column("body", sa.LargeBinary()), sa.column("salt", sa.LargeBinary()),
    sa.column("reason", sa.String()), sa.column("revoked_by", sa.String()),
    sa.column("revoked_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    _revocations()
    _applications()
    op.create_table(
        "idempotency_key",
        sa.Column("party_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "key", name=op.f("pk_idempotency_key")),
    )
    for name in ("site", "importer_profile"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("key_id", sa.String(length=36), nullable=True))
    with op.batch_alter_table("site") as table:
        table.create_index("ix_site_key_id", ["key_id"], unique=False)
    with op.batch_alter_table("counter_signature") as table:
        table.drop_constraint("uq_counter_signature_event_index_signer_id", type_="unique")
        table.create_unique_constraint(
            "uq_counter_signature_event_index_signer_id_key_id", ["event_index", "signer_id", "key_id"]
        )
    _fill(op.get_bind())


def _revocations() -> None:
    op.create_table(
        "key_revocation",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("compromised_since", _BIG, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("revoked_by", sa.String(length=100), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["party_key.id"], name=op.f("fk_key_revocation_key_id_party_key")),
        sa.PrimaryKeyConstraint("entry_index", name=op.f("pk_key_revocation")),
    )
    with op.batch_alter_table("key_revocation") as table:
        table.create_index("ix_key_revocation_key_id", ["key_id"], unique=False)


def _applications() -> None:
    texts = [("kid", 500), ("alg", 10), ("thumbprint", 64)]
    op.create_table(
        "key_application",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("party_id", sa.String(length=36), nullable=False),
        *(sa.Column(name, sa.String(length=length), nullable=False) for name, length in texts),
        sa.Column("jwk", _JSON, nullable=False),
        sa.Column("proof", _JSON, nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("applicant", sa.String(length=100), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("method", sa.String(length=20), nullable=True),
        sa.Column("decided_reason", sa.String(length=2000), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_key_application_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_application")),
    )
    with op.batch_alter_table("key_application") as table:
        table.create_index("ix_key_application_party_id", ["party_id"], unique=False)
        table.create_index("ix_key_application_state", ["state"], unique=False)


def _fill(connection: Any) -> None:
    keys = {row.thumbprint: row for row in connection.execute(sa.select(_KEY)).all()}
    for name in ("site", "importer_profile"):
        table = sa.table(name, sa.column("entry_index", _BIG), sa.column("key_id", sa.String()))
        wanted = sa.select(_ENTRY).where(_ENTRY.c.index.in_(sa.select(table.c.entry_index)))
        for entry in connection.execute(wanted).all():
            key = keys.get(json.loads(entry.body).get("key"))
            if key is not None:
                connection.execute(table.update().where(table.c.entry_index == entry.index).values(key_id=key.id))
    revoked = [row for row in (_revocation(entry, keys) for entry in _ended(connection)) if row is not None]
    if revoked:
        connection.execute(_REVOCATION.insert(), revoked)


def _ended(connection: Any) -> Iterator[Any]:
    yield from connection.execute(sa.select(_ENTRY).where(_ENTRY.c.kind == "key-revoke").order_by(_ENTRY.c.index)).all()


def _revocation(entry: Any, keys: dict[str, Any]) -> dict[str, Any] | None:
    said = json.loads(entry.body)
    key: Any = keys.get(said.get("key"))
    # A border that a later report moved back is told by no row, only by the hash: every index before is tried.
    for since in () if key is None else (None, key.compromised_since, *range(entry.index + 1)):
        record = {"kid": key.kid, "compromised_since_index": since, "at": said["at"]}
        body = json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()
        if base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode().rstrip("=") == said["body"]:
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=said["at"])
            return {
                "entry_index": entry.index, "key_id": key.id, "compromised_since": since, "body": body, "salt": b"",
                "reason": key.reason or "not kept", "revoked_by": "not kept", "revoked_at": at,
            }  # fmt: skip
    return None
