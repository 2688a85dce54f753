"""复核意见表 and 整改台账 come home filled in: marks, answers and measures, nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from perfeval.exchange.book import Material
from perfeval.exchange.intake.ledger import Ledger, Verdict
from perfeval.exchange.intake.reading import plan, read
from perfeval.exchange.matters import STATES, Matter, matters
from perfeval.exchange.workbook import export
from perfeval.scoring.engine import score_session
from perfeval.session.change import apply, edit, join
from perfeval.session.model import Feedback, Remedy, ReviewMark, Session

OPENNESS, RELEVANCE, PEOPLE = (
    "department/answers/B10",
    "department/answers/A1",
    "projects/p1/rows/r2",
)
ACCEPTED = (Verdict.ACCEPTED, Verdict.OVERWRITES)


@pytest.fixture
def find(tools: Any) -> Any:
    return tools.find


@pytest.fixture(scope="module")
def sheets(full: Session, tools: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Both sheets of the session with everything, each as a file of its own."""
    folder = tmp_path_factory.mktemp("sheets")
    return {
        name: _exported(full, folder, tools.find, name).read_bytes()
        for name in ("复核意见表", "整改台账")
    }


@pytest.fixture
def handed_out(sheets: dict[str, bytes], tmp_path: Path) -> Any:
    """Return what writes one of the two where a test may type into it."""

    def write(name: str) -> Path:
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(sheets[name])
        return path

    return write


def _exported(session: Session, folder: Path, find: Any, *names: str) -> Path:
    material = Material(session, score_session(session, find), find)
    return export(material, folder, names)[0].path


def _listed(session: Session, find: Any) -> list[Matter]:
    return matters(Material(session, score_session(session, find), find))


def _sheet(path: Path) -> Any:
    return openpyxl.load_workbook(path).active


def _row(sheet: Any, text: str, column: int) -> int:
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, column).value == text)


def _typed(path: Path, sheet: str, cells: dict[tuple[int, int], Any]) -> Path:
    """Type into a workbook as an office does: values only, everything else left."""
    book = openpyxl.load_workbook(path)
    for (row, column), value in cells.items():
        cell = book[sheet].cell(row, column)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # whatever it begins with
    book.save(path)
    return path


def _taken(ledger: Ledger) -> dict[str, str]:
    return {one.path: one.value for one in ledger.entries if one.verdict in ACCEPTED}


def _refused(ledger: Ledger) -> list[str]:
    return [one.reason for one in ledger.entries if one.verdict is Verdict.REFUSED]


# --- 复核意见表 --------------------------------------------------------------------------------

VERDICT, SCORE, OPINION, WHO, ANSWER = 5, 6, 8, 9, 10


def test_an_untouched_review_sheet_changes_nothing(
    full: Session, handed_out: Any, find: Any
) -> None:
    path = handed_out("复核意见表")
    ledger = plan(full, read(path), find)
    assert ledger.changes() == []
    assert _refused(ledger) == []
    same = {one.path for one in ledger.entries if one.verdict is Verdict.SAME}
    assert join("marks", OPENNESS) + "/opinion" in same
    assert join("feedback", OPENNESS) in same


def test_the_units_answers_come_home(full: Session, handed_out: Any, find: Any) -> None:
    """The office answers two marks in Excel; both are in the session, in one group."""
    path = handed_out("复核意见表")
    sheet = _sheet(path)
    ours = _row(sheet, "预决算信息公开性", 2)
    theirs = _row(sheet, "科普惠农技术培训人次", 2)
    _typed(path, "复核意见表", {(ours, ANSWER): "采纳", (theirs, ANSWER): "不采纳：雨情有气象证明"})
    ledger = plan(full, read(path), find)
    after = ledger.applied()
    assert after.feedback[OPENNESS] == Feedback(accepted=True)
    assert after.feedback[PEOPLE] == Feedback(accepted=False, reason="雨情有气象证明")
    assert after.marks == full.marks
    assert len({change.group for change in ledger.changes()}) == 1
    assert [entry.old for entry in ledger.entries if entry.verdict is Verdict.OVERWRITES] == [
        "不采纳：预算部分已按期公开"
    ]


