"""公开01–09 表 as rows of figures: which table it is, its columns, its rows by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from perfeval.audit.document import Document, Table
from perfeval.audit.figures import Mention, cell_figure
from perfeval.exchange.intake.final_accounts import table_number
from perfeval.exchange.intake.grids import Grid
from perfeval.exchange.intake.labels import bare, money_unit

_NAMES = {"项目", "科目名称", "支出功能分类科目名称", "项目按功能分类", "支出项目", "收入项目"}
_CODES = re.compile(r".*科目编码|编码|科目代码")
_ASIDE = {"行次", "栏次", ""}
_CODE = re.compile(r"\d{3}(?:\d{2}){0,2}")


@dataclass(slots=True)
class Item:
    """A named row of one side of a table: its code where it has one, its figures by column."""

    name: str
    printed: str
    code: str
    values: dict[str, Mention]


@dataclass(slots=True)
class AccountTable:
    """One of the nine tables as read: its number and its rows by side."""

    number: int
    items: list[list[Item]]
    columns: list[list[str]]
    table: Table
    unit: str


def number_of(table: Table) -> int:
    """Return which of 公开01–09 a table is, or 0; what stands nearest above it counts."""
    for text in reversed(table.caption):
        if len(text) < 40 and (found := table_number(Grid("", [[text]]), 0, 1)):
            return found
    heads = [[cell for cell in row if cell] for row in table.rows[:6]]
    grid = Grid("", [row for row in heads if len(row) <= 3])
    return table_number(grid, 0, len(grid.cells))


def account_tables(document: Document) -> Iterator[AccountTable]:
    """Yield the account tables of a document."""
    for table in document.tables:
        if not (number := number_of(table)):
            continue
        above = [text for text in table.caption if len(text) < 40]
        above += [cell for row in table.rows[:4] for cell in row if cell]
        unit = next((found for text in reversed(above) if (found := money_unit(text))), "万元")
        if number == 9:
            yield AccountTable(9, [], [], table, unit)
            continue
        items, columns = _items(table, unit)
        yield AccountTable(number, items, columns, table, unit)


def _header(table: Table) -> int:
    """Return how many rows head a table."""
    for row, cells in enumerate(table.rows[:8]):
        if any(bare(cell) == "栏次" for cell in cells):
            return row + 1
    for row, cells in enumerate(table.rows[:8]):
        filled = [cell for cell in cells if cell]
        if any(re.fullmatch(r"-?[\d,]+\.\d+", cell) for cell in filled):
            return row
    return min(3, len(table.rows))


def labels(table: Table, header: int) -> list[str]:
    """Return the lowest heading of each column."""
    width = max((len(row) for row in table.rows[:header]), default=0)
    found = [""] * width
    for row in table.rows[:header]:
        if any(bare(cell) == "栏次" for cell in row):
            continue
        for column, cell in enumerate(row):
            found[column] = bare(cell) or found[column]
    return found


def _items(table: Table, unit: str) -> tuple[list[list[Item]], list[list[str]]]:
    header = _header(table)
    heads = labels(table, header)
    names = [c for c, label in enumerate(heads) if label in _NAMES or label.endswith("科目名称")]
    if not names:
        return [], []
    sides: list[list[Item]] = [[] for _ in names]
    columns: list[list[str]] = []
    spans: list[tuple[int, int, list[int]]] = []
    for at, name in enumerate(names):
        code = name - 1 if name and _CODES.fullmatch(heads[name - 1]) else -1
        end = names[at + 1] if at + 1 < len(names) else len(heads)
        values = [
            c for c in range(name + 1, end)
            if heads[c] not in _ASIDE and not _CODES.fullmatch(heads[c])
        ]  # fmt: skip
        spans.append((name, code, values))
        columns.append([heads[c] for c in values])
    for row in range(header, len(table.rows)):
        for side, (name, code, values) in zip(sides, spans, strict=True):
            printed, number = table.text(row, name), table.text(row, code) if code >= 0 else ""
            if not printed and not _CODE.fullmatch(number):
                printed, number = number, ""  # 合计 under the codes, where cells were merged
            if not printed or printed == heads[name]:
                continue
            found = {
                heads[c]: mention
                for c in values
                if (mention := figure_at(table, row, c, unit, f"{printed} {heads[c]}"))
            }
            code_read = number if _CODE.fullmatch(number) else ""
            side.append(Item(bare(printed), printed, code_read, found))
    return sides, columns


def figure_at(table: Table, row: int, column: int, unit: str, told: str) -> Mention | None:
    """Return the figure of a cell, in the table's unit; ``told`` says what stands there."""
    text = table.text(row, column)
    return cell_figure(text, unit, table.at(row, column), f"{told} {text}") if text else None
