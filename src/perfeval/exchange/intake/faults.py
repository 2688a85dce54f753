"""What a ledger says of whole sheets: which cells hold no value where one is read, what is hidden.

``#DIV/0!`` and a formula that no program has computed yet read as empty cells. Passed over in
silence they would look as if nobody had filled them in.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from perfeval.exchange.intake.grids import MAX_COLUMNS, Grid
from perfeval.exchange.intake.labels import (
    FUND_COLUMNS,
    HEAD_LABELS,
    INDICATOR_COLUMNS,
    LIST_COLUMNS,
    field_of,
)
from perfeval.exchange.intake.ledger import Ledger
from perfeval.exchange.intake.seen import Seen

NOT_COMPUTED = "公式没有保存结果。请用 Excel 或 WPS 打开原表，保存后再导入，或直接填数"
_COLUMNS = (INDICATOR_COLUMNS, FUND_COLUMNS, LIST_COLUMNS)


def tell_of_sheets(grids: Iterable[Grid], ledger: Ledger, *, ours: Container[str]) -> None:
    """Refuse the cells without a value that stand where one is read; note hidden sheets.

    A sheet that nothing is taken from is passed over. In the sheets we wrote (``ours``) a
    formula only repeats what is computed here.
    """
    told: dict[str, set[str]] = {}
    for entry in ledger.told:
        told.setdefault(entry.sheet, set()).add(entry.address)
    for grid in grids:
        if grid.sheet not in told:
            continue
        if grid.hidden:
            why = f"表“{grid.sheet}”是隐藏的，也读了。如不该交，请在原文件里删去后再导入"
            ledger.notes.append(why)
        if grid.faults:
            _refuse(grid, ledger, told[grid.sheet], own=grid.sheet in ours)


def _refuse(grid: Grid, ledger: Ledger, told: set[str], *, own: bool) -> None:
    read = {address.rstrip("0123456789") for address in told}
    below = _labels(grid)
    for (row, column), text in sorted(grid.faults.items()):
        sheet, address = grid.at(row, column)
        if address in told or (own and text.startswith("=")):
            continue
        labelled = below.get(column, row) < row or _beside_label(grid, row, column)
        if labelled or address.rstrip("0123456789") in read:
            ledger.refuse(Seen(text, sheet, address), _why(text))


def _labels(grid: Grid) -> dict[int, int]:
    """Return the columns that are read, each with the row its first label stands in."""
    found: dict[int, int] = {}
    wide = {(top, left): right for top, left, _, right in grid.merges}
    for row in range(len(grid.cells)):
        for column, text in grid.filled(row):
            if any(field_of(table, text) for table in _COLUMNS):
                last = min(wide.get((row, column), column), MAX_COLUMNS)
                for one in range(column, last + 1):
                    found.setdefault(one, row)
    return found


def _beside_label(grid: Grid, row: int, column: int) -> bool:
    """Whether the text to the left of a cell is a label above the table (项目名称)."""
    cells = grid.filled(row) if row < len(grid.cells) else []
    before = next((text for at, text in reversed(cells) if at < column), "")
    return bool(before and field_of(HEAD_LABELS, before))


def _why(text: str) -> str:
    if text.startswith("="):
        return NOT_COMPUTED
    return f"公式出错（{text}），没有数值。请在原表改好公式或直接填数，再导入"
