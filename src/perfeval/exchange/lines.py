"""What a form, its recomputation in 核对 and every other sheet share: rows, tiers, total, grade.

:class:`Lines` writes them as formulas in whichever columns a sheet has for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from perfeval.exchange import formulas as f
from perfeval.exchange.entries import blank, cached_value
from perfeval.exchange.layout import (
    SIDE,
    SUM,
    Live,
    Sheet,
    Style,
    address,
    area,
    local,
    on,
    percent_format,
    score_format,
    unit_format,
)
from perfeval.indicators.model import Evidence, IndicatorSet
from perfeval.numbers import ZERO, Exact, dimension, figure, half_up
from perfeval.scoring.scorecard import IndicatorResult, Item, Result, Status, TierResult

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


def _stated(tier: TierResult) -> Exact:
    """Return a tier's points under the weight scheme, before any were shifted."""
    return tier.unused + sum((row.points for row in tier.indicators), ZERO)


# --- what was scored, and where it stands ----------------------------------------------------


@dataclass(slots=True)
class Scored:
    """Where a form (or its recomputation) holds its results: addresses with the sheet's name."""

    sheet: str = ""
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
    money: dict[str, tuple[str, Live]] = field(default_factory=dict)
    """The sums of the funds of a project, by what formulas call them."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of 分值, 实际完成值 (得分率), 得分, and the first of those beside the table.

    Beside it stand 参评分值, 已评分值, 完整 and, in 核对, the value of a row that shows a word.
    """

    points: int
    value: int
    score: int
    side: int
    tiers: Columns | None = None
    """Where a tier's own figures stand, if not in the same columns."""
    total: Columns | None = None


SIDE_HEAD = ("参评分值", "已评分值", "完整")


class Lines:
    """What the form and its recomputation share: rows, tiers, total and grade as formulas."""

    def __init__(
        self,
        sheet: Sheet,
        result: Result,
        places: Mapping[str, f.Places],
        columns: Columns,
    ) -> None:
        self.sheet, self.result, self.places, self.columns = sheet, result, places, columns
        self.tier_columns = columns.tiers or columns
        self.total_columns = columns.total or self.tier_columns
        self.rounding = result.set.rounding
        self.scored = Scored(sheet.name)
        self.tiers: list[tuple[TierResult, f.TierCells, int]] = []
        dropping = (f.may_drop_out(row.item, places[row.path]) for row in result.indicators)
        self.rescales = any(dropping) or bool(result.set.shifts)

    def _look(self, column: int) -> Style:
        """Return how a sum looks: plain where it stands beside the printed columns."""
        return SUM if column < self.sheet.printed else SIDE

    def on(self, row: int, column: int) -> str:
        """Return a cell of this sheet for formulas of other sheets."""
        return on(self.sheet.name, address(row, column))

    def on_sheet(self, cell: str) -> str:
        """Return an address of this sheet for formulas of other sheets."""
        return on(self.sheet.name, cell)

    def value_format(self, result: IndicatorResult) -> str:
        """Return the number format of 实际完成值."""
        return _value_format(result, self.rounding.rate)

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

    def close_row(self, row: int, result: IndicatorResult, columns: Columns | None = None) -> None:
        """Write 参评分值 and 已评分值 of a row, and note where its results stand."""
        columns, path = columns or self.columns, result.path
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

    def tier(
        self,
        tier: TierResult,
        row: int,
        blocks: Sequence[tuple[int, int]],
        columns: Columns | None = None,
    ) -> None:
        """Note a tier's own line and the blocks of its rows; :meth:`close` writes them.

        ``columns`` are those of its rows, where they are not the form's.
        """
        of = columns or self.columns
        ranges = [
            [area(column, *b) for b in blocks]
            for column in (of.points, of.score, of.side, of.side + 1)
        ]
        own = self.tier_columns
        cells = f.TierCells(
            name=tier.name,
            rows=sum(last - first + 1 for first, last in blocks),
            offered=ranges[0],
            scores=ranges[1],
            applicable=ranges[2],
            filled=ranges[3],
            points_cell=address(row, own.points),
            score_cell=address(row, own.score),
            applicable_cell=address(row, own.side),
            filled_cell=address(row, own.side + 1),
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
        sheet, columns, rounding, scored = self.sheet, self.tier_columns, self.rounding, self.scored
        if points == f.number(stated):
            sheet.put(row, columns.points, tier.points, self._look(columns.points))
        else:
            sheet.live(row, columns.points, Live(points, tier.points), self._look(columns.points))
        score = f.tier_score(self.result.set, cells, stated, self.rescales)
        rate = f.rate_formula(cells.score_cell, cells.points_cell, rounding.rate + 2)
        if (single := tier.rate_row) is not None:
            value = local(scored.values[single.path])
            rate = f'IF(ISNUMBER({value}),{value},"")'
        whole = not tier.points if tier.not_applicable else tier.complete
        look = percent_format(rounding.rate)
        sheet.live(
            row, columns.score, tier_score_of(self.result, tier, score), self._look(columns.score)
        )
        sheet.live(
            row,
            columns.value,
            Live(rate, blank(tier.printed_rate), look),
            self._look(columns.value),
        )
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
        result, sheet, scored, rounding = self.result, self.sheet, self.scored, self.rounding
        columns, tiers = self.total_columns, self.tier_columns

        def lines(column: int) -> list[str]:
            return [address(line, column) for _, _, line in self.tiers]

        points = Live(f.total_of(lines(tiers.points)), total_points(result))
        points_cell = sheet.live(row, columns.points, points, SUM)
        total = total_of(result, f.total_formula(lines(tiers.score), rounding.total))
        total_cell = sheet.live(row, columns.score, total, SUM)
        rate = f.rate_formula(total_cell, points_cell, rounding.rate + 2)
        sheet.live(row, columns.value, total_rate_of(result, rate), self._look(columns.value))
        whole = f"IF({f.total_of(lines(tiers.side + 2))}={len(self.tiers)},1,0)"
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
