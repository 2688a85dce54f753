"""填报数 against 核算数: conventions, 尾差, then accusation (L03 – L05, L07, L28)."""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.checks import Level

# The clean session: 执行率 829.72/838.1 = 99.00 % → 9.90, 产出 90.00, total 99.90; project 100.


def test_a_score_above_its_points(audit: Any) -> None:
    finding = audit.one({"claimed": {"department/rows/n/score": "61"}}, "L03")
    assert (finding.level, finding.claimed, finding.expected) == (Level.ERROR, "61", "0–60")


def test_a_manual_score_above_its_points(audit: Any) -> None:
    finding = audit.one({"department/rows/n/manual_score": "70"}, "L03")
    assert finding.path == "department/rows/n/manual_score"


def test_scores_at_both_ends_are_inside(audit: Any) -> None:
    assert audit({"claimed": {"department/rows/n/score": "60"}}, "L03") == []
    assert audit({"department/rows/n/manual_score": "0"}, "L03") == []


def test_a_score_the_rule_does_not_give(audit: Any) -> None:
    edits = {"department/rows/n/actual": "40场", "claimed": {"department/rows/n/score": "55"}}
    finding = audit.one(edits, "L04")
    assert (finding.level, finding.claimed, finding.expected) == (Level.ERROR, "55", "48.00")
    assert finding.assumption == ""


def test_a_score_the_rule_gives(audit: Any) -> None:
    claimed = {"department/rows/n/score": "60", "department/rows/s/score": "30.00"}
    assert audit({"claimed": claimed}, "L04") == []


def test_a_printed_value_that_is_another_rate(audit: Any) -> None:
    finding = audit.one({"claimed": {"department/rows/s/actual": "96%"}}, "L04")
    assert (finding.path, finding.expected) == ("department/rows/s/actual", "95.00%")
    assert audit({"claimed": {"department/rows/s/actual": "95%"}}, "L04") == []


def test_a_guessed_rule_never_accuses(audit: Any) -> None:
    audit.small = audit.small.replace(
        "evidence: {rule: PUBLISHED}\ntiers", "evidence: {rule: PROPOSED}\ntiers"
    )
    edits = {"department/rows/n/actual": "40场", "claimed": {"department/rows/n/score": "55"}}
    finding = audit.one(edits, "L04")
    assert finding.level is Level.NOTICE
    assert finding.assumption == "计分规则为拟定：按现用规则为 48.00"


def test_an_assumed_value_never_accuses(audit: Any) -> None:
    edits = {
        "department/rows/n/actual": "40场",
        "claimed": {"department/rows/n/score": "55"},
        "assumed": {"department/rows/n/actual": "报告未列"},
    }
    assert audit.one(edits, "L04").level is Level.NOTICE


def test_a_manual_score_that_differs_from_the_printed_one_asks(audit: Any) -> None:
    edits = {
        "department/rows/n/manual_score": "50",
        "department/rows/n/manual_reason": "部分活动延期",
        "claimed": {"department/rows/n/score": "55"},
    }
    finding = audit.one(edits, "L04")
    assert (finding.level, finding.expected) == (Level.WARNING, "50.00")


@pytest.mark.parametrize(
    ("budget", "spent", "printed", "level"),
    [
        ("838.1", "741.99", "8.85", None),
        ("838.1", "741.99", "9.84", Level.ERROR),
        # |Δ| 0.05 is under three of the fixed tolerances seen in the field, and impossible.
        ("838.1", "741.99", "8.90", Level.ERROR),
        # 88.65 % printed gives 8.87, the exact rate 8.86: a reader may do either.
        ("10000", "8864.51", "8.87", None),
        ("10000", "8864.51", "8.86", None),
        # 8.857 rounds to 8.86 and is cut off to 8.85.
        ("10000", "8857", "8.86", None),
        ("10000", "8857", "8.85", None),
        ("10000", "8857", "8.87", Level.ERROR),
        # 30 may be anything from 29.5 to 30.5: 8.70 to 9.03.
        ("30", "26.6", "8.87", None),
        ("30", "26.6", "8.90", Level.NOTICE),
        ("30", "26.6", "9.31", Level.ERROR),
    ],
)
def test_execution_score(
    audit: Any, budget: str, spent: str, printed: str, level: Level | None
) -> None:
    edits = {
        "department/inputs/全年预算数/value": budget,
        "department/inputs/全年执行数/value": spent,
        "claimed": {"department/answers/X1/score": printed},
    }
    found = audit(edits, "L05")
    assert [one.level for one in found] == ([level] if level else [])


