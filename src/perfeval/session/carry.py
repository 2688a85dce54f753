"""提取上年数据: next year's session from last year's structure.

Carried: the unit, the sets, projects, the unit's own rows with their targets and points, owners
and texts that describe. Emptied: every figure, answer, score, reason, claim and mark, and what
the report says of single projects. Last year's values are kept by path, for display only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perfeval.session.change import join, under
from perfeval.session.model import (
    Answer,
    Evaluation,
    Fund,
    InputValue,
    OwnIndicator,
    Part,
    Project,
    Session,
)


def carry(last: Session, *, session_id: str, year: int) -> Session:
    """Return a new session for ``year``; ``last`` is unchanged."""
    projects = {
        key: _project(project) for key, project in last.projects.items() if not project.excluded
    }
    return Session(
        id=session_id,
        unit=last.unit.model_copy(update={"filled_on": ""}),
        year=year,
        money_unit=last.money_unit,
        department=_evaluation(last.department) if last.department else None,
        projects=projects,
        project_order=tuple(key for key, _ in last.ordered_projects() if key in projects),
        texts={name: text for name, text in last.texts.items() if "/" not in name},
        previous=dict(_values(last)),
    )


def _evaluation(last: Evaluation) -> Evaluation:
    return Evaluation(
        set=last.set,
        answers={
            code: answer
            for code, old in last.answers.items()
            if (answer := Answer(target=old.target, owner=old.owner)) != Answer()
        },
        rows={key: _row(row) for key, row in last.rows.items()},
        row_order=last.row_order,
    )


def _row(last: OwnIndicator) -> OwnIndicator:
    return OwnIndicator(
        group=last.group,
        name=last.name,
        points=last.points,
        unit=last.unit,
        qualitative=last.qualitative,
        target=last.target,
        owner=last.owner,
    )


def _project(last: Project) -> Project:
    structure = _evaluation(last)
    return Project(
        **{name: getattr(structure, name) for name in ("set", "answers", "rows", "row_order")},
        name=last.name,
        code=last.code,
        budget_unit=last.budget_unit,
        implementing_unit=last.implementing_unit,
        owner=last.owner,
        category=last.category,
        function_code=last.function_code,
        goal=last.goal,
        weight_scheme=last.weight_scheme,
        funds={
            key: fund.model_copy(update={"initial": "", "budget": "", "executed": ""})
            for key, fund in last.funds.items()
        },
        fund_order=last.fund_order,
    )


# --- last year's values ----------------------------------------------------------------------


def previous_value(session: Session, path: str) -> str:
    """Return the raw text that stood last year at a path of this year's ``session``.

    Empty where nothing did. 基础数据 may be named with or without its ``/value``; a yes-or-no
    element reads 是 or 否.
    """
    return session.previous.get(path) or session.previous.get(f"{path}/value", "")


_KEPT: dict[type[Part], tuple[str, ...]] = {
    Evaluation: ("inputs", "answers", "rows"),
    Project: (
        "inputs", "answers", "rows", "funds", "tier_rates", "goal", "goal_done", "start", "end",
        "deviation_reason",
    ),
    InputValue: ("value", "source", "note"),
    Fund: ("initial", "budget", "executed"),
    Answer: (
        "actual", "target", "elements", "level", "level_score", "manual_score", "manual_reason",
        "not_applicable", "elected", "deduction", "deviation_reason", "basis",
    ),
}  # fmt: skip
_KEPT[OwnIndicator] = (*_KEPT[Answer], "points", "numerator", "denominator")
"""What is kept of each part of a session: whatever is filled in. Names and owners are carried."""


def _values(last: Session) -> Iterator[tuple[str, str]]:
    """Yield what stood at each path last year, as typed."""
    parts = {"department": last.department, "statements": last.statements, "texts": last.texts}
    for name, part in parts.items():
        yield from _texts(name, part)
    for key, project in last.projects.items():
        yield from _texts(join("projects", key), project)


def _texts(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, bool):
        yield path, "是" if value else "否"
    elif isinstance(value, str) and value:
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(under(path, key), item)
    elif isinstance(value, Part):
        for name in _KEPT[type(value)]:
            yield from _texts(f"{path}/{name}", getattr(value, name))
