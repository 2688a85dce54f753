"""Checking workbooks as they were handed in, as a ratio to calamine only reading them.

``python -m benchmarks.intake`` prints a table for each kind of file. *Bare* workbooks hold one
项目自评表 with funds and 15 indicators and nothing else: no office makes them, but what is above
the floor is plainest there. *As handed in* are the two that come: our own export of a project and a
form as Excel and WPS save it, with merged levels, borders, fonts, texts of its own in every file,
a second sheet, and rows that are formatted and empty. The floor opens the same files and takes
every value. Steps add up: each does what the one before does and more; the last also reads the
files from the disk. The line below a table is time by the clock.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from time import perf_counter
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from python_calamine import CalamineWorkbook

from benchmarks.exchange import session_of
from benchmarks.measure import RUNS, cpu_seconds, seconds
from perfeval.exchange.book import Material
from perfeval.exchange.documents import chosen, made, together
from perfeval.exchange.intake.folder import check_folder
from perfeval.exchange.intake.grids import grids_of
from perfeval.exchange.intake.handed import handed_in
from perfeval.exchange.intake.reading import reading_of
from perfeval.exchange.writer import render
from perfeval.indicators.library import find, set_files
from perfeval.scoring.engine import score_session

FILES = 500
HANDED_IN = 200
GROUPS = (
    ("产出指标", "数量指标"),
    ("效益指标", "社会效益指标"),
    ("满意度指标", "服务对象满意度指标"),
)


def form(number: int) -> bytes:
    """Return one unit's form with nothing but its values; no two are alike."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    page = book.add_worksheet("自评表")
    spent = 80 + number % 20
    rows: list[list[str | float | None]] = [
        ["项目支出绩效自评表"],
        ["（2024年度）"],
        ["项目名称", f"专项业务经费（{number}）", None, "实施单位", f"某市第{number}中心"],
        ["项目资金（万元）", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
        ["年度资金总额", 100, 100, spent, 10, f"{spent}.00%", spent / 10],
        ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"],
    ]
    for at in range(15):
        l1, l2 = GROUPS[0 if at < 9 else 1 if at < 14 else 2]
        points = 5.5 if at < 8 else 6 if at < 14 else 10
        rows.append(
            [l1, l2, f"完成任务数量{at}", "≥90%", f"{85 + (number + at) % 16}%", points, points]
        )
    rows.append(["总分", None, None, None, None, 100, 98])
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if value is not None:
                page.write(r, c, value)
    book.close()
    return made.getvalue()


def exports(count: int) -> list[bytes]:
    """Return our own 项目支出绩效自评表 of so many projects, a workbook each."""
    whole, files = session_of(count), []
    for key, project in whole.projects.items():
        session = whole.model_copy(update={"projects": {key: project}, "project_order": (key,)})
        material = Material(session, score_session(session, find), find)
        picked = chosen(session, ["项目支出绩效自评表"])
        files.append(render(together(made(material), picked, session), "项目支出绩效自评表"))
    return files


TEXTS = (
    "围绕年度重点工作组织实施，按月调度进度，资金支付与合同约定一致，成果已提交主管部门备案。",
    "受上年结转项目影响，第一季度进度略慢，第二季度起增派人员，年底前全部完成并通过验收。",
    "群众来信反映的问题已逐件答复，满意度调查采用随机抽样，原始问卷装订成册，以备核查。",
)
WIDTHS = (10, 14, 20, 30, 16, 16, 8, 8, 30)
EDGE = Side(style="thin", color="FF000000")
BOX = Border(left=EDGE, right=EDGE, top=EDGE, bottom=EDGE)
MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)


