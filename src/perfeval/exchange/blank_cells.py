"""The cells of a bureau's own blank form: which may be filled, and how a value is put into one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from perfeval.exchange.blank_rows import insert_after
from perfeval.exchange.intake.labels import is_template, whole
from perfeval.exchange.writer import TRIGGERS
from perfeval.numbers import Exact

Worksheet = Any
"""A sheet of openpyxl, which is imported only where a form is filled."""
Value = Exact | str


@dataclass
class Cells:
    """One sheet being filled: how many cells were (``placed``) and which (``done``).

    ``formulas`` are the cells of the form's own formulas, and what the engine has for them.
    """

    sheet: Worksheet
    placed: int = field(default=0, kw_only=True)
    done: set[tuple[int, int]] = field(default_factory=set, kw_only=True)
    formulas: list[tuple[Any, Exact]] = field(default_factory=list, kw_only=True)

    def put(self, row: int, column: int, value: Value | None, number: str = "") -> bool:
        """Put a value into a cell or the merged area it is in; say whether it stands there.

        A formula is left alone. ``number`` is the format of a cell that has none of its own.
        """
        if value is None or value == "":
            return True
        row, column = self.anchor(row, column)
        cell: Any = self.sheet.cell(row, column)
        if cell.data_type == "f":
            if not isinstance(value, str):
                self.formulas.append((cell, value))
            return True
        if (row, column) in self.done or not is_free(cell.value):
            return _says(cell.value, value)
        self.write(cell, value, number)
        return True

    def write(self, cell: Any, value: Value, number: str = "") -> None:
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        if isinstance(value, str):
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
            cell.data_type = "s"  # a text, whatever it begins with
            if value[0] in TRIGGERS:
                cell.quotePrefix = True
        else:
            cell.value = int(value) if value.denominator == 1 else float(value)
            if number and cell.number_format == "General":
                cell.number_format = number
        self.done.add((cell.row, cell.column))
        self.placed += 1

    def make_room(self, last: int, count: int) -> None:
        """Put in rows after row ``last``; what was filled below is known where it stands now."""
        insert_after(self.sheet, last, count)
        self.done = {(row + count if row > last else row, at) for row, at in self.done}

    def anchor(self, row: int, column: int) -> tuple[int, int]:
        """Return the cell that holds what is shown in a cell."""
        area = self.area(row, column)
        return (area[0], area[1]) if area else (row, column)

    def area(self, row: int, column: int) -> tuple[int, int, int, int] | None:
        for merged in self.sheet.merged_cells.ranges:
            inside = merged.min_row <= row <= merged.max_row
            if inside and merged.min_col <= column <= merged.max_col:
                return merged.min_row, merged.min_col, merged.max_row, merged.max_col
        return None

    def text(self, row: int, column: int) -> str:
        """Return the text shown in a cell."""
        value = self.sheet.cell(*self.anchor(row, column)).value
        return "" if value is None else str(value)

    def right_of(self, row: int, column: int) -> int:
        area = self.area(row, column)
        return (area[3] if area else column) + 1

    def below(self, row: int, column: int) -> int:
        area = self.area(row, column)
        return (area[2] if area else row) + 1


def is_free(value: object) -> bool:
    """Whether a cell of a blank form may be written to."""
    return value is None or (isinstance(value, str) and (not value.strip() or is_template(value)))


def _says(there: object, value: Value) -> bool:
    """Whether a cell that holds something already says the same."""
    if isinstance(value, str):
        return whole(str(there)) == whole(value)
    return isinstance(there, int | float) and abs(float(value) - there) < 1e-9
