"""The list of projects as it is shown: money, rates, score, grade, and what 审核 says of each."""

from __future__ import annotations

from collections import Counter

from perfeval.checks import Finding, Level
from perfeval.numbers import Exact, decimal_text
from perfeval.scoring.scorecard import ProjectResult, Scorecard, rate_text
from perfeval.session.model import Session
from perfeval.tui.widgets.grid import Column, Row

COLUMNS = (
    Column("序号", 4, "right"),
    Column("项目名称", 0, least=20, ends=True),
    Column("全年预算数", 11, "right"),
    Column("执行数", 11, "right", rank=1),
    Column("执行率", 8, "right"),
    Column("产出", 8, "right", rank=3),
    Column("效益", 8, "right", rank=4),
    Column("满意度", 8, "right", rank=5),
    Column("自评得分", 8, "right"),
    Column("等级", 4),
    Column("审核", 8),
)


def rows_of(session: Session, card: Scorecard, findings: list[Finding]) -> list[Row]:
    """Return a row for every project, in the order of the 汇总表."""
    counts = _counts(findings)
    number = 0
    rows = []
    for project in card.projects:
        number += not project.excluded
        rows.append(_row(project, number, counts))
    return rows


def _counts(findings: list[Finding]) -> Counter[tuple[str, Level]]:
    """Count what is open, by project id and level."""
    counts: Counter[tuple[str, Level]] = Counter()
    for finding in findings:
        if finding.waiver is None:
            keys = {path.split("/")[1] for path in finding.paths if path.startswith("projects/")}
            counts.update((key, finding.level) for key in keys)
    return counts


def _row(project: ProjectResult, number: int, counts: Counter[tuple[str, Level]]) -> Row:
    key = project.path.removeprefix("projects/")
    result = project.result
    rates = list(project.rates.values())[1:4]
    rates += [None] * (3 - len(rates))
    trouble = [
        f"{name}{count}"
        for name, level in (("错", Level.ERROR), ("警", Level.WARNING))
        if (count := counts[key, level])
    ]
    state = "不参评" if project.excluded else " ".join(trouble)
    cells = (
        "" if project.excluded else str(number),
        project.name,
        _money(project.budget.value if project.budget else None),
        _money(project.executed.value if project.executed else None),
        rate_text(project.execution_rate),
        *(rate_text(rate) for rate in rates),
        result.total_text if result and result.filled else "",
        (result.grade or "") if result and result.complete else "",
        state,
    )
    return Row(key, cells, "dim" if project.excluded else "")


def _money(value: Exact | None) -> str:
    return "" if value is None else decimal_text(value, 2)


def totals_text(session: Session, card: Scorecard) -> str:
    """Return 合计: how many take part, their money and their mean execution."""
    taking = [project for project in card.projects if not project.excluded]
    if not card.projects:
        return "还没有项目。按 F4 增加一个"
    parts = [f"共 {len(card.projects)} 个项目，{len(taking)} 个参加自评"]
    for title, attribute in (("预算", "budget"), ("执行", "executed")):
        figures = [getattr(project, attribute) for project in taking]
        values = [one.value for one in figures if one is not None and one.value is not None]
        if values:
            total = sum(values, Exact(0))
            parts.append(f"{title}合计 {decimal_text(total, 2)} {session.money_unit}")
    return "    ".join(parts)


def new_key(session: Session) -> str:
    """Return an id no project of the session has: p1, p2 …"""
    number = len(session.projects) + 1
    while f"p{number}" in session.projects:
        number += 1
    return f"p{number}"