def test_a_reviewer_works_in_excel(full: Session, handed_out: Any, find: Any) -> None:
    """Another score and opinion make another mark, on today's figures; its old answer goes."""
    path = handed_out("复核意见表")
    sheet = _sheet(path)
    row, accepted = _row(sheet, "预决算信息公开性", 2), _row(sheet, "年度履职目标相关性", 2)
    cells = {
        (row, SCORE): 1,
        (row, OPINION): "预算已公开，决算未公开",
        (row, WHO): "复核员乙\n2025-03-04",
        (accepted, VERDICT): "核减",
        (accepted, SCORE): 1.5,
        (accepted, OPINION): "目标与职能相关不够",
    }
    after = plan(full, read(_typed(path, "复核意见表", cells)), find).applied()
    mark = after.marks[OPENNESS]
    assert (mark.verdict, mark.score, mark.opinion) == ("核减", "1", "预算已公开，决算未公开")
    assert (mark.who, mark.when) == ("复核员乙", "2025-03-04T00:00:00+08:00")
    assert after.marks[RELEVANCE].score == "1.5"
    assert OPENNESS not in after.feedback
    diff = score_session(after, find)
    assert diff.department is not None
    assert diff.department.total_text == "96.40"  # self scores are not touched


def test_a_session_under_review_is_marked_away_from_the_program(
    full: Session, tmp_path: Path, find: Any, tools: Any
) -> None:
    """Handed in, not marked yet: every indicator has a row to fill in; blank ones say nothing."""
    handed_in = full.model_copy(update={"stage": "已上报", "marks": {}, "feedback": {}})
    path = _exported(handed_in, tmp_path, find, "复核意见表")
    assert plan(handed_in, read(path), find).changes() == []
    sheet = _sheet(path)
    rows = [row for row in range(4, sheet.max_row) if sheet.cell(row, 3).value is not None]
    assert len(rows) > 45  # 28 of the department, and every project's
    row = _row(sheet, "预决算信息公开性", 2)
    cells = {(row, VERDICT): "核减", (row, SCORE): 0.5, (row, OPINION): "决算未公开"}
    cells |= {(row, WHO): "复核员甲"}
    after = plan(handed_in, read(_typed(path, "复核意见表", cells)), find).applied()
    assert {key: (one.verdict, one.score) for key, one in after.marks.items()} == {
        OPENNESS: ("核减", "0.5")
    }
    assert after.marks[OPENNESS].on  # what it was given on, so that a later change is seen
    again = _exported(after, tmp_path / "again", find, "复核意见表")
    assert plan(after, read(again), find).changes() == []
    assert tools.differing(again, tools.by_ironcalc) == {}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ((SCORE, 3), "应在 0 与分值 2 之间"),
        ((SCORE, "一分"), "不是数值"),
        ((VERDICT, "核增"), "应是“核减”"),
        ((OPINION, None), "要写明意见"),
        ((ANSWER, "再议"), "请以“采纳”或“不采纳：理由”填写"),
        ((ANSWER, "不采纳"), "不采纳要写明理由"),
        ((4, 1.5), "复核所据的自评得分是 1.5，现在是 2 分"),
    ],
)
def test_what_cannot_be_a_mark_or_an_answer_is_refused_with_the_reason(
    typed: tuple[int, Any], told: str, full: Session, handed_out: Any, find: Any
) -> None:
    path = handed_out("复核意见表")
    row = _row(_sheet(path), "预决算信息公开性", 2)
    column, value = typed
    cells = {(row, column): value}
    if column == 4:  # a mark given on another self score
        cells[row, OPINION] = "另一条意见"
    ledger = plan(full, read(_typed(path, "复核意见表", cells)), find)
    assert ledger.applied() == full
    assert any(told in why for why in _refused(ledger)), _refused(ledger)


