"""A file that came from somebody else: opened, copied, or joined with the session it is of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Static

from perfeval.session.labels import label, value_label
from perfeval.tui import actions
from perfeval.tui.screens.base import SessionScreen
from perfeval.tui.screens.dialogs import Choice, Pick
from perfeval.tui.widgets.detailed import DetailedGrid
from perfeval.tui.widgets.grid import Column, Grid, Row

if TYPE_CHECKING:
    from perfeval.handover import Arrival, Joining
    from perfeval.session.change import Change, Plain
    from perfeval.session.model import Session
    from perfeval.tui.app import PerfevalApp

TAKE, MERGE, COPY, OPEN, RESTORE = "take", "merge", "copy", "open", "restore"


async def take_arrival(app: PerfevalApp, file: Path) -> None:
    """Read a file and open what is in it; ask what to do where its session is here already."""
    from perfeval.handover import joining, read_arrival, take, take_copy
    from perfeval.indicators.library import find
    from perfeval.store.listing import free_id, restore_session

    desk, who = app.desk, app.desk.who
    arrival = await app.attempt(desk.run(lambda: read_arrival(desk.store, file)))
    if arrival is None:
        return
    known = arrival.session.id

    def copied() -> Session:
        return take_copy(desk.store, arrival, free_id(desk.store, known), find, who=who)

    way = await app.push_screen_wait(_what_to_do(arrival)) if arrival.known else TAKE
    if way in (TAKE, COPY):
        work = copied if way == COPY else lambda: take(desk.store, arrival, find, who=who)
        saved = await app.attempt(desk.run(work))
        if saved is not None and await app.open_session(saved.id):
            app.notify(_told(saved), timeout=10, markup=False)
            if way == TAKE:
                app.review_what_came()
    elif way == RESTORE:
        if await app.done(desk.run(lambda: restore_session(desk.store, known))):
            await app.open_session(known)
    elif way and await app.open_session(known) and way == MERGE and (package := arrival.package):
        found = await app.attempt(desk.run(lambda: joining(desk.workspace, package, who=who)))
        if found is not None:
            await app.push_screen(MergeScreen(found))


def _what_to_do(arrival: Arrival) -> Pick[str]:
    session = arrival.session
    copy = Choice(COPY, "打开副本", "另存为一个任务，互不影响")
    choices = [
        Choice(MERGE, "合并到这里已有的", "只取那边改过的；两边都改了的逐条选"),
        copy,
        Choice(OPEN, "打开这里已有的", "不用来件"),
    ]
    if arrival.deleted:
        choices = [Choice(RESTORE, "恢复这里已删除的", "不用来件；恢复后再打开来件可以合并"), copy]
    elif not arrival.package:
        choices = choices[1:]
    return Pick(
        "这个自评任务这里已经有了" + ("，但已删除" if arrival.deleted else ""),
        choices,
        help=f"{session.unit.name} {session.year} 年度，来件的阶段是“{session.stage}”。",
    )


def _told(session: Session) -> str:
    told = f"已打开 {session.unit.name} {session.year} 年度，{session.stage}"
    if session.working_as:
        told += f"。这一份是分发给“{session.working_as}”的，只能改它负责的部分"
    return told


COLUMNS = (
    Column("情况", 8), Column("栏目", 0, least=24, ends=True), Column("原来", 14, rank=1),
    Column("本机", 15), Column("来件", 15), Column("取", 4),
)  # fmt: skip


class MergeScreen(SessionScreen):
    """What a package would change here. Where both sides changed, Enter chooses the side."""

    CSS_PATH = "package.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.MERGING)
    TITLE_PART = "合并来件"

    def __init__(self, found: Joining) -> None:
        super().__init__()
        self.found = found
        self.theirs: set[str] = set()

    def compose_body(self) -> ComposeResult:
        yield Static("", id="told", markup=False)
        yield DetailedGrid(*COLUMNS)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Grid).focus()

    def show(self) -> None:
        found = self.found
        parts = [f"取来 {len(found.changes)} 处"]
        if clashes := found.clashes:
            parts.append(f"两边都改 {len(clashes)} 处，按 Enter 选取哪边")
        if found.refused:
            parts.append(f"不属于该科室、不取 {len(found.refused)} 处")
        self.query_one("#told", Static).update("；".join(parts) + "。按 F4 合并，Esc 不合并")
        self.query_one(DetailedGrid).show(self._rows())

    def _rows(self) -> list[Row]:
        found, rows = self.found, []
        for clash in found.clashes:
            side = "来件" if clash.path in self.theirs else "本机"
            cells = self._cells(clash.path, clash.base, clash.ours, clash.theirs)
            rows.append(Row(clash.path, ("两边都改", *cells, side), "bold"))
        for change in found.changes:
            cells = self._cells(change.path, change.old, change.old, change.new)
            rows.append(Row(f"+{change.path}", ("取来", *cells, "来件")))
        for clash in found.refused:
            cells = self._cells(clash.path, clash.base, clash.ours, clash.theirs)
            rows.append(Row(f"-{clash.path}", ("不取", *cells, "本机"), "dim"))
        return rows

    def _cells(self, path: str, *values: Plain) -> tuple[str, ...]:
        """Return what a place is called and what stands, stood and would stand there."""
        session, find = self.desk.session, self.desk.workspace.find
        told = (value_label(session, find, path, value) for value in values)
        return (label(session, find, path), *told)

    @on(DataTable.RowSelected)
    def _chosen(self, event: DataTable.RowSelected) -> None:
        event.stop()
        path = event.row_key.value
        if any(clash.path == path for clash in self.found.clashes) and path:
            self.theirs ^= {path}
            self.show()

    def action_take_theirs(self) -> None:
        """Take the package's side everywhere, or ours again where it is taken already."""
        everything = {clash.path for clash in self.found.clashes}
        self.theirs = set() if self.theirs == everything else everything
        self.show()

    async def action_merge(self) -> None:
        """Make the changes as one act, which can be undone at once."""
        from perfeval.handover import join_in

        desk = self.desk
        made: list[Change] = []

        def merged() -> None:
            made.extend(join_in(desk.workspace, self.found, self.theirs, who=desk.who))

        if await self.home_app.changed(desk.act(merged)):
            told = f"已合并 {len(made)} 处，可按 Ctrl+Z 一并撤销" if made else "没有要合并的内容"
            self.notify(told, markup=False)
            self.app.pop_screen()
