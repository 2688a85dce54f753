"""The scoring rules, one class each: what is scored, how it reads, and its Excel formula.

In the formulas W is the indicator's points, A its 实际完成值, T its 年度指标值. A rule returns an
exact score; the engine rounds it once. Rules know no region: every parameter is data of a set.
Habits that conflict (fall in a line to 2T, or T/A …) are separate rules.

Adding a rule is one class here and its name in :data:`Rule`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from perfeval.indicators.formula import Formula, FormulaError, Values, parse
from perfeval.indicators.target import Operator, Target, target
from perfeval.numbers import Exact, decimal_text, dimension, exact, half_up

ZERO = Exact(0)
ONE = Exact(1)
EXACT = type(ZERO)


# --- field types of a set --------------------------------------------------------------------


def _read_number(value: object) -> object:
    if isinstance(value, str | int) and not isinstance(value, bool):
        try:
            return exact(value)
        except ValueError as error:
            raise PydanticCustomError("number", "“{text}”不是数值", {"text": value}) from error
    if isinstance(value, float):
        raise PydanticCustomError("number", "数值不要经过二进制浮点：{text}", {"text": value})
    if not isinstance(value, EXACT):
        raise PydanticCustomError("number", "应是一个数值", {})
    return value


def _read_formula(value: object) -> object:
    if isinstance(value, str):
        try:
            return parse(value)
        except FormulaError as error:
            raise PydanticCustomError("formula", "{text}", {"text": str(error)}) from error
    if not isinstance(value, Formula):
        raise PydanticCustomError("formula", "应是一行公式", {})
    return value


if TYPE_CHECKING:
    Quantity = Exact
    FormulaField = Formula
else:
    Quantity = Annotated[
        object,
        BeforeValidator(_read_number),
        PlainSerializer(decimal_text),
        WithJsonSchema({"type": ["string", "number"], "description": "数值，如 0.5、10%"}),
    ]
    """An exact number of a set, written as text: ``0.5``, ``10%``."""

    FormulaField = Annotated[
        object,
        BeforeValidator(_read_formula),
        PlainSerializer(lambda formula: formula.source),
        WithJsonSchema({"type": "string", "description": "公式，如 全年执行数 / 全年预算数"}),
    ]
    """A :class:`Formula` of a set, written as its text."""


class SetModel(BaseModel):
    """A part of an indicator set: read once, never changed, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


# --- what a rule is given --------------------------------------------------------------------


def value_places(rate_places: int, unit: str) -> int:
    """Return the decimals of a printed value: ``rate_places`` of the percent for a rate."""
    if dimension(unit) != "ratio" or unit == "倍":
        return rate_places
    return rate_places + (3 if unit == "‰" else 2)


class Unanswered(Exception):
    """The rule needs something that is not filled in yet; the argument says what (Chinese)."""


@dataclass(slots=True)
class Given:
    """Everything a rule may look at for one indicator. Absent answers are absent keys."""

    points: Exact
    value: Exact | None = None
    target: Target | None = None
    elements: Mapping[str, bool] = field(default_factory=dict)
    level: str = ""
    level_score: Exact | None = None
    elected: str = ""
    deduction: Exact = ZERO
    values: Values = field(default_factory=dict)
    rate_places: int | None = None

    def printed(self, value: Exact, unit: str) -> Exact:
        """Return a value the rule computed itself as it prints, where the printed one counts."""
        if self.rate_places is None:
            return value
        return half_up(value, value_places(self.rate_places, unit))

    def need_value(self) -> Exact:
        if self.value is None:
            raise Unanswered("实际完成值")
        return self.value

    def need_target(self) -> Exact:
        goal = self.target
        if goal is not None and goal.value is not None:
            return goal.value
        if goal is None or goal.operator is Operator.BLANK:
            raise Unanswered("年度指标值")
        raise Unanswered("可计算的年度指标值（现为定性）")

    def need_element(self, name: str) -> bool:
        if name not in self.elements:
            raise Unanswered(f"“{name}”是否符合")
        return self.elements[name]