def test_no_rate_is_expected_of_a_budget_of_nothing(audit: Any) -> None:
    edits = {
        "department/inputs/全年预算数/value": "0",
        "claimed": {
            "department/answers/X1/actual": "88.53%",
            "department/answers/X1/score": "9.84",
        },
    }
    assert [one.id for one in audit(edits, "L05", "L06")] == ["L06"]


def test_execution_rate_of_the_other_denominator(audit: Any) -> None:
    # S4: 741.99 / 837.1 is 88.64 %, not 88.53 %
    edits = {
        "department/inputs/全年预算数/value": "837.1",
        "department/inputs/全年执行数/value": "741.99",
        "claimed": {"department/answers/X1/actual": "88.53%"},
    }
    finding = audit.one(edits, "L05")
    assert (finding.level, finding.expected) == (Level.ERROR, "88.64%")
    assert "741.99÷837.1" in finding.message


def test_a_project_s_printed_execution_rate(audit: Any) -> None:
    edits = {"projects/a/funds/total/executed": "95.5"}
    wrong = {"claimed": {"projects/a/execution_rate": "99.50%"}}
    right = {"claimed": {"projects/a/execution_rate": "95.50%"}}
    finding = audit.one(edits | wrong, "L05")
    assert (finding.path, finding.expected) == ("projects/a/execution_rate", "95.50%")
    assert audit(edits | right, "L05") == []


def test_whole_points_are_not_wrong_where_the_form_prints_whole_points(audit: Any) -> None:
    rounded = {"department/answers/X1/score": "10"}  # 9.90 on a form of whole points
    assert audit.one({"claimed": rounded}, "L05").level is Level.NOTICE
    beside = rounded | {"department/total": "99.95"}  # beside two decimals 10 is 10.00
    assert audit.one({"claimed": beside}, "L05").level is Level.ERROR


def test_parts_that_do_not_add_up(audit: Any) -> None:
    claimed = {
        "department/tiers/预算执行情况/score": "9.90",
        "department/tiers/产出指标/score": "90",
        "department/total": "99.50",
    }
    finding = audit.one({"claimed": claimed}, "L07")
    assert (finding.level, finding.claimed, finding.expected) == (Level.ERROR, "99.50", "99.90")
    assert audit({"claimed": claimed | {"department/total": "99.90"}}, "L07") == []


def test_rows_that_do_not_add_up_to_their_tier(audit: Any) -> None:
    claimed = {
        "department/rows/n/score": "60",
        "department/rows/s/score": "30",
        "department/tiers/产出指标/score": "88.5",
    }
    finding = audit.one({"claimed": claimed}, "L07")
    assert (finding.claimed, finding.expected) == ("88.5", "90.00")


POINTS = {"n": "20", "t": "20", "c": "10", "b": "30", "s": "10"}
ROWS = {f"projects/a/rows/{key}/score": points for key, points in POINTS.items()}
ROWS |= {"projects/a/answers/P0/score": "10"}
"""What a 项目自评表 prints: no tier, but 执行率 and every row."""


@pytest.mark.parametrize(
    ("total", "found"), [("100", []), ("100.00", []), ("97", ["100.00"]), ("120", ["100.00"])]
)
def test_rows_that_do_not_add_up_to_the_total(audit: Any, total: str, found: list[str]) -> None:
    claimed = ROWS | {"projects/a/score": total}
    told = audit({"claimed": claimed}, "L07", "L28")
    assert [(one.id, one.expected) for one in told] == [("L07", text) for text in found]


def test_adding_up_asks_neither_for_completeness_nor_for_points(audit: Any) -> None:
    """As published: 执行率 20 and eight rows of 100 in all, the weights not printed; total 100."""
    rows = {
        f"r{n}": {"group": "数量指标" if n < 6 else "经济成本指标", "name": f"指标{n}"}
        for n in range(8)
    }
    claimed = {f"projects/a/rows/r{n}/score": "10" if n < 6 else "20" for n in range(8)}
    claimed |= {"projects/a/answers/P0/score": "20", "projects/a/score": "100"}
    finding = audit.one({"projects/a/rows": rows, "claimed": claimed}, "L07")
    assert (finding.level, finding.claimed, finding.expected) == (Level.ERROR, "100", "120.00")


