"""The indicator set a form itself stands for, where its weights or levels are not the set's.

Offices fill in 10/50/30/10, 20+80, 10+60+30 or 决策/管理/绩效. To score a form as it was handed in,
its own levels and points are taken and the rules for a unit's own rows come from a known set; so
a form is never accused of following its own region's weights.
"""

from __future__ import annotations

from functools import cache, partial

from perfeval.exchange.intake.labels import bare, points_in
from perfeval.exchange.intake.placing import group_of
from perfeval.exchange.intake.seen import Form, RowSeen
from perfeval.indicators.model import Evidence, Group, IndicatorSet, Own, Tier
from perfeval.numbers import ZERO, Exact, figure

EXECUTION = "预算执行率"


def fits(form: Form, known: IndicatorSet) -> bool:
    """Whether the form has the known set's levels and its points, or states none."""
    sums: dict[str, Exact] = {}
    above = cache(partial(_tier_above, known))
    for row in form.rows:
        tier = rated_tier(row, known) or above(row.l1.raw, row.l2.raw)
        if not tier:
            return False
        points = figure(row.cell("points").raw).value
        if points is None and row.cell("score"):
            return False
        sums[tier] = sums.get(tier, ZERO) + (points or ZERO)
    execution = _execution_points(form)
    if execution is not None:
        sums[EXECUTION] = execution
    standard = {tier.name: tier.points for tier in known.tiers if tier.points}
    return all(standard.get(name) == points for name, points in sums.items())


def _tier_above(known: IndicatorSet, l1: str, l2: str) -> str:
    """Return the tier of the known set in which a form's levels stand; "" for none."""
    group = group_of(known, l1, l2)
    found = (t.name for t in known.tiers for g in t.groups if g.name == group)
    return next(found, "") if group else ""


def rated_tier(row: RowSeen, known: IndicatorSet) -> str:
    """Return the tier whose rate a row states, where a form lists no rows under it."""
    name, rate, rest = bare(row.name.raw).rpartition("得分率")
    return name if rate and not rest and any(one.name == name for one in known.tiers) else ""


def _execution_points(form: Form) -> Exact | None:
    cells = form.funds[0].cells if form.funds else {}
    text = cells["points"].raw if "points" in cells else form.fund_points
    return figure(text).value


def as_printed(form: Form, known: IndicatorSet, number: int) -> IndicatorSet:
    """Return the set a project's form stands for; ``known`` gives rules, grades and checks."""
    tiers: list[Tier] = []
    execution = _execution_points(form)
    if execution is None:
        filled = bool(form.funds) and any(c in form.funds[0].cells for c in ("score", "rate"))
        execution = _left_over(form) if filled else None
    for tier in known.tiers:
        if "执行" in tier.name and execution:
            items = tuple(one.model_copy(update={"points": execution}) for one in tier.indicators)
            tiers.append(tier.model_copy(update={"points": execution, "indicators": items}))
    for name, rows in _levels(form).items():
        points = [_points(row) for row in rows]
        stated = [one for one in points if one is not None]
        bracketed = figure(points_in(rows[0].l1.raw)).value
        total = bracketed if bracketed is not None and not stated else sum(stated, ZERO)
        groups = dict.fromkeys(bare(row.l2.raw) or name for row in rows)
        tiers.append(
            Tier(
                name=name,
                points=total,
                groups=tuple(Group(name=group, own=Own()) for group in groups),
                evidence={"rate": Evidence.PUBLISHED},
            )
        )
    formulas = [one.formula for tier in tiers for one in tier.indicators if one.formula]
    used = {
        name for one in [*formulas, *(i.formula for i in known.identities)] for name in one.names
    }
    return known.model_copy(
        update={
            "id": f"as-printed-{number}",
            "title": "按表上的分值计分",
            "inputs": {name: one for name, one in known.inputs.items() if name in used},
            "tiers": tuple(tiers),
            "weight_schemes": {},
            "modifiers": tuple(m for m in known.modifiers if m.type == "na_rescale"),
        }
    )


def _left_over(form: Form) -> Exact | None:
    """Return what 100 leaves for 预算执行率, where the rows state all the other points."""
    points = [figure(row.cell("points").raw).value for row in form.rows]
    stated = [one for one in points if one is not None]
    rest = 100 - sum(stated, ZERO)
    return rest if stated and 0 < rest <= 30 else Exact(10)


def _points(row: RowSeen) -> Exact | None:
    """Return a row's points; in a form without such a column, its score stands for them."""
    cell = row.cells.get("points") or row.cell("score")
    return figure(cell.raw).value


def _levels(form: Form) -> dict[str, list[RowSeen]]:
    """Return the rows of each 一级, as the form calls it."""
    levels: dict[str, list[RowSeen]] = {}
    for row in form.rows:
        levels.setdefault(bare(row.l1.raw) or bare(row.l2.raw) or "绩效指标", []).append(row)
    return levels
