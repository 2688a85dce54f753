"""Lists of projects, one a line: 自评汇总表, a plain 项目清单, and tables that only count.

The heading may take two rows (得分率 over 产出, 效益, 满意度); amounts may be in 元 or 万元.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from perfeval.exchange.intake.evaluation_form import head_pairs
from perfeval.exchange.intake.grids import Grid
from perfeval.exchange.intake.labels import (
    LIST_COLUMNS,
    bare,
    columns_of,
    field_of,
    may_be_labels,
    money_unit,
    whole,
    year_in,
)
from perfeval.exchange.intake.seen import Form, LineSeen, Seen, seen
from perfeval.numbers import figure

_FORMATTED = {"rate", "score"}
_ADDED_UP = {"initial", "budget", "executed"}
_TIER_RATE = re.compile(LIST_COLUMNS.table["tier_rate"])
_TOTAL = re.compile(r"(合计|总计|小计|共计|总分)")
_NOT_IN = re.compile(r"不参加自评|未参加自评|不纳入自评|未列入")


def read_lists(grid: Grid) -> list[Form]:
    """Return the lists of projects a grid holds."""
    headings = [_heading(grid, row) for row in range(len(grid.cells))]
    if not any(headings):
        return []
    forms: list[Form] = []
    row, year, unit, title = 0, 0, "", ""
    heads: dict[str, Seen] = {}
    while row < len(grid.cells):
        cells = grid.filled(row)
        if found := headings[row]:
            form = Form("list", title=title or grid.sheet, year=year, money_unit=unit)
            form.heads = dict(heads)
            for _, text in cells:
                form.money_unit = money_unit(text) or form.money_unit
            row = _lines(grid, found, headings, form)
            forms.append(form)
            continue
        line = "".join(text for _, text in cells)
        if cells and len(line) < 120:
            if "表" in line or "清单" in line:
                title = line
            year = year_in(line) or year
            for _, text in cells:
                unit = money_unit(text) or unit
            heads |= dict(head_pairs(grid, row, cells))
        row += 1
    return [form for form in forms if form.lines]


Heading = tuple[dict[str, int], dict[int, str], int]
"""The columns of each field, the columns of the tiers' rates, and the first row below."""


def _heading(grid: Grid, row: int) -> Heading | None:
    cells = grid.filled(row)
    if not may_be_labels(cells):
        return None
    fields = columns_of(LIST_COLUMNS, cells)
    if "name" not in fields:
        return None
    below = row + 1
    lower = grid.filled(below) if below < len(grid.cells) else []
    two = (
        bool(lower)
        and grid.text(below, fields["name"]) == ""
        and not any(figure(text).value is not None for _, text in lower)
    )
    labelled = {column: (text, "") for column, text in cells}
    if two:
        for column, text in lower:
            _, above = grid.anchor(row, column)
            over = grid.text(row, above)
            if not over:
                over = next((t for c, t in reversed(cells) if c <= column), "")
            labelled[column] = (text, over)
        fields = columns_of(LIST_COLUMNS, [*cells, *lower])
        below += 1
    rates = {
        column: tier
        for column, (text, over) in labelled.items()
        if (tier := _tier(text, over)) and field_of(LIST_COLUMNS, text) in ("tier_rate", "")
    }
    fields.pop("tier_rate", None)
    told = {"budget", "executed", "initial", "rate", "score", "code", "category"} & set(fields)
    if not (told or rates) or (len(told) + len(rates) < 2 and "number" not in fields):
        return None
    return fields, rates, below


def _tier(text: str, over: str) -> str:
    """Return which tier's rate a column holds (``产出指标得分率`` → 产出)."""
    label = bare(text)
    if "得分率" not in label:
        if "得分率" not in bare(over):
            return ""
        label += "得分率"
    found = _TIER_RATE.fullmatch(label)
    return found[1] if found else ""


