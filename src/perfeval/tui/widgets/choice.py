"""Fields answered by a key: an element of a checklist, one of a few words."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Size

from perfeval.tui.fields import stored
from perfeval.tui.folding import folded
from perfeval.tui.messages import FieldCommitted
from perfeval.tui.widgets.field import FieldWidget

_KEYS: list[BindingType] = [
    Binding("enter", "done", "下一栏", show=False),
    Binding("down", "app.focus_next", "下一栏", show=False),
    Binding("up", "app.focus_previous", "上一栏", show=False),
]


class AnsweredField(FieldWidget, can_focus=True):
    """A field that has the focus itself and is answered by a key."""

    def answer(self, word: str) -> None:
        """Hand in a word; it is shown at once, the session follows."""
        self.field = replace(self.field, value=word)
        self.post_message(FieldCommitted(self.field.path, stored(self.field, word)))
        self.refresh()

    def action_done(self) -> None:
        """Go on."""
        self.done()

    def on_focus(self) -> None:
        self.look()

    def on_blur(self) -> None:
        self.look()


class ElementField(AnsweredField):
    """An element: 空格 goes from 未填 to 是 to 否."""

    BINDINGS: ClassVar[list[BindingType]] = [*_KEYS, Binding("space", "turn", "是/否", show=False)]
    BOX = 7

    @property
    def lines(self) -> list[str]:
        """The element's words, beside the box."""
        return folded(self.field.label, max(self.size.width - self.BOX, 10))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(folded(self.field.label, max(width - self.BOX, 10)))

    def render(self) -> Text:
        """Draw the box and the words."""
        box = f"[ {self.field.value or '  '} ]"
        text = "\n".join(
            (box if at == 0 else " " * cell_len(box)) + " " * (self.BOX - cell_len(box)) + line
            for at, line in enumerate(self.lines)
        )
        drawn = Text(text, no_wrap=True)
        if self.has_focus:
            drawn.stylize(self.get_component_rich_style("field--here", partial=True))
        elif self.field.waits:
            drawn.stylize("bold")
        return drawn

    def action_turn(self) -> None:
        """Go to the next of 未填, 是, 否."""
        if not self.field.read_only:
            after = {"": "是", "是": "否", "否": ""}[self.field.value]
            self.answer(after)

    def on_click(self) -> None:
        self.action_turn()

    def look(self) -> None:
        self.refresh()


class ChoiceField(AnsweredField):
    """One of a few words, all of them shown: 左右键 or 空格 chooses."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *_KEYS,
        Binding("space,right", "choose(1)", "选择", show=False),
        Binding("left", "choose(-1)", "选择", show=False),
    ]

    def value_lines(self, room: int) -> list[str]:
        marked = [(one == self.field.value, one) for one in self.field.options]
        beside = "   ".join(f"({'o' if chosen else ' '}) {one}" for chosen, one in marked)
        if cell_len(beside) <= room:
            return [beside]
        lines = []
        for chosen, one in marked:
            first, *rest = folded(one, max(room - 4, 4))
            lines += [f"({'o' if chosen else ' '}) {first}", *(f"    {line}" for line in rest)]
        return lines

    def style_of_value(self, at: int) -> str:
        return "field--here" if self.has_focus else ""

    def action_choose(self, by: int) -> None:
        """Choose the next or the previous word."""
        options = self.field.options
        if self.field.read_only or not options:
            return
        if self.field.value in options:
            at = (options.index(self.field.value) + by) % len(options)
        else:
            at = 0 if by > 0 else len(options) - 1
        self.answer(options[at])

    def on_click(self) -> None:
        self.action_choose(1)
