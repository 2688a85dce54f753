"""合并: two copies of one session that went separate ways, joined path by path.

Three-way from their common ancestor: what only one side changed is taken; what both changed to
different values is listed for a choice. Nothing is decided silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
    """Return the changes that lead from ``old`` to ``new``, smallest parts first.

    A thing that one side lacks (a row, a project, an answer) is one whole value.
    """
    changes = []
    for path in _differing(_plain(old), _plain(new), ()):
        text = join(*path)
        changes.append(Change(kind="merge", path=text, old=read(old, text), new=read(new, text)))
    return changes


def three_way(base: Session, ours: Session, theirs: Session, *, who: str = "") -> Merge:
    """Return what of ``theirs`` can be taken into ``ours``, given where both began."""
    mine = {change.path: change for change in difference(base, ours)}
    changes: list[Change] = []
    clashes: list[Clash] = []
    for change in difference(base, theirs):
        touching = [path for path in mine if _overlap(path, change.path)]
        if not touching:
            changes.append(change.model_copy(update={"who": who}))
        elif touching != [change.path] or mine[change.path].new != change.new:
            here = read(ours, change.path)
            clashes.append(Clash(change.path, change.old, here, change.new))
    return Merge(tuple(changes), tuple(clashes))


def _overlap(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _plain(session: Session) -> dict[str, Any]:
    return session.model_dump(mode="json", exclude_defaults=True)


def _differing(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the paths where two plain values differ, descending as long as both are mappings."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _differing(old.get(key), new.get(key), (*path, key))
    else:
        yield path
