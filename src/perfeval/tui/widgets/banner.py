"""The first line of every screen: whose evaluation, what it is worth, when it was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.widgets import Static

from perfeval.scoring.scorecard import Status

if TYPE_CHECKING:
    from perfeval.tui.desk import Desk


class Banner(Static):
    """Unit · year · subject on the left; score, progress and the time of the last save right."""

    DEFAULT_CSS = "Banner { height: 1; background: $primary; color: $text; text-style: bold; }"

    left = right = ""

    def show(self, desk: Desk, subject: str) -> None:
        """Say where the desk's session stands."""
        session = desk.session
        self.left = " · ".join(
            part
            for part in (session.unit.name, f"{session.year}年度", session.stage, subject)
            if part
        )
        parts = []
        if (result := desk.scorecard.department) is not None:
            rows = list(result.indicators)
            done = sum(row.status is not Status.UNFILLED for row in rows)
            parts += [result.summary, f"{done}/{len(rows)}"]
        if desk.saved_at is not None:
            parts.append(f"已保存 {desk.saved_at:%H:%M:%S}")
        self.right = "  ".join(parts)
        self._paint()

    def on_resize(self) -> None:
        self._paint()

    def _paint(self) -> None:
        """Fit both sides: the right one is never cut, the left one gives way."""
        room = self.size.width - cell_len(self.right) - 3
        left = (
            self.left
            if cell_len(self.left) <= room
            else set_cell_size(self.left, max(room - 1, 0)).rstrip() + "…"
        )
        gap = " " * max(self.size.width - cell_len(left) - cell_len(self.right) - 2, 1)
        self.update(f" {left}{gap}{self.right} ", layout=False)
