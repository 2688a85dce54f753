"""An indicator set: tiers ▸ groups ▸ indicators, the inputs they use, rounding, grades.

Everything a region decides is here as data: weights, formulas, targets, bands, caps, rounding,
grade cut-offs, what 不适用 does, thresholds of the checks. Code holds none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, field_validator

from perfeval.indicators.rules import (
    FormulaField,
    MissingTierShift,
    Modifier,
    NaRescale,
    Quantity,
    Rule,
    SetModel,
    SetModifier,
)
from perfeval.indicators.target import Operator, Target
from perfeval.numbers import Exact

Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,19}$")]
SetId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")]
Text = Annotated[str, Field(max_length=4000)]
Label = Annotated[str, Field(min_length=1, max_length=120)]


class Evidence(StrEnum):
    """How far a rule, target or definition can be trusted; shown wherever a score is.

    Only the first two may found an accusation: a finding that rests on the others is 提示.
    """

    USER = "USER"
    PUBLISHED = "PUBLISHED"
    UNVERIFIED = "UNVERIFIED"
    PROPOSED = "PROPOSED"

    @property
    def label(self) -> str:
        """Return the tag as users read it."""
        return _EVIDENCE[self]

    @property
    def trusted(self) -> bool:
        return self in (Evidence.USER, Evidence.PUBLISHED)


_EVIDENCE = {
    Evidence.USER: "单位文件",
    Evidence.PUBLISHED: "公开资料",
    Evidence.UNVERIFIED: "未核实",
    Evidence.PROPOSED: "拟定",
}


def tags_of(evidence: dict[str, Evidence]) -> tuple[tuple[str, Evidence], ...]:
    """Return the tags of what decides a score, by part; a name decides none."""
    return tuple((part, tag) for part, tag in evidence.items() if part != "name")


def least_trusted(tags: Iterable[Evidence]) -> Evidence | None:
    """Return the tag that can be trusted least, or None where there is none."""
    return max(tags, key=list(Evidence).index, default=None)


class Grade(SetModel):
    """A grade and the lowest printed total that earns it: 优 from 90.00 on."""

    name: Label
    min: Quantity


class Rounding(SetModel):
    """The named rounding places: decimals of a rate's percent, of a score, a tier, the total."""

    rate: Annotated[int, Field(ge=0, le=6)] = 2
    score: Annotated[int, Field(ge=0, le=6)] = 2
    tier: Annotated[int, Field(ge=0, le=6)] = 2
    total: Annotated[int, Field(ge=0, le=6)] = 2


class Input(SetModel):
    """A figure entered once (基础数据) that feeds every formula naming it.

    ``default`` stands where nothing is entered. ``controllable`` marks a figure the unit can
    still act on, which 测算 may then solve for.
    """

    unit: str = ""
    help: Text = ""
    group: str = ""
    default: str | None = None
    controllable: bool = False


class Alternative(SetModel):
    """Another rule or target the same indicator may be scored by, where the standard is open."""

    rule: Rule | None = None
    target: str = ""
    note: str = ""


