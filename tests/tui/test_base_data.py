"""基础数据: every figure once, typed or pasted down a column, with source and date."""

from __future__ import annotations

import pytest
from textual import events
from textual.pilot import Pilot

from perfeval.session.model import Session
from perfeval.tui.app import PerfevalApp
from perfeval.tui.screens.base_data import BaseDataScreen
from perfeval.tui.screens.workbench import WorkbenchScreen
from tests.tui.conftest import (
    NARROW,
    deleted_by_another,
    notices,
    press,
    running,
    saved,
    settled,
    shown,
    type_text,
)
from tests.tui.test_fields import empty_session


def inputs_of(app: PerfevalApp) -> dict[str, str]:
    """What stands in 基础数据."""
    department = app.desk.session.department
    assert department is not None
    return {name: one.value for name, one in department.inputs.items()}


async def opened(pilot: Pilot[None]) -> None:
    """Open 基础数据."""
    await press(pilot, "f2")
    await settled(pilot, lambda: isinstance(pilot.app.screen, BaseDataScreen))


async def test_figures_go_down_with_enter_and_the_third_of_three_is_taken() -> None:
    async with running(saved(empty_session())) as (app, pilot):
        await opened(pilot)
        await type_text(pilot, "667.77")
        await press(pilot, "down", "down")
        await type_text(pilot, "838.1")
        await press(pilot, "enter", "up", "up")
        assert "建议 170.33" in shown(app)
        await press(pilot, "ctrl+a")
        assert inputs_of(app) == {
            "年初预算数": "667.77",
            "全年预算数": "838.1",
            "年中调整数": "170.33",
        }
        assert "已填 3 项" in shown(app)

        await press(pilot, "up", "up", "tab")  # its source and date stand beside a figure
        await type_text(pilot, "决算表")
        await press(pilot, "tab")
        await type_text(pilot, "2025-01-10")
        await press(pilot, "enter")
        department = app.desk.session.department
        assert department is not None
        one = department.inputs["年初预算数"]
        assert (one.value, one.source, one.date) == ("667.77", "决算表", "2025-01-10")


async def test_a_column_is_pasted_after_a_look_and_undone_at_once() -> None:
    async with running(saved(empty_session())) as (app, pilot):
        await opened(pilot)
        assert app.focused is not None
        app.focused.post_message(events.Paste("667.77\n170.33\n838.1\n741.99"))
        await settled(pilot, lambda: "粘贴预览" in shown(app))
        assert "修改 4 行" in shown(app)
        assert not inputs_of(app)
        await press(pilot, "enter")
        assert inputs_of(app)["全年执行数"] == "741.99"
        await press(pilot, "ctrl+z")
        assert not inputs_of(app)

        named = events.Paste("全年执行数\t741.99\n年初预算数\t667.77")
        app.focused.post_message(named)  # named lines go to the figure of that name
        await settled(pilot, lambda: "粘贴预览" in shown(app))
        await press(pilot, "enter")
        assert inputs_of(app) == {"全年执行数": "741.99", "年初预算数": "667.77"}


async def test_from_a_figure_to_the_indicator_it_feeds(sample: Session) -> None:
    async with running(saved(sample), size=NARROW) as (app, pilot):
        await opened(pilot)
        await press(pilot, "up", "f4")
        await settled(pilot, lambda: isinstance(app.screen, WorkbenchScreen))
        assert isinstance(app.screen, WorkbenchScreen)
        assert app.screen.place == "department/answers/B3"


async def test_a_session_of_projects_alone_says_so(sample: Session) -> None:
    session = sample.model_copy(update={"department": None})
    async with running(saved(session)) as (app, pilot):
        await opened(pilot)
        assert "没有部门整体自评" in shown(app)
        await press(pilot, "down", "ctrl+a", "escape")
        assert not isinstance(app.screen, BaseDataScreen)


@pytest.mark.parametrize("key", ["enter", "tab", "up"])
async def test_a_figure_that_was_refused_stays_under_the_cursor(key: str) -> None:
    session = empty_session()
    async with running(saved(session)) as (app, pilot):
        await opened(pilot)
        assert isinstance(app.screen, BaseDataScreen)
        await press(pilot, "down")
        sheet = app.screen.sheet
        place = (sheet.row, sheet.column)
        with deleted_by_another(session):
            await type_text(pilot, "170.33")
            await press(pilot, key)
            assert [told for told in notices(app) if "已被删除" in told] != []
            assert (sheet.row, sheet.column) == place
            assert sheet.cell_field.text == "170.33"
            assert not inputs_of(app)
        await press(pilot, key)
        assert inputs_of(app) == {"年中调整数": "170.33"}
        assert (sheet.row, sheet.column) != place
