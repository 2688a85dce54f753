"""Our own workbook: exported and imported, it gives the same values; edited, only the edits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from perfeval.exchange.intake.ledger import Verdict
from perfeval.exchange.intake.reading import plan, read
from perfeval.exchange.workbook import export_workbook
from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.session.change import apply
from perfeval.session.files import loads
from perfeval.session.model import Session

ROWS = """
id: rows
unit: {name: 某市科普中心}
year: 2024
projects:
  a:
    set: mof-project-2020
    name: 科普活动经费
    goal: 举办科普活动
    goal_done: 已举办 10 场
    funds: {total: {initial: 100, budget: 110.5, executed: 99.45}, gov: {source: "其中：当年财政拨款", budget: 110.5}}
    deviation_reason: 节约
    rows:
      n: {group: 数量指标, name: 活动场次, points: 20, unit: 场, target: ≥10场, actual: 10场}
      t: {group: 时效指标, name: 完成时间, points: 20, target: 11月底前, actual: 10月}
      c: {group: 成本指标, name: 单场成本, points: 10, unit: 万元, target: ≤10万元, actual: 9.5万元, manual_score: 9, manual_reason: 票据未齐}
      q: {group: 社会效益指标, name: 影响, points: 30, target: 效果明显, level: 达成年度指标, level_score: 28}
      s: {group: 服务对象满意度指标, name: 观众满意度, points: 10, unit: "%", target: ≥90%, numerator: 95, denominator: 100}
"""  # noqa: E501


def exported(session: Session, folder: Path) -> Path:
    return export_workbook(session, score_session(session, find), folder, find)


def changed(ledger: Any) -> list[tuple[str, str, str]]:
    verdicts = (Verdict.ACCEPTED, Verdict.OVERWRITES, Verdict.REFUSED)
    return [
        (one.path, one.old, one.value or one.reason)
        for one in ledger.entries
        if one.verdict in verdicts
    ]


@pytest.mark.parametrize("text", [sample_text(), ROWS], ids=["sample", "rows"])
def test_exporting_and_importing_changes_nothing(text: str, tmp_path: Path) -> None:
    session = loads(text)
    ledger = plan(session, read(exported(session, tmp_path)), find)
    assert changed(ledger) == []
    assert ledger.changes() == []
    assert ledger.count(Verdict.SAME) > 20


def test_what_was_lost_comes_back_from_the_workbook(tmp_path: Path) -> None:
    """Answers, inputs, money and rates emptied: the workbook gives them back, to the last score."""
    session = loads(sample_text())
    path = exported(session, tmp_path)
    assert session.department is not None
    kept = session.department.answers.items()
    emptied = session.model_copy(
        update={
            "department": session.department.model_copy(
                update={
                    "inputs": {},
                    "answers": {key: one for key, one in kept if one.manual_score},
                }
            ),
            "projects": {
                key: one if one.excluded else one.model_copy(update={"funds": {}, "tier_rates": {}})
                for key, one in session.projects.items()
            },
        }
    )
    after = plan(emptied, read(path), find).applied()
    before, again = score_session(session, find), score_session(after, find)
    assert again.department is not None
    assert before.department is not None
    assert again.department.total_text == before.department.total_text == "96.40"
    assert [(one.name, one.result and one.result.total) for one in again.projects] == [
        (one.name, one.result and one.result.total) for one in before.projects
    ]


def test_a_workbook_alone_makes_its_projects_anew(tmp_path: Path) -> None:
    session = loads(ROWS)
    path = exported(session, tmp_path)
    empty = session.model_copy(update={"projects": {}, "project_order": ()})
    after = plan(empty, read(path), find).applied()
    (project,) = after.projects.values()
    rows = [project.rows[key] for key in project.row_order]
    assert [row.name for row in rows] == ["活动场次", "完成时间", "单场成本", "影响", "观众满意度"]
    assert (rows[3].level, rows[3].level_score) == ("达成年度指标", "28")
    assert (rows[4].numerator, rows[4].denominator) == ("95", "100")
    assert rows[2].manual_score == "9"
    again, before = score_session(after, find), score_session(session, find)
    assert again.projects[0].result is not None
    assert before.projects[0].result is not None
    assert again.projects[0].result.total == before.projects[0].result.total


def test_an_edited_cell_is_the_only_change_and_is_undone_at_once(tmp_path: Path) -> None:
    session = loads(sample_text())
    path = exported(session, tmp_path)
    book = openpyxl.load_workbook(path)
    page = book["基础数据"]
    cell = next(row[2] for row in page.iter_rows() if row[1].value == "全年执行数")
    cell.value = 800.5
    book.save(path)
    ledger = plan(session, read(path), find)
    assert changed(ledger) == [("department/inputs/全年执行数/value", "741.99", "800.5")]
    assert [one.verdict for one in ledger.entries if one.taken] == [Verdict.OVERWRITES]
    changes = ledger.changes(who="甲", why="核对后")
    assert {(one.kind, one.who) for one in changes} == {("import", "甲")}
    assert len({one.group for one in changes}) == 1
    after = session
    for one in changes:
        after = apply(after, one)
    for one in reversed(changes):
        after = apply(after, one.inverse())
    assert after == session
