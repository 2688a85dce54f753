"""得分图: native charts of the tiers' rates, the projects' scores and their grades.

Each stands over a small table of its figures, which are read from the other sheets.
"""

from __future__ import annotations

from perfeval.exchange.book import Book
from perfeval.exchange.check import SCORE, VALUE
from perfeval.exchange.layout import (
    BODY,
    HEAD,
    PLAIN,
    SUM_TEXT,
    TEXT,
    Chart,
    Live,
    Sheet,
    area,
    on,
    percent_format,
    sheet_name,
    title,
)
from perfeval.exchange.lines import tier_rate_of
from perfeval.exchange.summary import graded_score, score_of
from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import Exact
from perfeval.scoring.scorecard import Result

NAME = "得分图"
MOST = 30
"""More projects than this are drawn by grade only."""
TOGETHER = 10
"""A table of up to so many lines stays on the page of its chart."""


def sheets(book: Book) -> list[Sheet]:
    """Return 得分图 and compare its figures in 核对."""
    session = book.session
    sheet = Sheet(NAME, (44, 14, 34), 3, header=(1, 1), portrait=True)
    title(sheet, NAME, f"部门（单位）名称：{session.unit.name}", f"{session.year} 年度")
    book.check.heading(NAME)
    if book.evaluated and book.evaluated[0].path == "department":
        _tiers(book, sheet)
    count = len(book.project_forms)
    if 0 < count <= MOST:
        _scores(book, sheet)
    if count > 1:
        _grades(book, sheet)
    return [sheet]


def _heading(sheet: Sheet, text: str, name: str, value: str) -> int:
    """Write the heading of a small table; return its first row."""
    if sheet.rows > 2:
        sheet.put(sheet.rows, 0, None, PLAIN)
    sheet.wide(sheet.rows, 0, 2, text, SUM_TEXT)
    row = sheet.rows
    sheet.keep(row)
    sheet.row(row, (name, value), HEAD)
    return row + 1


def _tiers(book: Book, sheet: Sheet) -> None:
    one = book.evaluated[0]
    first = _heading(sheet, "部门整体各一级指标得分率", "一级指标", "得分率")
    for row, tier in enumerate(one.result.tiers, first):
        sheet.text(row, 0, tier.name, TEXT)
        live = tier_rate_of(one.result, tier, one.form.tier_rates[tier.name])
        cell = sheet.live(row, 1, live, BODY)
        again = tier_rate_of(one.result, tier, one.again.tier_rates[tier.name])
        book.check.line(tier.name, {VALUE: (on(NAME, cell), again)})
    last, number = sheet.rows - 1, percent_format(one.result.set.rounding.rate)
    _draw(sheet, "各一级指标得分率", first, last, number=number)


def _scores(book: Book, sheet: Sheet) -> None:
    first = _heading(sheet, "各项目自评得分", "项目名称", "自评得分")
    lines = dict(zip((one.path for one in book.evaluated), book.evaluated, strict=True))
    for row, line in enumerate(book.summary.lines, first):
        one = lines[line.project.path]
        sheet.text(row, 0, sheet_name(line.number, line.project.name), TEXT)
        cell = sheet.live(row, 1, score_of(one.result, book.summary.cell(line)), BODY)
        again = score_of(one.result, graded_score(one.again))
        book.check.line(line.project.name, {SCORE: (on(NAME, cell), again)})
    last = sheet.rows - 1
    rows = max(14, last - first + 6)
    _draw(sheet, "各项目自评得分", first, last, kind="bar", rows=rows)


def _grades(book: Book, sheet: Sheet) -> None:
    results = [line.result for line in book.summary.lines]
    indicator_set = results[0].set
    scores = book.summary.scores()
    again = on(
        book.check.sheet.name,
        area(SCORE + 1, book.check.summary_row, book.check.summary_row + len(results) - 1),
    )
    first = _heading(sheet, "项目等级分布", "等级", "项目个数")
    for row, (index, grade) in enumerate(enumerate(indicator_set.grades), first):
        sheet.text(row, 0, grade.name, TEXT)
        value = Exact(sum(_graded(result, indicator_set, index) for result in results))
        cell = sheet.live(row, 1, Live(_count(indicator_set, index, scores), value), BODY)
        live = Live(_count(indicator_set, index, again), value)
        book.check.line(f"{grade.name}的项目个数", {VALUE: (on(NAME, cell), live)})
    _draw(sheet, "项目等级分布（个）", first, sheet.rows - 1)


def _graded(result: Result, indicator_set: IndicatorSet, index: int) -> bool:
    if result.grade is None:
        return False
    better = index > 0 and result.total >= indicator_set.grades[index - 1].min
    return result.total >= indicator_set.grades[index].min and not better


def _count(indicator_set: IndicatorSet, index: int, scores: str) -> str:
    """Return how many scores are of a grade: those at its limit less those at the next."""

    def at_least(place: int) -> str:
        return f'COUNTIF({scores},">={float(indicator_set.grades[place].min):g}")'

    return at_least(index) + (f"-{at_least(index - 1)}" if index else "")


def _draw(
    sheet: Sheet,
    text: str,
    first: int,
    last: int,
    *,
    kind: str = "column",
    rows: int = 16,
    number: str = "General",
) -> None:
    chart = Chart(text, last + 1, rows, (0, first, last), (1, first, last), kind, number)
    sheet.chart(chart)
    if last - first < TOGETHER:
        sheet.kept.update(range(first - 1, last + 2))
