"""项目: the list of projects, and every way to add, order, copy and leave one out."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Input, Static

from perfeval.errors import PerfevalError
from perfeval.indicators.library import find
from perfeval.session.change import Change, edit, join
from perfeval.session.model import Session
from perfeval.session.starting import started
from perfeval.tui import actions
from perfeval.tui.project_view import (
    COLUMNS,
    ORDERS,
    Line,
    arranged,
    lines_of,
    new_key,
    rows_of,
    totals_text,
)
from perfeval.tui.screens.base import SessionScreen
from perfeval.tui.screens.dialogs import Ask, Choice, Confirm, Pick
from perfeval.tui.screens.searched import SearchedList, SearchLine
from perfeval.tui.shelf import sets_for
from perfeval.tui.widgets.grid import Grid

KEYS = "Enter 打开  F4 增加  F3 改名  F6 复制  Ctrl+上/下 移  Ins 不参评  Ctrl+Del 删"
NOBODY = "没有符合的项目。按 Esc 看全部"
SEARCHED = "名称、编码、拼音首字母，或 错误 警告 未填完 不参评 优"


class ProjectsScreen(SearchedList, SessionScreen):
    """The projects with money, rates, score and grade; Enter opens a project's 自评表.

    What is typed narrows the list; the arrow keys stay with the list meanwhile.
    """

    CSS_PATH = "projects.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.PROJECTS)
    TITLE_PART = "项目"

    def __init__(self) -> None:
        super().__init__()
        self.order = 0
        self.lines: list[Line] = []

    def compose_body(self) -> ComposeResult:
        yield Static("", id="totals", markup=False)
        yield SearchLine(SEARCHED)
        yield Grid(*COLUMNS, id="projects")
        yield Static("", id="about", markup=False)
        yield Static("", id="keys", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#keys", Static).update(KEYS)
        self.begin_search(line.project.name for line in self.lines)
        below = (getattr(one, "evaluation", "") for one in reversed(self.app.screen_stack))
        here = next((path for path in below if path.startswith("projects/")), "")
        self.query_one(Grid).choose(here.removeprefix("projects/"))

    def show(self) -> None:
        session, card = self.desk.session, self.desk.scorecard
        self.lines = lines_of(session, card, self.desk.findings)
        self.query_one("#totals", Static).update(totals_text(self.lines, session.money_unit))
        self._list()

    def _list(self) -> None:
        """List what the query means, in the order that was chosen."""
        found = arranged(self.lines, self.search.query_text, self.order)
        self.query_one(Grid).show(rows_of(found))
        told = f"找到 {len(found)} 个  " if self.search.query_text else ""
        self.search.tell(f"{told}{ORDERS[self.order][0]}（Ctrl+左/右）")
        self._tell()

    @property
    def chosen(self) -> str:
        """The id of the project the cursor is on; an empty text where there is none."""
        return self.query_one(Grid).chosen

    @on(DataTable.RowHighlighted)
    def _tell(self) -> None:
        """Say the whole name of the chosen project, which the table may have had to cut."""
        line = next((one for one in self.lines if one.key == self.chosen), None)
        if not self.lines:
            return
        told = [line.code, line.project.name, line.project.excluded] if line else [NOBODY]
        self.query_one("#about", Static).update("  ".join(filter(None, told)))

    # -- finding --------------------------------------------------------------

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self._list()

    def action_next_order(self) -> None:
        """Sort the list the next way."""
        self._sort(1)

    def action_previous_order(self) -> None:
        """Sort the list the way before."""
        self._sort(-1)

    def _sort(self, by: int) -> None:
        """Sort another way, beginning with what comes first then."""
        self.order = (self.order + by) % len(ORDERS)
        self._list()
        self.action_move(-len(self.lines))

    def _find_everything(self) -> None:
        """List all projects in their own order, so that a new one is seen where it stands."""
        self.order = 0
        self.search.clear_query()
        self._list()

    def action_back(self) -> None:
        """Give up what was searched; where nothing was, leave."""
        if not self.search.clear_query():
            super().action_back()

    @on(DataTable.RowSelected)
    @on(Input.Submitted)
    async def _open(self) -> None:
        if self.chosen:
            self.home_app.open_evaluation(join("projects", self.chosen))

    # -- adding and changing --------------------------------------------------

    def action_add_project(self) -> None:
        """Ask for a name and add a project with the set the others have."""
        self.app.push_screen(Ask("增加项目", help="项目名称（以后可以改）"), self._named)

    async def _named(self, name: str | None) -> None:
        if not name or not name.strip():
            return
        session = self.desk.session
        used = [project.set for _, project in session.ordered_projects()]
        if used:
            await self._add(name.strip(), used[-1])
            return
        titles = await self.desk.run(lambda: sets_for("project"))
        if len(titles) == 1:
            await self._add(name.strip(), next(iter(titles)))
        else:

            async def picked(set_id: str | None) -> None:
                if set_id:
                    await self._add(name.strip(), set_id)

            sets = [Choice(set_id, title, set_id) for set_id, title in titles.items()]
            self.app.push_screen(Pick("按哪个指标体系自评？", sets), picked)

    async def _add(self, name: str, set_id: str) -> None:
        desk = self.desk

        def added() -> None:
            from perfeval.store.workflow import apply_with_sets

            changes = add_changes(desk.session, name, set_id, who=desk.who)
            apply_with_sets(desk.workspace, changes, find)

        before = set(desk.session.projects)
        if await self.home_app.changed(desk.act(added)):
            self._find_everything()
            self.query_one(Grid).choose(next(iter(set(desk.session.projects) - before), ""))

    def action_rename_project(self) -> None:
        """Ask for another name of the chosen project."""
        if not (key := self.chosen):
            return

        async def named(name: str | None) -> None:
            if name and name.strip():
                await self._edit(join("projects", key, "name"), name.strip())

        value = self.desk.session.projects[key].name
        self.app.push_screen(Ask("改名", value, help="项目名称"), named)

    async def action_copy_project(self) -> None:
        """Add a copy of the chosen project behind it, to be changed."""
        if not (key := self.chosen):
            return
        session = self.desk.session
        new = new_key(session)
        plain = session.projects[key].model_dump(mode="json", exclude_defaults=True)
        plain["name"] = f"{plain['name']}（副本）"
        order = [one for one, _ in session.ordered_projects()]
        order.insert(order.index(key) + 1, new)
        await self._together((join("projects", new), plain), ("project_order", order))

    async def action_project_up(self) -> None:
        """Move the chosen project up."""
        await self._move(-1)

    async def action_project_down(self) -> None:
        """Move the chosen project down."""
        await self._move(1)

    async def _move(self, by: int) -> None:
        """Move the chosen project in the order of the 汇总表."""
        if self.order:
            self.notify("现在不是按序号排列。按 Ctrl+左键回到“按序号”再移动")
            return
        order = [one for one, _ in self.desk.session.ordered_projects()]
        if not (key := self.chosen):
            return
        at = order.index(key)
        to = at + by
        if 0 <= to < len(order):
            order[at], order[to] = order[to], order[at]
            await self._edit("project_order", order)

    async def action_exclude_project(self) -> None:
        """Leave the chosen project out with a reason, or take it in again."""
        if not (key := self.chosen):
            return
        path = join("projects", key, "excluded")
        if self.desk.session.projects[key].excluded:
            await self._edit(path, "")
            return

        async def given(reason: str | None) -> None:
            if reason and reason.strip():
                await self._edit(path, reason.strip())

        self.app.push_screen(
            Ask("不参评", help="不参加自评的理由（资金照列，写入汇总表附注）"), given
        )

    def action_remove_project(self) -> None:
        """Delete the chosen project after asking; Ctrl+Z brings it back."""
        if not (key := self.chosen):
            return
        name = self.desk.session.projects[key].name

        async def sure(yes: bool | None) -> None:
            if yes:
                order = [one for one, _ in self.desk.session.ordered_projects() if one != key]
                await self._together((join("projects", key), None), ("project_order", order))

        self.app.push_screen(
            Confirm("删除项目", f"删除“{name}”及其全部内容？可以用 Ctrl+Z 恢复"), sure
        )

    async def _edit(self, path: str, value: object) -> None:
        await self._together((path, value))

    async def _together(self, *edits: tuple[str, object]) -> None:
        try:
            changes = grouped(self.desk.session, edits, who=self.desk.who)
        except PerfevalError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        await self.home_app.commit(*changes)


def grouped(session: Session, edits: tuple[tuple[str, object], ...], *, who: str) -> list[Change]:
    """Return edits as one act, to be undone at once."""
    group = uuid4().hex if len(edits) > 1 else ""
    made = (edit(session, path, value, who=who) for path, value in edits)
    return [change.model_copy(update={"group": group}) for change in made]


def add_changes(session: Session, name: str, set_id: str, *, who: str) -> list[Change]:
    """Return the changes that add a project at the end, with the rows its set begins with."""
    from perfeval.session.model import Project

    key = new_key(session)
    project = started(Project(set=set_id, name=name), find(set_id))
    plain = project.model_dump(mode="json", exclude_defaults=True)
    order = [*(one for one, _ in session.ordered_projects()), key]
    return grouped(session, ((join("projects", key), plain), ("project_order", order)), who=who)
