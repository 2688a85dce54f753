"""部门整体自评表: the tiers with value, automatic and manual score, every figure a formula."""

from __future__ import annotations

from collections.abc import Mapping

from perfeval.exchange import formulas as f
from perfeval.exchange.layout import (
    BODY,
    ENTRY,
    ENTRY_TEXT,
    HEAD,
    SIDE,
    SUM,
    TEXT,
    Limit,
    Sheet,
    Span,
    Style,
    score_format,
    title,
)
from perfeval.exchange.lines import SIDE_HEAD, Columns, Lines, Scored, tags, trust
from perfeval.exchange.signoff import sign_off
from perfeval.numbers import ZERO
from perfeval.scoring.scorecard import (
    GroupResult,
    IndicatorResult,
    Item,
    Result,
    Status,
    TierResult,
)
from perfeval.scoring.trace import trace_text
from perfeval.session.model import Session, Unit

# --- words of a row --------------------------------------------------------------------------


def _standard(item: Item) -> str:
    formula = item.formula.text() if item.formula is not None else ""
    return "\n".join(part for part in (formula, item.standard) if part)


REASON_PARTS = {"依据：": "basis", "人工赋分：": "manual_reason"}
"""What stands before each part of 偏差原因、依据 that somebody wrote; 偏差原因 itself is first."""
REASON_TOLD = ("不适用：", "系统提示：")
"""What stands before the parts that are written elsewhere or made by the system."""


def reasons(result: IndicatorResult, *, hints: bool = True) -> str:
    """Return 偏差原因、依据 of a row: what was written and, as ``hints``, what is still wanted.

    Each part but the first begins a line with its name, so that the cell can be read back.
    """
    item, answer = result.item, result.item.answer
    told: list[str] = []
    absent, hint = REASON_TOLD
    if answer is not None:
        told.append(answer.deviation_reason)
        for name, field in REASON_PARTS.items():
            if text := getattr(answer, field):
                told.append(f"{name}{text}")
        if answer.not_applicable:
            told.append(f"{absent}{answer.not_applicable}")
    if hints and result.status is not Status.MANUAL and result.note:
        told.append(f"{hint}{result.note}")
    notes = (modifier.note(item.given) for modifier in item.modifiers)
    told += [f"{hint}{text}" for text in notes if text and hints]
    return "\n".join(text for text in told if text)


def manual_limit(item: Item) -> str:
    """Return what to say of a 人工赋分 outside its limits."""
    return f"人工赋分应在 0 与分值 {f.number(item.points)} 之间"


def _trust_of(result: Result, row: IndicatorResult) -> str:
    label = trust(tags(result.set, row.item))
    return label if row.status is Status.SCORED else f"{row.status.value}\n{label}"


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
    """部门整体自评表 from the sheet's next free row."""

    def __init__(self, sheet: Sheet, result: Result, places: Mapping[str, f.Places]) -> None:
        self.sheet, self.result, self.places = sheet, result, places
        self.lines = Lines(sheet, result, places, _COLUMNS)
        self.scored = self.lines.scored

    def write(self, unit: Unit) -> Scored:
        """Write the form and the lines ``unit`` signs on; return where its results stand."""
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
        sign_off(self.sheet, self.result.set.sign_off, unit)
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
        sheet.limits.append(Limit(row, _MANUAL, ZERO, item.points, manual_limit(item)))
        score = lines.score(result, value=value, automatic=automatic, manual=manual)
        note = trace_text(result, self.result.set.rounding)
        sheet.live(row, _COLUMNS.score, score, BODY, note)
        sheet.text(row, _REASON, reasons(result))
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
