"""扣分明细: every point that is missing from a total is told, with why."""

from dataclasses import replace

import pytest

from perfeval.indicators.library import find
from perfeval.numbers import ZERO, Exact, decimal_text
from perfeval.samples import NAME, sample_text
from perfeval.scoring.deductions import deductions, lacks_points
from perfeval.scoring.engine import score_session
from perfeval.scoring.scorecard import Status
from perfeval.session.files import loads
from perfeval.session.model import Session


@pytest.fixture(scope="module")
def session() -> Session:
    return loads(sample_text(), f"{NAME}.yaml")


def test_the_sample_lost_its_points_here(session: Session) -> None:
    lost = [
        one
        for one in deductions(session, score_session(session, find))
        if one.evaluation == "部门整体"
    ]
    assert [(one.name, decimal_text(one.lost, 2)) for one in lost] == [
        ("预算调整率", "2.00"),
        ("预算执行率", "1.15"),
        ("重点工作1计划完成率", "0.25"),
        ("年度履职目标1实现率", "0.20"),
    ]
    assert lost[1].why == "88.53%×10 = 8.853，四舍五入 8.85"
    assert "不超过年度指标值得满分" in lost[0].why, "a bare 0 explains nothing"
    assert lost[2].why == "95%÷100%×5 = 4.75"


def test_losses_add_up_to_what_is_missing_from_each_total(session: Session) -> None:
    card = score_session(session, find)
    lost = deductions(session, card)
    assert card.department is not None
    totals = {"部门整体": card.department.total}
    totals |= {one.name: one.result.total for one in card.projects if one.result}
    for name, total in totals.items():
        missing = sum((one.lost for one in lost if one.evaluation == name), ZERO)
        assert total + missing == Exact(100), name


def test_a_row_without_its_own_reason_has_its_projects(session: Session) -> None:
    lost = deductions(session, score_session(session, find))
    reasons = {one.reason for one in lost if one.path.startswith("projects/p6")}
    assert reasons == {session.projects["p6"].deviation_reason}


def test_a_row_that_is_not_filled_in_lacks_its_points_and_one_not_applicable_none() -> None:
    session = loads(sample_text(), f"{NAME}.yaml")
    rows = {
        row.code: row for _, one in score_session(session, find).results for row in one.indicators
    }
    full = next(row for row in rows.values() if row.score == row.points)
    assert not lacks_points(full)
    assert lacks_points(replace(full, score=None, status=Status.UNFILLED))
    assert lacks_points(replace(full, score=ZERO))
    assert not lacks_points(replace(full, score=None, status=Status.NOT_APPLICABLE))
