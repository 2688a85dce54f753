"""Writing: the documents a change has touched, the columns it may have, its records, the head.

A session is frozen and an edit shares every part it leaves alone. So what is not the very same
object as before is what has to be written, whatever the change was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, update

from perfeval import __version__
from perfeval.errors import PerfevalError
from perfeval.numbers import Exact, half_up
from perfeval.scoring.scorecard import ProjectResult, Result, Scorecard
from perfeval.session.change import join, split
from perfeval.session.journal import Record
from perfeval.session.model import Evaluation, Project, Session
from perfeval.store.acts import Link
from perfeval.store.reading import DEPARTMENT, OF_SESSION
from perfeval.store.sets import new_row
from perfeval.store.tables import EVALUATION, JOURNAL, SESSION

Part = Result | ProjectResult
"""What one evaluation is worth; its cached columns are made of it."""

_MINE = (EVALUATION.c.session_id == OF_SESSION) & (EVALUATION.c.key == bindparam("of_key"))
_SET_SESSION = update(SESSION).where(SESSION.c.id == OF_SESSION)
_SET_EVALUATION = update(EVALUATION).where(_MINE)
_DROP_EVALUATION = delete(EVALUATION).where(_MINE)
_ADD_EVALUATION, _ADD_RECORDS = insert(EVALUATION), insert(JOURNAL)
_ROWS = ("department", "projects")
"""The parts of a session that are rows of their own; the rest is its header."""
_HEADER = tuple(name for name in Session.model_fields if name not in _ROWS)


def evaluation_at(session: Session, key: str) -> Evaluation | None:
    """Return the evaluation whose row has ``key``; None where there is none."""
    return session.department if key == DEPARTMENT else session.projects.get(split(key)[1])


def keys_of(session: Session) -> list[str]:
    """Return the keys of the rows a session's evaluations have."""
    department = [DEPARTMENT] if session.department else []
    return department + [join("projects", key) for key in session.projects]


# --- a change --------------------------------------------------------------------------------


def parts_of(card: Scorecard) -> dict[str, Part]:
    """Return what each evaluation is worth, by the key of its row."""
    department: dict[str, Part] = {DEPARTMENT: card.department} if card.department else {}
    return department | {part.path: part for part in card.projects}


def moved(
    before: Session, was: Scorecard | None, after: Session, worth: Scorecard
) -> dict[str, Part]:
    """Return what the evaluations are worth that are not the same as before, or not worth it.

    By the key of their row; all of them where it is not known what they were worth. A project that
    changed always has a result of its own, the department only where its score may differ.
    """
    if was is None:
        return parts_of(worth)
    found: dict[str, Part] = {}
    if worth.department and not (
        worth.department is was.department and after.department is before.department
    ):
        found[DEPARTMENT] = worth.department
    if worth.projects is not was.projects:
        same = set(map(id, was.projects))
        found |= {part.path: part for part in worth.projects if id(part) not in same}
    return found


def persist(
    connection: Connection,
    before: Session,
    after: Session,
    parts: Mapping[str, Part],
    links: list[Link],
) -> None:
    """Save what differs between two states of a session, and the records that led there.

    ``parts`` are those of ``after`` that :func:`moved`.
    """
    values = _head_values(links[-1][0])
    if any(getattr(before, name) is not getattr(after, name) for name in _HEADER):
        values |= _header_values(after)
    connection.execute(_SET_SESSION, {"of_session": after.id, **values})
    for key, part in parts.items():
        _write_evaluation(connection, before, after, key, part)
    for key in _gone(before, after):
        connection.execute(_DROP_EVALUATION, {"of_session": after.id, "of_key": key})
    connection.execute(_ADD_RECORDS, [_journal_values(*one) for one in links])


def _write_evaluation(
    connection: Connection, before: Session, after: Session, key: str, part: Part
) -> None:
    old, new = evaluation_at(before, key), evaluation_at(after, key)
    assert new is not None  # it was scored
    values = _columns(after, new, part)
    if new is not old:
        values |= _document_values(new)
    if old is None:
        connection.execute(_ADD_EVALUATION, {"session_id": after.id, "key": key, **values})
    else:
        connection.execute(_SET_EVALUATION, {"of_session": after.id, "of_key": key, **values})