@dataclass(frozen=True, slots=True)
class Cells:
    """Where a rule's Excel formula finds its figures: cell addresses for one indicator's row."""

    value: str
    points: str
    target: str
    high: str
    operator: Operator
    level: str
    level_score: str
    deduction: str
    elected: str
    element: Mapping[str, str]
    name: Mapping[str, str]
    given: Given

    def compare(self, left: str, sign: str, right: str) -> str:
        """Return a comparison on ROUND(x,12), so that all engines agree at the threshold."""
        return f"ROUND({left},12){sign}ROUND({right},12)"

    def met(self) -> str:
        """Return the condition that the value meets the target."""
        if self.operator is Operator.RANGE:
            low = self.compare(self.value, ">=", self.target)
            return f"AND({low},{self.compare(self.value, '<=', self.high)})"
        sign = {Operator.MORE: ">", Operator.AT_MOST: "<=", Operator.LESS: "<", Operator.EQUAL: "="}
        return self.compare(self.value, sign.get(self.operator, ">="), self.target)

    @staticmethod
    def quote(text: str) -> str:
        """Return a text as Excel writes it in a formula, in parts of at most 255 characters."""
        parts = [text[at : at + 250].replace('"', '""') for at in range(0, len(text), 250)]
        return "&".join(f'"{part}"' for part in parts) or '""'


def percent_or_number(value: Exact) -> str:
    """Print a parameter: a share as percent, anything else as it is."""
    return f"{decimal_text(value * 100)}%" if abs(value) <= 2 and value else decimal_text(value)


def in_unit(value: Exact, unit: str) -> str:
    """Print a parameter that stands on the scale of the indicator's value."""
    if dimension(unit) == "ratio" and unit != "倍":
        return decimal_text(value * 100) + "%"
    return decimal_text(value)


def number(value: Exact) -> str:
    """Print a number of points, steps or a share as it is."""
    return decimal_text(value)


def _plain(given: Given, value: Exact) -> str:
    """Print a value beside its target: in percent when the target is one."""
    ratio = given.target is not None and given.target.unit in ("%", "百分比", "‰")
    return percent_or_number(value) if ratio else number(value)


class RuleBase(SetModel):
    """A scoring rule. ``needs`` names what the screen must ask for beside the value."""

    needs: ClassVar[Literal["value", "elements", "level", "score", "election", "inputs"]] = "value"
    needs_target: ClassVar[bool] = False
    sense: ClassVar[Literal["more", "less", "either"]] = "either"

    @property
    def reads_value(self) -> bool:
        """Whether the rule, or one inside it, scores the 实际完成值."""
        return self.needs == "value"

    @property
    def levels_inside(self) -> QualitativeLevels | None:
        """The 定性分档 of the rule, or of one inside it."""
        return None

    def score(self, given: Given) -> Exact:
        """Return the exact score before rounding. Raises :class:`Unanswered`."""
        raise NotImplementedError

    def explain(self, unit: str = "%") -> str:
        """Return the rule in Chinese, with its parameters, as it may be printed on a form.

        ``unit`` is the indicator's, in which bands and steps are stated.
        """
        raise NotImplementedError

    def working(self, given: Given) -> str:
        """Return the arithmetic with the numbers put in, for the trace; empty where none is."""
        return ""

    def excel(self, cells: Cells) -> str:
        """Return the Excel expression of :meth:`score`."""
        raise NotImplementedError

    def formulas(self) -> Iterator[Formula]:
        """Yield the formulas the rule computes itself, beside the indicator's own."""
        return iter(())

    def element_names(self) -> tuple[str, ...]:
        """Return the yes-or-no elements the rule asks for."""
        return ()

    def problems(self, points: Exact) -> Iterator[str]:
        """Yield what does not hold inside the rule (bands with gaps, shares above 1 …)."""
        return iter(())


# --- against a target ------------------------------------------------------------------------


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
        return f"{_plain(given, value)}÷{_plain(given, goal)}×{number(given.points)}"

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
        return f"{_plain(given, value)}÷{_plain(given, goal)}×{number(given.points)}"

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
        return f"{_plain(given, goal)}÷{_plain(given, value)}×{number(given.points)}"

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
        left, whole = _plain(given, nothing - value), _plain(given, nothing - goal)
        return f"{left}÷{whole}×{number(given.points)}"

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


# --- bands -----------------------------------------------------------------------------------


class Earning(SetModel):
    """What a band or level earns: ``score`` in points or ``share`` of W, one of the two."""

    score: Quantity | None = None
    share: Quantity | None = None

    def earned(self, points: Exact) -> Exact:
        if self.score is not None:
            return self.score
        return points * (self.share if self.share is not None else ZERO)

    def excel_earned(self, points: str) -> str:
        if self.score is not None:
            return number(self.score)
        return f"{points}*{number(self.share if self.share is not None else ZERO)}"

    @property
    def earned_text(self) -> str:
        if self.score is not None:
            return f"{number(self.score)} 分"
        return f"分值的 {percent_or_number(self.share if self.share is not None else ZERO)}"

    def earning_problems(self, points: Exact, place: str) -> Iterator[str]:
        if (self.score is None) == (self.share is None):
            yield f"{place}应写 score 或 share 之一"
        elif not 0 <= self.earned(points) <= points:
            yield f"{place}得分 {number(self.earned(points))} 不在 0 至 {number(points)} 之间"