def test_a_row_that_is_nobodys_is_refused(full: Session, handed_out: Any, find: Any) -> None:
    path = handed_out("复核意见表")
    row = _row(_sheet(path), "预决算信息公开性", 2)
    ledger = plan(full, read(_typed(path, "复核意见表", {(row, 2): "没有的指标"})), find)
    assert ledger.changes() == []
    assert "“部门整体”里没有“没有的指标”这项指标" in _refused(ledger)


def test_rows_of_one_name_keep_their_own_marks(full: Session, tmp_path: Path, find: Any) -> None:
    data = full.model_dump(mode="json")
    data["projects"]["p1"]["rows"]["r1"]["name"] = "科普惠农技术培训人次"
    data["marks"]["projects/p1/rows/r1"] = {"verdict": "核减", "score": "14", "opinion": "重复计"}
    twice = Session.model_validate(data)
    path = _exported(twice, tmp_path, find, "复核意见表")
    assert plan(twice, read(path), find).changes() == []


# --- 整改台账 ----------------------------------------------------------------------------------

MEASURE, OWNER, DUE, STATE, NOTE = 5, 6, 7, 8, 9


def test_an_untouched_list_of_matters_changes_nothing(
    full: Session, handed_out: Any, find: Any
) -> None:
    ledger = plan(full, read(handed_out("整改台账")), find)
    assert (ledger.changes(), _refused(ledger)) == ([], [])


def test_measures_come_home_and_go_out_again(
    full: Session, handed_out: Any, tmp_path: Path, find: Any
) -> None:
    path = handed_out("整改台账")
    sheet = _sheet(path)
    row = _row(sheet, "部门整体 · 预算调整率", 3)
    cells = {
        (row, MEASURE): "=年初预算编细，追加先报批",
        (row, OWNER): "财务科",
        (row, DUE): "2025-06-30",
        (row, STATE): "整改中",
        (row, NOTE): "已列入 2025 年计划",
    }
    ledger = plan(full, read(_typed(path, "整改台账", cells)), find)
    after = ledger.applied()
    remedy = after.remedies["department/answers/B3/扣分"]
    assert remedy.measure == "=年初预算编细，追加先报批"
    assert (remedy.owner, remedy.due, remedy.state) == ("财务科", "2025-06-30", "整改中")
    assert (remedy.source, remedy.place) == ("扣分", "部门整体 · 预算调整率")
    assert after.model_copy(update={"remedies": {}}) == full

    again = _exported(after, tmp_path / "again", find, "整改台账")
    shown = _sheet(again)
    row = _row(shown, "部门整体 · 预算调整率", 3)
    assert str(shown.cell(row, DUE).value) == "2025-06-30 00:00:00"
    assert shown.cell(row, STATE).value == "整改中"
    assert plan(after, read(again), find).changes() == []


def test_a_matter_put_right_stays_in_the_list(full: Session, find: Any) -> None:
    """Nothing finds it any more, and the list still says what was done about it."""
    key = "department/answers/B3/L08"
    done = Remedy(
        source="审核", place="部门整体 · B3 预算调整率", problem="没有写偏差原因", measure="已补写",
        state="已整改",
    )  # fmt: skip
    after = apply(full, edit(full, join("remedies", key), done.model_dump()))
    last = _listed(after, find)[-1]
    assert (last.key, last.problem, last.state) == (key, "没有写偏差原因", "已整改")
    assert len(_listed(after, find)) == len(_listed(full, find)) + 1


