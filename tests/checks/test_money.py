"""Money: budget, spending, sources, identities, final accounts (L06, L14 – L17, L26, L27, L38)."""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.checks import Level

FUND = "projects/a/funds/total"


def test_a_budget_of_nothing(audit: Any) -> None:
    finding = audit.one({f"{FUND}/budget": "0", f"{FUND}/executed": "0"}, "L06")
    assert (finding.level, finding.path) == (Level.ERROR, f"{FUND}/budget")


def test_a_budget_not_entered_is_no_budget_of_nothing(audit: Any) -> None:
    assert audit({f"{FUND}/budget": "", f"{FUND}/executed": ""}, "L06") == []


@pytest.mark.parametrize("spent", ["100.01", "100.5", "150"])
def test_more_spent_than_budgeted(audit: Any, spent: str) -> None:
    finding = audit.one({f"{FUND}/executed": spent}, "L38")
    assert (finding.level, finding.claimed, finding.expected) == (Level.ERROR, spent, "≤100")


def test_more_spent_than_budgeted_in_any_row(audit: Any) -> None:
    own = {"source": "其他资金", "budget": "10", "executed": "12"}
    found = audit({"projects/a/funds/own": own}, "L38")
    assert [one.path for one in found] == ["projects/a/funds/own/executed"]
    found = audit({"department/inputs/全年执行数/value": "900"}, "L38")
    assert [one.path for one in found] == ["department/inputs/全年执行数/value"]


def test_all_of_the_budget_spent_is_fine(audit: Any) -> None:
    assert audit({f"{FUND}/executed": "100.00"}, "L38") == []


def test_much_left_unspent_without_a_reason(audit: Any) -> None:
    finding = audit.one({f"{FUND}/executed": "79"}, "L14")
    assert (finding.level, finding.claimed, finding.expected) == (Level.WARNING, "21.00%", "≤20%")


def test_left_unspent_as_allowed_or_explained(audit: Any) -> None:
    assert audit({f"{FUND}/executed": "80"}, "L14") == []
    explained = {f"{FUND}/executed": "79", "projects/a/deviation_reason": "合同尾款未到付款期"}
    assert audit(explained, "L14") == []


def test_a_threshold_the_set_does_not_have_makes_no_check(audit: Any) -> None:
    audit.small = audit.small.replace("未支出比例: {", "未支出比例: {off: true, ")
    edits = {"department/inputs/全年执行数/value": "100", "department/answers/X1": None}
    assert audit(edits, "L14") == []


HENAN = """
id: h
unit: {{name: 某局}}
year: 2024
department:
  set: henan-department-2024
  inputs: {{年初预算数: 100, 年中调整数: {more}, 全年预算数: {all}}}
  answers: {{B3: {{target: ≤10%{reason}}}}}
"""


@pytest.mark.parametrize(
    ("more", "total", "reason", "told"),
    [
        ("31", "131", "", True),
        ("-31", "69", "", True),
        ("30", "130", "", False),
        ("31", "131", ", deviation_reason: 上级追加专项", False),
    ],
)
def test_a_large_adjustment_is_explained(
    audit: Any, more: str, total: str, reason: str, told: bool
) -> None:
    found = audit.text(HENAN.format(more=more, all=total, reason=reason))
    assert [one.level for one in found if one.id == "L15"] == [Level.WARNING] * told


@pytest.mark.parametrize(
    ("spent", "level"), [("3.00", Level.WARNING), ("2.6", None), ("2.64", Level.NOTICE)]
)
def test_three_public_expenses_within_budget(audit: Any, spent: str, level: Level | None) -> None:
    # 2.6 may be 2.55 to 2.65: 2.64 is not surely above it
    found = audit({"department/inputs/“三公”经费支出数/value": spent}, "L16")
    assert [one.level for one in found] == ([level] if level else [])


