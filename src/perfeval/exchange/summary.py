"""自评汇总表: the projects, one line each, read from their 自评表."""

from __future__ import annotations

from dataclasses import dataclass

from perfeval.exchange import formulas as f
from perfeval.exchange.check import POINTS, SCORE, VALUE
from perfeval.exchange.entries import SUMMARY, blank
from perfeval.exchange.layout import (
    BODY,
    HEAD,
    SUM,
    TEXT,
    Live,
    Sheet,
    address,
    area,
    on,
    percent_format,
    title,
)
from perfeval.exchange.lines import (
    Scored,
    tags,
    tier_rate_of,
    total_of,
    trust,
)
from perfeval.exchange.signoff import sign_off
from perfeval.indicators.model import Evidence, IndicatorSet
from perfeval.numbers import ZERO, Exact, half_up
from perfeval.scoring.scorecard import ProjectResult, Result
from perfeval.session.model import Session

BUDGET, EXECUTED, _RATES = 2, 3, 4
MONEY = {"全年预算数": BUDGET, "全年执行数": EXECUTED}
"""The columns of 自评汇总表 that hold what a project's formulas call by these names."""
_FIRST = 3

Compared = tuple[str, str, Live]
"""What 核对 compares: its name, the form's cell, the figure recomputed."""


# --- 自评汇总表 ------------------------------------------------------------------------------


@dataclass(slots=True)
class SummaryLine:
    """Where a project's line holds its figures, for the sheets that read or check them."""

    project: ProjectResult
    number: int
    row: int

    @property
    def result(self) -> Result:
        """The project's result; an excluded project has no line."""
        assert self.project.result is not None
        return self.project.result

    @property
    def money(self) -> dict[str, str]:
        return {name: on(SUMMARY, address(self.row, column)) for name, column in MONEY.items()}


