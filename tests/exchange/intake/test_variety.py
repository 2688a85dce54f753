"""Each habit a reader must live with: one small table, and what is read out of it."""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.exchange.intake.grids import number_text
from perfeval.exchange.intake.ledger import Verdict
from perfeval.exchange.intake.reading import NothingFound
from perfeval.numbers import figure
from perfeval.session.model import OwnIndicator, Project

HEAD = [["项目支出绩效自评表"], ["（2023年度）"], ["项目名称", "办公楼维修"]]
FUNDS = ["项目资金（万元）", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"]
TABLE = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"]


def project(office: Any, *rows: list[Any], head: list[list[Any]] | None = None) -> Project:
    handed = office.handed(office.workbook([*(head or HEAD), *rows]))
    found: Project = next(iter(handed.session.projects.values()))
    return found


def one_row(office: Any, *cells: Any, columns: list[str] | None = None) -> OwnIndicator:
    found = project(office, columns or TABLE, ["产出指标", "数量指标", "活动场次", *cells])
    return next(iter(found.rows.values()))


@pytest.mark.parametrize(
    ("written", "kept", "meant"),
    [
        ("215,457.6", "215,457.6", "215457.6"),
        (215457.6, "215457.6", "215457.6"),
        ("１２３.５", "123.5", "123.5"),
        ("150万", "150万", "150"),
        ("1.2亿元", "1.2亿元", "12000"),
        (0.0900000762939453, "0.09", "0.09"),
        (37.24, "37.24", "37.24"),
    ],
)
def test_amounts(office: Any, written: Any, kept: str, meant: str) -> None:
    found = project(office, FUNDS, ["年度资金总额", None, written, None, 10, None, None])
    assert found.funds["total"].budget == kept
    read = figure(kept).in_unit("万元").value
    assert read == figure(meant).value


@pytest.mark.parametrize("written", ["7,00.0,77", "285.84?", "12a3"])
def test_an_amount_that_cannot_be_read_is_refused_with_its_place(office: Any, written: str) -> None:
    rows = [*HEAD, FUNDS, ["年度资金总额", 5, written, 4, 10, "80%", 8]]
    handed = office.handed(office.workbook(rows))
    refused = [one for one in handed.ledgers[0].entries if one.verdict is Verdict.REFUSED]
    assert [(one.place, one.raw) for one in refused] == [("表1!C5", written)]
    assert refused[0].path == "projects/p1/funds/total/budget"
    assert refused[0].reason


@pytest.mark.parametrize(
    ("unit", "kept"), [("元", "20000"), ("万元", "20000"), ("亿元", "20000亿元")]
)
def test_the_unit_of_a_form_is_the_unit_of_its_money(office: Any, unit: str, kept: str) -> None:
    head = ["项目资金（" + unit + "）", *FUNDS[1:]]
    handed = office.handed(office.workbook([*HEAD, head, ["年度资金总额", None, 20000, 9034]]))
    assert handed.session.projects["p1"].funds["total"].budget == kept
    assert handed.session.money_unit == ("元" if unit == "元" else "万元")


def test_a_form_in_yuan_brings_its_unit_into_a_session_in_wan_yuan(office: Any) -> None:
    from perfeval.exchange.intake.reading import plan
    from perfeval.indicators.library import find
    from perfeval.session.files import loads

    session = loads("{id: s, unit: {name: 某局}, year: 2023, money_unit: 万元}")
    head = ["项目资金（元）", *FUNDS[1:]]
    rows = [*HEAD, head, ["年度资金总额", None, "20000.00", "9,034", 10, "45.17%", 4.52]]
    ledger = plan(session, office.reading(office.workbook(rows)), find)
    fund = ledger.applied().projects["p1"].funds["total"]
    assert (fund.budget, fund.executed) == ("20000.00元", "9,034元")


@pytest.mark.parametrize(
    ("executed", "written", "format", "claimed"),
    [
        (100, "100%", "", "100%"),
        (99.97, "99.97", "", "99.97"),
        (20, "20", "", "20"),  # without a percent sign, and meant so: 20 ÷ 100
        (100, 1, "", "100%"),
        (20, 0.2, "", "20%"),
        (88.67, 0.88674, "0.00%", "88.67%"),
        (86.2, 0.862, "0%", "86%"),  # what is shown is what was published
        (1, 1, "", "1"),  # 1 ÷ 100 is 1 %
        (102.59, "102.59%", "", "102.59%"),
    ],
)
def test_rates(office: Any, executed: float, written: Any, format: str, claimed: str) -> None:
    book, page = office.sheet()
    for row in [*HEAD, FUNDS, ["年度资金总额", None, 100, executed, 10, written, 9]]:
        page.append(row)
    if format:
        page["F5"].number_format = format
    handed = office.handed(office.saved(book))
    assert handed.session.claimed["projects/p1/execution_rate"] == claimed


@pytest.mark.parametrize(
    ("written", "format", "kept"),
    [
        (0.95, "0%", "95%"),
        (0.9567, "0%", "95.67%"),  # an answer keeps all its digits
        ("≧95%", "", "≧95%"),
        ("98%以上", "", "98%以上"),
        ("12月底前", "", "12月底前"),
        ("10-20场", "", "10-20场"),
        (1600, "", "1600"),
        ("效果明显", "", "效果明显"),
    ],
)
def test_targets(office: Any, written: Any, format: str, kept: str) -> None:
    book, page = office.sheet()
    for row in [*HEAD, TABLE, ["产出指标", "数量指标", "指标", written, "已完成", 10, 10]]:
        page.append(row)
    if format:
        page["D5"].number_format = format
    handed = office.handed(office.saved(book))
    kept_row = next(iter(handed.session.projects["p1"].rows.values()))
    assert kept_row.target == kept


def test_operator_value_and_unit_in_three_cells(office: Any) -> None:
    columns = [*TABLE[:3], "计算符号", "年度指标值", "计量单位", *TABLE[4:]]
    row = one_row(office, "≥", 50, "场", 52, 10, 10, columns=columns)
    assert (row.target, row.unit, row.actual) == ("≥50场", "场", "52")


def test_blank_slash_dash_zero_and_not_applicable_differ(office: Any) -> None:
    rows = [
        ["产出指标", "数量指标", "甲", "≥1个", None, 10, None],
        [None, None, "乙", "≥1个", "/", 10, "—"],
        [None, None, "丙", "≥1个", 0, 10, 0],
        [None, None, "丁", "≥1个", "不适用", 10, "不适用"],
    ]
    handed = office.handed(office.workbook([*HEAD, TABLE, *rows]))
    found = handed.session.projects["p1"].rows
    assert [found[key].actual for key in ("r1", "r2", "r3", "r4")] == ["", "", "0", "不适用"]
    claimed = {path for path in handed.session.claimed if path.endswith("score")}
    assert claimed == {"projects/p1/rows/r3/score"}


def test_rows_of_the_blank_form_are_ignored_with_the_reason(office: Any) -> None:
    rows = [
        ["产出指标", "数量指标", "指标1：培训人次", "≥100人次", "120人次", 10, 10],
        [None, None, "指标2：", None, None, None, None],
        [None, None, "……", None, None, None, None],
        [None, "质量指标", "指标1：", "/", "/", "/", "/"],
    ]
    handed = office.handed(office.workbook([*HEAD, TABLE, *rows]))
    assert [row.name for row in handed.session.projects["p1"].rows.values()] == ["培训人次"]
    told = {one.raw: one.reason for one in handed.ledgers[0].entries if "模板" in one.reason}
    assert {"指标2：", "……", "指标1："} <= set(told)


def test_sources_under_the_total_are_kept_and_not_scored(office: Any) -> None:
    found = project(
        office,
        FUNDS,
        ["年度资金总额", 100, 110, 90, 10, "81.82%", 8.18],
        ["其中：当年财政拨款", 100, 100, 85, "—", "85%", "—"],
        ["上年结转资金", 0, 10, 5, "—", "50%", "—"],
    )
    assert [fund.source for fund in found.funds.values()] == [
        "年度资金总额",
        "其中：当年财政拨款",
        "上年结转资金",
    ]
    assert figure(found.funds["f3"].budget).value == 10


def test_traditional_and_spaced_labels_and_swapped_columns(office: Any) -> None:
    head = [["專案支出績效自評表"], ["項 目\n名 稱：", "辦公樓維修"]]
    columns = ["一級指標", "二級指標", "三級指標", "得 分", "分　值", "實際完成值", "年度指標值"]
    row = ["產出指標", "數量指標", "活動場次", 9, 10, 9, "≥10場"]
    found = project(office, columns, row, head=head)
    kept = next(iter(found.rows.values()))
    assert (found.name, kept.points, kept.actual, kept.target) == ("辦公樓維修", "10", "9", "≥10場")


def test_merged_cells_that_shift_a_row_are_put_straight(office: Any) -> None:
    book, page = office.sheet()
    columns = ["一级指标", "二级指标", "三级指标", None, "年度指标值", "实际完成值", "分值", "得分"]
    for row in [*HEAD, columns, ["产出指标", "数量指标", "场次", None, "≥5场", "6场", 10, 10]]:
        page.append(row)
    # The name of this row takes one column only, its target two.
    page.append([None, None, "人次", "≥90人", None, "95人", 10, 10])
    page.merge_cells("C4:D4")
    page.merge_cells("C5:D5")
    page.merge_cells("D6:E6")
    handed = office.handed(office.saved(book))
    row = handed.session.projects["p1"].rows["r2"]
    assert (row.name, row.target, row.actual, row.points) == ("人次", "≥90人", "95人", "10")


def test_several_forms_on_one_sheet_and_several_sheets(office: Any) -> None:
    def form(name: str) -> list[list[Any]]:
        return [
            ["项目支出绩效自评表"],
            ["项目名称", name],
            TABLE,
            ["产出指标", "数量指标", "甲", "≥1", 1, 10, 10],
        ]

    handed = office.handed(office.workbook([*form("一"), [], *form("二")], form("三")))
    assert [one.name for one in handed.session.projects.values()] == ["一", "二", "三"]


def test_review_scores_beside_self_scores_are_left_alone(office: Any) -> None:
    columns = [*TABLE, "复核得分"]
    handed = office.handed(
        office.workbook([*HEAD, columns, ["产出指标", "数量指标", "甲", "≥10", 9, 10, 10, 9]])
    )
    assert handed.session.claimed["projects/p1/rows/r1/score"] == "10"
    told = [one.reason for one in handed.ledgers[0].entries if one.address == "H5"]
    assert told == ["复核分，由复核人在复核中填写，不随自评表导入"]


def test_a_form_without_points_is_scored_by_its_scores_never_accused(office: Any) -> None:
    columns = [*TABLE[:5], "得分"]
    rows = [
        ["年度财政资金总额", None, 50, 10, 20, "20", 4],
        columns,
        ["产出指标", "数量指标", "圈舍", 180, 180, 80],
        ["总分", None, None, None, None, 84],
    ]
    handed = office.handed(office.workbook([*HEAD, FUNDS, *rows]))
    assert not [one.message for one in handed.findings if one.id in ("L01", "L03", "L04", "L07")]


def test_a_table_that_is_none_of_ours_says_what_was_looked_at(office: Any) -> None:
    with pytest.raises(NothingFound, match=r"没有找到自评表.*看过：通讯录"):
        office.reading(office.workbook(("通讯录", [["姓名", "房间"], ["甲", 301]])))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0900000762939453, "0.09"),
        (0.1 + 0.2, "0.3"),
        (880.0, "880"),
        (0.886666666666667, "0.886666666666667"),
        (1e-7, "0.0000001"),
        (123456789.12, "123456789.12"),
        (float("nan"), ""),
    ],
)
def test_a_number_is_read_as_it_was_typed(value: float, text: str) -> None:
    assert number_text(value) == text
