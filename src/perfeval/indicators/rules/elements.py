"""Elements that are met or not: checklists and a plain yes or no."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from perfeval.indicators.rules.base import Cells, Given, RuleBase, number, percent_or_number
from perfeval.indicators.rules.fields import Quantity
from perfeval.numbers import ZERO, Exact


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
