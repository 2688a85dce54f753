"""Rates: over-fulfilment, scores ahead of spending, above 100 %, 满意度, denominators
(L09, L13, L21, L32, L33).
"""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.checks import Level

ROWS = "projects/a/rows"


@pytest.mark.parametrize(
    ("actual", "level"),
    [
        ("11场", None),
        ("12场", Level.NOTICE),
        ("12.9场", Level.NOTICE),
        ("13场", Level.WARNING),
    ],
)
def test_far_above_the_target(audit: Any, actual: str, level: Level | None) -> None:
    found = audit({f"{ROWS}/n/actual": actual}, "L09")
    assert [one.level for one in found] == ([level] if level else [])


def test_above_the_target_and_explained(audit: Any) -> None:
    edits = {f"{ROWS}/n/actual": "15场", f"{ROWS}/n/deviation_reason": "与兄弟单位联合举办"}
    assert audit(edits, "L09") == []


def test_a_cost_or_an_execution_rate_cannot_be_over_fulfilled(audit: Any) -> None:
    cost = {f"{ROWS}/c/target": "≤90万元", f"{ROWS}/c/actual": "120万元"}
    assert audit(cost, "L09") == []
    assert audit({"projects/a/funds/total/executed": "150"}, "L09") == []


def test_scores_ahead_of_the_money_spent(audit: Any) -> None:
    finding = audit.one({"projects/a/funds/total/executed": "94"}, "L13")
    assert (finding.level, finding.claimed, finding.expected) == (
        Level.WARNING,
        "100.00%",
        "≤98.95%",  # 94 / 95 %
    )


def test_scores_no_more_than_the_threshold_ahead(audit: Any) -> None:
    assert audit({"projects/a/funds/total/executed": "95"}, "L13") == []


def test_savings_explain_scores_ahead_of_spending(audit: Any) -> None:
    edits = {
        "projects/a/funds/total/executed": "90",
        "projects/a/deviation_reason": "公开招标节约资金",
    }
    finding = audit.one(edits, "L13")
    assert (finding.level, finding.assumption) == (Level.NOTICE, "偏差原因称资金节约")


def test_scores_by_a_guessed_rule_are_not_ahead_of_anything_for_sure(audit: Any) -> None:
    audit.small = audit.small.replace(
        "evidence: {rule: PUBLISHED}\ntiers", "evidence: {rule: PROPOSED}\ntiers"
    )
    edits = {"department/inputs/全年执行数/value": "700", "department/answers/X1": None}
    finding = audit.one(edits, "L13")
    assert (finding.level, finding.assumption) == (Level.NOTICE, "计分规则为拟定")


def test_a_share_above_the_whole(audit: Any) -> None:
    finding = audit.one({f"{ROWS}/b/actual": "102%"}, "L21")
    assert (finding.level, finding.path) == (Level.WARNING, f"{ROWS}/b/actual")
    assert audit({f"{ROWS}/b/actual": "100%"}, "L21") == []


@pytest.mark.parametrize("name", ["任务完成率", "完成年初预算比例", "参与人数增长率"])
def test_rates_that_may_pass_a_hundred(audit: Any, name: str) -> None:
    assert audit({f"{ROWS}/b/actual": "105.5%", f"{ROWS}/b/name": name}, "L21") == []


def test_satisfaction_without_a_sample(audit: Any) -> None:
    edits = {f"{ROWS}/s/numerator": "", f"{ROWS}/s/denominator": "", f"{ROWS}/s/actual": "98%"}
    finding = audit.one(edits, "L32")
    assert (finding.level, finding.path) == (Level.WARNING, f"{ROWS}/s/denominator")


def test_satisfaction_with_a_sample_or_evidence(audit: Any) -> None:
    assert audit({}, "L32") == []
    edits = {
        f"{ROWS}/s/numerator": "",
        f"{ROWS}/s/denominator": "",
        f"{ROWS}/s/actual": "98%",
        f"{ROWS}/s/evidence": ["e1"],
    }
    assert audit(edits, "L32") == []


