"""Exact numbers: 四舍五入, figures as offices write them, units, printed-number intervals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perfeval.indicators.library import loads
from perfeval.numbers import (
    Exact,
    Figure,
    FigureState,
    Interval,
    convert,
    decimal_text,
    dimension,
    exact,
    figure,
    half_up,
    round_down,
    to_ascii,
)
from perfeval.scoring.engine import Context, score
from perfeval.session.model import Evaluation, InputValue


def reference(value: Fraction, places: int) -> Fraction:
    """四舍五入 written a second time, from its definition, on the standard library's fractions."""
    scaled: Fraction = abs(value) * 10**places
    whole = scaled.numerator // scaled.denominator
    if scaled - whole >= Fraction(1, 2):
        whole += 1
    return Fraction(whole if value >= 0 else -whole, 10**places)


def mine(value: Fraction) -> Exact:
    return Exact(value.numerator, value.denominator)


# --- 四舍五入 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "places", "printed"),
    [
        (Exact(7, 48) * 6, 2, "0.88"),  # 0.875: 28 digits of 7/48 would give 0.87
        (Exact(75, 360) * 3, 2, "0.63"),
        (Exact(15, 72) * 3, 2, "0.63"),
        (exact("1.005"), 2, "1.01"),
        (exact("-2.5"), 0, "-3"),
        (exact("2.5"), 0, "3"),
        (exact("0.125"), 2, "0.13"),
        (exact("-0.125"), 2, "-0.13"),
        (exact("88.645"), 2, "88.65"),
        (Exact(74199, 83810) * 100, 2, "88.53"),
        (Exact(9, 2) * 95 / 100, 2, "4.28"),  # 4.275
        (exact("-0.004"), 2, "0.00"),
        (exact("99.995"), 2, "100.00"),
        (Exact(1, 3), 4, "0.3333"),
        (Exact(2, 3), 4, "0.6667"),
    ],
)
def test_half_away_from_zero(value: Exact, places: int, printed: str) -> None:
    assert decimal_text(half_up(value, places), places) == printed
    assert decimal_text(value, places) == printed


@pytest.mark.parametrize(
    ("value", "places", "rounded"), [(8381000, -4, 8380000), (8385000, -4, 8390000), (-5, -1, -10)]
)
def test_rounding_left_of_the_point(value: int, places: int, rounded: int) -> None:
    assert half_up(Exact(value), places) == rounded


def department(score_from: str) -> tuple[str, str]:
    """Score 8864.51 of 10000 as a one-indicator set: (printed rate, score)."""
    indicator_set = loads(f"""
id: one-indicator
title: 只有预算执行率
scope: department
score_from: {score_from}
grades: [{{name: 优, min: 90}}, {{name: 差, min: 0}}]
inputs:
  预算: {{unit: 万元}}
  支出: {{unit: 万元}}
tiers:
  - name: 执行
    points: 100
    indicators:
      - {{code: X1, name: 预算执行率, points: 10, unit: "%", formula: 支出 / 预算, if_zero: "0",
         rule: {{type: execution_rate_points}}, evidence: {{rule: PUBLISHED}}}}
      - {{code: X2, name: 其余, points: 90, rule: {{type: judged}}}}
""")
    evaluation = Evaluation(
        set="one-indicator",
        inputs={"预算": InputValue(value="10000"), "支出": InputValue(value="8864.51")},
    )
    result = score(evaluation, indicator_set, Context()).indicator("X1")
    assert result.value is not None
    assert result.score is not None
    return decimal_text(result.value * 100), decimal_text(result.score, 2)


def test_a_score_follows_the_printed_rate_or_the_exact_one() -> None:
    """88.6451 % prints 88.65 %, of 10 points 8.865 → 8.87; the exact rate gives 8.86451 → 8.86."""
    assert department("printed_rate") == ("88.65", "8.87")
    assert department("exact_rate") == ("88.6451", "8.86")


