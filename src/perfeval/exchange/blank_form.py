"""One sheet of a bureau's own blank form: cells found by their labels and filled in place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from perfeval.exchange.blank_cells import Cells, Value, Worksheet, is_free
from perfeval.exchange.blank_matching import (
    BlankRow,
    assigned,
    ends,
    nearest_fund,
    same_group,
    shown,
    tier_rate,
)
from perfeval.exchange.blank_rows import merge
from perfeval.exchange.book import Material
from perfeval.exchange.form import reasons
from perfeval.exchange.intake.labels import (
    FUND_COLUMNS,
    HEAD_LABELS,
    INDICATOR_COLUMNS,
    LIST_COLUMNS,
    bare,
    columns_of,
    field_of,
    is_template,
    money_unit,
)
from perfeval.exchange.lines import total_points
from perfeval.exchange.project_form import rate_tier
from perfeval.numbers import Exact, figure
from perfeval.scoring.scorecard import IndicatorResult, ProjectResult, Result
from perfeval.session.model import Project, Session

_MONEY: tuple[Literal["initial", "budget", "executed"], ...] = ("initial", "budget", "executed")
_TOTAL = re.compile(r"(自评|绩效|项目)?(总分|合计|总计|总得分)(得分)?")
_GOAL = re.compile(r"(年度|年初|全年)?(总体)?(预期|设定|绩效)?(总体)?目标(设定)?(内容)?")
_DONE = re.compile(r"(年度|全年)?(总体)?(目标)?(实际)?(完成|实现)情况(说明)?")
_YEAR = re.compile(r"(20)?[X×x_＿]{2,4}(?=\s*年)|(?<=[（(])[\s_＿]*(?=年)")
_BLANK_PAIR = re.compile(
    r"([^\s：:]{2,16})[：:][\s_＿]*(?:年[\s_＿]*月[\s_＿]*日)?(?=$|\s|[^\s：:]{2,16}[：:])"
)


# --- what a sheet is -------------------------------------------------------------------------


def kind_of_sheet(sheet: Worksheet) -> str:
    """Return ``summary``, ``project`` or ``department`` for a form, else an empty text."""
    named = False
    for _, cells in _headings(sheet):
        if _list_columns(cells):
            return "summary"
        if _indicator_columns(cells):
            return "project" if named else "department"
        named = named or any(field_of(HEAD_LABELS, text) == "name" for _, text in cells)
    return ""


def _texts(sheet: Worksheet) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Yield each row with the columns and texts of its cells that hold one."""
    for row in sheet.iter_rows():
        cells = [(cell.column, cell.value) for cell in row if isinstance(cell.value, str)]
        if cells:
            yield row[0].row, [(column, text) for column, text in cells if text.strip()]


