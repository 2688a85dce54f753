"""Rules made of rules: a veto, a mixture, milestones that add up, a choice between ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from perfeval.indicators.formula import Formula
from perfeval.indicators.rules.bands import Band, BandTable, band_problems
from perfeval.indicators.rules.base import (
    Cells,
    Given,
    RuleBase,
    Unanswered,
    number,
    percent_or_number,
    value_places,
)
from perfeval.indicators.rules.fields import FormulaField, Quantity, SetModel
from perfeval.indicators.target import Target, target
from perfeval.numbers import ZERO, Exact, decimal_text

if TYPE_CHECKING:
    from perfeval.indicators.rules import Rule
    from perfeval.indicators.rules.judgement import QualitativeLevels


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
