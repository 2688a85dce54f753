"""汇总: the tables as they will be exported, where the points went, and bars to look at."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import DataTable, Static, TabbedContent, TabPane

from perfeval.scoring.deductions import Deduction, deductions
from perfeval.session.change import edit, join
from perfeval.session.labels import label
from perfeval.tui import actions
from perfeval.tui.project_view import TABLE, lines_of, table_rows
from perfeval.tui.screens.base import SessionScreen
from perfeval.tui.screens.dialogs import Ask
from perfeval.tui.summary_view import (
    DEDUCTIONS,
    TIERS,
    deduction_rows,
    deduction_text,
    picture,
    tier_rows,
)
from perfeval.tui.widgets.grid import Grid


class SummaryScreen(SessionScreen):
    """Four tabs; Ctrl+left and right go between them, Enter goes to the field behind a line, in
    得分情况表 to its 填报数.
    """

    CSS_PATH = "summary.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.SUMMARY)
    TITLE_PART = "汇总"
    TABS = ("tiers", "projects", "deductions", "bars")

    def __init__(self) -> None:
        super().__init__()
        self.lost: list[Deduction] = []

    def compose_body(self) -> ComposeResult:
        with TabbedContent(id="tables"):
            with TabPane("得分情况表", id="tiers"):
                yield Grid(*TIERS, id="tier-grid")
            with TabPane("自评汇总表", id="projects"):
                yield Grid(*TABLE, id="project-grid")
            with TabPane("扣分明细表", id="deductions"):
                yield Grid(*DEDUCTIONS, id="deduction-grid")
                yield Static("", id="deduction", markup=False)
            with TabPane("图", id="bars"), VerticalScroll():
                yield Static("", id="picture", markup=False)

    def show(self) -> None:
        session, card = self.desk.session, self.desk.scorecard
        self.query_one("#tier-grid", Grid).show(tier_rows(session, card))
        self.query_one("#project-grid", Grid).show(table_rows(lines_of(session, card)))
        self.lost = deductions(session, card)
        self.query_one("#deduction-grid", Grid).show(deduction_rows(self.lost))
        self.query_one("#picture", Static).update(picture(card, self.size.width or 80))

    def on_resize(self) -> None:
        """Draw the bars for another width."""
        if self.desk.is_open and self.is_mounted:
            self.query_one("#picture", Static).update(
                picture(self.desk.scorecard, self.size.width or 80)
            )

    def action_next_sheet(self) -> None:
        """Show the next table."""
        self._turn(1)

    def action_previous_sheet(self) -> None:
        """Show the last table."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        """Show the next or the last table, its rows ready for the arrow keys."""
        tabs = self.query_one(TabbedContent)
        at = (self.TABS.index(tabs.active) + by) % len(self.TABS)
        tabs.active = self.TABS[at]

    @on(TabbedContent.TabActivated)
    def _activated(self, event: TabbedContent.TabActivated) -> None:
        rows = event.pane.query("Grid, VerticalScroll")
        if rows:
            rows.first().focus()

    @on(DataTable.RowHighlighted, "#deduction-grid")
    def _tell(self, event: DataTable.RowHighlighted) -> None:
        """Say the whole of a line that the table had to cut."""
        row = next((one for one in self.lost if one.path == event.row_key.value), None)
        self.query_one("#deduction", Static).update(deduction_text(row) if row else "")

    @on(DataTable.RowSelected)
    async def _open(self, event: DataTable.RowSelected) -> None:
        key = event.row_key.value or ""
        if event.data_table.id == "project-grid" and key.startswith("projects/"):
            self.home_app.open_evaluation(key)
        elif event.data_table.id == "deduction-grid" and key:
            self.home_app.jump(key)
        elif event.data_table.id == "tier-grid" and key:
            self._correct(key)

    @work(group="asking")
    async def _correct(self, path: str) -> None:
        """Ask for the 填报数 of a tier or of the total; an empty one takes it out."""
        session, at = self.desk.session, join("claimed", path)
        printed = session.claimed.get(path, "")
        told = f"{label(session, self.desk.workspace.find, path)}：报告或表上印的数，没有就清空"
        new = await self.home_app.push_screen_wait(Ask("填报数", printed, help=told))
        if new is not None and new != printed:
            await self.home_app.commit(edit(self.desk.session, at, new or None, who=self.desk.who))
