"""A trace replays the score it explains, in words a form can print."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perfeval.indicators.library import find
from perfeval.numbers import decimal_text
from perfeval.samples import sample_text
from perfeval.scoring.engine import compute, context_of, prepare, score_session
from perfeval.scoring.scorecard import Status
from perfeval.scoring.trace import doubts_text, trace, trace_text
from perfeval.session.files import loads
from perfeval.session.model import InputValue, Session

SESSION = loads(sample_text())


def lines(code: str, session: Session = SESSION) -> list[str]:
    card = score_session(session, find)
    assert card.department is not None
    row = card.department.indicator(code)
    return trace_text(row, card.department.set.rounding).splitlines()


def test_the_budget_adjustment_rate_step_by_step() -> None:
    assert lines("B3") == [
        "1 公式 (全年预算数-年初预算数-可剔除调整数)÷年初预算数",
        "2 代入 (838.1-667.77-0)÷667.77",
        "3 得 25.51%",
        "4 指标值 ≤10%（不超过 10%）",
        "5 规则 不超过年度指标值得满分，超过不得分（拟定）",
        "6 计分 0",
        "7 得分 0.00 / 2",
    ]


def test_the_one_rounding_is_shown() -> None:
    assert lines("X1")[-2:] == ["5 计分 88.53%×10 = 8.853，四舍五入 8.85", "6 得分 8.85 / 10"]


def test_a_rate_without_components_says_so() -> None:
    assert lines("D1")[0] == "1 未证实 只有比率，没有分子和分母"
    assert lines("B6")[1].startswith("2 未证实 缺少实际政府采购金额")


def test_a_manual_score_shows_its_reason() -> None:
    assert lines("G1")[-2] == "2 人工赋分 未收到参与人员投诉信息"


def test_doubts_are_named_in_words() -> None:
    card = score_session(SESSION, find)
    assert card.department is not None
    assert doubts_text(card.department.indicator("B3").item) == "计分规则拟定、年度指标值拟定"
    assert doubts_text(card.department.indicator("X1").item) == ""


def test_the_last_step_of_every_trace_is_the_score() -> None:
    card = score_session(SESSION, find)
    for _, result in card.results:
        for row in result.indicators:
            assert trace(row, result.set.rounding)[-1].value == row.score


amounts = st.one_of(
    st.integers(0, 8000).map(str),
    st.decimals(0, 8000, places=2).map(str),
    st.sampled_from(["", "不适用", "x", "0", "7", "48"]),
)


@given(st.fixed_dictionaries(dict.fromkeys(find("henan-department-2024").inputs, amounts)))
def test_replaying_the_trace_gives_the_score_whatever_is_entered(figures: dict[str, str]) -> None:
    assert SESSION.department is not None
    inputs = {name: InputValue(value=text) for name, text in figures.items()}
    evaluation = SESSION.department.model_copy(update={"inputs": inputs})
    indicator_set = find(evaluation.set)
    result = compute(prepare(evaluation, indicator_set, context_of(SESSION, "department")))
    for row in result.indicators:
        steps = trace(row, indicator_set.rounding)
        assert steps[-1].value == row.score
        earned = [step.value for step in steps if step.label == "计分"]
        if row.status in (Status.SCORED, Status.UNPROVEN):
            assert earned == [row.score]
            assert earned[0] is not None
            assert 0 <= earned[0] <= row.points
        assert all(step.text for step in steps)


def test_exact_rates_print_more_digits_where_two_would_hide_the_miss() -> None:
    indicator_set = find("henan-department-2024").model_copy(update={"score_from": "exact_rate"})
    assert SESSION.department is not None
    inputs = {"全年预算数": InputValue(value="100040"), "结转结余总额": InputValue(value="10004.4")}
    evaluation = SESSION.department.model_copy(update={"inputs": inputs})
    result = compute(prepare(evaluation, indicator_set, context_of(SESSION, "department")))
    row = result.indicator("B4")
    steps = {step.label: step.text for step in trace(row, indicator_set.rounding)}
    assert decimal_text(row.score or 0, 2) == "0.00"  # 10.0004 % is above 10 %
    assert steps["得"] == "10.0004%"
