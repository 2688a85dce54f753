"""提取上年数据: structure comes along, figures do not, last year's values stay visible."""

from __future__ import annotations

from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.session.carry import _KEPT, carry, previous_value
from perfeval.session.change import apply, edit, read
from perfeval.session.files import loads

LAST = loads(sample_text())
NEXT = carry(LAST, session_id="xinxiang-kexie-2025", year=2025)


def test_structure_rows_and_targets_are_carried() -> None:
    assert NEXT.department is not None
    assert NEXT.unit.name == LAST.unit.name
    assert NEXT.department.rows["D1"].name == "重点工作1计划完成率"
    assert NEXT.department.rows["D1"].target == "100%"
    assert NEXT.department.answers["B3"].target == "≤10%"
    assert [key for key, _ in NEXT.ordered_projects()] == [f"p{n}" for n in range(1, 9)]


def test_figures_answers_claims_and_reasons_are_emptied() -> None:
    assert NEXT.department is not None
    assert NEXT.department.inputs == {}
    assert NEXT.department.answers["B3"].actual == ""
    assert "A1" not in NEXT.department.answers
    assert NEXT.claimed == {}
    assert NEXT.assumed == {}
    assert all(not p.tier_rates and not p.funds["total"].budget for p in NEXT.projects.values())


def test_nothing_is_scored_yet() -> None:
    department = score_session(NEXT, find).department
    assert department is not None
    assert department.filled == 0
    assert department.grade is None


FIELDS = {
    "department/inputs/全年执行数/value": "741.99",
    "department/inputs/全年执行数/source": "决算表",
    "department/inputs/全年执行数/note": "已核对",
    "department/answers/A1/elements/年度履职目标与单位职责相符": False,
    "department/answers/B3/actual": "25.51%",
    "department/answers/B3/target": "≤10%",
    "department/answers/B3/level": "好",
    "department/answers/B3/level_score": "1.5",
    "department/answers/B3/manual_score": "1",
    "department/answers/B3/manual_reason": "追加任务",
    "department/answers/B3/deduction": "0.5",
    "department/answers/B3/elected": "甲",
    "department/answers/B3/not_applicable": "无专项",
    "department/answers/B3/deviation_reason": "年中追加",
    "department/answers/B3/basis": "预算批复",
    "department/rows/D1/points": "5",
    "department/rows/D1/numerator": "19",
    "department/rows/D1/denominator": "20",
    "projects/p6/funds/total/initial": "30",
    "projects/p6/funds/total/budget": "28",
    "projects/p6/funds/total/executed": "26.6",
    "projects/p6/tier_rates/产出指标": "97%",
    "projects/p6/goal_done": "完成",
    "projects/p6/deviation_reason": "验收推迟",
    "statements/决算支出/value": "900",
    "texts/主要职责": "科普",
}


def test_last_years_value_of_every_field_is_kept_for_display() -> None:
    last = LAST
    for path, value in FIELDS.items():
        last = apply(last, edit(last, path, value))
    this = carry(last, session_id="next", year=2025)
    for path, value in FIELDS.items():
        assert previous_value(this, path) == ("否" if value is False else value), path
        kept = path.endswith(("/target", "/points")) or path.startswith("texts/")
        assert kept or read(this, path) in ("", None), path
    assert previous_value(this, "department/inputs/全年执行数") == "741.99"
    assert previous_value(this, "department/answers/没有/actual") == ""
    assert previous_value(last, "department/inputs/全年执行数") == ""


def test_every_field_a_person_fills_in_is_kept_or_carried() -> None:
    """A field added to the model must be thought of here too."""
    carried = {
        "owner", "evidence", "group", "name", "unit", "qualitative", "set", "row_order", "date",
        "also_named", "code", "budget_unit", "implementing_unit", "category", "fund_origins",
        "function_code", "weight_scheme", "fund_order", "excluded",
    }  # fmt: skip
    for kind, kept in _KEPT.items():
        assert set(kind.model_fields) - set(kept) <= carried | {"source"}, kind


def test_what_the_report_says_of_a_project_is_written_anew() -> None:
    last = apply(LAST, edit(LAST, "texts", {"主要职责": "科普", "projects/p6/改进措施": "加快"}))
    this = carry(last, session_id="next", year=2025)
    assert this.texts == {"主要职责": "科普"}
    assert previous_value(this, "texts/projects~1p6~1改进措施") == "加快"
