"""Choosing a file: found in the folders, by part of its name, or by its place typed or pasted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from perfeval.errors import printable, reason
from perfeval.tui.actions import matches, prepare
from perfeval.tui.screens.dialogs import Dialog, Narrowing

MOST = 500
"""Entries of a folder that are listed; the line above finds the others."""
LONGEST_PLACE = 4096


class FileLine(Narrowing):
    """Part of a name, or a whole place; 退格 where nothing is typed goes to the folder above."""

    def action_delete_left(self) -> None:
        if self.value:
            super().action_delete_left()
        else:
            assert isinstance(self.screen, ChooseFile)
            self.screen.go_up()


class ChooseFile(Dialog[Path | None]):
    """A folder's folders and files of the wanted endings, or all files where none are named.

    Typing narrows them; a whole place may be pasted (or the file dragged into the window, which
    pastes it).
    """

    def __init__(self, title: str, endings: Sequence[str], start: Path) -> None:
        super().__init__(title, keys="上下键选择   Enter 打开   退格上一级   Esc 取消")
        self.endings = tuple(endings)
        self.folder = start
        self.entries: dict[Path, bool] = {}
        self.shown: list[Path] = []
        self.opening = True
        self.entered = False

    def compose_body(self) -> ComposeResult:
        yield Static("", id="folder", classes="dialog-help", markup=False)
        yield FileLine(placeholder="输入名称查找，或粘贴文件所在的位置", limit=LONGEST_PLACE)
        yield OptionList(id="choices")
        yield Static("", classes="dialog-said", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(FileLine).focus()
        self._open(self.folder)

    def go_up(self) -> None:
        """Go to the folder above, the mark on the one left."""
        if self.folder.parent != self.folder:
            self._open(self.folder.parent, self.folder)

    @work(group="folder", exclusive=True, exit_on_error=False)
    async def _open(self, folder: Path, here: Path | None = None) -> None:
        """Show a folder, the mark on ``here`` where that is in it.

        It is read in a thread, since it may be far away; Enter pressed meanwhile counts afterwards.
        """
        self.opening = True
        line = self.query_one(FileLine)
        before = line.value
        try:
            entries = await asyncio.to_thread(self._read, folder)
        except (OSError, ValueError) as error:
            self._say(f"打不开 {printable(str(folder))}：{reason(error)}")
            self.entered = False
            return
        finally:
            self.opening = False
        self.folder, self.entries = folder, entries
        self.query_one("#folder", Static).update(f"在 {printable(str(folder))}")
        self._say("")
        if line.value == before:  # what was typed meanwhile stays
            with self.prevent(Input.Changed):
                line.value = ""
        self._show(line.value, here)
        if self.entered:
            self.entered = False
            self._take_marked()

    def _read(self, folder: Path) -> dict[Path, bool]:
        entries = listed(folder, self.endings)
        prepare(*(one.name for one in [*entries][:MOST]))  # found by pinyin as soon as typed
        return entries

    def _show(self, query: str, here: Path | None = None) -> None:
        wanted = "" if looks_like_place(query) else query
        up = [] if wanted or self.folder == self.folder.parent else [self.folder.parent]
        found = [one for one in self.entries if matches(wanted, one.name)]
        self.shown = [*up, *found[:MOST]]
        choices = self.query_one("#choices", OptionList)
        choices.clear_options()
        choices.add_options([Option(self._line(one)) for one in self.shown])
        if not found:
            kinds = f"这里没有 {' '.join(self.endings)} 文件" if self.endings else "这里没有文件"
            told = "没有这样的名称" if wanted else kinds
            choices.add_option(Option(Text(told, style="dim"), disabled=True))
        elif len(found) > MOST:
            told = f"还有 {len(found) - MOST} 个没有列出，请输入名称查找"
            choices.add_option(Option(Text(told, style="dim"), disabled=True))
        if here in self.shown:
            choices.highlighted = self.shown.index(here)
        elif self.shown:
            choices.highlighted = min(len(up), len(self.shown) - 1)

    def _line(self, path: Path) -> Text:
        if path == self.folder.parent:
            return Text("[上一级文件夹]")
        name = printable(path.name)
        return Text(f"[{name}]" if self.entries[path] else name)

    def _say(self, text: str) -> None:
        self.query_one(".dialog-said", Static).update(text)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._say(self.query_one(FileLine).told)
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
        elif self.opening:
            self.entered = True
        else:
            self._take_marked()

    def _take_marked(self) -> None:
        at = self.query_one("#choices", OptionList).highlighted
        if self.shown and at is not None:
            self._take(self.shown[at])

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_index < len(self.shown) and not self.opening:
            self._take(self.shown[event.option_index])

    def _take(self, path: Path) -> None:
        try:
            is_folder, is_file = path.is_dir(), path.is_file()
        except (OSError, ValueError):
            is_folder = is_file = False
        if path == self.folder.parent:
            self.go_up()
        elif is_folder:
            self._open(path)
        elif not is_file:
            self._say(f"没有这个文件：{printable(str(path))}")
        elif self.endings and path.suffix.lower() not in self.endings:
            self._say(f"请选 {' '.join(self.endings)} 文件")
        else:
            self.dismiss(path)


def listed(folder: Path, endings: Sequence[str] = ()) -> dict[Path, bool]:
    """Return what is in a folder and whether it is a folder itself: these first, then the files.

    Only files of these endings where some are given; hidden ones and the lock files of office
    programs are left out. Raises ``OSError`` for a folder that cannot be read.
    """
    visible = [one for one in folder.iterdir() if not one.name.startswith((".", "~$"))]
    visible.sort(key=_in_order)
    folders = {one: True for one in visible if one.is_dir()}
    wanted = (one for one in visible if not endings or one.suffix.lower() in endings)
    return folders | {one: False for one in wanted if one not in folders and one.is_file()}


def _in_order(path: Path) -> list[str | int]:
    """Return what sorts 第 2 个 before 第 10 个: texts and numbers in turn."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [int(part) if at % 2 else part for at, part in enumerate(parts)]


def looks_like_place(text: str) -> bool:
    """Whether a text is where a file is, rather than part of a name."""
    return any(sign in text for sign in ("/", "\\")) or text.startswith("~")


def placed(text: str, folder: Path) -> Path:
    """Return the place a pasted text means: quotes, ``file://`` and escaped spaces are undone."""
    plain = text.strip().strip("'\"").removeprefix("file://")
    if not Path(plain).drive:
        plain = plain.replace("\\ ", " ")
    return folder / Path(plain).expanduser()
