"""The worked example: what 新乡市科协's 2024 self-evaluation is worth by its own rules."""

from __future__ import annotations

import pytest

from perfeval.indicators.library import find
from perfeval.numbers import decimal_text
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.scoring.scorecard import Result, Scorecard, Status
from perfeval.session.files import loads


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return score_session(loads(sample_text()), find)


@pytest.fixture(scope="module")
def department(card: Scorecard) -> Result:
    assert card.department is not None
    return card.department


def test_the_tiers_and_the_total(department: Result) -> None:
    tiers = {t.name: (decimal_text(t.score or 0, 2), str(t.points)) for t in department.tiers}
    assert tiers == {
        "预算执行情况": ("8.85", "10"),
        "投入管理指标": ("28.00", "30"),
        "产出指标": ("24.55", "25"),
        "效益指标": ("35.00", "35"),
    }
    assert department.total_text == "96.40"
    assert (department.grade, department.complete) == ("优", True)
    assert department.summary == "96.40 优 按拟定规则"


def test_execution_is_scored_from_the_printed_rate(department: Result) -> None:
    row = department.indicator("X1")
    assert row.value_text == "88.53%"
    assert decimal_text(row.score or 0, 2) == "8.85"
    assert row.item.doubt is None  # formula from the report, rule published


@pytest.mark.parametrize(
    ("code", "value", "score", "status"),
    [
        ("A1", "相关", "2.00", Status.SCORED),
        ("B2", "100.00%", "2.00", Status.UNPROVEN),
        ("B3", "25.51%", "0.00", Status.SCORED),
        ("B4", "0.00%", "2.00", Status.SCORED),
        ("B5", "94.62%", "2.00", Status.SCORED),
        ("B6", "100.00%", "2.00", Status.UNPROVEN),
        ("B8", "0例", "1.00", Status.SCORED),
        ("B10", "", "2.00", Status.MANUAL),
        ("C1", "100.00%", "1.00", Status.SCORED),
        ("C5", "100.00%", "1.00", Status.UNPROVEN),
        ("D1", "95%", "4.75", Status.UNPROVEN),
        ("E1", "95%", "3.80", Status.UNPROVEN),
        ("F1", "", "15.00", Status.MANUAL),
        ("G1", "", "20.00", Status.MANUAL),
    ],
)
def test_single_indicators(
    department: Result, code: str, value: str, score: str, status: Status
) -> None:
    row = department.indicator(code)
    assert row.value_text == value
    assert decimal_text(row.score or 0, 2) == score
    assert row.status is status


def test_twenty_seven_indicators_beside_the_execution_rate(department: Result) -> None:
    assert len(list(department.indicators)) == 28
    assert department.set.counted == (3, 7, 27)


def test_targets_of_95_percent_would_give_the_claimed_25(department: Result) -> None:
    rows = list(department.tier("产出指标").indicators)
    note, _, goal = rows[0].item.alternatives[0]
    assert note == "年度指标值按 ≥95%"
    assert all(goal.met_by(row.value) for row in rows if row.value is not None)


def test_the_projects_in_the_order_of_the_summary(card: Scorecard) -> None:
    totals = [(p.result.total_text, p.result.grade) for p in card.projects if p.result]
    assert totals == [
        ("100.00", "优"),
        ("100.00", "优"),
        ("100.00", "优"),
        ("94.00", "优"),
        ("100.00", "优"),
        ("89.82", "良"),
        ("99.97", "优"),
        ("100.00", "优"),
    ]


def test_the_excluded_project_keeps_its_reason_and_has_no_score(card: Scorecard) -> None:
    ninth = card.projects[8]
    assert ninth.result is None
    assert "未召开" in ninth.excluded


def test_every_assumed_value_is_listed_in_the_sample() -> None:
    session = loads(sample_text())
    assert set(session.assumed) == {
        "department/answers/B3/target",
        "department/answers/B4/target",
        "department/answers/C5/actual",
        *(f"department/rows/{row}/target" for row in ("D1", "D2", "D3", "E1", "E2", "E3")),
    }
