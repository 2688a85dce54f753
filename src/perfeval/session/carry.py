"""提取上年数据: next year's session from last year's structure.

Carried: the unit, the sets, projects, the unit's own rows with their targets and points, owners
and texts that describe. Emptied: every figure, answer, score, reason, claim and mark. Last
year's values are kept by path, for display only.
"""

from __future__ import annotations

from perfeval.session.change import join, under
from perfeval.session.model import Answer, Evaluation, OwnIndicator, Project, Session


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


def _values(last: Session) -> list[tuple[str, str]]:
    """Return what stood at each path last year: figures, actual values, manual scores."""
    parts: list[tuple[str, Evaluation]] = []
    if last.department:
        parts.append(("department", last.department))
    parts += [(join("projects", key), project) for key, project in last.projects.items()]
    found = []
    for path, evaluation in parts:
        for name, entered in evaluation.inputs.items():
            found.append((under(path, "inputs", name, "value"), entered.value))
        filled = [("answers", code, answer) for code, answer in evaluation.answers.items()]
        filled += [("rows", key, row) for key, row in evaluation.rows.items()]
        for kind, code, answer in filled:
            found.append((under(path, kind, code, "actual"), answer.actual))
            found.append((under(path, kind, code, "manual_score"), answer.manual_score))
        if isinstance(evaluation, Project):
            for key, fund in evaluation.funds.items():
                found.append((under(path, "funds", key, "budget"), fund.budget))
                found.append((under(path, "funds", key, "executed"), fund.executed))
    return [(path, value) for path, value in found if value]
