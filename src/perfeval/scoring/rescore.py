"""Scoring a session again after a change: only what the change can have moved is scored anew.

Sessions are frozen and an edit shares every part it leaves alone, so "unchanged" needs no account
of what was edited: an evaluation that is the very same object, under the same set in the same
context, is worth what it was worth. Inside one that did change, texts that stayed are not read
again (:func:`.prepare.prepare`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import is_
from typing import NamedTuple

from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import Exact
from perfeval.scoring.compute import compute
from perfeval.scoring.engine import (
    Money,
    SetFinder,
    project_money,
    project_result,
    project_totals,
)
from perfeval.scoring.prepare import prepare
from perfeval.scoring.prepared import Context, Prepared
from perfeval.scoring.scorecard import ProjectResult, Result, Scorecard
from perfeval.session.change import join
from perfeval.session.model import Evaluation, Project, Session


@dataclass(slots=True)
class _Department:
    prepared: Prepared
    result: Result


@dataclass(slots=True)
class _Project:
    """A project as it was scored; ``prepared`` is None for an excluded one."""

    project: Project
    part: ProjectResult
    prepared: Prepared | None
    money: Money | None = None


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every evaluation of a session stands on, beside what is filled in for itself.

    ``assumed`` are the 拟定 values of each evaluation, by its path.
    """

    year: int = 0
    money_unit: str = ""
    sets: Mapping[str, IndicatorSet] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    assumed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def context(self, path: str, totals: Mapping[str, Exact]) -> Context:
        return Context(path, self.year, self.money_unit, self.assumed.get(path, {}), totals)


class _Seen(NamedTuple):
    """What the projects were last scored from: while it is the very same, so are they."""

    ground: _Ground
    projects: Mapping[str, Project]
    order: tuple[str, ...] | None


_NOTHING_SEEN = _Seen(_Ground(), {}, None)


class Scorer:
    """Scores one session through its changes. A memory: what it forgets is only scored again."""

    def __init__(self) -> None:
        self._ground = _Ground()
        self._department: _Department | None = None
        self._seen = _NOTHING_SEEN
        self._projects: dict[str, _Project] = {}
        self._parts: list[ProjectResult] = []
        self._places: dict[str, int] = {}
        self._totals: dict[str, Exact] | None = None

    def scorecard(self, session: Session, find: SetFinder) -> Scorecard:
        """Return what :func:`.engine.score_session` returns, scoring only what changed.

        Where no project changed, its list of projects is the very same as last time.
        """
        self._ground = self._stood_on(session, find)
        now = _Seen(self._ground, session.projects, session.project_order)
        if not all(map(is_, now, self._seen)):
            before, self._seen = self._seen, _NOTHING_SEEN  # cut short, all is scored next time
            self._parts, self._totals = self._scored_projects(session, now, before), None
            self._seen = now
        return Scorecard(self._scored_department(session), self._parts)

    def _scored_projects(self, session: Session, now: _Seen, before: _Seen) -> list[ProjectResult]:
        """Score the projects that changed; return all in the order of the 汇总表."""
        known, stood = self._projects, before.projects if now.ground is before.ground else {}
        changed = [key for key, one in now.projects.items() if one is not stood.get(key)]
        for key in changed:
            known[key] = self._project(key, now.projects[key], known.get(key))
        if now.order is before.order and now.projects.keys() == before.projects.keys():
            parts = self._parts.copy()
            for key in changed:
                parts[self._places[key]] = known[key].part
            return parts
        for key in known.keys() - now.projects.keys():
            del known[key]
        ordered = [key for key, _ in session.ordered_projects()]
        self._places = {key: place for place, key in enumerate(ordered)}
        return [known[key].part for key in ordered]

    def _stood_on(self, session: Session, find: SetFinder) -> _Ground:
        """Return what all evaluations stand on: the very same as last time where it is equal."""
        last = self._ground
        used = {project.set for project in session.projects.values() if not project.excluded}
        used |= {session.department.set} if session.department else set()
        sets = {set_id: find(set_id) for set_id in used}
        same_sets = sets.keys() == last.sets.keys() and all(
            last.sets[set_id] is one for set_id, one in sets.items()
        )
        plain = (session.year, session.money_unit) == (last.year, last.money_unit)
        if same_sets and plain and session.assumed == last.typed:
            return last
        assumed = _by_evaluation(session.assumed)
        return _Ground(session.year, session.money_unit, sets, session.assumed, assumed)

    def _project(self, key: str, project: Project, known: _Project | None) -> _Project:
        prepared: Prepared | None = None
        result: Result | None = None
        if not project.excluded:
            before = known.prepared if known else None
            context = self._ground.context(join("projects", key), {})
            prepared = self._prepared(project, context, before)
            if known and before and prepared.scores_like(before):
                result = known.part.result
            else:
                result = compute(prepared)
        part = project_result(project, key, self._ground.money_unit, result)
        return _Project(project, part, prepared)

    def _scored_department(self, session: Session) -> Result | None:
        if session.department is None:
            self._department = None
            return None
        known, context = (
            self._department,
            self._ground.context("department", self._project_totals(session.department.set)),
        )
        prepared = self._prepared(session.department, context, known.prepared if known else None)
        alike = known is not None and prepared.scores_like(known.prepared)
        result = known.result if known and alike else compute(prepared)
        self._department = _Department(prepared, result)
        return result

    def _prepared(
        self, evaluation: Evaluation, context: Context, before: Prepared | None
    ) -> Prepared:
        """Return ``before`` where nothing of it can have changed, else read what has."""
        indicator_set = self._ground.sets[evaluation.set]
        if (
            before is not None
            and before.evaluation is evaluation
            and before.set is indicator_set
            and before.context == context
        ):
            return before
        return prepare(evaluation, indicator_set, context, before)

    def _project_totals(self, set_id: str) -> dict[str, Exact]:
        """Return the figures over the projects that take part, where the set speaks of them."""
        if not self._ground.sets[set_id].uses_projects:
            return {}
        if self._totals is None:
            taking_part = (one for one in self._projects.values() if not one.project.excluded)
            self._totals = project_totals(map(self._money, taking_part))
        return self._totals

    def _money(self, known: _Project) -> Money:
        """Return what a project has; it is added up once."""
        if known.money is None:
            known.money = project_money(known.project, self._ground.money_unit)
        return known.money


def _by_evaluation(assumed: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the 拟定 values by the evaluation they lie in, ``department`` or ``projects/<id>``."""
    found: dict[str, dict[str, str]] = {}
    for path, reason in assumed.items():
        depth = 1 if path.startswith("department/") else 2
        found.setdefault("/".join(path.split("/")[:depth]), {})[path] = reason
    return found
