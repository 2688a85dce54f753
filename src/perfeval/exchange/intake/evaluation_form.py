"""项目支出绩效自评表 and 部门整体自评表, in any of the layouts offices use, out of a grid.

Going down the rows, a row of labels opens a block (资金, 年度目标, 绩效指标) and says which column
is what; the rows below it are read by those columns until another block opens. So blocks may come
in any order, with columns more or fewer, and a form may stand anywhere on a sheet, several below
one another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from perfeval.exchange.intake.grids import Grid
from perfeval.exchange.intake.labels import (
    FUND_COLUMNS,
    HEAD_LABELS,
    INDICATOR_COLUMNS,
    LIST_COLUMNS,
    bare,
    columns_of,
    field_of,
    is_template,
    may_be_labels,
    money_unit,
    over_two_rows,
    points_in,
    whole,
    year_in,
)
from perfeval.exchange.intake.seen import NOTHING, Form, FundSeen, RowSeen, Seen, seen
from perfeval.numbers import FigureState, figure

_FORMATTED = {"target", "actual", "rate", "coefficient", "score"}
_MONEY = {"initial", "budget", "executed"}
_TOTAL = re.compile(r"(自评|评价)?(总分|合计|总计|得分合计|总得分|自评总分|分值合计|总分值)")
_NOTE = re.compile(r"(注|备注|说明|填表说明|填报说明)\d?[:：]|^注\d?[.、:：]")
_GOAL = re.compile(
    r"(年初|年度|预期)?(设定|预期|总体|绩效|申报)*(总体)?(目标|绩效目标)(设定)?(内容)?|年初设定目标"
)
_DONE = re.compile(r"(全年|年度|目标)?(实际)?(完成|实现)(情况|程度)?(目标情况)?|目标实际完成情况")
_SHARE = re.compile(
    r"其中|当年财政|本年财政|上年结转|其他资金|财政拨款|专户|资金总额|总额|合计|小计"
)


@dataclass(slots=True)
class _Columns:
    """Which columns a row of labels made: each field's first one and the one it ends before."""

    fields: dict[str, int]
    spans: list[tuple[str, int, int, bool]]

    @classmethod
    def of(cls, fields: dict[str, int], starts: Sequence[int]) -> _Columns:
        later = sorted(starts)
        spans = [
            (name, start, next((one for one in later if one > start), start + 64),
             name in _FORMATTED)
            for name, start in fields.items()
        ]  # fmt: skip
        return cls(fields, spans)

    def read(self, grid: Grid, row: int) -> dict[str, Seen]:
        """Return each field's first cell with content in a row, where it has one."""
        texts, found = grid.cells[row], {}
        for name, start, end, formatted in self.spans:
            for column in range(start, min(end, len(texts))):
                if texts[column]:
                    found[name] = seen(grid, row, column, formatted=formatted)
                    break
        return found


