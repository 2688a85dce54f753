"""核对: what somebody overwrites in a form turns red; what they enter anew does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

VERDICT = "J3"


@pytest.fixture(scope="module")
def opened(tools: Any, sample_book: Path) -> Any:
    return tools.Opened(sample_book)


def _printed_formulas(tools: Any, book: Path, sheet: str, last: str) -> Iterator[str]:
    for name, cell in tools.formula_cells(book):
        if name == sheet and cell.rstrip("0123456789") <= last:
            yield cell


@pytest.mark.parametrize(
    ("sheet", "last"),
    [
        *(("部门整体自评表", "J"), ("得分情况表", "F"), ("自评汇总表", "I")),
        *(
            ("扣分明细表", "G"),
            ("得分图", "B"),
            ("4.2024年省级科普与学会服…乡高新区创业服务中心孵化基地", "I"),
        ),
    ],
)
def test_every_formula_replaced_by_a_number_is_found(
    tools: Any, sample_book: Path, opened: Any, sheet: str, last: str
) -> None:
    places = list(_printed_formulas(tools, sample_book, sheet, last))
    assert places
    silent = []
    for cell in places:
        before = opened.formula(sheet, cell)
        opened.enter(sheet, cell, "0.4321")
        if opened.value("核对", VERDICT) == "全部一致":
            silent.append(cell)
        opened.enter(sheet, cell, before)
        assert opened.value("核对", VERDICT) == "全部一致"
    assert silent == []


def test_points_changed_in_the_form_are_found(opened: Any) -> None:
    opened.enter("部门整体自评表", "G4", "12")
    assert opened.value("核对", VERDICT) != "全部一致"
    opened.enter("部门整体自评表", "G4", "10")
    assert opened.value("核对", VERDICT) == "全部一致"


def test_a_new_figure_changes_both_sides(opened: Any, sample_book: Path) -> None:
    rows = openpyxl.load_workbook(sample_book)["基础数据"].iter_rows(min_col=2, max_col=3)
    cell = next(value.coordinate for name, value in rows if name.value == "全年执行数")
    opened.enter("基础数据", cell, "838.1")  # 预算执行率 100 %: 10 points instead of 8.85
    assert opened.value("部门整体自评表", "J4") == 10
    assert opened.value("部门整体自评表", "J43") == pytest.approx(97.55)
    assert opened.value("核对", VERDICT) == "全部一致"
    opened.enter("基础数据", cell, "741.99")


def test_an_emptied_figure_leaves_no_grade(opened: Any) -> None:
    # 人工赋分 of 履职效益 taken away: the row is 未填, so there is no grade, and no error either.
    opened.enter("部门整体自评表", "I38", "")
    assert opened.value("部门整体自评表", "J38") == ""
    assert opened.value("部门整体自评表", "E44") == "暂不评等级"
    assert opened.value("部门整体自评表", "J43") == pytest.approx(81.4)
    assert opened.value("核对", VERDICT) == "全部一致"
    opened.enter("部门整体自评表", "I38", "15")


def test_a_difference_is_red(sample_book: Path) -> None:
    sheet = openpyxl.load_workbook(sample_book)["核对"]
    verdicts = [cell for cell in sheet["J"] if str(cell.value or "").startswith("=")]
    assert len(verdicts) > 50
    found = {}
    for area in sheet.conditional_formatting:
        (rule,) = area.rules
        assert rule.dxf.fill.bgColor.rgb == "FFFFC7CE"
        found[str(area.sqref)] = rule.formula[0]
    assert found["J3"] == 'J3<>"全部一致"'
    last = verdicts[-1].row
    assert found[f"J5:J{last}"] == 'J5="不一致"'
