"""The app: wiring only. Screens come and go, the desk holds the state, errors become messages."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable
from typing import ClassVar

from textual import work
from textual.app import App
from textual.binding import BindingType

from perfeval.errors import PerfevalError
from perfeval.places import data_folder
from perfeval.session.change import Change
from perfeval.tui import actions
from perfeval.tui.desk import Desk
from perfeval.tui.messages import FindingsChanged, SessionChanged
from perfeval.tui.screens.base import SessionScreen
from perfeval.tui.screens.home import HomeScreen
from perfeval.tui.screens.workbench import WorkbenchScreen
from perfeval.tui.settings import load_settings
from perfeval.tui.themes import THEMES, theme_named


class PerfevalApp(App[None]):
    """预算绩效自评 in the terminal."""

    TITLE = "perfeval"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False  # ours finds by pinyin, too
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.ANYWHERE)

    def __init__(self, database: str | None = None, open_at_start: str = "") -> None:
        super().__init__()
        self.desk = Desk(database)
        self.open_at_start = open_at_start
        self.settings, self._settings_problem = load_settings()
        self.desk.who = self.settings.who
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_named(self.settings.theme)
        self.set_keymap(self.settings.keys)

    def on_mount(self) -> None:
        if self._settings_problem:
            self.notify(self._settings_problem, severity="warning")
        self.push_screen(HomeScreen())
        self.call_after_refresh(self._start)  # first paint before the database's libraries

    @work(group="start", exit_on_error=False)
    async def _start(self) -> None:
        if await self.attempt(self.desk.start(), told=True) is None:
            return
        if self.open_at_start:
            await self.open_session(self.open_at_start)
        elif isinstance(self.screen, HomeScreen):
            await self.screen.reload()

    # -- what screens ask for -------------------------------------------------

    async def attempt(self, doing: Awaitable[object], *, told: bool = False) -> object | None:
        """Await something that may be refused; a refusal is shown and None returned.

        With ``told`` a list of texts it returns is shown as warnings.
        """
        try:
            done = await doing
        except PerfevalError as error:
            self.notify(str(error), title="没有完成", severity="error", timeout=12, markup=False)
            return None
        if told and isinstance(done, list):
            for text in done:
                self.notify(text, severity="warning", timeout=12, markup=False)
        return done if done is not None else True

    async def open_session(self, session_id: str) -> None:
        """Open a saved session in the workbench."""
        if await self.attempt(self.desk.open(session_id)) is not None:
            await self.push_screen(WorkbenchScreen())
            self.check_again()

    async def commit(self, *changes: Change) -> bool:
        """Save changes and have everything repainted; False where they were refused."""
        return await self.changed(self.desk.apply(*changes))

    async def changed(self, doing: Awaitable[object]) -> bool:
        """Await something that changes the session, then repaint and check it again."""
        done = await self.attempt(doing)
        self.screen.post_message(SessionChanged())
        self.check_again()
        return done is not None

    @work(group="check", exclusive=True, exit_on_error=False)
    async def check_again(self) -> None:
        """Make the findings anew; a later change makes an earlier run pointless."""
        if await self.attempt(self.desk.check()) is not None:
            self.screen.post_message(FindingsChanged())

    async def jump(self, path: str) -> None:
        """Go to the field of ``path`` in the workbench, whatever screen is on top."""
        while len(self.screen_stack) > 1 and not isinstance(
            self.screen, WorkbenchScreen | HomeScreen
        ):
            self.pop_screen()
        if isinstance(self.screen, WorkbenchScreen):
            await self.screen.go_to(path)

    # -- the screens of an open session ---------------------------------------

    async def visit(self, screen: SessionScreen) -> None:
        """Show a screen of the open session above the workbench, in place of another such."""
        if isinstance(self.screen, WorkbenchScreen):
            await self.push_screen(screen)
        else:
            await self.switch_screen(screen)

    async def open_evaluation(self, path: str) -> None:
        """Show an evaluation (``department`` or ``projects/<id>``) in the workbench."""
        while not isinstance(self.screen, WorkbenchScreen):
            await self.pop_screen()
        await self.screen.show_evaluation(path)

    async def action_department(self) -> None:
        await self.open_evaluation("department")

    async def action_base_data(self) -> None:
        from perfeval.tui.screens.base_data import BaseDataScreen

        await self.visit(BaseDataScreen())

    async def action_projects(self) -> None:
        from perfeval.tui.screens.projects import ProjectsScreen

        await self.visit(ProjectsScreen())

    async def action_findings(self) -> None:
        from perfeval.tui.screens.findings import FindingsScreen

        await self.visit(FindingsScreen())

    async def action_summary(self) -> None:
        from perfeval.tui.screens.summary import SummaryScreen

        await self.visit(SummaryScreen())

    async def action_export(self) -> None:
        from perfeval.tui.screens.export import ExportScreen

        await self.visit(ExportScreen())

    async def action_history(self) -> None:
        from perfeval.tui.screens.history import HistoryScreen

        await self.visit(HistoryScreen())

    async def action_review(self) -> None:
        from perfeval.tui.screens.review import ReviewScreen

        await self.visit(ReviewScreen())

    # -- actions of every session screen --------------------------------------

    async def action_undo(self) -> None:
        await self.changed(self.desk.undo())

    async def action_redo(self) -> None:
        await self.changed(self.desk.redo())

    def action_saved(self) -> None:
        when = self.desk.saved_at
        told = f"已自动保存 {when:%H:%M:%S}" if when else "没有未保存的修改，每填一项自动保存"
        self.notify(told)

    # -- errors ---------------------------------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        """Log what went wrong inside and leave with a sentence: everything committed is saved."""
        log = data_folder() / "perfeval.log"
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("a", encoding="utf-8") as file:
                file.writelines(traceback.format_exception(error))
            told = f"详情已记入 {log}，请发给维护人员"
        except OSError:
            told = "".join(traceback.format_exception(error, limit=-3))
        self._exception = error
        self._exception_event.set()
        self.exit(return_code=1, message=f"程序出错，已经退出；填过的都已保存。{told}")


def session_screens() -> tuple[type[SessionScreen], ...]:
    """Return the screens of an open session, for tests of keys and words."""
    return tuple(SessionScreen.__subclasses__())