@dataclass(slots=True)
class FormReader:
    """Reads every evaluation form of a grid. :meth:`forms` gives them in their order."""

    grid: Grid
    form: Form = field(default_factory=lambda: Form("evaluation"))
    done: list[Form] = field(default_factory=list)
    block: str = "head"
    columns: _Columns | None = None
    title: str = ""
    year: int = 0
    unit: str = ""
    l1: Seen = NOTHING
    l2: Seen = NOTHING
    goal_columns: tuple[int, int] = (0, 0)

    def forms(self) -> list[Form]:
        """Return the forms found; a sheet without one gives none."""
        for row in range(len(self.grid.cells)):
            if cells := self.grid.filled(row):
                self._row(row, cells)
        self._close()
        return self.done

    # --- blocks -------------------------------------------------------------------------------

    def _row(self, row: int, cells: list[tuple[int, str]]) -> None:
        if self._opens_block(row, cells):
            return
        if self.block in ("funds", "rows") and _begins_form(cells):
            self.block = "head"
        if self.block == "goal" and self._goal(row):
            return
        if self.block == "funds" and self._fund(row, cells):
            return
        if self.block == "rows" and self._indicator(row, cells):
            return
        self._heads(row, cells)

    def _opens_block(self, row: int, cells: list[tuple[int, str]]) -> bool:
        if not may_be_labels(cells):
            return False
        above = self.grid.filled(row - 1) if row else []
        own, cells = cells, over_two_rows(INDICATOR_COLUMNS, above, cells)
        starts = [column for column, _ in cells]
        indicators = columns_of(INDICATOR_COLUMNS, cells)
        told = {"target", "actual", "points", "score", "l2", "coefficient"} & set(indicators)
        if ("l3" in indicators and len(told) >= 1 and len(cells) >= 3) or (
            {"l1", "l2"} <= set(indicators) and len(told) >= 2
        ):
            if "l3" not in indicators:
                indicators["l3"] = indicators["l2"]
            if not self._goes_on(indicators):
                self.l1 = self.l2 = NOTHING
            self.block, self.columns = "rows", _Columns.of(indicators, starts)
            self._labels(cells)
            return True
        cells = over_two_rows(FUND_COLUMNS, above, own)
        starts = [column for column, _ in cells]
        funds = columns_of(FUND_COLUMNS, cells)
        listed = columns_of(LIST_COLUMNS, cells)
        money = _MONEY & set(funds)
        named = "name" in listed and listed["name"] < min((funds[one] for one in money), default=0)
        if not named and (len(money) >= 2 or (money and {"rate", "score"} & set(funds))):
            self.block, self.columns = "funds", _Columns.of(funds, starts)
            self._labels(cells)
            texts = dict(cells)
            self.form.fund_labels = {name: bare(texts[at]) for name, at in funds.items()}
            return True
        cells = own
        goals = [c for c, text in cells if _GOAL.fullmatch(bare(text))]
        dones = [c for c, text in cells if _DONE.fullmatch(bare(text))]
        if goals and dones and goals[-1] < dones[-1] and len(cells) <= 4:
            self.block, self.goal_columns = "goal", (goals[-1], dones[-1])
            self._labels(cells)
            return True
        return False

    def _goes_on(self, fields: dict[str, int]) -> bool:
        """Whether a row of labels only repeats the ones above, as on the next page of a table."""
        again = self.columns is not None and self.columns.fields == fields
        return again and bool(self.form.rows) and not self.form.total

    def _labels(self, cells: list[tuple[int, str]]) -> None:
        """Take from a row of labels what it states besides: the money unit, the points."""
        for _, text in cells:
            if unit := money_unit(text):
                self.form.money_unit = self.form.money_unit or unit
            if self.block == "funds" and (points := points_in(text)):
                self.form.fund_points = points

    # --- above the table ----------------------------------------------------------------------

    def _heads(self, row: int, cells: list[tuple[int, str]]) -> None:
        line = "".join(text for _, text in cells)
        if len(cells) <= 3 and ("自评" in line or "绩效" in line) and re.search(r"表|报告", line):
            if _CONTINUED.search(line) and self.form.rows and not self.form.total:
                return
            if self.form.rows or self.form.total or self.form.funds:
                self._close()
            if len(line) < 80:
                self.title = line
        if len(line) < 200:
            self.year = (
                year_in(line) or self.year if re.search(r"年度|20\d\d年", line) else self.year
            )
        for _, text in cells:
            if len(text) < 60 and (unit := money_unit(text)):
                self.unit = unit
                if not self.form.rows:
                    self.form.money_unit = self.form.money_unit or unit
        for name, cell in head_pairs(self.grid, row, cells):
            if name == "name" and (self.form.rows or self.form.funds or "name" in self.form.heads):
                self._close()
            if name == "money_unit":
                continue
            self.form.heads.setdefault(name, cell)

    def _goal(self, row: int) -> bool:
        left, right = self.goal_columns
        anchor = self.grid.anchor
        goal = seen(self.grid, *anchor(row, left))
        done = seen(self.grid, *anchor(row, right))
        self.block = "head"
        if not goal and not done:
            return True
        self.form.goal, self.form.goal_done = goal, done
        return True

    # --- 项目资金 --------------------------------------------------------------------------------

    def _fund(self, row: int, cells: list[tuple[int, str]]) -> bool:
        assert self.columns is not None
        grid, columns = self.grid, self.columns
        first = min(columns.fields[name] for name in columns.fields if name != "reason")
        labels = [(c, text) for c, text in cells if c < first]
        found = columns.read(grid, row)
        money = [found[name] for name in _MONEY if name in found]
        scored = any(_is_number(found, name) for name in ("rate", "score"))
        source = _SHARE.search(labels[-1][1]) if labels else None
        if not (money or scored) or not (source or all(_like_money(cell.raw) for cell in money)):
            if not found and source:
                return True  # a source with nothing in it
            self.block = "head"
            return False
        label_cell = seen(grid, row, labels[-1][0]) if labels else Seen("年度资金总额")
        self.form.funds.append(FundSeen(label_cell, found))
        for _, text in cells:
            if points := points_in(text):
                self.form.fund_points = self.form.fund_points or points
        return True

    # --- 绩效指标 --------------------------------------------------------------------------------

    def _indicator(self, row: int, cells: list[tuple[int, str]]) -> bool:
        """Read one row of the table. Return False for a row that is none of it."""
        assert self.columns is not None
        grid, columns = self.grid, self.columns
        first = cells[0][1]
        if _NOTE.match(first) or _ends(first):
            self.block = "head"
            return False
        if cells[0][0] < columns.fields["l3"] and field_of(INDICATOR_COLUMNS, first) == "reason":
            if len(cells) > 1:
                self.form.heads.setdefault("reason", seen(grid, row, cells[1][0]))
            return True
        sums = {_sum_label(text) for _, text in cells[:3]}
        if "total" in sums:
            self._total(row)
            return True
        found = self._cells(row)
        self._levels(row)
        name = found.pop("l3", NOTHING)
        for level in ("l1", "l2"):
            found.pop(level, None)
        if "subtotal" in sums:
            self.form.ignored += [
                (cell, "小计行，由各项相加得出") for cell in [name, *found.values()] if cell
            ]
            return True
        if not name or (is_template(name.raw) and not _any_content(found)):
            cells_seen = [cell for cell in (name, *found.values()) if cell]
            self.form.ignored += [(cell, "空白的模板行，没有内容") for cell in cells_seen]
            return True
        if whole(name.raw).startswith("其中") and not _points(found):
            taken = [name, *found.values()]
            self.form.ignored += [(cell, "“其中”行不单独计分") for cell in taken if cell]
            return True
        self.form.rows.append(RowSeen(self.l1, self.l2, name, found))
        return True

    def _cells(self, row: int) -> dict[str, Seen]:
        """Return the cells of a row by field, put straight where merged cells shifted them."""
        assert self.columns is not None
        grid, columns = self.grid, self.columns
        found = columns.read(grid, row)
        if grid.merges and "l3" in columns.fields:
            fields = sorted(columns.fields, key=columns.fields.__getitem__)
            wanted = fields[fields.index("l3") :]
            start, last = columns.fields["l3"], columns.fields[wanted[-1]]
            across = range(start, max(last + 1, grid.width(row)))
            cells = list(dict.fromkeys(grid.anchor(row, c) for c in across))
            cells = [cell for cell in cells if cell[0] == row]
            shifted = any(
                one not in columns.fields.values() for _, one in cells if grid.text(row, one)
            )
            if shifted and len(cells) == len(wanted):
                for name, (_, column) in zip(wanted, cells, strict=True):
                    found[name] = seen(grid, row, column, formatted=name in _FORMATTED)
                found = {name: found[name] for name in columns.fields if found.get(name)}
        return found

    def _levels(self, row: int) -> None:
        """Carry 一级 and 二级 down over merged or empty cells."""
        assert self.columns is not None
        for name in ("l1", "l2"):
            if name not in self.columns.fields:
                continue
            column = self.columns.fields[name]
            cell = seen(self.grid, *self.grid.anchor(row, column))
            if not cell or is_template(cell.raw):
                continue
            if name == "l1" and cell.address != self.l1.address:
                self.l1, self.l2 = cell, NOTHING
            elif name == "l2":
                self.l2 = cell

    def _total(self, row: int) -> None:
        assert self.columns is not None
        cells = self.columns.read(self.grid, row)
        for name in ("points", "score"):
            if name in cells:
                self.form.total.setdefault(name, cells[name])
        if "score" not in self.form.total:
            # Where no score is asked for, what stands below the points is their sum.
            fields = self.columns.fields
            sums = fields.get("points") if "score" not in fields else None
            figures = [
                seen(self.grid, row, column)
                for column, text in self.grid.filled(row)
                if figure(text).value is not None and column != sums
            ]
            if figures:
                self.form.total["score"] = figures[-1]
                if len(figures) > 1:
                    self.form.total.setdefault("points", figures[0])
            for _, text in self.grid.filled(row):
                if (found := re.search(r"[:：](\d+(?:\.\d+)?)分?$", text)) and not figures:
                    cell = seen(self.grid, row, 0)
                    self.form.total["score"] = Seen(found[1], cell.sheet, cell.address)

    # --- the end of a form --------------------------------------------------------------------

    def _close(self) -> None:
        form = self.form
        if form.rows or form.funds or form.total:
            form.title = form.title or self.title or self.grid.sheet
            form.year = form.year or self.year
            form.money_unit = form.money_unit or self.unit
            self.done.append(form)
            self.form = Form("evaluation")
        self.block, self.columns = "head", None
        self.l1 = self.l2 = NOTHING


