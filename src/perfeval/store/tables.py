"""The tables. A document (JSON, figures as text) is the truth; columns beside it are a cache.

List columns hold money as integer 分, scores as integer 10⁻⁴. They are labelled with the engine's
version and the set's hash, rebuilt on a mismatch, and never read as truth.

Documents go in and out as JSON text (see :func:`.database.as_json`), so that none is parsed twice.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

Document = JSON().with_variant(JSONB(), "postgresql")


class Moment(TypeDecorator[datetime]):
    """A moment in UTC on both databases: SQLite keeps no zone, so none but UTC may go in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _document() -> Any:
    return Field(sa_column=Column(Document, nullable=False))


def _owner() -> Any:
    key = ForeignKey("session.id", ondelete="CASCADE")
    return Field(sa_column=Column(String, key, primary_key=True))


class SessionRow(SQLModel, table=True):
    """自评任务: what is not in an evaluation, the journal's head and count, and list columns."""

    __tablename__ = "session"

    id: str = Field(primary_key=True)
    unit: str
    year: int
    stage: str
    document: dict[str, Any] = _document()
    head: str
    records: int
    changed_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    changed_by: str = ""
    deleted_at: datetime | None = Field(default=None, sa_column=Column(Moment, nullable=True))


class EvaluationRow(SQLModel, table=True):
    """One evaluation: the department's (key ``department``) or a project's (``projects/<id>``)."""

    __tablename__ = "evaluation"

    session_id: str = _owner()
    key: str = Field(primary_key=True)
    document: dict[str, Any] = _document()
    name: str = ""
    budget: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    executed: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    total: int | None = None
    filled: int | None = None
    grade: str | None = None
    engine: str = ""
    set_hash: str = ""


class JournalRow(SQLModel, table=True):
    """One record of the hash chain. ``role`` is the database role that wrote it, on PostgreSQL.

    The database fills the role in itself; it is no part of the record, so none of its hash.
    """

    __tablename__ = "journal"

    session_id: str = _owner()
    n: int = Field(primary_key=True)
    record: str = Field(sa_column=Column(Text, nullable=False))
    role: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))


class PinnedSetRow(SQLModel, table=True):
    """An indicator set by its content: what a session was scored with, whatever files change."""

    __tablename__ = "pinned_set"

    hash: str = Field(primary_key=True)
    set_id: str
    text: str = Field(sa_column=Column(Text, nullable=False))


def _table(model: type[SQLModel]) -> Any:
    return model.__table__  # type: ignore[attr-defined]


SESSION, EVALUATION = _table(SessionRow), _table(EvaluationRow)
JOURNAL, PINNED = _table(JournalRow), _table(PinnedSetRow)
"""The tables as statements name them."""
