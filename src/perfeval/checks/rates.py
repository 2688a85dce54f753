"""Rates: over-fulfilment, scores ahead of spending, rates above 100 %, denominators, 满意度
(L09, L13, L21, L32, L33).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from perfeval.checks.model import Level, Observation
from perfeval.checks.recomputing import claimed_tier, tier_doubts
from perfeval.checks.registry import check
from perfeval.checks.subject import Evaluated, Subject, bare_share, is_execution, labels
from perfeval.indicators.model import CheckSetting
from perfeval.indicators.rules import TierRatePoints
from perfeval.indicators.target import Operator
from perfeval.numbers import Exact, FigureState, Interval, decimal_text, dimension, figure
from perfeval.scoring.scorecard import (
    ZERO_DENOMINATOR,
    IndicatorResult,
    Item,
    Status,
    TierResult,
    quantity_text,
    rate_text,
)
from perfeval.session.change import join
from perfeval.session.model import OwnIndicator

SYSTEM = "一体化系统公开的审核口径"
SEEN = "实际自评材料复核归纳"
ZERO = Exact(0)
GROWTH = re.compile(
    "增长|增加|增幅|提升|提高|上升|下降|降低|减少|压减|节约|调整|变动|变化|完成|执行"
)
"""Words of rates that may well pass 100 %: changes, and what is set against an earlier plan."""
SAVINGS = re.compile("节约|节省|结余|招标|中标|压减|议价|采购")


# --- over-fulfilment -------------------------------------------------------------------------


@check(
    "L09",
    Level.WARNING,
    "超额完成",
    f"{SYSTEM}：大幅超额的核实指标值并说明原因",
    threshold="超额标记",
)
def over_fulfilled(subject: Subject) -> Iterator[Observation]:
    """Far above the target: the target may be too low. Not asked of 执行率, nor of upper limits."""
    for evaluated, row in subject.rows:
        if (times := _times(row)) is None:
            continue
        mark, explain = evaluated.setting("超额标记"), evaluated.setting("超额须说明")
        limits = [one.value for one in (mark, explain) if one and one.value is not None]
        if not limits or times < min(limits):
            continue
        setting: CheckSetting | None = mark
        unexplained = not evaluated.reason(row.item)
        if explain and explain.value is not None and times >= explain.value and unexplained:
            setting = explain
        if setting is None or setting.value is None or times < setting.value:
            continue
        if setting is mark and not unexplained:
            continue
        doubts = {
            k: v
            for k, v in evaluated.doubts(row.item).items()
            if k in ("target", "actual", "input")
        }
        trusted = setting.evidence.trusted and not doubts
        limit = decimal_text(setting.value)
        yield Observation(
            f"{row.path}/actual",
            f"完成值 {row.value_text}，为年度指标值 {_target(row.item)} 的 "
            f"{decimal_text(times, 2)} 倍（界限 {limit} 倍）",
            "请写明偏差原因" if setting is explain else "请核实指标值是否偏低",
            evaluated.label(row.item),
            row.value_text,
            assumption=labels(doubts),
            level=Level.WARNING if trusted and setting is explain else Level.NOTICE,
            repeat=f"完成值达到年度指标值 {limit} 倍以上",
        )


def _target(item: Item) -> str:
    return item.target.raw if item.target else ""


def _times(row: IndicatorResult) -> Exact | None:
    """Return how many times the target is reached, where more is better and it means something."""
    goal = row.item.target
    if row.value is None or goal is None or not goal.value or goal.value < 0 or goal.is_date:
        return None
    if is_execution(row.item) or goal.operator not in (
        Operator.AT_LEAST,
        Operator.MORE,
        Operator.UNSTATED,
        Operator.EQUAL,
    ):
        return None
    return row.value / goal.value


# --- scores ahead of spending ----------------------------------------------------------------


@check(
    "L13", Level.WARNING, "得分率领先执行率", f"{SYSTEM}（红色提醒）", threshold="得分率领先执行率"
)
def ahead_of_spending(subject: Subject) -> Iterator[Observation]:
    """The other indicators did much better than the money was spent. Savings explain it."""
    for evaluated in subject.evaluated:
        setting, row = evaluated.setting("得分率领先执行率"), evaluated.execution
        if setting is None or setting.value is None or row is None or row.value is None:
            continue
        if row.note or evaluated.meant(row.item) is not None:  # no budget: L06; no %: L29
            continue
        rate, computed = _other_rate(evaluated, row)
        ahead = lead(rate, row.value)
        if rate is None or ahead <= setting.value:
            continue
        doubts = labels(tier_doubts(evaluated, computed))
        if not setting.evidence.trusted:
            doubts = "；".join(filter(None, [doubts, f"界限{setting.evidence.label}"]))
        saved = bool(SAVINGS.search(evaluated.reason(row.item)))
        limit = rate_text(setting.value, trim=True)
        yield Observation(
            f"{row.path}/deviation_reason"
            if evaluated.project is None
            else f"{evaluated.path}/deviation_reason",
            f"执行率 {rate_text(row.value)}，其余指标得分率 {rate_text(rate)}，"
            f"执行率比得分率低 {rate_text(ahead)}（差额÷得分率），超过 {limit}",
            "已说明为节约，请核对依据" if saved else "请说明资金少支出而目标基本完成的原因",
            evaluated.name,
            rate_text(rate),
            f"≤{rate_text(row.value / (1 - setting.value))}",
            doubts or ("偏差原因称资金节约" if saved else ""),
            Level.NOTICE if saved or doubts else None,
            f"得分率领先执行率 {limit} 以上",
        )


def lead(rate: Exact | None, execution: Exact) -> Exact:
    """Return how far, as a share of itself, the 得分率 is ahead of 执行率."""
    return (rate - execution) / rate if rate is not None and rate > 0 else ZERO


def asks_for_spending(evaluated: Evaluated) -> bool:
    """Whether L13 already asks why the money was not spent."""
    setting, row = evaluated.setting("得分率领先执行率"), evaluated.execution
    if setting is None or setting.value is None or row is None or row.value is None:
        return False
    return bool(lead(_other_rate(evaluated, row)[0], row.value) > setting.value)


def _other_rate(
    evaluated: Evaluated, execution: IndicatorResult
) -> tuple[Exact | None, list[TierResult]]:
    """Return the 得分率 of everything but 执行率: as printed where it is, else as computed.

    With it the tiers that had to be computed, for what they rest on.
    """
    tiers = [
        tier
        for tier in evaluated.result.tiers
        if tier.points and tier.name != execution.item.tier and not tier.not_applicable
    ]
    points = sum((tier.points for tier in tiers), ZERO)
    printed = [claimed_tier(evaluated, tier).value for tier in tiers]
    if not points:
        return None, []
    if all(value is not None for value in printed):
        return sum((value or ZERO for value in printed), ZERO) / points, []
    if not all(tier.complete for tier in tiers):
        return None, []
    score = sum((tier.score or ZERO for tier in tiers), ZERO)
    return score / points, tiers


# --- above 100 % -----------------------------------------------------------------------------


@check("L21", Level.WARNING, "百分率不大于 100%", "公开的绩效指标审核规则")
def above_hundred(subject: Subject) -> Iterator[Observation]:
    """A share above 100 %. Rates of change and of completion may well be."""
    for evaluated, row in subject.rows:
        item = row.item
        if item.unit != "%" or GROWTH.search(item.name) or "三公" in item.name:
            continue
        goal = item.target
        for name, value, text in (
            ("actual", row.value, row.value_text),
            ("target", goal.value if goal and not goal.is_date else None, _target(item)),
        ):
            if value is not None and value > 1 and row.status is not Status.NOT_APPLICABLE:
                word = "完成值" if name == "actual" else "年度指标值"
                path = (
                    f"{item.path}/{name}"
                    if not isinstance(item.rule, TierRatePoints)
                    else item.path
                )
                yield Observation(
                    path,
                    f"{word} {text} 大于 100%",
                    "请核对分子分母，或说明口径",
                    evaluated.label(item),
                    text,
                    "≤100%",
                    repeat=f"{word}大于 100%",
                )


# --- satisfaction ----------------------------------------------------------------------------


@check("L32", Level.WARNING, "满意度有调查样本", f"{SEEN}：满意度＝满意人数÷有效调查人数")
def satisfaction_sampled(subject: Subject) -> Iterator[Observation]:
    """A 满意度 that earned points rests on a survey: how many were asked, how many were content."""
    for evaluated, row in subject.rows:
        item = row.item
        if "满意度" not in f"{item.tier}{item.group}{item.name}" or not row.score:
            continue
        answer = item.answer
        if isinstance(item.rule, TierRatePoints):
            # The summary table has no room for a sample: worth asking, no more.
            yield Observation(
                item.path,
                f"得分率 {row.value_text}，没有调查样本数据",
                "请备查满意人数和有效调查人数",
                evaluated.name,
                level=Level.NOTICE,
                repeat="满意度没有样本数据",
            )
        elif answer is None or not (_sample(answer) or answer.evidence):
            yield Observation(
                f"{item.path}/denominator",
                f"得 {decimal_text(row.score)} 分，没有调查样本" + _not_listed(item),
                "请填满意人数和有效调查人数，或附调查资料",
                evaluated.label(item),
                repeat="满意度没有样本数据",
            )


def _sample(answer: object) -> bool:
    return isinstance(answer, OwnIndicator) and bool(answer.numerator and answer.denominator)


def _not_listed(item: Item) -> str:
    goal = item.target
    return "，也没有年度指标值" if goal is None or goal.operator is Operator.BLANK else ""


# --- numerator and denominator ---------------------------------------------------------------


COUNTS = frozenset("项个件批次宗笔")
"""Words one counts purchases by; 741.99人 where money is asked is a slip of the unit (L29)."""


def counted_for_money(evaluated: Evaluated, name: str) -> bool:
    """Whether an input that should be money is given as a bare count (2项)."""
    definition = evaluated.result.set.inputs.get(name)
    entered = evaluated.evaluation.inputs.get(name)
    if definition is None or entered is None or dimension(definition.unit) != "money":
        return False
    read = figure(entered.value)
    return read.value is not None and read.unit in COUNTS


@check("L33", Level.WARNING, "比率的分母和口径", SEEN)
def rate_basis(subject: Subject) -> Iterator[Observation]:
    """A rate of money is not taken from counts, its denominator is above 0, its parts are known
    and make the rate that was typed.
    """
    for evaluated, row in subject.rows:
        item = row.item
        names = item.formula.names if item.formula else ()
        counted = [name for name in names if counted_for_money(evaluated, name)]
        if counted:
            yield _counts(evaluated, row, counted)
        elif row.status is Status.UNPROVEN:
            words = "只填了比率，没有分子、分母"
            yield Observation(
                f"{item.path}/actual",
                f"{words}（{row.value_text}）",
                "请补填分子、分母",
                evaluated.label(item),
                row.value_text,
                level=Level.NOTICE,
                repeat=words,
            )
        yield from _denominator(evaluated, row)
        yield from _disagreeing(evaluated, row)


def _disagreeing(evaluated: Evaluated, row: IndicatorResult) -> Iterator[Observation]:
    """A rate typed beside its numerator and denominator must be one they can print as."""
    item = row.item
    if not item.proven or not isinstance(item.answer, OwnIndicator) or not item.answer.actual:
        return
    parts = [figure(item.answer.numerator), figure(item.answer.denominator)]
    typed = figure(item.answer.actual).in_unit(item.unit)
    # 19 of 22 are counted, 19.5 万元 was rounded before it was printed.
    top, bottom = (
        one.interval if one.places > 0 else Interval.point(one.value or ZERO) for one in parts
    )
    if typed.value is None or bottom.low <= 0 <= bottom.high:
        return
    possible = top / bottom
    share = Interval.point(Exact(100)) * typed.interval
    bare = bare_share(item.answer.actual, item.unit) is not None and share.meets(possible)
    if typed.interval.meets(possible) or bare:  # without its %: L29
        return
    computed = quantity_text((parts[0].value or ZERO) / (parts[1].value or ZERO), item.unit, 2)
    yield Observation(
        f"{item.path}/actual",
        f"完成值填 {item.answer.actual}，分子、分母 {item.answer.numerator}/"
        f"{item.answer.denominator} 为 {computed}，按后者计分",
        "请改正其中一处",
        evaluated.label(item),
        item.answer.actual,
        computed,
        level=Level.ERROR,
        repeat="完成值与分子、分母不符",
    )


def _counts(evaluated: Evaluated, row: IndicatorResult, names: list[str]) -> Observation:
    given = "、".join(f"{name} {evaluated.evaluation.inputs[name].value}" for name in names)
    unit = evaluated.session.money_unit
    paths = [f"{evaluated.path}/{join('inputs', name, 'value')}" for name in names]
    return Observation(
        paths[0],
        f"按金额计算，所填为数量（{given}）",
        f"请填金额（{unit}）；只有数量的不能按本公式计算",
        evaluated.label(row.item),
        given,
        unit,
        repeat="按金额计算的比率填了数量",
        also=(*paths[1:], f"{row.path}/actual"),
    )


def _denominator(evaluated: Evaluated, row: IndicatorResult) -> Iterator[Observation]:
    item = row.item
    if isinstance(item.answer, OwnIndicator):
        read = figure(item.answer.denominator)
        if read.state is FigureState.NUMBER and read.value is not None and read.value <= 0:
            yield Observation(
                f"{item.path}/denominator",
                f"分母为 {read.raw}",
                "分母应大于 0，没有发生的填“不适用”",
                evaluated.label(item),
                read.raw,
                ">0",
                repeat="分母不大于 0",
            )
        top, bottom = figure(item.answer.numerator), read
        if bool(item.answer.numerator) != bool(item.answer.denominator) and (
            top.value is not None or bottom.value is not None
        ):
            missing = "分母" if item.answer.numerator else "分子"
            yield Observation(
                f"{item.path}/{'denominator' if item.answer.numerator else 'numerator'}",
                f"只填了一半，缺{missing}",
                f"请补填{missing}",
                evaluated.label(item),
                level=Level.NOTICE,
                repeat="分子、分母只填了一半",
            )
    elif row.note == ZERO_DENOMINATOR and row.score is None and not is_execution(item):
        assert item.formula is not None
        shown = item.formula.substituted(
            lambda name: quantity_text(evaluated.result.values.get(name, ZERO), "")
        )
        yield Observation(
            f"{item.path}/actual",
            f"分母为 0，不能计算（{shown}）",
            "请核对基础数据，没有发生的填“不适用”",
            evaluated.label(item),
            repeat="分母为 0",
        )
