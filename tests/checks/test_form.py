"""The form: reasons, levels, readable figures, units, what is still empty
(L08, L10, L11, L29, L37).
"""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.checks import Level
from perfeval.scoring.engine import score_session

ROWS = "projects/a/rows"


def test_points_lost_without_a_reason(audit: Any) -> None:
    finding = audit.one({f"{ROWS}/n/actual": "8场"}, "L08")
    assert (finding.level, finding.path) == (Level.ERROR, f"{ROWS}/n/deviation_reason")
    assert "得 16 分，分值 20" in finding.message


@pytest.mark.parametrize("path", [f"{ROWS}/n/deviation_reason", f"{ROWS}/n/basis"])
def test_points_lost_with_a_reason(audit: Any, path: str) -> None:
    assert audit({f"{ROWS}/n/actual": "8场", path: "疫情取消两场"}, "L08") == []


def test_full_marks_need_no_reason(audit: Any) -> None:
    assert audit({"claimed": {f"{ROWS}/n/score": "20"}}, "L08") == []


def test_points_lost_only_by_a_guessed_rule(audit: Any) -> None:
    audit.small = audit.small.replace(
        "evidence: {rule: PUBLISHED}\ntiers", "evidence: {rule: PROPOSED}\ntiers"
    )
    finding = audit.one({"department/rows/n/actual": "40场"}, "L08")
    assert (finding.level, finding.assumption) == (Level.NOTICE, "计分规则为拟定")


def test_the_reason_for_unspent_money_is_asked_once(audit: Any) -> None:
    edits = {"projects/a/funds/total/executed": "90"}
    assert [one.id for one in audit(edits) if one.path.endswith("deviation_reason")] == ["L13"]
    edits = {"projects/a/funds/total/executed": "97"}
    assert [one.id for one in audit(edits) if one.path.endswith("deviation_reason")] == ["L08"]


QUALITATIVE = {
    "group": "数量指标",
    "name": "活动效果",
    "points": "60",
    "target": "效果明显",
    "qualitative": True,
    "level": "中",
    "basis": "专家评分",
}


@pytest.mark.parametrize(
    ("score", "told"), [("50", True), ("48", True), ("47.9", False), ("36", False)]
)
def test_a_score_outside_the_chosen_level(audit: Any, score: str, told: bool) -> None:
    found = audit({"department/rows/n": QUALITATIVE | {"level_score": score}}, "L10")
    assert [(one.level, one.expected) for one in found] == [(Level.ERROR, "36–48")] * told


def test_full_marks_are_inside_the_best_level(audit: Any) -> None:
    best = QUALITATIVE | {"level": "好", "level_score": "60"}
    assert audit({"department/rows/n": best}, "L10") == []


@pytest.mark.parametrize(
    ("actual", "level", "cure"),
    [
        ("10余场", Level.WARNING, "如按 10 计，请直接填 10"),
        ("约10场", Level.WARNING, "如按 10 计，请直接填 10"),
        ("已完成", Level.WARNING, "如指已达到年度指标值，请填 10场"),
        ("全部达标情况良好", Level.ERROR, "请填数字"),
        ("12a3", Level.ERROR, "请填数字"),
        ("12月底前", Level.WARNING, "这是日期"),
        ("不适用", Level.NOTICE, "请在“不适用”处填写理由"),
    ],
)
def test_an_actual_that_is_no_number(audit: Any, actual: str, level: Level, cure: str) -> None:
    finding = audit.one({f"{ROWS}/n/actual": actual}, "L11")
    assert (finding.level, finding.path) == (level, f"{ROWS}/n/actual")
    assert cure in finding.message


@pytest.mark.parametrize(
    ("row", "actual"), [("n", "10场"), ("n", "１０"), ("t", "11月30日"), ("t", "11月底前")]
)
def test_an_actual_that_can_be_read(audit: Any, row: str, actual: str) -> None:
    assert audit({f"{ROWS}/{row}/actual": actual}, "L11", "L29") == []


def test_a_percentage_in_a_score_column(audit: Any) -> None:
    finding = audit.one({"claimed": {"projects/a/score": "100%"}}, "L29")
    assert (finding.level, finding.claimed, finding.expected) == (Level.ERROR, "100%", "100")
    assert audit({"claimed": {"projects/a/score": "100"}}, "L29") == []


def test_a_percentage_in_a_score_column_is_read_as_points(audit: Any) -> None:
    # wrong in form, right in number: one finding, not two
    found = audit({"claimed": {"projects/a/score": "100%"}})
    assert [one.id for one in found] == ["L29"]


def test_a_rate_without_its_sign(audit: Any) -> None:
    finding = audit.one({"claimed": {"projects/a/execution_rate": "100"}}, "L29")
    assert (finding.level, finding.expected) == (Level.NOTICE, "100%")


