"""Comparing a printed figure with what it should be: conventions first, accusation last.

A printed score may have been made from the printed rate or the exact one, 四舍五入 or cut off; all
are the same to a check. Then come the values the inputs' printed decimals allow. Only a figure
outside those is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from perfeval.checks.model import Level
from perfeval.checks.subject import Evaluated, as_points, formula_interval, labels, total
from perfeval.indicators.model import Evidence
from perfeval.indicators.rules import Unanswered
from perfeval.indicators.target import Operator
from perfeval.numbers import (
    Exact,
    Figure,
    FigureState,
    Interval,
    decimal_text,
    figure,
    half_up,
    round_down,
)
from perfeval.numbers import unit_size as size_of
from perfeval.scoring.engine import compute, context_of, prepare, score_item
from perfeval.scoring.scorecard import IndicatorResult, Item, Result, Status, TierResult

ZERO = Exact(0)


class Fit(Enum):
    """How a printed figure agrees: like one of the conventions, inside the 尾差, or not at all."""

    SAME = 0
    WITHIN = 1
    OUTSIDE = 2


def decimals(printed: Figure) -> int:
    """Return the decimals of the value a figure prints: two more for a percentage."""
    return printed.places + {"%": 2, "‰": 3}.get(printed.unit, 0)


def prints_as(value: Exact, printed: Figure) -> bool:
    """Whether ``value`` may be printed so, by 四舍五入 or cut off."""
    places = decimals(printed)
    return printed.value in (half_up(value, places), round_down(value, places))


def printed_range(printed: Figure) -> Interval:
    """Return all values that may print so, by 四舍五入 or cut off."""
    assert printed.value is not None
    unit = Exact(1, 10 ** decimals(printed))
    low, high = (unit / 2, unit) if printed.value >= 0 else (unit, unit / 2)
    return Interval(printed.value - low, printed.value + high)


def fit(printed: Figure, candidates: Iterable[Exact], hull: Interval | None) -> Fit:
    """Judge a printed figure against the values the conventions give and the range allowed."""
    if any(prints_as(value, printed) for value in candidates):
        return Fit.SAME
    within = hull is not None and printed_range(printed).meets(hull)
    return Fit.WITHIN if within else Fit.OUTSIDE


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
    """A printed figure beside the computed one. ``doubts`` are what the computed one rests on."""

    printed: Figure
    computed: Exact
    fit: Fit
    doubts: dict[str, Evidence] = field(default_factory=dict)

    @property
    def level(self) -> Level | None:
        """错误 only where nothing is guessed and no 尾差 explains it; None where it agrees."""
        if self.fit is Fit.SAME:
            return None
        return Level.ERROR if self.wrong else Level.NOTICE

    @property
    def wrong(self) -> bool:
        """Whether the printed figure is wrong beyond doubt."""
        return self.fit is Fit.OUTSIDE and not self.doubts

    @property
    def why(self) -> str:
        """Return what softens the finding, as its assumption."""
        if self.fit is Fit.WITHIN:
            return "差额在所填数字的尾差范围内"
        return labels(self.doubts)


# --- one item --------------------------------------------------------------------------------


def possible_value(evaluated: Evaluated, row: IndicatorResult) -> Possible | None:
    """Return what the 实际完成值 may be; None where the item has no numeric value."""
    item = row.item
    if row.value is None or item.given.elements:
        return None
    if item.formula is not None and row.status is not Status.UNPROVEN:
        try:
            value = item.formula.evaluate(evaluated.result.values)
        except (KeyError, ZeroDivisionError):
            return Possible.only(row.value)
        hull = formula_interval(evaluated, item.formula) or Interval.point(value)
        return Possible((row.value, value), hull)
    if item.answer is not None and item.answer.actual:
        read = figure(item.answer.actual).in_unit(item.unit)
        if read.value is not None:
            return Possible((row.value,), read.interval)
    return Possible.only(row.value)


def possible_score(
    evaluated: Evaluated, row: IndicatorResult, printed_value: Figure | None = None
) -> Possible | None:
    """Return what the score may be: from the printed rate, the exact one, the one in the table.

    None while the item has no score.
    """
    if row.score is None:
        return None
    value = possible_value(evaluated, row)
    if row.status is Status.MANUAL or value is None or row.note == "分母为 0":
        return Possible.only(row.score)
    values = list(value.values)
    if printed_value is not None and printed_value.value is not None:
        if fit(printed_value, value.values, value.hull) is not Fit.OUTSIDE:
            values.append(printed_value.value)
    ends = [value.hull.low, value.hull.high]
    if printed_value is not None and len(values) > len(value.values):
        # The printed rate narrows what the inputs leave open.
        narrowed = printed_range(printed_value)
        ends = [max(ends[0], narrowed.low), min(ends[1], narrowed.high)]
    scores = [row.score, *(raw_score(row.item, one) for one in values)]
    edges = scores + [raw_score(row.item, one) for one in ends]
    return Possible(tuple(scores), Interval(min(edges), max(edges)))


def raw_score(item: Item, value: Exact) -> Exact:
    """Return the unrounded score of an item at another value."""
    given = replace(item.given, value=value)
    try:
        earned = item.rule.score(given)
        for modifier in item.modifiers:
            earned = modifier.adjust(earned, given)
    except (Unanswered, KeyError, ZeroDivisionError):
        return ZERO
    return earned


def claimed_value(evaluated: Evaluated, row: IndicatorResult) -> Figure | None:
    """Return the 完成值 somebody printed for an item, where it is a number."""
    text = evaluated.session.claimed.get(f"{row.path}/actual", "")
    if not text and evaluated.project and row is evaluated.execution:
        text = evaluated.claim("execution_rate")
    read = figure(text).in_unit(row.item.unit) if text else None
    return read if read is not None and read.value is not None else None


def judge_value(evaluated: Evaluated, row: IndicatorResult) -> Verdict | None:
    """Compare a printed 完成值 with the computed one; None where either is missing."""
    printed = claimed_value(evaluated, row)
    possible = possible_value(evaluated, row)
    if printed is None or possible is None or row.value is None:
        return None
    if row.item.target is not None and row.item.target.is_date:
        return None
    doubts = {
        part: tag
        for part, tag in evaluated.doubts(row.item).items()
        if part in ("formula", "完成值")
    }
    return Verdict(printed, row.value, fit(printed, possible.values, possible.hull), doubts)


def judge_score(evaluated: Evaluated, row: IndicatorResult) -> Verdict | None:
    """Compare a printed score with the computed one; None where either is missing."""
    printed = as_points(evaluated.session.claimed.get(f"{row.path}/score", ""))
    possible = possible_score(evaluated, row, claimed_value(evaluated, row))
    if printed.value is None or possible is None or row.score is None:
        return None
    doubts = {} if row.status is Status.MANUAL else evaluated.doubts(row.item)
    return Verdict(printed, row.score, fit(printed, possible.values, possible.hull), doubts)


# --- tiers and totals ------------------------------------------------------------------------


def possible_tier(evaluated: Evaluated, tier: TierResult) -> Possible | None:
    """Return what a tier's score may be; None while it has none."""
    if tier.score is None:
        return None
    parts = [
        possible
        for row in tier.indicators
        if (possible := possible_score(evaluated, row, claimed_value(evaluated, row)))
    ]
    if any(row.status is Status.NOT_APPLICABLE for row in tier.indicators):
        return Possible.only(tier.score)
    exact = sum((part.values[-1] for part in parts), ZERO)
    return Possible((tier.score, exact), total([part.hull for part in parts]))


