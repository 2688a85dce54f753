"""合并: two copies of one session that went separate ways, joined path by path.

Three-way from their common ancestor: what only one side changed is taken; what both changed to
different values is listed for a choice. Nothing is decided silently. Lists whose order says
nothing (佐证材料 of an indicator, 核实说明) are joined as sets: two people who each add to one do
not meet. Nor do they in an order of rows or projects, unless both moved what was there before.
A reviewer's mark is one word: it is taken whole, never one's score with another's opinion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from perfeval.session.change import Change, Plain, apply, edit, join, read, split, under
from perfeval.session.model import Feedback, ReviewMark, Session, next_number

_WHOLE = (ReviewMark, Feedback)
"""What somebody says at once: half of it beside half of another's would be nobody's word."""
HANDED = ("working_as", "editable")
"""The fields that only say whose copy this is; they are not merged."""


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

    A thing that one side lacks (a row, a project) is one whole value. A first entry in an empty
    mapping or answer is a change of that entry: two people who each fill in a first figure do
    not meet.
    """
    paths = [join(*path) for path in _differing(old, new, ())]
    return [
        Change(kind="merge", path=path, old=read(old, path), new=read(new, path)) for path in paths
    ]


def three_way(base: Session, ours: Session, theirs: Session, *, who: str = "") -> Merge:
    """Return what of ``theirs`` can be taken into ``ours``, given where both began.

    Where the thing a change lies in was removed here, the clash is about the whole thing, so that
    either side can be chosen. Files that come in get a free number where theirs is taken here.
    """
    mine = {change.path: change.new for change in difference(base, ours)}
    taken: list[Change] = []
    clashes: dict[str, Clash] = {}
    for change in difference(base, theirs):
        touching = [path for path in mine if overlap(path, change.path)]
        if change.path in HANDED:
            continue
        if not touching:
            taken.append(change)
            continue
        path = _standing(ours, change.path)
        if touching == [change.path] and mine[change.path] == change.new:
            continue  # both say the same
        if path == change.path and (joined := _joined(ours, change)) is not None:
            taken += joined
        else:
            clashes[path] = Clash(path, *(read(one, path) for one in (base, ours, theirs)))
    act = {"kind": "merge", "who": who}
    changes = tuple(change.model_copy(update=act) for change in _renumbered(ours, taken))
    return Merge(changes, tuple(clashes.values()))


def _standing(session: Session, path: str) -> str:
    """Return ``path``, or the first thing on the way to it that is not there (any more)."""
    segments = split(path)
    for length in range(1, len(segments)):
        above = join(*segments[:length])
        if read(session, above) is None:
            return above
    return path


def overlap(one: str, other: str) -> bool:
    """Whether two paths are one, or one lies in the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _differing(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the paths where two values differ, descending into models and mappings."""
    if old == new:
        return
    if old is None and (empty := _empty(new)) is not None:
        old = empty
    if isinstance(old, BaseModel) and type(old) is type(new) and not isinstance(old, _WHOLE):
        for name in type(old).model_fields:
            yield from _differing(getattr(old, name), getattr(new, name), (*path, name))
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _differing(old.get(key), new.get(key), (*path, key))
    else:
        yield path


def _empty(new: Any) -> BaseModel | None:
    """Return an answer (a figure, a fund) with nothing filled in, to set a first one against."""
    if not isinstance(new, BaseModel):
        return None
    kind = type(new)
    if any(field.is_required() for field in kind.model_fields.values()):
        return None  # a row, a project: there whole or not at all
    empty = kind()
    return None if new == empty else empty


# --- lists that are sets ---------------------------------------------------------------------


def _joined(ours: Session, change: Change) -> list[Change] | None:
    """Return the changes that join what both sides put into one set; None for no set."""
    old, new = change.old or [], change.new or []
    match split(change.path):
        case [*_, "answers" | "rows", _, "evidence"] | ["evidence", _, "paths"]:
            return _union(ours, change.path, old, new)
        case [*_, "row_order" | "fund_order"] | ["project_order"]:
            return _ordered(ours, change.path, old, new)
        case ["waivers"]:
            joined = _union(ours, change.path, old, new)
            kept = joined[0].new if joined else read(ours, change.path)
            about = [tuple(one.get(name, "") for name in _BOUND) for one in kept]
            return joined if len(set(about)) == len(about) else None
        case ["evidence", key] if change.new and change.old is None:
            mine = ours.evidence[key]
            if mine.sha256 != change.new["sha256"]:
                return None
            pages = [page for page in (mine.page, change.new.get("page", "")) if page]
            page = under(change.path, "page")
            joined = _union(ours, under(change.path, "paths"), [], change.new.get("paths", []))
            if (told := "；".join(dict.fromkeys("；".join(pages).split("；")))) != mine.page:
                joined.append(edit(ours, page, told))
            return joined
    return None


_BOUND = ("check", "path", "claimed", "expected")
"""What a 核实说明 is bound to: two of one finding are a choice, not a set."""


def _union(ours: Session, path: str, before: list[Any], after: list[Any]) -> list[Change]:
    """Return the change, if any, that makes in ours what was added and removed in theirs."""
    mine = read(ours, path) or []
    kept = [one for one in mine if one in after or one not in before]
    joined = [*kept, *(one for one in after if one not in before and one not in kept)]
    return [] if joined == mine else [edit(ours, path, joined)]


def _ordered(ours: Session, path: str, before: list[str], after: list[str]) -> list[Change] | None:
    """Return the change that makes in ours what theirs did to an order; None where both moved.

    What came or went there comes or goes here. What came in stands where it stood there: after
    the one before it.
    """
    mine: list[str] = read(ours, path) or []
    lasting = set(before) & set(mine) & set(after)
    was, here, there = ([one for one in order if one in lasting] for order in (before, mine, after))
    if there in (was, here):
        frame, other = mine, after
    elif here == was:
        frame, other = after, mine
    else:
        return None
    gone = set(before) - set(other)
    joined = [one for one in frame if one not in gone]
    place = 0
    for one in other:
        if one in joined:
            place = joined.index(one) + 1
        elif one not in before:
            joined.insert(place, one)
            place += 1
    return [] if joined == mine else [edit(ours, path, joined)]


def _renumbered(ours: Session, changes: Iterable[Change]) -> Iterator[Change]:
    """Give a file that comes in the next free number (B3-2) where its own is another's here."""
    used = {one.number for one in ours.evidence.values()}
    for change in changes:
        first, *rest = split(change.path)
        comes_in = first == "evidence" and len(rest) == 1 and change.new
        if not comes_in or not (number := change.new.get("number", "")):
            yield change
            continue
        if number in used:
            number = next_number(used, number.rpartition("-")[0] or number)
        used.add(number)
        yield change.model_copy(update={"new": {**change.new, "number": number}})
