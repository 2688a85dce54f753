"""分值: what the rows offer adds up to what the set prescribes (L01, L02, L18)."""

from __future__ import annotations

from collections.abc import Iterator

from perfeval.checks.model import Level, Observation
from perfeval.checks.registry import check
from perfeval.checks.subject import Evaluated, Subject, same_name
from perfeval.indicators.rules import TierRatePoints
from perfeval.numbers import Exact, decimal_text, figure
from perfeval.scoring.scorecard import GroupResult, IndicatorResult, TierResult

SYSTEM = "一体化系统公开的审核口径"
ZERO = Exact(0)


def _weighted(rows: list[IndicatorResult]) -> bool:
    """Whether the unit entered rows here and gave every one its points."""
    own = [row for row in rows if row.item.own]
    return bool(own) and all(row.item.answer and _points_text(row) for row in own)


def _points_text(row: IndicatorResult) -> str:
    return getattr(row.item.answer, "points", "")


@check("L01", Level.ERROR, "分值逐级合计", f"{SYSTEM}：下级分值之和等于上级")
def points_add_up(subject: Subject) -> Iterator[Observation]:
    """Rows add up to their 二级, and all of them to the 一级; empty places are 未填, not errors."""
    for evaluated in subject.evaluated:
        for tier in evaluated.result.tiers:
            shared = ZERO
            for group in tier.groups:
                stated = _stated(evaluated, tier, group)
                shared += group.unused
                if stated and group.unused and _weighted(group.indicators):
                    yield _sum(evaluated, tier, group)
            rows = list(tier.indicators)
            if tier.unused and tier.unused != shared and _weighted(rows):
                offered = tier.points - tier.unused
                yield _observed(evaluated, tier.name, rows, offered, tier.points)
        yield from _scheme(evaluated)


def _stated(evaluated: Evaluated, tier: TierResult, group: GroupResult) -> bool:
    """Whether the set itself gives the 二级 its points."""
    for one in evaluated.result.set.tier(tier.name).groups:
        if one.name == group.name:
            return one.points is not None
    return False


def _sum(evaluated: Evaluated, tier: TierResult, group: GroupResult) -> Observation:
    offered = group.points - group.unused
    return _observed(evaluated, group.name, group.indicators, offered, group.points)


def _observed(
    evaluated: Evaluated, name: str, rows: list[IndicatorResult], offered: Exact, points: Exact
) -> Observation:
    last = next(row for row in reversed(rows) if row.item.own)
    return Observation(
        f"{last.path}/points",
        f"各指标分值合计 {decimal_text(offered)}，应为 {decimal_text(points)}",
        "请调整分值",
        f"{evaluated.name}·{name}" if evaluated.project else name,
        decimal_text(offered),
        decimal_text(points),
        repeat="指标分值合计不等于上级分值",
        also=tuple(f"{row.path}/points" for row in rows if row.item.own and row is not last),
    )


def _scheme(evaluated: Evaluated) -> Iterator[Observation]:
    for path, problem in evaluated.result.problems:
        if path.endswith("/weight_scheme"):
            yield Observation(
                path,
                problem,
                "请在指标体系列出的权重方案中选择",
                evaluated.name,
                getattr(evaluated.evaluation, "weight_scheme", ""),
                repeat="权重方案不存在",
            )


@check("L02", Level.ERROR, "每项指标分值大于 0", SYSTEM)
def positive_points(subject: Subject) -> Iterator[Observation]:
    """A row the unit added has points; none typed yet is 未填."""
    for evaluated, row, own in subject.own_rows():
        points = figure(own.points).value
        if points is not None and points <= 0:
            yield Observation(
                f"{row.path}/points",
                f"分值为 {own.points}",
                "分值应大于 0",
                evaluated.label(row.item),
                own.points,
                repeat="分值不大于 0",
            )


@check("L18", Level.ERROR, "产出、效益、满意度各有指标", "公开的绩效指标审核规则")
def every_tier_present(subject: Subject) -> Iterator[Observation]:
    """Once rows are entered, every tier with points has some; an untouched form is 未填."""
    for evaluated in subject.evaluated:
        tiers = [tier for tier in evaluated.result.tiers if tier.points]
        begun = any(row.item.own for tier in tiers for row in tier.indicators)
        for tier in tiers:
            if begun and not any(True for _ in tier.indicators):
                yield Observation(
                    f"{evaluated.path}/rows",
                    f"“{tier.name}”{decimal_text(tier.points)} 分，没有指标",
                    "请补设指标；按规定不设的，请选用相应的权重方案",
                    evaluated.name,
                    repeat=f"“{tier.name}”没有指标",
                )
        for path, problem in evaluated.result.problems:
            if not path:
                yield Observation(
                    f"{evaluated.path}/answers",
                    problem,
                    "请选用相应的权重方案",
                    evaluated.name,
                    level=Level.WARNING,
                    repeat="一级指标整体不适用",
                )


@check("L12", Level.WARNING, "三级指标名称不重复", SYSTEM)
def unique_names(subject: Subject) -> Iterator[Observation]:
    """The same name twice in one 二级 of one project; elsewhere it is another indicator."""
    for evaluated in subject.evaluated:
        seen: dict[tuple[str, str, str], IndicatorResult] = {}
        for row in evaluated.rows:
            if isinstance(row.item.rule, TierRatePoints) or not _named(row):
                continue
            key = (row.item.tier, row.item.group, same_name(row.name))
            if (first := seen.setdefault(key, row)) is not row:
                yield Observation(
                    f"{row.path}/name",
                    f"与同一二级指标下的另一项同名（“{first.name}”）",
                    "请区分名称或删去重复的一项",
                    evaluated.label(row.item),
                    also=(f"{first.path}/name",),
                    repeat="指标名称重复",
                )


def _named(row: IndicatorResult) -> bool:
    """A row still without a name is 未填; its code stands in for the name."""
    return bool(getattr(row.item.answer, "name", row.name))