# Random amounts hide rounding bugs: exact ties hardly ever occur. Round budgets, counts and
# two-decimal rates are full of them.
budgets = st.integers(80, 8000)
cents = st.integers(-800_000, 800_000)
weights = st.sampled_from([1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 35, 50])


@given(cents, budgets, st.integers(0, 4))
@example(70, 480, 2)
def test_rates_on_round_budgets(numerator: int, budget: int, places: int) -> None:
    value = Fraction(numerator, 100) / budget * 100
    assert half_up(mine(value), places) == reference(value, places)


@given(st.integers(-400, 400), st.integers(4, 400), weights)
@example(7, 48, 6)
@example(75, 360, 3)
@example(15, 72, 3)
def test_scores_from_counts(done: int, asked: int, weight: int) -> None:
    value = Fraction(done, asked) * weight
    assert half_up(mine(value), 2) == reference(value, 2)


def test_every_count_up_to_60_with_every_weight() -> None:
    for asked in range(1, 61):
        for done in range(asked + 1):
            for weight in (1, 2, 3, 5, 6, 10, 15):
                exactly = Exact(done, asked) * weight
                assert half_up(exactly, 2) == reference(Fraction(done * weight, asked), 2)


@given(st.integers(-20000, 20000), st.integers(1, 10000))
def test_scores_from_two_decimal_rates_agree_with_decimal(rate: int, weight: int) -> None:
    """A product of decimals is a decimal, so the decimal module's ROUND_HALF_UP is exact too."""
    product = Decimal(rate).scaleb(-4) * Decimal(weight).scaleb(-2)
    expected = product.quantize(Decimal("0.01"), ROUND_HALF_UP)
    rounded = half_up(Exact(rate, 10000) * Exact(weight, 100), 2)
    assert Decimal(decimal_text(rounded, 2)) == expected


@given(st.fractions(), st.integers(0, 6))
def test_rounding_is_odd_idempotent_and_near(value: Fraction, places: int) -> None:
    rounded = half_up(mine(value), places)
    assert half_up(mine(-value), places) == -rounded
    assert half_up(rounded, places) == rounded
    assert abs(rounded - mine(value)) <= Exact(1, 2 * 10**places)


@given(st.fractions(), st.fractions(), st.integers(0, 4))
def test_rounding_keeps_the_order(a: Fraction, b: Fraction, places: int) -> None:
    low, high = sorted((mine(a), mine(b)))
    assert half_up(low, places) <= half_up(high, places)


@pytest.mark.parametrize(
    ("value", "cut"), [("9.685", "9.68"), ("9.689", "9.68"), ("-9.689", "-9.68"), ("0.009", "0.00")]
)
def test_cutting_off(value: str, cut: str) -> None:
    assert decimal_text(round_down(exact(value), 2), 2) == cut


# --- printing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "places", "trim", "text"),
    [
        (Exact(1, 2), None, False, "0.5"),
        (Exact(100), None, False, "100"),
        (Exact(100), 2, False, "100.00"),
        (Exact(100), 2, True, "100"),
        (exact("8.850"), 2, True, "8.85"),
        (Exact(1, 3), None, False, "0.333333333333"),
        (exact("-0.004"), 2, False, "0.00"),  # never “-0.00”
        (Exact(-1, 2), 0, False, "-1"),
        (exact("0.00000000001"), None, False, "0.00000000001"),
        (Exact(8381499), -3, False, "8381000"),
    ],
)
def test_printing(value: Exact, places: int | None, trim: bool, text: str) -> None:
    assert decimal_text(value, places, trim=trim) == text


@given(st.integers(-(10**12), 10**12), st.integers(0, 10))
def test_a_finite_decimal_prints_in_full_and_reads_back(digits: int, places: int) -> None:
    value = Exact(digits, 10**places)
    assert exact(decimal_text(value)) == value


@given(st.fractions(), st.integers(0, 6))
def test_a_printed_number_is_the_rounded_one(value: Fraction, places: int) -> None:
    text = decimal_text(mine(value), places)
    assert exact(text) == half_up(mine(value), places)
    assert len(text.partition(".")[2]) == places


