"""Dialogs: a question, a line to type, a choice from a list, something to read.

Each is awaited by ``await app.push_screen_wait(...)`` in a worker (or shown with a callback). Esc
leaves without an answer (``None``, for :class:`Confirm` ``False``), Enter takes what is marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from perfeval.tui.actions import matches
from perfeval.tui.folding import folded
from perfeval.tui.screens.base import PinnedCursor
from perfeval.tui.signs import on_screen
from perfeval.tui.widgets.entry import Entry
from perfeval.tui.widgets.grid import fitted

Answer = TypeVar("Answer")
Value = TypeVar("Value")

MOST = 2_000
"""Characters of an answer: a reason, an opinion, a place on the disk."""

LEAVE = Binding("escape", "leave", "取消", show=False)


class Dialog(PinnedCursor[Answer], ModalScreen[Answer]):
    """A box above the screen: title, body, and a line saying which keys do what."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [LEAVE]

    def __init__(self, title: str, *, keys: str = "Enter 确定   Esc 取消") -> None:
        super().__init__()
        self.heading = title
        self.keys = keys

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self.heading, classes="dialog-title", markup=False)
            yield from self.compose_body()
            yield Static(self.keys, classes="dialog-keys", markup=False)

    def compose_body(self) -> ComposeResult:
        """Yield what stands between the title and the keys."""
        yield from ()

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)


class Confirm(Dialog[bool]):
    """A question answered by Enter (``True``) or Esc (``False``).

    With ``careful`` the marked button is the one that does nothing: what cannot be undone takes
    one key more.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(
        self, title: str, text: str = "", *, yes: str = "确定", no: str = "取消",
        careful: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(title, keys=f"左右键选择   Enter 按选中的做   Esc {no}")
        self.text, self.yes, self.no, self.careful = text, yes, no, careful

    def compose_body(self) -> ComposeResult:
        if self.text:
            with VerticalScroll(classes="dialog-text", can_focus=False):
                yield Static(self.text, markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button(Text(self.yes), id="yes", variant="primary", compact=True)
            yield Button(Text(self.no), id="no", compact=True)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#no" if self.careful else "#yes").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")

    def action_leave(self) -> None:
        """Answer no."""
        self.dismiss(False)


class Message(Dialog[None]):
    """Something to read; it scrolls. Enter and Esc close it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "leave", "关闭", show=False)]

    def __init__(self, title: str, text: str | Text) -> None:
        super().__init__(title, keys="上下键翻看   Esc 关闭")
        self.text = text

    def compose_body(self) -> ComposeResult:
        with VerticalScroll(classes="dialog-text"):
            yield Static(self.text, markup=False)


class Ask(Dialog[str | None]):
    """One line to type, of at most ``limit`` characters. ``check`` returns what is wrong with it
    and what to do, or nothing; Enter takes it only then.
    """

    def __init__(
        self,
        title: str,
        value: str = "",
        *,
        help: str = "",
        placeholder: str = "",
        check: Callable[[str], str] | None = None,
        limit: int = MOST,
        keys: str = "Enter 确定   Esc 取消",
    ) -> None:
        super().__init__(title, keys=keys)
        self.value, self.help_text, self.placeholder = value, help, placeholder
        self.limit = limit
        self.check = check or (lambda _: "")

    def compose_body(self) -> ComposeResult:
        if self.help_text:
            yield Static(self.help_text, classes="dialog-help", markup=False)
        yield Entry(self.value, placeholder=self.placeholder, limit=self.limit, id="answer")
        yield Static("", classes="dialog-said", markup=False)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one(".dialog-said", Static).update(self.query_one(Entry).told)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(Entry).told = ""
        value = event.value.strip()
        if problem := self.check(value):
            self.query_one(".dialog-said", Static).update(problem)
        else:
            self.dismiss(value)


