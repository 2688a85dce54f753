"""Comparing the value with a target: met or not, in proportion, in a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from perfeval.indicators.rules.base import (
    Cells,
    Given,
    RuleBase,
    beside_target,
    number,
    percent_or_number,
)
from perfeval.indicators.rules.fields import Quantity
from perfeval.numbers import ONE, ZERO, Exact


class FullIfAtLeast(RuleBase):
    """s = W if A ≥ T else 0."""

    type: Literal["full_if_at_least"]
    needs_target: ClassVar[bool] = True
    sense: ClassVar[Literal["more", "less", "either"]] = "more"

    def score(self, given: Given) -> Exact:
        return given.points if given.need_value() >= given.need_target() else ZERO

    def explain(self, unit: str = "%") -> str:
        return "达到年度指标值得满分，未达到不得分"

    def excel(self, cells: Cells) -> str:
        return f"IF({cells.compare(cells.value, '>=', cells.target)},{cells.points},0)"


class FullIfAtMost(RuleBase):
    """s = W if A ≤ T else 0."""

    type: Literal["full_if_at_most"]
    needs_target: ClassVar[bool] = True
    sense: ClassVar[Literal["more", "less", "either"]] = "less"

    def score(self, given: Given) -> Exact:
        return given.points if given.need_value() <= given.need_target() else ZERO

    def explain(self, unit: str = "%") -> str:
        return "不超过年度指标值得满分，超过不得分"

    def excel(self, cells: Cells) -> str:
        return f"IF({cells.compare(cells.value, '<=', cells.target)},{cells.points},0)"


class FullIfMet(RuleBase):
    """s = W if A meets T by the target's own sign (≥ ≤ = > < or a range) else 0."""

    type: Literal["full_if_met"]
    needs_target: ClassVar[bool] = True

    def score(self, given: Given) -> Exact:
        value, _ = given.need_value(), given.need_target()
        assert given.target is not None
        return given.points if given.target.met_by(value) else ZERO

    def explain(self, unit: str = "%") -> str:
        return "符合年度指标值得满分，不符合不得分"

    def excel(self, cells: Cells) -> str:
        return f"IF({cells.met()},{cells.points},0)"


class ProportionalCapped(RuleBase):
    """s = W·min(cap, A/T); A below 0 counts as 0; a target of 0 is met by A ≥ 0."""

    type: Literal["proportional_capped"]
    cap: Quantity = ONE
    needs_target: ClassVar[bool] = True
    sense: ClassVar[Literal["more", "less", "either"]] = "more"

    def score(self, given: Given) -> Exact:
        value, goal = given.need_value(), given.need_target()
        if value >= goal and self.cap == 1:
            return given.points
        if value >= goal * self.cap:
            return given.points * self.cap
        return given.points * value / goal if value > 0 and goal > 0 else ZERO

    def explain(self, unit: str = "%") -> str:
        capped = "" if self.cap == 1 else f"（最高按 {percent_or_number(self.cap)}）"
        return f"达到年度指标值得满分，未达到按完成比例得分{capped}"

    def working(self, given: Given) -> str:
        value, goal = given.need_value(), given.need_target()
        if value >= goal * self.cap or value <= 0 or goal <= 0:
            return ""
        return _share(given, value, goal)

    def excel(self, cells: Cells) -> str:
        cap, ratio = number(self.cap), f"{cells.points}*{cells.value}/{cells.target}"
        full = cells.compare(cells.value, ">=", f"{cells.target}*{cap}")
        none = cells.compare(cells.value, "<=", "0")
        return f"IF({full},{cells.points}*{cap},IF({none},0,{ratio}))"


class GatedProportional(RuleBase):
    """s = 0 if A/T < gate, else W·min(1, A/T)."""

    type: Literal["gated_proportional"]
    gate: Quantity
    needs_target: ClassVar[bool] = True
    sense: ClassVar[Literal["more", "less", "either"]] = "more"

    def score(self, given: Given) -> Exact:
        value, goal = given.need_value(), given.need_target()
        if value < goal * self.gate:
            return ZERO
        return given.points if value >= goal else given.points * value / goal

    def explain(self, unit: str = "%") -> str:
        return f"完成比例低于 {percent_or_number(self.gate)} 不得分，达到后按完成比例得分，最高满分"

    def working(self, given: Given) -> str:
        value, goal = given.need_value(), given.need_target()
        if value >= goal or value < goal * self.gate:
            return ""
        return _share(given, value, goal)

    def excel(self, cells: Cells) -> str:
        below = cells.compare(cells.value, "<", f"{cells.target}*{number(self.gate)}")
        full = cells.compare(cells.value, ">=", cells.target)
        ratio = f"{cells.points}*{cells.value}/{cells.target}"
        return f"IF({below},0,IF({full},{cells.points},{ratio}))"

    def problems(self, points: Exact) -> Iterator[str]:
        if not 0 <= self.gate <= 1:
            yield "gate 应在 0 与 1 之间"


