"""Scores that a person gives: inside a level, or where no standard is known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import ClassVar, Literal

from perfeval.indicators.rules.base import (
    Cells,
    Given,
    RuleBase,
    Unanswered,
    number,
    percent_or_number,
)
from perfeval.indicators.rules.fields import Quantity, SetModel
from perfeval.numbers import Exact


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
