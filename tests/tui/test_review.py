"""复核: marks beside the self scores, which nothing on this screen can change."""

from functools import partial

from textual.widgets import Input

from perfeval import checks
from perfeval.indicators.library import find
from perfeval.numbers import decimal_text
from perfeval.scoring.engine import score_session
from perfeval.scoring.review import mark_basis, review_diff
from perfeval.session.change import Change, apply, edit, join
from perfeval.session.model import Session
from perfeval.tui.desk import findings_at
from perfeval.tui.review_view import (
    accepting_text,
    next_evaluation,
    overview_rows,
    overview_text,
    returned_rows,
    under_review,
)
from perfeval.tui.screens.returned import ReturnedScreen
from perfeval.tui.screens.review import ReviewScreen
from perfeval.tui.screens.workbench import WorkbenchScreen
from tests.tui.conftest import NARROW, press, running, saved, settled, shown, type_text

B3, A2 = "department/answers/B3", "department/answers/A2"


def reviewed(sample: Session) -> Session:
    """The sample with one score changed, one item returned, one project's rate marked down."""
    session, card = sample, score_session(sample, find)
    for path, verdict, score, opinion in (
        (B3, "核增", "1", "按批文"),
        (A2, "退回修改", "2", "补材料"),
        ("projects/p6/tier_rates/产出指标", "核减", "40", "按材料核定"),
    ):
        row = next(r for _, result in card.results for r in result.indicators if r.path == path)
        mark = {"verdict": verdict, "score": score, "opinion": opinion, "who": "乙"}
        mark["on"] = mark_basis(row)
        session = apply(session, Change(path=join("marks", path), old=None, new=mark))
    return session


def test_all_evaluations_say_what_changed_and_what_is_open(sample: Session) -> None:
    session = reviewed(sample)
    card = score_session(session, find)
    found = under_review(session, card, find)
    assert [one.name for one in found][:2] == ["部门整体", "科普工作经费"]
    cells = {row.key: row.cells for row in overview_rows(session, found, lambda path: [])}
    assert cells["department"][1:9] == ("96.40", "97.40", "+1.00", "优", "2/28", "1", "", "2")
    own, after, net, grade = cells["projects/p6"][1:5]
    assert (own, grade) == ("89.82", "良")
    assert float(after) < float(own)
    assert net.startswith("-")
    assert cells["projects/p1"][2:4] == ("", ""), "nothing of it has a mark"
    told = overview_text(session, found)
    assert "9 张自评表  已复核 3/60 项  改动 2 项  待反馈 3 项" in told


def test_what_was_changed_after_its_mark_is_counted_and_comes_next(sample: Session) -> None:
    session = reviewed(sample)
    session = apply(session, edit(session, f"{B3}/target", "<=30%"))
    found = under_review(session, score_session(session, find), find)
    assert found[0].stale == 1
    assert next_evaluation(found, "projects/p8") == "department"
    assert next_evaluation([one for one in found if one.path == "projects/p6"], "") != ""
    assert next_evaluation([], "") == ""


def test_the_unit_sees_only_what_was_returned(sample: Session) -> None:
    session = reviewed(sample)
    rows = returned_rows(session, score_session(session, find), find)
    assert [(row.key, row.cells[3]) for row in rows] == [
        (A2, "退回修改"), (B3, "核增"), ("projects/p6/tier_rates/产出指标", "核减"),
    ]  # fmt: skip
    mended = apply(session, edit(session, f"{B3}/target", "<=30%"))
    rows = returned_rows(mended, score_session(mended, find), find)
    assert {row.key: row.cells[3] for row in rows}[B3] == "已修改"


def test_accepting_the_rest_tells_what_speaks_against_it(sample: Session) -> None:
    session = apply(sample, edit(sample, "department/answers/A3/elements", {}))
    card = score_session(session, find)
    found = under_review(session, card, find)[:1]
    findings = checks.run(session, card, find)
    told = accepting_text(found, partial(findings_at, findings)).splitlines()
    assert told[0] == "按自评得分认可 27 项；已有复核结论的不变。"
    assert "未说明的错误或警告" in told[1]
    assert told[2] == "还没有填的 1 项不在内。"


async def test_all_evaluations_are_looked_at_and_the_rest_accepted_at_once(
    sample: Session,
) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f11", "f11")
        assert "9 张自评表" in shown(app)
        await press(pilot, "f3")
        assert not app.screen.is_modal, "no indicator is in view to return"
        await press(pilot, "down", "enter")
        assert isinstance(app.screen, ReviewScreen)
        assert app.screen.evaluation == "projects/p1"
        await press(pilot, "ctrl+a", "enter")
        await settled(pilot, lambda: len(app.desk.session.marks) == 4)
        await press(pilot, "f4")
        assert app.screen.evaluation == "projects/p2", "the next one with something to look at"
        await press(pilot, "ctrl+z")
        assert not app.desk.session.marks


async def test_a_returned_task_opens_at_what_was_returned(sample: Session) -> None:
    session = reviewed(sample).model_copy(update={"stage": "退回修改"})
    async with running(saved(session), size=NARROW) as (app, pilot):
        await settled(pilot, lambda: isinstance(app.screen, ReturnedScreen))
        assert "退回 3 项，待反馈 3 项" in shown(app)
        await press(pilot, "insert", "enter")
        await settled(pilot, lambda: app.desk.session.feedback)
        assert app.desk.session.feedback[A2].accepted
        await press(pilot, "f11")
        assert isinstance(app.screen, ReviewScreen)
        await press(pilot, "escape", "f11", "down", "enter")
        await settled(pilot, lambda: isinstance(app.screen, WorkbenchScreen))
        assert app.screen.place == B3  # type: ignore[attr-defined]


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
