"""What stands in the tree on the left: places of an evaluation in printed order.

A place is a path: an indicator's, a row's, or for what has none ``<evaluation>#…``: 基础数据,
基本情况, 资金, 目标, a tier, a group. Pure; the tree only shows the lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import ZERO, Exact, decimal_text
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
        known = [name for name, one in indicators.inputs.items() if one.default is None]
        done = sum(bool(evaluation.inputs[n].value) for n in known if n in evaluation.inputs)
        yield Node(place_of(prefix, BASE), 0, "基础数据", "", f"{done}/{len(known)}")
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
    rows = evaluation.rows.values()
    return isinstance(evaluation, Project) and bool(own) and not any(r.group in own for r in rows)


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
        score = _scored(
            group.score if group and group.indicators else None, group.points if group else ZERO
        )
        rows = group.indicators if group else []
        name = spec.name
        yield Node(place_of(at, spec.name), 1, name, "", score, leaf=not rows)
        for row in rows:
            yield _row(row, 2, troubled)


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


def counted(result: Result) -> tuple[int, int]:
    """Return how many indicators of counted tiers have their answer, of how many: 27/27."""
    rows = [row for tier in result.tiers if tier.counted for row in tier.indicators]
    return sum(row.status is not Status.UNFILLED for row in rows), len(rows)
