"""The scoring rules: one table each of values and what they earn, at and around the thresholds.

W are the points, A the 实际完成值, T the 年度指标值. Expected scores were worked out by hand.
"""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from perfeval.indicators import rules
from perfeval.indicators.rules import Given, Modifier, Rule, RuleBase, Unanswered
from perfeval.indicators.target import target
from perfeval.numbers import Exact, decimal_text, exact, figure

RULE: TypeAdapter[RuleBase] = TypeAdapter(Rule)
MODIFIER: TypeAdapter[Any] = TypeAdapter(Modifier)


def rule(type_: str, **fields: Any) -> RuleBase:
    return RULE.validate_python({"type": type_} | fields)


def earned(one: RuleBase, points: str, goal: str, actual: str, **answers: Any) -> str:
    """Score one actual value and print the exact score in full."""
    unit = "%" if "%" in goal + actual else ""
    value = figure(actual).in_unit(unit).value if actual else None
    asked = target(goal, unit) if goal else None
    score = one.score(Given(points=exact(points), value=value, target=asked, **answers))
    return decimal_text(score)


SATISFACTION = rule("satisfaction_bands")
ADJUSTMENT = rule(
    "band_table",
    bands=[
        {"max": "0", "score": "3"},
        {"max": "10%", "score": "2"},
        {"max": "20%", "score": "1"},
        {"max": "30%", "score": "0.5"},
        {"score": "0"},
    ],
)
SPENDING = rule(
    "band_table",
    bands=[
        {"min": "90%", "share": "1"},
        {"min": "80%", "share": "0.8"},
        {"min": "70%", "share": "0.6"},
        {"share": "0"},
    ],
)


