"""指标体系: the places of an evaluation with mark and earned/points, scores in one column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from perfeval.scoring.scorecard import Status
from perfeval.tui.messages import IndicatorChosen, IndicatorOpened
from perfeval.tui.outline import TROUBLE, Node

INDENT = 2
_STYLES = {TROUBLE: "bold", Status.UNFILLED: "bold", Status.SCORED: "dim"}


class IndicatorTree(Tree[Node]):
    """The tree on the left. Moving tells :class:`IndicatorChosen`, Enter goes to the fields."""

    ICON_NODE = "> "
    ICON_NODE_EXPANDED = "v "
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "fold", "收起", show=False),
        Binding("right", "unfold", "展开", show=False),
    ]

    def __init__(self) -> None:
        super().__init__("", id="indicators")
        self.show_root = False
        self.show_guides = False
        self.guide_depth = INDENT
        self.auto_expand = False
        self.nodes: dict[str, TreeNode[Node]] = {}
        self._going = False

    def show(self, lines: Sequence[Node], here: str) -> None:
        """Show these lines, the cursor at ``here``; only what changed is touched."""
        shape = [(node.place, node.leaf) for node in lines]
        if shape != [(p, bool(n.data and n.data.leaf)) for p, n in self.nodes.items()]:
            self._rebuild(lines)
        for node in lines:
            shown = self.nodes[node.place]
            if shown.data != node:
                shown.data = node
                shown.refresh()
        self.go_to(here)

    def _rebuild(self, lines: Sequence[Node]) -> None:
        closed = {place for place, node in self.nodes.items() if not node.is_expanded}
        with self.prevent(Tree.NodeHighlighted):
            self.clear()
            self.nodes = {}
            parents: dict[int, TreeNode[Node]] = {0: self.root}
            for line in lines:
                shown = parents[line.depth].add(
                    Text(line.name), data=line, allow_expand=not line.leaf,
                    expand=not line.leaf and line.place not in closed,
                )  # fmt: skip
                parents[line.depth + 1] = shown
                self.nodes[line.place] = shown

    def go_to(self, place: str) -> None:
        """Put the cursor on ``place``, its parents opened."""
        node = self.nodes.get(place)
        if node is None or node is self.cursor_node:
            return
        above = node.parent
        while above is not None and above is not self.root:
            above.expand()
            above = above.parent
        self._going = True  # a rebuilt tree highlights whatever now stands on the old line
        self.call_after_refresh(self._move_to, place)

    def _move_to(self, place: str) -> None:
        self._going = False
        if (node := self.nodes.get(place)) is not None and node is not self.cursor_node:
            with self.prevent(Tree.NodeHighlighted):
                self.move_cursor(node)

    def render_label(self, node: TreeNode[Node], base_style: Style, style: Style) -> Text:
        """Draw a line in the width there is: name left, mark and score right."""
        line = node.data
        if line is None:
            return super().render_label(node, base_style, style)
        icon = (
            "  " if line.leaf else self.ICON_NODE_EXPANDED if node.is_expanded else self.ICON_NODE
        )
        width = self.scrollable_content_region.width or self.size.width
        text = icon + line.line(width, INDENT * line.depth + len(icon))
        drawn = Text(text, style=style, no_wrap=True)
        if told := _STYLES.get(line.mark, ""):
            at = text.rfind(line.mark)
            drawn.stylize(told, at, at + len(line.mark))
        return drawn

    def get_label_width(self, node: TreeNode[Node]) -> int:
        """Lines are as wide as the pane, so that there is nothing to scroll to."""
        depth = node.data.depth if node.data else 0
        return max(self.scrollable_content_region.width - INDENT * depth, 1)

    def on_resize(self, _: events.Resize) -> None:
        self._invalidate()
        self.refresh()

    def action_fold(self) -> None:
        """Close a tier or a group; from a line inside go to what it is in."""
        node = self.cursor_node
        if node is None:
            return
        if node.allow_expand and node.is_expanded:
            node.collapse()
        elif node.parent is not None and node.parent is not self.root:
            self.move_cursor(node.parent)

    def action_unfold(self) -> None:
        """Open a tier or a group; on a line with fields go to them."""
        node = self.cursor_node
        if node is None:
            return
        if node.allow_expand and not node.is_expanded:
            node.expand()
        elif node.data is not None:
            self.post_message(IndicatorOpened(node.data.place))

    @on(Tree.NodeHighlighted)
    def _chosen(self, event: Tree.NodeHighlighted[Node]) -> None:
        event.stop()
        if event.node.data and event.node is self.cursor_node and not self._going:
            self.post_message(IndicatorChosen(event.node.data.place))

    @on(Tree.NodeSelected)
    def _opened(self, event: Tree.NodeSelected[Node]) -> None:
        event.stop()
        if event.node.data:
            self.post_message(IndicatorOpened(event.node.data.place))
