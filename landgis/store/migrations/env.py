"""Alembic's entry: it runs on the connection that the store hands over, inside the store's transaction."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True)
context.run_migrations()
