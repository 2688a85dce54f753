"""Sheets to an .xlsx file: xlsxwriter makes it in memory, then it is put in place at once.

xlsxwriter because it writes a formula together with its value: WPS, Protected View, mail and
phone previews show that value and compute nothing. Every text goes through ``write_string``, so
``=1+1`` stays a text. Equal sheets give equal bytes.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from perfeval.errors import PerfevalError, reason
from perfeval.exchange.filenames import held_open, numbered
from perfeval.exchange.layout import (
    Cell,
    Chart,
    Choice,
    Limit,
    Sheet,
    Style,
    lines_of,
    text_width,
)
from perfeval.files import write_whole
from perfeval.numbers import Exact

CREATED = datetime(2020, 1, 1)
MAX_CELL = 32_000
"""Excel keeps 32,767 characters of a cell."""
NOTE_WIDTH = 44
TRIGGERS = "=+-@\t\r"
"""What a text must not begin with for a program to take it for a formula."""


def render(
    sheets: list[Sheet], title: str, on_step: Callable[[str], None] = lambda name: None
) -> bytes:
    """Return the workbook of ``sheets`` as the bytes of an .xlsx file.

    ``on_step`` is told the name of each sheet once it is done.
    """
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": _clean(title), "author": "perfeval", "created": CREATED})
    book.set_size(2400, 1400)
    formats = _Formats(book)
    for sheet in sheets:
        _render_sheet(book.add_worksheet(sheet.name, Page), sheet, formats)
        on_step(sheet.name)
    book.close()
    return buffer.getvalue()


class Page(Worksheet):  # type: ignore[misc]
    """A worksheet that does not search each formula for functions newer than 2007.

    xlsxwriter looks for thirty names in every formula, more than half of the time a large workbook
    took. Ours use none of them: a test holds every formula to the functions it knows.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


class _Formats:
    """One xlsxwriter format for each style."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.made: dict[tuple[Style, bool], Any] = {}
        self.known: dict[int, tuple[Style, Any]] = {}

    def of(self, style: Style) -> Any:
        """Return a style's format, found by the object: most cells share a few."""
        found = self.known.get(id(style))
        if found is None:
            found = self.known[id(style)] = style, self.make(style)
        return found[1]

    def make(self, style: Style, *, typed: bool = False) -> Any:
        """Return a style's format; ``typed`` keeps a text a text when somebody edits its cell."""
        if (style, typed) not in self.made:
            look: dict[str, Any] = {
                "font_name": "宋体",
                "font_size": style.size,
                "align": style.align,
                "valign": "vcenter",
                "text_wrap": True,
                "bold": style.bold,
                "num_format": style.number,
            }
            if style.border:
                look["border"] = 1
            if style.fill:
                look["bg_color"] = style.fill
            if style.colour:
                look["font_color"] = style.colour
            if typed:
                look["quote_prefix"] = True
            self.made[style, typed] = self.book.add_format(look)
        return self.made[style, typed]

    @cached_property
    def red(self) -> Any:
        """The format of a difference, laid over a cell's own."""
        return self.book.add_format({"bg_color": "#FFC7CE", "font_color": "#C00000", "bold": True})


def _render_sheet(page: Any, sheet: Sheet, formats: _Formats) -> None:
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    for row, height in sheet.heights.items():
        page.set_row(row, round(height * 4) / 4)
    for top, left, bottom, right in sheet.merges:
        cell = sheet.cells[top, left]
        page.merge_range(top, left, bottom, right, "", formats.of(cell.style))
    for (row, column), cell in sheet.cells.items():
        _render_cell(page, row, column, cell, formats)
    rules: list[Choice | Limit] = [*sheet.choices, *sheet.limits]
    for rule in rules:
        page.data_validation(rule.row, rule.column, rule.row, rule.column, _rule(rule))
    for chart in sheet.charts:
        _render_chart(page, sheet, chart, formats.book)
    for cells, condition in sheet.red:
        look = {"type": "formula", "criteria": condition, "format": formats.red}
        page.conditional_format(cells, look)
    if not sheet.portrait:
        page.set_landscape()
    page.set_paper(9)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    page.center_horizontally()
    page.fit_to_pages(1, 0)
    page.repeat_rows(*sheet.header)
    page.freeze_panes(sheet.header[1] + 1 if sheet.frozen is None else sheet.frozen, 0)
    page.print_area(0, 0, max(sheet.rows - 1, 0), sheet.printed - 1)
    page.set_footer("&C第 &P 页 共 &N 页")
    page.set_h_pagebreaks(sheet.breaks)


