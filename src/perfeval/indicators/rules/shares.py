"""The value itself is the share of the points: 执行率, 得分率, another assessment's score."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from perfeval.indicators.rules.base import Cells, Given, RuleBase, number, percent_or_number
from perfeval.indicators.rules.fields import Quantity
from perfeval.numbers import ONE, ZERO, Exact


class ExecutionRatePoints(RuleBase):
    """预算执行率得分: s = W·A, at most W (A = 执行数 ÷ 全年预算数), never below 0."""

    type: Literal["execution_rate_points"]

    def score(self, given: Given) -> Exact:
        value = given.need_value()
        if value >= 1:
            return given.points
        return given.points * value if value > 0 else ZERO

    def explain(self, unit: str = "%") -> str:
        return "执行率×分值，最高满分"

    def working(self, given: Given) -> str:
        value = given.need_value()
        return f"{percent_or_number(value)}×{number(given.points)}" if 0 < value < 1 else ""

    def excel(self, cells: Cells) -> str:
        return f"{cells.points}*MIN(1,MAX(0,{cells.value}))"


class TierRatePoints(ExecutionRatePoints):
    """得分率 of a whole tier (自评汇总表): s = W·A. Used where a project has no indicator rows."""

    type: Literal["tier_rate_points"] = "tier_rate_points"  # type: ignore[assignment]

    def explain(self, unit: str = "%") -> str:
        return "得分率×分值，最高满分"


class ExternalScaling(RuleBase):
    """外部考核折算: s = W·A/external_full, where A is the score of another assessment."""

    type: Literal["external_scaling"]
    external_full: Quantity = Exact(100)

    def score(self, given: Given) -> Exact:
        share = given.need_value() / self.external_full
        return given.points * min(ONE, max(ZERO, share))

    def explain(self, unit: str = "%") -> str:
        return f"按外部考核得分折算：得分÷{number(self.external_full)}×分值"

    def excel(self, cells: Cells) -> str:
        return f"{cells.points}*MIN(1,MAX(0,{cells.value}/{number(self.external_full)}))"

    def problems(self, points: Exact) -> Iterator[str]:
        if self.external_full <= 0:
            yield "external_full 应大于 0"
