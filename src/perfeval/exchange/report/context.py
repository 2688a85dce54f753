"""What the 部门整体绩效自评报告 says: plain data for a template, from session and scorecard. Pure.

The words a template may use are Chinese (``{{ 单位 }}``, ``{%p for 段 in 结论 %}``), so an office
can arrange its own; ``docs/word-templates.md`` lists them. Every number in them is marked with
the path it is from (:mod:`.figures`). What only the unit can write comes from ``Session.texts``;
where it is not written the document shows 【待补充】 and the user is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from perfeval.checks import Finding, Level
from perfeval.errors import PerfevalError, Problem
from perfeval.exchange.report.charts import Chart
from perfeval.exchange.report.figures import one_line, paragraphs, unmarked
from perfeval.exchange.report.projects import SummaryTable, full_marks, grade_counts, overview
from perfeval.exchange.report.writing import (
    FINAL,
    FINAL_BASIC,
    FINAL_PROJECTS,
    Document,
    Words,
    Writing,
)
from perfeval.numbers import ZERO, Exact, decimal_text, dimension
from perfeval.scoring.scorecard import (
    GroupResult,
    IndicatorResult,
    ProjectResult,
    Result,
    Scorecard,
    Status,
    TierResult,
    rate_text,
)
from perfeval.scoring.trace import Step, doubts_text, trace
from perfeval.session.change import join, under
from perfeval.session.model import Session


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report that only the unit can write, under its name in ``texts``."""

    name: str
    heading: str


SECTIONS = (
    Section("主要职责", "一、（一）单位简介"),
    Section("年度总体目标", "一、（二）1. 年度总体目标"),
    Section("年度主要任务", "一、（二）2. 年度主要工作内容"),
    Section("评价方法", "二、（一）评价方法"),
    Section("工作程序", "二、（二）工作程序"),
    Section("资金管理情况", "四、（一）2. 资金管理情况"),
    Section("改进措施", "五、（二）下一步改进措施"),
    Section("结果应用和公开", "六、部门整体绩效自评结果拟应用和公开情况"),
    Section("经验和建议", "七、部门整体绩效自评工作的经验、问题和建议"),
)
LISTED = 8
"""So many projects that lost points are told of one by one; the 附件 has them all."""
OPTIONAL = ("前言", "主要问题", "其他说明")
"""Parts that the unit may write and that stand without it."""


def report(session: Session, card: Scorecard, findings: Sequence[Finding] = ()) -> Document:
    """Return what the 自评报告 of a session says.

    ``card`` is the session's own; ``findings`` what 审核 found: their 核实说明 stand under 八.
    Raises :class:`PerfevalError` for a session without a department evaluation.
    """
    if card.department is None:
        raise PerfevalError("没有部门整体自评，不能生成自评报告。请先建立部门整体自评")
    writing = Writing(session, card)
    words = writing.common() | _Report(writing, card.department, findings).words()
    title = f"{session.unit.name}{session.year}年度部门整体绩效自评报告"
    return writing.document(title, words)


