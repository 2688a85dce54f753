"""The result tree: what every indicator, tier, project and the whole is worth.

Plain values that only show; the numbers are exact and already rounded at the set's named places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from perfeval.indicators.formula import Formula, Values
from perfeval.indicators.model import Evidence, IndicatorSet
from perfeval.indicators.rules import Given, Modifier, RuleBase
from perfeval.indicators.target import Target
from perfeval.numbers import ZERO, Exact, Figure, decimal_text, dimension, unit_size

if TYPE_CHECKING:
    from perfeval.session.model import Answer


class Status(StrEnum):
    """Where an indicator stands: 未填 has no score, 不适用 takes no part."""

    UNFILLED = "未填"
    SCORED = "已评"
    MANUAL = "人工"
    UNPROVEN = "未证实"
    NOT_APPLICABLE = "不适用"


@dataclass(slots=True)
class Item:
    """One thing to be scored, ready to compute: a set's indicator, a unit's row, a tier's rate.

    ``direct`` is the value typed for it, ``manual`` the 人工赋分; ``places`` are the decimals its
    computed value is printed with (of the ratio itself, for rates), None to keep it exact.
    """

    code: str
    name: str
    path: str
    tier: str
    group: str
    points: Exact
    unit: str
    rule: RuleBase
    given: Given
    formula: Formula | None = None
    if_zero: Literal["不适用", "0", "满分", "error"] | None = None
    places: int | None = 4
    modifiers: tuple[Modifier, ...] = ()
    direct: Exact | None = None
    manual: Exact | None = None
    not_applicable: bool = False
    unproven: bool = False
    doubts: tuple[tuple[str, Evidence], ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    answer: Answer | None = None
    alternatives: tuple[tuple[str, RuleBase, Target], ...] = ()
    own: bool = False
    standard: str = ""
    met_word: str = ""

    @property
    def target(self) -> Target | None:
        return self.given.target

    @property
    def doubt(self) -> Evidence | None:
        """The least trusted tag among what the score rests on, or None."""
        return max((tag for _, tag in self.doubts), key=list(Evidence).index, default=None)


@dataclass(slots=True)
class IndicatorResult:
    """What one item is worth. ``value`` is the value scored (printed or exact, as the set says);
    ``automatic`` the rule's score, ``score`` the one that counts; both rounded, or None.
    ``note`` says why there is no score, or what a person must look at.
    """

    item: Item
    status: Status
    value: Exact | None = None
    automatic: Exact | None = None
    score: Exact | None = None
    note: str = ""

    @property
    def code(self) -> str:
        return self.item.code

    @property
    def name(self) -> str:
        return self.item.name

    @property
    def path(self) -> str:
        return self.item.path

    @property
    def points(self) -> Exact:
        return self.item.points

    @property
    def value_text(self) -> str:
        """实际完成值 as printed: a rate with its %, a checklist's word, a typed text as typed."""
        return value_text(self)


@dataclass(slots=True)
class GroupResult:
    """二级指标: the sum of its indicators' scores; ``points`` as the set (or its rows) have it."""

    name: str
    points: Exact
    score: Exact
    indicators: list[IndicatorResult]
    unused: Exact = ZERO


@dataclass(slots=True)
class TierResult:
    """一级指标. ``score`` is None while nothing in it is scored or it is wholly 不适用.

    ``applicable`` are the points of the rows that take part, ``filled`` of those scored so far,
    ``unused`` the tier's points that no row offers (below 0: the rows offer too much).
    """

    name: str
    points: Exact
    counted: bool
    groups: list[GroupResult]
    score: Exact | None
    rate: Exact | None
    applicable: Exact
    filled: Exact
    unused: Exact = ZERO
    not_applicable: bool = False

    @property
    def indicators(self) -> Iterator[IndicatorResult]:
        return (result for group in self.groups for result in group.indicators)

    @property
    def rate_row(self) -> IndicatorResult | None:
        """The row whose value is the tier's 得分率, where the tier is one rate (预算执行率)."""
        rows = list(self.indicators)
        if len(rows) != 1 or rows[0].item.unit != "%" or rows[0].item.own:
            return None
        item = rows[0].item
        is_word = item.rule.element_names() or item.rule.needs == "level"
        typed = item.rule.needs == "value" or bool(item.answer and item.answer.actual)
        shown = item.formula is not None or typed or item.not_applicable
        return rows[0] if shown and not is_word else None

    @property
    def printed_rate(self) -> Exact | None:
        """得分率 as forms print it: the value itself where the tier is one rate, else 得分÷分值.

        表3-1 prints 88.53 % beside 8.85 of 10, the 执行率 the score was made of.
        """
        row = self.rate_row
        return row.value if row is not None else self.rate

    @property
    def complete(self) -> bool:
        """Whether every point of the tier is offered by a row and every row has its score."""
        return not self.unused and bool(self.applicable) and self.filled == self.applicable


