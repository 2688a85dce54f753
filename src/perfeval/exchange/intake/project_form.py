"""项目支出绩效自评表 → a project: its money, goal, rows; scores and rates as 填报数."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from perfeval.checks.subject import same_name
from perfeval.exchange.intake.as_printed import rated_tier
from perfeval.exchange.intake.ledger import Ledger
from perfeval.exchange.intake.placing import equal, money_text, rate_text
from perfeval.exchange.intake.rows import BLANK, NOT_FOR_IMPORT, FixedRows, Rows, claim
from perfeval.exchange.intake.seen import NOTHING, Form, FundSeen, RowSeen, Seen
from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import Exact, figure
from perfeval.session.change import join, under
from perfeval.session.model import Project, Session

Money = Literal["initial", "budget", "executed"]
MONEY: tuple[Money, ...] = ("initial", "budget", "executed")


def project_key(
    session: Session, ledger: Ledger, name: str, code: str = "", apart: Collection[str] = ()
) -> str:
    """Return the key of the project a form is about, a new one where there is none yet.

    The code decides where both have one; else the name, or one the project is also known by.
    ``apart`` are the projects it is none of: other forms of the same file are about them.
    """
    named = []
    for key, project in session.projects.items():
        if key in apart:
            continue
        if code and project.code:
            if code == project.code:
                return key
        elif same_name(name) in map(same_name, (project.name, *project.also_named)):
            named.append(key)
    if named:
        rank = {key: at for at, key in enumerate(session.project_order)}
        return min(named, key=lambda key: rank.get(key, len(rank)))
    made = {
        segments[1]: str(text)
        for path, text in ledger.made.items()
        if (segments := path.split("/"))[0] == "projects" and segments[2:] == ["name"]
    }
    for key, other in made.items():
        if key in apart:
            continue
        code_made = str(ledger.made.get(f"projects/{key}/code", ""))
        if code and code_made:
            if code == code_made:
                return key
            continue
        if same_name(other) == same_name(name):
            return key
    taken = {*session.projects, *made}
    number = len(taken) + 1
    while f"p{number}" in taken:
        number += 1
    return f"p{number}"


class ProjectsOf:
    """Which projects the tables of a file are about, one after another.

    Two tables of one name are about two projects where there are two; in our own export
    (``each``) every table is about a project of its own.
    """

    def __init__(self, ledger: Ledger, *, each: bool = False) -> None:
        self.ledger, self.each = ledger, each
        self.used: set[str] = set()

    def key(self, name: str, code: str = "") -> str:
        """Return the key of the project the next table is about."""
        ledger = self.ledger
        found = project_key(ledger.base, ledger, name, code, self.used)
        if not self.each and found not in ledger.base.projects:
            found = project_key(ledger.base, ledger, name, code)
        self.used.add(found)
        return found


def begin_project(ledger: Ledger, key: str, set_id: str) -> None:
    """Note what a new project needs besides its cells: its set and its place in the order."""
    session = ledger.base
    if key in session.projects:
        return
    ledger.settle(join("projects", key, "set"), set_id)
    order = list(ledger.made.get("project_order") or session.in_stated_order().project_order)
    if key not in order:
        ledger.made["project_order"] = [*order, key]


ADDED_UP = "由各资金来源相加得出"


def adds_up_to(project: Project | None, column: Money, text: str, unit: str) -> bool:
    """Whether a project has no total row and its sources already add up to the amount read."""
    if project is None or any(row.is_total for row in project.funds.values()):
        return False
    added = project.fund_total(column, unit).value
    return added is not None and added == figure(text).in_unit(unit).value


class ProjectPlacer:
    """Puts one 项目自评表 into a ledger."""

    def __init__(self, form: Form, ledger: Ledger, indicators: IndicatorSet, key: str) -> None:
        self.form, self.ledger, self.set, self.key = form, ledger, indicators, key
        self.base = join("projects", key)
        self.old: Project | None = ledger.base.projects.get(key)

    def place(self) -> None:
        """Place every cell of the form."""
        begin_project(self.ledger, self.key, self.set.id)
        self._heads()
        self._funds()
        rows = Rows(self.ledger, self.set, self.base, self.old)
        fixed = FixedRows(self.ledger, self.set, self.base, own=self.form.own)
        for row in self.form.rows:
            if self._tier_rate(row):
                continue
            item = fixed.indicator(row)
            if item is not None and not rows.takes(row):
                fixed.place(row, item)
            else:
                rows.place(row)
        rows.settle_order()
        self._total()

    def _heads(self) -> None:
        ledger, form = self.ledger, self.form
        for name in ("name", "code", "implementing_unit", "category", "start", "end"):
            if (cell := form.heads.get(name)) is None:
                continue
            old = self.old is not None and not getattr(self.old, name)
            if old and name == "implementing_unit" and equal(cell.raw, ledger.base.unit.name):
                ledger.ignore(cell, "与填报单位相同")
            else:
                ledger.accept(cell, under(self.base, name), " ".join(cell.raw.split())[:300])
        told = form.heads.get("reason", NOTHING)
        for name, cell in (
            ("goal", form.goal), ("goal_done", form.goal_done), ("deviation_reason", told),
        ):  # fmt: skip
            if cell:
                ledger.accept(cell, under(self.base, name), cell.raw)

    def _funds(self) -> None:
        keys = dict(self.old.funds) if self.old else {}
        for at, row in enumerate(self.form.funds):
            source = "".join(row.source.raw.split())
            total = at == 0 and "其中" not in source
            if total and not any(word in source for word in ("总额", "合计")):
                source = "年度资金总额"
            key = next((k for k, f in keys.items() if same_name(f.source) == same_name(source)), "")
            if not key and total and "total" in keys:
                key = "total"
            key = key or ("total" if total else f"f{at + 1}")
            self._fund(row, key, source, total=total)

    def _fund(self, row: FundSeen, key: str, source: str, *, total: bool) -> None:
        ledger, path = self.ledger, under(self.base, "funds", key)
        values: dict[str, Exact] = {}
        taken = False
        for name in MONEY:
            if (cell := row.cells.get(name)) is None:
                continue
            text, why = money_text(cell, self.form, ledger.base.money_unit)
            if text:
                if total and adds_up_to(self.old, name, text, ledger.base.money_unit):
                    ledger.ignore(cell, ADDED_UP)
                else:
                    ledger.accept(cell, under(path, name), text)
                    taken = True
                read = figure(text)
                if read.value is not None:
                    values[name] = read.value
            elif why:
                ledger.refuse(cell, why, under(path, name))
            else:
                ledger.ignore(cell, BLANK)
        if self.old is None or (taken and key not in self.old.funds):
            ledger.settle(under(path, "source"), source)
        if row.source.address:
            ledger.ignore(row.source, "资金行的名称")
        budget = values.get("budget")
        expected = values["executed"] / budget if budget and "executed" in values else None
        for part in ("rate", "points", "score", "reason", "review", "manual"):
            if not (cell := row.cells.get(part)):
                continue
            if part == "manual":
                code = self._rate_code()
                ledger.accept(cell, under(self.base, "answers", code, "manual_score"), cell.entered)
            elif not total and part in ("rate", "points", "score"):
                ledger.ignore(cell, "分项资金不单独计分")
            elif part == "review":
                ledger.ignore(cell, NOT_FOR_IMPORT[part])
            elif part == "reason":
                ledger.accept(cell, under(self.base, "deviation_reason"), cell.raw)
            else:
                self._execution(cell, part, expected)

    def _execution(self, cell: Seen, name: str, expected: Exact | None) -> None:
        code = self._rate_code()
        if name == "rate":
            text, why = rate_text(cell, expected)
            claim(self.ledger, cell, under(self.base, "execution_rate"), text, why)
        else:
            claim(self.ledger, cell, under(self.base, "answers", code, name), cell.printed)

    def _rate_code(self) -> str:
        """Return the code of 预算执行率 in the set."""
        return next((one.code for one in self.set.all_indicators() if "执行率" in one.name), "P0")

    def _tier_rate(self, row: RowSeen) -> bool:
        """Take the rate of a whole 一级指标, where a form lists no rows under it."""
        tier, cell = rated_tier(row, self.set), row.cell("actual")
        if not tier:
            return False
        if cell:
            text, why = rate_text(cell, None)
            self.ledger.accept(cell, under(self.base, "tier_rates", tier), text, why)
        return True

    def _total(self) -> None:
        if cell := self.form.total.get("score"):
            claim(self.ledger, cell, under(self.base, "score"), cell.printed)
        if cell := self.form.total.get("points"):
            self.ledger.ignore(cell, "分值合计，由各项相加得出")
