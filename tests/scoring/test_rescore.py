"""Scoring again after changes comes to what scoring from nothing does, and spares the rest."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval.errors import PerfevalError
from perfeval.indicators import library
from perfeval.indicators.model import IndicatorSet
from perfeval.samples import sample_text
from perfeval.scoring import rescore
from perfeval.scoring.engine import Context, Prepared, compute, prepare, score_session
from perfeval.scoring.rescore import Scorer
from perfeval.scoring.scorecard import Result, Scorecard
from perfeval.session.change import apply, edit
from perfeval.session.files import loads
from perfeval.session.model import Session

OVER_PROJECTS = """
id: over-projects
title: 看项目的体系
scope: department
grades: [{name: 优, min: 90}, {name: 良, min: 80}, {name: 中, min: 60}, {name: 差, min: 0}]
modifiers: [{type: na_rescale}, {type: missing_tier_shift, missing: 效益, to: 产出}]
inputs: {甲: {unit: 万元}, 乙: {unit: 万元, default: "4"}, 丙: {unit: 个}}
tiers:
  - name: 产出
    points: 60
    indicators:
      - {code: A, name: 执行, points: 20, unit: '%', if_zero: 不适用, target: '100%',
         formula: sum(projects.全年执行数)/sum(projects.全年预算数),
         rule: {type: proportional_capped}, evidence: {rule: USER}}
      - {code: B, name: 占比, points: 20, unit: '%', formula: 甲/乙, if_zero: 满分,
         target: required, rule: {type: proportional_capped}, evidence: {rule: PROPOSED},
         alternatives: [{note: 另一种, rule: {type: milestone_sum, milestones: [
           {name: 半年, value: 甲/乙, bands: [{min: 45%, score: 20}, {score: 0}]}]}}]}
      - {code: C, name: 个数, points: 20, unit: 个, target: ≥3个,
         rule: {type: full_if_at_least}, evidence: {rule: USER},
         alternatives: [{note: 看取值, rule: {type: milestone_sum, milestones: [
           {name: 全年, value: 丙/3, bands: [{min: 100%, score: 20}, {score: 0}]}]}}]}
  - name: 效益
    points: 40
    indicators:
      - {code: D, name: 要素, points: 40, rule: {type: checklist_points, elements: [一, 二]}}
"""


@cache
def find(set_id: str) -> IndicatorSet:
    return library.loads(OVER_PROJECTS) if set_id == "over-projects" else library.find(set_id)


WHOLE = loads(sample_text())
SAMPLE = WHOLE.model_copy(update={"projects": {key: WHOLE.projects[key] for key in ("p6", "p9")}})
SMALL = loads(
    """
id: s
unit: {name: 单位}
year: 2024
department: {set: over-projects}
projects:
  a: {set: mof-project-2020, name: 甲, funds: {t: {budget: 10, executed: 9}}}
  b: {set: mof-project-2020, name: 乙, funds: {t: {budget: 10, executed: 6}},
      tier_rates: {产出指标: 90%, 效益指标: 80%, 满意度指标: 100%}}
