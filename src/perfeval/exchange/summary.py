"""自评汇总表 (the projects, one line each) and 得分情况表 (表3-1: the department's tiers)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from perfeval.exchange import formulas as f
from perfeval.exchange.entries import SUMMARY, as_cell, blank
from perfeval.exchange.form import (
    Scored,
    grade_of,
    tags,
    tier_rate_of,
    tier_score_of,
    total_of,
    total_points,
    total_rate_of,
    trust,
)
from perfeval.exchange.layout import (
    BODY,
    ENTRY,
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
from perfeval.indicators.model import Evidence, IndicatorSet
from perfeval.indicators.rules import Given, TierRatePoints
from perfeval.numbers import ZERO, Exact, figure, half_up
from perfeval.scoring.scorecard import IndicatorResult, Item, ProjectResult, Result, TierResult
from perfeval.scoring.trace import trace_text
from perfeval.session.model import Session

SCORES = "得分情况表"
BUDGET, EXECUTED, _RATES = 2, 3, 4
MONEY = {"全年预算数": BUDGET, "全年执行数": EXECUTED}
"""The columns of 自评汇总表 that hold what a project's formulas call by these names."""
_FIRST = 3

Compared = tuple[str, str, Live]
"""What 核对 compares: its name, the form's cell, the figure recomputed."""


# --- 自评汇总表 ------------------------------------------------------------------------------


def is_simple(project: ProjectResult) -> bool:
    """Whether the line of 自评汇总表 holds all that the project's score rests on.

    So it does where each tier is one rate: typed, or computed from the two columns of money.
    Any other project is written out in 项目自评明细表.
    """
    result = project.result
    if result is None or not all(map(_is_rate, result.tiers)):
        return False
    computed = [row.item.formula for row in result.indicators if row.item.formula is not None]
    if len(computed) > 1:
        return False
    money = {"全年预算数": project.budget, "全年执行数": project.executed}
    return all(result.inputs[name] == money[name] for form in computed for name in form.names)


def _is_rate(tier: TierResult) -> bool:
    rows = [row.item for row in tier.indicators]
    if not rows:
        return True
    item = rows[0]
    if len(rows) > 1 or item.manual is not None or item.not_applicable or tier.unused:
        return False
    if _typed_rate(item):
        return True
    plain = item.rule.needs == "value" and not item.rule.needs_target and not item.modifiers
    money = item.formula is not None and set(item.formula.names) <= set(MONEY)
    return (
        money
        and plain
        and item.unit == "%"
        and item.direct is None
        and item.if_zero in (None, "0", "error")
    )


def _typed_rate(item: Item) -> bool:
    return isinstance(item.rule, TierRatePoints) and item.code == item.tier


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
        for column, read in ((BUDGET, project.budget), (EXECUTED, project.executed)):
            sheet.put(row, column, as_cell(read) if read is not None else None, ENTRY)
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

    def simple(self, line: SummaryLine) -> None:
        """Write rates and score of a project that its line holds completely."""
        result = line.result
        notes = []
        for tier in result.tiers:
            row, column = self.place(line, tier.name)
            first = next(iter(tier.indicators), None)
            if first is None or _typed_rate(first.item):
                self._rate_entry(row, column, first, result.set.rounding.rate)
            else:
                formula = f.value_formula(first.item, self._places(line))
                self.sheet.live(row, column, tier_rate_of(result, tier, formula), BODY)
            if first is not None:
                notes.append(f"{tier.name}\n{trace_text(first, result.set.rounding)}")
        cells = {tier.name: address(*self.place(line, tier.name)) for tier in result.tiers}
        self._put_score(line, self.score_formula(line, cells), "\n".join(notes))

    def _rate_entry(self, row: int, column: int, typed: IndicatorResult | None, rate: int) -> None:
        answer = typed.item.answer if typed is not None else None
        read = figure(answer.actual if answer is not None else "").in_unit("%")
        places = max(read.places, rate) if read.unit == "%" else rate
        self.sheet.put(row, column, as_cell(read), ENTRY.with_number(percent_format(places)))

    def _places(self, line: SummaryLine, sheet: str = "") -> f.Places:
        cells = {name: address(line.row, column) for name, column in MONEY.items()}
        return f.Places(names={name: on(sheet, c) if sheet else c for name, c in cells.items()})

    def computed_rate(self, line: SummaryLine) -> tuple[str, Live] | None:
        """Return the tier of a simple project whose rate follows from its money, recomputed."""
        for tier in line.result.tiers:
            first = next(iter(tier.indicators), None)
            if first is not None and not _typed_rate(first.item):
                formula = f.value_formula(first.item, self._places(line, SUMMARY))
                return tier.name, tier_rate_of(line.result, tier, formula)
        return None

    def score_formula(self, line: SummaryLine, rates: Mapping[str, str]) -> str:
        """Return the score of a simple project from the cells of its rates, "" while one is open.

        Each tier's points rounded, then their sum, in one formula.
        """
        rounding = line.result.set.rounding
        parts = []
        for tier in line.result.tiers:
            first = next(iter(tier.indicators), None)
            item = first.item if first is not None else _rate_item(tier)
            points = f.number(item.points)
            score = f.plain_score(item, rates[tier.name], points, rounding.score)
            parts.append(
                f"ROUND({score},{rounding.tier})" if rounding.tier < rounding.score else score
            )
        known = f.known(rates[tier.name] for tier in line.result.tiers)
        return f'IF({known},ROUND({"+".join(parts)},{rounding.total}),"")'

    def detailed(self, line: SummaryLine, form: Scored) -> None:
        """Write rates and score of a project that 项目自评明细表 holds."""
        for tier in line.result.tiers:
            live = tier_rate_of(line.result, tier, form.tier_rates[tier.name])
            self.sheet.live(*self.place(line, tier.name), live, BODY)
        self._put_score(line, detailed_score(form), "见项目自评明细表")

    def _put_score(self, line: SummaryLine, formula: str, note: str) -> None:
        head = f"可信程度：{trust(all_tags(line.result))}\n"
        live = score_of(line.result, formula)
        self.sheet.live(line.row, self.score, live, BODY, head + note)

    def place(self, line: SummaryLine, tier: str) -> tuple[int, int]:
        """Return row and column of a tier's rate."""
        return line.row, _RATES + self.tiers.index(tier)

    def cell(self, line: SummaryLine, tier: str = "") -> str:
        """Return the cell of a tier's rate, or of the score, for other sheets."""
        column = _RATES + self.tiers.index(tier) if tier else self.score
        return on(SUMMARY, address(line.row, column))

    # --- below the lines ----------------------------------------------------------------------

    def close(self) -> list[Compared]:
        """Write 合计 and the notes; return what 核对 compares."""
        compared = self._total() if self.lines else []
        self._notes()
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
            again = replace(live, formula=f.rate_formula(*sums, places + 2))
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
                money = (
                    f"（全年预算数 {read.raw or f.number(read.value)}{self.session.money_unit}）"
                )
            sheet.paragraph(f"未列入本表的项目：{project.name}{money}。{project.excluded}")
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


