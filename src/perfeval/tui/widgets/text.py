"""A text that is painted only when it is another one, with no layout where its height is fixed."""

from __future__ import annotations

from textual.widgets import Static


class Told(Static):
    """Plain text, never markup; hidden while it is empty, where ``hides`` says so."""

    DEFAULT_CSS = "Told { height: auto; }"

    def __init__(self, *, hides: bool = False, **named: str) -> None:
        super().__init__("", markup=False, **named)  # type: ignore[arg-type]
        self.text = ""
        self.hides = hides
        if hides:
            self.display = False

    def tell(self, text: str) -> None:
        """Show ``text``."""
        if text != self.text:
            self.text = text
            height = self.styles.height
            self.update(text, layout=height is None or height.is_auto)
            if self.hides:
                self.display = bool(text)
