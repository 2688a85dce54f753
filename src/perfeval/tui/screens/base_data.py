"""基础数据: every input of the set once, with source and date, and what it feeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from perfeval.session.change import split
from perfeval.tui import actions
from perfeval.tui.indicator_fields import uses
from perfeval.tui.messages import FieldCommitted, FormDone
from perfeval.tui.outline import entered
from perfeval.tui.screens.dialogs import Choice, Pick
from perfeval.tui.screens.rows import RowScreen
from perfeval.tui.sheet_view import base_sheet
from perfeval.tui.widgets.sheet import Sheet
from perfeval.tui.widgets.text import Told


class SheetScreen(RowScreen):
    """A screen that is one sheet."""

    CSS_PATH = "table.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.SHEETS)

    def __init__(self, evaluation: str = "department") -> None:
        super().__init__()
        self.evaluation = evaluation

    def compose_body(self) -> ComposeResult:
        yield Told(id="told")
        yield Sheet()
        yield Told(id="preview")

    @property
    def prefix(self) -> str:
        return self.evaluation

    def row_at_cursor(self) -> str:
        return self.sheet.key

    def pending(self) -> Iterator[FieldCommitted]:
        if message := self.sheet.pending:
            self.sheet.cell_field.handed_in()
            yield message

    def not_saved(self) -> None:
        self.sheet.cell_field.not_saved()

    def revert(self) -> None:
        self.sheet.cell_field.revert()

    def take_theirs(self, path: str, text: str) -> None:
        self.not_saved()
        if self.sheet.cell_field.field.path == path:
            self.sheet.cell_field.take_in(text)
        self.repaint()

    async def action_accept(self) -> None:
        """Take what is offered in the cell."""
        await self.accept_cell(self.sheet)

    def action_pane_left(self) -> None:
        """Go one cell to the left."""
        self.sheet.go(0, -1)

    def action_pane_right(self) -> None:
        """Go one cell to the right."""
        self.sheet.go(0, 1)

    @on(FormDone)
    def _nothing_more(self, event: FormDone) -> None:
        event.stop()


class BaseDataScreen(SheetScreen):
    """Every input of the department's set, grouped; F4 goes to an indicator that uses it."""

    TITLE_PART = "基础数据"

    def show(self) -> None:
        self.call_later(self._show)

    async def _show(self) -> None:
        if not self.desk.is_open or not self.is_attached:
            return
        session = self.desk.session
        if session.department is None:
            told = "这个任务没有部门整体自评；项目的资金在项目里填（F5）"
            self.query_one("#told", Told).tell(told)
            return
        shown = self.shown
        view = base_sheet(shown)
        done, of = entered(shown.evaluation, shown.set)
        told = f"共 {of} 项要填，已填 {done} 项。"
        told += "回车下一行，Tab 右一格，F4 到用它的指标，可粘贴一列"
        self.query_one("#told", Told).tell(told)
        first = not self.sheet.view.rows
        await self.show_sheet(view)
        if first:
            self.sheet.focus_cell(self.sheet.key, self.sheet.column)

    async def action_jump(self) -> None:
        """Go to an indicator that uses the figure."""
        await self.flush()
        if not self.sheet.key:
            return
        names = split(self.sheet.key)
        fed = uses(self.shown.set).get(names[-1], ())
        if len(fed) == 1:
            self.home_app.jump(f"{self.prefix}/answers/{fed[0].code}")
        elif fed:
            self._choose_indicator(names[-1])
        else:
            self.notify("没有指标用到这个数")

    def _choose_indicator(self, name: str) -> None:
        choices = [
            Choice(f"{self.prefix}/answers/{one.code}", f"{one.code} {one.name}")
            for one in uses(self.shown.set)[name]
        ]
        self.app.push_screen(Pick(f"用到“{name}”的指标", choices), self._jump_to)

    def _jump_to(self, path: str | None) -> None:
        if path:
            self.home_app.jump(path)
