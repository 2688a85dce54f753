"""扣分明细: where the points went and why.

The screen lists what was lost, worst first; the 扣分明细表 of the workbook lists every indicator
that has not all its points, in printed order. What lost points, by which arithmetic and for what
reason is decided here for both; the losses add up to what is missing from the total.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from perfeval.indicators.model import Rounding
from perfeval.numbers import Exact
from perfeval.scoring.scorecard import IndicatorResult, Result, Scorecard, Status
from perfeval.scoring.trace import trace
from perfeval.session.model import Session


@dataclass(frozen=True, slots=True)
class Deduction:
    """An indicator that earned less than its points. ``lost`` = points − score, always above 0.

    ``why`` is the rule's working as the trace prints it; ``reason`` the 偏差原因 the unit wrote.
    """

    path: str
    evaluation: str
    tier: str
    name: str
    points: Exact
    score: Exact
    target: str
    actual: str
    why: str
    reason: str

    @property
    def lost(self) -> Exact:
        return self.points - self.score


def deductions(session: Session, card: Scorecard) -> list[Deduction]:
    """Return what the department and every project that takes part lost, in their order.

    A row without a 偏差原因 of its own has its project's.
    """
    found = []
    if card.department is not None:
        found += _of("部门整体", card.department, "")
    for project in card.projects:
        if project.result is not None and not project.excluded:
            reason = session.projects[project.key].deviation_reason
            found += _of(project.name, project.result, reason)
    return found


def lacks_points(row: IndicatorResult) -> bool:
    """Whether an indicator that takes part has not all its points: it lost some, or is 未填."""
    if row.status is Status.NOT_APPLICABLE:
        return False
    return row.score is None or row.score < row.points


def how(row: IndicatorResult, rounding: Rounding) -> str:
    """Return how the score came about, in lines: value, target, rule and arithmetic."""
    shown = ("得", "指标值", "规则", "计分", "调整", "人工赋分")
    steps = trace(row, rounding)
    return "\n".join(f"{step.label} {step.text}" for step in steps if step.label in shown)


def _of(evaluation: str, result: Result, reason: str) -> list[Deduction]:
    lost = [
        _deduction(evaluation, row, row.score, result, reason)
        for row in result.indicators
        if row.score is not None and lacks_points(row)
    ]
    return sorted(lost, key=lambda one: -one.lost)


def _deduction(
    evaluation: str, row: IndicatorResult, score: Exact, result: Result, reason: str
) -> Deduction:
    item, answer = row.item, row.item.answer
    return Deduction(
        path=row.path,
        evaluation=evaluation,
        tier=item.tier,
        name=row.name,
        points=row.points,
        score=score,
        target=item.target.raw if item.target else "",
        actual=row.value_text,
        why="；".join(_told(row, result)),
        reason=(answer.deviation_reason if answer else "") or reason,
    )


def _told(row: IndicatorResult, result: Result) -> Iterator[str]:
    """Yield what the trace says of how the points were lost."""
    steps = {step.label: step.text for step in trace(row, result.set.rounding)}
    worked = steps.get("计分", "")
    yield worked if "=" in worked else steps.get("规则", worked)  # a bare 0 explains nothing
    for label in ("人工赋分", "分母为 0"):
        if label in steps:
            yield f"{label}：{steps[label]}"
    unmet = [
        name for name in row.item.rule.element_names() if row.item.given.elements.get(name) is False
    ]
    if unmet:
        yield f"不符合：{'、'.join(unmet)}"
