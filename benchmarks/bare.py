"""The floor of the interface: a Textual app of a header, one Input and a footer."""

import os

os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header, Input


class Bare(App[None]):
    """Nothing but a field."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Input(placeholder="ready to type")
        yield Footer()


if __name__ == "__main__":
    Bare().run()