class InverseRatio(RuleBase):
    """s = W if A ≤ T, else W·T/A."""

    type: Literal["inverse_ratio"]
    needs_target: ClassVar[bool] = True
    sense: ClassVar[Literal["more", "less", "either"]] = "less"

    def score(self, given: Given) -> Exact:
        value, goal = given.need_value(), given.need_target()
        if value <= goal:
            return given.points
        return given.points * goal / value if goal > 0 else ZERO

    def explain(self, unit: str = "%") -> str:
        return "不超过年度指标值得满分，超过的按 指标值÷完成值 得分"

    def working(self, given: Given) -> str:
        value, goal = given.need_value(), given.need_target()
        if value <= goal:
            return ""
        return _share(given, goal, value)

    def excel(self, cells: Cells) -> str:
        within = cells.compare(cells.value, "<=", cells.target)
        none = cells.compare(cells.target, "<=", "0")
        share = f"{cells.points}*{cells.target}/{cells.value}"
        return f"IF({within},{cells.points},IF({none},0,{share}))"


class InverseLinear(RuleBase):
    """s = W if A ≤ T; falls in a straight line to 0 at A = zero_at·T."""

    type: Literal["inverse_linear"]
    zero_at: Quantity = Exact(2)
    needs_target: ClassVar[bool] = True
    sense: ClassVar[Literal["more", "less", "either"]] = "less"

    def score(self, given: Given) -> Exact:
        value, goal = given.need_value(), given.need_target()
        if value <= goal:
            return given.points
        nothing = goal * self.zero_at
        if value >= nothing:
            return ZERO
        return given.points * (nothing - value) / (nothing - goal)

    def explain(self, unit: str = "%") -> str:
        return (
            f"不超过年度指标值得满分，超过的线性扣减，达到指标值的 {number(self.zero_at)} 倍不得分"
        )

    def working(self, given: Given) -> str:
        value, goal = given.need_value(), given.need_target()
        nothing = goal * self.zero_at
        if not goal < value < nothing:
            return ""
        return _share(given, nothing - value, nothing - goal)

    def excel(self, cells: Cells) -> str:
        nothing = f"{cells.target}*{number(self.zero_at)}"
        within = cells.compare(cells.value, "<=", cells.target)
        beyond = cells.compare(cells.value, ">=", nothing)
        line = f"{cells.points}*({nothing}-{cells.value})/({nothing}-{cells.target})"
        return f"IF({within},{cells.points},IF({beyond},0,{line}))"

    def problems(self, points: Exact) -> Iterator[str]:
        if self.zero_at <= 1:
            yield "zero_at 应大于 1"


class EqualTarget(RuleBase):
    """T = 0: W if A ≤ 0 else 0. T > 0: W if A ≥ T, else W·A/T."""

    type: Literal["equal_target"]
    needs_target: ClassVar[bool] = True

    def score(self, given: Given) -> Exact:
        value, goal = given.need_value(), given.need_target()
        if goal == 0:
            return given.points if value <= 0 else ZERO
        if value >= goal:
            return given.points
        return given.points * value / goal if value > 0 else ZERO

    def explain(self, unit: str = "%") -> str:
        return "指标值为 0 时完成值为 0 得满分、否则不得分；其他达到得满分，未达到按比例"

    def excel(self, cells: Cells) -> str:
        zero = cells.compare(cells.target, "=", "0")
        none = cells.compare(cells.value, "<=", "0")
        full = cells.compare(cells.value, ">=", cells.target)
        share = f"IF({none},0,{cells.points}*{cells.value}/{cells.target})"
        return f"IF({zero},IF({none},{cells.points},0),IF({full},{cells.points},{share}))"


def _share(given: Given, part: Exact, whole: Exact) -> str:
    """Return the arithmetic of a share of the points, with the numbers put in."""
    part_text, whole_text = beside_target(given, part), beside_target(given, whole)
    return f"{part_text}÷{whole_text}×{number(given.points)}"
