"""Making the checks, and making them again after a change: only of what the change touched.

A check is asked about one evaluation at a time. What it saw stays true while the evaluation is the
very same object, is worth the very same, and nothing else is printed or 拟定 of it (sessions are
frozen). What compares evaluations, or stands beside them, is looked at every time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from perfeval.checks.model import Finding
from perfeval.checks.registry import CHECKS, Kinds, listed, observed
from perfeval.checks.subject import Subject, printed_places
from perfeval.scoring.engine import SetFinder
from perfeval.scoring.scorecard import ProjectResult, Result, Scorecard
from perfeval.session.model import Evaluation, Project, Session, Waiver

Texts = Mapping[str, str]
NONE: Texts = {}


def run(session: Session, scorecard: Scorecard, find: SetFinder) -> list[Finding]:
    """Make every check; return the findings, worst first, repeats collapsed.

    A finding whose 核实说明 still holds is kept and marked with it. ``scorecard`` is what the
    session is worth now; ``find`` returns a set by its id.
    """
    return Checker().findings(session, scorecard, find)


@dataclass(frozen=True, slots=True)
class _Slice:
    """One evaluation (of an excluded project, too) and all that its checks look at."""

    key: str
    evaluation: Evaluation
    worth: Result | ProjectResult
    claimed: Texts
    assumed: Texts
    waivers: tuple[Waiver, ...]
    ground: tuple[object, ...]

    def is_like(self, other: _Slice) -> bool:
        """Whether nothing can be seen here that was not seen there."""
        return (
            self.evaluation is other.evaluation
            and self.worth is other.worth
            and self.claimed == other.claimed
            and self.assumed == other.assumed
            and self.waivers == other.waivers
            and self.ground == other.ground
        )


@dataclass(frozen=True, slots=True)
class _Said:
    """What is printed and 拟定, by the evaluation it lies in, and how figures are printed."""

    claimed: Texts
    assumed: Texts
    printed: Mapping[str, Texts]
    proposed: Mapping[str, Texts]
    places: Mapping[str, Mapping[str, int]]

    @classmethod
    def of(cls, session: Session) -> _Said:
        claimed, assumed = session.claimed, session.assumed
        by_evaluation = _by_evaluation(claimed), _by_evaluation(assumed)
        return cls(claimed, assumed, *by_evaluation, printed_places(claimed))


Found = dict[str, Kinds]
"""What the checks of one evaluation see, by the id of the check."""


class Checker:
    """Checks one session through its changes. A memory: what it forgets is only checked again."""

    def __init__(self) -> None:
        self._said = _Said(NONE, NONE, {}, {}, {})
        self._known: dict[str, tuple[_Slice, Found]] = {}
        self._memory: dict[object, Any] = {}

    def findings(self, session: Session, scorecard: Scorecard, find: SetFinder) -> list[Finding]:
        """Return what :func:`run` returns, checking only what changed."""
        said = self._said
        if said.claimed is not session.claimed or said.assumed is not session.assumed:
            said = self._said = _Said.of(session)
        found: dict[str, Found] = {}
        known: dict[str, tuple[_Slice, Found]] = {}
        for one in _slices(session, scorecard, said):
            before, seen = self._known.get(one.key, (None, {}))
            if before is None or not one.is_like(before):
                only = _only(session, one)
                seen = _found(one, Subject(only, _worth(one), find, session, said.places))
            found[one.key], known[one.key] = seen, (one, seen)
        self._known = known
        subject = Subject(session, scorecard, find, session, said.places, self._memory)
        rest = _rest(session, said, found)
        beside = Subject(rest, scorecard, find, session, said.places)
        return listed(_in_order(subject, beside, found))


def _found(one: _Slice, subject: Subject) -> Found:
    made = {
        check.id: observed(check, check.function, subject, one.waivers)
        for check in CHECKS.values()
        if not check.whole
    }
    return {id: kinds for id, kinds in made.items() if kinds}


def _in_order(subject: Subject, beside: Subject, found: dict[str, Found]) -> Iterator[Kinds]:
    """Yield what each check sees: beside the evaluations, then in one after the other."""
    waivers = subject.session.waivers
    for check in CHECKS.values():
        if check.whole:
            yield observed(check, check.function, subject, waivers)
            continue
        if check.beside is not None:
            yield observed(check, check.beside, beside, waivers)
        for of_one in found.values():
            if kinds := of_one.get(check.id):
                yield kinds


# --- parts of a session ----------------------------------------------------------------------


def _slices(session: Session, card: Scorecard, said: _Said) -> Iterator[_Slice]:
    waivers: dict[str, tuple[Waiver, ...]] = {}
    for waiver in session.waivers:
        owner = _owner(waiver.path)
        waivers[owner] = (*waivers.get(owner, ()), waiver)
    ground = (session.year, session.money_unit, session.statements)

    def cut(key: str, evaluation: Evaluation, worth: Result | ProjectResult) -> _Slice:
        texts = said.printed.get(key, NONE), said.proposed.get(key, NONE)
        places = said.places.get(key.partition("/")[0])
        return _Slice(key, evaluation, worth, *texts, waivers.get(key, ()), (*ground, places))

    if card.department is not None and session.department is not None:
        yield cut("department", session.department, card.department)
    for part in card.projects:
        yield cut(part.path, session.projects[part.key], part)


def _by_evaluation(texts: Texts) -> dict[str, dict[str, str]]:
    """Return texts by the evaluation their path lies in, ``department`` or ``projects/<id>``."""
    found: dict[str, dict[str, str]] = {}
    for path, text in texts.items():
        found.setdefault(_owner(path), {})[path] = text
    return found


def _owner(path: str) -> str:
    first, _, rest = path.partition("/")
    return f"{first}/{rest.partition('/')[0]}" if first == "projects" else first


def _only(session: Session, one: _Slice) -> Session:
    """Return the session as if it had this evaluation alone."""
    project = one.evaluation if isinstance(one.evaluation, Project) else None
    projects = {one.worth.key: project} if isinstance(one.worth, ProjectResult) else {}
    return session.model_copy(
        update={
            "department": None if project else one.evaluation,
            "projects": projects,
            "project_order": (),
            "claimed": one.claimed,
            "assumed": one.assumed,
        }
    )


def _worth(one: _Slice) -> Scorecard:
    if isinstance(one.worth, ProjectResult):
        return Scorecard(None, [one.worth])
    return Scorecard(one.worth, [])


def _rest(session: Session, said: _Said, evaluations: Collection[str]) -> Session:
    """Return the session with only those texts printed or 拟定 that belong to no evaluation."""

    def others(texts: Mapping[str, Texts]) -> dict[str, str]:
        rest = [some for owner, some in texts.items() if owner not in evaluations]
        return {path: text for some in rest for path, text in some.items()}

    update = {"claimed": others(said.printed), "assumed": others(said.proposed)}
    return session.model_copy(update=update)
