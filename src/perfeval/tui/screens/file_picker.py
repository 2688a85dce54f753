"""Choosing a file: its place typed or pasted on a line, or found in the folders below."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from perfeval.errors import printable
from perfeval.tui.screens.dialogs import Dialog

MOST = 2_000
"""A folder with more is shown in part; its files can be named on the line."""


def listing(folder: Path, endings: tuple[str, ...] = ()) -> list[tuple[Path, bool]]:
    """Return what is in a folder as (place, is a folder), folders first; hidden things left out.

    ``endings`` (".xlsx", …) leave out other files. A folder that cannot be read is empty.
    """
    found: list[tuple[Path, bool]] = []
    try:
        for place in folder.iterdir():
            if place.name.startswith("."):
                continue
            is_folder = place.is_dir()
            if is_folder or not endings or place.suffix.lower() in endings:
                found.append((place, is_folder))
    except OSError:
        return []
    found.sort(key=lambda one: (not one[1], one[0].name.lower()))
    return found[:MOST]


def named(text: str) -> Path:
    """Return the place a text names: dragged files come in quotes or with escaped spaces."""
    plain = text.strip().strip("'\"").replace("\\ ", " ")
    return Path(plain).expanduser()


class FileLine(Input):
    """The line the file's place is typed into."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,tab", "screen.to_folders", "到文件夹", show=False)
    ]

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        lines = event.text.strip().splitlines()
        if lines:
            self.value = str(named(lines[0]))
            self.cursor_position = len(self.value)


class Folders(OptionList):
    """What is in a folder; Enter goes into a folder or takes a file, 左键 goes up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("left", "up", "上一级", show=False)]

    def __init__(self, folder: Path, endings: tuple[str, ...]) -> None:
        super().__init__()
        self.folder, self.endings = folder, endings
        self.places: list[Path] = []

    async def go(self, folder: Path, here: Path | None = None) -> None:
        """Show a folder; it is read in a thread, since it may be far away."""
        entries = await asyncio.to_thread(listing, folder, self.endings)
        self.folder = folder
        self.border_title = printable(str(folder))
        self.clear_options()
        self.places = [folder.parent, *(place for place, _ in entries)]
        texts = [
            "上一级",
            *(f"[{place.name}]" if is_folder else place.name for place, is_folder in entries),
        ]
        self.add_options([Option(Text(printable(text), no_wrap=True)) for text in texts])
        known = here in self.places[1:]
        at = self.places.index(here) if known and here else min(1, len(texts) - 1)
        self.highlighted = at

    async def action_up(self) -> None:
        """Go to the folder above."""
        if self.folder.parent != self.folder:
            await self.go(self.folder.parent, self.folder)


class FilePicker(Dialog[str | None]):
    """Gives the place of a file that is there. ``endings`` (".xlsx", …) leave out others."""

    DEFAULT_CSS = """
    FilePicker .box { width: 90%; height: 80%; }
    FilePicker Folders { height: 1fr; border: ascii $panel; }
    """

    def __init__(
        self, title: str, start: Path | None = None, endings: tuple[str, ...] = ()
    ) -> None:
        super().__init__(title, keys="Enter 确定   下键进文件夹   左键上一级   Esc 取消")
        self.start = start or Path.home()
        self.endings = endings

    def compose_body(self) -> ComposeResult:
        yield FileLine(
            placeholder="把文件拖到这里，或写出所在文件夹和文件名", select_on_focus=False
        )
        yield Static("", classes="dialog-said", markup=False)
        yield Folders(self.start, self.endings)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(FileLine).focus()
        self.call_after_refresh(self.query_one(Folders).go, self.start)

    def action_to_folders(self) -> None:
        """Go to the folders."""
        self.query_one(Folders).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._say("")

    @on(Input.Submitted)
    async def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            await self._take(named(event.value))
        else:
            self.action_to_folders()

    @on(OptionList.OptionSelected)
    async def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        await self._take(self.query_one(Folders).places[event.option_index])

    async def _take(self, place: Path) -> None:
        try:
            is_folder, is_file = place.is_dir(), place.is_file()
        except (OSError, ValueError):
            is_folder = is_file = False
        if is_folder:
            await self.query_one(Folders).go(place)
            self.action_to_folders()
        elif not is_file:
            self._say("没有这个文件。请核对文件名和所在文件夹")
        elif self.endings and place.suffix.lower() not in self.endings:
            self._say(f"请选 {'、'.join(self.endings)} 文件")
        else:
            self.dismiss(str(place))

    def _say(self, text: str) -> None:
        self.query_one(".dialog-said", Static).update(text)
