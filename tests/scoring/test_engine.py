"""What the engine decides: states, 不适用, zero denominators, rounding places, grades, schemes."""

from __future__ import annotations

import pytest

from perfeval.indicators.library import find, loads
from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import decimal_text, exact
from perfeval.scoring.engine import Context, prepare, score, score_session
from perfeval.scoring.scorecard import Result, Status
from perfeval.session import files
from perfeval.session.model import Answer, Evaluation, Fund, InputValue, OwnIndicator, Project

GRADES = (
    "grades: [{name: 优, min: 90}, {name: 良, min: 80}, {name: 中, min: 60}, {name: 差, min: 0}]"
)


def a_set(
    indicators: str, *, head: str = "", inputs: str = "甲: {unit: 万元}, 乙: {unit: 万元}"
) -> IndicatorSet:
    """One tier of 100 points holding the given indicators."""
    return loads(
        f"""
id: test-set
title: 测试
scope: department
{GRADES}
{head}
inputs: {{{inputs}}}
tiers:
  - name: 一级
    points: 100
    indicators:
{indicators}
"""
    )


def one_rate(points: str = "100", **more: str) -> IndicatorSet:
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    rest = 100 - int(points)
    other = (
        f"      - {{code: Z, name: 其余, points: {rest}, rule: {{type: judged}}}}" if rest else ""
    )
    return a_set(
        f"      - {{code: R, name: 比率, points: {points}, unit: '%', formula: 甲/乙"
        f"{extra}, evidence: {{rule: USER}}}}\n{other}"
    )


def evaluate(
    indicator_set: IndicatorSet, answers: dict[str, Answer] | None = None, **inputs: str
) -> Result:
    evaluation = Evaluation(
        set=indicator_set.id,
        inputs={name: InputValue(value=value) for name, value in inputs.items()},
        answers=answers or {},
    )
    return score(evaluation, indicator_set, Context())


PROPORTIONAL = "{type: proportional_capped}"


# --- printed or exact ------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "expected"), [("printed_rate", "8.87"), ("exact_rate", "8.86")])
def test_score_from_printed_or_exact_rate(source: str, expected: str) -> None:
    rate = one_rate("10", if_zero="error", rule="{type: execution_rate_points}", score_from=source)
    result = evaluate(rate, 甲="8864.51", 乙="10000")
    assert decimal_text(result.indicator("R").score or 0, 2) == expected


@pytest.mark.parametrize(
    ("top", "bottom", "points", "expected"),
    [("7", "48", "6", "0.88"), ("75", "360", "3", "0.63"), ("15", "72", "3", "0.63")],
)
def test_quotients_whose_score_ends_in_a_tie(
    top: str, bottom: str, points: str, expected: str
) -> None:
    """28 digits of Decimal would print 0.87 and 0.62."""
    rate = one_rate(
        points, if_zero="error", rule=PROPORTIONAL, target="100%", score_from="exact_rate"
    )
    result = evaluate(rate, 甲=top, 乙=bottom)
    assert decimal_text(result.indicator("R").score or 0, 2) == expected


# --- three states ----------------------------------------------------------------------------


def test_blank_zero_and_not_applicable_are_three_things() -> None:
    rate = one_rate(if_zero="不适用", rule=PROPORTIONAL, target="100%")
    blank = evaluate(rate, 乙="5")
    zero = evaluate(rate, 甲="0", 乙="5")
    absent = evaluate(rate, 甲="0", 乙="0")
    assert blank.indicator("R").status is Status.UNFILLED
    assert blank.indicator("R").score is None
    assert blank.indicator("R").note == "缺少甲"
    assert (blank.complete, blank.grade) == (False, None)
    assert (zero.indicator("R").status, zero.total_text) == (Status.SCORED, "0.00")
    assert (zero.complete, zero.grade) == (True, "差")
    assert absent.indicator("R").status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("if_zero", "score", "status"),
    [
        ("'0'", "0.00", Status.SCORED),
        ("满分", "100.00", Status.SCORED),
        ("error", None, Status.UNFILLED),
        ("不适用", None, Status.NOT_APPLICABLE),
    ],
)
def test_a_zero_denominator_means_what_the_set_says(
    if_zero: str, score: str | None, status: Status
) -> None:
    rate = one_rate(if_zero=if_zero, rule=PROPORTIONAL, target="100%")
    row = evaluate(rate, 甲="3", 乙="0").indicator("R")
    assert row.status is status
    assert (None if row.score is None else decimal_text(row.score, 2)) == score


