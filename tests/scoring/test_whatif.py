"""得分测算: margins are found by scoring, so they cannot disagree with the score."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval.indicators.library import find, loads
from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import Exact, decimal_text
from perfeval.samples import sample_text
from perfeval.scoring.engine import Context, score, score_session
from perfeval.scoring.scorecard import Result
from perfeval.scoring.whatif import grade_distances, margins
from perfeval.session import files
from perfeval.session.model import Answer, Evaluation, InputValue


def department() -> Result:
    result = score_session(files.loads(sample_text()), find).department
    assert result is not None
    return result


def texts(result: Result, code: str) -> list[str]:
    return [margin.text for margin in margins(result) if margin.code == code]


def test_what_would_cure_the_budget_adjustment_rate() -> None:
    """In its own value, and in the one input the unit can still act on."""
    assert texts(department(), "B3") == [
        "预算调整率 ≤ 10% 时得满分（+2.00）",
        "可剔除调整数 ≥ 103.52万元 时得满分（+2.00）",
    ]


def test_the_margin_in_an_input_is_the_last_cent() -> None:
    session = files.loads(sample_text())
    assert session.department is not None

    def rate_score(excluded: str) -> str:
        assert session.department is not None
        inputs = session.department.inputs | {"可剔除调整数": InputValue(value=excluded)}
        evaluation = session.department.model_copy(update={"inputs": inputs})
        result = score(evaluation, find(evaluation.set), Context())
        return decimal_text(result.indicator("B3").score or 0, 2)

    assert (rate_score("103.51"), rate_score("103.52")) == ("0.00", "2.00")


def test_how_far_a_full_score_may_slip() -> None:
    assert texts(department(), "B5") == ["“三公经费”控制率 ≤ 100% 时得分不变"]


def test_nothing_is_said_of_judgement_and_checklists() -> None:
    assert {"A1", "B10", "F1", "G1"}.isdisjoint(margin.code for margin in margins(department()))


def test_the_distance_to_the_grades() -> None:
    assert [d.text for d in grade_distances(department())] == ["高出“优”线 6.40 分"]
    project = score_session(files.loads(sample_text()), find).projects[5].result
    assert project is not None
    assert [d.text for d in grade_distances(project)] == [
        "距“优”还差 0.18 分",
        "高出“良”线 9.82 分",
    ]


BAND_RULE = "{type: band_table, bands: [{min: 90%, score: 100}, {min: 80%, score: 80}, {score: 0}]}"
BANDS = f"""
id: bands
title: 分档
scope: department
grades: [{{name: 优, min: 90}}, {{name: 差, min: 0}}]
tiers:
  - name: 一级
    points: 100
    indicators:
      - code: A
        name: 安排率
        points: 100
        unit: "%"
        rule: {BAND_RULE}
        evidence: {{rule: USER}}
"""


def test_the_next_band_is_named_before_full_points() -> None:
    indicator_set = loads(BANDS)
    evaluation = Evaluation(set="bands", answers={"A": Answer(actual="72.5%")})
    result = score(evaluation, indicator_set, Context())
    assert texts(result, "A") == [
        "安排率 ≥ 80% 时得 80.00 分（+80.00）",
        "安排率 ≥ 90% 时得满分（+100.00）",
    ]


def one(rule: str, target: str) -> IndicatorSet:
    return loads(
        BANDS.replace(
            f"rule: {BAND_RULE}",
            f"target: '{target}'\n        rule: {rule}",
        )
    )


@pytest.mark.parametrize(
    ("rule", "target"),
    [
        ("{type: proportional_capped}", "≥95%"),
        ("{type: inverse_linear, zero_at: 2}", "≤40%"),
        ("{type: inverse_ratio}", "≤40%"),
        ("{type: full_if_at_most}", "≤40%"),
        ("{type: per_point_deduction, direction: above, deduct: 3}", "≤40%"),
        ("{type: per_point_deduction, direction: below, deduct: 3}", "≥60%"),
        ("{type: gated_proportional, gate: 60%}", "≥95%"),
    ],
)
@given(hundredths=st.integers(0, 12000))
def test_each_margin_is_the_nearest_value_that_earns_it(
    rule: str, target: str, hundredths: int
) -> None:
    indicator_set = one(rule, target)

    def at(value: Exact) -> Result:
        text = decimal_text(value * 100) + "%"
        evaluation = Evaluation(set="bands", answers={"A": Answer(actual=text)})
        return score(evaluation, indicator_set, Context())

    result = at(Exact(hundredths, 10000))
    now = result.total
    step = Exact(1, 10000)
    for margin in margins(result):
        inside = at(margin.value).total
        outside = (
            at(margin.value - step).total if margin.at_least else at(margin.value + step).total
        )
        assert inside == margin.score
        if margin.kind == "slack":
            assert inside == now
            assert outside < now or margin.value == 0
        else:
            assert outside < inside
            assert margin.gain == inside - now > 0
