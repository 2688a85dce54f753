"""得分情况表, 自评汇总表, 扣分明细表 and bars as texts, from the Scorecard alone."""

from __future__ import annotations

from perfeval.numbers import ZERO, Exact, decimal_text
from perfeval.scoring.deductions import Deduction
from perfeval.scoring.scorecard import Result, Scorecard, rate_text
from perfeval.scoring.whatif import grade_distances
from perfeval.session.model import Session
from perfeval.tui.widgets.grid import Column, Row, fitted

TIERS = (
    Column("一级指标", 0),
    Column("分值", 8, "right"),
    Column("得分", 10, "right"),
    Column("得分率", 10, "right"),
    Column("状态", 8),
)
PROJECTS = (
    Column("序号", 4, "right"),
    Column("项目名称", 0, least=20, ends=True),
    Column("全年预算数", 11, "right"),
    Column("执行数", 11, "right"),
    Column("执行率", 8, "right"),
    Column("产出", 8, "right", rank=2),
    Column("效益", 8, "right", rank=3),
    Column("满意度", 8, "right", rank=4),
    Column("自评得分", 8, "right"),
    Column("等级", 4),
)
DEDUCTIONS = (
    Column("所属", 14, ends=True),
    Column("指标", 22),
    Column("分值", 6, "right", rank=2),
    Column("得分", 7, "right", rank=3),
    Column("扣分", 7, "right"),
    Column("怎样扣的", 0),
    Column("偏差原因", 18, rank=1),
)


def tier_rows(card: Scorecard) -> list[Row]:
    """Return 得分情况表: the department's tiers and the total with its grade."""
    if (result := card.department) is None:
        return [Row("", ("没有部门整体自评", "", "", "", ""))]
    rows = [
        Row(
            tier.name,
            (
                tier.name,
                decimal_text(tier.points),
                "" if tier.score is None else decimal_text(tier.score, 2),
                rate_text(tier.printed_rate),
                "不适用" if tier.not_applicable else "" if tier.complete else "未填完",
            ),
        )
        for tier in result.tiers
    ]
    points = sum((tier.points for tier in result.tiers), ZERO)
    grade = result.grade or ("" if result.complete else "暂不评等级")
    total = ("合计", decimal_text(points), result.total_text, "", grade)
    return [*rows, Row("合计", total, "bold")]


def project_rows(session: Session, card: Scorecard) -> list[Row]:
    """Return 自评汇总表: every project that takes part, and 合计 of the money."""
    rows, number = [], 0
    for project in card.projects:
        if project.excluded:
            continue
        number += 1
        result = project.result
        rates = [*list(project.rates.values())[1:4], None, None, None][:3]
        rows.append(
            Row(
                project.path,
                (
                    str(number),
                    project.name,
                    _money(project.budget.value if project.budget else None),
                    _money(project.executed.value if project.executed else None),
                    rate_text(project.execution_rate),
                    *(rate_text(rate) for rate in rates),
                    result.total_text if result and result.filled else "",
                    (result.grade or "") if result and result.complete else "",
                ),
            )
        )
    if rows:
        budget, executed = (_sum(card, name) for name in ("budget", "executed"))
        rows.append(Row("", ("", "合计", _money(budget), _money(executed), *[""] * 6), "bold"))
    return rows


def _sum(card: Scorecard, attribute: str) -> Exact | None:
    figures = [getattr(one, attribute) for one in card.projects if not one.excluded]
    values = [one.value for one in figures if one is not None and one.value is not None]
    return sum(values, Exact(0)) if values else None


def _money(value: Exact | None) -> str:
    return "" if value is None else decimal_text(value, 2)


def deduction_rows(lost: list[Deduction]) -> list[Row]:
    """Return 扣分明细表, and what is lost in all."""
    rows = [
        Row(
            one.path,
            (
                one.evaluation,
                one.name,
                decimal_text(one.points),
                decimal_text(one.score, 2),
                decimal_text(one.lost, 2),
                one.why,
                one.reason or "（未写）",
            ),
        )
        for one in lost
    ]
    return rows or [Row("", ("", "没有扣分", "", "", "", "", ""))]


def deduction_text(one: Deduction) -> str:
    """Return the whole of one line."""
    lines = [f"{one.evaluation} · {one.tier} · {one.name}：{one.why}"]
    if one.target or one.actual:
        lines.append(f"年度指标值 {one.target or '（无）'}    实际完成值 {one.actual or '（无）'}")
    return "\n".join([*lines, f"偏差原因：{one.reason or '（未写）'}"])


# --- bars ------------------------------------------------------------------------------------

_NAME, _NUMBERS = 24, 20


def picture(card: Scorecard, width: int) -> str:
    """Return bars per tier and per project, the grade and the distance to the next one."""
    room = max(width - _NAME - _NUMBERS - 8, 10)
    lines = []
    if (result := card.department) is not None:
        lines += ["部门整体", "", *_tier_bars(result, room), "", f"总分 {result.summary}"]
        if result.complete:
            lines += [distance.text for distance in grade_distances(result)]
    projects = [one for one in card.projects if one.result and not one.excluded]
    if projects:
        lines += ["", "项目", ""]
    for project in projects:
        assert project.result is not None
        scored = f"{project.result.total_text} {project.result.grade or '未填完'}"
        lines.append(bar(project.name, project.result.total / 100, scored, room))
    return "\n".join(lines)


def _tier_bars(result: Result, room: int) -> list[str]:
    return [
        bar(
            tier.name,
            tier.rate or ZERO,
            f"{decimal_text(tier.score or ZERO, 2)}/{decimal_text(tier.points)}"
            f" {rate_text(tier.printed_rate)}",
            room,
        )
        for tier in result.tiers
    ]


def bar(name: str, share: Exact, text: str, room: int) -> str:
    """Return one bar of ``room`` cells: plain signs that are one cell wide in every terminal."""
    filled = max(0, min(room, int(share * room)))
    return f"{fitted(name, _NAME, ends=True)} [{'#' * filled}{' ' * (room - filled)}] {text}"
