"""One widget for each kind of field. Each shows its own problem and says when it is committed."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Select, Static, TextArea

from perfeval.numbers import to_ascii
from perfeval.tui.fields import Field, Kind, problem_with, reading_of
from perfeval.tui.messages import FieldCommitted, FieldTyped

LABEL_WIDTH = 20


class FieldWidget(Vertical):
    """A labelled field with its note and, below it, what is wrong with it or how it is read."""

    DEFAULT_CSS = """
    FieldWidget { height: auto; }
    FieldWidget Horizontal { height: auto; }
    FieldWidget .label { width: 20; padding: 0 1 0 0; }
    FieldWidget .unit { width: auto; padding: 0 1; color: $text-muted; }
    FieldWidget .said { height: auto; padding: 0 0 0 20; display: none; }
    FieldWidget .said.-shown { display: block; }
    FieldWidget Input { width: 1fr; height: 1; border: none; padding: 0; }
    FieldWidget Input:focus { background: $boost; text-style: underline; }
    FieldWidget TextArea { width: 1fr; height: 3; border: none; padding: 0; }
    """

    def __init__(self, field: Field, year: int) -> None:
        super().__init__(classes=f"-{field.kind}")
        self.field = field
        self.year = year

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Label(self.field.label, classes="label")
            yield from self.compose_editor()
            behind = " ".join(part for part in (self.field.unit, self.field.note) if part)
            yield Label(behind, classes="unit", markup=False)
        yield Static("", classes="said", markup=False)

    def compose_editor(self) -> ComposeResult:
        """Yield what the value is typed into, or only shown in."""
        yield Label(self.field.value, markup=False)

    def update_field(self, field: Field) -> None:
        """Take another value from the session, unless the user is typing here."""
        self.field = field

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Show a sentence below the field; an empty one hides the line."""
        said = self.query_one(".said", Static)
        said.set_class(bool(text), "-shown")
        said.set_class(wrong, "-wrong")
        said.update(f"！{text}" if wrong and text else text)


class LineEditor(Input):
    """A line to type into: what is pasted is brought into one line, nothing is cut silently."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "revert", "取消输入", show=False),
        Binding("down", "screen.focus_next", "下一栏", show=False),
        Binding("up", "screen.focus_previous", "上一栏", show=False),
    ]

    def __init__(self, value: str, *, numeric: bool) -> None:
        super().__init__(value, select_on_focus=numeric, compact=True)
        self.numeric = numeric

    def insert_text_at_cursor(self, text: str) -> None:
        super().insert_text_at_cursor(to_ascii(text) if self.numeric else text)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.replace(
            " ".join(event.text.split()) if "\n" in event.text else event.text, *self.selection
        )


class LineField(FieldWidget):
    """A figure, a target or a short text."""

    def compose_editor(self) -> ComposeResult:
        yield LineEditor(self.field.value, numeric=self.field.kind is Kind.FIGURE)

    @property
    def editor(self) -> LineEditor:
        return self.query_one(LineEditor)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self.field.value:
            self._look(event.value)
            self.post_message(FieldTyped(self.field.path, event.value))

    def _look(self, text: str) -> None:
        if problem := problem_with(self.field, text):
            self.say(problem, wrong=True)
        else:
            self.say(reading_of(self.field, text, self.year))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.commit()
        self.screen.focus_next()

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        event.stop()
        self.commit()

    def commit(self) -> None:
        """Hand in what was typed, if it is new."""
        if self.editor.value != self.field.value:
            self.post_message(FieldCommitted(self.field.path, self.editor.value.strip()))

    def update_field(self, field: Field) -> None:
        was, self.field = self.field, field
        if self.editor.value in (was.value, was.value.strip()) or not self.editor.has_focus:
            self.editor.value = field.value
        self._look(self.editor.value)


class ProseField(FieldWidget):
    """A long text; it grows with what is typed."""

    def compose_editor(self) -> ComposeResult:
        yield TextArea(
            self.field.value, compact=True, tab_behavior="focus", show_line_numbers=False
        )

    @property
    def editor(self) -> TextArea:
        return self.query_one(TextArea)

    def on_descendant_blur(self) -> None:
        self.commit()

    def commit(self) -> None:
        """Hand in what was typed, if it is new."""
        if self.editor.text != self.field.value:
            self.post_message(FieldCommitted(self.field.path, self.editor.text.strip()))

    def update_field(self, field: Field) -> None:
        was, self.field = self.field, field
        if self.editor.text == was.value or not self.editor.has_focus:
            self.editor.text = field.value


class ElementField(FieldWidget, can_focus=True):
    """A yes-or-no element: 空格 goes from 未填 to 是 to 否."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "turn", "是/否", show=False),
        Binding("down", "screen.focus_next", "下一栏", show=False),
        Binding("up", "screen.focus_previous", "上一栏", show=False),
    ]

    def compose(self) -> ComposeResult:
        yield Static(self._text(), markup=False)
        yield Static("", classes="said", markup=False)

    def _text(self) -> str:
        return f"[{self.field.value or '  '}] {self.field.label}"

    def action_turn(self) -> None:
        """Go to the next of 未填, 是, 否."""
        after = {"": True, "是": False, "否": None}[self.field.value]
        self.post_message(FieldCommitted(self.field.path, after))

    def update_field(self, field: Field) -> None:
        self.field = field
        self.query_one(Static).update(self._text())


class ChoiceField(FieldWidget):
    """One of a few words."""

    def compose_editor(self) -> ComposeResult:
        options = [(option, option) for option in self.field.options]
        value = self.field.value if self.field.value in self.field.options else Select.NULL
        yield Select(options, value=value, prompt="请选择", compact=True)

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        value = "" if event.value is Select.NULL else str(event.value)
        if value != self.field.value:
            self.post_message(FieldCommitted(self.field.path, value))

    def update_field(self, field: Field) -> None:
        self.field = field
        with self.prevent(Select.Changed):
            value = field.value if field.value in field.options else Select.NULL
            self.query_one(Select).value = value


class ShownField(FieldWidget):
    """A value that is computed, not typed."""

    def update_field(self, field: Field) -> None:
        self.field = field
        self.query(Label)[1].update(field.value)


WIDGETS: dict[Kind, type[FieldWidget]] = {
    Kind.FIGURE: LineField,
    Kind.TARGET: LineField,
    Kind.TEXT: LineField,
    Kind.PROSE: ProseField,
    Kind.ELEMENT: ElementField,
    Kind.CHOICE: ChoiceField,
    Kind.SHOWN: ShownField,
}


def widget_for(field: Field, year: int) -> FieldWidget:
    """Return the widget of a field's kind."""
    return WIDGETS[field.kind](field, year)
