"""Sheets: what is filled in as a table, cell by cell. 基础数据, 个性指标, 资金, the 自评表.

Pure: session and result in, rows of cells out. A cell is a field that can be filled in, or a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from perfeval.indicators.model import Group, IndicatorSet
from perfeval.numbers import FigureState, decimal_text, dimension, figure
from perfeval.scoring.scorecard import IndicatorResult, TierResult
from perfeval.session.change import under
from perfeval.session.model import Fund, InputValue, OwnIndicator, Project, Session
from perfeval.tui.fields import Field, Kind
from perfeval.tui.indicator_fields import NO, YES, grouped_inputs, input_field, uses
from perfeval.tui.proposals import input_proposals
from perfeval.tui.shown import Shown

Cell = Field | str
NEW = "+"
"""Begins the key of a line at which something new is added; the group's name follows."""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: title, cells (0: what is left, at least ``least``), alignment, ``rank`` (above 0 it
    gives way on a narrow screen, highest first).
    """

    title: str
    width: int
    align: Literal["left", "right"] = "left"
    rank: int = 0
    least: int = 20


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A line: what it is about (a path, or ``+`` and a group), its cells; or only a heading."""

    key: str
    cells: tuple[Cell, ...]
    heading: bool = False


@dataclass(frozen=True, slots=True)
class SheetView:
    """Columns and lines of a sheet."""

    columns: tuple[SheetColumn, ...]
    rows: tuple[SheetRow, ...]


def cell_text(cell: Cell) -> str:
    """Return what a cell shows; what it would be by default stands in brackets."""
    if isinstance(cell, str):
        return cell
    return cell.value or (f"({cell.empty})" if cell.empty else "")


def locked(view: SheetView, may_edit: Callable[[str], bool]) -> SheetView:
    """Return the sheet with the cells this copy may not change only to look at."""

    def kept(cell: Cell) -> Cell:
        if isinstance(cell, str) or cell.read_only or may_edit(cell.path):
            return cell
        return replace(cell, read_only=True, help="这一格由别的科室填写，这里只读")

    rows = (replace(row, cells=tuple(kept(cell) for cell in row.cells)) for row in view.rows)
    return replace(view, rows=tuple(rows))


# --- 基础数据 ---------------------------------------------------------------------------------


def base_sheet(shown: Shown) -> SheetView:
    """Return every input of the set once, grouped, with unit, source, date and what it feeds."""
    offers, inputs = input_proposals(shown), shown.evaluation.inputs
    rows: list[SheetRow] = []
    for group, names in grouped_inputs(shown.set).items():
        rows.append(SheetRow(f"# {group}", (group, "", "", "", "", "", ""), heading=True))
        for name in names:
            value = input_field(shown, name, offers)
            rows.append(_base_row(value, inputs.get(name, InputValue()), shown.set))
    columns = (
        SheetColumn("取值项", 0),
        SheetColumn("数值", 14, "right"),
        SheetColumn("单位", 6),
        SheetColumn("来源", 20, rank=1),
        SheetColumn("取数日期", 12, rank=2),
        SheetColumn("用于", 24, rank=3),
        SheetColumn("说明", 20, rank=4),
    )
    return SheetView(columns, tuple(rows))


def _base_row(value: Field, typed: InputValue, indicators: IndicatorSet) -> SheetRow:
    at, name = value.path.removesuffix("/value"), value.label

    def more(what: str, label: str, text: str, **given: object) -> Field:
        return Field(under(at, what), f"{name} · {label}", Kind.TEXT, text, **given)  # type: ignore[arg-type]

    fed = "、".join(indicator.name for indicator in uses(indicators)[name])
    return SheetRow(
        at,
        (
            name,
            value,
            value.unit,
            more("source", "来源", typed.source, help="如 一体化系统、决算表、台账、手填"),
            more("date", "取数日期", typed.date),
            fed,
            more("note", "说明", typed.note, limit=2000),
        ),
    )


# --- the unit's own rows of a group -----------------------------------------------------------


def own_sheet(shown: Shown, group: Group) -> SheetView:
    """Return the unit's own rows of a group, and a line to add one."""
    results = {row.path: row for row in shown.result.indicators}
    at = under(shown.prefix, "rows")
    rows = [
        _own_row(under(at, key), row, results.get(under(at, key)))
        for key, row in shown.evaluation.rows_of(group.name)
    ]
    rows.append(_new_row(shown.prefix, group.name, 9, 0))
    columns = (
        SheetColumn("名称", 0),
        SheetColumn("分值", 5, "right"),
        SheetColumn("单位", 4),
        SheetColumn("年度指标值", 10),
        SheetColumn("分子", 9, "right", rank=1),
        SheetColumn("分母", 9, "right", rank=1),
        SheetColumn("实际完成值", 10),
        SheetColumn("定性", 4, rank=2),
        SheetColumn("得分", 6, "right"),
    )
    return SheetView(columns, tuple(rows))


