"""Files that come from others: a 自评数据包 or a session file, taken in, copied or merged.

Plain functions over a :class:`Store`; the desk runs them in its thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perfeval.exchange.package import Package
    from perfeval.session.change import Change
    from perfeval.session.merge import Clash, Merge
    from perfeval.session.model import Session
    from perfeval.store import Store, Workspace

SUFFIXES = (".perfeval", ".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that was read: the session in it, the whole package if it is one, and whether a
    session of that id is saved here.
    """

    file: Path
    session: Session
    package: Package | None
    known: bool


def read(store: Store, file: Path) -> Arrival:
    """Read a file. Raises :class:`PerfevalError` with everything that is wrong with it."""
    from perfeval.exchange.package import SUFFIX, unpack
    from perfeval.session import files
    from perfeval.store.listing import exists

    package = unpack(file) if file.suffix.lower() == SUFFIX else None
    session = package.session if package else files.load(file)
    return Arrival(file, session, package, exists(store, session.id))


def take(store: Store, arrival: Arrival, *, who: str) -> str:
    """Save what arrived under its own id, a package with its records; return the id."""
    from perfeval.indicators.library import find
    from perfeval.session.distribute import handed_over
    from perfeval.store.evidence import evidence_folder, keep
    from perfeval.store.workspace import create, take_in

    session, package = arrival.session, arrival.package
    if package is None:
        create(store, session, find, who=who, why=f"打开 {arrival.file.name}")
        return session.id
    keep(evidence_folder(store), package.evidence)
    workspace = take_in(store, session, package.records, package.pins)
    if package.owner and not session.working_as:
        workspace.apply(*handed_over(session, package.owner, package.editable))
    return session.id


def copy(store: Store, arrival: Arrival, *, who: str) -> str:
    """Save what arrived as a copy under another id, its records beginning anew; return the id."""
    from perfeval.indicators.library import find
    from perfeval.session.distribute import own_copy
    from perfeval.store.evidence import evidence_folder, keep
    from perfeval.store.workspace import create
    from perfeval.tui.shelf import free_id

    package = arrival.package
    copied = own_copy(arrival.session, free_id(store, arrival.session.id))
    pins = {one.set_id: one for one in package.pins} if package else {}
    if package:
        keep(evidence_folder(store), package.evidence)
    create(
        store, copied, lambda set_id: pins[set_id].load() if set_id in pins else find(set_id),
        who=who, why=f"打开 {arrival.file.name} 的副本",
    )  # fmt: skip
    return copied.id


@dataclass(frozen=True, slots=True)
class Joining:
    """What merging would do here: changes and clashes, and what is not the sender's to change."""

    merge: Merge
    refused: tuple[Clash, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes to values; noting that a package came back is not among them."""
        return tuple(one for one in self.merge.changes if not one.path.startswith("sent/"))


def joining(workspace: Workspace, package: Package, *, who: str) -> Joining:
    """Return what a package would change in the session it was made from.

    Raises :class:`PerfevalError` for a package of another session.
    """
    from perfeval.session.distribute import common, sent_to, take_back
    from perfeval.session.journal import replay
    from perfeval.session.merge import three_way

    session, records = workspace.session, workspace.records
    shared = common(records, package.records)
    if owner := sent_to(session, records, shared[-1].hash, package.owner):
        back = take_back(
            session, records, package.session, package.records,
            owner=owner, find=workspace.find, who=who,
        )  # fmt: skip
        return Joining(back.merge, back.refused)
    return Joining(three_way(replay(shared), session, package.session, who=who), ())


def decided(found: Merge, theirs: Iterable[str], *, who: str) -> list[Change]:
    """Return the changes to make, as one group: of the clashes those at the paths ``theirs``."""
    from perfeval.session.change import Change

    wanted = set(theirs)
    changes = [
        *found.changes,
        *(
            Change(kind="merge", path=one.path, old=one.ours, new=one.theirs, who=who)
            for one in found.clashes
            if one.path in wanted
        ),
    ]
    group = (changes[0].group or changes[0].id) if changes else ""
    return [one.model_copy(update={"group": group}) for one in changes]
