"""Reading saved sessions: head, session, journal. What cannot be read is told, never guessed.

Statements are built once: what one says never changes, only what is bound to it.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, Text, bindparam, cast, select

from perfeval.errors import PerfevalError
from perfeval.session.change import PathError, split
from perfeval.session.journal import Record
from perfeval.session.model import Session
from perfeval.store.acts import Known
from perfeval.store.database import StoreError
from perfeval.store.tables import EVALUATION, JOURNAL, SESSION

DEPARTMENT = "department"
"""The key of the department's evaluation; a project's is ``projects/<id>``."""

OF_SESSION: Any = bindparam("of_session")
_HEAD = (SESSION.c.id, SESSION.c.head, SESSION.c.records, SESSION.c.deleted_at)
_HEADER = cast(SESSION.c.document, Text).label("text")
_GET_HEAD = select(*_HEAD).where(SESSION.c.id == OF_SESSION)
_LOCK = _GET_HEAD.with_for_update()
_GET_SESSION = select(*_HEAD, _HEADER).where(SESSION.c.id == OF_SESSION)
_GET_EVALUATIONS = (
    select(EVALUATION.c.key, cast(EVALUATION.c.document, Text).label("text"))
    .where(EVALUATION.c.session_id == OF_SESSION)
    .order_by(EVALUATION.c.key)
)
_GET_RECORDS = (
    select(JOURNAL.c.record)
    .where((JOURNAL.c.session_id == OF_SESSION) & (JOURNAL.c.n > bindparam("after")))
    .order_by(JOURNAL.c.n)
)
_GET_ROLES = select(JOURNAL.c.n, JOURNAL.c.role).where(JOURNAL.c.session_id == OF_SESSION)


def unknown(session_id: str) -> PerfevalError:
    """Return what is raised for an id nothing is saved under."""
    told = f"没有编号为“{session_id}”的自评任务。请核对编号"
    return PerfevalError(told, act="list sessions")


def is_saved(connection: Connection, session_id: str) -> bool:
    """Whether there is a session of this id, also one that is deleted."""
    return connection.execute(_GET_HEAD, {"of_session": session_id}).first() is not None


def read_head(connection: Connection, session_id: str, *, locked: bool = False) -> Row[Any]:
    """Return a session's head, count and deletion; ``locked`` keeps other writers waiting.

    Raises :class:`PerfevalError` for an unknown id.
    """
    query = _LOCK if locked else _GET_HEAD
    row = connection.execute(query, {"of_session": session_id}).first()
    if row is None:
        raise unknown(session_id)
    return row


def read_known(connection: Connection, session_id: str) -> Known:
    """Return a session as it is saved.

    Raises :class:`PerfevalError` for an unknown id, :class:`StoreError` for a broken document.
    """
    row = connection.execute(_GET_SESSION, {"of_session": session_id}).first()
    if row is None:
        raise unknown(session_id)
    rows = connection.execute(_GET_EVALUATIONS, {"of_session": session_id})
    documents = {one.key: one.text for one in rows}
    parts = [row.text.rstrip()[:-1]]
    if DEPARTMENT in documents:
        parts.append(f'"{DEPARTMENT}":{documents.pop(DEPARTMENT)}')
    try:
        # The documents are put together as text and parsed once, by what validates them.
        projects = [f"{json.dumps(_project(key))}:{text}" for key, text in documents.items()]
        text = f'{",".join(parts)},"projects":{{{",".join(projects)}}}}}'
        with _collector_paused():
            session = Session.model_validate_json(text)
    except (ValueError, PathError) as error:
        told = f"自评任务“{session_id}”的内容读不出来，可能被改动或由更新的程序保存"
        raise StoreError(f"{told}。请升级 perfeval，或从 backups 文件夹恢复") from error
    return Known(session, row.head, row.records)


def _project(key: str) -> str:
    """Return the id of the project whose row has ``key``; ``ValueError`` for no such key."""
    _, project = split(key)
    return project


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A session is many small objects that all stay; scanning them while they are made is waste.

    Freezing and unfreezing hands them to the oldest generation, unscanned.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        gc.enable()


def read_records(connection: Connection, session_id: str, *, after: int) -> list[Record]:
    """Return the records after number ``after``. Raises :class:`StoreError` for a broken one."""
    texts = connection.execute(_GET_RECORDS, {"of_session": session_id, "after": after}).scalars()
    records: list[Record] = []
    try:
        for text in texts:
            records.append(Record.model_validate_json(text))
    except ValidationError as error:
        broken = f"第 {after + len(records) + 1} 条修改记录"
        told = f"自评任务“{session_id}”的{broken}读不出来，可能被改动或由更新的程序保存"
        raise StoreError(f"{told}。请升级 perfeval，或从 backups 文件夹恢复") from error
    return records


def read_roles(connection: Connection, session_id: str) -> dict[int, str]:
    """Return the database role beside each record that has one (PostgreSQL), by its number."""
    rows = connection.execute(_GET_ROLES, {"of_session": session_id})
    return {row.n: row.role for row in rows if row.role}