class Band(Earning):
    """A band of values and what it earns.

    Bands are written in order. Those of one table state ``min`` (the first whose min is reached
    counts) or ``max`` (the first whose max is not exceeded); the last may state neither.
    """

    min: Quantity | None = None
    max: Quantity | None = None

    def contains(self, value: Exact) -> bool:
        if self.min is not None:
            return bool(value >= self.min)
        return self.max is None or bool(value <= self.max)

    def condition(self, cells: Cells) -> str | None:
        if self.min is not None:
            return cells.compare(cells.value, ">=", number(self.min))
        if self.max is not None:
            return cells.compare(cells.value, "<=", number(self.max))
        return None

    def explain(self, unit: str = "%") -> str:
        got = self.earned_text
        if self.min is not None:
            return f"≥{in_unit(self.min, unit)} 得{got}"
        if self.max is not None:
            return f"≤{in_unit(self.max, unit)} 得{got}"
        return f"其他得{got}"


def band_problems(bands: tuple[Band, ...], points: Exact) -> Iterator[str]:
    """Yield gaps, overlaps and impossible scores: the bands must cover every value once."""
    for index, band in enumerate(bands, 1):
        yield from band.earning_problems(points, f"第 {index} 档")
        if band.min is not None and band.max is not None:
            yield f"第 {index} 档同时写了 min 和 max，只写一个"
    edges = [band.min if band.min is not None else band.max for band in bands]
    if any(edge is None for edge in edges[:-1]):
        yield "只有最后一档可以不写 min 和 max"
        return
    if not bands:
        yield "没有分档"
        return
    if any(b.min is not None for b in bands) and any(b.max is not None for b in bands):
        yield "各档应统一写 min 或统一写 max"
        return
    stated = [edge for edge in edges if edge is not None]
    falling = bands[0].min is not None
    if any((a <= b) if falling else (a >= b) for a, b in pairwise(stated)):
        yield "分档重叠：min 应从大到小、max 应从小到大"
    last = bands[-1]
    if last.max is not None or (last.min is not None and last.min > 0):
        yield "分档没有覆盖全部取值：最后一档请不写 min 和 max（或 min: 0）"


class BandTable(RuleBase):
    """s = what the first band containing A earns; below every band, 0."""

    type: Literal["band_table"]
    bands: tuple[Band, ...]

    def score(self, given: Given) -> Exact:
        value = given.need_value()
        for band in self.bands:
            if band.contains(value):
                return band.earned(given.points)
        return ZERO

    def explain(self, unit: str = "%") -> str:
        return "分档计分：" + "；".join(band.explain(unit) for band in self.bands)

    def excel(self, cells: Cells) -> str:
        expression = "0"
        for band in reversed(self.bands):
            earned, condition = band.excel_earned(cells.points), band.condition(cells)
            expression = f"IF({condition},{earned},{expression})" if condition else earned
        return expression

    def problems(self, points: Exact) -> Iterator[str]:
        return band_problems(self.bands, points)


def _satisfaction_default() -> tuple[Band, ...]:
    table = (("90%", "1"), ("80%", "0.8"), ("60%", "0.5"), ("0", "0"))
    return tuple(Band(min=exact(low), share=exact(share)) for low, share in table)


class SatisfactionBands(BandTable):
    """满意度分档 with a pass mark: ≥90 % W · 80–90 0.8W · 60–80 0.5W · below 0, unless given."""

    type: Literal["satisfaction_bands"]  # type: ignore[assignment]
    bands: tuple[Band, ...] = Field(default_factory=_satisfaction_default)

    def explain(self, unit: str = "%") -> str:
        return "满意度" + super().explain(unit)


class Trend(Earning):
    """One level of :class:`TrendLevels`: what it earns ``when`` a condition on inputs holds."""

    when: FormulaField | None = None
    name: str = ""


