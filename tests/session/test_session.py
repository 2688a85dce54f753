"""A session: the worked example, the order of projects and rows, the money of a project."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from perfeval.numbers import Exact, FigureState, decimal_text
from perfeval.samples import sample_text
from perfeval.session.files import loads
from perfeval.session.model import Evaluation, Fund, OwnIndicator, Project

SAMPLE = loads(sample_text())


def project(**funds: Fund) -> Project:
    return Project(set="mof-project-2020", name="某项目", funds=funds)


def test_the_worked_example_holds_the_report() -> None:
    assert (SAMPLE.unit.name, SAMPLE.year, SAMPLE.money_unit) == (
        "新乡市科学技术协会",
        2024,
        "万元",
    )
    assert len(list(SAMPLE.ordered_projects())) == 9
    assert len(list(SAMPLE.evaluated_projects())) == 8
    assert SAMPLE.projects["p9"].excluded
    budgets = [p.fund_total("budget", "万元").value for _, p in SAMPLE.evaluated_projects()]
    total = sum((budget for budget in budgets if budget is not None), Exact(0))
    assert decimal_text(total) == "143.55"
    assert SAMPLE.claimed["department/total"] == "97.84"


def test_a_statement_is_a_figure_or_blank() -> None:
    spending = SAMPLE.statement("决算支出")
    assert spending.value is not None
    assert decimal_text(spending.value) == "741.64"
    assert SAMPLE.statement("没有的").state is FigureState.BLANK


@pytest.mark.parametrize(
    ("funds", "budget"),
    [
        ({}, None),
        ({"a": Fund(budget="")}, None),
        ({"a": Fund(budget="0")}, "0"),
        (
            {"a": Fund(source="财政拨款", budget="30"), "b": Fund(source="其他", budget="2.5")},
            "32.5",
        ),
        # the total row is the total; what stands below it (其中) is not added again
        (
            {
                "a": Fund(source="年度资金总额", budget="30"),
                "b": Fund(source="其中：财政拨款", budget="28"),
            },
            "30",
        ),
        # without a total row 其中 is a part only of a source above it; the first is a source
        (
            {
                "a": Fund(source="其中：当年财政拨款", budget="40"),
                "b": Fund(source="上年结转资金", budget="2.37"),
            },
            "42.37",
        ),
        (
            {
                "a": Fund(source="财政拨款", budget="40"),
                "b": Fund(source="其中：中央补助", budget="30"),
                "c": Fund(source="上年结转资金", budget="2.37"),
            },
            "42.37",
        ),
        (
            {
                "a": Fund(source="其中：财政拨款", budget="40"),
                "b": Fund(source="其中：上年结转", budget="2.37"),
            },
            "42.37",
        ),
        ({"a": Fund(source="本年财政拨款", budget="300000元")}, "30"),
        ({"a": Fund(source="财政拨款", budget="30"), "b": Fund(source="其他", budget="")}, "30"),
    ],
)
def test_the_money_of_a_project(funds: dict[str, Fund], budget: str | None) -> None:
    total = project(**funds).fund_total("budget", "万元").value
    assert (None if total is None else decimal_text(total)) == budget


def test_money_that_cannot_be_read_says_why() -> None:
    total = project(a=Fund(budget="三十万")).fund_total("budget", "万元")
    assert total.state is FigureState.UNREADABLE
    assert "三十万" in total.problem


def test_rows_stand_in_the_units_order_and_new_ones_last() -> None:
    rows = {key: OwnIndicator(group="满意度", name=key) for key in ("乙", "甲", "丙")}
    evaluation = Evaluation(set="x", rows=rows, row_order=("丙", "乙"))
    assert [key for key, _ in evaluation.rows_of("满意度")] == ["丙", "乙", "甲"]
    assert list(evaluation.rows_of("其他")) == []


@pytest.mark.parametrize("name", ["", "含 空格", "a/b", "x" * 61, "换\n行"])
def test_a_name_that_cannot_stand_in_a_path(name: str) -> None:
    with pytest.raises(ValidationError):
        Evaluation(set="x", rows={name: OwnIndicator(group="满意度")})
