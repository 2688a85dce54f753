"""合并: two copies of one session that went separate ways, joined path by path.

Three-way from their common ancestor: what only one side changed is taken; what both changed to
different values is listed for a choice. Nothing is decided silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from perfeval.session.change import Change, Plain, apply, join, read
from perfeval.session.model import Session


@dataclass(frozen=True, slots=True)
class Clash:
    """A path both sides changed: what it was, what is here, what the other copy has."""

    path: str
    base: Plain
    ours: Plain
    theirs: Plain


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge would do: changes to take over, and clashes to be chosen."""

    changes: tuple[Change, ...]
    clashes: tuple[Clash, ...]

    def applied(self, session: Session) -> Session:
        """Return ``session`` with the changes taken over; clashes keep its own values."""
        for change in self.changes:
            session = apply(session, change)
        return session


def difference(old: Session, new: Session) -> list[Change]:
    """Return the changes that lead from ``old`` to ``new``, the smallest there are.

    A thing that one side lacks (a row, a project, an answer) is one whole value. A first entry in
    an empty mapping is a change of that entry, not of the mapping: two people who each fill in a
    first figure do not meet.
    """
    paths = [join(*path) for path in _differing(old, new, ())]
    return [
        Change(kind="merge", path=path, old=read(old, path), new=read(new, path)) for path in paths
    ]


def three_way(base: Session, ours: Session, theirs: Session, *, who: str = "") -> Merge:
    """Return what of ``theirs`` can be taken into ``ours``, given where both began."""
    mine = {change.path: change for change in difference(base, ours)}
    changes: list[Change] = []
    clashes: list[Clash] = []
    for change in difference(base, theirs):
        touching = [path for path in mine if overlap(path, change.path)]
        if not touching:
            changes.append(change.model_copy(update={"who": who}))
        elif touching != [change.path] or mine[change.path].new != change.new:
            here = read(ours, change.path)
            clashes.append(Clash(change.path, change.old, here, change.new))
    return Merge(tuple(changes), tuple(clashes))


def overlap(one: str, other: str) -> bool:
    """Whether two paths are one, or one lies in the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _differing(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the paths where two values differ, descending into models and mappings."""
    if old == new:
        return
    if isinstance(old, BaseModel) and type(old) is type(new):
        for name in type(old).model_fields:
            yield from _differing(getattr(old, name), getattr(new, name), (*path, name))
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _differing(old.get(key), new.get(key), (*path, key))
    else:
        yield path
