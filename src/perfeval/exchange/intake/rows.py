"""Rows of 绩效指标: the set's own (共性指标) become answers, the unit's (个性指标) its rows."""

from __future__ import annotations

import re
from functools import cache, partial

from perfeval.checks.subject import same_name
from perfeval.exchange.form import REASON_PARTS
from perfeval.exchange.intake.labels import bare, indicator_name, whole
from perfeval.exchange.intake.ledger import Ledger
from perfeval.exchange.intake.placing import (
    equal,
    group_of,
    joined_target,
    rate_text,
    unit_of,
    unknown,
)
from perfeval.exchange.intake.seen import RowSeen, Seen
from perfeval.indicators.model import Indicator, IndicatorSet
from perfeval.indicators.target import Operator, target
from perfeval.numbers import FigureState, dimension, figure
from perfeval.session.change import join, split, under
from perfeval.session.model import Evaluation, OwnIndicator

BLANK = "未填"
COMPUTED = "由系统计算的数"
WRITTEN = tuple(REASON_PARTS.values())
"""Texts that forms of ours have beside the reason of a deviation."""
NOT_FOR_IMPORT = {
    "review": "复核分，由复核人在复核中填写，不随自评表导入",
    "automatic": "自动得分由系统计算",
    "standard": "评分标准以指标体系为准",
    "trust": "可信程度由指标体系给出",
}


class FixedRows:
    """Puts the rows of the set's own indicators into a ledger, for the evaluation at ``base``.

    In a form of our ``own`` the points and every value that follows from others are ours.
    """

    def __init__(
        self, ledger: Ledger, indicators: IndicatorSet, base: str, *, own: bool = False
    ) -> None:
        self.ledger, self.base, self.own = ledger, base, own
        self.by_name = {same_name(one.name): one for one in indicators.all_indicators()}

    def indicator(self, row: RowSeen) -> Indicator | None:
        """Return the set's indicator a row is about, by its name."""
        return self.by_name.get(same_name(indicator_name(row.name.raw)))

    def place(self, row: RowSeen, item: Indicator) -> None:
        """Place the cells of an indicator's row."""
        ledger, path = self.ledger, under(self.base, "answers", item.code)
        ledger.ignore(row.name, f"指标 {item.code}")
        for name, cell in row.cells.items():
            if name == "score":
                claim(ledger, cell, under(path, "score"), cell.printed)
            elif name == "coefficient":
                claim(ledger, cell, under(path, "rate"), rate_text(cell, None)[0])
            elif name == "actual":
                self._actual(cell, item, path)
            elif name == "target":
                self._target(row, cell, item, path)
            elif name == "manual":
                ledger.accept(cell, under(path, "manual_score"), cell.printed)
            elif name == "reason":
                if figure(cell.raw).state is FigureState.BLANK:
                    ledger.ignore(cell, BLANK)
                else:
                    ledger.accept(cell, under(path, "deviation_reason"), cell.raw)
            elif name in WRITTEN:
                ledger.accept(cell, under(path, name), cell.raw)
            elif name == "points" and self.own:
                ledger.ignore(cell, COMPUTED)
            elif name == "points":
                same = figure(cell.raw).value == item.points
                why = "分值与指标体系相同" if same else f"分值以指标体系为准（{item.points}）"
                ledger.ignore(cell, why) if same else ledger.refuse(cell, why)
            else:
                ledger.ignore(cell, NOT_FOR_IMPORT.get(name, "已并入年度指标值"))

    def _actual(self, cell: Seen, item: Indicator, path: str) -> None:
        """A value that a formula gives is a 填报数; one that nobody can compute is the answer."""
        read = figure(cell.raw)
        follows = item.formula is not None or bool(item.rule.element_names())
        if read.state is FigureState.BLANK:
            self.ledger.ignore(cell, BLANK)
        elif self.own and (follows or read.state is FigureState.NOT_APPLICABLE):
            self.ledger.ignore(cell, COMPUTED)
        elif follows:
            if dimension(item.unit) == "ratio":
                text, why = rate_text(cell, None)
            else:
                text, why = cell.printed, ""
            told = "；".join(part for part in ("填报数", why) if part)
            self.ledger.accept(cell, join("claimed", under(path, "actual")), text[:400], told)
        else:
            accept_figure(self.ledger, cell, under(path, "actual"), item.unit)

    def _target(self, row: RowSeen, cell: Seen, item: Indicator, path: str) -> None:
        goal = joined_target(row.cells, item.unit)
        if not goal:
            self.ledger.ignore(cell, BLANK)
        elif item.fixed_target and equal(item.fixed_target, goal):
            self.ledger.ignore(cell, "与指标体系的年度指标值相同")
        else:
            self.ledger.accept(cell, under(path, "target"), goal[:400])


