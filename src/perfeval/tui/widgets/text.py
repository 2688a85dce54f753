"""A text of ours to read: folded as Chinese is, painted only when it is another one."""

from __future__ import annotations

from rich.text import Text
from textual.geometry import Size
from textual.widget import Widget

from perfeval.tui.folding import folded
from perfeval.tui.signs import on_screen


class Told(Widget):
    """Plain text, never markup, in signs of one width; where it ``hides``, only while it is empty.

    Lines that go on below are indented by ``hang`` cells.
    """

    DEFAULT_CSS = "Told { width: 1fr; height: auto; }"

    def __init__(self, *, hides: bool = False, hang: int = 0, **named: str) -> None:
        super().__init__(**named)  # type: ignore[arg-type]
        self.text = ""
        self.hang = hang
        self.hides = hides
        if hides:
            self.display = False

    def tell(self, text: str) -> None:
        """Show ``text``."""
        text = on_screen(text)
        if text != self.text:
            height = self.styles.height
            fixed = height is not None and not height.is_auto
            before = len(self._lines(self.size.width))
            self.text = text
            # Another layout only where other lines are needed: it would make typing lag.
            self.refresh(layout=not fixed and len(self._lines(self.size.width)) != before)
            if self.hides:
                self.display = bool(text)

    def _lines(self, width: int) -> list[str]:
        paragraphs = self.text.split("\n") if self.text else []
        return [line for one in paragraphs for line in folded(one, max(width, 1), hang=self.hang)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Text:
        """Draw the lines."""
        return Text("\n".join(self._lines(self.size.width)), no_wrap=True)