def _render_cell(page: Any, row: int, column: int, cell: Cell, formats: _Formats) -> None:
    look, value = formats.of(cell.style), cell.value
    if cell.formula:
        cached = _number(value) if not isinstance(value, str) else _clean(value)
        page.write_formula(row, column, f"={cell.formula}", look, "" if value is None else cached)
    elif value is None or value == "":
        page.write_blank(row, column, None, look)
    elif isinstance(value, str):
        if value[0] in TRIGGERS:
            look = formats.make(cell.style, typed=True)
        page.write_string(row, column, _clean(value), look)
    else:
        page.write_number(row, column, _number(value), look)
    if cell.note:
        note = _clean(cell.note)
        lines = lines_of(note, NOTE_WIDTH)
        width = min(max(map(text_width, note.split("\n"))), NOTE_WIDTH) * 7 + 20
        look_of_note = {"author": "perfeval", "font_name": "宋体", "font_size": 9}
        page.write_comment(
            row, column, note, {**look_of_note, "width": width, "height": lines * 16 + 10}
        )


def _number(value: Exact | None) -> float | int:
    """Return the binary number nearest to an exact value, here at the cell and nowhere else."""
    if value is None:
        return 0
    return int(value) if value.denominator == 1 else float(value)


def _clean(text: str) -> str:
    """Return a text Excel can hold: no half characters, not longer than a cell."""
    return text.encode("utf-8", "replace").decode("utf-8")[:MAX_CELL]


def _rule(rule: Choice | Limit) -> dict[str, Any]:
    told = {"error_title": "请重新填写", "error_message": rule.message[:255]}
    if isinstance(rule, Choice):
        return {"validate": "list", "source": list(rule.values), **told}
    low, high = _number(rule.low), _number(rule.high)
    if rule.kind == "date":
        days = date(1899, 12, 30)
        low, high = days + timedelta(int(low)), days + timedelta(int(high))  # type: ignore[assignment]
    return {
        "validate": rule.kind,
        "criteria": "between",
        "minimum": low,
        "maximum": high,
        **told,
    }


def _render_chart(page: Any, sheet: Sheet, chart: Chart, book: Any) -> None:
    """Draw a chart over the rows kept for it, as wide as the printed columns."""
    made = book.add_chart({"type": chart.kind})
    names, values = (
        [sheet.name, first, column, last, column]
        for column, first, last in (chart.names, chart.values)
    )
    font = {"name": "宋体", "size": 9}
    labels = {"value": True, "num_format": chart.number, "font": font}
    series = {"categories": names, "values": values, "data_labels": labels, "gap": 60}
    made.add_series({**series, "fill": {"color": "#4472C4"}})
    made.set_title({"name": chart.title, "name_font": {"name": "宋体", "size": 12}})
    made.set_legend({"none": True})
    plain = {"num_font": font, "num_format": chart.number, "major_gridlines": {"visible": False}}
    lines = {"num_font": font, "reverse": chart.kind == "bar"}  # the first line on top
    amounts = {**plain, "min": 0}
    across, up = (amounts, lines) if chart.kind == "bar" else (lines, amounts)
    made.set_x_axis(across)
    made.set_y_axis(up)
    wide = sum(int(width * 7 + 5) for width in sheet.widths[: sheet.printed])
    high = sum(sheet.heights.get(row, 15.0) for row in range(chart.row, chart.row + chart.rows))
    made.set_size({"width": wide - 20, "height": high * 4 / 3 - 10})
    page.insert_chart(chart.row, 0, made, {"x_offset": 10, "y_offset": 5, "object_position": 1})


# --- putting the file in place ---------------------------------------------------------------

MAX_NUMBER = 100


def write_file(path: Path, data: bytes) -> Path:
    """Write ``data`` to ``path``, whole or not at all; return where it stands.

    A file of that name that a program holds open is left alone: the new one is called ``名(2)``.
    Raises :class:`PerfevalError` when the folder cannot be written or the disk is full; then
    nothing new is left behind.
    """
    folder = path.parent
    made = False
    try:
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        return write_whole(folder, lambda file: file.write(data), lambda new: _named(new, path))
    except (OSError, ValueError) as error:
        if made:
            with suppress(OSError):
                folder.rmdir()
        raise _failure(folder, error) from error


def _named(new: Path, path: Path) -> Path:
    """Give a finished file its name, or the next one that nothing holds open."""
    for number, candidate in enumerate(numbered(path), 1):
        if held_open(candidate):
            continue
        try:
            return new.replace(candidate)
        except PermissionError:  # Windows: the file is open in another program
            if number >= MAX_NUMBER:
                raise
    raise AssertionError("numbered() never ends")


_REASONS = {
    errno.ENOSPC: "磁盘已满，请清理出空间后再导出",
    errno.EROFS: "该位置是只读的，请换一个文件夹（如“文档”）",
    errno.EACCES: "没有写入权限，请换一个文件夹（如“文档”）",
    errno.EPERM: "没有写入权限，请换一个文件夹（如“文档”）",
    errno.ENOTDIR: "这个位置是文件，不是文件夹，请换一个文件夹",
    errno.EEXIST: "这个位置是文件，不是文件夹，请换一个文件夹",
    errno.ENAMETOOLONG: "名称太长，请换一个短些的，或层级较少的文件夹",
}


def _failure(folder: Path, error: OSError | ValueError) -> PerfevalError:
    cure = _REASONS.get(getattr(error, "errno", 0), f"{reason(error)}，请换一个文件夹再试")
    return PerfevalError(f"没有写成：写入“{folder}”失败，{cure}")