def _new_row(prefix: str, group: str, columns: int, at: int) -> SheetRow:
    """Return the line at which a new row is begun, its name in column ``at``."""
    name = Field(
        under(prefix, "rows", NEW + group, "name"), "新增一行", Kind.TEXT, "", limit=200,
        empty="+ 新增", help=f"在“{group}”下新增一项：填名称后回车；也可粘贴多行",
    )  # fmt: skip
    cells = tuple(name if column == at else "" for column in range(columns))
    return SheetRow(NEW + group, cells)


def _own_row(at: str, row: OwnIndicator, result: IndicatorResult | None) -> SheetRow:
    called = row.name or at.rpartition("/")[2]

    def cell(name: str, label: str, kind: Kind, **more: object) -> Field:
        given = {"value": str(getattr(row, name)), **more}
        return Field(under(at, name), f"{called} · {label}", kind, **given)  # type: ignore[arg-type]

    ratio = result is not None and dimension(result.item.unit) == "ratio" and not row.qualitative
    parts: tuple[Cell, Cell] = (
        (cell("numerator", "分子", Kind.FIGURE), cell("denominator", "分母", Kind.FIGURE))
        if ratio
        else ("", "")
    )
    actual: Cell = cell("actual", "实际完成值", Kind.TEXT, unit=row.unit)
    if result is not None:
        actual = actual_cell(result, called)
    score = decimal_text(result.score, 2) if result and result.score is not None else "--"
    return SheetRow(
        at,
        (
            cell("name", "名称", Kind.TEXT, limit=200),
            cell("points", "分值", Kind.FIGURE, unit="分"),
            cell("unit", "单位", Kind.TEXT),
            cell("target", "年度指标值", Kind.TARGET, unit=row.unit),
            *parts,
            actual,
            cell("qualitative", "定性", Kind.CHOICE, value=YES if row.qualitative else NO,
                 options=(NO, YES)),
            score,
        ),
    )  # fmt: skip


def actual_cell(result: IndicatorResult, called: str) -> Field:
    """Return the 实际完成值 of an indicator as a cell: typed, chosen, or computed and read-only."""
    item, path = result.item, result.path
    typed = item.answer.actual if item.answer else ""
    label = f"{called} · 实际完成值"
    if (levels := item.rule.levels_inside) is not None and not item.rule.reads_value:
        names = tuple(level.name for level in levels.levels)
        return Field(under(path, "level"), label, Kind.CHOICE, item.given.level, options=names)
    if item.rule.element_names() and not item.rule.reads_value:
        return Field(
            under(path, "elements"), label, Kind.SHOWN, result.value_text, read_only=True,
            help="Ctrl+A 全部符合；要逐项填写，按 F4 到填报页",
        )  # fmt: skip
    if item.proven or (item.formula is not None and result.value is not None and not typed):
        where = "分子分母" if item.proven else "基础数据"
        return Field(
            under(path, "actual"), label, Kind.SHOWN, result.value_text, read_only=True,
            help=f"由{where}计算，请改{where}（F4 到填报页）",
        )  # fmt: skip
    dated = item.target is not None and item.target.is_date
    wordy = item.target is not None and item.target.value is None
    kind = Kind.DATE if dated else Kind.TEXT if wordy or not item.rule.reads_value else Kind.FIGURE
    told = "没有分项数时直接填，记为未证实" if item.formula is not None else ""
    return Field(
        under(path, "actual"), label, kind, typed, unit="" if dated else item.unit, help=told
    )


# --- 资金 --------------------------------------------------------------------------------------


def fund_sheet(shown: Shown, project: Project) -> SheetView:
    """Return the sources of a project's money and a line to add one; one source is the total."""
    session, prefix = shown.session, shown.prefix
    rows = [
        _fund_row(session, prefix, key, project.funds[key])
        for key in project.in_stated_order().fund_order
    ]
    new = Field(
        under(prefix, "funds", NEW, "source"), "新增资金来源", Kind.TEXT, "", empty="+ 新增",
        help="如 年度资金总额、其中：上年结转资金、其中：财政拨款；只有一项时它就是总额",
    )  # fmt: skip
    blank: list[Cell] = ["", "", "", ""]
    if not project.funds:
        blank[:3] = [
            Field(
                under(prefix, "funds", NEW, name),
                f"年度资金总额 · {label}",
                Kind.FIGURE,
                unit=session.money_unit,
                must=True,
            )
            for name, label in _MONEY
        ]
        new = Field(
            under(prefix, "funds", NEW, "source"), "资金来源", Kind.TEXT, "", empty="年度资金总额"
        )
    rows.append(SheetRow(NEW, (new, *blank)))
    columns = (
        SheetColumn("资金来源", 0),
        SheetColumn("年初预算数", 12, "right"),
        SheetColumn("全年预算数", 12, "right"),
        SheetColumn("全年执行数", 12, "right"),
        SheetColumn("执行率", 7, "right", rank=1),
    )
    return SheetView(columns, tuple(rows))


