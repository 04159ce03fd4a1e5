"""Alembic's entry: it runs on the connection that `tenants.schema.migrate` hands over."""

from alembic import context

import rooms
from tenants.base import Base

rooms.load()

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True
)
with context.begin_transaction():
    context.run_migrations()
