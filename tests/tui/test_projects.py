"""项目: add, rename, copy, order, leave out, delete; every act is one undo."""

from perfeval.checks import Finding, Level
from perfeval.indicators.library import find
from perfeval.scoring.engine import score_session
from perfeval.session.model import Session, Unit
from perfeval.tui.outline import neighbour
from perfeval.tui.project_view import ORDERS, arranged, lines_of, rows_of, table_rows
from perfeval.tui.screens.projects import ProjectsScreen
from perfeval.tui.screens.workbench import WorkbenchScreen
from tests.tui.conftest import NARROW, press, running, saved, settled, shown, type_text


def names(session: Session) -> list[str]:
    return [project.name for _, project in session.ordered_projects()]


async def test_the_list_shows_money_rates_score_and_grade(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f5")
        text = shown(app)
    assert "共 9 个项目，8 个参加自评  预算合计 143.55 万元  执行合计 140.14 万元" in text
    sixth = next(line for line in text.splitlines() if "科技赋能行动" in line)
    assert all(part in sixth for part in ("30.00", "26.60", "88.67%", "89.82", "良"))
    assert "不参评" in text


def test_what_takes_no_part_has_no_number_and_is_not_in_the_table(sample: Session) -> None:
    found = lines_of(sample, score_session(sample, find))
    assert [one.number for one in found] == [1, 2, 3, 4, 5, 6, 7, 8, 0]
    assert rows_of(found)[-1].cells[-1] == "不参评"
    table = table_rows(found)
    assert len(table) == 9, "eight projects and 合计"
    assert table[-1].cells[1:4] == ("合计", "143.55", "140.14")


def test_a_project_is_found_by_name_code_initials_or_state(sample: Session) -> None:
    error = Finding("L01", Level.ERROR, "projects/p6/funds", "对不上")
    coded = sample.projects["p1"].model_copy(update={"code": "41070001"})
    session = sample.model_copy(update={"projects": sample.projects | {"p1": coded}})
    found = lines_of(session, score_session(session, find), [error])

    def keys(query: str) -> list[str]:
        return [one.key for one in arranged(found, query, 0)]

    assert keys("赋能") == ["p6"]
    assert keys("4107") == ["p1"]
    assert "p1" in keys("kpgz")
    assert keys("错误") == ["p6"]
    assert keys("良") == ["p6"]
    assert keys("不参评") == [found[-1].key]
    assert keys("没有这样的") == []
    assert len(keys("")) == 9


def test_the_list_is_sorted_by_trouble_score_rate_and_budget(sample: Session) -> None:
    error = Finding("L01", Level.ERROR, "projects/p6/funds", "对不上")
    found = lines_of(sample, score_session(sample, find), [error])
    first = {name: arranged(found, "", at)[0].key for at, (name, _) in enumerate(ORDERS)}
    assert first == {
        "按序号": "p1",
        "问题多的在前": "p6",
        "得分低的在前": "p6",
        "执行率低的在前": "p6",
        "预算大的在前": "p1",
    }


async def test_typing_narrows_two_hundred_projects_and_enter_opens_the_one(sample: Session) -> None:
    names_ = {f"p{n}": sample.projects["p6"].model_copy(update={"name": f"{n}号工程补助资金"})
              for n in range(1, 201)}  # fmt: skip
    many = sample.model_copy(update={"projects": names_, "project_order": tuple(names_)})
    async with running(saved(many), size=NARROW) as (app, pilot):
        await press(pilot, "f5")
        await type_text(pilot, "157号")
        assert "找到 1 个" in shown(app)
        await press(pilot, "escape")
        assert "共 200 个项目" in shown(app)
        assert "找到" not in shown(app)
        await type_text(pilot, "没有")
        assert "没有符合的项目" in shown(app)
        await press(pilot, "escape")
        await type_text(pilot, "157号")
        await press(pilot, "enter")
        await settled(pilot, lambda: isinstance(app.screen, WorkbenchScreen))
        assert app.screen.evaluation == "projects/p157"  # type: ignore[attr-defined]


async def test_what_is_sorted_otherwise_is_not_moved(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        before = names(app.desk.session)
        await press(pilot, "f5", "ctrl+right", "ctrl+down")
        assert names(app.desk.session) == before
        await press(pilot, "ctrl+left", "ctrl+down")
        assert names(app.desk.session) != before


async def test_a_first_project_is_added_by_name_and_opens_its_form() -> None:
    empty = Session(id="empty", unit=Unit(name="某局"), year=2024)
    async with running(saved(empty)) as (app, pilot):
        await press(pilot, "f5")
        assert "还没有项目" in shown(app)
        await press(pilot, "ctrl+n")
        await type_text(pilot, "科普工作经费")
        await press(pilot, "enter")
        await settled(pilot, lambda: app.desk.session.projects)
        assert names(app.desk.session) == ["科普工作经费"]
        assert app.desk.session.projects["p1"].set == "mof-project-2020"
        await press(pilot, "enter")
        await settled(pilot, lambda: isinstance(app.screen, WorkbenchScreen))
        assert "科普工作经费" in shown(app)
        await press(pilot, "ctrl+z")
        await settled(pilot, lambda: not app.desk.session.projects)


async def test_order_copy_exclude_and_delete_each_undo_at_once(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f5")
        before = names(app.desk.session)

        await press(pilot, "ctrl+down")
        assert names(app.desk.session)[:2] == [before[1], before[0]]
        await press(pilot, "ctrl+z")
        assert names(app.desk.session) == before

        await press(pilot, "f6")
        await settled(pilot, lambda: len(app.desk.session.projects) == 10)
        copied = [name for name in names(app.desk.session) if name.endswith("（副本）")]
        assert len(copied) == 1
        await press(pilot, "ctrl+z")
        assert names(app.desk.session) == before

        await press(pilot, "insert")
        await type_text(pilot, "年中取消")
        await press(pilot, "enter")
        await settled(pilot, lambda: shown(app).count("不参评") > 1)
        await press(pilot, "insert")
        await settled(pilot, lambda: "8 个参加自评" in shown(app))

        await press(pilot, "ctrl+delete", "enter")
        await settled(pilot, lambda: len(app.desk.session.projects) == 8)
        await press(pilot, "ctrl+z")
        await settled(pilot, lambda: names(app.desk.session) == before)


async def test_a_project_is_renamed(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f5", "f3")
        await press(pilot, "end")
        await type_text(pilot, "（本级）")
        await press(pilot, "enter")
        await settled(pilot, lambda: names(app.desk.session)[0].endswith("（本级）"))
        assert isinstance(app.screen, ProjectsScreen)


async def test_after_a_project_is_deleted_its_neighbour_is_in_view(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        app.open_evaluation("projects/p3")
        await settled(pilot, lambda: app.screen.evaluation == "projects/p3")  # type: ignore[attr-defined]
        await press(pilot, "f5", "ctrl+delete", "enter")
        await settled(pilot, lambda: "p3" not in app.desk.session.projects)
        await press(pilot, "escape")
        assert isinstance(app.screen, WorkbenchScreen)
        assert app.screen.evaluation == "projects/p4"
        assert not app._notifications


def test_what_stood_beside_something_that_is_gone() -> None:
    assert neighbour(["a", "b", "c"], "b", ["a", "c"]) == "c"
    assert neighbour(["a", "b", "c"], "c", ["a", "b"]) == "b"
    assert neighbour(["a", "b"], "x", ["a"]) == ""
    assert neighbour(["a"], "a", []) == ""
