"""Forms over several pages and headings over two rows: no amount, row or score is lost or moved."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfeval.exchange.intake.evaluation_form import FormReader, head_pairs
from perfeval.exchange.intake.grids import Grid
from perfeval.exchange.intake.reading import plan, read
from perfeval.exchange.intake.seen import Form
from perfeval.exchange.workbook import export_workbook
from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.session.files import loads
from perfeval.session.starting import with_starter_rows

HEAD = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"]
FIRST = ["产出指标", "数量指标", "养护里程", "≥100公里", "100公里", "45", "45"]
SECOND = ["", "", "养护桥梁", "≥2座", "2座", "45", "45"]
FUNDS = ["", "年初预算数", "全年预算数（A）", "全年执行数（B）", "分值", "执行率（B/A）", "得分"]
AMOUNTS = ["年度资金总额", "80", "100", "88.53", "10", "88.53%", "8.85"]


def _read(*rows: list[str]) -> list[Form]:
    return FormReader(Grid("表", [list(row) for row in rows])).forms()


def _amounts(form: Form) -> dict[str, str]:
    return {name: cell.raw for name, cell in form.funds[0].cells.items()}


@pytest.mark.parametrize(
    "heading",
    [
        [FUNDS],
        [
            ["", "年初", "全年", "全年", "分值", "执行率", "得分"],
            ["", "预算数", "预算数（A）", "执行数（B）", "", "（B/A）", ""],
        ],
        [
            ["", "资金情况", "", "", "分值", "执行率", "得分"],
            ["", "年初预算数", "全年预算数", "全年执行数", "", "", ""],
        ],
        [
            ["", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
            ["", "", "（A）", "（B）", "", "（B/A）", ""],
        ],
    ],
)
def test_a_heading_may_stand_in_two_rows(heading: list[list[str]]) -> None:
    # 年初 80 read as 全年预算数 would make 执行率 110.66%
    (form,) = _read(*heading, AMOUNTS)
    assert _amounts(form) == {
        **{"initial": "80", "budget": "100", "executed": "88.53"},
        **{"points": "10", "rate": "88.53%", "score": "8.85"},
    }


def test_the_labels_of_indicators_may_stand_in_two_rows() -> None:
    upper = ["一级", "二级", "三级", "年度", "实际", "分值", "得分"]
    lower = ["指标", "指标", "指标", "指标值", "完成值", "", ""]
    (form,) = _read(upper, lower, FIRST, SECOND)
    assert [row.name.raw for row in form.rows] == ["养护里程", "养护桥梁"]
    assert form.rows[0].cells["target"].raw == "≥100公里"
    assert form.rows[1].l2.raw == "数量指标"


@pytest.mark.parametrize(
    "title", [[], [["项目支出绩效自评表（续）"]], [["项目支出绩效自评表 续表"]]]
)
def test_a_table_goes_on_under_the_labels_of_its_next_page(title: list[list[str]]) -> None:
    (form,) = _read(
        ["项目支出绩效自评表"], ["项目名称", "道路养护"], FUNDS, AMOUNTS, HEAD, FIRST, *title, HEAD,
        SECOND, ["总分", "", "", "", "", "100", "98.85"],
    )  # fmt: skip
    assert [(row.l1.raw, row.l2.raw) for row in form.rows] == [("产出指标", "数量指标")] * 2
    assert form.total["score"].raw == "98.85"


def test_another_form_below_begins_anew() -> None:
    one = [["项目支出绩效自评表"], ["项目名称", "道路养护"], HEAD, FIRST]
    last = ["总分", "", "", "", "", "100", "90"]
    first, second = _read(*one, last, *one[:1], ["项目名称", "桥梁"], HEAD, SECOND, last)
    assert (first.heads["name"].raw, second.heads["name"].raw) == ("道路养护", "桥梁")
    assert not second.rows[0].l1


@pytest.mark.parametrize("executed", ["(5.00)", "约88万元", "捌拾捌万元"])
def test_an_amount_nobody_can_read_does_not_hide_its_row(executed: str) -> None:
    (form,) = _read(FUNDS, ["年度资金总额", "80", "100", executed, "10", "88.53%", "8.85"])
    assert _amounts(form)["executed"] == executed
    assert _amounts(form)["budget"] == "100"


def test_the_sum_of_the_points_is_no_score() -> None:
    (form,) = _read(HEAD[:6], FIRST[:6], SECOND[:6], ["总分", "", "", "", "", "100"])
    assert "score" not in form.total
    assert form.total["points"].raw == "100"


@pytest.mark.parametrize(
    ("line", "unit"),
    [
        ("填报单位：某市科协　　单位：万元", "某市科协"),
        ("填报单位：某市科协 填报人：", "某市科协"),
        ("填报单位：某市 科协（二期：筹）", "某市 科协（二期：筹）"),
    ],
)
def test_a_head_ends_before_the_next_label_of_its_line(line: str, unit: str) -> None:
    (form,) = _read(["部门整体自评表"], [line], HEAD, FIRST)
    assert form.heads["unit"].raw == unit


def test_the_unit_of_the_amounts_is_nobodys_name() -> None:
    grid = Grid("汇总", [["填报单位：某局", "", "单位：元"]])
    heads = [(name, cell.raw) for name, cell in head_pairs(grid, 0, grid.filled(0))]
    assert heads == [("unit", "某局"), ("money_unit", "元")]


def test_a_workbook_read_into_a_new_session_leaves_no_row_of_the_set_over(tmp_path: Path) -> None:
    """履职效益（部门自设） becomes the row read for it; 15 points more would never be filled."""
    session = loads(sample_text())
    assert session.department is not None
    path = export_workbook(session, score_session(session, find), tmp_path, find)
    blank = session.department.model_copy(
        update={"rows": {}, "row_order": (), "inputs": {}, "answers": {}}
    )
    new = session.model_copy(
        update={"department": blank, "projects": {}, "project_order": (), "assumed": {}}
    )
    after = plan(with_starter_rows(new, find), read(path), find).applied()
    assert after.department is not None
    assert set(after.department.rows) == set(session.department.rows)
    assert after.department.rows["F1"].name == "推动科技经济深度融合"
    card = score_session(after, find)
    assert card.department is not None
    assert (card.department.total_text, card.department.grade) == ("96.40", "优")