def test_parts_left_out_tell_only_a_sum_above_the_total(audit: Any) -> None:
    some = {path: text for path, text in ROWS.items() if not path.endswith("/t/score")}
    assert audit({"claimed": some | {"projects/a/score": "100"}}, "L07") == []
    assert audit.one({"claimed": some | {"projects/a/score": "70"}}, "L07").expected == "80.00"


def test_printed_tiers_stand_for_their_rows(audit: Any) -> None:
    tier = {"projects/a/tiers/产出指标/score": "48"}
    some = {path: text for path, text in ROWS.items() if not path.endswith("/t/score")}
    claimed = some | tier | {"projects/a/score": "100"}
    assert audit.one({"claimed": claimed}, "L07").expected == "98.00"
    assert audit({"claimed": claimed | {"projects/a/score": "98"}}, "L07") == []


def test_rows_rescaled_for_one_that_does_not_apply_are_not_added_up(audit: Any) -> None:
    edits = {"projects/a/rows/c/not_applicable": "没有采购"}
    some = {path: text for path, text in ROWS.items() if not path.endswith("/c/score")}
    assert audit(edits | {"claimed": some | {"projects/a/score": "100"}}, "L07") == []


def test_a_sum_that_carries_a_wrong_part(audit: Any) -> None:
    claimed = {
        "department/tiers/预算执行情况/score": "9.99",
        "department/tiers/产出指标/score": "90",
        "department/total": "99.99",
    }
    finding = audit.one({"claimed": claimed}, "L07")
    assert (finding.claimed, finding.expected) == ("99.99", "99.90")
    assert "改正预算执行情况得分后" in finding.message


def test_a_total_printed_without_parts(audit: Any) -> None:
    assert audit.one({"claimed": {"department/total": "98.90"}}, "L07").expected == "99.90"
    assert audit({"claimed": {"department/total": "99.90"}}, "L07") == []


def test_a_summary_row_that_does_not_follow_from_its_rates(audit: Any) -> None:
    rates = {"产出指标": "91.9%", "效益指标": "83.33%", "满意度指标": "100%"}
    edits = {
        "projects/a/rows": {},
        "projects/a/tier_rates": rates,
        "projects/a/funds/total": {"budget": "30", "executed": "26.6"},
        "projects/a/deviation_reason": "2025年6月结项",
    }
    finding = audit.one(edits | {"claimed": {"projects/a/score": "90.31"}}, "L28")
    assert (finding.level, finding.expected) == (Level.ERROR, "89.82")
    assert "8.87＋45.95＋25.00＋10.00" in finding.message
    assert audit(edits | {"claimed": {"projects/a/score": "89.82"}}, "L28") == []


def test_a_scheme_that_is_not_verified_never_accuses(audit: Any) -> None:
    edits = {
        "projects/a/rows": {},
        "projects/a/weight_scheme": "no-satisfaction",
        "projects/a/tier_rates": {"产出指标": "80.00%", "效益指标": "100.00%"},
        "claimed": {"projects/a/score": "95.00"},
    }
    finding = audit.one(edits, "L28")
    assert (finding.level, finding.expected) == (Level.NOTICE, "90.00")
    assert "分值为未核实" in finding.assumption


def test_a_rate_that_is_not_its_score_over_its_points(audit: Any) -> None:
    claimed = {"department/tiers/产出指标/score": "90", "department/tiers/产出指标/rate": "98%"}
    finding = audit.one({"claimed": claimed}, "L28")
    assert (finding.claimed, finding.expected) == ("98%", "100.00%")


@pytest.mark.parametrize("printed", ["99.00%", "99%", "99.00", "0.99"])
def test_the_rate_of_a_one_rate_tier_is_the_rate_itself(audit: Any, printed: str) -> None:
    claimed = {
        "department/tiers/预算执行情况/score": "9.90",
        "department/tiers/预算执行情况/rate": printed,
    }
    assert audit({"claimed": claimed}, "L28") == []


def test_a_rate_whose_input_is_missing_is_not_accused(audit: Any) -> None:
    edits: dict[str, Any] = {"department/inputs/全年执行数": None}
    claimed = {
        "department/tiers/预算执行情况/score": "9.84",
        "department/tiers/预算执行情况/rate": "88.53%",
    }
    assert audit(edits | {"claimed": claimed}, "L28") == []
    # entered, the same figures do not fit
    assert audit({"claimed": claimed}, "L28", "L05") != []


