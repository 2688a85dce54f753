"""项目支出绩效自评表 → a project: its money, goal, rows; scores and rates as 填报数."""

from __future__ import annotations

import re
from typing import Literal

from perfeval.checks.subject import same_name
from perfeval.exchange.intake.as_printed import rated_tier
from perfeval.exchange.intake.labels import bare, indicator_name, whole
from perfeval.exchange.intake.ledger import Ledger
from perfeval.exchange.intake.placing import (
    equal,
    group_of,
    joined_target,
    money_text,
    rate_text,
    unit_of,
    unknown,
)
from perfeval.exchange.intake.seen import NOTHING, Form, FundSeen, RowSeen, Seen
from perfeval.indicators.model import IndicatorSet
from perfeval.indicators.target import Operator, target
from perfeval.numbers import Exact, FigureState, figure
from perfeval.session.change import join, under
from perfeval.session.model import Evaluation, Project, Session

Money = Literal["initial", "budget", "executed"]
MONEY: tuple[Money, ...] = ("initial", "budget", "executed")
BLANK = "未填"
NOT_FOR_IMPORT = {
    "review": "复核分，由复核人在复核中填写，不随自评表导入",
    "automatic": "自动得分由系统计算",
    "standard": "评分标准以指标体系为准",
    "trust": "可信程度由指标体系给出",
}


def project_key(session: Session, ledger: Ledger, name: str, code: str = "") -> str:
    """Return the key of the project a form is about, a new one where there is none yet.

    The code decides where both have one; else the name, or one the project is also known by.
    """
    for key, project in session.projects.items():
        if code and project.code:
            if code == project.code:
                return key
            continue
        if same_name(name) in map(same_name, (project.name, *project.also_named)):
            return key
    made = {
        segments[1]: str(text)
        for path, text in ledger.made.items()
        if (segments := path.split("/"))[0] == "projects" and segments[2:] == ["name"]
    }
    for key, other in made.items():
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
        for row in self.form.rows:
            if not self._tier_rate(row):
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
        for part in ("rate", "points", "score", "reason", "review"):
            if (cell := row.cells.get(part)) is None:
                continue
            if not total and part in ("rate", "points", "score"):
                ledger.ignore(cell, "分项资金不单独计分")
            elif part == "review":
                ledger.ignore(cell, NOT_FOR_IMPORT[part])
            elif part == "reason":
                ledger.accept(cell, under(self.base, "deviation_reason"), cell.raw)
            else:
                self._execution(cell, part, expected)

    def _execution(self, cell: Seen, name: str, expected: Exact | None) -> None:
        code = next((one.code for one in self.set.all_indicators() if "执行率" in one.name), "P0")
        if name == "rate":
            text, why = rate_text(cell, expected)
            claim(self.ledger, cell, under(self.base, "execution_rate"), text, why)
        else:
            claim(self.ledger, cell, under(self.base, "answers", code, name), cell.printed)

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


