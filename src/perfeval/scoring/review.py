"""复核: what the session is worth with the reviewer's scores, and how that differs.

The reviewer's marks lie beside the self scores. The reviewed score is made by the same engine,
each marked indicator scored by hand with the mark's score; self + difference = reviewed, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from perfeval.numbers import ZERO, Exact, FigureState, figure
from perfeval.scoring.engine import (
    Prepared,
    SetFinder,
    compute,
    context_of,
    prepare,
    with_items,
)
from perfeval.scoring.scorecard import IndicatorResult, Item, Result, Status
from perfeval.session.model import Evaluation, ReviewMark, Session
from perfeval.session.seal import value_digest


@dataclass(frozen=True, slots=True)
class MarkedIndicator:
    """One indicator with a mark: both scores, their difference, and whether the mark is 过期."""

    path: str
    code: str
    name: str
    points: Exact
    own: Exact | None
    reviewed: Exact | None
    mark: ReviewMark
    outdated: bool

    @property
    def difference(self) -> Exact:
        return (self.reviewed or ZERO) - (self.own or ZERO)


@dataclass(frozen=True, slots=True)
class TierDifference:
    """A tier before and after review. Rescaled tiers differ by more than their rows do."""

    name: str
    own: Exact
    reviewed: Exact

    @property
    def difference(self) -> Exact:
        return self.reviewed - self.own


@dataclass(frozen=True, slots=True)
class ReviewDiff:
    """The self score and the reviewed score of one evaluation, side by side."""

    path: str
    own: Result
    reviewed: Result
    tiers: tuple[TierDifference, ...]
    marked: tuple[MarkedIndicator, ...]
    unmarked: tuple[str, ...]
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def net(self) -> Exact:
        """核增 (above 0) or 核减: reviewed total − self total."""
        return self.reviewed.total - self.own.total

    @property
    def changed(self) -> tuple[MarkedIndicator, ...]:
        return tuple(row for row in self.marked if row.difference)

    @property
    def grade_changes(self) -> bool:
        return self.own.grade != self.reviewed.grade


def review_diff(session: Session, path: str, find: SetFinder) -> ReviewDiff:
    """Return what the marks under ``path`` (``department``, ``projects/p1``) change.

    A mark without a readable score inside 0…points leaves the self score and is a problem.
    """
    evaluation = _evaluation(session, path)
    indicator_set = find(evaluation.set)
    prepared = prepare(evaluation, indicator_set, context_of(session, path, indicator_set))
    own = compute(prepared)
    problems: list[tuple[str, str]] = []
    reviewed = compute(_with_marks(prepared, session, problems))
    rows = list(zip(own.indicators, reviewed.indicators, strict=True))
    marked = tuple(
        _marked(session, mine, theirs) for mine, theirs in rows if mine.path in session.marks
    )
    unmarked = tuple(
        row.path
        for row in own.indicators
        if row.path not in session.marks and row.status is not Status.NOT_APPLICABLE
    )
    tiers = tuple(
        TierDifference(mine.name, mine.score or ZERO, theirs.score or ZERO)
        for mine, theirs in zip(own.tiers, reviewed.tiers, strict=True)
    )
    return ReviewDiff(path, own, reviewed, tiers, marked, unmarked, tuple(problems))


def _evaluation(session: Session, path: str) -> Evaluation:
    if path == "department" and session.department is not None:
        return session.department
    return session.projects[path.removeprefix("projects/")]


def _with_marks(prepared: Prepared, session: Session, problems: list[tuple[str, str]]) -> Prepared:
    """Return the prepared evaluation with each marked item scored by its mark."""

    def item_of(item: Item) -> Item:
        mark = session.marks.get(item.path)
        if mark is None or mark.verdict == "认可" or not mark.score:
            return item
        read = figure(mark.score)
        if read.state is not FigureState.NUMBER or read.value is None:
            problems.append((item.path, read.problem or "没有复核得分"))
            return item
        if not 0 <= read.value <= item.points:
            problems.append((item.path, f"复核得分 {mark.score} 应在 0 与分值之间"))
            return item
        return replace(item, manual=read.value, not_applicable=False)

    return with_items(prepared, item_of)


def _marked(session: Session, own: IndicatorResult, reviewed: IndicatorResult) -> MarkedIndicator:
    mark = session.marks[own.path]
    outdated = _is_outdated(session, own.path, mark)
    return MarkedIndicator(
        own.path, own.code, own.name, own.points, own.score, reviewed.score, mark, outdated
    )


def outdated_marks(session: Session) -> Iterator[str]:
    """Yield the paths of marks made on a value that has changed since (过期)."""
    for path, mark in session.marks.items():
        if _is_outdated(session, path, mark):
            yield path


def _is_outdated(session: Session, path: str, mark: ReviewMark) -> bool:
    return bool(mark.on) and mark.on != value_digest(session, path)
