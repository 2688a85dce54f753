"""复核: the reviewer's scores beside the self scores; self + difference = reviewed, exactly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perfeval.indicators.library import find
from perfeval.numbers import ZERO, decimal_text
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.scoring.review import ReviewDiff, mark_basis, outdated_marks, review_diff
from perfeval.scoring.scorecard import Scorecard
from perfeval.session.change import apply, edit
from perfeval.session.files import loads
from perfeval.session.model import ReviewMark, Session
from perfeval.session.seal import is_self_path, seal, value_digest

SAMPLE = loads(sample_text())
CARD = score_session(SAMPLE, find)
CODES = {"G1": ("rows", 20), "F1": ("rows", 15), "D1": ("rows", 5), "B6": ("answers", 2)}


def worth(session: Session) -> Scorecard:
    return score_session(session, find)


def basis(path: str) -> str:
    """What a mark on the sample's indicator remembers."""
    rows = {row.path: row for _, result in CARD.results for row in result.indicators}
    return mark_basis(rows[path])


def marked(**scores: str) -> Session:
    marks = {}
    for code, text in scores.items():
        path = f"department/{CODES[code][0]}/{code}"
        marks[path] = ReviewMark(
            verdict="核减",
            score=text,
            opinion="佐证不足",
            who="复核人",
            on=basis(path),
        )
    return SAMPLE.model_copy(update={"marks": marks})


def accepted(path: str, score: str, on: str | None = None) -> Session:
    """The sample with one 认可, given on the sample as it is."""
    mark = ReviewMark(verdict="认可", score=score, on=basis(path) if on is None else on)
    return SAMPLE.model_copy(update={"marks": {path: mark}})


def changed(session: Session, **edits: object) -> Session:
    for path, value in edits.items():
        session = apply(session, edit(session, path.replace("__", "/"), value))
    return session


def one_row(session: Session) -> tuple[ReviewDiff, bool, str, str]:
    """The diff of a session with one mark: 过期, the self and the reviewed score of its row."""
    diff = review_diff(session, "department", find)
    (row,) = diff.marked
    texts = ("" if one is None else decimal_text(one, 2) for one in (row.own, row.reviewed))
    assert diff.own.total + diff.net == diff.reviewed.total
    return diff, row.outdated, *texts  # type: ignore[return-value]


def test_three_changed_scores() -> None:
    diff = review_diff(marked(G1="10", B6="1", D1="4.5"), "department", find)
    assert [(row.code, decimal_text(row.difference, 2)) for row in diff.changed] == [
        ("B6", "-1.00"),
        ("D1", "-0.25"),
        ("G1", "-10.00"),
    ]
    assert (diff.own.total_text, diff.reviewed.total_text) == ("96.40", "85.15")
    assert decimal_text(diff.net, 2) == "-11.25"
    assert (diff.own.grade, diff.reviewed.grade, diff.grade_changes) == ("优", "良", True)
    assert {tier.name: decimal_text(tier.difference, 2) for tier in diff.tiers} == {
        "预算执行情况": "0.00",
        "投入管理指标": "-1.00",
        "产出指标": "-0.25",
        "效益指标": "-10.00",
    }
    assert len(diff.unmarked) == 25


def test_marks_never_touch_the_self_part() -> None:
    session = marked(G1="10")
    assert seal(session) == seal(SAMPLE)
    before, after = (score_session(one, find).department for one in (SAMPLE, session))
    assert before is not None
    assert after is not None
    assert before.total == after.total
    assert not is_self_path("marks/department~1rows~1G1")
    assert is_self_path("department/inputs/全年执行数/value")


def test_a_value_changed_after_the_mark_makes_it_outdated() -> None:
    session = marked(G1="10", D1="4")
    session = apply(session, edit(session, "department/rows/D1/actual", "96%"))
    assert list(outdated_marks(session, worth(session))) == ["department/rows/D1"]
    rows = {row.code: row.outdated for row in review_diff(session, "department", find).marked}
    assert rows == {"D1": True, "G1": False}


def test_a_score_outside_the_points_is_a_problem_and_changes_nothing() -> None:
    diff = review_diff(marked(G1="21", D1="x"), "department", find)
    assert diff.net == 0
    assert [path for path, _ in diff.problems] == ["department/rows/D1", "department/rows/G1"]


def test_accepting_keeps_the_self_score_whatever_is_typed() -> None:
    mark = ReviewMark(verdict="认可", score="3")
    session = SAMPLE.model_copy(update={"marks": {"department/rows/G1": mark}})
    assert review_diff(session, "department", find).net == 0


# --- 过期 ------------------------------------------------------------------------------------

RATE = "department/answers/X1"
"""部门预算执行率: 741.99 of 838.1 scores 8.85; the answer itself is never touched below."""


def test_a_figure_of_its_formula_changed_after_acceptance_does_not_pass_silently() -> None:
    session = accepted(RATE, "8.85")
    assert one_row(session)[1:] == (False, "8.85", "8.85")
    session = changed(session, department__inputs__全年执行数__value="800")
    diff, outdated, own, reviewed = one_row(session)
    assert (outdated, own, reviewed) == (True, "9.55", "8.85")  # what was accepted still counts
    assert decimal_text(diff.net, 2) == "-0.70"
    assert [row.code for row in diff.changed] == ["X1"]
    assert list(outdated_marks(session, worth(session))) == [RATE]


