"""Any file of tables → plain grids of texts, each cell with the address people find it at.

A number keeps the digits it has: no binary residue (``0.0900000762939453`` is 0.09) and, where
the workbook says so, the percent sign it is shown with. Old formats (.xls, .ods) are read by a
process of their own (:mod:`.worker`): a damaged one can ask for more memory than there is.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

from perfeval.exchange.intake import containers
from perfeval.exchange.intake.containers import AGAIN, Kind, Unreadable
from perfeval.exchange.intake.formats import Formats
from perfeval.exchange.layout import address as cell_address

MAX_ROWS = 60_000
MAX_COLUMNS = 512
MAX_CELLS = 2_000_000
"""Cells of a sheet between the first and the last with content; no form comes near it."""
MAX_SHEETS = 2_000
MAX_TEXT = 20_000

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells."""


@dataclass(slots=True)
class Grid:
    """One sheet, or all tables and paragraphs of a Word file, as texts. Counts from 0.

    ``numbers`` are the cells typed as numbers; ``shown`` gives, for one of those, its number
    format (``0.00%``) where the file has one. ``places`` name the row's table and its number
    there, where the grid is not one sheet. ``faults`` are cells that read as empty and are not:
    ``#DIV/0!``, a formula never computed. ``hidden`` is a sheet the workbook does not show.
    """

    sheet: str
    cells: list[list[str]]
    merges: Sequence[Merge] = ()
    numbers: frozenset[tuple[int, int]] = frozenset()
    shown: Callable[[int, int], str] | None = None
    places: list[tuple[str, int]] = field(default_factory=list)
    faults: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: bool = False
    _covered: dict[tuple[int, int], tuple[int, int]] | None = field(default=None, init=False)
    _filled: list[list[tuple[int, str]]] | None = field(default=None, init=False)

    def text(self, row: int, column: int) -> str:
        """Return what stands in a cell, or an empty text."""
        cells = self.cells[row] if row < len(self.cells) else ()
        return cells[column] if column < len(cells) else ""

    def at(self, row: int, column: int) -> tuple[str, str]:
        """Return the sheet and the address of a cell."""
        if self.places:
            sheet, row = self.places[row]
            if not sheet:
                return "正文", f"第{row + 1}段"
            return sheet, cell_address(row, column)
        return self.sheet, cell_address(row, column)

    def anchor(self, row: int, column: int) -> tuple[int, int]:
        """Return the cell that holds what is shown at a cell inside merged ones."""
        if not self.merges:
            return row, column
        if self._covered is None:
            self._covered = {
                (r, c): (top, left)
                for top, left, bottom, right in self.merges
                for r in range(top, min(bottom, len(self.cells) - 1) + 1)
                for c in range(left, min(right, MAX_COLUMNS) + 1)
            }
        return self._covered.get((row, column), (row, column))

    def width(self, row: int) -> int:
        return len(self.cells[row])

    def filled(self, row: int) -> list[tuple[int, str]]:
        """Return column and text of every cell of a row that holds something."""
        if self._filled is None:
            self._filled = [
                [(column, text) for column, text in enumerate(cells) if text]
                for cells in self.cells
            ]
        return self._filled[row]


def read_grids(path: Path) -> list[Grid]:
    """Read a file's tables. Raises :class:`.containers.Unreadable` with the cause."""
    return grids_of(containers.content(path), path.name)


def grids_of(data: bytes, name: str) -> list[Grid]:
    """Read the tables of a file given as bytes; ``name`` is for messages."""
    kind = containers.kind_of(data, name)
    match kind:
        case Kind.XLSX:
            return _workbook(data, name)
        case Kind.DOCX:
            from perfeval.exchange.intake import word

            return [word.read(data, name)]
        case Kind.TEXT:
            return [from_text(containers.decode(data, name), name)]
        case _:
            from perfeval.exchange.intake.worker import read_apart

            ready = (
                containers.container(containers.parts_of(data, name)) if kind is Kind.ODS else data
            )
            return [_grid(sheet) for sheet in read_apart(ready, name)]


# --- texts -----------------------------------------------------------------------------------

_UNSEEN = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b-\x1f]")


def plain_text(text: str) -> str:
    """Return a text without what cannot be seen, and without space around it."""
    return _UNSEEN.sub("", text).strip()[:MAX_TEXT]


def number_text(value: float) -> str:
    """Return a number of a cell as it was typed: 15 digits at most, no residue of a float.

    A value within a millionth of one with at most four decimals is taken for that one: programs
    that keep money in single precision leave such a tail.
    """
    if not isfinite(value):
        return ""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = format(Decimal(f"{value:.15g}"), "f")
    if len(text.partition(".")[2]) > 6:
        near = round(value, 6)
        short = format(Decimal(f"{near:.15g}"), "f")
        if abs(near - value) < 5e-7 and len(short.partition(".")[2]) <= 4 and near:
            return short
    return text


def value_text(value: Any) -> str:
    """Return the text of a cell's value as a reader gives it."""
    if type(value) is str:
        if value.isprintable() and len(value) <= MAX_TEXT:  # so nothing unseen is in it
            return value.strip()
        return plain_text(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime):
        whole_day = value.time() == time()
        return value.date().isoformat() if whole_day else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return plain_text(str(value))