def head_pairs(grid: Grid, row: int, cells: list[tuple[int, str]]) -> Iterator[tuple[str, Seen]]:
    """Yield the labels of a row with what is written beside them or after their colon.

    ``单位：万元`` says how money is counted and names nobody.
    """
    for name, cell in _head_pairs(grid, row, cells):
        counted = name == "unit" and _MONEY_UNIT.fullmatch(cell.raw.strip())
        yield "money_unit" if counted else name, cell


def _head_pairs(grid: Grid, row: int, cells: list[tuple[int, str]]) -> Iterator[tuple[str, Seen]]:
    taken = set()
    for at, (column, text) in enumerate(cells):
        if column in taken:
            continue
        label, colon, rest = _COLON.sub(":", text, count=1).partition(":")
        if colon and rest.strip() and len(label) <= 16:
            if (name := field_of(HEAD_LABELS, label)) and rest.strip("_＿ "):
                own = seen(grid, row, column)
                yield name, Seen(_to_next_label(rest), own.sheet, own.address)
            continue
        name = field_of(HEAD_LABELS, text)
        if not name or at + 1 >= len(cells):
            continue
        beside, value = cells[at + 1]
        if field_of(HEAD_LABELS, value) and len(value) < 12:
            continue
        taken.add(beside)
        yield name, seen(grid, row, beside)