@pytest.mark.parametrize(
    ("one", "points", "goal", "scores"),
    [
        (rule("full_if_at_least"), "2", "≥95%", {"94.99%": "0", "95%": "2", "120%": "2"}),
        # the seed: 25.51 % over the target earns 0 of 2
        (rule("full_if_at_most"), "2", "≤10%", {"10%": "2", "10.01%": "0", "25.51%": "0"}),
        (rule("full_if_at_most"), "2", "≤10%", {"0%": "2", "-74.5%": "2"}),
        (rule("full_if_met"), "2", "≥50个", {"49": "0", "50": "2", "51": "2"}),
        (rule("full_if_met"), "2", ">50个", {"50": "0", "50.01": "2"}),
        (rule("full_if_met"), "2", "≤4", {"4": "2", "4.01": "0"}),
        (rule("full_if_met"), "2", "<4", {"4": "0", "3.99": "2"}),
        (rule("full_if_met"), "2", "=0起", {"0": "2", "1": "0", "-1": "0"}),
        (rule("full_if_met"), "2", "10-20场", {"9": "0", "10": "2", "20": "2", "21": "0"}),
        # the seed: 95 % of 100 % earns 4.75 of 5 and 3.8 of 4
        (rule("proportional_capped"), "5", "100%", {"95%": "4.75", "100%": "5", "130%": "5"}),
        (rule("proportional_capped"), "4", "100%", {"95%": "3.8", "0%": "0", "-5%": "0"}),
        (rule("proportional_capped"), "6", "48", {"7": "0.875", "0": "0", "48": "6"}),
        (rule("proportional_capped"), "3", "0次", {"0": "3", "1": "3", "-1": "0"}),
        (rule("proportional_capped", cap="0.9"), "10", "100", {"80": "8", "90": "9", "120": "9"}),
        (
            rule("gated_proportional", gate="60%"),
            "10",
            "100",
            {"59.99": "0", "60": "6", "80": "8", "100": "10", "150": "10", "-5": "0"},
        ),
        (rule("gated_proportional", gate="60%"), "10", "0", {"0": "10", "5": "10", "-1": "0"}),
        (rule("inverse_ratio"), "10", "≤80", {"80": "10", "100": "8", "160": "5", "0": "10"}),
        (rule("inverse_ratio"), "10", "≤0", {"0": "10", "1": "0", "-1": "10"}),
        # a target below zero (变动率 ≤ -30 %): nothing is earned above it, and nothing divides by 0
        (rule("inverse_ratio"), "10", "≤-30%", {"-30%": "10", "-20%": "0", "0%": "0", "5%": "0"}),
        (rule("inverse_linear"), "10", "≤10%", {"10%": "10", "15%": "5", "20%": "0", "99%": "0"}),
        (rule("inverse_linear"), "10", "≤10%", {"0%": "10", "-3%": "10", "12.5%": "7.5"}),
        (rule("inverse_linear"), "10", "≤0", {"0": "10", "0.01": "0"}),
        (rule("inverse_linear"), "10", "≤-30%", {"-30%": "10", "-29%": "0", "0%": "0"}),
        (rule("inverse_linear", zero_at="3"), "10", "≤10", {"20": "5", "25": "2.5", "30": "0"}),
        (rule("equal_target"), "10", "0起", {"0": "10", "1": "0", "-1": "10"}),
        (rule("equal_target"), "10", "=50", {"50": "10", "40": "8", "60": "10", "-10": "0"}),
        (rule("equal_target"), "10", "=-10%", {"-10%": "10", "-20%": "0", "0%": "10"}),
        # 每低于 1 个百分点扣: a filled form with 99.27 % kept full marks under whole steps
        (
            rule("per_point_deduction", baseline="100%", direction="below", deduct="2"),
            "10",
            "",
            {"99.27%": "10", "99%": "8", "98.01%": "8", "98%": "6", "95%": "0", "50%": "0"},
        ),
        (
            rule(
                "per_point_deduction",
                baseline="100%",
                direction="below",
                deduct="2",
                steps="started",
            ),
            "10",
            "",
            {"100%": "10", "99.27%": "8", "99%": "8", "98.99%": "6"},
        ),
        (
            rule(
                "per_point_deduction",
                baseline="100%",
                direction="below",
                deduct="2",
                steps="linear",
            ),
            "10",
            "",
            {"99.27%": "8.54", "99.5%": "9", "101%": "10"},
        ),
        (
            rule("per_point_deduction", baseline="100%", direction="above", deduct="0.2"),
            "2",
            "",
            {"94.62%": "2", "100%": "2", "100.99%": "2", "101%": "1.8", "110%": "0", "300%": "0"},
        ),
        (
            rule("per_point_deduction", direction="either", step="5%", deduct="1"),
            "5",
            "100%",
            {"104.99%": "5", "105%": "4", "95%": "4", "90%": "3", "100%": "5"},
        ),
        # a published table: 0 earns 3, up to 10 % 2, up to 20 % 1, up to 30 % 0.5, more 0
        (ADJUSTMENT, "3", "", {"0%": "3", "0.01%": "2", "10%": "2", "20%": "1", "20.01%": "0.5"}),
        (ADJUSTMENT, "3", "", {"30%": "0.5", "30.01%": "0", "-5%": "3"}),
        (SPENDING, "5", "", {"90%": "5", "89.99%": "4", "80%": "4", "79.99%": "3", "69.99%": "0"}),
        (SATISFACTION, "10", "", {"90%": "10", "89.99%": "8", "80%": "8", "79.99%": "5"}),
        (SATISFACTION, "10", "", {"60%": "5", "59.99%": "0", "0%": "0", "100%": "10"}),
        (rule("per_violation_deduction", deduct="1"), "3", "", {"0": "3", "1": "2", "3": "0"}),
        (rule("per_violation_deduction", deduct="0.5"), "3", "", {"7": "0", "-2": "3"}),
        # 执行率: 88.53 % of 10 points; more than the budget earns no more than the points
        (rule("execution_rate_points"), "10", "", {"88.53%": "8.853", "100%": "10"}),
        (rule("execution_rate_points"), "10", "", {"112%": "10", "0%": "0", "-3%": "0"}),
        (rule("external_scaling"), "5", "", {"92": "4.6", "100": "5", "108": "5", "-1": "0"}),
        (rule("external_scaling", external_full="120"), "6", "", {"90": "4.5", "120": "6"}),
    ],
)
def test_what_a_value_earns(one: RuleBase, points: str, goal: str, scores: dict[str, str]) -> None:
    assert {actual: earned(one, points, goal, actual) for actual in scores} == scores


