"""自评任务: the saved sessions, and every way to begin one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Input, Static

from perfeval.tui import actions
from perfeval.tui.screens.base import BaseScreen
from perfeval.tui.screens.searched import SearchedList, SearchLine
from perfeval.tui.widgets.grid import Grid
from perfeval.tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from pathlib import Path

    from perfeval.store import Listing

FIRST_STEPS = """\
还没有自评任务。头三步：

  1  有现成的表：按 F2 从 Excel 导入
     （自评表、汇总表、项目清单、决算表都可以）
     没有：按 F3 新建，选单位、年度和指标体系
  2  逐项填写：填一项存一项，得分和扣分原因随时在右边
  3  按 F7 审核，按 F9 导出，按 Ctrl+U 上报

先看看样子：按 F6 打开示例（另存的一份，可以随意改）
收到别人送来的自评数据包：按 F5 打开
手里是已公开的决算、自评报告：在这一屏按 F7 核对"""


CURE = """\
改好以后重新运行 perfeval。数据现在的位置在设置（F12）的最下面，
旁边的 backups 文件夹里有最近十天的备份。"""

MANY = 12
"""From so many tasks on, a line above the list searches them."""


class HomeScreen(SearchedList, BaseScreen):
    """The first screen. It paints before the database is opened; the list comes afterwards."""

    CSS_PATH = "home.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.HOME)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Listing] = []
        self.loaded = False

    def compose(self) -> ComposeResult:
        yield Static(" 预算绩效自评 · 自评任务", id="title", markup=False)
        yield Static("正在打开数据", id="hint", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        super().on_mount()
        self.call_after_refresh(self.home_app.begin)

    def not_opened(self, why: str) -> None:
        """Say why there is no list, and go on saying it: nothing can be done before."""
        self.query_one("#hint", Static).update(f"数据没有打开，什么都没有改动。\n\n{why}\n\n{CURE}")

    async def reload(self) -> None:
        """Show the saved sessions, last changed first."""
        from perfeval.store.listing import listings
        from perfeval.tui.shelf import COLUMNS

        desk = self.desk
        found = await self.home_app.attempt(desk.run(lambda: listings(desk.store)))
        if found is None:
            return
        self.found, self.loaded = found, True
        if len(found) >= MANY and not self.query(SearchLine):
            await self.mount(SearchLine("单位、年度、阶段或拼音首字母"), after="#hint")
        hint = self.query_one("#hint", Static)
        hint.display = not found
        hint.update(FIRST_STEPS)
        grids = self.query(Grid)
        if found and not grids:
            await self.mount(Grid(*COLUMNS, id="sessions"), before=self.query_one(KeyBar))
        if self.query(Grid):
            grid = self.query_one(Grid)
            grid.display = bool(found)
            self._list()
            if self.query(SearchLine):
                self.begin_search(one.unit for one in found)
            elif found:
                grid.focus()

    def _list(self) -> None:
        """List what the query means, if anything is searched."""
        from perfeval.tui.shelf import found_by, rows_of

        wanted = self.search.query_text if self.query(SearchLine) else ""
        found = [one for one in self.found if found_by(one, wanted)]
        if self.query(SearchLine):
            self.search.tell(f"{len(found)} / {len(self.found)} 个任务")
        rows = rows_of(found, self.home_app.settings.deadlines, self.desk.now())
        self.query_one(Grid).show(rows)

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self._list()

    def key_escape(self) -> None:
        """Search for nothing any more."""
        if self.query(SearchLine):
            self.search.clear_query()

    def on_screen_resume(self) -> None:
        if self.loaded:
            self.call_later(self._come_back)

    async def _come_back(self) -> None:
        """Show what has changed, the cursor on the task one comes from."""
        await self.reload()
        if self.desk.is_open and self.found:
            self.query_one(Grid).choose(self.desk.session.id)

    @property
    def chosen(self) -> Listing | None:
        """The session the cursor is on."""
        key = self.query_one(Grid).chosen if self.found else ""
        return next((one for one in self.found if one.id == key), None)

    @on(DataTable.RowSelected)
    @on(Input.Submitted)
    async def _open(self) -> None:
        if (one := self.chosen) is not None:
            await self.home_app.open_session(one.id)

    # -- beginning ------------------------------------------------------------

    async def know_who(self) -> None:
        """Ask once who is at work, where nobody has said; from a worker."""
        from perfeval.settings import named
        from perfeval.tui.screens.wizard import ask_who

        app = self.home_app
        if not named(app.settings) and (settings := await ask_who(app, app.settings)) is not None:
            app.use_settings(settings)

    async def _begun(self, session_id: str | None) -> None:
        if session_id is not None:
            await self.home_app.open_session(session_id)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_new(self) -> None:
        """Ask for what a new session needs, make it and open it."""
        from perfeval.tui import shelf
        from perfeval.tui.screens.wizard import ask_draft

        await self.know_who()
        desk, app = self.desk, self.home_app
        unit = self.found[0].unit if self.found else ""
        draft, importing = await ask_draft(app, unit, desk.now().year - 1, app.settings.money_unit)
        if draft is not None:
            made = desk.run(lambda: shelf.make(desk.store, draft, who=desk.who), "正在建立")
            await self._begun(await app.attempt(made))
            if importing and self.app.screen is not self:
                from perfeval.tui.screens.importing import import_tables

                await import_tables(app, into_open=True)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_carry(self) -> None:
        """Make this year's session from last year's."""
        from perfeval.tui import shelf
        from perfeval.tui.screens.dialogs import Message
        from perfeval.tui.screens.wizard import ask_last_year

        if not self.found:
            self.notify("还没有上年的任务。收到上年的自评数据包，请先按 F5 打开")
            return
        await self.know_who()
        desk, app = self.desk, self.home_app
        if (asked := await ask_last_year(app, self.found, self.chosen)) is not None:
            last, year = asked
            work = lambda: shelf.make_from_last(desk.store, last, year, who=desk.who)  # noqa: E731
            if (carried := await app.attempt(desk.run(work, "正在建立"))) is not None:
                await self._begun(carried[0])
                await app.push_screen_wait(Message("已提取上年数据", carried[1]))

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_sample(self) -> None:
        """Save a copy of the worked example and open it."""
        await self._sample()

    async def _sample(self) -> None:
        from perfeval.tui import shelf

        desk = self.desk
        made = desk.run(lambda: shelf.make_sample(desk.store, who=desk.who), "正在建立")
        await self._begun(await self.home_app.attempt(made))

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_import_excel(self) -> None:
        """Read tables of Excel into a new session, after showing what would be taken."""
        from perfeval.tui.screens.importing import import_tables

        await self.know_who()
        await import_tables(self.home_app, self.found)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_audit_report(self) -> None:
        """Audit a published report."""
        from perfeval.tui.screens.audits import audit_report

        await audit_report(self.home_app)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_open_package(self) -> None:
        """Open a file that came from somebody else."""
        from perfeval.handover import SUFFIXES
        from perfeval.places import documents_folder
        from perfeval.tui.screens.files import ChooseFile

        chosen = ChooseFile("打开自评数据包", SUFFIXES, documents_folder())
        if (file := await self.app.push_screen_wait(chosen)) is not None:
            await self._arrived(file)

    async def _arrived(self, file: Path) -> None:
        from perfeval.tui.screens.package import take_arrival

        await self.know_who()
        await take_arrival(self.home_app, file)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def open_anything(self, what: str) -> None:
        """Open what the command line named: a saved session's id, a file, or ``sample``."""
        from pathlib import Path

        from perfeval.handover import SUFFIXES
        from perfeval.tui.import_view import SUFFIXES as TABLES
        from perfeval.tui.screens.importing import import_tables

        if what == "sample":
            await self._first_sample()
        elif Path(what).suffix.lower() in SUFFIXES:
            await self._arrived(Path(what))
        elif Path(what).suffix.lower() in TABLES:
            await self.know_who()
            await import_tables(self.home_app, self.found, file=Path(what))
        else:
            await self.home_app.open_session(what)

    async def _first_sample(self) -> None:
        """Open the example that is here, or make one: asking for it at each start litters."""
        if any(one.id == "example" for one in self.found):
            await self.home_app.open_session("example")
        else:
            await self._sample()

    # -- deleting -------------------------------------------------------------

    async def action_delete(self) -> None:
        """Put the chosen session aside."""
        from perfeval.store.listing import delete_session

        if (one := self.chosen) is None:
            return
        desk, app = self.desk, self.home_app
        if await app.done(desk.run(lambda: delete_session(desk.store, one.id))):
            key = actions.keys_text(actions.BY_ID["restore"], app.settings.keys)
            told = f"已删除 {one.unit} {one.year} 年度。要恢复按 {key}"
            self.notify(told, timeout=12, markup=False)
            await self.reload()

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_restore(self) -> None:
        """Bring a deleted session back."""
        from perfeval.store.listing import listings, restore_session
        from perfeval.tui.screens.dialogs import Pick
        from perfeval.tui.screens.wizard import choices_of

        desk, app = self.desk, self.home_app
        gone = await app.attempt(desk.run(lambda: listings(desk.store, deleted=True)))
        if gone is None:
            return
        pick = Pick("恢复删除的自评任务", choices_of(gone), empty="没有删除的任务")
        chosen = await self.app.push_screen_wait(pick)
        if chosen and await app.done(desk.run(lambda: restore_session(desk.store, chosen))):
            await self.reload()
            self.query_one(Grid).choose(chosen)
