"""What stands in the tree on the left: places of an evaluation in printed order.

A place is a path: an indicator's, a row's, or for what has none ``<evaluation>#…``: 基础数据,
基本情况, 资金, 目标, a tier, a group. Pure; the tree only shows the lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import ZERO, Exact, FigureState, decimal_text, figure
from perfeval.scoring.scorecard import GroupResult, IndicatorResult, Result, Status, TierResult
from perfeval.session.model import Evaluation, Project

TROUBLE = "问题"
MARK_WIDTH = 6
"""Cells of the longest mark, 未证实 or 不适用: scores stay in one column."""

BASE, BASIC, FUNDS, GOAL = "base", "basic", "funds", "goal"


@dataclass(frozen=True, slots=True)
class Node:
    """A line of the tree: its place, depth, name, mark and ``earned/points``."""

    place: str
    depth: int
    name: str
    mark: str = ""
    score: str = ""
    leaf: bool = True

    def line(self, width: int, indent: int) -> str:
        """Return the line in ``width`` cells of which ``indent`` are taken before it."""
        right = (
            f" {set_cell_size(self.mark, MARK_WIDTH)}{self.score:>9}"
            if self.mark or self.score
            else ""
        )
        room = width - indent - cell_len(right)
        name = self.name
        if cell_len(name) > room:
            name = set_cell_size(name, max(room - 2, 0)).rstrip() + ".."
        return set_cell_size(name, room) + right


def place_of(prefix: str, *names: str) -> str:
    """Return the place of what has no path: a tier, a group, 资金 …"""
    return "#".join([prefix, *names])


def names_of(place: str) -> list[str]:
    """Return the names after the evaluation's path in such a place; none for a path."""
    return place.split("#")[1:]


def outline(
    prefix: str,
    evaluation: Evaluation,
    indicators: IndicatorSet,
    result: Result,
    troubled: Set[str],
) -> list[Node]:
    """Return the lines of an evaluation. ``troubled`` are the paths with an 错误 or 警告."""
    inside = {
        "/".join(names[:at]) for names in map(_names, troubled) for at in range(len(names) + 1)
    }
    return list(_nodes(prefix, evaluation, indicators, result, inside))


def _nodes(
    prefix: str,
    evaluation: Evaluation,
    indicators: IndicatorSet,
    result: Result,
    troubled: Set[str],
) -> Iterator[Node]:
    if isinstance(evaluation, Project):
        yield Node(place_of(prefix, BASIC), 0, "基本情况")
        yield Node(place_of(prefix, FUNDS), 0, "资金", "" if evaluation.funds else Status.UNFILLED)
        yield Node(
            place_of(prefix, GOAL), 0, "年度总体目标", "" if evaluation.goal else Status.UNFILLED
        )
        rates: Set[str] = evaluation.tier_rates.keys()
    else:
        done, of = entered(evaluation, indicators)
        yield Node(place_of(prefix, BASE), 0, "基础数据", "", f"{done}/{of}")
        rates = set()
    for tier in result.tiers:
        by_rate = tier.name in rates
        at = place_of(prefix, tier.name)
        if by_rate:
            row = next(tier.indicators)
            yield Node(at, 0, tier.name, _mark(row, troubled), _scored(row.score, row.points))
            continue
        groups = {group.name: group for group in tier.groups}
        mark = Status.UNFILLED if _waits_for_rate(evaluation, indicators, tier) else ""
        yield Node(at, 0, tier.name, mark, _scored(tier.score, tier.points), leaf=False)
        yield from _groups(at, tier, groups, indicators, troubled)


def _waits_for_rate(evaluation: Evaluation, indicators: IndicatorSet, tier: TierResult) -> bool:
    """Whether a project's tier has neither rows nor the 得分率 that stands for them."""
    own = {group.name for group in indicators.tier(tier.name).own_groups()}
    if not isinstance(evaluation, Project) or tier.name in evaluation.tier_rates:
        return False
    return bool(own) and not any(row.group in own for row in evaluation.rows.values())


def _groups(
    at: str,
    tier: TierResult,
    groups: dict[str, GroupResult],
    indicators: IndicatorSet,
    troubled: Set[str],
) -> Iterator[Node]:
    if "" in groups:
        for row in groups[""].indicators:
            yield _row(row, 1, troubled)
    for spec in indicators.tier(tier.name).groups:
        group = groups.get(spec.name)
        if group is None and spec.own is None:
            continue
        rows = group.indicators if group else []
        score = _scored(earned(group) if group else None, group.points if group else ZERO)
        own = sum(row.item.own for row in rows)
        mark = Status.UNFILLED if spec.own and own < spec.own.min else ""
        yield Node(place_of(at, spec.name), 1, spec.name, mark, score, leaf=not rows)
        for row in rows:
            yield _row(row, 2, troubled)


def earned(group: GroupResult) -> Exact | None:
    """Return a group's score; None, not 0, while none of its rows has one."""
    return group.score if any(row.score is not None for row in group.indicators) else None


def _row(row: IndicatorResult, depth: int, troubled: Set[str]) -> Node:
    name = row.name if not row.item.own or row.name != row.code else "（未命名）"
    return Node(row.path, depth, name, _mark(row, troubled), _scored(row.score, row.points))


def _mark(row: IndicatorResult, troubled: Set[str]) -> str:
    trouble = row.status is not Status.UNFILLED and row.path in troubled
    return TROUBLE if trouble else row.status


def _names(path: str) -> list[str]:
    return path.split("/")


def _scored(score: Exact | None, points: Exact) -> str:
    if not points and score is None:
        return ""
    earned = decimal_text(score, 2) if score is not None else "--"
    return f"{earned}/{decimal_text(points)}"


def entered(evaluation: Evaluation, indicators: IndicatorSet) -> tuple[int, int]:
    """Return how many of the inputs that must be entered are, of how many: 19/23.

    One with a default may stay empty; a lone dash is what forms print for nothing entered.
    """
    wanted = [name for name, one in indicators.inputs.items() if one.default is None]
    typed = (evaluation.inputs[name].value for name in wanted if name in evaluation.inputs)
    return sum(figure(text).state is not FigureState.BLANK for text in typed), len(wanted)


def counted(evaluation: Evaluation, indicators: IndicatorSet, result: Result) -> tuple[int, int]:
    """Return how many indicators of counted tiers have their answer, of how many: 27/27.

    A project's tier without rows that waits for its 得分率 counts as one without an answer.
    """
    tiers = [tier for tier in result.tiers if tier.counted]
    rows = [row for tier in tiers for row in tier.indicators]
    waiting = sum(_waits_for_rate(evaluation, indicators, tier) for tier in tiers)
    return sum(row.status is not Status.UNFILLED for row in rows), len(rows) + waiting


def neighbour(before: Sequence[str], gone: str, now: Sequence[str]) -> str:
    """Return what stood after ``gone``, else before it, and is still there; else an empty text."""
    if gone not in before:
        return ""
    at = before.index(gone)
    return next((one for one in [*before[at + 1 :], *before[:at][::-1]] if one in now), "")