# --- elements --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "points", "cases"),
    [
        (
            rule("checklist_points", elements=["甲", "乙", "丙"]),
            "2",
            {"": "0", "甲": "0.666666666667", "甲乙": "1.333333333333", "甲乙丙": "2"},
        ),
        (
            rule("checklist_points", elements={"甲": "1", "乙": "1.5", "丙": "0.5"}),
            "3",
            {"": "0", "乙": "1.5", "甲丙": "1.5", "甲乙丙": "3"},
        ),
        # 目标明确 40 %, missing it loses everything; three more at 20 % each
        (
            rule(
                "checklist_gated",
                gate="甲",
                gate_share="40%",
                shares={"乙": "20%", "丙": "20%", "丁": "20%"},
            ),
            "5",
            {"": "0", "乙丙丁": "0", "甲": "2", "甲乙": "3", "甲乙丙丁": "5"},
        ),
        (rule("binary", element="甲"), "2", {"": "0", "甲": "2"}),
    ],
)
def test_what_elements_earn(one: RuleBase, points: str, cases: dict[str, str]) -> None:
    found = {}
    for met in cases:
        answers = {name: name in met for name in one.element_names()}
        found[met] = earned(one, points, "", "", elements=answers)
    assert found == cases


def test_an_element_not_answered_is_asked_for() -> None:
    one = rule("checklist_points", elements=["甲", "乙"])
    with pytest.raises(Unanswered, match="“乙”是否符合"):
        earned(one, "2", "", "", elements={"甲": True})


def test_a_veto_takes_everything() -> None:
    one = rule("veto_zero", veto=["造成不良影响"], rule={"type": "proportional_capped"})
    assert earned(one, "3", "100%", "80%", elements={"造成不良影响": False}) == "2.4"
    assert earned(one, "3", "100%", "80%", elements={"造成不良影响": True}) == "0"
    with pytest.raises(Unanswered, match="造成不良影响"):
        earned(one, "3", "100%", "80%")


# --- judgement -------------------------------------------------------------------------------

LEVELS = rule(
    "qualitative_levels",
    levels=[
        {"name": "达成", "min": "0.8", "max": "1"},
        {"name": "部分达成", "min": "0.6", "max": "0.8"},
        {"name": "未达成", "min": "0", "max": "0.6"},
    ],
)


@pytest.mark.parametrize(
    ("level", "score", "inside"),
    [
        ("达成", "10", True),
        ("达成", "8", True),  # 100–80 %（含）
        ("达成", "7.99", False),
        ("部分达成", "8", False),
        ("部分达成", "7.99", True),
        ("部分达成", "6", True),
        ("未达成", "6", False),
        ("未达成", "5.99", True),
        ("未达成", "0", True),
    ],
)
def test_a_level_allows_the_scores_of_its_band(level: str, score: str, inside: bool) -> None:
    assert isinstance(LEVELS, rules.QualitativeLevels)
    given_ = Given(points=Exact(10), level=level, level_score=exact(score))
    assert LEVELS.inside(given_) is inside
    assert LEVELS.score(given_) == exact(score)  # outside its band it is a finding, not a loss


@pytest.mark.parametrize(
    ("level", "score", "asked"),
    [
        ("", None, "达成档次"),
        ("优秀", "9", "达成档次"),
        ("达成", None, "评定分值"),
        ("达成", "10.01", "0 至 10 之间的评定分值"),  # never more than the points
        ("未达成", "-1", "0 至 10 之间的评定分值"),
    ],
)
def test_what_a_level_still_needs(level: str, score: str | None, asked: str) -> None:
    given_ = Given(
        points=Exact(10), level=level, level_score=None if score is None else exact(score)
    )
    with pytest.raises(Unanswered, match=f"^{asked}$"):
        LEVELS.score(given_)


def test_without_a_standard_only_a_person_gives_a_score() -> None:
    with pytest.raises(Unanswered, match="人工赋分及依据"):
        earned(rule("judged"), "5", "", "100%")


def test_numbers_and_judgement_mixed() -> None:
    one = rule(
        "mixed_weighted",
        share="0.6",
        quantitative={"type": "proportional_capped"},
        qualitative=LEVELS.model_dump(),
    )
    got = earned(one, "10", "100%", "90%", level="达成", level_score=exact("8.5"))
    assert got == "8.8"  # 0.6×9 + 0.4×8.5


# --- figures of their own --------------------------------------------------------------------


