"""自评表: 一级 · 二级 · 三级 with value, automatic and manual score, every figure a formula.

:class:`Lines` (tiers, total and grade over lines of rows) is shared with 核对.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from perfeval.exchange import formulas as f
from perfeval.exchange.entries import blank, cached_value
from perfeval.exchange.layout import (
    BODY,
    ENTRY,
    ENTRY_TEXT,
    HEAD,
    SIDE,
    SUM,
    TEXT,
    Live,
    Sheet,
    Span,
    Style,
    address,
    area,
    local,
    on,
    percent_format,
    score_format,
    title,
    unit_format,
)
from perfeval.indicators.model import Evidence, IndicatorSet
from perfeval.numbers import ZERO, Exact, dimension, figure, half_up
from perfeval.scoring.scorecard import (
    GroupResult,
    IndicatorResult,
    Item,
    Result,
    Status,
    TierResult,
)
from perfeval.scoring.trace import trace_text
from perfeval.session.model import Session

# --- values and words of a form --------------------------------------------------------------


def _value_format(result: IndicatorResult, rate: int) -> str:
    """Return the number format of 实际完成值."""
    item, value = result.item, result.value
    if f.dated(item):
        return "yyyy-mm-dd"
    if dimension(item.unit) != "ratio" or item.unit == "倍":
        return unit_format(item.unit)
    if item.formula is None and item.answer is not None and item.answer.actual:
        read = figure(item.answer.actual)
        if read.value == value:
            return percent_format(read.places if read.unit == "%" else rate)
    if item.places is None and value is not None:
        places = next((p for p in range(rate, 9) if half_up(value, p + 2) == value), rate + 2)
        return percent_format(places)
    return percent_format(rate)


def _cached_word(result: IndicatorResult) -> Exact | str:
    """Return what 实际完成值 shows where it is a word."""
    if result.status is Status.NOT_APPLICABLE:
        return f.NOT_APPLICABLE
    if result.item.rule.element_names():
        return result.value_text
    return result.item.given.level or cached_value(result)


def _standard(item: Item) -> str:
    formula = item.formula.text() if item.formula is not None else ""
    return "\n".join(part for part in (formula, item.standard) if part)


def _reasons(result: IndicatorResult) -> str:
    """Return 偏差原因、依据 of a row: what was written, and what is still wanted."""
    item, answer = result.item, result.item.answer
    told: list[str] = []
    if answer is not None:
        told += [answer.deviation_reason, answer.basis]
        if answer.manual_reason:
            told.append(f"人工赋分：{answer.manual_reason}")
        if answer.not_applicable:
            told.append(f"不适用：{answer.not_applicable}")
    if result.status is not Status.MANUAL and result.note:
        told.append(result.note)
    told += [text for modifier in item.modifiers if (text := modifier.note(item.given))]
    return "\n".join(text for text in told if text)


def tags(indicator_set: IndicatorSet, item: Item) -> list[Evidence]:
    """Return how far each part of what scores an item can be trusted."""
    tier = indicator_set.tier(item.tier)
    if item.own:
        group = next(group for group in tier.own_groups() if group.name == item.group)
        known = indicator_set.own_of(group).evidence
    elif item.code == item.tier:  # the rate of a whole tier
        known = tier.evidence
    else:
        known = indicator_set.indicator(item.code).evidence
    return [*known.values(), *(tag for _, tag in item.doubts)]


def trust(found: Sequence[Evidence]) -> str:
    """Return the label of the least trusted of the tags."""
    return max(found, key=list(Evidence).index).label if found else "未注明"


def _trust_of(result: Result, row: IndicatorResult) -> str:
    label = trust(tags(result.set, row.item))
    return label if row.status is Status.SCORED else f"{row.status.value}\n{label}"


def _stated(tier: TierResult) -> Exact:
    """Return a tier's points under the weight scheme, before any were shifted."""
    return tier.unused + sum((row.points for row in tier.indicators), ZERO)


# --- what was scored, and where it stands ----------------------------------------------------