def test_no_grade_until_complete() -> None:
    two = a_set(
        "      - {code: A, name: 甲项, points: 62, rule: {type: judged}}\n"
        "      - {code: B, name: 乙项, points: 38, rule: {type: judged}}",
        inputs="",
    )
    result = evaluate(two, {"A": Answer(manual_score="61.5", manual_reason="见材料")})
    assert result.summary == "暂 61.50 / 已填 62 分"
    assert result.grade is None


def test_an_unreadable_figure_is_a_problem_at_its_place_and_no_failure() -> None:
    rate = one_rate(if_zero="error", rule=PROPORTIONAL, target="100%")
    result = evaluate(rate, 甲="12a3", 乙="5")
    assert result.problems == (("department/inputs/甲/value", "“12a3”不是数值"),)
    assert result.indicator("R").status is Status.UNFILLED


def test_an_amount_given_as_a_count_is_refused() -> None:
    rate = one_rate(if_zero="error", rule=PROPORTIONAL, target="100%")
    result = evaluate(rate, 甲="2项", 乙="5")
    assert result.problems[0][1] == "“2项”的单位是项，这里应填万元"


def test_a_direct_value_stands_in_for_missing_components_and_is_unproven() -> None:
    rate = one_rate(if_zero="error", rule=PROPORTIONAL, target="100%")
    row = evaluate(rate, {"R": Answer(actual="95%")}).indicator("R")
    assert (row.status, decimal_text(row.score or 0, 2)) == (Status.UNPROVEN, "95.00")
    proven = evaluate(rate, {"R": Answer(actual="95%")}, 甲="1", 乙="2").indicator("R")
    assert (proven.status, decimal_text(proven.score or 0, 2)) == (Status.SCORED, "50.00")


# --- manual score ----------------------------------------------------------------------------


def test_a_manual_score_counts_and_the_automatic_one_stays_beside_it() -> None:
    rate = one_rate(if_zero="error", rule=PROPORTIONAL, target="100%")
    answer = Answer(manual_score="90", manual_reason="口径调整")
    row = evaluate(rate, {"R": answer}, 甲="1", 乙="2").indicator("R")
    assert row.status is Status.MANUAL
    assert [decimal_text(x or 0, 2) for x in (row.score, row.automatic)] == ["90.00", "50.00"]


@pytest.mark.parametrize("typed", ["100.01", "-1", "九十"])
def test_a_manual_score_outside_the_points_is_refused_where_it_stands(typed: str) -> None:
    rate = one_rate(if_zero="error", rule=PROPORTIONAL, target="100%")
    result = evaluate(rate, {"R": Answer(manual_score=typed)}, 甲="1", 乙="2")
    assert result.problems[0][0] == "department/answers/R/manual_score"
    assert decimal_text(result.indicator("R").score or 0, 2) == "50.00"


# --- 不适用 ----------------------------------------------------------------------------------

TWO_TIERS = f"""
id: two-tiers
title: 两级
scope: department
{GRADES}
modifiers: [{{type: na_rescale}}, {{type: missing_tier_shift, missing: 满意度, to: 效益}}]
tiers:
  - name: 效益
    points: 90
    indicators:
      - {{code: A, name: 甲, points: 60, rule: {{type: judged}}}}
      - {{code: B, name: 乙, points: 30, rule: {{type: judged}}}}
  - name: 满意度
    points: 10
    indicators:
      - {{code: C, name: 丙, points: 10, rule: {{type: judged}}}}
"""


def judged(**scores: str) -> dict[str, Answer]:
    return {
        code: Answer(not_applicable="没有对象")
        if text == "不适用"
        else Answer(manual_score=text, manual_reason="见材料")
        for code, text in scores.items()
    }


