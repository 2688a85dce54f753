"""The app: wiring only. Screens come and go, the desk holds the state, errors become messages.

The first screen paints before the engine and the database are imported: what needs them is
imported inside the functions below, and by :meth:`PerfevalApp.begin` after the first paint.
"""

from __future__ import annotations

import asyncio
import gc
import re
import signal
import traceback
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, TypeVar

from rich.text import Text
from textual import events, work
from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from perfeval.errors import PerfevalError
from perfeval.tui import actions
from perfeval.tui.desk import Desk
from perfeval.tui.messages import FindingsChanged, SessionChanged
from perfeval.tui.screens.base import BaseScreen, SessionScreen
from perfeval.tui.screens.home import HomeScreen
from perfeval.tui.themes import THEMES, theme_at_start, theme_named
from perfeval.tui.typeahead import TypeAhead
from perfeval.tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from perfeval.session.change import Change
    from perfeval.settings import Settings

T = TypeVar("T")

LONGEST_NOTICE = 200
"""What is longer is told in a dialog, which can be read at leisure."""


_PATH = re.compile(r"(department|projects|unit|claimed|statements|texts|evidence)(/[^\s/]+)+")
"""A field as the session knows it; people see its name."""


class PerfevalApp(App[None]):
    """预算绩效自评 in the terminal."""

    TITLE = "perfeval"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False  # ours finds by pinyin, too
    PAUSE = 0.2
    """Seconds after a change before the checks are made: the change is painted first, and the next
    one comes soon.
    """
    SAY_AFTER = 0.2
    """Seconds after which the key bar says what is being done."""
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.ANYWHERE)

    def __init__(self, database: str | None = None, open_at_start: str = "") -> None:
        super().__init__()
        self.desk = Desk(database)
        self.desk.at_work = self._at_work
        self._saying: asyncio.TimerHandle | None = None
        self.type_ahead = TypeAhead(self)
        self.open_at_start = open_at_start
        self._settings: Settings | None = None
        self._settings_problem = ""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_at_start()

    def on_mount(self) -> None:
        for name in ("SIGTERM", "SIGHUP"):
            if number := getattr(signal, name, None):  # Windows has neither, nor what follows
                with suppress(NotImplementedError, RuntimeError, ValueError):
                    asyncio.get_running_loop().add_signal_handler(number, self._told_to_leave)
        self.push_screen(HomeScreen())

    @work(group="start", exit_on_error=False)
    async def begin(self) -> None:
        """What follows the first paint: settings, database, list, what was asked to be opened."""
        await self.desk.run(self._read_settings)
        problems = self._use_keys()
        try:
            told = await self.desk.start()
        except PerfevalError as error:
            if isinstance(self.screen, HomeScreen):
                self.screen.not_opened(str(error))
            return
        for text in [*problems, *told]:
            self.notify(text, severity="warning", timeout=12, markup=False)
        if isinstance(self.screen, HomeScreen):
            await self.screen.reload()
        gc.collect()
        gc.freeze()  # what is loaded stays: no pause to look through it again
        if self.open_at_start and isinstance(home := self.screen, HomeScreen):
            home.open_anything(self.open_at_start)

    # -- settings -------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """The user's settings, read when first asked for."""
        if self._settings is None:
            self._read_settings()
        assert self._settings is not None
        return self._settings

    def _read_settings(self) -> None:
        from perfeval.settings import at_work, load_settings

        self._settings, self._settings_problem = load_settings()
        self.desk.who = at_work(self._settings)

    def _use_keys(self) -> list[str]:
        """Bind the user's own keys; return what is wrong with the settings."""
        keys, wrong = actions.keymap(self.settings.keys)
        self.set_keymap(keys)
        return [text for text in (self._settings_problem, *wrong) if text]

    def use_settings(self, settings: Settings) -> list[str]:
        """Save other settings and act by them; return what is wrong with the keys in them.

        Raises :class:`PerfevalError` where they cannot be saved.
        """
        from perfeval.settings import at_work, save_settings

        save_settings(settings)
        self._settings, self._settings_problem = settings, ""
        self.desk.who = at_work(settings)
        self.theme = theme_named(settings.theme)
        return self._use_keys()

    # -- what takes long ------------------------------------------------------

    def _at_work(self, what: str) -> None:
        """Say what is being done, once it has taken so long that one wonders."""
        if self._saying is not None:
            self._saying.cancel()
        if what:
            loop = asyncio.get_running_loop()
            self._saying = loop.call_later(self.SAY_AFTER, self._say_work, what)
        else:
            self._say_work("")

    def _say_work(self, what: str) -> None:
        if self.is_running:
            for screen in self.screen_stack:
                for bar in screen.query(KeyBar):
                    bar.say(what)

    # -- what screens ask for -------------------------------------------------

    def tell(self, error: PerfevalError) -> None:
        """Show why something was not done: briefly, or in a dialog where it takes many words."""
        text = self._in_words(str(error))
        if len(text) <= LONGEST_NOTICE and text.count("\n") < 4:
            self.notify(text, title="没有完成", severity="error", timeout=12, markup=False)
            return
        from perfeval.tui.screens.dialogs import Message

        self.push_screen(Message("没有完成", text))

    def _in_words(self, text: str) -> str:
        """Return a message with the field it begins with called by its name."""
        path, colon, rest = text.partition("：")
        if not self.desk.is_open or not colon or not _PATH.fullmatch(path):
            return text
        from perfeval.session.labels import label

        return f"{label(self.desk.session, self.desk.workspace.find, path)}：{rest}"

    async def attempt(self, doing: Awaitable[T]) -> T | None:
        """Await something that may be refused; a refusal is told and None returned.

        Give it nothing that returns None itself, unless it does not matter.
        """
        try:
            return await doing
        except PerfevalError as error:
            self.tell(error)
            return None

    async def done(self, doing: Awaitable[object]) -> bool:
        """Await something that may be refused; a refusal is told. Whether it was done."""
        try:
            await doing
        except PerfevalError as error:
            self.tell(error)
            return False
        return True

    async def open_session(self, session_id: str) -> bool:
        """Open a saved session: its department's form, else its first project, else 项目."""
        from perfeval.tui.screens.projects import ProjectsScreen
        from perfeval.tui.screens.workbench import WorkbenchScreen

        if not await self.done(self.desk.open_session(session_id)):
            return False
        self.to_home()
        session = self.desk.session
        first = next((key for key, _ in session.evaluated_projects()), None)
        if session.department is not None:
            await self.push_screen(WorkbenchScreen())
        elif first is not None:
            await self.push_screen(WorkbenchScreen(f"projects/{first}"))
        else:
            await self.push_screen(ProjectsScreen())
        if session.stage == "退回修改":
            from perfeval.tui.screens.returned import ReturnedScreen

            await self.push_screen(ReturnedScreen())
        self.check_again()
        return True

    def review_what_came(self) -> None:
        """Show 复核 of a task that came from others handed in; of several evaluations all first."""
        from perfeval.tui.screens.review import ReviewScreen

        if self.desk.session.stage in ("已上报", "复核中"):
            several = len(list(self.desk.scorecard.results)) > 1
            self.visit(ReviewScreen(whole=several))

    def to_home(self) -> None:
        """Close whatever stands above the first screen."""
        while len(self.screen_stack) > 2:  # the app's own blank screen lies below Home
            self.pop_screen()

    async def commit(self, *changes: Change) -> bool:
        """Save changes and have everything repainted; False where they were refused."""
        return await self.changed(self.desk.apply(*changes))

    async def changed(self, doing: Awaitable[object]) -> bool:
        """Await something that changes the session, then repaint and check it again."""
        done = await self.done(doing)
        self._tell_screens(SessionChanged)
        self.check_again()
        return done

    @work(group="check", exclusive=True, exit_on_error=False)
    async def check_again(self) -> None:
        """Make the findings anew; a later change makes an earlier run pointless."""
        await asyncio.sleep(self.PAUSE)
        first = not self.desk.checked
        if await self.done(self.desk.check()):
            if first:
                gc.freeze()  # a large session takes long to look through for garbage, and is none
            self._tell_screens(FindingsChanged)

    def _tell_screens(self, message: Callable[[], SessionChanged | FindingsChanged]) -> None:
        """Tell the session screen on top, also when a dialog lies over it."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, SessionScreen):
                screen.post_message(message())
                return

    async def on_event(self, event: events.Event) -> None:
        """Keep a key back while one before it may still move the focus."""
        typed = isinstance(event, events.Key | events.Paste) and not event.is_forwarded
        if not typed or not self.type_ahead.keep(event):  # type: ignore[arg-type]
            await super().on_event(event)

    async def push_screen_wait(  # type: ignore[override]
        self, screen: Screen[T], *, mode: str | None = None
    ) -> T:
        """Show a screen and wait for its answer; what is typed ahead is for it."""
        self.type_ahead.awaited.add(screen)
        try:
            return await super().push_screen_wait(screen, mode=mode)
        finally:
            self.type_ahead.awaited.discard(screen)

    # -- from screen to screen ------------------------------------------------

    async def commit_typing(self) -> None:
        """Save the text being typed on the screen on top, and wait until it is."""
        if isinstance(self.screen, BaseScreen):
            await self.screen.commit_typing()

    async def _may_leave(self) -> bool:
        """Whether the screen on top has nothing that would be lost, or the user gives it up."""
        return not isinstance(self.screen, BaseScreen) or await self.screen.may_leave()

    # Going from one screen to another closes screens. A screen that awaited its own closing would
    # wait for ever, so each way there is a worker of the app's, not part of the screen's handler.

    @work(group="going", exit_on_error=False)
    async def visit(self, screen: SessionScreen) -> None:
        """Show a screen of the open session above the workbench, in place of another such."""
        from perfeval.tui.screens.workbench import WorkbenchScreen

        await self.commit_typing()
        if not await self._may_leave():
            return
        if isinstance(self.screen, WorkbenchScreen) or len(self.screen_stack) <= 2:
            await self.push_screen(screen)
        else:
            await self.switch_screen(screen)

    @work(group="going", exit_on_error=False)
    async def open_evaluation(self, path: str) -> None:
        """Show an evaluation (``department`` or ``projects/<id>``) in the workbench."""
        await self._show_evaluation(path)

    async def _show_evaluation(self, path: str) -> None:
        from perfeval.tui.screens.workbench import WorkbenchScreen

        await self.commit_typing()
        if path == "department" and self.desk.session.department is None:
            self.notify("这个任务没有部门整体自评，只有项目", severity="warning")
            return
        if not await self._may_leave():
            return
        while len(self.screen_stack) > 2 and not isinstance(self.screen, WorkbenchScreen):
            await self.pop_screen()
        if isinstance(self.screen, WorkbenchScreen):
            await self.screen.show_evaluation(path)
        else:
            await self.push_screen(WorkbenchScreen(path))

    @work(group="going", exit_on_error=False)
    async def jump(self, path: str) -> None:
        """Go to where ``path`` is filled in, whatever screen is on top."""
        from perfeval.tui.destinations import destination
        from perfeval.tui.screens.projects import ProjectsScreen
        from perfeval.tui.screens.texts import TextsScreen
        from perfeval.tui.screens.workbench import WorkbenchScreen

        screen, path = destination(self.desk.session, path)
        if screen == "texts":
            self.visit(TextsScreen(path))
        elif screen == "projects":
            self.visit(ProjectsScreen())
        elif not screen:
            self.notify("这一处不在表里，请在相应的一屏修改", severity="warning")
        else:
            inside = path.split("/")
            whole = "/".join(inside[:2]) if inside[0] == "projects" else "department"
            await self._show_evaluation(whole)
            if isinstance(self.screen, WorkbenchScreen):
                await self.screen.go_to(path)

    async def action_department(self) -> None:
        self.open_evaluation("department")

    async def action_base_data(self) -> None:
        from perfeval.tui.screens.base_data import BaseDataScreen

        self.visit(BaseDataScreen())

    async def action_texts(self) -> None:
        from perfeval.tui.screens.texts import TextsScreen

        self.visit(TextsScreen())

    async def action_projects(self) -> None:
        from perfeval.tui.screens.projects import ProjectsScreen

        self.visit(ProjectsScreen())

    async def action_findings(self) -> None:
        from perfeval.tui.screens.findings import FindingsScreen

        self.visit(FindingsScreen())

    async def action_summary(self) -> None:
        from perfeval.tui.screens.summary import SummaryScreen

        self.visit(SummaryScreen())

    async def action_export(self) -> None:
        from perfeval.tui.screens.export import ExportScreen

        self.visit(ExportScreen())

    async def action_history(self) -> None:
        from perfeval.tui.screens.history import HistoryScreen

        self.visit(HistoryScreen())

    async def action_review(self) -> None:
        """Review what is in view; again: all evaluations. The unit sees what was returned first."""
        from perfeval.tui.screens.returned import ReturnedScreen
        from perfeval.tui.screens.review import ReviewScreen

        if isinstance(self.screen, ReviewScreen):
            await self.screen.action_overview()
        elif self.desk.session.stage == "退回修改" and not isinstance(self.screen, ReturnedScreen):
            self.visit(ReturnedScreen())
        else:
            self.visit(ReviewScreen(getattr(self.screen, "evaluation", "")))

    async def action_submit(self) -> None:
        from perfeval.tui.screens.submit import SubmitScreen

        self.visit(SubmitScreen())

    async def action_help(self) -> None:
        from perfeval.tui.screens.help import HelpScreen

        await self.push_screen(HelpScreen(self.screen))

    async def action_settings(self) -> None:
        from perfeval.tui.screens.settings import SettingsScreen

        await self.commit_typing()
        await self.push_screen(SettingsScreen())

    async def action_palette(self) -> None:
        from perfeval.tui.screens.palette import Palette

        await self.commit_typing()
        await self.push_screen(Palette(self.screen))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action may be done now: in a dialog, in help, only leaving the program may."""
        alone = self.screen.is_modal or getattr(self.screen, "ALONE", False)
        if action in _SCREENS and alone:
            return False
        return super().check_action(action, parameters)

    # -- actions of every session screen --------------------------------------

    async def action_undo(self) -> None:
        await self.commit_typing()
        await self.changed(self.desk.undo())

    async def action_redo(self) -> None:
        await self.commit_typing()
        await self.changed(self.desk.redo())

    async def action_saved(self) -> None:
        await self.commit_typing()
        when = self.desk.saved_at
        told = f"已自动保存 {when:%H:%M:%S}" if when else "没有未保存的修改，每填一项自动保存"
        self.notify(told)

    # -- leaving --------------------------------------------------------------

    async def action_quit(self) -> None:
        """Save the field being typed, then leave."""
        self._quit()

    @work(group="going", exit_on_error=False)
    async def _quit(self) -> None:
        await self.commit_typing()
        if await self._may_leave():
            self.exit()

    def action_help_quit(self) -> None:
        """What Ctrl+C answers, pressed where there is nothing to copy."""
        quit_key = actions.keys_text(actions.BY_ID["quit"], self._keymap)
        self.notify(f"退出请按 {quit_key}", markup=False)

    def _told_to_leave(self) -> None:
        """The system ends the program (a closed window, shutting down): save, and go."""
        self._leaving = asyncio.ensure_future(self._leave())  # kept, or it might be collected

    async def _leave(self) -> None:
        with suppress(Exception):
            await asyncio.wait_for(self.commit_typing(), timeout=2)
        self.exit()

    # -- errors ---------------------------------------------------------------

    async def run_action(
        self,
        action: str | tuple[str, str, tuple[object, ...]],
        default_namespace: object = None,
        namespaces: object = None,
    ) -> bool:
        """Run an action; what goes wrong in it is told, and the app goes on."""
        try:
            return await super().run_action(action, default_namespace, namespaces)  # type: ignore[arg-type]
        except PerfevalError as error:
            self.tell(error)
        except Exception as error:
            self._tell_unexpected(error)
        return True

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What goes wrong in a worker is told, and the app goes on."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            if isinstance(error, PerfevalError):
                self.tell(error)
            else:
                self._tell_unexpected(error)

    def _tell_unexpected(self, error: BaseException) -> None:
        told = _logged(error)
        self.notify(
            f"程序出错，这一步没有完成；填过的都已保存。{told}",
            title="出错", severity="error", timeout=20, markup=False,
        )  # fmt: skip

    def _handle_exception(self, error: Exception) -> None:
        """Leave with a sentence after what cannot be gone on from: all committed is saved."""
        told = _logged(error)
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self.exit(return_code=1, message=Text(f"程序出错，已经退出；填过的都已保存。{told}"))


_SCREENS = frozenset(
    action.id for action in actions.of(actions.ANYWHERE, actions.SESSION) if action.id != "quit"
)
"""The actions that go to another screen or change the session: not above a dialog."""


def _logged(error: BaseException) -> str:
    """Put an unexpected error into the log; return where it is, for people."""
    from perfeval.places import data_folder

    log = data_folder() / "perfeval.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.writelines(traceback.format_exception(error))
    except OSError:
        return f"（{type(error).__name__}，记录不下来）"
    return f"详情已记入 {log}，请发给维护人员"


def all_screens(kind: type[Screen[object]] = BaseScreen) -> Iterable[type[Screen[object]]]:
    """Yield every kind of screen that is imported, for tests of keys and words."""
    for one in kind.__subclasses__():
        yield one
        yield from all_screens(one)