def test_a_mark_that_was_changed_back_is_current_again() -> None:
    session = changed(accepted(RATE, "8.85"), department__inputs__全年执行数__value="800")
    session = changed(session, department__inputs__全年执行数__value="741.99")
    assert one_row(session)[1:] == (False, "8.85", "8.85")


def test_another_figure_or_the_owner_leaves_a_mark_as_it_is() -> None:
    session = changed(
        accepted(RATE, "8.85"),
        department__inputs__可剔除调整数__value="1",
        department__answers__X1__owner="财务科",
        department__inputs__全年执行数__source="决算表",
    )
    assert list(outdated_marks(session, worth(session))) == []


def test_money_of_a_project_is_what_its_rate_was_accepted_on() -> None:
    path = next(
        row.path
        for prefix, result in CARD.results
        if prefix == "projects/p6"
        for row in result.indicators
        if row.name == "预算执行率"
    )
    session = accepted(path, "10")
    assert list(outdated_marks(session, worth(session))) == []
    session = changed(session, projects__p6__funds__total__executed="20")
    assert list(outdated_marks(session, worth(session))) == [path]


def test_a_changed_target_makes_a_mark_outdated() -> None:
    session = changed(marked(D1="4"), department__rows__D1__target="90%")
    assert list(outdated_marks(session, worth(session))) == ["department/rows/D1"]


def test_what_was_empty_when_accepted_is_not_counted_until_it_is_looked_at() -> None:
    empty = changed(SAMPLE, department__rows__D1__actual=None)
    rows = {row.path: row for _, one in worth(empty).results for row in one.indicators}
    mark = ReviewMark(verdict="认可", on=mark_basis(rows["department/rows/D1"]))
    empty = empty.model_copy(update={"marks": {"department/rows/D1": mark}})
    diff, outdated, own, reviewed = one_row(empty)
    assert (outdated, own, reviewed) == (False, "", "")
    filled = changed(empty, department__rows__D1__actual="100%")
    diff, outdated, own, reviewed = one_row(filled)
    assert (outdated, own, reviewed) == (True, "5.00", "")
    assert diff.reviewed.grade is None


def test_a_mark_whose_indicator_is_gone_is_told() -> None:
    session = changed(marked(D1="4"), department__rows__D1=None)
    assert list(outdated_marks(session, worth(session))) == ["department/rows/D1"]
    diff = review_diff(session, "department", find)
    assert diff.marked == ()
    assert diff.problems == (("department/rows/D1", "复核过的指标已不在自评中，请重新复核"),)


def test_marks_of_older_programs_are_read_and_compared_as_they_were_made() -> None:
    old = accepted(RATE, "8.85", on=value_digest(SAMPLE, RATE))
    assert one_row(old)[1:] == (False, "8.85", "8.85")
    answered = changed(old, department__answers__X1__deviation_reason="改过")
    assert one_row(answered)[1:] == (True, "8.85", "8.85")
    # The old digest knew nothing of inputs; the score that was accepted gives it away.
    moved = changed(old, department__inputs__全年执行数__value="800")
    assert one_row(moved)[1:] == (True, "9.55", "8.85")


hundredths = st.integers(0, 2000).map(lambda n: f"{n / 100:.2f}")


@given(st.dictionaries(st.sampled_from(sorted(CODES)), hundredths, max_size=4))
def test_self_plus_difference_is_the_reviewed_score(scores: dict[str, str]) -> None:
    diff = review_diff(marked(**scores), "department", find)
    assert diff.own.total + diff.net == diff.reviewed.total
    assert sum((tier.difference for tier in diff.tiers), ZERO) == diff.net
    assert sum((row.difference for row in diff.changed), ZERO) == diff.net


@given(
    st.dictionaries(st.sampled_from(sorted(CODES)), hundredths, max_size=4),
    st.sampled_from(["0", "500", "741.99", "838.1", "x", ""]),
    st.sampled_from(["0%", "96%", "100%", ""]),
)
def test_it_is_so_whatever_changes_afterwards(
    scores: dict[str, str], executed: str, actual: str
) -> None:
    session = marked(**scores)
    marks = {row.path: row for row in CARD.department.indicators} if CARD.department else {}
    others = {
        path: ReviewMark(verdict="认可", score=decimal_text(row.score or ZERO), on=basis(path))
        for path, row in marks.items()
        if path not in session.marks
    }
    session = session.model_copy(update={"marks": session.marks | others})
    session = changed(
        session,
        department__inputs__全年执行数__value=executed,
        department__rows__D1__actual=actual,
        department__rows__F1=None,
    )
    diff = review_diff(session, "department", find)
    assert diff.own.total + diff.net == diff.reviewed.total
    for row in diff.marked:
        if row.difference and row.mark.verdict == "认可":
            assert row.outdated
