"""复核: what the session is worth with the reviewer's scores, and how that differs.

The reviewer's marks lie beside the self scores. The reviewed score is made by the same engine,
each marked indicator scored by hand with the mark's score; self + difference = reviewed, exactly.

A mark is given on something: the answer, the figures its formula and rule read, the score they
made. When any of these changes the mark is 过期, and what the reviewer gave then still counts (for
认可 the score that was accepted), so that a later edit never moves the reviewed score by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from perfeval.errors import PerfevalError
from perfeval.numbers import ZERO, Exact, FigureState, decimal_text, figure
from perfeval.scoring.engine import (
    Prepared,
    SetFinder,
    compute,
    context_of,
    prepare,
    with_items,
)
from perfeval.scoring.scorecard import IndicatorResult, Item, Result, Scorecard, Status
from perfeval.session.canonical import digest
from perfeval.session.model import Evaluation, ReviewMark, Session
from perfeval.session.seal import value_digest

BASIS = "2:"
"""What a digest of :func:`mark_basis` begins with. One without it covers the answer alone."""


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
    def net_text(self) -> str:
        """The net change as people say it: 净核减 2.50 分, 总分不变."""
        if not self.net:
            return "总分不变"
        return f"净{'核增' if self.net > 0 else '核减'} {decimal_text(abs(self.net), 2)} 分"

    @property
    def changed(self) -> tuple[MarkedIndicator, ...]:
        return tuple(row for row in self.marked if row.difference)

    @property
    def grade_changes(self) -> bool:
        return self.own.grade != self.reviewed.grade


def review_diff(session: Session, path: str, find: SetFinder) -> ReviewDiff:
    """Return what the marks under ``path`` (``department``, ``projects/p1``) change.

    A mark without a readable score inside 0…points leaves the self score and is a problem; so is
    one whose indicator is no longer there.
    """
    evaluation = _evaluation(session, path)
    indicator_set = find(evaluation.set)
    prepared = prepare(evaluation, indicator_set, context_of(session, path, indicator_set))
    own = compute(prepared)
    rows = {row.path: row for row in own.indicators}
    problems = [
        (place, "复核过的指标已不在自评中，请重新复核")
        for place in session.marks
        if place.startswith(f"{path}/") and place not in rows
    ]
    reviewed = compute(_with_marks(prepared, session, rows, problems))
    both = zip(rows.values(), reviewed.indicators, strict=True)
    marked = tuple(
        _marked(session, mine, theirs) for mine, theirs in both if mine.path in session.marks
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


def _with_marks(
    prepared: Prepared,
    session: Session,
    rows: dict[str, IndicatorResult],
    problems: list[tuple[str, str]],
) -> Prepared:
    """Return the prepared evaluation with each marked item scored by its mark."""

    def item_of(item: Item) -> Item:
        mark = session.marks.get(item.path)
        if mark is None:
            return item
        if not mark.score or mark.verdict == "认可":
            if not is_outdated(session, rows[item.path], mark):
                return item
            if not mark.score:  # nothing was there when it was looked at
                return replace(item, unscored="复核后才填，请重新复核", not_applicable=False)
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
    outdated = is_outdated(session, own, mark)
    return MarkedIndicator(
        own.path, own.code, own.name, own.points, own.score, reviewed.score, mark, outdated
    )


# --- a mark ---


def new_mark(
    row: IndicatorResult,
    *,
    who: str,
    score: str = "",
    opinion: str = "",
    returned: bool = False,
    when: str = "",
    number: int = 1,
) -> ReviewMark:
    """Return the mark a reviewer puts on an indicator; without a score it is accepted.

    The verdict follows from the scores (核增, 核减, 认可) unless the indicator is returned.
    ``number`` is that of the 上报 it belongs to. Raises :class:`PerfevalError` for a score outside
    the points, and for anything but 认可 without an opinion.
    """
    by_score = _verdict(row, score)  # what is returned has to have a possible score, too
    verdict = "退回修改" if returned else by_score
    if verdict != "认可" and not opinion.strip():
        raise PerfevalError(f"{row.name}：{verdict}要写明意见")
    return ReviewMark(
        verdict=verdict,
        score=score or ("" if row.score is None else decimal_text(row.score)),
        opinion=opinion,
        who=who,
        when=when,
        round=number,
        on=mark_basis(row),
    )


def _verdict(row: IndicatorResult, score: str) -> Literal["认可", "核增", "核减"]:
    if not score:
        return "认可"
    read = figure(score)
    if read.state is not FigureState.NUMBER or read.value is None:
        raise PerfevalError(f"{row.name}：复核得分“{score}”不是数值")
    if not 0 <= read.value <= row.points:
        told = f"应在 0 与分值 {decimal_text(row.points)} 之间"
        raise PerfevalError(f"{row.name}：复核得分 {score} {told}")
    if row.score is None or read.value > row.score:
        return "核增"
    return "核减" if read.value < row.score else "认可"


# --- what a mark was given on ----------------------------------------------------------------


def mark_basis(row: IndicatorResult) -> str:
    """Return the digest of what a mark on ``row`` is given on, for the mark to remember.

    It covers the answer, the target, the points, every figure that formula and rule name (基础数据,
    a project's money, sums over the projects) and the self score. 责任科室 is not in it: who fills
    something in says nothing about it.
    """
    item, given = row.item, row.item.given
    formulas = [*([item.formula] if item.formula else []), *item.rule.formulas()]
    names = {name for formula in formulas for name in formula.names}
    answer = item.answer.model_dump(mode="json", exclude_defaults=True) if item.answer else {}
    answer.pop("owner", None)
    basis = {
        "answer": answer,
        "target": given.target.raw if given.target else None,
        "points": _text(item.points),
        "figures": {name: _text(given.values.get(name)) for name in sorted(names)},
        "score": _text(row.score),
        "status": row.status.value,
    }
    return BASIS + digest(basis)


def _text(value: Exact | None) -> str | None:
    return None if value is None else str(value)


def is_outdated(session: Session, row: IndicatorResult, mark: ReviewMark) -> bool:
    """Whether what ``mark`` was given on has changed since (过期).

    ``row`` is the self result now. A mark that says nothing of it (typed into a file) never is.
    One of an older program remembers the answer alone; 认可 remembers its score besides.
    """
    if mark.on.startswith(BASIS):
        return mark.on != mark_basis(row)
    if not mark.on:
        return False
    accepted = figure(mark.score).value if mark.verdict == "认可" else None
    moved = accepted is not None and accepted != row.score
    return moved or mark.on != value_digest(session, row.path)


def outdated_marks(session: Session, card: Scorecard) -> Iterator[str]:
    """Yield the paths of the marks that are 过期, those whose indicator is gone among them.

    ``card`` is what the session is worth now.
    """
    rows = {row.path: row for _, result in card.results for row in result.indicators}
    for path, mark in session.marks.items():
        row = rows.get(path)
        if row is None or is_outdated(session, row, mark):
            yield path
