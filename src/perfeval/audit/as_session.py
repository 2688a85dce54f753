"""A published report as a 自评任务: what it prints, put where a session keeps it.

Tables go in as an import of the same tables would; what stands in sentences is made into forms
first. Printed scores and rates are 填报数 beside what is computed. A score whose rule the report
does not print, and whose components it does not give, is taken as 人工赋分 and says so. Every
value tells the file and the line it is from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from perfeval.audit.account_tables import number_of
from perfeval.audit.auditing import Examined
from perfeval.audit.figures import Measure, Mention, figures_in
from perfeval.audit.forms import placed_grid
from perfeval.audit.projects import ProjectLine
from perfeval.audit.tiers import ScoredLine, tier_name
from perfeval.audit.wording import unit_of, year_of
from perfeval.checks.subject import same_name
from perfeval.errors import PerfevalError, UnreadableInput
from perfeval.exchange.intake.as_printed import as_printed
from perfeval.exchange.intake.department_form import best_set
from perfeval.exchange.intake.final_accounts import BUDGET, SPENT, read_accounts
from perfeval.exchange.intake.handed import Chooser
from perfeval.exchange.intake.ledger import Ledger
from perfeval.exchange.intake.project_list import read_lists
from perfeval.exchange.intake.reading import PROJECT_SET, Reading, blank_session, plan
from perfeval.exchange.intake.rows import claim
from perfeval.exchange.intake.seen import Form, FundSeen, LineSeen, RowSeen, Seen
from perfeval.indicators.model import Group, IndicatorSet, Own, Tier
from perfeval.numbers import ZERO, decimal_text, dimension
from perfeval.scoring.engine import SetFinder, score_session
from perfeval.scoring.scorecard import IndicatorResult, Status
from perfeval.session.change import join, under
from perfeval.session.model import Evaluation, Session
from perfeval.session.pins import pin

DEPARTMENT = "department"
AS_PRINTED = "as-printed-department"
"""The set of a report whose indicators and weights no known set has."""
REST = "报告没有列出的指标"


@dataclass(frozen=True, slots=True)
class Filled:
    """The session a report stands for: the ledger that makes it, and where its sets are found."""

    reading: Reading
    ledger: Ledger
    find: SetFinder


def as_session(examined: Examined, session_id: str, find: SetFinder, sets: Iterable[str]) -> Filled:
    """Return what a report's session would be; nothing is saved.

    ``sets`` are the ids among which the department's is looked for. Raises
    :class:`PerfevalError` for a report that holds no self-evaluation.
    """
    return _Filler(examined, session_id, find, tuple(sets)).fill()


@dataclass(slots=True)
class _Filler:
    """Puts one report into a ledger."""

    examined: Examined
    session_id: str
    find: SetFinder
    sets: tuple[str, ...]
    forms: list[Form] = field(default_factory=list)
    unit: str = "万元"

    def fill(self) -> Filled:
        """Return the ledger of the report."""
        found = self.examined.selfeval
        department = self.department()
        self.forms = [*self.accounts(), *self.lists(), *self.evaluations()]
        if not (found.lines or department.rows or found.forms):
            raise PerfevalError(
                f"{self.examined.document.name}：没有找到自评汇总表、自评表或部门整体的得分，建不成自评任务"
            )
        self.unit = next((one.money_unit for one in self.forms if one.money_unit), "万元")
        chooser = Chooser(self.find, self.sets)
        session = self.blank(department)
        chosen = self.set_of(department, chooser) if department.rows else None
        if chosen is not None:
            session = session.model_copy(update={DEPARTMENT: Evaluation(set=chosen.id)})
            self.forms.append(department)
        reading = Reading(self.examined.document.name, [], self.forms)
        ledger = plan(
            session, reading, chooser.of, sets=self.sets,
            choose=lambda form: chooser.of(session.department.set)
            if form.is_department and session.department
            else self.project_set(form, chooser),
        )  # fmt: skip
        if chosen is not None:
            self.printed(ledger, chosen)
        elif department.rows:
            ledger.notes.append("部门整体没有建立：报告印出的各指标分值合不成 100 分，请核对权重")
        self.counts(ledger)
        self.names(ledger)
        _sources(ledger)
        self.judged(ledger, chooser.of)
        return Filled(reading, ledger, chooser.of)

    def blank(self, department: Form) -> Session:
        """Return the empty session: unit, year and money unit as the report has them."""
        document = self.examined.document
        begun = blank_session([Reading(document.name, [], self.forms)], document.name)
        name = unit_of(document) or begun.unit.name
        return begun.model_copy(
            update={
                "id": self.session_id,
                "unit": begun.unit.model_copy(update={"name": name[:200]}),
                "year": year_of(document) or begun.year,
                "money_unit": "元" if self.unit == "元" else "万元",
            }
        )

    # --- tables ------------------------------------------------------------------------------

    def accounts(self) -> Iterator[Form]:
        """Yield the 决算 tables of the report."""
        for table in self.examined.document.tables:
            if number_of(table):
                yield from read_accounts(placed_grid(table))

    def lists(self) -> Iterator[Form]:
        """Yield the 自评汇总表, and the projects only the text tells of as another list."""
        found = self.examined.selfeval
        for table in self.examined.document.tables:
            if not number_of(table):
                for form in read_lists(placed_grid(table)):
                    form.remarks += self.left_out()
                    yield form
        known = {one.key for one in found.table}
        known |= {line.key for line in found.lines if line.is_table}
        texts = [one for one in found.lines if not one.is_table and one.key not in known]
        forms = {one.name for one in found.forms}
        lines = [self.line(one) for one in texts if one.name not in forms]
        if lines:
            yield Form("list", title="项目绩效自评情况", lines=lines)

    def left_out(self) -> Iterator[Seen]:
        """Yield the sentences that name projects without a self-evaluation."""
        for block in self.examined.document.paragraphs:
            if re.search("(?:不|未)参加自评", block.text):
                yield Seen(block.text, "", str(block.place))

    def line(self, line: ProjectLine) -> LineSeen:
        """Return what the text says of a project as a line of a list."""
        names = {"全年预算数": "budget", "执行数": "executed", "执行率": "rate", "得分": "score"}
        cells = {"name": Seen(line.name, "", str(line.place))}
        rates: dict[str, Seen] = {}
        for kind, mention in line.values.items():
            if kind in names:
                cells[names[kind]] = self.cell(mention)
            elif kind in {"产出", "效益", "满意度"}:
                rates[kind] = self.cell(mention)
        return LineSeen(cells, rates)

    def evaluations(self) -> Iterator[Form]:
        """Yield the projects' 自评表 of the report."""
        return (one.form for one in self.examined.selfeval.forms if not one.form.is_department)

    # --- the department, out of sentences ----------------------------------------------------

    def department(self) -> Form:
        """Return the department's 自评表: the report's own, else what its text says as one."""
        found = self.examined.selfeval
        own = next((one.form for one in found.forms if one.form.is_department), None)
        if own is not None:
            return own
        form = Form("evaluation", title="部门整体支出绩效自评")
        names = {"initial": "年初预算数", "budget": "全年预算数", "executed": "全年执行数"}
        cells = {key: self.stated(name) for key, name in names.items()}
        cells["rate"] = self.stated("预算执行率")
        execution = found.tiers.get("预算执行", {})
        cells |= {
            key: self.cell(execution[name])
            for key, name in (("points", "分值"), ("score", "得分"))
            if name in execution
        }
        taken = {key: cell for key, cell in cells.items() if cell}
        if taken:
            form.funds = [FundSeen(Seen("年度资金总额"), taken)]
        form.rows = [self.row(one) for one in found.scored]
        total = self.stated("一级·合计·得分")
        form.total = {"score": total} if total else {}
        return form

    def row(self, line: ScoredLine) -> RowSeen:
        """Return an indicator of the text as a row of a 自评表."""
        place = str(line.paragraph.place)
        cells = {"points": self.cell(line.points), "score": self.cell(line.score)}
        if (rate := _rate_of(line)) is not None:
            cells["actual"] = self.cell(rate)
        tier = f"{line.tier}指标" if line.tier else ""
        return RowSeen(
            Seen(tier, "", place), Seen(line.group or tier, "", place),
            Seen(line.name, "", place), cells,
        )  # fmt: skip

    def set_of(self, form: Form, chooser: Chooser) -> IndicatorSet | None:
        """Return the set a department is scored with: one that knows most of its indicators and
        their points, else one made of the report's own; None where its points cannot make 100.
        """
        known = best_set(form, map(self.find, self.sets))
        if known is not None and _fits(form, known):
            return known
        departments = (self.find(one) for one in self.sets)
        like = next((one for one in departments if one.scope == DEPARTMENT), None)
        if like is None:
            raise PerfevalError(
                "没有部门整体的指标体系，建不成自评任务。请先用 perfeval sets add 装入一套"
            )
        made = as_printed(form, like, 1).model_copy(
            update={"id": AS_PRINTED, "title": "按报告印出的指标和分值", "scope": DEPARTMENT}
        )
        for one in (made, self.weighed(made), _with_rest(made)):
            if _is_sound(one):
                chooser.made[one.id] = one
                return one
        return None

    def weighed(self, made: IndicatorSet) -> IndicatorSet:
        """Return a set whose 一级指标 have the points that 得分情况表 gives them."""
        printed = self.examined.selfeval.tiers
        tiers = [
            tier.model_copy(update={"points": printed[name]["分值"].value})
            if (name := tier_name(tier.name)) in printed and "分值" in printed[name]
            else tier
            for tier in made.tiers
        ]
        return made.model_copy(update={"tiers": tuple(tiers)})

    def project_set(self, form: Form, chooser: Chooser) -> IndicatorSet:
        """Return the set of a project's form: its own levels and points, where they make 100."""
        made = chooser(form)
        return made if _is_sound(made) else self.find(PROJECT_SET)

    # --- printed beside computed -------------------------------------------------------------

    def printed(self, ledger: Ledger, chosen: IndicatorSet) -> None:
        """Keep what the report prints of tiers, grade and totals, and inputs the text gives."""
        tiers = {tier_name(one.name): one.name for one in chosen.tiers}
        for name, values in self.examined.selfeval.tiers.items():
            whole = name in {"合计", "总分", "总计"}
            for kind, key in (("得分", "score"), ("得分率", "rate")):
                if kind not in values:
                    continue
                cell = self.cell(values[kind])
                if whole and kind == "得分率":
                    claim(ledger, cell, under(DEPARTMENT, "rate"), cell.raw)
                elif name in tiers:
                    claim(ledger, cell, under(DEPARTMENT, "tiers", tiers[name], key), cell.raw)
        for name, fact in _INPUTS.items():
            path = under(DEPARTMENT, "inputs", name)
            if name in chosen.inputs and under(path, "value") not in ledger.made:
                cell = self.stated(fact)
                if cell:
                    ledger.accept(cell, under(path, "value"), cell.raw)
            if name in chosen.inputs:
                self.other_printing(ledger, fact, path)
        if grade := _grade(self.examined):
            ledger.accept(grade, join("claimed", under(DEPARTMENT, "grade")), grade.raw, "填报数")

    def other_printing(self, ledger: Ledger, fact: str, path: str) -> None:
        """Keep another number the report prints for the same input, as a 填报数."""
        trusted = self.examined.trusted(fact)
        for mention in self.examined.register.facts.get(fact, ()):
            reading = self.examined.of[mention]
            if trusted is not None and reading is not trusted:
                ledger.accept(
                    self.cell(mention), join("claimed", path), self.text(mention), "填报数"
                )
                return

    def counts(self, ledger: Ledger) -> None:
        """Keep the named figures no form holds: how many projects, how much money they had."""
        for name in _STATED:
            if cell := self.stated(name):
                path = join("statements", name)
                if under(path, "value") not in ledger.made:
                    ledger.accept(cell, under(path, "value"), cell.raw)

    def names(self, ledger: Ledger) -> None:
        """Keep the other name a project goes by in the text."""
        keys = {
            same_name(str(value)): path.removesuffix("/name")
            for path, value in ledger.made.items()
            if path.startswith("projects/") and path.endswith("/name")
        }
        for line in self.examined.selfeval.lines:
            path = keys.get(same_name(line.name), "")
            if line.printed and path:
                ledger.settle(under(path, "also_named"), [line.printed])

    def judged(self, ledger: Ledger, find: SetFinder) -> None:
        """Where nothing printed proves an indicator: its printed rate is its value, else its score
        is 人工赋分.
        """
        for proposed in (_values, _scores):
            session = ledger.applied()
            if session.department is None:
                return
            for row in _rows(session, find):
                proposed(ledger, session, row)

    # --- cells -------------------------------------------------------------------------------

    def stated(self, name: str) -> Seen:
        """Return the number a fact is stated to be as a cell, an empty one where none is."""
        reading = self.examined.trusted(name)
        return Seen("") if reading is None else self.cell(reading.first)

    def cell(self, mention: Mention) -> Seen:
        return Seen(self.text(mention), "", str(mention.place))

    def text(self, mention: Mention) -> str:
        """Return a number as a session keeps it: an amount in the session's own unit is plain."""
        if mention.measure is Measure.AMOUNT:
            same = dimension(mention.unit) == "money" and mention.unit == self.unit
            digits = decimal_text(mention.value / mention.size, mention.places)
            return digits if same else digits + mention.unit
        if mention.measure is Measure.RATE:
            return decimal_text(mention.value / mention.size, mention.places) + mention.unit
        return re.sub(r"[^\d.\-]+$", "", mention.raw) if mention.unit != "%" else mention.raw


