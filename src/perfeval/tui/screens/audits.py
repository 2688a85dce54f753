"""核对公开稿: choose a published report, look at what does not hold, say why or have it mended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import DataTable, Static

from perfeval.places import documents_folder
from perfeval.tui import actions, audit_view
from perfeval.tui.screens.base import BaseScreen
from perfeval.tui.screens.dialogs import Ask, Choice, Message, Pick
from perfeval.tui.screens.files import ChooseFile
from perfeval.tui.widgets.grid import Grid
from perfeval.tui.widgets.keybar import KeyBar
from perfeval.tui.widgets.text import Told

if TYPE_CHECKING:
    from perfeval.audit.model import Audit, AuditFinding
    from perfeval.audit.record import Comparison, KeptAudit, Renewed
    from perfeval.session.model import Waiver
    from perfeval.tui.app import PerfevalApp

OTHER = ""


async def audit_report(app: PerfevalApp) -> None:
    """Ask which report, audit it and show what was found; from a worker."""
    from perfeval.audit.record import kept_audits

    desk = app.desk
    kept, problems = await desk.run(kept_audits)
    for problem in problems:
        app.notify(problem, severity="warning", timeout=12, markup=False)
    file: Path | None = None
    if kept:
        chosen = await app.push_screen_wait(_which(kept))
        if chosen is None:
            return
        file = Path(chosen) if chosen != OTHER else None
    if file is None or not file.is_file():
        if file is not None:
            app.notify(f"{file.name} 已不在原处，请选它现在的位置", markup=False)
        choose = ChooseFile("核对公开稿 · 选文件", audit_view.SUFFIXES, documents_folder())
        file = await app.push_screen_wait(choose)
    if file is not None and (renewed := await renewed_by(app, file)) is not None:
        await app.push_screen(AuditScreen(renewed))


def _which(kept: list[KeptAudit]) -> Pick[str]:
    known = [Choice(one.file, text, note) for one, text, note in audit_view.kept_lines(kept)]
    other = Choice(OTHER, "核对另一份公开稿", "决算、自评报告：Word、Excel、网页、PDF、文本")
    return Pick("核对公开稿", [other, *known], search=len(known) > 8)


async def renewed_by(app: PerfevalApp, file: Path) -> Renewed | None:
    """Audit a file in the thread; what cannot be read is told and None returned."""
    from perfeval.audit.record import renew

    desk = app.desk
    return await app.attempt(desk.run(lambda: renew(file, when=desk.now()), "正在核对"))


class AuditScreen(BaseScreen):
    """The findings of a published report, worst first; what is chosen is told in full below."""

    CSS_PATH = "audits.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(actions.AUDIT),
        Binding("escape", "back", "返回", id="back"),
    ]

    def __init__(self, renewed: Renewed) -> None:
        super().__init__()
        self.renewed = renewed
        self.audit: Audit = renewed.audit
        self.changed: Comparison | None = renewed.changed

    def compose(self) -> ComposeResult:
        yield Static("", id="title", markup=False)
        yield Told(id="about")
        yield Grid(*audit_view.COLUMNS, id="findings")
        with VerticalScroll(id="detail", can_focus=False):
            yield Told(hang=2, id="detail-text")
        yield KeyBar()

    def on_mount(self) -> None:
        super().on_mount()
        self.show()
        self.query_one(Grid).focus()

    def show(self) -> None:
        """Paint the audit as it stands."""
        self.query_one("#title", Static).update(f" {audit_view.heading(self.audit)}")
        self.query_one("#about", Told).tell(audit_view.about(self.audit, self.changed))
        self.query_one(Grid).show(list(audit_view.rows_of(self.audit, self.changed)))
        self._marked()

    @property
    def finding(self) -> AuditFinding | None:
        """The finding the cursor is on."""
        chosen = self.query_one(Grid).chosen
        return next((one for one in self.audit.findings if one.fingerprint == chosen), None)

    @on(DataTable.RowHighlighted)
    def _marked(self) -> None:
        finding = self.finding
        lines = audit_view.detail_lines(finding) if finding else []
        self.query_one("#detail-text", Told).tell("\n".join(lines))

    @on(DataTable.RowSelected)
    def _whole(self) -> None:
        """Enter tells the finding in a box that scrolls."""
        if finding := self.finding:
            text = "\n\n".join(audit_view.detail_lines(finding))
            self.app.push_screen(Message(finding.check, text))

    # -- acting ---------------------------------------------------------------

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_explain_audit(self) -> None:
        """Ask for a 核实说明 of the chosen finding and keep it; an empty one changes nothing."""
        from perfeval.audit.record import explain_finding, save_record

        if (finding := self.finding) is None:
            return
        before = finding.waiver or finding.lapsed
        ask = Ask("核实说明", before.reason if before else "", help=finding.message)
        reason = await self.home_app.push_screen_wait(ask)
        if not reason:
            return
        desk, renewed = self.desk, self.renewed
        explained = explain_finding(self.audit, finding.fingerprint, reason, desk.who)

        def kept() -> Path:
            return save_record(explained, renewed.place, file=renewed.file, when=desk.now())

        if await self.home_app.done(desk.run(kept, "正在保存")):
            self.audit = explained
            self.show()

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_audit_again(self) -> None:
        """Audit the file as it is now."""
        if (renewed := await renewed_by(self.home_app, self.renewed.file)) is not None:
            self.renewed, self.audit, self.changed = renewed, renewed.audit, renewed.changed
            self.show()
            self.notify("已重新核对", markup=False)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_compare_audit(self) -> None:
        """Compare with a record kept earlier."""
        from perfeval.audit.record import compare, kept_audits, load_record

        app = self.home_app
        kept, _ = await self.desk.run(kept_audits)
        others = [one for one in kept if one.place != self.renewed.place]
        place = OTHER
        if others:
            choices = [
                Choice(str(one.place), text, note)
                for one, text, note in audit_view.kept_lines(others)
            ]
            other = Choice(OTHER, "另选一份审核记录")
            answer = await app.push_screen_wait(Pick("与哪一次对比", [*choices, other]))
            if answer is None:
                return
            place = answer
        file = Path(place) if place else await app.push_screen_wait(
            ChooseFile("对比 · 选审核记录", audit_view.RECORDS, documents_folder())
        )  # fmt: skip
        if file is None:
            return
        earlier = await app.attempt(self.desk.run(lambda: load_record(file)))
        if earlier is not None:
            self.audit = self.audit.explained(earlier.waivers | self.waivers)
            self.changed = compare(self.audit, earlier)
            self.show()

    @property
    def waivers(self) -> dict[str, Waiver]:
        """The 核实说明 of this audit by fingerprint."""
        found = {f.fingerprint: f.waiver or f.lapsed for f in self.audit.findings}
        return {key: one for key, one in found.items() if one is not None}

    def action_audit_to_session(self) -> None:
        """Make a session of the report and open it: the app's work, for it closes this screen."""
        self.app.run_worker(self._to_session(), group="going", exit_on_error=False)

    async def _to_session(self) -> None:
        from perfeval.audit.as_session import as_session
        from perfeval.handover import Import, carry_out
        from perfeval.indicators.library import find, set_files
        from perfeval.session.starting import id_for
        from perfeval.store.listing import free_id

        desk, app, examined = self.desk, self.home_app, self.renewed.examined

        def made() -> tuple[str, list[str]]:
            session_id = free_id(desk.store, id_for(*examined.of_whom))
            filled = as_session(examined, session_id, find, set_files())
            planned = Import(filled.reading, filled.ledger, None, filled.find)
            return carry_out(desk.store, planned, who=desk.who)[0], filled.ledger.notes

        done = await app.attempt(desk.run(made, "正在建立"))
        if done is None:
            return
        session_id, notes = done
        if await app.open_session(session_id):
            told = ["已按公开稿建立任务，每个数的出处记在修改记录里", *notes]
            app.notify("\n".join(told), timeout=12, markup=False)

    def action_audit_coverage(self) -> None:
        """Tell what was checked and what was not."""
        self.app.push_screen(Message("核对范围", audit_view.coverage_text(self.audit)))

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_export_audit(self) -> None:
        """Write the audit as a workbook and as a Word document."""
        from perfeval.audit import output
        from perfeval.exchange.writer import write_file
        from perfeval.places import export_folder

        audit = self.audit

        def written() -> list[Path]:
            book, word = audit_view.exported_places(export_folder(), audit)
            return [write_file(book, output.workbook(audit)), write_file(word, output.word(audit))]

        files = await self.home_app.attempt(self.desk.run(written, "正在导出"))
        if files:
            told = "、".join(one.name for one in files)
            self.notify(f"已写出 {told}，在 {files[0].parent}", timeout=12, markup=False)

    def action_back(self) -> None:
        """Leave; what was explained is kept."""
        self.app.pop_screen()
