"""What a path is called: every place of a session has a Chinese name, and none shows a path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from perfeval.errors import PerfevalError
from perfeval.indicators.library import find
from perfeval.indicators.model import IndicatorSet
from perfeval.samples import sample_text
from perfeval.session import model
from perfeval.session.change import apply, edit, join, read
from perfeval.session.files import loads
from perfeval.session.labels import _FIELDS, _UNIT, label, value_label
from perfeval.session.model import Session

SAMPLE = loads(sample_text())
MARK = {
    "verdict": "核减",
    "score": "1",
    "opinion": "据附件",
    "who": "乙",
    "when": "2025-03-01T08:00Z",
    "on": "x",
}
FILE = {"name": "批文.pdf", "sha256": "a" * 64, "size": 1, "number": "B3-1", "page": "第 2 页"}
USED = {
    "marks/department~1answers~1B3": MARK,
    "feedback/department~1answers~1B3": {"accepted": False, "reason": "有批复", "who": "甲"},
    "remedies/department~1answers~1B3~1扣分": {"problem": "扣 2 分", "measure": "编细预算"},
    "evidence/abc": FILE | {"paths": ["department/answers/B3"]},
    "waivers": [{"check": "L27", "path": "department", "reason": "时点不同"}],
    "submissions": [{"number": 1, "seal": "b" * 64, "head": "c" * 64}],
    "pinned/henan-department-2024": "d" * 64,
    "previous/department~1inputs~1年初预算数~1value": "600",
    "texts/projects~1p6~1改进措施": "加快结项",
    "texts/主要职责": "科普",
    "sent/财务科": {"head": "e" * 64, "who": "甲", "when": "2025-03-01T08:00Z", "returned": "f"},
    "department/answers/B3/owner": "财务科",
    "stage": "复核中",
}


def used() -> Session:
    """The sample after a year's use: reviewed, handed out, with evidence."""
    session = SAMPLE
    for path, new in USED.items():
        session = apply(session, edit(session, path, new))
    return session


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the path of every value a session holds, and of everything it lies in."""
    if path:
        yield join(*path)
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from leaves(getattr(value, name), (*path, name))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))


def test_every_place_of_a_session_has_a_chinese_name_and_none_shows_a_path() -> None:
    session = used()
    paths = list(leaves(session))
    assert len(paths) > 900
    for path in paths:
        told = label(session, find, path)
        assert re.search(r"[\u4e00-\u9fff]", told), path
        assert "/" not in told, path
        assert "~" not in told, path
        assert not re.search(r"[a-z]{3,}_|department|projects|inputs|answers|value", told), path


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("department/inputs/年初预算数/value", "部门整体 · 基础数据 · 年初预算数"),
        ("department/inputs/年初预算数", "部门整体 · 基础数据 · 年初预算数"),
        ("department/inputs/年初预算数/source", "部门整体 · 基础数据 · 年初预算数 · 来源"),
        ("department/answers/B3/target", "部门整体 · B3 预算调整率 · 年度指标值"),
        (
            "department/answers/A2/elements/能体现产出和效果",
            "部门整体 · A2 工作任务科学性 · 要素 · 能体现产出和效果",
        ),
        ("department/rows/D1/actual", "部门整体 · D1 重点工作1计划完成率 · 实际完成值"),
        ("projects/p1", "科普工作经费"),
        ("projects/p1/funds/total/executed", "科普工作经费 · 年度资金总额 · 全年执行数"),
        ("projects/p1/tier_rates/产出指标", "科普工作经费 · 产出指标得分率"),
        ("projects/p1/answers/P0", "科普工作经费 · P0 预算执行率"),
        ("claimed/department~1total", "填报数 · 部门整体 · 总分"),
        (
            "claimed/department~1tiers~1预算执行情况~1score",
            "填报数 · 部门整体 · 预算执行情况 · 得分",
        ),
        ("claimed/projects~1p1~1execution_rate", "填报数 · 科普工作经费 · 预算执行率"),
        ("marks/department~1answers~1B3/opinion", "复核 · 部门整体 · B3 预算调整率 · 意见"),
        (
            "assumed/department~1answers~1B3~1target",
            "拟定说明 · 部门整体 · B3 预算调整率 · 年度指标值",
        ),
        (
            "remedies/department~1answers~1B3~1扣分/measure",
            "整改 · 部门整体 · B3 预算调整率 · 扣分 · 整改措施",
        ),
        ("evidence/abc/page", "佐证材料 · B3-1 批文.pdf · 页"),
        ("statements/决算支出/value", "表外数字 · 决算支出"),
        ("unit/head", "单位信息 · 单位负责人"),
        ("sent/财务科/returned", "分发 · 财务科 · 交回"),
        (
            "pinned/henan-department-2024",
            "固定的指标体系 · 部门整体支出绩效自评指标体系（河南）",
        ),
        ("department/row_order", "部门整体 · 个性指标顺序"),
        ("texts/主要职责", "报告文字 · 主要职责"),
        ("texts/projects~1p1~1改进措施", "报告文字 · 科普工作经费 · 改进措施"),
        ("waivers", "核实说明"),
        ("session", "整个任务"),
    ],
)
def test_places_are_called_as_people_call_them(path: str, told: str) -> None:
    assert label(used(), find, path) == told


def test_what_is_gone_is_called_by_its_own_key() -> None:
    assert label(SAMPLE, find, "projects/p77/name") == "项目 p77 · 名称"
    assert label(SAMPLE, find, "department/rows/Z9/actual") == "部门整体 · Z9 · 实际完成值"
    assert label(SAMPLE, find, "department/answers/Z9") == "部门整体 · Z9"
    assert label(SAMPLE, find, "evidence/none") == "佐证材料 · none"


def test_a_set_that_is_missing_costs_the_name_and_nothing_else() -> None:
    def lost(set_id: str) -> IndicatorSet:
        raise PerfevalError(f"没有指标体系“{set_id}”")

    assert label(SAMPLE, lost, "department/answers/B3/target") == "部门整体 · B3 · 年度指标值"
    assert label(used(), lost, "pinned/mof") == "固定的指标体系 · mof"


def test_a_name_cannot_rewrite_the_line_it_stands_on() -> None:
    named = apply(SAMPLE, edit(SAMPLE, "projects/p1/name", "科普\x1b[2J\n经费\u202e"))
    assert label(named, find, "projects/p1/goal") == "科普[2J 经费 · 年度总体目标"


def test_every_field_of_a_session_has_a_word() -> None:
    """A field added to the model is named here before anybody sees it."""
    parts = [
        one
        for one in vars(model).values()
        if isinstance(one, type) and issubclass(one, model.Part) and one is not model.Part
    ]
    listed = {model.Waiver, model.Submission}  # changed as a whole, never by field
    for part in set(parts) - listed:
        known = _UNIT if part is model.Unit else _FIELDS
        assert set(part.model_fields) <= set(known), part.__name__


@given(st.text(alphabet="abc/~01部门 value", max_size=30))
def test_no_path_is_too_odd_for_a_name(path: str) -> None:
    for prefix in ("", "department/", "projects/p1/", "claimed/", "marks/"):
        assert isinstance(label(SAMPLE, find, prefix + path), str)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("marks/department~1answers~1B3", "核减 1：据附件"),
        ("feedback/department~1answers~1B3", "不采纳：有批复"),
        ("remedies/department~1answers~1B3~1扣分", "编细预算"),
        ("evidence/abc", "B3-1 批文.pdf"),
        ("evidence/abc/paths", "部门整体 · B3 预算调整率"),
        ("waivers", "L27 部门整体：时点不同"),
        ("submissions", "第 1 次，上报锁定 bbbbbbbbbbbbbbbb"),
        ("sent/财务科", "截至 eeeeeeeeeeeeeeee"),
        ("department/answers/B3/owner", "财务科"),
        ("department/answers/Z9", "（空）"),
        ("department/answers/Z9/evidence", "（空）"),
    ],
)
def test_a_value_is_told_by_what_it_says(path: str, told: str) -> None:
    session = used()
    assert value_label(session, find, path, read(session, path)) == told


def test_the_value_of_any_place_is_one_short_line_without_a_path() -> None:
    session = apply(used(), edit(used(), "source", "第一行\n第二行" + "长" * 100))
    for path in leaves(session):
        told = value_label(session, find, path, read(session, path))
        assert told.isprintable(), path
        assert len(told) < 100, path
        if not path.startswith(("texts", "previous", "assumed")):
            assert "department/" not in told, path
