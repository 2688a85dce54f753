"""修改记录: newest first, by name, an act as one line, one change taken back."""

from __future__ import annotations

from datetime import UTC, datetime

from perfeval.session.change import Change, edit
from perfeval.session.journal import Record
from perfeval.session.model import Session, Unit
from perfeval.tui.app import PerfevalApp
from perfeval.tui.history_view import acts, detail_lines, only, rows_of
from perfeval.tui.screens.history import HistoryScreen
from perfeval.tui.screens.workbench import WorkbenchScreen
from tests.tui.conftest import NOW, WHO, notices, press, running, saved, settled, shown


def record(n: int, path: str = "unit/phone", **more: object) -> Record:
    given = {"path": path, "old": "1", "new": "2", "who": "甲"} | more
    when = datetime(2025, 3, 14, 6, n % 60, tzinfo=UTC)
    return Record(session="a", n=n, prev="", change=Change(when=when, **given))


RECORDS = [
    record(1, "session", kind="create", old=None, new={}),
    record(2),
    record(3, "unit/head", group="g", kind="import", who="乙"),
    record(4, "unit/code", group="g", kind="import", who="乙"),
    record(5, "stage", kind="stage"),
]


def said(change: Change) -> str:
    """A sentence for tests: the path alone."""
    return change.path


def test_the_newest_act_is_first_and_an_import_is_one_line() -> None:
    assert [len(act.records) for act in acts(RECORDS)] == [1, 2, 1, 1]
    lines = [row.cells for row in rows_of(acts(RECORDS), set(), said, NOW)]
    assert [cells[2] for cells in lines] == [
        "stage", "> 导入 2 处：unit/head；unit/code", "unit/phone", "session",
    ]  # fmt: skip


def test_an_opened_act_shows_each_of_its_changes() -> None:
    found = acts(RECORDS)
    lines = [row.cells[2] for row in rows_of(found, {found[1].key}, said, NOW)]
    assert lines[1:4] == ["v 导入 2 处：unit/head；unit/code", "    unit/code", "    unit/head"]


def test_what_only_follows_from_an_act_makes_no_second_line() -> None:
    row = {"name": "培训场次", "group": "D", "points": "5"}
    both = [
        record(2, "department/rows/D4", group="g", old=None, new=row),
        record(3, "department/row_order", group="g", old=["D1"], new=["D1", "D4"]),
    ]
    (act,) = acts(both)
    assert not act.opens
    assert [line.cells[2] for line in rows_of([act], set(), said, NOW)] == ["department/rows/D4"]


def test_of_very_many_changes_the_first_are_told_in_full() -> None:
    (act,) = acts([record(n, f"unit/a{n}", group="g", kind="import") for n in range(1, 31)])
    lines = detail_lines(act, said)
    assert lines[0] == "unit/a1"
    assert lines[-2] == "另有 24 处，按 Enter 展开"
    assert lines[-1].startswith("甲  2025-03-14")


def test_one_field_or_one_person_can_be_looked_at() -> None:
    found = acts(RECORDS)
    assert [one.records[0].n for one in only(found, who="乙")] == [4, 3]
    assert [one.records[0].n for one in only(found, path="unit")] == [4, 3, 2]
    assert [one.records[0].n for one in only(found, path="unit/phone")] == [2]


def test_thousands_of_records_are_a_page_at_a_time() -> None:
    many = [record(n) for n in range(1, 5_001)]
    assert len(list(rows_of(acts(many)[:200], set(), said, NOW))) == 200


def number(app: PerfevalApp) -> int:
    """The record the cursor is on."""
    assert isinstance(app.screen, HistoryScreen)
    return app.screen.chosen.records[0].n if app.screen.chosen else 0


async def test_one_change_is_taken_back_and_a_later_one_is_respected() -> None:
    session_id = saved(Session(id="a", unit=Unit(name="某局"), year=2024))
    async with running(session_id) as (app, pilot):
        await settled(pilot, lambda: len(app.screen_stack) > 2)
        for path, value in (("unit/phone", "1"), ("unit/head", "赵"), ("unit/phone", "2")):
            await app.commit(edit(app.desk.session, path, value, who=WHO))
        await settled(pilot)
        await press(pilot, "f10")
        await settled(pilot, lambda: "共 4 条" in shown(app))
        text = shown(app)
        assert text.index("单位信息 · 联系电话") < text.index("单位信息 · 单位负责人")
        await press(pilot, "down")
        await settled(pilot, lambda: number(app) == 3)
        await press(pilot, "f3")  # 单位负责人: 未填 -> 赵
        await settled(pilot, lambda: "共 5 条" in shown(app))
        assert app.desk.session.unit.head == ""
        assert number(app) == 3  # the cursor stays on what it was on, a line further down
        await press(pilot, "down")
        await settled(pilot, lambda: number(app) == 2)
        await press(pilot, "f3")  # the older change of the phone
        assert any("已被改为" in told for told in notices(app))
        assert app.desk.session.unit.phone == "2"
        await press(pilot, "f4")
        assert "只看 单位信息 · 联系电话：2 条" in shown(app)
        await press(pilot, "f4", "ctrl+z")
        await settled(pilot, lambda: app.desk.session.unit.head == "赵")


async def test_enter_goes_to_where_a_change_was_made(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await settled(pilot, lambda: len(app.screen_stack) > 2)
        target = "department/answers/B3/target"
        await app.commit(edit(app.desk.session, target, "<=30%", who=WHO))
        await press(pilot, "f10")
        assert "-> <=30%" in shown(app)
        await press(pilot, "enter")
        await settled(pilot, lambda: isinstance(app.screen, WorkbenchScreen))
        assert app.screen.place == "department/answers/B3"  # type: ignore[attr-defined]
