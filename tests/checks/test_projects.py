"""Projects: names, coverage, counts (L30, L31)."""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.checks import Level


def named(name: str, *others: str) -> dict[str, Any]:
    return {"projects/a/name": name, "projects/a/also_named": list(others)}


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("专项经费—培育工程", "专项经费-培育工程"),
        ("专项经费——培育工程", "专项经费—培育工程"),
        ("“会市合作”行动", '"会市合作"行动'),
        ("2024年 科普经费", "２０２４年科普经费"),
        ("科普经费（二期）", "科普经费(二期)"),
    ],
)
def test_the_same_name_written_otherwise(audit: Any, name: str, other: str) -> None:
    assert audit(named(name, other), "L30") == []


def test_another_name(audit: Any) -> None:
    finding = audit.one(named("临时科技馆运行经费", "临时科技馆运转经费"), "L30")
    assert finding.level is Level.WARNING
    assert (finding.claimed, finding.expected) == ("临时科技馆运转经费", "临时科技馆运行经费")


def test_one_code_for_two_projects(audit: Any) -> None:
    other = {"set": "mof-project-2020", "name": "另一项目", "code": "P1", "goal": "完成"}
    finding = audit.one({"projects/a/code": "P1", "projects/b": other}, "L30")
    assert finding.path == "projects/b/code"


def statements(**values: str) -> dict[str, Any]:
    return {"statements": {name: {"value": value} for name, value in values.items()}}


def test_coverage_of_unlike_things_shows_the_like_figure(audit: Any) -> None:
    money = {
        "projects/a/funds/total/executed": "96.60",
        "projects/a/deviation_reason": "按进度付款",
    }
    edits = money | statements(
        自评资金="100.00", 项目支出决算="98.00", 自评资金占项目支出比例="102.04%"
    )
    finding = audit.one(edits, "L31")
    assert (finding.level, finding.claimed, finding.expected) == (
        Level.WARNING,
        "102.04%",
        "98.57%",
    )
    assert "96.60" in finding.message


def test_coverage_that_is_a_share(audit: Any) -> None:
    edits = statements(自评资金="100", 项目支出决算="125", 自评资金占项目支出比例="80.00%")
    assert audit(edits, "L31") == []


def test_coverage_that_does_not_recompute(audit: Any) -> None:
    edits = statements(自评资金="100.00", 项目支出决算="125.00", 自评资金占项目支出比例="85%")
    finding = audit.one(edits, "L31")
    assert (finding.level, finding.expected) == (Level.ERROR, "80.00%")


def test_covered_money_that_is_not_the_projects_(audit: Any) -> None:
    finding = audit.one(statements(自评资金="120.00"), "L31")
    assert (finding.level, finding.expected) == (Level.WARNING, "100.00")


def test_classes_that_overlap(audit: Any) -> None:
    classes = {
        "确定能实现目标的项目数": "1",
        "有可能实现目标的项目数": "1",
        "完全不可能实现目标的项目数": "0",
    }
    finding = audit.one(statements(自评项目数="1", **classes), "L31")
    assert (finding.level, finding.claimed, finding.expected) == (Level.ERROR, "2", "1")


def test_classes_that_share_out_the_projects(audit: Any) -> None:
    classes = {"确定能实现目标的项目数": "1", "有可能实现目标的项目数": "0"}
    assert audit(statements(自评项目数="1", **classes), "L31") == []


def test_a_count_that_is_not_the_list_s(audit: Any) -> None:
    finding = audit.one(statements(自评项目数="3"), "L31")
    assert (finding.level, finding.claimed, finding.expected) == (Level.WARNING, "3", "1")


COUNTED = """
id: h
unit: {name: 某局}
year: 2024
department:
  set: henan-department-2024
  inputs: {部门项目总数: %s}
projects:
  a: {set: mof-project-2020, name: 甲}
  b: {set: mof-project-2020, name: 乙, excluded: 会议未召开}
"""


@pytest.mark.parametrize(
    ("stated", "level"), [("2", None), ("1", Level.NOTICE), ("5", Level.WARNING)]
)
def test_all_projects_of_the_department(audit: Any, stated: str, level: Level | None) -> None:
    found = [one for one in audit.text(COUNTED % stated) if one.id == "L31"]
    assert [one.level for one in found] == ([level] if level else [])