def test_a_row_that_does_not_apply_rescales_its_tier_once() -> None:
    result = evaluate(loads(TWO_TIERS), judged(A="50", B="不适用", C="9"))
    assert decimal_text(result.tier("效益").score or 0, 2) == "75.00"  # 50 × 90 ÷ 60
    assert result.total_text == "84.00"
    assert decimal_text(result.indicator("A").points) == "60"  # rows keep their points


def test_a_tier_wholly_not_applicable_gives_its_points_to_the_heir() -> None:
    result = evaluate(loads(TWO_TIERS), judged(A="54", B="27", C="不适用"))
    assert result.tier("满意度").points == 0
    assert result.tier("效益").points == 100
    assert result.total_text == "90.00"  # 81 × 100 ÷ 90
    assert result.grade == "优"


def test_a_tier_that_goes_nowhere_leaves_no_grade() -> None:
    result = evaluate(loads(TWO_TIERS), judged(A="不适用", B="不适用", C="10"))
    assert result.grade is None
    assert "没有规定分值并入何处" in result.problems[-1][1]


# --- grades ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scored", "printed", "grade"),
    [
        ("90", "90.00", "优"),
        ("89.99", "89.99", "良"),
        ("89.995", "90.00", "优"),  # decided on what is printed
        ("89.994", "89.99", "良"),
        ("80", "80.00", "良"),
        ("79.99", "79.99", "中"),
        ("60", "60.00", "中"),
        ("59.99", "59.99", "差"),
        ("0", "0.00", "差"),
    ],
)
def test_grades_are_half_open_and_decided_on_the_printed_total(
    scored: str, printed: str, grade: str
) -> None:
    one = a_set("      - {code: A, name: 甲, points: 100, rule: {type: judged}}", inputs="")
    result = evaluate(one, judged(A=scored))
    assert (result.total_text, result.grade) == (printed, grade)


# --- projects --------------------------------------------------------------------------------


def project(**more: object) -> Project:
    return Project.model_validate({"set": "mof-project-2020", "name": "项目"} | more)


def project_result(one: Project) -> Result:
    return score(one, find(one.set), Context(path="projects/p"))


FUNDS = {"total": Fund(budget="30", executed="26.6")}


def test_tier_rates_score_the_summary_row() -> None:
    rates = {"产出指标": "91.9%", "效益指标": "83.33%", "满意度指标": "100%"}
    result = project_result(project(funds=FUNDS, tier_rates=rates))
    scores = [decimal_text(tier.score or 0, 2) for tier in result.tiers]
    assert scores == ["8.87", "45.95", "25.00", "10.00"]
    assert (result.total_text, result.grade) == ("89.82", "良")


def test_a_budget_of_zero_scores_zero_execution() -> None:
    rates = {"产出指标": "100%", "效益指标": "100%", "满意度指标": "100%"}
    result = project_result(
        project(funds={"total": Fund(budget="0", executed="0")}, tier_rates=rates)
    )
    assert result.total_text == "90.00"


def test_execution_above_the_budget_earns_no_more_than_the_points() -> None:
    funds = {"total": Fund(budget="10", executed="12")}
    assert (
        decimal_text(project_result(project(funds=funds)).indicator("P0").score or 0, 2) == "10.00"
    )


def test_fund_rows_add_up_unless_a_total_row_stands_among_them() -> None:
    parts = {"a": Fund(source="财政拨款", budget="10"), "b": Fund(source="其他资金", budget="2.5")}
    assert project(funds=parts).fund_total("budget", "万元").value == exact("12.5")
    total = parts | {"t": Fund(source="年度资金总额", budget="12")}
    assert project(funds=total).fund_total("budget", "万元").value == 12


def rows(**points: str) -> dict[str, OwnIndicator]:
    groups = {"q": "数量指标", "l": "质量指标", "b": "社会效益指标", "s": "服务对象满意度指标"}
    return {
        key: OwnIndicator(group=groups[key[0]], name=key, points=value, target="≥10场", actual="8")
        for key, value in points.items()
    }