def tier_doubts(evaluated: Evaluated, tiers: Iterable[TierResult]) -> dict[str, Evidence]:
    """Return what the scores of these tiers rest on without being trusted."""
    doubts: dict[str, Evidence] = {}
    for tier in tiers:
        for row in tier.indicators:
            if row.score is not None and row.status is not Status.MANUAL:
                doubts |= evaluated.doubts(row.item)
    return doubts


def claimed_tier(evaluated: Evaluated, tier: TierResult) -> Figure:
    return as_points(evaluated.claim("tiers", tier.name, "score"))


def judge_tier(evaluated: Evaluated, tier: TierResult) -> Verdict | None:
    """Compare a tier's printed score with the computed one."""
    printed, possible = claimed_tier(evaluated, tier), possible_tier(evaluated, tier)
    if printed.value is None or possible is None or tier.score is None or not tier.complete:
        return None
    verdict = fit(printed, possible.values, possible.hull)
    return Verdict(printed, tier.score, verdict, tier_doubts(evaluated, [tier]))


def claimed_total(evaluated: Evaluated) -> tuple[str, Figure]:
    """Return the path and figure of the printed total (a project's is its 自评得分)."""
    for name in ("total", "score"):
        if text := evaluated.claim(name):
            return f"{evaluated.path}/{name}", as_points(text)
    return f"{evaluated.path}/total", figure("")


def judge_total(evaluated: Evaluated) -> Verdict | None:
    """Compare the printed total with the computed one; None while the session is incomplete."""
    _, printed = claimed_total(evaluated)
    result = evaluated.result
    if printed.value is None or not result.complete:
        return None
    parts = [p for tier in result.tiers if (p := possible_tier(evaluated, tier))]
    hull = total([part.hull for part in parts])
    firsts = sum((part.values[0] for part in parts), ZERO)
    lasts = sum((part.values[-1] for part in parts), ZERO)
    verdict = fit(printed, (result.total, firsts, lasts), hull)
    return Verdict(printed, result.total, verdict, tier_doubts(evaluated, result.tiers))


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
        for tier in prepared.tiers:
            for group in tier.groups:
                for index, item in enumerate(group.items):
                    if item.path in listed and (other := _under(item, note)):
                        group.items[index] = other
                        words = _words(item, other, note)
        yield Rescored(words, compute(prepared))


def _under(item: Item, note: str) -> Item | None:
    for other_note, rule, goal in item.alternatives:
        if other_note == note:
            return replace(item, rule=rule, given=replace(item.given, target=goal))
    return None


def _words(item: Item, other: Item, note: str) -> str:
    if other.rule is item.rule and other.target is not None:
        return f"按 {other.target.raw}"
    return f"按“{note}”"


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
    parts = [(base, computed), *others]
    return "，".join(f"{words} 为 {decimal_text(score, places)}" for words, score in parts)


def rate_text(value: Exact, like: Figure) -> str:
    """Print a computed value with the unit and decimals of a printed figure."""
    return decimal_text(value / size_of(like.unit or ""), max(like.places, 2)) + (like.unit or "")


def is_filled(text: str) -> bool:
    """Whether somebody entered something that counts as an entry."""
    return bool(text) and figure(text).state is not FigureState.BLANK


def qualitative(item: Item) -> bool:
    return item.target is not None and item.target.operator is Operator.QUALITATIVE
