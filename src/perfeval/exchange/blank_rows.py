"""Rows put into a bureau's own form: everything below moves down, what ends above them grows.

openpyxl moves cells only; merged areas, heights, formulas, validations, print settings and the
breaks of pages are moved here. Styles are copied from the row that is repeated.
"""

from __future__ import annotations

import re
from copy import copy
from typing import Any

Worksheet = Any
"""A sheet of openpyxl, which is imported only where a form is filled."""

_CELL = r"\$?[A-Z]{1,3}\$?\d+"
_REFERENCE = re.compile(
    r"(?P<text>\"[^\"]*\")"
    r"|(?<![\w.'!$])(?P<sheet>(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!)?"
    rf"(?P<area>{_CELL}(?::{_CELL})?)(?![\w(.])"
)
_ROW = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)")


def insert_after(sheet: Worksheet, last: int, count: int) -> None:
    """Put ``count`` rows after row ``last`` (from 1), each like that row, its formulas too.

    An area of several rows that ends there (a merged label, the range of a sum, a validation)
    reaches over the new rows too.
    """
    from openpyxl.formula.translate import Translator

    pattern = {cell.column: copy(cell._style) for cell in sheet[last]}
    formulas = [
        (cell.column, Translator(cell.value, origin=cell.coordinate))
        for cell in sheet[last]
        if cell.data_type == "f" and isinstance(cell.value, str)
    ]
    heights = {row: one for row, one in sheet.row_dimensions.items() if row >= last}
    sheet.insert_rows(last + 1, count)
    for row in range(last + 1, last + 1 + count):
        for column, style in pattern.items():
            sheet.cell(row, column)._style = copy(style)
    _move_heights(sheet, heights, last, count)
    for merged in list(sheet.merged_cells.ranges):
        if merged.min_row > last:
            merged.shift(row_shift=count)
        elif merged.min_row == merged.max_row == last:
            for row in range(last + 1, last + 1 + count):
                merge(sheet, row, merged.min_col, row, merged.max_col)
        elif merged.max_row >= last:
            merged.expand(down=count)
            for row in range(last + 1, last + 1 + count):
                for column in range(merged.min_col, merged.max_col + 1):
                    _inside(sheet, row, column)
    _move_rules(sheet, last, count)
    _move_formulas(sheet, last, count)
    for row in range(last + 1, last + 1 + count):
        for column, formula in formulas:
            cell = sheet.cell(row, column)
            cell.value = formula.translate_formula(cell.coordinate)
    _move_print(sheet, last, count)


def merge(sheet: Worksheet, top: int, left: int, bottom: int, right: int) -> None:
    """Merge cells and leave their styles as they are."""
    from openpyxl.worksheet.cell_range import CellRange

    sheet.merged_cells.add(CellRange(min_row=top, min_col=left, max_row=bottom, max_col=right))
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            if (row, column) != (top, left):
                _inside(sheet, row, column)


def _inside(sheet: Worksheet, row: int, column: int) -> None:
    """Make a cell the inside of a merged area, its style kept."""
    from openpyxl.cell.cell import MergedCell

    inside: Any = MergedCell(sheet, row, column)
    inside._style = copy(sheet.cell(row, column)._style)
    sheet._cells[row, column] = inside


def _move_heights(sheet: Worksheet, heights: dict[int, Any], last: int, count: int) -> None:
    for row in heights:
        if row > last:
            del sheet.row_dimensions[row]
    for row, one in heights.items():
        for target in range(last + 1, last + 1 + count) if row == last else (row + count,):
            moved = copy(one)
            moved.index = target
            sheet.row_dimensions[target] = moved


def moved_area(area: str, last: int, count: int) -> str:
    """Return an address or a range (several with spaces between) after rows were put in."""
    return " ".join(_moved(one, last, count) for one in area.split(" "))


def _moved(area: str, last: int, count: int) -> str:
    first, _, end = area.partition(":")
    if not end:
        return _shifted(first, last + 1, count)
    return f"{_shifted(first, last + 1, count)}:{_shifted(end, last, count)}"


def _shifted(address: str, at: int, count: int) -> str:
    """Return an address moved down where it stands at or below row ``at``."""
    return _ROW.sub(
        lambda found: f"{found[1]}{int(found[2]) + (count if int(found[2]) >= at else 0)}", address
    )


def _move_rules(sheet: Worksheet, last: int, count: int) -> None:
    """Move data validations and conditional formats."""
    from openpyxl.worksheet.cell_range import MultiCellRange

    for rule in sheet.data_validations.dataValidation:
        rule.sqref = MultiCellRange(moved_area(str(rule.sqref), last, count))
    formats = sheet.conditional_formatting
    kept = [(str(one.sqref), list(one.rules)) for one in formats]
    sheet.conditional_formatting = type(formats)()
    for area, rules in kept:
        for rule in rules:
            sheet.conditional_formatting.add(moved_area(area, last, count), rule)


def _move_formulas(sheet: Worksheet, last: int, count: int) -> None:
    """Move what formulas of the whole workbook read of this sheet."""
    for other in sheet.parent.worksheets:
        for row in other.iter_rows():
            for cell in row:
                if cell.data_type == "f" and isinstance(cell.value, str):
                    cell.value = moved_formula(
                        cell.value, sheet.title, last, count, same=other is sheet
                    )


def moved_formula(formula: str, title: str, last: int, count: int, *, same: bool) -> str:
    """Return a formula after ``count`` rows were put after row ``last`` of the sheet ``title``.

    ``same``: the formula stands in that sheet, so an address without a sheet's name is of it.
    """

    def moved(found: re.Match[str]) -> str:
        if found["text"] is not None:
            return found[0]
        prefix = found["sheet"] or ""
        name = prefix.removesuffix("!").strip("'").replace("''", "'")
        if (name != title) if name else not same:
            return found[0]
        return prefix + _moved(found["area"], last, count)

    return _REFERENCE.sub(moved, formula)


def _move_print(sheet: Worksheet, last: int, count: int) -> None:
    if sheet.print_area:
        areas = re.sub(r"(?:'[^']*'|[^!,]+)!", "", sheet.print_area)
        sheet.print_area = ",".join(_moved(one, last, count) for one in areas.split(","))
    for one in sheet.row_breaks.brk:
        if one.id > last:
            one.id += count
