"""Acts on a session before anything is saved: changes made into records, and what undo takes back.

All of it is pure: a session and changes in, a session and records out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from perfeval.errors import PerfevalError
from perfeval.session.change import Change, PathError, apply, read, require_name, split
from perfeval.session.distribute import require_editable
from perfeval.session.journal import Record, link
from perfeval.session.model import Session

_FIXED = ("id", "format")


class Known(NamedTuple):
    """What is known of a session: one value, so that nothing can be half adopted."""

    session: Session
    head: str
    records: int


Link = tuple[Record, str]
"""A record and its JSON text."""


def linked(known: Known, changes: Iterable[Change]) -> tuple[Session, list[Link]]:
    """Return the session after ``changes`` and the records they add to its journal.

    Raises what :func:`.change.apply` raises, and :class:`PathError` for what cannot be changed so.
    """
    session, head, count = known
    links = []
    for change in changes:
        first, *rest = split(change.path)
        if change.kind == "create" or first in _FIXED:
            raise PathError(f"{change.path}：不能修改")
        if first == "projects" and not rest:
            raise PathError("项目要逐个增加或删除")
        require_editable(session, change)
        session = apply(session, change)
        count += 1
        record, text = linked_record(session, count, head, _as_it_stands(session, change))
        links.append((record, text))
        head = record.hash
    return session, links


def _as_it_stands(session: Session, change: Change) -> Change:
    stands = read(session, change.path)
    if stands == change.new or not (stands or change.new):
        return change
    return change.model_copy(update={"new": stands})


def linked_record(session: Session, n: int, head: str, change: Change) -> Link:
    """Return a record and its text. Raises :class:`PathError` for what cannot be written down,
    :class:`PerfevalError` for a name that does not show as it is.
    """
    require_name(change.who)
    try:
        record = link(session.id, n, head, change)
        return record, written(record)
    except ValueError as error:  # half a character (a lone surrogate), a number beyond JSON's
        raise PathError(f"{_visible(change.path)}：填写的内容里有不能保存的字符或数") from error


def written(record: Record) -> str:
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


def inverses(acts: list[list[Change]], nothing: str, who: str) -> list[Change]:
    """Return what takes back the last of ``acts``. Raises with ``nothing`` where there is none."""
    if not acts:
        raise PerfevalError(nothing)
    return [change.inverse(who=who) for change in reversed(acts[-1])]


class Acts:
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