@dataclass(slots=True)
class Scored:
    """Where a form (or its recomputation) holds its results: addresses with the sheet's name."""

    values: dict[str, str] = field(default_factory=dict)
    scores: dict[str, str] = field(default_factory=dict)
    manual: dict[str, str] = field(default_factory=dict)
    automatic: dict[str, str] = field(default_factory=dict)
    points: dict[str, str] = field(default_factory=dict)
    groups: dict[tuple[str, str], str] = field(default_factory=dict)
    tier_points: dict[str, str] = field(default_factory=dict)
    tier_scores: dict[str, str] = field(default_factory=dict)
    tier_rates: dict[str, str] = field(default_factory=dict)
    total_points: str = ""
    total: str = ""
    total_rate: str = ""
    grade: str = ""
    complete: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of 分值, 实际完成值 (得分率), 得分, and the first of those beside the table.

    Beside it stand 参评分值, 已评分值, 完整 and, in 核对, the value of a row that shows a word.
    """

    points: int
    value: int
    score: int
    side: int


SIDE_HEAD = ("参评分值", "已评分值", "完整")


class Lines:
    """What the form and its recomputation share: rows, tiers, total and grade as formulas."""

    def __init__(
        self, sheet: Sheet, result: Result, places: Mapping[str, f.Places], columns: Columns
    ) -> None:
        self.sheet, self.result, self.places, self.columns = sheet, result, places, columns
        self.rounding = result.set.rounding
        self.scored = Scored()
        self.tiers: list[tuple[TierResult, f.TierCells, int]] = []
        dropping = (f.may_drop_out(row.item, places[row.path]) for row in result.indicators)
        self.rescales = any(dropping) or bool(result.set.shifts)

    def on(self, row: int, column: int) -> str:
        """Return a cell of this sheet for formulas of other sheets."""
        return on(self.sheet.name, address(row, column))

    # --- a row --------------------------------------------------------------------------------

    def value(self, result: IndicatorResult, cell: str) -> Live | None:
        """Return 实际完成值, or None where it is no figure; ``cell`` holds the value scored."""
        item, places = result.item, self.places[result.path]
        number = _value_format(result, self.rounding.rate)
        if f.shows_word(item):
            formula = f.word_formula(item, places, cell)
            cached = _cached_word(result)
        else:
            formula, cached = f.value_formula(item, places), cached_value(result)
        return None if formula == '""' else Live(formula, cached, number)

    def automatic(self, result: IndicatorResult, value: str, points: str) -> Live | None:
        """Return 自动得分, or None where only a person can score."""
        places = self.rounding.score
        formula = f.automatic_formula(result.item, self.places[result.path], value, points, places)
        number = score_format(result.automatic, places)
        return None if formula is None else Live(formula, blank(result.automatic), number)

    def score(self, result: IndicatorResult, *, value: str, automatic: str, manual: str) -> Live:
        """Return 得分 from the cells of the value, 人工赋分 and 自动得分 (a cell or a formula)."""
        places = self.rounding.score
        formula = f.score_formula(
            result.item,
            self.places[result.path],
            value,
            automatic=automatic,
            manual=manual,
            decimals=places,
        )
        out = result.status is Status.NOT_APPLICABLE
        cached = f.NOT_APPLICABLE if out else blank(result.score)
        return Live(formula, cached, score_format(result.score, places))

    def close_row(self, row: int, result: IndicatorResult) -> None:
        """Write 参评分值 and 已评分值 of a row, and note where its results stand."""
        columns, path = self.columns, result.path
        score, points = address(row, columns.score), address(row, columns.points)
        out = result.status is Status.NOT_APPLICABLE
        applicable = ZERO if out else result.points
        filled = ZERO if result.score is None else result.points
        pairs = (
            Live(f.applicable_formula(score, points), applicable),
            Live(f.filled_formula(score, points), filled),
        )
        for column, live in enumerate(pairs, columns.side):
            self.sheet.live(row, column, live, SIDE)
        self.scored.points[path] = self.on(row, columns.points)
        self.scored.values[path] = self.on(row, columns.value)
        self.scored.scores[path] = self.on(row, columns.score)

    def subtotal(self, score: Exact, rows: tuple[int, int] | None) -> Live:
        """Return the sum of a group's scores."""
        ranges = [area(self.columns.score, *rows)] if rows else []
        return Live(f.total_of(ranges), score, score_format(score, self.rounding.score))

    # --- tiers and total ----------------------------------------------------------------------

    def tier(self, tier: TierResult, row: int, blocks: Sequence[tuple[int, int]]) -> None:
        """Note a tier's own line and the blocks of its rows; :meth:`close` writes them."""
        points, score, side = self.columns.points, self.columns.score, self.columns.side
        ranges = [[area(column, *b) for b in blocks] for column in (points, score, side, side + 1)]
        cells = f.TierCells(
            name=tier.name,
            rows=sum(last - first + 1 for first, last in blocks),
            offered=ranges[0],
            scores=ranges[1],
            applicable=ranges[2],
            filled=ranges[3],
            points_cell=address(row, points),
            score_cell=address(row, score),
            applicable_cell=address(row, side),
            filled_cell=address(row, side + 1),
        )
        self.tiers.append((tier, cells, row))

    def close(self, row: int) -> None:
        """Write the lines of the tiers and, into ``row``, of the total."""
        stated = {tier.name: _stated(tier) for tier, _, _ in self.tiers}
        points = f.tier_points(self.result.set, [cells for _, cells, _ in self.tiers], stated)
        for tier, cells, line in self.tiers:
            self._tier(tier, cells, line, stated[tier.name], points[tier.name])
        self._total(row)

    def _tier(
        self, tier: TierResult, cells: f.TierCells, row: int, stated: Exact, points: str
    ) -> None:
        sheet, columns, rounding, scored = self.sheet, self.columns, self.rounding, self.scored
        if points == f.number(stated):
            sheet.put(row, columns.points, tier.points, SUM)
        else:
            sheet.live(row, columns.points, Live(points, tier.points), SUM)
        score = f.tier_score(self.result.set, cells, stated, self.rescales)
        rate = f.rate_formula(cells.score_cell, cells.points_cell, rounding.rate + 2)
        if (single := tier.rate_row) is not None:
            value = scored.values[single.path]
            rate = f'IF(ISNUMBER({value}),{value},"")'
        whole = not tier.points if tier.not_applicable else tier.complete
        look = percent_format(rounding.rate)
        sheet.live(row, columns.score, tier_score_of(self.result, tier, score), SUM)
        sheet.live(row, columns.value, Live(rate, blank(tier.printed_rate), look), SUM)
        beside = (
            Live(f.total_of(cells.applicable), tier.applicable),
            Live(f.total_of(cells.filled), tier.filled),
            Live(f.tier_complete(cells, stated), Exact(int(whole))),
        )
        for column, live in enumerate(beside, columns.side):
            sheet.live(row, column, live, SIDE)
        scored.tier_points[tier.name] = self.on(row, columns.points)
        scored.tier_scores[tier.name] = self.on(row, columns.score)
        scored.tier_rates[tier.name] = self.on(row, columns.value)

    def _total(self, row: int) -> None:
        result, sheet, columns, scored = self.result, self.sheet, self.columns, self.scored
        rounding = self.rounding

        def lines(column: int) -> list[str]:
            return [address(line, column) for _, _, line in self.tiers]

        points = Live(f.total_of(lines(columns.points)), total_points(result))
        points_cell = sheet.live(row, columns.points, points, SUM)
        total = total_of(result, f.total_formula(lines(columns.score), rounding.total))
        total_cell = sheet.live(row, columns.score, total, SUM)
        rate = f.rate_formula(total_cell, points_cell, rounding.rate + 2)
        sheet.live(row, columns.value, total_rate_of(result, rate), SUM)
        whole = f"IF({f.total_of(lines(columns.side + 2))}={len(self.tiers)},1,0)"
        graded = Exact(int(result.grade is not None))
        sheet.live(row, columns.side + 2, Live(whole, graded), SIDE)
        scored.total_points = self.on(row, columns.points)
        scored.total = self.on(row, columns.score)
        scored.total_rate = self.on(row, columns.value)
        scored.complete = self.on(row, columns.side + 2)

    def grade(self) -> Live:
        """Return the grade of the total; it stands in the sheet :meth:`close` wrote to."""
        total, complete = local(self.scored.total), local(self.scored.complete)
        return grade_of(self.result, f.grade_formula(self.result.set, total, complete))


