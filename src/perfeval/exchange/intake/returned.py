"""复核意见表 and 整改台账 that come home filled in, as their rows: cells by column.

Both are found by their columns, alone in a file or among the other sheets of our workbook. What
the rows mean is for :mod:`.opinions` and :mod:`.remedies`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from perfeval.exchange.intake.grids import Grid
from perfeval.exchange.intake.labels import Labels, columns_of
from perfeval.exchange.intake.own_export import with_remarks
from perfeval.exchange.intake.seen import NOTHING, Seen, seen

Kind = Literal["复核意见表", "整改台账"]
COLUMNS: Mapping[Kind, Labels] = {
    "复核意见表": Labels({
        "number": r"序号",
        "name": r"三级指标",
        "points": r"分值",
        "self": r"自评得分",
        "verdict": r"复核结论",
        "score": r"复核得分",
        "difference": r"差额",
        "opinion": r"复核意见",
        "who": r"复核人",
        "feedback": r"反馈意见",
        "state": r"说明",
    }),
    "整改台账": Labels({
        "number": r"序号",
        "source": r"(问题)?来源",
        "place": r"(整改)?对象",
        "problem": r"(存在|主要|发现)?(的)?问题",
        "measure": r"(整改|改进)措施",
        "owner": r"(责任|整改)(科室|部门|单位)",
        "due": r"(完成|整改)(时限|期限|时间)",
        "state": r"(整改)?(状态|进展)",
        "note": r"备注|说明",
    }),
}  # fmt: skip
_NEEDED: Mapping[Kind, frozenset[str]] = {
    "复核意见表": frozenset({"name", "verdict", "score", "opinion", "feedback"}),
    "整改台账": frozenset({"source", "place", "problem", "measure", "state"}),
}
_HEADING_WITHIN = 12


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A row: its cells by column, below the heading of an evaluation (复核意见表)."""

    cells: Mapping[str, Seen]
    heading: Seen = NOTHING

    def cell(self, name: str) -> Seen:
        return self.cells.get(name, NOTHING)


@dataclass(frozen=True, slots=True)
class Returned:
    """One 复核意见表 or 整改台账, and the sheet it stands on."""

    kind: Kind
    sheet: str
    rows: list[ReturnedRow] = field(default_factory=list)


def read_returned(grids: Iterable[Grid]) -> list[Returned]:
    """Return the tables that came home among the sheets of a file."""
    return [found for grid in grids if (found := _read(grid)) is not None]


def _read(grid: Grid) -> Returned | None:
    for row in range(min(_HEADING_WITHIN, len(grid.cells))):
        for kind, labels in COLUMNS.items():
            columns = columns_of(labels, grid.filled(row))
            if columns.keys() >= _NEEDED[kind]:
                whole = with_remarks(grid)
                return Returned(kind, grid.sheet, list(_rows(whole, row + 1, columns)))
    return None


def _rows(grid: Grid, start: int, columns: Mapping[str, int]) -> Iterator[ReturnedRow]:
    """Yield the rows of a table; a row with one text alone is the heading of those below it."""
    told = columns.get("name", columns.get("problem", 0))
    heading = NOTHING
    for row in range(start, len(grid.cells)):
        filled = list(grid.filled(row))
        if len(filled) == 1 and filled[0][0] != told:
            heading = seen(grid, row, filled[0][0])
        elif grid.text(row, told):
            yield ReturnedRow({name: seen(grid, row, at) for name, at in columns.items()}, heading)
