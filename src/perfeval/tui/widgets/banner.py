"""The first line of every screen: whose evaluation, what it is worth, when it was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.widgets import Static

if TYPE_CHECKING:
    from perfeval.tui.desk import Desk


class Banner(Static):
    """Unit, year and subject on the left; score, progress and the time of the last save right."""

    DEFAULT_CSS = "Banner { height: 1; background: $primary; color: $text; text-style: bold; }"

    left = right = ""

    def show(self, desk: Desk, subject: str, evaluation: str = "department") -> None:
        """Say where the desk's session stands; the score is the one of ``evaluation``."""
        from perfeval.tui.outline import counted  # the engine comes after the first paint

        session = desk.session
        self.left = " · ".join(
            part
            for part in (session.unit.name, f"{session.year}年度", session.stage, subject)
            if part
        )
        parts = []
        result = next((one for path, one in desk.scorecard.results if path == evaluation), None)
        if result is not None:
            done, of = counted(result)
            parts += [result.summary, f"{done}/{of}"]
        if desk.saved_at is not None:
            parts.append(f"已保存 {desk.saved_at:%H:%M:%S}")
        self.right = "  ".join(parts)
        self._paint()

    def on_resize(self) -> None:
        self._paint()

    def _paint(self) -> None:
        """Fit both sides: the right one is never cut, the left one gives way."""
        room = self.size.width - cell_len(self.right) - 3
        left = self.left
        if cell_len(left) > room:
            left = set_cell_size(left, max(room - 2, 0)).rstrip() + ".."
        gap = " " * max(self.size.width - cell_len(left) - cell_len(self.right) - 2, 1)
        self.update(f" {left}{gap}{self.right} ", layout=False)
