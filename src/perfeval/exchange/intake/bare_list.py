"""A list of projects that says no more than names and one amount: 项目名称 | 金额.

Many offices keep one, without a title and often without a unit. It is looked for only in a file
that holds nothing else. What it leaves open is told beside each amount; an amount that is more
likely something else is refused, with what to add.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from perfeval.exchange.intake.grids import Grid
from perfeval.exchange.intake.labels import (
    BUDGET,
    EXECUTED,
    INITIAL,
    LIST_COLUMNS,
    Labels,
    bare,
    columns_of,
    field_of,
    money_unit,
    year_in,
)
from perfeval.exchange.intake.seen import Form, LineSeen, seen
from perfeval.numbers import Exact, figure

_COLUMNS = Labels(
    {
        "number": r"序号|编号",
        "name": r"(预算|支出|专项|资金)*项目(支出)?(名称|全称)",
        "code": r"项目(编码|代码|编号)",
        "initial": INITIAL,
        "budget": BUDGET,
        "executed": EXECUTED,
        "amount": r"(项目|资金|安排|批复|下达|支持|计划|总)*(金额|经费|资金)(数|额|总额|合计)?",
    }
)
_AMOUNTS = ("initial", "budget", "executed", "amount")
_SUM = re.compile(r"合计|总计|小计|共计")
_WITHIN = 8
"""The heading stands among the first rows."""
_LIKELY = {"万元": (Exact(0), Exact(10_0000)), "元": (Exact(1000), Exact(10_0000_0000))}
"""What one project has, at least and at most (10 亿元), were the amount in this unit."""


def read_bare_list(grid: Grid) -> Form | None:
    """Return the list a grid holds, None where its heading is not plainly that of one."""
    year, unit = 0, ""
    for row in range(min(_WITHIN, len(grid.cells))):
        cells = grid.filled(row)
        columns = columns_of(_COLUMNS, cells)
        amounts = [name for name in _AMOUNTS if name in columns]
        if "name" in columns and len(amounts) == 1 and len(columns) == len(cells):
            label = grid.text(row, columns[amounts[0]])
            form = Form("list", title=grid.sheet, year=year, money_unit=money_unit(label) or unit)
            form.amounts_called = bare(label)
            columns = {"budget" if name == "amount" else name: at for name, at in columns.items()}
            _read_lines(grid, row + 1, columns, form)
            amount = next(name for name in _AMOUNTS if name in columns)
            known = (figure(line.cell(amount).raw).value for line in form.lines)
            return form if any(value is not None for value in known) else None
        for _, text in cells:
            unit, year = money_unit(text) or unit, year_in(text) or year
    return None


def _read_lines(grid: Grid, first: int, columns: dict[str, int], form: Form) -> None:
    for row in range(first, len(grid.cells)):
        found = {name: cell for name, at in columns.items() if (cell := seen(grid, row, at))}
        labels = {bare(text) for _, text in grid.filled(row)[:2]}
        if any(_SUM.fullmatch(label) for label in labels):
            form.total |= {name: cell for name, cell in found.items() if name in _AMOUNTS}
        elif "name" in found and len(found) > 1:
            form.lines.append(LineSeen(found))
        else:
            missing = "金额" if "name" in found else "项目名称"
            form.ignored += [(cell, f"这一行没有{missing}") for cell in found.values()]


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """What a bare list leaves open: how its column and its unit are read, or what puts the unit
    of all its amounts in ``doubt``.
    """

    column: str = ""
    unit: str = ""
    doubt: str = ""

    @classmethod
    def of(cls, form: Form, unit: str) -> LeftOpen:
        """Look at all amounts; ``unit`` is the session's, assumed where the list states none."""
        label = form.amounts_called
        if not label:
            return cls()
        column = "" if field_of(LIST_COLUMNS, label) else f"“{label}”按全年预算数读"
        if form.money_unit:
            return cls(column)
        least, most = _LIKELY.get(unit, _LIKELY["万元"])
        for read in (figure(line.cell(name).raw) for line in form.lines for name in _AMOUNTS):
            if read.value and not read.unit and not least <= abs(read.value) <= most:
                other = "万元" if unit == "元" else "元"
                why = f"没有写单位，按{unit}读，{read.raw} 不像一个项目的金额"
                why += f"。请把栏目名写成“{label}（{unit}）”或“{label}（{other}）”"
                return cls(column, doubt=why)
        return cls(column, f"没有写单位，按{unit}读")

    def told(self, amount: str) -> str:
        """Return how one of the amounts is understood, where that is not plain."""
        parts = [self.column, "" if figure(amount).unit else self.unit]
        parts = [part for part in parts if part]
        return "，".join([*parts, "请核对"]) if parts else ""

    def refuses(self, amount: str) -> str:
        """Return why one of the amounts is not taken; one with a unit of its own always is."""
        return "" if figure(amount).unit else self.doubt
