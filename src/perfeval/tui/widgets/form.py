"""The fields of one place; only these are mounted, whatever the size of the session."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from textual import on
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from perfeval.tui.fields import Field, Kind, Section
from perfeval.tui.messages import FieldCommitted, FieldDone, FormDone
from perfeval.tui.widgets.choice import ChoiceField, ElementField
from perfeval.tui.widgets.field import FieldWidget, ShownField, TypedField
from perfeval.tui.widgets.files import EvidenceField
from perfeval.tui.widgets.line import LineField
from perfeval.tui.widgets.long import ProseField

WIDGETS: dict[Kind, type[FieldWidget]] = {
    Kind.FIGURE: LineField,
    Kind.TARGET: LineField,
    Kind.DATE: LineField,
    Kind.TEXT: LineField,
    Kind.PROSE: ProseField,
    Kind.ELEMENT: ElementField,
    Kind.CHOICE: ChoiceField,
    Kind.EVIDENCE: EvidenceField,
    Kind.SHOWN: ShownField,
}

Line = tuple[tuple[object, ...], Field | str]
"""What a line of the form is told apart by, and its field or heading."""


class FieldForm(VerticalScroll, can_focus=False):
    """Sections of fields. What is there already stays, with its focus and what is being typed."""

    DEFAULT_CSS = "FieldForm .form-heading { color: $text-muted; margin: 1 0 0 0; height: 1; }"

    def __init__(self) -> None:
        super().__init__(id="form")
        self._shown: list[tuple[tuple[object, ...], Widget]] = []
        self._turn = asyncio.Lock()

    async def show(self, place: str, sections: list[Section], year: int) -> None:
        """Show these sections of ``place``, mounting only what is not there yet."""
        async with self._turn:
            lines = list(_lines(place, sections))
            kept = dict(self._shown)
            wanted = [key for key, _ in lines]
            if wanted != [key for key, _ in self._shown]:
                await self._mount(lines, kept, year)
            for (_, widget), (_, thing) in zip(self._shown, lines, strict=True):
                if isinstance(widget, FieldWidget) and widget.field != thing:
                    assert isinstance(thing, Field)
                    widget.update_field(thing)

    async def _mount(
        self, lines: list[Line], kept: dict[tuple[object, ...], Widget], year: int
    ) -> None:
        wanted = {key for key, _ in lines}
        focused = self.screen.focused
        async with self.batch():
            gone = [widget for key, widget in self._shown if key not in wanted]
            at = next(
                (i for i, (_, one) in enumerate(self._shown) if focused in (one, *one.query("*"))),
                -1,
            )
            lost = at >= 0 and self._shown[at][1] in gone
            if gone:
                await self.remove_children(gone)
            shown: list[tuple[tuple[object, ...], Widget]] = []
            fresh: list[Widget] = []

            async def put() -> None:
                if fresh:
                    before = shown[-len(fresh) - 1][1] if len(shown) > len(fresh) else None
                    if before is None:
                        await self.mount(*fresh, before=0 if self.children else None)
                    else:
                        await self.mount(*fresh, after=before)
                    fresh.clear()

            for key, thing in lines:
                if key in kept:
                    await put()
                    shown.append((key, kept[key]))
                else:
                    new = _made(thing, year)
                    shown.append((key, new))
                    fresh.append(new)
            await put()
            self._shown = shown
        if lost:
            self._refocus(at)

    def _refocus(self, at: int) -> None:
        """Put the focus where a field that went away had it."""
        after = [w for _, w in self._shown[at:] if isinstance(w, FieldWidget)]
        for widget in after or self.fields:
            if widget.editor.focusable:
                widget.editor.focus()
                return

    @property
    def fields(self) -> list[FieldWidget]:
        """The fields from top to bottom."""
        return [widget for _, widget in self._shown if isinstance(widget, FieldWidget)]

    @property
    def focused_field(self) -> FieldWidget | None:
        """The field the focus is in."""
        return next((one for one in self.fields if one.has_focus or one.has_focus_within), None)

    def field_at(self, path: str) -> FieldWidget | None:
        """The field that is saved at ``path``."""
        return next((one for one in self.fields if one.field.path == path), None)

    def pending(self) -> Iterator[FieldCommitted]:
        """Yield what is typed and not handed in; the fields count it as handed in then."""
        for one in self.fields:
            if message := one.pending:
                one.handed_in()
                yield message

    def not_saved(self) -> None:
        """Keep what was typed in the fields: it was refused."""
        for one in self.fields:
            if isinstance(one, TypedField):
                one.not_saved()

    def revert(self) -> None:
        """Give up what was typed."""
        for one in self.fields:
            if isinstance(one, TypedField):
                one.revert()

    def focus_field(self, path: str = "") -> None:
        """Put the focus into the field of ``path``; without one into the first that waits."""
        fields = [one for one in self.fields if one.editor.focusable]
        if path:
            chosen = [one for one in fields if f"{one.field.path}/".startswith(f"{path}/")]
        else:
            chosen = [one for one in fields if one.field.waits]
        for one in [*chosen, *fields][:1]:
            one.editor.focus()

    @on(FieldDone)
    def _next(self, event: FieldDone) -> None:
        """Go to the next field that must be filled in; after the last one the form is done."""
        event.stop()
        if not self.focus_after(event.path):
            self.post_message(FormDone(event.path))

    def focus_after(self, path: str) -> bool:
        """Go to the next field after ``path`` that must be filled in; whether there is one."""
        fields = self.fields
        at = next((i for i, one in enumerate(fields) if one.field.path == path), len(fields))
        for one in fields[at + 1 :]:
            if one.field.must and one.editor.focusable:
                one.editor.focus()
                return True
        return False


def _lines(place: str, sections: list[Section]) -> Iterator[Line]:
    for section in sections:
        if section.title:
            yield (place, "", section.title), section.title
        for field in section.fields:
            yield (place, *field.shape), field


def _made(thing: Field | str, year: int) -> Widget:
    if isinstance(thing, Field):
        return WIDGETS[thing.kind](thing, year)
    return Static(f"- {thing} -", classes="form-heading", markup=False)
