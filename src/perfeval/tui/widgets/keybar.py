"""The last line of every screen: the keys that matter most here, as many as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.widgets import Static

from perfeval.tui.actions import ACTIONS, BY_ID, key_text

if TYPE_CHECKING:
    from textual.screen import Screen

GAP = 2
ORDER = {action.id: at for at, action in enumerate(ACTIONS)}
OWN = 3
"""How soon a key of one screen alone gets room; see ``bar`` of :class:`.actions.Action`."""


LEAST = (80, 24)
"""Columns and rows from which on nothing has to be left out that matters."""
TOO_SMALL = "窗口请拉到 80 列 24 行以上"


def roomy(size: tuple[int, int]) -> bool:
    """Whether a terminal is large enough for everything that matters."""
    return size[0] >= LEAST[0] and size[1] >= LEAST[1]


class KeyBar(Static):
    """Keys and what they do, by number; it never runs over. A click presses the key.

    ``notes`` are short texts behind an action's title, by its id: 审核(3).
    """

    DEFAULT_CSS = "KeyBar { dock: bottom; height: 1; background: $panel; color: $foreground; }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.notes: dict[str, str] = {}
        self.doing = ""
        self._keys: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, _: Screen[object]) -> None:
        self.paint()

    def on_resize(self) -> None:
        self.paint()

    def note(self, action: str, text: str) -> None:
        """Put a text behind an action's title."""
        if self.notes.get(action, "") != text:
            self.notes[action] = text
            self.paint()

    def say(self, doing: str) -> None:
        """Say before the keys what is being done; an empty text takes it away."""
        if self.doing != doing:
            self.doing = doing
            self.paint()

    def paint(self) -> None:
        """Show the keys that can be pressed now; none below a dialog, which says its own."""
        if not self.is_attached or not self.screen.is_attached:
            return
        items = [(*self._words(binding), binding.key) for binding in self._pressable()]
        told = self.doing or ("" if roomy(self.app.size) else TOO_SMALL)
        doing = f"[{told}] " if told else ""
        line, at = Text(f" {doing}", style="", no_wrap=True), 1 + cell_len(doing)
        line.stylize("bold reverse", 1, 1 + len(doing.rstrip()))
        self._keys = []
        for place in fit(
            [(bar, f"{key} {title}") for bar, key, title, _ in items], self.size.width - at + 1
        ):
            _, key, title, press = items[place]
            line.append(" " * GAP if self._keys else "")
            line.append(key, style="bold")
            line.append(f" {title}")
            width = cell_len(f"{key} {title}")
            self._keys.append((at, at + width, press))
            at += width + GAP
        self.update(line, layout=False)

    def _pressable(self) -> list[Binding]:
        """Return what can be pressed now, function keys by number, then the others as listed."""
        found: dict[str, Binding] = {}
        if self.screen.is_active:
            for active in self.screen.active_bindings.values():
                if active.binding.show and active.binding.description:
                    found.setdefault(active.binding.action, active.binding)
        return sorted(found.values(), key=_place)

    def _words(self, binding: Binding) -> tuple[int, str, str]:
        """Return how soon a binding gets room, its key and its title."""
        action = BY_ID.get(binding.id or "")
        key = binding.key_display or key_text(binding.key)
        note = self.notes.get(binding.id or "", "")
        return action.bar if action else OWN, key, f"{binding.description}{note}"

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._keys:
            if start <= event.x < end:
                self.app.simulate_key(key)


def _place(binding: Binding) -> tuple[int, int]:
    """Return what the keys are sorted by: function keys by number, then the others as listed."""
    pressed = (binding.key_display or key_text(binding.key)).removeprefix("F")
    number = int(pressed) if pressed.isdigit() else 99
    return number, ORDER.get(binding.id or "", len(ORDER))


def fit(items: Sequence[tuple[int, str]], width: int) -> list[int]:
    """Return which of (rank, text) have room in ``width``: the lowest ranks, in their own order."""
    room = width - 2
    chosen: list[int] = []
    for place in sorted(range(len(items)), key=lambda place: items[place][0]):
        needed = cell_len(items[place][1]) + (GAP if chosen else 0)
        if needed <= room:
            chosen.append(place)
            room -= needed
    return sorted(chosen)
