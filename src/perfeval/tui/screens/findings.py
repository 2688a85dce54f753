"""审核: what does not hold, what both numbers are, how to cure it; Enter goes to the field."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import DataTable, Static

from perfeval.checks import Finding, Level
from perfeval.session.change import edit, join, read
from perfeval.session.labels import label
from perfeval.session.model import Session
from perfeval.store import workflow
from perfeval.tui import actions
from perfeval.tui.screens.base import SessionScreen
from perfeval.tui.screens.dialogs import Ask, Choice, Pick
from perfeval.tui.signs import on_screen
from perfeval.tui.widgets.grid import Column, Grid, Row

STYLES = {Level.ERROR: "bold", Level.WARNING: "", Level.NOTICE: "dim"}


class FindingsScreen(SessionScreen):
    """The findings, worst first; what is chosen is told in full below."""

    CSS_PATH = "findings.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.FINDINGS)
    TITLE_PART = "审核"

    def __init__(self) -> None:
        super().__init__()
        self._by_key: dict[str, Finding] = {}

    def compose_body(self) -> ComposeResult:
        yield Static("", id="counts", markup=False)
        yield Grid(
            Column("级别", 4),
            Column("项目", 22, rank=1),
            Column("内容", 0, least=48),
            Column("说明", 8),
            id="findings",
        )
        with VerticalScroll(id="detail", can_focus=False):
            yield Static("", id="detail-text", markup=False)

    def show(self) -> None:
        findings = self.desk.findings
        self._by_key = {one.fingerprint: one for one in findings}
        self.query_one("#counts", Static).update(counts_text(findings, checked=self.desk.checked))
        self.query_one(Grid).show([row_of(key, one) for key, one in self._by_key.items()])
        self._show_detail()

    @property
    def finding(self) -> Finding | None:
        """The finding the cursor is on."""
        return self._by_key.get(self.query_one(Grid).chosen)

    @on(DataTable.RowHighlighted)
    def _show_detail(self) -> None:
        finding = self.finding
        text = "\n".join(detail_lines(finding)) if finding else ""
        self.query_one("#detail-text", Static).update(text)

    @on(DataTable.RowSelected)
    async def _jump(self) -> None:
        if (finding := self.finding) is None:
            return
        places = [path for path in finding.paths if path]
        if len(places) > 1 and finding.members:
            names = [Choice(one.path, one.message) for one in finding.members]
            self.app.push_screen(Pick("到哪一处？", names), self._go)
        elif places:
            self.home_app.jump(places[0])

    async def _go(self, path: str | None) -> None:
        if path:
            self.home_app.jump(path)

    @work(group="asking")
    async def action_correct(self) -> None:
        """Ask which printed figure of the finding is wrong and what it should be, and save it."""
        session, find = self.desk.session, self.desk.workspace.find
        places = correctable(session, self.finding) if self.finding else []
        if not places:
            self.notify("这一条没有填报数可改。按 Enter 到该处修改", severity="warning")
            return
        path: str | None = places[0]
        if len(places) > 1:
            lines = [Choice(one, label(session, find, one), typed(session, one)) for one in places]
            path = await self.home_app.push_screen_wait(Pick("改哪一个数？", lines))
        if path is None:
            return
        asked = Ask("改填报数", typed(session, path), help=label(session, find, path))
        new = await self.home_app.push_screen_wait(asked)
        if new is not None and new != typed(session, path):
            why = f"审核：{self.finding.title}" if self.finding else ""
            await self.home_app.commit(
                edit(self.desk.session, path, new or None, who=self.desk.who, why=why)
            )

    @work(group="asking")
    async def action_audit_published(self) -> None:
        """Audit a published report, beside the findings of the session."""
        from perfeval.tui.screens.audits import audit_report

        await audit_report(self.home_app)

    def action_explain(self) -> None:
        """Ask for a 核实说明 of the chosen finding; an empty one changes nothing."""
        if (finding := self.finding) is None:
            return
        if finding.level is Level.NOTICE:
            self.notify("提示不需要核实说明")
            return

        before = finding.lapsed or finding.waiver
        dialog = Ask("核实说明", before.reason if before else "", help=finding.message)

        async def explained(reason: str | None) -> None:
            if reason and reason.strip():
                await self.home_app.changed(
                    self.desk.act(
                        lambda: workflow.explain(
                            self.desk.workspace, finding, reason.strip(), who=self.desk.who
                        )
                    )
                )

        self.app.push_screen(dialog, explained)


def correctable(session: Session, finding: Finding) -> list[str]:
    """Return the places of the printed figures a finding speaks of: 填报数 and 表外数字."""
    claimed = [join("claimed", path) for path in finding.paths if path in session.claimed]
    stated = [
        join("statements", name, "value")
        for name in session.statements
        if join("statements", name) in finding.paths
    ]
    return claimed + stated


def typed(session: Session, path: str) -> str:
    """Return a printed figure as it was typed."""
    return str(read(session, path) or "")


def counts_text(findings: list[Finding], *, checked: bool = True) -> str:
    """Return the line above the list: how many of each level, how many of them explained."""
    if not checked:
        return "正在审核"
    if not findings:
        return "审核通过：没有发现对不上的地方"
    parts = []
    for level in Level:
        those = [one for one in findings if one.level is level]
        open_ = sum(one.waiver is None for one in those)
        explained = len(those) - open_
        parts.append(f"{level} {open_}" + (f"（另有 {explained} 条已说明）" if explained else ""))
    return "  ".join(parts) + "    Enter 到该处  F3 改填报数  F4 写核实说明"


def row_of(key: str, finding: Finding) -> Row:
    """Return a finding's line."""
    state = "已说明" if finding.waiver else "说明失效" if finding.lapsed else ""
    return Row(
        key,
        (str(finding.level), finding.title, on_screen(finding.message), state),
        "dim" if finding.waiver else STYLES[finding.level],
    )


def detail_lines(finding: Finding) -> list[str]:
    """Return everything there is to say about a finding."""
    lines = [f"{finding.level}  {finding.title}（{finding.id}）", finding.message]
    if finding.claimed or finding.expected:
        lines.append(f"填报：{finding.claimed or '（无）'}    核算：{finding.expected or '（无）'}")
    if finding.assumption:
        lines.append(f"依据的假定：{finding.assumption}")
    if finding.basis:
        lines.append(f"依据：{finding.basis}")
    if finding.members:
        lines += [f"  · {one.message}" for one in finding.members]
    if finding.waiver:
        lines.append(f"核实说明（{finding.waiver.who or '未署名'}）：{finding.waiver.reason}")
    if finding.lapsed:
        lines.append(f"原核实说明因数字变了而失效：{finding.lapsed.reason}")
    return [on_screen(line) for line in lines]