_INPUTS = {
    "年初预算数": "年初预算数",
    "年中调整数": "年中调整数",
    "全年预算数": "全年预算数",
    "全年执行数": "全年执行数",
    "结转结余总额": "结转结余总额",
    BUDGET: "三公·合计·预算",
    SPENT: "三公·合计·决算",
}
"""Inputs of a set by the facts of a report that state them."""
_STATED = (
    "自评项目数", "自评资金", "确定能实现目标的项目数", "有可能实现目标的项目数",
    "完全不可能实现目标的项目数",
)  # fmt: skip
_NAMED_RATE = re.compile(r"率(?:为|是|达)?$")
_GRADE = re.compile(r"(?:等级|等次|级别|结论)[^。优良中差]{0,6}[“\"]?(优|良|中|差)")


def _rate_of(line: ScoredLine) -> Mention | None:
    """Return the rate an indicator is said to have reached: in its heading or below it."""
    if line.rate is not None or not line.name.endswith("率"):
        return line.rate
    for block in line.following:
        before = 0
        found = None
        for one in figures_in(block):
            label = re.split(r"[，。；：,;:]", block.text[before : one.start])[-1]
            if one.mention.measure is Measure.RATE and _NAMED_RATE.search(label):
                found = one.mention
            before = one.end
        if found is not None:
            return found
    return None


