"""The workbench: the tree on the left, what one place of it needs, and how its score comes about.

The same screen serves 部门整体 and one project. Below a hundred columns the panes are tabs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from perfeval.scoring.scorecard import IndicatorResult, Result, Status
from perfeval.session.change import join, split, under
from perfeval.session.model import Project
from perfeval.tui import actions, edits, outline
from perfeval.tui.fields import Field, Kind
from perfeval.tui.indicator_fields import inputs_of_item
from perfeval.tui.messages import FieldCommitted, FormDone, IndicatorChosen, IndicatorOpened
from perfeval.tui.outline import Node, place_of
from perfeval.tui.place_view import place_view
from perfeval.tui.screens.attaching import AttachingScreen
from perfeval.tui.screens.editing import allowed, may_fill
from perfeval.tui.screens.rows import RowScreen
from perfeval.tui.widgets.banner import Banner
from perfeval.tui.widgets.form import FieldForm
from perfeval.tui.widgets.indicators import IndicatorTree
from perfeval.tui.widgets.sheet import Sheet
from perfeval.tui.widgets.text import Told
from perfeval.tui.widgets.trace import TracePane

OTHERS = "这一处由别的科室填写，这里只能看"
"""What is told in an office's copy of what is not its part."""

PANES = (("tree", "指标体系"), ("form", "填报"), ("trace", "计分过程"))