def styled(number: int) -> bytes:
    """Return a form as Excel and WPS save it: every cell of the page formatted, levels merged."""
    book = openpyxl.Workbook()
    page: Any = book.active
    page.title = "自评表"
    spent = 80 + number % 20
    unit = f"某市第{number}中心"
    rows: list[list[Any]] = [
        ["项目支出绩效自评表"],
        ["（2024年度）"],
        ["项目名称", None, f"专项业务经费（{number}）", None, None, "实施单位", None, unit],
        ["项目资金\n（万元）", None, None, "年初预算数", "全年预算数", "全年执行数", "分值",
         "执行率", "得分"],
        [None, "年度资金总额", None, 100, 100, spent, 10, spent / 100, spent / 10],
        [None, "其中：当年财政拨款", None, 100, 100, spent],
        [None, "上年结转资金", None, 0, 0, 0],
        ["年度总体目标", "预期目标", None, None, None, "实际完成情况"],
        [None, f"{number}.{TEXTS[number % 3]}", None, None, None, f"{number}.{TEXTS[1]}"],
        ["绩效指标", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分",
         "偏差原因分析及改进措施"],
    ]  # fmt: skip
    for at in range(15):
        l1, l2 = GROUPS[0 if at < 9 else 1 if at < 14 else 2]
        full: float = 5.5 if at < 8 else 6 if at < 14 else 10
        done = 85 + (number + at) % 16
        name, why = f"第{number}批任务{at}完成情况", f"{number}-{at}：{TEXTS[at % 3]}"
        goal, score = "≥90%", full if done >= 90 else round(full * done / 90, 2)
        missed = why if done < 90 else None
        rows.append([None, l1, l2, name, goal, done / 100, full, score, missed])
    rows.append(["总分", *[None] * 5, 100, round(sum(row[7] for row in rows[10:]) + spent / 10, 2)])
    rows.append(["填报人：", None, None, "联系电话：", None, "填报日期："])
    for row in rows:
        page.append(row)
    for area in ("A1:I1", "A2:I2", "C3:E3", "H3:I3", "A4:A7", "A8:A9", "B9:E9", "F9:I9",
                 "A10:A25", "B11:B19", "C11:C19", "B20:B24", "C20:C24", "A26:F26"):  # fmt: skip
        page.merge_cells(area)
    for line in page.iter_rows(min_row=1, max_row=60, max_col=len(WIDTHS)):
        for cell in line:
            cell.border, cell.alignment, cell.font = BOX, MIDDLE, Font(name="宋体", size=10.5)
    for at in range(11, 26):
        page.cell(at, 6).number_format = "0.00%"
    for cell in page[10]:
        cell.fill = PatternFill("solid", fgColor="FFD9E1F2")
    for at, width in enumerate(WIDTHS):
        page.column_dimensions["ABCDEFGHI"[at]].width = width
    notes: Any = book.create_sheet("填表说明")
    for text in TEXTS * 8:
        notes.append([text])
    made_of = io.BytesIO()
    book.save(made_of)
    return made_of.getvalue()


def floor(files: list[bytes]) -> int:
    """Take every value of every file."""
    cells = 0
    for data in files:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in book.sheet_names:
            cells += sum(map(len, book.get_sheet_by_name(name).to_python()))
    return cells


def steps(files: list[bytes], folder: Path) -> dict[str, Callable[[], object]]:
    """Return the works to measure, each doing what the one before does and more."""
    sets, known = tuple(set_files(None)), cache(find)

    def forms() -> list[object]:
        return [reading_of(grids_of(data, "x"), "x") for data in files]

    def sessions() -> list[object]:
        return [handed_in([reading_of(grids_of(d, "x"), "x")], known, sets) for d in files]

    def scored() -> list[object]:
        return [handed_in([reading_of(grids_of(d, "x"), "x")], known, sets).card for d in files]

    return {
        "calamine, values only": lambda: floor(files),
        "grids (counted, re-packed)": lambda: [grids_of(data, "x") for data in files],
        "+ forms found by labels": forms,
        "+ placed in a session": sessions,
        "+ scored": scored,
        "+ checked, one table (folder)": lambda: check_folder(folder, find, sets),
    }


def measure(title: str, files: list[bytes]) -> None:
    """Measure one kind of workbook and print its table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, data in enumerate(files):
            (folder / f"{number:03}.xlsx").write_bytes(data)
        found = {step: cpu_seconds(work) for step, work in steps(files, folder).items()}
        sets = tuple(set_files(None))
        wall = seconds(partial(check_folder, folder, find, sets), perf_counter)
    base, count = found["calamine, values only"], len(files)
    size = sum(map(len, files)) / count / 1000
    print(f"{count} workbooks, {title}, {size:.0f} KB each; CPU seconds, median of {RUNS}")
    for step, taken in found.items():
        each = f"{taken / count * 1000:6.2f} ms each"
        print(f"  {step:32} {taken:7.2f} s  {each}  {taken / base:6.1f} ×")
    print(f"  the folder takes {wall:.2f} s by the clock")


def main() -> None:
    """Measure and print."""
    measure("bare", [form(number) for number in range(FILES)])
    half = HANDED_IN // 2
    measure("as handed in", [*exports(half), *(styled(number) for number in range(half))])


if __name__ == "__main__":
    main()
