"""A new session: what it may be called, and the rows its set proposes."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

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


def id_for(unit: str, year: int) -> str:
    """Return an id people can read: the initials of the unit and the year, ``xxskxjsxh-2024``."""
    from pypinyin import Style, lazy_pinyin

    initials = "".join(part[:1] for part in lazy_pinyin(unit, style=Style.FIRST_LETTER))
    plain = re.sub(r"[^a-z0-9]", "", initials.lower())[:24]
    return f"{plain or uuid4().hex[:8]}-{year}"