class TrendLevels(RuleBase):
    """与上年比较分级: the first level whose condition holds; the last may have none."""

    type: Literal["trend_levels"]
    levels: tuple[Trend, ...]
    needs: ClassVar[Literal["inputs"]] = "inputs"

    def score(self, given: Given) -> Exact:
        for level in self.levels:
            if level.when is None or level.when.evaluate(given.values):
                return level.earned(given.points)
        return ZERO

    def explain(self, unit: str = "%") -> str:
        parts = []
        for level in self.levels:
            when = level.name or (level.when.text() if level.when else "其他")
            parts.append(f"{when} 得 {level.earned_text}")
        return "与上年比较：" + "；".join(parts)

    def excel(self, cells: Cells) -> str:
        expression = "0"
        for level in reversed(self.levels):
            earned = level.excel_earned(cells.points)
            if level.when is None:
                expression = earned
            else:
                holds = f"ROUND({level.when.node.excel(cells.name.__getitem__)},12)<>0"
                expression = f"IF({holds},{earned},{expression})"
        return expression

    def formulas(self) -> Iterator[Formula]:
        return (level.when for level in self.levels if level.when is not None)

    def problems(self, points: Exact) -> Iterator[str]:
        for index, level in enumerate(self.levels, 1):
            yield from level.earning_problems(points, f"第 {index} 级")
        if not self.levels:
            yield "没有分级"
        if any(level.when is None for level in self.levels[:-1]):
            yield "只有最后一级可以不写 when"


# --- elements --------------------------------------------------------------------------------


class ChecklistPoints(RuleBase):
    """s = Σ points of the elements met; elements without points share W equally."""

    type: Literal["checklist_points"]
    elements: dict[str, Quantity | None]
    needs: ClassVar[Literal["elements"]] = "elements"

    @model_validator(mode="before")
    @classmethod
    def _names_only(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("elements"), list):
            return data | {"elements": dict.fromkeys(data["elements"])}
        return data

    def _share(self, name: str, points: Exact) -> Exact:
        own = self.elements[name]
        return own if own is not None else points / len(self.elements)

    def score(self, given: Given) -> Exact:
        met = [name for name in self.elements if given.need_element(name)]
        if len(met) == len(self.elements):
            return given.points
        return sum((self._share(name, given.points) for name in met), ZERO)

    def explain(self, unit: str = "%") -> str:
        if all(own is None for own in self.elements.values()):
            count = len(self.elements)
            return f"共 {count} 个要素，各占分值的 1/{count}，按符合的要素计分"
        return "按符合的要素计分：" + "；".join(
            f"{name} {number(own)} 分" for name, own in self.elements.items() if own is not None
        )

    def working(self, given: Given) -> str:
        met = sum(given.need_element(name) for name in self.elements)
        return f"符合 {met} 项，共 {len(self.elements)} 项"

    def excel(self, cells: Cells) -> str:
        shares = [
            f"{cells.element[name]}*"
            + (number(own) if own is not None else f"{cells.points}/{len(self.elements)}")
            for name, own in self.elements.items()
        ]
        return "+".join(shares)

    def element_names(self) -> tuple[str, ...]:
        return tuple(self.elements)

    def problems(self, points: Exact) -> Iterator[str]:
        owned = [own for own in self.elements.values() if own is not None]
        if not self.elements:
            yield "没有要素"
        elif any(own < 0 for own in owned):
            yield "要素分值不能小于 0"
        elif owned and (len(owned) < len(self.elements) or sum(owned) != points):
            yield f"各要素分值之和应等于指标分值 {number(points)}"


class ChecklistGated(RuleBase):
    """s = 0 when the gate element is not met; else gate_share·W + Σ shareᵢ·W of those met."""

    type: Literal["checklist_gated"]
    gate: str
    gate_share: Quantity
    shares: dict[str, Quantity]
    needs: ClassVar[Literal["elements"]] = "elements"

    def score(self, given: Given) -> Exact:
        if not given.need_element(self.gate):
            return ZERO
        shares = [share for name, share in self.shares.items() if given.need_element(name)]
        return given.points * sum(shares, self.gate_share)

    def explain(self, unit: str = "%") -> str:
        rest = "；".join(
            f"{name} {percent_or_number(share)}" for name, share in self.shares.items()
        )
        return f"“{self.gate}”不符合不得分，符合得 {percent_or_number(self.gate_share)}；{rest}"

    def excel(self, cells: Cells) -> str:
        rest = "".join(
            f"+{cells.element[name]}*{number(share)}" for name, share in self.shares.items()
        )
        gate = f"{cells.element[self.gate]}=1"
        return f"IF({gate},{cells.points}*({number(self.gate_share)}{rest}),0)"

    def element_names(self) -> tuple[str, ...]:
        return (self.gate, *self.shares)

    def problems(self, points: Exact) -> Iterator[str]:
        if sum(self.shares.values(), self.gate_share) != 1:
            yield "gate_share 与各 shares 之和应为 1"
        if any(share < 0 for share in (self.gate_share, *self.shares.values())):
            yield "gate_share 和 shares 不能小于 0"


