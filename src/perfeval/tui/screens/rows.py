"""What the workbench and the table do with lines: begin one, move it, take it away, paste many."""

from __future__ import annotations

from textual import on

from perfeval.errors import PerfevalError
from perfeval.scoring.engine import Context, context_of
from perfeval.scoring.scorecard import IndicatorResult
from perfeval.session.change import Plain, split, under
from perfeval.session.model import OwnIndicator, Project
from perfeval.tui import edits
from perfeval.tui.fields import Field, stored
from perfeval.tui.messages import BlockPasted, CellDone, CellMoved, FieldTyped
from perfeval.tui.paste import PastePlan, plan
from perfeval.tui.preview import preview
from perfeval.tui.screens.dialogs import Confirm
from perfeval.tui.screens.editing import EditingScreen, may_edit
from perfeval.tui.screens.pasting import PastePreview
from perfeval.tui.sheet_view import NEW, SheetView, locked
from perfeval.tui.shown import Shown
from perfeval.tui.widgets.sheet import Sheet
from perfeval.tui.widgets.text import Told


class RowScreen(EditingScreen):
    """A screen on which the unit's own rows and the sources of money are filled in as lines."""

    _shown: Shown | None = None
    _totals: tuple[Shown, Context] | None = None
    _last_typed: FieldTyped | None = None

    # -- what a screen says of itself -----------------------------------------

    @property
    def prefix(self) -> str:
        """The path of the evaluation on the screen."""
        return "department"

    @property
    def shown(self) -> Shown:
        """The evaluation on the screen; looked up once for a session as it stands."""
        desk, at = self.desk, self.prefix
        if (
            self._shown is None
            or self._shown.session is not desk.session
            or self._shown.prefix != at
        ):
            found = desk.evaluation(at), desk.set_of(at), desk.result(at)
            self._shown = Shown(desk.session, at, *found)
        return self._shown

    def row_at_cursor(self) -> str:
        """The path of the line the user is at."""
        return ""

    @property
    def sheet(self) -> Sheet:
        """The sheet of the screen."""
        return self.query_one(Sheet)

    async def show_sheet(self, view: SheetView, place: str = "") -> None:
        """Show a sheet; in an office's copy, what is not its part is only to look at."""
        session = self.desk.session
        if session.editable:
            view = locked(view, lambda path: may_edit(session, path))
        await self.sheet.show(view, session.year, place)

    # -- the score while typing -----------------------------------------------

    def field_typed_into(self, path: str) -> Field | None:
        """The field that is typed into; its kind decides what is saved for a text."""
        field = self.sheet.field
        return field if field is not None and field.path == path else None

    @on(FieldTyped)
    def _typed(self, event: FieldTyped) -> None:
        """Say what the score would be, before anything is saved."""
        event.stop()
        self._last_typed = event
        self.call_after_refresh(self._show_preview, event)  # the sign is painted first

    def _show_preview(self, event: FieldTyped) -> None:
        if event is not self._last_typed or not self.desk.is_open:
            return
        field = self.field_typed_into(event.path)
        value: Plain = stored(field, event.raw) if field else event.raw
        try:
            wanted = self.edits_for(event.path, value)
        except (PerfevalError, KeyError):
            return
        told = preview(self.shown, wanted, self._scoring_context(), self.row_at_cursor())
        self.query_one("#preview", Told).tell(told)

    @on(CellDone)
    def _cell_done(self, event: CellDone) -> None:
        """Go on from a cell that is saved; stay at one that was refused or is asked about."""
        event.stop()
        if self.is_active and self.sheet.pending is None:
            self.sheet.go_on(event)

    @on(CellMoved)
    def _moved(self, event: CellMoved) -> None:
        event.stop()
        self.say_nothing()

    def say_nothing(self) -> None:
        """Take the score away that what is typed would give."""
        self._last_typed = None
        self.query_one("#preview", Told).tell("")

    def _scoring_context(self) -> Context:
        """The totals over the projects, added up once for the evaluation as it stands."""
        shown = self.shown
        if self._totals is None or self._totals[0] is not shown:
            self._totals = (shown, context_of(shown.session, shown.prefix, shown.set))
        return self._totals[1]

    # -- new lines ------------------------------------------------------------

    def edits_for(self, path: str, value: Plain) -> list[tuple[str, Plain]]:
        names = split(path)
        at = next((i for i, name in enumerate(names) if name.startswith(NEW)), -1)
        if at < 1 or names[at - 1] not in ("rows", "funds"):
            return [(path, value)]
        evaluation = edits.evaluation_at(self.desk.session, self.prefix)
        if not value:
            return []
        if names[at - 1] == "funds":
            assert isinstance(evaluation, Project)
            column, text = names[-1], str(value)
            if column != "source" and evaluation.funds:  # begun by the figure before this one
                key = evaluation.in_stated_order().fund_order[-1]
                return [(under(self.prefix, "funds", key, column), text)]
            if column == "source":
                return edits.add_fund(evaluation, self.prefix, text)
            return edits.add_fund(evaluation, self.prefix, "", column, text)
        group = names[at].removeprefix(NEW)
        key = edits.next_key(evaluation, group)
        unit = next((row.unit for _, row in evaluation.rows_of(group)), "")
        row = OwnIndicator(group=group, name=str(value)[:200], unit=unit)
        return edits.add_rows(evaluation, self.prefix, [row], [key])

    # -- lines as a whole -----------------------------------------------------

    def _line(self) -> tuple[str, str]:
        """(kind, id) of the line the user is at: ``rows`` or ``funds``; empty for others."""
        names = split(self.row_at_cursor() or "-")
        for kind in ("rows", "funds"):
            if kind in names and names[-1] != kind and not names[-1].startswith(NEW):
                return kind, names[names.index(kind) + 1]
        return "", ""

    async def action_row_up(self) -> None:
        """Move the line up."""
        await self._move(-1)

    async def action_row_down(self) -> None:
        """Move the line down."""
        await self._move(1)

    async def _move(self, by: int) -> None:
        await self.flush()
        kind, key = self._line()
        evaluation = edits.evaluation_at(self.desk.session, self.prefix)
        if kind == "rows":
            await self.save(edits.move_row(evaluation, self.prefix, key, by))
        elif kind == "funds" and isinstance(evaluation, Project):
            await self.save(edits.move_fund(evaluation, self.prefix, key, by))
        else:
            self.notify("只有个性指标和资金来源可以移动")

    async def action_delete_row(self) -> None:
        """Take the line away, after asking where something is filled in."""
        await self.flush()
        kind, key = self._line()
        evaluation = edits.evaluation_at(self.desk.session, self.prefix)
        if kind == "rows":
            row = evaluation.rows[key]
            wanted = edits.remove_row(self.desk.session, self.prefix, key)
            bare = {"group": "", "name": "", "unit": "", "points": ""}
            if row.model_copy(update=bare) == OwnIndicator(group=""):
                await self.save(wanted)
            else:
                self._ask_to_delete(row.name or key, wanted)
        elif kind == "funds" and isinstance(evaluation, Project):
            await self.save(edits.remove_fund(evaluation, self.prefix, key))
        else:
            self.notify("这一行是体系规定的，不能删除；不适用的请在“不适用”处写明理由")

    def _ask_to_delete(self, name: str, wanted: list[tuple[str, Plain]]) -> None:
        async def answered(sure: bool | None) -> None:
            if sure:
                await self.save(wanted)

        text = "这一行已填的内容一并删去；Ctrl+Z 可以撤销。"
        self.app.push_screen(Confirm(f"删除“{name}”？", text, yes="删除"), answered)

    # -- taking what is offered -----------------------------------------------

    async def all_met(self, row: IndicatorResult) -> None:
        """Answer every element of a checklist with 是 (否 for those that would veto it)."""
        await self.flush()
        names = row.item.rule.element_names()
        vetoes = getattr(row.item.rule, "veto", ())
        await self.save(edits.all_met(self.desk.session, row.path, names, vetoes))

    async def accept_cell(self, sheet: Sheet) -> None:
        """Take what is offered in the cell: a proposal, 全部符合, in the points column 均分."""
        field = sheet.field
        if field is None:
            return
        offer = sheet.cell_field.offer()
        row = next((r for r in self.shown.result.indicators if r.path == sheet.key), None)
        if offer is not None:
            sheet.cell_field.take_in(offer.text)
            sheet.go(1, 0)
        elif row is not None and field.path == under(row.path, "elements"):
            await self.all_met(row)
            sheet.go(1, 0)
        elif row is not None and row.item.own and field.path == under(row.path, "points"):
            await self.flush()
            await self._share(row.item.group)
        else:
            self.notify("这一格没有可采用的建议")

    async def _share(self, name: str) -> None:
        shown = self.shown
        group = next(g for t in shown.set.tiers for g in t.groups if g.name == name)
        points = shown.group_points(group)
        await self.save(edits.share_points(shown.evaluation, shown.prefix, name, points))

    # -- pasting --------------------------------------------------------------

    def plan_paste(self, event: BlockPasted) -> PastePlan:
        """Return what a pasted block would do here."""
        return plan(self.shown, self.sheet.view, (event.row, event.column), event.text)

    @on(BlockPasted)
    def _pasted(self, event: BlockPasted) -> None:
        """Show what the block would do and do it as one act, if the user agrees."""
        event.stop()
        made = self.plan_paste(event)

        async def answered(sure: bool | None) -> None:
            if sure and await self.save(made.edits, kind="import", why=f"粘贴：{made.summary}"):
                self.notify(f"已粘贴：{made.summary}。Ctrl+Z 一次撤销")

        self.app.push_screen(PastePreview(made), answered)