def test_a_grade_its_total_does_not_earn(audit: Any) -> None:
    claimed = {"department/total": "99.90", "department/grade": "良"}
    finding = audit.one({"claimed": claimed}, "L28")
    assert (finding.level, finding.claimed, finding.expected) == (Level.ERROR, "良", "优")
    assert audit({"claimed": claimed | {"department/grade": "优"}}, "L28") == []


def test_a_grade_by_guessed_cut_offs_is_only_told(audit: Any) -> None:
    audit.small = audit.small.replace("grades_evidence: PUBLISHED", "grades_evidence: PROPOSED")
    claimed = {"department/total": "99.90", "department/grade": "良"}
    finding = audit.one({"claimed": claimed}, "L28")
    assert (finding.level, finding.assumption) == (
        Level.NOTICE,
        "等级按 优≥90、良≥80、中≥60 划分，拟定",
    )


@pytest.mark.parametrize(
    ("printed", "level"),
    # 满意度 85 % of ≥90 %: 9.44 in proportion, 8.00 by bands; the rule is not verified. Whatever
    # it is worth, nothing to ten, the whole is between 90 and 100.
    [("99.44", None), ("98.00", Level.NOTICE), ("90.50", Level.NOTICE), ("89.00", Level.ERROR)],
)
def test_a_doubtful_row_softens_no_more_than_it_is_worth(
    audit: Any, printed: str, level: Level | None
) -> None:
    edits = {"projects/a/rows/s/numerator": "85", "claimed": {"projects/a/score": printed}}
    found = audit(edits, "L28")
    assert [one.level for one in found] == ([level] if level else [])


def test_a_total_under_each_listed_alternative(audit: Any) -> None:
    edits = {"projects/a/rows/s/numerator": "85", "claimed": {"projects/a/score": "98.00"}}
    assert audit.one(edits, "L28").assumption == (
        "计分规则为未核实：按现用规则为 99.44，按“满意度分档”为 98.00"
    )


def test_an_open_rule_is_no_matter_where_every_listed_rule_agrees(audit: Any) -> None:
    # 95 % of ≥90 % is full marks by proportion and by bands
    finding = audit.one({"claimed": {"projects/a/score": "98.00"}}, "L28")
    assert (finding.level, finding.assumption) == (Level.ERROR, "")


def test_an_impossible_score_is_told_once(audit: Any) -> None:
    claimed = {"department/answers/X1/score": "20", "department/rows/n/score": "61"}
    found = audit({"claimed": claimed})
    assert [(one.id, one.claimed) for one in found] == [("L03", "20"), ("L03", "61")]


def test_a_score_made_from_a_coarsely_printed_rate(audit: Any) -> None:
    # 37.24 / 43.20 is 86.20 %; the form prints 86 % and scores that
    edits = {
        "department/inputs/全年预算数/value": "43.20",
        "department/inputs/全年执行数/value": "37.24",
        "claimed": {"department/answers/X1/actual": "86%", "department/answers/X1/score": "8.60"},
    }
    finding = audit.one(edits, "L05")
    assert (finding.level, finding.path) == (Level.NOTICE, "department/answers/X1/actual")


@pytest.mark.parametrize(
    ("printed", "level"), [("829.7", None), ("829.68", Level.NOTICE), ("829.60", Level.ERROR)]
)
def test_an_amount_keeps_its_remainder_in_another_money_unit(
    audit: Any, printed: str, level: Level | None
) -> None:
    # 829.7万元 entered where the session counts in 元: 829.65 to 829.75 万元
    audit.small = audit.small.replace("预算执行率, points: 10", "预算执行率, points: 5").replace(
        "  - name: 产出指标\n",
        "      - {code: X2, name: 支出, points: 5, unit: 万元, formula: 全年执行数, target: ≤900,\n"
        "         rule: {type: full_if_at_most}, evidence: {rule: PUBLISHED}}\n"
        "  - name: 产出指标\n",
    )
    edits = {
        "money_unit": "元",
        "department/inputs/全年执行数/value": "829.7万元",
        "claimed": {"department/answers/X2/actual": printed},
    }
    assert [one.level for one in audit(edits, "L04")] == ([level] if level else [])
