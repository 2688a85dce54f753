"""The engine: an evaluation and its indicator set in, a :class:`Result` out. Pure and exact.

Three steps, so that a figure typed is read once and scored as often as needed::

    prepare   raw texts → exact figures, targets, the rule of each row   (:mod:`.prepare`)
    compute   figures → values → scores → tiers → total → grade           (:mod:`.compute`)
    trace     replays one item through the same functions, with words     (:mod:`.trace`)

Here they are put together: for one evaluation, and for a session with its department and projects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import ZERO, Exact
from perfeval.scoring.compute import compute, score_item
from perfeval.scoring.prepare import MONEY_COLUMNS, prepare
from perfeval.scoring.prepared import Context, Prepared, with_items
from perfeval.scoring.scorecard import ProjectResult, Result, Scorecard
from perfeval.session.change import join
from perfeval.session.model import Evaluation, Project, Session

__all__ = [
    "MONEY_COLUMNS",
    "Context",
    "Prepared",
    "SetFinder",
    "compute",
    "context_of",
    "prepare",
    "project_money",
    "project_result",
    "project_totals",
    "score",
    "score_department",
    "score_item",
    "score_project",
    "score_session",
    "with_items",
]

SetFinder = Callable[[str], IndicatorSet]


def score(evaluation: Evaluation, indicator_set: IndicatorSet, context: Context) -> Result:
    """Read and score an evaluation."""
    return compute(prepare(evaluation, indicator_set, context))


# --- session ---------------------------------------------------------------------------------


def context_of(session: Session, path: str, indicator_set: IndicatorSet | None = None) -> Context:
    """Return the context of an evaluation of ``session``.

    The department's formulas may speak of the projects; their totals are added up unless the
    given set names none of them.
    """
    speaks = indicator_set is None or indicator_set.uses_projects
    totals: dict[str, Exact] = {}
    if path == "department" and speaks:
        projects = [project for _, project in session.evaluated_projects()]
        totals = project_totals(project_money(one, session.money_unit) for one in projects)
    return Context(path, session.year, session.money_unit, session.assumed, totals)


Money = tuple[Exact, ...]
"""What a project has in each of :data:`MONEY_COLUMNS`, in the session's unit; 0 where nothing."""


def project_money(project: Project, unit: str) -> Money:
    """Return a project's money in ``unit``, for the totals over the projects."""
    columns = MONEY_COLUMNS.values()
    return tuple(project.fund_total(column, unit).value or ZERO for column in columns)  # type: ignore[arg-type]


def project_totals(parts: Iterable[Money]) -> dict[str, Exact]:
    """Return the figures over the projects that take part, under the names formulas use."""
    money = list(parts)
    totals = {"count(projects)": Exact(len(money))}
    for at, name in enumerate(MONEY_COLUMNS):
        totals[f"sum(projects.{name})"] = sum((one[at] for one in money), ZERO)
    return totals


def score_session(session: Session, find: SetFinder) -> Scorecard:
    """Score a session; ``find`` returns the indicator set of an id (and may raise)."""
    department = score_department(session, find)
    keys = [key for key, _ in session.ordered_projects()]
    return Scorecard(department, [score_project(session, key, find) for key in keys])


def score_department(session: Session, find: SetFinder) -> Result | None:
    """Score the department's evaluation alone; None where the session has none."""
    if session.department is None:
        return None
    indicator_set = find(session.department.set)
    context = context_of(session, "department", indicator_set)
    return score(session.department, indicator_set, context)


def score_project(session: Session, key: str, find: SetFinder) -> ProjectResult:
    """Score one project alone. Raises ``KeyError`` for an unknown one."""
    project, path = session.projects[key], join("projects", key)
    result = None
    if not project.excluded:
        result = score(project, find(project.set), context_of(session, path))
    return project_result(project, key, session.money_unit, result)


def project_result(
    project: Project, key: str, money_unit: str, result: Result | None
) -> ProjectResult:
    """Return a project's result beside what the 汇总表 prints of it; None for an excluded one."""
    return ProjectResult(
        key,
        project.name,
        join("projects", key),
        result,
        project.excluded,
        project.fund_total("budget", money_unit),
        project.fund_total("executed", money_unit),
        {tier.name: tier.printed_rate for tier in result.tiers} if result else {},
    )
