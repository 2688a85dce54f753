"""Comparing a printed figure with what it should be: conventions first, accusation last.

A printed score may have been made from the printed rate or the exact one, 四舍五入 or cut off; all
are the same to a check. Then come the values the inputs' printed decimals allow. Only a figure
outside those is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from perfeval.checks.model import Level
from perfeval.checks.subject import (
    Evaluated,
    bare_share,
    formula_interval,
    has_points,
    labels,
    total,
)
from perfeval.indicators.model import Evidence
from perfeval.indicators.rules import Unanswered
from perfeval.numbers import (
    Exact,
    Figure,
    Interval,
    decimal_text,
    dimension,
    figure,
    half_up,
    round_down,
)
from perfeval.numbers import unit_size as size_of
from perfeval.scoring.engine import compute, context_of, prepare, score_item, with_items
from perfeval.scoring.scorecard import (
    ZERO_DENOMINATOR,
    IndicatorResult,
    Item,
    Result,
    Status,
    TierResult,
)

ZERO = Exact(0)


class Fit(Enum):
    """How a printed figure agrees: like one of the conventions, inside the 尾差, or not at all."""

    SAME = 0
    WITHIN = 1
    OUTSIDE = 2


def decimals(printed: Figure) -> int:
    """Return the decimals of the value a figure prints: two more for a percentage."""
    return printed.places + {"%": 2, "‰": 3}.get(printed.unit, 0)


def prints_as(value: Exact, printed: Figure, least: int | None = None) -> bool:
    """Whether ``value`` may be printed so, by 四舍五入 or cut off.

    ``least`` are the decimals it is printed with at least: 25 then stands for 25.00.
    """
    places = decimals(printed)
    if least is not None and least > printed.places:
        places += least - printed.places
    if printed.value == half_up(value, places):
        return True
    return places >= 0 and printed.value == round_down(value, places)


def printed_range(printed: Figure) -> Interval:
    """Return all values that may print so, by 四舍五入 or cut off."""
    assert printed.value is not None
    unit = Exact(10) ** -decimals(printed)
    low, high = (unit / 2, unit) if printed.value >= 0 else (unit, unit / 2)
    return Interval(printed.value - low, printed.value + high)


def awarded(printed: Figure, points: Exact | None) -> Interval:
    """Return all values a printed score may stand for.

    A form of whole points rounds what was partly earned; full marks were given in full. Else ten
    full marks printed 10 would add up to anything from 95 to 105.
    """
    if points is not None and printed.value == points and not printed.places:
        return Interval.point(points)
    return printed.interval


def fit(
    printed: Figure, candidates: Iterable[Exact], hull: Interval | None, declared: int = 0
) -> Fit:
    """Judge a printed figure against the values the conventions give and the range allowed.

    ``declared`` are the decimals the set rounds to. A figure that agrees only when rounded more
    coarsely than that is not wrong, but worth a look.
    """
    values = list(candidates)
    if any(prints_as(value, printed, declared) for value in values):
        return Fit.SAME
    within = hull is not None and printed_range(printed).meets(hull)
    coarse = any(prints_as(value, printed) for value in values)
    return Fit.WITHIN if within or coarse else Fit.OUTSIDE


@dataclass(frozen=True, slots=True)
class Possible:
    """What a figure may be: the values the conventions give, and all that the 尾差 allows."""

    values: tuple[Exact, ...]
    hull: Interval

    @classmethod
    def only(cls, value: Exact) -> Possible:
        return cls((value,), Interval.point(value))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A printed figure beside the computed one.

    ``doubts`` are what the computed one rests on; ``widest`` all it could be, were the doubtful
    parts worth anything between nothing and their points.
    """

    printed: Figure
    computed: Exact
    fit: Fit
    doubts: dict[str, Evidence] = field(default_factory=dict)
    widest: Interval | None = None

    @property
    def level(self) -> Level | None:
        """错误 only where nothing is guessed and no 尾差 explains it; None where it agrees."""
        if self.fit is Fit.SAME:
            return None
        return Level.ERROR if self.wrong else Level.NOTICE

    @property
    def wrong(self) -> bool:
        """Whether the printed figure is wrong beyond doubt, whatever the doubtful parts are."""
        if self.fit is not Fit.OUTSIDE:
            return False
        if not self.doubts:
            return True
        return self.widest is not None and not printed_range(self.printed).meets(self.widest)

    @property
    def why(self) -> str:
        """Return what softens the finding, as its assumption."""
        if self.fit is Fit.WITHIN:
            return "差额在印出位数的尾差范围内"
        return labels(self.doubts)


