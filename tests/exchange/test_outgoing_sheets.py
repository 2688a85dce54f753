"""Every document of a session with everything: what it says, live formulas, one file or many."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from perfeval.errors import PerfevalError
from perfeval.exchange.book import Material
from perfeval.exchange.documents import DOCUMENTS, applicable, chosen
from perfeval.exchange.layout import sheet_name
from perfeval.exchange.workbook import export
from perfeval.scoring.engine import score_session
from perfeval.session.model import Fund, Session
from perfeval.session.seal import seal

FORM = "1.科普工作经费"


@pytest.fixture(scope="module")
def values(full_book: Path) -> Any:
    return openpyxl.load_workbook(full_book, data_only=True)


@pytest.fixture(scope="module")
def formulas(full_book: Path) -> Any:
    return openpyxl.load_workbook(full_book)


def _material(session: Session, tools: Any) -> Material:
    return Material(session, score_session(session, tools.find), tools.find)


def _rows(sheet: Any, first: int, last: int, columns: int) -> list[list[object]]:
    return [[cell.value for cell in row[:columns]] for row in sheet.iter_rows(first, last)]


# --- the proof -------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["by_ironcalc", "by_formualizer"])
def test_every_sheet_recomputes_to_its_caches(tools: Any, full_book: Path, engine: str) -> None:
    sheets = {sheet for sheet, _ in tools.formula_cells(full_book)}
    assert {"复核意见表", "扣分明细表", "得分图", "审核报告", FORM} <= sheets
    assert tools.differing(full_book, getattr(tools, engine)) == {}
    verdicts = [c.cached for (s, _), c in tools.formula_cells(full_book).items() if s == "核对"]
    assert "不一致" not in verdicts


def test_a_figure_typed_into_a_project_reaches_every_sheet(tools: Any, full_book: Path) -> None:
    opened = tools.Opened(full_book)
    assert opened.value("自评汇总表", "I4") == pytest.approx(95.9)
    opened.enter(FORM, "F14", "2000")  # 培训 2,000 人次: the target is met
    assert opened.value(FORM, "H14") == 15
    assert opened.value("自评汇总表", "I4") == pytest.approx(99.65)
    assert opened.value("核对", "J3") == "全部一致"
    opened.enter(FORM, "E8", "42.37")  # the funds: 44.74 in all, 91.35 % spent
    assert opened.value("自评汇总表", "C4") == pytest.approx(44.74)
    assert opened.value(FORM, "I7") == pytest.approx(9.14)
    assert opened.value("核对", "J3") == "全部一致"


@pytest.mark.parametrize(
    ("funds", "rate"),
    [
        ({"total": Fund(budget="40", executed="38.5")}, 0.9625),
        (
            {
                "a": Fund(source="其中：当年财政拨款", budget="40", executed="38.5"),
                "b": Fund(source="上年结转资金", budget="2.37", executed="2.37"),
            },
            0.9646,
        ),
        ({"total": Fund(budget="40")}, ""),
        ({"total": Fund(executed="40")}, ""),
        ({"total": Fund(budget="0", executed="0")}, ""),
        ({"total": Fund(budget="三十万", executed="20")}, ""),
        ({}, ""),
    ],
)
def test_a_rate_that_no_indicator_scores_is_shown_and_proved(
    tools: Any, sample: Session, tmp_path: Path, funds: dict[str, Fund], rate: object
) -> None:
    """Some sets give 预算执行率 no points; the funds block states it all the same."""
    known = tools.find("mof-project-2020")
    tiers = tuple(tier for tier in known.tiers if "执行" not in tier.name)
    without = known.model_copy(update={"tiers": tiers})
    (key, project), *_ = sample.ordered_projects()
    alone = sample.model_copy(
        update={
            "department": None,
            "projects": {key: project.model_copy(update={"funds": funds, "fund_order": ()})},
            "project_order": (key,),
        }
    )
    card = score_session(alone, lambda set_id: without)
    book = export(Material(alone, card, lambda set_id: without), tmp_path)[0].path
    for engine in (tools.by_ironcalc, tools.by_formualizer):
        assert tools.differing(book, engine) == {}
    cells = tools.formula_cells(book)
    sheets = openpyxl.load_workbook(book, data_only=True)
    (line,) = (row for row in sheets["核对"].iter_rows() if row[0].value == "执行率")
    assert [cells["核对", line[at].coordinate].cached for at in (3, 4, 9)] == [rate, rate, "一致"]
    # A number typed over the formula is found.
    opened = tools.Opened(book)
    form, _, place = cells["核对", line[3].coordinate].formula.rpartition("!")
    opened.enter(form.strip("'"), place, "0.5")
    assert opened.value("核对", line[9].coordinate) == "不一致"


# --- 项目支出绩效自评表 ------------------------------------------------------------------------


def test_the_form_of_a_project_has_the_published_layout(values: Any) -> None:
    sheet = values[FORM]
    assert sheet["A1"].value == "项目支出绩效自评表"
    assert [sheet["C3"].value, sheet["C4"].value] == ["科普工作经费", "410700240000000001"]
    assert (sheet["A5"].value, sheet["C5"].value) == ("主管部门", "新乡市科学技术协会")
    assert (sheet["E5"].value, sheet["F5"].value) == ("实施单位", "科普部")


def test_the_funds_add_up_and_carry_the_rate(tools: Any, values: Any, full_book: Path) -> None:
    sheet = values[FORM]
    head = [cell.value for cell in sheet[6]]
    assert head[3:9] == [
        *(
            "年初预算数",
            "全年预算数\n（A）",
            "全年执行数\n（B）",
            "分值",
            "执行率\n（B/A）",
            "得分",
        ),
    ]
    rows = _rows(sheet, 7, 9, 9)
    assert rows[0][1:] == ["年度资金总额", None, 40, 42.37, 40.87, 10, 0.9646, 9.65]
    assert rows[1][1:] == ["其中：当年财政拨款", None, 40, 40, 38.5, "—", "—", "—"]
    assert rows[2][1:] == ["上年结转资金", None, 0, 2.37, 2.37, "—", "—", "—"]
    formula = tools.formula_cells(full_book)[FORM, "E7"].formula
    assert "SUM(E8,E9)" in formula


def test_tiers_are_merged_and_signatures_follow(values: Any) -> None:
    sheet = values[FORM]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    texts = [str(cell.value) for row in sheet.iter_rows(max_col=9) for cell in row if cell.value]
    assert "产出指标\n（50分）" in texts
    assert any(re.fullmatch(r"B1\d:B1\d", area) for area in merged)
    assert "受强降雨影响，三场培训推迟到下一年度，改进措施：分片提前安排" in texts
    assert texts[-5:-2] == ["单位负责人：负责人甲", "填报人：填报人乙", "联系电话：＿＿＿＿＿"]
    assert texts[-1] == "（盖章）"


def test_input_cells_refuse_what_cannot_be(formulas: Any) -> None:
    rules = {
        str(area): rule
        for rule in formulas[FORM].data_validations.dataValidation
        for area in rule.sqref.ranges
    }
    assert (rules["E8"].type, rules["E8"].formula1) == ("decimal", "0")
    manual = [rule for rule in rules.values() if "人工赋分" in str(rule.error)]
    assert {rule.formula2 for rule in manual} == {"10", "15", "20"}


def test_names_of_sheets_are_legal_and_no_two_alike() -> None:
    long = "2024年省级科普与学会服务能力提升专项经费—"
    names = [sheet_name(n, f"{long}{tail}") for n, tail in enumerate(("甲项目", "乙项目") * 600, 1)]
    assert len(set(names)) == 1200
    assert max(map(len, names)) <= 31
    assert names[0].endswith("甲项目")
    assert sheet_name(1, "a[b]c:d*e?f/g\\h'i!j") == "1.a b c d e f g h i j"
    assert sheet_name(3, "") == "3."
    assert sheet_name(2, "𠮷" * 40).encode("utf-16-le").__len__() <= 62


# --- the registers ---------------------------------------------------------------------------


def test_where_points_went(values: Any) -> None:
    sheet = values["扣分明细表"]
    lost = {row[3].value: [cell.value for cell in row[4:8]] for row in sheet.iter_rows(4)}
    assert lost["B3 预算调整率"] == [2, 0, 2, "依据：报告称超年度指标值"]
    assert lost["科普惠农技术培训人次"][:3] == [15, 11.25, 3.75]
    sums = {row[0].value: [c.value for c in row[4:7]] for row in sheet.iter_rows(4) if row[0].value}
    assert sums["部门整体 合计"] == [100, 96.4, 3.6]
    assert sums["科普工作经费 合计"] == [100, 95.9, 4.1]


def test_the_review_beside_the_self_score(values: Any) -> None:
    rows = _rows(values["复核意见表"], 4, 9, 10)
    assert rows[0][0] == "部门整体"
    assert rows[1][1:7] == ["年度履职目标相关性", 2, 2, "认可", None, 0]
    assert rows[2][1:8] == [
        *("预决算信息公开性", 2, 2, "核减", 0.5, -1.5, "决算尚未公开，不能按已公开计满分"),
    ]
    assert rows[2][9] == "不采纳：预算部分已按期公开"
    assert rows[3][:7] == ["总分", None, None, 96.4, None, 94.9, -1.5]


def test_a_reviewers_score_changes_the_total(tools: Any, full_book: Path) -> None:
    opened = tools.Opened(full_book)
    opened.enter("复核意见表", "F6", "1")
    assert opened.value("复核意见表", "G6") == -1
    assert opened.value("复核意见表", "F7") == pytest.approx(95.4)


def test_problems_to_put_right_leave_cells_to_fill_in(values: Any, formulas: Any) -> None:
    sheet = values["整改台账"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(4)]
    trained = next(row for row in rows if "科普惠农技术培训人次" in str(row[2]))
    assert trained[1] == "复核" or trained[5] == "科普部"
    cut = next(row for row in rows if row[1] == "复核" and "公开性" in str(row[2]))
    assert cut[8] == "反馈意见：不采纳：预算部分已按期公开"
    assert {row[6] for row in rows if isinstance(row[0], int)} == {None}
    kinds = {rule.type for rule in formulas["整改台账"].data_validations.dataValidation}
    assert kinds == {"list", "date"}


def test_findings_are_counted_by_level(tools: Any, full_book: Path, values: Any) -> None:
    sheet = values["审核报告"]
    counted = [sheet.cell(3, column).value for column in (5, 6, 7)]
    levels = [row[1].value for row in sheet.iter_rows(5)]
    assert counted == [f"{name} {levels.count(name)} 条" for name in ("错误", "警告", "提示")]
    assert tools.formula_cells(full_book)["审核报告", "E3"].formula.count("COUNTIF") == 1


def test_evidence_is_listed_as_people_count(values: Any) -> None:
    rows = _rows(values["佐证材料目录"], 4, 5, 6)
    assert [row[0] for row in rows] == ["B3-2", "B3-10"]
    assert rows[1][1:5] == [
        *(
            "科普活动台账.pdf",
            "3—5",
            "科普工作经费 · r1 举办主题科普活动场次\n部门整体 · B3 预算调整率",
        ),
        "1.2 MB",
    ]


def test_the_charts_are_native(formulas: Any) -> None:
    drawn = formulas["得分图"]._charts
    assert len(drawn) == 3
    assert drawn[0].series[0].val.numRef.f == "得分图!$B$5:$B$8"


def test_the_last_sheet_carries_the_code_and_no_footer_does(full: Session, values: Any) -> None:
    code = seal(full)[:12]
    last = [str(row[0].value) for row in values["核对"].iter_rows() if row[0].value][-1]
    assert last.startswith(f"校验码：{code[:4]}-{code[4:8]}-{code[8:]}")
    for sheet in values:
        assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"


# --- which of them, in how many files ---------------------------------------------------------


def test_documents_are_called_by_name_end_or_id(full: Session) -> None:
    def names(*wanted: str) -> list[str]:
        return [one.name for one in chosen(full, wanted)]

    assert names("自评表") == ["部门整体自评表", "项目支出绩效自评表"]
    assert names("summary", "核对") == ["自评汇总表", "核对"]
    assert names() == [one.name for one in DOCUMENTS]
    with pytest.raises(PerfevalError, match="是否想写“整改台账”"):
        names("整改台帐")


def test_what_a_session_has_nothing_for_is_said(sample: Session) -> None:
    assert {one.id for one in DOCUMENTS} - {one.id for one in applicable(sample)} == {
        *("review", "evidence"),
    }
    with pytest.raises(PerfevalError, match="不能导出复核意见表：还没有复核意见"):
        chosen(sample, ["复核意见表"])


def test_a_sheet_alone_holds_values_where_it_would_read_others(
    tools: Any, full: Session, tmp_path: Path
) -> None:
    (written,) = export(_material(full, tools), tmp_path, ["自评汇总表"])
    assert tools.sheet_names(written.path) == ["自评汇总表"]
    cells = tools.formula_cells(written.path)
    assert set(cells) == {("自评汇总表", f"{column}12") for column in "CDE"}
    sheet = openpyxl.load_workbook(written.path)["自评汇总表"]
    assert (sheet["C9"].value, sheet["I9"].value) == (30, 89.82)
    assert tools.differing(written.path, tools.by_ironcalc) == {}


def test_a_file_for_each_document_with_every_step_told(
    tools: Any, full: Session, tmp_path: Path
) -> None:
    told: list[tuple[int, int, str]] = []
    wanted = ["部门整体自评表", "项目支出绩效自评表"]
    written = export(
        _material(full, tools),
        tmp_path,
        wanted,
        separate=True,
        on_progress=lambda *step: told.append(step),
    )
    assert [one.documents for one in written] == [(name,) for name in wanted]
    assert [one.path.name for one in written] == [
        f"201001新乡市科学技术协会_2024年度_{name}.xlsx" for name in wanted
    ]
    assert [one.size for one in written] == [one.path.stat().st_size for one in written]
    assert len(tools.sheet_names(written[1].path)) == 8
    assert [done for done, _, _ in told] == list(range(1, len(told) + 1))
    assert told[-1][0] == told[-1][1]


def test_an_export_stopped_half_way_leaves_the_old_file(
    tools: Any, full: Session, tmp_path: Path
) -> None:
    (first,) = export(_material(full, tools), tmp_path, ["自评汇总表"])
    before = first.path.read_bytes()

    def stop(done: int, total: int, name: str) -> None:
        if name == "自评汇总表":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(_material(full, tools), tmp_path, ["自评汇总表"], on_progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == [first.path.name]
    assert first.path.read_bytes() == before


def test_a_file_open_elsewhere_is_written_beside_and_said(
    tools: Any, full: Session, tmp_path: Path
) -> None:
    (first,) = export(_material(full, tools), tmp_path, ["自评汇总表"])
    (tmp_path / f"~${first.path.name}").touch()
    (second,) = export(_material(full, tools), tmp_path, ["自评汇总表"])
    assert second.path.name == f"{first.path.stem}(2).xlsx"
    assert second.instead == first.path


def test_the_name_follows_the_pattern(tools: Any, full: Session, tmp_path: Path) -> None:
    (one,) = export(_material(full, tools), tmp_path, ["核对"], pattern="{年度}-{文种}")
    assert one.path.name == "2024-绩效自评.xlsx"
    with pytest.raises(PerfevalError, match="没有“科室”这一项"):
        export(_material(full, tools), tmp_path, pattern="{科室}")


def test_200_projects_are_drawn_by_grade_only(tools: Any, sample: Session, tmp_path: Path) -> None:
    one = sample.projects["p6"]
    many = {
        f"q{n}": one.model_copy(update={"name": f"第{n}号项目", "rows": {}}) for n in range(200)
    }
    session = sample.model_copy(
        update={"department": None, "projects": many, "project_order": (), "claimed": {}}
    )
    (written,) = export(_material(session, tools), tmp_path, ["得分图", "自评汇总表"])
    book = openpyxl.load_workbook(written.path, data_only=True)
    charts: Any = book["得分图"]
    assert len(charts._charts) == 1
    assert [row[1].value for row in charts.iter_rows(5, 8)] == [0, 200, 0, 0]
    assert book["自评汇总表"]["A204"].value == "合计"
