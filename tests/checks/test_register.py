"""How observations become the list people read: order, repeats, 核实说明, JSON."""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.checks import Level, not_assessed
from perfeval.scoring.engine import score_session

N = "projects/a/rows/n"
RATES = {"产出指标": "100%", "效益指标": "100%", "满意度指标": "100%"}


def projects(count: int, **more: Any) -> dict[str, Any]:
    """Return so many projects of a 汇总表, each with its money spent."""
    one = {
        "set": "mof-project-2020",
        "funds": {"t": {"budget": "100", "executed": "100"}},
        "tier_rates": RATES,
    }
    return {f"projects/p{n}": one | {"name": f"项目{n}"} | more for n in range(count)}


def test_worst_first(audit: Any) -> None:
    found = audit(
        {f"{N}/actual": "8场", "projects/a/also_named": ["另名"], "unit/phone": ""},
    )
    assert [one.level for one in found] == [Level.ERROR, Level.WARNING, Level.NOTICE]


def test_as_json(audit: Any) -> None:
    finding = audit.one({"claimed": {"department/answers/X1/score": "9.84"}}, "L05")
    assert finding.as_dict() == {
        "id": "L05",
        "level": "错误",
        "path": "department/answers/X1/score",
        "message": "预算执行率：得分填报 9.84，执行率 99.00%×10 分应为 9.90。请改正得分",
        "claimed": "9.84",
        "expected": "9.90",
        "assumption": "",
    }
    assert finding.title
    assert finding.basis


# --- repeats ---------------------------------------------------------------------------------


def test_repeats_without_numbers_are_one_line(audit: Any) -> None:
    found = audit.one(projects(12), "L32")
    assert found.count == 12
    assert len(found.paths) == 12
    assert [one.path for one in found.members][:2] == [
        "projects/p0/tier_rates/满意度指标",
        "projects/p1/tier_rates/满意度指标",
    ]


def test_a_few_with_numbers_of_their_own_stay_apart(audit: Any) -> None:
    edits = projects(3) | {"claimed": {f"projects/p{n}/score": "90.31" for n in range(3)}}
    assert [one.claimed for one in audit(edits, "L28")] == ["90.31"] * 3


def test_many_with_numbers_are_one_line_with_an_example(audit: Any) -> None:
    edits = projects(40) | {"claimed": {f"projects/p{n}/score": "90.31" for n in range(40)}}
    finding = audit.one(edits, "L28")
    assert finding.message.startswith(
        "自评得分与核算数不符：40 个项目，如 项目0：得分填报 90.31，核算为 100.00"
    )
    assert (finding.claimed, finding.count) == ("", 40)
    assert finding.members[39].claimed == "90.31"


def test_a_large_session_is_still_about_ten_lines(audit: Any) -> None:
    edits = projects(300, also_named=["别名"], deviation_reason="")
    for n in range(300):
        edits[f"projects/p{n}"] |= {"funds": {"t": {"budget": "100", "executed": f"{n}"}}}
    edits |= {"claimed": {f"projects/p{n}/score": "100%" for n in range(300)}}
    assert len(audit(edits)) <= 12


# --- 核实说明 --------------------------------------------------------------------------------

CLAIMED = {"claimed": {"department/answers/X1/score": "9.84"}}
WAIVER = {
    "check": "L05",
    "path": "department/answers/X1/score",
    "claimed": "9.84",
    "expected": "9.90",
    "reason": "按财政系统导出数",
    "who": "甲",
}


def test_an_explained_finding_is_kept_and_marked(audit: Any) -> None:
    finding = audit.one(CLAIMED | {"waivers": [WAIVER]}, "L05")
    assert finding.waiver is not None
    assert finding.waiver.reason == "按财政系统导出数"


def test_open_findings_come_before_explained_ones(audit: Any) -> None:
    found = audit(CLAIMED | {"waivers": [WAIVER], f"{N}/points": "25"})
    assert [(one.id, one.waiver is None) for one in found] == [("L01", True), ("L05", False)]


@pytest.mark.parametrize(
    "edits",
    [
        {"claimed": {"department/answers/X1/score": "9.74"}},
        CLAIMED | {"department/inputs/全年执行数/value": "821.338"},
    ],
    ids=["claimed", "computed"],
)
def test_an_explanation_lapses_when_a_number_changes(audit: Any, edits: dict[str, Any]) -> None:
    finding = audit.one(edits | {"waivers": [WAIVER]}, "L05")
    assert finding.waiver is None
    assert finding.lapsed is not None
    assert "原核实说明“按财政系统导出数”所依据的数已变" in finding.message


@pytest.mark.parametrize("other", [{"check": "L04"}, {"path": "department/answers/X2/score"}])
def test_an_explanation_of_something_else_explains_nothing(
    audit: Any, other: dict[str, str]
) -> None:
    finding = audit.one(CLAIMED | {"waivers": [WAIVER | other]}, "L05")
    assert (finding.waiver, finding.lapsed) == (None, None)


def test_one_explained_of_many_leaves_the_others_open(audit: Any) -> None:
    waiver = {"check": "L32", "path": "projects/p3/tier_rates/满意度指标", "reason": "已调查"}
    found = audit(projects(12) | {"waivers": [waiver]}, "L32")
    assert [(one.count, one.waiver is None) for one in found] == [(11, True), (1, False)]


def test_a_fingerprint_stays_while_the_numbers_stay(audit: Any) -> None:
    first = audit.one(CLAIMED, "L05").fingerprint
    assert audit.one(CLAIMED | {"unit/name": "改名"}, "L05").fingerprint == first
    other = {"claimed": {"department/answers/X1/score": "9.74"}}
    assert audit.one(other, "L05").fingerprint != first


# --- what was assumed, what could not be assessed --------------------------------------------


def test_an_assumed_figure_accuses_nobody(audit: Any) -> None:
    edits = {
        "department/inputs/年中调整数/value": "140.0",
        "assumed": {"department/inputs/全年预算数": "报告未列"},
    }
    finding = audit.one(edits, "L26")
    assert (finding.level, finding.assumption) == (Level.NOTICE, "该值为拟定：报告未列")


def test_checks_that_could_not_be_made_say_why(audit: Any) -> None:
    audit.small = audit.small.partition("checks:")[0]
    session = audit.put({"projects/a": None})
    missing = {
        one.id: one.reason
        for one in not_assessed(session, score_session(session, audit.find), audit.find)
    }
    assert missing["L14"] == "指标体系没有规定“未支出比例”"
    assert missing["L27"] == "没有填写决算支出"
    assert missing["L31"].startswith("没有填写自评资金")
    assert missing["L05"].startswith("没有填报数")
    assert "L01" not in missing


def test_printed_figures_of_unknown_places_are_named(audit: Any) -> None:
    claimed = {"department/rows/n/score": "60", "department/rows/gone/score": "5"}
    session = audit.put({"claimed": claimed})
    missing = not_assessed(session, score_session(session, audit.find), audit.find)
    assert [one.reason for one in missing if one.id == "L04"] == [
        "1 个填报数没有对应的指标（gone）"
    ]