Answer = TypeVar("Answer")
Parts = ParamSpec("Parts")
OfEvaluation = Callable[Concatenate[Evaluated, Parts], Answer]


def remembered(function: OfEvaluation[Parts, Answer]) -> OfEvaluation[Parts, Answer]:
    """Work it out once for an evaluation, or one row or tier of its result: several checks ask."""

    @wraps(function)
    def again(evaluated: Evaluated, /, *parts: Parts.args, **named: Parts.kwargs) -> Answer:
        # The result holds its parts as long as the memory lasts.
        key = (function, id(parts[0])) if parts else function
        try:
            found: Answer = evaluated.memory[key]
        except KeyError:
            found = evaluated.memory[key] = function(evaluated, *parts, **named)
        return found

    return again


# --- one item --------------------------------------------------------------------------------


@remembered
def possible_value(evaluated: Evaluated, row: IndicatorResult) -> Possible | None:
    """Return what the 实际完成值 may be; None where the item has no numeric value."""
    item = row.item
    if row.value is None or item.given.elements:
        return None
    if item.formula is not None and row.status is not Status.UNPROVEN:
        try:
            value = item.formula.evaluate(evaluated.result.values) * item.scale
        except (KeyError, ZeroDivisionError):
            return Possible.only(row.value)
        known = formula_interval(evaluated, item.formula)
        hull = known * Interval.point(item.scale) if known else Interval.point(value)
        return Possible((row.value, value), hull)
    if item.answer is not None and item.answer.actual:
        read = figure(item.answer.actual).in_unit(item.unit)
        counted = dimension(item.unit) == "count" and not read.places
        if read.value is not None and not counted:  # ten people are exactly ten
            return Possible((row.value,), read.interval)
    return Possible.only(row.value)


@remembered
def possible_score(evaluated: Evaluated, row: IndicatorResult) -> Possible | None:
    """Return what the score may be: from the printed rate, the exact one, the one in the table.

    None while the item has no score.
    """
    if row.score is None:
        return None
    value, printed_value = possible_value(evaluated, row), claimed_value(evaluated, row)
    if row.status is Status.MANUAL or value is None or row.note == ZERO_DENOMINATOR:
        return Possible.only(row.score)
    values = list(value.values)
    ends = [value.hull.low, value.hull.high]
    if (
        printed_value is not None
        and printed_value.value is not None
        and fit(printed_value, value.values, value.hull) is not Fit.OUTSIDE
    ):
        # A sound printed rate may be what was scored, and narrows what the inputs leave open.
        values.append(printed_value.value)
        narrowed = printed_range(printed_value)
        ends = [max(ends[0], narrowed.low), min(ends[1], narrowed.high)]
    scored = raw_scores(row.item, {*values, *ends})
    edges = [row.score, *scored.values()]
    scores = (row.score, *(scored[one] for one in values))
    return Possible(scores, Interval(min(edges), max(edges)))


def raw_scores(item: Item, values: Iterable[Exact]) -> dict[Exact, Exact]:
    """Return the unrounded score of an item at each of other values."""
    given, found = replace(item.given), {}
    for value in values:
        given.value = value
        try:
            earned = item.rule.score(given)
            for modifier in item.modifiers:
                earned = modifier.adjust(earned, given)
        except (Unanswered, KeyError, ZeroDivisionError):
            earned = ZERO
        found[value] = earned
    return found


@remembered
def claimed_value(evaluated: Evaluated, row: IndicatorResult) -> Figure | None:
    """Return the 完成值 somebody printed for an item, where it is a number."""
    text = evaluated.session.claimed.get(f"{row.path}/actual", "")
    if not text and evaluated.project and row is evaluated.execution:
        text = evaluated.claim("execution_rate")
    read = evaluated.rate(text, row.item.unit) if text else None
    return read if read is not None and read.value is not None else None


def judge_value(evaluated: Evaluated, row: IndicatorResult) -> Verdict | None:
    """Compare a printed 完成值 with the computed one; None where either is missing."""
    printed = claimed_value(evaluated, row)
    if printed is None or row.value is None:
        return None
    possible = possible_value(evaluated, row)
    if possible is None:
        return None
    if row.item.target is not None and row.item.target.is_date:
        return None
    if bare_share(printed.raw, row.item.unit) is not None:
        as_typed = figure(printed.raw)  # 0.92 for 92 %: L29 asks about it
        if fit(as_typed, possible.values, possible.hull) is not Fit.OUTSIDE:
            return None
    declared = evaluated.result.set.rounding.rate if printed.unit == "%" else 0
    agrees = fit(printed, possible.values, possible.hull, declared)
    if agrees is Fit.SAME:
        return Verdict(printed, row.value, agrees)
    doubts = {
        part: tag
        for part, tag in evaluated.doubts(row.item).items()
        if part in ("formula", "actual", "input")
    }
    return Verdict(printed, row.value, agrees, doubts)


