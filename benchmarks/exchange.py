"""A workbook of 1,000 projects, as a ratio to xlsxwriter writing the very same cells.

``python -m benchmarks.exchange`` prints one table. The floor is a bare loop over lists made
beforehand: the same texts, numbers, formulas with their values, notes, merges, heights and data
validations, in the same formats. What is above it is what perfeval adds: the checks of 审核报告,
the formulas, the layout, the pages and the second computation of 核对. The second line is the same
floor on perfeval's own worksheet, which spares each formula a search xlsxwriter makes.
"""

from __future__ import annotations

import gc
import os
import tempfile
from io import BytesIO
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import xlsxwriter

from perfeval.exchange.book import Material
from perfeval.exchange.documents import applicable, made, together
from perfeval.exchange.layout import Sheet
from perfeval.exchange.workbook import export
from perfeval.exchange.writer import Page
from perfeval.indicators.library import find
from perfeval.scoring.engine import score_session
from perfeval.session.model import Session

PROJECTS = int(os.environ.get("PERFEVAL_BENCH_PROJECTS", "1000"))
ROUNDS = 3
_ROWS = (
    *(("数量指标", "20"), ("质量指标", "10"), ("时效指标", "10"), ("成本指标", "10")),
    *(("经济效益指标", "10"), ("社会效益指标", "10"), ("生态效益指标", "5")),
    *(("可持续影响指标", "5"), ("服务对象满意度指标", "10")),
)


def session_of(projects: int) -> Session:
    """Return a session of so many projects, each with its funds and nine indicators."""
    return Session.model_validate(
        {
            "id": "large",
            "unit": {"name": "某市某局"},
            "year": 2024,
            "projects": {f"p{number}": _project(number) for number in range(projects)},
        }
    )


def _project(number: int) -> dict[str, Any]:
    rows = {
        f"r{at}": {
            "group": group,
            "name": f"完成任务情况{at}",
            "points": points,
            "unit": "%",
            "target": "≥95%",
            "actual": f"{93 + (at + number) % 9}.5%",
            "deviation_reason": "受天气影响推迟" if (at + number) % 9 < 2 else "",
        }
        for at, (group, points) in enumerate(_ROWS)
    }
    money = {"initial": "100", "budget": "120.5", "executed": f"{100 + number % 20}.25"}
    return {
        "set": "mof-project-2020",
        "name": f"专项业务经费项目（{number}）",
        "goal": "完成年度任务，保障业务正常开展，服务对象满意。",
        "goal_done": "年度任务全部完成，业务正常开展。",
        "funds": {"t": money},
        "rows": rows,
    }


Call = tuple[str, tuple[Any, ...]]


def calls_of(sheets: list[Sheet], book: Any) -> list[tuple[str, list[Call]]]:
    """Return for each sheet the calls that write its cells, made beforehand."""
    formats: dict[Any, Any] = {}

    def look(style: Any) -> Any:
        if style not in formats:
            given = {"font_name": "宋体", "font_size": style.size, "align": style.align}
            given |= {"valign": "vcenter", "text_wrap": True, "num_format": style.number}
            given |= {"bold": style.bold, "border": int(style.border)}
            formats[style] = book.add_format(given)
        return formats[style]

    found = []
    for sheet in sheets:
        calls: list[Call] = [
            ("set_column", (column, column, width)) for column, width in enumerate(sheet.widths)
        ]
        calls += [("set_row", (row, height)) for row, height in sheet.heights.items()]
        calls += [
            ("merge_range", (*area, "", look(sheet.cells[area[:2]].style))) for area in sheet.merges
        ]
        for (row, column), cell in sorted(sheet.cells.items(), key=lambda item: item[0]):
            value = cell.value if isinstance(cell.value, str | None) else float(cell.value)
            style = look(cell.style)
            if cell.formula:
                calls.append(("write_formula", (row, column, f"={cell.formula}", style, value)))
            elif value is None or value == "":
                calls.append(("write_blank", (row, column, None, style)))
            elif isinstance(value, str):
                calls.append(("write_string", (row, column, value, style)))
            else:
                calls.append(("write_number", (row, column, value, style)))
            if cell.note:
                calls.append(("write_comment", (row, column, cell.note)))
        for limit in sheet.limits:
            rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 100}
            place = (limit.row, limit.column, limit.row, limit.column)
            calls.append(("data_validation", (*place, rule)))
        found.append((sheet.name, calls))
    return found


def floor(sheets: list[Sheet], page_class: Any = None) -> float:
    """Return the seconds xlsxwriter alone takes for the cells of ``sheets``.

    ``page_class`` is another worksheet than its own.
    """
    book = xlsxwriter.Workbook(BytesIO(), {"in_memory": True})
    prepared = calls_of(sheets, book)
    gc.collect()
    start = process_time()
    for name, calls in prepared:
        page = book.add_worksheet(name, page_class)
        for method, arguments in calls:
            getattr(page, method)(*arguments)
    book.close()
    return process_time() - start


def whole(material: Material, folder: Path) -> float:
    """Return the seconds of an export, from the session and its scores to the file."""
    gc.collect()
    start = process_time()
    export(material, folder)
    return process_time() - start


def main() -> None:
    """Print what was measured."""
    session = session_of(PROJECTS)
    card = score_session(session, find)
    sheets = together(made(Material(session, card, find)), applicable(session), session)
    cells = sum(len(sheet.cells) for sheet in sheets)
    times: dict[str, list[float]] = {"raw": [], "page": [], "export": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            times["raw"].append(floor(sheets))
            times["page"].append(floor(sheets, Page))
            times["export"].append(whole(Material(session, card, find), Path(folder)))
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
    raw, page, taken = (median(one) for one in times.values())
    head = f"{PROJECTS} projects, {len(sheets)} sheets, {cells} cells, {size / 1e6:.1f} MB"
    print(f"{head:64}{'s':>8}{'ratio':>8}")
    print(f"{'xlsxwriter alone, the same cells':64}{raw:8.1f}{1:8.2f}")
    told = "the same, formulas not searched for newer functions"
    print(f"{told:64}{page:8.1f}{page / raw:8.2f}")
    print(f"{'perfeval: formulas, layout, checks, 核对, file':64}{taken:8.1f}{taken / raw:8.2f}")


if __name__ == "__main__":
    main()
