"""The one door: a change is persisted, journalled and scored in one transaction, or not at all.

A workspace holds a session in memory. Before each change it takes the session's lock, catches up
with what others have recorded, and only then compares and sets: two people in different fields
both succeed, in the same field exactly one does and the other is told both values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlmodel import SQLModel

from perfeval import __version__
from perfeval.errors import PerfevalError, Problem
from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import Exact, half_up
from perfeval.scoring.engine import score_department, score_project
from perfeval.scoring.scorecard import ProjectResult, Result, Scorecard
from perfeval.session.change import Change, PathError, apply, join, split
from perfeval.session.journal import GENESIS, Record, created, link, verify
from perfeval.session.model import Evaluation, Project, Session
from perfeval.session.pins import Pin, pinned
from perfeval.store.tables import EvaluationRow, JournalRow, PinnedSetRow, SessionRow

if TYPE_CHECKING:
    from perfeval.store.database import Store

Finder = Callable[[str], IndicatorSet]


def _table(model: type[SQLModel]) -> Any:
    return model.__table__  # type: ignore[attr-defined]


SESSION, EVALUATION = _table(SessionRow), _table(EvaluationRow)
JOURNAL, PINNED = _table(JournalRow), _table(PinnedSetRow)
DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class Listing:
    """A line of 自评任务: who, which year, how far, worth what (cached), changed when."""

    id: str
    unit: str
    year: int
    stage: str
    total: Exact | None
    filled: Exact | None
    grade: str | None
    changed_at: datetime
    changed_by: str


# --- the shelf -------------------------------------------------------------------------------


def listings(store: Store, *, deleted: bool = False) -> list[Listing]:
    """Return the sessions, last changed first; the deleted ones where asked for."""
    columns = (EVALUATION.c.total, EVALUATION.c.filled, EVALUATION.c.grade)
    gone = SESSION.c.deleted_at.is_not(None) if deleted else SESSION.c.deleted_at.is_(None)
    mine = (EVALUATION.c.session_id == SESSION.c.id) & (EVALUATION.c.key == DEPARTMENT)
    query = (
        select(SESSION, *columns)
        .select_from(SESSION.outerjoin(EVALUATION, mine))
        .where(gone)
        .order_by(SESSION.c.changed_at.desc(), SESSION.c.id)
    )
    with store.reading() as connection:
        rows = connection.execute(query).all()
    return [
        Listing(
            id=row.id,
            unit=row.unit,
            year=row.year,
            stage=row.stage,
            total=_from_cache(row.total),
            filled=_from_cache(row.filled),
            grade=row.grade,
            changed_at=row.changed_at,
            changed_by=row.changed_by,
        )
        for row in rows
    ]


def create(store: Store, session: Session, find: Finder, *, who: str, why: str = "") -> Workspace:
    """Save a new session, its sets pinned, and open it. Raises for an id that is taken."""
    session, pins = pinned(session.in_stated_order(), find)
    record = link(session.id, 1, GENESIS, created(session, who, why=why))
    with store.writing() as connection:
        taken = connection.execute(select(SESSION.c.id).where(SESSION.c.id == session.id)).first()
        if taken:
            raise PerfevalError(f"已有编号为“{session.id}”的自评任务。请换一个编号，或先删除它")
        _write_whole(connection, session, [record], pins, find)
    return Workspace.open(store, session.id)


def delete_session(store: Store, session_id: str) -> None:
    """Put a session aside; :func:`restore_session` brings it back."""
    _set_deleted(store, session_id, datetime.now(UTC))


def restore_session(store: Store, session_id: str) -> None:
    """Bring a deleted session back."""
    _set_deleted(store, session_id, None)


def _set_deleted(store: Store, session_id: str, when: datetime | None) -> None:
    change = update(SESSION).where(SESSION.c.id == session_id).values(deleted_at=when)
    with store.writing() as connection:
        if not connection.execute(change).rowcount:
            raise _unknown(session_id)


def _unknown(session_id: str) -> PerfevalError:
    return PerfevalError(f"没有编号为“{session_id}”的自评任务。用 perfeval sessions list 查看")


# --- the door --------------------------------------------------------------------------------


class Workspace:
    """One open session: its document, its Scorecard, and the only way to change them."""

    def __init__(self, store: Store, session: Session, records: list[Record], find: Finder) -> None:
        self.store = store
        self.session = session
        self.records = records
        self.find = find
        self._parts: dict[str, Result | ProjectResult] = {}

    @classmethod
    def open(cls, store: Store, session_id: str) -> Workspace:
        """Load a session as it was saved. Raises :class:`PerfevalError` for an unknown id."""
        with store.reading() as connection:
            row = connection.execute(select(SESSION).where(SESSION.c.id == session_id)).first()
            if row is None:
                raise _unknown(session_id)
            session = _read_session(connection, row)
            records = _read_records(connection, session_id, after=0)
            find = _PinnedSets(connection, session)
        return cls(store, session, records, find)

    @property
    def scorecard(self) -> Scorecard:
        """What the session is worth now; unchanged evaluations are not scored again."""
        for key in _keys(self.session):
            if key not in self._parts:
                self._parts[key] = score_part(self.session, key, self.find)
        department = self._parts.get(DEPARTMENT)
        projects = [
            self._parts[join("projects", key)] for key, _ in self.session.ordered_projects()
        ]
        return Scorecard(
            department if isinstance(department, Result) else None,
            [part for part in projects if isinstance(part, ProjectResult)],
        )

    def apply(self, *changes: Change) -> Scorecard:
        """Make changes, all or none, and return the rescored Scorecard.

        Raises :class:`.change.Conflict` when a value is no longer what a change was made from,
        :class:`.database.StoreError` when nothing could be saved; then nothing has changed.
        """
        with self.store.writing() as connection:
            row = self._locked(connection)
            self._catch_up(connection, row)
            session = self.session
            records = []
            head = self.records[-1].hash
            for n, change in enumerate(changes, len(self.records) + 1):
                session = apply(session, change)
                records.append(link(session.id, n, head, change))
                head = records[-1].hash
            parts = self._rescored(session, changes)
            self._persist(connection, session, records, parts)
        self._adopt(session, records, parts)
        return self.scorecard

    def refresh(self) -> None:
        """Take in what others have recorded since."""
        with self.store.reading() as connection:
            row = connection.execute(select(SESSION).where(SESSION.c.id == self.session.id)).first()
            if row is not None:
                self._catch_up(connection, row)

    def undo(self, *, who: str) -> Scorecard:
        """Take back the last act (a group at once). Raises where there is nothing to undo."""
        self.refresh()
        return self._take_back(self._acts.done, "没有可以撤销的修改", who)

    def redo(self, *, who: str) -> Scorecard:
        """Make the last undone act again. Raises where there is nothing to redo."""
        self.refresh()
        return self._take_back(self._acts.undone, "没有可以重做的修改", who)

    def _take_back(self, acts: list[list[Change]], nothing: str, who: str) -> Scorecard:
        if not acts:
            raise PerfevalError(nothing)
        return self.apply(*[change.inverse(who=who) for change in reversed(acts[-1])])

    def verify(self, against: Sequence[Record] | str = ()) -> list[Problem]:
        """Return what speaks against the saved journal and session (see :mod:`.journal`)."""
        with self.store.reading() as connection:
            row = connection.execute(select(SESSION).where(SESSION.c.id == self.session.id)).one()
            session = _read_session(connection, row)
            records = _read_records(connection, self.session.id, after=0)
        return verify(records, session, head=row.head, against=against)

    # -- inside ---------------------------------------------------------------

    def _locked(self, connection: Connection) -> Row[Any]:
        query = select(SESSION).where(SESSION.c.id == self.session.id).with_for_update()
        row = connection.execute(query).first()
        if row is None:
            raise _unknown(self.session.id)
        return row

    def _catch_up(self, connection: Connection, row: Row[Any]) -> None:
        if row.records == len(self.records):
            return
        session = self.session
        records = _read_records(connection, session.id, after=len(self.records))
        for record in records:
            session = apply(session, record.change)
        self._adopt(session, records, {})
        for record in records:
            self._forget(record.change)

    def _rescored(
        self, session: Session, changes: Iterable[Change]
    ) -> dict[str, Result | ProjectResult]:
        touched = {part for change in changes for part in _touched(change.path, session)}
        present = set(_keys(session))
        return {key: score_part(session, key, self.find) for key in touched & present}

    def _forget(self, change: Change) -> None:
        for key in _touched(change.path, self.session):
            self._parts.pop(key, None)

    def _adopt(
        self, session: Session, records: list[Record], parts: dict[str, Result | ProjectResult]
    ) -> None:
        self.session = session
        self.records = [*self.records, *records]
        self._parts |= parts
        self.__dict__.pop("_acts", None)

    @cached_property
    def _acts(self) -> _Acts:
        return _Acts(record.change for record in self.records)

    def _persist(
        self,
        connection: Connection,
        session: Session,
        records: list[Record],
        parts: dict[str, Result | ProjectResult],
    ) -> None:
        last = records[-1]
        values: dict[str, Any] = {
            "head": last.hash,
            "records": last.n,
            "changed_at": last.change.when,
            "changed_by": last.change.who,
        }
        keys = {_document_key(record.change.path) for record in records}
        if "" in keys:
            values |= _header_values(session)
        connection.execute(update(SESSION).where(SESSION.c.id == session.id).values(**values))
        for key in keys - {""}:
            _write_evaluation(connection, session, key, parts.get(key))
        for key in parts.keys() - keys:
            _write_columns(connection, session, key, parts[key])
        connection.execute(insert(JOURNAL), [_journal_values(record) for record in records])


class _Acts:
    """What can be undone and redone: the changes of each act, oldest first."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self.done: list[list[Change]] = []
        self.undone: list[list[Change]] = []
        self._moving: list[Change] | None = None
        for change in changes:
            if change.kind == "undo":
                self._move(change, self.done, self.undone)
            elif change.kind == "redo":
                self._move(change, self.undone, self.done)
            elif change.kind not in ("create", "stage"):
                self._add(change)

    def _add(self, change: Change) -> None:
        if change.group and self.done and self.done[-1][-1].group == change.group:
            self.done[-1].append(change)
        else:
            self.done.append([change])
        self.undone.clear()
        self._moving = None

    def _move(self, change: Change, source: list[list[Change]], goal: list[list[Change]]) -> None:
        """Carry one change of the newest act to the other pile, its inverse in its place."""
        act = source[-1]
        act.pop()
        if act is self._moving:
            goal[-1].append(change)
        else:
            goal.append([change])
            self._moving = act
        if not act:
            source.pop()