def test_own_rows_are_scored_by_the_sign_of_their_target() -> None:
    own = rows(q1="50") | {
        "b1": OwnIndicator(
            group="社会效益指标", name="成本", points="15", target="≤100元", actual="150元"
        ),
        "b2": OwnIndicator(
            group="社会效益指标", name="事故", points="15", target="0起", actual="0"
        ),
        "s1": OwnIndicator(
            group="服务对象满意度指标", name="满意度", points="10", unit="%", target="≥90%",
            numerator="270", denominator="300",
        ),
    }  # fmt: skip
    result = project_result(project(funds=FUNDS, rows=own))
    scores = {row.code: decimal_text(row.score or 0, 2) for row in result.indicators}
    assert scores == {"P0": "8.87", "q1": "40.00", "b1": "7.50", "b2": "15.00", "s1": "10.00"}
    assert result.complete


def test_deadlines_are_met_or_missed_in_the_year_under_evaluation() -> None:
    def finished(actual: str) -> str:
        row = OwnIndicator(
            group="时效指标", name="完成时间", points="50", target="12月底前", actual=actual
        )
        one = project(rows={"t": row})
        context = Context(path="projects/p", year=2024)
        return decimal_text(score(one, find(one.set), context).indicator("t").score or 0, 2)

    assert finished("11月") == "50.00"
    assert finished("2024年12月31日") == "50.00"
    assert finished("2025年6月") == "0.00"
    assert finished("45991") == "0.00"  # the Excel number of 2025-11-30


def test_rows_that_do_not_use_all_points_leave_the_evaluation_incomplete() -> None:
    result = project_result(project(funds=FUNDS, rows=rows(q1="30", l1="10", b1="30", s1="10")))
    tier = result.tier("产出指标")
    assert decimal_text(tier.unused) == "10"
    assert (result.complete, result.grade) == (False, None)


def test_a_weight_scheme_moves_the_points_of_the_tiers() -> None:
    rates = {"成本指标": "100%", "产出指标": "90%", "效益指标": "100%", "满意度指标": "100%"}
    result = project_result(project(funds=FUNDS, tier_rates=rates, weight_scheme="cost-tier"))
    assert [decimal_text(tier.points) for tier in result.tiers] == ["10", "20", "40", "20", "10"]
    assert result.total_text == "94.87"


def test_a_scheme_with_another_execution_weight_scales_it() -> None:
    rates = {"年度绩效目标1": "100%", "年度绩效目标2": "100%"}
    result = project_result(project(funds=FUNDS, tier_rates=rates, weight_scheme="hubei-two-goals"))
    assert decimal_text(result.indicator("P0").score or 0, 2) == "17.73"  # 88.67 % × 20


def test_an_unknown_scheme_is_a_problem_and_the_default_is_used() -> None:
    result = project_result(project(funds=FUNDS, weight_scheme="nowhere"))
    assert ("projects/p/weight_scheme", "没有权重方案“nowhere”") in result.problems
    assert result.scheme == ""


# --- formulas over the projects --------------------------------------------------------------


def test_department_formulas_see_the_projects_that_take_part() -> None:
    over_projects = a_set(
        "      - {code: A, name: 项目资金占比, points: 100, unit: '%', "
        "formula: sum(projects.全年执行数)/sum(projects.全年预算数), if_zero: 不适用, "
        "target: '100%', rule: {type: proportional_capped}, evidence: {rule: USER}}",
        inputs="",
    )
    session = files.loads(
        """
id: s
unit: {name: 单位}
year: 2024
department: {set: test-set}
projects:
  a: {set: mof-project-2020, name: 甲, funds: {t: {budget: 10, executed: 9}}}
  b: {set: mof-project-2020, name: 乙, funds: {t: {budget: 10, executed: 6}}}
  c: {set: mof-project-2020, name: 丙, excluded: 未实施, funds: {t: {budget: 99, executed: 0}}}
"""
    )
    card = score_session(session, lambda name: over_projects if name == "test-set" else find(name))
    assert card.department is not None
    assert card.department.total_text == "75.00"


