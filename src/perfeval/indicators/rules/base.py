"""What every rule is: what it is given, where its Excel formula finds it, what it must answer.

Here too is how a rule's parameters are worded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from perfeval.indicators.formula import Formula, Values
from perfeval.indicators.rules.fields import SetModel
from perfeval.indicators.target import Operator, Target
from perfeval.numbers import ZERO, Exact, decimal_text, dimension, half_up

if TYPE_CHECKING:
    from perfeval.indicators.rules.judgement import QualitativeLevels


def value_places(rate_places: int, unit: str) -> int:
    """Return the decimals of a printed value: ``rate_places`` of the percent for a rate."""
    if dimension(unit) != "ratio" or unit == "倍":
        return rate_places
    return rate_places + (3 if unit == "‰" else 2)


class Unanswered(Exception):
    """The rule needs something that is not filled in yet; the argument says what (Chinese)."""


@dataclass(slots=True)
class Given:
    """Everything a rule may look at for one indicator. Absent answers are absent keys."""

    points: Exact
    value: Exact | None = None
    target: Target | None = None
    elements: Mapping[str, bool] = field(default_factory=dict)
    level: str = ""
    level_score: Exact | None = None
    elected: str = ""
    deduction: Exact = ZERO
    values: Values = field(default_factory=dict)
    rate_places: int | None = None

    def printed(self, value: Exact, unit: str) -> Exact:
        """Return a value the rule computed itself as it prints, where the printed one counts."""
        if self.rate_places is None:
            return value
        return half_up(value, value_places(self.rate_places, unit))

    def need_value(self) -> Exact:
        if self.value is None:
            raise Unanswered("实际完成值")
        return self.value

    def need_target(self) -> Exact:
        goal = self.target
        if goal is not None and goal.value is not None:
            return goal.value
        if goal is None or goal.operator is Operator.BLANK:
            raise Unanswered("年度指标值")
        raise Unanswered("可计算的年度指标值（现为定性）")

    def need_element(self, name: str) -> bool:
        if name not in self.elements:
            raise Unanswered(f"“{name}”是否符合")
        return self.elements[name]


@dataclass(frozen=True, slots=True)
class Cells:
    """Where a rule's Excel formula finds its figures: cell addresses for one indicator's row."""

    value: str
    points: str
    target: str
    high: str
    operator: Operator
    level: str
    level_score: str
    deduction: str
    elected: str
    element: Mapping[str, str]
    name: Mapping[str, str]
    given: Given

    def compare(self, left: str, sign: str, right: str) -> str:
        """Return a comparison on ROUND(x,12), so that all engines agree at the threshold."""
        return f"ROUND({left},12){sign}ROUND({right},12)"

    def met(self) -> str:
        """Return the condition that the value meets the target."""
        if self.operator is Operator.RANGE:
            low = self.compare(self.value, ">=", self.target)
            return f"AND({low},{self.compare(self.value, '<=', self.high)})"
        sign = {Operator.MORE: ">", Operator.AT_MOST: "<=", Operator.LESS: "<", Operator.EQUAL: "="}
        return self.compare(self.value, sign.get(self.operator, ">="), self.target)

    @staticmethod
    def quote(text: str) -> str:
        """Return a text as Excel writes it in a formula, in parts of at most 255 characters."""
        parts = [text[at : at + 250].replace('"', '""') for at in range(0, len(text), 250)]
        return "&".join(f'"{part}"' for part in parts) or '""'


def percent_or_number(value: Exact) -> str:
    """Print a parameter: a share as percent, anything else as it is."""
    return f"{decimal_text(value * 100)}%" if abs(value) <= 2 and value else decimal_text(value)


def in_unit(value: Exact, unit: str) -> str:
    """Print a parameter that stands on the scale of the indicator's value."""
    if dimension(unit) == "ratio" and unit != "倍":
        return decimal_text(value * 100) + "%"
    return decimal_text(value)


def number(value: Exact) -> str:
    """Print a number of points, steps or a share as it is."""
    return decimal_text(value)


def beside_target(given: Given, value: Exact) -> str:
    """Print a value beside its target: in percent when the target is one."""
    ratio = given.target is not None and given.target.unit in ("%", "百分比", "‰")
    return percent_or_number(value) if ratio else number(value)


class RuleBase(SetModel):
    """A scoring rule. ``needs`` names what the screen must ask for beside the value."""

    needs: ClassVar[Literal["value", "elements", "level", "score", "election", "inputs"]] = "value"
    needs_target: ClassVar[bool] = False
    sense: ClassVar[Literal["more", "less", "either"]] = "either"

    @property
    def reads_value(self) -> bool:
        """Whether the rule, or one inside it, scores the 实际完成值."""
        return self.needs == "value"

    @property
    def levels_inside(self) -> QualitativeLevels | None:
        """The 定性分档 of the rule, or of one inside it."""
        return None

    def score(self, given: Given) -> Exact:
        """Return the exact score before rounding. Raises :class:`Unanswered`."""
        raise NotImplementedError

    def explain(self, unit: str = "%") -> str:
        """Return the rule in Chinese, with its parameters, as it may be printed on a form.

        ``unit`` is the indicator's, in which bands and steps are stated.
        """
        raise NotImplementedError

    def working(self, given: Given) -> str:
        """Return the arithmetic with the numbers put in, for the trace; empty where none is."""
        return ""

    def excel(self, cells: Cells) -> str:
        """Return the Excel expression of :meth:`score`."""
        raise NotImplementedError

    def formulas(self) -> Iterator[Formula]:
        """Yield the formulas the rule computes itself, beside the indicator's own."""
        return iter(())

    def element_names(self) -> tuple[str, ...]:
        """Return the yes-or-no elements the rule asks for."""
        return ()

    def problems(self, points: Exact) -> Iterator[str]:
        """Yield what does not hold inside the rule (bands with gaps, shares above 1 …)."""
        return iter(())