class Binary(RuleBase):
    """s = W if yes else 0."""

    type: Literal["binary"]
    element: str = "符合"
    needs: ClassVar[Literal["elements"]] = "elements"

    def score(self, given: Given) -> Exact:
        return given.points if given.need_element(self.element) else ZERO

    def explain(self, unit: str = "%") -> str:
        return f"{self.element}得满分，否则不得分"

    def excel(self, cells: Cells) -> str:
        return f"IF({cells.element[self.element]}=1,{cells.points},0)"

    def element_names(self) -> tuple[str, ...]:
        return (self.element,)


class VetoZero(RuleBase):
    """一票否决: s = 0 when any veto element is present, else what ``rule`` gives."""

    type: Literal["veto_zero"]
    veto: tuple[str, ...]
    rule: Rule
    needs: ClassVar[Literal["elements"]] = "elements"

    @property
    def reads_value(self) -> bool:
        return self.rule.reads_value

    @property
    def levels_inside(self) -> QualitativeLevels | None:
        return self.rule.levels_inside

    def score(self, given: Given) -> Exact:
        present = [name for name in self.veto if given.need_element(name)]
        return ZERO if present else self.rule.score(given)

    def explain(self, unit: str = "%") -> str:
        return f"有下列情形之一不得分：{'、'.join(self.veto)}；否则{self.rule.explain(unit)}"

    def excel(self, cells: Cells) -> str:
        # A sum, not OR: one engine's OR is true although another of its arguments is an error.
        present = "+".join(cells.element[name] for name in self.veto)
        return f"IF({present}>0,0,{self.rule.excel(cells)})"

    def formulas(self) -> Iterator[Formula]:
        return self.rule.formulas()

    def element_names(self) -> tuple[str, ...]:
        return (*self.veto, *self.rule.element_names())

    def problems(self, points: Exact) -> Iterator[str]:
        if not self.veto:
            yield "没有否决要素"
        yield from self.rule.problems(points)


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


# --- judgement -------------------------------------------------------------------------------


class Level(SetModel):
    """A qualitative level and the shares of W it allows: [min, max), the best level [min, max]."""

    name: str
    min: Quantity
    max: Quantity


class QualitativeLevels(RuleBase):
    """定性分档: the assessor chooses a level, then a score inside its band."""

    type: Literal["qualitative_levels"]
    levels: tuple[Level, ...]
    needs: ClassVar[Literal["level"]] = "level"

    @property
    def levels_inside(self) -> QualitativeLevels | None:
        return self

    def level(self, name: str) -> Level:
        for level in self.levels:
            if level.name == name:
                return level
        raise Unanswered("达成档次")

    def score(self, given: Given) -> Exact:
        self.level(given.level)
        if given.level_score is None:
            raise Unanswered("评定分值")
        if not 0 <= given.level_score <= given.points:
            raise Unanswered(f"0 至 {number(given.points)} 之间的评定分值")
        return given.level_score

    def inside(self, given: Given) -> bool:
        """Whether the score lies inside the band of the chosen level."""
        level, score = self.level(given.level), given.level_score
        if score is None:
            return True
        low, high = given.points * level.min, given.points * level.max
        return bool(low <= score < high or score == high == given.points)

    def explain(self, unit: str = "%") -> str:
        bands = "；".join(
            f"{x.name} {percent_or_number(x.max)}—{percent_or_number(x.min)}" for x in self.levels
        )
        return f"定性分档，在档内评分：{bands}"

    def excel(self, cells: Cells) -> str:
        chosen = ",".join(f"{cells.level}={cells.quote(level.name)}" for level in self.levels)
        low = cells.compare(cells.level_score, ">=", "0")
        high = cells.compare(cells.level_score, "<=", cells.points)
        return f'IF(AND(OR({chosen}),{low},{high}),{cells.level_score},"")'

    def problems(self, points: Exact) -> Iterator[str]:
        edges = [(level.min, level.max) for level in self.levels]
        if not edges:
            yield "没有分档"
            return
        if edges[0][1] != 1 or edges[-1][0] != 0:
            yield "各档应从 1 排到 0"
        if any(low >= high for low, high in edges):
            yield "每一档的 min 应小于 max"
        for (low, _), (_, high) in pairwise(edges):
            if low != high:
                yield "各档之间有空隙或重叠"


