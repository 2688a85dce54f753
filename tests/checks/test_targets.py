"""年度指标值: stated, with the right sign, in time, measurable (L19, L20, L22, L23)."""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.checks import Level

ROWS = "projects/a/rows"


@pytest.mark.parametrize("placeholder", ["*", "……", "/", "——"])
def test_a_placeholder_is_no_target(audit: Any, placeholder: str) -> None:
    finding = audit.one({f"{ROWS}/n/target": placeholder}, "L19")
    assert (finding.level, finding.claimed) == (Level.ERROR, placeholder)


def test_a_target_missing_where_something_was_achieved(audit: Any) -> None:
    assert audit.one({f"{ROWS}/n/target": ""}, "L19").level is Level.NOTICE


def test_an_empty_row_has_no_target_yet(audit: Any) -> None:
    assert audit({f"{ROWS}/n/target": "", f"{ROWS}/n/actual": ""}, "L19") == []


@pytest.mark.parametrize(
    ("name", "target", "told"),
    [
        ("单场成本", "≥10万元", True),
        ("单场成本", "≤10万元", False),
        ("成本节约率", "≥5%", False),
        ("单位成本降低率", "≥5%", False),
    ],
)
def test_the_direction_of_a_cost(audit: Any, name: str, target: str, told: bool) -> None:
    edits = {f"{ROWS}/c/name": name, f"{ROWS}/c/target": target, f"{ROWS}/c/unit": ""}
    assert [one.level for one in audit(edits, "L20")] == [Level.WARNING] * told


def test_at_least_is_right_outside_costs(audit: Any) -> None:
    assert audit({}, "L20") == []


def test_a_project_that_ends_before_it_starts(audit: Any) -> None:
    finding = audit.one({"projects/a/start": "2025-03-01"}, "L22")
    assert (finding.level, finding.path) == (Level.ERROR, "projects/a/end")


def test_a_deadline_after_the_end_of_the_project(audit: Any) -> None:
    finding = audit.one({"projects/a/end": "2024-10-31"}, "L22")
    assert (finding.path, finding.claimed) == (f"{ROWS}/t/target", "11月底前")
    assert audit({"projects/a/end": "2024-11-30"}, "L22") == []


def test_a_project_over_the_turn_of_the_year(audit: Any) -> None:
    edits = {"projects/a/end": "2025年6月", f"{ROWS}/t/target": "2025年5月底前"}
    assert audit(edits, "L22") == []


@pytest.mark.parametrize("group", ["数量指标", "时效指标", "成本指标"])
def test_words_where_a_number_is_expected(audit: Any, group: str) -> None:
    edits = {f"{ROWS}/n/target": "有效提升", f"{ROWS}/n/group": group}
    finding = audit.one(edits, "L23")
    assert (finding.level, finding.claimed) == (Level.WARNING, "有效提升")


@pytest.mark.parametrize("group", ["质量指标", "社会效益指标"])
def test_words_where_they_may_stand(audit: Any, group: str) -> None:
    assert audit({f"{ROWS}/n/target": "有效提升", f"{ROWS}/n/group": group}, "L23") == []


def test_a_target_of_the_set_replaced_by_another(audit: Any) -> None:
    text = """
id: h
unit: {name: 某局}
year: 2024
department:
  set: henan-department-2024
  answers: {B5: {target: "%s"}}
"""
    (finding,) = [one for one in audit.text(text % "≤120%") if one.id == "L19"]
    # the set's own target is only proposed
    assert (finding.level, finding.claimed, finding.expected) == (Level.NOTICE, "≤120%", "≤100%")
    assert [one for one in audit.text(text % "≤100%") if one.id == "L19"] == []


# --- a score without a target, a target against its rule --------------------------------------

BLANK = {"group": "数量指标", "name": "活动场次", "points": "20", "unit": "场"}


@pytest.mark.parametrize(
    ("actual", "words"), [("", "没有年度指标值和完成值"), ("10场", "没有年度指标值")]
)
def test_a_printed_score_without_a_target(audit: Any, actual: str, words: str) -> None:
    edits = {f"{ROWS}/n": BLANK | {"actual": actual}, "claimed": {f"{ROWS}/n/score": "20"}}
    finding = audit.one(edits, "L19")
    assert (finding.level, finding.path) == (Level.WARNING, f"{ROWS}/n/target")
    assert f"得分填报 20，{words}。" in finding.message


def test_nothing_earned_needs_no_target(audit: Any) -> None:
    assert audit({f"{ROWS}/n": BLANK, "claimed": {f"{ROWS}/n/score": "0"}}, "L19") == []


WHOLE = "code: X1, name: 预算执行率, points: 10"
PART = "code: X1, name: 预算执行率, points: 5"
AIMED = """      - {code: X2, name: 结转率, points: 5, unit: "%", target: required,
         rule: {type: RULE}, evidence: {rule: TAG}}
  - name: 产出指标
"""


@pytest.mark.parametrize(
    ("rule", "tag", "target", "level"),
    [
        ("proportional_capped", "PUBLISHED", "≤50%", Level.WARNING),
        ("full_if_at_least", "PUBLISHED", "<50%", Level.WARNING),
        ("full_if_at_most", "PUBLISHED", "≥10%", Level.WARNING),
        ("full_if_at_most", "PROPOSED", "≥10%", Level.NOTICE),
        ("full_if_at_most", "PUBLISHED", "10%", None),
        ("full_if_at_most", "PUBLISHED", "≤10%", None),
        ("proportional_capped", "PUBLISHED", "≥50%", None),
        ("full_if_met", "PUBLISHED", "≤50%", None),
        ("equal_target", "PUBLISHED", "≤50%", None),
    ],
)
def test_a_target_of_the_other_sign_than_its_rule(
    audit: Any, rule: str, tag: str, target: str, level: Level | None
) -> None:
    aimed = AIMED.replace("RULE", rule).replace("TAG", tag)
    audit.small = audit.small.replace(WHOLE, PART).replace("  - name: 产出指标\n", aimed)
    found = audit({"department/answers/X2": {"target": target, "actual": "20%"}}, "L20")
    assert [(one.level, one.claimed) for one in found] == ([(level, target)] if level else [])
    if level is Level.NOTICE:
        assert found[0].assumption == "计分规则为拟定"