def tier_score_of(result: Result, tier: TierResult, formula: str) -> Live:
    """Return a tier's score where ``formula`` finds it."""
    places = result.set.rounding.tier
    return Live(formula, blank(tier.score), score_format(tier.score, places))


def tier_rate_of(result: Result, tier: TierResult, formula: str) -> Live:
    """Return a tier's 得分率 where ``formula`` finds it."""
    return Live(formula, blank(tier.printed_rate), percent_format(result.set.rounding.rate))


def total_of(result: Result, formula: str) -> Live:
    """Return the total where ``formula`` finds it."""
    places = result.set.rounding.total
    return Live(formula, result.total, score_format(result.total, places))


def total_points(result: Result) -> Exact:
    """Return the points of all tiers."""
    return sum((tier.points for tier in result.tiers), ZERO)


def total_rate_of(result: Result, formula: str) -> Live:
    """Return the total's 得分率 where ``formula`` finds it."""
    points, places = total_points(result), result.set.rounding.rate
    rate = half_up(result.total / points, places + 2) if points else None
    return Live(formula, blank(rate), percent_format(places))


def grade_of(result: Result, formula: str) -> Live:
    """Return the grade where ``formula`` finds it."""
    return Live(formula, result.grade or f.UNGRADED)


# --- the form --------------------------------------------------------------------------------

