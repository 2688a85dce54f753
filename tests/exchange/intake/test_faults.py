"""Cells that read as empty and are not, and sheets that are not shown: the ledger says so."""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.exchange.intake.formats import Formats
from perfeval.exchange.intake.ledger import Ledger, Verdict
from perfeval.session.change import join

HEAD: list[list[Any]] = [
    ["项目支出绩效自评表"],
    ["（2023年度）"],
    ["项目名称", "办公楼维修"],
    [
        "项目资金（万元）",
        "年初预算数",
        "全年预算数",
        "全年执行数",
        "分值",
        "执行率\n(B/A)%",
        "得分",
    ],
]
TABLE = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"]
ROW = ["产出指标", "数量指标", "活动场次", "10场"]
FUNDS = ["年度资金总额", 100, 100, 88.53, 10]


def ledger_of(office: Any, *rows: list[Any], hidden: bool = False) -> Ledger:
    """Return the ledger of a form; ``=`` and ``#`` begin what openpyxl writes without a value."""
    book, page = office.sheet()
    page.title = "表1"
    for row in [*HEAD, *rows]:
        page.append(row)
    if hidden:
        page.sheet_state = "hidden"
        book.create_sheet("说明")
        book.active = 1
    made: Ledger = office.handed(office.saved(book)).ledgers[0]
    return made


def refused(ledger: Ledger) -> list[tuple[str, str]]:
    return [(one.place, one.raw) for one in ledger.told if one.verdict is Verdict.REFUSED]


def test_errors_and_formulas_without_a_result_are_refused_where_they_stand(office: Any) -> None:
    ledger = ledger_of(
        office,
        [*FUNDS, "#DIV/0!", "=F5*10"],
        TABLE,
        [*ROW, "#N/A", 50, 50],
    )
    assert refused(ledger) == [("表1!F5", "#DIV/0!"), ("表1!G5", "=F5*10"), ("表1!E7", "#N/A")]
    why = {one.address: one.reason for one in ledger.told if one.verdict is Verdict.REFUSED}
    assert why["F5"] == "公式出错（#DIV/0!），没有数值。请在原表改好公式或直接填数，再导入"
    assert "公式没有保存结果" in why["G5"]
    assert "打开原表，保存后再导入" in why["G5"]


def test_a_column_and_a_name_that_no_cell_has_a_value_for_are_refused_too(office: Any) -> None:
    ledger = ledger_of(office, ["主管部门", "=说明!A1"], FUNDS, TABLE, [*ROW, 10, 50, "=F8"])
    assert refused(ledger) == [("表1!B5", "=说明!A1"), ("表1!G8", "=F8")]


def test_outside_the_table_they_are_listed_and_not_refused(office: Any) -> None:
    ledger = ledger_of(office, [*FUNDS, "88.53%", 8.85, None, "=B5-D5", "#REF!"])
    assert not refused(ledger)
    listed = {one.address: one for one in ledger.entries}
    assert [(listed[at].raw, listed[at].verdict) for at in ("I5", "J5")] == [
        ("=B5-D5", Verdict.IGNORED),
        ("#REF!", Verdict.IGNORED),
    ]


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (b'<c r="B2" t="e"><v>#REF!</v></c>', "#REF!"),
        (b'<c r="B2" s="3" t="e"><f>A1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        (b"<x:c r='B2' t='e'><x:f>A1</x:f><x:v>#N/A</x:v></x:c>", "#N/A"),
        (b'<c r="B2"><f>A1&amp;"x"</f></c>', '=A1&"x"'),
        (b'<c r="B2"><f>A1</f><v/></c>', "=A1"),
        (b'<c r="B2"><f>A1</f><v></v></c>', "=A1"),
        (b'<c r="B2"><f t="shared" si="0"/></c>', "="),
        (b'<c r="B2"><f>A1</f><v>3</v></c>', None),
        (b'<c r="B2" t="str"><f>A1</f><v></v></c>', None),  # "" is what it gives
        (b'<c r="B2"/><c r="C2"><v>3</v></c>', None),
        (b'<c><f>A1</f></c>', None),  # nobody can say where
        (b'<c r="B2"><f>' * 50_000, None),
        (b'<c ' * 200_000 + b't="e"', None),
    ],
)  # fmt: skip
def test_what_a_sheet_says_of_a_cell_without_a_value(cell: bytes, found: str | None) -> None:
    formats = Formats({
        "xl/workbook.xml": b'<sheets><sheet name="A" r:id="r1"/></sheets>',
        "xl/_rels/workbook.xml.rels": b'<Relationship Id="r1" Target="worksheets/s.xml"/>',
        "xl/worksheets/s.xml": b"<sheetData><row>" + cell + b"</row></sheetData>",
    })  # fmt: skip
    assert formats.faults("A") == ({} if found is None else {(1, 1): found})


def test_a_hidden_sheet_is_read_and_named(office: Any) -> None:
    shown = ledger_of(office, [*FUNDS, "88.53%", 8.85])
    hidden = ledger_of(office, [*FUNDS, "88.53%", 8.85], hidden=True)
    assert hidden.made == shown.made
    assert shown.notes == []
    assert hidden.notes == ["表“表1”是隐藏的，也读了。如不该交，请在原文件里删去后再导入"]


def test_an_execution_rate_with_a_percent_sign_in_its_label_is_one(office: Any) -> None:
    ledger = ledger_of(office, [*FUNDS, "88.53%", 8.85])
    assert ledger.made[join("claimed", "projects/p1/execution_rate")] == "88.53%"


def test_a_subtotal_in_a_list_is_told_as_the_total_is(office: Any) -> None:
    rows = [
        ["自评汇总表"],
        ["序号", "项目名称", "全年预算数", "全年执行数", "执行率"],
        [1, "甲项目", 100, 90, "90%"],
        ["小计", None, 100, 90, "90%"],
        [2, "乙项目", 50, 50, "100%"],
        ["合计", None, 150, 140, "93.33%"],
    ]
    ledger = office.handed(office.workbook(rows)).ledgers[0]
    why = {one.address: one.reason for one in ledger.entries}
    assert why["C4"] == why["C6"] == "合计由各项目相加得出"
    assert why["E4"] == why["E6"] == "合计行"
