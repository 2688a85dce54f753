"""What is done after the rule has spoken: to one indicator's score, or to a whole tier's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from perfeval.indicators.rules.base import Cells, Given, number, percent_or_number
from perfeval.indicators.rules.fields import Quantity, SetModel
from perfeval.numbers import ZERO, Exact

# --- of an indicator -------------------------------------------------------------------------


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
"""Any modifier of an indicator, told apart by its ``type``."""


# --- of a set --------------------------------------------------------------------------------


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
"""Any modifier of a set, told apart by its ``type``."""
