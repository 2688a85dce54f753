"""The scoring rules, one class each: what is scored, how it reads, and its Excel formula.

In the formulas W is the indicator's points, A its 实际完成值, T its 年度指标值. A rule returns an
exact score; the engine rounds it once. Rules know no region: every parameter is data of a set.
Habits that conflict (fall in a line to 2T, or T/A …) are separate rules.

One module for each section of docs/rules.md: ``against_target``, ``steps``, ``bands``,
``elements``, ``judgement``, ``shares``, ``composed``, ``modifiers``; they stand on ``base`` (what a
rule is) and ``fields`` (what a set's fields are). Adding a rule is one class in the module of its
theme and its name in :data:`Rule`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from perfeval.indicators.rules.against_target import (
    EqualTarget,
    FullIfAtLeast,
    FullIfAtMost,
    FullIfMet,
    GatedProportional,
    InverseLinear,
    InverseRatio,
    ProportionalCapped,
)
from perfeval.indicators.rules.bands import (
    BandTable,
    SatisfactionBands,
    TrendLevels,
)
from perfeval.indicators.rules.base import (
    Cells,
    Given,
    RuleBase,
    Unanswered,
    percent_or_number,
    value_places,
)
from perfeval.indicators.rules.composed import (
    AlternativeOf,
    Member,
    MilestoneSum,
    MixedWeighted,
    VetoZero,
)
from perfeval.indicators.rules.elements import Binary, ChecklistGated, ChecklistPoints
from perfeval.indicators.rules.fields import FormulaField, Quantity, SetModel
from perfeval.indicators.rules.judgement import Judged, QualitativeLevels
from perfeval.indicators.rules.modifiers import (
    ManualDeduction,
    MissingTierShift,
    Modifier,
    NaRescale,
    SetModifier,
)
from perfeval.indicators.rules.shares import ExecutionRatePoints, ExternalScaling, TierRatePoints
from perfeval.indicators.rules.steps import PerPointDeduction, PerViolationDeduction

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
    | PerViolationDeduction
    | BandTable
    | SatisfactionBands
    | TrendLevels
    | ChecklistPoints
    | ChecklistGated
    | Binary
    | QualitativeLevels
    | Judged
    | ExecutionRatePoints
    | ExternalScaling
    | VetoZero
    | MixedWeighted
    | MilestoneSum
    | AlternativeOf,
    Field(discriminator="type"),
]
"""Any scoring rule, told apart by its ``type``."""

for _model in (VetoZero, MixedWeighted, Member, AlternativeOf):  # the rules that hold a Rule
    _model.model_rebuild(_types_namespace={"Rule": Rule})

__all__ = [
    "AlternativeOf",
    "Cells",
    "ChecklistGated",
    "ExecutionRatePoints",
    "FormulaField",
    "Given",
    "Judged",
    "ManualDeduction",
    "MilestoneSum",
    "MissingTierShift",
    "MixedWeighted",
    "Modifier",
    "NaRescale",
    "PerPointDeduction",
    "PerViolationDeduction",
    "ProportionalCapped",
    "QualitativeLevels",
    "Quantity",
    "Rule",
    "RuleBase",
    "SetModel",
    "SetModifier",
    "TierRatePoints",
    "TrendLevels",
    "Unanswered",
    "VetoZero",
    "percent_or_number",
    "value_places",
]