@dataclass(slots=True)
class Result:
    """What an evaluation is worth. ``filled`` are the points that have a score so far."""

    set: IndicatorSet
    scheme: str
    tiers: list[TierResult]
    total: Exact
    filled: Exact
    complete: bool
    grade: str | None
    values: Values
    inputs: Mapping[str, Figure]
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def indicators(self) -> Iterator[IndicatorResult]:
        return (result for tier in self.tiers for result in tier.indicators)

    def indicator(self, code_or_path: str) -> IndicatorResult:
        """Return the result of a code or of a path in it. Raises ``KeyError``."""
        for result in self.indicators:
            path = result.path
            if code_or_path == result.code or f"{code_or_path}/".startswith(f"{path}/"):
                return result
        raise KeyError(code_or_path)

    def tier(self, name: str) -> TierResult:
        """Return the tier called ``name``. Raises ``KeyError``."""
        for tier in self.tiers:
            if tier.name == name:
                return tier
        raise KeyError(name)

    @property
    def doubt(self) -> Evidence | None:
        """The least trusted tag any score rests on: “按拟定规则 96.40 优”."""
        tags = [r.item.doubt for r in self.indicators if r.score is not None]
        return max((t for t in tags if t), key=list(Evidence).index, default=None)

    @property
    def total_text(self) -> str:
        return decimal_text(self.total, self.set.rounding.total)

    @property
    def summary(self) -> str:
        """Return the one line that stands on every screen: 96.40 优 按拟定规则, or 暂 62.00/68."""
        if not self.complete:
            return f"暂 {self.total_text} / 已填 {decimal_text(self.filled)} 分"
        doubt = f" 按{self.doubt.label}规则" if self.doubt else ""
        return f"{self.total_text} {self.grade or '（不评等级）'}{doubt}"


@dataclass(slots=True)
class ProjectResult:
    """A project's result beside what the 自评汇总表 prints of it."""

    key: str
    name: str
    path: str
    result: Result | None
    excluded: str = ""
    budget: Figure | None = None
    executed: Figure | None = None
    rates: dict[str, Exact | None] = field(default_factory=dict)

    @property
    def execution_rate(self) -> Exact | None:
        return next(iter(self.rates.values()), None)


@dataclass(slots=True)
class Scorecard:
    """What a whole session is worth: the department (or None) and every project."""

    department: Result | None
    projects: list[ProjectResult]

    @property
    def results(self) -> Iterator[tuple[str, Result]]:
        """Yield (path prefix, result) of every evaluation."""
        if self.department:
            yield "department", self.department
        for project in self.projects:
            if project.result:
                yield project.path, project.result


def rate_text(value: Exact | None, unit: str = "%", places: int = 2, *, trim: bool = False) -> str:
    """Print a ratio with its unit: 0.2551 → ``25.51%``; an absent one as an empty text."""
    if value is None:
        return ""
    return decimal_text(value / unit_size(unit), places, trim=trim) + unit


def quantity_text(value: Exact, unit: str, places: int | None = None) -> str:
    """Print a value in its unit: ``25.51%``, ``838.1万元``, ``3``."""
    if dimension(unit) == "ratio":
        return decimal_text(value / unit_size(unit), places) + unit
    return decimal_text(value, places) + unit


def value_text(result: IndicatorResult) -> str:
    """Return the 实际完成值 as a form prints it."""
    item = result.item
    if result.status is Status.NOT_APPLICABLE:
        return "不适用"
    if names := item.rule.element_names():
        met = [item.given.elements[name] for name in names if name in item.given.elements]
        if item.met_word and met:
            if all(met) and len(met) == len(names):
                return item.met_word
            return f"基本{item.met_word}" if any(met) else f"不{item.met_word}"
        return f"{sum(met)}/{len(names)}" if met else ""
    if item.given.level:
        return item.given.level
    if item.formula is None and item.answer is not None and item.answer.actual:
        return item.answer.actual
    if result.value is None:
        return item.answer.actual if item.answer else ""
    if item.places is None or dimension(item.unit) != "ratio":
        return quantity_text(result.value, item.unit)
    return quantity_text(result.value, item.unit, item.places - (3 if item.unit == "‰" else 2))
