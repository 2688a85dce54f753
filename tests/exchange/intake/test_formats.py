"""The same form as .xlsx, .ods, .docx, CSV: read alike."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import docx
import pytest

from perfeval.exchange.intake.grids import grids_of, read_grids
from perfeval.exchange.intake.handed import handed_in
from perfeval.exchange.intake.reading import reading_of
from perfeval.indicators.library import find, set_files

ROWS: list[list[Any]] = [
    ["项目支出绩效自评表"],
    ["（2023年度）"],
    ["项目名称", "办公楼维修"],
    ["项目资金（万元）", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
    ["年度资金总额", 43.2, 43.2, 37.24, 10, "86.20%", 8.62],
    ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"],
    ["产出指标", "数量指标", "面积", "≥50平方米", "52", 50, 50],
    [None, "质量指标", "合格率", "100%", "100%", 10, 10],
    ["效益指标", "社会效益指标", "作用", "效果明显", "已完成", 30, 28],
    ["总分", None, None, None, None, 100, 96.62],
]


def session_of(data: bytes, name: str) -> dict[str, Any]:
    reading = reading_of(grids_of(data, name), name)
    found = handed_in([reading], find, set_files(None), name).session
    dumped: dict[str, Any] = found.model_dump(exclude={"id", "source"})
    return dumped


def as_ods(rows: list[list[Any]]) -> bytes:
    def cell(value: Any) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, str):
            kind = 'office:value-type="string"'
        else:
            kind = f'office:value-type="float" office:value="{value}"'
        return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body>'
        f'<office:spreadsheet><table:table table:name="表1">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return made.getvalue()


def as_docx(rows: list[list[Any]], *, cut_at: int = 0) -> bytes:
    """The head as paragraphs, the rest as a table (two of them where a page cuts it)."""
    document = docx.Document()
    for row in rows[:2]:
        document.add_paragraph(row[0])
    bodies = [rows[2:cut_at], rows[cut_at:]] if cut_at else [rows[2:]]
    for body in bodies:
        table = document.add_table(len(body), 7)
        for line, row in zip(table.rows, body, strict=True):
            for box, value in zip(line.cells, row, strict=False):
                box.text = "" if value is None else str(value)
        document.add_paragraph("")
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def test_every_format_gives_the_same_session(office: Any) -> None:
    wanted = session_of(office.workbook(ROWS), "表.xlsx")
    texts = [["" if value is None else str(value) for value in row] for row in ROWS]
    assert session_of(as_ods(ROWS), "表.xlsx") == wanted
    assert session_of(as_docx(ROWS), "表.xlsx") == wanted
    assert session_of(as_docx(ROWS, cut_at=8), "表.xlsx") == wanted
    csv = "\n".join(",".join(row) for row in texts)
    assert session_of(csv.encode("gb18030"), "表.xlsx") == wanted


def test_merged_cells_of_a_word_table_hold_their_text_once() -> None:
    document = docx.Document()
    table = document.add_table(4, 7)
    for line, row in zip(table.rows, [ROWS[5], ROWS[6], ROWS[7], ROWS[8]], strict=True):
        for box, value in zip(line.cells, row, strict=True):
            box.text = "" if value is None else str(value)
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(3, 3).merge(table.cell(3, 4))
    made = io.BytesIO()
    document.save(made)
    (grid,) = grids_of(made.getvalue(), "表.docx")
    assert grid.anchor(2, 0) == (1, 0)
    assert grid.text(*grid.anchor(2, 0)) == "产出指标"
    assert grid.text(3, 3).startswith("效果明显")
    assert grid.at(3, 3) == ("表1", "D4")


def test_a_cell_is_named_as_people_find_it(office: Any, tmp_path: Path) -> None:
    path = tmp_path / "表.docx"
    path.write_bytes(as_docx(ROWS))
    (grid,) = read_grids(path)
    assert grid.at(0, 0) == ("正文", "第1段")
    assert grid.at(2, 1) == ("表1", "B1")
    (sheet,) = grids_of(office.workbook(("自评表", ROWS)), "表.xlsx")
    assert sheet.at(4, 2) == ("自评表", "C5")


@pytest.mark.parametrize("value", [True, 3, 3.5])
def test_plain_values_of_a_cell(office: Any, value: Any) -> None:
    (grid,) = grids_of(office.workbook([[value, "x"]]), "表.xlsx")
    assert grid.text(0, 0) == {True: "是", 3: "3", 3.5: "3.5"}[value]