# --- rows ------------------------------------------------------------------------------------


class _PinnedSets:
    """Finds the sets a session is pinned to, by content; loaded once each."""

    def __init__(self, connection: Connection, session: Session) -> None:
        self._sets: dict[str, IndicatorSet] = {}
        wanted = list(session.pinned.values())
        rows = connection.execute(select(PINNED).where(PINNED.c.hash.in_(wanted))).all()
        texts = {row.hash: row.text for row in rows}
        self._pins = {
            set_id: Pin(set_id, hash_, texts[hash_])
            for set_id, hash_ in session.pinned.items()
            if hash_ in texts
        }

    def __call__(self, set_id: str) -> IndicatorSet:
        if set_id not in self._sets:
            if set_id not in self._pins:
                raise PerfevalError(f"这个任务没有固定指标体系“{set_id}”")
            self._sets[set_id] = self._pins[set_id].load()
        return self._sets[set_id]


def _keys(session: Session) -> list[str]:
    keys = [DEPARTMENT] if session.department else []
    return keys + [join("projects", key) for key in session.projects]


def _document_key(path: str) -> str:
    """Return the evaluation row a path lies in, or an empty text for the session's own row."""
    first, *rest = split(path)
    if first == DEPARTMENT:
        return DEPARTMENT
    if first != "projects":
        return ""
    if not rest:
        raise PathError("项目要逐个增加或删除")
    return join("projects", rest[0])


