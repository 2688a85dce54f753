"""Checking workbooks as they were handed in, as a ratio to calamine only reading them.

``python -m benchmarks.intake`` writes one table. Each of 500 workbooks is one 项目自评表 with funds
and 15 indicators; the floor opens the same files and takes every value. Steps add up: each does
what the one before does and more; the last also reads the files from the disk.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook

from benchmarks.measure import RUNS, cpu_seconds
from perfeval.exchange.intake.folder import check_folder
from perfeval.exchange.intake.grids import grids_of
from perfeval.exchange.intake.handed import handed_in
from perfeval.exchange.intake.reading import reading_of
from perfeval.indicators.library import find, set_files

FILES = 500
GROUPS = (
    ("产出指标", "数量指标"),
    ("效益指标", "社会效益指标"),
    ("满意度指标", "服务对象满意度指标"),
)


def form(number: int) -> bytes:
    """Return one unit's form; no two are alike."""
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


def main() -> None:
    """Measure and print."""
    files = [form(number) for number in range(FILES)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, data in enumerate(files):
            (folder / f"{number:03}.xlsx").write_bytes(data)
        found = {step: cpu_seconds(work) for step, work in steps(files, folder).items()}
    base = found["calamine, values only"]
    print(f"{FILES} workbooks, CPU seconds, median of {RUNS}")
    for step, taken in found.items():
        each = f"{taken / FILES * 1000:6.2f} ms each"
        print(f"  {step:32} {taken:7.2f} s  {each}  {taken / base:6.1f} ×")


if __name__ == "__main__":
    main()
