"""Money and counts: what a session enters in 元 or 万元 is worth the same everywhere."""

from __future__ import annotations

import pytest

from perfeval.indicators.library import find, lint, loads
from perfeval.numbers import decimal_text
from perfeval.scoring.engine import Context, score
from perfeval.session.model import Evaluation, InputValue, OwnIndicator, Project

MONEY = """
id: money
title: 金额
scope: department
grades: [{name: 优, min: 90}, {name: 差, min: 0}]
inputs: {支出: {unit: 万元}, 人数: {unit: 人}}
tiers:
  - name: 一级
    points: 100
    indicators:
      - {code: W, name: 支出, points: 40, unit: 万元, formula: 支出, target: ≤100万元,
         rule: {type: full_if_at_most}, evidence: {rule: USER}}
      - {code: Y, name: 支出, points: 30, unit: 元, formula: 支出, target: ≤1000000元,
         rule: {type: full_if_at_most}, evidence: {rule: USER}}
      - {code: P, name: 人均, points: 30, unit: 元/人, formula: 支出/人数, if_zero: 不适用,
         target: ≤5000元/人, rule: {type: full_if_at_most}, evidence: {rule: USER}}
"""


@pytest.mark.parametrize(("money_unit", "entered"), [("万元", "150"), ("元", "1500000")])
def test_an_amount_is_scored_in_the_indicators_unit(money_unit: str, entered: str) -> None:
    inputs = {"支出": InputValue(value=entered), "人数": InputValue(value="300")}
    result = score(
        Evaluation(set="money", inputs=inputs), loads(MONEY), Context(money_unit=money_unit)
    )
    shown = {row.code: (row.value_text, decimal_text(row.score or 0)) for row in result.indicators}
    assert shown == {"W": ("150万元", "0"), "Y": ("1500000元", "0"), "P": ("5000元/人", "30")}


def test_an_amount_is_not_compared_with_a_bare_number(tmp_path: object) -> None:
    """100 of what? Offices enter 元 or 万元."""
    from pathlib import Path

    path = Path(str(tmp_path)) / "money.yaml"
    path.write_text(MONEY.replace("formula: 支出,", "formula: 支出-100,"), encoding="utf-8")
    assert "没有单位的数" in str(lint(path)[0])


@pytest.mark.parametrize(
    ("actual", "target", "score_", "problem"),
    [
        ("0.5万人", "≥3000人", "50", ""),
        ("3000人次", "≥3000人", "50", ""),
        ("8项", "≥10个", "40", ""),
        ("3500米", "≥3公里", "0", "“3500米”的单位是米，这里应填公里"),
        ("12个月", "≥1年", "0", "“12个月”的单位是个月，这里应填年"),
        ("150万", "≥1000000人", "50", ""),
    ],
)
def test_counts_stand_for_one_another_and_measures_do_not(
    actual: str, target: str, score_: str, problem: str
) -> None:
    row = OwnIndicator(group="数量指标", name="甲", points="50", target=target, actual=actual)
    project = Project(set="mof-project-2020", name="项目", rows={"r": row})
    result = score(project, find(project.set), Context(path="projects/p"))
    assert decimal_text(result.indicator("r").score or 0) == score_
    assert [told for _, told in result.problems] == ([problem] if problem else [])