class Summary:
    """自评汇总表 under construction: lines first, figures that other sheets feed afterwards."""

    def __init__(self, session: Session, projects: list[ProjectResult]) -> None:
        self.session = session
        self.projects = [project for project in projects if project.result is not None]
        self.excluded = [project for project in projects if project.result is None]
        self.tiers = _tier_names(self.projects)
        self.score = _RATES + len(self.tiers)
        narrow = 10 if len(self.tiers) > 5 else 11
        widths = (6, 44, 12, 12, *[narrow] * len(self.tiers), 10, 34)
        self.sheet = Sheet(SUMMARY, widths, len(widths), header=(2, 2))
        unit = session.money_unit
        left = f"部门（单位）名称：{session.unit.name}"
        title(self.sheet, "部门（单位）项目支出自评汇总表", left, f"单位：{unit}")
        head = [
            *("序号", "项目名称", f"全年预算数\n({unit})", f"执行数\n({unit})"),
            *(_rate_heading(name) for name in self.tiers),
            *("自评得分", "偏差原因"),
        ]
        self.sheet.row(2, head, HEAD)
        self.lines = [
            SummaryLine(project, index + 1, _FIRST + index)
            for index, project in enumerate(self.projects)
        ]
        for line in self.lines:
            self._line(line)

    def _line(self, line: SummaryLine) -> None:
        sheet, row, project = self.sheet, line.row, line.project
        sheet.put(row, 0, Exact(line.number), BODY)
        sheet.text(row, 1, project.name, TEXT)
        sheet.row(row, (None, None), BODY, BUDGET)
        own = [tier.name for tier in project.result.tiers] if project.result else []
        for column, name in enumerate(self.tiers, _RATES):
            sheet.put(row, column, None if name in own else "—", BODY)
        sheet.put(row, self.score, None, BODY)
        reason = self.session.projects[project.key].deviation_reason
        sheet.text(row, self.score + 1, reason, TEXT)

    def totals(self) -> dict[str, str]:
        """Return, as formulas, what formulas call sums and count of the projects."""
        if not self.lines:
            return {}
        sums = {
            f"sum(projects.{name})": self._sum(column, SUMMARY) for name, column in MONEY.items()
        }
        numbers = area(0, self.lines[0].row, self.lines[-1].row)
        count = f'COUNTIF({on(SUMMARY, numbers)},">0")' if ":" in numbers else "1"
        return {**sums, "count(projects)": count}

    # --- figures ------------------------------------------------------------------------------

    def read(self, line: SummaryLine, form: Scored) -> None:
        """Write money, rates and score of a project as its 自评表 has them."""
        sheet = self.sheet
        for name, column in MONEY.items():
            cell, live = form.money[name]
            sheet.live(line.row, column, Live(f.shown(cell), live.value, live.number), BODY)
        for tier in line.result.tiers:
            live = tier_rate_of(line.result, tier, form.tier_rates[tier.name])
            sheet.live(*self.place(line, tier.name), live, BODY)
        note = f"可信程度：{trust(all_tags(line.result))}\n见“{form.sheet}”"
        score = score_of(line.result, graded_score(form))
        sheet.live(line.row, self.score, score, BODY, note)

    def compare(
        self, line: SummaryLine, form: Scored, again: Scored
    ) -> dict[int, tuple[str, Live]]:
        """Return what 核对 compares of a line: money together, rates together, the score.

        The money recomputed is read from the cells of the 自评表 in which it is typed.
        """
        row, last = line.row, _RATES + len(self.tiers) - 1
        money = [form.money[name][1].value for name in MONEY]
        added = "+".join(form.money[name][1].formula for name in MONEY)
        amount = sum((value for value in money if isinstance(value, Exact)), ZERO)
        rates = [tier.printed_rate for tier in line.result.tiers]
        rate = sum((value for value in rates if value is not None), ZERO)
        typed = [again.tier_rates[tier.name] for tier in line.result.tiers]
        places = line.result.set.rounding.rate
        return {
            POINTS: (
                f"SUM({on(SUMMARY, f'{address(row, BUDGET)}:{address(row, EXECUTED)}')})",
                Live(added, amount),
            ),
            VALUE: (
                f"SUM({on(SUMMARY, f'{address(row, _RATES)}:{address(row, last)}')})",
                Live(f"SUM({','.join(typed)})", rate, percent_format(places)),
            ),
            SCORE: (self.cell(line), score_of(line.result, graded_score(again))),
        }

    def place(self, line: SummaryLine, tier: str) -> tuple[int, int]:
        """Return row and column of a tier's rate."""
        return line.row, _RATES + self.tiers.index(tier)

    def scores(self) -> str:
        """Return the cells of all scores, for other sheets."""
        return on(SUMMARY, area(self.score, self.lines[0].row, self.lines[-1].row))

    def cell(self, line: SummaryLine, tier: str = "") -> str:
        """Return the cell of a tier's rate, or of the score, for other sheets."""
        column = _RATES + self.tiers.index(tier) if tier else self.score
        return on(SUMMARY, address(line.row, column))

    # --- below the lines ----------------------------------------------------------------------

    def close(self) -> list[Compared]:
        """Write 合计 and the notes; return what 核对 compares."""
        compared = self._total() if self.lines else []
        self._notes()
        if self.projects and (result := self.projects[0].result) is not None:
            sign_off(self.sheet, result.set.sign_off, self.session.unit)
        return compared

    def _total(self) -> list[Compared]:
        sheet, row = self.sheet, self.lines[-1].row + 1
        for column in range(self.score + 2):
            sheet.put(row, column, None, SUM)
        sheet.wide(row, 0, 1, "合计", SUM)
        sheet.keep(row)
        compared: list[Compared] = []
        values: dict[int, Exact] = {}
        for column, name in ((BUDGET, "全年预算数"), (EXECUTED, "执行数")):
            reads = [p.budget if column == BUDGET else p.executed for p in self.projects]
            values[column] = sum((r.value for r in reads if r and r.value is not None), ZERO)
            cell = sheet.live(row, column, Live(self._sum(column), values[column]), SUM)
            again = Live(self._sum(column, SUMMARY), values[column])
            compared.append((f"合计 {name}", on(SUMMARY, cell), again))
        if self.tiers and _rate_heading(self.tiers[0]) == "执行率":
            budget, executed = values[BUDGET], values[EXECUTED]
            places = self.lines[0].result.set.rounding.rate
            rate = blank(half_up(executed / budget, places + 2) if budget else None)
            cells = address(row, EXECUTED), address(row, BUDGET)
            live = Live(f.rate_formula(*cells, places + 2), rate, percent_format(places))
            cell = sheet.live(row, _RATES, live, SUM)
            sums = self._sum(EXECUTED, SUMMARY), self._sum(BUDGET, SUMMARY)
            again = live._replace(formula=f.rate_formula(*sums, places + 2))
            compared.append(("合计 执行率", on(SUMMARY, cell), again))
        return compared

    def _sum(self, column: int, sheet: str = "") -> str:
        lines = area(column, self.lines[0].row, self.lines[-1].row)
        return f"SUM({on(sheet, lines) if sheet else lines})"

    def _notes(self) -> None:
        sheet = self.sheet
        for project in self.excluded:
            read = project.budget
            money = ""
            if read is not None and read.value is not None:
                unit = self.session.money_unit
                told = (read.raw or f.number(read.value)).removesuffix(unit)
                money = f"（全年预算数 {told}{unit}）"
            sheet.paragraph(f"{EXCLUDED}：{project.name}{money}。{project.excluded}")
        if any(p.result is not None and p.result.grade is None for p in self.projects):
            sheet.paragraph("自评得分空着的项目尚有指标未填或不能评定。")
        for indicator_set in _sets(self.projects):
            results = [
                p.result for p in self.projects if p.result and p.result.set is indicator_set
            ]
            found = [tag for result in results for tag in all_tags(result)]
            basis = f"，依据：{indicator_set.basis}" if indicator_set.basis else ""
            sheet.paragraph(
                f"计分规则：{indicator_set.title}{basis}。可信程度：{trust(found)}。{LEGEND}"
            )


