"""A workbook as plain data: sheets of cells, with everything a printed form needs. Pure.

Every sheet is written in these terms and :mod:`.writer` turns them into a file, so a new sheet is
a function that fills a :class:`Sheet`. Rows and columns count from 0.

Heights, page breaks and the cells merged down a page depend on one another (a higher row moves
the break, a break cuts a merged cell in two), so :meth:`Sheet.finish` settles them together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from perfeval.numbers import Exact

Value = Exact | str | None

LINE_HEIGHT = 1.5
"""Height of a line of text in parts of its size; the tallest of the fonts tried (Noto CJK)."""
MAX_FORMULA = 8192
"""Excel takes formulas of at most so many characters, the sign = included."""
SHORT, SMALLEST = 30, 6
"""A text of fewer characters fits any row; the smallest size in which one is printed."""
MAX_HEIGHT = 400.0
"""Excel cuts a row at 409 points."""
PAGE_WIDTH, PAGE_HEIGHT = 770.0, 480.0
PORTRAIT_WIDTH, PORTRAIT_HEIGHT = 523.0, 720.0
"""Points of A4 inside the margins, the height less a reserve for other fonts."""
MAX_NAME = 31
"""A sheet's name has at most so many characters, as UTF-16 counts them."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a cell looks. ``number`` is an Excel number format."""

    align: str = "center"
    bold: bool = False
    size: int = 10
    number: str = "General"
    border: bool = True
    fill: str = ""
    colour: str = ""

    def with_number(self, number: str) -> Style:
        """Return the style with another number format."""
        return self if number == self.number else _with_number(self, number)


@lru_cache(maxsize=4096)
def _with_number(style: Style, number: str) -> Style:
    return replace(style, number=number)


TITLE = Style(size=16, bold=True, border=False)
PLAIN = Style(align="left", border=False)
PLAIN_RIGHT = Style(align="right", border=False)
HEAD = Style(bold=True, fill="#E7E6E6")
BODY = Style()
TEXT = Style(align="left")
ENTRY = Style(fill="#FFF9E5")
"""A figure somebody enters; everything else follows from these."""
ENTRY_TEXT = Style(align="left", fill="#FFF9E5")
SUM = Style(bold=True, fill="#F2F2F2")
SUM_TEXT = Style(align="left", bold=True, fill="#F2F2F2")
SIDE = Style(border=False, colour="#7F7F7F", size=9)
"""A column beside the form that formulas use and that is not printed."""


class Cell(NamedTuple):
    """What stands in a cell. With a ``formula`` the value is its result (written as the cache).

    A text is always text, whatever it begins with.
    """

    value: Value
    style: Style
    formula: str = ""
    note: str = ""


class Live(NamedTuple):
    """A figure that follows from others: its formula, the engine's value, how it prints."""

    formula: str
    value: Value
    number: str = "General"


