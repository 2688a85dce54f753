"""Keys typed ahead of the screen: none reaches a field it was not meant for.

Textual hands a key to whatever has the focus when it arrives. Enter moves the focus some messages
later, so on a busy machine the first figures of the next field would land in this one. Here every
key after one that may move the focus waits until what that one began is done.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import events
from textual.widgets import Input, TextArea

if TYPE_CHECKING:
    from textual.app import App
    from textual.message_pump import MessagePump
    from textual.screen import Screen
    from textual.widget import Widget

PATIENCE = 3.0
"""Seconds after which keys go on whatever hangs, so that the program can always be left."""

_INSIDE = frozenset({"backspace", "delete", "left", "right", "home", "end"})


class TypeAhead:
    """Keeps keys and pastes while an earlier one is at work, and hands them on in order."""

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._kept: deque[events.Key | events.Paste] = deque()
        self._passing: list[events.Key | events.Paste] = []
        self._work: asyncio.Task[None] | None = None
        self.awaited: set[Screen[Any]] = set()
        """The screens whose answer somebody waits for: while one is on top, nothing is at work."""

    @property
    def busy(self) -> bool:
        """Whether a key is still at work, or others wait for it."""
        return self._work is not None

    def keep(self, event: events.Key | events.Paste) -> bool:
        """Take an event in keeping if it has to wait; else it is to be dispatched now."""
        if event in self._passing:
            self._passing.remove(event)
            return False
        if self._work is None and not may_move(event, self._app.focused):
            return False
        self._kept.append(event)
        if self._work is None:
            self._work = asyncio.create_task(self._hand_on())
        return True

    async def _hand_on(self) -> None:
        """Hand on what is kept; what may move the focus has everything before and after it done.

        Before, too: the app answers its own keys at once, while the field still has signs to take.
        """
        try:
            while self._kept:
                event = self._kept.popleft()
                if moving := may_move(event, self._app.focused):
                    await self._quiet()
                self._passing.append(event)
                self._app.post_message(event)
                if moving:
                    await self._quiet()
        finally:
            self._work = None

    async def _quiet(self) -> None:
        """Wait until nothing is under way between the focused widget and the app."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while await self._something_went_on():
                    pass

    async def _something_went_on(self) -> bool:
        """Go round once; whether anything was found that may still move the focus."""
        await _dealt_with(self._app)
        await _painted(self._app)
        before = any(map(_waiting, self._chain()))
        for pump in self._chain():
            await _dealt_with(pump)
        if self._at_work():
            await asyncio.sleep(0.005)
            return True
        return before or any(map(_waiting, self._chain()))

    def _chain(self) -> list[MessagePump]:
        """The focused widget and everything above it, from below: the way messages go."""
        start = self._app.focused or self._app.screen
        return [*start.ancestors_with_self]

    def _at_work(self) -> bool:
        """Whether something goes from screen to screen, or is about to ask."""
        groups = {one.group for one in self._app.workers if not one.is_finished}
        return bool(groups & {"going", "asking"}) and self._app.screen not in self.awaited


def may_move(event: events.Key | events.Paste, focused: Widget | None) -> bool:
    """Whether an event may do more than change the text of the focused field."""
    if isinstance(event, events.Paste) or not isinstance(focused, Input | TextArea):
        return True
    return not (event.is_printable or event.key in _INSIDE)


def _waiting(pump: MessagePump) -> bool:
    return pump.message_queue_size > 0


async def _dealt_with(pump: MessagePump) -> None:
    """Wait until a pump has dealt with everything it was sent before."""
    done = asyncio.Event()
    if pump.call_later(done.set):
        await done.wait()


async def _painted(app: App[None]) -> None:
    """Wait until the screen is laid out: a table is filled when its size is known."""
    done = asyncio.Event()
    if app.call_after_refresh(done.set):
        await done.wait()