def test_money_is_read_in_the_unit_of_the_session() -> None:
    rate = one_rate(if_zero="error", rule=PROPORTIONAL, target="100%")
    evaluation = Evaluation(
        set="test-set",
        inputs={"甲": InputValue(value="838.1万元"), "乙": InputValue(value="8381000")},
    )
    result = score(evaluation, rate, Context(money_unit="元"))
    assert result.total_text == "100.00"


def test_scoring_twice_gives_the_same_and_changes_nothing() -> None:
    session = files.loads(
        "id: s\nunit: {name: 单位}\nyear: 2024\n"
        "projects: {a: {set: mof-project-2020, name: 甲, funds: {t: {budget: 3, executed: 2}}}}"
    )
    before = session.model_dump()
    first, second = score_session(session, find), score_session(session, find)
    assert first.projects[0].result is not None
    assert second.projects[0].result is not None
    assert first.projects[0].result.total == second.projects[0].result.total
    assert session.model_dump() == before


def test_preparing_never_fails_on_any_text() -> None:
    rate = one_rate(if_zero="error", rule=PROPORTIONAL, target="required")
    for text in ("", "∞", "١٢٣", "1" * 500, "=1+1", "\x00", "不适用", "—", "1/0", "９９％"):
        answer = Answer(actual=text[:400], target=text[:400], manual_score=text[:400])
        evaluation = Evaluation(set="test-set", answers={"R": answer})
        prepare(evaluation, rate, Context())


# --- odd but possible ------------------------------------------------------------------------


def test_rows_without_points_beside_one_that_does_not_apply() -> None:
    own = {
        "a": OwnIndicator(group="数量指标", name="甲", points="0", target="≥5", actual="5"),
        "b": OwnIndicator(group="数量指标", name="乙", points="50", not_applicable="无"),
    }
    tier = project_result(project(funds=FUNDS, rows=own)).tier("产出指标")
    assert tier.score == 0
    assert tier.applicable == 0


def test_points_below_zero_are_refused_and_never_make_up_for_others() -> None:
    own = rows(q1="60") | {
        "q2": OwnIndicator(group="数量指标", name="乙", points="-10", actual="1")
    }
    result = project_result(project(funds=FUNDS, rows=own))
    assert ("projects/p/rows/q2/points", "分值不能小于 0") in result.problems
    assert not result.complete


def test_a_typed_value_is_scored_under_a_veto_too() -> None:
    vetoed = a_set(
        "      - {code: A, name: 甲, points: 100, target: '≥100', rule: {type: veto_zero, "
        "veto: [弄虚作假], rule: {type: proportional_capped}}, evidence: {rule: USER}}",
        inputs="",
    )

    def total(present: bool) -> str:
        answer = Answer(actual="50", elements={"弄虚作假": present})
        return evaluate(vetoed, {"A": answer}).total_text

    assert (total(False), total(True)) == ("50.00", "0.00")


@pytest.mark.parametrize(
    ("source", "expected"), [("printed_rate", "50.00"), ("exact_rate", "0.00")]
)
def test_a_value_inside_a_rule_is_printed_before_it_meets_a_band(
    source: str, expected: str
) -> None:
    """44.996 % prints 45.00 %."""
    milestones = a_set(
        "      - {code: A, name: 支出进度, points: 100, rule: {type: milestone_sum, milestones: ["
        "{name: 半年, value: 甲/乙, bands: [{min: 45%, score: 50}, {score: 0}]}, "
        "{name: 全年, value: 甲/乙, bands: [{min: 90%, score: 50}, {score: 0}]}]}, "
        f"if_zero: 不适用, score_from: {source}, evidence: {{rule: USER}}}}",
    )
    assert evaluate(milestones, 甲="44996", 乙="100000").total_text == expected


def test_a_deadline_is_judged_where_the_set_does_not_say_how_it_is_scored() -> None:
    row = OwnIndicator(
        group="履职成效", name="完成时间", points="20", target="12月底前", actual="11月"
    )
    evaluation = Evaluation(set="sichuan-dazhou-department", rows={"r": row})
    result = score(evaluation, find(evaluation.set), Context())
    assert result.indicator("r").status is Status.UNFILLED
