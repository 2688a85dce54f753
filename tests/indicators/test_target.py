"""年度指标值 as people write it, and how it is read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval.indicators.target import Operator, day, target
from perfeval.numbers import Exact, exact


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        # forms of published tables: sign, sign variants, words before and after
        ("≥50个", "不少于 50 个"),
        ("≧50个", "不少于 50 个"),
        (">=50个", "不少于 50 个"),
        ("＞＝50个", "不少于 50 个"),
        ("》=50个", "不少于 50 个"),
        ("≥ 50 个", "不少于 50 个"),
        ("≥50个。", "不少于 50 个"),
        ("≥50个；", "不少于 50 个"),
        ("不少于50个", "不少于 50 个"),
        ("不低于95%", "不少于 95%"),
        ("大于等于95%", "不少于 95%"),
        ("至少3场", "不少于 3 场"),
        ("98%以上", "不少于 98%"),
        ("98%及以上", "不少于 98%"),
        ("98%（含）以上", "不少于 98%"),
        ("达到90%以上", "不少于 90%"),
        ("≥95%以上", "不少于 95%"),
        ("≥95%", "不少于 95%"),
        ("≥１００％", "不少于 100%"),
        ("≥100百分比", "不少于 100 百分比"),
        ("≥1,000人次", "不少于 1000 人次"),
        ("≥1次/月", "不少于 1 次/月"),
        ("≤90万元", "不超过 90 万元"),
        ("≦90万元", "不超过 90 万元"),
        ("不超过90万元", "不超过 90 万元"),
        ("控制在90万元以内", "不超过 90 万元"),
        ("90万元以内", "不超过 90 万元"),
        ("1万元以下", "不超过 1 万元"),
        ("20个工作日内", "不超过 20 个工作日"),
        ("3个月内", "不超过 3 个月"),
        ("≤4", "不超过 4"),
        ("≤-30%", "不超过 -30%"),
        (">80%", "多于 80%"),
        ("大于80%", "多于 80%"),
        ("小于0.9‰", "少于 0.9‰"),
        ("<0.9‰", "少于 0.9‰"),
        ("＝100%", "等于 100%"),
        ("═100%", "等于 100%"),
        ("﹦72890元", "等于 72890 元"),
        ("﹦100%", "等于 100%"),
        ("等于0起", "等于 0 起"),
        # no sign: read as 达到, and said so
        ("100%", "达到 100%，未写符号"),
        ("90%", "达到 90%，未写符号"),
        ("9个", "达到 9 个，未写符号"),
        ("10场", "达到 10 场，未写符号"),
        ("0次", "达到 0 次，未写符号"),
        ("0起", "达到 0 起，未写符号"),
        ("20000", "达到 20000，未写符号"),
        ("43.2", "达到 43.2，未写符号"),
        ("2次/年", "达到 2 次/年，未写符号"),
        ("达到90%", "达到 90%，未写符号"),
        # ranges
        ("10-20场", "10 场 至 20 场"),
        ("10—20场", "10 场 至 20 场"),
        ("10～20场", "10 场 至 20 场"),
        ("3到5天", "3 天 至 5 天"),
        ("80-90%", "80% 至 90%"),
        ("80%-90%", "80% 至 90%"),
        # prices, changes, frequencies
        ("1600元/亩", "达到 1600 元/亩"),
        ("≤1600元/亩", "不超过 1600 元/亩"),
        ("400元/人、天", "达到 400 元/人、天"),
        ("提升10%", "不少于 10%，提升幅度"),
        ("提高≥10个百分点", "不少于 10 个百分点，提高幅度"),
        ("下降不低于3%", "不少于 3%，下降幅度"),
        ("增长5%以上", "不少于 5%，增长幅度"),
        ("每季度1次", "不少于 1 次/季度，频次"),
        ("每年不少于2场", "不少于 2 场/年，频次"),
        # deadlines of the year under evaluation, 2024
        ("12月底前", "不晚于 2024年12月31日"),
        ("12月底前完成", "不晚于 2024年12月31日"),
        ("9月前", "不晚于 2024年9月30日，未写到日，按月底"),
        ("11月前", "不晚于 2024年11月30日，未写到日，按月底"),
        ("2月底前", "不晚于 2024年2月29日"),
        ("6月30日前", "不晚于 2024年6月30日"),
        ("12月31日之前", "不晚于 2024年12月31日"),
        ("不晚于10月15日", "不晚于 2024年10月15日"),
        ("≤10月15日", "不晚于 2024年10月15日"),
        ("年底前", "不晚于 2024年12月31日"),
        ("年内", "不晚于 2024年12月31日"),
        ("当年", "不晚于 2024年12月31日"),
        # a year of its own
        ("2021年12月31日", "不晚于 2021年12月31日"),
        ("2021年12月底前", "不晚于 2021年12月31日"),
        ("2023年2月", "不晚于 2023年2月28日，未写到日，按月底"),
        ("2021-12-31", "不晚于 2021年12月31日"),
        ("2021/6/30", "不晚于 2021年6月30日"),
        ("2021.6.30", "不晚于 2021年6月30日"),
        ("2025年底前", "不晚于 2025年12月31日"),
        ("2025年内完成", "不晚于 2025年12月31日"),
        # nothing to compute with
        ("效果明显", "定性：效果明显"),
        ("高", "定性：高"),
        ("是", "定性：是"),
        ("有效", "定性：有效"),
        ("相关", "定性：相关"),
        ("严格执行相关制度规定", "定性：严格执行相关制度规定"),
        ("在项目计划完成时间内完成", "定性：在项目计划完成时间内完成"),
        ("逐步提高", "定性：逐步提高"),
        ("95%左右", "定性：95%左右"),
        ("2月30日", "定性：2月30日"),
        ("20-10场", "定性：20-10场"),
        ("≥≤5", "定性：≥≤5"),
        ("不低于90%以下", "定性：不低于90%以下"),
        # nothing at all
        ("", "未填"),
        ("/", "未填"),
        ("—", "未填"),
        ("不适用", "未填"),
    ],
)
def test_what_is_read_is_shown(text: str, reading: str) -> None:
    read = target(text, "", 2024)
    assert read.reading == reading
    assert read.raw == text


@pytest.mark.parametrize(
    ("text", "unit", "operator", "value", "unit_read"),
    [
        ("95", "%", Operator.UNSTATED, "0.95", "%"),  # a bare number is in the row's unit
        ("≥95", "%", Operator.AT_LEAST, "0.95", "%"),
        ("≤100%", "%", Operator.AT_MOST, "1", "%"),
        ("≤5‰", "%", Operator.AT_MOST, "0.005", "‰"),
        ("≤90万元", "元", Operator.AT_MOST, "900000", "元"),
        ("≤90万元", "万元", Operator.AT_MOST, "90", "万元"),
        ("≥3项", "个", Operator.AT_LEAST, "3", "个"),
    ],
)
def test_a_target_in_the_unit_of_its_row(
    text: str, unit: str, operator: Operator, value: str, unit_read: str
) -> None:
    read = target(text, unit)
    assert (read.operator, read.value, read.unit) == (operator, exact(value), unit_read)


def test_a_target_of_another_unit_is_told_and_compared_with_nothing() -> None:
    read = target("≥50个", "%")
    assert read.operator is Operator.QUALITATIVE
    assert read.value is None
    assert read.note == "“50个”的单位是个，这里应填%"


@pytest.mark.parametrize(
    ("text", "met", "missed"),
    [
        ("≥50个", ["50", "51"], ["49.99"]),
        (">50个", ["50.01"], ["50"]),
        ("≤4", ["4", "-1"], ["4.01"]),
        ("<4", ["3.99"], ["4"]),
        ("=100%", ["1"], ["0.99", "1.01"]),
        ("10-20场", ["10", "15", "20"], ["9.99", "20.01"]),
        ("100", ["100", "101"], ["99"]),
    ],
)
def test_when_a_target_is_met(text: str, met: list[str], missed: list[str]) -> None:
    goal = target(text)
    assert all(goal.met_by(exact(actual)) for actual in met)
    assert not any(goal.met_by(exact(actual)) for actual in missed)


def test_words_are_compared_with_nothing() -> None:
    with pytest.raises(ValueError, match="定性"):
        target("效果明显").met_by(Exact(1))


@pytest.mark.parametrize(
    ("text", "less_is_better"), [("≤4", True), ("<4", True), ("≥4", False), ("4", False)]
)
def test_the_direction_of_a_target(text: str, less_is_better: bool) -> None:
    assert target(text).operator.is_upper_limit is less_is_better


# --- dates -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("7月", date(2022, 7, 31)),
        ("10月", date(2022, 10, 31)),
        ("11月30日", date(2022, 11, 30)),
        ("2021年12月31日", date(2021, 12, 31)),
        ("2022-3-1", date(2022, 3, 1)),
        ("44561", date(2021, 12, 31)),  # the serial number Excel stores for a date
        ("年底", date(2022, 12, 31)),
    ],
)
def test_the_day_something_was_done(text: str, done: date) -> None:
    assert day(text, 2022) == done.toordinal()


@pytest.mark.parametrize("text", ["", "已完成", "100", "2月30日", "13月", "9.30", "99999999", "７"])
def test_what_is_no_date(text: str) -> None:
    assert day(text, 2022) is None


def test_done_before_and_after_the_deadline() -> None:
    goal = target("9月底前", "", 2022)
    assert goal.is_date
    for text, in_time in (("7月", True), ("9月30日", True), ("10月", False), ("2023年1月", False)):
        done = day(text, 2022)
        assert done is not None
        assert goal.met_by(done) is in_time


# --- laws ------------------------------------------------------------------------------------


@given(st.text(max_size=60), st.sampled_from(["", "%", "个", "万元", "元/亩"]))
def test_reading_never_fails(text: str, unit: str) -> None:
    read = target(text, unit, 2024)
    assert read.raw == text
    assert read.reading
    if read.operator in (Operator.QUALITATIVE, Operator.BLANK):
        assert read.value is None
    else:
        assert read.value is not None


@given(st.text(alphabet="≥≤<>=年月日底前0123456789.-%以上内不少于提升/元 ", max_size=14))
def test_nearly_a_target_never_fails(text: str) -> None:
    assert target(text, "%", 2024).reading
    day(text, 2024)


@pytest.mark.parametrize("text", ["≥" * 5000, "达到" * 3000, "提升" * 3000, "1-" * 3000 + "2"])
def test_a_hostile_text_costs_nothing(text: str) -> None:
    assert target(text).value is None


@given(
    st.sampled_from(["≥", "≤", ">", "<", "="]),
    st.integers(0, 10**7),
    st.integers(0, 3),
    st.sampled_from(["", "个", "万元", "%", "人次"]),
)
def test_sign_number_and_unit_come_back(sign: str, digits: int, places: int, unit: str) -> None:
    number = Exact(digits, 10**places)
    text = f"{sign}{digits // 10**places}"
    if places:
        text += f".{digits % 10**places:0{places}d}"
    read = target(f"{text}{unit}", unit)
    assert (read.operator.value, read.unit, read.places) == (sign, unit, places)
    assert read.value == (number / 100 if unit == "%" else number)
