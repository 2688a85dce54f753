"""The forms of a session put together: entries first, then what reads them, 核对 over everything.

A :class:`Book` is pure data in the making. Every document of :mod:`.documents` is a function of
it that returns sheets; what those show is compared in 核对 as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from perfeval.checks import Finding, run
from perfeval.exchange import score_table
from perfeval.exchange.check import POINTS, SCORE, VALUE, Check
from perfeval.exchange.entries import SUMMARY, Entries, entries_sheet
from perfeval.exchange.form import Form, form_sheet
from perfeval.exchange.layout import Live, Sheet, address, on
from perfeval.exchange.lines import Scored
from perfeval.exchange.project_form import NAME, ProjectForm
from perfeval.exchange.summary import Summary
from perfeval.indicators import library
from perfeval.indicators.model import IndicatorSet
from perfeval.scoring.engine import SetFinder
from perfeval.scoring.scorecard import Result, Scorecard
from perfeval.session.model import Evaluation, Session

FORM = "部门整体自评表"
Progress = Callable[[int, int, str], None]
"""Told what is done: so many of so many steps, and what the step was."""


@dataclass(frozen=True)
class Material:
    """What the documents of a session are made of.

    ``card`` is what the session is worth now. ``present`` says of each file of evidence, by its
    key, whether it is there (在, 缺失, 被改动); None where nobody looked.
    """

    session: Session
    card: Scorecard
    find: SetFinder = library.find
    present: Mapping[str, str] | None = None

    @cached_property
    def findings(self) -> list[Finding]:
        """审核: what does not hold, worst first."""
        return run(self.session, self.card, self.find)

    def sets(self) -> Iterator[IndicatorSet]:
        """Yield the sets of the evaluations, the department's first."""
        return (result.set for _, result in self.card.results)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An evaluation with its form and its recomputation: where either holds its figures."""

    path: str
    name: str
    evaluation: Evaluation
    result: Result
    form: Scored
    again: Scored


@dataclass
class Book:
    """The forms and 核对 of a session under construction; :meth:`build` makes them."""

    material: Material
    on_step: Callable[[str], None] = lambda name: None
    scores: Sheet | None = None
    department_form: Sheet | None = None
    project_forms: list[Sheet] = field(default_factory=list)
    evaluated: list[Evaluated] = field(default_factory=list)

    def __post_init__(self) -> None:
        session = self.material.session
        self.check = Check(session)
        self.entries = entries_sheet(session)
        self.summary = Summary(session, self.material.card.projects)

    @property
    def session(self) -> Session:
        return self.material.session

    def build(self) -> Book:
        """Make the forms, 自评汇总表 and 得分情况表, each recomputed in 核对."""
        if (department := self.material.card.department) is not None:
            self._department(department)
        if self.material.card.projects:
            self._projects()
        return self

    def _department(self, result: Result) -> None:
        evaluation = self.session.department
        assert evaluation is not None
        entries = Entries(self.session, self.entries)
        places = entries.evaluation("部门整体", evaluation, result, self.summary.totals())
        sheet = form_sheet(FORM, "部门整体支出绩效自评表", self.session)
        form = Form(sheet, result, places).write(self.session.unit)
        table = score_table.score_table(self.session, result, form)
        self.department_form, self.scores = sheet, table
        again = self.check.evaluation(FORM, result, places, form)
        self.evaluated.append(Evaluated("department", FORM[:4], evaluation, result, form, again))
        self.check.heading(table.name)
        kinds = {score_table.WEIGHT: POINTS, score_table.RATE: VALUE}
        lines: dict[str, dict[int, tuple[str, Live]]] = {}
        for row, column, live in score_table.table_figures(result, again):
            head = (
                table.cells[score_table.GRADE, 0]
                if row == score_table.GRADE
                else table.cells[2, column]
            )
            pair = on(table.name, address(row, column)), live
            lines.setdefault(str(head.value), {})[kinds.get(row, SCORE)] = pair
        for name, pairs in lines.items():
            self.check.line(name, pairs)
        self.on_step(FORM)

    def _projects(self) -> None:
        made = []
        for line in self.summary.lines:
            project = line.project
            project_form = ProjectForm(self.session, project, line.number)
            form = project_form.write()
            self.project_forms.append(project_form.sheet)
            self.summary.read(line, form)
            places = {path: cells.on(form.sheet) for path, cells in project_form.places.items()}
            heading = f"{NAME}：{line.number} {project.name}"
            again = self.check.evaluation(heading, project_form.result, places, form)
            if project_form.rate is not None:
                self.check.line("执行率", {VALUE: project_form.rate}, kept=True)
            evaluation = self.session.projects[project.key]
            made.append(Evaluated(project.path, project.name, evaluation, line.result, form, again))
            self.on_step(project.name)
        self.evaluated += made
        self.check.heading(f"{SUMMARY}（分值栏为金额合计，得分率栏为各得分率合计）")
        self.check.summary_row = self.check.sheet.rows
        for line, one in zip(self.summary.lines, made, strict=True):
            pairs = self.summary.compare(line, one.form, one.again)
            self.check.line(line.project.name, pairs)
        for text, cell, live in self.summary.close():
            self.check.line(text, {VALUE: (cell, live)}, kept=True)
