"""修改记录: who changed what when, from what to what and why; any change can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Static

from perfeval.session.labels import label
from perfeval.session.told import told
from perfeval.tui import actions
from perfeval.tui.history_view import COLUMNS, Act, acts, detail_lines, only, rows_of
from perfeval.tui.screens.base import SessionScreen
from perfeval.tui.widgets.grid import Grid, Row

if TYPE_CHECKING:
    from perfeval.session.change import Change
    from perfeval.session.journal import Record

PAGE = 200
"""Acts that are listed at once; the last line gives the next ones."""
MORE = "more"


class HistoryScreen(SessionScreen):
    """The records, newest first. Enter opens an act of many changes and goes to where a single
    one was made; F3 takes a change back.
    """

    CSS_PATH = "history.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.HISTORY)
    TITLE_PART = "修改记录"

    def __init__(self, path: str = "") -> None:
        super().__init__()
        self.path = path
        self.who: str | None = None
        self.opened: set[str] = set()
        self.limit = PAGE
        self.records: list[Record] = []

    def compose_body(self) -> ComposeResult:
        yield Static("", id="told", markup=False)
        yield Grid(*COLUMNS, id="records")
        yield Static("", id="detail", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Grid).focus()

    # -- showing --------------------------------------------------------------

    def show(self) -> None:
        self._load()

    @work(group="history", exclusive=True, exit_on_error=False)
    async def _load(self) -> None:
        """Read what was recorded since."""
        self.records = await self.desk.run(lambda: list(self.desk.workspace.records))
        self._fill()

    def _fill(self) -> None:
        found = self.acts
        rows = list(rows_of(found[: self.limit], self.opened, self.told, self.desk.now()))
        if (later := len(found) - self.limit) > 0:
            more = f"还有更早的 {later} 次，按 Enter 再列 {min(later, PAGE)} 次"
            rows.append(Row(MORE, ("", "", more, ""), "bold"))
        self.query_one(Grid).show(rows)
        self.query_one("#told", Static).update(self._about(found))

    @property
    def acts(self) -> list[Act]:
        """What is listed: everything, or one field's or one person's changes."""
        found = acts(self.records)
        filtered = self.path or self.who is not None
        return only(found, path=self.path, who=self.who) if filtered else found

    def _about(self, found: list[Act]) -> str:
        head = self.desk.workspace.head[:16]
        parts = [f"共 {len(self.records)} 条，校验码 {head}"]
        if self.path:
            parts.append(f"只看 {self.called(self.path)}：{len(found)} 条（再按 F4 看全部）")
        if self.who is not None:
            parts.append(f"只看 {self.who or '未署名'}：{len(found)} 条（再按 F6 看全部）")
        return "　".join(parts)

    def called(self, path: str) -> str:
        """Return a path's name."""
        return label(self.desk.session, self.desk.workspace.find, path)

    def told(self, change: Change, *, whole: bool = False) -> str:
        """Return what a change did, with the names the session has now."""
        return told(self.desk.session, self.desk.workspace.find, change, whole=whole)

    @property
    def chosen(self) -> Act | None:
        """The act, or the one change of an opened act, that the cursor is on."""
        key = self.query_one(Grid).chosen
        if key.startswith("one-"):
            number = int(key.removeprefix("one-"))
            return Act((self.records[number - 1],))
        return next((act for act in self.acts if act.key == key), None)

    @on(DataTable.RowHighlighted)
    def _marked(self) -> None:
        act = self.chosen
        lines = detail_lines(act, lambda change: self.told(change, whole=True)) if act else []
        self.query_one("#detail", Static).update("\n".join(lines))

    @on(DataTable.RowSelected)
    def _entered(self, event: DataTable.RowSelected) -> None:
        event.stop()
        act = self.chosen
        if event.row_key.value == MORE:
            self.limit += PAGE
        elif act and act.opens:
            self.opened ^= {act.key}
        else:
            if act and act.can_be_reverted:
                self.home_app.jump(act.place)
            return
        self._fill()

    # -- acting ---------------------------------------------------------------

    def action_by_field(self) -> None:
        """List only the changes of the field the cursor is on, or all again."""
        act = self.chosen
        if self.path:
            self.path = ""
        elif act and act.can_be_reverted and not act.opens:
            self.path = act.place
        self._fill()

    def action_by_person(self) -> None:
        """List only the changes of whoever made the one the cursor is on, or all again."""
        if self.who is not None:
            self.who = None
        elif act := self.chosen:
            self.who = act.records[-1].change.who
        self._fill()

    async def action_revert(self) -> None:
        """Take the chosen change (or act) back, as a new change; a value that is another one by
        now is told and left.
        """
        if (act := self.chosen) is None:
            return
        if not act.can_be_reverted:
            self.notify("新建和阶段不能这样改回来；阶段请按 Ctrl+U 处理")
            return
        why = f"改回第 {act.records[-1].n} 条修改前的内容"
        changes = [
            record.change.inverse(who=self.desk.who, why=why) for record in reversed(act.records)
        ]
        if await self.home_app.commit(*changes):
            self.notify(f"已改回 {len(changes)} 处，按 Ctrl+Z 可以撤销")
