"""项目: add, rename, copy, order, leave out, delete; every act is one undo."""

from perfeval.session.model import Session, Unit
from perfeval.tui.screens.projects import ProjectsScreen
from perfeval.tui.screens.workbench import WorkbenchScreen
from tests.tui.conftest import press, running, saved, settled, shown, type_text


def names(session: Session) -> list[str]:
    return [project.name for _, project in session.ordered_projects()]


async def test_the_list_shows_money_rates_score_and_grade(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f5")
        text = shown(app)
    assert "共 9 个项目，8 个参加自评    预算合计 143.55 万元    执行合计 140.14 万元" in text
    sixth = next(line for line in text.splitlines() if "科技赋能行动" in line)
    assert all(part in sixth for part in ("30.00", "26.60", "88.67%", "89.82", "良"))
    assert "不参评" in text


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
