"""A list below a line that narrows it: typing searches, the arrow keys stay with the list.

The first screen has one, too: dialogs, which bring more of Textual, are imported when it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Input, Label, Static

from perfeval.tui import actions
from perfeval.tui.widgets.grid import Grid


class SearchLine(Horizontal):
    """The line: what to type, what is typed, and what was found."""

    DEFAULT_CSS = """
    SearchLine { height: 1; padding: 0 1; }
    SearchLine Label { width: 6; }
    SearchLine #found { width: auto; padding: 0 0 0 2; color: $foreground 70%; }
    """

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self.placeholder = placeholder

    def compose(self) -> ComposeResult:
        from perfeval.tui.screens.dialogs import Narrowing

        yield Label("查找")
        yield Narrowing(placeholder=self.placeholder)
        yield Static("", id="found", markup=False)

    @property
    def line(self) -> Input:
        """What is typed into."""
        return self.query_one(Input)

    @property
    def query_text(self) -> str:
        """What is searched."""
        return self.line.value.strip()

    def clear_query(self) -> bool:
        """Search for nothing any more; whether something was."""
        was, self.line.value = bool(self.line.value), ""
        return was

    def tell(self, text: str) -> None:
        """Say what was found."""
        self.query_one("#found", Static).update(text)


class SearchedList(Screen[object]):
    """What a screen with a :class:`SearchLine` above a grid has to do."""

    DEFAULT_CSS = """
    SearchedList Grid > .datatable--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground;
        text-style: $block-cursor-text-style;
    }
    """

    @property
    def search(self) -> SearchLine:
        """The line above the list."""
        return self.query_one(SearchLine)

    def begin_search(self, titles: Iterable[str]) -> None:
        """Put the cursor into the line; the list itself takes no focus. ``titles`` are searched."""
        self.query_one(Grid).can_focus = False
        self.search.line.focus()
        names = list(titles)
        spell = lambda: actions.prepare(*names)  # noqa: E731
        self.run_worker(spell, thread=True, group="pinyin", exit_on_error=False)

    def action_move(self, by: int) -> None:
        """Move the cursor of the list while the line above it is typed in."""
        grid = self.query_one(Grid)
        grid.move_cursor(row=min(max(grid.cursor_row + by, 0), max(grid.row_count - 1, 0)))