def _touched(path: str, session: Session) -> list[str]:
    """Return the evaluations whose score a change at ``path`` can move."""
    key = _document_key(path)
    if key:
        return [key] if key == DEPARTMENT else [key, DEPARTMENT]
    return _keys(session) if split(path)[0] in ("assumed", "year", "money_unit") else []


def score_part(session: Session, key: str, find: Finder) -> Result | ProjectResult:
    """Score the evaluation of one row."""
    if key != DEPARTMENT:
        return score_project(session, split(key)[1], find)
    result = score_department(session, find)
    assert result is not None  # its row exists
    return result


def _evaluation(session: Session, key: str) -> Evaluation | None:
    if key == DEPARTMENT:
        return session.department
    return session.projects.get(split(key)[1])


def _header_values(session: Session) -> dict[str, Any]:
    document = session.model_dump(
        mode="json", exclude={"department", "projects"}, exclude_defaults=True
    )
    return {
        "unit": session.unit.name,
        "year": session.year,
        "stage": session.stage,
        "document": document,
    }


def _write_whole(
    connection: Connection,
    session: Session,
    records: list[Record],
    pins: Iterable[Pin],
    find: Finder,
) -> None:
    last = records[-1]
    connection.execute(
        insert(SESSION).values(
            id=session.id,
            head=last.hash,
            records=last.n,
            changed_at=last.change.when,
            changed_by=last.change.who,
            **_header_values(session),
        )
    )
    for one in pins:
        known = select(PINNED.c.hash).where(PINNED.c.hash == one.hash)
        if connection.execute(known).first() is None:
            values = {"hash": one.hash, "set_id": one.set_id, "text": one.text}
            connection.execute(insert(PINNED).values(**values))
    for key in _keys(session):
        _write_evaluation(connection, session, key, score_part(session, key, find))
    connection.execute(insert(JOURNAL), [_journal_values(record) for record in records])


