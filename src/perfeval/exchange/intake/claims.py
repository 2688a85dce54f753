"""Which rule explains a score somebody typed: reported, never assumed.

Every score that a published form prints was made by some habit: full marks where the target is
met, in proportion, by the printed or the exact rate, in whole points, with two decimals or cut
off. All habits that give exactly the printed figure are named; where none does, that is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perfeval.checks import Finding, Level
from perfeval.checks.subject import as_points
from perfeval.exchange.intake.seen import Form
from perfeval.numbers import ZERO, Exact, Figure, decimal_text, figure, half_up, round_down
from perfeval.scoring.scorecard import IndicatorResult, Scorecard
from perfeval.session.model import Session

if TYPE_CHECKING:
    from perfeval.exchange.intake.handed import Handed

UNEXPLAINED = "没有一种常用算法得出这个分"


@dataclass(frozen=True, slots=True)
class Claim:
    """A typed score with the rules that explain it, the likeliest first; none means unexplained.

    ``met`` says whether the target was reached, None where that cannot be told.
    """

    path: str
    name: str
    printed: str
    points: str
    rules: tuple[str, ...]
    met: bool | None = None

    @property
    def told(self) -> str:
        return "、".join(self.rules) or UNEXPLAINED


def explain(session: Session, card: Scorecard) -> Iterator[Claim]:
    """Yield every claimed score of a row with what explains it."""
    for _, result in card.results:
        for row in result.indicators:
            text = session.claimed.get(f"{row.path}/score", "")
            printed = as_points(text)
            if printed.value is None:
                continue
            met = _met(row)
            rules = tuple(dict.fromkeys(_rules(row, printed, met)))
            yield Claim(row.path, row.name, text, decimal_text(row.points), rules, met)


def _exact_rate(row: IndicatorResult) -> Exact:
    """Return the rate before it is rounded for print."""
    assert row.value is not None
    formula, values = row.item.formula, row.item.given.values
    try:
        return formula.evaluate(values) if formula is not None else row.value
    except (KeyError, ZeroDivisionError):
        return row.value


def _met(row: IndicatorResult) -> bool | None:
    goal = row.item.target
    if row.value is None or goal is None or goal.value is None:
        return None
    return goal.met_by(row.value)


def _rules(row: IndicatorResult, printed: Figure, met: bool | None) -> Iterator[str]:
    assert printed.value is not None
    points, score = row.points, printed.value
    if points and score == points:
        if met:
            yield "达到指标值，满分"
        elif row.item.formula is not None and row.value is not None:
            if row.value >= 1:
                yield "执行率不低于 100%，满分"
        elif met is None:
            yield "满分（定性或未列数值，依填报单位判断）"
    if score == 0 and met is False:
        yield "未达到指标值，不得分"
    for name, value in _candidates(row):
        yield from _as_printed(name, value, printed)
    if met is None and row.item.formula is None and points and ZERO <= score < points:
        share = score / points
        band = "达成 80%–100%" if share >= Exact(4, 5) else (
            "部分达成 60%–80%" if share >= Exact(3, 5) else "未达成 0–60%"
        )  # fmt: skip
        yield f"定性分档：{band}，档内评分"


def _candidates(row: IndicatorResult) -> Iterator[tuple[str, Exact]]:
    """Yield what the usual rules give before rounding."""
    value, points, goal = row.value, row.points, row.item.target
    if value is None or not points:
        return
    if row.item.formula is not None and (goal is None or goal.value is None):
        exact_rate = _exact_rate(row)
        yield "执行率×分值", min(exact_rate, Exact(1)) * points
        if exact_rate != value:
            yield "印出的执行率×分值", min(value, Exact(1)) * points
        return
    if goal is None or goal.value is None or goal.is_date or not goal.value:
        return
    if goal.operator.is_upper_limit:
        if value > goal.value:
            over = (value - goal.value) / goal.value
            yield "超出部分线性扣减", max(ZERO, points * (1 - over))
            yield "指标值÷完成值×分值", points * goal.value / value
    elif value < goal.value:
        share = value / goal.value
        yield "按完成比例", points * share
        yield "按印出的完成率", points * half_up(share, 4)


def _as_printed(name: str, value: Exact, printed: Figure) -> Iterator[str]:
    """Yield the ways of rounding by which ``value`` becomes the printed figure."""
    score, places = printed.value, printed.places
    if score == value:
        yield name
        return
    words = {0: "取整分", 1: "一位小数", 2: "两位小数"}
    for digits in range(2, -1, -1):
        if digits < places:
            break
        if half_up(value, digits) == score:
            yield f"{name}，{words[digits]}四舍五入"
            return
    for digits in range(2, -1, -1):
        if digits < places:
            break
        if round_down(value, digits) == score:
            yield f"{name}，{words[digits]}去尾"
            return


# --- what the printed table itself gets wrong ------------------------------------------------


def of_forms(handed: Handed) -> Iterator[Finding]:
    """Yield what a session does not keep of a form: 分值 beside 100, a rate left out, 到位率."""
    for reading in handed.readings:
        for form in reading.forms:
            if form.kind == "evaluation" and reading.own is None:
                for check, level, what, claimed, expected in (
                    *_weights(form), *_rate_left_out(form), *_arrived(form),
                ):  # fmt: skip
                    name = form.heads["name"].raw if "name" in form.heads else "部门整体"
                    told = f"{name}：{what}"
                    yield Finding(check, level, "projects", told, claimed, expected)


_Seen = tuple[str, Level, str, str, str]


def _weights(form: Form) -> Iterator[_Seen]:
    """分值 add up to 100; where a form has no such column, its scores at least not to more."""
    first = form.funds[0].cells if form.funds else {}
    execution = figure(first["points"].raw if "points" in first else form.fund_points).value
    column = "points" if any(row.cell("points") for row in form.rows) else "score"
    rows = [figure(row.cell(column).raw).value for row in form.rows]
    if not rows or execution is None or any(one is None for one in rows):
        return
    added = sum((one for one in rows if one is not None), ZERO) + execution
    if added == 100 or (column == "score" and added < 100):
        return
    total = decimal_text(added)
    yield "L01", Level.ERROR, f"表上各项分值相加为 {total}，不是 100。请核对分值", total, "100"


def _rate_left_out(form: Form) -> Iterator[_Seen]:
    """An 执行率 that was scored is also stated."""
    if not form.funds or "rate" not in form.fund_labels:
        return
    cells = form.funds[0].cells
    rate = _rate(form, "budget", "executed")
    if rate is None or "rate" in cells or "score" not in cells:
        return
    expected = f"{decimal_text(half_up(rate * 100, 2), 2)}%"
    score = cells["score"].raw
    what = f"执行率没有填，得分填了 {score}。按预算数、执行数为 {expected}，请补填"
    yield "L05", Level.WARNING, what, "", expected


def _arrived(form: Form) -> Iterator[_Seen]:
    """资金到位率 follows from the money planned and the money that came."""
    if "到位" not in form.fund_labels.get("budget", ""):
        return
    rate = _rate(form, "initial", "budget")
    for row in form.rows:
        points, score = (figure(row.cell(one).raw).value for one in ("points", "score"))
        if not row.name.raw.strip().endswith("到位率") or not points or score is None:
            continue
        if rate is not None and rate < 1 and score == points:
            expected = decimal_text(half_up(rate * points, 2), 2)
            percent = decimal_text(half_up(rate * 100, 2), 2)
            what = f"{row.name.raw} 得满分 {row.cell('score').raw}，按表上金额到位率为 {percent}%，"
            what += f"按比例得 {expected}。请核对计分依据"
            yield "L04", Level.WARNING, what, row.cell("score").raw, expected


def _rate(form: Form, below: str, above: str) -> Exact | None:
    """Return one column of 年度资金总额 over another."""
    cells = form.funds[0].cells if form.funds else {}
    low, high = (figure(cells[one].raw).value if one in cells else None for one in (below, above))
    return high / low if low and high is not None else None
