"""From figures to scores: items by their rules, 二级 and 一级 added up, the total, the grade.

Nothing is read here and nothing can fail: the texts were read by :mod:`.prepare`. What no input
feeds was scored there too, so an item, a 二级 or an 一级 that nothing can move any more is taken
as it is.

Rounding happens only at the set's named places: a rate when ``score_from: printed_rate``, each
score, each tier, the total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from perfeval.indicators.model import IndicatorSet
from perfeval.indicators.rules import Unanswered
from perfeval.numbers import ONE, ZERO, Exact, half_up
from perfeval.scoring.scorecard import (
    ZERO_DENOMINATOR,
    ZERO_NOT_APPLICABLE,
    GroupResult,
    IndicatorResult,
    Item,
    Result,
    Status,
    TierResult,
)

if TYPE_CHECKING:
    from perfeval.scoring.prepared import Prepared, PreparedGroup, PreparedTier

Sums = tuple[Exact, Exact, Exact, bool]
"""Scores earned, points of rows 不适用, points of rows 未填, and whether any row is scored."""
NO_SUMS: Sums = (ZERO, ZERO, ZERO, False)


def add_up(sums: Sums, rows: Iterable[IndicatorResult]) -> Sums:
    """Return ``sums`` with those of ``rows`` added."""
    earned, absent, unfilled, scored = sums
    for row in rows:
        if row.score is not None:
            earned += row.score
            scored = True
        elif row.status is Status.NOT_APPLICABLE:
            absent += row.item.points
        else:
            unfilled += row.item.points
    return earned, absent, unfilled, scored


# --- items -----------------------------------------------------------------------------------


def score_item(item: Item, values: Mapping[str, Exact], places: int) -> IndicatorResult:
    """Score one item: its value, its rule, its modifiers, one rounding to ``places``.

    The only way to a score; the trace and 测算 call it too.
    """
    if item.not_applicable:
        return IndicatorResult(item, Status.NOT_APPLICABLE)
    if item.unscored:
        return IndicatorResult(item, Status.UNFILLED, item.direct, note=item.unscored)
    status, value, note = Status.SCORED, item.direct, ""
    full = False
    if item.formula is not None:
        try:
            value = item.formula.evaluate(values)
            if item.scale is not ONE:
                value *= item.scale
            if item.places is not None:
                value = half_up(value, item.places)
        except KeyError as missing:
            note = f"缺少{missing.args[0]}"
            if item.unproven and value is not None:
                status = Status.UNPROVEN
        except ZeroDivisionError:
            value, full, note = ZERO, item.if_zero == "满分", ZERO_DENOMINATOR
            if item.if_zero == "不适用":
                return IndicatorResult(item, Status.NOT_APPLICABLE, note=ZERO_NOT_APPLICABLE)
            if item.if_zero != "0" and not full:
                value = None
    elif item.unproven and value is not None:
        status = Status.UNPROVEN
    given = item.given
    given.value = value
    automatic: Exact | None = None
    try:
        earned = item.points if full else item.rule.score(given)
        for modifier in item.modifiers:
            earned = modifier.adjust(earned, given)
        automatic = half_up(earned, places)
    except Unanswered as wanted:
        note = note or f"未填{wanted.args[0]}"
    except KeyError as missing:
        note = f"缺少{missing.args[0]}"
    except ZeroDivisionError:
        note = "计算中分母为 0"
    if item.manual is not None:
        score = half_up(item.manual, places)
        return IndicatorResult(item, Status.MANUAL, value, automatic, score, note)
    if automatic is None:
        return IndicatorResult(item, Status.UNFILLED, value, None, None, note)
    return IndicatorResult(item, status, value, automatic, automatic, note)


# --- groups and tiers ------------------------------------------------------------------------

ScoredGroup = tuple[GroupResult, Sums]
"""A 二级 with its rows, and their sums for the tier above."""


def score_group(group: PreparedGroup, values: Mapping[str, Exact], places: int) -> ScoredGroup:
    """Score the items of a group that inputs feed; the settled ones were added up before."""
    rows = group.settled.copy()
    for at in group.fed:
        rows[at] = score_item(group.items[at], values, places)
    sums = add_up(group.sums, [rows[at] for at in group.fed])
    return GroupResult(group.name, group.points, sums[0], rows, group.unused), sums


def score_tier(
    indicator_set: IndicatorSet, tier: PreparedTier, points: Exact, scored: list[ScoredGroup]
) -> TierResult:
    """Add up a tier that is worth ``points``: one exact sum, rescaled where rows are 不适用,
    rounded once.
    """
    rounding = indicator_set.rounding
    earned = absent = unfilled = ZERO
    scored_any = False
    for _, (subtotal, gone, open_, any_scored) in scored:
        scored_any = scored_any or any_scored
        if gone:
            absent += gone
        if open_:
            unfilled += open_
        earned += subtotal
    applicable = tier.offered - absent if absent else tier.offered
    rescaled = bool(absent) or points is not tier.points
    score: Exact | None = None
    if scored_any:
        if rescaled:
            earned = indicator_set.not_applicable.tier_score(earned, applicable, points)
        score = half_up(earned, rounding.tier)
    return TierResult(
        name=tier.tier.name,
        points=points,
        counted=tier.tier.counted,
        groups=[group for group, _ in scored],
        score=score,
        rate_places=rounding.rate + 2,
        applicable=applicable,
        filled=applicable - unfilled if unfilled else applicable,
        unused=tier.unused,
        not_applicable=not applicable and bool(tier.offered),
        rescaled=rescaled,
    )


def _shifted(
    indicator_set: IndicatorSet, tiers: list[PreparedTier], scored: list[list[ScoredGroup]]
) -> list[Exact]:
    """Return each tier's points after a tier wholly 不适用 gave its own away."""
    points = {tier.tier.name: tier.points for tier in tiers}
    for tier, groups in zip(tiers, scored, strict=True):
        name = tier.tier.name
        rows = [row for group, _ in groups for row in group.indicators]
        gone = bool(rows) and all(row.status is Status.NOT_APPLICABLE for row in rows)
        heir = indicator_set.shifts.get(name, "") if gone else ""
        if heir in points:
            points[heir] += points[name]
            points[name] = ZERO
    return list(points.values())