def test_against_last_year() -> None:
    one = rule(
        "trend_levels",
        levels=[
            {"name": "无结余", "when": "本年结余 = 0", "score": "3"},
            {"name": "不超上年", "when": "本年结余 <= 上年结余", "score": "2"},
            {"score": "0"},
        ],
    )
    last = {"上年结余": exact("12.5")}
    for this, score in (("0", "3"), ("12.5", "2"), ("12.51", "0")):
        assert earned(one, "3", "", "", values=last | {"本年结余": exact(this)}) == score


def test_milestones_add_up() -> None:
    one = rule(
        "milestone_sum",
        milestones=[
            {
                "name": "上半年",
                "value": "六月支出 / 预算",
                "bands": [
                    {"min": "45%", "score": "2"},
                    {"min": "40%", "score": "1"},
                    {"score": "0"},
                ],
            },
            {
                "name": "前三季度",
                "value": "九月支出 / 预算",
                "bands": [
                    {"min": "75%", "score": "3"},
                    {"min": "60%", "score": "2"},
                    {"score": "0"},
                ],
            },
        ],
    )
    for june, september, score in (
        ("45", "75", "5"),
        ("44.99", "74.99", "3"),
        ("39.99", "60", "2"),
        ("10", "20", "0"),
    ):
        values = {"六月支出": exact(june), "九月支出": exact(september), "预算": Exact(100)}
        assert earned(one, "5", "", "", values=values) == score
    assert not list(one.problems(Exact(5)))


def test_one_of_two_ways() -> None:
    members = [
        {
            "name": "结余率",
            "value": "结余 / 预算",
            "target": "≤9%",
            "unit": "%",
            "rule": {"type": "full_if_at_most"},
        },
        {
            "name": "结余变动率",
            "value": "(结余 - 上年结余) / 上年结余",
            "target": "≤-30%",
            "unit": "%",
            "rule": {"type": "full_if_at_most"},
        },
    ]
    values = {"结余": exact("10"), "预算": exact("100"), "上年结余": exact("20")}
    elected = rule("alternative_of", members=members)
    assert earned(elected, "20", "", "", values=values, elected="结余率") == "0"
    assert earned(elected, "20", "", "", values=values, elected="结余变动率") == "20"
    with pytest.raises(Unanswered, match="选用的计分方式"):
        earned(elected, "20", "", "", values=values)
    best = rule("alternative_of", members=members, choose="max")
    assert earned(best, "20", "", "", values=values) == "20"


# --- every rule ------------------------------------------------------------------------------

NEEDS_TARGET = [
    "full_if_at_least",
    "full_if_at_most",
    "full_if_met",
    "proportional_capped",
    "inverse_ratio",
    "inverse_linear",
    "equal_target",
]
EVERY_RULE: list[RuleBase] = [
    *(rule(name) for name in NEEDS_TARGET),
    rule("gated_proportional", gate="60%"),
    rule("per_point_deduction", direction="above", deduct="0.2"),
    rule("per_point_deduction", baseline="100%", direction="below", step="5%", deduct="2"),
    rule("per_point_deduction", direction="either", deduct="1", steps="started"),
    rule("per_point_deduction", direction="either", deduct="0.3", steps="linear"),
    ADJUSTMENT,
    SPENDING,
    SATISFACTION,
    rule("per_violation_deduction", deduct="1"),
    rule("execution_rate_points"),
    rule("external_scaling"),
    rule("checklist_points", elements=["甲", "乙", "丙"]),
    rule("checklist_gated", gate="甲", gate_share="40%", shares={"乙": "60%"}),
    rule("binary"),
    rule("veto_zero", veto=["丁"], rule={"type": "proportional_capped"}),
    LEVELS,
    rule("judged"),
    rule(
        "mixed_weighted",
        share="60%",
        quantitative={"type": "equal_target"},
        qualitative=LEVELS.model_dump(),
    ),
    rule("trend_levels", levels=[{"when": "本年 <= 上年", "share": "1"}, {"share": "0.5"}]),
    rule(
        "milestone_sum",
        milestones=[
            {
                "name": "半年",
                "value": "本年",
                "bands": [{"min": "45", "share": "1"}, {"share": "0"}],
            }
        ],
    ),
    rule(
        "alternative_of",
        choose="max",
        members=[
            {"name": "甲", "value": "本年", "target": "≤5", "rule": {"type": "inverse_ratio"}},
            {"name": "乙", "value": "上年", "target": "≥5", "rule": {"type": "equal_target"}},
        ],
    ),
]


