"""What the program can offer for an empty field: the third of an identity, counts of the projects.

Offers are shown as 建议 and taken by one key; nothing is entered by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from perfeval.indicators.formula import Compare, Formula
from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import Exact, decimal_text
from perfeval.session.model import Session
from perfeval.tui.fields import Proposal
from perfeval.tui.shown import Shown


def input_proposals(shown: Shown) -> dict[str, Proposal]:
    """Return what can be offered for the inputs of an evaluation, by name."""
    session, evaluation, indicator_set = shown.session, shown.evaluation, shown.set
    values = shown.result.values
    typed = {name for name, entered in evaluation.inputs.items() if entered.value.strip()}
    found: dict[str, Proposal] = {}
    for identity in indicator_set.identities:
        names = list(dict.fromkeys(identity.formula.names))
        open_names = [name for name in names if name not in typed and name in indicator_set.inputs]
        wanted = [name for name in open_names if name not in values] or open_names
        if len(wanted) == 1 and wanted[0] not in found:
            value = _solved(identity.formula, wanted[0], values)
            negative = value is not None and value < 0 and not _FALLS.search(wanted[0])
            if value is not None and not negative and value != values.get(wanted[0]):
                text = decimal_text(value)
                found[wanted[0]] = Proposal(text, f"由 {identity.formula.text()} 得出")
    if evaluation is session.department:
        counted = _counts(session, indicator_set)
        found |= {name: one for name, one in counted.items() if name not in typed | found.keys()}
    return found


_FALLS = re.compile("调整|增减")
"""Inputs that may be below 0 (追减为负); a carry-over below 0 only says that another is wrong."""


def _solved(formula: Formula, name: str, values: Mapping[str, Exact]) -> Exact | None:
    """Return the value of ``name`` at which an equation holds, where it is linear in it."""
    if not isinstance(formula.node, Compare):
        return None
    left, right = (side.compile() for side in formula.node.children)

    def gap(value: Exact) -> Exact:
        known = {**values, name: value}
        return left(known) - right(known)

    try:
        at_0, at_1 = gap(Exact(0)), gap(Exact(1))
        value = at_0 / (at_0 - at_1)
        return None if gap(value) else value
    except (KeyError, ZeroDivisionError):
        return None


_COUNTED = (
    (re.compile(r"项目总数"), "all", "项目清单共 {0} 个项目，含不参加自评的"),
    (re.compile(r"自评项目(数|数量|个数)$"), "scored", "项目清单中已填完自评的 {0} 个"),
)


def _counts(session: Session, indicator_set: IndicatorSet) -> dict[str, Proposal]:
    """Offer counts of the project list for the inputs that are named after them."""
    if not session.projects:
        return {}
    counts = {
        "all": len(session.projects),
        "scored": sum(1 for _, one in session.evaluated_projects() if one.tier_rates or one.rows),
    }
    return {
        name: Proposal(str(counts[what]), why.format(counts[what]))
        for name in indicator_set.inputs
        for pattern, what, why in _COUNTED
        if pattern.search(name)
    }
