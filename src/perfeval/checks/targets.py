"""年度指标值: stated, measurable, with the right sign and in time (L19, L20, L22, L23)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from perfeval.checks.model import Level, Observation
from perfeval.checks.registry import check
from perfeval.checks.subject import Evaluated, Subject, is_filled, labels, qualitative, short
from perfeval.indicators.rules import TierRatePoints
from perfeval.indicators.target import Operator, day
from perfeval.numbers import Exact, FigureState, figure
from perfeval.scoring.scorecard import IndicatorResult, Item, Status
from perfeval.session.change import join

RULES = "公开的绩效指标审核规则"
SAVING = re.compile("节约|降低|压减|下降|减少|控制率")
MEASURED = re.compile("数量|时效|成本")
"""二级指标 whose targets can be counted, dated or priced; elsewhere words are allowed."""


def _place(item: Item) -> str:
    return f"{item.group}{'' if item.group else item.tier}"


@check("L19", Level.ERROR, "年度指标值已填，体系规定的不改动", RULES)
def target_stated(subject: Subject) -> Iterator[Observation]:
    """A placeholder is no target. None at all is 未填, told once something was achieved.

    A target the set fixes may be replaced, but not silently.
    """
    for evaluated, row in subject.rows:
        answer, goal = row.item.answer, row.item.target
        if answer is None or goal is None or row.status is Status.NOT_APPLICABLE:
            continue
        text = answer.target
        if text and figure(text).state is FigureState.BLANK:
            yield Observation(
                f"{row.path}/target",
                f"年度指标值是占位符“{text}”",
                "请填年度指标值",
                evaluated.label(row.item),
                text,
                repeat="年度指标值是占位符",
            )
        elif (
            not text and goal.operator is Operator.BLANK and _printed_without_basis(evaluated, row)
        ):
            both = "年度指标值" if is_filled(answer.actual) else "年度指标值和完成值"
            printed = evaluated.session.claimed[f"{row.path}/score"]
            yield Observation(
                f"{row.path}/target",
                f"得分填报 {printed}，没有{both}",
                f"请补填{both}",
                evaluated.label(row.item),
                level=Level.WARNING,
                repeat="填报了得分，没有年度指标值",
            )
        elif (
            not text
            and goal.operator is Operator.BLANK
            and row.item.rule.needs_target
            and is_filled(answer.actual)
            and row.status is Status.UNFILLED
        ):
            yield Observation(
                f"{row.path}/target",
                "填了完成值，没有年度指标值，不能计分",
                "请填年度指标值",
                evaluated.label(row.item),
                level=Level.NOTICE,
                repeat="没有年度指标值",
            )
        elif text and not row.item.own and not isinstance(row.item.rule, TierRatePoints):
            yield from _overridden(evaluated, row, text)


def _printed_without_basis(evaluated: Evaluated, row: IndicatorResult) -> bool:
    """Whether a score is printed for a row that nothing entered can earn."""
    printed = evaluated.points(evaluated.session.claimed.get(f"{row.path}/score", ""))
    asked = row.item.rule.needs_target and row.status is Status.UNFILLED
    return asked and bool(printed.value)


def _overridden(evaluated: Evaluated, row: IndicatorResult, text: str) -> Iterator[Observation]:
    definition = evaluated.result.set.indicator(row.code)
    fixed = definition.fixed_target
    if not fixed or fixed == text:
        return
    tag = definition.evidence.get("target")
    doubted = tag is not None and not tag.trusted
    yield Observation(
        f"{row.path}/target",
        f"年度指标值填“{text}”，指标体系为“{fixed}”",
        "请说明依据或恢复体系规定的值",
        evaluated.label(row.item),
        text,
        fixed,
        f"体系的指标值{tag.label}" if tag and doubted else "",
        Level.NOTICE if doubted else Level.WARNING,
        "改动了体系规定的年度指标值",
    )


@check("L20", Level.WARNING, "年度指标值的方向", f"{RULES}：成本指标一般为不超过")
def direction(subject: Subject) -> Iterator[Observation]:
    """A cost with ≥ rewards spending more (节约率 and 降低率 are meant so); and a target of one
    sign under a rule of the other is met by missing it.
    """
    for evaluated, row in subject.rows:
        item, goal = row.item, row.item.target
        if goal is None or goal.is_date:
            continue
        more = goal.operator in (Operator.AT_LEAST, Operator.MORE)
        if item.answer and item.answer.target and not item.own:
            yield from _against_rule(evaluated, row, more)
        if "成本" not in _place(item) or SAVING.search(item.name):
            continue
        if more and not SAVING.search(goal.raw):
            yield Observation(
                f"{row.path}/target",
                f"成本指标的年度指标值为“{goal.raw}”",
                "请核对符号，成本一般应为 ≤",
                evaluated.label(item),
                goal.raw,
                repeat="成本指标用了 ≥",
            )


def _against_rule(evaluated: Evaluated, row: IndicatorResult, more: bool) -> Iterator[Observation]:
    item, goal = row.item, row.item.target
    assert goal is not None
    turned = {"more": goal.operator.is_upper_limit, "less": more, "either": False}
    if not turned[item.rule.sense]:
        return
    doubt = {part: tag for part, tag in item.doubts if part == "rule"}
    yield Observation(
        f"{row.path}/target",
        f"年度指标值“{goal.raw}”与计分方向相反（{item.rule.explain(item.unit)}）",
        "请核对符号",
        evaluated.label(item),
        goal.raw,
        assumption=labels(doubt),
        level=Level.NOTICE if doubt else None,
        repeat="年度指标值与计分方向相反",
    )


@check(
    "L22",
    Level.ERROR,
    "时间先后",
    f"{RULES}：时效指标不晚于项目结束，开始不晚于结束",
    needs=lambda subject: (
        ""
        if any(project.end for project in subject.session.projects.values())
        else "没有填写项目起止时间"
    ),
)
def dates_in_order(subject: Subject) -> Iterator[Observation]:
    """A project starts before it ends, and its deadlines are not later than its end."""
    year = subject.session.year
    for key, project in subject.session.ordered_projects():
        start, end = day(project.start, year), day(project.end, year)
        if start is not None and end is not None and start > end:
            yield Observation(
                join("projects", key, "end"),
                f"开始时间 {project.start} 晚于结束时间 {project.end}",
                "请改正起止时间",
                short(project.name),
                project.end,
                f"≥{project.start}",
                repeat="开始时间晚于结束时间",
            )
    for evaluated in subject.projects:
        assert evaluated.project is not None
        end = day(evaluated.project.end, year)
        for row in evaluated.rows:
            yield from _deadline(evaluated, row, end)


def _deadline(
    evaluated: Evaluated, row: IndicatorResult, end: Exact | None
) -> Iterator[Observation]:
    goal = row.item.target
    if end is None or goal is None or not goal.is_date or goal.value is None or goal.value <= end:
        return
    assert evaluated.project is not None
    yield Observation(
        f"{row.path}/target",
        f"年度指标值“{goal.raw}”晚于项目结束时间 {evaluated.project.end}",
        "请核对时限或项目结束时间",
        evaluated.label(row.item),
        goal.raw,
        f"≤{evaluated.project.end}",
        repeat="时限晚于项目结束",
    )


@check("L23", Level.WARNING, "年度指标值可衡量", f"{RULES}：数量、时效、成本指标应量化")
def measurable(subject: Subject) -> Iterator[Observation]:
    """Words stand where a number, a date or a price is expected; in 质量 and 效益 they may."""
    for evaluated, row in subject.rows:
        item = row.item
        if item.own and qualitative(item) and MEASURED.search(_place(item)):
            assert item.target is not None
            yield Observation(
                f"{row.path}/target",
                f"年度指标值“{item.target.raw}”不能衡量",
                "请改为数量、日期或金额",
                evaluated.label(item),
                item.target.raw,
                repeat="年度指标值不能衡量",
            )
