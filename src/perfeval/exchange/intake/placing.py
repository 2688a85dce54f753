"""Where what was read belongs in a session: shared by project forms, lists and 部门整体自评表."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from perfeval.checks.subject import same_name
from perfeval.errors import nearest
from perfeval.exchange.intake.labels import bare
from perfeval.exchange.intake.seen import Form, Seen
from perfeval.indicators.model import IndicatorSet
from perfeval.indicators.target import Operator, day, target
from perfeval.numbers import Exact, FigureState, decimal_text, dimension, figure, half_up, to_ascii


def equal(old: str, new: str, path: str = "", year: int = 2000, money_unit: str = "") -> bool:
    """Whether two texts say the same: equal figures, or names apart from marks and spaces.

    ``money_unit`` is what an amount without a unit is in: 300000元 is 30 where that is 万元.
    """
    if old == new:
        return True
    a, b = figure(old), figure(new)
    if money_unit and "money" in (dimension(a.unit), dimension(b.unit)):
        a, b = a.in_unit(money_unit), b.in_unit(money_unit)
    if a.value is not None and b.value is not None:
        return a.value == b.value and (a.unit == b.unit or not (a.unit and b.unit))
    if a.value is not None or b.value is not None:
        return False
    if path.rpartition("/")[2] in ("target", "actual"):
        due = day(old, year)
        if due is not None and due == day(new, year):
            return True
        return to_ascii(old).replace(" ", "") == to_ascii(new).replace(" ", "")
    return same_name(old) == same_name(new)


def money_text(cell: Seen, form: Form, session_unit: str) -> tuple[str, str]:
    """Return an amount as the session keeps it, and why it is refused where it cannot be read.

    An amount of a form in another unit than the session's keeps its unit: ``20000元``.
    """
    raw = to_ascii(cell.raw).strip()
    read = figure(raw)
    if read.state is FigureState.UNREADABLE:
        proposal = re.sub(r"[?？\s]", "", raw)
        if proposal != raw and figure(proposal).value is not None:
            return "", f"“{cell.raw}”里有多余的符号，如是 {proposal} 请改正后再导入"
        return "", read.problem
    if read.value is None:
        return "", ""
    if not read.unit and form.money_unit and form.money_unit != session_unit:
        return f"{raw}{form.money_unit}", ""
    return raw, ""


def rate_text(cell: Seen, expected: Exact | None) -> tuple[str, str]:
    """Return a rate as it is to be read, and how it was understood where that is not plain.

    ``1`` may mean 100 % and ``20`` 20 %: the reading nearest to what the amounts give is taken;
    without amounts, a number up to 1 is a ratio only where the cell holds a number.
    """
    text = to_ascii(cell.printed).strip()
    read = figure(text)
    if read.value is None or read.unit in ("%", "‰"):
        return text, ""
    if read.unit:
        return text, ""
    as_percent, as_ratio = read.value / 100, read.value
    ratio = cell.number and 0 < read.value <= 1
    if expected is not None:
        ratio = abs(as_ratio - expected) < abs(as_percent - expected)
    if not ratio or not read.value:
        return text, "没有百分号，按百分数读" if read.value else ""
    percent = decimal_text(half_up(as_ratio * 100, 4), trim=True)
    return f"{percent}%", f"“{cell.raw}”按 {percent}% 读"


def joined_target(cells: dict[str, Seen], unit: str) -> str:
    """Return 年度指标值 out of one cell or of three (指标性质, 值, 计量单位)."""
    cell = cells.get("target")
    if cell is None or figure(cell.raw).state is FigureState.BLANK:
        return ""
    text, sign = cell.entered, cells.get("op")
    mark = "" if sign is None else _OPERATORS.get(to_ascii(sign.raw).strip(), "")
    reads = target(text)
    if mark and reads.operator is Operator.UNSTATED:
        text = f"{mark}{text}"
    if unit and figure(cell.entered).value is not None and not figure(cell.entered).unit:
        text += unit
    return text


_OPERATORS = {
    "≥": "≥", ">=": "≥", "≧": "≥", "大于等于": "≥", "≤": "≤", "<=": "≤", "≦": "≤",
    "小于等于": "≤", "=": "=", "═": "=", "﹦": "=", "等于": "=", ">": ">", "大于": ">", "<": "<",
    "小于": "<", "正向": "≥", "正向指标": "≥", "反向": "≤", "反向指标": "≤",
}  # fmt: skip


def unit_of(cells: dict[str, Seen]) -> str:
    """Return the unit of a row: its own column, else the one its target is written in."""
    if (cell := cells.get("unit")) and figure(cell.raw).state is not FigureState.BLANK:
        text = cell.raw.strip()
        return "%" if text in ("百分比", "百分率", "％", "百分点") else text[:20]
    if (goal := cells.get("target")) is None:
        return ""
    read = target(goal.entered)
    if read.value is None or read.is_date or not read.unit:
        return ""
    return "%" if read.unit in ("百分比", "百分点", "个百分点") else read.unit


def group_of(indicator_set: IndicatorSet, l1: str, l2: str) -> str:
    """Return the 二级 of a set that a form's 一级 and 二级 name, or an empty text.

    ``经济效益`` and ``数量目标`` are 经济效益指标 and 数量指标; 成本指标 under 产出指标 is no tier.
    """
    wanted_tier, wanted = _level(l1), _level(l2)
    tiers = [tier for tier in indicator_set.tiers if _level(tier.name) == wanted_tier] or [
        tier
        for tier in indicator_set.tiers
        if wanted_tier and (wanted_tier in tier.name or _level(tier.name) in wanted_tier)
    ]
    for tier in tiers:
        for group in tier.groups:
            if _level(group.name) == wanted:
                return group.name
    for tier in tiers:
        for group in tier.groups:
            known = _level(group.name)
            if wanted and (wanted in known or known in wanted):
                return group.name
        if len(tier.groups) == 1 and not wanted:
            return tier.groups[0].name
    if not wanted_tier:
        for tier in indicator_set.tiers:
            for group in tier.groups:
                if _level(group.name) == wanted:
                    return group.name
    return ""


@lru_cache(maxsize=8192)
def _level(text: str) -> str:
    return re.sub(r"(指标|目标)$", "", re.sub(r"\d+分?$", "", bare(text)))


def unknown(name: str, known: Iterable[str]) -> str:
    """Return why a name that the set does not know is refused, with the nearest one it knows."""
    hint = nearest(name, known)
    return f"指标体系里没有“{name}”。{hint}" if hint else f"指标体系里没有“{name}”"
