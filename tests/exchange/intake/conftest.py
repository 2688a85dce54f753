"""Forms laid out as offices hand them in, from the figures of published documents.

``cases.json`` holds figures only: the rows of a form, beside each the numbers a careful reader
takes from them, and which errors the published document has.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from perfeval.exchange.intake.grids import grids_of
from perfeval.exchange.intake.handed import Handed, handed_in
from perfeval.exchange.intake.reading import Reading, reading_of
from perfeval.indicators import library

HERE = Path(__file__).parent
Case = dict[str, Any]
Cell = str | int | float | None
Table = list[list[Cell]]

OPERATORS = "≥≤=＝﹦═><"


def cases() -> dict[str, Case]:
    """Every case by its name."""
    found: dict[str, Case] = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    return found


def workbook(*tables: tuple[str, Table] | Table, merges: tuple[str, ...] = ()) -> bytes:
    """Return an .xlsx file of tables; ``merges`` are for the first."""
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for number, table in enumerate(tables, 1):
        name, rows = table if isinstance(table, tuple) else (f"表{number}", table)
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if number == 1:
            for area in merges:
                sheet.merge_cells(area)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def reading(data: bytes, name: str = "表.xlsx") -> Reading:
    return reading_of(grids_of(data, name), name)


def handed(*files: bytes, name: str = "表.xlsx") -> Handed:
    sets = library.set_files(None)
    return handed_in([reading(data, name) for data in files], library.find, sets, name)


# --- layouts ---------------------------------------------------------------------------------


def laid_out(case: Case) -> bytes:
    """Return the workbook of a case, in the layout its document has."""
    return _LAYOUTS.get(case["layout"], plain)(case)


def _head(case: Case) -> Table:
    year: Table = [[f"（{case['year']}年度）"]] if case["year"] else []
    if case["kind"] == "department":
        return [["部门整体支出绩效自评表"], *year, ["部门名称", "某某局"]]
    return [
        ["项目支出绩效自评表"],
        *year,
        ["项目名称", None, "某项目经费"],
        ["主管部门", None, "某某局", None, None, "实施单位", "某某中心"],
    ]


def _funds(case: Case, names: tuple[str, ...] = ()) -> Table:
    if not case["funds"]:
        return []
    initial, budget, executed = names or ("年初预算数", "全年预算数（A）", "全年执行数（B）")
    unit = f"项目资金\n（{case['money_unit']}）"
    head: list[Cell] = [unit, None, None, initial, budget, executed, "分值"]
    head += ["执行率（B/A）", "得分"]
    return [head, *([None, row[0], None, *row[1:7]] for row in case["funds"])]


def _levels(rows: list[list[Any]]) -> Table:
    """Return 一级 and 二级 of each row, blank where they repeat, as merged cells are."""
    found: Table = []
    last: list[Cell] = [None, None]
    for row in rows:
        l1, l2 = row[:2]
        same = l1 == last[0]
        found.append([None if same else l1, None if same and l2 == last[1] else l2])
        last = [l1, l2]
    return found


def plain(case: Case, *, points: bool = True, money: tuple[str, ...] = ()) -> bytes:
    """The form of the ministry: every level and figure in a column of its own."""
    table = _head(case) + _funds(case, money)
    if case["rows"]:
        middle = ["分值"] if points else []
        head = ["绩效指标", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值"]
        table.append([*head, *middle, "得分", "偏差原因分析及改进措施"])
    for row, levels in zip(case["rows"], _levels(case["rows"]), strict=True):
        _, _, name, goal, done, full, score, reason = row[:8]
        table.append([None, *levels, name, goal, done, *([full] if points else []), score, reason])
    return workbook(table + _total(case, points=points))


def _total(case: Case, *, points: bool = True) -> Table:
    total = case.get("total")
    if not total:
        return []
    middle: list[Cell] = [total.get("points")] if points else []
    return [["总分", None, None, None, None, None, *middle, total.get("score")]]


def merged(case: Case) -> bytes:
    """Merged tiers, a name across two columns, and a title across the page."""
    table = _head(case) + _funds(case)
    start = len(table) + 1
    table.append(["绩效指标", "一级指标", "二级指标", "三级指标", None, "年度指标值", "实际完成值"])
    table[-1] += ["分值", "得分"]
    for row, levels in zip(case["rows"], _levels(case["rows"]), strict=True):
        table.append([None, *levels, row[2], None, *row[3:7]])
    merges = [f"D{at}:E{at}" for at in range(start, len(table) + 1)]
    first = start + 1
    for number, row in enumerate(case["rows"], start + 1):
        last = number == start + len(case["rows"])
        following = None if last else case["rows"][number - start][0]
        if following != row[0]:
            merges.append(f"B{first}:B{number}")
            first = number + 1
    return workbook(
        [*table, ["总分", *[None] * 6, case["total"]["points"], case["total"]["score"]]],
        merges=tuple(merges),
    )


def three_cells(case: Case) -> bytes:
    """Operator, value and unit in a cell each (指标性质 · 指标值 · 度量单位)."""
    table = _head(case) + _funds(case)
    head: list[Cell] = ["一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位"]
    table.append([*head, "完成值", "权重", "得分"])
    for row, levels in zip(case["rows"], _levels(case["rows"]), strict=True):
        goal = row[3] or ""
        sign = goal[:1] if goal[:1] in OPERATORS else None
        body = goal[1:] if sign else goal
        digits = "".join(char for char in body if char.isdigit() or char == ".")
        table.append([*levels, row[2], sign, digits, body[len(digits) :], *row[4:7]])
    return workbook(table)


def template_rows(case: Case) -> bytes:
    """The blank form's own rows left between the filled ones (指标2：, ……)."""
    filled = dict(case)
    filled["rows"] = [
        other
        for row in case["rows"]
        for other in (row, [*row[:2], "指标2：", *[None] * 5], [*row[:2], "……", *[None] * 5])
    ]
    return plain(filled)