def _grade(examined: Examined) -> Seen | None:
    for block in examined.document.paragraphs:
        if "自评得分" in block.text and (match := _GRADE.search(block.text)):
            return Seen(match[1], "", str(block.at(match.start(1))))
    return None


def _fits(form: Form, known: IndicatorSet) -> bool:
    """Whether most of a form's indicators are the set's, with the set's points."""
    points = {same_name(one.name): one.points for one in known.all_indicators()}
    rows = [(same_name(row.name.raw), row.cell("points").raw) for row in form.rows]
    same = [name for name, text in rows if name in points and decimal_text(points[name]) == text]
    return len(same) * 2 >= len(rows) and len(same) == sum(name in points for name, _ in rows)


def _is_sound(made: IndicatorSet) -> bool:
    """Whether a set could be kept with a session: its points make 100, its names are its own."""
    try:
        pin(made).load()
    except UnreadableInput:
        return False
    return True


def _with_rest(made: IndicatorSet) -> IndicatorSet:
    """Return a set with what 100 leaves beside the points printed, as a 一级指标 of its own."""
    rest = 100 - sum((tier.points for tier in made.tiers), ZERO)
    if rest <= 0:
        return made
    tier = Tier(name=REST, points=rest, groups=(Group(name=REST, own=Own()),))
    return made.model_copy(update={"tiers": (*made.tiers, tier)})


