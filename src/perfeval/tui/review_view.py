"""复核 as it is shown: self and reviewed score side by side, and what the review changes in all."""

from __future__ import annotations

from collections.abc import Sequence

from perfeval.numbers import Exact, decimal_text
from perfeval.scoring.review import MarkedIndicator, ReviewDiff
from perfeval.scoring.scorecard import IndicatorResult
from perfeval.scoring.trace import trace
from perfeval.session.model import Feedback, Session
from perfeval.tui.widgets.grid import Column, Row

COLUMNS = (
    Column("一级指标", 14, rank=2),
    Column("三级指标", 0, least=20),
    Column("分值", 5, "right"),
    Column("自评", 7, "right"),
    Column("复核", 7, "right"),
    Column("差", 7, "right", rank=1),
    Column("结论", 8),
    Column("意见", 24, rank=3),
    Column("反馈", 6, rank=4),
)

STOCK_OPINIONS = (
    "缺少佐证材料，请补充后再评",
    "佐证材料与填报的完成值不一致，按材料核定",
    "年度指标值设置偏低，请说明依据",
    "实际完成值的计算口径有误，按公式重新计算",
    "满意度没有调查样本，不能按满分计",
    "偏差原因不具体，请写明原因和改进措施",
    "与决算数不一致，按决算数核定",
)
"""Opinions to begin with; each is edited before it is saved."""


def rows_of(session: Session, diff: ReviewDiff) -> list[Row]:
    """Return a row for every indicator of the evaluation under review."""
    marked = {one.path: one for one in diff.marked}
    return [
        _row(row, marked.get(row.path), session.feedback.get(row.path))
        for row in diff.own.indicators
    ]


def _row(row: IndicatorResult, marked: MarkedIndicator | None, answer: Feedback | None) -> Row:
    reviewed = marked.reviewed if marked else None
    verdict = ""
    if marked:
        verdict = "过期" if marked.outdated else marked.mark.verdict
    style = "bold" if marked and (marked.outdated or marked.mark.verdict != "认可") else ""
    return Row(
        row.path,
        (
            row.item.tier,
            row.name,
            decimal_text(row.points),
            _score(row.score),
            _score(reviewed),
            difference_text(marked.difference) if marked and marked.difference else "",
            verdict,
            marked.mark.opinion if marked else "",
            "" if answer is None else "采纳" if answer.accepted else "不采纳",
        ),
        style,
    )


def _score(value: Exact | None) -> str:
    return "" if value is None else decimal_text(value, 2)


def difference_text(value: Exact) -> str:
    """Return a difference with its sign: ``+0.50``, ``-1.15``."""
    return f"{'+' if value > 0 else ''}{decimal_text(value, 2)}"


def overview(session: Session, diff: ReviewDiff) -> str:
    """Return the review of one evaluation in a line: progress, net effect, grade before, after."""
    done, all_ = len(diff.marked), len(diff.marked) + len(diff.unmarked)
    times = len(session.submissions)
    parts = [f"第 {times} 次上报" if times else "尚未上报", f"已复核 {done}/{all_}"]
    if diff.changed:
        word = "核增" if diff.net > 0 else "核减"
        parts.append(f"改动 {len(diff.changed)} 项，净{word} {decimal_text(abs(diff.net), 2)} 分")
    own, reviewed = diff.own, diff.reviewed
    if own.complete and reviewed.complete:
        parts.append(
            f"{own.total_text} {own.grade or ''} -> {reviewed.total_text} {reviewed.grade or ''}"
        )
    if stale := sum(one.outdated for one in diff.marked):
        parts.append(f"过期 {stale} 项")
    unanswered = [one for one in diff.changed if one.path not in session.feedback]
    if unanswered:
        parts.append(f"待反馈 {len(unanswered)} 项")
    return "  ".join(parts)


def detail_lines(session: Session, diff: ReviewDiff, path: str) -> list[str]:
    """Return the trace of one indicator, the mark on it, and what the unit answered."""
    row = next((one for one in diff.own.indicators if one.path == path), None)
    if row is None:
        return []
    steps = trace(row, diff.own.set.rounding)
    lines = [f"{n} {step.label} {step.text}" for n, step in enumerate(steps, 1)]
    answer = row.item.answer
    for title, text in (
        ("偏差原因", answer.deviation_reason if answer else ""),
        ("评分依据", answer.basis if answer else ""),
        ("佐证材料", f"{len(answer.evidence)} 份" if answer and answer.evidence else ""),
    ):
        if text:
            lines.append(f"{title}：{text}")
    if (mark := session.marks.get(path)) is not None:
        told = f"{mark.verdict} {mark.score}" + (f"，{mark.opinion}" if mark.opinion else "")
        lines.append(f"复核（{mark.who or '未署名'}，第 {mark.round} 次上报）：{told}")
        if any(one.path == path and one.outdated for one in diff.marked):
            lines.append("复核之后填报内容或所用的数改过，复核结论过期，请重新复核")
    if (said := session.feedback.get(path)) is not None:
        lines.append(f"反馈意见：{'采纳' if said.accepted else f'不采纳，{said.reason}'}")
    return lines


def next_unmarked(diff: ReviewDiff, path: str) -> str:
    """Return the next indicator without a valid mark after ``path``; empty where all have one."""
    stale = {one.path for one in diff.marked if one.outdated}
    rows = [row.path for row in diff.own.indicators]
    at = rows.index(path) + 1 if path in rows else 0
    wanted: Sequence[str] = [*rows[at:], *rows[:at]]
    return next((one for one in wanted if one in diff.unmarked or one in stale), "")
