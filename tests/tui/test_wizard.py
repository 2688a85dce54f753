"""新建, 提取上年数据, 从 Excel 导入: the questions, and what comes of the answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfeval.indicators.library import find
from perfeval.scoring.engine import score_session
from perfeval.session.model import Session
from perfeval.tui import shelf
from perfeval.tui.screens.wizard import wrong_year
from tests.tui.conftest import notices, press, running, saved, settled, shown, type_text


def test_a_draft_becomes_a_session_with_the_rows_its_sets_begin_with() -> None:
    draft = shelf.Draft(
        "某局", 2024, "元", "henan-department-2024", "mof-project-2020", ("甲项目", "乙项目")
    )
    session = shelf.session_of(draft, "a")
    assert session.department is not None
    assert session.department.rows
    assert [project.name for _, project in session.ordered_projects()] == ["甲项目", "乙项目"]
    assert session.money_unit == "元"
    assert shelf.session_of(shelf.Draft("某局", 2024, "万元"), "b").department is None


@pytest.mark.parametrize("text", ["", "24", "1999", "2101", "二〇二四", "２０２４"])
def test_a_wrong_year_is_told(text: str) -> None:
    assert "2000 至 2100" in wrong_year(text)
    assert wrong_year("2024") == ""


async def test_a_new_task_from_nothing_asks_who_once_and_every_step_can_be_gone_back(
    user_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PERFEVAL_USER")
    async with running() as (app, pilot):
        await press(pilot, "f3")
        assert "您是谁" in shown(app)
        await type_text(pilot, "王会计")
        await press(pilot, "enter")
        await type_text(pilot, "财务科")
        await press(pilot, "enter")
        await settled(pilot, lambda: "第 1 步" in shown(app))
        await press(pilot, "enter")
        assert "请填单位名称" in shown(app)
        await type_text(pilot, "新乡市测试局")
        await press(pilot, "enter", "escape")
        assert "新乡市测试局" in shown(app)  # a step back keeps the answer
        await press(pilot, "enter", "enter")
        assert "部门整体支出绩效自评指标体系（河南）" in shown(app)
        await press(pilot, "enter", "down", "enter")
        await type_text(pilot, "甲项目\n乙项目")
        await press(pilot, "ctrl+n")  # there is one set for projects: it is not asked for
        assert "项目        2 个" in shown(app)
        await pilot.press("enter")
        await settled(pilot, lambda: app.desk.is_open and len(app.screen_stack) > 2)
        session = app.desk.session
        assert (session.id, session.year, session.unit.name) == (
            "xxscsj-2024",
            2024,
            "新乡市测试局",
        )
        assert [project.name for _, project in session.ordered_projects()] == ["甲项目", "乙项目"]
        assert app.desk.workspace.records[0].change.who == "王会计（财务科）"
    assert "财务科" in (user_home / "settings.json").read_text(encoding="utf-8")


async def test_last_year_is_carried_on(sample: Session) -> None:
    saved(sample)
    async with running() as (app, pilot):
        await press(pilot, "f4", "enter", "enter")
        await settled(pilot, lambda: app.desk.is_open)
        session = app.desk.session
        assert (session.id, session.year) == ("xxskxjsxh-2025", 2025)
        assert len(session.projects) == 8
        assert not any(one.value for one in session.department.inputs.values())  # type: ignore[union-attr]


# --- from Excel ------------------------------------------------------------------------------


@pytest.fixture
def workbook(sample: Session, tmp_path: Path) -> Path:
    """Our own export of the worked example."""
    from perfeval.exchange.workbook import export_workbook

    return export_workbook(sample, score_session(sample, find), tmp_path)


async def test_a_workbook_goes_in_after_every_cell_was_shown(
    workbook: Path, user_home: Path
) -> None:
    async with running() as (app, pilot):
        await press(pilot, "f2")
        await type_text(pilot, str(workbook.parent / "没有.xlsx"))
        await press(pilot, "enter")
        assert "没有这个文件" in shown(app)
        for _ in "没有.xlsx":
            await pilot.press("backspace")
        await type_text(pilot, workbook.name)
        await press(pilot, "enter", "enter", "enter")
        await settled(pilot, lambda: type(app.screen).__name__ == "ImportScreen")
        assert "现在什么都没有改。按 F4 建立新任务" in shown(app)
        assert not app.desk.is_open
        await pilot.press("f4")
        await settled(pilot, lambda: app.desk.is_open and len(app.screen_stack) == 3)
        department = app.desk.scorecard.department
        assert department is not None
        assert department.total_text == "96.40"
        assert "可以一并撤销" in notices(app)[-1]