def test_many_projects_without_a_sample_are_one_line(audit: Any) -> None:
    rates = {"产出指标": "100%", "效益指标": "100%", "满意度指标": "100%"}
    project = {
        "set": "mof-project-2020",
        "goal": "完成",
        "funds": {"t": {"budget": "1", "executed": "1"}},
        "tier_rates": rates,
    }
    edits = {f"projects/p{n}": project | {"name": f"项目{n}"} for n in range(8)}
    finding = audit.one(edits, "L32")
    assert (finding.level, finding.count) == (Level.NOTICE, 8)
    assert finding.message.startswith("满意度没有样本数据：8 个项目（项目0、项目1、项目2 等）")


MONEY_BY_COUNT = """
id: h
unit: {name: 某局}
year: 2024
department:
  set: henan-department-2024
  inputs: {实际政府采购金额: %s, 政府采购预算数: %s, 部门项目总数: %s, 已填报绩效目标项目数量: 0}
"""


def test_a_rate_of_money_taken_from_counts(audit: Any) -> None:
    found = audit.text(MONEY_BY_COUNT % ("2项", "2项", "8"))
    (finding,) = [one for one in found if one.id == "L33"]
    assert finding.level is Level.WARNING
    assert finding.paths[:2] == (
        "department/inputs/实际政府采购金额/value",
        "department/inputs/政府采购预算数/value",
    )
    # the unit is told once, here
    assert [one for one in found if one.id == "L29"] == []


def test_a_rate_of_money_taken_from_money(audit: Any) -> None:
    found = audit.text(MONEY_BY_COUNT % ("20万元", "200000元", "8个"))
    assert [one.message for one in found if one.id in ("L33", "L29")] == []


@pytest.mark.parametrize("denominator", ["0", "-5"])
def test_a_denominator_not_above_nothing(audit: Any, denominator: str) -> None:
    found = audit({f"{ROWS}/s/denominator": denominator}, "L33")
    assert [(one.level, one.claimed) for one in found] == [(Level.WARNING, denominator)]


def test_half_a_rate(audit: Any) -> None:
    finding = audit.one({f"{ROWS}/s/denominator": ""}, "L33")
    assert (finding.level, finding.path) == (Level.NOTICE, f"{ROWS}/s/denominator")


def test_a_rate_given_without_its_parts_is_unproven(audit: Any) -> None:
    edits = {"department/inputs/全年执行数/value": "", "department/answers/X1/actual": "99%"}
    finding = audit.one(edits, "L33")
    assert (finding.level, finding.claimed) == (Level.NOTICE, "99.00%")


@pytest.mark.parametrize(
    ("typed", "numerator", "denominator", "computed"),
    [
        ("98%", "95", "100", "95.00%"),
        ("95.01%", "95", "100", "95.00%"),
        ("0.98", "95", "100", "95.00%"),
        ("95%", "19.5", "22.0", "88.64%"),
    ],
)
def test_a_typed_rate_its_parts_cannot_make(
    audit: Any, typed: str, numerator: str, denominator: str, computed: str
) -> None:
    at = f"{ROWS}/s"
    parts = {f"{at}/numerator": numerator, f"{at}/denominator": denominator}
    found = audit(parts | {f"{at}/actual": typed}, "L33")
    (finding,) = found
    assert (finding.level, finding.path) == (Level.ERROR, f"{at}/actual")
    assert (finding.claimed, finding.expected) == (typed, computed)
    assert f"{numerator}/{denominator} 为 {computed}，按后者计分" in finding.message


@pytest.mark.parametrize(
    ("typed", "numerator", "denominator"),
    [
        ("95%", "95", "100"),
        ("95.00%", "95", "100"),
        ("86.4%", "19", "22"),
        ("86%", "19", "22"),
        ("88.7%", "19.5", "22.0"),  # 19.45/22.05 to 19.55/21.95
        ("0.95", "95", "100"),  # its % is missing: L29
        ("", "95", "100"),
        ("98%", "95", ""),
        ("98%", "95", "0"),
        ("很好", "95", "100"),
    ],
)
def test_a_typed_rate_its_parts_may_print_as(
    audit: Any, typed: str, numerator: str, denominator: str
) -> None:
    at = f"{ROWS}/s"
    parts = {f"{at}/numerator": numerator, f"{at}/denominator": denominator}
    found = audit(parts | {f"{at}/actual": typed}, "L33")
    assert [one for one in found if one.path == f"{at}/actual" and one.level is Level.ERROR] == []
