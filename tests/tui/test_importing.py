"""从 Excel 导入 and 合并来件 to their ends, by keyboard: file, ledger, take, undo at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook
from textual.pilot import Pilot

from perfeval.exchange.package import write
from perfeval.handover import packed, read_arrival, take
from perfeval.indicators.library import find
from perfeval.session.change import edit
from perfeval.session.model import Session
from perfeval.store import Store, Workspace
from perfeval.store.listing import delete_session
from perfeval.tui.app import PerfevalApp
from perfeval.tui.screens.importing import ImportScreen
from perfeval.tui.screens.package import MergeScreen
from perfeval.tui.widgets.detailed import DetailedGrid
from perfeval.tui.widgets.grid import Row
from tests.tui.conftest import NARROW, notices, press, running, saved, settled, shown, type_text

NEW = "科技馆进校园专项经费"


def list_of_projects(session: Session, folder: Path) -> Path:
    """A 自评汇总表 as offices keep it: one sum is otherwise here, one is no number, one is new."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "汇总表"
    sheet.append(["2024年度项目支出绩效自评汇总表（单位：万元）"])
    sheet.append(["序号", "项目名称", "全年预算数", "全年执行数"])
    for number, (_, project) in enumerate([*session.ordered_projects()][:4], 1):
        fund = project.funds["total"]
        executed = {1: "12.5", 3: "约十二"}.get(number, fund.executed)
        sheet.append([number, project.name, fund.budget, executed])
    sheet.append([5, NEW, "30", "28.5"])
    folder.mkdir(parents=True, exist_ok=True)
    book.save(folder / "汇总表.xlsx")
    return folder / "汇总表.xlsx"


@pytest.fixture
def table(sample: Session, tmp_path: Path) -> Path:
    return list_of_projects(sample, tmp_path / "单位材料")


async def to_the_ledger(app: PerfevalApp, pilot: Pilot[None], table: Path) -> None:
    """From Home to the list of cells for the saved task."""
    await press(pilot, "f2")
    await type_text(pilot, str(table))
    await press(pilot, "enter", "down", "enter")
    await settled(pilot, lambda: isinstance(app.screen, ImportScreen))


def ledger(app: PerfevalApp) -> dict[str, Row]:
    """The lines that are shown."""
    assert isinstance(app.screen, ImportScreen)
    return app.screen.query_one(DetailedGrid).rows


async def test_a_table_goes_into_a_saved_task_and_out_again_at_once(
    sample: Session, table: Path
) -> None:
    saved(sample)
    async with running(size=NARROW) as (app, pilot):
        await to_the_ledger(app, pilot, table)
        before = app.desk.session
        screen = shown(app)
        assert "采用 3，将改写 1，相同 10，不采用 1，不导入 10 格" in screen
        assert "按 F4 写入这个任务" in screen
        assert {row.cells[0] for row in ledger(app).values()} == {"采用", "将改写", "不采用"}
        assert "“约十二”不是数值" in "".join(shown(app).split())
        await press(pilot, "f3")
        assert len(ledger(app)) == 25
        await press(pilot, "f3", "f4")
        await settled(pilot, lambda: not isinstance(app.screen, ImportScreen))
        session = app.desk.session
        assert session.projects["p1"].funds["total"].executed == "12.5"
        assert [one.name for _, one in session.ordered_projects()][-1] == NEW
        assert session.projects["p3"] == before.projects["p3"]
        assert "按 Ctrl+Z 可以一并撤销" in notices(app)[-1]
        changes = [one.change for one in app.desk.workspace.records[1:]]
        assert {(one.kind, one.who) for one in changes} == {("import", "王会计")}
        await press(pilot, "ctrl+z")
        assert app.desk.session.projects == before.projects
        assert app.desk.session.project_order == before.project_order


async def test_a_table_named_on_the_command_line_is_imported(sample: Session, table: Path) -> None:
    """``perfeval open 汇总表.xlsx``: somebody who means to open it wants its figures."""
    saved(sample)
    async with running(str(table)) as (app, pilot):
        await settled(pilot, lambda: app.screen.is_modal)
        assert "导入到哪里" in shown(app)
        await press(pilot, "down", "enter")
        await settled(pilot, lambda: isinstance(app.screen, ImportScreen))


async def test_esc_leaves_everything_as_it_is(sample: Session, table: Path) -> None:
    saved(sample)
    async with running() as (app, pilot):
        await to_the_ledger(app, pilot, table)
        await press(pilot, "escape")
        assert not isinstance(app.screen, ImportScreen)
        assert len(app.desk.workspace.records) == 1


