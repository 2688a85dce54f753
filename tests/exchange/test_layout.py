"""Heights, pages and merged cells: nothing cut, nothing left alone."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval.exchange.layout import (
    BODY,
    MAX_HEIGHT,
    TEXT,
    Live,
    Sheet,
    Span,
    address,
    area,
    column_name,
    lines_of,
    percent_format,
    score_format,
    text_width,
    unit_format,
)
from perfeval.exchange.workbook import sheets
from perfeval.numbers import exact
from perfeval.scoring.engine import score_session
from perfeval.session.model import Session


def _room(sheet: Sheet, row: int, column: int) -> tuple[float, float]:
    """Return width and height of a cell with what it is merged with."""
    for top, left, bottom, right in sheet.merges:
        if (top, left) == (row, column):
            height = sum(sheet.heights.get(line, 15) for line in range(top, bottom + 1))
            return sum(sheet.widths[left : right + 1]), height
    return sheet.widths[column], sheet.heights[row]


def _nothing_is_cut(sheet: Sheet) -> None:
    for (row, column), cell in sheet.cells.items():
        if isinstance(cell.value, str) and cell.value and column < sheet.printed:
            width, height = _room(sheet, row, column)
            size = cell.style.size
            assert lines_of(cell.value, width * 10 / size) * size * 1.3 <= height, cell.value
    assert max(sheet.heights.values()) <= 409


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_cut(tools: Any, sample: Session, seed: int) -> None:
    session = tools.make_session("every-rule", seed) if seed else sample
    for sheet in sheets(session, score_session(session, tools.find), tools.find):
        _nothing_is_cut(sheet)


def test_a_reason_longer_than_a_page_is_printed_in_full(tools: Any, sample: Session) -> None:
    reason = "".join(f"第{number}条原因说明。" for number in range(1, 1800))
    assert len(reason) > 15_000
    project = sample.projects["p4"].model_copy(update={"deviation_reason": reason})
    session = sample.model_copy(update={"projects": {**sample.projects, "p4": project}})
    summary = sheets(session, score_session(session, tools.find), tools.find)[0]
    _nothing_is_cut(summary)
    assert summary.cells[6, 9].value == "见表后说明 1"
    printed = "".join(
        str(cell.value) for (row, _), cell in sorted(summary.cells.items()) if row > 12
    )
    assert reason in printed


def test_a_long_actual_value_is_printed_small_rather_than_cut(tools: Any) -> None:
    told = "组织开展各类科普活动，" * 36
    row = {"group": "履职效益", "points": "15", "qualitative": True, "name": "履职", "actual": told}
    department = {"set": "henan-department-2024", "rows": {"F1": row}}
    base = {"id": "long", "unit": {"name": "某某局"}, "year": 2024, "department": department}
    session = Session.model_validate(base)
    for sheet in sheets(session, score_session(session, tools.find), tools.find):
        _nothing_is_cut(sheet)


def test_a_break_cuts_a_merged_cell_in_two() -> None:
    sheet = Sheet("表", (10, 30), 2, header=(0, 0))
    for row in range(60):
        sheet.put(row, 1, "一行", TEXT)
    sheet.spans.append(Span(0, 1, 59, "投入管理指标", BODY))
    sheet.finish()
    first, *_ = sheet.breaks
    assert sheet.cells[1, 0].value == "投入管理指标"
    assert sheet.cells[first, 0].value == "投入管理指标\n（续）"
    assert (1, 0, first - 1, 0) in sheet.merges
    assert not any(top < first <= bottom for top, _, bottom, _ in sheet.merges)


def test_a_sum_is_not_left_alone_on_a_page() -> None:
    sheet = Sheet("表", (40,), 1)
    for row in range(200):
        sheet.put(row, 0, "一行", TEXT)
    plain = Sheet("表", (40,), 1, cells=dict(sheet.cells), rows=200).finish()
    sheet.keep(plain.breaks[0])
    sheet.finish()
    assert sheet.breaks[0] == plain.breaks[0] - 1


def test_pages_are_full_and_never_too_full(tools: Any, sample: Session) -> None:
    for sheet in sheets(sample, score_session(sample, tools.find), tools.find):
        width = sum(int(w * 7 + 5) * 0.75 for w in sheet.widths[: sheet.printed])
        across, down = (523, 842) if sheet.portrait else (770, 595)
        page = (down - 1.3 * 72) / min(1, across / width)
        starts = [0, *sheet.breaks, sheet.rows]
        head = sum(
            sheet.heights.get(row, 15) for row in range(sheet.header[0], sheet.header[1] + 1)
        )
        for number, (first, end) in enumerate(pairwise(starts)):
            used = sum(sheet.heights.get(row, 15) for row in range(first, end))
            assert used + (head if number else 0) <= page, sheet.name
            if end != sheet.rows and not sheet.charts:
                assert used > page * 0.5


@given(st.text(max_size=60), st.integers(4, 60))
def test_more_text_never_takes_fewer_lines(text: str, width: int) -> None:
    assert 1 <= lines_of(text, width) <= lines_of(text + "字", width)
    assert lines_of(text, width + 10) <= lines_of(text, width)


def test_text_width_counts_two_for_a_chinese_character() -> None:
    assert text_width("预算执行率A1") == 12
    assert lines_of("预算执行率", 11) == 1
    assert lines_of("预算执行率", 10) == 2
    assert lines_of("一\n二\n", 10) == 3


def test_addresses() -> None:
    assert [column_name(c) for c in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert address(2, 1) == "B3"
    assert (area(0, 3, 3), area(0, 3, 8)) == ("A4", "A4:A9")


def test_number_formats() -> None:
    assert percent_format() == "0.00%"
    assert percent_format(0) == "0%"
    assert [score_format(exact(x), 2) for x in ("100", "8.85", "0")] == [
        "General",
        "0.00",
        "General",
    ]
    assert score_format(None, 2) == "General"
    assert unit_format("个") == 'General"个"'
    assert unit_format('元/"人"\\') == 'General"元/人"'
    assert MAX_HEIGHT <= 409


def test_a_formula_too_long_for_excel_becomes_its_value(tmp_path: Path) -> None:
    sheet = Sheet("表", (10,), 1)
    sheet.live(0, 0, Live("+".join(["1"] * 4200), exact(4200)), BODY)
    cell = sheet.cells[0, 0]
    assert cell.value == exact(4200)
    assert not cell.formula
    assert "公式超过" in cell.note