def from_text(text: str, name: str = "粘贴的内容") -> Grid:
    """Return the grid of tab- or comma-separated text (a CSV file, a block off the clipboard)."""
    lines = text.splitlines()
    if len(lines) > MAX_ROWS:
        raise Unreadable(f"{name}：有 {len(lines)} 行，太多了。请只留下要交的表")
    separator = "\t" if "\t" in text else ","
    csv.field_size_limit(10 * MAX_TEXT)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        rows = [line.split(separator) for line in lines]
    cells = [[plain_text(cell) for cell in row[:MAX_COLUMNS]] for row in rows]
    return Grid(name, cells)


# --- workbooks -------------------------------------------------------------------------------

Sheet = tuple[str, list[list[Any]], list[Merge], tuple[int, int], bool]
"""A sheet as calamine reads it.

Name, values, merged cells, first row and column with content, and whether it is hidden.
"""


def _grid(sheet: Sheet, shown: Callable[[int, int], str] | None = None) -> Grid:
    name, rows, merges, (top, left), hidden = sheet
    cells: list[list[str]] = [[] for _ in range(top)]
    numbers = set()
    before = [""] * left
    for r, row in enumerate(rows, top):
        texts = before.copy()
        for c, value in enumerate(row, left):
            if value == "" or value is None:
                texts.append("")
                continue
            texts.append(value_text(value))
            if type(value) is float or type(value) is int:
                numbers.add((r, c))
        while texts and not texts[-1]:
            texts.pop()
        cells.append(texts)
    return Grid(name, cells, merges, frozenset(numbers), shown, hidden=hidden)


def _workbook(data: bytes, name: str) -> list[Grid]:
    """Read an .xlsx workbook: its parts are counted before calamine sees them."""
    parts = containers.parts_of(data, name)
    sheets = {part: one for part, one in parts.items() if "worksheets/" in part.lower()}
    if not sheets:
        raise Unreadable(f"{name}：里面没有工作表。{AGAIN}")
    for part in sheets.values():
        _within(part, name)
    formats = Formats(parts)
    grids = []
    for sheet in read_sheets(containers.container(parts), name):
        grid = _grid(sheet, formats.of(sheet[0]))
        grid.faults = formats.faults(grid.sheet)
        grids.append(grid)
    return grids


_CELL = re.compile(
    rb"c(?<=[<:]c)\s(?:[^>]*?\s)??r\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"'][^>]*(?<!/)>"
)
"""A cell that holds something; it begins with the letter, which is looked for fastest."""
_UNNUMBERED = re.compile(rb"<(?:\w+:)?row\b(?![^>]*\br\s*=)")


def _within(part: bytes, name: str) -> None:
    """Refuse a sheet whose cells span more than a form does, before room is made for them.

    One cell at XFD1048576 would take seventeen thousand million places.
    """
    rows = columns = start = 0
    if part.count(b"<row") > MAX_ROWS:
        rows = len(_UNNUMBERED.findall(part))  # they count on from one another
    while start < len(part):
        end = part.find(b">", start + _PIECE) + 1 or len(part)
        cells = _CELL.findall(part, start, end)
        rows = max([rows, *map(int, {digits for _, digits in cells})])
        columns = max([columns, *map(_column, {letters for letters, _ in cells})])
        start = end if rows <= MAX_ROWS else len(part)
    if rows > MAX_ROWS or rows * columns > MAX_CELLS:
        raise Unreadable(
            f"{name}：有一张表写到第 {rows} 行、第 {columns} 列或更远，太大了，没有读取。"
            "请删去表外的内容，只留下要交的表"
        )


_PIECE = 1024 * 1024


def _column(letters: bytes) -> int:
    """Return the number of a column, counted from 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def read_sheets(data: bytes, name: str) -> Iterator[Sheet]:
    """Yield the sheets of a workbook by calamine. Raises :class:`Unreadable`, nothing else."""
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetVisibleEnum,
    )

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = book.sheet_names
        if len(names) > MAX_SHEETS:
            raise Unreadable(f"{name}：有 {len(names)} 张表，太多了。请分成几个文件")
        seen = {one.name for one in book.sheets_metadata if one.visible == SheetVisibleEnum.Visible}
        for sheet_name in names:
            try:
                sheet = book.get_sheet_by_name(sheet_name)
            except CalamineError:
                if len(names) == 1:
                    raise
                continue  # a chart sheet holds no cells
            if sheet.height * sheet.width > MAX_CELLS or sheet.height > MAX_ROWS:
                raise Unreadable(f"{name}：表“{sheet_name}”太大，没有读取。请只留下要交的表")
            merged = sheet.merged_cell_ranges or []
            merges = [(top, left, bottom, right) for (top, left), (bottom, right) in merged]
            values, start = sheet.to_python(skip_empty_area=True), sheet.start or (0, 0)
            yield sheet_name, values, merges, start, sheet_name not in seen
    except PasswordError:
        raise Unreadable(f"{name}：设了打开密码，读不了。请先取消密码再交") from None
    except Unreadable:
        raise
    except BaseException as error:
        # What the Rust side gives up on comes as a panic, which is no Exception.
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise Unreadable(f"{name}：文件内容已损坏，读不了。{AGAIN}") from error
