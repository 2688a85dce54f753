"""The preview of a paste: nothing is changed before Enter."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Static

from perfeval.tui.paste import PastePlan
from perfeval.tui.screens.dialogs import Dialog
from perfeval.tui.widgets.grid import Column, Grid, Row


class PastePreview(Dialog[bool]):
    """Every line of the block with what it would add or change."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "take", "粘贴", show=False)]
    DEFAULT_CSS = (
        "PastePreview .box { width: 90%; height: 80%; } PastePreview Grid { height: 1fr; }"
    )

    def __init__(self, made: PastePlan) -> None:
        super().__init__("粘贴预览", keys="Enter 粘贴（记为一次修改，可以一并撤销）   Esc 不粘贴")
        self.made = made

    def compose_body(self) -> ComposeResult:
        yield Static(self.made.summary, classes="dialog-help", markup=False)
        yield Grid(Column("", 6), Column("名称", 30), Column("内容", 0))

    def on_mount(self) -> None:
        super().on_mount()
        rows = [
            Row(str(n), (line.what, line.name, line.detail), "bold" if line.what == "不用" else "")
            for n, line in enumerate(self.made.lines)
        ]
        grid = self.query_one(Grid)
        grid.show(rows)
        grid.focus()

    @on(DataTable.RowSelected)
    def _chosen(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.action_take()

    def action_take(self) -> None:
        """Agree."""
        self.dismiss(bool(self.made.edits))

    def action_leave(self) -> None:
        """Leave everything as it is."""
        self.dismiss(False)
