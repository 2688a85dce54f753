"""What a check says: an observation at a path, made a finding by the register."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

from perfeval.session.model import Waiver


class Level(StrEnum):
    """How much a finding asks of the office, worst first.

    错误 (逻辑性审核) must be corrected; 警告 (核实性审核) passes with an explanation; 提示 is worth
    a look.
    """

    ERROR = "错误"
    WARNING = "警告"
    NOTICE = "提示"

    @property
    def rank(self) -> int:
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Observation:
    """What one check saw at one place.

    ``what`` states it with both numbers, ``cure`` says what to do, ``label`` names the place for
    people. ``level`` is the check's own unless stated. Observations of one check that share a
    ``repeat`` may be shown as one line beginning with it. ``also`` are further paths it speaks of.
    """

    path: str
    what: str
    cure: str = ""
    label: str = ""
    claimed: str = ""
    expected: str = ""
    assumption: str = ""
    level: Level | None = None
    repeat: str = ""
    also: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """Return the whole sentence: place, what, cure."""
        label = f"{self.label}：" if self.label else ""
        return f"{label}{self.what}" + (f"。{self.cure}" if self.cure else "")


def evaluation_of(path: str) -> str:
    """Return the evaluation a path lies in (``projects/<id>``), or its first name."""
    after = len("projects/") if path.startswith("projects/") else 0
    end = path.find("/", after)
    return path if end < 0 else path[:end]


@dataclass(frozen=True)  # without slots: what is asked of it at every repaint is worked out once
class Finding:
    """A finding as people see it. ``id`` is its check's; numbers are texts as printed.

    ``assumption`` names the guess it rests on, if any. ``members`` are the findings a collapsed
    one stands for. ``waiver`` is the 核实说明 that explains it; ``lapsed`` one that no longer does,
    because a number has changed since.
    """

    id: str
    level: Level
    path: str
    message: str
    claimed: str = ""
    expected: str = ""
    assumption: str = ""
    title: str = ""
    basis: str = ""
    also: tuple[str, ...] = ()
    members: tuple[Finding, ...] = ()
    waiver: Waiver | None = None
    lapsed: Waiver | None = None

    @property
    def count(self) -> int:
        """How many findings this line stands for."""
        return len(self.members) or 1

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every path the finding speaks of, the one to go to first."""
        if self.members:
            return tuple(dict.fromkeys(path for one in self.members for path in one.paths))
        return (self.path, *self.also)

    @cached_property
    def by_evaluation(self) -> dict[str, list[str]]:
        """The :attr:`paths` by the evaluation they lie in (``projects/<id>``), or first name.

        A collapsed finding speaks of a thousand projects: a screen looks at its own only.
        """
        found: dict[str, list[str]] = {}
        for path in self.paths:
            found.setdefault(evaluation_of(path), []).append(path)
        return found

    @cached_property
    def fingerprint(self) -> str:
        """A short text that stays the same while check, places and both numbers do."""
        parts = [self.id, self.claimed, self.expected, *self.paths]
        parts += [one.fingerprint for one in self.members]
        return sha256("\x1f".join(parts).encode()).hexdigest()[:16]

    def as_dict(self) -> dict[str, str]:
        """Return the finding as texts, as ``check --json`` prints it."""
        return {
            "id": self.id,
            "level": str(self.level),
            "path": self.path,
            "message": self.message,
            "claimed": self.claimed,
            "expected": self.expected,
            "assumption": self.assumption,
        }


@dataclass(frozen=True, slots=True)
class NotAssessed:
    """A check that could not be made, and what it would need."""

    id: str
    title: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        return {"id": self.id, "title": self.title, "reason": self.reason}
