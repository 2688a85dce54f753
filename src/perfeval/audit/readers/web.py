"""A web page: its paragraphs and tables, walked without recursion.

Tables inside tables (a page's layout) are walked as text; what nests deeper than a page does is
refused.
"""

from __future__ import annotations

from html.parser import HTMLParser

from perfeval.audit.document import Document, Piece, Place, Table, caption_of, clean, joined
from perfeval.exchange.intake.containers import Unreadable
from perfeval.exchange.intake.grids import MAX_CELLS, MAX_COLUMNS

MAX_DEPTH = 200
_BREAKS = {
    "p",
    "div",
    "br",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "tr",
    "section",
    "title",
    "dd",
    "dt",
}
_BELOW = "\x00"
_UNSEEN = {"script", "style", "noscript", "template"}


def read(text: str, name: str) -> Document:
    """Read a web page. Raises :class:`Unreadable` for one that nests or spans beyond measure."""
    page = _Page(name)
    page.feed(text)
    page.close()
    page.finish()
    return page.document


class _Page(HTMLParser):
    """Collects paragraphs and innermost tables."""

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.document = Document(name)
        self.pieces: list[Piece] = []
        self.words: list[str] = []
        self.line = 1
        self.unseen = self.order = 0
        self.tables: list[_Rows] = []
        self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self.unseen += 1
        elif tag == "table":
            self.flush()
            if self.tables:
                self.tables[-1].holds_tables = True
            self.tables.append(_Rows())
            if len(self.tables) > MAX_DEPTH:
                raise Unreadable(f"{self.document.name}：表格套表格超过 {MAX_DEPTH} 层，没有读取")
        elif tag in {"td", "th"} and self.tables:
            self.end_cell()
            found = dict(attrs)
            self.tables[-1].begin(_span(found.get("colspan")), _span(found.get("rowspan")))
            self.line = self.getpos()[0]
        elif tag == "tr" and self.tables:
            self.end_cell()
            self.tables[-1].row(self.next(), self.getpos()[0])
        elif tag in _BREAKS:
            self.break_off()

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        elif tag == "table" and self.tables:
            self.end_cell()
            self.end_table(self.tables.pop())
        elif tag in {"td", "th"} and self.tables:
            self.end_cell()
        elif tag in _BREAKS:
            self.break_off()

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            if not self.words:
                self.line = self.getpos()[0] + data[: len(data) - len(data.lstrip())].count("\n")
            self.words.append(data)

    def next(self) -> int:
        """Return the rank of what comes next."""
        self.order += 1
        return self.order

    def break_off(self) -> None:
        """End a paragraph; inside a cell only note that its text goes on below."""
        if self.tables:
            self.words.append(_BELOW)
        else:
            self.flush()

    def flush(self) -> None:
        """Take what was said so far as paragraphs."""
        self.say("".join(self.words), self.line)
        self.words.clear()

    def say(self, text: str, line: int) -> None:
        """Note the paragraphs of a text."""
        for part in text.split(_BELOW):
            if words := " ".join(part.split()):
                self.pieces.append(Piece(words, Place(self.next(), line), ends=True))

    def end_cell(self) -> None:
        """End a cell: its words are the innermost table's."""
        rows = self.tables[-1]
        text = "".join(self.words)
        self.words.clear()
        if rows.is_open:
            self.cells += rows.close(text)
            if self.cells > MAX_CELLS:
                raise Unreadable(f"{self.document.name}：表格太大，没有读取。请只留下要核对的表")
        else:
            self.say(text, self.line)

    def end_table(self, rows: _Rows) -> None:
        """Take a table; one that only lays a page out gives its cells as paragraphs."""
        if rows.holds_tables or max((len(row) for row in rows.rows), default=0) < 2:
            for row, place in zip(rows.rows, rows.places, strict=True):
                for text in row:
                    self.say(text, place.line)
            return
        self.take_paragraphs()
        cells = [[clean(text.replace(_BELOW, "")) for text in row] for row in rows.rows]
        self.document.blocks.append(Table(cells, rows.places, caption_of(self.document.blocks)))

    def take_paragraphs(self) -> None:
        """Put what was said so far into the document."""
        self.document.blocks.extend(joined(self.pieces))
        self.pieces.clear()

    def finish(self) -> None:
        """End what the page left open."""
        while self.tables:
            self.end_cell()
            self.end_table(self.tables.pop())
        self.flush()
        self.take_paragraphs()


class _Rows:
    """A table under construction; cells that span rows leave blanks below them."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.places: list[Place] = []
        self.below: dict[int, int] = {}
        self.span = self.down = 0
        self.is_open = self.holds_tables = False

    def row(self, order: int, line: int) -> None:
        """Begin a row."""
        self.rows.append([])
        self.places.append(Place(order, line))

    def begin(self, span: int, down: int) -> None:
        """Begin a cell."""
        if not self.rows:
            self.row(0, 0)
        self.span, self.down, self.is_open = span, down, True

    def close(self, text: str) -> int:
        """End a cell and return how many columns it took."""
        row = self.rows[-1]
        while self.below.get(len(row), 0) and len(row) < MAX_COLUMNS:
            self.below[len(row)] -= 1
            row.append("")
        first = len(row)
        if first < MAX_COLUMNS:
            row += [text, *[""] * (self.span - 1)]
            for column in range(first, len(row)):
                if self.down > 1:
                    self.below[column] = self.down - 1
        self.is_open = False
        return self.span


def _span(value: str | None) -> int:
    """Return how far a cell spans, as far as a table goes."""
    return min(int(value), MAX_COLUMNS) if value and value.isdecimal() and len(value) < 5 else 1