@remembered
def judge_score(evaluated: Evaluated, row: IndicatorResult) -> Verdict | None:
    """Compare a printed score with the computed one; None where either is missing."""
    printed = evaluated.points(evaluated.session.claimed.get(f"{row.path}/score", ""))
    if printed.value is None or row.score is None or not has_points(row):
        return None
    declared = evaluated.result.set.rounding.score
    if prints_as(row.score, printed, declared):  # as it should be, mostly: nothing to weigh
        return Verdict(printed, row.score, Fit.SAME)
    if (possible := possible_score(evaluated, row)) is None:
        return None
    agrees = fit(printed, possible.values, possible.hull, declared)
    if agrees is Fit.SAME:
        return Verdict(printed, row.score, agrees)
    return Verdict(printed, row.score, agrees, score_doubts(evaluated, row))


# --- tiers and totals ------------------------------------------------------------------------


@remembered
def possible_tier(evaluated: Evaluated, tier: TierResult) -> Possible | None:
    """Return what a tier's score may be; None while it has none."""
    if tier.score is None:
        return None
    parts = [possible for row in tier.indicators if (possible := possible_score(evaluated, row))]
    if any(row.status is Status.NOT_APPLICABLE for row in tier.indicators):
        return Possible.only(tier.score)
    return Possible((tier.score, *_sums(parts)), total([part.hull for part in parts]))


def _sums(parts: list[Possible]) -> Iterator[Exact]:
    """Yield the sum by each convention: all parts rounded, all from the printed rate, all exact."""
    for way in range(max((len(part.values) for part in parts), default=0)):
        yield sum((part.values[min(way, len(part.values) - 1)] for part in parts), ZERO)


def tier_doubts(evaluated: Evaluated, tiers: Iterable[TierResult]) -> dict[str, Evidence]:
    """Return what the scores of these tiers rest on without being trusted."""
    doubts: dict[str, Evidence] = {}
    for tier in tiers:
        for row in tier.indicators:
            if row.score is not None:
                doubts |= score_doubts(evaluated, row)
    return doubts


def widest(evaluated: Evaluated, tiers: Iterable[TierResult]) -> Interval | None:
    """Return all the tiers could be worth, were doubtful rows worth 0 to their points.

    None where 不适用 rows scale the rest, which this does not follow.
    """
    parts = []
    for tier in tiers:
        for row in tier.indicators:
            possible = possible_score(evaluated, row)
            if possible is None:
                return None
            doubtful = score_doubts(evaluated, row)
            parts.append(Interval(ZERO, row.points) if doubtful else possible.hull)
    return total(parts)


@remembered
def score_doubts(evaluated: Evaluated, row: IndicatorResult) -> dict[str, Evidence]:
    """Return what a score rests on without being trusted.

    A person's score rests on no rule; and an open rule is no matter where every rule the set
    lists gives the same score.
    """
    if row.status is Status.MANUAL:
        return {}
    doubts = evaluated.doubts(row.item)
    rules_listed = any(rule is not row.item.rule for _, rule, _ in row.item.alternatives)
    scores = (score for _, score in alternative_item_scores(evaluated, row))
    if "rule" in doubts and rules_listed and all(score == row.automatic for score in scores):
        del doubts["rule"]
    return doubts


@remembered
def claimed_tier(evaluated: Evaluated, tier: TierResult) -> Figure:
    """Return the score somebody printed for a tier."""
    return evaluated.points(evaluated.claim("tiers", tier.name, "score"))


@remembered
def judge_tier(evaluated: Evaluated, tier: TierResult) -> Verdict | None:
    """Compare a tier's printed score with the computed one."""
    printed = claimed_tier(evaluated, tier)
    if printed.value is None or tier.score is None or not tier.complete:
        return None
    possible = possible_tier(evaluated, tier)
    if possible is None:
        return None
    declared = evaluated.result.set.rounding.tier
    agrees = fit(printed, possible.values, possible.hull, declared)
    if agrees is not Fit.OUTSIDE:
        return Verdict(printed, tier.score, agrees)
    doubts = tier_doubts(evaluated, [tier])
    return Verdict(printed, tier.score, agrees, doubts, widest(evaluated, [tier]))