class _Report:
    """The parts of the report, in the order of its outline."""

    def __init__(self, writing: Writing, result: Result, findings: Sequence[Finding]) -> None:
        self.writing, self.result, self.findings = writing, result, findings
        self.places = result.set.rounding

    def words(self) -> Words:
        tell = self.writing
        texts = {one.name: tell.text(one.name, one.heading) for one in SECTIONS}
        texts |= {name: tell.text(name) for name in OPTIONAL}
        texts["前言"] = texts["前言"] or self._preface()
        charts = self._charts()
        return {
            "文字": texts,
            "指标体系": one_line(self.result.set.title),
            "指标设定": self._indicators(),
            "结论": list(self._conclusion()),
            "得分表": self._score_table(),
            "资金": list(self._money()),
            "一级指标": [self._tier(n, tier) for n, tier in enumerate(self.result.tiers, 1)],
            "项目情况": self._projects(),
            "问题": list(self._problems()) + texts["主要问题"],
            "说明": list(self._remarks()) + texts["其他说明"] or ["无。"],
            "汇总表": SummaryTable(tell).words(),
            "图": charts,
        }

    def _preface(self) -> list[str]:
        year, unit = self.writing.session.year, one_line(self.writing.session.unit.name)
        return [
            f"按照预算绩效管理要求，{unit}对 {year} 年度部门整体绩效开展自评，形成本报告。"
            "报告中的得分由基础数据按指标体系规定的公式和计分规则算得，计算过程见第四部分。"
        ]

    def _indicators(self) -> str:
        tiers = [tier for tier in self.result.tiers if tier.counted]
        groups = [group for tier in tiers for group in tier.groups if group.name]
        rows = [row for tier in tiers for row in tier.indicators]
        tell = self.writing
        counts = "、".join(
            f"{tell.count(under('department', level), f'{level}个数', len(things))} 个{level}"
            for level, things in (("一级指标", tiers), ("二级指标", groups), ("三级指标", rows))
            if things
        )
        names = "、".join(one_line(tier.name) for tier in tiers)
        single = [one_line(tier.name) for tier in self.result.tiers if not tier.counted]
        alone = f"；{'、'.join(single)}单列" if single else ""
        title = one_line(self.result.set.title)
        return f"本次自评采用《{title}》，包括 {counts}（{names}）{alone}。"

    # --- 三 ---------------------------------------------------------------------------------

    def _conclusion(self) -> Iterator[str]:
        result, tell = self.result, self.writing
        total = tell.total("department", "部门整体", result)
        year = tell.session.year
        if result.complete:
            grade = tell.graded("department", "部门整体", result)
            yield f"{year} 年度部门整体绩效自评得分 {total} 分{grade}。其中：{self._tiers_told()}。"
        else:
            filled = tell.figures.mark("department/filled", "已填分值", decimal_text(result.filled))
            tell.missing.append(Problem("三、综合评价结论", "自评还没有填完，总分是暂时的"))
            told = f"自评尚未填完：已填 {filled} 分，暂得 {total} 分，未评等级"
            parts = self._tiers_told()
            yield f"{told}。其中：{parts}。" if parts else f"{told}。"
        if doubt := result.doubt:
            yield f"计分依据中有{doubt.label}的内容，见第八部分。"

    def _tiers_told(self) -> str:
        return "，".join(
            f"{one_line(tier.name)}得 {score} 分"
            for tier in self.result.tiers
            if (score := self._tier_score(tier))
        )

    def _tier_score(self, tier: TierResult) -> str:
        if tier.score is None:
            return "不适用" if tier.not_applicable else ""
        text = decimal_text(tier.score, self.places.tier)
        path = join("department", "tiers", tier.name, "score")
        return self.writing.figures.mark(path, f"{tier.name}得分", text)

    def _score_table(self) -> list[Words]:
        """表 3-1, one column for each tier and the sum."""
        mark = self.writing.figures.mark
        columns = []
        for tier in self.result.tiers:
            path = join("department", "tiers", tier.name)
            rate = rate_text(tier.printed_rate, places=self.places.rate)
            columns.append(
                {
                    "名称": one_line(tier.name),
                    "权重": mark(f"{path}/points", f"{tier.name}权重", decimal_text(tier.points)),
                    "得分率": mark(f"{path}/rate", f"{tier.name}得分率", rate) or "—",
                    "得分": self._tier_score(tier) or "未填",
                }
            )
        points = sum((tier.points for tier in self.result.tiers), ZERO)
        rate = rate_text(self.result.total / points, places=self.places.rate) if points else "—"
        columns.append(
            {
                "名称": "合计",
                "权重": mark("department/points", "权重合计", decimal_text(points)),
                "得分率": mark("department/rate", "总得分率", rate),
                "得分": self.writing.total("department", "部门整体", self.result),
            }
        )
        return columns

    # --- 四（一）----------------------------------------------------------------------------

    def _money(self) -> Iterator[str]:
        """Yield what was entered of money, by the groups of the set, then the rate and 决算."""
        tell = self.writing
        groups: dict[str, list[str]] = {}
        for name, definition in self.result.set.inputs.items():
            read = self.result.inputs.get(name)
            if dimension(definition.unit) != "money" or read is None or read.value is None:
                continue
            if not read.unit and not read.value:  # a default nobody entered
                continue
            path = join("department", "inputs", name)
            places = read.places if read.places >= 0 else None
            shown = tell.figures.mark(path, name, decimal_text(read.value, places))
            amount = f"{shown} {definition.unit}"
            groups.setdefault(definition.group or "资金", []).append(f"{one_line(name)} {amount}")
        for group, amounts in groups.items():
            yield f"{one_line(group)}：{'，'.join(amounts)}。"
        for tier in self.result.tiers:
            if (row := tier.rate_row) is not None and row.score is not None:
                yield f"{one_line(row.name)} {self._value(row)}，{self._scored(row)}。"
        if final := tell.statement(FINAL):
            parts = [
                f"{name.removesuffix('决算')} {amount}"
                for name in (FINAL_BASIC, FINAL_PROJECTS)
                if (amount := tell.statement(name))
            ]
            yield f"部门决算支出 {final}" + (f"，其中：{'，'.join(parts)}" if parts else "") + "。"

    # --- 四（二）----------------------------------------------------------------------------

    def _tier(self, number: int, tier: TierResult) -> Words:
        rate = rate_text(tier.printed_rate, places=self.places.rate)
        path = join("department", "tiers", tier.name)
        told = f"{one_line(tier.name)}分值 {decimal_text(tier.points)} 分"
        if score := self._tier_score(tier):
            of = self.writing.figures.mark(f"{path}/rate", f"{tier.name}得分率", rate)
            told += f"，得 {score} 分" + (f"，得分率 {of}" if of else "")
        return {
            "序号": str(number),
            "名称": one_line(tier.name),
            "标题": f"{one_line(tier.name).removesuffix('情况')}完成情况分析",
            "概述": f"{told}。",
            "二级": [self._group(n, group) for n, group in enumerate(tier.groups, 1)],
        }

    def _group(self, number: int, group: GroupResult) -> Words:
        return {
            "序号": f"（{number}）",
            "名称": one_line(group.name),
            "指标": [self._indicator(n, row) for n, row in enumerate(group.indicators, 1)],
        }

    def _indicator(self, number: int, row: IndicatorResult) -> Words:
        return {
            "标题": f"{circled(number)}{one_line(row.name)}，{self._scored(row)}。",
            "代码": one_line(row.code),
            "名称": one_line(row.name),
            "内容": list(self._explained(row)),
        }

    def _scored(self, row: IndicatorResult) -> str:
        points = self.writing.figures.mark(
            under(row.path, "points"), f"{row.name}分值", decimal_text(row.points)
        )
        if row.score is None:
            return f"指标 {points} 分，{row.status.value}"
        text = decimal_text(row.score, self.places.score)
        score = self.writing.figures.mark(under(row.path, "score"), f"{row.name}得分", text)
        return f"指标 {points} 分，得 {score} 分"

    def _value(self, row: IndicatorResult) -> str:
        return self.writing.figures.mark(
            under(row.path, "actual"), f"{row.name}实际完成值", row.value_text
        )

    def _explained(self, row: IndicatorResult) -> Iterator[str]:
        """Yield how the score came about, then what the unit says of it."""
        steps = list(self._steps(row, trace(row, self.places)))
        if steps:
            yield "；".join(steps) + "。"
        answer = row.item.answer
        if answer is None:
            return
        told = ("", answer.basis), ("偏差原因：", answer.deviation_reason)
        for label, text in told:
            for index, paragraph in enumerate(paragraphs(text)):
                yield (label if not index else "") + paragraph

    def _steps(self, row: IndicatorResult, steps: Iterable[Step]) -> Iterator[str]:
        mark, path = self.writing.figures.mark, row.path
        for index, step in enumerate(steps):
            text, key = step.text.rstrip("。"), under(path, "trace", f"{index}")
            match step.label:
                case "得分":
                    continue  # the heading says it
                case "公式":
                    yield f"{one_line(row.name)}＝{one_line(text)}"
                case "得":
                    yield f"实际完成值 {self._value(row)}"
                case "指标值":
                    target = under(path, "target")
                    yield f"年度指标值 {mark(target, f'{row.name}年度指标值', text)}"
                case "规则":
                    yield f"计分规则：{mark(key, f'{row.name}计分规则', text)}"
                case label:
                    yield f"{label}：{mark(key, f'{row.name}{label}', text)}"

    # --- 项目、问题、说明 -------------------------------------------------------------------

    def _projects(self) -> list[str]:
        tell, projects = self.writing, self.writing.evaluated
        if not projects:
            return ["本年度没有参加自评的项目。", *tell.excluded()]
        return [overview(tell), *tell.excluded(), "各项目得分见附件。"]

    def _problems(self) -> Iterator[str]:
        """Yield where points were lost, each with its reason."""
        for row in self.result.indicators:
            if row.status is Status.NOT_APPLICABLE:
                continue
            if row.score is None:
                yield f"{one_line(row.name)}：{one_line(row.note) or '未填'}。"
            elif row.score < row.points:
                yield self._lost(row, row.points - row.score)
        short = [one for one in self.writing.evaluated if one.result and not full_marks(one.result)]
        worst = short
        if len(short) > LISTED:
            worst = sorted(short, key=_total)[:LISTED]
            number = self.writing.count("projects/short", "未得满分的项目数", len(short))
            yield f"未得满分的项目 {number} 个，得分最低的 {LISTED} 个如下，其余见附件。"
        for project in worst:
            yield self._project_lost(project)

    def _lost(self, row: IndicatorResult, lost: Exact) -> str:
        mark, name = self.writing.figures.mark, one_line(row.name)
        text = decimal_text(lost, self.places.score)
        told = f"{name}：扣 {mark(under(row.path, 'lost'), f'{row.name}扣分', text)} 分"
        if row.value_text:
            told += f"，实际完成值 {self._value(row)}"
        if row.item.target is not None and row.item.target.raw:
            told += f"，年度指标值 {one_line(row.item.target.raw)}"
        answer = row.item.answer
        reason = one_line(answer.deviation_reason) if answer else ""
        reason = reason or self.writing.to_write("偏差原因", f"五、（一）{row.code} {name}")
        return f"{told}。原因：{reason.rstrip('。')}。"

    def _project_lost(self, project: ProjectResult) -> str:
        assert project.result is not None
        tell, name = self.writing, one_line(project.name)
        total = tell.total(project.path, project.name, project.result)
        reason = one_line(tell.session.projects[project.key].deviation_reason)
        reason = reason or tell.to_write("偏差原因", f"五、（一）{name}")
        return f"{name}：自评得分 {total} 分。原因：{reason.rstrip('。')}。"

    def _remarks(self) -> Iterator[str]:
        """Yield what a reader must know of the figures: open rules, 核实说明."""
        doubted: dict[str, list[str]] = {}
        for row in self.result.indicators:
            if row.score is not None and (doubts := doubts_text(row.item)):
                doubted.setdefault(doubts, []).append(one_line(row.name))
        for doubts, names in doubted.items():
            yield f"{'、'.join(names)}：{doubts}。"
        for finding in self.findings:
            if finding.waiver is not None:
                told = one_line(finding.message).rstrip("。")
                reason = one_line(finding.waiver.reason).rstrip("。")
                yield f"核实说明：{told}。说明：{reason}。"
        open_errors = [f for f in self.findings if f.level is Level.ERROR and f.waiver is None]
        if open_errors:
            told = f"还有 {len(open_errors)} 处错误没有改正"
            self.writing.missing.append(Problem("审核", told, "请改正后再导出", "警告"))

    def _charts(self) -> Words:
        tell, tiers = self.writing, [t for t in self.result.tiers if t.printed_rate is not None]
        charts: Words = {"得分率": None, "支出结构": None, "项目等级": None}
        if tiers:
            names = [one_line(tier.name) for tier in tiers]
            rates = [tier.printed_rate or ZERO for tier in tiers]
            high = None if max(rates) > 1 else 1.1
            charts["得分率"] = tell.chart(
                Chart("各一级指标得分率", names, rates, number="0.00%", high=high)
            )
        spent = [
            (name, value)
            for name in (FINAL_BASIC, FINAL_PROJECTS)
            if (value := tell.session.statement(name).in_unit(tell.session.money_unit).value)
        ]
        if len(spent) > 1:
            values = [value for _, value in spent]
            names = [
                f"{name.removesuffix('决算')} {unmarked(tell.statement(name))}" for name, _ in spent
            ]
            charts["支出结构"] = tell.chart(Chart("支出决算结构", names, values, "pie", "0.00%"))
        grades = grade_counts(tell.evaluated)
        if sum(grades.values()) > 1:
            counts = [Exact(count) for count in grades.values()]
            high = float(max(counts)) * 1.15
            charts["项目等级"] = tell.chart(
                Chart("项目自评等级分布（个）", list(grades), counts, number="0", high=high)
            )
        return charts


def _total(project: ProjectResult) -> Exact:
    return project.result.total if project.result is not None else ZERO


def circled(number: int) -> str:
    """Return ①…㊿, beyond that (51)."""
    for first, last, sign in ((1, 20, "①"), (21, 35, "㉑"), (36, 50, "㊱")):
        if first <= number <= last:
            return chr(ord(sign) + number - first)
    return f"({number})"
