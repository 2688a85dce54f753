"""Making the checks, and making them again after a change: only of what the change touched.

A check is asked about one evaluation at a time. What it saw stays true while the evaluation is the
very same object, is worth the very same, and nothing else is printed or 拟定 of it (sessions are
frozen). What compares evaluations, or stands beside them, is looked at every time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from perfeval.checks.model import Finding
from perfeval.checks.registry import (
    CHECKS,
    Check,
    Kinds,
    collapsed,
    observed,
    worst_first,
)
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
_Looks = dict[str, tuple[_Slice, Found]]


class Checker:
    """Checks one session through its changes. A memory: what it forgets is only checked again.

    Repeats of one kind over a thousand projects are put into one line again only where one of
    them is seen otherwise; kinds of different checks never mix.
    """

    def __init__(self) -> None:
        self._said = _Said(NONE, NONE, {}, {}, {})
        self._shared: tuple[object, ...] = ()
        self._known: _Looks = {}
        self._lines: dict[str, tuple[Kinds, list[Finding]]] = {}
        self._memory: dict[object, Any] = {}

    def findings(self, session: Session, scorecard: Scorecard, find: SetFinder) -> list[Finding]:
        """Return what :func:`run` returns, checking only what changed."""
        said = self._said
        if said.claimed is not session.claimed or said.assumed is not session.assumed:
            said = self._said = _Said.of(session)
        before, self._known = self._known, {}  # cut short, all is checked next time
        known, changed = self._look_again(session, scorecard, find, before)
        subject = Subject(session, scorecard, find, session, said.places, self._memory)
        beside = replace(subject, session=_rest(session, said, known), memory={})
        lines: list[Finding] = []
        for check in CHECKS.values():
            seen = _of_whole(check, subject, beside)
            last, listed = self._lines.get(check.id, ({}, []))
            if check.id in changed or seen != last:
                each = (found[check.id] for _, found in known.values() if check.id in found)
                listed = collapsed([seen, *each])
                self._lines[check.id] = seen, listed
            lines += listed
        self._known = known
        return worst_first(lines)

    def _look_again(
        self, session: Session, scorecard: Scorecard, find: SetFinder, before: _Looks
    ) -> tuple[_Looks, Collection[str]]:
        """Check the evaluations that changed; return all there are and the checks that see
        something else now.
        """
        said = self._said
        shared = (said, session.waivers, *_ground(session))
        alike, self._shared = shared == self._shared, shared
        cut = _slicer(session, said)
        known: _Looks = {}
        changed: set[str] = set()
        for key, evaluation, worth in _evaluations(session, scorecard):
            last, seen = before.get(key, (None, {}))
            same = last is not None and last.evaluation is evaluation and last.worth is worth
            if last is None or not (alike and same):
                one = cut(key, evaluation, worth)
                if last is None or not one.is_like(last):
                    only = _only(session, one)
                    subject = Subject(only, _worth(one), find, session, said.places)
                    was, seen = seen, _found(one, subject)
                    changed |= {id for id in was | seen if was.get(id) != seen.get(id)}
                last = one
            known[key] = (last, seen)
        return known, changed if list(known) == list(before) else CHECKS.keys()


def _found(one: _Slice, subject: Subject) -> Found:
    return {
        check.id: kinds
        for check in CHECKS.values()
        if not check.whole and (kinds := observed(check, check.function, subject, one.waivers))
    }


def _of_whole(check: Check, subject: Subject, beside: Subject) -> Kinds:
    """Return what a check sees in the whole session, or beside its evaluations."""
    waivers = subject.session.waivers
    if check.whole:
        return observed(check, check.function, subject, waivers)
    return observed(check, check.beside, beside, waivers) if check.beside is not None else {}


# --- parts of a session ----------------------------------------------------------------------


def _ground(session: Session) -> tuple[object, ...]:
    return session.year, session.money_unit, session.statements


def _evaluations(
    session: Session, card: Scorecard
) -> Iterator[tuple[str, Evaluation, Result | ProjectResult]]:
    """Yield every evaluation (of an excluded project, too) with what it is worth."""
    if card.department is not None and session.department is not None:
        yield "department", session.department, card.department
    for part in card.projects:
        yield part.path, session.projects[part.key], part


def _slicer(
    session: Session, said: _Said
) -> Callable[[str, Evaluation, Result | ProjectResult], _Slice]:
    """Return what puts together all that the checks of one evaluation look at."""
    waivers: dict[str, tuple[Waiver, ...]] = {}
    for waiver in session.waivers:
        owner = _owner(waiver.path)
        waivers[owner] = (*waivers.get(owner, ()), waiver)
    ground = _ground(session)

    def cut(key: str, evaluation: Evaluation, worth: Result | ProjectResult) -> _Slice:
        texts = said.printed.get(key, NONE), said.proposed.get(key, NONE)
        places = said.places.get(key.partition("/")[0])
        return _Slice(key, evaluation, worth, *texts, waivers.get(key, ()), (*ground, places))

    return cut


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
