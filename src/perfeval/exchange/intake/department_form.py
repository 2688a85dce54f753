"""部门整体自评表 and 决算 tables → the department's answers, own rows, inputs; scores as 填报数."""

from __future__ import annotations

from collections.abc import Iterable

from perfeval.checks.subject import same_name
from perfeval.exchange.intake.labels import indicator_name
from perfeval.exchange.intake.ledger import Ledger
from perfeval.exchange.intake.placing import money_text, rate_text, unknown
from perfeval.exchange.intake.rows import BLANK, FixedRows, Rows, claim
from perfeval.exchange.intake.seen import Form, RowSeen, Seen
from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import FigureState, figure
from perfeval.session.change import join, under

DEPARTMENT = "department"
_INPUTS = {"initial": "年初预算数", "budget": "全年预算数", "executed": "全年执行数"}


def best_set(form: Form, sets: Iterable[IndicatorSet]) -> IndicatorSet | None:
    """Return the department set that knows most of the form's indicators, if it knows any."""
    names = {same_name(indicator_name(row.name.raw)) for row in form.rows}

    def known(one: IndicatorSet) -> int:
        return len(names & {same_name(item.name) for item in one.all_indicators()})

    found = sorted((one for one in sets if one.scope == "department"), key=known, reverse=True)
    return found[0] if found and known(found[0]) else None


class DepartmentPlacer:
    """Puts one 部门整体自评表 into a ledger."""

    def __init__(self, form: Form, ledger: Ledger, indicators: IndicatorSet) -> None:
        self.form, self.ledger, self.set = form, ledger, indicators
        self.fixed = FixedRows(ledger, indicators, DEPARTMENT, own=form.own)
        self.rows = Rows(ledger, indicators, DEPARTMENT, ledger.base.department)

    def place(self) -> None:
        """Place every cell of the form."""
        if self.ledger.base.department is None:
            self.ledger.settle(under(DEPARTMENT, "set"), self.set.id)
        self._funds()
        for row in self.form.rows:
            self._row(row)
        self.rows.settle_order()
        if cell := self.form.total.get("score"):
            claim(self.ledger, cell, under(DEPARTMENT, "total"), cell.printed)
        if cell := self.form.total.get("points"):
            self.ledger.ignore(cell, "分值合计，由各项相加得出")

    def _funds(self) -> None:
        execution = next((i for i in self.set.all_indicators() if "执行率" in i.name), None)
        for at, row in enumerate(self.form.funds):
            for name, cell in row.cells.items():
                if at:
                    self.ledger.ignore(cell, "分项资金不单独计分")
                elif name in _INPUTS:
                    self._input(cell, _INPUTS[name], "部门整体自评表")
                elif name == "rate" and execution:
                    text, why = rate_text(cell, None)
                    path = under(DEPARTMENT, "answers", execution.code, "actual")
                    claim(self.ledger, cell, path, text, why)
                elif name == "score" and execution:
                    path = under(DEPARTMENT, "answers", execution.code, "score")
                    claim(self.ledger, cell, path, cell.printed)
                else:
                    self.ledger.ignore(cell, "由指标体系给出")
            if row.source.address:
                self.ledger.ignore(row.source, "资金行的名称")

    def _input(self, cell: Seen, name: str, source: str) -> None:
        text, why = money_text(cell, self.form, self.ledger.base.money_unit)
        known = name in self.set.inputs
        base = under(DEPARTMENT, "inputs", name) if known else join("statements", name)
        path = under(base, "value")
        if text:
            self.ledger.accept(cell, path, text)
            self.ledger.settle(under(base, "source"), source)
        elif why:
            self.ledger.refuse(cell, why, path)
        else:
            self.ledger.ignore(cell, BLANK)

    def _row(self, row: RowSeen) -> None:
        name = indicator_name(row.name.raw)
        if (item := self.fixed.indicator(row)) is not None:
            self.fixed.place(row, item)
            return
        if self.rows.takes(row):
            self.rows.place(row)
            return
        known = [one.name for one in self.set.all_indicators()]
        for cell in (row.name, *row.cells.values()):
            self.ledger.refuse(cell, unknown(name, known))


def place_accounts(form: Form, ledger: Ledger, indicators: IndicatorSet | None) -> None:
    """Place the figures of a 决算 table: inputs the set asks for, and named figures."""
    source = form.title
    for name, cell in form.figures.items():
        text, why = money_text(cell, form, ledger.base.money_unit)
        if indicators is not None and name in indicators.inputs:
            path = under(DEPARTMENT, "inputs", name)
        else:
            path = join("statements", name)
        if not text:
            ledger.refuse(cell, why or BLANK, path)
            continue
        ledger.accept(cell, under(path, "value"), text, f"来自决算{source}")
        ledger.settle(under(path, "source"), f"决算{source}")


def place_counts(form: Form, ledger: Ledger) -> None:
    """Place the figures of a table that counts projects, as named figures."""
    for name, cell in form.figures.items():
        path = join("statements", name[:60])
        money = name.endswith("资金") and form.money_unit not in ("", ledger.base.money_unit)
        text = cell.printed + (form.money_unit if money and not figure(cell.raw).unit else "")
        if figure(text).state is not FigureState.NUMBER:
            ledger.ignore(cell, BLANK)
            continue
        ledger.accept(cell, under(path, "value"), text)
        ledger.settle(under(path, "source"), form.title[:100])
