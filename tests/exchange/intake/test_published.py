"""Published forms, laid out as they were, read value by value and judged as they deserve."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

from perfeval.checks import Level
from perfeval.exchange.intake.labels import indicator_name
from perfeval.indicators.target import target
from perfeval.numbers import Exact, exact, figure
from perfeval.session.model import Evaluation, OwnIndicator, Project


def number(text: str | None) -> Exact | None:
    return None if text is None else exact(text)


def value_of(text: str) -> Exact | None:
    """Return the written number: 95 of ``95%``."""
    read = figure(text)
    return read.value * 100 if read.value is not None and read.unit == "%" else read.value


def evaluation_of(office: Any, name: str) -> tuple[Any, Evaluation]:
    handed = office.handed(office.laid_out(office.cases()[name]))
    session = handed.session
    return handed, session.department or next(iter(session.projects.values()))


def filled(rows: list[list[Any]]) -> list[list[Any]]:
    """Return the rows that hold an indicator; ``指标1:/`` is one of the blank form."""
    return [row for row in rows if not re.fullmatch(r"指标\d?[:：]?/?", row[2])]


def test_every_row_of_a_form_is_read_with_its_values(office: Any, published_form: str) -> None:
    case = office.cases()[published_form]
    _, evaluation = evaluation_of(office, published_form)
    wanted = filled(case["rows"])
    rows = [evaluation.rows[key] for key in evaluation.row_order]
    if not case.get("formula_rows") or case["layout"] == "columns":
        assert [row.name for row in rows] == [indicator_name(row[2]) for row in wanted]
    for row, published in zip(rows, wanted, strict=False):
        same_row(row, published, points=case["layout"] != "no points")


def same_row(row: OwnIndicator, published: list[Any], *, points: bool) -> None:
    goal, done, full, _ = published[8]
    if goal is not None and not re.search("[年月]", published[3]):
        read = target(row.target, row.unit)
        assert read.value is not None
        percent = read.unit in ("%", "百分比")
        assert read.value * (100 if percent else 1) == number(goal), row.target
    elif published[3]:
        assert row.target == published[3]
    if done is not None and not re.search("[年月]", published[4]):
        assert value_of(row.actual) == number(done)
    elif published[4]:
        assert row.actual == published[4]
    if points:
        assert figure(row.points).value == number(full)


def test_every_score_goes_beside_the_answers_never_in_their_place(
    office: Any, published_form: str
) -> None:
    case = office.cases()[published_form]
    handed, evaluation = evaluation_of(office, published_form)
    base = "department" if handed.session.department else "projects/p1"
    claimed = handed.session.claimed
    for key, published in zip(evaluation.row_order, filled(case["rows"]), strict=False):
        score = published[8][3]
        printed = claimed.get(f"{base}/rows/{key}/score")
        assert (printed is None) == (score is None)
        if printed is not None:
            assert figure(printed).value == number(score)
        assert evaluation.rows[key].manual_score == ""
    if total := (case.get("total") or {}).get("score"):
        path = f"{base}/total" if base == "department" else f"{base}/score"
        assert figure(claimed[path]).value == number(total)


@pytest.mark.parametrize("name", ["cq_gaoxin_rongmeiti", "hn_yuhua_fgj"])
def test_every_indicator_of_a_departments_formulas_is_read_with_its_values(
    office: Any, name: str
) -> None:
    """A department's form may say no more than 得分系数 × 权重, or only 分值 and 得分."""
    published = office.cases()[name]["formula_rows"]
    handed, evaluation = evaluation_of(office, name)
    claimed = handed.session.claimed
    rows = [(key, evaluation.rows[key]) for key in evaluation.row_order]
    assert [row.name for _, row in rows] == [one[0] for one in published]
    for (key, row), (_, goal, done, rate, points, score, *_) in zip(rows, published, strict=True):
        path = f"department/rows/{key}"
        assert row.points == points
        assert row.target.removeprefix("≤") == (goal or "")  # ≤ is assumed of a 控制率
        assert row.actual == (done or "")
        assert claimed.get(f"{path}/score") == score
        assert claimed.get(f"{path}/rate") == rate


def test_the_money_and_its_rate_are_read(office: Any, published_form: str) -> None:
    case = office.cases()[published_form]
    handed, evaluation = evaluation_of(office, published_form)
    if not isinstance(evaluation, Project):
        return
    assert handed.session.money_unit == case["money_unit"]
    funds = [evaluation.funds[key] for key in sorted(evaluation.funds, reverse=True)]
    assert len(funds) == len(case["funds"])
    for fund, published in zip(funds, case["funds"], strict=True):
        values = published[7]
        for column, wanted in zip(("initial", "budget", "executed"), values[:3], strict=True):
            assert figure(getattr(fund, column)).value == number(wanted)
    rate, score = case["funds"][0][7][4:6]
    claimed = handed.session.claimed
    assert ("projects/p1/execution_rate" in claimed) == (rate is not None)
    if rate is not None:
        printed = figure(claimed["projects/p1/execution_rate"]).in_unit("%").value
        assert printed == exact(rate) / 100
    if score is not None:
        assert figure(claimed["projects/p1/answers/P0/score"]).value == number(score)


