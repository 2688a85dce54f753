"""Our own workbook: exported and imported, it gives the same values; edited, only the edits."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from perfeval.checks import Level
from perfeval.exchange.intake.handed import open_file
from perfeval.exchange.intake.ledger import Verdict
from perfeval.exchange.intake.reading import plan, read
from perfeval.exchange.workbook import export_workbook
from perfeval.indicators.library import find, set_files
from perfeval.numbers import exact
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.session.change import apply
from perfeval.session.files import loads
from perfeval.session.model import Fund, ReviewMark, Session

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


def test_reasons_and_bases_come_back_and_hints_of_ours_do_not(tmp_path: Path) -> None:
    """偏差原因, 依据 and the reason of a 人工赋分 stand in one cell; each finds its field again."""
    session = loads(sample_text())
    department = session.department
    assert department is not None
    answers = dict(department.answers)
    written = {"deviation_reason": "追加专项，\n已按规定调整", "basis": "报告四（二）1（2）②"}
    answers["B3"] = answers["B3"].model_copy(update=written)
    session = session.model_copy(
        update={"department": department.model_copy(update={"answers": answers})}
    )
    path = exported(session, tmp_path)
    assert plan(session, read(path), find).changes() == []
    empty = session.model_copy(
        update={"department": department.model_copy(update={"answers": {}, "inputs": {}})}
    )
    after = plan(empty, read(path), find).applied().department
    assert after is not None
    for code, before in answers.items():
        again = after.answers[code]
        for name in ("deviation_reason", "basis", "manual_reason", "manual_score"):
            assert getattr(again, name) == getattr(before, name), (code, name)


def test_sources_without_a_total_and_in_other_units_are_left_as_they_are(tmp_path: Path) -> None:
    """The form adds 300000元 and 12.37 up to 42.37; read back, that is no new source."""
    funds = {
        "a": Fund(source="其中：当年财政拨款", budget="300000元", executed="29万元"),
        "b": Fund(source="上年结转资金", budget="12.37", executed="12.37"),
    }
    session = loads(ROWS)
    project = session.projects["a"].model_copy(update={"funds": funds, "fund_order": ("a", "b")})
    session = session.model_copy(update={"projects": {"a": project}})
    path = exported(session, tmp_path)
    assert plan(session, read(path), find).changes() == []
    empty = session.model_copy(update={"projects": {}, "project_order": ()})
    (again,) = plan(empty, read(path), find).applied().projects.values()
    total = again.fund_total("budget", "万元").value
    assert total == project.fund_total("budget", "万元").value == exact("42.37")


def test_a_text_moved_below_the_table_comes_back_whole(tmp_path: Path) -> None:
    """A cell that only says 见表后说明 1 must never replace what it stands for."""
    long = {
        "goal: 举办科普活动": "举办科普活动，" * 300,
        "deviation_reason: 节约": "节约开支。" * 500,
        "actual: 10场": "共办十场，" * 79,
    }
    text = ROWS
    for short, whole in long.items():
        text = text.replace(short, f"{short.partition(': ')[0]}: {whole}", 1)
    session = loads(text)
    path = exported(session, tmp_path)
    sheet = openpyxl.load_workbook(path).worksheets[1]
    texts = [cell.value for row in sheet.iter_rows(max_col=9) for cell in row if cell.value]
    assert {"见表后说明 1", "见表后说明 2"} <= set(texts)
    assert plan(session, read(path), find).changes() == []
    empty = session.model_copy(update={"projects": {}, "project_order": ()})
    (project,) = plan(empty, read(path), find).applied().projects.values()
    assert project.goal == session.projects["a"].goal
    assert project.deviation_reason == session.projects["a"].deviation_reason


def test_what_is_not_read_back_is_listed_as_what_it_is(tmp_path: Path) -> None:
    session = loads(ROWS)
    mark = ReviewMark(verdict="核减", score="15", opinion="场次不实", who="复核人甲")
    session = session.model_copy(update={"marks": {"projects/a/rows/n": mark}})
    ledger = plan(session, read(exported(session, tmp_path)), find)
    told = {one.sheet: one.reason for one in ledger.entries if one.raw == "全部一致"}
    assert told["核对"] == "由系统计算的数"
    assert ledger.changes() == []


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


def test_our_own_workbook_handed_in_is_judged_by_the_totals_it_shows(tmp_path: Path) -> None:
    """Projects of rates alone keep their 10 points of 执行率; nobody is accused."""
    session = loads(sample_text())
    path = exported(session, tmp_path)
    handed = open_file(path, find, set_files(None))
    assert handed.session.claimed["department/total"] == "96.4"
    computed = [one.result.total for one in handed.card.projects if one.result]
    before = [one.result.total for one in score_session(session, find).projects if one.result]
    assert computed == before
    assert [one.message for one in handed.findings if one.level is Level.ERROR] == []


def test_a_total_typed_over_in_our_own_workbook_is_found(tmp_path: Path) -> None:
    path = exported(loads(sample_text()), tmp_path)
    changed = tmp_path / "改过.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet3.xml":  # 部门整体自评表
                assert b"<v>96.4</v>" in data
                data = data.replace(b"<v>96.4</v>", b"<v>97.84</v>")
            new.writestr(name, data)
    handed = open_file(changed, find, set_files(None))
    told = [one for one in handed.findings if one.level is Level.ERROR]
    assert [(one.claimed, one.expected) for one in told] == [("97.84", "96.40")]
