"""What every screen shares: the cursor where the input method looks for it, and the banner."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Footer

from perfeval.tui import actions
from perfeval.tui.messages import FindingsChanged, SessionChanged
from perfeval.tui.widgets.banner import Banner

if TYPE_CHECKING:
    from perfeval.tui.app import PerfevalApp
    from perfeval.tui.desk import Desk

WIDE = 100
"""From this many columns on, panes stand beside each other; below it they are tabs."""


class BaseScreen(Screen[object]):
    """A screen of the interface. Textual sets the terminal's cursor on focus and on keys only;
    here also after every layout, so that an input method's candidates stand at the field.
    """

    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [
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

    def on_mount(self) -> None:
        self.screen_layout_refresh_signal.subscribe(self, self._pin_terminal_cursor)

    def _pin_terminal_cursor(self, _: Screen[object]) -> None:
        offset = getattr(self.focused, "cursor_screen_offset", None)
        if self.is_active and offset is not None:  # is_current holds behind a dialog, too
            self.app.cursor_position = offset


class SessionScreen(BaseScreen):
    """A screen of an open session: :meth:`show` paints what there is, whenever that changes."""

    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.SESSION)
    TITLE_PART = ""

    def compose(self) -> ComposeResult:
        yield Banner()
        yield from self.compose_body()
        yield Footer(show_command_palette=False)

    def compose_body(self) -> ComposeResult:
        """Yield what stands between banner and footer."""
        yield from ()

    def on_mount(self) -> None:
        super().on_mount()
        self.repaint()

    def repaint(self) -> None:
        """Show the session as it stands, banner included."""
        if self.desk.is_open:
            self.query_one(Banner).show(self.desk, self.subject)
            self.show()

    @property
    def subject(self) -> str:
        """What this screen is about, in the banner: 部门整体自评, a project's name, 审核 …"""
        return self.TITLE_PART

    def show(self) -> None:
        """Paint the screen from the desk. It is called after every change: keep it quick."""

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self.repaint()

    @on(SessionChanged)
    def _session_changed(self) -> None:
        self.repaint()

    @on(FindingsChanged)
    def _findings_changed(self) -> None:
        self.repaint()

    def action_back(self) -> None:
        """Leave this screen."""
        self.app.pop_screen()
