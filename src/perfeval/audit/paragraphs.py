"""What a paragraph of a report says as a whole: its parts add up, its words fit its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from perfeval.audit import phrases
from perfeval.audit.document import Document, Paragraph
from perfeval.audit.equations import Register, Term, total
from perfeval.audit.figures import Found, Mention
from perfeval.audit.observed import Observed, Severity
from perfeval.numbers import Exact

MAX_PARTS = 60


@dataclass(slots=True)
class Said:
    """What has been said so far in a paragraph."""

    subject: str = ""
    whole: Mention | None = None
    last: Mention | None = None
    named: dict[str, Mention] = field(default_factory=dict)
    parts: dict[str, Mention] = field(default_factory=dict)
    """Budget, spending and the like of the subject, by role."""
    deltas: list[tuple[Mention, int]] = field(default_factory=list)
    delta: Mention | None = None
    delta_name: str = ""
    sign: int = 1
    to_budget: bool = False
    shared: list[Mention] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    """The part of its subject each amount was, in order."""


def partition(text: str, state: Said, register: Register) -> None:
    """A whole is the sum of the parts the same paragraph gives with their shares."""
    whole, parts = state.whole, state.shared
    named = state.named
    inside = [one for one in parts if one is not whole]
    once = len(inside) == len(set(map(id, inside)))
    if whole is not None and len(inside) > 1 and once and re.search("其中|以下方面", text):
        register.require("加总", "合计 = 其中各项之和", whole, total(inside))
    buying = [named[k] for k in ("政府采购·货物", "政府采购·工程", "政府采购·服务") if k in named]
    if len(buying) == 3:
        told = "政府采购支出总额 = 货物 + 工程 + 服务"
        register.require("加总", told, named.get("政府采购支出"), total(buying))
    if {"人员经费", "公用经费", "一般公共预算基本支出"} <= named.keys():
        told = "基本支出 = 人员经费 + 公用经费"
        parts = [named["人员经费"], named["公用经费"]]
        register.require("加总", told, named["一般公共预算基本支出"], total(parts))
    if len(state.deltas) > 2 and "综上" in text:
        (first, direction), *rest = state.deltas
        rest = rest[:-1] if rest[-1][0].value == first.value else rest
        terms = tuple(Term(Exact(sign * direction), (one,)) for one, sign in rest)
        register.require("加总", "增减额 = 各项增减之和", first, terms)


def counted(text: str, founds: list[Found], register: Register) -> None:
    """“共有车辆N辆，其中：…”: counts of one unit in a sentence add up."""
    stop = 0
    for at, found in enumerate(founds):
        if found.start < stop:
            continue
        unit, end = found.mention.unit, found.end
        if unit not in {"辆", "台"} or not re.match(r"[，,]其中[:：]", text[end : end + 4]):
            continue
        break_ = phrases.STOP.search(text, end)
        stop = break_.start() if break_ else len(text)
        parts = [
            o.mention
            for o in founds[at + 1 : at + 1 + MAX_PARTS]
            if o.start < stop and o.mention.unit == unit
        ]
        if len(parts) > 1:
            told = f"{unit}数合计 = 各类之和"
            register.require("加总", told, found.mention, total(parts))


def beside_budget(paragraph: Paragraph, state: Said) -> Iterator[Observed]:
    """“决算数大于预算数” beside one budget and one outturn that say otherwise."""
    said = list(phrases.BESIDE.finditer(paragraph.text))
    budgets = [one for one in state.roles if one.endswith("预算")]
    if len(said) != 1 or len(budgets) != 1 or state.roles.count("决算") != 1:
        return
    budget, spent, words = state.parts[budgets[0]], state.parts["决算"], said[0].groupdict()
    over = spent.interval.low >= budget.interval.high
    under = spent.interval.high <= budget.interval.low
    more, less = words["more"] or words["up"], words["less"] or words["down"]
    if under if more else over if less else over or under:
        told = "大于" if over else "小于"
        yield Observed(
            "方向", Severity.LOGIC, f"{state.subject} 决算与预算",
            f"文中说“{said[0][0]}”，决算 {spent.raw} {told}预算 {budget.raw}",
            paragraph.at(said[0].start()), said[0][0], said[0][0], told,
        )  # fmt: skip


def amounts_in_ten_thousands(document: Document) -> set[str]:
    """Return the digits of every amount a document prints in 万元, trailing zeros apart."""
    found: set[str] = set()
    for block in document.blocks:
        if isinstance(block, Paragraph):
            found.update(re.findall(r"([\d,]+\.\d+)万元", block.text))
    return found
