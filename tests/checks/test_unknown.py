"""Names the set does not know: a typo must not make a figure count nowhere (L40, L41)."""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.checks import Level

ELEMENTS = """
id: e
unit: {name: 某局}
year: 2024
department:
  set: henan-department-2024
  answers: {A1: {elements: {符合国家和本级战略部署: true}}}
"""


@pytest.mark.parametrize(
    ("path", "value", "parts"),
    [
        (
            "department/inputs/全年执行",
            {"value": "741.99"},
            ["“全年执行”", "741.99 没有计入", "是否想写“全年执行数”？"],
        ),
        ("department/answers/X11", {"actual": "90%"}, ["“X11”", "是否想写“X1”？"]),
        (
            "department/rows/z",
            {"group": "数量指", "name": "场次", "points": "5"},
            ["二级指标“数量指”", "“场次”没有计入", "是否想写“数量指标”？"],
        ),
        ("projects/a/tier_rates/产出", "100%", ["“产出”", "100% 没有计入", "“产出指标”"]),
        ("projects/a/inputs/全年预算", {"value": "1"}, ["科普活动经费", "是否想写“全年预算数”？"]),
    ],
)
def test_a_name_that_makes_a_figure_count_nowhere(
    audit: Any, path: str, value: Any, parts: list[str]
) -> None:
    finding = audit.one({path: value}, "L40")
    assert finding.level is Level.ERROR
    assert finding.path.startswith(path)
    for part in parts:
        assert part in finding.message


def test_an_element_the_rule_does_not_ask_for(audit: Any) -> None:
    (finding,) = [one for one in audit.text(ELEMENTS) if one.id == "L40"]
    assert finding.path == "department/answers/A1/elements/符合国家和本级战略部署"
    assert "是否想写“符合国家和本级战略部署及政策”？" in finding.message


def test_an_element_of_a_row_that_has_none(audit: Any) -> None:
    finding = audit.one({"department/rows/n/elements": {"按时": True}}, "L40")
    assert finding.message == "科普活动场次：要素“按时”不是本指标的要素，没有计入。请改正名称或删去"


@pytest.mark.parametrize(
    ("edits", "near"),
    [
        ({"department/row_order": ["s", "nn"]}, "“n”"),
        ({"project_order": ["a", "zz"]}, "请改正名称或删去"),
        ({"projects/a/fund_order": ["totals"]}, "“total”"),
        ({"assumed": {"department/rows/n/actuals": "未列"}}, "没有填写的位置"),
        (
            {"assumed": {"department/inputs/全年预算": "未列"}},
            "是否想写“department/inputs/全年预算数”？",
        ),
        ({"claimed": {"department/answers/X11/score": "9"}}, "“department/answers/X1/score”"),
        ({"claimed": {"department/answers/X1/scores": "9"}}, "“department/answers/X1/score”"),
        ({"claimed": {"department/tiers/产出/score": "9"}}, "“department/tiers/产出指标/score”"),
        ({"claimed": {"projects/b/score": "9"}}, "“projects/a/score”"),
        ({"claimed": {"department/inputs/全年执行": "829.72"}}, "全年执行数”？"),
    ],
)
def test_an_entry_that_belongs_to_nothing(audit: Any, edits: dict[str, Any], near: str) -> None:
    finding = audit.one(edits, "L40")
    assert finding.level is Level.WARNING
    assert near in finding.message


ODD = {"check": "L05", "reason": "x"}


@pytest.mark.parametrize(
    ("edits", "near"),
    [
        ({"statements/决算支岀": "900"}, "是否想写“决算支出”？"),
        ({"statements/自评项目数量": "9"}, "是否想写“自评项目数”？"),
        (
            {"waivers": [ODD | {"path": "department/rows/nn/actual"}]},
            "“department/rows/n/actual”",
        ),
        ({"waivers": [ODD | {"path": "projects/b/score"}]}, "“projects/a/score”"),
        (
            {"evidence/e": {"name": "a", "sha256": "a" * 64, "size": 1, "number": "X1-1",
                            "paths": ["department/answers/X11"]}},
            "“department/answers/X1”",
        ),
    ],
)  # fmt: skip
def test_what_is_said_of_something_that_is_not_there(
    audit: Any, edits: dict[str, Any], near: str
) -> None:
    finding = audit.one(edits, "L40")
    assert finding.level is Level.WARNING
    assert near in finding.message


def test_what_leads_somewhere_is_left_alone(audit: Any) -> None:
    places = [
        "department/answers/X1/score", "department/tiers/产出指标/score",
        "department/inputs/全年执行数",
        "projects/a/funds/total/executed", "projects/a", "projects/a/goal", "unit/code", "waivers",
        "department/rows/n", "projects/out/rows/r",
    ]  # fmt: skip
    edits: dict[str, Any] = {
        "projects/out": {"set": "mof-project-2020", "name": "外", "excluded": "涉密"},
        "waivers": [ODD | {"path": path} for path in places],
        "evidence/e": {"name": "a", "sha256": "a" * 64, "size": 1, "paths": places},
        "statements/年初结转": "12",
        "statements/决算支出": "929.72",
        "statements/项目支出决算（含结转）": "1",
    }
    assert audit(edits, "L40") == []


def test_rows_and_rates_of_a_tier_without_points_are_told(audit: Any) -> None:
    row = {"group": "经济成本指标", "name": "成本节约率", "points": "5"}
    finding = audit.one({"projects/a/rows/z": row}, "L40")
    assert (finding.level, finding.path) == (Level.WARNING, "projects/a/rows/z/group")
    assert "“成本指标”在所用权重方案中没有分值，指标“成本节约率”没有计入" in finding.message
    finding = audit.one({"projects/a/tier_rates": {"成本指标": "100%"}}, "L40")
    assert (finding.level, finding.claimed) == (Level.WARNING, "100%")


def test_many_wrong_names_are_one_line(audit: Any) -> None:
    edits = {f"department/inputs/数{n}": {"value": "1"} for n in range(5)}
    finding = audit.one(edits, "L40")
    assert finding.message.startswith("基础数据的名称不在指标体系中：5 处")


def test_what_is_printed_of_a_form_has_its_place(audit: Any) -> None:
    claimed = {
        "department/total": "99.90",
        "department/grade": "优",
        "department/tiers/产出指标/rate": "100%",
        "department/rows/n/score": "60",
        "department/answers/X1/actual": "99.00%",
        "projects/a/funds/total/executed": "100",
        "projects/a/execution_rate": "100%",
        "statements/任何数": "1",
    }
    assert audit({"claimed": claimed}, "L40") == []


def test_a_set_for_the_other_kind(audit: Any) -> None:
    finding = audit.one({"projects/a/set": "small"}, "L41")
    assert (finding.level, finding.path, finding.claimed) == (
        Level.ERROR,
        "projects/a/set",
        "small",
    )
    assert "用了部门整体的指标体系“小体系”。请选用项目的指标体系" in finding.message
    finding = audit.one({"department/set": "mof-project-2020"}, "L41")
    assert finding.path == "department/set"


def test_a_set_for_the_other_kind_is_told_once(audit: Any) -> None:
    assert audit({"projects/a/set": "small"}, "L40") == []
