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

    left: tuple[str, ...] = ()
    right = ""

    def show(self, desk: Desk, subject: str, evaluation: str = "department") -> None:
        """Say where the desk's session stands; the score is the one of ``evaluation``."""
        from perfeval.tui.outline import counted  # the engine comes after the first paint

        session = desk.session
        self.left = (session.unit.name, f"{session.year}年度", session.stage, subject)
        parts = []
        result = next((one for path, one in desk.scorecard.results if path == evaluation), None)
        if result is not None:
            done, of = counted(desk.evaluation(evaluation), desk.set_of(evaluation), result)
            parts += [result.summary, f"{done}/{of}"]
        if desk.saved_at is not None:
            parts.append(f"已保存 {desk.saved_at:%H:%M:%S}")
        self.right = "  ".join(parts)
        self._paint()

    def on_resize(self) -> None:
        self._paint()

    def _paint(self) -> None:
        """Fit both sides: the right one is never cut. On the left the unit's name gives way first,
        then the year; the subject says which of the unit's forms this is.
        """
        room = self.size.width - cell_len(self.right) - 3
        unit, *others = self.left or ("",)
        left = _joined(unit, *others)
        if cell_len(left) > room:
            left = _joined(_cut(unit, cell_len(unit) - cell_len(left) + room), *others)
        if cell_len(left) > room:
            left = _joined(_cut(unit, 8), *others[1:])
        if cell_len(left) > room:
            left = _cut(left, room, least=0)
        gap = " " * max(self.size.width - cell_len(left) - cell_len(self.right) - 2, 1)
        self.update(f" {left}{gap}{self.right} ", layout=False)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _cut(text: str, room: int, least: int = 8) -> str:
    """Return ``text`` in ``room`` cells, but not in fewer than ``least``."""
    room = max(room, least)
    return text if cell_len(text) <= room else f"{set_cell_size(text, room - 2).rstrip()}.."
