"""The list of saved sessions, from cached columns that are made anew where they are out of date."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Text, cast, select

from perfeval import __version__
from perfeval.errors import PerfevalError, Problem
from perfeval.numbers import Exact
from perfeval.scoring.engine import score_department, score_project
from perfeval.session.change import split
from perfeval.session.model import Session
from perfeval.store.database import StoreError
from perfeval.store.reading import DEPARTMENT, is_saved, read_head, read_known, unknown
from perfeval.store.sets import Finder, PinnedSets
from perfeval.store.tables import EVALUATION, SESSION
from perfeval.store.writing import Part, from_cache, keys_of, set_deleted, write_columns

if TYPE_CHECKING:
    from perfeval.store.database import Store

_LABELS = (EVALUATION.c.engine, EVALUATION.c.set_hash)
_DOCUMENT = cast(SESSION.c.document, Text).label("text")
_SHOWN = [column for column in SESSION.c if column is not SESSION.c.document]
"""A document is read as text: one that was damaged must not hide the others from the list."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A line of 自评任务: who, which year, how far, worth what (cached), changed when (UTC)."""

    id: str
    unit: str
    year: int
    stage: str
    total: Exact | None
    filled: Exact | None
    grade: str | None
    changed_at: datetime
    changed_by: str


def listings(store: Store, *, deleted: bool = False) -> list[Listing]:
    """Return the sessions, last changed first; the deleted ones where asked for.

    Scores come from the cached columns; those of another engine or set are made anew first, and
    left out where that cannot be done. Raises :class:`StoreError` for rows that cannot be read.
    """
    rows = _listed(store, deleted)
    if any(_is_stale(row) for row in rows):
        try:
            refresh_columns(store)
            rows = _listed(store, deleted)
        except StoreError as error:  # locked, full or read-only: the list itself is readable
            store.problems.append(Problem("自评任务", f"得分没有更新：{error}", severity="警告"))
    return [_listing(row, None if _is_stale(row) else row) for row in rows]


def _listed(store: Store, deleted: bool) -> list[Row[Any]]:
    columns = (EVALUATION.c.total, EVALUATION.c.filled, EVALUATION.c.grade, *_LABELS)
    gone = SESSION.c.deleted_at.is_not(None) if deleted else SESSION.c.deleted_at.is_(None)
    mine = (EVALUATION.c.session_id == SESSION.c.id) & (EVALUATION.c.key == DEPARTMENT)
    query = (
        select(*_SHOWN, _DOCUMENT, *columns)
        .select_from(SESSION.outerjoin(EVALUATION, mine))
        .where(gone)
        .order_by(SESSION.c.changed_at.desc(), SESSION.c.id)
    )
    try:
        with store.reading() as connection:
            return list(connection.execute(query))
    except ValueError as error:  # a moment that is none
        told = "自评任务的列表读不出来，数据库被改动或损坏"
        raise StoreError(f"{told}。请从 backups 文件夹恢复最近的一份") from error


def _listing(row: Row[Any], cached: Row[Any] | None) -> Listing:
    return Listing(
        id=row.id,
        unit=row.unit,
        year=row.year,
        stage=row.stage,
        total=from_cache(cached.total) if cached else None,
        filled=from_cache(cached.filled) if cached else None,
        grade=cached.grade if cached else None,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


def _is_stale(row: Row[Any]) -> bool:
    """Whether cached columns were made by another engine or with a set not pinned (any more)."""
    if row.engine is None:  # no such evaluation
        return False
    return row.engine != __version__ or row.set_hash not in _pinned(row.text)


def _pinned(document: str) -> Collection[str]:
    """Return the hashes of the sets a session's document names; none where it cannot be read."""
    try:
        return set(json.loads(document).get("pinned", {}).values())
    except (ValueError, AttributeError, TypeError, RecursionError):
        return ()


def refresh_columns(store: Store) -> int:
    """Rebuild the cached columns that another engine or set has made; return how many sessions.

    A session that cannot be read or scored any more (a set this program cannot read) shows no
    score; what is wrong with it is told where it is opened.
    """
    query = select(SESSION.c.id, _DOCUMENT, *_LABELS).join(EVALUATION)
    with store.reading() as connection:
        stale = {row.id for row in connection.execute(query) if _is_stale(row)}
    sets = PinnedSets()
    for session_id in sorted(stale):
        with store.writing() as connection:
            read_head(connection, session_id, locked=True)
            _refresh_session(connection, session_id, sets)
    return len(stale)


def _refresh_session(connection: Connection, session_id: str, sets: PinnedSets) -> None:
    try:
        session = read_known(connection, session_id).session
    except StoreError:
        return
    sets.load(connection, session)
    for key in keys_of(session):
        part: Part | None = None
        with suppress(PerfevalError):  # one that cannot be scored must not hide the others
            part = score_part(session, key, sets.of(session))
        write_columns(connection, session, key, part)


def score_part(session: Session, key: str, find: Finder) -> Part:
    """Score the evaluation of one row."""
    if key != DEPARTMENT:
        return score_project(session, split(key)[1], find)
    result = score_department(session, find)
    assert result is not None  # its row exists
    return result


# --- whole sessions --------------------------------------------------------------------------


def exists(store: Store, session_id: str) -> bool:
    """Whether a session of this id is saved, also one that is deleted."""
    with store.reading() as connection:
        return is_saved(connection, session_id)


def free_id(store: Store, wanted: str) -> str:
    """Return ``wanted``, or ``wanted-2`` and so on where a session, even a deleted one, has it."""
    found, number = wanted, 1
    while exists(store, found):
        number += 1
        found = f"{wanted}-{number}"
    return found


def is_deleted(store: Store, session_id: str) -> bool:
    """Whether a session is put aside. Raises :class:`PerfevalError` for an unknown id."""
    with store.reading() as connection:
        return read_head(connection, session_id).deleted_at is not None


def delete_session(store: Store, session_id: str) -> None:
    """Put a session aside; :func:`restore_session` brings it back. Nobody can change it then."""
    _set_deleted(store, session_id, datetime.now(UTC))


def restore_session(store: Store, session_id: str) -> None:
    """Bring a deleted session back."""
    _set_deleted(store, session_id, None)


def _set_deleted(store: Store, session_id: str, when: datetime | None) -> None:
    with store.writing() as connection:
        if not set_deleted(connection, session_id, when):
            raise unknown(session_id)