EXCLUDED = "未列入本表的项目"
LEGEND = (
    "可信程度分四级：单位文件、公开资料、未核实、拟定，按计分所用规则中最低的一级标注；"
    "标“拟定”“未核实”的以本级财政部门规定为准。"
)


def score_of(result: Result, formula: str) -> Live:
    """Return 自评得分 of a line where ``formula`` finds it: nothing while something is unfilled."""
    live = total_of(result, formula)
    return live if result.grade is not None else live._replace(value="")


def graded_score(form: Scored) -> str:
    """Return 自评得分 from a form (or its recomputation)."""
    return f'IF({form.complete}=1,{form.total},"")'


def _tier_names(projects: list[ProjectResult]) -> list[str]:
    """Return the tiers of all projects' sets in their order, each once."""
    names: list[str] = []
    for project in projects:
        assert project.result is not None
        at = 0
        for tier in project.result.tiers:
            if tier.name in names:
                at = max(at, names.index(tier.name) + 1)
            else:
                names.insert(at, tier.name)
                at += 1
    return names


def _rate_heading(tier: str) -> str:
    return "执行率" if "执行" in tier else f"{tier}\n得分率"


def _sets(projects: list[ProjectResult]) -> list[IndicatorSet]:
    found: list[IndicatorSet] = []
    for project in projects:
        if project.result is not None and not any(project.result.set is s for s in found):
            found.append(project.result.set)
    return found


def all_tags(result: Result) -> list[Evidence]:
    """Return the tags of everything the scores of an evaluation rest on."""
    return [tag for row in result.indicators for tag in tags(result.set, row.item)]