"""
)
FIGURES = st.sampled_from([None, "0", "3", "4", "838.10", "2项", "12a3", "不适用", "90%", "9万元"])
BLANK = st.none() | st.just("没有对象")
ROWS = st.builds(
    lambda group, points, actual: {
        "group": group, "name": "行", "points": points, "unit": "%",
        "target": "≥90%", "actual": actual,
    },
    st.sampled_from(["数量指标", "履职效益"]),
    st.sampled_from(["5", "-1", "很多"]),
    st.sampled_from(["85%", "已完成", ""]),
)  # fmt: skip
PROJECTS = st.builds(
    lambda set_id, budget: {"set": set_id, "name": "新", "funds": {"t": {"budget": budget}}},
    st.sampled_from(["mof-project-2020", "over-projects"]),
    st.sampled_from(["5", "7.25"]),
)
ANYWHERE = (
    st.tuples(st.just("year"), st.sampled_from([2023, 2024])),
    st.tuples(st.just("money_unit"), st.sampled_from(["元", "万元"])),
    st.tuples(st.just("assumed/department~1answers~1B~1target"), BLANK),
    st.tuples(st.just("assumed/projects~1p1~1funds"), BLANK),
    st.tuples(st.just("unit/phone"), BLANK),
)
IN_SMALL = st.one_of(
    *ANYWHERE,
    st.tuples(st.sampled_from([f"department/inputs/{name}/value" for name in "甲乙丙"]), FIGURES),
    st.tuples(st.sampled_from([f"department/answers/{code}/actual" for code in "ABC"]), FIGURES),
    st.tuples(st.sampled_from([f"department/answers/{c}/not_applicable" for c in "ACD"]), BLANK),
    st.tuples(st.just("department/answers/B/target"), FIGURES),
    st.tuples(st.just("department/answers/D/elements/一"), st.sampled_from([None, True, False])),
    st.tuples(st.just("department/answers/D/manual_score"), FIGURES),
    st.tuples(st.just("department"), st.sampled_from([None, {"set": "over-projects"}])),
    st.tuples(st.just("projects/b/tier_rates/产出指标"), FIGURES),
    st.tuples(st.just("projects/b/tier_rates"), st.sampled_from([None, {"效益指标": "95%"}])),
    st.tuples(st.just("projects/a/funds/t/budget"), FIGURES),
    st.tuples(st.just("projects/a/inputs/全年执行数/value"), FIGURES),
    st.tuples(st.just("projects/a/excluded"), BLANK),
    st.tuples(st.just("projects/a/weight_scheme"), st.sampled_from([None, "cost-tier", "无"])),
    st.tuples(st.just("projects/a/rows/r"), st.none() | ROWS),
    st.tuples(st.just("projects/a/rows/r/group"), st.sampled_from(["数量指标", "质量指标"])),
    st.tuples(st.just("projects/c"), st.none() | PROJECTS),
    st.tuples(st.just("project_order"), st.sampled_from([["b", "a"], ["a", "b"]])),
)
IN_SAMPLE = st.one_of(
    *ANYWHERE,
    st.tuples(st.just("department/inputs/全年执行数/value"), FIGURES),
    st.tuples(st.just("department/inputs/可剔除调整数/value"), FIGURES),
    st.tuples(st.just("department/answers/B4/target"), st.sampled_from([None, "≤20%", "高"])),
    st.tuples(st.just("department/rows/D1/actual"), FIGURES),
    st.tuples(st.just("department/rows/新"), st.none() | ROWS),
    st.tuples(st.just("projects/p6/tier_rates/产出指标"), FIGURES),
    st.tuples(st.just("projects/p9/excluded"), BLANK),
)


def changed(session: Session, path: str, value: Any) -> Session:
    """Return the session after an edit, or as it was where the edit leads nowhere now."""
    try:
        return apply(session, edit(session, path, value))
    except PerfevalError:
        return session


@pytest.mark.parametrize(("start", "edits"), [(SMALL, IN_SMALL), (SAMPLE, IN_SAMPLE)])
@given(data=st.data())
def test_scored_step_by_step_or_from_nothing_it_is_the_same(
    start: Session, edits: st.SearchStrategy[tuple[str, Any]], data: st.DataObject
) -> None:
    scorer, session = Scorer(), start
    scorer.scorecard(session, find)
    for path, value in data.draw(st.lists(edits, max_size=6)):
        session = changed(session, path, value)
        assert scorer.scorecard(session, find) == score_session(session, find)


@given(data=st.data())
def test_going_back_to_an_earlier_state_is_no_different(data: st.DataObject) -> None:
    """Undo, or a change that could not be saved: what was scored in between must not show."""
    states = [SMALL]
    for path, value in data.draw(st.lists(IN_SMALL, min_size=1, max_size=5)):
        states.append(changed(states[-1], path, value))
    expected = [score_session(state, find) for state in states]
    scorer = Scorer()
    for at in data.draw(st.lists(st.integers(0, len(states) - 1), max_size=12)):
        assert scorer.scorecard(states[at], find) == expected[at]


def test_only_what_changed_is_scored_again() -> None:
    scorer = Scorer()
    before = scorer.scorecard(SAMPLE, find)
    after = scorer.scorecard(changed(SAMPLE, "projects/p6/tier_rates/产出指标", "99%"), find)
    assert after.department is before.department
    kept = [new is old for new, old in zip(after.projects, before.projects, strict=True)]
    assert [one.key for one, same in zip(after.projects, kept, strict=True) if not same] == ["p6"]


def test_while_no_project_changes_their_list_is_the_very_same() -> None:
    """A figure of the department walks through none of a thousand projects."""
    scorer = Scorer()
    before = scorer.scorecard(SAMPLE, find)
    after = scorer.scorecard(changed(SAMPLE, "department/inputs/全年执行数/value", "700"), find)
    assert after.department != before.department
    assert after.projects is before.projects


def test_cut_short_it_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = Scorer()
    scorer.scorecard(SMALL, find)
    session = changed(SMALL, "projects/a/funds/t/executed", "5")
    session = changed(session, "projects/b/funds/t/executed", "5")
    done: list[Prepared] = []

    def first_only(prepared: Prepared) -> Result:
        if done:
            raise KeyboardInterrupt
        done.append(prepared)
        return compute(prepared)

    with monkeypatch.context() as now:
        now.setattr(rescore, "compute", first_only)
        with pytest.raises(KeyboardInterrupt):
            scorer.scorecard(session, find)
    for state in (SMALL, session):
        assert scorer.scorecard(state, find) == score_session(state, find)


def test_inside_an_evaluation_only_what_changed_is_read_again() -> None:
    """An answer to one indicator leaves the 27 others as they were read, their results too."""

    def rows(card: Scorecard) -> dict[str, Any]:
        assert card.department is not None
        return {row.code: row for row in card.department.indicators}

    scorer = Scorer()
    before = rows(scorer.scorecard(SAMPLE, find))
    after = rows(scorer.scorecard(changed(SAMPLE, "department/rows/D1/actual", "50%"), find))
    assert [code for code in after if after[code].item is not before[code].item] == ["D1"]
    assert after["A1"] is before["A1"]
    assert after["D1"].score != before["D1"].score


def test_the_totals_over_the_projects_follow_each_of_them() -> None:
    scorer, session = Scorer(), SMALL
    assert _row(scorer, session, "A") == "75.00%"
    session = changed(session, "projects/b/funds/t/executed", "9")
    assert _row(scorer, session, "A") == "90.00%"
    session = changed(session, "projects/b/excluded", "未实施")
    session = changed(session, "projects/a/funds/t/executed", "5")
    assert _row(scorer, session, "A") == "50.00%"


def _row(scorer: Scorer, session: Session, code: str) -> str:
    department = scorer.scorecard(session, find).department
    assert department is not None
    return department.indicator(code).value_text


def test_another_set_year_or_unit_reads_everything_anew() -> None:
    department = SAMPLE.department
    assert department is not None
    first, context = find(department.set), Context(year=2024)
    known = prepare(department, first, context)
    for indicator_set, now in (
        (first.model_copy(), context),
        (first, replace(context, year=2023)),
        (first, replace(context, money_unit="元")),
        (first, replace(context, assumed={"department/rows/D1/actual": "拟定"})),
    ):
        again = prepare(department, indicator_set, now, known)
        kept = {id(item) for group in known.groups for item in group.items}
        assert not kept & {id(item) for group in again.groups for item in group.items}
        expected = compute(prepare(department, indicator_set, now))
        assert list(compute(again).indicators) == list(expected.indicators)
