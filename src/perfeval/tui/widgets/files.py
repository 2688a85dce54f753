"""佐证材料 of a place: the files attached to it."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import set_cell_size
from textual.binding import Binding, BindingType

from perfeval.tui.fields import Field
from perfeval.tui.messages import FileChosen, FileWanted
from perfeval.tui.widgets.choice import AnsweredField


class EvidenceField(AnsweredField):
    """A short list: Enter on a file notes its page, Del takes it away, Enter below attaches."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "use", "附加", show=False),
        Binding("delete", "detach", "取下", show=False),
        Binding("down", "move(1)", "下一份", show=False),
        Binding("up", "move(-1)", "上一份", show=False),
    ]

    at = 0

    def value_lines(self, room: int) -> list[str]:
        lines = [set_cell_size(line, room).rstrip() for _, line in self.field.files]
        if not self.field.read_only:
            lines.append("+ 附加文件")
        return lines or ["没有附佐证材料"]

    def style_of_value(self, at: int) -> str:
        return "field--here" if self.has_focus and at == self.at else ""

    def look(self) -> None:
        on_file = self.has_focus and self.at < len(self.field.files)
        self.say("Enter 注明页码，Del 取下这一份" if on_file else "")
        self.refresh()

    def on_focus(self) -> None:
        self.at = len(self.field.files)
        self.look()

    def update_field(self, field: Field) -> None:
        below = self.at >= len(self.field.files)
        self.at = len(field.files) if below else min(self.at, len(field.files))
        super().update_field(field)

    def action_move(self, by: int) -> None:
        """Go to another file, from the ends to the field beside."""
        if 0 <= self.at + by <= len(self.field.files):
            self.at += by
            self.look()
        elif by > 0:
            self.screen.focus_next()
        else:
            self.screen.focus_previous()

    def action_use(self) -> None:
        """Attach a file, or note the page of the one the mark is on."""
        if self.field.read_only:
            return
        if self.at < len(self.field.files):
            self.post_message(FileChosen(self.field.path, self.field.files[self.at][0], "page"))
        else:
            self.post_message(FileWanted(self.field.path))

    def action_detach(self) -> None:
        """Take the file the mark is on away from here."""
        if not self.field.read_only and self.at < len(self.field.files):
            self.post_message(FileChosen(self.field.path, self.field.files[self.at][0], "detach"))
