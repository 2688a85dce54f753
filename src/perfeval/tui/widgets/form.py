"""The fields of one indicator; only these are mounted, whatever the size of the session."""

from __future__ import annotations

import asyncio

from textual.containers import VerticalScroll
from textual.widgets import Static

from perfeval.tui.fields import Section
from perfeval.tui.widgets.field import FieldWidget, widget_for


class FieldForm(VerticalScroll, can_focus=False):
    """Sections of fields. Showing the same fields again only updates their values."""

    def __init__(self) -> None:
        super().__init__(id="form")
        self._shape: list[object] = []
        self._turn = asyncio.Lock()

    async def show(self, sections: list[Section], year: int) -> None:
        """Show these sections, remounting only where the fields are others."""
        async with self._turn:
            shape: list[object] = [
                (s.title, [(f.path, f.kind, f.options, f.read_only) for f in s.fields])
                for s in sections
            ]
            if shape != self._shape:
                await self._remount(sections, year)
                self._shape = shape
                return
            fields = [field for section in sections for field in section.fields]
            for widget, field in zip(self.query(FieldWidget), fields, strict=True):
                if widget.field != field:
                    widget.update_field(field)

    async def _remount(self, sections: list[Section], year: int) -> None:
        async with self.batch():
            await self.remove_children()
            for section in sections:
                if section.title:
                    heading = Static(f"── {section.title}", classes="heading", markup=False)
                    await self.mount(heading)
                await self.mount(*(widget_for(field, year) for field in section.fields))

    def focus_field(self, path: str = "") -> None:
        """Put the focus into the field of ``path``, or into the first one."""
        for widget in self.query(FieldWidget):
            if not path or widget.field.path == path or widget.field.path.startswith(f"{path}/"):
                targets = [widget, *widget.query("*")]
                for one in targets:
                    if one.focusable:
                        one.focus()
                        return
