"""What every field is: a label, an editor, a note behind it, and a line below that says what is
wrong, how the text is read, or what is offered.

A field draws all of it itself; only the editor is a widget of its own. Going to another indicator
mounts two dozen widgets that way, not a hundred.
"""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.app import ComposeResult
from textual.geometry import Size
from textual.widget import Widget

from perfeval.tui.fields import Field, Proposal, Remark, proposal_for, remark, stored
from perfeval.tui.folding import folded
from perfeval.tui.messages import FieldCommitted, FieldDone
from perfeval.tui.signs import on_screen

LABEL, LONG_LABEL, ROOMY = 17, 26, 70
"""Cells from the left edge to the editor, in a form of less than :data:`ROOMY` cells and in others;
a longer label goes on below.
"""


def label_room(width: int) -> int:
    """Return the cells a label has in a form of ``width``."""
    return LONG_LABEL if width >= ROOMY else LABEL


class FieldWidget(Widget):
    """A labelled field. Its editor holds the text being typed; all else comes from the session."""

    DEFAULT_CSS = """
    FieldWidget { height: auto; layout: horizontal; }
    FieldWidget > .field--told { text-style: dim; }
    FieldWidget > .field--wrong { color: $error; text-style: bold; }
    FieldWidget > .field--waits { text-style: bold; }
    FieldWidget > .field--here { background: $secondary 30%; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "field--told", "field--wrong", "field--waits", "field--here",
    }  # fmt: skip

    def __init__(self, field: Field, year: int) -> None:
        super().__init__()
        self.field = field
        self.year = year
        self.remark = Remark()
        self._label = LABEL
        self._editor = self.make_editor()

    def make_editor(self) -> Widget | None:
        """Return the widget the value is typed into, if it is typed into one."""
        return None

    def compose(self) -> ComposeResult:
        if self._editor is not None:
            yield self._editor

    def on_mount(self) -> None:
        self.place_editor()
        self.look()

    # -- what stands in it ----------------------------------------------------

    @property
    def text(self) -> str:
        """The text as it stands in the editor, committed or not."""
        return self.field.value

    @property
    def editor(self) -> Widget:
        """What takes the focus."""
        return self._editor or self

    @property
    def reach(self) -> int:
        """The most cells of the editor; 0 where it takes what there is."""
        return 0

    @property
    def behind(self) -> str:
        """Unit, note and last year's value."""
        before = f"上年 {self.field.previous}" if self.field.previous else ""
        told = " ".join(part for part in (self.field.unit, self.field.note, before) if part)
        return on_screen(told)

    @property
    def pending(self) -> FieldCommitted | None:
        """What is typed and not handed in yet."""
        return None

    def commit(self) -> None:
        """Hand in what was typed, if it is new."""
        if message := self.pending:
            self.handed_in()
            self.post_message(message)

    def handed_in(self) -> None:
        """Note that what stands here is on its way, so that it is not handed in twice."""

    def done(self) -> None:
        """Hand in what was typed and ask for what comes next."""
        self.commit()
        self.post_message(FieldDone(self.field.path))

    def take_in(self, text: str) -> None:
        """Put a text into the editor as if it was typed."""

    def offer(self) -> Proposal | None:
        """What is offered for this field as it stands."""
        return None if self.field.read_only else proposal_for(self.field, self.text)

    # -- showing --------------------------------------------------------------

    def update_field(self, field: Field) -> None:
        """Take another value from the session, unless the user is typing here."""
        self.field = field
        self.place_editor()
        self.look()
        self.refresh(layout=True)

    def place_editor(self) -> None:
        """Leave room for the label before the editor and the note behind it."""
        if self.editor is not self:
            room = cell_len(self.behind) + 1 if self.behind else 0
            self._label = label_room(self.size.width or self.container_size.width)
            self.editor.styles.margin = (0, room, 0, self._label)
            self.editor.styles.max_width = self.reach or None

    def on_resize(self) -> None:
        if label_room(self.size.width) != self._label:
            self.place_editor()

    def look(self) -> None:
        """Say below the field what there is to say."""
        self.tell(remark(self.field, self.text, self.year, focused=self.has_focus_within))

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Show a sentence below the field; an empty one takes the line away."""
        self.tell(Remark(text, wrong))

    def tell(self, told: Remark) -> None:
        """Show a remark below the field."""
        if told != self.remark:
            width = self.size.width
            before = len(self._remark_lines(width))
            self.remark = told  # a layout of the screen at every key would make typing lag
            self.refresh(layout=not width or len(self._remark_lines(width)) != before)

    def value_lines(self, room: int) -> list[str]:
        """Return the lines drawn where other fields have their editor, in ``room`` cells."""
        return []

    def _room(self, width: int) -> int:
        return max(width - label_room(width) - (cell_len(self.behind) + 1 if self.behind else 0), 8)

    def style_of_value(self, at: int) -> str:
        """The component whose style a line of the value has, or an empty text."""
        return "field--here" if self.has_focus else ""

    def _remark_lines(self, width: int) -> list[str]:
        if not self.remark.text:
            return []
        said = f"！{self.remark.text}" if self.remark.wrong else self.remark.text
        return folded(said, max(width - 2, 10))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        tall = self.editor.styles.height if self.editor is not self else None
        lines = int(tall.value) if tall is not None and tall.cells is not None else 1
        lines = max(
            lines,
            len(self.value_lines(self._room(width))),
            len(folded(self.field.label, label_room(width) - 1)),
        )
        return lines + len(self._remark_lines(width))

    def render(self) -> Text:
        """Draw label, value and note, and the remark below them."""
        if not self.is_attached:
            return Text()  # gone, but a dialog may still draw what was behind it
        width = self.size.width
        indent = label_room(width)
        labels, values = folded(self.field.label, indent - 1), self.value_lines(self._room(width))
        below = self._remark_lines(width)
        drawn = Text(no_wrap=True)
        for at in range(max(self.size.height - len(below), 1)):
            label = labels[at] if at < len(labels) else ""
            style = "field--waits" if self.field.waits else ""
            drawn.append_text(self._styled(set_cell_size(label, indent), style))
            value = values[at] if at < len(values) else ""
            drawn.append_text(self._styled(value, self.style_of_value(at) if value else ""))
            if at == 0 and self.behind:
                gap = width - indent - cell_len(value) - cell_len(self.behind)
                gap = min(gap, self.reach + 1) if self.reach else gap
                drawn.append(" " * max(gap, 1))
                drawn.append_text(self._styled(self.behind, "field--told"))
            drawn.append("\n")
        for line in below:
            style = "field--wrong" if self.remark.wrong else "field--told"
            drawn.append_text(self._styled(f"  {line}\n", style))
        drawn.rstrip()
        return drawn

    def _styled(self, text: str, component: str) -> Text:
        if not component:
            return Text(text)
        return Text(text, style=self.get_component_rich_style(component, partial=True))

    def on_descendant_focus(self) -> None:
        self.look()

    def on_descendant_blur(self) -> None:
        self.commit()
        self.look()


class ShownField(FieldWidget):
    """A value that is computed or fixed, not typed."""

    def value_lines(self, room: int) -> list[str]:
        return folded(on_screen(self.field.value), room)

    def style_of_value(self, at: int) -> str:
        return ""


class TypedField(FieldWidget):
    """A field a text is typed into; knows whether that text was handed in already."""

    _handed: str | None = None
    _seen: str | None = None

    def note_typing(self) -> None:
        """Remember what stood in the field when the typing began."""
        if self._seen is None:
            self._seen = self.field.value

    @property
    def typing(self) -> bool:
        """Whether the editor holds something the session does not."""
        return self.text.strip() != self.field.value.strip()

    @property
    def pending(self) -> FieldCommitted | None:
        if self.field.read_only or not self.typing or self.text == self._handed:
            return None
        seen = self.field.value if self._seen is None else self._seen
        return FieldCommitted(self.field.path, stored(self.field, self.text), seen)

    def handed_in(self) -> None:
        self._handed = self.text

    def not_saved(self) -> None:
        """Keep what was typed as typed: it was refused, and may be handed in again."""
        self._handed = self._seen = None

    def revert(self) -> None:
        """Give up what was typed."""
        self.take_in(self.field.value)
        self._handed = self._seen = None
        self.look()

    def update_field(self, field: Field) -> None:
        was, text = self.field, self.text
        super().update_field(field)
        accepted = self._handed is not None and text == self._handed
        if accepted or text.strip() in (was.value.strip(), field.value.strip()):
            self._handed = self._seen = None
            if text.strip() != field.value.strip():
                self.take_in(field.value)
                self._seen = None
            self.look()