def _headings(sheet: Worksheet) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Yield each row with its texts, and with those below where nothing stands below its name.

    项目资金 over 全年预算数 and 执行数 is a heading of two rows; the lower one names the columns.
    """
    rows = dict(_texts(sheet))
    for row, cells in rows.items():
        name = columns_of(LIST_COLUMNS, cells).get("name", 0)
        lower = rows.get(row + 1, [])
        free = name and sheet.cell(row + 1, name).value is None
        if free and _FIGURES & set(columns_of(LIST_COLUMNS, lower)):
            yield row, [*cells, *lower]
        else:
            yield row, cells


_FIGURES = {"budget", "executed", "rate", "score", "tier_rate"}


def _list_columns(cells: list[tuple[int, str]]) -> dict[str, int]:
    found = columns_of(LIST_COLUMNS, cells)
    enough = len(_FIGURES & set(found)) >= 2
    if "name" in found and enough and "l3" not in columns_of(INDICATOR_COLUMNS, cells):
        return found
    return {}


def _indicator_columns(cells: list[tuple[int, str]]) -> dict[str, int]:
    found = columns_of(INDICATOR_COLUMNS, cells)
    told = {"target", "actual", "points", "score"} & set(found)
    return found if "l3" in found and told and len(cells) >= 3 else {}


# --- filling ---------------------------------------------------------------------------------


@dataclass
class Filler(Cells):
    """Fills one sheet of a blank form; what found no place is ``missing``."""

    material: Material
    kind: str
    project: ProjectResult | None
    missing: list[str] = field(default_factory=list)
    done_rate: bool = False

    def __post_init__(self) -> None:
        """Find the unit the form asks its amounts in; ours where it states none."""
        stated = (money_unit(text) for _, cells in _texts(self.sheet) for _, text in cells)
        self.unit = next((unit for unit in stated if unit), self.session.money_unit)

    def money(self, value: Exact | None) -> Exact | None:
        """Return an amount of the session in the unit of the form."""
        one = figure(f"1{self.session.money_unit}").in_unit(self.unit).value
        return value if value is None or one is None else value * one

    @property
    def session(self) -> Session:
        return self.material.session

    @property
    def result(self) -> Result | None:
        if self.kind == "project":
            return self.project.result if self.project else None
        return self.material.card.department

    @property
    def filled_in(self) -> Project | None:
        """The project whose form this is."""
        return self.session.projects[self.project.key] if self.project else None

    def fill(self) -> None:
        """Fill the sheet with what its labels ask for."""
        self._heads()
        if self.kind == "summary":
            self._summary()
            return
        if self.result is None:
            self.missing.append(f"{self.sheet.title}：没有部门整体自评")
            return
        if self.kind == "project":
            self._funds()
            self._goals()
            self._deviation()
        else:
            self._department_funds()
        self._indicators(self.result)

    # --- heads --------------------------------------------------------------------------------

    def _heads(self) -> None:
        known = self._known()
        for row, cells in list(_texts(self.sheet)):
            for column, text in cells:
                cell: Any = self.sheet.cell(row, column)
                if cell.data_type == "f":
                    continue
                told = self._in_place(text, known)
                if told != text:
                    self.write(cell, told)
                elif value := known.get(field_of(HEAD_LABELS, text), ""):
                    right = self.right_of(row, column)
                    if is_free(self.sheet.cell(*self.anchor(row, right)).value):
                        self.put(row, right, value)

    def _known(self) -> dict[str, str]:
        """Return what heads ask for, by their names."""
        unit, project = self.session.unit, self.filled_in
        known = {
            "unit": unit.name,
            "department": unit.department_in_charge or unit.name,
            "head": unit.head,
            "prepared_by": unit.prepared_by,
            "phone": unit.phone,
            "filled_on": unit.filled_on,
        }
        if project is not None and self.kind == "project":
            known |= {
                "name": project.name,
                "code": project.code,
                "implementing_unit": project.implementing_unit or project.budget_unit or unit.name,
                "category": project.category,
                "start": project.start,
                "end": project.end,
            }
        return known

    def _in_place(self, text: str, known: dict[str, str]) -> str:
        """Return a text with what belongs into it: the year, names behind their colons."""
        year = str(self.session.year)
        if len(text) < 80 and "年" in text:
            text = _YEAR.sub(year, text, count=1)

        def pair(found: re.Match[str]) -> str:
            value = known.get(field_of(HEAD_LABELS, found[1]), "")
            return f"{found[1]}：{value}  " if value else found[0]

        return _BLANK_PAIR.sub(pair, text) if "：" in text or ":" in text else text

    # --- funds and goals ----------------------------------------------------------------------

    def _funds(self) -> None:
        project, unit = self.filled_in, self.session.money_unit
        assert project is not None
        for row, cells in _texts(self.sheet):
            columns = columns_of(FUND_COLUMNS, cells)
            if len(set(_MONEY) & set(columns)) < 2 or _list_columns(cells):
                continue
            left = min(at for name, at in columns.items() if name in _MONEY)
            funds = {bare(one.source): one for one in project.funds.values()}
            at = self.below(row, columns[next(n for n in _MONEY if n in columns)])
            while at <= self.sheet.max_row and (label := self._label(at, left)):
                name = bare(label.removeprefix("其中：").removeprefix("其中:"))
                if "总额" in name or "合计" in name:
                    self._fund_total(
                        at, columns, {one: project.fund_total(one, unit).value for one in _MONEY}
                    )
                elif found := nearest_fund(name, list(funds)):
                    fund = funds.pop(found)
                    for column in set(_MONEY) & set(columns):
                        read = figure(getattr(fund, column)).in_unit(unit)
                        amount = self.money(read.value)
                        self.put(at, columns[column], read.raw if amount is None else amount)
                at += 1
            for one in funds.values():
                if "总额" not in one.source and "合计" not in one.source:
                    self.missing.append(f"资金来源 {one.source}：模板里没有这一行")
            return
        self.missing.append("项目资金：模板里没有年初预算数、全年预算数、全年执行数这些栏")

    def _label(self, row: int, left: int) -> str:
        """Return the label of a row of the funds block; an empty text where the block ends."""
        cells = [self.text(row, column) for column in range(1, left)]
        label = next((text for text in reversed(cells) if text.strip()), "")
        known = re.search(r"资金|拨款|补助|结转|收入|总额|合计|其他", bare(label))
        return label if known and not _GOAL.fullmatch(bare(label)) else ""

    def _department_funds(self) -> None:
        """Fill the amounts of the whole department where its form asks for them."""
        unit, department = self.session.money_unit, self.session.department
        assert department is not None
        amounts: dict[str, Exact | None] = {}
        for name, given in department.inputs.items():
            amounts.setdefault(
                field_of(FUND_COLUMNS, name), figure(given.value).in_unit(unit).value
            )
        for row, cells in _texts(self.sheet):
            columns = columns_of(FUND_COLUMNS, cells)
            if len(set(_MONEY) & set(columns)) >= 2 and not _list_columns(cells):
                first = next(name for name in _MONEY if name in columns)
                self._fund_total(self.below(row, columns[first]), columns, amounts)
                return

    def _fund_total(
        self, row: int, columns: dict[str, int], amounts: Mapping[str, Exact | None]
    ) -> None:
        for money in _MONEY:
            if money in columns:
                self.put(row, columns[money], self.money(amounts.get(money)))
        assert self.result is not None
        tier = rate_tier(self.result)
        if tier is None:
            return
        (rate,) = tier.indicators
        for name, value, number in (
            ("points", rate.points, ""),
            ("rate", rate.value, "0.00%"),
            ("score", rate.score, ""),
        ):
            if name in columns:
                self.put(row, columns[name], value, number)
                self.done_rate = True

    def _goals(self) -> None:
        project = self.filled_in
        assert project is not None
        wanted = {"预期目标": project.goal, "实际完成情况": project.goal_done}
        for row, cells in _texts(self.sheet):
            goals = [column for column, text in cells if _GOAL.fullmatch(bare(text))]
            dones = [column for column, text in cells if _DONE.fullmatch(bare(text))]
            if goals and dones and goals[-1] < dones[-1]:
                for column, name in ((goals[-1], "预期目标"), (dones[-1], "实际完成情况")):
                    if self.put(self.below(row, column), column, wanted[name]):
                        wanted[name] = ""
                break
        self.missing += [f"{name}：模板里没有空着的地方" for name, text in wanted.items() if text]

    def _deviation(self) -> None:
        """Write 偏差原因 of the project as a whole, and of 预算执行率, beside the form's label.

        That is a row of its own; a heading over a column asks for the reasons of the rows below.
        """
        project, told = self.filled_in, ""
        assert project is not None
        assert self.result is not None
        if tier := rate_tier(self.result):
            told = "\n".join(reasons(row, hints=False) for row in tier.indicators)
        wanted = "\n".join(text for text in (project.deviation_reason, told) if text)
        if not wanted:
            return
        for row, cells in _texts(self.sheet):
            column, text = cells[0] if cells else (0, "")
            if field_of(INDICATOR_COLUMNS, text) != "reason" or len(cells) > 2:
                continue
            if self.put(row, self.right_of(row, column), wanted):
                return
        self.missing.append(f"偏差原因“{wanted[:20]}”：模板里没有单独的一行")

    # --- indicators ---------------------------------------------------------------------------

    def _table(self) -> tuple[int, dict[str, int]]:
        """Return the row below the heading of the indicators, and the columns."""
        for row, cells in _texts(self.sheet):
            if columns := _indicator_columns(cells):
                return self.below(row, columns["l3"]), columns
        raise AssertionError("kind_of_sheet found it")

    def _rows(self, first: int, columns: dict[str, int]) -> tuple[list[BlankRow], int]:
        """Return the rows of the table, and the row of the total (0 where there is none)."""
        rows: list[BlankRow] = []
        tier = group = ""
        for row in range(first, self.sheet.max_row + 1):
            texts = {name: self.text(row, at) for name, at in columns.items()}
            labels = [self.text(row, at) for at in range(1, columns["l3"] + 1)]
            if any(_TOTAL.fullmatch(bare(label)) for label in labels):
                return rows, row
            if ends(labels):
                return rows, 0
            tier = texts.get("l1", "").strip() or tier
            group = texts.get("l2", "").strip() or group
            rows.append(BlankRow(row, tier, group, texts["l3"].strip()))
        return rows, 0

    def _indicators(self, result: Result) -> None:
        first, columns = self._table()
        rows, _ = self._rows(first, columns)
        tier = rate_tier(result) if self.done_rate else None
        rows_of = [row for one in result.tiers if one is not tier for row in one.indicators]
        wanted = [row for row in rows_of if row.code != row.item.tier]
        for row in rows_of:
            if row.code == row.item.tier:
                told = f"{row.item.tier}得分率 {row.value_text}：没有三级指标，不能填入指标行"
                self.missing.append(told)
        placed = assigned(rows, wanted)
        self._make_room(columns, rows, [row for row in wanted if id(row) not in placed])
        rows, total = self._rows(first, columns)
        placed = assigned(rows, wanted)
        for row in wanted:
            at = placed.get(id(row))
            if at is None:
                self.missing.append(f"{row.item.tier} · {row.name}：模板里没有这一行，也没有空行")
            else:
                self._indicator(at, columns, row)
        if total:
            self.put(total, columns.get("points", 0) or columns["l3"], total_points(result))
            if "score" in columns:
                self.put(total, columns["score"], result.total)
        else:
            self.missing.append("总分：模板里没有这一行")

    def _make_room(
        self,
        columns: dict[str, int],
        rows: list[BlankRow],
        wanted: list[IndicatorResult],
    ) -> None:
        """Put in the rows that are wanting, below the last of their group."""
        needed: dict[int, int] = {}
        for row in wanted:
            block = [one for one in rows if same_group(one, row)]
            if block:
                needed[block[-1].row] = needed.get(block[-1].row, 0) + 1
        for last, count in sorted(needed.items(), reverse=True):
            single = [
                columns[name]
                for name in ("l1", "l2")
                if name in columns and self.area(last, columns[name]) is None
            ]
            self.make_room(last, count)
            for column in single:
                if self.sheet.cell(last, column).value:
                    merge(self.sheet, last, column, last + count, column)

    def _indicator(self, row: BlankRow, columns: dict[str, int], result: IndicatorResult) -> None:
        at, item = row.row, result.item
        if is_template(row.name) or not row.name:
            cell: Any = self.sheet.cell(*self.anchor(at, columns["l3"]))
            if cell.data_type != "f" and (cell.row, cell.column) not in self.done:
                self.write(cell, item.name)
        target = item.target.raw if item.target is not None else ""
        actual, number = shown(result)
        not_given = [
            name
            for name, value, look in (
                ("target", target, ""),
                ("actual", actual, number),
                ("points", item.points, ""),
                ("score", result.score, ""),
                ("reason", reasons(result, hints=False), ""),
            )
            if name in columns and not self.put(at, columns[name], value, look)
        ]
        words = {"target": "年度指标值", "actual": "实际完成值", "points": "分值"}
        words |= {"score": "得分", "reason": "偏差原因"}
        for name in not_given:
            self.missing.append(f"{item.tier} · {item.name} {words[name]}：模板里已有别的内容")

    # --- 自评汇总表 ---------------------------------------------------------------------------

    def _summary(self) -> None:
        projects = [one for one in self.material.card.projects if one.result is not None]
        row, columns, rates = self._list()
        first = self.below(row, columns["name"])
        rows, _ = self._lines(first, columns["name"])
        short = len(projects) - len(rows)
        if short > 0 and rows:
            self.make_room(rows[-1], short)
        rows, total = self._lines(first, columns["name"])
        for number, (project, at) in enumerate(zip(projects, rows, strict=False), 1):
            self._line(at, number, project, columns, rates)
        for project in projects[len(rows) :]:
            self.missing.append(f"{project.name}：模板里没有空行")
        if total:
            for name in ("budget", "executed"):
                reads = [getattr(project, name) for project in projects]
                values = [
                    read.value for read in reads if read is not None and read.value is not None
                ]
                if name in columns:
                    self.put(total, columns[name], self.money(sum(values, Exact(0))))

    def _list(self) -> tuple[int, dict[str, int], dict[int, str]]:
        """Return the row of the headings, the columns, and those of rates with their labels."""
        for row, cells in _headings(self.sheet):
            if columns := _list_columns(cells):
                rates = {
                    column: bare(text)
                    for column, text in cells
                    if field_of(LIST_COLUMNS, text) == "tier_rate"
                }
                return row, columns, rates
        raise AssertionError("kind_of_sheet found it")

    def _lines(self, first: int, name: int) -> tuple[list[int], int]:
        """Return the empty rows of the list, and the row of the sum (0 where there is none)."""
        rows: list[int] = []
        total = 0
        for row in range(first, self.sheet.max_row + 1):
            labels = [self.text(row, at) for at in range(1, name + 1)]
            if any(_TOTAL.fullmatch(bare(label)) for label in labels):
                total = total or row
            elif ends(labels):
                break
            elif is_free(self.text(row, name)):
                rows.append(row)
        return rows, total

    def _line(
        self,
        at: int,
        number: int,
        project: ProjectResult,
        columns: dict[str, int],
        rates: dict[int, str],
    ) -> None:
        given, result = self.session.projects[project.key], project.result
        assert result is not None
        budget = project.budget.value if project.budget is not None else None
        executed = project.executed.value if project.executed is not None else None
        values: dict[str, tuple[Value | None, str]] = {
            "number": (Exact(number), ""),
            "name": (project.name, ""),
            "code": (given.code, ""),
            "budget_unit": (given.budget_unit or self.session.unit.name, ""),
            "implementing_unit": (given.implementing_unit, ""),
            "department": (self.session.unit.department_in_charge, ""),
            "owner": (given.owner, ""),
            "category": (given.category, ""),
            "initial": (
                self.money(given.fund_total("initial", self.session.money_unit).value),
                "",
            ),
            "budget": (self.money(budget), ""),
            "executed": (self.money(executed), ""),
            "rate": (project.execution_rate, "0.00%"),
            "score": (result.total if result.complete else None, ""),
            "grade": (result.grade or "", ""),
            "reason": (given.deviation_reason, ""),
        }
        for name, (value, look) in values.items():
            if name in columns:
                self.put(at, columns[name], value, look)
        for column, label in rates.items():
            self.put(at, column, tier_rate(result, label), "0.00%")
