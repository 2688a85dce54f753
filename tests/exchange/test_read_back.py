"""The workbook as another program reads it: sheets, formulas, notes, print settings, texts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from perfeval.errors import PerfevalError
from perfeval.exchange.workbook import export_workbook, sheets
from perfeval.scoring.engine import score_session
from perfeval.scoring.scorecard import Scorecard
from perfeval.session.model import Session

LANDSCAPE = [
    "自评汇总表",
    "得分情况表",
    "部门整体自评表",
    "扣分明细表",
    "整改台账",
    "审核报告",
    "基础数据",
    "核对",
]
HEADER = {"核对": 4, "审核报告": 4}
"""The row that is repeated on every page, where it is not the third."""
HEAD = [
    *("序号", "项目名称", "全年预算数\n(万元)", "执行数\n(万元)", "执行率", "产出指标\n得分率"),
    *("效益指标\n得分率", "满意度指标\n得分率", "自评得分", "偏差原因"),
]


@pytest.fixture(scope="module")
def values(sample_book: Path) -> Any:
    return openpyxl.load_workbook(sample_book, data_only=True)


@pytest.fixture(scope="module")
def formulas(sample_book: Path) -> Any:
    return openpyxl.load_workbook(sample_book)


def test_the_sheets(values: Any) -> None:
    names = values.sheetnames
    projects = [name for name in names if name[0].isdecimal()]
    assert [name for name in names if name not in projects] == [
        *("自评汇总表", "得分情况表", "部门整体自评表", "得分图", "扣分明细表", "整改台账"),
        *("审核报告", "基础数据", "核对"),
    ]
    assert len(projects) == 8
    assert projects[0] == "1.科普工作经费"
    assert projects[5] == "6.2024年省级科普与学会服…”暨新乡产业集群科技赋能行动"
    assert all(len(name) <= 31 for name in names)


def test_the_summary_prints_the_seeds_columns_and_scores(values: Any) -> None:
    sheet = values["自评汇总表"]
    assert sheet["A1"].value == "部门（单位）项目支出自评汇总表"
    assert sheet["A2"].value == "部门（单位）名称：新乡市科学技术协会"
    assert [cell.value for cell in sheet[2] if cell.value][-1] == "单位：万元"
    assert [cell.value for cell in sheet[3]] == HEAD
    assert [sheet.cell(row, 9).value for row in range(4, 12)] == [
        *(100, 100, 100, 94, 100, 89.82, 99.97, 100),
    ]
    assert [sheet.cell(row, 9).number_format for row in (4, 7, 9)] == ["General", "General", "0.00"]
    assert [sheet.cell(9, column).value for column in range(3, 9)] == [
        *(30, 26.6, 0.8867, 0.919, 0.8333, 1),
    ]
    assert sheet["A12"].value == "合计"
    assert (sheet["C12"].value, sheet["D12"].value, sheet["E12"].value) == (143.55, 140.14, 0.9762)
    told = sheet["A13"].value
    assert "第七次代表大会会议经费" in told
    assert "此次大会未召开" in told


def test_the_score_table(values: Any) -> None:
    rows = [[cell.value for cell in row] for row in values["得分情况表"]["A3:F8"]]
    assert rows == [
        ["一级指标", "预算执行情况", "投入管理指标", "产出指标", "效益指标", "合计"],
        ["权重", 10, 30, 25, 35, 100],
        ["得分率", 0.8853, 0.9333, 0.982, 1, 0.964],
        ["得分", 8.85, 28, 24.55, 35, 96.4],
        ["可信程度", "公开资料", "拟定", "拟定", "拟定", "拟定"],
        ["评价等级", "优", None, None, None, None],
    ]
    below = "".join(str(row[0].value) for row in values["得分情况表"]["A9:A12"])
    assert "96.40 优 按拟定规则" in below
    assert "优（90 分起）" in below


def test_the_form_tells_what_each_score_rests_on(values: Any, formulas: Any) -> None:
    rows = {row[2].value: row for row in values["部门整体自评表"].iter_rows(min_row=4)}
    adjusted = rows["预算调整率"]
    assert adjusted[3].value.startswith("(全年预算数-年初预算数-可剔除调整数)÷年初预算数")
    assert [cell.value for cell in adjusted[4:10]] == ["≤10%", 0.2551, 2, 0, None, 0]
    assert adjusted[11].value == "拟定"
    public = rows["预决算信息公开性"]
    assert [cell.value for cell in public[6:10]] == [2, None, 2, 2]
    assert "2024 年预算信息已公开" in public[10].value
    assert public[11].value == "人工\n拟定"
    assert rows["年度履职目标相关性"][5].value == "相关"
    assert rows["重点工作1计划完成率"][9].value == 4.75
    assert rows["重点工作1计划完成率"][11].value == "未证实\n拟定"
    note = formulas["部门整体自评表"].cell(adjusted[9].row, 10).comment.text
    assert "25.51%" in note
    assert "838.1" in note
    notes = [c for row in formulas["部门整体自评表"].iter_rows() for c in row if c.comment]
    assert len(notes) == 28  # 27 三级指标 and 预算执行率


def test_every_figure_of_the_forms_is_a_formula(formulas: Any) -> None:
    form = formulas["部门整体自评表"]
    for row in form.iter_rows(min_row=4, max_row=43):
        assert str(row[9].value).startswith("=")
    for cell in formulas["得分情况表"]["B4:F6"][2]:
        assert str(cell.value).startswith("=")
    for row in range(4, 12):
        for column in range(3, 10):
            assert str(formulas["自评汇总表"].cell(row, column).value).startswith("=")
    assert formulas["自评汇总表"]["E4"].value == "='1.科普工作经费'!N6"
    assert formulas["1.科普工作经费"]["H6"].value == (
        '=IF(AND(ISNUMBER(F6),ISNUMBER(E6)),IF(ROUND(E6,12)=0,0,ROUND(F6/E6,4)),"")'
    )


def test_merged_tiers(formulas: Any) -> None:
    merged = {str(area) for area in formulas["部门整体自评表"].merged_cells.ranges}
    assert {"A1:L1", "A4:A5"} <= merged
    assert any(re.fullmatch(r"A6:A\d+", area) for area in merged)
    names = [formulas["部门整体自评表"].cell(row, 1).value for row in range(4, 45)]
    assert [name for name in names if name and "续" not in name] == [
        *("预算执行情况", "投入管理指标", "产出指标", "效益指标", "合计", "评价等级"),
    ]


@pytest.mark.parametrize("name", LANDSCAPE)
def test_print_settings(formulas: Any, name: str) -> None:
    sheet = formulas[name]
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 9
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    header = HEADER.get(name, 3)
    assert sheet.print_title_rows == f"${header}:${header}"
    assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert sheet.freeze_panes == f"A{header + 1}"
    assert {cell.font.name for row in sheet.iter_rows() for cell in row if cell.value} == {"宋体"}


def test_checklists_take_only_yes_and_no(formulas: Any) -> None:
    sheet = formulas["基础数据"]
    asked = {
        str(area): rule.formula1
        for rule in sheet.data_validations.dataValidation
        for area in rule.sqref.ranges
    }
    elements = [row for row in sheet.iter_rows(min_row=4) if row[3].value == "1是0否"]
    assert len(elements) == 24
    assert all(asked[row[2].coordinate] == '"1,0"' for row in elements)


def test_equal_sessions_give_equal_files(tools: Any, sample: Session, tmp_path: Path) -> None:
    one = tools.write(sample, tmp_path / "one").read_bytes()
    assert one == tools.write(sample, tmp_path / "two").read_bytes()


# --- what somebody may have typed -------------------------------------------------------------

TRAPS = ["=1+1", "@SUM(A1:A9)", "+cmd|' /C calc'!A0", "-2+3", "\t=1+1", "{=1}", "http://a.b/c"]


@pytest.mark.parametrize("trap", TRAPS)
def test_typed_texts_stay_texts(tools: Any, tmp_path: Path, trap: str) -> None:
    def session(text: str) -> Session:
        row = {"group": "重点工作任务完成", "points": "15", "name": text, "unit": text[:5]}
        row |= {"actual": text, "target": text, "deviation_reason": text, "basis": text}
        department = {
            "set": "henan-department-2024",
            "inputs": {"年初预算数": {"value": text, "source": text, "note": text}},
            "answers": {"B10": {"manual_score": "2", "manual_reason": text}},
            "rows": {"D1": row},
        }
        project = {"set": "mof-project-2020", "name": text, "tier_rates": {"产出指标": text}}
        project |= {"deviation_reason": text}
        projects = {"p": project, "q": {"set": "mof-project-2020", "name": text, "excluded": text}}
        return Session.model_validate(
            {
                "id": "typed",
                "unit": {"name": text},
                "year": 2024,
                "department": department,
                "projects": projects,
            }
        )

    plain = tools.formula_cells(tools.write(session("普通文字"), tmp_path / "plain"))
    book = tools.write(session(trap), tmp_path / "trap")
    trapped = tools.formula_cells(book)

    def places(cells: dict[tuple[str, str], object]) -> set[tuple[str, str]]:
        return {("1." if sheet[0] == "1" else sheet, cell) for sheet, cell in cells}

    assert places(trapped) == places(plain)
    names = re.compile(r"'(?:[^']|'')*'")
    assert all(trap not in names.sub("", cell.formula) for cell in trapped.values())
    texts = {
        cell.value
        for sheet in openpyxl.load_workbook(book)
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "s"
    }
    assert trap in texts
    assert not any(
        cell.hyperlink for row in openpyxl.load_workbook(book)["自评汇总表"] for cell in row
    )
    assert tools.differing(book, tools.by_ironcalc) == {}


# --- parts that are not there -----------------------------------------------------------------


def _names(session: Session, tools: Any) -> list[str]:
    made = sheets(session, score_session(session, tools.find), tools.find)
    return [sheet.name for sheet in made if not sheet.name[0].isdecimal()]


REST = ["得分图", "扣分明细表", "整改台账", "审核报告"]


def test_no_projects_no_summary(tools: Any, sample: Session) -> None:
    alone = sample.model_copy(update={"projects": {}, "project_order": ()})
    assert _names(alone, tools) == ["得分情况表", "部门整体自评表", *REST, "基础数据", "核对"]


def test_no_department_no_form(tools: Any, sample: Session) -> None:
    projects = sample.model_copy(update={"department": None})
    assert _names(projects, tools) == ["自评汇总表", *REST, "核对"]


def test_projects_that_are_all_excluded(tools: Any, tmp_path: Path) -> None:
    project = {"set": "mof-project-2020", "name": "大会经费", "excluded": "未召开"}
    base = {"id": "none", "unit": {"name": "某某局"}, "year": 2024, "projects": {"p": project}}
    book = tools.write(Session.model_validate(base), tmp_path)
    texts = [cell.value for cell in openpyxl.load_workbook(book)["自评汇总表"]["A"]]
    assert "未列入本表的项目：大会经费。未召开" in texts
    assert tools.sheet_names(book) == ["自评汇总表"]


def test_nothing_to_write_is_said(sample: Session, tmp_path: Path) -> None:
    empty = sample.model_copy(update={"department": None, "projects": {}})
    with pytest.raises(PerfevalError, match="没有可导出的内容"):
        export_workbook(empty, Scorecard(None, []), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_project_with_rows_is_written_out(tools: Any, tmp_path: Path) -> None:
    rows = {
        "a": {
            "group": "数量指标",
            "name": "活动",
            "points": "50",
            "target": "≥8场",
            "unit": "场",
            "actual": "7",
        },
        "b": {
            "group": "社会效益指标",
            "name": "受益",
            "points": "30",
            "target": "≥1万人",
            "unit": "人",
            "actual": "9",
        },
        "c": {
            "group": "服务对象满意度指标",
            "name": "满意度",
            "points": "10",
            "target": "≥90%",
            "unit": "%",
            "numerator": "45",
            "denominator": "48",
        },
    }
    project: dict[str, object] = {"set": "mof-project-2020", "name": "科普", "rows": rows}
    project["funds"] = {"f": {"budget": "30", "executed": "26.6"}}
    base = {"id": "rows", "unit": {"name": "某某局"}, "year": 2024, "projects": {"p": project}}
    session = Session.model_validate(base)
    assert _names(session, tools) == ["自评汇总表", *REST, "核对"]
    book = tools.write(session, tmp_path)
    cells = tools.formula_cells(book)
    assert cells["自评汇总表", "E4"].cached == 0.8867
    assert cells["自评汇总表", "F4"].cached == 0.875  # 43.75 of 50
    result = score_session(session, tools.find).projects[0].result
    assert cells["自评汇总表", "I4"].cached == pytest.approx(float(result.total))  # type: ignore[union-attr]


def test_a_scheme_with_a_cost_tier_shows_its_column(tools: Any, tmp_path: Path) -> None:
    rates = {"成本指标": "90%", "产出指标": "100%", "效益指标": "100%", "满意度指标": "100%"}
    money = {"funds": {"f": {"budget": "10", "executed": "10"}}}
    one = {
        "set": "mof-project-2020",
        "name": "甲",
        "weight_scheme": "cost-tier",
        "tier_rates": rates,
    }
    two = {
        "set": "mof-project-2020",
        "name": "乙",
        "tier_rates": {k: v for k, v in rates.items() if k != "成本指标"},
    }
    base = {"id": "cost", "unit": {"name": "某某局"}, "year": 2024}
    projects = {"p": {**one, **money}, "q": {**two, **money}}
    book = tools.write(Session.model_validate({**base, "projects": projects}), tmp_path)
    sheet = openpyxl.load_workbook(book, data_only=True)["自评汇总表"]
    assert [str(cell.value).replace("\n", "") for cell in sheet[3]][4:10] == [
        *(
            "执行率",
            "成本指标得分率",
            "产出指标得分率",
            "效益指标得分率",
            "满意度指标得分率",
            "自评得分",
        ),
    ]
    assert [cell.value for cell in sheet[4]][5:10] == [0.9, 1, 1, 1, 98]
    assert [cell.value for cell in sheet[5]][5:10] == ["—", 1, 1, 1, 100]


def test_an_unfinished_project_has_no_score(tools: Any, tmp_path: Path) -> None:
    project = {"set": "mof-project-2020", "name": "甲", "tier_rates": {"产出指标": "100%"}}
    base = {"id": "open", "unit": {"name": "某某局"}, "year": 2024, "projects": {"p": project}}
    book = tools.write(Session.model_validate(base), tmp_path)
    assert tools.formula_cells(book)["自评汇总表", "I4"].cached == ""
    opened = tools.Opened(book)
    for cell, text in (("E6", "10"), ("F6", "9"), ("F14", "1"), ("F15", "0.5")):
        assert opened.value("自评汇总表", "I4") == ""
        opened.enter("1.甲", cell, text)
    assert opened.value("自评汇总表", "I4") == 94  # 9 + 50 + 30 + 5
    assert opened.value("核对", "J3") == "全部一致"