def _to_next_label(text: str) -> str:
    """Return what stands behind a colon, up to the next label of the same line.

    ``某局　　单位：万元`` names 某局.
    """
    for found in _LABEL_WITHIN.finditer(text):
        if field_of(HEAD_LABELS, found[1]):
            return text[: found.start()].strip()
    return text.strip()


_COLON = re.compile(r"\s*：\s*")
_MONEY_UNIT = re.compile(r"(人民币)?(元|千元|万元|百万元|亿元)")
_LABEL_WITHIN = re.compile(r"\s+([^\s：:]{2,10})\s*[：:]")
_CONTINUED = re.compile(r"[（(【]\s*续\s*表?\s*[一二三\d]?\s*[)）】]|(?<!手)续表")
"""What the title of a table's next page says."""


def _like_money(text: str) -> bool:
    """Whether a cell of a money column holds an amount, or stands for none."""
    read = figure(text)
    return read.state is not FigureState.UNREADABLE or bool(re.match(r"[\d?？.,]+", text))


def _begins_form(cells: list[tuple[int, str]]) -> bool:
    """Whether a row is the title of another form, or names its project."""
    first = cells[0][1]
    if len(cells) == 1 and len(first) < 60 and re.search(r"自评.{0,6}表", first):
        return True
    return len(cells) <= 6 and field_of(HEAD_LABELS, _before_colon(first)) == "name"


def _before_colon(text: str) -> str:
    return text.replace("：", ":").partition(":")[0]


def _ends(text: str) -> bool:
    return bare(_before_colon(text)) in _SIGNED


_SIGNED = {
    *("填报日期", "填表日期", "联系电话", "填报人", "填表人", "单位负责人", "负责人", "联系人"),
    *("制表人", "自评结论"),
}
"""What stands below a table, before a colon."""


def _is_number(found: dict[str, Seen], name: str) -> bool:
    return name in found and figure(found[name].raw).value is not None


def _sum_label(text: str) -> str:
    """Return which row a label makes: the total, a subtotal, or neither."""
    label = bare(text)
    if label in ("小计", "二级小计"):
        return "subtotal"
    return "total" if _TOTAL.fullmatch(label) else ""


def _points(found: dict[str, Seen]) -> bool:
    cell = found.get("points") or found.get("score")
    return cell is not None and figure(cell.raw).value is not None


def _any_content(found: dict[str, Seen]) -> bool:
    values = [cell for key, cell in found.items() if key not in ("standard", "op", "unit")]
    return any(figure(cell.raw).state is not FigureState.BLANK for cell in values)
