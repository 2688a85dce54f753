"""What a check saw that no equation says: a stale year, numbering, a class counted twice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from perfeval.audit.document import Place
from perfeval.audit.equations import Verdict


class Severity(StrEnum):
    """Of what kind a finding is, worst first."""

    ARITHMETIC = "计算"
    ROUNDING = "尾数"
    LOGIC = "逻辑"
    FORMAT = "格式"
    TEXT = "文字"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Observed:
    """One thing seen at a place: which check, what it is about, and what does not fit.

    ``blame`` are corrections that would mend it, each one possibility.
    """

    check: str
    severity: Severity
    subject: str
    message: str
    place: Place
    quote: str
    printed: str = ""
    expected: str = ""
    verdict: Verdict = Verdict.FAIL
    blame: tuple[str, ...] = ()
