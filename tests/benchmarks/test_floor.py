"""The benchmark's hand-written functions count what perfeval counts, or the ratios mean nothing."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import floor
from benchmarks.department import (
    EXAMPLE,
    MONEY,
    RATES,
    SET,
    Department,
    departments,
    hundredths,
    random_department,
)
from benchmarks.formulas import FIGURES, FORMULAS, values
from perfeval.indicators.library import find
from perfeval.numbers import Exact
from perfeval.scoring.engine import Context, compute, prepare

HENAN = find(SET)


def by_perfeval(department: Department) -> floor.Scores:
    result = compute(prepare(department.evaluation(HENAN), HENAN, Context(year=2024)))
    assert result.problems == ()

    def cents(score: Exact | None) -> int:
        assert score is not None
        units = score * 100
        assert units.denominator == 1
        return int(units)

    one, two, three, four = (cents(tier.score) for tier in result.tiers)
    scores = [cents(row.score) for row in result.indicators]
    return scores, (one, two, three, four), cents(result.total), result.grade or ""


def test_the_worked_example_is_96_40() -> None:
    scores, tiers, total, grade = floor.integers(EXAMPLE)
    assert len(scores) == 28
    assert tiers == (885, 3000 - 200, 2455, 3500)
    assert (total, grade) == (9640, "优")
    assert by_perfeval(EXAMPLE) == floor.integers(EXAMPLE) == floor.fractions(EXAMPLE)


@given(st.integers(0, 2**32))
def test_all_three_agree_on_any_department(seed: int) -> None:
    department = random_department(Random(seed))
    assert by_perfeval(department) == floor.integers(department) == floor.fractions(department)


def changed(department: Department, **new: int) -> Department:
    """Put in new figures by name: money in 0.01 万元, rates in 0.01 %."""
    money = tuple(new.get(n, v) for n, v in zip(MONEY, department.money, strict=True))
    rates = tuple(new.get(n, v) for n, v in zip(RATES, department.rates, strict=True))
    return replace(department, money=money, rates=rates)


@pytest.mark.parametrize(
    ("new", "index", "score"),
    [
        ({"全年预算数": 1000000, "全年执行数": 886451}, 0, 887),  # 88.65 % → 8.865 → 8.87
        ({"全年预算数": 1000000, "全年执行数": 886450}, 0, 887),
        ({"全年预算数": 1000000, "全年执行数": 886449}, 0, 886),
        ({"全年预算数": 48000, "全年执行数": 7000}, 0, 146),  # 14.58 % → 1.458
        ({"D1": 8750}, 20, 438),  # 5 × 87.5 % = 4.375
        ({"D1": 9990}, 20, 500),  # 4.995
        ({"E1": 9970}, 23, 399),  # 3.988
        ({"E2": 8950}, 24, 269),  # 2.685
        ({"G1": 8999}, 27, 2000),  # 20 × 89.99 ÷ 90 = 19.9978
        ({"G1": 4501}, 27, 1000),  # 10.0022
    ],
)
def test_at_exact_half_cents(new: dict[str, int], index: int, score: int) -> None:
    department = changed(EXAMPLE, **new)
    assert floor.integers(department)[0][index] == score
    assert by_perfeval(department) == floor.integers(department) == floor.fractions(department)


@given(st.integers(8000, 800_000), st.data())
def test_a_budget_adjusted_downwards(initial: int, data: st.DataObject) -> None:
    """The adjustment rate falls below zero and is still rounded away from it."""
    budget = data.draw(st.integers(1, initial))
    department = changed(EXAMPLE, 年初预算数=initial, 全年预算数=budget, 全年执行数=budget // 2)
    assert by_perfeval(department) == floor.integers(department) == floor.fractions(department)


def test_the_workload_is_hard_to_round() -> None:
    """Among the departments timed are enough exact ties, or everybody would round right."""
    ties = 0
    for department in departments(200):
        money = dict(zip(MONEY, department.money, strict=True))
        for top, bottom in (
            ("全年执行数", "全年预算数"),
            ("已细化到具体市县和承担单位的资金数", "部门参与分配资金总数"),
            ("“三公”经费实际支出数", "“三公”经费预算数"),
        ):
            ties += Exact(money[top], money[bottom]) * 20000 % 2 == 1
        ties += sum(5 * rate % 100 == 50 for rate in department.rates[:3])
    assert ties >= 50


def test_a_cell_for_every_name_and_an_expression_for_every_indicator() -> None:
    assert len(values(EXAMPLE)) == len(FIGURES) == len(set(FIGURES))
    assert sum(name.endswith("_得分") for name in FORMULAS) == 28
    assert not set(FIGURES) & set(FORMULAS)


@pytest.mark.parametrize(
    ("value", "text"), [(83810, "838.10"), (5, "0.05"), (0, "0.00"), (-250, "-2.50")]
)
def test_hundredths(value: int, text: str) -> None:
    assert hundredths(value) == text
