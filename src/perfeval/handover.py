"""Files × saved sessions: what goes to others and what comes from them.

Both the command line and the interface do these; each asks its questions its own way and shows what
came of it. Everything here reads or writes files and the database, so the interface runs it in its
thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from perfeval.exchange.package import SUFFIX, Package, unpack
from perfeval.session import files
from perfeval.session.change import Change
from perfeval.session.distribute import (
    common,
    handed_over,
    own_copy,
    part_for,
    sent_to,
    take_back,
)
from perfeval.session.journal import replay
from perfeval.session.merge import Clash, Merge, three_way
from perfeval.session.model import Session
from perfeval.session.pins import pin
from perfeval.store import Store, Workspace
from perfeval.store.evidence import contents, evidence_folder, keep
from perfeval.store.listing import exists, is_deleted
from perfeval.store.workflow import apply_with_sets
from perfeval.store.workspace import Finder, create, take_in

if TYPE_CHECKING:  # reading tables is heavy: only what imports a table loads it
    from perfeval.exchange.intake.ledger import Entry, Ledger
    from perfeval.exchange.intake.reading import Reading
    from perfeval.indicators.model import IndicatorSet

SUFFIXES = (SUFFIX, ".yaml", ".yml", ".json")
"""The files a session comes in: a 自评数据包, or a session file anybody can read."""


# --- going out -------------------------------------------------------------------------------


def packed(workspace: Workspace, owner: str = "", *, evidence: bool = True) -> Package:
    """Return the 自评数据包 of a session: its journal, its sets, its evidence where wanted.

    ``owner`` is the 责任科室 it is made for; a copy that is an office's part stays that office's.
    Raises :class:`PerfevalError` for evidence that is missing or altered.
    """
    session = workspace.session
    owner = owner or session.working_as
    return Package(
        session=session,
        records=workspace.records,
        pins=[pin(workspace.find(set_id)) for set_id in session.pinned],
        evidence=contents(evidence_folder(workspace.store), session) if evidence else {},
        owner=owner,
        editable=session.editable or (part_for(session, owner, workspace.find) if owner else ()),
    )


# --- coming in -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file from somebody else, read: the session in it, and the whole package if it is one.

    ``known`` says that a session of its id is saved here, ``deleted`` that it was put aside.
    """

    file: Path
    session: Session
    package: Package | None
    known: bool
    deleted: bool


def read_arrival(store: Store, file: Path) -> Arrival:
    """Read a file. Raises :class:`PerfevalError` with everything that is wrong with it."""
    package = unpack(file) if file.suffix.lower() == SUFFIX else None
    session = package.session if package else files.load(file)
    known = exists(store, session.id)
    return Arrival(file, session, package, known, known and is_deleted(store, session.id))


def take(store: Store, arrival: Arrival, find: Finder, *, who: str) -> Session:
    """Save what arrived under its own id, a package with its records; return it as it is saved.

    A part that was sent to a 责任科室 may be changed in that part only. ``find`` gives the sets of
    a session file, which brings none. Raises :class:`PerfevalError` for an id that is taken.
    """
    session, package = arrival.session, arrival.package
    if package is None:
        why = f"打开 {arrival.file.name}"
        return create(store, session, find, who=who, why=why).session
    keep(evidence_folder(store), package.evidence)
    workspace = take_in(store, session, package.records, package.pins)
    if package.owner and not session.working_as:
        workspace.apply(*handed_over(session, package.owner, package.editable))
    return workspace.session


def take_copy(
    store: Store, arrival: Arrival, session_id: str, find: Finder, *, who: str
) -> Session:
    """Save what arrived under another id, its records beginning anew; return the copy.

    Raises as :func:`take` does.
    """
    package = arrival.package
    pins = {one.set_id: one for one in package.pins} if package else {}
    if package:
        keep(evidence_folder(store), package.evidence)
    return create(
        store,
        own_copy(arrival.session, session_id),
        lambda set_id: pins[set_id].load() if set_id in pins else find(set_id),
        who=who,
        why=f"打开 {arrival.file.name} 的副本",
    ).session


