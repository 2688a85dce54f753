"""退回修改: what the reviewer returned, and the unit's answers (反馈意见)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import DataTable, Static

from perfeval.store import workflow
from perfeval.tui import actions
from perfeval.tui.review_view import RETURNED, answer_text, mark_text, returned_rows
from perfeval.tui.screens.base import SessionScreen
from perfeval.tui.screens.dialogs import Ask, Confirm
from perfeval.tui.widgets.grid import Grid

if TYPE_CHECKING:
    from perfeval.session.journal import Record


class AnsweringScreen(SessionScreen):
    """A screen on which the unit answers marks (反馈意见)."""

    @property
    def chosen(self) -> str:
        """The path of the indicator the cursor is on."""
        return self.query_one(Grid).chosen

    def action_answer_mark(self) -> None:
        """Record the unit's 反馈意见 on the chosen mark: 采纳, or 不采纳 with the reason."""
        path = self.chosen
        if path not in self.desk.session.marks:
            self.notify("这一项还没有复核意见", severity="warning")
            return

        async def answered(accepted: bool | None) -> None:
            if accepted:
                await self._answer(path, accepted=True, reason="")
            elif accepted is False:
                self.app.push_screen(Ask("不采纳", help="写明不采纳的理由"), reasoned)

        async def reasoned(reason: str | None) -> None:
            if reason:
                await self._answer(path, accepted=False, reason=reason)

        told = mark_text(self.desk.session.marks[path])
        self.app.push_screen(Confirm("反馈意见", told, yes="采纳", no="不采纳"), answered)

    async def _answer(self, path: str, *, accepted: bool, reason: str) -> None:
        desk = self.desk
        await self._act(
            lambda: workflow.answer_mark(
                desk.workspace, path, accepted=accepted, reason=reason, who=desk.who
            )
        )

    async def _act(self, work: Callable[[], object]) -> bool:
        return await self.home_app.changed(self.desk.act(work))


class ReturnedScreen(AnsweringScreen):
    """退回修改: the returned indicators and nothing else. Enter goes to the field to mend."""

    CSS_PATH = "review.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.RETURNED)
    TITLE_PART = "退回的项"

    def compose_body(self) -> ComposeResult:
        yield Static("", id="overview", markup=False)
        yield Grid(*RETURNED, id="returned")
        with VerticalScroll(id="detail", can_focus=False):
            yield Static("", id="detail-text", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Grid).focus()

    def show(self) -> None:
        session, card = self.desk.session, self.desk.scorecard
        rows = returned_rows(session, card, self.desk.workspace.find)
        waiting = sum(row.key not in session.feedback for row in rows)
        told = (
            f"退回 {len(rows)} 项，待反馈 {waiting} 项。Enter 去改  Ins 写反馈意见  F11 看全部复核"
        )
        self.query_one("#overview", Static).update(
            told if rows else "没有逐项退回的，请看退回的理由"
        )
        self.query_one(Grid).show(rows)
        self._show_detail()

    @on(DataTable.RowHighlighted)
    def _show_detail(self) -> None:
        session, path = self.desk.session, self.chosen
        lines = []
        if (mark := session.marks.get(path)) is not None:
            lines.append(mark_text(mark))
        if (said := session.feedback.get(path)) is not None:
            lines.append(answer_text(said))
        records = reversed(self.desk.workspace.records)
        if why := next((why for record in records if (why := _why_returned(record))), ""):
            lines.append(f"退回的理由：{why}")
        self.query_one("#detail-text", Static).update("\n".join(lines))

    def action_answer_returned(self) -> None:
        """Answer the chosen mark."""
        self.action_answer_mark()

    @on(DataTable.RowSelected)
    def _go(self) -> None:
        if self.chosen:
            self.home_app.jump(self.chosen)


def _why_returned(record: Record) -> str:
    """Return the reason of a record that returns the task, an empty text of any other."""
    change = record.change
    return change.why if (change.path, change.new) == ("stage", "退回修改") else ""