FOUND_BY = {
    "FUND_TOTAL_NOT_SUM": "L17",
    "EXEC_RATE_WRONG": "L06",  # 全年预算数 is printed as 0: no rate at all
    "EXEC_SCORE_WRONG": "L05 L06",
    "RATE_BLANK": "L05",
    "RATE_COARSE": "L05",
    "WEIGHTS_NE_100": "L01",
    "TOTAL_NE_SUM": "L07",
    "SCORE_NOT_LINEAR": "L04",
    "FULL_MARKS_BELOW_TARGET": "L04",
    "DEDUCT_THOUGH_MET": "L04",
    "EXEC_OVER_BUDGET": "L38",
    "ACTUAL_BLANK_FULL_MARKS": "L19",
}
"""What each error of a published document is found as."""
NOT_IN_THE_TABLE = {"NARRATIVE_SUM", "UNIT_MIX", "SUBROW_ZERO"}
"""Errors in running text, or that take another document or a part cut off to see."""


def test_published_errors_of_arithmetic_are_found(office: Any, published_form: str) -> None:
    case = office.cases()[published_form]
    handed, _ = evaluation_of(office, published_form)
    found = {one.id for line in handed.findings for one in (line.members or (line,))}
    for code, severity, confidence in case["errata"]:
        if severity in ("arithmetic", "rounding") and code not in NOT_IN_THE_TABLE:
            if confidence.startswith("low"):
                continue  # the page is cut there
            assert found & set(FOUND_BY[code].split()), f"{code}: {sorted(found)}"
        elif code in FOUND_BY:
            assert found & set(FOUND_BY[code].split()), f"{code}: {sorted(found)}"


@pytest.mark.parametrize(
    ("case_name", "silent"),
    [
        ("sh_putuo_tyzx_yuandian", {"L05"}),  # 9034 ÷ 20000 is 45.17 %, 4.52 of 10
        ("yn_changning_gxs_changlong", {"L05", "L04", "L01"}),  # 20 means 20 %, 4 of 20
        ("hi_swt_fuwumaoyi", {"L01", "L05"}),  # 决策 20, 管理 25 add up
        ("heb_langfang_spxx_nuantong", {"L01", "L07"}),
        ("fj_ningde_dizhen", {"L04", "L05", "L38"}),
    ],
)
def test_what_holds_is_not_accused(office: Any, case_name: str, silent: set[str]) -> None:
    handed, _ = evaluation_of(office, case_name)
    errors = {one.id for one in handed.findings if one.level is Level.ERROR}
    assert not errors & silent


def test_a_control_rate_without_a_sign_is_not_accused_of_being_low(office: Any) -> None:
    """财政供养人员控制率: 92 % against 100 % is good; 采购执行率 72.74 % against 100 % is not."""
    handed, _ = evaluation_of(office, "cq_gaoxin_rongmeiti")
    wrong = [one.message for one in handed.findings if one.id == "L04"]
    assert len(wrong) == 1
    assert "政府采购执行率" in wrong[0]
    assert "1.45" in wrong[0]


@pytest.mark.parametrize(
    ("case_name", "row", "rule"),
    [
        ("heb_langfang_spxx_nuantong", "工程资金金额", "按完成比例，取整分四舍五入"),
        ("heb_langfang_spxx_nuantong", "预算执行率", "执行率×分值，取整分四舍五入"),
        ("sh_putuo_tyzx_yuandian", "预算执行率", "执行率×分值，两位小数四舍五入"),
        ("yn_changning_gxs_changlong", "预算执行率", "执行率×分值"),
        ("ah_jinzhai_chagu", "验收通过率", "达到指标值，满分"),
        ("yn_gucheng_weipian", "项目验收合格率", ""),
    ],
)
def test_which_rule_made_a_score_is_reported(
    office: Any, case_name: str, row: str, rule: str
) -> None:
    handed, _ = evaluation_of(office, case_name)
    claim = next(one for one in handed.claims if one.name == row)
    assert (claim.rules[0] if claim.rules else "") == rule


def test_fujian_columns_give_the_department_its_inputs(office: Any) -> None:
    handed, evaluation = evaluation_of(office, "fj_ningde_dizhen")
    inputs = {name: figure(one.value).value for name, one in evaluation.inputs.items()}
    assert inputs == {"全年预算数": Fraction("188.61"), "全年执行数": Fraction("188.45")}
    assert handed.session.statements["年初预算数"].value == "130.54"
    assert handed.session.claimed["department/answers/P0/actual"] == "99.92"


@pytest.mark.parametrize(
    ("case_name", "counts", "money"),
    [("gd_jianghai", {"优良(80分以上)": "4", "中(70-80分)": "3"}, "2298"), ("hb_jiangxia", {}, "")],
)
def test_tables_that_only_count_projects_become_named_figures(
    office: Any, case_name: str, counts: dict[str, str], money: str
) -> None:
    case = office.cases()[case_name]
    rows = [[one[0], one[1], *(one[2:] or [None])] for one in case["rows"]]
    total = ["合计", case["totals"].get("count"), None, case["totals"]["amount"]]
    head = ["自评等级", "项目个数", "占比", f"涉及资金（{case['money_unit']}）"]
    title = [f"{case['year']}年度绩效自评情况统计表"]
    handed = office.handed(office.workbook([title, head, *rows, total]))
    stated = {name: one.value for name, one in handed.session.statements.items()}
    for label, count in counts.items():
        assert stated[f"{label}项目数"] == count
    unit = "" if case["money_unit"] == "万元" else case["money_unit"]
    assert stated["自评资金"] == f"{case['totals']['amount']}{unit}"
    if money:
        assert stated["自评资金"] == money
        assert stated["自评项目数"] == "7"