def funds(*parts: str) -> dict[str, Any]:
    rows = {f"s{n}": {"source": f"来源{n}", "budget": part} for n, part in enumerate(parts)}
    whole = {"source": "年度资金总额", "initial": "100", "budget": "100", "executed": "100"}
    return {"projects/a/funds": {"total": whole} | rows}


def test_sources_that_do_not_add_up(audit: Any) -> None:
    finding = audit.one(funds("60", "30"), "L17")
    assert (finding.level, finding.path, finding.expected) == (Level.ERROR, f"{FUND}/budget", "90")


@pytest.mark.parametrize("parts", [("60", "40"), ("60.3", "39.6"), ("33.33", "33.33", "33.33")])
def test_sources_that_add_up_within_their_own_remainder(audit: Any, parts: tuple[str, ...]) -> None:
    assert audit(funds(*parts), "L17") == []


def test_a_row_that_only_details_another_is_not_a_source(audit: Any) -> None:
    edits = funds("60", "40")
    edits["projects/a/funds"]["of"] = {"source": "其中：中央补助", "budget": "20"}
    assert audit(edits, "L17") == []


def table(*rows: tuple[str, str]) -> dict[str, Any]:
    """Return a 资金 table of (source, 全年预算数)."""
    listed = {
        f"f{n}": {"source": source, "budget": money} for n, (source, money) in enumerate(rows)
    }
    return {"projects/a/funds": listed}


NATIONAL = ("其中：当年财政拨款", "上年结转资金", "其他资金")
"""The sources below 年度资金总额 on the national form: the first one says 其中."""


@pytest.mark.parametrize(
    ("total", "parts", "added"),
    [
        ("100", ("90", "10", "0"), ""),
        ("100", ("85", "10", "0"), "95"),
        ("100", ("95", "10", "0"), "105"),
        ("880", ("880", "", ""), ""),
        # A source left blank is not known to be 0.
        ("100", ("90", "", ""), ""),
        ("80", ("90", "", ""), "90"),
    ],
)
def test_the_first_source_of_the_national_form(
    audit: Any, total: str, parts: tuple[str, ...], added: str
) -> None:
    edits = table(("年度资金总额", total), *zip(NATIONAL, parts, strict=True))
    assert [one.expected for one in audit(edits, "L17")] == ([added] if added else [])


@pytest.mark.parametrize(
    ("parts", "added"),
    [
        # either all 其中 rows are sources, or the second details the first
        ((("其中：当年财政拨款", "90"), ("其中：上年结转", "10")), ""),
        ((("其中：当年财政拨款", "90"), ("其中：中央补助", "50"), ("上年结转", "10")), ""),
        ((("其中：当年财政拨款", "80"), ("其中：上年结转", "10")), "90"),
    ],
)
def test_several_rows_said_to_be_part_of_the_total(
    audit: Any, parts: tuple[tuple[str, str], ...], added: str
) -> None:
    found = audit(table(("年度资金总额", "100"), *parts), "L17")
    assert [one.expected for one in found] == ([added] if added else [])


def test_a_total_of_nothing_over_a_source(audit: Any) -> None:
    """As published: 0/0/0 for the whole over 90/89.974/89.974."""
    whole = {"source": "年度资金总额", "initial": "0", "budget": "0", "executed": "0"}
    own = {"source": "其中:本年财政拨款", "initial": "90", "budget": "89.974", "executed": "89.974"}
    found = audit({"projects/a/funds": {"f0": whole, "f1": own}}, "L17")
    assert [(one.claimed, one.expected) for one in found] == [
        ("0", "90"),
        ("0", "89.974"),
        ("0", "89.974"),
    ]


def test_a_list_that_is_visibly_a_part_of_the_whole(audit: Any) -> None:
    """As published: the only source printed is one of which there is nothing."""
    assert audit(table(("总额", "251.89"), ("财政专户管理资金", "0.00")), "L17") == []
    assert audit(table(("总额", "251.89"), ("财政拨款", "200")), "L17") == []
    assert len(audit(table(("总额", "251.89"), ("财政拨款", "300")), "L17")) == 1


