"""One line to type into, wherever something is typed: dialogs, searches, settings, fields.

Nothing of the engine is imported here: dialogs stand before it is.
"""

from __future__ import annotations

from textual import events
from textual.geometry import Offset, Size
from textual.reactive import Reactive
from textual.widgets import Input

from perfeval.tui.signs import may_stand, pasted_lines

LONGEST = 400
"""Characters of a line unless said otherwise: what a session file allows in a short field."""


class Entry(Input):
    """A line. What cannot stand in it is told (``told``) and left out; a text that would be too
    long is told and left out whole. Lines and columns of a paste are put in one line, and told.
    """

    DEFAULT_CSS = """
    Entry {
        width: 1fr; min-width: 8; height: 1; border: none; padding: 0; background: $panel;
    }
    Entry:focus { background: $secondary 30%; text-style: none; }
    """

    virtual_size = Reactive(Size(0, 0), layout=False)
    """How far the text reaches; it scrolls inside the line, so no key lays the screen out anew."""

    def __init__(
        self, value: str = "", *, placeholder: str = "", limit: int = LONGEST,
        select_on_focus: bool = False, disabled: bool = False, id: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            value, placeholder=placeholder, compact=True, select_on_focus=select_on_focus,
            disabled=disabled, id=id,
        )  # fmt: skip
        self._limit = limit
        self.told = ""

    @property
    def limit(self) -> int:
        """The most characters that may stand here."""
        return self._limit

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the next sign will stand; Textual says one cell further at the end of a line."""
        return super().cursor_screen_offset - Offset(int(self.cursor_at_end), 0)

    def fitting(self, text: str) -> str:
        """Return what of a typed or pasted text may stand here; what may not is told."""
        shown = "".join(sign for sign in text if may_stand(sign))
        if shown != text:
            self.told = "不能显示的字符没有输入"
        return shown

    def replace(self, text: str, start: int, end: int) -> None:
        """Put ``text`` in place of what stands between two places, if it may be there."""
        text = self.fitting(text)
        over = len(self.value) - abs(end - start) + len(text) - self.limit
        if text and over > 0:
            self.told = f"最多 {self.limit} 字，超出 {over} 字，刚才的内容没有放入"
            text, start, end = "", 0, 0
        if text or start != end:
            super().replace(text, start, end)
        if self.told:
            self._tell()

    def tell(self, told: str) -> None:
        """Say why something was not put in; whoever shows the line hears it as a change."""
        self.told = told
        self._tell()

    def _tell(self) -> None:
        self.post_message(self.Changed(self, self.value))

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.told = ""
        lines = pasted_lines(event.text)
        self.take_pasted(lines)
        if len(lines) > 1 and not self.told:
            self.tell(f"粘贴的 {len(lines)} 行已连成一行")

    def take_pasted(self, lines: list[str]) -> None:
        """Put pasted lines in, as one."""
        self.replace(" ".join(lines), *self.selection)