class Rows:
    """Puts the unit's own rows of an evaluation into a ledger."""

    def __init__(
        self, ledger: Ledger, indicators: IndicatorSet, base: str, old: Evaluation | None
    ) -> None:
        self.ledger, self.set, self.base, self.old = ledger, indicators, base, old
        self.order: list[str] = list(old.in_stated_order().row_order) if old else []
        self.begun = len(self.order)
        self.used: set[str] = set()
        self.group_of = cache(partial(group_of, indicators))

    def takes(self, row: RowSeen) -> bool:
        """Whether a row stands in a 二级 to which the unit adds its own."""
        group = self.group_of(row.l1.raw, row.l2.raw)
        return any(one.name == group and one.own for t in self.set.tiers for one in t.groups)

    def place(self, row: RowSeen, group: str = "") -> None:
        """Place one row; one whose 二级 the set does not have is refused with the nearest."""
        ledger, l2 = self.ledger, row.l2.raw or row.l1.raw
        name = indicator_name(row.name.raw)
        group = group or self.group_of(row.l1.raw, row.l2.raw)
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
        self._cells(row, path, new=new)

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
        for key, own in rows.items():
            if own.group == group and key not in self.used and _is_to_be_named(own):
                self.used.add(key)
                return key, False
        number = len(self.order) + 1
        while f"r{number}" in rows or f"r{number}" in self.used:
            number += 1
        self.used.add(f"r{number}")
        return f"r{number}", True

    def _cells(self, row: RowSeen, path: str, *, new: bool) -> None:
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
        if unit and (cells.get("unit") or new):
            ledger.settle(under(path, "unit"), unit)
        if cell := cells.get("points"):
            self._points(cell, under(path, "points"))
        elif ledger.as_handed_in and (cell := cells.get("score")) and _is_number(cell):
            self._assume(under(path, "points"), cell.printed, "表上没有分值栏，按得分计")
        if cell := cells.get("actual"):
            self._actual(cell, path, self._unit(path) or unit)
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
        for name in WRITTEN:
            if cell := cells.get(name):
                ledger.accept(cell, under(path, name), cell.raw)
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

    def _unit(self, path: str) -> str:
        """Return the unit the row has already."""
        row = self.old.rows.get(split(path)[-1]) if self.old else None
        return row.unit if row else ""

    def _actual(self, cell: Seen, path: str, unit: str) -> None:
        if figure(cell.raw).state is FigureState.BLANK:
            self.ledger.ignore(cell, BLANK)
        else:
            accept_figure(self.ledger, cell, under(path, "actual"), unit)

    def settle_order(self) -> None:
        if len(self.order) > self.begun:
            self.ledger.made[under(self.base, "row_order")] = list(self.order)


_LIMITS = re.compile(r"(控制率|变动率|调整率|结余率|结转率|超支率|差异率|空置率|事故率|投诉率)$")


def _is_to_be_named(own: OwnIndicator) -> bool:
    """Whether a row still is the set's 部门自设 one, which nobody has made their own."""
    begun = (own.actual, own.manual_score, own.numerator, own.deviation_reason, own.basis)
    return "自设" in own.name and not any(begun)


def _is_number(cell: Seen) -> bool:
    return figure(cell.printed).value is not None


def accept_figure(ledger: Ledger, cell: Seen, path: str, unit: str) -> None:
    """Take a figure in a unit; what stands there stays where it says the same in other words.

    A 48 that was typed for a value in % is shown as 4800%: nobody changed it.
    """
    text, old = cell.entered[:400], ledger.text_at(path)
    if old and figure(old).in_unit(unit).value == figure(text).in_unit(unit).value is not None:
        text = old
    ledger.accept(cell, path, text)


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
