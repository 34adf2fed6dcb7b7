"""Run by Alembic; `upgrade` hands over the connection, with its transaction."""

from alembic import context

from rasa_handoff.stores.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