def _lines(grid: Grid, heading: Heading, headings: Sequence[Heading | None], form: Form) -> int:
    """Read lines until the table ends; return the row after it."""
    columns, rates, row = heading
    while row < len(grid.cells):
        cells = grid.filled(row)
        if not cells:
            if row + 1 < len(grid.cells) and not any(grid.cells[row + 1]):
                return row + 1
            row += 1
            continue
        if headings[row]:
            return row
        found = {
            name: cell
            for name, column in columns.items()
            if (cell := seen(grid, row, column, formatted=name in _FORMATTED))
        }
        tiers = {
            tier: cell
            for column, tier in rates.items()
            if (cell := seen(grid, row, column, formatted=True))
        }
        name = found.get("name")
        first = bare(cells[0][1])
        if _TOTAL.fullmatch(first) or (name and _TOTAL.fullmatch(bare(name.raw))):
            found = {key: cell for key, cell in found.items() if key not in ("name", "number")}
            form.ignored += [(form.total[key], of_total(key)) for key in found if key in form.total]
            form.total |= found
            row += 1
            continue
        if len(cells) == 1 and _NOT_IN.search(cells[0][1]):
            form.remarks.append(seen(grid, row, cells[0][0]))
            row += 1
            continue
        if not name or len(found) + len(tiers) < 2:
            if name is None and len(cells) > 1:
                form.ignored += [(seen(grid, row, c), "这一行没有项目名称") for c, _ in cells]
                row += 1
                continue
            return row + 1
        form.lines.append(LineSeen(found, tiers))
        row += 1
    return row


def of_total(name: str) -> str:
    """Return why a cell of the row 合计 or 小计 is not taken."""
    return "合计由各项目相加得出" if name in _ADDED_UP else "合计行"


# --- counts ----------------------------------------------------------------------------------

_COUNT = re.compile(r"(项目)?(个数|数量|项目数|项数)(\(?个\)?)?|自评(项目)?(个数|数)")
_SHARE = re.compile(r"(占比|比例|比重)")
_AMOUNT = re.compile(r"(涉及|自评)?(资金|金额|预算)(总额|金额|数|合计)?")
_CLASS = re.compile(r"(自评|评价)?(等级|等次|结果|类别|类型|评价类型|项目类型|分类|得分段)")


def read_counts(grid: Grid) -> list[Form]:
    """Return tables that count projects by grade or kind, as figures by their names."""
    for row in range(len(grid.cells)):
        labels = {column: bare(text) for column, text in grid.filled(row)}
        kinds = [c for c, label in labels.items() if _CLASS.fullmatch(label)]
        counts = [c for c, label in labels.items() if _COUNT.fullmatch(label)]
        if kinds and counts:
            shares = [c for c, label in labels.items() if _SHARE.fullmatch(label)]
            amounts = [c for c, label in labels.items() if _AMOUNT.fullmatch(label)]
            form = Form("counts", title=grid.sheet)
            for at in range(row):
                for _, text in grid.filled(at):
                    form.year = year_in(text) or form.year
                    form.money_unit = money_unit(text) or form.money_unit
            for column in amounts:
                form.money_unit = money_unit(grid.text(row, column)) or form.money_unit
            _count_lines(grid, row + 1, (kinds[0], counts[0], shares, amounts), form)
            return [form] if form.figures else []
    return []


def _count_lines(
    grid: Grid, row: int, columns: tuple[int, int, list[int], list[int]], form: Form
) -> None:
    kind, count, shares, amounts = columns
    for at in range(row, len(grid.cells)):
        label = whole(grid.text(at, kind))
        cell = seen(grid, at, count)
        if not label:
            continue
        total = bool(_TOTAL.fullmatch(bare(label)))
        if cell and figure(cell.raw).value is not None:
            form.figures["自评项目数" if total else f"{label}项目数"] = cell
        for column in shares:
            if not total and (share := seen(grid, at, column, formatted=True)):
                form.figures[f"{label}项目占比"] = share
        for column in amounts:
            if amount := seen(grid, at, column):
                form.figures["自评资金" if total else f"{label}资金"] = amount
