"""上报: where the task stands, what is in the way, and every move from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import DataTable, OptionList, Static
from textual.widgets.option_list import Option

from perfeval.session.labels import label
from perfeval.session.seal import seal_holds
from perfeval.session.stages import moves
from perfeval.store import workflow
from perfeval.tui.screens.base import SessionScreen
from perfeval.tui.screens.dialogs import Ask, Confirm, Message
from perfeval.tui.widgets.grid import Column, Grid, Row

if TYPE_CHECKING:
    from perfeval.checks import Finding
    from perfeval.session.model import Session, Stage, Submission

WAY = ("草稿", "已上报", "复核中", "已复核")
INSIDE = ("科室填报", "财务审核", "负责人审签")

MOVES: dict[str, tuple[str, str]] = {
    "草稿": ("退回草稿", "单位内部：回到草稿"),
    "科室填报": ("科室填报", "单位内部（可以不用）：各科室正在填"),
    "财务审核": ("财务审核", "单位内部（可以不用）：财务人员核对"),
    "负责人审签": ("负责人审签", "单位内部（可以不用）：等负责人签字"),
    "已上报": ("上报", "审核通过后锁定，生成校验码；以后再改会看得出来"),
    "复核中": ("开始复核", "复核人员在自评分旁边写复核得分和意见"),
    "退回修改": ("退回修改", "须写明理由，单位改后再上报"),
    "已复核": ("办结复核", "复核得分和意见定下来"),
}
"""What moving to a stage is called, and what it means."""

NEXT: dict[str, str] = {
    "退回修改": "按 F9 导出自评数据包，送回单位",
    "已复核": "按 F9 导出复核意见表，送单位和存档",
}
"""What the reviewer does next."""

COLUMNS = (Column("级别", 6), Column("问题", 0), Column("所在栏目", 30, rank=1))


class SubmitScreen(SessionScreen):
    """The stage, what hinders 上报 (Enter goes there), and the moves."""

    CSS_PATH = "submit.tcss"
    TITLE_PART = "上报"

    def compose_body(self) -> ComposeResult:
        yield Static("", id="stage", markup=False)
        yield OptionList(id="moves")
        yield Static("", id="hindrance", markup=False)
        yield Grid(*COLUMNS, id="blockers")
        with VerticalScroll(id="sealed", can_focus=False):
            yield Static("", id="seals", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#moves").focus()

    # -- showing --------------------------------------------------------------

    def show(self) -> None:
        session = self.desk.session
        self.query_one("#stage", Static).update(stage_line(session))
        choices = self.query_one("#moves", OptionList)
        here = choices.highlighted
        choices.clear_options()
        choices.add_options([self._option(to) for to in self._moves])
        choices.highlighted = min(here or 0, len(self._moves) - 1) if self._moves else None
        blockers = self.blockers if "已上报" in self._moves else []
        self.query_one("#hindrance", Static).update(self._hindrance(blockers))
        grid = self.query_one("#blockers", Grid)
        grid.display = bool(blockers)
        grid.show([self._row(number, one) for number, one in enumerate(blockers)])
        self.query_one("#seals", Static).update(seals_text(session, self.desk.workspace.head))

    @property
    def _moves(self) -> list[Stage]:
        """The stages that can follow, 上报 and what concerns the reviewer first."""
        allowed = moves(self.desk.session)
        return sorted(allowed, key=lambda stage: stage in INSIDE or stage == "草稿")

    @property
    def blockers(self) -> list[Finding]:
        """What stands in the way of 上报: errors and missing reasons nobody has explained."""
        return workflow.blockers(self.desk.findings)

    def _hindrance(self, blockers: list[Finding]) -> str:
        if "已上报" not in self._moves:
            return ""
        if not self.desk.checked:
            return "正在审核"
        if blockers:
            return f"还不能上报：有 {len(blockers)} 处未改正也未说明。按 Tab 到下面，Enter 去改"
        return "审核通过，可以上报"

    def _option(self, to: Stage) -> Option:
        name, about = MOVES[to]
        line = Text(f"{name}", style="bold", no_wrap=True, overflow="ellipsis")
        line.append(f"  {about}", style="not bold")
        return Option(line, id=to)

    def _row(self, number: int, one: Finding) -> Row:
        where = label(self.desk.session, self.desk.workspace.find, one.path)
        return Row(str(number), (one.level.value, one.message, where))

    @on(DataTable.RowSelected)
    async def _jump(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.home_app.jump(self.blockers[int(event.row_key.value or 0)].path)

    # -- moving ---------------------------------------------------------------

    @on(OptionList.OptionSelected)
    def _move(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        to = next(stage for stage in self._moves if stage == event.option_id)
        if to == "已上报":
            self._submit()
        else:
            self._go(to)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _submit(self) -> None:
        """Seal and hand in, once the checks let it."""
        if self.blockers:
            self.query_one("#blockers").focus()
            self.notify("还有未改正也未说明的问题，列在下面", severity="warning")
            return
        sure = Confirm(
            "上报", "上报后内容锁定，生成校验码。以后还可以改，但会看得出与上报时不同。", yes="上报"
        )
        if not await self.app.push_screen_wait(sure):
            return
        desk = self.desk
        before = len(desk.session.submissions)
        work = lambda: workflow.submit(desk.workspace, who=desk.who)  # noqa: E731
        await self.home_app.changed(desk.act(work))
        if len(desk.session.submissions) > before:
            last = desk.session.submissions[-1]
            await self.app.push_screen_wait(
                Message("已上报", submitted_text(last, desk.workspace.head))
            )

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _go(self, to: Stage) -> None:
        """Move to a stage other than 已上报; returning asks for the reason."""
        why: str | None = ""
        if to == "退回修改":
            check = lambda text: "" if text else "请写明理由，单位要照着改"  # noqa: E731
            why = await self.app.push_screen_wait(Ask("退回修改", help="退回的理由：", check=check))
        elif to in ("已复核", "复核中"):
            name, about = MOVES[to]
            why = "" if await self.app.push_screen_wait(Confirm(name, about, yes=name)) else None
        if why is None:
            return
        desk = self.desk
        work = lambda: workflow.move(desk.workspace, to, who=desk.who, why=why)  # noqa: E731
        if await self.home_app.changed(desk.act(work)):
            self.notify(f"已转为“{to}”。{NEXT.get(to, '')}", markup=False)


def stage_line(session: Session) -> str:
    """Return the way of a task with the stage it is at in brackets."""
    way = list(WAY)
    if session.stage in INSIDE:
        way.insert(1, session.stage)
    elif session.stage == "退回修改":
        way.insert(3, "退回修改")
    return "  >  ".join(f"[{stage}]" if stage == session.stage else stage for stage in way)


def seals_text(session: Session, head: str) -> str:
    """Return every 上报 with its seal, and whether the last one still holds."""
    lines = [
        f"第 {one.number} 次上报  {one.when[:16].replace('T', ' ')}  {one.who}\n"
        f"    上报锁定 {one.seal}"
        for one in reversed(session.submissions)
    ]
    holds = seal_holds(session)
    if holds is False:
        lines.insert(0, "上报后内容有改动，上报锁定已失效（撤销改动可以恢复，或再次上报）")
    lines.append(f"现在的修改记录校验码 {head}")
    return "\n".join(lines)


def submitted_text(last: Submission, head: str) -> str:
    """Return what is told after 上报: the codes to keep, and what to do next."""
    return "\n".join(
        [
            f"第 {last.number} 次上报完成，内容已锁定。",
            "",
            f"上报锁定      {last.seal}",
            f"修改记录校验码 {head}",
            "",
            "请抄下或打印校验码的前 16 位，以后可以用它证明内容没有被改过。",
            "下一步：按 F9 导出自评数据包和报表，送上级部门。",
        ]
    )