_MONEY = (("initial", "年初预算数"), ("budget", "全年预算数"), ("executed", "全年执行数"))


def _fund_row(session: Session, prefix: str, key: str, fund: Fund) -> SheetRow:
    at = under(prefix, "funds", key)
    money = tuple(
        Field(
            under(at, name),
            f"{fund.source} · {label}",
            Kind.FIGURE,
            getattr(fund, name),
            unit=session.money_unit,
        )
        for name, label in _MONEY
    )
    return SheetRow(
        at,
        (Field(under(at, "source"), "资金来源", Kind.TEXT, fund.source), *money, _fund_rate(fund)),
    )


def _fund_rate(fund: Fund) -> str:
    budget, executed = figure(fund.budget), figure(fund.executed)
    if budget.value and executed.state is FigureState.NUMBER and executed.value is not None:
        return f"{decimal_text(executed.value / budget.value * 100, 2)}%"
    return ""


# --- the 自评表 --------------------------------------------------------------------------------

TIER, GROUP, NAME, POINTS, TARGET, ACTUAL, SCORE, REASON = range(8)


def form_sheet(shown: Shown) -> SheetView:
    """Return the evaluation as the 自评表 itself, with a line to add a row to each own group."""
    rows: list[SheetRow] = []
    for tier in shown.result.tiers:
        rows += _form_tier(shown, tier)
    columns = (
        SheetColumn("一级指标", 12, rank=4),
        SheetColumn("二级指标", 16, rank=3),
        SheetColumn("三级指标", 0),
        SheetColumn("分值", 6, "right"),
        SheetColumn("年度指标值", 11),
        SheetColumn("实际完成值", 12),
        SheetColumn("得分", 6, "right"),
        SheetColumn("偏差原因", 14, rank=1),
    )
    return SheetView(columns, tuple(rows))


def _form_tier(shown: Shown, tier: TierResult) -> Iterator[SheetRow]:
    spec = shown.set.tier(tier.name)
    groups = {group.name: group for group in tier.groups}
    own = {group.name for group in spec.own_groups()}
    names: list[str] = [*(name for name in groups if not name)]
    names.extend(group.name for group in spec.groups)
    first = tier.name
    by_rate = any("/tier_rates/" in row.path for row in tier.indicators)
    for name in names:
        group = groups.get(name)
        called = name
        for row in group.indicators if group else ():
            yield SheetRow(row.path, (first, called, *_form_cells(row)))
            first = called = ""
        if name in own and not by_rate:
            line = _new_row(shown.prefix, name, 8, NAME)
            yield SheetRow(line.key, (first, called, *line.cells[2:]))
            first = ""


def _form_cells(row: IndicatorResult) -> Iterator[Cell]:
    item, path = row.item, row.path
    answer = item.answer
    own = answer if isinstance(answer, OwnIndicator) else None
    name = own.name if own else row.name
    yield Field(under(path, "name"), "三级指标", Kind.TEXT, name, limit=200) if own else name
    points = own.points if own else decimal_text(row.points)
    yield (
        Field(under(path, "points"), f"{name} · 分值", Kind.FIGURE, points, unit="分")
        if own
        else points
    )
    if "/tier_rates/" in path:
        yield ""
        yield Field(path, name, Kind.FIGURE, answer.actual if answer else "", unit="%")
        yield _score_text(row)
        yield ""
        return
    typed = answer.target if answer else ""
    fixed = "" if typed or item.target is None else item.target.raw
    if not item.rule.needs_target and own is None:
        yield typed or fixed
    else:
        yield Field(
            under(path, "target"),
            f"{name} · 年度指标值",
            Kind.TARGET,
            typed,
            unit=item.unit,
            empty=fixed,
        )
    yield actual_cell(row, name)
    yield _score_cell(row, name)
    reason = answer.deviation_reason if answer else ""
    yield Field(
        under(path, "deviation_reason"), f"{name} · 偏差原因", Kind.TEXT, reason, limit=20_000
    )


def _score_text(row: IndicatorResult) -> str:
    return decimal_text(row.score, 2) if row.score is not None else "--"


def _score_cell(row: IndicatorResult, name: str) -> Cell:
    """Return 得分: typed where a person gives it (inside a level, 人工赋分), else computed."""
    item, answer = row.item, row.item.answer
    label = f"{name} · 得分"
    if item.rule.levels_inside is not None and not item.rule.reads_value and item.manual is None:
        value = answer.level_score if answer else ""
        return Field(under(row.path, "level_score"), label, Kind.FIGURE, value, unit="分")
    if item.rule.needs == "score" or item.manual is not None:
        value = answer.manual_score if answer else ""
        return Field(under(row.path, "manual_score"), label, Kind.FIGURE, value, unit="分",
                     help="人工赋分，依据请在填报页写明（F4）")  # fmt: skip
    return _score_text(row)