class Judged(RuleBase):
    """No standard is known: a person gives a score in 0…W and its 依据 (人工赋分)."""

    type: Literal["judged"]
    needs: ClassVar[Literal["score"]] = "score"

    def score(self, given: Given) -> Exact:
        raise Unanswered("人工赋分及依据")

    def explain(self, unit: str = "%") -> str:
        return "未见评分标准，由评价人在 0 至分值之间赋分并写明依据"

    def excel(self, cells: Cells) -> str:
        return '""'


class MixedWeighted(RuleBase):
    """定性定量结合: s = p·(quantitative) + (1 − p)·(qualitative), each scored out of W."""

    type: Literal["mixed_weighted"]
    share: Quantity
    quantitative: Rule
    qualitative: Rule
    needs: ClassVar[Literal["level"]] = "level"

    @property
    def reads_value(self) -> bool:
        return self.quantitative.reads_value or self.qualitative.reads_value

    @property
    def levels_inside(self) -> QualitativeLevels | None:
        return self.qualitative.levels_inside or self.quantitative.levels_inside

    def score(self, given: Given) -> Exact:
        hard, soft = self.quantitative.score(given), self.qualitative.score(given)
        return self.share * hard + (1 - self.share) * soft

    def explain(self, unit: str = "%") -> str:
        hard, soft = percent_or_number(self.share), percent_or_number(1 - self.share)
        return (
            f"定量占 {hard}（{self.quantitative.explain(unit)}），"
            f"定性占 {soft}（{self.qualitative.explain(unit)}）"
        )

    def excel(self, cells: Cells) -> str:
        hard, soft = self.quantitative.excel(cells), self.qualitative.excel(cells)
        return f"{number(self.share)}*({hard})+{number(1 - self.share)}*({soft})"

    def formulas(self) -> Iterator[Formula]:
        yield from self.quantitative.formulas()
        yield from self.qualitative.formulas()

    def element_names(self) -> tuple[str, ...]:
        return (*self.quantitative.element_names(), *self.qualitative.element_names())

    def problems(self, points: Exact) -> Iterator[str]:
        if not 0 < self.share < 1:
            yield "share 应在 0 与 1 之间"
        yield from self.quantitative.problems(points)
        yield from self.qualitative.problems(points)


# --- other sources of a score ----------------------------------------------------------------


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


class Milestone(SetModel):
    """One date of :class:`MilestoneSum`: a value of its own and bands in points."""

    name: str
    value: FormulaField
    unit: str = "%"
    bands: tuple[Band, ...]


class MilestoneSum(RuleBase):
    """分时点累计得分: s = Σ of what each milestone's value earns in its own bands."""

    type: Literal["milestone_sum"]
    milestones: tuple[Milestone, ...]
    needs: ClassVar[Literal["inputs"]] = "inputs"

    def score(self, given: Given) -> Exact:
        total = ZERO
        for milestone in self.milestones:
            value = given.printed(milestone.value.evaluate(given.values), milestone.unit)
            total += next(
                (b.earned(given.points) for b in milestone.bands if b.contains(value)), ZERO
            )
        return total

    def explain(self, unit: str = "%") -> str:
        parts = (
            f"{m.name}（{'，'.join(b.explain(m.unit) for b in m.bands)}）" for m in self.milestones
        )
        return "分时点累计：" + "；".join(parts)

    def excel(self, cells: Cells) -> str:
        parts = []
        for milestone in self.milestones:
            at = _moved(cells, milestone.value, milestone.unit)
            parts.append(BandTable(type="band_table", bands=milestone.bands).excel(at))
        return "+".join(f"({part})" for part in parts)

    def formulas(self) -> Iterator[Formula]:
        return (milestone.value for milestone in self.milestones)

    def problems(self, points: Exact) -> Iterator[str]:
        best = ZERO
        for milestone in self.milestones:
            for problem in band_problems(milestone.bands, points):
                yield f"{milestone.name}：{problem}"
            earned = [band.earned(points) for band in milestone.bands]
            best += max(earned, default=ZERO)
        if best != points:
            yield f"各时点最高分之和 {number(best)} 应等于分值 {number(points)}"


class Member(SetModel):
    """One way to be scored in :class:`AlternativeOf`."""

    name: str
    value: FormulaField
    target: str = ""
    unit: str = "%"
    rule: Rule


