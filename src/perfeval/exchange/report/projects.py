"""The projects in a Word document: the 自评汇总表, their money, how many earned what. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from perfeval.exchange.report.figures import one_line
from perfeval.exchange.report.writing import Words, Writing
from perfeval.numbers import ZERO, Figure
from perfeval.scoring.scorecard import ProjectResult, Result
from perfeval.session.change import under

LONG_REASON = 150
"""A reason of more characters stands below the table, not in its column."""


class SummaryTable:
    """附件: the 自评汇总表, with a rate column for each tier of any project's set."""

    def __init__(self, writing: Writing) -> None:
        self.writing = writing
        self.tiers = tier_names(writing.evaluated)
        self.notes: list[str] = []

    def words(self) -> Words:
        """Return headings, lines, sums and notes of the table."""
        projects = self.writing.evaluated
        self.notes = []
        return {
            "率": ["执行率" if "执行" in name else f"{name}得分率" for name in self.tiers],
            "行": [self._line(number, one) for number, one in enumerate(projects, 1)],
            "预算合计": _amount(self.sum("budget", "全年预算数")) or "—",
            "执行合计": _amount(self.sum("executed", "全年执行数")) or "—",
            "注": [*self.notes, *self.writing.excluded()],
        }

    def sum(self, column: str, name: str) -> str:
        """Return the sum of a money column over the projects that take part."""
        figures = [getattr(one, column) for one in self.writing.evaluated]
        return self.writing.column(f"projects/{column}", f"项目{name}合计", figures)

    def _line(self, number: int, project: ProjectResult) -> Words:
        tell, result, name = self.writing, project.result, project.name
        assert result is not None
        places = result.set.rounding.rate
        rates = {}
        for tier in result.tiers:
            path = under(project.path, "tiers", tier.name, "rate")
            label = f"{name} {tier.name}得分率"
            rates[tier.name] = tell.rate(path, label, tier.printed_rate, places)
        grade = tell.figures.mark(under(project.path, "grade"), f"{name}等级", result.grade or "")
        return {
            "序号": str(number),
            "名称": one_line(name),
            "预算": _amount(project_money(tell, project, "budget")) or "—",
            "执行": _amount(project_money(tell, project, "executed")) or "—",
            "率": [rates.get(tier) or "—" for tier in self.tiers],
            "得分": tell.total(project.path, name, result) if result.filled else "未填",
            "等级": grade or "—",
            "原因": self._reason(number, project),
        }

    def _reason(self, number: int, project: ProjectResult) -> str:
        reason = one_line(self.writing.session.projects[project.key].deviation_reason)
        if len(reason) <= LONG_REASON:
            return reason
        self.notes.append(f"序号 {number} 的偏差原因：{reason}")
        return "见表后"


def full_marks(result: Result) -> bool:
    """Whether every point of an evaluation was earned."""
    return result.total == sum((tier.points for tier in result.tiers), ZERO)


def _amount(money: str) -> str:
    """Return an amount without its unit, for a column whose heading says it."""
    return money.rpartition(" ")[0]


def project_money(tell: Writing, project: ProjectResult, column: str) -> str:
    """Return 全年预算数 (``budget``) or 全年执行数 (``executed``) of a project with its unit."""
    names = {"budget": "全年预算数", "executed": "全年执行数"}
    read: Figure | None = getattr(project, column)
    path = under(project.path, "funds", column)
    return tell.money(path, f"{project.name}{names[column]}", read)


def overview(tell: Writing) -> str:
    """Return the sentence on all projects that take part: number, money, grades."""
    projects = tell.evaluated
    number = tell.count("projects/count", "自评项目数", len(projects))
    told = f"参加自评的项目 {number} 个"
    for column, name in (("budget", "全年预算数"), ("executed", "全年执行数")):
        figures = [getattr(one, column) for one in projects]
        if amount := tell.column(f"projects/{column}", f"项目{name}合计", figures):
            told += f"，{name}合计 {amount}"
    grades = grade_counts(projects)
    shown = [
        f"“{grade}” {tell.count(f'projects/grades/{grade}', f'等级为{grade}的项目数', count)} 个"
        for grade, count in grades.items()
        if count
    ]
    return told + (f"；自评等级为{'、'.join(shown)}" if shown else "") + "。"


def grade_counts(projects: Sequence[ProjectResult]) -> dict[str, int]:
    """Return how many projects have each grade, best grade first; those without one left out."""
    counts: dict[str, int] = {}
    for project in projects:
        assert project.result is not None
        for grade in sorted(project.result.set.grades, key=lambda one: -one.min):
            counts.setdefault(grade.name, 0)
        if project.result.grade:
            counts[project.result.grade] = counts.get(project.result.grade, 0) + 1
    return counts


def tier_names(projects: Sequence[ProjectResult]) -> list[str]:
    """Return the tiers of all projects' sets in their order, each once."""
    names: dict[str, None] = {}
    for project in projects:
        assert project.result is not None
        names |= dict.fromkeys(tier.name for tier in project.result.tiers)
    return list(names)