def coefficient(case: Case) -> bytes:
    """得分系数 × 权重, 执行率 with its own line and no money."""
    table = _head(case)
    table.append(["部门预算情况", "全年预算数", "全年执行数", "分值", "执行率", "得分"])
    row = case["funds"][0]
    table.append([row[0], None, None, row[4], row[5], row[6]])
    table.append(["一级指标", "三级指标", "目标值", "完成值", "得分系数", "权重", "得分"])
    for at, one in enumerate(case["formula_rows"]):
        table.append([None if at else "绩效指标", *one[:6]])
    return workbook([*table, ["总分", *[None] * 5, case["total"]["score"]]])


def columns(case: Case) -> bytes:
    """Columns numbered ① to ⑦ with formulas in their headings."""
    found = {one[0]: one for one in case["formula_rows"]}
    table = _head(case)
    table.append(["单位：万元"])
    head = ["资金", "年初预算①", "本年追加②", "全年预算③=①+②", "实际支出④", "支出实现率⑤=④/③"]
    table.append([*head, "结余⑥=③-④", "资金结余率⑦=⑥/③"])
    both = found["支出实现率⑤"]
    table.append([
        "合计", found["小计③"][1]["①"], found["小计③"][1]["②"], found["小计③"][2], both[1]["④"],
        both[2], found["资金结余率⑦"][1]["⑥"], found["资金结余率⑦"][2],
    ])  # fmt: skip
    table.append(["一级目标", "二级目标", "三级目标", "目标值", "完成值", "分值", "得分"])
    table[-1].append("未完成原因")
    table += [list(row[:8]) for row in case["rows"]]
    return workbook(table)


def scores_only(case: Case) -> bytes:
    """分值 in front of 评价标准, the score behind; no values at all."""
    head: list[Cell] = ["一级指标", "三级指标", "分值", "评价标准", "指标说明", "得分"]
    rows = [[None, one[0], one[4], "见评分标准", None, one[5]] for one in case["formula_rows"]]
    rows[0][0] = "过程"
    return workbook([*_head(case), head, *rows])


_LAYOUTS: dict[str, Callable[[Case], bytes]] = {
    "merged": merged,
    "three cells": three_cells,
    "no points": partial(plain, points=False),
    "arrived": partial(plain, money=("计划投资", "资金到位数", "实际使用数")),
    "template rows": template_rows,
    "coefficient": coefficient,
    "columns": columns,
    "scores only": scores_only,
}


# --- fixtures: how tests reach the above -----------------------------------------------------


class Office:
    """Makes files the way an office does, and reads them."""

    cases = staticmethod(cases)
    workbook = staticmethod(workbook)
    saved = staticmethod(saved)
    laid_out = staticmethod(laid_out)
    reading = staticmethod(reading)
    handed = staticmethod(handed)

    @staticmethod
    def sheet() -> tuple[openpyxl.Workbook, Worksheet]:
        book = openpyxl.Workbook()
        page = book.active
        assert isinstance(page, Worksheet)
        return book, page


@pytest.fixture
def office() -> Office:
    return Office()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a ``published_form`` once for each."""
    if "published_form" in metafunc.fixturenames:
        names = [name for name, case in cases().items() if case["kind"] != "summary"]
        metafunc.parametrize("published_form", names)
