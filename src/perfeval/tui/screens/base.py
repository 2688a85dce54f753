"""What every screen shares: the cursor where the input method looks for it, banner and key bar.

The first screen paints before anything of the engine is imported, so the banner is imported by
the screens that have one.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import takewhile
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from perfeval.tui import actions
from perfeval.tui.messages import FindingsChanged, SessionChanged, TypingHandedIn
from perfeval.tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from perfeval.tui.app import PerfevalApp
    from perfeval.tui.desk import Desk

WIDE = 100
"""From this many columns on, panes stand beside each other; below it they are tabs."""


Answer = TypeVar("Answer")


class PinnedCursor(Screen[Answer]):
    """Keeps the terminal's cursor in the field, where an input method shows its candidates.

    Textual sets it on focus and on keys only; here also after every layout. What gains or loses
    the focus paints itself: the whole screen, as Textual has it, would be 20 kB at every Tab.
    """

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def on_mount(self) -> None:
        self.screen_layout_refresh_signal.subscribe(self, self._pin_terminal_cursor)
        self.bindings_updated_signal.subscribe(self, self._mind_lost_focus)

    def _pin_terminal_cursor(self, _: Screen[object]) -> None:
        offset = getattr(self.focused, "cursor_screen_offset", None)
        if self.is_active and offset is not None:  # is_current holds behind a dialog, too
            self.app.cursor_position = offset

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Stop the painted cursor blinking: the terminal's own one stands there, and a repaint
        twice a second is felt over a slow line.
        """
        if hasattr(event.widget, "cursor_blink"):
            event.widget.cursor_blink = False

    def _mind_lost_focus(self, _: Screen[object]) -> None:
        """A focus that comes when its field was removed already would swallow every key."""
        if self._focus_is_lost:
            self.call_later(self._refocus)

    @property
    def _focus_is_lost(self) -> bool:
        return self.is_attached and self.focused is not None and not self.focused.is_attached

    def _refocus(self) -> None:
        if self._focus_is_lost:
            self.set_focus(None)
            self.focus_next()


class BaseScreen(PinnedCursor[object]):
    """A screen of the interface: whole, not a dialog. ``ALONE`` is one that leads nowhere else."""

    ALONE: ClassVar[bool] = False
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012
        (0, "-narrow"),
        (WIDE, "-wide"),
    ]

    @property
    def home_app(self) -> PerfevalApp:
        """The app, by its own type."""
        from perfeval.tui.app import PerfevalApp

        assert isinstance(self.app, PerfevalApp)
        return self.app

    @property
    def desk(self) -> Desk:
        """What the interface works on."""
        return self.home_app.desk

    async def commit_typing(self) -> None:
        """Have the field being typed in hand in its text, and wait until it is dealt with.

        A field that holds uncommitted text has a ``commit`` method; what it posts bubbles to this
        screen before the message sent after it.
        """
        above = self.focused.ancestors_with_self if self.focused else []
        inside = takewhile(lambda node: node is not self, above)
        field = next((node for node in inside if callable(getattr(node, "commit", None))), None)
        if field is not None:
            dealt_with = asyncio.Event()
            field.commit()  # type: ignore[attr-defined]
            field.post_message(TypingHandedIn(dealt_with))
            while field.is_attached and not dealt_with.is_set():  # one that goes tells nothing
                with suppress(TimeoutError):
                    await asyncio.wait_for(dealt_with.wait(), timeout=0.05)

    async def may_leave(self) -> bool:
        """Whether another screen may take the place of this one; it may ask the user first."""
        return True

    @on(TypingHandedIn)
    def _typing_handed_in(self, event: TypingHandedIn) -> None:
        event.stop()
        event.dealt_with.set()


class SessionScreen(BaseScreen):
    """A screen of an open session: :meth:`show` paints what there is, whenever that changes."""

    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.SESSION)
    TITLE_PART = ""

    def compose(self) -> ComposeResult:
        from perfeval.tui.widgets.banner import Banner

        yield Banner()
        yield from self.compose_body()
        yield KeyBar()

    def compose_body(self) -> ComposeResult:
        """Yield what stands between banner and footer."""
        yield from ()

    def on_mount(self) -> None:
        super().on_mount()
        self.repaint()

    def repaint(self) -> None:
        """Show the session as it stands, banner included."""
        from perfeval.tui.widgets.banner import Banner

        if self.desk.is_open and not self.present:
            self.give_way()
        elif self.desk.is_open:
            self.query_one(Banner).show(self.desk, self.subject, self.scored)
            serious = sum(one.level.rank < 2 and not one.waiver for one in self.desk.findings)
            self.query_one(KeyBar).note("findings", f"({serious})" if serious else "")
            self.show()

    @property
    def present(self) -> bool:
        """Whether what the screen shows is still in the session: an undo may have removed it."""
        return True

    def give_way(self) -> None:
        """Make room for a screen that still has something to show."""
        self.app.call_later(self.app.pop_screen)  # awaited here, it would wait for itself

    @property
    def scored(self) -> str:
        """The evaluation whose score the banner tells."""
        return "department"

    @property
    def subject(self) -> str:
        """What this screen is about, in the banner: 部门整体自评, a project's name, 审核 …"""
        return self.TITLE_PART

    def show(self) -> None:
        """Paint the screen from the desk. It is called after every change: keep it quick."""

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self.repaint()

    async def finish(self) -> None:
        """Show what :meth:`show` left for later because it has to be awaited."""

    @on(SessionChanged)
    @on(FindingsChanged)
    async def _changed(self) -> None:
        """Show the change in one layout and one painting: what has changed says so first."""
        with self.app.batch_update():
            self.repaint()
            await self.finish()
            await asyncio.sleep(0)

    def action_back(self) -> None:
        """Leave this screen."""
        self.app.pop_screen()