def test_every_rule_type_is_tried_here() -> None:
    union, *_ = get_args(Rule)
    assert {type(one) for one in EVERY_RULE} == set(get_args(union))


@pytest.mark.parametrize("one", EVERY_RULE, ids=lambda one: one.type)
def test_every_rule_explains_itself_in_chinese(one: RuleBase) -> None:
    told = one.explain()
    assert re.search(r"[\u4e00-\u9fff]{3}", told)
    assert "None" not in told
    assert not re.search(r"[a-z]{3}", told)
    assert not list(one.problems(Exact(3)))


quantities = st.one_of(
    st.integers(-200, 400).map(lambda n: Exact(n, 100)),
    st.integers(-50, 500).map(Exact),
    st.builds(Exact, st.integers(-1000, 4000), st.integers(1, 400)),
)
goals = st.builds(
    lambda sign, n: f"{sign}{decimal_text(n)}",
    st.sampled_from(["≥", "≤", ">", "<", "=", ""]),
    st.one_of(st.integers(-50, 200).map(lambda n: Exact(n, 100)), st.integers(0, 100).map(Exact)),
)


answers = st.builds(
    Given,
    points=st.integers(3, 30).map(Exact),
    value=quantities,
    target=goals.map(target),
    elements=st.fixed_dictionaries(
        {name: st.booleans() for name in ("甲", "乙", "丙", "丁", "符合")}
    ),
    level=st.sampled_from(["达成", "部分达成", "未达成"]),
    level_score=quantities,
    values=st.fixed_dictionaries({"本年": quantities, "上年": quantities}),
)


@given(st.sampled_from(EVERY_RULE), answers)
def test_a_score_lies_between_zero_and_the_points(one: RuleBase, answered: Given) -> None:
    try:
        score = one.score(answered)
    except Unanswered:
        return
    assert 0 <= score <= answered.points


@given(st.sampled_from(NEEDS_TARGET), quantities)
def test_no_target_is_asked_for_never_guessed(name: str, actual: Exact) -> None:
    one = rule(name)
    assert one.needs_target
    for goal, asked in (("", "^年度指标值$"), ("效果明显", "现为定性")):
        with pytest.raises(Unanswered, match=asked):
            one.score(Given(points=Exact(5), value=actual, target=target(goal)))
    with pytest.raises(Unanswered, match="实际完成值"):
        one.score(Given(points=Exact(5), target=target("5")))


@given(quantities, quantities, st.integers(1, 200))
def test_more_is_never_worth_less_where_more_is_better(a: Exact, b: Exact, goal: int) -> None:
    low, high = min(a, b), max(a, b)
    for name, fields in (
        ("proportional_capped", {}),
        ("gated_proportional", {"gate": "60%"}),
        ("equal_target", {}),
        ("full_if_at_least", {}),
    ):
        one = rule(name, **fields)
        scores = [
            one.score(Given(points=Exact(10), value=value, target=target(f"≥{goal}")))
            for value in (low, high)
        ]
        assert scores[0] <= scores[1]


@given(quantities, quantities, st.integers(-200, 200))
def test_less_is_never_worth_less_where_less_is_better(a: Exact, b: Exact, goal: int) -> None:
    low, high = min(a, b), max(a, b)
    for name in ("inverse_ratio", "inverse_linear", "full_if_at_most"):
        one = rule(name)
        scores = [
            one.score(Given(points=Exact(10), value=value, target=target(f"≤{goal}")))
            for value in (low, high)
        ]
        assert scores[0] >= scores[1]


