"""得分情况表, 自评汇总表, 扣分明细表 and bars as texts, from the Scorecard alone."""

from __future__ import annotations

from perfeval.numbers import ZERO, Exact, decimal_text, figure, half_up
from perfeval.scoring.deductions import Deduction
from perfeval.scoring.scorecard import Result, Scorecard, rate_text
from perfeval.scoring.whatif import grade_distances
from perfeval.session.change import join
from perfeval.session.model import Session
from perfeval.tui.signs import on_screen
from perfeval.tui.widgets.grid import Column, Row, fitted

TIERS = (
    Column("一级指标", 0),
    Column("分值", 8, "right"),
    Column("得分", 10, "right"),
    Column("填报数", 10, "right"),
    Column("得分率", 10, "right"),
    Column("状态", 12),
)
TOTAL = "department/total"
DEDUCTIONS = (
    Column("所属", 14, ends=True),
    Column("指标", 22),
    Column("分值", 6, "right", rank=2),
    Column("得分", 7, "right", rank=3),
    Column("扣分", 7, "right"),
    Column("怎样扣的", 0),
    Column("偏差原因", 18, rank=1),
)


def tier_rows(session: Session, card: Scorecard) -> list[Row]:
    """Return 得分情况表: the department's tiers and the total with its grade, beside their 填报数.

    A row's key is the place its 填报数 belongs to.
    """
    if (result := card.department) is None:
        return [Row("", ("没有部门整体自评", "", "", "", "", ""))]
    rows = []
    for tier in result.tiers:
        path = join("department", "tiers", tier.name, "score")
        cells = (
            tier.name,
            decimal_text(tier.points),
            "" if tier.score is None else decimal_text(tier.score, 2),
            session.claimed.get(path, ""),
            rate_text(tier.printed_rate),
            "不适用" if tier.not_applicable else _differs(session, path, tier.score, tier.complete),
        )
        rows.append(Row(path, cells))
    points = sum((tier.points for tier in result.tiers), ZERO)
    differs = _differs(session, TOTAL, result.total, result.complete)
    grade = " ".join(filter(None, (result.grade, differs)))
    printed = session.claimed.get(TOTAL, "")
    total = ("合计", decimal_text(points), result.total_text, printed, "", grade)
    return [*rows, Row(TOTAL, total, "bold")]


def _differs(session: Session, path: str, computed: Exact | None, complete: bool) -> str:
    """Return what there is to mind of a score: not complete, or not what was printed of it."""
    if not complete:
        return "未填完"
    printed = figure(session.claimed.get(path, "")).value
    same = printed is None or computed is None or half_up(printed, 2) == half_up(computed, 2)
    return "" if same else "与填报不同"


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
                on_screen(one.why),
                one.reason or "（未写）",
            ),
        )
        for one in lost
    ]
    return rows or [Row("", ("", "没有扣分", "", "", "", "", ""))]


def deduction_text(one: Deduction) -> str:
    """Return the whole of one line."""
    lines = [f"{one.evaluation} · {one.tier} · {one.name}：{on_screen(one.why)}"]
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
            lines += [on_screen(distance.text) for distance in grade_distances(result)]
    projects = [one for one in card.projects if one.result and not one.excluded]
    if projects:
        lines += ["", "项目", ""]
    for project in projects:
        assert project.result is not None
        scored = f"{project.result.total_text} {project.result.grade or '未填完'}"
        lines.append(bar(project.name, project.result.total / 100, scored, room))
    return "\n".join(lines) or "还没有填，没有可画的"


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
