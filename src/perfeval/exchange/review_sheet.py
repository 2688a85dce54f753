"""复核意见表: self score, review, difference, opinion and the unit's answer, row by row.

What a reviewer and the unit enter is read back; difference, totals and grade are formulas over it.
While a session is under review every indicator has its row, to be filled in away from the program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perfeval.exchange import formulas as f
from perfeval.exchange.book import Book, Evaluated
from perfeval.exchange.check import SCORE
from perfeval.exchange.layout import (
    BODY,
    ENTRY,
    ENTRY_TEXT,
    HEAD,
    PLAIN,
    SUM,
    SUM_TEXT,
    Choice,
    Limit,
    Live,
    Sheet,
    Style,
    address,
    area,
    on,
    score_format,
    title,
)
from perfeval.numbers import ZERO, Exact, figure
from perfeval.scoring.review import MarkedIndicator, ReviewDiff, review_diff
from perfeval.scoring.scorecard import IndicatorResult
from perfeval.session.model import Feedback, Session

NAME = "复核意见表"
_HEAD = (
    *("序号", "三级指标", "分值", "自评得分", "复核结论", "复核得分", "差额"),
    *("复核意见", "复核人", "反馈意见", "说明"),
)
_WIDTHS = (6, 28, 8, 10, 11, 10, 10, 40, 12, 34, 14)
_POINTS, _SELF, _VERDICT, _REVIEWED, _DIFFERENCE, _OPINION = range(2, 8)
VERDICTS = ("认可", "核增", "核减", "退回修改")


@dataclass(slots=True)
class _Block:
    """One evaluation's part of the table."""

    one: Evaluated
    diff: ReviewDiff
    first: int
    last: int
    listed: frozenset[str]


UNDER_REVIEW = ("已上报", "复核中")


def applies(session: Session) -> bool:
    """Whether there are marks, or marks are to be given."""
    return bool(session.marks) or session.stage in UNDER_REVIEW


def sheets(book: Book) -> list[Sheet]:
    """Return 复核意见表 and compare its self scores in 核对."""
    session, find = book.session, book.material.find
    sheet = Sheet(NAME, _WIDTHS, len(_WIDTHS), header=(2, 2))
    left = f"部门（单位）名称：{session.unit.name}"
    title(sheet, NAME, left, f"{session.year} 年度    单位：分    底色单元格由复核人和填报单位填写")
    sheet.row(2, _HEAD, HEAD)
    book.check.heading(NAME)
    for one in book.evaluated:
        diff = review_diff(session, one.path, find)
        rows = _open(one, diff) if session.stage in UNDER_REVIEW else diff.marked
        if rows:
            _evaluation(book, sheet, one, diff, rows)
    sheet.put(sheet.rows, 0, None, PLAIN)
    sheet.wide(sheet.rows, 0, _SELF, "复核单位（盖章）：", PLAIN)
    sheet.wide(sheet.rows - 1, _VERDICT, _OPINION, "复核人：＿＿＿＿＿", PLAIN)
    sheet.wide(sheet.rows - 1, _OPINION + 1, len(_WIDTHS) - 1, "复核日期：＿＿＿＿＿", PLAIN)
    sheet.kept.update((sheet.rows - 1, sheet.rows - 2))
    return [sheet]


def _open(one: Evaluated, diff: ReviewDiff) -> list[MarkedIndicator | IndicatorResult]:
    """Return every indicator that can be marked, those that are with their marks."""
    marked = {row.path: row for row in diff.marked}
    return [
        marked.get(row.path, row)
        for row in one.result.indicators
        if row.path in marked or row.path in diff.unmarked
    ]


def _evaluation(
    book: Book,
    sheet: Sheet,
    one: Evaluated,
    diff: ReviewDiff,
    rows: Sequence[MarkedIndicator | IndicatorResult],
) -> None:
    heading = sheet.rows
    sheet.wide(heading, 0, len(_WIDTHS) - 1, one.name, SUM_TEXT)
    sheet.keep(heading + 1)
    first, listed = sheet.rows, frozenset(row.path for row in rows)
    for number, row in enumerate(rows, 1):
        _row(book, sheet, one, row, number)
    _totals(book, sheet, _Block(one, diff, first, sheet.rows - 1, listed))


def _row(
    book: Book,
    sheet: Sheet,
    one: Evaluated,
    of: MarkedIndicator | IndicatorResult,
    number: int,
) -> None:
    row, places = sheet.rows, one.result.set.rounding.score
    marked = of if isinstance(of, MarkedIndicator) else None
    score = marked.own if marked else one.result.indicator(of.path).score
    sheet.put(row, 0, Exact(number), BODY)
    sheet.text(row, 1, of.name)
    sheet.live(row, _POINTS, Live(one.form.points[of.path], of.points), BODY)
    value = _self_value(one, of.path, score)
    own = Live(f.shown(one.form.scores[of.path]), value, score_format(score, places))
    mine = sheet.live(row, _SELF, own, BODY)
    sheet.put(row, _VERDICT, marked.mark.verdict if marked else None, ENTRY)
    sheet.choices.append(Choice(row, _VERDICT, VERDICTS, f"只能填：{'、'.join(VERDICTS)}"))
    look = ENTRY.with_number(score_format(marked.reviewed if marked else None, places))
    theirs = sheet.put(row, _REVIEWED, _entered(marked) if marked else None, look)
    told = f"复核得分应在 0 与分值 {f.number(of.points)} 之间"
    sheet.limits.append(Limit(row, _REVIEWED, ZERO, of.points, told))
    gone = marked.difference if marked else ZERO
    difference = Live(_difference(theirs, mine, places), gone, score_format(gone, places))
    sheet.live(row, _DIFFERENCE, difference, BODY)
    _said(book, sheet, row, marked)
    again = Live(f.shown(one.again.scores[of.path]), own.value, own.number)
    book.check.line(f"{one.name} {of.name}", {SCORE: (on(NAME, mine), again)})


