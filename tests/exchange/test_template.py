"""A bureau's blank form: found by its labels, filled in place, its look and sums untouched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Border, Font, Side

from perfeval.errors import PerfevalError
from perfeval.exchange.blank_rows import insert_after, moved_formula
from perfeval.exchange.book import Material
from perfeval.exchange.template import Filled, fill
from perfeval.scoring.engine import score_session
from perfeval.session.model import Session

_THIN = Side(style="thin")
_FRAME = Border(_THIN, _THIN, _THIN, _THIN)


def _blank(path: Path, rows: Sequence[Sequence[object]], merges: Sequence[str] = ()) -> Path:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(list(row))
    for area in merges:
        sheet.merge_cells(area)
    for line in sheet.iter_rows():
        for cell in line:
            cell.border, cell.font = _FRAME, Font(name="仿宋", size=11)
    book.save(path)
    return path


HEAD: list[list[object]] = [
    ["项目支出绩效自评表"],
    ["（ 20XX 年度）"],
    ["项 目 名 称", "", None],
    ["主管部门", "", "", "", "实施单位"],
    [
        *(
            "项目资金\n（万元）",
            "",
            "",
            "年初预算数",
            "全年预算数\n（Ａ）",
            "全年执行数（B）",
            "分值",
        ),
        *("执行率（B/A）", "得分"),
    ],
    ["", "年度资金总额", "", "", "", "", 10],
    ["", "其中：当年财政拨款"],
    ["", "　　　上年结转资金"],
    ["年度总体目标", "预期目标", "", "", "", "实际完成情况"],
    [None],
    [
        *(
            "绩效指标",
            "一级指标",
            "二级指标",
            "三级指标",
            "年度指标值",
            "实际完成值",
            "分值",
            "得分",
        ),
        "偏差原因分析及改进措施",
    ],
]
BODY: list[list[object]] = [
    ["", "产出指标（50分）", "数量指标", "指标1："],
    ["", "", "质量指标", "指标1："],
    ["", "", "时效指标", "指标1："],
    ["", "效益指标（30分）", "社会效益指标", "……"],
    ["", "", "可持续影响指标", ""],
    ["", "满意度指标（10分）", "服务对象\n满意度指标", "指标1："],
    ["总分", "", "", "", "", "", "=SUM(G12:G17)+G6", "=SUM(H12:H17)+I6"],
    ["填报人：　　　　　联系电话：　　　　　填报日期："],
]
MERGES = [
    *("A1:I1", "A2:I2", "A3:B3", "C3:I3", "A4:B4", "C4:D4", "F4:I4", "B6:C6", "B7:C7", "B8:C8"),
    *("B9:E9", "F9:I9", "B10:E10", "F10:I10", "A9:A10", "A11:A17", "B12:B14", "B15:B16", "A18:F18"),
    "A19:I19",
]


@pytest.fixture(scope="module")
def project(tools: Any, full: Session, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    folder = tmp_path_factory.mktemp("form")
    template = _blank(folder / "自评表.xlsx", [*HEAD, *BODY], MERGES)
    return fill(_material(full, tools), template, folder / "out")[0]


def _material(session: Session, tools: Any) -> Material:
    return Material(session, score_session(session, tools.find), tools.find)


def _grid(path: Path) -> dict[str, Any]:
    return {
        cell.coordinate: cell.value
        for row in _active(path).iter_rows()
        for cell in row
        if cell.value is not None
    }


def test_a_projects_form_is_filled_by_its_labels(project: Filled) -> None:
    cells = _grid(project.path)
    assert project.path.name == "201001新乡市科学技术协会_2024年度_自评表_1.科普工作经费.xlsx"
    assert (cells["A2"], cells["C3"], cells["F4"]) == ("（ 2024 年度）", "科普工作经费", "科普部")
    assert [cells[f"{column}6"] for column in "DEFGHI"] == [40, 42.37, 40.87, 10, 0.9646, 9.65]
    assert [cells[f"{column}7"] for column in "DEF"] == [40, 40, 38.5]
    assert [cells[f"{column}8"] for column in "DEF"] == [0, 2.37, 2.37]
    assert cells["B10"].startswith("组织专家院士报告会")
    assert cells["F10"].startswith("举办各类科普活动")
    # the form has a column for the rows' reasons and none for the project's own
    assert project.missing == ("偏差原因“三场培训推迟，资金未全部支付”：模板里没有单独的一行",)
    assert project.placed > 40


def test_the_forms_own_sums_stand_with_their_values(project: Filled, tools: Any) -> None:
    """A preview, or another program, reads 总分 without computing: as a spreadsheet gives it."""
    shown: Any = openpyxl.load_workbook(project.path, data_only=True).active
    row = next(row for row in range(12, 30) if shown.cell(row, 1).value == "总分")
    assert [shown.cell(row, column).value for column in (7, 8)] == [100, 85.9]
    assert f"Sheet!H{row}：模板的公式得 85.9，核算为 95.9，请核对" in project.notes  # 不适用折算
    assert tools.differing(project.path, tools.by_ironcalc) == {}


def test_a_row_for_the_reasons_of_the_whole_project_is_filled(
    tools: Any, full: Session, tmp_path: Path
) -> None:
    label: list[list[object]] = [["偏差原因分析及改进措施", "", ""], ["   "]]
    template = _blank(tmp_path / "自评表.xlsx", [*HEAD, *BODY, *label])
    first = fill(_material(full, tools), template, tmp_path / "out")[0]
    assert first.missing == ()
    (row,) = (row for row in _active(first.path).iter_rows() if row[0].value == label[0][0])
    assert row[1].value == "三场培训推迟，资金未全部支付"


def test_a_group_with_too_few_rows_gets_more(project: Filled) -> None:
    cells = _grid(project.path)
    assert [cells["D12"], cells["D13"]] == ["举办主题科普活动场次", "科普惠农技术培训人次"]
    assert [cells[f"{column}13"] for column in "EFGH"] == ["≥2000人次", 1500, 15, 11.25] or cells[
        "F13"
    ] == "1500"
    assert "C12:C13" in _merged(project.path)  # 二级指标 over both
    assert {"B12:B15", "A11:A18", "A19:F19"} <= _merged(project.path)


def _active(path: Path) -> Any:
    return openpyxl.load_workbook(path).active


def _merged(path: Path) -> set[str]:
    return {str(area) for area in _active(path).merged_cells.ranges}


def test_formulas_move_with_the_rows_and_are_not_overwritten(project: Filled) -> None:
    cells = _grid(project.path)
    assert cells["G19"] == "=SUM(G12:G18)+G6"
    assert cells["H19"] == "=SUM(H12:H18)+I6"


def test_the_look_of_the_form_stays(project: Filled) -> None:
    sheet = _active(project.path)
    for row in sheet.iter_rows(12, 18):
        for cell in row:
            assert cell.border.left.style == "thin"
            if not isinstance(cell, MergedCell):  # inside a merged area only borders are read
                assert (cell.font.name, cell.font.size) == ("仿宋", 11)
    assert sheet["H6"].number_format == "0.00%"


def test_signatures_are_written_behind_their_colons(project: Filled) -> None:
    told = _grid(project.path)["A20"]
    assert "填报人：填报人乙" in told
    assert "填报日期：2025-03-04" in told
    assert "联系电话：" in told


def test_a_project_of_rates_has_no_rows_to_fill(
    tools: Any, sample: Session, tmp_path: Path
) -> None:
    template = _blank(tmp_path / "t.xlsx", [*HEAD, *BODY], MERGES)
    filled = fill(_material(sample, tools), template, tmp_path / "out")
    assert len(filled) == 8
    assert "产出指标得分率 91.9%：没有三级指标，不能填入指标行" in filled[5].missing
    assert _grid(filled[5].path)["D12"] == "指标1："


DEPARTMENT: list[list[object]] = [
    ["部门整体支出绩效自评表"],
    ["单位名称：", "", "", "", "", "", ""],
    ["一级指标", "二级指标", "三级指标", "指标值", "实际完成值", "分值", "自评得分", "扣分原因"],
    ["预算执行率", "", "预算执行率", "", "", 10],
    ["投入管理", "工作目标管理", "年度履职目标相关性", "", "", 2],
    ["", "预算和财务管理", "预算调整率", "", "", 3],
    ["", "", "资产管理规范性"],
    ["合计"],
]


def test_a_departments_form_takes_rows_by_name(tools: Any, full: Session, tmp_path: Path) -> None:
    template = _blank(tmp_path / "整体.xlsx", DEPARTMENT)
    (filled,) = fill(_material(full, tools), template, tmp_path / "out")
    cells = _grid(filled.path)
    assert cells["A2"] == "单位名称：新乡市科学技术协会  "
    assert [cells["E4"], cells["G4"]] == [0.8853, 8.85]
    rows = {row[2]: row for row in _active(filled.path).values if row[2]}
    assert rows["年度履职目标相关性"][4:7] == ("相关", 2, 2)
    assert rows["预算调整率"][3:7] == ("≤10%", 0.2551, 3, 0)
    assert rows["预算编制完整性"][6] is not None  # a row was put in for it
    assert "投入管理指标 · 预算调整率 分值：模板里已有别的内容" in filled.missing
    assert any("履职效益" in told or "效益指标" in told for told in filled.missing)


SUMMARY: list[list[object]] = [
    ["部门（单位）项目支出自评汇总表"],
    ["部门（单位）名称："],
    [
        *("序号", "项目名称", "全年预算数\n(万元)", "执行数\n(万元)", "执行率", "产出指 标得分 率"),
        *("效益指标得分率", "满意度指标得分率", "自评得 分", "偏差原因"),
    ],
    [None] * 10,
    [None] * 10,
    ["合计", None, "=SUM(C4:C5)"],
    ["注：按实际填写"],
]


def test_a_list_gets_as_many_rows_as_projects(tools: Any, sample: Session, tmp_path: Path) -> None:
    template = _blank(tmp_path / "汇总.xlsx", SUMMARY)
    (filled,) = fill(_material(sample, tools), template, tmp_path / "out")
    sheet = _active(filled.path)
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(4, 13)]
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5, 6, 7, 8, "合计", "注：按实际填写"]
    assert rows[5][2:9] == [30, 26.6, 0.8867, 0.919, 0.8333, 1, 89.82]
    assert rows[8][2:4] == ["=SUM(C4:C11)", 140.14]
    assert sheet["A2"].value == "部门（单位）名称：新乡市科学技术协会  "
    assert sheet["B11"].border.left.style == "thin"


@pytest.mark.parametrize(
    "trap", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "-2", "\t=1", '=HYPERLINK("x")']
)
def test_what_is_typed_stays_a_text(tools: Any, full: Session, tmp_path: Path, trap: str) -> None:
    project = full.projects["p1"].model_copy(update={"goal": trap, "deviation_reason": trap})
    session = full.model_copy(update={"projects": {"p1": project}, "project_order": ("p1",)})
    template = _blank(tmp_path / "t.xlsx", [*HEAD, *BODY], MERGES)
    (filled,) = fill(_material(session, tools), template, tmp_path / "out")
    cell = _active(filled.path)["B10"]
    assert (cell.data_type, cell.value) == ("s", trap)
    assert cell.quotePrefix


def test_what_is_no_form_is_told(tools: Any, sample: Session, tmp_path: Path) -> None:
    material = _material(sample, tools)
    with pytest.raises(PerfevalError, match="没有找到"):
        fill(material, _blank(tmp_path / "t.xlsx", [["随便"]]), tmp_path / "out")
    (tmp_path / "bad.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(PerfevalError, match="损坏"):
        fill(material, tmp_path / "bad.xlsx", tmp_path / "out")
    alone = _blank(tmp_path / "p.xlsx", [*HEAD, *BODY], MERGES)
    empty = sample.model_copy(update={"projects": {}, "project_order": ()})
    with pytest.raises(PerfevalError, match="没有参加自评的项目"):
        fill(_material(empty, tools), alone, tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- rows put in -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "moved"),
    [
        ("=SUM(G3:G5)", "=SUM(G3:G7)"),  # ends at the row repeated: it grows
        ("=G5", "=G5"),
        ("=G6+$G$7", "=G8+$G$9"),
        ("=SUM(G1:G4)", "=SUM(G1:G4)"),
        ('=IF(A6="G6:G9",LOG10(B6),0)', '=IF(A8="G6:G9",LOG10(B8),0)'),
        ("=表!A6+'别 的'!A6", "=表!A8+'别 的'!A6"),
    ],
)
def test_what_formulas_read_moves(formula: str, moved: str) -> None:
    assert moved_formula(formula, "表", 5, 2, same=True) == moved


@given(last=st.integers(1, 8), count=st.integers(1, 5))
def test_a_sum_counts_the_same_cells_after_rows_are_put_in(last: int, count: int) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in range(1, 9):
        sheet.cell(row, 1, 2**row)
    sheet["B1"] = "=SUM(A1:A8)"
    sheet["C1"] = "=A8"
    insert_after(sheet, last, count)
    moved = {cell.row: cell.value for cell in sheet["A"] if cell.value is not None}
    assert sorted(moved.values()) == [2**row for row in range(1, 9)]
    first, end = (int(part) for part in sheet["B1"].value[6:-1].replace("A", "").split(":"))
    assert sum(value for row, value in moved.items() if first <= row <= end) == 510
    assert moved[int(sheet["C1"].value[2:])] == 256


_LIST_OF_TWO_ROWS: list[list[object]] = [
    ["2024年度项目支出绩效自评汇总表"],
    ["填报单位：", None, None, None, None, "单位：元"],
    ["序号", "项目名称", "项目资金", None, None, "自评总分"],
    [None, None, "全年预算数", "全年执行数", "执行率（%）", None],
    [1, None, None, None, "=D5/C5"],
    [2, None, None, None, "=D6/C6"],
    ["合计", None, "=SUM(C5:C6)", "=SUM(D5:D6)"],
    ["填报人：", None, None, None, None, "填报日期：    年  月  日"],
]


def test_a_list_with_a_heading_of_two_rows_in_yuan(
    tools: Any, sample: Session, tmp_path: Path
) -> None:
    """Every amount and score of the eight projects is there, also where rows were put in."""
    merges = ["C3:E3", "A3:A4", "B3:B4", "F3:F4"]
    blank = _blank(tmp_path / "汇总表.xlsx", _LIST_OF_TWO_ROWS, merges)
    (done,) = fill(_material(sample, tools), blank, tmp_path)
    assert not done.missing
    sheet: Any = openpyxl.load_workbook(done.path).worksheets[0]
    rows = list(sheet.values)
    assert [row[2:4] for row in rows[4:12]] == [
        *[(423700, 423700), (75300, 75300), (50000, 50000), (50000, 50000)],
        *[(100000, 100000), (300000, 266000), (30000, 29900), (406500, 406500)],
    ]
    assert [row[5] for row in rows[4:12]] == [100, 100, 100, 94, 100, 89.82, 99.97, 100]
    assert [row[4] for row in rows[4:12]] == [f"=D{at}/C{at}" for at in range(5, 13)]
    assert rows[12][2] == "=SUM(C5:C12)"
    assert str(rows[13][5]).strip() == "填报日期：2025-03-04"


def test_the_funds_of_a_department_are_filled(tools: Any, sample: Session, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["部门整体支出绩效自评表"],
        ["资金（元）", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
        ["年度资金总额"],
        ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"],
        ["投入管理指标", "工作目标管理", "年度履职目标相关性"],
    ]
    blank = _blank(tmp_path / "部门.xlsx", rows)
    (done,) = fill(_material(sample, tools), blank, tmp_path)
    sheet: Any = openpyxl.load_workbook(done.path).worksheets[0]
    found = [cell.value for cell in sheet[3]][1:]
    assert found == [6677700, 8381000, 7419900, 10, pytest.approx(741.99 / 838.1, abs=5e-5), 8.85]