@dataclass(frozen=True, slots=True)
class Choice:
    """A data validation: one of ``values`` in the cell, with what to say otherwise."""

    row: int
    column: int
    values: tuple[str | int, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A data validation: a number (``kind`` decimal) or a day (date) from ``low`` to ``high``."""

    row: int
    column: int
    low: Exact
    high: Exact
    message: str
    kind: str = "decimal"


@dataclass(frozen=True, slots=True)
class Chart:
    """A native chart over cells of its own sheet, ``rows`` high from ``row`` on.

    ``names`` and ``values`` are (column, first row, last row).
    """

    title: str
    row: int
    rows: int
    names: tuple[int, int, int]
    values: tuple[int, int, int]
    kind: str = "column"
    number: str = "General"


@dataclass(frozen=True, slots=True)
class Span:
    """A text merged down ``first`` to ``last`` (一级指标, 二级指标); cut where a page ends."""

    column: int
    first: int
    last: int
    text: str
    style: Style


@dataclass(slots=True)
class Sheet:
    """One sheet of the workbook under construction.

    ``widths`` are in characters, as Excel counts them; the first ``printed`` columns are printed.
    ``header`` are the rows repeated on every page. ``red`` are areas that turn red, each with the
    condition for its first cell. What stands right of the printed columns has no part in heights,
    pages and ``rows``. ``frozen`` rows stay in sight, or those down to the header's end.
    """

    name: str
    widths: tuple[float, ...]
    printed: int
    header: tuple[int, int] = (0, 0)
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    heights: dict[int, float] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    kept: set[int] = field(default_factory=set)
    choices: list[Choice] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    red: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    rows: int = 0
    portrait: bool = False
    frozen: int | None = None

    def put(self, row: int, column: int, value: Value, style: Style) -> str:
        """Put a value into a cell; return the cell's address."""
        if isinstance(value, str) and len(value) >= SHORT:
            style = self._fitting(column, value, style)
        return self._set(row, column, Cell(value, style))

    def live(self, row: int, column: int, figure: Live, style: Style, note: str = "") -> str:
        """Put a formula with its value into a cell; return the cell's address."""
        style, formula = style.with_number(figure.number), figure.formula
        if len(formula) >= MAX_FORMULA:  # Excel would refuse the file; the value is still right
            formula, note = "", f"公式超过 Excel 的长度限制，这里是数值。\n{note}"
        if isinstance(figure.value, str) and len(figure.value) >= SHORT:
            style = self._fitting(column, figure.value, style)
        return self._set(row, column, Cell(figure.value, style, formula, note))

    def _fitting(self, column: int, value: str, style: Style) -> Style:
        """Return the style in a size in which a long text of a cell still fits a row."""
        for size in range(style.size, SMALLEST, -1):
            if text_height(value, self.widths[column], size) <= MAX_HEIGHT:
                return replace(style, size=size)
        return replace(style, size=SMALLEST)

    def _set(self, row: int, column: int, cell: Cell) -> str:
        self.cells[row, column] = cell
        if row >= self.rows and column < self.printed:
            self.rows = row + 1
        return address(row, column)

    def text(self, row: int, column: int, text: str, style: Style = TEXT) -> str:
        """Put a text; one too long for any row goes below the table, where nothing cuts it."""
        if text_height(text, self.widths[column], style.size) > MAX_HEIGHT:
            self.remarks.append(text)
            text = f"见表后说明 {len(self.remarks)}"
        return self.put(row, column, text, style)

    def wide(self, row: int, first: int, last: int, text: str, style: Style) -> None:
        """Put a text merged across columns ``first`` to ``last``."""
        self._set(row, first, Cell(text, style))
        if last > first:
            self.merges.append((row, first, row, last))

    def wide_text(self, row: int, first: int, last: int, text: str, style: Style = TEXT) -> None:
        """Put a text across columns; one too long for any row goes below the table."""
        if text_height(text, sum(self.widths[first : last + 1]), style.size) > MAX_HEIGHT:
            self.remarks.append(text)
            text = f"见表后说明 {len(self.remarks)}"
        self.wide(row, first, last, text, style)

    def paragraph(self, text: str, style: Style = PLAIN) -> None:
        """Add a paragraph below everything, across the printed width, in as many rows as needed."""
        width = sum(self.widths[: self.printed])
        most = int(MAX_HEIGHT / (style.size * LINE_HEIGHT)) - 2
        for part in _portions(text, int(width * most * 0.45)):
            self.wide(self.rows, 0, self.printed - 1, part, style)

    def row(self, row: int, values: Iterable[Value], style: Style, first: int = 0) -> None:
        """Put a row of values in one style, from column ``first`` on."""
        for column, value in enumerate(values, first):
            self.put(row, column, value, style)

    def chart(self, chart: Chart) -> None:
        """Add a chart from its row on; its rows are kept together."""
        self.charts.append(chart)
        for row in range(chart.row, chart.row + chart.rows):
            self.put(row, 0, None, PLAIN)
        self.kept.update(range(chart.row + 1, chart.row + chart.rows))

    def keep(self, row: int) -> None:
        """Keep a row on the page of the row before it (a 小计 is not left alone)."""
        self.kept.add(row)

    def finish(self) -> Sheet:
        """Settle remarks, row heights, page breaks and merged cells; return the sheet."""
        self.settle_remarks()
        self._measure()
        for span in self.spans:
            self._stretch(span)
        self.breaks = list(self._paginate())
        for span in self.spans:
            for first, last in _pieces(span, self.breaks):
                text = span.text if first == span.first else f"{span.text}\n（续）"
                self._place(replace(span, first=first, last=last, text=text))
        self.spans.clear()
        return self

    def settle_remarks(self) -> None:
        """Write below the table what was too long for its rows."""
        for number, remark in enumerate(self.remarks, 1):
            self.paragraph(f"说明 {number}：{remark}")
        self.remarks.clear()

    def _measure(self) -> None:
        wide = {(top, left): right for top, left, _, right in self.merges}
        heights, widths, printed = self.heights, self.widths, self.printed
        for place, cell in self.cells.items():
            row, column = place
            if column >= printed:
                continue
            value, height = cell.value, 0.0
            if isinstance(value, str) and value:
                right = wide.get(place, column)
                width = sum(widths[column : right + 1]) if right > column else widths[column]
                height = text_height(value, width, cell.style.size)
            else:
                height = cell.style.size * LINE_HEIGHT + 5
            if height > heights.get(row, 16.0):
                heights[row] = min(MAX_HEIGHT, height)
            elif row not in heights:
                heights[row] = 16.0

    def _stretch(self, span: Span) -> None:
        """Give the rows of a span the height its text needs."""
        rows = range(span.first, span.last + 1)
        wanted = text_height(span.text, self.widths[span.column], span.style.size)
        short = wanted - sum(map(self._height, rows))
        if short > 0:
            for row in rows:
                self.heights[row] = min(MAX_HEIGHT, self._height(row) + short / len(rows))

    def _height(self, row: int) -> float:
        return self.heights.get(row, 15.0)

    def _paginate(self) -> Iterator[int]:
        """Yield the rows that begin a page, so that no row is cut and none is left alone."""
        width = sum(_points(width) for width in self.widths[: self.printed])
        across, down = (PAGE_WIDTH, PAGE_HEIGHT)
        if self.portrait:
            across, down = PORTRAIT_WIDTH, PORTRAIT_HEIGHT
        page = down / min(1.0, across / width)
        head = sum(map(self._height, range(self.header[0], self.header[1] + 1)))
        used, start = 0.0, 0
        for row in range(self.rows):
            used += self._height(row)
            if used > page and row > start:
                begin = row
                while begin in self.kept and begin > start + 1:
                    begin -= 1
                yield begin
                start = begin
                used = head + sum(map(self._height, range(begin, row + 1)))

    def _place(self, span: Span) -> None:
        self._stretch(span)
        self.cells[span.first, span.column] = Cell(span.text, span.style)
        if span.last > span.first:
            self.merges.append((span.first, span.column, span.last, span.column))


def _pieces(span: Span, breaks: list[int]) -> Iterator[tuple[int, int]]:
    first = span.first
    for begin in breaks:
        if first < begin <= span.last:
            yield first, begin - 1
            first = begin
    yield first, span.last


def _portions(text: str, most: int) -> Iterator[str]:
    """Cut a long text into portions of at most ``most`` characters."""
    yield text[:most]
    for start in range(most, len(text), most):
        yield text[start : start + most]


def _points(width: float) -> float:
    """Return a column width of so many characters in points."""
    return int(width * 7 + 5) * 0.75


# --- text and addresses ----------------------------------------------------------------------


@lru_cache(maxsize=65536)
def text_width(text: str) -> int:
    """Return the width of a text in characters of a digit's width: 汉字 take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def lines_of(text: str, width: float) -> int:
    """Return how many lines a text takes in a column ``width`` characters wide, wrapped."""
    room = max(2, int(width) - 1)
    return sum(max(1, -(-text_width(part) // room)) for part in text.split("\n")) if text else 1


def title(sheet: Sheet, text: str, left: str, right: str) -> None:
    """Write the two lines every form begins with."""
    last = sheet.printed - 1
    middle = last * 2 // 3
    sheet.wide(0, 0, last, text, TITLE)
    sheet.wide(1, 0, middle, left, PLAIN)
    sheet.wide(1, middle + 1, last, right, PLAIN_RIGHT)


@lru_cache(maxsize=4096)
def quoted(sheet: str) -> str:
    """Return a sheet's name as formulas write it: in quotes unless it is plain 汉字."""
    if re.fullmatch(r"[\u4e00-\u9fff]+", sheet):
        return sheet
    return "'" + sheet.replace("'", "''") + "'"


def on(sheet: str, cell: str) -> str:
    """Return the address of a cell for formulas of other sheets."""
    return f"{quoted(sheet)}!{cell}" if cell else ""


_NOT_IN_NAMES = re.compile(r"[^\w\-—–.·（）()《》〔〕“”‘’、，]+")
"""What Excel forbids in a sheet's name, and what other programs misread in formulas (! + |)."""


def sheet_name(number: int, text: str) -> str:
    """Return a legal sheet name that no other number has: ``6.2024年省级…科技赋能行动``.

    A long text keeps its beginning and its end, where names of one programme differ.
    """
    name = _NOT_IN_NAMES.sub(" ", text).strip()
    room = MAX_NAME - len(f"{number}.")
    if _utf16(name) > room:
        head, tail = "", ""
        while _utf16(head) < room // 2 - 1:
            head += name[len(head)]
        while _utf16(tail) < room - _utf16(head) - 2:
            tail = name[-len(tail) - 1] + tail
        name = f"{head}…{tail}"
    return f"{number}.{name}".strip()


def _utf16(text: str) -> int:
    return sum(2 if char > "\uffff" else 1 for char in text)


def local(reference: str) -> str:
    """Return an address without its sheet's name."""
    return reference.rpartition("!")[2]


@lru_cache(maxsize=65536)
def text_height(text: str, width: float, size: int) -> float:
    """Return the height of a text of a size in a column as wide as so many characters of 10."""
    return lines_of(text, width * 10 / size) * size * LINE_HEIGHT + 5


@lru_cache(maxsize=512)
def column_name(column: int) -> str:
    """Return the letters of a column: 0 → A, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Return the address of a cell: (0, 0) → A1."""
    return f"{column_name(column)}{row + 1}"


def area(column: int, first: int, last: int) -> str:
    """Return the address of the rows ``first`` to ``last`` of a column."""
    start = address(first, column)
    return start if first == last else f"{start}:{address(last, column)}"


# --- number formats --------------------------------------------------------------------------


def percent_format(places: int = 2) -> str:
    """Return the format of a rate with so many decimals of the percent."""
    return "0." + "0" * places + "%" if places > 0 else "0%"


def score_format(value: Exact | None, places: int) -> str:
    """Return the format of a score: 96.40 with the set's decimals, but 100 as 100.

    A whole number is left to Excel, which then also prints rightly what it may change into.
    """
    if value is None or value.denominator == 1 or not places:
        return "General"
    return "0." + "0" * places


def unit_format(unit: str) -> str:
    """Return the format of a number with its unit behind: 3个."""
    plain = "".join(char for char in unit if char not in '"\\' and char.isprintable())[:12]
    return f'General"{plain}"' if plain else "General"
