"""从 Excel 导入: choose a file, look at what would become of each cell, then take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Static

from perfeval.tui import actions, intake
from perfeval.tui.screens.base import BaseScreen
from perfeval.tui.screens.dialogs import Ask, Choice, Pick
from perfeval.tui.screens.files import ChooseFile
from perfeval.tui.screens.wizard import choices_of, documents_folder, wrong_year
from perfeval.tui.widgets.grid import Grid, Row
from perfeval.tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfeval.exchange.intake.reading import Reading
    from perfeval.session.model import Session
    from perfeval.store import Listing
    from perfeval.tui.app import PerfevalApp

NEW = ""


async def import_tables(
    app: PerfevalApp, found: Sequence[Listing] = (), *, into_open: bool = False
) -> None:
    """Ask for a file and where it goes, show the plan, and carry it out; from a worker.

    ``found`` are the saved sessions to choose from; ``into_open`` takes the one that is open.
    """
    desk = app.desk
    file = await app.push_screen_wait(
        ChooseFile("从 Excel 导入 · 选文件", intake.SUFFIXES, documents_folder())
    )
    if file is None:
        return
    reading = await app.attempt(desk.run(lambda: intake.read_file(file)))
    if reading is None:
        return
    if not into_open and found:
        target = await app.push_screen_wait(_where_to(found, reading))
        if target is None or (target != NEW and not await app.done(desk.open_session(target))):
            return
        into_open = target != NEW
    workspace = desk.workspace if into_open else None
    base = workspace.session if workspace else await _new_session(app, reading)
    if base is None:
        return
    plan = await app.attempt(desk.run(lambda: intake.planned(file, reading, base, workspace)))
    if plan is None or not await app.push_screen_wait(ImportScreen(plan)):
        return
    work = desk.run(lambda: intake.apply_plan(desk.store, plan, workspace, who=desk.who))
    saved = await app.attempt(work)
    if saved is not None and await app.open_session(saved):
        told = f"已导入 {plan.file.name}：{plan.ledger.summary}。按 Ctrl+Z 可以一并撤销"
        app.notify(told, timeout=12, markup=False)


def _where_to(found: Sequence[Listing], reading: Reading) -> Pick[str]:
    choices = [Choice(NEW, "新建一个自评任务", "单位和年度照表上写的，可以改"), *choices_of(found)]
    return Pick("从 Excel 导入 · 导入到哪里", choices, help=f"读到：{reading.kinds}")


async def _new_session(app: PerfevalApp, reading: Reading) -> Session | None:
    """Ask for unit and year, as the file states them, and return the empty session."""
    from perfeval.exchange.intake.reading import blank_session

    stated = blank_session([reading], reading.name)
    about = f"读到：{reading.kinds}"
    check = lambda text: "" if 0 < len(text) <= 200 else "请填单位名称"  # noqa: E731
    title = "从 Excel 导入 · 新建自评任务"
    unit = await app.push_screen_wait(
        Ask(title, stated.unit.name, help=f"{about}\n单位名称：", check=check)
    )
    if unit is None:
        return None
    known = stated.year if stated.year > 2000 else app.desk.now().year - 1
    year = await app.push_screen_wait(
        Ask(title, str(known), help=f"{about}\n评价哪个年度：", check=wrong_year)
    )
    return None if year is None else intake.blank(reading, unit, int(year))


class ImportScreen(BaseScreen):
    """What would become of each cell; nothing is changed until it is taken."""

    CSS_PATH = "importing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(actions.IMPORTING),
        Binding("escape", "back", "不导入", id="back"),
    ]

    def __init__(self, plan: intake.Plan) -> None:
        super().__init__()
        self.plan = plan
        self.everything = False
        self.rows: dict[str, Row] = {}

    def compose(self) -> ComposeResult:
        yield Static(f" 从 Excel 导入 · {self.plan.file.name}", id="title", markup=False)
        yield Static(about(self.plan), id="about", markup=False)
        yield Grid(*intake.COLUMNS, id="cells")
        yield Static("", id="detail", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        super().on_mount()
        self._fill()
        self.query_one(Grid).focus()

    def _fill(self) -> None:
        self.rows = {row.key: row for row in intake.rows_of(self.plan, everything=self.everything)}
        self.query_one(Grid).show(list(self.rows.values()))

    @on(DataTable.RowHighlighted)
    def _marked(self, event: DataTable.RowHighlighted) -> None:
        """Say the cell the cursor is on in full, for what the columns cut."""
        row = self.rows.get(event.row_key.value or "")
        pairs = zip(intake.COLUMNS, row.cells, strict=True) if row else ()
        told = "　".join(f"{column.title}：{text}" for column, text in pairs if text)
        self.query_one("#detail", Static).update(told)

    def action_every_cell(self) -> None:
        """List every cell of the file, or only what is taken and refused."""
        self.everything = not self.everything
        self._fill()

    def action_apply_import(self) -> None:
        """Take it."""
        self.dismiss(True)

    def action_back(self) -> None:
        """Leave everything as it is."""
        self.dismiss(False)


def about(plan: intake.Plan) -> str:
    """Return what was read, the counts and the notes; at the end what to press."""
    lines = [f"读到：{plan.reading.kinds}", plan.ledger.summary, *plan.ledger.notes]
    where = "写入这个任务" if plan.saved else "建立新任务"
    return "\n".join([*lines, f"现在什么都没有改。按 F4 {where}，Esc 不导入"])
