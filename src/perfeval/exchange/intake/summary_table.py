"""自评汇总表 and plain project lists → projects: money, tier rates; scores as 填报数."""

from __future__ import annotations

import re

from perfeval.exchange.intake.bare_list import LeftOpen
from perfeval.exchange.intake.ledger import Ledger
from perfeval.exchange.intake.placing import money_text, rate_text
from perfeval.exchange.intake.project_form import (
    ADDED_UP,
    MONEY,
    ProjectsOf,
    adds_up_to,
    begin_project,
)
from perfeval.exchange.intake.project_list import of_total
from perfeval.exchange.intake.rows import BLANK, claim
from perfeval.exchange.intake.seen import Form, LineSeen, Seen
from perfeval.exchange.summary import EXCLUDED
from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import Exact, FigureState, decimal_text, figure
from perfeval.session.change import join, under

_PLAIN = ("code", "budget_unit", "implementing_unit", "owner", "category")


def place_list(form: Form, ledger: Ledger, indicators: IndicatorSet, *, each: bool = False) -> None:
    """Place every line of a list of projects; ``each`` as in :class:`.project_form.ProjectsOf`."""
    projects = ProjectsOf(ledger, each=each)
    open_ = LeftOpen.of(form, ledger.base.money_unit)
    for line in form.lines:
        _line(line, form, open_, projects, indicators)
    for remark in form.remarks:
        _remark(remark, projects, indicators)
    for name, cell in form.total.items():
        ledger.ignore(cell, of_total(name))


def _line(
    line: LineSeen, form: Form, open_: LeftOpen, projects: ProjectsOf, indicators: IndicatorSet
) -> None:
    ledger = projects.ledger
    name = " ".join(line.cell("name").raw.split())[:300]
    code = line.cell("code").raw
    key = projects.key(name, code)
    base = join("projects", key)
    begin_project(ledger, key, indicators.id)
    ledger.accept(line.cell("name"), under(base, "name"), name)
    for field in _PLAIN:
        if cell := line.cell(field):
            ledger.accept(cell, under(base, field), cell.raw)
    if cell := line.cell("fund_origins"):
        ledger.ignore(cell, "资金来源请在项目里选")
    if cell := line.cell("number"):
        ledger.ignore(cell, "序号")
    _money(line, form, open_, base, ledger)
    if cell := line.cell("rate"):
        text, why = rate_text(cell, _share(line))
        claim(ledger, cell, under(base, "execution_rate"), text, why)
    for tier, cell in line.tier_rates.items():
        _tier_rate(cell, tier, base, ledger, indicators)
    if cell := line.cell("score"):
        claim(ledger, cell, under(base, "score"), cell.printed)
    if cell := line.cell("grade"):
        ledger.accept(cell, join("claimed", under(base, "grade")), cell.raw[:20], "填报数")
    if cell := line.cell("reason"):
        if figure(cell.raw).state is FigureState.BLANK:
            ledger.ignore(cell, BLANK)
        else:
            ledger.accept(cell, under(base, "deviation_reason"), cell.raw)
    if cell := line.cell("excluded"):
        ledger.accept(cell, under(base, "excluded"), cell.raw)
    if cell := line.cell("department"):
        ledger.ignore(cell, "主管部门在任务的单位信息里填")


def _money(line: LineSeen, form: Form, open_: LeftOpen, base: str, ledger: Ledger) -> None:
    """Place the amounts of a line: the project's total. Several sources are never overwritten."""
    old = ledger.base.projects.get(base.split("/")[1])
    unit = ledger.base.money_unit
    funds = old.counted_funds if old else {}
    fund = next(iter(funds), "total")
    for field in MONEY:
        if not (cell := line.cell(field)):
            continue
        text, why = money_text(cell, form, unit)
        path = under(base, "funds", fund, field)
        if text and (doubt := open_.refuses(text)):
            ledger.refuse(cell, doubt, path)
        elif not text:
            ledger.refuse(cell, why, path) if why else ledger.ignore(cell, BLANK)
        elif len(funds) == 1 or old is None or not funds:
            ledger.accept(cell, path, text, open_.told(text))
        elif adds_up_to(old, field, text, unit):
            ledger.ignore(cell, ADDED_UP)
        else:
            added = old.fund_total(field, unit)
            told = decimal_text(added.value) if added.value is not None else "未填"
            ledger.refuse(cell, f"项目有 {len(funds)} 个资金来源，合计为 {told}，请改各来源的金额")


def _share(line: LineSeen) -> Exact | None:
    budget, executed = figure(line.cell("budget").raw), figure(line.cell("executed").raw)
    if budget.value and executed.value is not None:
        return executed.value / budget.value
    return None


def _tier_rate(cell: Seen, tier: str, base: str, ledger: Ledger, indicators: IndicatorSet) -> None:
    """A tier's rate is the answer itself where the project has no rows; else a printed one."""
    names = [one.name for one in indicators.tiers if tier in one.name and "执行" not in one.name]
    if not names:
        ledger.refuse(cell, f"指标体系里没有“{tier}”这个一级指标")
        return
    key = base.split("/")[1]
    old = ledger.base.projects.get(key)
    text, why = rate_text(cell, None)
    if figure(text).state is FigureState.BLANK:
        ledger.ignore(cell, BLANK)
    elif figure(text).value is None:
        ledger.refuse(cell, figure(text).problem)
    elif (old and old.rows) or under(base, "row_order") in ledger.made:
        claim(ledger, cell, under(base, "tiers", names[0], "rate"), text, why)
    else:
        ledger.accept(cell, under(base, "tier_rates", names[0]), text, why)


_EXCLUDED = re.compile(
    r"(?:追加|年初)?项目[:：]\s*(?P<name>[^，,。]{4,60})[，,](?P<why>.*不.*自评.*)"
)


_OURS = re.compile(
    rf"{EXCLUDED}：(?P<name>.+?)(（全年预算数 (?P<budget>[\d.,]+)[万]?元）)?。(?P<why>.+)",
    re.DOTALL,
)
"""How our own 自评汇总表 says it."""


def _remark(cell: Seen, projects: ProjectsOf, indicators: IndicatorSet) -> None:
    """A remark below the table names a project that takes no part, with the reason."""
    ledger = projects.ledger
    found = _OURS.fullmatch(cell.raw) or _EXCLUDED.search(cell.raw)
    if found is None:
        ledger.ignore(cell, "表下说明；如有不参加自评的项目，请在项目里注明")
        return
    key = projects.key(found["name"])
    base = join("projects", key)
    begin_project(ledger, key, indicators.id)
    if key not in ledger.base.projects:
        ledger.settle(under(base, "name"), found["name"])
        if budget := found.groupdict().get("budget"):
            ledger.settle(under(base, "funds", "total", "budget"), budget)
    ledger.accept(cell, under(base, "excluded"), found["why"].strip("。"))
