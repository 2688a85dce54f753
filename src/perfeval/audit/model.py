"""What an audit says: findings with verdict, blame and a fingerprint, and what was covered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from perfeval.audit.document import Place
from perfeval.audit.equations import Verdict
from perfeval.audit.observed import Severity
from perfeval.session.model import Waiver

CERTAINTY = [Verdict.FAIL, Verdict.UNCERTAIN, Verdict.NOT_ASSESSABLE, Verdict.PASS]


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One thing that does not hold, or that a reader must ask about.

    ``subject`` says what it is about in words that survive a corrected number; with ``check`` it
    makes the fingerprint. ``blame`` are the corrections that would mend it, more than one when
    they cost the same. Findings of one ``cause`` are mended together. ``places`` are all the
    numbers it speaks of. ``waiver`` is the 核实说明 that explains it, ``lapsed`` one whose numbers
    have changed.
    """

    check: str
    verdict: Verdict
    severity: Severity
    subject: str
    place: Place
    quote: str
    printed: str
    expected: str
    message: str
    blame: tuple[str, ...] = ()
    cause: int = 0
    places: tuple[Place, ...] = ()
    repeat: int = 0
    waiver: Waiver | None = None
    lapsed: Waiver | None = None

    @property
    def fingerprint(self) -> str:
        """What stays the same while the finding is about the same thing."""
        parts = f"{self.check}\x1f{self.subject}\x1f{self.repeat}"
        return sha256(parts.encode()).hexdigest()[:12]

    @property
    def rank(self) -> tuple[int, int, int]:
        """Certain before uncertain, arithmetic before words, then as in the document."""
        return CERTAINTY.index(self.verdict), self.severity.rank, self.place.order

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as texts, as ``audit --json`` prints it."""
        said = {
            "id": self.fingerprint,
            "check": self.check,
            "verdict": str(self.verdict),
            "severity": self.severity.name.lower(),
            "place": str(self.place),
            "quote": self.quote,
            "printed": self.printed,
            "expected": self.expected,
            "message": self.message,
            "blame": list(self.blame),
            "subject": self.subject,
            "cause": self.cause,
        }
        for name, waiver in (("waiver", self.waiver), ("lapsed", self.lapsed)):
            if waiver is not None:
                said[name] = {
                    "reason": waiver.reason,
                    "who": waiver.who,
                    "printed": waiver.claimed,
                    "expected": waiver.expected,
                }
        return said


@dataclass(frozen=True, slots=True)
class Covered:
    """A kind of check: how often it held, failed, was asked about, could not be made."""

    check: str
    passed: int = 0
    failed: int = 0
    uncertain: int = 0
    not_assessable: int = 0

    def as_dict(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "pass": self.passed,
            "fail": self.failed,
            "uncertain": self.uncertain,
            "not_assessable": self.not_assessable,
        }


@dataclass(frozen=True, slots=True)
class Audit:
    """What became of a document."""

    name: str
    year: int
    unit: str
    findings: tuple[AuditFinding, ...]
    coverage: tuple[Covered, ...]
    missing: tuple[str, ...]
    """What could not be checked, and why."""
    paragraphs: int
    tables: int
    figures: int

    @property
    def failed(self) -> tuple[AuditFinding, ...]:
        """The findings that are certain and not explained."""
        return tuple(f for f in self.findings if f.verdict is Verdict.FAIL and f.waiver is None)

    def explained(self, waivers: dict[str, Waiver]) -> Audit:
        """Return the audit with 核实说明 bound: one whose numbers changed lapses."""
        findings = []
        for one in self.findings:
            waiver = waivers.get(one.fingerprint)
            if waiver is not None:
                same = (waiver.claimed, waiver.expected) == (one.printed, one.expected)
                bound, lapsed = (waiver, None) if same else (None, waiver)
                one = replace(one, waiver=bound, lapsed=lapsed)  # noqa: PLW2901
            findings.append(one)
        return replace(self, findings=tuple(findings))

    def as_dict(self) -> dict[str, Any]:
        """Return the audit as ``audit --json`` prints it."""
        return {
            "document": self.name,
            "year": self.year,
            "unit": self.unit,
            "findings": [one.as_dict() for one in self.findings],
            "coverage": {
                "paragraphs": self.paragraphs,
                "tables": self.tables,
                "figures": self.figures,
                "checks": [one.as_dict() for one in self.coverage],
                "not_checked": list(self.missing),
            },
        }
