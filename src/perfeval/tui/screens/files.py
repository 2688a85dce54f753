"""Choosing a file: folders and the files of one kind, or a line to paste its place into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from perfeval.errors import reason
from perfeval.tui.actions import matches
from perfeval.tui.screens.dialogs import Dialog, Narrowing

MOST = 500
"""Entries of a folder that are listed; beyond it the line above finds the others."""


class ChooseFile(Dialog[Path | None]):
    """A folder's folders and files of the wanted endings. Typing narrows them; a whole place may be
    pasted (or the file dragged into the window, which pastes it).
    """

    def __init__(self, title: str, suffixes: Sequence[str], start: Path) -> None:
        kinds = " ".join(suffixes)
        super().__init__(title, keys=f"上下键选择   Enter 打开   Esc 取消   只列 {kinds}")
        self.suffixes = tuple(suffixes)
        self.folder = start if start.is_dir() else Path.home()
        self.entries: list[Path] = []
        self.shown: list[Path] = []

    def compose_body(self) -> ComposeResult:
        yield Static("", id="folder", classes="dialog-help", markup=False)
        yield Narrowing(placeholder="输入名称查找，或粘贴文件所在的位置", select_on_focus=False)
        yield OptionList(id="choices")
        yield Static("", classes="dialog-said", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self._enter(self.folder)
        self.query_one(Narrowing).focus()

    def _enter(self, folder: Path) -> None:
        try:
            entries = listed(folder, self.suffixes)
        except OSError as error:
            self._say(f"打不开 {folder}：{reason(error)}")
            return
        self.folder, self.entries = folder, entries
        self.query_one("#folder", Static).update(f"在 {folder}")
        self._say("")
        with self.prevent(Input.Changed):
            self.query_one(Narrowing).value = ""
        self._show("")

    def _show(self, query: str) -> None:
        wanted = query if not looks_like_place(query) else ""
        up = [] if wanted or self.folder == self.folder.parent else [self.folder.parent]
        self.shown = [*up, *(one for one in self.entries if matches(wanted, one.name))][:MOST]
        choices = self.query_one("#choices", OptionList)
        choices.clear_options()
        choices.add_options([Option(self._line(one)) for one in self.shown])
        if not self.shown or self.shown == up:
            choices.add_option(Option(Text("这里没有这类文件", style="dim"), disabled=True))
        if self.shown:
            choices.highlighted = min(len(up), len(self.shown) - 1)

    def _line(self, path: Path) -> Text:
        if path == self.folder.parent:
            return Text("[上一级文件夹]")
        name = f"[{path.name}]" if path.is_dir() else path.name
        return Text(name, no_wrap=True, overflow="ellipsis")

    def _say(self, text: str) -> None:
        self.query_one(".dialog-said", Static).update(text)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._say("")
        self._show(event.value)

    def action_move(self, by: int) -> None:
        """Move the mark while the line above has the focus."""
        choices = self.query_one("#choices", OptionList)
        if self.shown:
            here = choices.highlighted or 0
            choices.highlighted = min(max(here + by, 0), len(self.shown) - 1)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if looks_like_place(event.value):
            self._take(placed(event.value, self.folder))
            return
        at = self.query_one("#choices", OptionList).highlighted
        if self.shown and at is not None:
            self._take(self.shown[at])

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_index < len(self.shown):
            self._take(self.shown[event.option_index])

    def _take(self, path: Path) -> None:
        try:
            is_folder, is_file = path.is_dir(), path.is_file()
        except (OSError, ValueError):
            is_folder = is_file = False
        if is_folder:
            self._enter(path)
        elif is_file:
            self.dismiss(path)
        else:
            self._say(f"没有这个文件：{path}")


def listed(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    """Return a folder's folders, then its files of these endings, hidden ones left out.

    Raises ``OSError`` for a folder that cannot be read.
    """
    visible = [one for one in folder.iterdir() if not one.name.startswith((".", "~$"))]
    by_name: Callable[[Path], str] = lambda one: one.name.lower()  # noqa: E731
    folders = sorted((one for one in visible if one.is_dir()), key=by_name)
    files = (one for one in visible if one.suffix.lower() in suffixes and one.is_file())
    return [*folders, *sorted(files, key=by_name)]


def looks_like_place(text: str) -> bool:
    """Whether a text is where a file is, rather than part of a name."""
    return any(sign in text for sign in ("/", "\\")) or text.startswith("~")


def placed(text: str, folder: Path) -> Path:
    """Return the place a pasted text means: quotes, ``file://`` and escaped spaces are undone."""
    plain = text.strip().strip("'\"").removeprefix("file://")
    if not Path(plain).drive:
        plain = plain.replace("\\ ", " ")
    return folder / Path(plain).expanduser()
