"""A table of fixed widths in which one column takes the room that is left.

Widths are counted in cells, never measured from the rows: measuring a thousand rows freezes the
screen. Cells that are the same as before are not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual import events
from textual.coordinate import Coordinate
from textual.widgets import DataTable
from textual.widgets.data_table import RowDoesNotExist

Align = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, its width in cells (0 takes the room left), how cells stand in it.

    A column of ``rank`` above 0 is left out, highest first, where the screen is too narrow for
    the others and ``least`` cells of the elastic one. ``ends`` keeps a long text's beginning and
    end: names of projects begin alike and differ at the end.
    """

    title: str
    width: int
    align: Align = "left"
    rank: int = 0
    least: int = 12
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row: what it is about, its cells as texts, and a style for all of it."""

    key: str
    cells: tuple[str, ...]
    style: str = ""


class Grid(DataTable[Text]):
    """Rows of texts to look at and choose from."""

    DEFAULT_CSS = "Grid { height: 1fr; } Grid > .datatable--header { text-style: bold; }"

    def __init__(self, *columns: Column, id: str | None = None) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False, id=id, cell_padding=1)
        self.spec = columns
        self.rows_shown: list[Row] = []
        self._laid: list[tuple[int, int]] = []
        self._first = ""

    def on_resize(self, event: events.Resize) -> None:
        """Lay the columns out anew for another width."""
        if layout(self.spec, event.size.width) != self._laid:
            self._remember()
            self._refill(event.size.width)

    def show(self, rows: Sequence[Row]) -> None:
        """Show these rows, the cursor staying on the row it was on."""
        rows = list(rows)
        if not self._laid:
            self.rows_shown = rows  # they are filled in when the size is known
            return
        if [row.key for row in rows] != [row.key for row in self.rows_shown]:
            self._remember()
            self.rows_shown = rows
            self._refill(self.size.width)
            return
        for at, (old, new) in enumerate(zip(self.rows_shown, rows, strict=True)):
            if old != new:
                for place, text in enumerate(self._texts(new)):
                    self.update_cell_at(_at(at, place), text)
        self.rows_shown = rows

    @property
    def chosen(self) -> str:
        """The key of the row the cursor is on; an empty text where there is none."""
        rows = self.rows_shown
        return rows[min(self.cursor_row, len(rows) - 1)].key if rows else ""

    def choose(self, key: str) -> None:
        """Put the cursor on the row of ``key``, now or when the size is known, if it is there."""
        self._first = key
        try:
            self.move_cursor(row=self.get_row_index(key))
        except RowDoesNotExist:
            return

    def _remember(self) -> None:
        """Note the row the cursor is on by its key: another may stand at its number afterwards."""
        if self.row_count:
            self._first = self.chosen

    def _refill(self, width: int) -> None:
        here, number = self._first, self.cursor_row
        self.clear(columns=True)
        self._laid = layout(self.spec, width)
        for at, room in self._laid:
            column = self.spec[at]
            title = fitted(column.title, room, column.align)
            self.add_column(Text(title), width=room, key=column.title)
        for row in self.rows_shown:
            self.add_row(*self._texts(row), key=row.key)
        if any(row.key == here for row in self.rows_shown):
            self.choose(here)
        elif self.rows_shown:  # it is gone: stay where it was
            self.move_cursor(row=min(number, len(self.rows_shown) - 1))

    def _fitted(self, text: str, at: int, room: int) -> str:
        column = self.spec[at]
        return fitted(text, room, column.align, ends=column.ends)

    def _texts(self, row: Row) -> list[Text]:
        return [
            Text(self._fitted(row.cells[at], at, room), style=row.style, end="")
            for at, room in self._laid
        ]


def _at(row: int, column: int) -> Coordinate:
    return Coordinate(row, column)


def layout(columns: Sequence[Column], width: int) -> list[tuple[int, int]]:
    """Return (column, cells) of every column that has room in ``width``; padding is 2 a column."""
    shown = list(range(len(columns)))

    def needed() -> int:
        return sum((columns[at].width or columns[at].least) + 2 for at in shown) + 2

    while needed() > width and any(columns[at].rank for at in shown):
        shown.remove(max(shown, key=lambda at: columns[at].rank))
    spare = max(width - needed(), 0)
    elastic = [at for at in shown if not columns[at].width]
    share, rest = divmod(spare, len(elastic)) if elastic else (0, 0)
    rooms = {at: columns[at].least + share + (rest if at == elastic[0] else 0) for at in elastic}
    return [(at, columns[at].width or rooms[at]) for at in shown]


def fitted(text: str, room: int, align: Align = "left", *, ends: bool = False) -> str:
    """Return a text in exactly ``room`` cells; where something is left out stand two dots."""
    text = " ".join(text.split())
    if cell_len(text) > room:
        tail = text[-1:] if ends else ""
        while ends and cell_len(tail) < (room - 2) * 2 // 3:
            tail = text[-len(tail) - 1 :]
        head = set_cell_size(text, max(room - 2 - cell_len(tail), 0)).rstrip()
        text = f"{head}..{tail}"
    gap = " " * (room - cell_len(text))
    return gap + text if align == "right" else text + gap
