"""汇总: the tables as they will be exported, and the way from a lost point to its field."""

import pytest

from perfeval.numbers import Exact
from perfeval.session.model import Session, Unit
from perfeval.tui.screens.workbench import WorkbenchScreen
from perfeval.tui.summary_view import bar
from perfeval.tui.widgets.grid import Column, fitted, layout
from tests.tui.conftest import NARROW, press, running, saved, settled, shown


async def test_the_four_tables(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f8")
        await settled(pilot, lambda: "96.40" in shown(app))
        tiers = shown(app)
        await press(pilot, "ctrl+right")
        projects = shown(app)
        await press(pilot, "ctrl+right")
        lost = shown(app)
        await press(pilot, "ctrl+right")
        bars = shown(app)
    assert "88.53%" in tiers, "得分率 of the one-rate tier is the rate itself"
    assert "143.55" in projects
    assert "140.14" in projects
    assert "88.53%x10 = 8.853" in lost
    assert "高出“优”线 6.40 分" in bars


async def test_enter_on_a_lost_point_goes_to_its_indicator(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f8", "ctrl+right", "ctrl+right")
        await settled(pilot, lambda: "怎样扣的" in shown(app))
        await press(pilot, "enter")
        await settled(pilot, lambda: isinstance(app.screen, WorkbenchScreen))
        screen = app.screen
        assert isinstance(screen, WorkbenchScreen)
        assert screen.place == "department/answers/B3"


async def test_a_session_of_projects_alone_has_no_department_table() -> None:
    empty = Session(id="empty", unit=Unit(name="某局"), year=2024)
    async with running(saved(empty)) as (app, pilot):
        await press(pilot, "f8")
        assert "没有部门整体自评" in shown(app)


def test_a_bar_never_outgrows_its_room() -> None:
    assert (
        bar("产出指标", Exact(49, 50), "24.50/25", 10)
        == f"产出指标{' ' * 16} [######### ] 24.50/25"
    )
    assert "[##########]" in bar("超分", Exact(3, 2), "", 10)
    assert "[          ]" in bar("负分", Exact(-1), "", 10)


def test_a_long_name_keeps_both_ends() -> None:
    name = "2024年省级科普与学会服务能力提升专项经费—卓越工程师培育工程"
    assert fitted(name, 24, ends=True) == "2024年省..工程师培育工程"
    assert fitted("短", 6, "right") == "    短"


def test_columns_give_way_by_rank_before_the_name_does() -> None:
    columns = (Column("名", 0, least=20), Column("甲", 10, rank=1), Column("乙", 10, rank=2))
    assert layout(columns, 60) == [(0, 32), (1, 10), (2, 10)]
    assert layout(columns, 45) == [(0, 29), (1, 10)]
    assert layout(columns, 24) == [(0, 20)]


@pytest.mark.soak
async def test_every_table_begins_at_its_first_line_and_the_picture_scrolls(
    sample: Session,
) -> None:
    projects = {f"p{n}": sample.projects["p6"].model_copy(update={"name": f"{n}号工程"})
                for n in range(1, 61)}  # fmt: skip
    many = sample.model_copy(update={"projects": projects, "project_order": tuple(projects)})
    async with running(saved(many), size=NARROW) as (app, pilot):
        await press(pilot, "f8", "ctrl+right")
        assert " 1号工程" in shown(app)
        await press(pilot, "ctrl+right", "ctrl+right")
        assert "40号工程" not in shown(app)
        await press(pilot, "end")
        await settled(pilot, lambda: "60号工程" in shown(app))