@dataclass(frozen=True, slots=True)
class Choice(Generic[Value]):
    """One line of a :class:`Pick`: what it stands for, what it says, words more to find it by."""

    value: Value
    text: str
    note: str = ""
    words: str = ""

    def line(self, room: int, *, whole: bool = True) -> Text:
        """Return the line as it is shown, in ``room`` cells: what is too long goes on below, or
        the note is cut where not all of it is wanted.
        """
        text, note = on_screen(self.text), on_screen(self.note)
        if note and not whole:
            note = fitted(note, max(room - cell_len(text) - 2, 2)).rstrip()
        lines = "\n".join(folded(f"{text}  {note}" if note else text, room, hang=2))
        line = Text(lines)
        line.stylize("dim", len(text))
        return line


class Narrowing(Entry):
    """A line that narrows a list; up and down stay with the list below it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "screen.move(1)", show=False),
        Binding("up", "screen.move(-1)", show=False),
        Binding("pagedown", "screen.move(10)", show=False),
        Binding("pageup", "screen.move(-10)", show=False),
    ]


class Pick(Dialog[Value | None]):
    """A list to choose one from. With ``search`` a line above it narrows it by 汉字, pinyin,
    initials or English.
    """

    def __init__(
        self,
        title: str,
        choices: Iterable[Choice[Value]],
        *,
        help: str = "",
        value: Value | None = None,
        search: bool = False,
        empty: str = "没有可选的",
        keys: str = "上下键选择   Enter 确定   Esc 取消",
    ) -> None:
        super().__init__(title, keys=keys)
        self.choices: Sequence[Choice[Value]] = list(choices)
        self.shown: Sequence[Choice[Value]] = self.choices
        self.help_text, self.value, self.search, self.empty = help, value, search, empty

    def compose_body(self) -> ComposeResult:
        if self.help_text:
            yield Static(self.help_text, classes="dialog-help", markup=False)
        if self.search:
            yield Narrowing(placeholder="输入汉字、拼音首字母或英文查找")
        yield OptionList(id="choices")

    def on_mount(self) -> None:
        super().on_mount()
        self._fill()
        values = [one.value for one in self.choices]
        if self.value in values:
            self.option_list.highlighted = values.index(self.value)
        (self.query_one(Narrowing) if self.search else self.option_list).focus()

    @property
    def option_list(self) -> OptionList:
        """The list of what is shown now."""
        return self.query_one("#choices", OptionList)

    def on_resize(self) -> None:
        """Let the list have those lines of the box that stand free of title, help and keys."""
        help_lines = len(folded(self.help_text, self.room)) + 1 if self.help_text else 0
        beside = 6 + help_lines + (2 if self.search else 0)
        self.option_list.styles.max_height = max(self.size.height * 92 // 100 - beside, 3)
        self._fill(keep=True)

    @property
    def room(self) -> int:
        """The cells a line of the list has."""
        return min(76, self.size.width * 96 // 100) - 8

    def find(self, query: str) -> Sequence[Choice[Value]]:
        """Return the choices a query means."""
        return [one for one in self.choices if matches(query, one.text, one.words)]

    def _fill(self, *, keep: bool = False) -> None:
        here = self.option_list.highlighted or 0
        self.option_list.clear_options()
        self.option_list.add_options(
            [Option(one.line(self.room, whole=not self.search)) for one in self.shown]
        )
        if self.shown:
            self.option_list.highlighted = here if keep else 0
        else:
            self.option_list.add_option(Option(Text(self.empty, style="dim"), disabled=True))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.shown = self.find(event.value)
        self._fill()

    def action_move(self, by: int) -> None:
        """Move the mark while the line above has the focus."""
        if self.shown:
            here = self.option_list.highlighted or 0
            self.option_list.highlighted = min(max(here + by, 0), len(self.shown) - 1)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if self.shown and self.option_list.highlighted is not None:
            self.dismiss(self.shown[self.option_list.highlighted].value)

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.shown:
            self.dismiss(self.shown[event.option_index].value)