@pytest.mark.parametrize(
    ("text", "level"),
    [("八百万", Level.ERROR), ("7,00.0,77", Level.ERROR), ("约800", Level.WARNING)],
)
def test_an_input_that_cannot_be_read(audit: Any, text: str, level: Level) -> None:
    finding = audit.one({"department/inputs/年初预算数/value": text}, "L29")
    assert (finding.level, finding.path, finding.claimed) == (
        level,
        "department/inputs/年初预算数/value",
        text,
    )


def test_a_percentage_where_money_is_asked(audit: Any) -> None:
    finding = audit.one({"department/inputs/年初预算数/value": "50%"}, "L29")
    assert finding.level is Level.ERROR
    assert "这里应填万元" in finding.message


def test_a_fund_that_cannot_be_read_is_told_once_at_its_cell(audit: Any) -> None:
    found = audit({"projects/a/funds/total/budget": "一百"}, "L29")
    assert [one.path for one in found] == ["projects/a/funds/total/budget"]


def test_an_actual_in_the_wrong_unit(audit: Any) -> None:
    finding = audit.one({f"{ROWS}/c/actual": "9场"}, "L29")
    assert (finding.path, finding.claimed) == (f"{ROWS}/c/actual", "9场")


def test_money_in_yuan_beside_money_in_ten_thousands(audit: Any) -> None:
    # “2.46元” for 2.46万元 beside a budget of 2.6
    text = """
id: h
unit: {name: 某局}
year: 2024
department:
  set: henan-department-2024
  inputs: {“三公”经费实际支出数: 2.46%s, “三公”经费预算数: 2.6}
"""
    (finding,) = [one for one in audit.text(text % "元") if one.id == "L29"]
    assert finding.level is Level.WARNING
    assert "是否应为 2.46万元" in finding.message
    assert [one for one in audit.text(text % "万元") if one.id == "L29"] == []


def test_what_the_unit_has_not_filled_in(audit: Any) -> None:
    finding = audit.one({"unit/phone": "", "unit/head": ""}, "L37")
    assert (finding.level, finding.paths) == (Level.NOTICE, ("unit/phone", "unit/head"))


def test_a_project_without_a_goal_and_a_row_without_an_actual(audit: Any) -> None:
    found = audit({"projects/a/goal": "", f"{ROWS}/n/actual": ""}, "L37")
    assert [one.path for one in found] == ["projects/a/goal", f"{ROWS}/n"]


def test_a_manual_score_without_a_reason(audit: Any) -> None:
    finding = audit.one({f"{ROWS}/n/manual_score": "20"}, "L08")
    assert (finding.level, finding.path) == (Level.WARNING, f"{ROWS}/n/manual_reason")
    edits = {f"{ROWS}/n/manual_score": "20", f"{ROWS}/n/manual_reason": "按上级核定"}
    assert audit(edits, "L08") == []


def test_a_project_explains_its_rates_in_one_place(audit: Any) -> None:
    rates = {"产出指标": "91.90%", "效益指标": "83.33%", "满意度指标": "100%"}
    edits = {
        ROWS: {},
        "projects/a/tier_rates": rates,
        "projects/a/funds/total/executed": "88.67",
    }
    finding = audit.one(edits, "L08")
    assert finding.path == "projects/a/deviation_reason"
    assert "产出指标得分率 91.90%、效益指标得分率 83.33%" in finding.message
    assert audit(edits | {"projects/a/deviation_reason": "2025年6月结项"}, "L08") == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("department/inputs/全年预算数/value", "八百三十八"),
        ("department/inputs/全年执行数/value", "829.72%"),
        ("department/answers/X1/manual_score", "九分"),
        ("department/answers/X1/manual_score", "11"),
        ("department/rows/n/points", "六十"),
        ("department/rows/n/actual", "许多场"),
        ("department/rows/n/actual", "9万元"),
        ("department/rows/s/numerator", "九十五人次以上"),
        ("department/rows/s/denominator", "百人"),
        ("projects/a/tier_rates", {"产出指标": "优"}),
        ("projects/a/weight_scheme", "none"),
        ("projects/a/funds/total/executed", "全部"),
    ],
)
def test_whatever_the_engine_cannot_read_is_told_at_its_place(
    audit: Any, path: str, text: Any
) -> None:
    session = audit.put({path: text})
    problems = [
        place
        for _, result in score_session(session, audit.find).results
        for place, _ in result.problems
    ]
    told = {place for finding in audit.of(session) for place in finding.paths}
    assert problems
    # A project's money stands in its 资金 table, not among inputs.
    assert {
        place.replace("inputs/全年执行数/value", "funds/total/executed")
        if place.startswith("projects/")
        else place
        for place in problems
    } <= told


# --- a wrong unit, a rate without its % --------------------------------------------------------


