"""The indicator sets that saved sessions are pinned to, by content."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from perfeval.errors import PerfevalError, Problem
from perfeval.indicators.model import IndicatorSet
from perfeval.session.canonical import digest
from perfeval.session.model import Session
from perfeval.session.pins import Pin
from perfeval.store.tables import PINNED

Finder = Callable[[str], IndicatorSet]


class PinnedSets:
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
        if not wanted:
            return
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
                yield from pin_problems(self._pins[one])


@lru_cache(maxsize=64)
def _loaded(kept: Pin) -> IndicatorSet:
    """Return the set of a pin; content never changes, so sessions share it."""
    return kept.load()


def pin_problems(kept: Pin) -> Iterator[Problem]:
    """Yield what speaks against a pinned set: content that is not what its hash says."""
    try:
        intact = digest(json.loads(kept.text)) == kept.hash
    except ValueError:
        intact = False
    if not intact:
        yield Problem(f"指标体系 {kept.set_id}", "固定的内容被改动，与其校验码不符")


def write_pins(connection: Connection, pins: Iterable[Pin]) -> None:
    """Save sets that are not there yet."""
    for one in pins:
        values = {"hash": one.hash, "set_id": one.set_id, "text": one.text}
        connection.execute(new_row(connection, PINNED), values)


def new_row(connection: Connection, table: Any) -> Any:
    """Return what adds a row unless its key is taken, even at this very moment; says its key."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing().returning(*table.primary_key)
