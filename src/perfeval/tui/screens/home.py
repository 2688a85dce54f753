"""自评任务: the saved sessions, and every way to begin one."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Footer, Static

from perfeval.tui import actions
from perfeval.tui.screens.base import BaseScreen


class HomeScreen(BaseScreen):
    """The first screen. It paints before the database is opened; the list comes afterwards."""

    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.HOME)

    def compose(self) -> ComposeResult:
        yield Static(" 预算绩效自评 · 自评任务", id="title", markup=False)
        yield DataTable(id="sessions", cursor_type="row")
        yield Static("正在打开数据…", id="hint", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        super().on_mount()
        table = self.query_one(DataTable)
        for label, width in (
            ("单位", 34),
            ("年度", 6),
            ("阶段", 8),
            ("得分", 8),
            ("等级", 6),
            ("最近修改", 16),
        ):
            table.add_column(label, width=width, key=label)

    async def reload(self) -> None:
        """Show the saved sessions, last changed first."""
        from perfeval.store.workspace import listings

        rows = await self.desk.run(lambda: listings(self.desk.store))
        table = self.query_one(DataTable)
        table.clear()
        for row in rows:
            table.add_row(
                row.unit, str(row.year), row.stage, "", "", f"{row.changed:%m-%d %H:%M}", key=row.id
            )
        self.query_one("#hint", Static).update("" if rows else "还没有自评任务")

    @on(DataTable.RowSelected)
    async def _open(self, event: DataTable.RowSelected) -> None:
        if event.row_key.value:
            await self.home_app.open_session(event.row_key.value)

    async def action_sample(self) -> None:
        """Save a copy of the worked example and open it."""
        from perfeval.indicators.library import find
        from perfeval.samples import NAME, sample_text
        from perfeval.session.files import loads
        from perfeval.store.workspace import create, exists

        def made() -> str:
            session = loads(sample_text(), f"{NAME}.yaml")
            if not exists(self.desk.store, session.id):
                create(self.desk.store, session, find, who=self.desk.who, why="示例")
            return session.id

        if isinstance(made_id := await self.home_app.attempt(self.desk.run(made)), str):
            await self.home_app.open_session(made_id)