def _gone(before: Session, after: Session) -> list[str]:
    keys = [DEPARTMENT] if before.department and not after.department else []
    if not before.projects.keys() <= after.projects.keys():
        keys += [join("projects", key) for key in before.projects.keys() - after.projects.keys()]
    return keys


# --- a whole session -------------------------------------------------------------------------


def write_whole(
    connection: Connection, session: Session, card: Scorecard, links: list[Link]
) -> None:
    """Save a session that is not there yet. Raises :class:`PerfevalError` for an id taken."""
    values = {"id": session.id, **_head_values(links[-1][0]), **_header_values(session)}
    if connection.execute(new_row(connection, SESSION), values).first() is None:
        told = f"已有编号为“{session.id}”的自评任务（也可能已被删除，可以恢复）"
        raise PerfevalError(f"{told}。请换一个编号")
    rows = []
    for key, part in parts_of(card).items():
        evaluation = evaluation_at(session, key)
        assert evaluation is not None  # it was scored
        columns = _columns(session, evaluation, part)
        rows.append(
            {"session_id": session.id, "key": key, **_document_values(evaluation), **columns}
        )
    if rows:
        connection.execute(_ADD_EVALUATION, rows)
    connection.execute(_ADD_RECORDS, [_journal_values(*one) for one in links])


def write_columns(connection: Connection, session: Session, key: str, part: Part | None) -> None:
    """Make the cached columns of one evaluation anew; ``part`` is None where it has no score."""
    evaluation = evaluation_at(session, key)
    assert evaluation is not None
    columns = _columns(session, evaluation, part)
    connection.execute(_SET_EVALUATION, {"of_session": session.id, "of_key": key, **columns})


def set_deleted(connection: Connection, session_id: str, when: Any) -> bool:
    """Put a session aside since ``when``, or bring it back (None); return whether there is one."""
    values = {"of_session": session_id, "deleted_at": when}
    return bool(connection.execute(_SET_SESSION, values).rowcount)


# --- what stands in a row --------------------------------------------------------------------


def _journal_values(record: Record, text: str) -> dict[str, Any]:
    return {"session_id": record.session, "n": record.n, "record": text}


def _head_values(last: Record) -> dict[str, Any]:
    change = last.change
    return {
        "head": last.hash,
        "records": last.n,
        "changed_at": change.when,
        "changed_by": change.who,
    }


def _header_values(session: Session) -> dict[str, Any]:
    return {
        "unit": session.unit.name,
        "year": session.year,
        "stage": session.stage,
        "document": session.model_dump_json(
            exclude={"department", "projects"}, exclude_defaults=True
        ),
    }


def _document_values(evaluation: Evaluation) -> dict[str, Any]:
    return {"document": evaluation.model_dump_json(exclude_defaults=True)}


def _columns(session: Session, evaluation: Evaluation, part: Part | None) -> dict[str, Any]:
    result = part.result if isinstance(part, ProjectResult) else part
    columns: dict[str, Any] = {
        "name": evaluation.name if isinstance(evaluation, Project) else "",
        "engine": __version__,
        "set_hash": session.pinned.get(evaluation.set, ""),
        "total": _to_cache(result.total if result else None, 10**4, bits=31),
        "filled": _to_cache(result.filled if result else None, 10**4, bits=31),
        "grade": result.grade if result else None,
        "budget": None,
        "executed": None,
    }
    if isinstance(part, ProjectResult):
        cents = 100 if session.money_unit == "元" else 10**6
        for name, money in (("budget", part.budget), ("executed", part.executed)):
            columns[name] = _to_cache(money.value if money else None, cents, bits=63)
    return columns


def _to_cache(value: Exact | None, scale: int, *, bits: int) -> int | None:
    """Return a value in a column's units; None for one so large that it is surely mistyped."""
    if value is None:
        return None
    units = int(half_up(value * scale, 0))
    return units if units.bit_length() <= bits else None


def from_cache(units: int | None) -> Exact | None:
    """Return the score a column holds."""
    return None if units is None else Exact(units, 10**4)