class AlternativeOf(RuleBase):
    """二者择其一: the member the unit elects, or the best of them (``choose: max``)."""

    type: Literal["alternative_of"]
    members: tuple[Member, ...]
    choose: Literal["elected", "max"] = "elected"
    needs: ClassVar[Literal["election"]] = "election"

    def _member_score(self, member: Member, given: Given) -> Exact:
        at = replace(
            given,
            value=given.printed(member.value.evaluate(given.values), member.unit),
            target=target(member.target, member.unit) if member.target else given.target,
        )
        return member.rule.score(at)

    def score(self, given: Given) -> Exact:
        if self.choose == "max":
            return max(self._member_score(member, given) for member in self.members)
        for member in self.members:
            if member.name == given.elected:
                return self._member_score(member, given)
        raise Unanswered("选用的计分方式")

    def explain(self, unit: str = "%") -> str:
        how = "取其高者" if self.choose == "max" else "由单位择其一"
        ways = "；".join(
            f"{member.name}：{member.rule.explain(member.unit)}" for member in self.members
        )
        return f"{how}——{ways}"

    def excel(self, cells: Cells) -> str:
        scores = {member.name: self._member_excel(member, cells) for member in self.members}
        if self.choose == "max":
            return f"MAX({','.join(scores.values())})"
        expression = '""'
        for name, score in reversed(scores.items()):
            expression = f"IF({cells.elected}={cells.quote(name)},{score},{expression})"
        return expression

    def _member_excel(self, member: Member, cells: Cells) -> str:
        at = _moved(cells, member.value, member.unit)
        if member.target:
            goal = target(member.target, member.unit)
            at = _aimed(at, goal)
        return member.rule.excel(at)

    def formulas(self) -> Iterator[Formula]:
        for member in self.members:
            yield member.value
            yield from member.rule.formulas()

    def element_names(self) -> tuple[str, ...]:
        return tuple(name for member in self.members for name in member.rule.element_names())

    def problems(self, points: Exact) -> Iterator[str]:
        if len(self.members) < 2:
            yield "至少要有两个可选项"
        for member in self.members:
            for problem in member.rule.problems(points):
                yield f"{member.name}：{problem}"


def _moved(cells: Cells, formula: Formula, unit: str) -> Cells:
    """Return the cells with a value the rule computes itself, printed as :meth:`Given.printed`."""
    value = formula.node.excel(cells.name.__getitem__)
    if cells.given.rate_places is not None:
        value = f"ROUND({value},{value_places(cells.given.rate_places, unit)})"
    return replace(cells, value=f"({value})")


def _aimed(cells: Cells, goal: Target) -> Cells:
    low = decimal_text(goal.value) if goal.value is not None else "1/0"
    high = decimal_text(goal.high) if goal.high is not None else ""
    return replace(cells, target=low, high=high, operator=goal.operator)


Rule = Annotated[
    FullIfAtLeast
    | FullIfAtMost
    | FullIfMet
    | ProportionalCapped
    | GatedProportional
    | InverseRatio
    | InverseLinear
    | EqualTarget
    | PerPointDeduction
    | BandTable
    | SatisfactionBands
    | TrendLevels
    | ChecklistPoints
    | ChecklistGated
    | Binary
    | VetoZero
    | PerViolationDeduction
    | QualitativeLevels
    | Judged
    | MixedWeighted
    | ExecutionRatePoints
    | ExternalScaling
    | MilestoneSum
    | AlternativeOf,
    Field(discriminator="type"),
]
"""Any scoring rule, told apart by its ``type``."""


# --- modifiers -------------------------------------------------------------------------------


class ModifierBase(SetModel):
    """Something done to a rule's score, or asked for, after the rule has spoken."""

    def adjust(self, score: Exact, given: Given) -> Exact:
        """Return the exact score after the modifier."""
        return score

    def note(self, given: Given) -> str:
        """Return what a person must look at or give, in Chinese, or an empty string."""
        return ""

    def explain(self) -> str:
        raise NotImplementedError

    def excel(self, score: str, cells: Cells) -> str:
        """Return the Excel expression of :meth:`adjust` around ``score``."""
        return score


def _over(given: Given, at: Exact, zero_at: Exact | None = None) -> bool:
    """Whether A reaches ``at`` times T, for a target where more is better."""
    goal = given.target
    if given.value is None or goal is None or goal.value is None or goal.is_date:
        return False
    if goal.operator.is_upper_limit:
        return False
    if goal.value == 0:
        return zero_at is not None and bool(given.value >= zero_at)
    return bool(given.value >= goal.value * at)


