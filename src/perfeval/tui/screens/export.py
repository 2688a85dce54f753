"""导出: choose documents, the version and the place; progress; the files that were written."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import DataTable, Static
from textual.worker import get_current_worker

from perfeval.errors import PerfevalError
from perfeval.tui import actions
from perfeval.tui.export_view import COLUMNS, Choices, progress_text, rows_of, told_of
from perfeval.tui.messages import ExportProgressed
from perfeval.tui.outgoing import Plan, carry_out
from perfeval.tui.screens.base import SessionScreen
from perfeval.tui.screens.dialogs import Ask
from perfeval.tui.widgets.grid import Grid

KEYS = "空格 选或不选  Enter 开始导出  F3 位置  F4 合成或分开  F6 内部版或公开版"


class Stopped(Exception):
    """The user stopped the export; the file under way is not left half-written."""


class ExportScreen(SessionScreen):
    """What is marked is written; nothing here changes the session."""

    CSS_PATH = "export.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(actions.EXPORT),
        Binding("space", "mark", "选或不选", priority=True, show=False),
    ]
    TITLE_PART = "导出"

    def __init__(self) -> None:
        super().__init__()
        self.choices = Choices()
        self.running = False

    def compose_body(self) -> ComposeResult:
        yield Static("", id="how", markup=False)
        yield Grid(*COLUMNS, id="documents")
        yield Static("", id="progress", markup=False)
        with VerticalScroll(id="written", can_focus=False):
            yield Static("", id="written-text", markup=False)
        yield Static(KEYS, id="keys", markup=False)

    def on_mount(self) -> None:
        self.choices.folder = self.home_app.settings.folder
        self.choices.pattern = self.home_app.settings.file_name
        super().on_mount()

    def show(self) -> None:
        self.query_one("#how", Static).update(Text(self.choices.text))
        self.query_one(Grid).show(rows_of(self.desk.session, self.choices))

    # -- choosing -------------------------------------------------------------

    def action_mark(self) -> None:
        """Mark the chosen document, or take the mark away."""
        self.choices.turn(self.query_one(Grid).chosen, self.desk.session)
        self.show()

    def action_export_separate(self) -> None:
        """Write one workbook, or one file for each form."""
        self.choices.separate = not self.choices.separate
        self.show()

    def action_export_version(self) -> None:
        """Write the 内部上报版 or the 公开版."""
        self.choices.public = not self.choices.public
        self.show()

    def action_export_place(self) -> None:
        """Ask for another folder; it is remembered."""

        def given(folder: str | None) -> None:
            if folder:
                self.choices.folder = Path(folder).expanduser()
                app = self.home_app
                app.use_settings(app.settings.model_copy(update={"export_folder": folder}))
                self.show()

        self.app.push_screen(Ask("导出位置", str(self.choices.folder), help="文件夹"), given)

    # -- writing --------------------------------------------------------------

    @on(DataTable.RowSelected)
    def _start(self) -> None:
        if not self.running:
            self._export()

    @work(group="export", exclusive=True, exit_on_error=False)
    async def _export(self) -> None:
        desk, worker = self.desk, get_current_worker()
        plan = Plan.of(desk.workspace, self.choices)
        if not plan.names and not plan.package:
            self.notify("还没有选要导出的文件", severity="warning")
            return
        self.running = True

        def progressed(done: int, total: int, name: str) -> None:
            if worker.is_cancelled:
                raise Stopped
            self.post_message(ExportProgressed(done, total, name))

        try:
            sent = await asyncio.to_thread(carry_out, plan, progressed)
        except Stopped:
            return
        except PerfevalError as error:
            self._tell(f"没有导出：\n{error}")
        else:
            self._tell("\n".join(told_of(sent)))
        finally:
            self.running = False

    @on(ExportProgressed)
    def _progressed(self, event: ExportProgressed) -> None:
        self.query_one("#progress", Static).update(
            progress_text(event.done, event.total, event.name)
        )

    def _tell(self, text: str) -> None:
        self.query_one("#progress", Static).update("")
        self.query_one("#written-text", Static).update(text)

    def action_back(self) -> None:
        """Leave; an export under way is stopped."""
        self.workers.cancel_group(self, "export")
        self.app.pop_screen()
