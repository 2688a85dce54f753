"""帮助 (F1): the keys of the screen below and what the words mean, in plain Chinese; searchable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, Static

from perfeval.tui import actions
from perfeval.tui.folding import folded
from perfeval.tui.screens.base import BaseScreen
from perfeval.tui.widgets.entry import Entry
from perfeval.tui.widgets.keybar import KeyBar


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the field: what it is called, what it means, other words to find it by."""

    name: str
    meaning: str
    also: str = ""


@cache
def glossary() -> tuple[Term, ...]:
    """Return 名词解释, in the order of the file: ``词 | 也叫`` and an indented line of meaning."""
    text = files("perfeval.tui").joinpath("glossary.txt").read_text(encoding="utf-8")
    terms: list[Term] = []
    for line in text.splitlines():
        if line.startswith("    ") and terms:
            last = terms.pop()
            terms.append(Term(last.name, last.meaning + line.strip(), last.also))
        elif line.strip() and not line.startswith("#"):
            name, _, also = line.partition("|")
            terms.append(Term(name.strip(), "", also.strip()))
    return tuple(terms)


class Search(Entry):
    """The line that narrows help; up and down turn the pages below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "screen.turn(1)", show=False),
        Binding("up", "screen.turn(-1)", show=False),
        Binding("pagedown", "screen.turn(15)", show=False),
        Binding("pageup", "screen.turn(-15)", show=False),
    ]


class HelpScreen(BaseScreen):
    """Keys and words; typing narrows both."""

    CSS_PATH = "help.tcss"
    ALONE = True
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "返回", id="back")]

    def __init__(self, below: Screen[object]) -> None:
        super().__init__()
        self.keys = list(_keys_of(below))

    def compose(self) -> ComposeResult:
        yield Static(" 帮助", id="title", markup=False)
        yield Search(placeholder="查按键和名词：输入汉字、拼音首字母或英文", id="search")
        with VerticalScroll(id="help", can_focus=False):
            yield Static("", id="help-text", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        super().on_mount()
        self.run_worker(actions.prepare, thread=True, group="pinyin", exit_on_error=False)
        self._show("")
        self.query_one(Search).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value)

    def _show(self, query: str) -> None:
        width = max(self.size.width - 10, 40)
        self.query_one("#help-text", Static).update(help_text(query, self.keys, width))
        self.query_one("#help").scroll_home(animate=False)

    def on_resize(self) -> None:
        self._show(self.query_one(Search).value)

    def action_turn(self, lines: int) -> None:
        """Scroll the text while the search line keeps the focus."""
        self.query_one("#help").scroll_relative(y=lines, animate=False)

    def action_back(self) -> None:
        """Close help."""
        self.app.pop_screen()


def _keys_of(screen: Screen[object]) -> Iterator[tuple[str, str, str, str]]:
    """Yield (keys, title, help, other words) of what a screen binds, ours in table order."""
    keymap: dict[str, str] = getattr(screen.app, "_keymap", {})
    bound: dict[str, Binding] = {}
    for active in screen.active_bindings.values():
        if active.binding.description:
            bound.setdefault(active.binding.id or active.binding.action, active.binding)
    for action in actions.ACTIONS:
        if bound.pop(action.id, None):
            keys = actions.keys_text(action, keymap)
            yield keys, action.title, action.help, f"{action.english} {action.id}"
    for binding in bound.values():
        if binding.id:
            yield actions.key_text(binding.key), binding.description, binding.tooltip, binding.id


ALWAYS = (
    ("Tab / Shift+Tab", "下一栏、上一栏", "", "tab next"),
    ("Enter", "确定", "在输入栏里：存下这一栏，到下一栏", "enter"),
    ("Esc", "取消", "取消正在输入的内容；没有在输入时返回上一屏", "escape"),
    ("Ctrl+C X V", "复制、剪切、粘贴", "也可以用终端自己的复制粘贴", "copy cut paste"),
)


def help_text(query: str, keys: list[tuple[str, str, str, str]], width: int = 80) -> Text:
    """Return what a query finds among the keys and the words, in lines of at most ``width``;
    everything for an empty query.
    """
    text = Text()
    found = [one for one in (*keys, *ALWAYS) if actions.matches(query, one[1] + one[2], one[3])]
    terms = [one for one in glossary() if actions.matches(query, one.name, one.also)]
    if query:  # a word in a meaning counts, but behind the words themselves
        terms += [one for one in glossary() if query in one.meaning and one not in terms]
    if found:
        text.append("本屏的按键\n\n", style="bold underline")
        for pressed, title, about, _ in found:
            text.append(f"  {_padded(pressed, 18)}", style="bold")
            text.append(f"{_hung(f'{_padded(title, 15)}{about}', width, 20, 35)}\n")
        text.append("\n")
    if terms:
        text.append("名词解释\n\n", style="bold underline")
        for term in terms:
            text.append(f"  {term.name}\n", style="bold")
            text.append(f"    {_hung(term.meaning, width, 4, 4)}\n")
    if not found and not terms:
        text.append(f"没有找到“{query}”。换个词，或清空看全部", style="bold")
    return text


def _padded(text: str, width: int) -> str:
    return text + " " * max(width - cell_len(text), 1)


def _hung(text: str, width: int, first: int, others: int) -> str:
    return "\n".join(folded(text, width, first=first, hang=others))