async def test_what_somebody_changes_meanwhile_stops_the_whole_import(
    sample: Session, table: Path
) -> None:
    saved(sample)
    path = "projects/p1/funds/total/executed"
    async with running() as (app, pilot):
        await to_the_ledger(app, pilot, table)
        with Store.open() as store:
            other = Workspace.open(store, sample.id)
            other.apply(edit(other.session, path, "40", who="乙"))
        await press(pilot, "f4")
        await settled(pilot, lambda: notices(app))
        assert "科普工作经费 · 年度资金总额 · 全年执行数" in notices(app)[-1]
        app.desk.workspace.refresh()
        assert app.desk.session.projects["p1"].funds["total"].executed == "40"
        assert NEW not in {one.name for one in app.desk.session.projects.values()}


async def test_a_table_with_nothing_new_in_it_says_so(sample: Session, tmp_path: Path) -> None:
    saved(sample)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    name = sample.projects["p1"].name
    for row in (["序号", "项目名称", "全年预算数"], [1, name, "42.37"]):
        sheet.append(row)
    file = tmp_path / "清单.xlsx"
    book.save(file)
    async with running() as (app, pilot):
        await to_the_ledger(app, pilot, file)
        await press(pilot, "f4")
        await settled(pilot, lambda: notices(app))
        assert "没有可以导入的内容，什么都没有改" in notices(app)[-1]
        assert len(app.desk.workspace.records) == 1


async def test_a_file_without_tables_is_told_and_nothing_asked(tmp_path: Path) -> None:
    file = tmp_path / "信.xlsx"
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["您好"])
    book.save(file)
    async with running() as (app, pilot):
        await press(pilot, "f2")
        await type_text(pilot, str(file))
        await press(pilot, "enter")
        await settled(pilot, lambda: notices(app) or app.screen.is_modal)
        assert "没有找到自评表" in "".join([*notices(app), shown(app)])
        assert not app.desk.is_open


# --- a package that comes back ---------------------------------------------------------------

LONG = "上级追加专项资金较多，年初无法预计，已按程序报批，详见佐证材料第二页"
EDITS = {
    "unit/head": "赵局长",
    "department/inputs/全年执行数/value": "750",
    "department/answers/B3/deviation_reason": LONG,
}


def returned(session: Session, folder: Path) -> Path:
    """A package of the saved task, gone on with elsewhere; one figure was changed here, too."""
    saved(session)
    with Store.open() as here, Store.open(str(folder / "there.db")) as there:
        workspace = Workspace.open(here, session.id)
        take(there, read_arrival(there, write(packed(workspace), folder / "out")), find, who="乙")
        theirs = Workspace.open(there, session.id)
        for path, value in EDITS.items():
            theirs.apply(edit(theirs.session, path, value, who="乙"))
        figure = "department/inputs/全年执行数/value"
        workspace.apply(edit(workspace.session, figure, "742", who="甲"))
        return write(packed(theirs), folder / "来件")


@pytest.fixture
def back(sample: Session, tmp_path: Path) -> Path:
    return returned(sample, tmp_path)


async def to_the_merge(app: PerfevalApp, pilot: Pilot[None]) -> None:
    await settled(pilot, lambda: app.screen.is_modal)
    await press(pilot, "enter")
    await settled(pilot, lambda: isinstance(app.screen, MergeScreen))


async def test_what_a_row_had_to_cut_stands_below_the_list(back: Path) -> None:
    async with running(str(back), size=NARROW) as (app, pilot):
        await to_the_merge(app, pilot)
        assert "部门整体 · 基础数据 · 全年执行数" in shown(app)
        assert "原来：741.99" in shown(app)
        await press(pilot, "end", "ctrl+end")
        assert LONG in "".join(shown(app).split())


async def test_ours_stays_where_nothing_else_is_chosen(back: Path) -> None:
    async with running(str(back)) as (app, pilot):
        await to_the_merge(app, pilot)
        await press(pilot, "enter", "enter", "f3", "f3", "f4")
        await settled(pilot, lambda: not isinstance(app.screen, MergeScreen))
        department = app.desk.session.department
        assert department is not None
        assert department.inputs["全年执行数"].value == "742"
        assert department.answers["B3"].deviation_reason == LONG
        assert app.desk.session.unit.head == "赵局长"
        assert notices(app)[-1].startswith("已合并 2 处")


async def test_esc_merges_nothing(back: Path) -> None:
    async with running(str(back)) as (app, pilot):
        await to_the_merge(app, pilot)
        await press(pilot, "escape")
        assert not isinstance(app.screen, MergeScreen)
        assert app.desk.session.unit.head == ""


async def test_a_package_of_a_deleted_task_can_bring_it_back(sample: Session, back: Path) -> None:
    with Store.open() as store:
        delete_session(store, sample.id)
    async with running(str(back)) as (app, pilot):
        await settled(pilot, lambda: app.screen.is_modal)
        text = shown(app)
        assert "但已删除" in text
        assert "合并到这里已有的" not in text
        await press(pilot, "enter")
        await settled(pilot, lambda: app.desk.is_open)
        assert app.desk.session.department is not None
        assert app.desk.session.department.inputs["全年执行数"].value == "742"
