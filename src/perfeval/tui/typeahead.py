"""Keys typed ahead of the screen: none reaches a field it was not meant for.

Textual hands a key to whatever has the focus when it arrives. Enter moves the focus some messages
later, so on a busy machine the first figures of the next field would land in this one. Here every
key after one that may move the focus waits until what that one began is done.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import events
from textual.widgets import Input, TextArea
from textual.worker import WorkerCancelled, WorkerFailed

if TYPE_CHECKING:
    from textual.app import App
    from textual.message_pump import MessagePump
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

    @property
    def busy(self) -> bool:
        """Whether a key is still at work, or others wait for it."""
        return self._work is not None

    def keep(self, event: events.Key | events.Paste) -> bool:
        """Take an event in keeping if it has to wait; else it is to be dispatched now."""
        if event in self._passing:
            self._passing.remove(event)
            return False
        if self._work is not None:
            self._kept.append(event)
            return True
        if may_move(event, self._app.focused):
            self._work = asyncio.create_task(self._go_on())
        return False

    async def _go_on(self) -> None:
        """Wait until the event is dealt with, then hand on what came meanwhile."""
        try:
            while True:
                await self._quiet()
                while self._kept:
                    event = self._kept.popleft()
                    self._passing.append(event)
                    self._app.post_message(event)
                    if may_move(event, self._app.focused):
                        break
                else:
                    return
        finally:
            self._work = None

    async def _quiet(self) -> None:
        """Wait until nothing is under way between the focused widget and the app."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                quiet = False
                while not quiet:
                    await _dealt_with(self._app)
                    quiet = not any(map(_waiting, self._chain()))
                    for pump in self._chain():
                        await _dealt_with(pump)
                    quiet = quiet and not any(map(_waiting, self._chain()))
                    quiet = quiet and not await self._gone()

    def _chain(self) -> list[MessagePump]:
        """The focused widget and everything above it, from below: the way messages go."""
        start = self._app.focused or self._app.screen
        return [*start.ancestors_with_self]

    async def _gone(self) -> bool:
        """Wait for what goes from screen to screen; whether there was any."""
        going = [one for one in self._app.workers if one.group == "going" and not one.is_finished]
        with suppress(WorkerFailed, WorkerCancelled):
            await self._app.workers.wait_for_complete(going)
        return bool(going)


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
