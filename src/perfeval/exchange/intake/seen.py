"""What a reader of tables hands on: cells with their place, put together as forms.

Nothing is judged here. A form keeps every text as it stands in its cell; :mod:`.placing` decides
where it belongs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from perfeval.exchange.intake.grids import Grid
from perfeval.numbers import Exact, decimal_text, exact


class Seen(NamedTuple):
    """A cell that was read: its text, where it stands, and the format a number is shown in.

    A tuple, because there is one for every cell of hundreds of files.
    """

    raw: str
    sheet: str = ""
    address: str = ""
    number: bool = False
    format: str = ""

    def __bool__(self) -> bool:
        return bool(self.raw)

    @property
    def percent(self) -> bool:
        """Whether the workbook shows the number with a percent sign."""
        return self.number and "%" in self.format

    @property
    def entered(self) -> str:
        """Return the text as it was entered: 0.95 shown as a percentage is ``95%``, in full."""
        return f"{decimal_text(exact(self.raw) * 100)}%" if self.percent else self.raw

    @property
    def printed(self) -> str:
        """Return the text as it is shown: a percentage with the decimals of its format."""
        if not self.percent:
            return self.raw
        places = len(self.format.partition("%")[0].partition(".")[2].strip("_ )"))
        return f"{decimal_text(exact(self.raw) * Exact(100), min(places, 9))}%"


NOTHING = Seen("")
_MOST = 20
"""Above 2000 % a number is no rate: its format need not be looked up."""


def seen(grid: Grid, row: int, column: int, *, formatted: bool = False) -> Seen:
    """Return a cell of a grid; ``formatted`` looks up the number format too."""
    text = grid.text(row, column)
    if not text:
        return NOTHING
    sheet, address = grid.at(row, column)
    number, shown = (row, column) in grid.numbers, ""
    if formatted and number and grid.shown is not None and abs(float(text)) <= _MOST:
        shown = grid.shown(row, column)
    return Seen(text, sheet, address, number, shown)


@dataclass(slots=True)
class FundSeen:
    """A row of the 项目资金 table: its label and its cells by field."""

    source: Seen
    cells: dict[str, Seen]


@dataclass(slots=True)
class RowSeen:
    """A row of the 绩效指标 table: the three levels and its cells by field."""

    l1: Seen
    l2: Seen
    name: Seen
    cells: dict[str, Seen]

    def cell(self, name: str) -> Seen:
        return self.cells.get(name, NOTHING)


@dataclass(slots=True)
class LineSeen:
    """A line of a list of projects (自评汇总表, 项目清单): its cells by field."""

    cells: dict[str, Seen]
    tier_rates: dict[str, Seen] = field(default_factory=dict)

    def cell(self, name: str) -> Seen:
        return self.cells.get(name, NOTHING)


@dataclass(slots=True)
class Form:
    """One form as it was found: 项目自评表, 部门整体自评表, a list of projects, 决算 figures.

    ``heads`` are the cells beside labels above the table, ``fund_labels`` what the money columns
    are called, ``figures`` the named figures of a 决算 table, ``ignored`` cells that were
    understood and belong nowhere, with the reason. ``own`` is a form of a workbook we wrote,
    ``set_id`` the set it was scored with, where it says so. ``amounts_called`` is the label of the
    only column of amounts, where a list of projects says no more (:mod:`.bare_list`).
    """

    kind: Literal["evaluation", "list", "accounts", "counts"]
    title: str = ""
    year: int = 0
    money_unit: str = ""
    heads: dict[str, Seen] = field(default_factory=dict)
    goal: Seen = NOTHING
    goal_done: Seen = NOTHING
    funds: list[FundSeen] = field(default_factory=list)
    fund_points: str = ""
    fund_labels: dict[str, str] = field(default_factory=dict)
    rows: list[RowSeen] = field(default_factory=list)
    lines: list[LineSeen] = field(default_factory=list)
    total: dict[str, Seen] = field(default_factory=dict)
    figures: dict[str, Seen] = field(default_factory=dict)
    remarks: list[Seen] = field(default_factory=list)
    ignored: list[tuple[Seen, str]] = field(default_factory=list)
    own: bool = False
    set_id: str = ""
    amounts_called: str = ""

    @property
    def is_department(self) -> bool:
        """Whether the form is about a department as a whole."""
        if self.kind != "evaluation" or "name" in self.heads:
            return False
        return "整体" in self.title or "部门" in self.title or "项目" not in self.title

    @property
    def empty(self) -> bool:
        return not (self.funds or self.rows or self.lines or self.figures or self.total)

    def taken(self) -> Iterator[Seen]:
        """Yield every cell the form holds."""
        yield from self.heads.values()
        yield from (cell for cell in (self.goal, self.goal_done) if cell)
        for fund in self.funds:
            yield fund.source
            yield from fund.cells.values()
        for row in self.rows:
            yield from (row.l1, row.l2, row.name)
            yield from row.cells.values()
        for line in self.lines:
            yield from line.cells.values()
            yield from line.tier_rates.values()
        yield from self.total.values()
        yield from self.figures.values()
        yield from self.remarks
        yield from (cell for cell, _ in self.ignored)
