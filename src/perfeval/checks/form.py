"""The form: what is filled in can be read, has its unit, says why (L08, L10, L11, L29, L37)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from perfeval.checks.model import Level, Observation
from perfeval.checks.rates import asks_for_spending, counted_for_money
from perfeval.checks.recomputing import judge_score, score_doubts
from perfeval.checks.registry import beside, check
from perfeval.checks.subject import (
    COLUMNS,
    Evaluated,
    Subject,
    bare_share,
    is_execution,
    labels,
    short,
)
from perfeval.indicators.formula import Arithmetic
from perfeval.indicators.rules import TierRatePoints
from perfeval.indicators.target import day
from perfeval.numbers import (
    Exact,
    Figure,
    FigureState,
    decimal_text,
    dimension,
    figure,
    to_ascii,
)
from perfeval.scoring.scorecard import IndicatorResult, Item, Status, rate_text
from perfeval.session.change import join, split

SYSTEM = "一体化系统公开的审核口径"
SEEN = "实际自评材料复核归纳"
DONE = re.compile("(已|全部|均已|按时|按期)?(完成|达到|达成|实现)(预期)?(指标|目标)?")
"""Words for “done” where a number is asked; they most likely mean the target itself."""


# --- reasons ---------------------------------------------------------------------------------


@check("L08", Level.ERROR, "未得满分的、人工赋分的写明原因", SYSTEM)
def loss_explained(subject: Subject) -> Iterator[Observation]:
    """Points were lost, or given by a person, and nobody says why.

    Points lost only by a guessed rule are worth a look, no more.
    """
    for evaluated in subject.evaluated:
        rates: list[IndicatorResult] = []
        for row in evaluated.rows:
            answer = row.item.answer
            if row.score is None or (answer and answer.basis) or evaluated.reason(row.item):
                continue
            if evaluated.meant(row.item) is not None:
                continue  # L29 asks whether the rate lacks its %
            score = _kept(evaluated, row)
            if row.status is Status.MANUAL:
                yield _unreasoned(evaluated, row)
            elif score is None or score >= row.points:
                continue
            elif is_execution(row.item) and (row.note or asks_for_spending(evaluated)):
                continue  # L06 and L13 ask about it
            elif evaluated.project and _is_rate(row):
                rates.append(row)  # a project explains its rates in one place
            else:
                yield _unexplained(evaluated, row, score)
        if rates:
            lost = "、".join(f"{short(row.name)} {row.value_text}" for row in rates)
            yield Observation(
                f"{evaluated.path}/deviation_reason",
                f"{lost}，没有写明原因",
                "请写明偏差原因",
                evaluated.name,
                repeat=NO_REASON,
            )


NO_REASON = "未得满分，没有写明原因"


def _is_rate(row: IndicatorResult) -> bool:
    """Whether the row is a column of the 汇总表: 执行率 or the 得分率 of a tier."""
    return is_execution(row.item) or isinstance(row.item.rule, TierRatePoints)


def _kept(evaluated: Evaluated, row: IndicatorResult) -> Exact | None:
    """Return the score that has to be explained: the printed one, else the computed one."""
    printed = judge_score(evaluated, row)
    return row.score if printed is None else printed.printed.value


def _unexplained(evaluated: Evaluated, row: IndicatorResult, score: Exact) -> Observation:
    # A printed score that is not full was somebody's decision, whatever the rule.
    decided = judge_score(evaluated, row) is not None
    doubts = "" if decided else labels(score_doubts(evaluated, row))
    return Observation(
        f"{row.path}/deviation_reason",
        f"得 {decimal_text(score)} 分，分值 {decimal_text(row.points)}，没有写明原因",
        "请写明偏差原因",
        evaluated.label(row.item),
        assumption=doubts,
        level=Level.NOTICE if doubts else None,
        repeat=NO_REASON,
    )


def _unreasoned(evaluated: Evaluated, row: IndicatorResult) -> Observation:
    assert row.score is not None
    return Observation(
        f"{row.path}/manual_reason",
        f"人工赋分 {decimal_text(row.score)}，没有写理由",
        "请写明赋分理由",
        evaluated.label(row.item),
        level=Level.WARNING,
        repeat="人工赋分没有写理由",
    )


@check("L10", Level.ERROR, "定性指标得分在所选档次之内", SYSTEM)
def inside_level(subject: Subject) -> Iterator[Observation]:
    """The score given to a 定性 indicator lies inside the band of its level."""
    for evaluated, row in subject.rows:
        rule, given = row.item.rule.levels_inside, row.item.given
        if rule is None or given.level not in {one.name for one in rule.levels}:
            continue
        # The score of the level itself; where the 定性 part is only a share the whole is not it.
        score = row.score if given.level_score is None and rule is row.item.rule else None
        score = given.level_score if given.level_score is not None else score
        if score is None or rule.inside(replace(given, level_score=score)):
            continue
        level = rule.level(given.level)
        tag = dict(row.item.doubts).get("rule")
        shown = decimal_text(score)
        band = f"{decimal_text(row.points * level.min)}–{decimal_text(row.points * level.max)}"
        yield Observation(
            f"{row.path}/level_score",
            f"档次“{level.name}”应在 {band} 分之间，得分为 {shown}",
            "请改正档次或得分",
            evaluated.label(row.item),
            shown,
            band,
            f"分档{tag.label}" if tag else "",
            Level.NOTICE if tag else None,
            "定性指标得分不在所选档次之内",
        )


# --- figures that cannot be read -------------------------------------------------------------


@check("L11", Level.ERROR, "定量指标的完成值是数值", SYSTEM)
def actual_is_number(subject: Subject) -> Iterator[Observation]:
    """What was achieved is a number; 200余人 and 已完成 are read with a proposal."""
    for evaluated, row in subject.rows:
        path = f"{row.path}/actual"
        problem = dict(evaluated.result.problems).get(path) if row.item.problems else None
        if problem is None or row.item.answer is None:
            continue
        text = row.item.answer.actual
        read = figure(text)
        if read.value is not None:
            continue  # a number in the wrong unit: L29
        proposal = _proposal(row, read)
        level = Level.ERROR
        if not proposal and day(text, subject.session.year) is not None:
            proposal = "这是日期，请填数字；按时限考核的，年度指标值也请写成日期"
        if read.state is FigureState.NOT_APPLICABLE:
            level, problem, proposal = Level.NOTICE, "完成值填“不适用”", "请在“不适用”处填写理由"
        elif proposal:
            level, problem = Level.WARNING, f"完成值“{text}”不是确数"
        else:
            problem = f"完成值{problem.split('，如按')[0]}"
        yield Observation(
            path,
            problem,
            proposal or "请填数字",
            evaluated.label(row.item),
            text,
            level=level,
            repeat="完成值不是数值",
        )


def _proposal(row: IndicatorResult, read: Figure) -> str:
    goal = row.item.target
    if read.proposal is not None and day(read.raw) is None:
        return f"如按 {decimal_text(read.proposal)} 计，请直接填 {decimal_text(read.proposal)}"
    if goal is not None and goal.is_date:
        return "请填完成日期，如 11月30日" if DONE.fullmatch(read.raw.strip()) else ""
    if goal is not None and goal.value is not None and DONE.fullmatch(read.raw.strip()):
        shown = goal.raw.lstrip("≥≤=><")
        return f"如指已达到年度指标值，请填 {shown}"
    return ""


@check("L29", Level.ERROR, "单位和格式", SEEN)
def units_and_forms(subject: Subject) -> Iterator[Observation]:
    """A score is no percentage, money is money, a figure can be read."""
    yield from _claimed_forms(subject)
    for evaluated in subject.evaluated:
        own = {f"{row.path}/actual" for row in evaluated.rows}
        for path, problem in evaluated.result.problems:
            yield from _problem(subject, evaluated, path, problem, own)
        yield from _money_units(evaluated)
        for row in evaluated.rows:
            yield from _without_percent(evaluated, row)
    yield from _funds(subject)


@beside("L29")
def units_and_forms_beside(subject: Subject) -> Iterator[Observation]:
    """The same of 表外数字, and of what is printed of nothing that was scored."""
    yield from _claimed_forms(subject)
    for name, stated in subject.session.statements.items():
        read = figure(stated.value)
        if read.state is FigureState.UNREADABLE:
            yield _unreadable(join("statements", name), name, read.problem, stated.value, read)


def _claimed_forms(subject: Subject) -> Iterator[Observation]:
    if not subject.session.claimed:
        return
    rates = {f"{row.path}/actual" for _, row in subject.rows if row.item.unit == "%"}
    for path, text in subject.session.claimed.items():
        last = path.rpartition("/")[2]
        read = figure(text)
        if last == "grade":
            continue
        if (
            last in ("score", "total")
            and dimension(read.unit) == "ratio"
            and read.value is not None
        ):
            label = _claim_label(subject, path)
            points = decimal_text(read.value * 100)
            yield Observation(
                path,
                f"得分填成百分率“{text}”",
                f"得分不带 %，如为 {points} 分请填 {points}",
                label,
                text,
                points,
                repeat="得分填成百分率",
            )
        elif path in rates and bare_share(text, "%") is None:
            continue
        elif (
            (last in ("rate", "execution_rate") or path in rates)
            and read.unit == ""
            and read.value is not None
        ):
            label = _claim_label(subject, path)
            shown = rate_text(read.value) if read.value <= 1 else f"{text}%"
            yield Observation(
                path,
                f"比率“{text}”没有写 %",
                f"如为 {shown} 请写全",
                label,
                text,
                shown,
                level=Level.NOTICE,
                repeat="比率没有写 %",
            )
        elif read.state is FigureState.UNREADABLE and last != "actual":
            label = _claim_label(subject, path)
            yield _unreadable(path, label, f"填报数{read.problem}", text, read)


def _without_percent(evaluated: Evaluated, row: IndicatorResult) -> Iterator[Observation]:
    """A rate of 1 or less typed without % was read as such; it may be a share of the whole."""
    item = row.item
    if item.answer is None:
        return
    if item.unit != "%":
        return
    is_rate = isinstance(item.rule, TierRatePoints)
    texts = [
        ("/actual" if not is_rate else "", "完成值", item.answer.actual, evaluated.meant(item)),
        ("/target", "年度指标值", item.answer.target, _bare_target(item)),
    ]
    for part, word, text, share in texts:
        if share is None:
            continue
        # An upper limit of 1 % is common, of 100 % it says little.
        small = item.target is not None and item.target.operator.is_upper_limit
        yield Observation(
            f"{row.path}{part}",
            f"{'得分率' if is_rate else word}填 {text}，按 {decimal_text(share)}% 计",
            f"如为 {decimal_text(share * 100)}% 请写 {decimal_text(share * 100)}%",
            evaluated.label(item),
            text,
            level=Level.NOTICE if small else Level.WARNING,
            repeat="比率没有写 %",
        )


def _bare_target(item: Item) -> Exact | None:
    """Return the ratio a target without % may mean: ≥0.9 was read as ≥0.9 %."""
    goal, typed = item.target, item.answer.target if item.answer else ""
    if item.unit != "%" or goal is None or goal.value is None or not typed or goal.is_date:
        return None
    signed = any(sign in to_ascii(typed) for sign in ("%", "‰", "百分"))
    share = goal.value * 100
    return share if not signed and 0 < share <= 1 else None


def _claim_label(subject: Subject, path: str) -> str:
    segments = split(path)
    if segments[0] == "projects" and len(segments) > 1 and segments[1] in subject.session.projects:
        return short(subject.session.projects[segments[1]].name)
    if len(segments) > 2 and segments[1] in ("tiers", "inputs"):
        return segments[2]
    for evaluated in subject.evaluated:
        if path.startswith(f"{evaluated.path}/"):
            for row in evaluated.rows:
                if path.startswith(f"{row.path}/"):
                    return evaluated.label(row.item)
    return "部门整体" if segments[0] == "department" else ""


def _unreadable(path: str, label: str, problem: str, text: str, read: Figure) -> Observation:
    """A text near to a number comes with a proposal, anything else must be corrected."""
    what, _, proposal = problem.partition("，如按")
    return Observation(
        path,
        what,
        f"如按{proposal}" if proposal else "请改正",
        label,
        text,
        level=Level.WARNING if read.proposal is not None else None,
        repeat="数值无法识别",
    )


def _problem(
    subject: Subject, evaluated: Evaluated, path: str, problem: str, actuals: set[str]
) -> Iterator[Observation]:
    """What the engine could not read, except where another check speaks of it."""
    if not path or path.endswith("/weight_scheme"):
        return
    segments = split(path)
    last = segments[-1]
    text = ""
    label = evaluated.name
    if len(segments) >= 3 and segments[-3] == "inputs":
        name = segments[-2]
        label = f"{evaluated.name}·{name}" if evaluated.project else name
        entered = evaluated.evaluation.inputs.get(name)
        if entered is None or counted_for_money(evaluated, name):
            return  # told at the 资金 table, or as L33
        text = entered.value
    else:
        row = next((r for r in evaluated.rows if path.startswith(r.path)), None)
        if row is not None:
            label = evaluated.label(row.item)
            text = row.item.answer.actual if row.item.answer else ""
            if last in (
                "manual_score",
                "points",
                "numerator",
                "denominator",
                "level_score",
                "deduction",
            ):
                text = str(getattr(row.item.answer, last, ""))
    read = figure(text)
    if path in actuals and read.value is None:
        return  # L11
    if last in ("manual_score", "points") and read.value is not None:
        return  # out of bounds: L03, L02
    yield _unreadable(path, label, problem, text, read)


def _funds(subject: Subject) -> Iterator[Observation]:
    unit = subject.session.money_unit
    for key, project in subject.session.ordered_projects():
        for fund_key, fund in project.funds.items():
            for column, name in COLUMNS.items():
                text = getattr(fund, column)
                read = figure(text).in_unit(unit)
                if read.state is FigureState.UNREADABLE:
                    path = join("projects", key, "funds", fund_key, column)
                    label = f"{short(project.name)}·{name}"
                    yield _unreadable(path, label, read.problem, text, figure(text))


def _money_units(evaluated: Evaluated) -> Iterator[Observation]:
    """Two figures of one rate, one written in 元 and one in 万元, ten thousand times apart."""
    for row in evaluated.rows:
        node = row.item.formula.node if row.item.formula else None
        if not isinstance(node, Arithmetic) or node.sign != "/":
            continue
        names = row.item.formula.names if row.item.formula else ()
        pairs = [
            (name, entered.value, evaluated.money(name).value)
            for name in names
            if (entered := evaluated.evaluation.inputs.get(name))
            and dimension(evaluated.result.set.inputs[name].unit) == "money"
        ]
        for name, text, value in pairs:
            others = [other for _, _, other in pairs if other]
            if figure(text).unit != "元" or not value or not others:
                continue
            if abs(value) * 1000 <= max(abs(other) for other in others):
                yield Observation(
                    f"{evaluated.path}/{join('inputs', name, 'value')}",
                    f"“{text}”与同一比率的其他金额相差千倍以上",
                    f"请核对单位，是否应为 {text.replace('元', '万元')}",
                    name,
                    text,
                    level=Level.WARNING,
                )


# --- what is not filled in -------------------------------------------------------------------


@check(
    "L37",
    Level.NOTICE,
    "单位信息、目标和各项指标填写完整",
    "公开的绩效指标审核规则；空着的是未填，不是错误",
)
def filled_in(subject: Subject) -> Iterator[Observation]:
    """What is still empty: one line for the unit, one for goals, one for indicators."""
    for evaluated in subject.projects:
        project = evaluated.project
        # A summary table has no column for goals.
        if project is not None and not project.goal and not project.tier_rates:
            yield Observation(
                f"{evaluated.path}/goal",
                "年度总体目标未填",
                "上报前请补填",
                evaluated.name,
                repeat="年度总体目标未填",
            )
    for evaluated in subject.evaluated:
        yield from _unfilled(evaluated)


@beside("L37")
def unit_filled_in(subject: Subject) -> Iterator[Observation]:
    """What is still empty of the unit itself."""
    unit = subject.session.unit
    wanted = {
        "code": "预算单位编码",
        "department_in_charge": "主管部门",
        "prepared_by": "填报人",
        "phone": "联系电话",
        "head": "单位负责人",
        "filled_on": "填报日期",
    }
    missing = [name for name in wanted if not getattr(unit, name)]
    if missing:
        yield Observation(
            f"unit/{missing[0]}",
            f"单位信息未填：{'、'.join(wanted[name] for name in missing)}",
            "上报前请补填",
            also=tuple(f"unit/{name}" for name in missing[1:]),
        )


def _unfilled(evaluated: Evaluated) -> Iterator[Observation]:
    result = evaluated.result
    empty = [row for row in result.indicators if row.status is Status.UNFILLED]
    for row in empty:
        yield Observation(
            row.path,
            f"未填（{row.note}）" if row.note else "未填",
            "填齐后评等级",
            evaluated.label(row.item),
            repeat="指标未填",
        )
    for tier in result.tiers:
        if not tier.points or tier.unused <= 0:
            continue
        yield Observation(
            f"{evaluated.path}/rows",
            f"“{tier.name}”还有 {decimal_text(tier.unused)} 分没有设指标",
            "请补设指标",
            evaluated.name,
            repeat="还有分值没有设指标",
        )
