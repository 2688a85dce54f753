"""Bands of values and levels of a trend, and what each earns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import ClassVar, Literal

from pydantic import Field

from perfeval.indicators.formula import Formula
from perfeval.indicators.rules.base import (
    Cells,
    Given,
    RuleBase,
    in_unit,
    number,
    percent_or_number,
)
from perfeval.indicators.rules.fields import FormulaField, Quantity, SetModel
from perfeval.numbers import ZERO, Exact, exact


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
