"""计分过程 beside the fields: how the score comes about, what does not hold, what would
change it.
"""

from __future__ import annotations

from collections import Counter

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from perfeval.checks import Finding
from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import decimal_text
from perfeval.scoring.scorecard import IndicatorResult, Result
from perfeval.scoring.trace import alternative_scores, trace
from perfeval.scoring.whatif import grade_distances, indicator_margins
from perfeval.tui.widgets.text import Told

MOST_FINDINGS = 12
"""More findings are for 审核; here they would hide everything else."""


class TracePane(VerticalScroll):
    """The right pane; plain text, made anew for every change."""

    def compose(self) -> ComposeResult:
        yield Told(id="trace-text", hang=2)

    def show(self, row: IndicatorResult | None, result: Result, findings: list[Finding]) -> None:
        """Show one indicator's trace, findings and 测算; without one, where the whole stands."""
        lines = (
            trace_lines(row, result.set, findings)
            if row is not None
            else overview_lines(result, findings)
        )
        self.query_one(Told).tell("\n".join(lines))


def _headed(title: str, lines: list[str]) -> list[str]:
    return ["", f"- {title} -", *lines] if lines else []


def _finding_lines(findings: list[Finding]) -> list[str]:
    lines = [f"{finding.level} {finding.message}" for finding in findings[:MOST_FINDINGS]]
    more = len(findings) - MOST_FINDINGS
    return [*lines, f"还有 {more} 条，见审核（F7）"] if more > 0 else lines


def trace_lines(
    row: IndicatorResult, indicator_set: IndicatorSet, findings: list[Finding]
) -> list[str]:
    """Return the right pane's text: trace, findings, alternatives, 测算."""
    rounding = indicator_set.rounding
    lines = [f"{n} {step.label} {step.text}" for n, step in enumerate(trace(row, rounding), 1)]
    lines += _headed("审核", _finding_lines(findings))
    others = [f"{note}：{score}" for note, score in alternative_scores(row, rounding.score)]
    lines += _headed("另一种算法", others)
    margins = [margin.text for margin in indicator_margins(row, indicator_set)]
    return lines + _headed("测算", margins)


def overview_lines(result: Result, findings: list[Finding]) -> list[str]:
    """Return where an evaluation stands: its tiers, the distance to a grade, what does not hold."""
    lines = []
    for tier in result.tiers:
        score = decimal_text(tier.score, 2) if tier.score is not None else "--"
        lines.append(f"{tier.name}  {score} / {decimal_text(tier.points)}")
    lines.append(f"合计  {result.summary}")
    if result.complete:
        lines += _headed("等级", [distance.text for distance in grade_distances(result)])
    counts = Counter(str(finding.level) for finding in findings)
    told = "，".join(f"{level} {count} 条" for level, count in counts.items())
    return lines + _headed("审核", [f"{told}（F7 查看）"] if told else [])