LEGEND = (
    "可信程度分四级：单位文件、公开资料、未核实、拟定，按计分所用规则中最低的一级标注；"
    "标“拟定”“未核实”的以本级财政部门规定为准。"
)


def score_of(result: Result, formula: str) -> Live:
    """Return 自评得分 of a line where ``formula`` finds it: nothing while something is unfilled."""
    live = total_of(result, formula)
    return live if result.grade is not None else replace(live, value="")


def detailed_score(form: Scored) -> str:
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


def _rate_item(tier: TierResult) -> Item:
    """Return what a tier without rows would be scored as once its rate is typed."""
    return Item(
        code=tier.name,
        name=tier.name,
        path="",
        tier=tier.name,
        group="",
        points=tier.points,
        unit="%",
        rule=TierRatePoints(),
        given=Given(points=tier.points),
    )


def _sets(projects: list[ProjectResult]) -> list[IndicatorSet]:
    found: list[IndicatorSet] = []
    for project in projects:
        if project.result is not None and not any(project.result.set is s for s in found):
            found.append(project.result.set)
    return found


def all_tags(result: Result) -> list[Evidence]:
    """Return the tags of everything the scores of an evaluation rest on."""
    return [tag for row in result.indicators for tag in tags(result.set, row.item)]


# --- 得分情况表 ------------------------------------------------------------------------------


WEIGHT, RATE, SCORE, TRUST, GRADE = range(_FIRST, _FIRST + 5)
"""The rows of 得分情况表."""


def score_table(session: Session, result: Result, form: Scored) -> Sheet:
    """Return 得分情况表; :func:`table_figures` are what it shows."""
    tiers, last = result.tiers, len(result.tiers) + 1
    widths = (16, *[max(16.0, 100 / last)] * len(tiers), 18)
    sheet = Sheet(SCORES, widths, len(widths), header=(2, 2))
    left = f"部门（单位）名称：{session.unit.name}"
    title(sheet, "表3-1 部门整体得分情况", left, f"{session.year} 年度    单位：分")
    sheet.row(2, ("一级指标", *(tier.name for tier in tiers), "合计"), HEAD)
    for row, label in enumerate(("权重", "得分率", "得分", "可信程度", "评价等级"), WEIGHT):
        sheet.put(row, 0, label, HEAD)
    for column, tier in enumerate(tiers, 1):
        found = [tag for row in tier.indicators for tag in tags(result.set, row.item)]
        sheet.put(TRUST, column, trust(found), BODY)
    sheet.put(TRUST, last, trust(all_tags(result)), SUM)
    for column in range(2, last + 1):
        sheet.put(GRADE, column, None, SUM)
    sheet.merges.append((GRADE, 1, GRADE, last))
    for row, column, live in table_figures(result, form):
        sheet.live(row, column, live, SUM if column == last or row == GRADE else BODY)
    _table_notes(sheet, result)
    return sheet


def table_figures(result: Result, scored: Scored) -> Iterator[tuple[int, int, Live]]:
    """Yield row, column and figure of 得分情况表 out of a form or of its recomputation."""
    for column, tier in enumerate(result.tiers, 1):
        yield WEIGHT, column, Live(scored.tier_points[tier.name], tier.points)
        yield RATE, column, tier_rate_of(result, tier, scored.tier_rates[tier.name])
        yield SCORE, column, tier_score_of(result, tier, scored.tier_scores[tier.name])
    last = len(result.tiers) + 1
    yield WEIGHT, last, Live(scored.total_points, total_points(result))
    yield RATE, last, total_rate_of(result, scored.total_rate)
    yield SCORE, last, total_of(result, scored.total)
    yield GRADE, 1, grade_of(result, scored.grade)


def _table_notes(sheet: Sheet, result: Result) -> None:
    basis = f"，依据：{result.set.basis}" if result.set.basis else ""
    sheet.paragraph(f"计分规则：{result.set.title}{basis}。导出时得分：{result.summary}。")
    grades = "、".join(f"{g.name}（{f.number(g.min)} 分起）" for g in result.set.grades)
    sheet.paragraph(f"等级划分：{grades}，{result.set.grades_evidence.label}。{LEGEND}")
    for problem in dict.fromkeys(told for place, told in result.problems if not place):
        sheet.paragraph(problem)