@pytest.mark.parametrize("text", ["", "十", "1e5", "5万元", "1.2.3", "不适用", "nan", "inf"])
def test_program_text_must_be_a_plain_decimal(text: str) -> None:
    with pytest.raises(ValueError, match="不是数值"):
        exact(text)


# --- figures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "unit", "places"),
    [
        # as printed in published self-evaluation documents
        ("741.99", "741.99", "", 2),
        ("838.1", "838.1", "", 1),
        ("215,457.6", "215457.6", "", 1),
        ("215457.6", "215457.6", "", 1),
        ("215，457.6", "215457.6", "", 1),
        ("150万", "150", "万", 0),
        ("2.46元", "2.46", "元", 2),
        ("90万元", "90", "万元", 0),
        ("66.42亿元", "66.42", "亿元", 2),
        ("72890", "72890", "", 0),
        ("23333.56", "23333.56", "", 2),
        ("100%", "1", "%", 0),
        ("100.00%", "1", "%", 2),
        ("97.80", "97.8", "", 2),
        ("102.59%", "1.0259", "%", 2),
        ("1055.4%", "10.554", "%", 1),
        ("0.9‰", "0.0009", "‰", 1),
        ("9个", "9", "个", 0),
        ("11场", "11", "场", 0),
        ("0次", "0", "次", 0),
        ("2项", "2", "项", 0),
        ("0", "0", "", 0),
        ("-74.5%", "-0.745", "%", 1),
        ("－74.5％", "-0.745", "%", 1),
        ("−3.5", "-3.5", "", 1),
        ("+170.33", "170.33", "", 2),
        ("１２．５", "12.5", "", 1),
        ("　95 ％　", "0.95", "%", 0),
        ("100百分比", "1", "百分比", 0),
        ("5个百分点", "0.05", "个百分点", 0),
        ("1.2倍", "1.2", "倍", 1),
        ("2次/年", "2", "次/年", 0),
        ("15km", "15", "km", 0),
        ("120m2", "120", "m2", 0),
        ("85㎡", "85", "㎡", 0),
        (".5", "0.5", "", 1),
        ("0.0900000762939453", "0.0900000762939453", "", 16),
    ],
)
def test_a_figure_is_read_as_offices_write_it(
    text: str, value: str, unit: str, places: int
) -> None:
    read = figure(text)
    assert (read.state, read.raw, read.unit) == (FigureState.NUMBER, text, unit)
    assert (read.value, read.places) == (exact(value), places)


@pytest.mark.parametrize("text", ["", " ", "　", "/", "-", "—", "——", "--", "*", "…", "……", "无"])
def test_no_entry(text: str) -> None:
    assert figure(text) == Figure(text, FigureState.BLANK)


@pytest.mark.parametrize("text", ["不适用", "N/A", "n/a", "不涉及", " 不适用 "])
def test_not_applicable_is_no_entry_and_no_zero(text: str) -> None:
    assert figure(text).state is FigureState.NOT_APPLICABLE


@pytest.mark.parametrize("text", ["0", "0.00", "0%", "0次", "-0"])
def test_zero_is_a_number(text: str) -> None:
    read = figure(text)
    assert read.state is FigureState.NUMBER
    assert read.value == 0


@pytest.mark.parametrize(
    "text",
    [
        "7,00.0,77", "1,23", "12,34,567", "12a3", "1e5", "1.2.3", "1..2", "5?", "?5", "4 5",
        "--(基数为0,不可比)", "已完成", "达成预期指标", "逐步提高", "7月", "12月底前",
        "2021年12月31日", "=1+1", "1/3", "10-20场", "≥50个", "98%以上", "５０％左右", "nan", "inf",
        "0x10", "１e５",
        "9" * 61,
    ],
)  # fmt: skip
def test_a_figure_is_not_guessed(text: str) -> None:
    read = figure(text)
    assert read.state is FigureState.UNREADABLE
    assert read.value is None
    assert "不是数值" in read.problem