def test_people_are_no_money(audit: Any) -> None:
    finding = audit.one({"department/inputs/全年执行数/value": "829.72人"}, "L29", "L33")
    assert (finding.id, finding.level) == ("L29", Level.ERROR)
    assert "“829.72人”的单位是人，这里应填万元" in finding.message


@pytest.mark.parametrize("counted", ["2项", "2个", "2件"])
def test_a_bare_count_of_purchases_is_another_matter(audit: Any, counted: str) -> None:
    finding = audit.one({"department/inputs/全年执行数/value": counted}, "L29", "L33")
    assert (finding.id, finding.level) == ("L33", Level.WARNING)


ASKED = ("L04", "L05", "L07", "L08", "L13", "L28", "L29")


@pytest.mark.parametrize(
    ("typed", "read", "meant"), [("0.92", "0.92%", "92%"), ("1", "1%", "100%")]
)
def test_a_rate_typed_without_its_percent(audit: Any, typed: str, read: str, meant: str) -> None:
    edits = {f"{ROWS}/b/actual": typed, "claimed": {f"{ROWS}/b/score": "30"}}
    finding = audit.one(edits, *ASKED)
    assert (finding.id, finding.level, finding.claimed) == ("L29", Level.WARNING, typed)
    assert f"完成值填 {typed}，按 {read} 计。如为 {meant} 请写 {meant}" in finding.message


@pytest.mark.parametrize("typed", ["0.92%", "92", "92%", "1.5", "0"])
def test_a_rate_that_says_what_it_is(audit: Any, typed: str) -> None:
    assert audit({f"{ROWS}/b/actual": typed}, "L29") == []


def test_a_tier_rate_and_a_target_without_percent(audit: Any) -> None:
    rates = {"产出指标": "1", "效益指标": "100%", "满意度指标": "100%"}
    edits = {"projects/a/rows": {}, "projects/a/tier_rates": rates}
    claimed = {"claimed": {"projects/a/score": "100"}}
    found = [one for one in audit(edits | claimed, *ASKED) if one.level is not Level.NOTICE]
    assert [(one.id, one.path) for one in found] == [("L29", "projects/a/tier_rates/产出指标")]
    assert "得分率填 1，按 1% 计。如为 100% 请写 100%" in found[0].message
    finding = audit.one({f"{ROWS}/b/target": "≥0.9"}, "L29")
    assert "年度指标值填 ≥0.9，按 0.9% 计。如为 90% 请写 90%" in finding.message


def test_a_small_share_under_an_upper_limit_is_only_mentioned(audit: Any) -> None:
    edits = {f"{ROWS}/b/target": "≤5%", f"{ROWS}/b/actual": "0.5"}
    assert audit.one(edits, "L29").level is Level.NOTICE


def test_a_printed_rate_without_its_percent_is_read_both_ways(audit: Any) -> None:
    claimed = {"claimed": {f"{ROWS}/b/actual": "0.92"}}
    assert audit({**claimed}, "L04") == []
    assert "比率“0.92”没有写 %。如为 92.00% 请写全" in audit.one(claimed, "L29").message
    assert audit({"claimed": {f"{ROWS}/b/actual": "0.52"}}, "L04") != []


# --- a 定性 level inside another rule ------------------------------------------------------------

PLAIN_LEVELS = """    qualitative:
      type: qualitative_levels
      levels:
        - {name: 好, min: 0.8, max: 1}
        - {name: 中, min: 0.6, max: 0.8}
        - {name: 差, min: 0, max: 0.6}
"""
NESTED = """    qualitative:
      type: {outer}
      {rest}
      {inner}:
        type: qualitative_levels
        levels:
          - {{name: 好, min: 0.8, max: 1}}
          - {{name: 中, min: 0.6, max: 0.8}}
          - {{name: 差, min: 0, max: 0.6}}
"""


VETO = {"outer": "veto_zero", "inner": "rule", "rest": "veto: [违规]"}
MIXED = {
    "outer": "mixed_weighted",
    "inner": "qualitative",
    "rest": "share: 0.6\n      quantitative: {type: full_if_at_least}",
}


@pytest.mark.parametrize("nested", [VETO, MIXED], ids=["veto_zero", "mixed_weighted"])
@pytest.mark.parametrize(("score", "told"), [("50", True), ("47", False)])
def test_a_score_outside_a_level_inside_another_rule(
    audit: Any, nested: dict[str, str], score: str, told: bool
) -> None:
    assert PLAIN_LEVELS in audit.small
    audit.small = audit.small.replace(PLAIN_LEVELS, NESTED.format(**nested))
    row = QUALITATIVE | {"level_score": score, "elements": {"违规": False}}
    found = audit({"department/rows/n": row}, "L10")
    assert [(one.level, one.expected) for one in found] == [(Level.ERROR, "36–48")] * told