class OverFulfilmentFlag(ModifierBase):
    """超额完成 (A ≥ at·T) keeps its score and is marked, so that somebody looks at the target."""

    type: Literal["over_fulfilment_flag"]
    at: Quantity = Exact(12, 10)

    def note(self, given: Given) -> str:
        if not _over(given, self.at):
            return ""
        return f"完成值达到指标值的 {percent_or_number(self.at)} 以上，请核实指标值是否偏低"

    def explain(self) -> str:
        return f"完成值达到指标值的 {percent_or_number(self.at)} 时标出核实"


class OverFulfilmentReason(ModifierBase):
    """超额完成 (A ≥ at·T, or A ≥ zero_at where T is 0) needs a reason."""

    type: Literal["over_fulfilment_reason"]
    at: Quantity = Exact(13, 10)
    zero_at: Quantity = Exact(30)

    def note(self, given: Given) -> str:
        if not _over(given, self.at, self.zero_at):
            return ""
        return f"完成值达到指标值的 {percent_or_number(self.at)} 以上，须填写偏差原因"

    def explain(self) -> str:
        return f"完成值达到指标值的 {percent_or_number(self.at)} 时须填偏差原因"


class OverFulfilmentDeduct(ModifierBase):
    """超额完成 (A ≥ at·T) loses ``deduct`` points, not below 0."""

    type: Literal["over_fulfilment_deduct"]
    at: Quantity
    deduct: Quantity

    def adjust(self, score: Exact, given: Given) -> Exact:
        return max(ZERO, score - self.deduct) if _over(given, self.at) else score

    def explain(self) -> str:
        return f"完成值达到指标值的 {percent_or_number(self.at)} 时扣 {number(self.deduct)} 分"

    def excel(self, score: str, cells: Cells) -> str:
        goal = cells.given.target
        if goal is None or not goal.value or goal.is_date or goal.operator.is_upper_limit:
            return score
        over = cells.compare(cells.value, ">=", f"{cells.target}*{number(self.at)}")
        loss = f"IF(ISNUMBER({cells.value}),IF({over},{number(self.deduct)},0),0)"
        return f"MAX(0,({score})-{loss})"


class ManualDeduction(ModifierBase):
    """s = max(0, automatic − the deduction a person entered)."""

    type: Literal["manual_deduction"]

    def adjust(self, score: Exact, given: Given) -> Exact:
        return max(ZERO, score - given.deduction)

    def explain(self) -> str:
        return "可由评价人另行扣分，扣完为止"

    def excel(self, score: str, cells: Cells) -> str:
        return f"MAX(0,({score})-{cells.deduction})"


class ScoreCap(ModifierBase):
    """0 ≤ s ≤ W. A score above W is cut to W (``over: cut``) or set to 0 (``over: zero``)."""

    type: Literal["score_cap"]
    over: Literal["cut", "zero"] = "cut"

    def adjust(self, score: Exact, given: Given) -> Exact:
        if score > given.points:
            return given.points if self.over == "cut" else ZERO
        return max(ZERO, score)

    def explain(self) -> str:
        return "得分不高于分值" if self.over == "cut" else "得分高于分值的按 0 分"

    def excel(self, score: str, cells: Cells) -> str:
        high = cells.points if self.over == "cut" else "0"
        over = cells.compare(f"({score})", ">", cells.points)
        return f"IF({over},{high},MAX(0,{score}))"


Modifier = Annotated[
    OverFulfilmentFlag | OverFulfilmentReason | OverFulfilmentDeduct | ManualDeduction | ScoreCap,
    Field(discriminator="type"),
]


class NaRescale(SetModel):
    """不适用 rows drop out and their tier is scaled: Σ earned × tier points ÷ Σ applicable."""

    type: Literal["na_rescale"] = "na_rescale"

    def tier_score(self, earned: Exact, applicable: Exact, points: Exact) -> Exact:
        """Return the exact tier score; the engine rounds it once."""
        if applicable in (points, 0):
            return earned
        return earned * points / applicable

    def explain(self) -> str:
        return "不适用的指标不计分，本一级指标其余得分按 分值÷适用分值 折算"

    def excel(self, earned: str, applicable: str, points: str) -> str:
        return f"{earned}*{points}/{applicable}"


class MissingTierShift(SetModel):
    """A tier wholly 不适用 gives its points to another (no 满意度: 效益 +10)."""

    type: Literal["missing_tier_shift"] = "missing_tier_shift"
    missing: str
    to: str

    def explain(self) -> str:
        return f"{self.missing}整体不适用时，其分值并入{self.to}"


SetModifier = Annotated[NaRescale | MissingTierShift, Field(discriminator="type")]

for _model in (VetoZero, MixedWeighted, Member, AlternativeOf):
    _model.model_rebuild()