# --- parameters that do not hold -------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "fields", "problem"),
    [
        ("inverse_linear", {"zero_at": "1"}, "zero_at 应大于 1"),
        ("gated_proportional", {"gate": "1.2"}, "gate 应在 0 与 1 之间"),
        ("per_point_deduction", {"direction": "above", "deduct": "0"}, "应大于 0"),
        ("per_point_deduction", {"direction": "above", "deduct": "1", "step": "0"}, "应大于 0"),
        ("per_violation_deduction", {"deduct": "0"}, "deduct 应大于 0"),
        ("external_scaling", {"external_full": "0"}, "external_full 应大于 0"),
        ("band_table", {"bands": []}, "没有分档"),
        ("band_table", {"bands": [{"min": "0"}]}, "应写 score 或 share 之一"),
        ("band_table", {"bands": [{"min": "0", "score": "1", "share": "1"}]}, "之一"),
        ("band_table", {"bands": [{"min": "0", "score": "6"}]}, "得分 6 不在 0 至 5 之间"),
        ("band_table", {"bands": [{"min": "0", "share": "-1"}]}, "不在 0 至 5 之间"),
        ("band_table", {"bands": [{"min": "0", "max": "1", "share": "1"}]}, "同时写了"),
        (
            "band_table",
            {"bands": [{"share": "1"}, {"min": "0", "share": "0"}]},
            "只有最后一档可以不写",
        ),
        (
            "band_table",
            {"bands": [{"min": "60%", "share": "0.5"}, {"min": "80%", "share": "1"}, {"share": 0}]},
            "分档重叠",
        ),
        (
            "band_table",
            {"bands": [{"max": "20%", "share": "1"}, {"max": "10%", "share": "0"}, {"share": 0}]},
            "分档重叠",
        ),
        (
            "band_table",
            {"bands": [{"min": "80%", "share": "1"}, {"max": "20%", "share": "0"}]},
            "统一写 min 或统一写 max",
        ),
        (
            "band_table",
            {"bands": [{"min": "80%", "share": "1"}, {"min": "60%", "share": "0.5"}]},
            "没有覆盖全部取值",
        ),
        ("band_table", {"bands": [{"max": "20%", "share": "1"}]}, "没有覆盖全部取值"),
        ("trend_levels", {"levels": []}, "没有分级"),
        ("trend_levels", {"levels": [{"when": "甲 > 0"}]}, "应写 score 或 share 之一"),
        ("trend_levels", {"levels": [{"share": "1"}, {"share": "0"}]}, "只有最后一级可以不写 when"),
        ("checklist_points", {"elements": []}, "没有要素"),
        ("checklist_points", {"elements": {"甲": "1", "乙": "3"}}, "之和应等于指标分值 5"),
        ("checklist_points", {"elements": {"甲": "5", "乙": None}}, "之和应等于指标分值 5"),
        ("checklist_points", {"elements": {"甲": "6", "乙": "-1"}}, "不能小于 0"),
        ("checklist_gated", {"gate": "甲", "gate_share": "0.4", "shares": {"乙": "0.5"}}, "应为 1"),
        (
            "checklist_gated",
            {"gate": "甲", "gate_share": "1.5", "shares": {"乙": "-0.5"}},
            "不能小于 0",
        ),
        ("veto_zero", {"veto": [], "rule": {"type": "binary"}}, "没有否决要素"),
        (
            "veto_zero",
            {"veto": ["甲"], "rule": {"type": "inverse_linear", "zero_at": "0"}},
            "zero_at 应大于 1",
        ),
        ("qualitative_levels", {"levels": []}, "没有分档"),
        (
            "qualitative_levels",
            {"levels": [{"name": "好", "min": "0.5", "max": "0.9"}]},
            "应从 1 排到 0",
        ),
        (
            "qualitative_levels",
            {
                "levels": [
                    {"name": "好", "min": "0.8", "max": "1"},
                    {"name": "差", "min": "0", "max": "0.7"},
                ]
            },
            "空隙或重叠",
        ),
        (
            "mixed_weighted",
            {"share": "1", "quantitative": {"type": "binary"}, "qualitative": {"type": "judged"}},
            "share 应在 0 与 1 之间",
        ),
        (
            "milestone_sum",
            {
                "milestones": [
                    {
                        "name": "半年",
                        "value": "甲",
                        "bands": [{"min": "1", "score": "3"}, {"score": "0"}],
                    }
                ]
            },
            "各时点最高分之和 3 应等于分值 5",
        ),
        ("alternative_of", {"members": []}, "至少要有两个可选项"),
    ],
)
def test_parameters_that_do_not_hold_are_told(
    type_: str, fields: dict[str, Any], problem: str
) -> None:
    assert any(problem in told for told in rule(type_, **fields).problems(Exact(5)))


# --- modifiers -------------------------------------------------------------------------------


