"""整改台账 back into a session: measure, 责任科室, 完成时限, 整改状态 and 备注 of each matter.

A row is found by its 来源, 对象 and 问题 as the software lists them. One that it does not list, or
no longer, is kept as a matter of its own: nothing an office wrote is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from hashlib import sha256

from perfeval.checks.subject import same_name
from perfeval.errors import nearest
from perfeval.exchange.intake.ledger import Ledger
from perfeval.exchange.intake.placing import equal
from perfeval.exchange.intake.returned import Returned, ReturnedRow
from perfeval.exchange.intake.seen import Seen
from perfeval.exchange.matters import STATES, Matter
from perfeval.numbers import figure
from perfeval.session.change import join, under

OTHER = "其他"
"""The source of a matter that somebody added without saying where it was found."""
LISTED = "系统列出，没有改动"
_SAID = ("measure", "owner", "due", "state", "note")
_FOUND = ("source", "place", "problem")
_SHORT = 400
_EXCEL_DAYS = range(36526, 73051)
"""2000-01-01 … 2099-12-31 as Excel counts days; a date whose format was lost."""


def place_remedies(table: Returned, ledger: Ledger, listed: Iterable[Matter]) -> None:
    """Place the rows of a 整改台账 among the matters the software lists."""
    known = _Known(listed)
    for row in table.rows:
        number = figure(row.cell("number").raw).value
        if not row.cell("source") and number is None:
            continue  # a line of signatures
        if cell := row.cell("number"):
            ledger.ignore(cell, "序号")
        matter = known.of(row)
        for name in _FOUND:
            if cell := row.cell(name):
                ledger.ignore(cell, "用来找到这个问题")
        _place(row, matter, ledger)


class _Known:
    """The listed matters by their words; each is taken by one row."""

    def __init__(self, listed: Iterable[Matter]) -> None:
        self.free = {one.key: one for one in listed}

    def of(self, row: ReturnedRow) -> Matter:
        """Return the matter of a row: by all its words, else the only one of its place."""
        told = {name: row.cell(name).raw for name in _FOUND}
        there = [one for one in self.free.values() if _same(one, told, "source", "place")]
        exact = [one for one in there if _same(one, told, "problem")]
        found = exact[:1] or (there if len(there) == 1 else [])
        if found:
            return self.free.pop(found[0].key)
        source = told["source"] or OTHER
        digest = sha256("\x1f".join([source, told["place"], told["problem"]]).encode()).hexdigest()
        return Matter(under(OTHER, digest[:12]), source, told["place"], told["problem"])


def _same(matter: Matter, told: Mapping[str, str], *names: str) -> bool:
    return all(same_name(getattr(matter, name)) == same_name(told[name]) for name in names)


def _place(row: ReturnedRow, matter: Matter, ledger: Ledger) -> None:
    """Take what is written of one matter; its words are kept beside the first thing recorded."""
    path, before = join("remedies", matter.key), ledger.base.remedies.get(matter.key)
    for name in _SAID:
        cell = row.cell(name)
        if not cell:
            continue
        value, problem = _value(name, cell)
        recorded = getattr(before, name) if before else ""
        if problem:
            ledger.refuse(cell, problem, under(path, name))
        elif not recorded and equal(getattr(matter, name), value):
            ledger.ignore(cell, LISTED)
        else:
            ledger.accept(cell, under(path, name), value)
    if before is None and any(made.startswith(f"{path}/") for made in ledger.made):
        for name in _FOUND:
            if text := getattr(matter, name):
                ledger.settle(under(path, name), text)


def _value(name: str, cell: Seen) -> tuple[str, str]:
    """Return a cell's text as the session keeps it, and why it is refused where it cannot be."""
    text = cell.raw
    if name == "state":
        text = "".join(text.split())
        told = f"整改状态只能填{'、'.join(STATES)}。{nearest(text, STATES)}"
        return text, "" if text in STATES else told
    if name in ("owner", "due") and len(text) > _SHORT:
        return "", "太长，请写得简短些"
    if name == "due" and cell.number and text.isdecimal() and int(text) in _EXCEL_DAYS:
        return (date(1899, 12, 30) + timedelta(days=int(text))).isoformat(), ""
    return text, ""
