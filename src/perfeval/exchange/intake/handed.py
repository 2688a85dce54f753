"""Files as they were handed in: the session they stand for, scored and checked as it is.

A form is judged by its own levels and points where these are not those of a known set
(:mod:`.as_printed`); nothing is saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from perfeval.checks import Finding, Level, run
from perfeval.checks.subject import same_name
from perfeval.exchange.intake import claims
from perfeval.exchange.intake.as_printed import as_printed, fits
from perfeval.exchange.intake.department_form import best_set
from perfeval.exchange.intake.labels import indicator_name
from perfeval.exchange.intake.ledger import Ledger, Verdict
from perfeval.exchange.intake.reading import PROJECT_SET, Reading, blank_session, plan, read
from perfeval.exchange.intake.seen import Form
from perfeval.indicators.model import IndicatorSet
from perfeval.scoring.engine import SetFinder, score_session
from perfeval.scoring.scorecard import Scorecard
from perfeval.session.model import Session


@dataclass
class Handed:
    """What a unit handed in: its session, the sets it is scored with, and what became of cells."""

    name: str
    session: Session
    find: SetFinder
    ledgers: Sequence[Ledger] = ()
    readings: Sequence[Reading] = ()

    @cached_property
    def card(self) -> Scorecard:
        return score_session(self.session, self.find)

    @cached_property
    def findings(self) -> list[Finding]:
        """Return what the checks find, and what the printed tables themselves get wrong."""
        return [*claims.of_forms(self), *run(self.session, self.card, self.find)]

    @cached_property
    def claims(self) -> list[claims.Claim]:
        """Return for each score typed which rule explains it."""
        return list(claims.explain(self.session, self.card))

    @property
    def refused(self) -> int:
        return sum(ledger.count(Verdict.REFUSED) for ledger in self.ledgers)

    def count(self, level: Level) -> int:
        return sum(one.count for one in self.findings if one.level is level and not one.waiver)


@dataclass(slots=True)
class Chooser:
    """Chooses the set for each form: a known one that fits, else the form's own."""

    find: SetFinder
    sets: tuple[str, ...]
    made: dict[str, IndicatorSet] = field(default_factory=dict)

    def __call__(self, form: Form) -> IndicatorSet:
        known = self.find(PROJECT_SET)
        if form.is_department:
            if (found := best_set(form, map(self.find, self.sets))) and _mostly(form, found):
                return found
        elif fits(form, known):
            return known
        made = as_printed(form, known, len(self.made) + 1)
        if form.is_department:
            made = made.model_copy(update={"scope": "department"})
        self.made[made.id] = made
        return made

    def of(self, set_id: str) -> IndicatorSet:
        """Return a set by its id, those made for forms too."""
        return self.made[set_id] if set_id in self.made else self.find(set_id)


def _mostly(form: Form, known: IndicatorSet) -> bool:
    names = {same_name(one.name) for one in known.all_indicators()}
    hits = sum(same_name(indicator_name(row.name.raw)) in names for row in form.rows)
    return hits * 2 >= len(form.rows)


def handed_in(
    readings: Sequence[Reading], find: SetFinder, sets: Iterable[str], name: str = ""
) -> Handed:
    """Return what the files of one unit stand for, taken together."""
    chooser = Chooser(find, tuple(sets))
    session = blank_session(readings, name or readings[0].name)
    ledgers = []
    for reading in readings:
        ledger = plan(
            session, reading, chooser.of, sets=chooser.sets, choose=chooser, as_handed_in=True
        )
        session = ledger.applied()
        ledgers.append(ledger)
    return Handed(name or readings[0].name, session, chooser.of, ledgers, readings)


def open_file(path: Path, find: SetFinder, sets: Iterable[str]) -> Handed:
    """Read one handed-in file. Raises :class:`PerfevalError` with the cause."""
    return handed_in([read(path)], find, sets, path.name)
