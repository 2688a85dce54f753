"""Checking again after changes comes to what checking from nothing does, and spares the rest."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfeval.checks import CHECKS, Checker, Finding, Level, recheck, run
from perfeval.checks.model import evaluation_of
from perfeval.checks.recheck import _evaluations, _only, _Said, _slicer, _worth
from perfeval.checks.subject import Subject
from perfeval.errors import PerfevalError
from perfeval.indicators import library
from perfeval.indicators.model import IndicatorSet
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.scoring.rescore import Scorer
from perfeval.session.change import apply, edit
from perfeval.session.files import loads
from perfeval.session.model import Session

WHOLE = loads(sample_text())
SAMPLE = WHOLE.model_copy(
    update={"projects": {key: WHOLE.projects[key] for key in ("p1", "p6", "p8", "p9")}}
)
FEW = settings(max_examples=settings.default.max_examples // 3 if settings.default else 20)
TEXTS = st.sampled_from([None, "0", "88%", "90.31", "838.1", "1000万元", "2项", "很多", "100%"])
WAIVED = {
    "check": "L28", "path": "projects/p6/score", "claimed": "90.31", "expected": "89.82",
    "reason": "系统取数",
}  # fmt: skip
EDITS = st.one_of(
    st.tuples(st.just("department/inputs/全年执行数/value"), TEXTS),
    st.tuples(st.just("department/inputs/全年执行/value"), TEXTS),
    st.tuples(st.just("department/answers/B4/target"), TEXTS),
    st.tuples(st.just("department/rows/D1/actual"), TEXTS),
    st.tuples(st.just("department/rows/D1/deviation_reason"), TEXTS),
    st.tuples(st.just("projects/p6/tier_rates/产出指标"), TEXTS),
    st.tuples(st.just("projects/p6/funds/total/executed"), TEXTS),
    st.tuples(st.just("projects/p6/deviation_reason"), TEXTS),
    st.tuples(st.just("projects/p9/excluded"), st.none() | st.just("未实施")),
    st.tuples(st.just("projects/p1"), st.none()),
    st.tuples(st.just("claimed/department~1tiers~1产出~1score"), TEXTS),
    st.tuples(st.just("claimed/projects~1p6~1score"), TEXTS),
    st.tuples(st.just("claimed/projects~1p99~1score"), TEXTS),
    st.tuples(st.just("claimed/depatment~1total"), TEXTS),
    st.tuples(st.just("assumed/projects~1p6~1score"), st.none() | st.just("按公示")),
    st.tuples(st.just("assumed/nowhere"), st.none() | st.just("按公示")),
    st.tuples(st.just("statements/决算支出/value"), TEXTS),
    st.tuples(st.just("unit/phone"), st.none() | st.just("000")),
    st.tuples(st.just("waivers"), st.sampled_from([[], [WAIVED]])),
    st.tuples(st.just("money_unit"), st.sampled_from(["元", "万元"])),
    st.tuples(st.just("project_order"), st.sampled_from([["p2", "p1"], ["p77"]])),
)


@cache
def find(set_id: str) -> IndicatorSet:
    return library.find(set_id)


def changed(session: Session, path: str, value: Any) -> Session:
    """Return the session after an edit, or as it was where the edit leads nowhere now."""
    try:
        return apply(session, edit(session, path, value))
    except PerfevalError:
        return session


@FEW
@given(edits=st.lists(EDITS, max_size=4))
def test_checked_step_by_step_or_from_nothing_it_is_the_same(
    edits: list[tuple[str, Any]],
) -> None:
    checker, scorer, session = Checker(), Scorer(), SAMPLE
    checker.findings(session, scorer.scorecard(session, find), find)
    for path, value in edits:
        session = changed(session, path, value)
        card = scorer.scorecard(session, find)
        assert checker.findings(session, card, find) == run(session, card, find)


@FEW
@given(edits=st.lists(EDITS, max_size=3))
def test_a_check_sees_in_the_evaluations_one_by_one_what_it_sees_in_all(
    edits: list[tuple[str, Any]],
) -> None:
    """Else it compares them, and must be registered ``whole``."""
    session = SAMPLE
    for path, value in edits:
        session = changed(session, path, value)
    card, said = score_session(session, find), _Said.of(session)
    # What is printed or 拟定 of no evaluation is looked at beside them.
    owned = {
        name: {path: text for owner, some in texts.items() if _is_scored(owner, session)
               for path, text in some.items()}
        for name, texts in (("claimed", said.printed), ("assumed", said.proposed))
    }  # fmt: skip
    session = session.model_copy(update=owned)
    whole = Subject(session, card, find, session, said.places)
    cut = _slicer(session, said)
    slices = [cut(*one) for one in _evaluations(session, card)]
    parts = [
        Subject(_only(session, one), _worth(one), find, session, said.places) for one in slices
    ]
    for check in CHECKS.values():
        if not check.whole:
            seen = [repr(some) for part in parts for some in check.function(part)]
            assert sorted(seen) == sorted(map(repr, check.function(whole))), check.id


def _is_scored(owner: str, session: Session) -> bool:
    return owner == "department" or owner.removeprefix("projects/") in session.projects


def test_only_what_changed_is_checked_again() -> None:
    """What was found elsewhere is the very same finding, not one made anew."""

    def leaves(session: Session) -> dict[tuple[str, str, str], Finding]:
        found = checker.findings(session, scorer.scorecard(session, find), find)
        every = (leaf for one in found for leaf in one.members or (one,))
        return {(one.id, one.path, one.message): one for one in every}

    checker, scorer = Checker(), Scorer()
    before = leaves(SAMPLE)
    after = leaves(changed(SAMPLE, "projects/p6/tier_rates/产出指标", "70%"))
    apart = {one.id for one in CHECKS.values() if one.whole or one.beside}
    kept = {key for key in before if not key[1].startswith("projects/p6") and key[0] not in apart}
    assert len(kept) > 10
    assert all(after[key] is before[key] for key in kept)
    assert any(key[1].startswith("projects/p6") for key in after.keys() - before.keys())


def test_a_line_of_many_is_made_again_only_where_one_is_seen_otherwise() -> None:
    """A thousand projects in one line: an edit elsewhere leaves the line as it stands."""
    checker, scorer = Checker(), Scorer()

    def lines(session: Session) -> dict[str, Finding]:
        found = checker.findings(session, scorer.scorecard(session, find), find)
        return {one.message: one for one in found}

    before = lines(WHOLE)
    after = lines(changed(WHOLE, "department/inputs/全年执行数/value", "700"))
    many = [message for message, one in before.items() if one.count > 3]
    assert many
    assert all(after[message] is before[message] for message in many)


def test_cut_short_it_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    checker, card = Checker(), score_session(SAMPLE, find)
    checker.findings(SAMPLE, card, find)
    session = changed(SAMPLE, "projects/p6/tier_rates/产出指标", "70%")
    then = score_session(session, find)
    with monkeypatch.context() as now:
        now.setattr(recheck, "collapsed", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            checker.findings(session, then, find)
    assert checker.findings(session, then, find) == run(session, then, find)
    assert checker.findings(SAMPLE, card, find) == run(SAMPLE, card, find)


def _interrupted(_: object) -> list[Finding]:
    raise KeyboardInterrupt


def test_a_finding_knows_its_places_by_evaluation() -> None:
    each = [Finding("L1", Level.NOTICE, f"projects/p{n}/score", "", also=("statements/甲",))
            for n in (1, 2)]  # fmt: skip
    line = replace(each[0], also=(), members=tuple(each))
    assert line.by_evaluation == {
        "projects/p1": ["projects/p1/score"],
        "statements": ["statements/甲"],
        "projects/p2": ["projects/p2/score"],
    }
    assert [evaluation_of(path) for path in ("department/answers/B3", "projects/p1", "unit")] == [
        "department", "projects/p1", "unit",
    ]  # fmt: skip
