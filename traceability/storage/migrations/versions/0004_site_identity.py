"""Sites by their normalised identity: one place has one owner, however its URI is spelled (epcis.md 4).

Rows of another party that took a place over by a second spelling stay, as they were signed; they no longer count, since
a place belongs to the party that registered it first.
"""

import sqlalchemy as sa
from alembic import op

from traceability.events.identifiers import normalise

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SITE = sa.table("site", sa.column("id", sa.Integer()), sa.column("uri", sa.String()), sa.column("key", sa.String()))


def upgrade() -> None:
    with op.batch_alter_table("site") as site:
        site.add_column(sa.Column("key", sa.String(length=1500), nullable=True))
    connection = op.get_bind()
    for row in connection.execute(sa.select(_SITE.c.id, _SITE.c.uri)).all():
        connection.execute(_SITE.update().where(_SITE.c.id == row.id).values(key=normalise(row.uri)))
    with op.batch_alter_table("site") as site:
        site.alter_column("key", existing_type=sa.String(length=1500), nullable=False)
        site.drop_index("ix_site_uri")
        site.create_index("ix_site_key", ["key"], unique=False)
