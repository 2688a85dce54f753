"""A grid with the marked row in full below it: what its columns had to cut."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import DataTable, Static

from perfeval.tui.widgets.grid import Column, Grid, Row


class DetailedGrid(Vertical):
    """Rows to choose from; the one the cursor is on is said whole, each cell after its title."""

    DEFAULT_CSS = """
    DetailedGrid { height: 1fr; }
    DetailedGrid .in-full {
        height: auto; min-height: 2; max-height: 5; padding: 0 1; background: $panel;
    }
    """

    def __init__(self, *columns: Column) -> None:
        super().__init__()
        self.columns = columns
        self.rows: dict[str, Row] = {}

    def compose(self) -> ComposeResult:
        yield Grid(*self.columns)
        yield Static("", classes="in-full", markup=False)

    @property
    def grid(self) -> Grid:
        """The rows."""
        return self.query_one(Grid)

    def show(self, rows: Sequence[Row]) -> None:
        """Show these rows, the cursor staying on the row it was on."""
        self.rows = {row.key: row for row in rows}
        self.grid.show(rows)
        self._tell(self.grid.chosen)

    def tell(self, text: str) -> None:
        """Say something in place of the row, until another is marked."""
        self.query_one(".in-full", Static).update(text)

    def _tell(self, key: str) -> None:
        self.tell(in_full(self.columns, self.rows[key]) if key in self.rows else "")

    @on(DataTable.RowHighlighted)
    def _marked(self, event: DataTable.RowHighlighted) -> None:
        self._tell(event.row_key.value or "")


def in_full(columns: Sequence[Column], row: Row) -> str:
    """Return a row's cells whole, each after its title."""
    pairs = zip(columns, row.cells, strict=True)
    return "　".join(f"{column.title}：{text}" for column, text in pairs if text)
