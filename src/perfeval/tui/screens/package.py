"""A file that came from somebody else: opened, copied, or joined with the session it is of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Static

from perfeval.session.labels import label
from perfeval.tui import actions
from perfeval.tui.arrivals import Arrival, Joining, copy, decided, joining, read, take
from perfeval.tui.history_view import value_text
from perfeval.tui.screens.base import SessionScreen
from perfeval.tui.screens.dialogs import Choice, Pick
from perfeval.tui.widgets.grid import Column, Grid, Row

if TYPE_CHECKING:
    from perfeval.exchange.package import Package
    from perfeval.tui.app import PerfevalApp

OPEN, MERGE, COPY = "open", "merge", "copy"


async def take_arrival(app: PerfevalApp, file: Path) -> None:
    """Read a file and open what is in it; ask what to do where its session is here already."""
    desk = app.desk
    arrival = await app.attempt(desk.run(lambda: read(desk.store, file)))
    if arrival is None:
        return
    way = await app.push_screen_wait(_what_to_do(arrival)) if arrival.known else "take"
    if way is None:
        return
    if way in ("take", COPY):
        save = take if way == "take" else copy
        saved = await app.attempt(desk.run(lambda: save(desk.store, arrival, who=desk.who)))
        if saved is not None and await app.open_session(saved):
            app.notify(_told(app), timeout=10, markup=False)
        return
    if await app.open_session(arrival.session.id) and way == MERGE and arrival.package:
        package = arrival.package
        work = lambda: joining(desk.workspace, package, who=desk.who)  # noqa: E731
        if (found := await app.attempt(desk.run(work))) is not None:
            await app.push_screen(MergeScreen(package, found))


def _what_to_do(arrival: Arrival) -> Pick[str]:
    session = arrival.session
    choices = [
        Choice(MERGE, "合并到这里已有的", "只取那边改过的；两边都改了的逐条选"),
        Choice(COPY, "打开副本", "另存为一个任务，互不影响"),
        Choice(OPEN, "打开这里已有的", "不用来件"),
    ]
    return Pick(
        "这个自评任务这里已经有了",
        choices if arrival.package else choices[1:],
        help=f"{session.unit.name} {session.year} 年度，来件的阶段是“{session.stage}”。",
    )


def _told(app: PerfevalApp) -> str:
    session = app.desk.session
    told = f"已打开 {session.unit.name} {session.year} 年度，{session.stage}"
    if session.working_as:
        told += f"。这一份是分发给“{session.working_as}”的，只能改它负责的部分"
    return told


COLUMNS = (
    Column("", 8), Column("栏目", 0), Column("原来", 14, rank=1),
    Column("本机", 18), Column("来件", 18), Column("取", 4),
)  # fmt: skip


class MergeScreen(SessionScreen):
    """What a package would change here. Where both sides changed, Enter chooses the side."""

    CSS_PATH = "package.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.MERGING)
    TITLE_PART = "合并来件"

    def __init__(self, package: Package, found: Joining) -> None:
        super().__init__()
        self.package, self.found = package, found
        self.theirs: set[str] = set()

    def compose_body(self) -> ComposeResult:
        yield Static("", id="told", markup=False)
        yield Grid(*COLUMNS, id="differences")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Grid).focus()

    def show(self) -> None:
        found = self.found
        parts = [f"取来 {len(found.changes)} 处"]
        if clashes := found.merge.clashes:
            parts.append(f"两边都改 {len(clashes)} 处，按 Enter 选取哪边")
        if found.refused:
            parts.append(f"不属于该科室、不取 {len(found.refused)} 处")
        self.query_one("#told", Static).update("；".join(parts) + "。按 F4 合并，Esc 不合并")
        self.query_one(Grid).show(list(self._rows()))

    def _rows(self) -> list[Row]:
        session, find, found = self.desk.session, self.desk.workspace.find, self.found
        rows = []
        for clash in found.merge.clashes:
            side = "来件" if clash.path in self.theirs else "本机"
            values = [value_text(one) for one in (clash.base, clash.ours, clash.theirs)]
            cells = ("两边都改", label(session, find, clash.path), *values, side)
            rows.append(Row(clash.path, cells, "bold"))
        for change in found.changes:
            old, new = value_text(change.old), value_text(change.new)
            cells = ("取来", label(session, find, change.path), old, old, new, "来件")
            rows.append(Row(f"+{change.path}", cells))
        for clash in found.refused:
            values = [value_text(one) for one in (clash.base, clash.ours, clash.theirs)]
            cells = ("不取", label(session, find, clash.path), *values, "本机")
            rows.append(Row(f"-{clash.path}", cells, "dim"))
        return rows

    @on(DataTable.RowSelected)
    def _chosen(self, event: DataTable.RowSelected) -> None:
        event.stop()
        path = event.row_key.value
        if any(clash.path == path for clash in self.found.merge.clashes) and path:
            self.theirs ^= {path}
            self.show()

    def action_take_theirs(self) -> None:
        """Take the package's side everywhere, or ours again where it is taken already."""
        everything = {clash.path for clash in self.found.merge.clashes}
        self.theirs = set() if self.theirs == everything else everything
        self.show()

    async def action_merge(self) -> None:
        """Make the changes as one act, which can be undone at once."""
        changes = decided(self.found.merge, self.theirs, who=self.desk.who)
        filled = sum(not one.path.startswith("sent/") for one in changes)
        package, desk = self.package, self.desk

        def merged() -> None:
            from perfeval.store.evidence import evidence_folder, keep

            keep(evidence_folder(desk.store), package.evidence)
            if changes:
                desk.workspace.apply(*changes)

        if await self.home_app.changed(desk.act(merged)):
            told = f"已合并 {filled} 处，可按 Ctrl+Z 一并撤销" if filled else "没有要合并的内容"
            self.notify(told, markup=False)
            self.app.pop_screen()
