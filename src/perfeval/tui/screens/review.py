"""复核: reviewed score and opinion beside the self score, which nothing here can change."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import DataTable, Input, Label, Static

from perfeval.numbers import decimal_text
from perfeval.scoring.review import ReviewDiff, review_diff
from perfeval.store import workflow
from perfeval.tui import actions
from perfeval.tui.review_view import (
    COLUMNS,
    STOCK_OPINIONS,
    detail_lines,
    next_unmarked,
    overview,
    rows_of,
)
from perfeval.tui.screens.base import SessionScreen
from perfeval.tui.screens.dialogs import Ask, Choice, Confirm, Pick
from perfeval.tui.widgets.grid import Grid

KEYS = (
    "Enter 认可  Tab 改分写意见  F3 退回修改  F4 下一未复核  F6 常用意见  Ins 反馈  Ctrl+左/右 换表"
)


class ReviewScreen(SessionScreen):
    """One evaluation at a time; Enter on a line accepts it, typing a score below changes it."""

    CSS_PATH = "review.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.REVIEW)

    def __init__(self) -> None:
        super().__init__()
        self.evaluation = self.about = ""
        self.diff: ReviewDiff | None = None

    def compose_body(self) -> ComposeResult:
        yield Static("", id="overview", markup=False)
        yield Grid(*COLUMNS, id="review")
        with VerticalScroll(id="detail", can_focus=False):
            yield Static("", id="detail-text", markup=False)
        with Horizontal(id="mark"):
            yield Label("复核得分", classes="label")
            yield Input(id="score", compact=True, select_on_focus=True)
            yield Label("意见", classes="label")
            yield Input(id="opinion", compact=True, select_on_focus=False, max_length=2000)
        yield Static(KEYS, id="keys", markup=False)

    @property
    def subject(self) -> str:
        return f"复核 · {self._title(self.evaluation)}" if self.evaluation else "复核"

    def _title(self, path: str) -> str:
        if path == "department":
            return "部门整体"
        return self.desk.session.projects[path.removeprefix("projects/")].name

    @property
    def _evaluations(self) -> list[str]:
        return [path for path, _ in self.desk.scorecard.results]

    def show(self) -> None:
        paths = self._evaluations
        if not paths:
            self.query_one("#overview", Static).update("没有可复核的内容")
            return
        if self.evaluation not in paths:
            self.evaluation = paths[0]
        session = self.desk.session
        self.diff = review_diff(session, self.evaluation, self.desk.workspace.find)
        self.query_one("#overview", Static).update(overview(session, self.diff))
        self.query_one(Grid).show(rows_of(session, self.diff))
        self._show_detail()

    @property
    def chosen(self) -> str:
        """The path of the indicator the cursor is on."""
        return self.query_one(Grid).chosen

    @on(DataTable.RowHighlighted)
    def _show_detail(self) -> None:
        if self.diff is None:
            return
        path, session = self.chosen, self.desk.session
        lines = detail_lines(session, self.diff, path)
        self.query_one("#detail-text", Static).update("\n".join(lines))
        if isinstance(self.focused, Input):
            return  # the reviewer is typing
        self.about = path
        self._fill()

    def _fill(self) -> None:
        """Put what is said of an indicator so far into the two fields."""
        self.query_one("#score", Input).value, self.query_one("#opinion", Input).value = self._said

    @property
    def _said(self) -> tuple[str, str]:
        """Score and opinion as they stand of what the fields are about; unmarked, its own score."""
        if (mark := self.desk.session.marks.get(self.about)) is not None:
            return mark.score, mark.opinion
        rows = self.diff.own.indicators if self.diff is not None else ()
        own = next((row.score for row in rows if row.path == self.about), None)
        return "" if own is None else decimal_text(own, 2), ""

    @property
    def _typed(self) -> tuple[str, str]:
        """Score and opinion as they stand in the two fields."""
        score, opinion = (self.query_one(one, Input).value for one in ("#score", "#opinion"))
        return score.strip(), opinion.strip()

    async def commit_typing(self) -> None:
        """Save a mark that is typed and not handed in."""
        if isinstance(self.focused, Input) and self._typed != self._said:
            await self._opined()

    def action_back(self) -> None:
        """From the two fields to the list, what was typed given up; from the list to leave."""
        if isinstance(self.focused, Input):
            self._fill()
            self.query_one(Grid).focus()
            self.call_later(self._show_detail)
        else:
            super().action_back()

    # -- marking --------------------------------------------------------------

    @on(DataTable.RowSelected)
    async def _accept(self) -> None:
        mark = self.desk.session.marks.get(self.chosen)
        if mark is None or mark.verdict == "认可":
            await self._mark("", "")
            return

        async def sure(yes: bool | None) -> None:
            if yes:
                await self._mark("", "")

        told = f"这一项已是“{mark.verdict} {mark.score}”：{mark.opinion}"
        self.app.push_screen(Confirm("改为认可？", told, yes="改为认可", no="不改"), sure)

    @on(Input.Submitted, "#score")
    def _scored(self) -> None:
        self.query_one("#opinion", Input).focus()

    @on(Input.Submitted, "#opinion")
    async def _opined(self) -> None:
        if await self._mark(*self._typed):
            self.query_one(Grid).focus()

    async def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Save what was typed when the mouse goes to the list: the cursor may be elsewhere now."""
        left = isinstance(event.widget, Input) and not isinstance(self.focused, Input)
        if left and self.is_current and self._typed != self._said:
            await self._mark(*self._typed, path=self.about)

    async def _mark(
        self, score: str, opinion: str, *, returned: bool = False, path: str = ""
    ) -> bool:
        """Put a mark on an indicator, the chosen one unless told, and go to the next one."""
        desk, move = self.desk, not path
        path = path or self.chosen
        if not path:
            return False

        def marked() -> None:
            if desk.session.stage == "已上报":
                workflow.move(desk.workspace, "复核中", who=desk.who)
            workflow.mark(
                desk.workspace, path, who=desk.who, score=score, opinion=opinion, returned=returned
            )

        done = await self._act(marked)
        if done and move:
            self.query_one(Grid).action_cursor_down()
        return done

    async def _act(self, work: Callable[[], None]) -> bool:
        return await self.home_app.changed(self.desk.act(work))

    def action_return_mark(self) -> None:
        """Return the chosen indicator to the unit, with the opinion typed or asked for."""
        typed = self.query_one("#opinion", Input).value.strip()

        async def given(opinion: str | None) -> None:
            if opinion:
                score = self.query_one("#score", Input).value.strip()
                await self._mark(score, opinion, returned=True)
                self.query_one(Grid).focus()

        self.app.push_screen(Ask("退回修改", typed, help="写明要改什么、补什么"), given)

    async def action_next_unmarked(self) -> None:
        """Go to the next indicator that is not reviewed yet, or whose mark is 过期."""
        await self.commit_typing()
        if self.diff is None:
            return
        path = next_unmarked(self.diff, self.chosen)
        if not path:
            self.notify("这张表都已复核")
            return
        grid = self.query_one(Grid)
        grid.focus()
        grid.choose(path)

    def action_stock_opinion(self) -> None:
        """Insert one of the usual opinions, to be edited."""

        def picked(opinion: str | None) -> None:
            if opinion:
                field = self.query_one("#opinion", Input)
                field.focus()
                field.value = f"{field.value}；{opinion}" if field.value else opinion
                field.cursor_position = len(field.value)

        choices = [Choice(text, text) for text in STOCK_OPINIONS]
        self.app.push_screen(Pick("常用意见", choices), picked)

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

        mark = self.desk.session.marks[path]
        told = f"{mark.verdict} {mark.score} {mark.opinion}"
        self.app.push_screen(Confirm("反馈意见", told, yes="采纳", no="不采纳"), answered)

    async def _answer(self, path: str, *, accepted: bool, reason: str) -> None:
        desk = self.desk
        await self._act(
            lambda: workflow.answer_mark(
                desk.workspace, path, accepted=accepted, reason=reason, who=desk.who
            )
        )

    async def action_next_evaluation(self) -> None:
        """Go to the next evaluation."""
        await self.commit_typing()
        self._turn(1)

    async def action_previous_evaluation(self) -> None:
        """Go to the last evaluation."""
        await self.commit_typing()
        self._turn(-1)

    def _turn(self, by: int) -> None:
        """Go to the next or the last evaluation of the session."""
        paths = self._evaluations
        if paths:
            self.evaluation = paths[(paths.index(self.evaluation) + by) % len(paths)]
            self.query_one(Grid).focus()
            self.repaint()
