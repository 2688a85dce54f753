"""Problems are values; exceptions are for what stops the work. Both say what to do.

Everything a user reads is Chinese. A :class:`Problem` names a place and a cure; a
:class:`PerfevalError` carries one or many of them to whoever shows them (the command line,
a notification, a dialog).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not hold, where it is, and how to put it right.

    ``place`` is what the reader can go to: ``文件:行``, a field's name, or a session path.
    ``severity`` is ``错误`` (must be put right) or ``警告`` (allowed, worth a look).
    """

    place: str
    message: str
    cure: str = ""
    severity: str = "错误"

    def __str__(self) -> str:
        cure = f"。{self.cure}" if self.cure else ""
        return f"{self.place}：{self.message}{cure}"


class PerfevalError(Exception):
    """What stops the work: the message is Chinese and says what, where and what to do."""


class Findings(PerfevalError):
    """An act is refused because checks found what must be put right first."""


class UnreadableInput(PerfevalError):
    """A file that cannot be used, with every problem found in it (never only the first)."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``是否想写“…”？`` for the nearest known name, or an empty string."""
    match = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"是否想写“{match[0]}”？" if match else ""
