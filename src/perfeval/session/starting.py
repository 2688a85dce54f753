"""A new session begins with the rows its set proposes."""

from __future__ import annotations

from collections.abc import Callable

from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import decimal_text
from perfeval.session.model import Evaluation, OwnIndicator, Session


def with_starter_rows(session: Session, find: Callable[[str], IndicatorSet]) -> Session:
    """Return the session with the department's starter rows, where it has no rows yet."""
    if session.department is None or session.department.rows:
        return session
    department = started(session.department, find(session.department.set))
    return session.model_copy(update={"department": department})


def started(evaluation: Evaluation, indicator_set: IndicatorSet) -> Evaluation:
    """Return the evaluation with every starter row of its set, in the set's order."""
    rows = {
        row.code: OwnIndicator(
            group=group.name,
            name=row.name,
            points=decimal_text(row.points),
            unit=row.unit,
            target=row.target,
            qualitative=row.kind == "qualitative",
        )
        for tier in indicator_set.tiers
        for group in tier.own_groups()
        for row in (group.own.rows if group.own else ())
    }
    return evaluation.model_copy(update={"rows": rows, "row_order": tuple(rows)})
