"""表格视图: the 自评表 filled in cell by cell, or by a block from a spreadsheet."""

from __future__ import annotations

from textual import events
from textual.pilot import Pilot

from perfeval.numbers import decimal_text
from perfeval.session.model import Session
from perfeval.tui.app import PerfevalApp
from perfeval.tui.screens.table import TableScreen
from perfeval.tui.screens.workbench import WorkbenchScreen
from perfeval.tui.sheet_view import NEW
from tests.tui.conftest import (
    NARROW,
    deleted_by_another,
    press,
    running,
    saved,
    settled,
    shown,
    type_text,
)
from tests.tui.test_fields import empty_session


async def opened(pilot: Pilot[None], place: str = "") -> TableScreen:
    """Open the table from a place of the workbench."""
    app = pilot.app
    assert isinstance(app.screen, WorkbenchScreen)
    if place:
        await app.screen.go_to(place)
        await settled(pilot)
    await press(pilot, "f6")
    await settled(pilot, lambda: isinstance(app.screen, TableScreen))
    assert isinstance(app.screen, TableScreen)
    return app.screen


async def paste(app: PerfevalApp, pilot: Pilot[None], text: str) -> None:
    """Paste a block; the preview is there then."""
    assert app.focused is not None
    app.focused.post_message(events.Paste(text))
    await settled(pilot, lambda: "粘贴预览" in shown(app))


def rows_of(app: PerfevalApp) -> dict[str, str]:
    """The unit's own rows: name by id."""
    department = app.desk.session.department
    assert department is not None
    return {key: row.name for key, row in department.rows.items()}


async def test_enter_goes_down_the_column_and_tab_to_the_right(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        screen = await opened(pilot, "department/rows/D1")
        screen.sheet.focus_cell("department/rows/D1", 5)
        await type_text(pilot, "96%")
        await press(pilot, "enter")
        await type_text(pilot, "97%")
        await press(pilot, "tab")
        department = app.desk.session.department
        assert department is not None
        assert [department.rows[key].actual for key in ("D1", "D2")] == ["96%", "97%"]
        assert screen.sheet.key == "department/rows/D2"
        assert screen.sheet.column == 7
        row = app.desk.result("department").indicator("D1")
        assert row.score is not None
        assert decimal_text(row.score, 2) == "4.80"


async def test_a_checklist_and_a_level_are_answered_in_their_cell() -> None:
    async with running(saved(empty_session())) as (app, pilot):
        screen = await opened(pilot)
        screen.sheet.focus_cell("department/answers/A1", 5)
        await press(pilot, "ctrl+a")
        assert app.desk.result("department").indicator("A1").value_text == "相关"
        assert screen.sheet.key == "department/answers/A2"
        screen.sheet.focus_cell("department/rows/F1", 5)
        await press(pilot, "space", "tab")
        await type_text(pilot, "14")
        await press(pilot, "enter")
        score = app.desk.result("department").indicator("F1").score
        assert score is not None
        assert decimal_text(score, 2) == "14.00"


async def test_what_is_computed_says_where_to_change_it(sample: Session) -> None:
    async with running(saved(sample), size=NARROW) as (app, pilot):
        screen = await opened(pilot)
        screen.sheet.focus_cell("department/answers/X1", 5)
        await type_text(pilot, "9")
        assert "由基础数据计算" in shown(app)
        await press(pilot, "f4")
        await settled(pilot, lambda: isinstance(app.screen, WorkbenchScreen))
        assert isinstance(app.screen, WorkbenchScreen)
        assert app.screen.place == "department/answers/X1"


THIRTY = "\n".join(f"科普活动第{n}场\t0.5\t≥{n}场\t{n}" for n in range(1, 31))


async def test_thirty_rows_are_pasted_as_one_act() -> None:
    async with running(saved(empty_session())) as (app, pilot):
        await opened(pilot, "department#产出指标#重点工作任务完成")
        before = rows_of(app)
        await paste(app, pilot, THIRTY)
        assert "新增 30 行" in shown(app)
        assert rows_of(app) == before
        await press(pilot, "enter")
        assert len(rows_of(app)) == len(before) + 30
        department = app.desk.session.department
        assert department is not None
        new = department.rows["D33"]
        assert (new.name, new.points, new.target, new.actual) == (
            "科普活动第30场",
            "0.5",
            "≥30场",
            "30",
        )
        record = app.desk.workspace.records[-1].change
        assert record.kind == "import"
        assert record.group
        score = app.desk.result("department").indicator("D33").score
        assert score is not None
        assert decimal_text(score, 2) == "0.50"
        await press(pilot, "ctrl+z")
        assert rows_of(app) == before


async def test_a_paste_is_only_made_when_the_user_agrees(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await opened(pilot, "department#产出指标#履职目标实现")
        before = app.desk.session
        await paste(app, pilot, "指标名称\t分值\t指标值\n新目标\t3\t100%\n预算执行率\t\t")
        assert "新增 1 行" in shown(app)
        await press(pilot, "escape")
        assert app.desk.session == before


async def test_a_row_is_begun_in_the_table() -> None:
    async with running(saved(empty_session())) as (app, pilot):
        screen = await opened(pilot)
        screen.sheet.focus_cell("+履职目标实现", 2)
        await type_text(pilot, "第四个目标")
        await press(pilot, "tab")
        await type_text(pilot, "1")
        await press(pilot, "tab")
        department = app.desk.session.department
        assert department is not None
        assert department.rows["E4"].name == "第四个目标"
        assert department.rows["E4"].points == "1"


async def test_a_new_line_that_was_refused_stays_to_be_begun_again() -> None:
    session = empty_session()
    async with running(saved(session)) as (app, pilot):
        table = await opened(pilot, "department#产出指标/数量指标")
        table.sheet.focus_cell(next(row.key for row in table.sheet.view.rows if NEW in row.key))
        await settled(pilot)
        key, before = table.sheet.key, rows_of(app)
        with deleted_by_another(session):
            await type_text(pilot, "培训期数")
            await press(pilot, "enter")
            assert (table.sheet.key, table.sheet.cell_field.text) == (key, "培训期数")
            assert rows_of(app) == before
        await press(pilot, "enter")
        assert sorted(rows_of(app).values()) == sorted([*before.values(), "培训期数"])
        assert table.sheet.key == key  # the next new line, below the one that was begun
