"""复核: the reviewer's scores beside the self scores; self + difference = reviewed, exactly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perfeval.indicators.library import find
from perfeval.numbers import ZERO, decimal_text
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.scoring.review import outdated_marks, review_diff
from perfeval.session.change import apply, edit
from perfeval.session.files import loads
from perfeval.session.model import ReviewMark, Session
from perfeval.session.seal import is_self_path, seal, value_digest

SAMPLE = loads(sample_text())
CODES = {"G1": ("rows", 20), "F1": ("rows", 15), "D1": ("rows", 5), "B6": ("answers", 2)}


def marked(**scores: str) -> Session:
    marks = {}
    for code, text in scores.items():
        path = f"department/{CODES[code][0]}/{code}"
        marks[path] = ReviewMark(
            verdict="核减",
            score=text,
            opinion="佐证不足",
            who="复核人",
            on=value_digest(SAMPLE, path),
        )
    return SAMPLE.model_copy(update={"marks": marks})


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
    assert list(outdated_marks(session)) == ["department/rows/D1"]
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


hundredths = st.integers(0, 2000).map(lambda n: f"{n / 100:.2f}")


@given(st.dictionaries(st.sampled_from(sorted(CODES)), hundredths, max_size=4))
def test_self_plus_difference_is_the_reviewed_score(scores: dict[str, str]) -> None:
    diff = review_diff(marked(**scores), "department", find)
    assert diff.own.total + diff.net == diff.reviewed.total
    assert sum((tier.difference for tier in diff.tiers), ZERO) == diff.net
    assert sum((row.difference for row in diff.changed), ZERO) == diff.net
