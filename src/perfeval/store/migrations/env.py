"""Alembic's entry: runs the versions on the connection the store hands over."""

from alembic import context
from sqlmodel import SQLModel

from perfeval.store import tables  # noqa: F401  registers the tables

context.configure(
    connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata
)
with context.begin_transaction():
    context.run_migrations()
