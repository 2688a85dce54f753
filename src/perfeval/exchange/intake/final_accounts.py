"""部门决算公开 01–09: the figures a self-evaluation is held against, found by their labels."""

from __future__ import annotations

import re

from perfeval.exchange.intake.grids import Grid
from perfeval.exchange.intake.labels import bare, money_unit, year_in
from perfeval.exchange.intake.seen import Form, Seen, seen
from perfeval.numbers import FigureState, figure

_MARK = re.compile(r"公开0?([1-9])表")
_TITLES = {
    "收入支出决算总表": 1,
    "收入决算表": 2,
    "支出决算表": 3,
    "财政拨款收入支出决算总表": 4,
    "一般公共预算财政拨款支出决算表": 5,
    "一般公共预算财政拨款基本支出决算明细表": 6,
    "一般公共预算财政拨款基本支出决算表": 6,
    "政府性基金预算财政拨款收入支出决算表": 7,
    "国有资本经营预算财政拨款支出决算表": 8,
    "国有资本经营预算财政拨款收入支出决算表": 8,
}
_BESIDE = {
    1: {
        "本年收入合计": "决算收入",
        "本年支出合计": "决算支出",
        "年初结转和结余": "年初结转和结余决算",
        "年末结转和结余": "年末结转和结余决算",
        "使用非财政拨款结余": "使用非财政拨款结余决算",
        "结余分配": "结余分配决算",
    },
    4: {
        "本年收入合计": "财政拨款收入决算",
        "本年支出合计": "财政拨款支出决算",
        "年末财政拨款结转和结余": "年末财政拨款结转和结余决算",
    },
    6: {"人员经费合计": "人员经费决算", "公用经费合计": "公用经费决算"},
}
"""Tables of two halves: the figure stands in the same row, under 决算数, 金额 or 合计."""

_BELOW = {
    2: {"本年收入合计": "收入决算表收入合计", "财政拨款收入": "财政拨款收入"},
    3: {
        "本年支出合计": "支出决算表支出合计",
        "基本支出": "基本支出决算",
        "项目支出": "项目支出决算",
    },
    5: {
        "小计": "一般公共预算支出决算",
        "合计": "一般公共预算支出决算",
        "基本支出": "一般公共预算基本支出决算",
        "项目支出": "一般公共预算项目支出决算",
    },
    7: {"小计": "政府性基金支出决算"},
    8: {"合计": "国有资本经营预算支出决算"},
}
"""Tables by account: the figure stands in the row 合计 under the label."""

_THREE = {"合计": "", "因公出国费": "因公出国（境）费", "公务接待费": "公务接待费"}
BUDGET, SPENT = "“三公”经费预算数", "“三公”经费实际支出数"
_VALUE = {"决算数", "金额", "合计", "小计"}


def table_number(grid: Grid, first: int = 0, last: int = 8) -> int:
    """Return which of 公开 01–09 stands at these rows, or 0."""
    for row in range(first, min(last, len(grid.cells))):
        for _, text in grid.filled(row):
            if found := _MARK.search(text.replace(" ", "")):
                return int(found[1])
            label = bare(text)
            if "三公" in label and label.endswith(("决算表", "决算公开表")):
                return 9
            if number := _TITLES.get(label, 0):
                return number
    return 0


def read_accounts(grid: Grid) -> list[Form]:
    """Return the 决算 figures of a grid, one form for each table it holds."""
    marks = [
        (row, number)
        for row in range(len(grid.cells))
        if len(grid.filled(row)) <= 4 and (number := table_number(grid, row, row + 1))
    ]
    starts: list[tuple[int, int]] = []
    for row, number in marks:
        if not starts or starts[-1][1] != number:
            starts.append((row, number))
    forms = []
    for at, (row, number) in enumerate(starts):
        end = starts[at + 1][0] if at + 1 < len(starts) else len(grid.cells)
        form = Form("accounts", title=f"公开{number:02d}表")
        for above in range(row, min(end, row + 5)):
            for _, text in grid.filled(above):
                form.year = form.year or year_in(text)
                form.money_unit = form.money_unit or money_unit(text)
        form.figures = _figures(grid, number, row, end)
        if form.figures:
            forms.append(form)
    return forms


def _figures(grid: Grid, number: int, first: int, end: int) -> dict[str, Seen]:
    if number == 9:
        return _three_public(grid, first, end)
    if number in _BESIDE:
        return _beside(grid, _BESIDE[number], first, end)
    return _below(grid, _BELOW[number], first, end)


def _beside(grid: Grid, wanted: dict[str, str], first: int, end: int) -> dict[str, Seen]:
    found: dict[str, Seen] = {}
    columns: list[int] = []
    for row in range(first, end):
        labels = [(column, bare(text)) for column, text in grid.filled(row)]
        values = [column for column, label in labels if label in _VALUE]
        if values and not columns:
            columns = values
        for column, label in labels:
            if label in wanted and wanted[label] not in found:
                at = next((one for one in columns if one > column), column + 1)
                if (cell := seen(grid, row, at)) and _is_number(cell):
                    found[wanted[label]] = cell
    return found


def _below(grid: Grid, wanted: dict[str, str], first: int, end: int) -> dict[str, Seen]:
    columns: dict[str, int] = {}
    for row in range(first, end):
        labels = [(column, bare(text)) for column, text in grid.filled(row)]
        numbers = [column for column, _ in labels if _is_number(seen(grid, row, column))]
        total = next((c for c, label in labels if label == "合计"), None)
        if total is not None and numbers and columns:
            return {
                name: cell
                for name, column in columns.items()
                if (cell := seen(grid, row, column)) and _is_number(cell)
            }
        for column, label in labels:
            if label in wanted and wanted[label] not in columns:
                columns[wanted[label]] = column
    return {}


def _three_public(grid: Grid, first: int, end: int) -> dict[str, Seen]:
    """Read 公开 09: six figures of the budget and, beside or below them, six of the outturn."""
    totals: list[int] = []
    found: dict[str, Seen] = {}
    halves: dict[int, str] = {}
    for row in range(first, end):
        labels = [(column, bare(text)) for column, text in grid.filled(row)]
        for column, label in labels:
            if label in ("预算数", "决算数"):
                halves[column] = label
        if "三公经费" not in "".join(label for _, label in labels):
            totals = totals or [column for column, label in labels if label == "合计"]
        numbers = [column for column, _ in labels if _is_number(seen(grid, row, column))]
        order = [grid.text(row, column) for column in numbers]
        if not totals or not numbers or order == [str(n) for n in range(1, len(order) + 1)]:
            continue
        for column in totals:
            half = next((halves[one] for one in sorted(halves, reverse=True) if one <= column), "")
            cell = seen(grid, row, column)
            if half and _is_number(cell):
                found[BUDGET if half == "预算数" else SPENT] = cell
        return found
    return found


def _is_number(cell: Seen) -> bool:
    return bool(cell) and figure(cell.raw).state is FigureState.NUMBER