@pytest.mark.parametrize(
    ("text", "proposal", "shown"),
    [
        ("200余人", "200", "200"),
        ("约50个", "50", "50"),
        ("近3000人次", "3000", "3000"),
        ("超过80", "80", "80"),
        ("约95%", "95%", "95%"),  # a percentage is offered as one, not as 95
        ("98%以上", "98%", "98%"),
    ],
)
def test_a_near_number_is_offered_and_never_used(text: str, proposal: str, shown: str) -> None:
    read = figure(text)
    assert read.value is None
    assert read.proposal == exact(proposal)
    assert f"请直接填 {shown}" in read.problem


@given(st.text(max_size=80))
def test_reading_never_fails(text: str) -> None:
    read = figure(text)
    assert read.raw == text
    assert (read.value is not None) == (read.state is FigureState.NUMBER)
    assert bool(read.problem) == (read.state is FigureState.UNREADABLE)


@given(st.text(max_size=40))
def test_plain_forms_keep_their_columns(text: str) -> None:
    assert len(to_ascii(text)) == len(text)


# --- units -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "to", "result"),
    [
        ("8381000", "元", "万元", "838.1"),
        ("838.1", "万元", "元", "8381000"),
        ("66.42", "亿元", "万元", "664200"),
        ("12", "百万元", "亿元", "0.12"),
        ("150", "万", "万元", "150"),
        ("2", "项", "个", "2"),
        ("5", "‰", "%", "0.5"),
        ("1", "倍", "%", "100"),
    ],
)
def test_conversion(value: str, unit: str, to: str, result: str) -> None:
    assert convert(exact(value), unit, to) == exact(result)


@pytest.mark.parametrize(
    ("unit", "to"), [("元", "个"), ("项", "万元"), ("%", "万元"), ("个", "%"), ("元", "")]
)
def test_unlike_things_are_not_converted(unit: str, to: str) -> None:
    assert dimension(unit) != dimension(to)
    assert convert(Exact(5), unit, to) is None


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("95", "%", "0.95"),  # a bare number in a field of unit % is that many percent
        ("1", "%", "0.01"),
        ("100%", "%", "1"),
        ("9‰", "%", "0.009"),
        ("2.46元", "万元", "0.000246"),
        ("1.2亿元", "万元", "12000"),
        ("838.1", "万元", "838.1"),
        ("2项", "个", "2"),
        ("95%", "", "0.95"),
    ],
)
def test_a_figure_in_the_unit_of_its_field(text: str, unit: str, value: str) -> None:
    assert figure(text).in_unit(unit).value == exact(value)


@pytest.mark.parametrize(
    ("text", "unit"), [("2项", "万元"), ("100%", "分"), ("5万元", "个"), ("5个", "%")]
)
def test_a_figure_of_the_wrong_unit_is_refused_with_both_units(text: str, unit: str) -> None:
    read = figure(text).in_unit(unit)
    assert read.state is FigureState.UNREADABLE
    assert read.value is None
    assert read.problem == f"“{text}”的单位是{figure(text).unit}，这里应填{unit}"


@pytest.mark.parametrize(
    ("text", "unit", "low", "high"),
    [
        ("838.1", "万元", "838.05", "838.15"),
        ("88.53%", "%", "0.88525", "0.88535"),
        ("8381000元", "万元", "838.09995", "838.10005"),
        ("838.1万元", "元", "8380500", "8381500"),  # four more digits are not known
        ("0.5亿元", "元", "45000000", "55000000"),
        ("20", "%", "0.195", "0.205"),
    ],
)
def test_a_printed_figure_stands_for_an_interval(text: str, unit: str, low: str, high: str) -> None:
    assert figure(text).in_unit(unit).interval == Interval(exact(low), exact(high))


def test_no_interval_without_a_value() -> None:
    with pytest.raises(ValueError, match="没有数值"):
        _ = figure("已完成").interval


