"""A long text that grows with what is typed."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.document._document import EditResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import TextArea

from perfeval.tui.fields import Field
from perfeval.tui.messages import FieldTyped
from perfeval.tui.widgets.field import TypedField

MOST_LINES = 8
"""A longer text scrolls inside its field."""


class ProseEditor(TextArea):
    """Several lines. Enter goes on to the next field as everywhere; Ctrl+J begins a new line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "done", "下一栏", show=False, priority=True),
        Binding("ctrl+j", "new_line", "换行", show=False, priority=True),
        Binding("escape", "revert", "取消输入", show=False),
        Binding("up", "up", "上一行", show=False),
        Binding("down", "down", "下一行", show=False),
    ]
    DEFAULT_CSS = """
    ProseEditor { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
    ProseEditor:focus { border: none; background: $secondary 30%; }
    """

    def __init__(self, field: Field) -> None:
        super().__init__(
            field.value, compact=True, tab_behavior="focus", show_line_numbers=False,
            soft_wrap=True, read_only=field.read_only, highlight_cursor_line=False,
        )  # fmt: skip
        self.field = field
        self.told = ""
        self._lines = 1

    def _replace_via_keyboard(
        self, insert: str, start: tuple[int, int], end: tuple[int, int]
    ) -> EditResult | None:
        kept = len(self.text) - len(self.get_text_range(start, end))
        over = kept + len(insert) - self.field.limit
        self.told = ""
        if insert and over > 0:
            self.told = f"最多 {self.field.limit} 字，超出 {over} 字，刚才的内容没有放入"
            self.post_message(self.Changed(self))
            return None
        return super()._replace_via_keyboard(insert, start, end)

    def render_lines(self, crop: Region) -> list[Strip]:
        if not self.is_attached:  # gone, but a dialog may still draw what was behind it
            return [Strip.blank(crop.width)] * crop.height
        return super().render_lines(crop)

    def grow(self) -> None:
        """Be as high as the text needs."""
        lines = min(max(self.wrapped_document.height, 1), MOST_LINES)
        if lines != self._lines:  # the same height set again is another layout
            self._lines = lines
            self.styles.height = lines
            if self.parent is not None:
                self.parent.refresh(layout=True)

    def on_mount(self) -> None:
        self.move_cursor(self.document.end)

    def on_resize(self) -> None:
        self.call_after_refresh(self.grow)

    def action_done(self) -> None:
        """Hand the text in and go on."""
        if isinstance(self.parent, ProseField):
            self.parent.done()

    def action_cursor_page_down(self) -> None:
        """Leave the key to the screen: it goes to the next indicator."""
        raise SkipAction

    def action_cursor_page_up(self) -> None:
        """Leave the key to the screen: it goes to the indicator before."""
        raise SkipAction

    def action_new_line(self) -> None:
        """Begin a new line."""
        self._replace_via_keyboard("\n", *self.selection)

    def action_revert(self) -> None:
        """Take back what was typed; where nothing was, leave the key to the screen."""
        if self.text == self.field.value:
            raise SkipAction
        self.told = ""
        self.text = self.field.value

    def action_up(self) -> None:
        """Go up a line, from the first one to the field above."""
        if self.get_cursor_up_location() == self.cursor_location or self.cursor_at_first_line:
            self.screen.focus_previous()
        else:
            self.action_cursor_up()

    def action_down(self) -> None:
        """Go down a line, from the last one to the field below."""
        if self.cursor_at_last_line:
            self.screen.focus_next()
        else:
            self.action_cursor_down()


class ProseField(TypedField):
    """A long text: a reason, a basis, a goal."""

    def make_editor(self) -> Widget:
        return ProseEditor(self.field)

    @property
    def editor(self) -> ProseEditor:
        assert isinstance(self._editor, ProseEditor)
        return self._editor

    @property
    def text(self) -> str:
        return self.editor.text

    def take_in(self, text: str) -> None:
        self.note_typing()
        self.editor.text = text
        self.editor.move_cursor(self.editor.document.end)

    def update_field(self, field: Field) -> None:
        self.editor.field = field
        super().update_field(field)

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.editor.grow()
        if self.typing:
            self.note_typing()
        if self.editor.has_focus:
            self.post_message(FieldTyped(self.field.path, self.text))
        if self.editor.told:
            self.say(self.editor.told, wrong=True)
        else:
            self.look()