def _said(book: Book, sheet: Sheet, row: int, marked: MarkedIndicator | None) -> None:
    """Write opinion, reviewer and answer; cells to fill in where there is none."""
    opinion = who = answer = state = ""
    if marked is not None:
        mark = marked.mark
        opinion, who = mark.opinion, "\n".join(filter(None, (mark.who, mark.when[:10])))
        answer = answered(book.session.feedback.get(marked.path))
        state = "填报内容在复核后已改" if marked.outdated else ""
    sheet.text(row, _OPINION, opinion, ENTRY_TEXT)
    sheet.text(row, _OPINION + 1, who, ENTRY)
    sheet.text(row, _OPINION + 2, answer, ENTRY_TEXT)
    sheet.text(row, _OPINION + 3, state)


def _self_value(one: Evaluated, path: str, score: Exact | None) -> Exact | str:
    if score is not None:
        return score
    status = one.result.indicator(path).status
    return f.NOT_APPLICABLE if status == f.NOT_APPLICABLE else ""


def _entered(marked: MarkedIndicator) -> Exact | str | None:
    """Return 复核得分 as the mark has it: none where the self score stands."""
    mark = marked.mark
    if mark.verdict == "认可" or not mark.score:
        return None
    read = figure(mark.score)
    usable = read.value is not None and ZERO <= read.value <= marked.points
    return marked.reviewed if usable else mark.score


def _difference(reviewed: str, own: str, places: int) -> str:
    """Return 复核得分 − 自评得分: 0 where no other score was given."""
    mine = f"IF(ISNUMBER({own}),{own},0)"
    return f"IF(ISNUMBER({reviewed}),ROUND({reviewed}-{mine},{places}),0)"


def answered(feedback: Feedback | None) -> str:
    """Return the unit's answer to a mark in words."""
    if feedback is None:
        return ""
    word = "采纳" if feedback.accepted else "不采纳"
    return f"{word}：{feedback.reason}" if feedback.reason else word


def _totals(book: Book, sheet: Sheet, block: _Block) -> None:
    """Write self total, reviewed total, difference and both grades.

    The reviewed total is a formula where it is the self total and the rows' differences; where
    rows were rescaled it is the engine's value.
    """
    row, one, diff = sheet.rows, block.one, block.diff
    result, places = one.result, one.result.set.rounding.total
    for column in range(len(_WIDTHS)):
        sheet.put(row, column, None, SUM)
    sheet.wide(row, 0, _POINTS, "总分", SUM)
    own = Live(one.form.total, result.total, score_format(result.total, places))
    mine = sheet.live(row, _SELF, own, SUM)
    again = Live(one.again.total, own.value, own.number)
    book.check.line(f"{one.name} 总分", {SCORE: (on(NAME, mine), again)})
    rows = area(_DIFFERENCE, block.first, block.last)
    look = score_format(diff.reviewed.total, places)
    added = sum((marked.difference for marked in diff.marked), ZERO)
    plain = result.total + added == diff.reviewed.total and _same_fill(diff) and _adds_up(block)
    formula = f"ROUND({mine}+SUM({rows}),{places})" if plain else ""
    theirs = _put(sheet, row, _REVIEWED, Live(formula, diff.reviewed.total, look), SUM)
    net = Live(f"ROUND({theirs}-{mine},{places})", diff.net, score_format(diff.net, places))
    sheet.live(row, _DIFFERENCE, net, SUM)
    told = f"等级：自评{diff.own.grade or '（不评）'}，复核{diff.reviewed.grade or '（不评）'}"
    if len(diff.unmarked):
        told += f"；另有 {len(diff.unmarked)} 项指标没有复核意见，按自评得分计"
    sheet.wide(row, _OPINION, len(_WIDTHS) - 1, told, SUM_TEXT)
    sheet.keep(row)


def _same_fill(diff: ReviewDiff) -> bool:
    """Whether every mark changes a score that is there, so that differences simply add up."""
    return all(marked.own is not None for marked in diff.changed)


def _adds_up(block: _Block) -> bool:
    """Whether a difference of a row is one of the total: no row listed is in a rescaled tier."""
    return not any(
        tier.rescaled and any(row.path in block.listed for row in tier.indicators)
        for tier in block.one.result.tiers
    )


def _put(sheet: Sheet, row: int, column: int, figure_: Live, style: Style) -> str:
    if figure_.formula:
        return sheet.live(row, column, figure_, style)
    sheet.put(row, column, figure_.value, style.with_number(figure_.number))
    return address(row, column)
