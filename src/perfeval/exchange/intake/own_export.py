"""A workbook of our own, edited or not, back into what it was made from.

What people enter stands in 基础数据, or beside the form of a project; money, targets, points and
人工赋分 stand in the forms themselves. Everything else there follows from these and is not read:
exporting and importing gives the same values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from perfeval.checks.subject import same_name
from perfeval.exchange.book import FORM
from perfeval.exchange.entries import ENTRIES, QUALITATIVE, SCHEME, SET, SET_ID, SUMMARY, UNIT
from perfeval.exchange.form import REASON_PARTS, REASON_TOLD
from perfeval.exchange.intake.evaluation_form import FormReader
from perfeval.exchange.intake.grids import Grid
from perfeval.exchange.intake.ledger import Ledger
from perfeval.exchange.intake.project_list import read_lists
from perfeval.exchange.intake.rows import COMPUTED, accept_figure, claim
from perfeval.exchange.intake.seen import NOTHING, Form, RowSeen, Seen, seen
from perfeval.exchange.project_form import NAME as PROJECT_FORM
from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import figure
from perfeval.session.change import read as read_part
from perfeval.session.change import under

_HEAD = ("类别 / 指标", "名称", "数值")
LEVEL = "达成档次"
_INPUTS, _ITEMS = "：取值项", "：指标取值"
_DERIVED = re.compile(r"年度指标值（.*）|实际完成值（计算）")
_FIELDS = {
    "实际完成值（直接填报）": "actual",
    "分子": "numerator",
    "分母": "denominator",
    LEVEL: "level",
    "评定分值": "level_score",
    "选用的计分方式": "elected",
    "另行扣分": "deduction",
    UNIT: "unit",
}
YES_OR_NO = {"1": True, "0": False, "是": True, "否": False}
_SHOWN_FROM = ("分子", "实际完成值（计算）", "不适用（1 为不适用）")
"""An item with such a line shows in its form what follows from it."""
NOT_READ = {
    "佐证材料目录": "佐证材料要连同文件添加，不从目录导入",
    **dict.fromkeys(("得分情况表", "得分图", "扣分明细表", "审核报告", "核对"), COMPUTED),
}
"""Sheets of ours that are not read back, and what stands in them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of 基础数据: a figure the set asks for, or what was entered for an item."""

    input: bool
    group: str
    name: str
    value: Seen
    unit: str
    source: Seen
    date: Seen
    note: Seen

    def about(self, name: str) -> bool:
        """Whether the line is about the item of this name: it is called by code and name."""
        return name in (self.group, self.group.partition(" ")[2])


@dataclass(slots=True)
class OwnForm:
    """A form of ours with the lines of what was entered for it, and the total it shows."""

    form: Form
    lines: list[Line] = field(default_factory=list)
    total: Seen = NOTHING


@dataclass(slots=True)
class OwnExport:
    """What was found in a workbook of our own; ``lists`` is its 自评汇总表."""

    forms: list[OwnForm] = field(default_factory=list)
    lists: list[Form] = field(default_factory=list)


def is_own(grids: list[Grid]) -> bool:
    """Whether these are sheets of a workbook we wrote."""
    return any(_entries_at(grid) is not None for grid in grids)


def _entries_at(grid: Grid) -> tuple[int, int] | None:
    """Return row and column at which the lines of what was entered begin."""
    for row, cells in enumerate(grid.cells[:4]):
        for column in range(len(cells) - 2):
            if cells[column] == _HEAD[0] and tuple(cells[column : column + 3]) == _HEAD:
                return row + 1, column
    return None


def read(grids: list[Grid]) -> OwnExport:
    """Read the forms, what was entered for them, and the lines of 自评汇总表."""
    own, department = OwnExport(), OwnForm(Form("evaluation", title=FORM))
    for grid in map(with_remarks, grids):
        entries = _entries_at(grid)
        if grid.sheet == ENTRIES and entries:
            department.lines = list(_lines(grid, *entries))
        elif grid.sheet == FORM:
            department.form = next(iter(FormReader(grid).forms()), department.form)
            department.total = department.form.total.get("score", NOTHING)
            _keep_typed(department.form, {"target", "manual", "points", "reason"})
        elif entries and grid.text(0, 0) == PROJECT_FORM:
            own.forms.append(_project(grid, *entries))
        elif grid.sheet == SUMMARY:
            own.lists += _without_computed(read_lists(grid))
    if department.form.rows or department.lines:
        own.forms.insert(0, department)
    for one in own.forms:
        one.form.own = True
    for one in own.forms:
        for row in one.form.rows:
            _split_reason(row)
        one.form.set_id = next((x.value.raw for x in one.lines if _is_set(x, SET_ID)), "")
    return own


_REMARK = re.compile(r"说明 (\d+)：(.*)", re.DOTALL)
_REFERS = re.compile(r"见表后说明 (\d+)")


def with_remarks(grid: Grid) -> Grid:
    """Return a sheet with the texts that stand below the table, too long for it, in their cells."""
    remarks: dict[str, str] = {}
    open_ = ""
    for cells in grid.cells:
        text = cells[0] if cells else ""
        if found := _REMARK.fullmatch(text):
            open_, remarks[found[1]] = found[1], found[2]
        elif not text or text.startswith("校验码："):
            open_ = ""
        elif open_:  # the next row of a text that one row cannot hold
            remarks[open_] += text

    def put_back(text: str) -> str:
        found = _REFERS.fullmatch(text)
        return remarks.get(found[1], text) if found else text

    if not remarks:
        return grid
    return replace(grid, cells=[[put_back(text) for text in row] for row in grid.cells])


def _split_reason(row: RowSeen) -> None:
    """Make cells of their own of what 偏差原因、依据 holds besides 偏差原因."""
    cell = row.cells.pop("reason", None)
    if cell is None:
        return
    first, *parts = _PARTS.split(cell.raw)
    if first.strip():
        row.cells["reason"] = cell._replace(raw=first.strip())
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        if name in REASON_PARTS:
            row.cells[REASON_PARTS[name]] = cell._replace(raw=text.strip())


_PARTS = re.compile(rf"^({'|'.join((*REASON_PARTS, *REASON_TOLD))})", re.MULTILINE)


def _lines(grid: Grid, row: int, left: int) -> Iterator[Line]:
    of_inputs = True
    for at in range(row, len(grid.cells)):
        first, name = grid.text(at, left), grid.text(at, left + 1)
        if first.endswith((_INPUTS, _ITEMS)):
            of_inputs = first.endswith(_INPUTS)
        elif name:
            value = seen(grid, at, left + 2, formatted=True)
            source, date, note = (seen(grid, at, left + c) for c in (4, 5, 6))
            unit = grid.text(at, left + 3)
            yield Line(of_inputs, first, name, value, unit, source, date, note)


def _is_set(line: Line, name: str) -> bool:
    return (line.group, line.name) == (SET, name)


def _project(grid: Grid, row: int, left: int) -> OwnForm:
    """Read the form of a project: its printed columns, 人工赋分 beside it, what was entered."""
    lines = list(_lines(grid, row, left))
    printed = next((c for c, text in grid.filled(0) if text and c), 9)
    manual = next((c for c, text in grid.filled(0) if text == "人工赋分"), None)
    page = replace(grid, cells=[cells[:printed] for cells in grid.cells])
    form = next(iter(FormReader(page).forms()), Form("evaluation", title=PROJECT_FORM))
    total = form.total.get("score", NOTHING)
    if form.funds and (points := form.funds[0].cells.get("points")):
        form.fund_points = points.raw
    typed = {"target", "points", "actual", "reason", "initial", "budget", "executed"}
    _keep_typed(form, typed)
    for item in form.rows:
        mine = [line for line in lines if line.about(item.name.raw)]
        level = {line.value.raw for line in mine if line.name == LEVEL}
        if any(line.name in _SHOWN_FROM for line in mine) or item.cell("actual").raw in level:
            _computed(form, item.cells, "actual")
        at = _row_of(item.name)
        if manual is not None and (cell := seen(grid, at, manual)):
            item.cells["manual"] = cell
    if manual is not None and form.funds:
        form.funds[0].cells["manual"] = seen(grid, _row_of(form.funds[0].source), manual)
    return OwnForm(form, lines, total)


def _row_of(cell: Seen) -> int:
    """Return the row of a cell, from 0."""
    return int(re.sub(r"\D", "", cell.address)) - 1


def _keep_typed(form: Form, typed: set[str]) -> None:
    """Leave of a form's cells those that somebody types."""
    for row in form.rows:
        for name in [one for one in row.cells if one not in typed]:
            _computed(form, row.cells, name)
    for fund in form.funds:
        for name in [one for one in fund.cells if one not in typed or one == "points"]:
            _computed(form, fund.cells, name)
    for name in list(form.total):
        _computed(form, form.total, name)
    form.rows = [row for row in form.rows if not row.name.raw.startswith("（未设")]