@remembered
def claimed_total(evaluated: Evaluated) -> tuple[str, Figure]:
    """Return the path and figure of the printed total (a project's is its 自评得分)."""
    for name in ("total", "score"):
        if text := evaluated.claim(name):
            return f"{evaluated.path}/{name}", evaluated.points(text)
    return f"{evaluated.path}/total", figure("")


@remembered
def judge_total(evaluated: Evaluated) -> Verdict | None:
    """Compare the printed total with the computed one; None while the session is incomplete."""
    _, printed = claimed_total(evaluated)
    result = evaluated.result
    if printed.value is None or not result.complete:
        return None
    if prints_as(result.total, printed, result.set.rounding.total):
        return Verdict(printed, result.total, Fit.SAME)
    parts = [p for tier in result.tiers if (p := possible_tier(evaluated, tier))]
    hull = total([part.hull for part in parts])
    agrees = fit(printed, (result.total, *_sums(parts)), hull, result.set.rounding.total)
    if agrees is not Fit.OUTSIDE:
        return Verdict(printed, result.total, agrees)
    doubts = tier_doubts(evaluated, result.tiers)
    return Verdict(printed, result.total, agrees, doubts, widest(evaluated, result.tiers))


# --- alternatives ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rescored:
    """A result under one of the alternatives a set lists, with the words for it."""

    label: str
    result: Result


def rescored(evaluated: Evaluated, items: Iterable[Item]) -> Iterator[Rescored]:
    """Score the evaluation again, all of ``items`` by each alternative they list in common."""
    listed = {item.path: item for item in items}
    notes = dict.fromkeys(note for item in listed.values() for note, _, _ in item.alternatives)
    for note in notes:
        prepared = prepare(
            evaluated.evaluation,
            evaluated.result.set,
            context_of(evaluated.session, evaluated.path),
        )
        words = note

        def under_note(item: Item, note: str = note) -> Item:
            nonlocal words
            other = _under(item, note) if item.path in listed else None
            if other is None:
                return item
            words = _words(item, other, note)
            return other

        prepared = with_items(prepared, under_note)
        yield Rescored(words, compute(prepared))


def _under(item: Item, note: str) -> Item | None:
    for other_note, rule, goal in item.alternatives:
        if other_note == note:
            return replace(item, rule=rule, given=replace(item.given, target=goal))
    return None


def _words(item: Item, other: Item, note: str) -> str:
    if other.rule is item.rule and other.target is not None:
        return f"按 {other.target.raw}"
    return f"按“{note.removeprefix('按')}”"


def base_words(evaluated: Evaluated, items: Iterable[Item]) -> str:
    """Return the words for the rule in force: the target where only the target is open."""
    listed = list(items)
    targets = {item.target.raw for item in listed if item.target and item.target.raw}
    only_target = all(
        rule is item.rule for item in listed for _, rule, _ in item.alternatives
    ) and any(item.alternatives for item in listed)
    return f"按 {targets.pop()}" if only_target and len(targets) == 1 else "按现用规则"


def open_question(evaluated: Evaluated, items: Iterable[Item]) -> str:
    """Return what is open about these items: ``年度指标值未列``, ``计分规则为拟定``."""
    listed = list(items)
    if any(evaluated.assumed(f"{item.path}/target") for item in listed):
        return "年度指标值未列"
    tags: dict[str, Evidence] = {}
    for item in listed:
        tags |= evaluated.doubts(item)
    return labels(tags)


def alternative_item_scores(evaluated: Evaluated, row: IndicatorResult) -> list[tuple[str, Exact]]:
    """Return one item's score under each alternative, with the words for it."""
    found, values = [], evaluated.result.values
    places = evaluated.result.set.rounding.score
    for note, _, _ in row.item.alternatives:
        if other := _under(row.item, note):
            score = score_item(other, values, places).automatic
            if score is not None:
                found.append((_words(row.item, other, note), score))
    return found


def spelled(base: str, computed: Exact, others: Iterable[tuple[str, Exact]], places: int) -> str:
    """Return ``按 100% 为 24.55，按 ≥95% 为 25.00``."""
    parts = []
    for words, score in [(base, computed), *others]:
        gap = " " if words[-1].isascii() else ""
        parts.append(f"{words}{gap}为 {decimal_text(score, places)}")
    return "，".join(parts)


def printed_like(value: Exact, like: Figure) -> str:
    """Print a computed value with the unit and decimals of a printed figure."""
    return decimal_text(value / size_of(like.unit or ""), max(like.places, 2)) + (like.unit or "")
