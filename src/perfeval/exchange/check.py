"""核对: every figure of the forms computed a second time, from what was entered alone.

A line shows the figure of the form beside the one recomputed and reads 一致 or 不一致 (red). The
recomputation reads 基础数据, 人工赋分 and its own lines, never a figure of the form, so it also
finds a formula that somebody replaced by a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from perfeval.exchange import formulas as f
from perfeval.exchange.entries import cached_value
from perfeval.exchange.layout import (
    BODY,
    HEAD,
    SIDE,
    SUM,
    SUM_TEXT,
    TEXT,
    Live,
    Sheet,
    address,
    area,
    on,
    title,
)
from perfeval.exchange.lines import (
    SIDE_HEAD,
    Columns,
    Lines,
    Scored,
)
from perfeval.scoring.scorecard import IndicatorResult, Result, TierResult
from perfeval.session.model import Session

CHECK = "核对"
CONSISTENT, DIFFERENT = "一致", "不一致"
ALL_CONSISTENT = "全部一致"
_HEAD = (
    *("核对内容", "分值\n（表列）", "分值\n（体系）", "实际完成值、\n得分率（表列）"),
    *("实际完成值、\n得分率（复算）", "自动得分\n（表列）", "自动得分\n（复算）"),
    *("得分\n（表列）", "得分\n（复算）", "核对结果"),
)
POINTS, VALUE, AUTOMATIC, SCORE, _VERDICT = 1, 3, 5, 7, 9
"""The columns of the form's figures; the recomputed one stands to the right of each."""
_COLUMNS = Columns(points=POINTS + 1, value=VALUE + 1, score=SCORE + 1, side=11)
_FIRST = 4