def _sources(ledger: Ledger) -> None:
    """Note with every input and named figure where it stands in the report."""
    for entry in ledger.entries:
        parts = entry.path.split("/")
        if entry.taken and parts[-1] == "value" and {"inputs", "statements"} & set(parts):
            source = f"{ledger.base.source} {entry.address}"
            ledger.made[entry.path.removesuffix("value") + "source"] = source


def _rows(session: Session, find: SetFinder) -> list[IndicatorResult]:
    card = score_session(session, find)
    assert card.department is not None
    return [row for row in card.department.indicators if row.status is Status.UNFILLED]


Proposed = Callable[[Ledger, Session, IndicatorResult], None]


def _values(ledger: Ledger, session: Session, row: IndicatorResult) -> None:
    path = under(row.path, "actual")
    printed = session.claimed.get(path, "")
    if printed and row.item.formula is not None:
        ledger.accept(
            _where(ledger, join("claimed", path)), path, printed, "没有分子、分母，按印出的率"
        )


def _scores(ledger: Ledger, session: Session, row: IndicatorResult) -> None:
    printed = session.claimed.get(under(row.path, "score"), "")
    if printed:
        cell = _where(ledger, join("claimed", under(row.path, "score")))
        told = f"报告自评得 {printed} 分（{ledger.base.source} {cell.address}），没有写出计分依据"
        ledger.accept(cell, under(row.path, "manual_score"), printed, "报告没有写出计分依据")
        ledger.settle(under(row.path, "manual_reason"), told)


def _where(ledger: Ledger, path: str) -> Seen:
    """Return the cell that was taken to a path."""
    entry = next(one for one in ledger.entries if one.path == path)
    return Seen(entry.raw, entry.sheet, entry.address)
