"""The workbench: tiers on the left, the fields of one indicator, and how its score comes about."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from perfeval.errors import PerfevalError
from perfeval.numbers import decimal_text
from perfeval.scoring.engine import context_of, score
from perfeval.scoring.scorecard import IndicatorResult, Result, Status
from perfeval.session.change import apply, edit
from perfeval.tui import actions
from perfeval.tui.fields import sections_of
from perfeval.tui.messages import FieldCommitted, FieldTyped, IndicatorChosen
from perfeval.tui.screens.base import SessionScreen
from perfeval.tui.widgets.form import FieldForm
from perfeval.tui.widgets.indicators import IndicatorTree
from perfeval.tui.widgets.trace import TracePane


class WorkbenchScreen(SessionScreen):
    """部门整体 or one project, one indicator at a time."""

    CSS_PATH = "workbench.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.WORKBENCH)

    def __init__(self, evaluation: str = "department") -> None:
        super().__init__()
        self.evaluation = evaluation
        self.place = ""

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="panes"):
            yield IndicatorTree()
            with Vertical(id="middle"):
                yield Static("", id="indicator", markup=False)
                yield FieldForm()
                yield Static("", id="preview", markup=False)
            yield TracePane(id="trace")

    # -- showing --------------------------------------------------------------

    @property
    def subject(self) -> str:
        if self.evaluation == "department":
            return "部门整体自评"
        return self.desk.session.projects[self.evaluation.removeprefix("projects/")].name

    @property
    def result(self) -> Result:
        """The result of the evaluation on this screen."""
        return self.desk.result(self.evaluation)

    @property
    def row(self) -> IndicatorResult | None:
        """The indicator the user is at, if it is one."""
        return next((row for row in self.result.indicators if row.path == self.place), None)

    def show(self) -> None:
        result = self.result
        if not self.place:
            first = next((r for r in result.indicators if r.status is Status.UNFILLED), None)
            first = first or next(result.indicators, None)
            self.place = first.path if first else ""
            self.query_one(IndicatorTree).show(self.evaluation, result, self._troubled())
            self.query_one(IndicatorTree).go_to(self.place)
        self.query_one(IndicatorTree).show(self.evaluation, result, self._troubled())
        self.call_later(self._show_place)

    def _troubled(self) -> set[str]:
        """The indicators that have a finding of level 错误 or 警告."""
        return {path for f in self.desk.findings if f.level.rank < 2 for path in f.paths}

    async def _show_place(self) -> None:
        if (row := self.row) is None:
            return
        title = f"{row.name}  {decimal_text(row.points)} 分  {row.status}"
        self.query_one("#indicator", Static).update(title)
        desk = self.desk
        sections = sections_of(
            desk.session, desk.evaluation(self.evaluation), desk.set_of(self.evaluation), row
        )
        await self.query_one(FieldForm).show(sections, desk.session.year)
        self.query_one(TracePane).show(row, self.result, desk.findings_at(row.path))
        self.query_one("#preview", Static).update("")

    # -- going about ----------------------------------------------------------

    async def show_evaluation(self, path: str) -> None:
        """Show another evaluation of the session: ``department`` or ``projects/<id>``."""
        if path != self.evaluation:
            self.evaluation, self.place = path, ""
        self.repaint()

    async def action_table(self) -> None:
        from perfeval.tui.screens.table import TableScreen

        await self.home_app.visit(TableScreen(self.evaluation))

    async def action_tune(self) -> None:
        from perfeval.tui.screens.tune import TuneScreen

        await self.home_app.visit(TuneScreen(self.evaluation, self.place))

    async def go_to(self, path: str) -> None:
        """Go to the indicator of ``path`` and put the focus into its field."""
        row = next((r for r in self.result.indicators if f"{path}/".startswith(f"{r.path}/")), None)
        if row is not None:
            self.place = row.path
            self.query_one(IndicatorTree).go_to(row.path)
            await self._show_place()
            self.query_one(FieldForm).focus_field(path if path != row.path else "")

    @on(IndicatorChosen)
    def _chosen(self, event: IndicatorChosen) -> None:
        if event.path != self.place:
            self.place = event.path
            self.call_later(self._show_place)

    async def _step(self, by: int) -> None:
        rows = [row.path for row in self.result.indicators]
        at = rows.index(self.place) if self.place in rows else -1
        await self.go_to(rows[(at + by) % len(rows)])

    async def action_next_indicator(self) -> None:
        await self._step(1)

    async def action_previous_indicator(self) -> None:
        await self._step(-1)

    async def action_next_unfilled(self) -> None:
        rows = list(self.result.indicators)
        at = next((i for i, row in enumerate(rows) if row.path == self.place), -1)
        order = [*rows[at + 1 :], *rows[: at + 1]]
        row = next((one for one in order if one.status is Status.UNFILLED), None)
        if row is None:
            self.notify("都已填完")
        else:
            await self.go_to(row.path)

    # -- editing --------------------------------------------------------------

    @on(FieldCommitted)
    async def _commit(self, event: FieldCommitted) -> None:
        try:
            change = edit(self.desk.session, event.path, event.value, who=self.desk.who)
        except PerfevalError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        await self.home_app.commit(change)

    @on(FieldTyped)
    def _typed(self, event: FieldTyped) -> None:
        """Say what the score would be, before anything is saved."""
        self.query_one("#preview", Static).update(self._preview(event.path, event.raw))

    def _preview(self, path: str, raw: str) -> str:
        desk, session = self.desk, self.desk.session
        try:
            then = apply(session, edit(session, path, raw))
        except PerfevalError:
            return ""
        indicator_set = desk.set_of(self.evaluation)
        evaluation = (
            then.department
            if self.evaluation == "department"
            else then.projects[self.evaluation.removeprefix("projects/")]
        )
        assert evaluation is not None
        result = score(evaluation, indicator_set, context_of(then, self.evaluation, indicator_set))
        row = next((one for one in result.indicators if one.path == self.place), None)
        if row is None or row.score is None:
            return ""
        return f"按此值：{decimal_text(row.score, 2)} / {decimal_text(row.points)} 分"
