"""项目支出绩效自评表: one sheet for each project, in the layout the published tables have.

Head · funds with 年度资金总额 and 其中 rows · 年度总体目标 · indicators with merged tiers · 总分 ·
偏差原因 · signatures. What is typed stands in the form itself or in the columns beside it, which
are not printed; every other figure is a formula over these cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from perfeval.exchange import formulas as f
from perfeval.exchange.entries import (
    ENTRY_WIDTHS,
    Entries,
    as_cell,
    takes_value,
    typed_value,
)
from perfeval.exchange.form import manual_limit, reasons
from perfeval.exchange.layout import (
    BODY,
    ENTRY,
    HEAD,
    PLAIN,
    PLAIN_RIGHT,
    SIDE,
    SUM,
    TEXT,
    TITLE,
    Limit,
    Live,
    Sheet,
    Span,
    Style,
    address,
    on,
    percent_format,
    score_format,
    sheet_name,
)
from perfeval.exchange.lines import SIDE_HEAD, Columns, Lines, Scored
from perfeval.exchange.signoff import sign_off
from perfeval.indicators.rules import Given, TierRatePoints
from perfeval.numbers import ZERO, Exact, Figure, FigureState, figure, half_up
from perfeval.scoring.scorecard import (
    GroupResult,
    IndicatorResult,
    Item,
    ProjectResult,
    Result,
    Status,
    TierResult,
)
from perfeval.scoring.trace import trace_text
from perfeval.session.model import Fund, Project, Session

NAME = "项目支出绩效自评表"
_LABEL, _TIER, _GROUP, _NAME, _TARGET, _VALUE, _POINTS, _SCORE, _REASON = range(9)
_WIDTHS = (7, 9, 11, 22, 12, 12, 7.5, 10, 20)
_SIDE = 10
_AUTOMATIC, _MANUAL = 18, 19
_ENTRIES = 21
_TIERS = Columns(points=12, value=13, score=14, side=15)
_COLUMNS = Columns(
    points=_POINTS,
    value=_VALUE,
    score=_SCORE,
    side=_SIDE,
    tiers=_TIERS,
    total=Columns(points=_POINTS, value=13, score=_SCORE, side=15),
)
_FUND = Columns(points=_POINTS, value=_SCORE, score=_REASON, side=_SIDE)
"""In the funds block 执行率 stands right of 分值, before its score."""
_SIDE_HEAD = (*SIDE_HEAD[:2], "一级分值", "得分率", "一级得分", *SIDE_HEAD, "自动得分", "人工赋分")

Column = Literal["initial", "budget", "executed"]
MONEY: dict[Column, tuple[int, str]] = {
    "initial": (_NAME, "年初预算数"),
    "budget": (_TARGET, "全年预算数"),
    "executed": (_VALUE, "全年执行数"),
}
"""The columns of the funds block, with what formulas call their sums."""
_PARTS = ("其中：当年财政拨款", "上年结转资金", "其他资金")
_MOST = Exact(10**12)


class ProjectForm:
    """项目支出绩效自评表 of one project."""

    def __init__(self, session: Session, project: ProjectResult, number: int) -> None:
        assert project.result is not None
        self.session, self.project = session, session.projects[project.key]
        self.name = project.name
        self.result = with_open_rates(project.result, self.project)
        widths = (*_WIDTHS, 3, *[10.0] * 10, 3, *ENTRY_WIDTHS)
        self.sheet = Sheet(sheet_name(number, project.name), widths, len(_WIDTHS), portrait=True)
        self.typed: dict[Column, list[str]] = {}
        self.rate: tuple[str, Live] | None = None
        """执行率 where no indicator is made of it: its cell, and the same again for 核对."""

    def write(self) -> Scored:
        """Write the form; return where its results stand."""
        self._head()
        money = self._funds()
        self._goals()
        rate = rate_tier(self.result)
        first = self.sheet.rows + 1
        self.sheet.header, self.sheet.frozen = (first - 1, first - 1), 2
        rows = self._rows(first, rate)
        entries = Entries(self.session, self.sheet, _ENTRIES)
        direct = {path: address(row, _VALUE) for path, row in rows.items()}
        names = {name: cell for name, (cell, _) in money.items()}
        self.places = entries.evaluation("本表", self.project, self.result, names, direct)
        self.lines = Lines(self.sheet, self.result, self.places, _COLUMNS)
        self.sheet.row(first - 1, _TABLE, HEAD)
        self.sheet.put(first - 1, _LABEL, None, BODY)
        self.sheet.row(0, _SIDE_HEAD, SIDE, _SIDE)
        for tier in self.result.tiers:
            if rate is not None and tier is rate:
                self._rate(tier)
            else:
                self._tier(tier)
        self.sheet.spans.append(Span(_LABEL, first - 1, self.sheet.rows - 1, "绩效\n指标", HEAD))
        self._foot()
        self.lines.scored.money = {
            name: (self.lines.on_sheet(cell), live) for name, (cell, live) in money.items()
        }
        return self.lines.scored

    # --- head ---------------------------------------------------------------------------------

    def _head(self) -> None:
        sheet, project, unit = self.sheet, self.project, self.session.unit
        sheet.wide(0, 0, _REASON, NAME, TITLE)
        sheet.wide(1, 0, _NAME, f"（{self.session.year} 年度）", PLAIN)
        sheet.wide(1, _TARGET, _REASON, f"金额单位：{self.session.money_unit}", PLAIN_RIGHT)
        self._pair(2, "项目名称", project.name, _LABEL, _REASON)
        if project.code:
            self._pair(sheet.rows, "项目编码", project.code, _LABEL, _REASON)
        row = sheet.rows
        budget_unit = project.budget_unit or unit.name
        self._pair(row, "主管部门", unit.department_in_charge or budget_unit, _LABEL, _NAME)
        implementing = project.implementing_unit or budget_unit
        self._pair(row, "实施单位", implementing, _TARGET, _REASON)

    def _pair(self, row: int, label: str, text: str, first: int, last: int) -> None:
        at = first + 1 if first == _LABEL else first
        self._wide(row, first, at, label, HEAD)
        self._wide(row, at + 1, last, text, TEXT)

    def _wide(self, row: int, first: int, last: int, text: str, style: Style) -> None:
        """Put a text across columns, every one of them with its border."""
        for column in range(first, last + 1):
            self.sheet.put(row, column, None, style)
        self.sheet.wide(row, first, last, text, style)

    # --- funds --------------------------------------------------------------------------------

    def _funds(self) -> dict[str, tuple[str, Live]]:
        """Write the funds block; return the cell of each sum and what it holds."""
        sheet, top = self.sheet, self.sheet.rows
        head = (
            "年初预算数",
            "全年预算数\n（A）",
            "全年执行数\n（B）",
            "分值",
            "执行率\n（B/A）",
            "得分",
        )
        self._wide(top, _TIER, _GROUP, "", HEAD)
        sheet.row(top, head, HEAD, _NAME)
        self.fund_row = total = top + 1
        self._wide(total, _TIER, _GROUP, "年度资金总额", TEXT)
        rows = list(self._parts())
        for row, (label, fund) in enumerate(rows, total + 1):
            self._wide(row, _TIER, _GROUP, label, TEXT)
            for column, (at, _) in MONEY.items():
                read = figure(getattr(fund, column) if fund else "")
                sheet.put(row, at, as_cell(read.in_unit(self.session.money_unit)), ENTRY)
                self._amount(row, at)
            sheet.row(row, ("—", "—", "—"), BODY, _POINTS)
        unit = self.session.money_unit
        sheet.spans.append(Span(_LABEL, top, sheet.rows - 1, f"项目\n资金\n（{unit}）", HEAD))
        counted = [
            row
            for row, (_, fund) in enumerate(rows, total + 1)
            if any(fund is one for one in self.project.counted_funds.values())
        ]
        money = {name: self._sum(column, counted) for column, (_, name) in MONEY.items()}
        self._unscored(total)
        return money

    def _parts(self) -> Iterator[tuple[str, Fund | None]]:
        """Yield the rows under the sum; the usual three, empty, where the sum is all there is."""
        funds = list(self.project.ordered_funds.values())
        total = next((fund for fund in funds if fund.is_total), None)
        parts = [fund for fund in funds if fund is not total]
        if not parts:
            yield from ((label, None) for label in _PARTS)
        for number, fund in enumerate(parts):
            plain = fund.source.removeprefix("其中：").removeprefix("其中:")
            yield (f"其中：{plain}" if number == 0 else plain), fund

    def _sum(self, column: Column, rows: list[int]) -> tuple[str, Live]:
        """Write the sum of a column of money: typed, or added up over its parts.

        Returns its cell, and what it holds with a formula for 核对 that reads what was typed.
        """
        sheet, (at, _) = self.sheet, MONEY[column]
        read = self.project.fund_total(column, self.session.money_unit)
        cached = read.value if read.value is not None else ""
        typed = rows or [self.fund_row]
        self.typed[column] = [on(sheet.name, address(row, at)) for row in typed]
        if not rows:
            cell = sheet.put(self.fund_row, at, as_cell(read), ENTRY)
            self._amount(self.fund_row, at)
            text = as_cell(read)
            again = f.added(self.typed[column], "0")
            return cell, Live(again, "" if text is None else text)
        cells = [address(row, at) for row in rows]
        live = Live(f.added(cells), cached)
        again = f.added(self.typed[column], "0")
        return sheet.live(self.fund_row, at, live, BODY), live._replace(formula=again)

    def _amount(self, row: int, column: int) -> None:
        told = "请填不小于 0 的金额，不带单位"
        self.sheet.limits.append(Limit(row, column, ZERO, _MOST, told))

    def _unscored(self, row: int) -> None:
        """Write 执行率 where no indicator of the set is made of these columns."""
        budget, executed = address(row, _TARGET), address(row, _VALUE)
        a = self.project.fund_total("budget", self.session.money_unit)
        b = self.project.fund_total("executed", self.session.money_unit)
        self.sheet.put(row, _POINTS, "—", BODY)
        self.sheet.put(row, _REASON, "—", BODY)
        places = self.result.set.rounding.rate
        if rate_tier(self.result) is None:
            shown = percent_format(places)
            live = Live(_rate_formula(executed, budget, places), _rate(a, b, places), shown)
            cell = self.sheet.live(row, _SCORE, live, BODY)
            spent, planned = f.added(self.typed["executed"]), f.added(self.typed["budget"])
            again = live._replace(formula=_rate_formula(spent, planned, places))
            self.rate = on(self.sheet.name, cell), again

    # --- goals --------------------------------------------------------------------------------

    def _goals(self) -> None:
        sheet, row, project = self.sheet, self.sheet.rows, self.project
        self._wide(row, _TIER, _TARGET, "预期目标", HEAD)
        self._wide(row, _VALUE, _REASON, "实际完成情况", HEAD)
        self._long(row + 1, _TIER, _TARGET, project.goal)
        self._long(row + 1, _VALUE, _REASON, project.goal_done)
        sheet.heights[row + 1] = max(sheet.heights.get(row + 1, 0), 45.0)
        sheet.spans.append(Span(_LABEL, row, row + 1, "年度\n总体\n目标", HEAD))
        sheet.keep(row + 1)

    def _long(self, row: int, first: int, last: int, text: str) -> None:
        """Put a long text across columns, below the form where no row can hold it."""
        for column in range(first, last + 1):
            self.sheet.put(row, column, None, TEXT)
        self.sheet.wide_text(row, first, last, text, TEXT)

    # --- indicators ---------------------------------------------------------------------------

    def _rows(self, first: int, rate: TierResult | None) -> dict[str, int]:
        """Return the rows that take a typed value, by the path of their item."""
        row, found = first, dict[str, int]()
        for tier in self.result.tiers:
            if rate is not None and tier is rate:
                continue
            results = list(tier.indicators)
            found |= {
                result.path: row + at
                for at, result in enumerate(results)
                if takes_value(result.item)
            }
            row += len(results) or 1
        return found

    def _rate(self, tier: TierResult) -> None:
        """Write 预算执行率 into the funds block, where the published form has it."""
        sheet, row, lines = self.sheet, self.fund_row, self.lines
        (result,) = tier.indicators
        points = sheet.put(row, _FUND.points, result.points, BODY)
        live = lines.value(result, self.places[result.path].value)
        assert live is not None
        value = sheet.live(row, _FUND.value, live, BODY)
        self._score(row, result, value, points, _FUND)
        lines.tier(tier, row, [(row, row)], _FUND)

    def _tier(self, tier: TierResult) -> None:
        sheet, first = self.sheet, self.sheet.rows
        for group in tier.groups:
            top = sheet.rows
            for result in group.indicators:
                self._row(sheet.rows, result)
            if sheet.rows > top:
                sheet.spans.append(Span(_GROUP, top, sheet.rows - 1, group.name or "—", BODY))
        blocks = [(first, sheet.rows - 1)] if sheet.rows > first else []
        if not blocks:
            sheet.row(first, (None,) * 8, BODY, _TIER)
            sheet.put(first, _NAME, "（未设三级指标）", TEXT)
        self.lines.tier(tier, first, blocks)
        label = f"{tier.name}\n（{f.number(tier.points)}分）"
        sheet.spans.append(Span(_TIER, first, sheet.rows - 1, label, BODY))

    def _row(self, row: int, result: IndicatorResult) -> None:
        sheet, item = self.sheet, result.item
        sheet.text(row, _NAME, item.name)
        sheet.text(row, _TARGET, item.target.raw if item.target is not None else "", BODY)
        points = sheet.put(row, _POINTS, item.points, BODY)
        self._score(row, result, self._value(row, result), points, _COLUMNS)
        sheet.text(row, _REASON, reasons(result))

    def _value(self, row: int, result: IndicatorResult) -> str:
        """Write 实际完成值; return the cell of the value scored (it may stand beside the form)."""
        sheet, item, places = self.sheet, result.item, self.places[result.path]
        if takes_value(item):
            typed = typed_value(item, self.session.year, parts=False)
            assert typed is not None
            value, number = typed
            if isinstance(value, str):
                return sheet.text(row, _VALUE, value, ENTRY)
            if number == "General" and item.unit:
                number = self.lines.value_format(result)
            return sheet.put(row, _VALUE, value, ENTRY.with_number(number))
        elsewhere = places.computed or places.value
        live = self.lines.value(result, elsewhere)
        if live is None:
            sheet.text(row, _VALUE, item.answer.actual if item.answer else "", ENTRY)
            return elsewhere
        cell = sheet.live(row, _VALUE, live, BODY)
        return elsewhere if f.shows_word(item) else cell

    def _score(
        self, row: int, result: IndicatorResult, value: str, points: str, columns: Columns
    ) -> None:
        """Write 自动得分 and 人工赋分 beside the form and 得分 into it."""
        sheet, lines, item = self.sheet, self.lines, result.item
        live = lines.automatic(result, value, points)
        automatic = '""'
        if live is not None:
            automatic = sheet.live(row, _AUTOMATIC, live, SIDE)
        number = score_format(item.manual, self.result.set.rounding.score)
        manual = sheet.put(row, _MANUAL, item.manual, ENTRY.with_number(number))
        sheet.limits.append(Limit(row, _MANUAL, ZERO, item.points, manual_limit(item)))
        score = lines.score(result, value=value, automatic=automatic, manual=manual)
        note = trace_text(result, self.result.set.rounding)
        sheet.live(row, columns.score, score, BODY, note)
        lines.close_row(row, result, columns)
        lines.scored.manual[result.path] = lines.on(row, _MANUAL)
        lines.scored.automatic[result.path] = lines.on(row, _AUTOMATIC)

    # --- foot ---------------------------------------------------------------------------------

    def _foot(self) -> None:
        sheet, row = self.sheet, self.sheet.rows
        self._wide(row, _LABEL, _VALUE, "总分", SUM)
        self.lines.close(row)
        grade = self.lines.grade()
        sheet.live(row, _REASON, grade, SUM)
        self.lines.scored.grade = self.lines.on(row, _REASON)
        sheet.keep(row)
        self._wide(row + 1, _LABEL, _GROUP, "偏差原因分析及\n改进措施", HEAD)
        self._long(row + 1, _NAME, _REASON, self.project.deviation_reason)
        if any(row.code == row.item.tier for row in self.result.indicators):
            sheet.paragraph("只填了各一级指标的得分率，未填三级指标。")
        sign_off(sheet, self.result.set.sign_off, self.session.unit)


_TABLE = (
    *("", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"),
    "偏差原因分析及改进措施",
)


def rate_tier(result: Result) -> TierResult | None:
    """Return the tier that is 预算执行率: one row, made of 全年预算数 and 全年执行数 alone."""
    for tier in result.tiers:
        rows = list(tier.indicators)
        if len(rows) != 1 or rows[0].item.formula is None or rows[0].item.own:
            continue
        row = rows[0].item
        names = set(row.formula.names) if row.formula else set()
        if names == {"全年预算数", "全年执行数"} and not f.shows_word(row):
            return tier
    return None


def _rate_formula(executed: str, budget: str, places: int) -> str:
    """Return 执行率 for Excel; an empty text where :func:`_rate` gives one."""
    return f'IF({f.known((executed, budget))},{f.rate_formula(executed, budget, places + 2)},"")'


def _rate(budget: Figure, executed: Figure, places: int) -> Exact | str:
    """Return the printed 执行率 of two sums, an empty text where there is none."""
    known = FigureState.NUMBER
    if budget.state is not known or executed.state is not known:
        return ""
    if not budget.value or executed.value is None:
        return ""
    return half_up(executed.value / budget.value, places + 2)


def with_open_rates(result: Result, project: Project) -> Result:
    """Return the result with an open row where a project of rates leaves a tier's rate blank.

    So the form has a cell to type it into.
    """
    if not project.tier_rates or all(list(tier.indicators) for tier in result.tiers):
        return result
    return replace(
        result,
        tiers=[tier if list(tier.indicators) else _open(tier, project) for tier in result.tiers],
    )


def _open(tier: TierResult, project: Project) -> TierResult:
    item = Item(
        code=tier.name,
        name=f"{tier.name}得分率",
        path=f"tier_rates/{tier.name}",
        tier=tier.name,
        group="",
        points=tier.points,
        unit="%",
        rule=TierRatePoints(),
        given=Given(points=tier.points),
        places=None,
    )
    row = IndicatorResult(item, Status.UNFILLED, note="未填得分率")
    group = GroupResult("", tier.points, ZERO, [row])
    return replace(tier, groups=[group], applicable=tier.points, filled=ZERO, unused=ZERO)
