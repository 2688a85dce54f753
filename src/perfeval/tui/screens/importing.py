"""从 Excel 导入: choose a file, look at what would become of each cell, then take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from perfeval.places import documents_folder
from perfeval.tui import actions, import_view
from perfeval.tui.screens.base import BaseScreen
from perfeval.tui.screens.dialogs import Ask, Choice, Pick
from perfeval.tui.screens.files import ChooseFile
from perfeval.tui.screens.wizard import choices_of, wrong_year
from perfeval.tui.widgets.detailed import DetailedGrid
from perfeval.tui.widgets.grid import Grid
from perfeval.tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from perfeval.exchange.intake.reading import Reading
    from perfeval.handover import Import
    from perfeval.session.model import Session
    from perfeval.store import Listing
    from perfeval.tui.app import PerfevalApp

NEW = ""


async def import_tables(
    app: PerfevalApp,
    found: Sequence[Listing] = (),
    *,
    into_open: bool = False,
    file: Path | None = None,
) -> None:
    """Ask for a file and where it goes, show the plan, and carry it out; from a worker.

    ``found`` are the saved sessions to choose from; ``into_open`` takes the one that is open. No
    file is asked for where one is given.
    """
    from perfeval.exchange.intake.reading import read
    from perfeval.handover import carry_out, plan_import
    from perfeval.indicators.library import find, set_files

    desk = app.desk
    given = file or await app.push_screen_wait(
        ChooseFile("从 Excel 导入 · 选文件", import_view.SUFFIXES, documents_folder())
    )
    if given is None:
        return
    if (reading := await app.attempt(desk.run(lambda: read(given), "正在读取"))) is None:
        return
    if not into_open and found:
        target = await app.push_screen_wait(_where_to(found, reading))
        if target is None or (target != NEW and not await app.done(desk.open_session(target))):
            return
        into_open = target != NEW
    into = desk.workspace if into_open else await _new_session(app, reading)
    if into is None:
        return
    work = desk.run(lambda: plan_import(reading, into, find, list(set_files())))
    plan = await app.attempt(work)
    if plan is None or not await app.push_screen_wait(ImportScreen(plan)):
        return
    done = await app.attempt(desk.run(lambda: carry_out(desk.store, plan, who=desk.who)))
    if done is None:
        return
    session_id, count = done
    if not count:
        app.notify(f"{given.name}：没有可以导入的内容，什么都没有改", timeout=12, markup=False)
    elif await app.open_session(session_id):
        told = f"已导入 {given.name}：{plan.ledger.summary}。按 Ctrl+Z 可以一并撤销"
        app.notify(told, timeout=12, markup=False)


def _where_to(found: Sequence[Listing], reading: Reading) -> Pick[str]:
    from perfeval.handover import blank

    stated = blank(reading, "new")
    same = (one.id for one in found if (one.unit, one.year) == (stated.unit.name, stated.year))
    choices = [Choice(NEW, "新建一个自评任务", "单位和年度照表上写的，可以改"), *choices_of(found)]
    told = f"读到：{reading.kinds}"
    return Pick("从 Excel 导入 · 导入到哪里", choices, help=told, value=next(same, NEW))


async def _new_session(app: PerfevalApp, reading: Reading) -> Session | None:
    """Ask for unit and year, as the file states them, and return the empty session."""
    from perfeval.handover import blank
    from perfeval.session.starting import id_for
    from perfeval.store.listing import free_id

    stated = blank(reading, "new")
    about = f"读到：{reading.kinds}"
    check = lambda text: "" if 0 < len(text) <= 200 else "请填单位名称"  # noqa: E731
    title = "从 Excel 导入 · 新建自评任务"
    name = await app.push_screen_wait(
        Ask(title, stated.unit.name, help=f"{about}\n单位名称：", check=check)
    )
    if name is None:
        return None
    known = stated.year if stated.year > 2000 else app.desk.now().year - 1
    year = await app.push_screen_wait(
        Ask(title, str(known), help=f"{about}\n评价哪个年度：", check=wrong_year)
    )
    if year is None:
        return None
    desk, wanted = app.desk, id_for(name, int(year))
    session_id = await app.attempt(desk.run(lambda: free_id(desk.store, wanted)))
    unit = stated.unit.model_copy(update={"name": name})
    confirmed = {"id": session_id, "unit": unit, "year": int(year)}
    return stated.model_copy(update=confirmed) if session_id else None


class ImportScreen(BaseScreen):
    """What would become of each cell; nothing is changed until it is taken."""

    CSS_PATH = "importing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(actions.IMPORTING),
        Binding("escape", "back", "不导入", id="back"),
    ]

    def __init__(self, plan: Import) -> None:
        super().__init__()
        self.plan = plan
        self.everything = False

    def compose(self) -> ComposeResult:
        yield Static(f" 从 Excel 导入 · {self.plan.reading.name}", id="title", markup=False)
        yield Static(import_view.about(self.plan), id="about", markup=False)
        yield DetailedGrid(*import_view.COLUMNS)
        yield KeyBar()

    def on_mount(self) -> None:
        super().on_mount()
        self._fill()
        self.query_one(Grid).focus()

    def _fill(self) -> None:
        rows = import_view.rows_of(self.plan, everything=self.everything)
        self.query_one(DetailedGrid).show(rows)

    def action_every_cell(self) -> None:
        """List every cell of the file, or only what is taken and refused."""
        self.everything = not self.everything
        count = len(self.plan.lines(everything=self.everything))
        self.query_one(DetailedGrid).tell(f"正在列出 {count} 格")
        self.call_after_refresh(self._fill)  # thousands take a moment

    def action_apply_import(self) -> None:
        """Take it."""
        self.dismiss(True)

    def action_back(self) -> None:
        """Leave everything as it is."""
        self.dismiss(False)