class Rows:
    """Puts the unit's own rows of an evaluation into a ledger."""

    def __init__(
        self, ledger: Ledger, indicators: IndicatorSet, base: str, old: Evaluation | None
    ) -> None:
        self.ledger, self.set, self.base, self.old = ledger, indicators, base, old
        self.order: list[str] = list(old.in_stated_order().row_order) if old else []
        self.begun = len(self.order)
        self.used: set[str] = set()

    def place(self, row: RowSeen, group: str = "") -> None:
        """Place one row; one whose 二级 the set does not have is refused with the nearest."""
        ledger, l2 = self.ledger, row.l2.raw or row.l1.raw
        name = indicator_name(row.name.raw)
        group = group or group_of(self.set, row.l1.raw, row.l2.raw)
        if not group:
            known = [one.name for tier in self.set.tiers for one in tier.groups]
            why = unknown("".join(l2.split()), known)
            for cell in (row.name, *row.cells.values()):
                ledger.refuse(cell, f"{why}（二级指标），这一行没有导入")
            return
        key, new = self._key(group, name)
        path = under(self.base, "rows", key)
        if new:
            self.order.append(key)
            ledger.settle(under(path, "group"), group)
        ledger.accept(row.name, under(path, "name"), name[:200])
        self._cells(row, path)

    def _key(self, group: str, name: str) -> tuple[str, bool]:
        rows = self.old.rows if self.old else {}
        for key, own in rows.items():
            if (
                own.group == group
                and same_name(own.name) == same_name(name)
                and (key not in self.used)
            ):
                self.used.add(key)
                return key, False
        number = len(self.order) + 1
        while f"r{number}" in rows or f"r{number}" in self.used:
            number += 1
        self.used.add(f"r{number}")
        return f"r{number}", True

    def _cells(self, row: RowSeen, path: str) -> None:
        ledger, cells = self.ledger, row.cells
        unit = unit_of(cells)
        goal = joined_target(cells, unit)
        if cell := cells.get("target"):
            if goal:
                goal, why = self._direction(row, goal, under(path, "target"))
                ledger.accept(cell, under(path, "target"), goal[:400], why)
            else:
                ledger.ignore(cell, BLANK)
        for part in ("op", "unit"):
            if cell := cells.get(part):
                ledger.ignore(cell, "已并入年度指标值" if goal else BLANK)
        if unit:
            ledger.settle(under(path, "unit"), unit)
        if cell := cells.get("points"):
            self._points(cell, under(path, "points"))
        elif ledger.as_handed_in and (cell := cells.get("score")) and _is_number(cell):
            self._assume(under(path, "points"), cell.printed, "表上没有分值栏，按得分计")
        if cell := cells.get("actual"):
            self._actual(cell, path)
        if cell := cells.get("score"):
            claim(ledger, cell, under(path, "score"), cell.printed)
        if cell := cells.get("coefficient"):
            claim(ledger, cell, under(path, "rate"), rate_text(cell, None)[0])
        if cell := cells.get("manual"):
            ledger.accept(cell, under(path, "manual_score"), cell.printed)
        if cell := cells.get("reason"):
            if figure(cell.raw).state is FigureState.BLANK or cell.raw == "0":
                ledger.ignore(cell, BLANK)
            else:
                ledger.accept(cell, under(path, "deviation_reason"), cell.raw)
        for part, why in NOT_FOR_IMPORT.items():
            if cell := cells.get(part):
                ledger.ignore(cell, why)

    def _direction(self, row: RowSeen, goal: str, path: str) -> tuple[str, str]:
        """Return the target; of a 控制率 without a sign, that it is most likely an upper limit."""
        if target(goal).operator is not Operator.UNSTATED or not _LIMITS.search(bare(row.name.raw)):
            return goal, ""
        why = "未写符号，这类指标一般是不超过"
        if not self.ledger.as_handed_in:
            return goal, f"{why}，请核对"
        self._assume(path, "", why)
        return f"≤{goal}", why

    def _assume(self, path: str, value: str, why: str) -> None:
        if value:
            self.ledger.settle(path, value)
        self.ledger.settle(join("assumed", path), why)

    def _points(self, cell: Seen, path: str) -> None:
        read = figure(whole(cell.raw).removesuffix("分"))
        if read.value is not None:
            self.ledger.accept(cell, path, whole(cell.raw).removesuffix("分"))
        elif read.state is FigureState.BLANK:
            self.ledger.ignore(cell, BLANK)
        else:
            self.ledger.refuse(cell, f"分值{read.problem or '不是数值'}", path)

    def _actual(self, cell: Seen, path: str) -> None:
        if figure(cell.raw).state is FigureState.BLANK:
            self.ledger.ignore(cell, BLANK)
        else:
            self.ledger.accept(cell, under(path, "actual"), cell.entered[:400])

    def settle_order(self) -> None:
        if len(self.order) > self.begun:
            self.ledger.made[under(self.base, "row_order")] = list(self.order)


_LIMITS = re.compile(r"(控制率|变动率|调整率|结余率|结转率|超支率|差异率|空置率|事故率|投诉率)$")


def _is_number(cell: Seen) -> bool:
    return figure(cell.printed).value is not None


def claim(ledger: Ledger, cell: Seen, path: str, text: str, reason: str = "") -> None:
    """Keep what was typed as a score or rate as a 填报数, never as the answer."""
    read = figure(text)
    if read.state is FigureState.BLANK or read.state is FigureState.NOT_APPLICABLE:
        ledger.ignore(cell, BLANK)
    elif read.value is None:
        ledger.refuse(cell, read.problem, join("claimed", path))
    else:
        told = "；".join(part for part in ("填报数", reason) if part)
        ledger.accept(cell, join("claimed", path), text, told)
