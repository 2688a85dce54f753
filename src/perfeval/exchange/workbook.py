"""Excel: one workbook of a session, every figure a live formula with the engine's value in it.

The lines ``sheets → render → write_file`` are pure, pure, and one write. A part that a session
does not have (no department evaluation, no projects) has no sheet.
"""

from __future__ import annotations

from pathlib import Path

from perfeval.errors import PerfevalError
from perfeval.exchange import summary
from perfeval.exchange.check import POINTS, SCORE, VALUE, Check
from perfeval.exchange.entries import Entries
from perfeval.exchange.filenames import safe_name
from perfeval.exchange.form import Form, Scored, form_sheet, tier_rate_of
from perfeval.exchange.layout import SUM_TEXT, Live, Sheet, address, on
from perfeval.exchange.summary import (
    Summary,
    SummaryLine,
    detailed_score,
    is_simple,
    score_of,
    score_table,
    table_figures,
)
from perfeval.exchange.writer import render, write_file
from perfeval.scoring.scorecard import Result, Scorecard
from perfeval.session.model import Session

FORM, DETAIL = "部门整体自评表", "项目自评明细表"


def export_workbook(session: Session, scorecard: Scorecard, folder: Path, name: str = "") -> Path:
    """Write the workbook of a session into ``folder`` and return where it stands.

    ``scorecard`` must be the session's own. The file is called after unit and year unless
    ``name`` says otherwise; a file of that name held open elsewhere is left alone (``…(2).xlsx``).
    Raises :class:`PerfevalError` when there is nothing to write or the folder cannot be written.
    """
    made = sheets(session, scorecard)
    if not made:
        raise PerfevalError("没有可导出的内容：既没有部门整体自评，也没有项目，请先填写")
    title = name or f"{session.unit.name}{session.year}年度绩效自评"
    return write_file(folder / f"{safe_name(title)}.xlsx", render(made, title))


def sheets(session: Session, scorecard: Scorecard) -> list[Sheet]:
    """Return the workbook's sheets as data, in their order."""
    if scorecard.department is None and not scorecard.projects:
        return []
    return _Book(session, scorecard).sheets()


class _Book:
    """Puts the sheets together: entries first, then what reads them, 核对 over everything."""

    def __init__(self, session: Session, scorecard: Scorecard) -> None:
        self.session, self.scorecard = session, scorecard
        self.entries, self.check = Entries(session), Check(session)
        self.summary = Summary(session, scorecard.projects)
        self.made: list[Sheet] = []

    def sheets(self) -> list[Sheet]:
        if self.scorecard.projects:
            self.made.append(self.summary.sheet)
        if (department := self.scorecard.department) is not None:
            self._department(department)
        if self.scorecard.projects:
            self._projects()
        self.check.finish()
        if self.entries.used:
            self.made.append(self.entries.sheet)
        self.made.append(self.check.sheet)
        return [sheet.finish() for sheet in self.made]

    def _department(self, result: Result) -> None:
        evaluation = self.session.department
        assert evaluation is not None
        places = self.entries.evaluation("部门整体", evaluation, result, self.summary.totals())
        sheet = form_sheet(FORM, "部门整体支出绩效自评表", self.session)
        form = Form(sheet, result, places).write()
        table = score_table(self.session, result, form)
        self.made += [table, sheet]
        again = self.check.evaluation(FORM, result, places, form)
        self.check.heading(table.name)
        kinds = {summary.WEIGHT: POINTS, summary.RATE: VALUE}
        lines: dict[str, dict[int, tuple[str, Live]]] = {}
        for row, column, live in table_figures(result, again):
            head = table.cells[summary.GRADE, 0] if row == summary.GRADE else table.cells[2, column]
            pair = on(table.name, address(row, column)), live
            lines.setdefault(str(head.value), {})[kinds.get(row, SCORE)] = pair
        for name, pairs in lines.items():
            self.check.line(name, pairs)

    def _projects(self) -> None:
        lines = self.summary.lines
        detailed = [line for line in lines if not is_simple(line.project)]
        recomputed: dict[str, Scored] = {}
        if detailed:
            detail = form_sheet(DETAIL, DETAIL, self.session)
            self.made.append(detail)
            for line in detailed:
                recomputed[line.project.key] = self._detail(detail, line)
        self.check.heading(self.summary.sheet.name)
        for line in lines:
            if again := recomputed.get(line.project.key):
                self._check_detailed(line, again)
            else:
                self.summary.simple(line)
                self._check_simple(line)
        for text, cell, live in self.summary.close():
            self.check.line(text, {VALUE: (cell, live)}, kept=True)

    def _detail(self, sheet: Sheet, line: SummaryLine) -> Scored:
        project = line.project
        evaluation = self.session.projects[project.key]
        heading = f"{line.number} {project.name}"
        places = self.entries.evaluation(heading, evaluation, line.result, line.money)
        sheet.wide(sheet.rows, 0, sheet.printed - 1, heading, SUM_TEXT)
        sheet.keep(sheet.rows)
        form = Form(sheet, line.result, places).write()
        self.summary.detailed(line, form)
        return self.check.evaluation(f"{DETAIL}：{heading}", line.result, places, form)

    def _check_detailed(self, line: SummaryLine, again: Scored) -> None:
        """Compare a project's line with the recomputation of its form."""
        name = line.project.name
        for tier in line.result.tiers:
            live = tier_rate_of(line.result, tier, again.tier_rates[tier.name])
            cell = self.summary.cell(line, tier.name)
            self.check.line(f"{name} {tier.name}", {VALUE: (cell, live)})
        score = score_of(line.result, detailed_score(again))
        self.check.line(f"{name} 自评得分", {SCORE: (self.summary.cell(line), score)})

    def _check_simple(self, line: SummaryLine) -> None:
        """Compare a project's line with its score from its money and its typed rates."""
        name, score_cell = line.project.name, self.summary.cell(line)
        rates = {tier.name: self.summary.cell(line, tier.name) for tier in line.result.tiers}

        def score(rates: dict[str, str]) -> Live:
            return score_of(line.result, self.summary.score_formula(line, rates))

        computed = self.summary.computed_rate(line)
        if computed is None:
            self.check.line(name, {SCORE: (score_cell, score(rates))})
            return
        tier, live = computed
        rate = rates[tier], live
        self.check.rate_and_score(name, rate, score_cell, lambda cell: score({**rates, tier: cell}))
