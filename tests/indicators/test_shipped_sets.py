"""The shipped sets: sound, complete, and with the points of their sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from perfeval.indicators.documents import schema_of
from perfeval.indicators.library import find, lint, set_files
from perfeval.indicators.model import IndicatorSet
from perfeval.indicators.rules import Judged, MissingTierShift
from perfeval.numbers import Exact

SHIPPED = ["henan-department-2024", "mof-project-2020", "sichuan-dazhou-department"]


@pytest.mark.parametrize("set_id", SHIPPED)
def test_a_shipped_set_has_no_problem_and_no_warning(set_id: str) -> None:
    assert lint(set_files()[set_id]) == []
    assert find(set_id).id == set_id


def test_every_file_of_the_folder_is_a_shipped_set() -> None:
    folder = Path(set_files()["henan-department-2024"]).parent
    assert sorted(p.stem for p in folder.glob("*.yaml")) == SHIPPED


@pytest.mark.parametrize("set_id", SHIPPED)
def test_every_standing_is_told(set_id: str) -> None:
    """No rule without its evidence, and what is proposed is not hidden behind a trusted tag."""
    shipped = find(set_id)
    for indicator in shipped.all_indicators():
        assert indicator.evidence, indicator.name
        if not isinstance(indicator.rule, Judged):
            assert "rule" in indicator.evidence, indicator.name
    for tier in shipped.tiers:
        for group in tier.own_groups():
            assert shipped.own_of(group).evidence, group.name


# --- 河南 -------------------------------------------------------------------------------------

HENAN = {
    "工作目标管理": {"年度履职目标相关性": 2, "工作任务科学性": 2, "绩效指标合理性": 2},
    "预算和财务管理": {
        "预算编制完整性": 2,
        "专项资金细化率": 2,
        "预算调整率": 2,
        "结转结余率": 2,
        "“三公经费”控制率": 2,
        "政府采购执行率": 2,
        "决算真实性": 1,
        "资金使用合规性": 1,
        "管理制度健全性": 1,
        "预决算信息公开性": 2,
        "资产管理规范性": 2,
    },
    "绩效管理": {
        "绩效目标填报完成率": 1,
        "绩效监控完成率": 1,
        "绩效自评完成率": 1,
        "部门绩效评价完成率": 1,
        "评价结果应用率": 1,
    },
    "重点工作任务完成": {
        "重点工作1计划完成率": 5,
        "重点工作2计划完成率": 5,
        "重点工作3计划完成率": 5,
    },
    "履职目标实现": {
        "年度履职目标1实现率": 4,
        "年度履职目标2实现率": 3,
        "年度履职目标3实现率": 3,
    },
    "履职效益": {"履职效益（部门自设）": 15},
    "满意度": {"参与人员满意度": 20},
}


def test_henan_has_the_seeds_tree_and_points() -> None:
    henan = find("henan-department-2024")
    tree = {
        group.name: {row.name: row.points for row in (*group.indicators, *own_rows(group))}
        for tier in henan.tiers
        for group in tier.groups
    }
    assert tree == HENAN
    assert {group.name: group.points for tier in henan.tiers for group in tier.groups} == {
        "工作目标管理": 6,
        "预算和财务管理": 19,
        "绩效管理": 5,
        "重点工作任务完成": 15,
        "履职目标实现": 10,
        "履职效益": 15,
        "满意度": 20,
    }
    assert henan.tier_points() == {
        "预算执行情况": 10,
        "投入管理指标": 30,
        "产出指标": 25,
        "效益指标": 35,
    }


def own_rows(group: Any) -> Iterator[Any]:
    return iter(group.own.rows if group.own else ())


def test_henan_counts_3_7_27_beside_the_execution_rate() -> None:
    henan = find("henan-department-2024")
    assert henan.counted == (3, 7, 27)
    (execution,) = [tier for tier in henan.tiers if not tier.counted]
    (rate,) = execution.indicators
    assert (rate.code, rate.name) == ("X1", "预算执行率")
    assert rate.points == 10


@pytest.mark.parametrize(
    ("code", "formula"),
    [
        ("X1", "全年执行数÷全年预算数"),
        ("B2", "已细化到具体市县和承担单位的资金数÷部门参与分配资金总数"),
        ("B3", "(全年预算数-年初预算数-可剔除调整数)÷年初预算数"),
        ("B4", "结转结余总额÷全年预算数"),
        ("B5", "“三公”经费实际支出数÷“三公”经费预算数"),
        ("B6", "实际政府采购金额÷政府采购预算数"),
        ("C1", "已填报绩效目标项目数量÷部门项目总数"),
        ("C2", "已完成绩效监控项目数量÷部门项目总数"),
        ("C3", "已完成自评项目数量÷部门项目总数"),
        ("C4", "已完成部门评价项目数量÷部门重点绩效评价项目数"),
        ("C5", "评价提出的意见建议采纳数÷提出的意见建议总数"),
    ],
)
def test_henans_formulas_read_like_the_report(code: str, formula: str) -> None:
    indicator = find("henan-department-2024").indicator(code)
    assert indicator.formula is not None
    assert indicator.formula.text() == formula
    assert indicator.unit == "%"


def test_henans_rules_are_told_as_proposed() -> None:
    henan = find("henan-department-2024")
    assert not henan.grades_evidence.trusted
    for indicator in henan.all_indicators():
        if indicator.code != "X1":
            assert ("rule", "PROPOSED") in [(part, tag.value) for part, tag in indicator.tags]


# --- 财预〔2020〕10号 --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "points"),
    [
        ("", {"预算执行率": 10, "产出指标": 50, "效益指标": 30, "满意度指标": 10}),
        (
            "cost-tier",
            {"预算执行率": 10, "成本指标": 20, "产出指标": 40, "效益指标": 20, "满意度指标": 10},
        ),
        ("no-satisfaction", {"预算执行率": 10, "产出指标": 50, "效益指标": 40}),
        (
            "cost-no-satisfaction",
            {"预算执行率": 10, "成本指标": 20, "产出指标": 40, "效益指标": 30},
        ),
        ("hubei-two-goals", {"预算执行率": 20, "年度绩效目标1": 40, "年度绩效目标2": 40}),
        (
            "henan-2024-university",
            {
                "预算执行率": 10,
                "资金管理": 20,
                "成本指标": 10,
                "产出指标": 30,
                "效益指标": 25,
                "满意度指标": 5,
            },
        ),
    ],
)
def test_the_projects_weights_are_data_and_sum_to_100(scheme: str, points: dict[str, int]) -> None:
    assert find("mof-project-2020").tier_points(scheme) == points
    assert sum(points.values()) == 100


def test_all_weight_schemes_are_listed_above() -> None:
    schemes = find("mof-project-2020").weight_schemes
    assert len(schemes) == 5
    for scheme in schemes.values():
        assert sum(scheme.points.values(), Exact(0)) == 100
        assert scheme.evidence.label


def test_a_project_without_satisfaction_gives_its_points_to_the_benefit() -> None:
    shift = MissingTierShift(missing="满意度指标", to="效益指标")
    assert shift in find("mof-project-2020").modifiers


# --- 达州 -------------------------------------------------------------------------------------


def test_dazhou_is_another_shape_scored_by_people() -> None:
    dazhou = find("sichuan-dazhou-department")
    assert dazhou.tier_points() == {"部门决策": 25, "综合管理": 30, "部门绩效情况": 45}
    assert dazhou.counted[0] == 3
    assert all(isinstance(indicator.rule, Judged) for indicator in dazhou.all_indicators())
    for tier in dazhou.tiers:
        for group in tier.own_groups():
            own = dazhou.own_of(group).rules
            assert own is not None
            for rule in (own.at_least, own.at_most, own.equal, own.qualitative):
                assert isinstance(rule, Judged)


# --- schema ----------------------------------------------------------------------------------


def shape(schema: dict[str, Any], whole: dict[str, Any], value: Any, at: str) -> Iterator[str]:
    """A small reader of JSON Schema: unknown keys, missing keys, wrong kinds."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    for choices in ("anyOf", "oneOf"):
        if choices in schema:
            told = [list(shape(one, whole, value, at)) for one in schema[choices]]
            yield from min(told, key=len)
            return
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds or []
    if isinstance(value, dict):
        if kinds and "object" not in kinds:
            yield f"{at}: object"
            return
        known = schema.get("properties", {})
        more = schema.get("additionalProperties", True)
        yield from (
            f"{at}: missing {key}" for key in schema.get("required", ()) if key not in value
        )
        for key, item in value.items():
            if key in known:
                yield from shape(known[key], whole, item, f"{at}/{key}")
            elif isinstance(more, dict):
                yield from shape(more, whole, item, f"{at}/{key}")
            elif more is False:
                yield f"{at}: unknown {key}"
    elif isinstance(value, list):
        if kinds and "array" not in kinds:
            yield f"{at}: array"
            return
        for index, item in enumerate(value):
            yield from shape(schema.get("items", {}), whole, item, f"{at}/{index}")
    elif value not in schema.get("enum", [schema.get("const", value)]) or kinds in (
        ["object"],
        ["array"],
    ):
        yield f"{at}: {value}"


@pytest.mark.parametrize("set_id", SHIPPED)
def test_a_shipped_set_fits_the_published_schema(set_id: str) -> None:
    schema = schema_of(IndicatorSet)
    data = find(set_id).model_dump(mode="json", exclude_defaults=True)
    assert list(shape(schema, schema, data, set_id)) == []
    data["tiers"][0]["nmae"] = data["tiers"][0].pop("name")
    told = list(shape(schema, schema, data, ""))
    assert told == ["/tiers/0: missing name", "/tiers/0: unknown nmae"]