def _tiers(prepared: Prepared) -> list[TierResult]:
    indicator_set, values = prepared.set, prepared.values
    places = indicator_set.rounding.score
    scored = [
        [group.whole or score_group(group, values, places) for group in tier.groups]
        for tier in prepared.tiers
    ]
    if indicator_set.shifts:
        points = _shifted(indicator_set, prepared.tiers, scored)
    else:
        points = [tier.points for tier in prepared.tiers]
    return [
        tier.whole or score_tier(indicator_set, tier, share, groups)
        for tier, share, groups in zip(prepared.tiers, points, scored, strict=True)
    ]


# --- the whole -------------------------------------------------------------------------------


def compute(prepared: Prepared) -> Result:
    """Score everything prepared: items, tiers (不适用 rescaled or shifted), total, grade."""
    indicator_set = prepared.set
    tiers = _tiers(prepared)
    total, lost, complete = ZERO, False, True
    for tier in tiers:
        if tier.score is not None:
            total += tier.score
        if tier.not_applicable:
            lost = lost or bool(tier.points)
        elif not tier.complete:
            complete = False
    total = half_up(total, indicator_set.rounding.total)
    problems = prepared.problems
    if lost:
        told = "有一级指标整体不适用，而指标体系没有规定分值并入何处，不评等级"
        problems = (*problems, ("", told))
    return Result(
        set=indicator_set,
        scheme=prepared.scheme,
        tiers=tiers,
        total=total,
        complete=complete,
        grade=indicator_set.grade(total) if complete and not lost else None,
        values=prepared.values,
        inputs=prepared.inputs,
        problems=problems,
    )
