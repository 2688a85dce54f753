"""A table that is filled in: the cell the user is at is typed into on the line above it.

The line has the focus all the time, so an input method's candidates stand in one place, and moving
about is the same everywhere: Enter and 下 go down, Tab right, and what was typed is saved.
"""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import DataTable, Input

from perfeval.tui.fields import Field, Kind
from perfeval.tui.messages import BlockPasted, CellDone, CellMoved, FieldCommitted, FormDone
from perfeval.tui.sheet_view import NEW, SheetRow, SheetView, cell_text
from perfeval.tui.widgets.grid import Column, Grid, Row
from perfeval.tui.widgets.line import SHORT_KINDS, LineEditor, LineField

ONE_LINE = 100
"""From this many cells on, one line below the cell is enough for nearly all that is said there; on
a narrower screen two are kept free, so that the table does not jump while one goes about.
"""

_NOTHING = Field("", "", Kind.SHOWN, read_only=True)


class CellEditor(LineEditor):
    """The line a cell is typed into."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "go(1, 0)", "下一行", show=False),
        Binding("up", "go(-1, 0)", "上一行", show=False),
        Binding("tab", "go(0, 1)", "右一格", show=False),
        Binding("shift+tab", "go(0, -1)", "左一格", show=False),
    ]

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.disabled = False  # a cell that is only looked at keeps the line, too

    def replace(self, text: str, start: int, end: int) -> None:
        if self.field.read_only:
            self.told = self.field.help or "这一格不能直接填"
            self.post_message(self.Changed(self, self.value))
            return
        if self.field.kind is Kind.CHOICE:
            self._turn(text)
            return
        super().replace(text, start, end)

    def _turn(self, text: str) -> None:
        """Take the next word of a choice; a word that is one of them is taken as it is."""
        options = self.field.options
        if text in options:
            self.value = text
        elif text == " " and options:
            at = options.index(self.value) + 1 if self.value in options else 0
            self.value = options[at % len(options)]
        elif text:
            self.told = f"按空格选：{'、'.join(options)}"
            self.post_message(self.Changed(self, self.value))
        else:
            self.value = ""
        self.cursor_position = len(self.value)

    def _on_paste(self, event: events.Paste) -> None:
        if "\t" in event.text or len(event.text.strip("\r\n").splitlines()) > 1:
            event.stop()
            event.prevent_default()
            self.query_ancestor(Sheet).paste(event.text)
        else:
            super()._on_paste(event)

    def action_go(self, down: int, right: int) -> None:
        """Go to another cell; what was typed is handed in."""
        self.query_ancestor(Sheet).go(down, right)


class CellField(LineField):
    """The field of whatever cell the user is at."""

    def make_editor(self) -> Widget:
        return CellEditor(self.field)

    def place_editor(self) -> None:
        room = cell_len(self.behind) + 2 if self.behind else 1
        self.editor.styles.margin = (1, room, 1, 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return 2 + max(len(self._remark_lines(width)), 1 if width >= ONE_LINE else 2)

    def render(self) -> Text:
        """Draw what the cell is above the line, the note behind it, the remark below."""
        width = self.size.width
        behind = f"{self.behind} " if self.behind else ""
        style = "field--wrong" if self.remark.wrong else "field--told"
        told = self.get_component_rich_style(style, partial=True)
        return Text("\n", no_wrap=True).join(
            [
                Text(f" {self.field.label}", style="bold"),
                Text(" " * max(width - cell_len(behind), 0) + behind),
                *(Text(f" {line}", style=told) for line in self._remark_lines(width)),
            ]
        )

    def switch(self, field: Field) -> None:
        """Be the field of another cell. What was typed in the last one was handed in before."""
        self._handed = self._seen = None
        self.field = field
        editor = self.editor
        with self.prevent(Input.Changed):
            editor.field, editor.told = field, ""
            editor.placeholder = field.empty
            editor.value = field.value
        editor.select_on_focus = False
        if field.kind in (*SHORT_KINDS, Kind.CHOICE):
            editor.select_all()
        else:
            editor.cursor_position = len(field.value)
        self.place_editor()
        self.look()
        self.refresh()

    def done(self) -> None:
        self.query_ancestor(Sheet).go(1, 0)


class SheetTable(Grid, can_focus=False):
    """The cells; they are looked at, the line above is typed into."""

    def __init__(self, *columns: Column) -> None:
        super().__init__(*columns)
        self.cursor_type = "cell"
        self._at = (0, 0)

    def _refill(self, width: int) -> None:
        super()._refill(width)
        self.put(*self._at)

    def columns_laid(self) -> list[int]:
        """The columns there is room for, from left to right."""
        return [at for at, _ in self._laid]

    def put(self, row: int, column: int) -> None:
        """Put the cursor on a cell."""
        self._at = (row, column)
        laid = self.columns_laid()
        if column in laid:
            self.move_cursor(row=row, column=laid.index(column), animate=False)


class Sheet(Vertical):
    """A sheet: the line to type into and the cells below it."""

    DEFAULT_CSS = """
    Sheet { height: 1fr; }
    Sheet CellField { height: auto; background: $panel; }
    SheetTable > .datatable--cursor { background: $primary; color: $text; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.view = SheetView((), ())
        self.row = self.column = -1
        self._wanted: tuple[int, int] | None = None
        self._place = ""
        self._year = 2000

    def compose(self) -> ComposeResult:
        yield CellField(_NOTHING, self._year)

    @property
    def cell_field(self) -> CellField:
        """The line to type into."""
        return self.query_one(CellField)

    @property
    def field(self) -> Field | None:
        """The field of the cell the user is at."""
        return self._field(self.row, self.column)

    @property
    def key(self) -> str:
        """What the line is about that the user is on."""
        return self.view.rows[self.row].key if 0 <= self.row < len(self.view.rows) else ""

    # -- showing --------------------------------------------------------------

    async def show(self, view: SheetView, year: int, place: str = "") -> None:
        """Show the sheet of a place. The user stays at the same line and column, as far as they are
        there; another place is begun where something waits.
        """
        self._year = self.cell_field.year = year
        before, key = self.view, self.key
        self.view = view
        if place != self._place:
            self._place, self._wanted = place, None
            self.row = self.column = -1
        if view.columns != before.columns:
            await self.query(SheetTable).remove()
            columns = [Column(c.title, c.width, c.align, c.rank, c.least) for c in view.columns]
            await self.mount(SheetTable(*columns))
            self.row = self.column = -1
        self.query_one(SheetTable).show([_line(row) for row in view.rows])
        keys = [row.key for row in view.rows]
        if keys != [row.key for row in before.rows]:
            if self._wanted is not None:
                (self.row, self.column), self._wanted = self._wanted, None
            elif key in keys:
                self.row = keys.index(key)
        if self._field(self.row, self.column) is None:
            self.row, self.column = self._first()
            self._switch()
        else:
            self._refresh_cell()

    def _refresh_cell(self) -> None:
        """Take the session's value into the line, unless something is being typed there."""
        field = self.field
        assert field is not None
        self.query_one(SheetTable).put(self.row, self.column)
        if self.cell_field.field.path != field.path:
            self._switch()
        elif self.cell_field.field != field:
            self.cell_field.update_field(field)

    def _switch(self) -> None:
        field = self.field or _NOTHING
        self.cell_field.switch(field)
        if self.row >= 0:
            self.query_one(SheetTable).put(self.row, self.column)
            self.post_message(CellMoved(self.row, self.column))

    def _field(self, row: int, column: int) -> Field | None:
        if 0 <= row < len(self.view.rows) and 0 <= column < len(self.view.columns):
            cell = self.view.rows[row].cells[column]
            return cell if isinstance(cell, Field) else None
        return None

    def _first(self) -> tuple[int, int]:
        """The first cell that waits for something, else the first that can be filled in."""
        cells = [
            (row, column, cell)
            for row, line in enumerate(self.view.rows)
            for column, cell in enumerate(line.cells)
            if isinstance(cell, Field)
        ]
        waiting = [(r, c) for r, c, cell in cells if cell.waits]
        return (waiting or [(r, c) for r, c, _ in cells] or [(-1, -1)])[0]

    # -- going about ----------------------------------------------------------

    def focus_cell(self, key: str = "", column: int | None = None) -> None:
        """Go to a line (and a column) and begin there."""
        keys = [row.key for row in self.view.rows]
        if key in keys:
            row = keys.index(key)
            columns = [column] if column is not None else []
            columns += [c for c in range(len(self.view.columns)) if self._field(row, c)]
            at = next((c for c in columns if self._field(row, c)), None)
            if at is not None:
                self.row, self.column = row, at
                self._switch()
        self.cell_field.editor.focus()

    def go(self, down: int, right: int) -> None:
        """Hand in what was typed and go to another cell, once it is saved."""
        self._leave(CellDone(down, right))

    def _leave(self, done: CellDone) -> None:
        """Go on at once where nothing was typed. Else the screen, which saves it, says when: its
        answer comes after what the field posted before, so both take the same way.
        """
        if self.pending is None:
            self.go_on(done)
        else:
            self.cell_field.commit()
            self.cell_field.post_message(done)

    def go_on(self, done: CellDone) -> None:
        """Go to the cell that was wanted; from a line that was just begun, when it is there."""
        if self.cell_field.typing and self.key.startswith(NEW):
            self._wanted = done.cell or self._after_new_line(done.down, done.right)
            return
        target = done.cell or (self._down(done.down) if done.down else self._right(done.right))
        if target is None:
            if done.down > 0:
                self.post_message(FormDone())
            return
        self.row, self.column = target
        self._switch()

    def _after_new_line(self, down: int, right: int) -> tuple[int, int]:
        """Where to be when the line that was begun is there: it takes the place of the new one."""
        if down:
            return self.row + max(down, 0), self.column
        columns = self.query_one(SheetTable).columns_laid()
        later = [column for column in columns if column > self.column]
        return self.row, later[0] if later and right > 0 else self.column

    def _down(self, by: int) -> tuple[int, int] | None:
        row = self.row + by
        while 0 <= row < len(self.view.rows):
            if self._field(row, self.column) is not None:
                return row, self.column
            row += 1 if by > 0 else -1
        return None

    def _right(self, by: int) -> tuple[int, int] | None:
        """The next cell to the right (or left), going on at the next line."""
        columns = self.query_one(SheetTable).columns_laid()
        row = self.row
        at = columns.index(self.column) if self.column in columns else 0
        while 0 <= row < len(self.view.rows):
            at += by
            if not 0 <= at < len(columns):
                row += by
                at = -1 if by > 0 else len(columns)
            elif self._field(row, columns[at]) is not None:
                return row, columns[at]
        return None

    @on(DataTable.CellSelected)
    def _clicked(self, event: DataTable.CellSelected) -> None:
        event.stop()
        row, at = event.coordinate
        columns = self.query_one(SheetTable).columns_laid()
        if self._field(row, columns[at]) is not None:
            self._leave(CellDone(cell=(row, columns[at])))
        self.cell_field.editor.focus()

    # -- what is typed --------------------------------------------------------

    @property
    def pending(self) -> FieldCommitted | None:
        """What is typed and not handed in yet."""
        return self.cell_field.pending

    def paste(self, text: str) -> None:
        """Several lines or columns were pasted here."""
        self.post_message(BlockPasted(self.row, self.column, text))


def _line(row: SheetRow) -> Row:
    style = "bold" if row.heading else ""
    return Row(row.key, tuple(cell_text(cell) for cell in row.cells), style)
