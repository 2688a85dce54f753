"""扣分明细表: where every lost point went and why, the points and scores read from the forms."""

from __future__ import annotations

from itertools import count

from perfeval.exchange import formulas as f
from perfeval.exchange.book import Book, Evaluated
from perfeval.exchange.check import AUTOMATIC, POINTS, SCORE
from perfeval.exchange.form import reasons
from perfeval.exchange.layout import (
    BODY,
    HEAD,
    SUM,
    TEXT,
    Live,
    Sheet,
    on,
    score_format,
    title,
)
from perfeval.exchange.lines import total_points
from perfeval.numbers import Exact
from perfeval.scoring.deductions import how, lacks_points
from perfeval.scoring.scorecard import IndicatorResult
from perfeval.session.model import Project

NAME = "扣分明细表"
_HEAD = ("序号", "自评对象", "一级指标", "三级指标", "分值", "得分", "扣分", "扣分原因", "计分依据")
_WIDTHS = (6, 24, 13, 26, 8, 9, 9, 38, 44)
_POINTS, _SCORE, _LOST = 4, 5, 6


def called(result: IndicatorResult) -> str:
    """Return an indicator's name, with its code where the set gives one (B3 预算调整率)."""
    coded = not result.item.own and result.code.isascii()
    return f"{result.code} {result.name}" if coded else result.name


def why(result: IndicatorResult, of_project: str = "") -> str:
    """Return why points were lost: the reason written, or the one of its project, or neither."""
    if result.score is None:
        return f"未填：{result.note or '没有得分'}"
    return reasons(result) or of_project or "未写偏差原因"


def sheets(book: Book) -> list[Sheet]:
    """Return 扣分明细表 and compare it in 核对."""
    session = book.session
    sheet = Sheet(NAME, _WIDTHS, len(_WIDTHS), header=(2, 2))
    left = f"部门（单位）名称：{session.unit.name}"
    title(sheet, NAME, left, f"{session.year} 年度    单位：分")
    sheet.row(2, _HEAD, HEAD)
    book.check.heading(f"{NAME}（自动得分栏为扣分）")
    numbers = count(1)
    for one in book.evaluated:
        rows = [row for row in one.result.indicators if lacks_points(row)]
        for result in rows:
            _row(book, sheet, one, result, next(numbers))
        if rows:
            _sum(book, sheet, one)
    if sheet.rows == 3:
        sheet.paragraph("各项指标均得满分，没有扣分。")
    return [sheet]


def _row(book: Book, sheet: Sheet, one: Evaluated, result: IndicatorResult, number: int) -> None:
    row, rounding = sheet.rows, one.result.set.rounding
    sheet.put(row, 0, Exact(number), BODY)
    sheet.text(row, 1, one.name)
    sheet.text(row, 2, result.item.tier, BODY)
    sheet.text(row, 3, called(result))
    points, score = one.form.points[result.path], one.form.scores[result.path]
    shown = "" if result.score is None else result.score
    cells = (
        sheet.live(row, _POINTS, Live(points, result.points), BODY),
        sheet.live(
            row,
            _SCORE,
            Live(f.shown(score), shown, score_format(result.score, rounding.score)),
            BODY,
        ),
    )
    gone = result.points - (result.score or 0)
    look = score_format(gone, rounding.score)
    cell = sheet.live(row, _LOST, Live(_lost(*cells, rounding.score), gone, look), BODY)
    project = one.evaluation if isinstance(one.evaluation, Project) else None
    sheet.text(row, 7, why(result, project.deviation_reason if project else ""))
    sheet.text(row, 8, how(result, rounding))
    again = one.again.points[result.path], one.again.scores[result.path]
    book.check.line(
        f"{one.name} {result.name}",
        {
            POINTS: (on(NAME, cells[0]), Live(again[0], result.points)),
            AUTOMATIC: (on(NAME, cell), Live(_lost(*again, rounding.score), gone, look)),
            SCORE: (
                on(NAME, cells[1]),
                Live(f.shown(again[1]), shown, score_format(result.score, rounding.score)),
            ),
        },
    )


def _lost(points: str, score: str, places: int) -> str:
    """Return 扣分: all the points of a row without a score."""
    return f"ROUND({points}-IF(ISNUMBER({score}),{score},0),{places})"


def _sum(book: Book, sheet: Sheet, one: Evaluated) -> None:
    """Write what the evaluation lost altogether: full points less its total."""
    row, result, rounding = sheet.rows, one.result, one.result.set.rounding
    full, total = total_points(result), result.total
    gone, number = full - total, score_format(full - total, rounding.total)
    for column in range(len(_WIDTHS)):
        sheet.put(row, column, None, SUM)
    sheet.wide(row, 0, 3, f"{one.name} 合计", SUM)
    points = sheet.live(row, _POINTS, Live(one.form.total_points, full), SUM)
    look = score_format(total, rounding.total)
    score = sheet.live(row, _SCORE, Live(one.form.total, total, look), SUM)
    lost_cell = Live(_lost(points, score, rounding.total), gone, number)
    cell = sheet.live(row, _LOST, lost_cell, SUM)
    sheet.wide(row, 7, 8, "与各行之和的差额来自未设指标的分值、不适用折算或取整", TEXT)
    sheet.keep(row)
    again = _lost(one.again.total_points, one.again.total, rounding.total)
    book.check.line(
        f"{one.name} 合计",
        {
            POINTS: (on(NAME, points), Live(one.again.total_points, full)),
            AUTOMATIC: (on(NAME, cell), Live(again, gone, number)),
            SCORE: (on(NAME, score), Live(one.again.total, total, look)),
        },
    )