class WorkbenchScreen(RowScreen, AttachingScreen):
    """部门整体 or one project, one place at a time."""

    CSS_PATH = "workbench.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.WORKBENCH)

    def __init__(self, evaluation: str = "department") -> None:
        super().__init__()
        self.evaluation = evaluation
        self.place = ""
        self.pane = "form"
        self._on_sheet = self._unshown = self._fresh = False
        self._waited = False  # whether anything of the form waited when one came to this place
        self._places: list[str] = []
        self._evaluations: list[str] = []

    def compose_body(self) -> ComposeResult:
        yield Told(id="tabs")
        with Horizontal(id="panes"):
            yield IndicatorTree()
            with Vertical(id="middle"):
                yield Told(id="title")
                yield Told(id="help", hides=True)
                yield FieldForm()
                yield Sheet()
                yield Told(id="preview")
            yield TracePane(id="trace")

    # -- what is shown --------------------------------------------------------

    @property
    def subject(self) -> str:
        if self.evaluation == "department":
            return "部门整体自评"
        return self.desk.evaluation(self.evaluation).name  # type: ignore[attr-defined, no-any-return]

    @property
    def scored(self) -> str:
        return self.evaluation

    @property
    def present(self) -> bool:
        return self.desk.has(self.evaluation)

    def give_way(self) -> None:
        """Show the evaluation that stood beside this one, or leave where there is none."""
        others = [path for path, _ in self.desk.scorecard.results]
        if others:
            beside = outline.neighbour(self._evaluations, self.evaluation, others)
            self.evaluation, self.place = beside or others[0], ""
            self.repaint()
        else:
            super().give_way()

    @property
    def result(self) -> Result:
        """The result of the evaluation on this screen."""
        return self.shown.result

    @property
    def prefix(self) -> str:
        return self.evaluation

    @property
    def row(self) -> IndicatorResult | None:
        """The indicator the user is at, if it is one."""
        return self.shown.row(self.place)

    @property
    def form(self) -> FieldForm:
        return self.query_one(FieldForm)

    @property
    def sheet(self) -> Sheet:
        return self.query_one(Sheet)

    @property
    def places(self) -> IndicatorTree:
        return self.query_one(IndicatorTree)

    def show(self) -> None:
        lines = self._lines()
        places = [line.place for line in lines]
        fresh = self.place not in places
        if fresh:
            beside = outline.neighbour(self._places, self.place, places)
            self.place = beside or self._beginning(lines)
            self._waited = bool(self._waiting_place())
        self._places = places
        self._evaluations = [path for path, _ in self.desk.scorecard.results]
        self.places.show(lines, self.place)
        self._show_tabs()
        self._unshown, self._fresh = True, self._fresh or fresh
        self.call_later(self.finish)

    async def finish(self) -> None:
        if self._unshown:
            fresh, self._unshown, self._fresh = self._fresh, False, False
            await self._show_place(focus=fresh)

    def _lines(self) -> list[Node]:
        shown = self.shown
        return outline.outline(
            self.evaluation, shown.evaluation, shown.set, shown.result, self._troubled()
        )

    def _troubled(self) -> set[str]:
        """The places that have a finding of level 错误 or 警告."""
        return self.desk.troubled(self.evaluation)

    def _beginning(self, lines: list[Node]) -> str:
        """Where to begin: what is filled in first of an empty evaluation, else what waits first."""
        session = self.desk.session
        if session.editable:
            mine = [line.place for line in lines if may_fill(session, line.place)]
            return mine[0] if mine else lines[0].place
        rows = list(self.result.indicators)
        waiting = next((row for row in rows if row.status is Status.UNFILLED), None)
        wanted = inputs_of_item(waiting.item) if waiting else []
        missing = {*wanted} & {*self.shown.set.inputs} - {*self.result.values}
        if self.evaluation == "department" and (missing or not self.shown.evaluation.inputs):
            return place_of(self.evaluation, outline.BASE)
        places = [line.place for line in lines]
        if isinstance(self.shown.evaluation, Project) and not self.shown.evaluation.funds:
            return place_of(self.evaluation, outline.FUNDS)
        first = waiting.path if waiting else rows[0].path if rows else ""
        return first if first in places else places[0]

    async def _show_place(self, *, focus: bool = False) -> None:
        if not self.desk.is_open or not self.is_attached:
            return
        shown, year = self.shown, self.desk.session.year
        view = place_view(shown, self.place)
        self.query_one("#title", Told).tell("  ".join(filter(None, (view.title, view.state))))
        told = [view.help] if may_fill(self.desk.session, self.place) else [view.help, OTHERS]
        self.query_one("#help", Told).tell("\n".join(filter(None, told)))
        self._on_sheet = view.sheet is not None
        self.set_class(self._on_sheet, "-sheet")
        if view.sheet is not None:
            await self.form.show(self.place, [], year)
            await self.show_sheet(view.sheet, self.place)
        else:
            await self.form.show(self.place, allowed(shown.session, view.sections), year)
        row = shown.row(self.place)
        findings = self.desk.findings_at(row.path if row else self.evaluation)
        self.query_one(TracePane).show(row, shown.result, findings)
        self.say_nothing()
        if focus and self.pane == "form":
            self._enter_place()

    def _enter_place(self, path: str = "") -> None:
        """Put the focus where something waits to be filled in."""
        if self._on_sheet:
            self.sheet.focus_cell(path)
        elif any(one.editor.focusable for one in self.form.fields):
            self.form.focus_field(path)
        elif self.is_wide:
            self.places.focus()

    # -- panes ----------------------------------------------------------------

    @property
    def is_wide(self) -> bool:
        """Whether the panes stand beside each other."""
        return not self.has_class("-narrow")

    def _show_tabs(self) -> None:
        for name, _ in PANES:
            self.set_class(name == self.pane, f"-pane-{name}")
        names = (f"[{title}]" if name == self.pane else f" {title} " for name, title in PANES)
        self.query_one("#tabs", Told).tell(" ".join(names) + "  Ctrl+左右键切换")

    def _go_pane(self, name: str) -> None:
        if name == "trace" and self._on_sheet:
            return
        self.pane = name
        self._show_tabs()
        if name == "tree":
            self.places.focus()
        elif name == "trace":
            self.query_one(TracePane).focus()
        else:
            self._enter_place()

    def _pane_here(self) -> str:
        focused = self.focused
        if focused is None or not self.is_wide:
            return self.pane
        if focused is self.places:
            return "tree"
        return "trace" if focused.id == "trace" else "form"

    def action_pane_left(self) -> None:
        """Go to the pane on the left."""
        names = [name for name, _ in PANES]
        self._go_pane(names[max(names.index(self._pane_here()) - 1, 0)])

    def action_pane_right(self) -> None:
        """Go to the pane on the right."""
        names = [name for name, _ in PANES]
        self._go_pane(names[min(names.index(self._pane_here()) + 1, len(names) - 1)])

    def action_back(self) -> None:
        """From the fields to the tree, from the tree to the screen before."""
        if self._pane_here() != "tree":
            self._go_pane("tree")
        elif self.evaluation != "department" and self.desk.session.department is not None:
            self.call_later(self.show_evaluation, "department")
        else:
            super().action_back()

    # -- going about ----------------------------------------------------------

    async def show_evaluation(self, path: str) -> None:
        """Show another evaluation of the session: ``department`` or ``projects/<id>``."""
        await self.flush()
        if path != self.evaluation:
            self.evaluation, self.place = path, ""
        self.repaint()

    async def action_table(self) -> None:
        """Open the 自评表."""
        from perfeval.tui.screens.table import TableScreen

        await self.flush()
        self.home_app.visit(TableScreen(self.evaluation, self.place))

    async def action_tune(self) -> None:
        """Open the form to change this indicator's rule."""
        from perfeval.tui.screens.tune import TuneScreen

        await self.flush()
        self.home_app.visit(TuneScreen(self.evaluation, self.place))

    async def go_to(self, path: str) -> None:
        """Go to the place of ``path`` and put the focus into its field."""
        await self.flush()
        prefix = _prefix_of(path)
        if prefix != self.evaluation and _is_evaluation(self.shown.session, prefix):
            self.evaluation, self.place = prefix, ""
        row = next((r for r in self.result.indicators if _inside(path, r.path)), None)
        place = row.path if row is not None else self._place_of(path)
        if "/tier_rates/" in place:
            place = self._place_of(place)
        printed = path in self.desk.session.claimed  # then that is what has to be corrected
        await self._visit(place, join("claimed", path) if printed else path)

    def _place_of(self, path: str) -> str:
        """The place that shows a path which is no indicator's."""
        names = split(path.partition("#")[0])
        if "#" in path:
            return path
        rest = names[2:] if names[0] == "projects" else names[1:]
        part = rest[0] if rest else ""
        if part == "tiers" and len(rest) > 1:
            return place_of(self.evaluation, rest[1])
        if self.evaluation == "department":
            return place_of(self.evaluation, outline.BASE)
        parts = {"funds": outline.FUNDS, "goal": outline.GOAL, "goal_done": outline.GOAL,
                 "deviation_reason": outline.GOAL}  # fmt: skip
        if part == "tier_rates" and len(rest) > 1:
            return place_of(self.evaluation, rest[1])
        return place_of(self.evaluation, parts.get(part, outline.BASIC))

    async def _visit(self, place: str, field: str = "") -> None:
        self.place, self.pane = place, "form"
        self._waited = bool(self._waiting_place())
        self.query_one(Banner).show(self.desk, self.subject, self.evaluation)
        self.places.show(self._lines(), place)
        self._show_tabs()
        await self._show_place()
        self._enter_place(field if field != place else "")

    @on(IndicatorChosen)
    async def _chosen(self, event: IndicatorChosen) -> None:
        if event.path != self.place:
            await self.flush()
            self.place = event.path
            await self._show_place()

    @on(IndicatorOpened)
    async def _opened(self, event: IndicatorOpened) -> None:
        self.place = event.path
        await self._show_place()
        self._go_pane("form")

    def _stops(self) -> list[str]:
        """The places PgUp and PgDn go through: whatever has something to fill in."""
        lines = self._lines()
        return [line.place for line in lines if line.leaf or line.mark]

    async def _step(self, by: int) -> None:
        if not await self.flush():
            return  # elsewhere, what was refused would be gone
        stops = self._stops()
        at = stops.index(self.place) if self.place in stops else -1 if by > 0 else 0
        await self._visit(stops[(at + by) % len(stops)])

    async def action_next_indicator(self) -> None:
        """Go to the next indicator."""
        await self._step(1)

    async def action_previous_indicator(self) -> None:
        """Go to the indicator before."""
        await self._step(-1)

    @on(FormDone)
    async def _form_done(self, event: FormDone) -> None:
        event.stop()
        done = self.form.field_at(event.path)
        if done is not None and done.pending is not None:
            return  # it was just refused: tried again at once, it would be told twice
        if not await self.flush() or not self.is_active:
            return  # refused, or a question stands above: its answer is about this place
        await self._show_place()  # what was just saved may ask for a reason
        if not self.form.focus_after(event.path) and not await self._go_on(self._waited):
            await self._step(1)

    async def action_next_unfilled(self) -> None:
        """Go to the next indicator without a score, in the next form where this one is done."""
        if not await self.flush():
            return
        if not await self._go_on(True):
            self.notify("都已填完" if not self.desk.session.editable else "由您填写的都已填完")

    async def _go_on(self, elsewhere: bool) -> bool:
        """Go to what waits next, where asked ``elsewhere`` too; whether anything does."""
        if place := self._waiting_place():
            await self._visit(place)
            return True
        other = self._waiting_evaluation() if elsewhere else ""
        if other:
            done = self.subject
            await self.show_evaluation(other)
            self.notify(f"“{done}”已填完，接着填“{self.subject}”", markup=False)
        return bool(other)

    def _waiting_place(self) -> str:
        """The next place after this one, round the form, without a score; empty where all have."""
        lines = self._lines()
        at = next((i for i, line in enumerate(lines) if line.place == self.place), -1)
        beside = [place_of(self.evaluation, name) for name in (outline.FUNDS, outline.GOAL)]
        for line in [*lines[at + 1 :], *lines[: at + 1]]:
            mine = may_fill(self.desk.session, line.place)
            if mine and line.mark == Status.UNFILLED and line.place not in beside:
                return line.place
        return ""

    def _waiting_evaluation(self) -> str:
        """The next form of the session that is not complete; empty where all others are."""
        results = list(self.desk.scorecard.results)
        at = next(i for i, (path, _) in enumerate(results) if path == self.evaluation)
        others = [*results[at + 1 :], *results[:at]]
        waiting = (path for path, result in others if not result.complete)
        return next((path for path in waiting if may_fill(self.desk.session, path)), "")

    # -- filling in -----------------------------------------------------------

    def pending(self) -> Iterator[FieldCommitted]:
        if self._on_sheet:
            if message := self.sheet.pending:
                self.sheet.cell_field.handed_in()
                yield message
        else:
            yield from self.form.pending()

    def not_saved(self) -> None:
        self.form.not_saved()
        self.sheet.cell_field.not_saved()

    def revert(self) -> None:
        self.form.revert()
        self.sheet.cell_field.revert()

    def take_theirs(self, path: str, text: str) -> None:
        self.not_saved()
        if (widget := self.form.field_at(path)) is not None:
            widget.take_in(text)
        self.repaint()

    def row_at_cursor(self) -> str:
        return self.sheet.key if self._on_sheet else self.place

    def field_typed_into(self, path: str) -> Field | None:
        if self._on_sheet:
            return super().field_typed_into(path)
        widget = self.form.field_at(path)
        return widget.field if widget is not None else None

    async def action_accept(self) -> None:
        """Take what is offered here: 全部符合, a proposal, equal points, a stock reason."""
        if self._on_sheet:
            await self.accept_cell(self.sheet)
            return
        widget, row = self.form.focused_field, self.row
        if widget is not None and widget.field.kind is not Kind.ELEMENT and self.take_offer(widget):
            return
        if row is not None and row.item.rule.element_names():
            await self.all_met(row)
            last = row.item.rule.element_names()[-1]
            self.form.focus_field(under(row.path, "elements", last))
        else:
            self.notify("这一栏没有可采用的建议")


def _prefix_of(path: str) -> str:
    names = split(path.partition("#")[0])
    return f"projects/{names[1]}" if names[0] == "projects" and len(names) > 1 else "department"


def _is_evaluation(session: object, prefix: str) -> bool:
    try:
        edits.evaluation_at(session, prefix)  # type: ignore[arg-type]
    except KeyError:
        return False
    return True


def _inside(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")
