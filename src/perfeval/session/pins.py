"""Pinned sets: an indicator set by its content, so a session is always scored as it was.

The hash is the SHA-256 of the canonical JSON of everything the set says, defaults included.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from perfeval.indicators.library import loads
from perfeval.indicators.model import IndicatorSet
from perfeval.session.canonical import digest
from perfeval.session.change import Change, apply, join
from perfeval.session.model import Session


@dataclass(frozen=True, slots=True)
class Pin:
    """A set's id, its content hash, and the content as JSON text."""

    set_id: str
    hash: str
    text: str

    def load(self) -> IndicatorSet:
        """Return the set. Raises :class:`perfeval.errors.UnreadableInput` for a broken text."""
        return loads(self.text, f"{self.set_id}（固定的指标体系）")


def pin(indicator_set: IndicatorSet) -> Pin:
    """Return the pin of a set."""
    content = indicator_set.model_dump(mode="json")
    return Pin(indicator_set.id, digest(content), json.dumps(content, ensure_ascii=False))


def used_sets(session: Session) -> tuple[str, ...]:
    """Return the ids of the sets a session is scored with, each once."""
    ids = [session.department.set] if session.department else []
    ids += [project.set for project in session.projects.values()]
    return tuple(dict.fromkeys(ids))


def pinned(
    session: Session, find: Callable[[str], IndicatorSet]
) -> tuple[Session, tuple[Pin, ...]]:
    """Return the session with every set it uses pinned, and the pins that were missing."""
    missing = [set_id for set_id in used_sets(session) if set_id not in session.pinned]
    pins = tuple(pin(find(set_id)) for set_id in missing)
    return session.model_copy(update={"pinned": session.pinned | _hashes(pins)}), pins


def _hashes(pins: Iterable[Pin]) -> dict[str, str]:
    return {one.set_id: one.hash for one in pins}


def pinning(
    session: Session, change: Change, find: Callable[[str], IndicatorSet]
) -> tuple[tuple[Change, ...], tuple[Pin, ...]]:
    """Return ``change`` with what pins the sets it brings in, as one group, and the pins to keep.

    A project or department added with a set the session has not used yet is scored with that set
    as it is now. Raises :class:`PerfevalError` for a set that is not there.
    """
    _, pins = pinned(apply(session, change), find)
    if not pins:
        return (change,), ()
    act = {"group": change.group or change.id, "kind": change.kind}
    brought = [
        Change(path=join("pinned", one.set_id), new=one.hash, who=change.who, why=change.why)
        for one in pins
    ]
    return tuple(one.model_copy(update=act) for one in [*brought, change]), pins
