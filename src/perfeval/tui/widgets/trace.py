"""计分过程 beside the fields: how the score comes about, what does not hold, what would change it."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.widgets import Static

from perfeval.checks import Finding
from perfeval.indicators.model import IndicatorSet
from perfeval.scoring.scorecard import IndicatorResult, Result
from perfeval.scoring.trace import alternative_scores, trace
from perfeval.scoring.whatif import indicator_margins


class TracePane(VerticalScroll):
    """The right pane; plain text, rebuilt for every change."""

    def compose(self):  # type: ignore[no-untyped-def]
        """Yield the one text."""
        yield Static("", id="trace-text", markup=False)

    def show(self, row: IndicatorResult, result: Result, findings: list[Finding]) -> None:
        """Show one indicator's trace, findings and 测算."""
        self.query_one("#trace-text", Static).update(
            "\n".join(trace_lines(row, result.set, findings))
        )


def trace_lines(
    row: IndicatorResult, indicator_set: IndicatorSet, findings: list[Finding]
) -> list[str]:
    """Return the right pane's text: trace, findings, alternatives, 测算."""
    rounding = indicator_set.rounding
    lines = [f"{n} {step.label} {step.text}" for n, step in enumerate(trace(row, rounding), 1)]
    if findings:
        lines += ["", "─ 审核 ─", *(f"{finding.level} {finding.message}" for finding in findings)]
    if others := list(alternative_scores(row, rounding.score)):
        lines += ["", "─ 另一种算法 ─", *(f"{note}：{score}" for note, score in others)]
    if margins := list(indicator_margins(row, indicator_set)):
        lines += ["", "─ 测算 ─", *(margin.text for margin in margins)]
    return lines
