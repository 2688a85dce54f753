"""The one door: a change is persisted, journalled and scored in one transaction, or not at all.

A workspace holds a session in memory. Before each change it takes the session's lock, catches up
with what others have recorded, and only then compares and sets: two people in different fields
both succeed, in the same field exactly one does and the other is told both values.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError
from sqlalchemy import Connection, Row, Text, bindparam, cast, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from perfeval import __version__
from perfeval.errors import PerfevalError, Problem
from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import Exact, half_up
from perfeval.scoring.engine import score_department, score_project
from perfeval.scoring.scorecard import ProjectResult, Result, Scorecard
from perfeval.session.change import Change, PathError, apply, join, read, split
from perfeval.session.distribute import require_editable
from perfeval.session.journal import GENESIS, Record, created, digest, link, verify
from perfeval.session.model import SESSION_ID, Evaluation, Project, Session
from perfeval.session.pins import Pin, pin, pinned
from perfeval.store.database import StoreError
from perfeval.store.tables import EvaluationRow, JournalRow, PinnedSetRow, SessionRow

if TYPE_CHECKING:
    from perfeval.store.database import Store

Finder = Callable[[str], IndicatorSet]
Part = Result | ProjectResult


def _table(model: type[SQLModel]) -> Any:
    return model.__table__  # type: ignore[attr-defined]


SESSION, EVALUATION = _table(SessionRow), _table(EvaluationRow)
JOURNAL, PINNED = _table(JournalRow), _table(PinnedSetRow)
DEPARTMENT = "department"


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


# --- statements ------------------------------------------------------------------------------
# Built once: what a statement says never changes, only what is bound to it.

_ID: Any = bindparam("of_session")
_KEY: Any = bindparam("of_key")
_MINE = (EVALUATION.c.session_id == _ID) & (EVALUATION.c.key == _KEY)
_HEAD = (SESSION.c.id, SESSION.c.head, SESSION.c.records, SESSION.c.deleted_at)
_HEADER = cast(SESSION.c.document, Text).label("text")

_GET_HEAD = select(*_HEAD).where(SESSION.c.id == _ID)
_LOCK = _GET_HEAD.with_for_update()
_GET_SESSION = select(*_HEAD, _HEADER).where(SESSION.c.id == _ID)
_GET_EVALUATIONS = (
    select(EVALUATION.c.key, cast(EVALUATION.c.document, Text).label("text"))
    .where(EVALUATION.c.session_id == _ID)
    .order_by(EVALUATION.c.key)
)
_GET_RECORDS = (
    select(JOURNAL.c.record)
    .where((JOURNAL.c.session_id == _ID) & (JOURNAL.c.n > bindparam("after")))
    .order_by(JOURNAL.c.n)
)
_SET_SESSION = update(SESSION).where(SESSION.c.id == _ID)
_SET_EVALUATION = update(EVALUATION).where(_MINE)
_DROP_EVALUATION = delete(EVALUATION).where(_MINE)
_ADD_EVALUATION, _ADD_RECORDS = insert(EVALUATION), insert(JOURNAL)
_GET_ROLES = select(JOURNAL.c.n, JOURNAL.c.role).where(JOURNAL.c.session_id == _ID)
_LABELS = (EVALUATION.c.engine, EVALUATION.c.set_hash)


# --- the shelf -------------------------------------------------------------------------------


def listings(store: Store, *, deleted: bool = False) -> list[Listing]:
    """Return the sessions, last changed first; the deleted ones where asked for.

    Scores come from the cached columns; those of another engine or set are made anew first, and
    left out where that cannot be saved.
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
        select(SESSION, *columns)
        .select_from(SESSION.outerjoin(EVALUATION, mine))
        .where(gone)
        .order_by(SESSION.c.changed_at.desc(), SESSION.c.id)
    )
    with store.reading() as connection:
        return list(connection.execute(query))