def test_entered_figures_that_do_not_fit_together(audit: Any) -> None:
    finding = audit.one({"department/inputs/年中调整数/value": "140.0"}, "L26")
    assert (finding.level, finding.path) == (Level.ERROR, "department/inputs/全年预算数/value")
    assert (finding.claimed, finding.expected) == ("838.1", "840.0")


def test_figures_that_fit_within_the_last_decimal(audit: Any) -> None:
    assert audit({"department/inputs/年中调整数/value": "138.06"}, "L26") == []
    assert len(audit({"department/inputs/年中调整数/value": "137.0"}, "L26")) == 1


def test_a_printed_figure_put_into_the_equation(audit: Any) -> None:
    finding = audit.one({"claimed": {"department/inputs/全年预算数": "837.1"}}, "L26")
    assert (finding.level, finding.claimed, finding.expected) == (Level.ERROR, "837.1", "838.1")
    assert audit({"claimed": {"department/inputs/全年预算数": "838.10"}}, "L26") == []


def test_a_printed_figure_of_no_equation_is_only_asked_about(audit: Any) -> None:
    finding = audit.one({"claimed": {"department/inputs/全年执行数": "741.99"}}, "L26")
    assert (finding.level, finding.expected) == (Level.WARNING, "829.72")


def test_a_proposed_equation_accuses_nobody(audit: Any) -> None:
    audit.small = audit.small.replace("level: 错误, evidence: PUBLISHED", "level: 错误")
    finding = audit.one({"department/inputs/年中调整数/value": "140.0"}, "L26")
    assert (finding.level, finding.assumption) == (
        Level.NOTICE,
        "勾稽关系“年初预算数+年中调整数=全年预算数”拟定",
    )


def statements(**values: str) -> dict[str, Any]:
    return {"statements": {name: {"value": value} for name, value in values.items()}}


def test_spending_that_is_not_the_final_accounts_(audit: Any) -> None:
    finding = audit.one(statements(决算支出="829.37"), "L27")
    assert (finding.level, finding.claimed, finding.expected) == (Level.WARNING, "829.72", "829.37")
    assert "相差 0.35" in finding.message


@pytest.mark.parametrize("final", ["829.72", "829.7", "8297200元"])
def test_spending_that_is_the_final_accounts_(audit: Any, final: str) -> None:
    assert audit(statements(决算支出=final), "L27") == []


def test_final_accounts_in_two_parts(audit: Any) -> None:
    whole = {"决算支出": "829.72", "基本支出决算": "700.00"}
    assert audit.one(statements(**whole, 项目支出决算="130.72"), "L27").expected == "830.72"
    assert audit(statements(**whole, 项目支出决算="129.72"), "L27") == []


def test_projects_that_spent_more_than_the_final_accounts_show(audit: Any) -> None:
    finding = audit.one(statements(项目支出决算="90.00"), "L27")
    assert (finding.claimed, finding.expected) == ("100", "≤90.00")


def test_a_budget_of_nothing_is_told_once(audit: Any) -> None:
    found = audit({f"{FUND}/budget": "0", f"{FUND}/executed": "0"})
    assert [one.id for one in found] == ["L06"]


def test_figures_in_yuan_and_in_ten_thousands_compare(audit: Any) -> None:
    money = {
        "money_unit": "元",
        "department/inputs/年初预算数/value": "7000000",
        "department/inputs/年中调整数/value": "138.1万元",  # known to the nearest 1000 元
        "department/inputs/全年预算数/value": "8381234",
        "department/inputs/全年执行数/value": "8297200.00",
        "department/inputs/“三公”经费支出数/value": "24600",
        "department/inputs/“三公”经费预算数/value": "2.6万元",
    }
    assert audit(money | statements(决算支出="829.72万元"), "L16", "L26", "L27", "L29") == []
    finding = audit.one(money | statements(决算支出="829.37万元"), "L27")
    assert (finding.claimed, finding.expected) == ("8297200.00", "829.37万元")
