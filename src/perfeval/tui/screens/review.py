"""复核: reviewed score and opinion beside the self score, which nothing here can change."""

from __future__ import annotations

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
    OVERVIEW,
    STOCK_OPINIONS,
    Reviewed,
    accepting_text,
    detail_lines,
    next_evaluation,
    next_unmarked,
    overview,
    overview_rows,
    overview_text,
    rows_of,
    under_review,
)
from perfeval.tui.screens.dialogs import Ask, Choice, Confirm, Pick
from perfeval.tui.screens.returned import AnsweringScreen
from perfeval.tui.widgets.banner import Banner
from perfeval.tui.widgets.entry import Entry
from perfeval.tui.widgets.grid import Grid

KEYS = "Enter 认可  Tab 改分写意见  F4 下一项  Ctrl+A 认可其余  F11 总览  Ctrl+左/右 换表"
OVERVIEW_KEYS = "Enter 逐项复核  Ctrl+A 全部认可  F11 或 Esc 回到一张表"


class ReviewScreen(AnsweringScreen):
    """One evaluation at a time; Enter on a line accepts it, typing a score below changes it.

    F11 shows all evaluations and goes back to one.
    """

    CSS_PATH = "review.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.REVIEW)

    def __init__(self, evaluation: str = "", *, whole: bool = False) -> None:
        super().__init__()
        self.evaluation, self.about, self.whole = evaluation, "", whole
        self.diff: ReviewDiff | None = None
        self.all: list[Reviewed] = []

    def compose_body(self) -> ComposeResult:
        yield Static("", id="overview", markup=False)
        yield Grid(*OVERVIEW, id="all")
        yield Grid(*COLUMNS, id="review")
        with VerticalScroll(id="detail", can_focus=False):
            yield Static("", id="detail-text", markup=False)
        with Horizontal(id="mark"):
            yield Label("复核得分", classes="label")
            yield Entry(id="score", select_on_focus=True)
            yield Label("意见", classes="label")
            yield Entry(id="opinion", limit=2000)
        yield Static("", id="keys", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.grid.focus()

    @property
    def grid(self) -> Grid:
        """The list in view: all evaluations, or the indicators of one."""
        return self.query_one("#all" if self.whole else "#review", Grid)

    @property
    def subject(self) -> str:
        if self.whole or not self.evaluation:
            return "复核 · 总览" if self.whole else "复核"
        return f"复核 · {self._title(self.evaluation)}"

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
        self.set_class(self.whole, "-whole")
        evaluation = "department" if self.whole else self.evaluation
        self.query_one(Banner).show(self.desk, self.subject, evaluation)
        self.query_one("#keys", Static).update(OVERVIEW_KEYS if self.whole else KEYS)
        if self.whole:
            self._show_all()
        else:
            self._show_one()

    def _show_all(self) -> None:
        """Show every evaluation, the cursor on the one that was in view."""
        session, first = self.desk.session, not self.all
        self.all = under_review(session, self.desk.scorecard, self.desk.workspace.find)
        self.query_one("#overview", Static).update(overview_text(session, self.all))
        self.grid.show(overview_rows(session, self.all, self.desk.findings_at))
        if first:
            self.grid.choose(self.evaluation)

    def _show_one(self) -> None:
        """Show the indicators of one evaluation."""
        session = self.desk.session
        self.diff = review_diff(session, self.evaluation, self.desk.workspace.find)
        self.query_one("#overview", Static).update(overview(session, self.diff))
        self.grid.show(rows_of(session, self.diff))
        self._show_detail()

    @property
    def chosen(self) -> str:
        return self.query_one("#review", Grid).chosen

    @on(DataTable.RowHighlighted, "#review")
    def _show_detail(self) -> None:
        if self.diff is None:
            return
        path, session = self.chosen, self.desk.session
        lines = detail_lines(session, self.diff, path, self.desk.findings_at(path))
        self.query_one("#detail-text", Static).update("\n".join(lines))
        if isinstance(self.focused, Input):
            return  # the reviewer is typing
        self.about = path
        self._fill()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action may be done now: all evaluations in view, no indicator is marked."""
        if self.whole and action in ("return_mark", "stock_opinion", "answer_mark"):
            return False
        return super().check_action(action, parameters)

    # -- from one to all and back ---------------------------------------------

    async def action_overview(self) -> None:
        """Show all evaluations, or go back to the one the cursor is on."""
        await self.commit_typing()
        if self.whole:
            self._look_at(self.grid.chosen or self.evaluation)
        elif self._evaluations:
            self.whole, self.all = True, []
            self.repaint()
            self.grid.focus()
            self.refresh_bindings()

    def _look_at(self, evaluation: str) -> None:
        self.evaluation, self.whole = evaluation, False
        self.repaint()
        self.grid.focus()
        self.refresh_bindings()

    @on(DataTable.RowSelected, "#all")
    def _chosen_one(self) -> None:
        self._look_at(self.grid.chosen)

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
        """From the two fields to the list, what was typed given up; from all evaluations to one;
        from the list to leave.
        """
        if isinstance(self.focused, Input):
            self._fill()
            self.grid.focus()
            self.call_later(self._show_detail)
        elif self.whole:
            self._look_at(self.evaluation)
        else:
            super().action_back()

    # -- marking --------------------------------------------------------------

    @on(DataTable.RowSelected, "#review")
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
            self.grid.focus()

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
            self._begin()
            workflow.mark(
                desk.workspace, path, who=desk.who, score=score, opinion=opinion, returned=returned
            )

        done = await self._act(marked)
        if done and move:
            self.grid.action_cursor_down()
        return done

    def action_return_mark(self) -> None:
        """Return the chosen indicator to the unit, with the opinion typed or asked for."""
        typed = self.query_one("#opinion", Input).value.strip()

        async def given(opinion: str | None) -> None:
            if opinion:
                score = self.query_one("#score", Input).value.strip()
                await self._mark(score, opinion, returned=True)
                self.grid.focus()

        self.app.push_screen(Ask("退回修改", typed, help="写明要改什么、补什么"), given)

    async def action_next_unmarked(self) -> None:
        """Go to the next indicator that is not reviewed yet or whose mark is 过期, here or, where
        this evaluation is done, in the next one that is not.
        """
        await self.commit_typing()
        path = next_unmarked(self.diff, self.chosen) if self.diff and not self.whole else ""
        if not path:
            found = under_review(self.desk.session, self.desk.scorecard, self.desk.workspace.find)
            if not (waiting := next_evaluation(found, self.evaluation)):
                done = "全部都已复核。按 Ctrl+U 办结复核或退回修改"
                self.notify(done if found else "没有可复核的内容")
                return
            self._look_at(waiting)
            assert self.diff is not None
            path = next_unmarked(self.diff, "")
        self.grid.focus()
        self.grid.choose(path)

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

    async def action_accept_rest(self) -> None:
        """Accept everything nobody has looked at, here or in all evaluations, after asking."""
        await self.commit_typing()
        found = under_review(self.desk.session, self.desk.scorecard, self.desk.workspace.find)
        those = [one for one in found if self.whole or one.path == self.evaluation]
        paths = [path for one in those for path in one.waiting]
        if not paths:
            self.notify("没有可以一并认可的：都已复核，或者还没有填")
            return
        desk = self.desk

        def accepted() -> None:
            self._begin()
            workflow.accept(desk.workspace, paths, who=desk.who)

        async def sure(yes: bool | None) -> None:
            if yes and await self._act(accepted):
                self.notify(f"已认可 {len(paths)} 项，Ctrl+Z 一次撤销")

        told = accepting_text(those, self.desk.findings_at)
        self.app.push_screen(Confirm("认可其余各项？", told, yes="认可"), sure)

    def _begin(self) -> None:
        """Move a task that was handed in to 复核中: the first mark begins the review."""
        desk = self.desk
        if desk.session.stage == "已上报":
            workflow.move(desk.workspace, "复核中", who=desk.who)

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
        if paths and not self.whole:
            self._look_at(paths[(paths.index(self.evaluation) + by) % len(paths)])
