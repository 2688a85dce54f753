"""自评任务: the list, the example, deleting and restoring, opening what others sent."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from perfeval.exchange.package import write
from perfeval.handover import packed, read_arrival, take
from perfeval.indicators.library import find
from perfeval.numbers import Exact
from perfeval.session.change import edit
from perfeval.session.model import Session, Unit
from perfeval.session.starting import id_for
from perfeval.settings import days_left
from perfeval.store import Listing, Store, Workspace
from perfeval.store.workflow import apply_with_sets
from perfeval.tui import shelf
from perfeval.tui.screens.home import HomeScreen
from tests.tui.conftest import (
    NARROW,
    NOW,
    notices,
    press,
    running,
    saved,
    settled,
    shown,
    type_text,
)


def listing(**other: object) -> Listing:
    given: dict[str, object] = {
        "id": "a", "unit": "某局", "year": 2024, "stage": "草稿", "total": Exact(9640, 100),
        "filled": Exact(100), "grade": "优", "changed_by": "王会计",
        "changed_at": datetime(2025, 3, 14, 6, 3, tzinfo=UTC),
    } | other  # fmt: skip
    return Listing(**given)  # type: ignore[arg-type]


def cells(**other: object) -> tuple[str, ...]:
    deadlines = {"2024": "2025-04-30"}
    return shelf.rows_of([listing(**other)], deadlines, NOW)[0].cells


def test_a_line_says_who_how_far_what_worth_and_until_when() -> None:
    unit, year, stage, filled, score, grade, left, _ = cells()
    assert (unit, year, stage, filled) == ("某局", "2024", "草稿", "100%")
    assert (score, grade, left) == ("96.40", "优", "剩 47 天")


def test_a_score_is_for_now_until_everything_is_filled_in() -> None:
    line = cells(total=Exact(62), filled=Exact(68), grade=None)
    assert line[3:6] == ("68%", "暂 62.00", "")
    assert cells(total=Exact(0), filled=Exact(0), grade=None)[3:6] == ("0%", "", "")
    assert cells(total=None, filled=None, grade=None)[3:6] == ("", "", "")


def test_a_task_that_was_handed_in_has_no_deadline_any_more() -> None:
    assert cells(stage="已上报")[6] == ""
    assert cells(stage="退回修改")[6] == "剩 47 天"
    assert cells(year=2023)[6] == ""


@pytest.mark.parametrize(
    ("today", "told"),
    [("2025-04-29", "剩 1 天"), ("2025-04-30", "今天"), ("2025-05-03", "过 3 天")],
)
def test_the_days_left(today: str, told: str) -> None:
    assert days_left({"2024": "2025-04-30"}, 2024, date.fromisoformat(today)) == told


def test_an_id_can_be_read() -> None:
    assert id_for("新乡市科学技术协会", 2024) == "xxskxjsxh-2024"
    assert id_for("A（B）局", 2024) == "aj-2024"
    assert id_for("——", 2024).endswith("-2024")


async def test_nothing_saved_yet_says_the_first_three_steps() -> None:
    async with running(size=NARROW) as (app, _):
        text = shown(app)
    assert "头三步" in text
    assert "F2 从 Excel 导入  F3 新建" in text.splitlines()[-1]


async def test_the_example_is_another_copy_each_time_and_deleting_can_be_undone() -> None:
    async with running() as (app, pilot):
        for session_id in ("example", "example-2"):
            await press(pilot, "f6")
            assert app.desk.session.id == session_id
            app.to_home()
            await settled(pilot)
        home = app.screen
        assert isinstance(home, HomeScreen)
        assert shown(app).count("96.40") == 2
        await press(pilot, "f8")
        assert "已删除 新乡市科学技术协会 2024 年度。要恢复按 F9" in notices(app)[-1]
        assert [one.id for one in home.found] == ["example"]
        await press(pilot, "f9")
        assert "example-2" in shown(app)
        await press(pilot, "enter")
        assert len(home.found) == 2


async def test_enter_opens_and_esc_comes_back(sample: Session) -> None:
    saved(sample)
    async with running() as (app, pilot):
        await press(pilot, "enter")
        assert "部门整体自评" in shown(app)
        await press(pilot, "f10", "escape")
        app.to_home()
        await settled(pilot)
        assert "新乡市科学技术协会" in shown(app)


@pytest.mark.parametrize(
    ("query", "found"),
    [("", True), ("某", True), ("2024", True), ("草稿 2024", True), ("mj", True),
     ("某 2023", False), ("复核", False)],
)  # fmt: skip
def test_a_task_is_found_by_unit_year_stage_or_initials(query: str, found: bool) -> None:
    assert shelf.found_by(listing(), query) is found


async def test_many_tasks_are_searched_by_typing(sample: Session) -> None:
    bare = Session(id="a", unit=Unit(name="某局"), year=2024)
    for number in range(1, 13):
        unit = Unit(name=f"{number}号街道办事处")
        saved(bare.model_copy(update={"id": f"u{number}", "unit": unit}))
    async with running(size=NARROW) as (app, pilot):
        assert "12 / 12 个任务" in shown(app)
        await type_text(pilot, "7号")
        assert "1 / 12 个任务" in shown(app)
        await press(pilot, "escape")
        assert "12 / 12 个任务" in shown(app)
        await type_text(pilot, "7号")
        await press(pilot, "enter")
        await settled(pilot, lambda: app.desk.is_open)
        assert app.desk.session.id == "u7"


async def test_a_broken_database_is_told_on_the_screen_and_stays_told(user_home: Path) -> None:
    user_home.mkdir(exist_ok=True)
    (user_home / "perfeval.db").write_bytes(b"no database at all, but a letter")
    async with running(size=NARROW) as (app, pilot):
        text = shown(app)
        assert "数据没有打开" in text
        assert "不是数据库文件" in text
        assert "backups" in text
        await press(pilot, "f6")  # nothing works without it, and says why
        assert not app.desk.is_open
        assert "不是数据库文件" in notices(app)[-1]


async def test_one_damaged_task_does_not_hide_the_others(user_home: Path) -> None:
    for name in ("a", "b"):
        saved(Session(id=name, unit=Unit(name=f"{name}局"), year=2024))
    with closing(sqlite3.connect(user_home / "perfeval.db")) as database:
        database.execute("update session set document = '{broken' where id = 'a'")
        database.commit()
    async with running(size=NARROW) as (app, pilot):
        assert "a局" in shown(app)
        assert "b局" in shown(app)
        await app.open_session("a")
        assert not app.desk.is_open
        await settled(pilot, lambda: notices(app))
        assert "读不出来" in notices(app)[-1]
        await app.open_session("b")
        assert app.desk.session.id == "b"


# --- what others sent ------------------------------------------------------------------------


def fill(store: Store, path: str, value: str) -> None:
    workspace = Workspace.open(store, "a")
    workspace.apply(edit(workspace.session, path, value, who="乙"))


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    """A package of task ``a``; since then its phone was changed on both sides, and in it
    its head, and a project came, with a set that is not known here.
    """
    saved(Session(id="a", unit=Unit(name="某局", phone="1"), year=2024))
    with Store.open() as here:
        first = write(packed(Workspace.open(here, "a")), tmp_path / "first")
        fill(here, "unit/phone", "2")
    with Store.open(str(tmp_path / "there.db")) as there:
        take(there, read_arrival(there, first), find, who="乙")
        fill(there, "unit/phone", "3")
        fill(there, "unit/head", "赵局长")
        workspace = Workspace.open(there, "a")
        plain = {"set": "mof-project-2020", "name": "科普活动"}
        apply_with_sets(workspace, [edit(workspace.session, "projects/p1", plain)], find)
        return write(packed(workspace), tmp_path / "back")


async def test_a_known_package_is_merged_on_the_screen(sent: Path) -> None:
    async with running(str(sent)) as (app, pilot):
        await settled(pilot, lambda: app.screen.is_modal)
        assert "这个自评任务这里已经有了" in shown(app)
        await pilot.press("enter")
        await settled(pilot, lambda: type(app.screen).__name__ == "MergeScreen")
        text = shown(app)
        assert "取来 3 处；两边都改 1 处，按 Enter 选取哪边" in text
        assert "单位信息 · 联系电话" in text
        await press(pilot, "enter", "f4")
        await settled(pilot, lambda: type(app.screen).__name__ != "MergeScreen")
        unit = app.desk.session.unit
        assert (unit.phone, unit.head) == ("3", "赵局长")
        assert app.desk.set_of("projects/p1") == find("mof-project-2020")
        await press(pilot, "ctrl+z")
        assert app.desk.session.projects == {}
        assert app.desk.session.unit.phone == "2"
        assert app.desk.session.unit.head == ""


async def test_an_id_or_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with running("nothing") as (app, pilot):
        await settled(pilot, lambda: notices(app))
        assert "没有编号为“nothing”的自评任务" in notices(app)[0]