_HEAD = (
    *("一级指标", "二级指标", "三级指标", "计算公式、评分标准", "年度指标值", "实际完成值"),
    *("分值", "自动得分", "人工赋分", "得分", "偏差原因、依据", "可信程度"),
)
_WIDTHS = (13, 13, 20, 36, 12, 14, 7, 9, 9, 9, 30, 10, 3, 12, 12, 8)
_GROUP, _NAME, _STANDARD, _TARGET, _AUTOMATIC, _MANUAL, _REASON, _TRUST = 1, 2, 3, 4, 7, 8, 10, 11
_COLUMNS = Columns(points=6, value=5, score=9, side=13)


def form_sheet(name: str, heading: str, session: Session) -> Sheet:
    """Return an empty 自评表: title and heading."""
    sheet = Sheet(name, _WIDTHS, len(_HEAD), header=(2, 2))
    left = f"部门（单位）名称：{session.unit.name}"
    title(sheet, heading, left, f"{session.year} 年度    单位：分")
    sheet.row(2, _HEAD, HEAD)
    sheet.row(2, SIDE_HEAD, SIDE, _COLUMNS.side)
    return sheet


class Form:
    """部门整体自评表, or one project's block of 项目自评明细表, from the sheet's next free row."""

    def __init__(self, sheet: Sheet, result: Result, places: Mapping[str, f.Places]) -> None:
        self.sheet, self.result, self.places = sheet, result, places
        self.lines = Lines(sheet, result, places, _COLUMNS)
        self.scored = self.lines.scored

    def write(self) -> Scored:
        """Write the form; return where its results stand."""
        for tier in self.result.tiers:
            self._tier(tier)
        row = self.sheet.rows
        self._empty(row, 0, SUM)
        self.sheet.wide(row, 0, _STANDARD, "合计", SUM)
        self.sheet.put(row, _TARGET, "得分率", SUM)
        self.lines.close(row)
        self._empty(row + 1, 0, SUM)
        self.sheet.wide(row + 1, 0, _STANDARD, "评价等级", SUM)
        self.sheet.live(row + 1, _TARGET, self.lines.grade(), SUM)
        self.sheet.merges.append((row + 1, _TARGET, row + 1, len(_HEAD) - 1))
        self.scored.grade = self.lines.on(row + 1, _TARGET)
        for line in (row, row + 1):
            self.sheet.keep(line)
        return self.scored

    def _empty(self, row: int, first: int, style: Style) -> None:
        """Write empty cells of the form, for their borders."""
        for column in range(first, len(_HEAD)):
            self.sheet.put(row, column, None, style)

    def _tier(self, tier: TierResult) -> None:
        sheet, first = self.sheet, self.sheet.rows
        named = sum(bool(group.name) for group in tier.groups) > 1
        blocks = [block for group in tier.groups if (block := self._group(tier, group, named))]
        if not tier.groups:
            self._nothing(_GROUP)
        row = sheet.rows
        self._empty(row, _GROUP, SUM)
        sheet.wide(row, _GROUP, _STANDARD, "小计", SUM)
        sheet.put(row, _TARGET, "得分率", SUM)
        sheet.keep(row)
        if row - first > 2:  # the first row of a tier is not left alone at the foot of a page
            sheet.keep(first + 1)
        self.lines.tier(tier, row, blocks)
        sheet.spans.append(Span(0, first, row, tier.name, BODY))

    def _group(self, tier: TierResult, group: GroupResult, named: bool) -> tuple[int, int] | None:
        """Write the rows of a group and, among several, its 小计; return first and last row."""
        sheet, first = self.sheet, self.sheet.rows
        for result in group.indicators:
            self._row(sheet.rows, result)
        rows = (first, sheet.rows - 1) if group.indicators else None
        if not rows:
            self._nothing(_NAME)
        if named:
            line = sheet.rows
            self._empty(line, _NAME, SUM)
            sheet.wide(line, _NAME, _STANDARD, "二级小计", SUM)
            sheet.put(line, _COLUMNS.points, group.points, SUM)
            sheet.live(line, _COLUMNS.score, self.lines.subtotal(group.score, rows), SUM)
            sheet.keep(line)
            self.scored.groups[tier.name, group.name] = self.lines.on(line, _COLUMNS.score)
        label = group.name or tier.name
        sheet.spans.append(Span(_GROUP, first, sheet.rows - 1, label, BODY))
        return rows

    def _nothing(self, first: int) -> None:
        row = self.sheet.rows
        self._empty(row, first, BODY)
        self.sheet.put(row, _NAME, "（未设三级指标）", TEXT)

    def _row(self, row: int, result: IndicatorResult) -> None:
        sheet, item, lines = self.sheet, result.item, self.lines
        sheet.text(row, _NAME, item.name)
        sheet.text(row, _STANDARD, _standard(item))
        sheet.text(row, _TARGET, item.target.raw if item.target is not None else "", BODY)
        value = self._value(row, result)
        points = sheet.put(row, _COLUMNS.points, item.points, BODY)
        live = lines.automatic(result, value, points)
        if live is None:
            sheet.put(row, _AUTOMATIC, None, BODY)
            automatic = '""'
        else:
            automatic = sheet.live(row, _AUTOMATIC, live, BODY)
        number = score_format(item.manual, self.result.set.rounding.score)
        manual = sheet.put(row, _MANUAL, item.manual, ENTRY.with_number(number))
        score = lines.score(result, value=value, automatic=automatic, manual=manual)
        note = trace_text(result, self.result.set.rounding)
        sheet.live(row, _COLUMNS.score, score, BODY, note)
        sheet.text(row, _REASON, _reasons(result))
        sheet.text(row, _TRUST, _trust_of(self.result, result), BODY)
        lines.close_row(row, result)
        self.scored.manual[result.path] = lines.on(row, _MANUAL)
        self.scored.automatic[result.path] = lines.on(row, _AUTOMATIC)

    def _value(self, row: int, result: IndicatorResult) -> str:
        """Write 实际完成值; return the cell of the value scored (it may stand in 基础数据)."""
        sheet, item, places = self.sheet, result.item, self.places[result.path]
        elsewhere = places.computed or places.value
        live = self.lines.value(result, elsewhere)
        if live is None:
            answer = item.answer
            sheet.text(row, _COLUMNS.value, answer.actual if answer else "", ENTRY_TEXT)
            return elsewhere
        cell = sheet.live(row, _COLUMNS.value, live, BODY)
        return elsewhere if f.shows_word(item) else cell
