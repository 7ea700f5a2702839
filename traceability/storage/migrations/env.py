"""Alembic's environment: runs the migrations on a connection that ``storage/migrate.py`` hands over."""

from alembic import context

from traceability.storage.migrate import configuration

context.configure(connection=context.config.attributes["connection"], **configuration())
with context.begin_transaction():
    context.run_migrations()
