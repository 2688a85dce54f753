"""So many points off for every step or every case."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

from perfeval.indicators.rules.base import Cells, Given, RuleBase, in_unit, number
from perfeval.indicators.rules.fields import Quantity
from perfeval.numbers import ZERO, Exact, decimal_text, dimension


class PerPointDeduction(RuleBase):
    """s = W − deduct·steps, not below 0; steps = how many ``step`` A lies beyond the baseline.

    ``steps``: ``whole`` counts complete steps (the field's reading of 每超过一个百分点: a form with
    99.27 % kept full marks), ``started`` counts a begun step as one, ``linear`` in proportion.
    """

    type: Literal["per_point_deduction"]
    baseline: Quantity | Literal["target"] = "target"
    direction: Literal["above", "below", "either"]
    step: Quantity = Exact(1, 100)
    deduct: Quantity
    steps: Literal["whole", "started", "linear"] = "whole"

    def score(self, given: Given) -> Exact:
        base = given.need_target() if self.baseline == "target" else self.baseline
        beyond = given.need_value() - base
        if self.direction == "below":
            beyond = -beyond
        elif self.direction == "either":
            beyond = abs(beyond)
        if beyond <= 0:
            return given.points
        steps = beyond / self.step
        if self.steps == "whole":
            steps = Exact(math.floor(steps))
        elif self.steps == "started":
            steps = Exact(math.ceil(steps))
        return max(ZERO, given.points - self.deduct * steps)

    def explain(self, unit: str = "%") -> str:
        base = "年度指标值" if self.baseline == "target" else in_unit(self.baseline, unit)
        word = {"above": "超过", "below": "低于", "either": "偏离"}[self.direction]
        step = (
            f"{decimal_text(self.step * 100)} 个百分点"
            if dimension(unit) == "ratio"
            else number(self.step)
        )
        how = {"whole": "（按整数计）", "started": "（不足一个按一个计）", "linear": "（按比例计）"}
        return (
            f"以{base}为准，每{word} {step}扣 {number(self.deduct)} 分{how[self.steps]}，扣完为止"
        )

    def excel(self, cells: Cells) -> str:
        base = cells.target if self.baseline == "target" else number(self.baseline)
        beyond = f"({cells.value}-{base})"
        if self.direction == "below":
            beyond = f"({base}-{cells.value})"
        elif self.direction == "either":
            beyond = f"ABS({cells.value}-{base})"
        steps = f"ROUND(MAX(0,{beyond}/{number(self.step)}),12)"
        if self.steps != "linear":
            function = "ROUNDDOWN" if self.steps == "whole" else "ROUNDUP"
            steps = f"{function}({steps},0)"
        return f"MAX(0,{cells.points}-{number(self.deduct)}*{steps})"

    def problems(self, points: Exact) -> Iterator[str]:
        if self.step <= 0 or self.deduct <= 0:
            yield "step 和 deduct 应大于 0"


class PerViolationDeduction(RuleBase):
    """s = W − deduct·n, not below 0; n, the violations found, is the indicator's value."""

    type: Literal["per_violation_deduction"]
    deduct: Quantity

    def score(self, given: Given) -> Exact:
        return max(ZERO, given.points - self.deduct * max(ZERO, given.need_value()))

    def explain(self, unit: str = "%") -> str:
        return f"每出现一例扣 {number(self.deduct)} 分，扣完为止"

    def working(self, given: Given) -> str:
        found = max(ZERO, given.need_value())
        return f"{number(given.points)}-{number(self.deduct)}×{number(found)}" if found else ""

    def excel(self, cells: Cells) -> str:
        return f"MAX(0,{cells.points}-{number(self.deduct)}*MAX(0,{cells.value}))"

    def problems(self, points: Exact) -> Iterator[str]:
        if self.deduct <= 0:
            yield "deduct 应大于 0"
