"""The one door: a change is persisted, journalled and scored in one transaction, or not at all.

A workspace holds a session in memory. Before each change it takes the session's lock, catches up
with what others have recorded, and only then compares and sets: two people in different fields
both succeed, in the same field exactly one does and the other is told both values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row

from perfeval.checks import Checker, Finding
from perfeval.errors import PerfevalError, Problem
from perfeval.indicators.model import IndicatorSet
from perfeval.scoring.engine import score_session
from perfeval.scoring.rescore import Scorer
from perfeval.scoring.scorecard import Scorecard
from perfeval.session.change import Change, apply
from perfeval.session.journal import GENESIS, Record, created, verify
from perfeval.session.model import SESSION_ID, Session
from perfeval.session.pins import Pin, pin, pinned
from perfeval.store.acts import Acts, Known, Link, inverses, linked, linked_record, written
from perfeval.store.database import StoreError
from perfeval.store.listing import (
    Listing,
    delete_session,
    exists,
    listings,
    refresh_columns,
    restore_session,
    score_part,
)
from perfeval.store.reading import read_head, read_known, read_records, read_roles
from perfeval.store.sets import Finder, PinnedSets, pin_problems, write_pins
from perfeval.store.writing import moved, persist, write_whole

if TYPE_CHECKING:
    from perfeval.store.database import Store

__all__ = [
    "Finder",
    "Listing",
    "Workspace",
    "create",
    "delete_session",
    "exists",
    "listings",
    "refresh_columns",
    "require_id",
    "restore_session",
    "score_part",
    "take_in",
    "verified",
]


# --- new sessions ----------------------------------------------------------------------------


def create(store: Store, session: Session, find: Finder, *, who: str, why: str = "") -> Workspace:
    """Save a new session, its sets pinned, and open it. Raises for an id that is taken.

    A set the session is already pinned to must be what ``find`` gives, unless it is saved here.
    """
    require_id(session.id)
    session, pins = pinned(session.in_stated_order(), find)
    first = linked_record(session, 1, GENESIS, created(session, who, why=why))
    with store.writing() as connection:
        write_pins(connection, pins)
        sets = PinnedSets()
        sets.load(connection, session)
        for set_id in sets.missing(session):
            write_pins(connection, [pin(find(set_id))])
        _write_new(connection, session, [first])
    return Workspace.open(store, session.id)


def take_in(
    store: Store, session: Session, records: Sequence[Record], pins: Iterable[Pin]
) -> Workspace:
    """Save a session that comes with its journal and sets, and open it.

    Raises :class:`PerfevalError` for an id that is taken and for what does not verify.
    """
    require_id(session.id)
    pins = list(pins)
    for problem in (*verify(records, session), *(p for one in pins for p in pin_problems(one))):
        raise PerfevalError(f"不能存入：{problem}")
    links = [(record, written(record)) for record in records]
    with store.writing() as connection:
        write_pins(connection, pins)
        _write_new(connection, session, links)
    return Workspace.open(store, session.id)


def _write_new(connection: Connection, session: Session, links: list[Link]) -> None:
    sets = PinnedSets()
    sets.load(connection, session)
    write_whole(connection, session, score_session(session, sets.of(session)), links)


def require_id(session_id: str) -> None:
    """Raise :class:`PerfevalError` for an id that could not stand in a command or file name."""
    if not re.fullmatch(SESSION_ID, session_id):
        told = "编号由英文字母、数字和 - _ . 组成，以字母或数字开头，最多 81 个字符"
        raise PerfevalError(f"“{session_id}”不能作编号：{told}")


def verified(
    store: Store, session_id: str, against: Sequence[Record] | str = ()
) -> tuple[list[Problem], list[Record]]:
    """Return what speaks against what is saved (journal, session, sets), and the journal.

    What cannot be read is a problem too; then no record is returned. Raises
    :class:`PerfevalError` for a session that is gone.
    """
    with store.reading() as connection:
        head = read_head(connection, session_id)
        try:
            records = read_records(connection, session_id, after=0)
            session = read_known(connection, session_id).session
        except StoreError as error:
            return [Problem("自评数据", str(error))], []
        sets = PinnedSets()
        sets.load(connection, session)
    problems = verify(records, session, head=head.head, against=against)
    if not problems and head.records != len(records):  # the next record would get a wrong number
        told = f"有 {len(records)} 条，而任务记着 {head.records} 条，条数被改动"
        problems.append(Problem("修改记录", told, "请从 backups 文件夹恢复"))
    return problems + list(sets.problems(session)), records


# --- the door --------------------------------------------------------------------------------


class Workspace:
    """One open session: its document, its Scorecard, and the only way to change them."""

    def __init__(self, store: Store, known: Known) -> None:
        self.store = store
        self._known = known
        self._records: list[Record] = []
        self._sets = PinnedSets()
        self._scored = Scorer().scorecard
        self._worth: tuple[Session, Scorecard] | None = None
        self._checker = Checker()
        self._found: tuple[Session, list[Finding]] | None = None

    @classmethod
    def open(cls, store: Store, session_id: str) -> Workspace:
        """Load a session as it was saved. Raises :class:`PerfevalError` for an unknown id."""
        with store.reading() as connection:
            return cls(store, read_known(connection, session_id))

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
                later = read_records(connection, self.session.id, after=len(self._records))
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
        """What the session is worth now; what has not changed is not scored again."""
        if self._worth is None or self._worth[0] is not self.session:
            self._worth = self.session, self._scored(self.session, self.find)
        return self._worth[1]

    @property
    def findings(self) -> list[Finding]:
        """What the checks say of the session now; what has not changed is not checked again."""
        if self._found is None or self._found[0] is not self.session:
            found = self._checker.findings(self.session, self.scorecard, self.find)
            self._found = self.session, found
        return list(self._found[1])

    def apply(self, *changes: Change) -> Scorecard:
        """Make changes, all or none, and return the rescored Scorecard.

        What is recorded is the value as it stands after the change (``838`` for an input becomes
        its mapping), so that an undo finds it.

        Raises :class:`.change.Conflict` when a value is no longer what a change was made from,
        :class:`.change.PathError` for what does not fit, :class:`.database.StoreError` when
        nothing could be saved; then nothing has changed.
        """
        return self.act(lambda: changes)

    def act(self, choose: Callable[[], Sequence[Change]]) -> Scorecard:
        """Make the changes that ``choose`` makes of what stands here, and return the Scorecard.

        It is called under the lock, after catching up: nobody comes between looking and changing.
        Raises as :meth:`apply` does, and whatever ``choose`` raises; then nothing has changed.
        """
        with suppress(PerfevalError):
            _ = self.scorecard  # all that is scored now is not scored under the lock
        with self.store.writing() as connection:
            row = read_head(connection, self.session.id, locked=True)
            if row.deleted_at is not None:
                told = f"自评任务“{self.session.id}”已被删除，不能再改"
                raise PerfevalError(f"{told}。请先恢复它")
            self._catch_up(connection, row)
            before, (session, links) = self.session, linked(self._known, choose())
            if links:
                self._sets.load(connection, session)
                find = self._sets.of(session)
                was, worth = self._scored_before(), self._scored(session, find)
                persist(connection, before, session, moved(before, was, session, worth), links)
        # Now it is saved. Were adopting it cut short, the next change would catch up.
        if links:
            self._adopt(session, [record for record, _ in links])
            self._worth = session, worth
        return self.scorecard

    def keep(self, pins: Iterable[Pin]) -> None:
        """Save indicator sets, so that a change may pin the session to them."""
        with self.store.writing() as connection:
            write_pins(connection, pins)

    def refresh(self) -> None:
        """Take in what others have recorded since."""
        with self.store.reading() as connection:
            self._catch_up(connection, read_head(connection, self.session.id))

    def undo(self, *, who: str) -> Scorecard:
        """Take back the last act (a group at once). Raises where there is nothing to undo."""
        return self.act(lambda: inverses(self._acts().done, "没有可以撤销的修改", who))

    def redo(self, *, who: str) -> Scorecard:
        """Make the last undone act again. Raises where there is nothing to redo."""
        return self.act(lambda: inverses(self._acts().undone, "没有可以重做的修改", who))

    def verify(self, against: Sequence[Record] | str = ()) -> list[Problem]:
        """Return what speaks against what is saved: journal (see :mod:`.journal`), session, sets.

        Raises :class:`PerfevalError` for a session that is gone.
        """
        return verified(self.store, self.session.id, against)[0]

    def roles(self) -> dict[int, str]:
        """Return the database role beside each record that has one (PostgreSQL), by its number."""
        with self.store.reading() as connection:
            return read_roles(connection, self.session.id)

    # -- inside ---------------------------------------------------------------

    def _scored_before(self) -> Scorecard | None:
        """Return what the session was worth; None where it cannot be scored."""
        with suppress(PerfevalError):
            return self.scorecard
        return None

    def _catch_up(self, connection: Connection, row: Row[Any]) -> None:
        session, head, count = self._known
        if (row.head, row.records) == (head, count):
            return
        records = read_records(connection, session.id, after=count)
        if not records or records[0].prev != head:
            # Not what is known here and more: a backup was restored, or the database replaced.
            self._records = []
            self._known = read_known(connection, session.id)
            return
        for record in records:
            session = apply(session, record.change)
        self._adopt(session, records)

    def _adopt(self, session: Session, records: list[Record]) -> None:
        self._known = Known(session, records[-1].hash, records[-1].n)

    def _acts(self) -> Acts:
        return Acts(record.change for record in self.records)