def _journal_values(record: Record) -> dict[str, Any]:
    return {
        "session_id": record.session,
        "n": record.n,
        "record": record.model_dump_json(),
    }


def _write_evaluation(
    connection: Connection, session: Session, key: str, part: Result | ProjectResult | None
) -> None:
    mine = (EVALUATION.c.session_id == session.id) & (EVALUATION.c.key == key)
    evaluation = _evaluation(session, key)
    if evaluation is None:
        connection.execute(delete(EVALUATION).where(mine))
        return
    values = {
        "document": evaluation.model_dump(mode="json", exclude_defaults=True),
        **_columns(session, evaluation, part),
    }
    if not connection.execute(update(EVALUATION).where(mine).values(**values)).rowcount:
        connection.execute(insert(EVALUATION).values(session_id=session.id, key=key, **values))


def _write_columns(
    connection: Connection, session: Session, key: str, part: Result | ProjectResult
) -> None:
    evaluation = _evaluation(session, key)
    if evaluation is not None:
        mine = (EVALUATION.c.session_id == session.id) & (EVALUATION.c.key == key)
        columns = _columns(session, evaluation, part)
        connection.execute(update(EVALUATION).where(mine).values(**columns))


def _columns(
    session: Session, evaluation: Evaluation, part: Result | ProjectResult | None
) -> dict[str, Any]:
    result = part.result if isinstance(part, ProjectResult) else part
    columns: dict[str, Any] = {
        "name": evaluation.name if isinstance(evaluation, Project) else "",
        "engine": __version__,
        "set_hash": session.pinned.get(evaluation.set, ""),
        "total": _to_cache(result.total if result else None, 10**4),
        "filled": _to_cache(result.filled if result else None, 10**4),
        "grade": result.grade if result else None,
    }
    if isinstance(part, ProjectResult):
        cents = 100 if session.money_unit == "元" else 10**6
        columns["budget"] = _to_cache(part.budget.value if part.budget else None, cents)
        columns["executed"] = _to_cache(part.executed.value if part.executed else None, cents)
    return columns


def _to_cache(value: Exact | None, scale: int) -> int | None:
    return None if value is None else int(half_up(value * scale, 0))


def _from_cache(units: int | None) -> Exact | None:
    return None if units is None else Exact(units, 10**4)


def _read_session(connection: Connection, row: Row[Any]) -> Session:
    rows = connection.execute(select(EVALUATION).where(EVALUATION.c.session_id == row.id)).all()
    documents = {one.key: one.document for one in rows}
    data = dict(row.document)
    if DEPARTMENT in documents:
        data[DEPARTMENT] = documents.pop(DEPARTMENT)
    data["projects"] = {split(key)[1]: document for key, document in documents.items()}
    return Session.model_validate(data)


def _read_records(connection: Connection, session_id: str, *, after: int) -> list[Record]:
    query = (
        select(JOURNAL.c.record)
        .where((JOURNAL.c.session_id == session_id) & (JOURNAL.c.n > after))
        .order_by(JOURNAL.c.n)
    )
    return [Record.model_validate_json(text) for text in connection.execute(query).scalars()]
