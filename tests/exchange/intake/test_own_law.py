"""A law of our own workbooks: exported and imported, any session is what it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perfeval.exchange.intake.ledger import Verdict
from perfeval.exchange.intake.reading import plan, read
from perfeval.scoring.engine import score_session
from perfeval.session.change import apply, edit
from perfeval.session.model import Session

SETS = ("henan-department-2024", "sichuan-dazhou-department", "every-rule")


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("set_id", SETS)
def test_any_session_comes_back_unchanged(
    set_id: str, seed: int, tools: Any, tmp_path: Path
) -> None:
    """Projects and rows of one name, every kind of rule, blanks, 不适用: no change, no refusal."""
    session = tools.make_session(set_id, 100 + seed).in_stated_order()
    ledger = plan(session, read(tools.write(session, tmp_path)), tools.find)
    assert [(one.path, one.old, one.new) for one in ledger.changes()] == []
    assert [one.reason for one in ledger.entries if one.verdict is Verdict.REFUSED] == []


@pytest.mark.soak
@pytest.mark.parametrize("set_id", SETS)
def test_hundreds_of_sessions_come_back_unchanged(set_id: str, tools: Any, tmp_path: Path) -> None:
    for seed in range(200, 400):
        session = tools.make_session(set_id, seed).in_stated_order()
        ledger = plan(session, read(tools.write(session, tmp_path / str(seed))), tools.find)
        assert ledger.changes() == [], seed


@pytest.mark.parametrize("seed", range(2))
def test_a_workbook_alone_is_worth_what_its_session_is(
    seed: int, tools: Any, tmp_path: Path
) -> None:
    """Into an empty session: sets, schemes, units, rows and money give every score again."""
    set_id = SETS[seed]
    session = _rows_named_apart(tools.make_session(set_id, 300 + seed)).in_stated_order()
    empty = session.model_copy(update={"department": None, "projects": {}, "project_order": ()})
    sets = (set_id, *tools.PROJECT_SETS)
    ledger = plan(empty, read(tools.write(session, tmp_path)), tools.find, sets=sets)
    before, after = (score_session(one, tools.find) for one in (session, ledger.applied()))
    assert _scores(after) == _scores(before)


def test_a_row_whose_name_ends_anothers_keeps_its_own_value(tools: Any, tmp_path: Path) -> None:
    """满意度 is typed, 观众满意度 is proved by two figures: an edit of the first is taken."""
    rows = {
        "a": {"group": "服务对象满意度指标", "name": "满意度", "points": "5", "unit": "%"},
        "b": {"group": "服务对象满意度指标", "name": "观众满意度", "points": "5", "unit": "%"},
    }
    rows["a"] |= {"target": "≥90%", "actual": "95%"}
    rows["b"] |= {"target": "≥90%", "numerator": "95", "denominator": "100"}
    project = {"set": "mof-project-2020", "name": "科普经费", "rows": rows}
    data = {"id": "two", "unit": {"name": "某馆"}, "year": 2024, "projects": {"p": project}}
    session = Session.model_validate(data)
    path = tools.write(session, tmp_path)
    emptied = apply(session, edit(session, "projects/p/rows/a/actual", ""))
    after = plan(emptied, read(path), tools.find).applied()
    assert after.projects["p"].rows["a"].actual == "95%"
    assert after == session


def _rows_named_apart(session: Session) -> Session:
    """Two rows of one name in one evaluation can be told apart only where they stand already."""
    data = session.model_dump(mode="json")
    for evaluation in filter(None, (data["department"], *data["projects"].values())):
        for key, row in evaluation["rows"].items():
            row["name"] += f"之{key}"
    return Session.model_validate(data)


def _scores(card: Any) -> list[Any]:
    evaluations = [card.department, *(one.result for one in card.projects)]
    return [
        [(row.name, row.score, row.points) for row in result.indicators]
        for result in evaluations
        if result is not None
    ]
