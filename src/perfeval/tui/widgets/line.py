"""One line to type into: figures, targets, dates, short texts."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Size
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Input

from perfeval.tui.fields import Field, Kind, Remark, normalised, refused
from perfeval.tui.messages import FieldTyped
from perfeval.tui.widgets.field import TypedField

FIGURE_WIDTH = 24
"""Cells of a figure's line, so that its unit stands beside it on a wide screen, too."""


class LineEditor(Input):
    """A line. Signs are put into plain width before they stand there; what cannot stand there
    is told and left out; too long a text is told and left out whole.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "revert", "取消输入", show=False),
        Binding("down", "app.focus_next", "下一栏", show=False),
        Binding("up", "app.focus_previous", "上一栏", show=False),
    ]
    DEFAULT_CSS = """
    LineEditor {
        width: 1fr; min-width: 8; height: 1; border: none; padding: 0; background: $panel;
    }
    LineEditor:focus { background: $primary 25%; text-style: none; }
    """

    virtual_size = Reactive(Size(0, 0), layout=False)
    """How far the text reaches; it scrolls inside the line, so no key lays the screen out anew."""

    def __init__(self, field: Field) -> None:
        super().__init__(
            field.value, placeholder=field.empty, compact=True,
            select_on_focus=field.kind is Kind.FIGURE, disabled=field.read_only,
        )  # fmt: skip
        self.field = field
        self.told = ""

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the next sign will stand; Textual says one cell further at the end of a line."""
        return super().cursor_screen_offset - Offset(int(self.cursor_at_end), 0)

    def replace(self, text: str, start: int, end: int) -> None:
        """Put ``text`` in place of what stands between two places, if it may be there."""
        text = normalised(self.field, text)
        if signs := refused(self.field, text):
            shown = "".join(dict.fromkeys(sign for sign in signs if sign.isprintable()))
            self.told = (
                f"“{shown}”不是数值里的字符，没有输入" if shown else "不能显示的字符没有输入"
            )
            text = "".join(sign for sign in text if sign not in signs)
        over = len(self.value) - abs(end - start) + len(text) - self.field.limit
        if text and over > 0:
            self.told = f"最多 {self.field.limit} 字，超出 {over} 字，刚才的内容没有放入"
            text, start, end = "", 0, 0
        if text or start != end:
            super().replace(text, start, end)
        if self.told:
            self.post_message(self.Changed(self, self.value))

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        lines = [
            line.strip() for line in event.text.replace("\t", " ").splitlines() if line.strip()
        ]
        if self.field.kind is Kind.FIGURE and len(lines) > 1:
            self.told = f"粘贴了 {len(lines)} 行，这里只填一个数，没有放入。多行请到表格里粘贴"
            self.post_message(self.Changed(self, self.value))
            return
        text = " ".join(lines)
        if self.field.kind is Kind.FIGURE and (signs := _shown(self.field, text)):
            self.told = f"粘贴的内容里有“{signs}”，不是数值，没有放入"
            self.post_message(self.Changed(self, self.value))
            return
        self.replace(text, *self.selection)
        if len(lines) > 1 and not self.told:
            self.told = f"粘贴的 {len(lines)} 行已连成一行"
            self.post_message(self.Changed(self, self.value))

    def action_revert(self) -> None:
        """Take back what was typed; where nothing was, leave the key to the screen."""
        if self.value == self.field.value:
            raise SkipAction
        self.told = ""
        self.value = self.field.value
        self.cursor_position = len(self.value)


def _shown(field: Field, text: str) -> str:
    """Return the visible signs of a text that a field refuses, each once.

    Typed, such a sign is left out and told; of a paste the rest would be another figure: 1e5, 15.
    """
    signs = refused(field, normalised(field, text))
    return "".join(dict.fromkeys(sign for sign in signs if sign.isprintable()))


class LineField(TypedField):
    """A figure, a target, a date or a short text."""

    def make_editor(self) -> Widget:
        return LineEditor(self.field)

    @property
    def reach(self) -> int:
        return FIGURE_WIDTH if self.field.kind in (Kind.FIGURE, Kind.DATE, Kind.TARGET) else 0

    @property
    def editor(self) -> LineEditor:
        assert isinstance(self._editor, LineEditor)
        return self._editor

    @property
    def text(self) -> str:
        return self.editor.value

    def take_in(self, text: str) -> None:
        self.note_typing()
        self.editor.value = text
        self.editor.cursor_position = len(text)

    def update_field(self, field: Field) -> None:
        self.editor.field = field
        self.editor.placeholder = field.empty
        super().update_field(field)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.typing:
            self.note_typing()
        self.look()
        if self.editor.has_focus:
            self.post_message(FieldTyped(self.field.path, event.value))

    def look(self) -> None:
        """What could not be put in is told until the field is left, beside all else."""
        super().look()
        if told := self.editor.told:
            more = f"；{self.remark.text}" if self.remark.text else ""
            self.tell(Remark(f"{told}{more}", wrong=True))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.editor.told = ""
        self.done()

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        event.stop()
        self.editor.told = ""
