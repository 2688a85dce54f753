"""What the 公开说明 says: the part on performance (十三) of the published accounts. Pure.

An overall part with counts and amounts, then for each project its score, budget, spending, rate,
problems and measures. Numbers are marked and missing texts told of as in :mod:`.context`.
"""

from __future__ import annotations

from collections.abc import Iterator

from perfeval.errors import Problem
from perfeval.exchange.report.figures import one_line
from perfeval.exchange.report.projects import full_marks, overview, project_money
from perfeval.exchange.report.writing import FINAL, FINAL_PROJECTS, Document, Words, Writing
from perfeval.numbers import ZERO
from perfeval.scoring.scorecard import ProjectResult, Result, Scorecard
from perfeval.session.change import join
from perfeval.session.model import Session

MEASURES = "改进措施"
"""The text of a project (``projects/p6/改进措施``) that says what will be done."""


def notice(session: Session, card: Scorecard) -> Document:
    """Return what the 公开说明 of a session says; ``card`` is the session's own."""
    return _Notice(Writing(session, card)).document()


class _Notice:
    """The three parts of the statement."""

    def __init__(self, writing: Writing) -> None:
        self.writing = writing

    def document(self) -> Document:
        tell = self.writing
        words: Words = {
            **tell.common(),
            "总体": list(self._overall()),
            "项目": [self._project(n, one) for n, one in enumerate(tell.evaluated, 1)],
            "部门评价结果": tell.text("部门评价结果") or list(self._department_told()),
        }
        title = f"{tell.session.unit.name}{tell.session.year}年度预算绩效情况说明"
        return tell.document(title, words)

    # --- （一）-------------------------------------------------------------------------------

    def _overall(self) -> Iterator[str]:
        tell, year = self.writing, self.writing.session.year
        if tell.evaluated:
            told = (
                f"根据预算绩效管理要求，本部门对 {year} 年度项目支出开展绩效自评。{overview(tell)}"
            )
            yield told + self._coverage()
            if origins := list(self._origins()):
                overlapping = "（一个项目可有多种来源）" if self._overlapping() else ""
                yield f"按资金来源分{overlapping}：{'；'.join(origins)}。"
        yield from tell.excluded()
        if tell.card.department is not None:
            yield self._whole(tell.card.department)

    def _coverage(self) -> str:
        """Return the share of 项目支出决算 in like terms: spending over spending."""
        tell = self.writing
        final = tell.session.statement(FINAL_PROJECTS).in_unit(tell.session.money_unit).value
        spent = [one.executed.value for one in tell.evaluated if one.executed is not None]
        total = sum((value for value in spent if value is not None), ZERO)
        if not final or final <= 0 or not total:
            return ""
        if total > final:
            cure = "请核对口径或说明"
            told = f"项目执行数合计超过{FINAL_PROJECTS}"
            tell.missing.append(Problem("（一）绩效评价工作开展情况", told, cure, "警告"))
        share = tell.rate("projects/coverage", "项目执行数占项目支出决算的比例", total / final)
        return f"项目执行数占部门项目支出决算 {tell.statement(FINAL_PROJECTS)}的 {share}。"

    def _origins(self) -> Iterator[str]:
        tell = self.writing
        names = dict.fromkeys(name for one in self._funded() for name in one[1])
        for name in names:
            projects = [project for project, origins in self._funded() if name in origins]
            number = tell.count(join("projects", "origins", name), f"{name}项目数", len(projects))
            amount = tell.column(
                join("projects", "origins", name, "budget"),
                f"{name}项目全年预算数",
                [project.budget for project in projects],
            )
            yield f"{one_line(name)}项目 {number} 个" + (f"，全年预算数 {amount}" if amount else "")

    def _funded(self) -> list[tuple[ProjectResult, tuple[str, ...]]]:
        projects = self.writing.session.projects
        return [(one, projects[one.key].fund_origins) for one in self.writing.evaluated]

    def _overlapping(self) -> bool:
        return any(len(origins) > 1 for _, origins in self._funded())

    def _whole(self, result: Result) -> str:
        tell = self.writing
        final = tell.statement(FINAL)
        money = f"，涉及部门支出决算 {final}" if final else ""
        return f"部门整体支出开展绩效自评{money}。{self._scored(result)}"

    def _scored(self, result: Result) -> str:
        tell = self.writing
        if not result.complete:
            return f"{tell.to_write('部门整体自评得分', '（一）绩效评价工作开展情况')}。"
        total = tell.total("department", "部门整体", result)
        return f"自评得分 {total} 分{tell.graded('department', '部门整体', result)}。"

    # --- （二）（三）-------------------------------------------------------------------------

    def _project(self, number: int, project: ProjectResult) -> str:
        result, tell = project.result, self.writing
        assert result is not None
        name = one_line(project.name)
        where = f"（二）{number}. {name}"
        parts = [f"{number}. {name}：{self._score(project, result, where)}"]
        money = [
            f"{label} {amount}"
            for column, label in (("budget", "全年预算数"), ("executed", "执行数"))
            if (amount := project_money(tell, project, column))
        ]
        rate = self._rate(project, 0)
        if money:
            parts.append("项目" + "，".join(money) + (f"，执行率 {rate}" if rate else ""))
        if done := one_line(tell.session.projects[project.key].goal_done).rstrip("。"):
            parts.append(f"绩效目标完成情况：{done}")
        elif told := self._rates(project):
            parts.append(f"绩效目标完成情况：{told}")
        reasons = "；".join(self._reasons(project, result))
        if reasons or not full_marks(result):
            reasons = reasons or tell.to_write("主要问题及原因", where)
            parts.append(f"发现的主要问题及原因：{reasons}")
            written = tell.text(join("projects", project.key, MEASURES))
            measures = "".join(written).rstrip("。") or tell.to_write(MEASURES, where)
            parts.append(f"下一步改进措施：{measures}")
        return "。".join(parts) + "。"

    def _score(self, project: ProjectResult, result: Result, where: str) -> str:
        tell = self.writing
        if not result.complete:
            return tell.to_write("项目自评得分", where)
        total = tell.total(project.path, project.name, result)
        return f"项目自评得分 {total} 分{tell.graded(project.path, project.name, result)}"

    def _rate(self, project: ProjectResult, index: int) -> str:
        assert project.result is not None
        tier = project.result.tiers[index]
        path = join(*project.path.split("/"), "tiers", tier.name, "rate")
        places = project.result.set.rounding.rate
        return self.writing.rate(
            path, f"{project.name} {tier.name}得分率", tier.printed_rate, places
        )

    def _rates(self, project: ProjectResult) -> str:
        assert project.result is not None
        told = [
            f"{one_line(tier.name)}得分率 {rate}"
            for index, tier in enumerate(project.result.tiers)
            if index and (rate := self._rate(project, index))
        ]
        return "，".join(told)

    def _reasons(self, project: ProjectResult, result: Result) -> Iterator[str]:
        """Yield the reasons the unit gave: of the project, then of its rows."""
        own = one_line(self.writing.session.projects[project.key].deviation_reason)
        rows = [row.item.answer for row in result.indicators]
        given = [own, *(one_line(row.deviation_reason) for row in rows if row is not None)]
        yield from dict.fromkeys(reason.rstrip("。") for reason in given if reason)

    def _department_told(self) -> Iterator[str]:
        yield self.writing.to_write("部门评价结果", "（三）部门评价结果")