class Check:
    """The sheet 核对 under construction."""

    def __init__(self, session: Session) -> None:
        widths = (40, 9, 9, 15, 15, 11, 11, 11, 11, 11, 3, 12, 12, 8, 14)
        self.sheet = Sheet(CHECK, widths, len(_HEAD), header=(3, 3))
        left = f"部门（单位）名称：{session.unit.name}"
        title(self.sheet, "得分核对表", left, f"{session.year} 年度")
        self.sheet.row(3, _HEAD, HEAD)
        self.summary_row = 0
        """The first of the lines that compare 自评汇总表, one for each project."""
        self.sheet.row(3, (*SIDE_HEAD, "计分用值"), SIDE, _COLUMNS.side)

    def finish(self) -> None:
        """Write the verdict over all lines above the table."""
        sheet = self.sheet
        # Never a single cell: that is no range to every engine's COUNTIF.
        lines = area(_VERDICT, _FIRST, max(sheet.rows - 1, _FIRST + 1))
        wrong = f'COUNTIF({lines},"{DIFFERENT}")'
        verdict = f'IF({wrong}=0,"{ALL_CONSISTENT}","有"&{wrong}&"处不一致")'
        sheet.wide(2, 0, _VERDICT - 1, "核对结论（复算只取基础数据和人工赋分）", SUM_TEXT)
        cell = sheet.live(2, _VERDICT, Live(verdict, ALL_CONSISTENT), SUM)
        sheet.red.append((cell, f'={cell}<>"{ALL_CONSISTENT}"'))
        sheet.red.append((lines, f'={address(_FIRST, _VERDICT)}="{DIFFERENT}"'))

    def heading(self, text: str) -> None:
        """Write a line over a part of the table."""
        self.sheet.wide(self.sheet.rows, 0, _VERDICT, text, SUM_TEXT)
        self.sheet.keep(self.sheet.rows)

    def line(
        self, text: str, pairs: Mapping[int, tuple[str, Live]], *, kept: bool = False
    ) -> dict[int, str]:
        """Compare figures on one line: the form's cell and the recomputation of each.

        The keys say what is compared (POINTS, VALUE, SCORE); ``kept`` keeps the line on the page
        of the one before. Returns the recomputed cells.
        """
        row = self._begin(text)
        if kept:
            self.sheet.keep(row)
        cells = {column: self._pair(row, column, *pair) for column, pair in pairs.items()}
        self._judge(row)
        return cells

    def rate_and_score(
        self, text: str, rate: tuple[str, Live], form: str, score: Callable[[str], Live]
    ) -> None:
        """Compare a rate and the score that follows from it, on one line.

        ``score`` returns the score recomputed from the cell of the recomputed rate.
        """
        cell = address(self.sheet.rows, VALUE + 1)
        self.line(text, {VALUE: rate, SCORE: (form, score(cell))})

    def evaluation(
        self, text: str, result: Result, places: Mapping[str, f.Places], form: Scored
    ) -> Scored:
        """Recompute an evaluation against its form; return where the recomputed figures stand."""
        self.heading(text)
        lines = Lines(self.sheet, result, places, _COLUMNS)
        for tier in result.tiers:
            blocks = list(self._rows(tier, lines, form))
            lines.tier(tier, self._begin(f"{tier.name} 小计"), blocks)
        total = self._begin("合计")
        lines.close(total)
        for tier, _, row in lines.tiers:
            name = tier.name
            self._form_side(
                row, form.tier_points[name], form.tier_rates[name], form.tier_scores[name]
            )
        self._form_side(total, form.total_points, form.total_rate, form.total)
        grade = self.line("评价等级", {SCORE: (form.grade, lines.grade())}, kept=True)
        lines.scored.grade = on(CHECK, grade[SCORE])
        return lines.scored

    # --- lines --------------------------------------------------------------------------------

    def _begin(self, text: str) -> int:
        row = self.sheet.rows
        self.sheet.text(row, 0, text, TEXT)
        for column in range(1, _VERDICT + 1):
            self.sheet.put(row, column, None, BODY)
        return row

    def _pair(self, row: int, column: int, form: str, again: Live) -> str:
        """Write a figure of the form beside its recomputation; return the latter's cell."""
        self.sheet.live(row, column, again._replace(formula=form), BODY)
        return self.sheet.live(row, column + 1, again, BODY)

    def _judge(self, row: int) -> None:
        """Write whether the pairs of a line agree."""
        pairs = [
            f.same(address(row, column), address(row, column + 1))
            for column in (POINTS, VALUE, AUTOMATIC, SCORE)
            if self.sheet.cells[row, column].formula
        ]
        agree = f"AND({','.join(pairs)})" if len(pairs) > 1 else pairs[0]
        verdict = Live(f'IF({agree},"{CONSISTENT}","{DIFFERENT}")', CONSISTENT)
        self.sheet.live(row, _VERDICT, verdict, BODY)

    def _form_side(self, row: int, points: str, rate: str, score: str) -> None:
        """Write the form's figures of a tier or of the total beside those recomputed."""
        for column, form in ((POINTS, points), (VALUE, rate), (SCORE, score)):
            again = self.sheet.cells[row, column + 1]
            shown = Live(form, again.value, again.style.number)
            self.sheet.live(row, column, shown, again.style)
        self._judge(row)

    def _rows(self, tier: TierResult, lines: Lines, form: Scored) -> list[tuple[int, int]]:
        """Recompute the rows and groups of a tier; return the blocks of rows."""
        blocks: list[tuple[int, int]] = []
        for group in tier.groups:
            first = self.sheet.rows
            for result in group.indicators:
                self._row(result, lines, form)
            rows = (first, self.sheet.rows - 1) if group.indicators else None
            if rows:
                blocks.append(rows)
            if cell := form.groups.get((tier.name, group.name)):
                again = lines.subtotal(group.score, rows)
                self.line(f"{group.name} 二级小计", {SCORE: (cell, again)})
        return blocks

    def _row(self, result: IndicatorResult, lines: Lines, form: Scored) -> None:
        item, path = result.item, result.path
        row = self._begin(f"{item.code} {item.name}" if item.code != item.name else item.name)
        self.sheet.live(row, POINTS, Live(form.points[path], item.points), BODY)
        points = self.sheet.put(row, POINTS + 1, item.points, BODY)
        value = self._value(row, result, lines, form)
        automatic, live = '""', lines.automatic(result, value, points)
        if live is not None:
            automatic = self._pair(row, AUTOMATIC, form.automatic[path], live)
        score = lines.score(result, value=value, automatic=automatic, manual=form.manual[path])
        self._pair(row, SCORE, form.scores[path], score)
        lines.close_row(row, result)
        self._judge(row)

    def _value(self, row: int, result: IndicatorResult, lines: Lines, form: Scored) -> str:
        """Recompute 实际完成值; return the cell of the value scored."""
        places = lines.places[result.path]
        elsewhere = places.value
        if places.computed:
            again = Live(f.value_formula(result.item, places), cached_value(result))
            elsewhere = self.sheet.live(row, _COLUMNS.side + 3, again, SIDE)
        live = lines.value(result, elsewhere)
        if live is None:
            return elsewhere
        shown = form.values[result.path]
        if shown == places.value:  # typed into the form itself, perhaps still empty
            shown = f.shown(shown)
        cell = self._pair(row, VALUE, shown, live)
        return elsewhere if f.shows_word(result.item) else cell
