"""The result tree: what every indicator, tier, project and the whole is worth.

Plain values that only show; the numbers are exact and already rounded at the set's named places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from perfeval.indicators.formula import Formula, Values
from perfeval.indicators.model import Evidence, IndicatorSet, least_trusted
from perfeval.indicators.rules import Given, Modifier, RuleBase, Unanswered, value_places
from perfeval.indicators.target import Target
from perfeval.numbers import ONE, ZERO, Exact, Figure, decimal_text, dimension, half_up, unit_size

if TYPE_CHECKING:
    from perfeval.session.model import Answer


class Status(StrEnum):
    """Where an indicator stands: 未填 has no score, 不适用 takes no part."""

    UNFILLED = "未填"
    SCORED = "已评"
    MANUAL = "人工"
    UNPROVEN = "未证实"
    NOT_APPLICABLE = "不适用"


ZERO_DENOMINATOR = "分母为 0"
"""The note of a result whose formula divided by zero."""
ZERO_NOT_APPLICABLE = "分母为 0，按规定不适用"


@dataclass(slots=True)
class Item:
    """One thing to be scored, ready to compute: a set's indicator, a unit's row, a tier's rate.

    ``direct`` is the value typed for it, ``manual`` the 人工赋分; ``places`` are the decimals its
    computed value is printed with (of the ratio itself, for rates), None to keep it exact.
    ``fed_by`` names the inputs its formula and rules look at, and no others can change its score;
    ``given.values`` holds their figures.
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
    fed_by: tuple[str, ...] = ()
    if_zero: Literal["不适用", "0", "满分", "error"] | None = None
    places: int | None = 4
    modifiers: tuple[Modifier, ...] = ()
    direct: Exact | None = None
    manual: Exact | None = None
    not_applicable: bool = False
    unproven: bool = False
    tags: tuple[tuple[str, Evidence], ...] = ()
    scale: Exact = ONE
    unscored: str = ""
    proven: bool = False
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
    def doubts(self) -> tuple[tuple[str, Evidence], ...]:
        """What the score rests on without being trusted: (part, tag)."""
        return tuple((part, tag) for part, tag in self.tags if not tag.trusted)

    @property
    def doubt(self) -> Evidence | None:
        """The least trusted tag among what the score rests on, or None where all is trusted."""
        return least_trusted(tag for _, tag in self.doubts)

    @property
    def evidence(self) -> Evidence | None:
        """The least trusted tag, trusted ones included; None where nothing is said."""
        return least_trusted(tag for _, tag in self.tags)


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
    rate_places: int
    applicable: Exact
    filled: Exact
    unused: Exact = ZERO
    not_applicable: bool = False
    rescaled: bool = False

    @property
    def indicators(self) -> Iterator[IndicatorResult]:
        return (result for group in self.groups for result in group.indicators)

    @property
    def rate(self) -> Exact | None:
        """得分÷分值, rounded at the set's place."""
        if self.score is None or not self.points:
            return None
        return half_up(self.score / self.points, self.rate_places)

    @property
    def rate_row(self) -> IndicatorResult | None:
        """The row whose value is the tier's 得分率, where the tier is one rate (预算执行率)."""
        rows = list(self.indicators)
        if len(rows) != 1 or rows[0].item.unit != "%" or rows[0].item.own:
            return None
        item = rows[0].item
        words = item.rule.element_names() or item.rule.needs == "level"
        is_word = words and not item.rule.reads_value
        typed = item.rule.reads_value or bool(item.answer and item.answer.actual)
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
    def filled_share(self) -> Exact:
        """The tier's points that are scored so far, rescaled as its score is."""
        if not self.applicable or not self.points or self.not_applicable:
            return self.filled
        return self.filled * self.points / self.applicable if self.rescaled else self.filled

    @property
    def complete(self) -> bool:
        """Whether every point of the tier is offered by a row and every row has its score."""
        return not self.unused and bool(self.applicable) and self.filled == self.applicable


@dataclass(slots=True)
class Result:
    """What an evaluation is worth."""

    set: IndicatorSet
    scheme: str
    tiers: list[TierResult]
    total: Exact
    complete: bool
    grade: str | None
    values: Values
    inputs: Mapping[str, Figure]
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def filled(self) -> Exact:
        """The points that have a score so far."""
        return sum((tier.filled_share for tier in self.tiers), ZERO)

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
        doubts = (row.item.doubt for row in self.indicators if row.score is not None)
        return least_trusted(tag for tag in doubts if tag)

    @property
    def evidence(self) -> Evidence | None:
        """The least trusted tag any score or the grade rests on, trusted ones included."""
        tags = [row.item.evidence for row in self.indicators if row.score is not None]
        return least_trusted(tag for tag in [*tags, self.set.grades_evidence] if tag)

    @property
    def total_text(self) -> str:
        return decimal_text(self.total, self.set.rounding.total)

    @property
    def summary(self) -> str:
        """Return the one line that stands on every screen: 96.40 优 按拟定规则, or 暂 62.00/68."""
        if not self.complete:
            return f"暂 {self.total_text} / 已填 {decimal_text(self.filled)} 分"
        doubt = f" 按{self.doubt.label}规则" if self.doubt else ""
        if not doubt and not self.set.grades_evidence.trusted:
            doubt = f" 按{self.set.grades_evidence.label}等级"
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
    if (names := item.rule.element_names()) and not item.rule.reads_value:
        met = [item.given.elements[name] for name in names if name in item.given.elements]
        if item.met_word and met:
            if all(met) and len(met) == len(names):
                return item.met_word
            return f"基本{item.met_word}" if any(met) else f"不{item.met_word}"
        return f"{sum(met)}/{len(names)}" if met else ""
    if item.given.level and not item.rule.reads_value:
        return item.given.level
    if item.formula is None and item.answer and item.answer.actual and not item.proven:
        return item.answer.actual
    if result.value is None:
        return item.answer.actual if item.answer else ""
    return printed_value(result)


MOST_PLACES = 8


def printed_value(result: IndicatorResult) -> str:
    """Print the value scored: a rate with the set's decimals, anything else as it is.

    A value scored exactly (``exact_rate``) gets as many digits as it takes to be worth the same
    when read back: 10.004 % against ≤10 % does not print as 10.00 %.
    """
    item, value = result.item, result.value
    assert value is not None
    if item.target is not None and item.target.is_date:
        return item.answer.actual if item.answer else ""
    shift = value_places(0, item.unit)
    if item.places is not None:
        return quantity_text(value, item.unit, item.places - shift if shift else None)
    places = 2
    while places < MOST_PLACES and not _worth_the_same(result, half_up(value, places + shift)):
        places += 1
    return quantity_text(value, item.unit, places if shift else None)


def _worth_the_same(result: IndicatorResult, value: Exact) -> bool:
    item = result.item
    if value == result.value:
        return True
    try:
        exact, read_back = (
            item.rule.score(replace(item.given, value=one)) for one in (result.value, value)
        )
    except (Unanswered, KeyError, ZeroDivisionError):
        return True
    return half_up(exact, 2) == half_up(read_back, 2)