class Indicator(SetModel):
    """三级指标. ``formula`` gives its 实际完成值 from the inputs; without one it is typed.

    ``target`` is the 年度指标值: a text, or ``required`` where the unit must set it.
    ``met_word`` is what 实际完成值 prints for a checklist (相关; else 基本相关 or 不相关).
    ``if_zero`` says what a zero denominator means.
    """

    code: Code
    name: Label
    points: Quantity
    unit: str = ""
    formula: FormulaField | None = None
    if_zero: Literal["不适用", "0", "满分", "error"] | None = None
    target: str = ""
    rule: Rule
    alternatives: tuple[Alternative, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    score_from: Literal["printed_rate", "exact_rate"] | None = None
    met_word: str = ""
    standard: Text = ""
    help: Text = ""
    evidence: dict[str, Evidence] = Field(default_factory=dict)

    @property
    def target_required(self) -> bool:
        return self.target == "required"

    @property
    def fixed_target(self) -> str:
        """The target the set gives, or an empty text where the unit sets it."""
        return "" if self.target_required else self.target

    @property
    def standard_text(self) -> str:
        """The 评分标准 as the source has it, or the rule's own explanation."""
        return self.standard or self.rule.explain(self.unit)

    @cached_property
    def tags(self) -> tuple[tuple[str, Evidence], ...]:
        """What the score rests on and how far each part can be trusted: (part, tag)."""
        return tags_of(self.evidence)


class StarterRow(SetModel):
    """A row of the unit's own that a new session begins with; name and points may be changed."""

    code: Code
    name: Label
    points: Quantity
    unit: str = ""
    target: str = ""
    kind: Literal["quantitative", "qualitative"] = "quantitative"
    help: Text = ""


class OwnRules(SetModel):
    """Which rule scores a unit's own row, chosen by the sign of its target.

    Where the set does not say how a ``deadline`` is scored, it is judged like a 定性 row: days
    have no proportion.
    """

    at_least: Rule
    at_most: Rule
    equal: Rule
    qualitative: Rule
    deadline: Rule | None = None

    def rule_for(self, goal: Target, qualitative: bool) -> Rule:
        """Return the rule for a row with target ``goal``."""
        if qualitative or goal.operator is Operator.QUALITATIVE:
            return self.qualitative
        if goal.is_date:
            return self.deadline or self.qualitative
        if goal.operator.is_upper_limit:
            return self.at_most
        if goal.operator is Operator.EQUAL or goal.value == 0:
            return self.equal
        return self.at_least


class Own(SetModel):
    """个性指标: the unit adds its own rows here, at least ``min`` and at most ``max``.

    ``parts_expected`` asks for numerator and denominator of a rate: without them its value is
    未证实. ``alternatives`` and ``evidence`` hold for every row. What a group leaves out is taken
    from the set's ``own_defaults``.
    """

    min: int = 0
    max: int = 20
    rules: OwnRules | None = None
    rows: tuple[StarterRow, ...] = ()
    parts_expected: bool = False
    alternatives: tuple[Alternative, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    standard: Text = ""
    evidence: dict[str, Evidence] = Field(default_factory=dict)


class Group(SetModel):
    """二级指标. Its points may be left open; then the tier's points are shared by the rows."""

    name: Label
    points: Quantity | None = None
    indicators: tuple[Indicator, ...] = ()
    own: Own | None = None


class Tier(SetModel):
    """一级指标. ``counted: false`` keeps it out of “3 个一级指标、27 个三级指标”."""

    name: Label
    points: Quantity
    counted: bool = True
    indicators: tuple[Indicator, ...] = ()
    groups: tuple[Group, ...] = ()
    evidence: dict[str, Evidence] = Field(default_factory=dict)

    def all_indicators(self) -> Iterator[Indicator]:
        """Yield the tier's fixed indicators in printed order."""
        yield from self.indicators
        for group in self.groups:
            yield from group.indicators

    def own_groups(self) -> Iterator[Group]:
        return (group for group in self.groups if group.own)


class WeightScheme(SetModel):
    """Another distribution of the points over the tiers; tiers not named fall away."""

    title: Label
    points: dict[str, Quantity]
    basis: Text = ""
    evidence: Evidence = Evidence.UNVERIFIED


class CheckSetting(SetModel):
    """A threshold of a check (审核) and how far it can be trusted."""

    value: Quantity | None = None
    off: bool = False
    evidence: Evidence = Evidence.PROPOSED


class Identity(SetModel):
    """An equation the inputs must satisfy (年初预算数 + 年中调整数 = 全年预算数).

    Two of three known propose the third; all known are checked at ``level`` (L26). ``ask`` says
    what to supply where the equation fails although nothing is wrong.
    """

    formula: FormulaField
    level: Literal["错误", "警告"] = "错误"
    ask: Text = ""
    evidence: Evidence = Evidence.PROPOSED


class IndicatorSet(SetModel):
    """指标体系 of one scope, with everything that decides a score."""

    format: Literal["perfeval-set/1"] = "perfeval-set/1"
    id: SetId
    title: Label
    scope: Literal["department", "project"]
    basis: Text = ""
    source: Text = ""
    note: Text = ""
    rounding: Rounding = Rounding()
    score_from: Literal["printed_rate", "exact_rate"] = "printed_rate"
    grades: tuple[Grade, ...]
    grades_evidence: Evidence = Evidence.UNVERIFIED
    modifiers: tuple[SetModifier, ...] = (NaRescale(),)
    inputs: dict[str, Input] = Field(default_factory=dict)
    identities: tuple[Identity, ...] = ()
    own_defaults: Own = Own()
    tiers: tuple[Tier, ...]
    weight_schemes: dict[str, WeightScheme] = Field(default_factory=dict)
    checks: dict[str, CheckSetting] = Field(default_factory=dict)
    sign_off: tuple[Label, ...] = ("单位负责人", "填报人", "联系电话", "填报日期", "（盖章）")

    @field_validator("grades")
    @classmethod
    def _best_first(cls, grades: tuple[Grade, ...]) -> tuple[Grade, ...]:
        return tuple(sorted(grades, key=lambda grade: grade.min, reverse=True))

    def tier(self, name: str) -> Tier:
        """Return the tier called ``name``. Raises ``KeyError``."""
        for tier in self.tiers:
            if tier.name == name:
                return tier
        raise KeyError(name)

    def all_indicators(self) -> Iterator[Indicator]:
        return (indicator for tier in self.tiers for indicator in tier.all_indicators())

    def indicator(self, code: str) -> Indicator:
        """Return the fixed indicator with ``code``. Raises ``KeyError``."""
        for indicator in self.all_indicators():
            if indicator.code == code:
                return indicator
        raise KeyError(code)

    def group(self, name: str) -> Group:
        """Return the group (二级) called ``name``. Raises ``KeyError``."""
        for tier in self.tiers:
            for group in tier.groups:
                if group.name == name:
                    return group
        raise KeyError(name)

    def own_of(self, group: Group) -> Own:
        """Return what holds for a group's own rows, the set's defaults filled in.

        Raises ``ValueError`` where neither says how rows are scored (lint refuses such a set).
        """
        own, base = group.own or Own(), self.own_defaults
        if (rules := own.rules or base.rules) is None:
            raise ValueError(f"“{group.name}”没有个性指标的计分规则")
        return own.model_copy(
            update={
                "rules": rules,
                "modifiers": own.modifiers or base.modifiers,
                "alternatives": own.alternatives or base.alternatives,
                "evidence": base.evidence | own.evidence,
                "standard": own.standard or base.standard,
            }
        )

    def tier_points(self, scheme: str = "") -> dict[str, Exact]:
        """Return the points of each tier that counts under a weight scheme (default: the set's).

        Raises ``KeyError`` for an unknown scheme.
        """
        if scheme:
            points = self.weight_schemes[scheme].points
            return {tier.name: points[tier.name] for tier in self.tiers if tier.name in points}
        return {tier.name: tier.points for tier in self.tiers if tier.points}

    @property
    def counted(self) -> tuple[int, int, int]:
        """一级、二级、三级 as people count them: without tiers marked ``counted: false``."""
        tiers = [tier for tier in self.tiers if tier.counted and tier.points]
        groups = [group for tier in tiers for group in tier.groups]
        rows = sum(len(list(tier.all_indicators())) for tier in tiers)
        rows += sum(len(group.own.rows) for group in groups if group.own)
        return len(tiers), len(groups), rows

    def grade(self, printed_total: Exact) -> str:
        """Return the grade of a *printed* total; bounds are half-open (89.995 prints 90.00: 优)."""
        for grade in self.grades:
            if printed_total >= grade.min:
                return grade.name
        return self.grades[-1].name

    @cached_property
    def uses_projects(self) -> bool:
        """Whether any formula or identity speaks of the projects (``sum(projects.…)``)."""
        formulas = [identity.formula for identity in self.identities]
        for indicator in self.all_indicators():
            formulas += [indicator.formula] if indicator.formula else []
            formulas += indicator.rule.formulas()
        return any("(" in name for formula in formulas for name in formula.names)

    @cached_property
    def not_applicable(self) -> NaRescale:
        return next((m for m in self.modifiers if isinstance(m, NaRescale)), NaRescale())

    @cached_property
    def shifts(self) -> dict[str, str]:
        """Where the points of a tier wholly 不适用 go."""
        return {m.missing: m.to for m in self.modifiers if isinstance(m, MissingTierShift)}

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, IndicatorSet) and self.model_dump() == other.model_dump()
        )