def _computed(form: Form, cells: dict[str, Seen], name: str) -> None:
    if cell := cells.pop(name, None):
        form.ignored.append((cell, COMPUTED))


def _without_computed(lists: list[Form]) -> list[Form]:
    for form in lists:
        for line in form.lines:
            for name in ("score", "rate", "reason"):
                _computed(form, line.cells, name)
            for tier in list(line.tier_rates):
                _computed(form, line.tier_rates, tier)
    return lists


# --- placing ---------------------------------------------------------------------------------


def place_lines(own: OwnForm, base: str, indicators: IndicatorSet, ledger: Ledger) -> None:
    """Place what was entered for a form: its rows have their places already."""
    placer = _Lines(base, indicators, ledger)
    for line in own.lines:
        placer.place(line)
    if ledger.as_handed_in and own.total:  # what its unit handed in, perhaps typed over
        name = "total" if base == "department" else "score"
        claim(ledger, own.total, under(base, name), own.total.printed)


class _Lines:
    """Places the lines of one evaluation."""

    def __init__(self, base: str, indicators: IndicatorSet, ledger: Ledger) -> None:
        self.base, self.set, self.ledger = base, indicators, ledger
        self.fixed = {
            f"{one.code} {one.name}": under(base, "answers", one.code)
            for one in indicators.all_indicators()
        }
        self.names = {
            same_name(one.name): under(base, "answers", one.code)
            for one in indicators.all_indicators()
        }
        evaluation = read_part(ledger.base, base) or {}
        self.own = {
            f"{key} {row.get('name', '')}": under(base, "rows", key)
            for key, row in evaluation.get("rows", {}).items()
        }
        rows = {
            entry.path.rpartition("/")[0]: entry.value
            for entry in ledger.entries
            if entry.path.startswith(f"{base}/rows/") and entry.path.endswith("/name")
        }
        self.rows = {same_name(name): path for path, name in rows.items()}

    def place(self, line: Line) -> None:
        """Place one line; what follows from other figures is not taken."""
        if line.input:
            self._input(line)
        elif _is_set(line, SET_ID):
            self.ledger.ignore(line.value, "指标体系")
        elif _is_set(line, SCHEME):
            self.ledger.accept(line.value, under(self.base, "weight_scheme"), line.value.raw)
        elif not line.value or _DERIVED.fullmatch(line.name):
            if line.value:
                self.ledger.ignore(line.value, COMPUTED)
        else:
            self._item(line)

    def _input(self, line: Line) -> None:
        ledger, definition = self.ledger, self.set.inputs.get(line.name)
        if definition is None or line.source.raw in (SUMMARY, "缺省值"):
            ledger.ignore(line.value, "缺省值或由各项目得出")
            return
        path = under(self.base, "inputs", line.name)
        if line.value:
            ledger.accept(line.value, under(path, "value"), line.value.entered)
        if line.source:
            ledger.accept(line.source, under(path, "source"), line.source.raw)
        if line.date:
            ledger.accept(line.date, under(path, "date"), line.date.raw)
        if line.note and line.note.raw != definition.help:
            ledger.accept(line.note, under(path, "note"), line.note.raw)

    def _path(self, group: str) -> str:
        """Return where the item of a line stands; own rows are found by name, then by key."""
        if found := self.fixed.get(group) or self.own.get(group):
            return found
        wanted = same_name(group.partition(" ")[2] or group)
        whole = same_name(group)
        return self.rows.get(wanted) or self.rows.get(whole) or self.names.get(whole, "")

    def _item(self, line: Line) -> None:
        ledger, path = self.ledger, self._path(line.group)
        if not path:
            tier = next((one.name for one in self.set.tiers if line.group.endswith(one.name)), "")
            if tier and line.name == "实际完成值（直接填报）" and self.base != "department":
                ledger.accept(line.value, under(self.base, "tier_rates", tier), line.value.entered)
            else:
                ledger.refuse(line.value, f"表里没有“{line.group}”这一项")
        elif line.name.startswith("不适用"):
            if figure(line.value.raw).value == 1:
                reason = line.note or Seen("不适用", line.value.sheet, line.value.address)
                ledger.accept(reason, under(path, "not_applicable"), reason.raw)
        elif (name := _FIELDS.get(line.name)) is not None:
            self._field(line, path, name)
        elif (met := YES_OR_NO.get(line.value.raw)) is None:
            ledger.refuse(line.value, "应填 1（是）或 0（否）", path)
        elif line.name == QUALITATIVE:
            ledger.accept_yes_no(line.value, under(path, "qualitative"), met=met)
        else:
            ledger.accept_yes_no(line.value, under(path, "elements", line.name), met=met)

    def _field(self, line: Line, path: str, name: str) -> None:
        ledger, value = self.ledger, line.value
        typed = str(read_part(ledger.base, under(path, "actual")) or "")
        given = read_part(ledger.base, under(path, name))
        if name == "level" and same_name(value.raw) == same_name(typed):
            ledger.ignore(value, "由实际完成值得出")
        elif name == "deduction" and figure(value.raw).value == 0 and not given:
            ledger.ignore(value, "没有另行扣分")
        elif name == "actual":
            accept_figure(ledger, value, under(path, name), line.unit)
        else:
            ledger.accept(value, under(path, name), value.entered)
