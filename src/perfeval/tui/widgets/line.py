"""One line to type into: figures, targets, dates, short texts."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from perfeval.tui.fields import Field, Kind, Remark, normalised, refused
from perfeval.tui.messages import FieldTyped
from perfeval.tui.widgets.entry import Entry
from perfeval.tui.widgets.field import TypedField

FIGURE_WIDTH = 24
"""Cells of a figure's line, so that its unit stands beside it on a wide screen, too."""


SHORT_KINDS = (Kind.FIGURE, Kind.DATE, Kind.TARGET)
"""What is short and typed anew rather than mended: typing replaces what stands there."""


class LineEditor(Entry):
    """The line of a field. Signs are put into plain width before they stand there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "revert", "取消输入", show=False),
        Binding("down", "app.focus_next", "下一栏", show=False),
        Binding("up", "app.focus_previous", "上一栏", show=False),
    ]

    def __init__(self, field: Field) -> None:
        super().__init__(
            field.value, placeholder=field.empty, disabled=field.read_only,
            select_on_focus=field.kind in SHORT_KINDS,
        )  # fmt: skip
        self.field = field

    @property
    def limit(self) -> int:
        return self.field.limit

    def fitting(self, text: str) -> str:
        text = normalised(self.field, text)
        if signs := refused(self.field, text):
            shown = _once(signs)
            self.told = (
                f"“{shown}”不是数值里的字符，没有输入" if shown else "不能显示的字符没有输入"
            )
        return "".join(sign for sign in text if sign not in signs)

    def take_pasted(self, lines: list[str]) -> None:
        """Typed, a sign no figure has is left out; of a paste the rest would be another figure:
        1e5, 15. So such a paste is refused whole.
        """
        if self.field.kind is not Kind.FIGURE:
            super().take_pasted(lines)
        elif len(lines) > 1:
            self.tell(f"粘贴了 {len(lines)} 行，这里只填一个数，没有放入。多行请到表格里粘贴")
        elif signs := _once(refused(self.field, normalised(self.field, " ".join(lines)))):
            self.tell(f"粘贴的内容里有“{signs}”，不是数值，没有放入")
        else:
            super().take_pasted(lines)

    def action_revert(self) -> None:
        """Take back what was typed; where nothing was, leave the key to the screen."""
        if self.value == self.field.value:
            raise SkipAction
        self.told = ""
        self.value = self.field.value
        self.cursor_position = len(self.value)


def _once(signs: str) -> str:
    """Return the visible ones of some signs, each once."""
    return "".join(dict.fromkeys(sign for sign in signs if sign.isprintable()))


class LineField(TypedField):
    """A figure, a target, a date or a short text."""

    def make_editor(self) -> Widget:
        return LineEditor(self.field)

    @property
    def reach(self) -> int:
        return FIGURE_WIDTH if self.field.kind in SHORT_KINDS else 0

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
            more = f"；{self.remark.text}" if self.remark.text not in ("", told) else ""
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
