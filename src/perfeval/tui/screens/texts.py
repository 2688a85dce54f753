"""单位和报告: what the forms and the report say of the unit, and what only the unit can write."""

from __future__ import annotations

from collections.abc import Iterator

from textual import on
from textual.app import ComposeResult

from perfeval.tui.messages import FieldCommitted, FieldTyped, FormDone
from perfeval.tui.screens.attaching import AttachingScreen
from perfeval.tui.screens.editing import allowed
from perfeval.tui.texts_view import sections_of, state_text
from perfeval.tui.widgets.form import FieldForm
from perfeval.tui.widgets.text import Told

KEYS = "回车到下一处待填，Ctrl+J 换行，PgDn 翻页"


class TextsScreen(AttachingScreen):
    """One form: 单位信息, 表外数字, then the texts in the order of the report."""

    CSS_PATH = "texts.tcss"
    TITLE_PART = "单位和报告"

    def __init__(self, path: str = "") -> None:
        super().__init__()
        self.wanted = path

    def compose_body(self) -> ComposeResult:
        yield Told(id="state")
        yield FieldForm()

    @property
    def form(self) -> FieldForm:
        """The fields."""
        return self.query_one(FieldForm)

    def show(self) -> None:
        self.call_later(self._show)

    async def _show(self) -> None:
        if not self.desk.is_open or not self.is_attached:
            return
        session = self.desk.session
        self.query_one("#state", Told).tell(f"{state_text(session)}。{KEYS}")
        first = not self.form.fields
        today = f"{self.desk.now():%Y-%m-%d}"
        sections = sections_of(session, today, self.desk.scorecard.department)
        await self.form.show("texts", allowed(session, sections), session.year)
        if first or self.wanted:
            self.form.focus_field(self.wanted)
            self.wanted = ""

    # -- filling in -----------------------------------------------------------

    def pending(self) -> Iterator[FieldCommitted]:
        yield from self.form.pending()

    def not_saved(self) -> None:
        self.form.not_saved()

    def revert(self) -> None:
        self.form.revert()

    def take_theirs(self, path: str, text: str) -> None:
        self.not_saved()
        if (widget := self.form.field_at(path)) is not None:
            widget.take_in(text)
        self.repaint()

    async def action_accept(self) -> None:
        """Take what is offered in the field, or choose a sentence to begin its text with."""
        widget = self.form.focused_field
        if widget is None or not self.take_offer(widget):
            self.notify("这一栏没有可采用的建议")

    @on(FieldTyped)
    def _nothing_more(self, event: FieldTyped) -> None:
        event.stop()

    @on(FormDone)
    async def _done(self, event: FormDone) -> None:
        event.stop()
        await self.flush()
        self.notify(f"已到最后一处。{state_text(self.desk.session)}")
