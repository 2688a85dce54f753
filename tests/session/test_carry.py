"""提取上年数据: structure comes along, figures do not, last year's values stay visible."""

from __future__ import annotations

from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.session.carry import carry
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


def test_last_years_values_are_kept_by_path_for_display() -> None:
    assert NEXT.previous["department/inputs/全年执行数/value"] == "741.99"
    assert NEXT.previous["department/rows/D1/actual"] == "95%"
    assert NEXT.previous["projects/p6/funds/total/executed"] == "26.6"