def _listing(row: Row[Any], cached: Row[Any] | None) -> Listing:
    return Listing(
        id=row.id,
        unit=row.unit,
        year=row.year,
        stage=row.stage,
        total=_from_cache(cached.total) if cached else None,
        filled=_from_cache(cached.filled) if cached else None,
        grade=cached.grade if cached else None,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


def _is_stale(row: Row[Any]) -> bool:
    """Whether cached columns were made by another engine or with a set not pinned (any more)."""
    if row.engine is None:  # no such evaluation
        return False
    return row.engine != __version__ or row.set_hash not in row.document.get("pinned", {}).values()


def refresh_columns(store: Store) -> int:
    """Rebuild the cached columns that another engine or set has made; return how many sessions.

    A session that cannot be scored any more (a set this program cannot read) shows no score.
    """
    query = select(SESSION.c.id, SESSION.c.document, *_LABELS).join(EVALUATION)
    with store.reading() as connection:
        stale = {row.id for row in connection.execute(query) if _is_stale(row)}
    sets = _PinnedSets()
    for session_id in sorted(stale):
        with store.writing() as connection:
            _read_head(connection, session_id, locked=True)
            _refresh_session(connection, session_id, sets)
    return len(stale)


def _refresh_session(connection: Connection, session_id: str, sets: _PinnedSets) -> None:
    session = _read_known(connection, session_id).session
    sets.load(connection, session)
    for key in _keys(session):
        evaluation = _evaluation(session, key)
        assert evaluation is not None
        part: Part | None = None
        with suppress(PerfevalError):  # one that cannot be scored must not hide the others
            part = score_part(session, key, sets.of(session))
        columns = _columns(session, evaluation, part)
        connection.execute(_SET_EVALUATION, {"of_session": session_id, "of_key": key, **columns})


def exists(store: Store, session_id: str) -> bool:
    """Whether a session of this id is saved, also one that is deleted."""
    with store.reading() as connection:
        return connection.execute(_GET_HEAD, {"of_session": session_id}).first() is not None


def create(store: Store, session: Session, find: Finder, *, who: str, why: str = "") -> Workspace:
    """Save a new session, its sets pinned, and open it. Raises for an id that is taken.

    A set the session is already pinned to must be what ``find`` gives, unless it is saved here.
    """
    require_id(session.id)
    session, pins = pinned(session.in_stated_order(), find)
    first = _link(session, 1, GENESIS, created(session, who, why=why))
    with store.writing() as connection:
        _write_pins(connection, pins)
        sets = _PinnedSets()
        sets.load(connection, session)
        for set_id in sets.missing(session):
            _write_pins(connection, [pin(find(set_id))])
        _write_whole(connection, session, [first])
    return Workspace.open(store, session.id)


def take_in(
    store: Store, session: Session, records: Sequence[Record], pins: Iterable[Pin]
) -> Workspace:
    """Save a session that comes with its journal and sets, and open it.

    Raises :class:`PerfevalError` for an id that is taken and for what does not verify.
    """
    require_id(session.id)
    pins = list(pins)
    for problem in (*verify(records, session), *(p for one in pins for p in _pin_problems(one))):
        raise PerfevalError(f"不能存入：{problem}")
    links = [(record, _written(record)) for record in records]
    with store.writing() as connection:
        _write_pins(connection, pins)
        _write_whole(connection, session, links)
    return Workspace.open(store, session.id)


def require_id(session_id: str) -> None:
    """Raise :class:`PerfevalError` for an id that could not stand in a command or file name."""
    if not re.fullmatch(SESSION_ID, session_id):
        told = "编号由字母、数字和 - _ . 组成，以字母或数字开头，最多 81 个字符"
        raise PerfevalError(f"“{session_id}”不能作编号：{told}")


def delete_session(store: Store, session_id: str) -> None:
    """Put a session aside; :func:`restore_session` brings it back. Nobody can change it then."""
    _set_deleted(store, session_id, datetime.now(UTC))


def restore_session(store: Store, session_id: str) -> None:
    """Bring a deleted session back."""
    _set_deleted(store, session_id, None)


def _set_deleted(store: Store, session_id: str, when: datetime | None) -> None:
    values = {"of_session": session_id, "deleted_at": when}
    with store.writing() as connection:
        if not connection.execute(_SET_SESSION, values).rowcount:
            raise _unknown(session_id)


def _unknown(session_id: str) -> PerfevalError:
    return PerfevalError(f"没有编号为“{session_id}”的自评任务。用 perfeval sessions list 查看")


# --- the door --------------------------------------------------------------------------------


class _Known(NamedTuple):
    """What is known of a session: one value, so that nothing can be half adopted."""

    session: Session
    head: str
    records: int


class Workspace:
    """One open session: its document, its Scorecard, and the only way to change them."""

    def __init__(self, store: Store, known: _Known) -> None:
        self.store = store
        self._known = known
        self._records: list[Record] = []
        self._sets = _PinnedSets()
        self._parts: dict[str, Part] = {}

    @classmethod
    def open(cls, store: Store, session_id: str) -> Workspace:
        """Load a session as it was saved. Raises :class:`PerfevalError` for an unknown id."""
        with store.reading() as connection:
            return cls(store, _read_known(connection, session_id))

    @property
    def session(self) -> Session:
        """The session as far as it is known here."""
        return self._known.session

    @property
    def head(self) -> str:
        """The hash of the last record known here: the 校验码."""
        return self._known.head

    @property
    def records(self) -> list[Record]:
        """The journal as far as it is known here; read when it is asked for."""
        missing = self._known.records - len(self._records)
        if missing:
            with self.store.reading() as connection:
                later = _read_records(connection, self.session.id, after=len(self._records))
            self._records = [*self._records, *later[:missing]]
        return self._records

    def find(self, set_id: str) -> IndicatorSet:
        """Return a set as the session is pinned to it. Raises where it is not pinned."""
        if not self._sets.know(self.session):
            with self.store.reading() as connection:
                self._sets.load(connection, self.session)
        return self._sets.of(self.session)(set_id)

    @property
    def scorecard(self) -> Scorecard:
        """What the session is worth now; unchanged evaluations are not scored again."""
        for key in _keys(self.session):
            if key not in self._parts:
                self._parts[key] = score_part(self.session, key, self.find)
        department = self._parts[DEPARTMENT] if self.session.department else None
        projects = [
            self._parts[join("projects", key)] for key, _ in self.session.ordered_projects()
        ]
        return Scorecard(
            department if isinstance(department, Result) else None,
            [part for part in projects if isinstance(part, ProjectResult)],
        )

    def apply(self, *changes: Change) -> Scorecard:
        """Make changes, all or none, and return the rescored Scorecard.

        What is recorded is the value as it stands after the change (``838`` for an input becomes
        its mapping), so that an undo finds it.

        Raises :class:`.change.Conflict` when a value is no longer what a change was made from,
        :class:`.change.PathError` for what does not fit, :class:`.database.StoreError` when
        nothing could be saved; then nothing has changed.
        """
        return self._make(lambda: changes)

    def keep(self, pins: Iterable[Pin]) -> None:
        """Save indicator sets, so that a change may pin the session to them."""
        with self.store.writing() as connection:
            _write_pins(connection, pins)

    def refresh(self) -> None:
        """Take in what others have recorded since."""
        with self.store.reading() as connection:
            self._catch_up(connection, _read_head(connection, self.session.id))

    def undo(self, *, who: str) -> Scorecard:
        """Take back the last act (a group at once). Raises where there is nothing to undo."""
        return self._make(lambda: _inverses(self._acts().done, "没有可以撤销的修改", who))

    def redo(self, *, who: str) -> Scorecard:
        """Make the last undone act again. Raises where there is nothing to redo."""
        return self._make(lambda: _inverses(self._acts().undone, "没有可以重做的修改", who))

    def verify(self, against: Sequence[Record] | str = ()) -> list[Problem]:
        """Return what speaks against what is saved: journal (see :mod:`.journal`), session, sets.

        Raises :class:`PerfevalError` for a session that is gone.
        """
        with self.store.reading() as connection:
            head = _read_head(connection, self.session.id)
            try:
                known = _read_known(connection, self.session.id)
                records = _read_records(connection, self.session.id, after=0)
            except StoreError as error:
                return [Problem("自评数据", str(error))]
            sets = _PinnedSets()
            sets.load(connection, known.session)
        problems = verify(records, known.session, head=head.head, against=against)
        return problems + list(sets.problems(known.session))

    def roles(self) -> dict[int, str]:
        """Return the database role beside each record that has one (PostgreSQL), by its number."""
        with self.store.reading() as connection:
            rows = connection.execute(_GET_ROLES, {"of_session": self.session.id})
            return {row.n: row.role for row in rows if row.role}

    # -- inside ---------------------------------------------------------------

    def _make(self, choose: Callable[[], Sequence[Change]]) -> Scorecard:
        """Choose changes under the lock, after catching up, and save what they lead to."""
        with self.store.writing() as connection:
            row = _read_head(connection, self.session.id, locked=True)
            if row.deleted_at is not None:
                told = f"自评任务“{self.session.id}”已被删除，不能再改"
                raise PerfevalError(f"{told}。请先恢复它")
            self._catch_up(connection, row)
            session, links = _linked(self._known, choose())
            if links:
                parts = self._rescored(connection, session, links)
                _persist(connection, session, links, parts)
        # Now it is saved. Were adopting it cut short, the next change would catch up.
        if links:
            self._adopt(session, [record for record, _ in links], parts)
        return self.scorecard

    def _catch_up(self, connection: Connection, row: Row[Any]) -> None:
        session, head, count = self._known
        if (row.head, row.records) == (head, count):
            return
        records = _read_records(connection, session.id, after=count)
        if not records or records[0].prev != head:
            # Not what is known here and more: a backup was restored, or the database replaced.
            self._parts, self._records = {}, []
            self._known = _read_known(connection, session.id)
            return
        for record in records:
            session = apply(session, record.change)
        for key in {key for record in records for key in _touched(record.change.path, session)}:
            self._parts.pop(key, None)
        self._parts.pop(DEPARTMENT, None)  # its formulas may speak of the projects
        self._adopt(session, records, {})

    def _rescored(
        self, connection: Connection, session: Session, links: list[_Link]
    ) -> dict[str, Part]:
        if not self._sets.know(session):
            self._sets.load(connection, session)
        find = self._sets.of(session)
        touched = {key for record, _ in links for key in _touched(record.change.path, session)}
        if touched and session.department and find(session.department.set).uses_projects:
            touched.add(DEPARTMENT)
        present = [key for key in touched if _evaluation(session, key) is not None]
        return {key: score_part(session, key, find) for key in present}

    def _adopt(self, session: Session, records: list[Record], parts: dict[str, Part]) -> None:
        for record in records:
            self._parts.pop(_document_key(record.change.path), None)
        self._parts |= parts
        self._known = _Known(session, records[-1].hash, records[-1].n)

    def _acts(self) -> _Acts:
        return _Acts(record.change for record in self.records)


# --- changes ---------------------------------------------------------------------------------

_Link = tuple[Record, str]
"""A record and its JSON text."""
_FIXED = ("id", "format")


def _linked(known: _Known, changes: Iterable[Change]) -> tuple[Session, list[_Link]]:
    """Return the session after ``changes`` and the records they add to its journal."""
    session, head, count = known
    links = []
    for change in changes:
        if change.kind == "create" or split(change.path)[0] in _FIXED:
            raise PathError(f"{change.path}：不能修改")
        require_editable(session, change)
        session = apply(session, change)
        count += 1
        record, text = _link(session, count, head, _as_it_stands(session, change))
        links.append((record, text))
        head = record.hash
    return session, links


def _as_it_stands(session: Session, change: Change) -> Change:
    stands = read(session, change.path)
    if stands == change.new or not (stands or change.new):
        return change
    return change.model_copy(update={"new": stands})


def _link(session: Session, n: int, head: str, change: Change) -> _Link:
    """Return a record and its text. Raises :class:`PathError` for what cannot be written down."""
    try:
        record = link(session.id, n, head, change)
        return record, _written(record)
    except ValueError as error:  # half a character (a lone surrogate), a number beyond JSON's
        raise PathError(f"{_visible(change.path)}：填写的内容里有不能保存的字符或数") from error


def _written(record: Record) -> str:
    """Return a record's text. PostgreSQL takes no NUL, so nor do we: both hold the same."""
    text = record.model_dump_json()
    if "\\u0000" in text and _has_nul(json.loads(text)):
        raise PathError(f"{_visible(record.change.path)}：填写的内容里有不能保存的空字符")
    return text


def _visible(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")


def _has_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_nul(item) for pair in value.items() for item in pair)
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value


def _inverses(acts: list[list[Change]], nothing: str, who: str) -> list[Change]:
    if not acts:
        raise PerfevalError(nothing)
    return [change.inverse(who=who) for change in reversed(acts[-1])]


class _Acts:
    """What can be undone and redone: the changes of each act, oldest first."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self.done: list[list[Change]] = []
        self.undone: list[list[Change]] = []
        self._moving: list[Change] | None = None
        for change in changes:
            source, goal = self.done, self.undone
            if change.kind == "redo":
                source, goal = goal, source
            if change.undoes and source and source[-1][-1].id == change.undoes:
                self._move(change, source, goal)
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


# --- sets and scores -------------------------------------------------------------------------


class _PinnedSets:
    """Finds the sets sessions are pinned to, by content; each is read and loaded once."""

    def __init__(self) -> None:
        self._pins: dict[str, Pin] = {}
        self._sets: dict[str, IndicatorSet] = {}

    def know(self, session: Session) -> bool:
        """Whether every set of ``session`` has been read."""
        return self._pins.keys() >= set(session.pinned.values())

    def load(self, connection: Connection, session: Session) -> None:
        """Read the sets of ``session`` that were not yet read."""
        wanted = set(session.pinned.values()) - self._pins.keys()
        rows = connection.execute(select(PINNED).where(PINNED.c.hash.in_(wanted)))
        self._pins |= {row.hash: Pin(row.set_id, row.hash, row.text) for row in rows}

    def of(self, session: Session) -> Finder:
        """Return what finds the sets of ``session``."""

        def find(set_id: str) -> IndicatorSet:
            one = session.pinned.get(set_id, "")
            if one not in self._sets:
                if (kept := self._pins.get(one)) is None:
                    raise PerfevalError(f"这个任务没有固定指标体系“{set_id}”")
                self._sets[one] = _loaded(kept)
            return self._sets[one]

        return find

    def missing(self, session: Session) -> list[str]:
        """Return the ids of the sets ``session`` is pinned to that were not found."""
        return [set_id for set_id, one in session.pinned.items() if one not in self._pins]

    def problems(self, session: Session) -> Iterator[Problem]:
        """Yield the pinned sets that are missing or no longer what their hash says."""
        for set_id in self.missing(session):
            yield Problem(f"指标体系 {set_id}", "固定的内容不在数据库里")
        for one in session.pinned.values():
            if one in self._pins:
                yield from _pin_problems(self._pins[one])


@lru_cache(maxsize=64)
def _loaded(kept: Pin) -> IndicatorSet:
    """Return the set of a pin; content never changes, so sessions share it."""
    return kept.load()


def _pin_problems(kept: Pin) -> Iterator[Problem]:
    try:
        intact = digest(json.loads(kept.text)) == kept.hash
    except ValueError:
        intact = False
    if not intact:
        yield Problem(f"指标体系 {kept.set_id}", "固定的内容被改动，与其校验码不符")


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
    """Return the evaluations whose own score a change at ``path`` can move."""
    if key := _document_key(path):
        return [key]
    first, *rest = split(path)
    if first == "assumed" and rest:  # its key is itself a path
        return [key for key in _keys(session) if f"{rest[0]}/".startswith(f"{key}/")]
    return _keys(session) if first in ("assumed", "money_unit", "pinned", "year") else []


def score_part(session: Session, key: str, find: Finder) -> Part:
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


# --- writing ---------------------------------------------------------------------------------


def _persist(
    connection: Connection, session: Session, links: list[_Link], parts: dict[str, Part]
) -> None:
    """Save the documents that changed, the columns that may have, and the records."""
    last = links[-1][0]
    keys = {_document_key(record.change.path) for record, _ in links}
    values = _head_values(last) | (_header_values(session) if "" in keys else {})
    connection.execute(_SET_SESSION, {"of_session": session.id, **values})
    for key in keys - {""}:
        _write_evaluation(connection, session, key, parts.get(key))
    for key in parts.keys() - keys:
        evaluation = _evaluation(session, key)
        assert evaluation is not None
        columns = _columns(session, evaluation, parts[key])
        connection.execute(_SET_EVALUATION, {"of_session": session.id, "of_key": key, **columns})
    connection.execute(_ADD_RECORDS, [_journal_values(*one) for one in links])


def _write_whole(connection: Connection, session: Session, links: list[_Link]) -> None:
    values = {"id": session.id, **_head_values(links[-1][0]), **_header_values(session)}
    if connection.execute(_new(connection, SESSION), values).first() is None:
        told = f"已有编号为“{session.id}”的自评任务（也可能已被删除，可以恢复）"
        raise PerfevalError(f"{told}。请换一个编号")
    sets = _PinnedSets()
    sets.load(connection, session)
    find = sets.of(session)
    rows = []
    for key in _keys(session):
        evaluation = _evaluation(session, key)
        assert evaluation is not None
        rows.append(
            {
                "session_id": session.id,
                "key": key,
                **_evaluation_values(session, evaluation, score_part(session, key, find)),
            }
        )
    if rows:
        connection.execute(_ADD_EVALUATION, rows)
    connection.execute(_ADD_RECORDS, [_journal_values(*one) for one in links])


def _write_pins(connection: Connection, pins: Iterable[Pin]) -> None:
    for one in pins:
        values = {"hash": one.hash, "set_id": one.set_id, "text": one.text}
        connection.execute(_new(connection, PINNED), values)


def _new(connection: Connection, table: Any) -> Any:
    """Return what adds a row unless its key is taken, even at this very moment; says its key."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing().returning(*table.primary_key)


def _write_evaluation(
    connection: Connection, session: Session, key: str, part: Part | None
) -> None:
    mine = {"of_session": session.id, "of_key": key}
    evaluation = _evaluation(session, key)
    if evaluation is None:
        connection.execute(_DROP_EVALUATION, mine)
        return
    values = _evaluation_values(session, evaluation, part)
    if not connection.execute(_SET_EVALUATION, mine | values).rowcount:
        connection.execute(_ADD_EVALUATION, {"session_id": session.id, "key": key, **values})


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


def _evaluation_values(
    session: Session, evaluation: Evaluation, part: Part | None
) -> dict[str, Any]:
    document = evaluation.model_dump_json(exclude_defaults=True)
    return {"document": document, **_columns(session, evaluation, part)}


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


def _from_cache(units: int | None) -> Exact | None:
    return None if units is None else Exact(units, 10**4)


# --- reading ---------------------------------------------------------------------------------


def _read_head(connection: Connection, session_id: str, *, locked: bool = False) -> Row[Any]:
    query = _LOCK if locked else _GET_HEAD
    row = connection.execute(query, {"of_session": session_id}).first()
    if row is None:
        raise _unknown(session_id)
    return row


def _read_known(connection: Connection, session_id: str) -> _Known:
    row = connection.execute(_GET_SESSION, {"of_session": session_id}).first()
    if row is None:
        raise _unknown(session_id)
    rows = connection.execute(_GET_EVALUATIONS, {"of_session": session_id})
    documents = {one.key: one.text for one in rows}
    parts = [row.text.rstrip()[:-1]]
    if DEPARTMENT in documents:
        parts.append(f'"{DEPARTMENT}":{documents.pop(DEPARTMENT)}')
    # The documents are put together as text and parsed once, by what validates them.
    projects = (f"{json.dumps(split(key)[1])}:{text}" for key, text in documents.items())
    text = f'{",".join(parts)},"projects":{{{",".join(projects)}}}}}'
    try:
        with _collector_paused():
            session = Session.model_validate_json(text)
    except ValidationError as error:
        told = f"自评任务“{session_id}”的内容读不出来，可能被改动或由更新的程序保存"
        raise StoreError(f"{told}。请升级 perfeval，或从 backups 文件夹恢复") from error
    return _Known(session, row.head, row.records)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A session is many small objects that all stay; scanning them while they are made is waste."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _read_records(connection: Connection, session_id: str, *, after: int) -> list[Record]:
    texts = connection.execute(_GET_RECORDS, {"of_session": session_id, "after": after}).scalars()
    try:
        return [Record.model_validate_json(text) for text in texts]
    except ValidationError as error:
        told = f"自评任务“{session_id}”的修改记录读不出来，可能被改动或由更新的程序保存"
        raise StoreError(f"{told}。请升级 perfeval，或从 backups 文件夹恢复") from error
