"""指标体系: tiers, groups and indicators with earned/points and a mark each."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual import on
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from perfeval.numbers import Exact, decimal_text
from perfeval.scoring.scorecard import IndicatorResult, Result, Status
from perfeval.tui.messages import IndicatorChosen

MARKS = {
    Status.UNFILLED: "空",
    Status.SCORED: "  ",
    Status.MANUAL: "人",
    Status.UNPROVEN: "未",
    Status.NOT_APPLICABLE: "免",
}
"""What stands before an indicator; a word, since colour and odd glyphs are not for everyone."""

WIDTH = 34
"""Columns of a line, marks and scores included."""


class IndicatorTree(Tree[str]):
    """The tiers on the left. Its nodes carry paths; choosing one tells :class:`IndicatorChosen`."""

    ICON_NODE = "> "
    ICON_NODE_EXPANDED = "v "

    def __init__(self) -> None:
        super().__init__("", id="indicators")
        self.show_root = False
        self.show_guides = False
        self.guide_depth = 2
        self.nodes: dict[str, TreeNode[str]] = {}

    def show(self, prefix: str, result: Result, troubled: set[str]) -> None:
        """Show a result; nodes are made anew only when the rows are others than before."""
        lines = list(_lines(prefix, result, troubled))
        if [path for path, *_ in lines] != list(self.nodes):
            self._rebuild(lines)
        for path, _, text in lines:
            node = self.nodes[path]
            if str(node.label) != text:
                node.set_label(Text(text))

    def _rebuild(self, lines: list[tuple[str, int, str]]) -> None:
        here = self.cursor_node.data if self.cursor_node else None
        self.clear()
        self.nodes = {}
        parents = {0: self.root}
        for path, depth, text in lines:
            leaf = _is_leaf(path)
            node = parents[depth].add(Text(text), data=path, expand=not leaf, allow_expand=not leaf)
            parents[depth + 1] = node
            self.nodes[path] = node
        if here in self.nodes:
            self.move_cursor(self.nodes[here])

    def go_to(self, path: str) -> None:
        """Put the cursor on ``path``, its parents opened."""
        if (node := self.nodes.get(path)) is None:
            return
        above = node.parent
        while above is not None:
            above.expand()
            above = above.parent
        self.call_after_refresh(self.move_cursor, node)

    @on(Tree.NodeHighlighted)
    def _chosen(self, event: Tree.NodeHighlighted[str]) -> None:
        event.stop()
        if event.node.data:
            self.post_message(IndicatorChosen(event.node.data))


def _is_leaf(path: str) -> bool:
    return "/answers/" in path or "/rows/" in path


def _lines(prefix: str, result: Result, troubled: set[str]) -> list[tuple[str, int, str]]:
    """Return (path, depth, text) of every node."""
    lines = []
    for tier in result.tiers:
        at = f"{prefix}#{tier.name}"
        lines.append((at, 0, line(tier.name, tier.score, tier.points, 2)))
        for group in tier.groups:
            depth = 1
            if group.name:
                lines.append(
                    (f"{at}#{group.name}", 1, line(group.name, group.score, group.points, 4))
                )
                depth = 2
            for row in group.indicators:
                lines.append((row.path, depth, _row_line(row, 2 * depth + 2, row.path in troubled)))
    return lines


def _row_line(row: IndicatorResult, indent: int, trouble: bool) -> str:
    mark = "! " if trouble else f"{MARKS[row.status]}"
    return line(
        f"{mark}{' ' if not trouble else ' '}{row.name or '（未命名）'}",
        row.score,
        row.points,
        indent,
    )


def line(name: str, score: Exact | None, points: Exact, indent: int) -> str:
    """Return a name and ``earned/points`` in a line of fixed width."""
    earned = decimal_text(score, 2) if score is not None else "--"
    right = f"{earned}/{decimal_text(points)}"
    room = WIDTH - indent - cell_len(right) - 1
    return f"{set_cell_size(name, room)} {right}"
