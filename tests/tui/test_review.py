"""复核: marks beside the self scores, which nothing on this screen can change."""

from textual.widgets import Input

from perfeval.indicators.library import find
from perfeval.numbers import decimal_text
from perfeval.scoring.review import review_diff
from perfeval.session.model import Session
from perfeval.tui.screens.review import ReviewScreen
from tests.tui.conftest import NARROW, press, running, saved, settled, shown, type_text


async def test_enter_accepts_and_goes_on_and_the_self_part_stays(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        before = app.desk.session.department
        await press(pilot, "f11", "enter", "enter")
        marks = app.desk.session.marks
        assert [mark.verdict for mark in marks.values()] == ["认可", "认可"]
        assert "已复核 2/28" in shown(app)
        assert app.desk.session.department == before


async def test_a_changed_score_with_an_opinion_moves_the_reviewed_total(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f11", "tab")
        await type_text(pilot, "8")  # the score is marked, so typing replaces it
        await press(pilot, "enter")
        await type_text(pilot, "与决算数不一致")
        await press(pilot, "enter")
        await settled(pilot, lambda: app.desk.session.marks)
        mark = app.desk.session.marks["department/answers/X1"]
        assert (mark.verdict, mark.score, mark.opinion) == ("核减", "8", "与决算数不一致")
        assert "净核减 0.85 分" in shown(app)
        assert "96.40 优 -> 95.55 优" in shown(app)
        diff = review_diff(app.desk.session, "department", find)
        assert decimal_text(diff.own.total + diff.net, 2) == diff.reviewed.total_text


async def test_a_change_without_an_opinion_is_refused_and_nothing_is_lost(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f11", "tab")
        await type_text(pilot, "8")
        await press(pilot, "enter", "enter")
        assert not app.desk.session.marks
        assert "8" in app.screen.query_one("#score").value  # type: ignore[attr-defined]


async def test_the_unit_answers_a_mark(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f11", "insert")
        assert not app.desk.session.feedback, "there is no mark to answer yet"
        await press(pilot, "f3")
        await type_text(pilot, "请补充支付凭证")
        await press(pilot, "enter")
        await settled(pilot, lambda: app.desk.session.marks)
        await press(pilot, "up", "insert", "right", "enter")
        await type_text(pilot, "凭证已随附件报送")
        await press(pilot, "enter")
        await settled(pilot, lambda: app.desk.session.feedback)
        answer = app.desk.session.feedback["department/answers/X1"]
        assert (answer.accepted, answer.reason) == (False, "凭证已随附件报送")


async def test_each_project_is_reviewed_in_its_turn(sample: Session) -> None:
    async with running(saved(sample), size=NARROW) as (app, pilot):
        await press(pilot, "f11", "ctrl+right")
        screen = app.screen
        assert isinstance(screen, ReviewScreen)
        assert screen.evaluation == "projects/p1"
        await press(pilot, "f4", "enter")
        assert all(path.startswith("projects/p1/") for path in app.desk.session.marks)


async def test_a_mark_being_typed_is_saved_on_the_way_to_another_screen(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f11", "tab")
        await type_text(pilot, "8")
        await press(pilot, "enter")
        await type_text(pilot, "与决算数不一致")
        await press(pilot, "f7")
        await settled(pilot, lambda: app.desk.session.marks)
        assert app.desk.session.marks["department/answers/X1"].opinion == "与决算数不一致"


async def test_escape_gives_up_a_mark_being_typed_and_stays(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f11", "tab")
        await type_text(pilot, "8")
        await press(pilot, "escape")
        assert isinstance(app.screen, ReviewScreen)
        assert app.screen.query_one("#score", Input).value == "8.85"
        assert not app.desk.session.marks


async def test_what_is_returned_has_no_score_beyond_its_points(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f11", "tab")
        await type_text(pilot, "99")
        await press(pilot, "f3")
        await type_text(pilot, "请补材料")
        await press(pilot, "enter")
        await settled(pilot, lambda: "应在 0 与分值 10" in "".join(map(str, app._notifications)))
        assert not app.desk.session.marks


async def test_enter_on_a_row_marked_down_asks_before_it_accepts(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f11", "tab")
        await type_text(pilot, "8")
        await press(pilot, "enter")
        await type_text(pilot, "按决算数核定")
        await press(pilot, "enter", "up", "enter")
        await settled(pilot, lambda: "改为认可？" in shown(app))
        await press(pilot, "escape")
        assert app.desk.session.marks["department/answers/X1"].verdict == "核减"


async def test_a_click_on_another_row_saves_what_was_typed_of_this_one(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f11", "tab")
        await type_text(pilot, "8")
        await press(pilot, "enter")
        await type_text(pilot, "按决算数核定")
        await pilot.click("#review", offset=(20, 4))
        await settled(pilot, lambda: app.desk.session.marks)
        assert list(app.desk.session.marks) == ["department/answers/X1"]