# --- coming back -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Joining:
    """合并: what a package would change in the session it was made from.

    ``refused`` is what is not its sender's to change.
    """

    package: Package
    merge: Merge
    refused: tuple[Clash, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes to values."""
        return tuple(one for one in self.merge.changes if not _is_note(one))

    @property
    def noted(self) -> bool:
        """Whether merging also notes here that a package came back."""
        return any(map(_is_note, self.merge.changes))

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """The values both sides changed: a person chooses."""
        return self.merge.clashes


def _is_note(change: Change) -> bool:
    return change.path.startswith("sent/")


def joining(workspace: Workspace, package: Package, *, who: str) -> Joining:
    """Return what a package would change here; nothing is changed.

    Of a package that was sent to a 责任科室 only that office's part is taken. Raises
    :class:`PerfevalError` for a package of another session.
    """
    session, records = workspace.session, workspace.records
    shared = common(records, package.records)
    if owner := sent_to(session, records, shared[-1].hash, package.owner):
        back = take_back(
            session, records, package.session, package.records,
            owner=owner, find=workspace.find, who=who,
        )  # fmt: skip
        return Joining(package, back.merge, back.refused)
    merge = three_way(replay(shared), session, package.session, who=who)
    return Joining(package, merge, ())


def join_in(
    workspace: Workspace, joining: Joining, theirs: Iterable[str], *, who: str
) -> list[Change]:
    """Make the changes of a merge as one act, with evidence and sets; return those to values.

    Of the clashes, those at the paths ``theirs`` go the package's way, the others stay. Raises
    :class:`PerfevalError` where somebody changed one of the values meanwhile; nothing is merged.
    """
    changes = _decided(joining, set(theirs), who)
    keep(evidence_folder(workspace.store), joining.package.evidence)
    if changes:
        workspace.keep(joining.package.pins)  # a project that comes in may need its own set
        workspace.apply(*changes)
    return [one for one in changes if not _is_note(one)]


def _decided(joining: Joining, theirs: set[str], who: str) -> list[Change]:
    chosen = [one for one in joining.clashes if one.path in theirs]
    changes = [
        *joining.merge.changes,
        *(Change(kind="merge", path=c.path, old=c.ours, new=c.theirs, who=who) for c in chosen),
    ]
    group = (changes[0].group or changes[0].id) if changes else ""
    return [one.model_copy(update={"group": group}) for one in changes]


# --- tables ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Import:
    """A file of tables that was read, and what would become of each of its cells.

    ``workspace`` is the saved session it goes into, None where that is to be made; ``find`` gives
    its sets, those it is pinned to as they were.
    """

    reading: Reading
    ledger: Ledger
    workspace: Workspace | None
    find: Finder

    def lines(self, *, everything: bool) -> list[tuple[int, Entry]]:
        """Return cells with their numbers: all as they stand in the file, or those to look at.

        These are the refused ones first, which somebody has to mind, then those that are taken;
        not titles and what is the same already.
        """
        from perfeval.exchange.intake.ledger import Verdict

        numbered = list(enumerate(self.ledger.entries))
        if everything:
            return numbered
        refused = [one for one in numbered if one[1].verdict is Verdict.REFUSED]
        return refused + [one for one in numbered if one[1].taken]


def blank(reading: Reading, session_id: str) -> Session:
    """Return the empty session that a file of tables stands for, unit and year as it states."""
    from perfeval.exchange.intake.reading import blank_session

    session = blank_session([reading], reading.name)
    return session.model_copy(update={"id": session_id})


def plan_import(
    reading: Reading,
    into: Session | Workspace,
    find: Finder,
    sets: Sequence[str],
    chosen: str = "",
) -> Import:
    """Return what importing a file into a session would do; nothing is changed.

    A new session is given as it would begin. ``sets`` are the ids among which the one of a
    department's form is looked for; ``chosen`` names one for new projects or the department,
    whichever it is made for. Raises :class:`PerfevalError` for a set that is not there.
    """
    from perfeval.exchange.intake.reading import PROJECT_SET, plan

    workspace = into if isinstance(into, Workspace) else None
    session = into.session if isinstance(into, Workspace) else into
    scope = find(chosen).scope if chosen else ""

    def known(set_id: str) -> IndicatorSet:
        if workspace is not None and set_id in workspace.session.pinned:
            return workspace.find(set_id)
        return find(set_id)

    ledger = plan(
        session,
        reading,
        known,
        sets=sets,
        project_set=chosen if scope == "project" else PROJECT_SET,
        department_set=chosen if scope == "department" else "",
    )
    return Import(reading, ledger, workspace, known)


def carry_out(store: Store, planned: Import, *, who: str) -> tuple[str, int]:
    """Make the changes of an import as one act; return the session's id and how many there were.

    A new session is made first, and only where there is something to take; else the id is empty.
    Raises :class:`PerfevalError` where nothing could be saved, or somebody changed a value
    meanwhile.
    """
    name, workspace = planned.reading.name, planned.workspace
    changes = planned.ledger.changes(who=who, why=f"导入 {name}")
    if changes and workspace is None:
        base = planned.ledger.base
        workspace = create(store, base, planned.find, who=who, why=f"为导入 {name} 新建")
    if workspace is None:
        return "", 0
    if changes:
        apply_with_sets(workspace, changes, planned.find)
    return workspace.session.id, len(changes)
