"""计分过程: why an indicator has its score, in the words a form can print.

A trace is made on demand by replaying the item through the very functions that scored it
(:func:`.engine.score_item`'s parts), so there is no second engine to disagree with. The screen,
the Excel note, the Word sentence and the JSON all print these steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from perfeval.indicators.model import Rounding
from perfeval.indicators.rules import Unanswered
from perfeval.indicators.target import Operator
from perfeval.numbers import Exact, decimal_text, half_up
from perfeval.scoring.engine import score_item
from perfeval.scoring.scorecard import (
    ZERO_DENOMINATOR,
    IndicatorResult,
    Item,
    Status,
    printed_value,
)
from perfeval.session.model import OwnIndicator

PARTS = {
    "formula": "公式",
    "rule": "计分规则",
    "target": "年度指标值",
    "elements": "要素",
    "rate": "得分率计法",
    "weights": "分值",
    "points": "分值",
    "actual": "实际完成值",
    "input": "基础数据",
}
"""The parts of an indicator that carry an evidence tag, as people call them."""


_ZERO = {"满分": "按规定得满分", "0": "按规定按 0 计", "error": "不能计算，请核对分母"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is (公式, 代入, 规则, 计分, 得分 …), its text, and its value if any."""

    label: str
    text: str
    value: Exact | None = None


def trace(result: IndicatorResult, rounding: Rounding) -> list[Step]:
    """Return the steps to a result. The last step's value is ``result.score``."""
    return list(_steps(result, rounding))


def trace_text(result: IndicatorResult, rounding: Rounding) -> str:
    """Return the trace as numbered lines, as a note or a screen shows it."""
    steps = trace(result, rounding)
    return "\n".join(f"{n} {step.label} {step.text}" for n, step in enumerate(steps, 1))


def doubts_text(item: Item) -> str:
    """Return what the score rests on without being trusted: ``计分规则拟定、年度指标值拟定``."""
    told = dict.fromkeys(f"{PARTS.get(part, part)}{tag.label}" for part, tag in item.doubts)
    return "、".join(told)


def _steps(result: IndicatorResult, rounding: Rounding) -> Iterator[Step]:
    item = result.item
    if result.status is Status.NOT_APPLICABLE:
        reason = item.answer.not_applicable if item.answer else ""
        yield Step("不适用", reason or result.note, None)
        return
    yield from _value(result)
    if item.target is not None and item.target.operator is not Operator.BLANK:
        yield Step("指标值", f"{item.target.raw}（{item.target.reading}）", item.target.value)
    doubts = doubts_text(item)
    standard = item.standard or item.rule.explain(item.unit)
    yield Step("规则", standard + (f"（{doubts}）" if doubts and "拟定" not in standard else ""))
    yield from _earned(result, rounding)
    if result.status is Status.MANUAL and item.answer is not None:
        yield Step("人工赋分", item.answer.manual_reason or "未写依据", item.manual)
    if result.score is None:
        yield Step("未评", result.note or "未填")
    else:
        of = f"{decimal_text(result.score, rounding.score)} / {decimal_text(item.points)}"
        yield Step("得分", of, result.score)


def _value(result: IndicatorResult) -> Iterator[Step]:
    item = result.item
    if item.formula is not None:
        yield Step("公式", item.formula.text())
        if result.status is Status.UNPROVEN:
            yield Step("未证实", f"{result.note}，按直接填报的实际完成值计分", item.direct)
        elif result.note == ZERO_DENOMINATOR:
            values = item.given.values
            yield Step("代入", item.formula.substituted(lambda name: decimal_text(values[name])))
            yield Step("分母为 0", _ZERO[item.if_zero or "error"])
            return
        elif all(name in item.given.values for name in item.formula.names):
            values = item.given.values
            yield Step("代入", item.formula.substituted(lambda name: decimal_text(values[name])))
    elif result.status is Status.UNPROVEN:
        yield Step("未证实", "只有比率，没有分子和分母", item.direct)
    elif isinstance(row := item.answer, OwnIndicator) and row.denominator:
        yield Step("代入", f"{row.numerator}÷{row.denominator}")
    if result.value is not None:
        yield Step("得", printed_value(result), result.value)
    elif result.value_text:
        yield Step("得", result.value_text)


def alternative_scores(result: IndicatorResult, places: int) -> Iterator[tuple[str, str]]:
    """Yield what each rule or target the set lists beside the present one would give."""
    item = result.item
    for note, rule, goal in item.alternatives:
        other = replace(item, rule=rule, given=replace(item.given, target=goal), manual=None)
        scored = score_item(other, item.given.values, places).score
        if scored is not None:
            yield note, f"{decimal_text(scored, places)} / {decimal_text(item.points)}"


def evidence_text(item: Item) -> str:
    """Return how far the score can be trusted: what is open in it, or where it is from."""
    return doubts_text(item) or (item.evidence.label if item.evidence else "")


def _earned(result: IndicatorResult, rounding: Rounding) -> Iterator[Step]:
    """Replay the rule, then each modifier, and show the one rounding."""
    item, given = result.item, result.item.given
    if result.automatic is None:
        return
    given.value = result.value
    try:
        earned = item.rule.score(given)
        working = item.rule.working(given)
    except (Unanswered, KeyError, ZeroDivisionError):
        yield Step("计分", f"{result.note}，按规定得满分", result.automatic)
        return
    for modifier in item.modifiers:
        before, earned = earned, modifier.adjust(earned, given)
        if earned != before:
            yield Step("调整", modifier.explain(), earned)
        if note := modifier.note(given):
            yield Step("提醒", note)
    rounded = half_up(earned, rounding.score)
    shown = decimal_text(earned)
    equals = f"{working} = {shown}" if working else shown
    if rounded != earned:
        equals += f"，四舍五入 {decimal_text(rounded, rounding.score)}"
    yield Step("计分", equals, rounded)
