"""Saved sessions: the only user of SQLModel. SQLite by default, PostgreSQL where an office shares.

``Store.open()`` gives the list of sessions; ``store.workspace(id)`` is the one door for edits.
"""

from perfeval.store.database import Store, StoreError, default_database
from perfeval.store.workspace import Listing, Workspace

__all__ = ["Listing", "Store", "StoreError", "Workspace", "default_database"]