def test_a_matter_the_office_added_is_kept(full: Session, handed_out: Any, find: Any) -> None:
    path = handed_out("整改台账")
    sheet = _sheet(path)
    last = max(row for row in range(4, sheet.max_row + 1) if sheet.cell(row, 2).value)
    added = ("巡察", "部门整体", "合同归档不及时", "补归档", "办公室")
    for column, text in enumerate(added, 2):
        sheet.cell(last + 1, column).value = text
    sheet.parent.save(path)
    after = plan(full, read(path), find).applied()
    (remedy,) = after.remedies.values()
    assert (remedy.source, remedy.problem, remedy.measure) == ("巡察", "合同归档不及时", "补归档")
    assert _listed(after, find)[-1].owner == "办公室"


def test_a_state_there_is_not_is_refused(full: Session, handed_out: Any, find: Any) -> None:
    path = handed_out("整改台账")
    ledger = plan(full, read(_typed(path, "整改台账", {(4, STATE): "已整好"})), find)
    (told,) = _refused(ledger)
    assert told.startswith("整改状态只能填未整改、整改中、已整改、无需整改")
    assert ledger.changes() == []


def test_a_list_that_was_sorted_finds_its_matters(
    full: Session, handed_out: Any, find: Any
) -> None:
    """Rows are known by what they say, not by where they stand."""
    path = handed_out("整改台账")
    sheet = _sheet(path)
    rows = [row for row in range(4, sheet.max_row + 1) if sheet.cell(row, 2).value]
    texts = [[sheet.cell(row, column).value for column in range(1, 10)] for row in rows]
    for row, values in zip(rows, reversed(texts), strict=True):
        for column, value in enumerate(values, 1):
            sheet.cell(row, column).value = value
        sheet.cell(row, MEASURE).value = f"措施：{values[2]}"
    sheet.parent.save(path)
    after = plan(full, read(path), find).applied()
    assert {one.measure for one in after.remedies.values()} == {f"措施：{one[2]}" for one in texts}
    assert all(one.measure == f"措施：{one.place}" for one in after.remedies.values())
    assert set(after.remedies) == {one.key for one in _listed(full, find)}


# --- law --------------------------------------------------------------------------------------

TEXTS = st.one_of(
    st.sampled_from(
        ("=1+1", "-2", "@甲", "采纳", "说明 1：见表", "12", "1.50", "", "　全角　", "a\nb")
    ),
    st.text("甲乙丙丁，。=+-@'\"<>&\n \t0123456789%", max_size=60),
    st.just("措施" * 3000),
)


@st.composite
def _remedies(draw: st.DrawFn, keys: list[str]) -> dict[str, dict[str, str]]:
    chosen = draw(st.lists(st.sampled_from(keys), unique=True, max_size=4))
    return {
        key: {
            "source": "扣分", "place": "原处", "problem": "原问题", "measure": draw(TEXTS),
            "owner": draw(st.sampled_from(("", "财务科"))),
            "due": draw(st.sampled_from(("", "2025-06-30", "年底前"))),
            "state": draw(st.sampled_from(("", *STATES))),
            "note": draw(TEXTS),
        }
        for key in chosen
    }  # fmt: skip


@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_whatever_was_written_round_trips(
    data: st.DataObject, full: Session, tmp_path: Path, find: Any
) -> None:
    """Exported and imported, no text of a mark, an answer or a measure becomes another."""
    keys = [one.key for one in _listed(full, find)]
    remedies = data.draw(_remedies(keys))
    opinion, reason = data.draw(TEXTS), data.draw(TEXTS)
    made = full.model_dump(mode="json") | {"remedies": remedies}
    made["marks"][PEOPLE] |= {"opinion": opinion}
    made["marks"][OPENNESS] |= {"verdict": data.draw(st.sampled_from(("核减", "退回修改")))}
    made["feedback"][OPENNESS] = {"accepted": data.draw(st.booleans()), "reason": reason}
    session = Session.model_validate(made)
    path = _exported(session, tmp_path, find, "复核意见表", "整改台账")
    ledger = plan(session, read(path), find)
    assert ledger.changes() == []
    assert all(ReviewMark.model_validate(one) for one in session.marks.values())