@given(st.integers(0, 10**9), st.integers(0, 3), st.sampled_from(["元", "万元", "亿元"]))
def test_conversion_keeps_the_true_amount_inside_the_interval(
    digits: int, places: int, to: str
) -> None:
    """Whatever was rounded to the printed 万元, the same amount in 元 lies in the interval."""
    printed = f"{decimal_text(Exact(digits, 10**places), places)}万元"
    inside = figure(printed).interval
    moved = figure(printed).in_unit(to).interval
    for end in (inside.low, inside.high):
        same = convert(end, "万元", to)
        assert same is not None
        assert same in moved


# --- intervals -------------------------------------------------------------------------------

amounts = st.fractions(min_value=0, max_value=10**6)


def printed_interval(value: Fraction, places: int) -> Interval:
    return figure(decimal_text(mine(value), places)).interval


@given(st.lists(amounts, min_size=1, max_size=30), st.integers(0, 3))
def test_a_sum_of_printed_figures_contains_the_true_sum(
    values: list[Fraction], places: int
) -> None:
    total = Interval.point(Exact(0))
    for value in values:
        total = total + printed_interval(value, places)
    assert mine(sum(values, Fraction(0))) in total


@given(amounts, amounts, st.integers(0, 3))
def test_differences_and_products_contain_the_true_value(
    a: Fraction, b: Fraction, places: int
) -> None:
    one, other = printed_interval(a, places), printed_interval(-b, places)
    assert mine(a) - mine(-b) in one - other
    assert mine(a * -b) in one * other


@given(amounts, st.fractions(min_value=1, max_value=10**6), st.integers(0, 3))
def test_a_printed_rate_is_among_the_rates_its_printed_parts_allow(
    top: Fraction, bottom: Fraction, places: int
) -> None:
    quotient = printed_interval(top, places) / printed_interval(bottom, places)
    assert mine(top / bottom) in quotient
    claimed = figure(decimal_text(mine(top / bottom) * 100, 2) + "%").interval
    assert claimed.meets(quotient)
    assert half_up(mine(top / bottom), 4) in quotient.rounded(4)


def test_a_divisor_that_may_be_zero_is_refused() -> None:
    with pytest.raises(ZeroDivisionError, match="包含 0"):
        _ = figure("5").interval / figure("0").interval


def total_of(*texts: str) -> Interval:
    total = Interval.point(Exact(0))
    for text in texts:
        total = total + figure(text).interval
    return total


@pytest.mark.parametrize(
    ("claimed", "expected", "possible"),
    [
        ("837.1", total_of("667.77", "170.33"), False),  # 838.10: a fixed 1.0 would miss it
        ("838.1", total_of("667.77", "170.33"), True),
        ("741.99", figure("741.64").interval, False),  # 0.35: missed by 0.5 and 1.0
        ("9.84", figure("8.85").interval, False),
        ("90.31", total_of("8.87", "45.95", "25.00", "10.00"), False),
        ("8.90", figure("8.85").interval, False),  # 0.05: missed by 0.1
        ("31.82", total_of("20.12", "11.71"), True),  # 尾差 0.01 of two printed items
        ("36.28", total_of(*["3.63"] * 10), True),  # 尾差 0.02 of ten items
        ("30.12", total_of(*["1.00"] * 30), True),  # 尾差 0.12 of thirty items, bound 0.155
        ("30.16", total_of(*["1.00"] * 30), False),
    ],
)
def test_tail_sums_are_allowed_and_real_differences_are_not(
    claimed: str, expected: Interval, possible: bool
) -> None:
    """No fixed tolerance is right on all of these; what the printed decimals allow is."""
    assert figure(claimed).interval.meets(expected) is possible


def test_the_seed_rate_used_the_other_denominator() -> None:
    """741.99 / 837.1 prints 88.64 %, and 88.53 % is out of reach of its printed decimals."""
    rate = figure("88.53%").interval
    assert rate.meets(figure("741.99").interval / figure("838.1").interval)
    assert not rate.meets(figure("741.99").interval / figure("837.1").interval)