def modifier(type_: str, **fields: Any) -> Any:
    return MODIFIER.validate_python({"type": type_} | fields)


def over(goal: str, actual: str) -> Given:
    return Given(points=Exact(10), value=exact(actual), target=target(goal))


@pytest.mark.parametrize(
    ("one", "goal", "notes"),
    [
        # 超额 from 120 % of the target on; only where more is better
        (modifier("over_fulfilment_flag"), "≥100", {"119.99": False, "120": True, "500": True}),
        (modifier("over_fulfilment_flag"), "100", {"120": True}),
        (modifier("over_fulfilment_flag"), "≤100", {"120": False, "500": False}),
        (modifier("over_fulfilment_flag"), "0起", {"0": False, "50": False}),
        (modifier("over_fulfilment_flag"), "效果明显", {"120": False}),
        (modifier("over_fulfilment_flag"), "", {"120": False}),
        (modifier("over_fulfilment_reason"), "≥100", {"129.99": False, "130": True}),
        (modifier("over_fulfilment_reason"), "0起", {"29": False, "30": True}),
        (modifier("over_fulfilment_flag", at="1.5"), "≥100", {"149": False, "150": True}),
    ],
)
def test_over_fulfilment_keeps_the_score_and_asks(
    one: Any, goal: str, notes: dict[str, bool]
) -> None:
    for actual, noted in notes.items():
        given_ = over(goal, actual)
        assert one.adjust(Exact(10), given_) == 10
        assert bool(one.note(given_)) is noted


def test_over_fulfilment_may_cost_points() -> None:
    one = modifier("over_fulfilment_deduct", at="1.3", deduct="2")
    assert one.adjust(Exact(10), over("≥100", "129")) == 10
    assert one.adjust(Exact(10), over("≥100", "130")) == 8
    assert one.adjust(Exact(1), over("≥100", "130")) == 0


def test_a_person_may_deduct() -> None:
    one = modifier("manual_deduction")
    given_ = Given(points=Exact(10), deduction=exact("1.5"))
    assert one.adjust(exact("8.6"), given_) == exact("7.1")
    assert one.adjust(Exact(1), given_) == 0
    assert one.adjust(Exact(8), Given(points=Exact(10))) == 8


@pytest.mark.parametrize(
    ("over_", "scores"),
    [("cut", {"10.5": "10", "10": "10", "-1": "0"}), ("zero", {"10.5": "0", "10": "10", "9": "9"})],
)
def test_a_score_above_the_points(over_: str, scores: dict[str, str]) -> None:
    one = modifier("score_cap", over=over_)
    given_ = Given(points=Exact(10))
    assert {s: decimal_text(one.adjust(exact(s), given_)) for s in scores} == scores


def test_rescaling_a_tier_with_rows_that_do_not_apply() -> None:
    """18 of 20 applicable points in a tier of 25: 18 × 25 ÷ 20."""
    assert rules.NaRescale().tier_score(Exact(18), Exact(20), Exact(25)) == exact("22.5")
    assert rules.NaRescale().tier_score(Exact(18), Exact(25), Exact(25)) == 18


@pytest.mark.parametrize(
    "one",
    [
        modifier("over_fulfilment_flag"),
        modifier("over_fulfilment_reason"),
        modifier("over_fulfilment_deduct", at="1.3", deduct="2"),
        modifier("manual_deduction"),
        modifier("score_cap"),
        modifier("score_cap", over="zero"),
        rules.NaRescale(),
        rules.MissingTierShift(missing="满意度指标", to="效益指标"),
    ],
    ids=lambda one: one.type,
)
def test_every_modifier_explains_itself_in_chinese(one: Any) -> None:
    assert re.search(r"[\u4e00-\u9fff]{3}", one.explain())


# --- numbers of a set ------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [0.1, "三十", "1e3", ""])
def test_a_parameter_never_passes_through_a_binary_float(wrong: object) -> None:
    with pytest.raises(ValueError, match="数值"):
        rule("per_violation_deduction", deduct=wrong)


@pytest.mark.parametrize("wrong", [None, ["1"], {"甲": "1"}, True])
def test_a_parameter_is_a_number(wrong: object) -> None:
    with pytest.raises(ValueError, match="数值"):
        rule("per_violation_deduction", deduct=wrong)
