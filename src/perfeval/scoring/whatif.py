"""得分测算: what would raise the score, how far it may slip, what the next grade needs.

The engine itself is the oracle: a margin is found by scoring values on the grid a person can
type (0.01 %, 0.01 万元, one item) and halving, so a margin can never disagree with a score.
Margins are given in the indicator's own value; in an input only where the set marks it
``controllable``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import ZERO, Exact, decimal_text, dimension
from perfeval.scoring.engine import score_item
from perfeval.scoring.scorecard import IndicatorResult, Result, Status, quantity_text

_STEPS = 60
"""Doublings tried before a threshold is said to be out of reach."""


@dataclass(frozen=True, slots=True)
class Margin:
    """From what value on an indicator (or a controllable input of it) earns another score.

    ``subject`` is the indicator's name or the input's. ``value`` is the nearest one on the grid
    that earns ``score``. ``kind``: ``full`` reaches full points, ``grade`` alone lifts the total to
    the next grade (named in ``grade``), ``next`` only a better score,
    ``slack`` is the last value that keeps what is earned now.
    """

    code: str
    name: str
    subject: str
    kind: str
    value: Exact
    unit: str
    at_least: bool
    score: Exact
    gain: Exact
    grade: str = ""

    @property
    def text(self) -> str:
        """Return the margin as one Chinese sentence."""
        sign = "≥" if self.at_least else "≤"
        value = quantity_text(self.value, self.unit)
        if self.kind == "slack":
            return f"{self.subject} {sign} {value} 时得分不变"
        what = "得满分" if self.kind == "full" else f"得 {decimal_text(self.score, 2)} 分"
        if self.grade:
            what = f"{what}，总分达到“{self.grade}”"
        return f"{self.subject} {sign} {value} 时{what}（+{decimal_text(self.gain, 2)}）"


@dataclass(frozen=True, slots=True)
class GradeDistance:
    """A grade and the points between it and the total (below 0: the total is above its line)."""

    grade: str
    minimum: Exact
    distance: Exact

    @property
    def text(self) -> str:
        if self.distance > 0:
            return f"距“{self.grade}”还差 {decimal_text(self.distance, 2)} 分"
        return f"高出“{self.grade}”线 {decimal_text(-self.distance, 2)} 分"


def grade_distances(result: Result) -> list[GradeDistance]:
    """Return the distance to the next better grade and the room above the present one's line."""
    grades = result.set.grades
    reached = [grade for grade in grades if result.total >= grade.min]
    above = [grade for grade in grades if result.total < grade.min]
    near = [*above[-1:], *[grade for grade in reached[:1] if grade.min > 0]]
    return [GradeDistance(g.name, g.min, g.min - result.total) for g in near]


def margins(result: Result) -> list[Margin]:
    """Return the margins of every scored indicator of an evaluation, in printed order."""
    found: list[Margin] = []
    for row in result.indicators:
        own = list(indicator_margins(row, result.set))
        told = {margin.value for margin in own}
        found += own
        found += (one for one in _to_next_grade(row, result) if one.value not in told)
    return found


def _to_next_grade(row: IndicatorResult, result: Result) -> Iterator[Margin]:
    """Yield from what value on this indicator alone lifts the total to the next grade."""
    above = [grade for grade in result.set.grades if result.total < grade.min]
    if not above or not result.complete or not _has_margins(row):
        return
    grade, tier = above[-1], result.tier(row.item.tier)
    probe = _value_probe(row, result.set.rounding.score)
    now = probe.earned(probe.start)
    wanted = (grade.min - result.total) * (tier.applicable / tier.points if tier.points else 1)
    if now + wanted > row.points:
        return
    for up in (True, False):
        reach = probe.nearest(lambda score: score >= now + wanted, up)
        if reach is not None:
            item, got = row.item, probe.earned(reach)
            yield Margin(
                item.code, item.name, item.name, "grade", reach, item.unit, up, got, got - now,
                grade.name,
            )  # fmt: skip


def _has_margins(row: IndicatorResult) -> bool:
    """Whether a value decides the score: not a judgement, a checklist or a date."""
    if row.automatic is None or row.value is None or row.status is Status.MANUAL:
        return False
    dated = row.item.target is not None and row.item.target.is_date
    return row.item.rule.reads_value and not dated


def indicator_margins(row: IndicatorResult, indicator_set: IndicatorSet) -> Iterator[Margin]:
    """Yield what would change the score of one indicator, by value and by controllable input.

    Nothing is said of an indicator scored by judgement or by a checklist, or not scored at all.
    """
    item = row.item
    if not _has_margins(row):
        return
    places = indicator_set.rounding.score
    yield from _search(row, item.name, item.unit, _value_probe(row, places))
    for name in item.formula.names if item.formula else ():
        definition = indicator_set.inputs.get(name)
        if definition is not None and definition.controllable and name in item.given.values:
            yield from _in_input(row, name, definition.unit, places)


def _value_probe(row: IndicatorResult, places: int) -> _Probe:
    """Return how values of the indicator itself are tried, on the grid a person can type."""
    item, start = row.item, row.value
    assert start is not None
    if dimension(item.unit) == "ratio":
        step = Exact(1, 10 ** (item.places if item.places is not None else 4))
    elif dimension(item.unit) == "money":
        step = Exact(1, 100)
    else:
        step = Exact(1)

    def earned(value: Exact) -> Exact:
        bare = replace(item, formula=None, direct=value, given=replace(item.given), manual=None)
        return score_item(bare, {}, places).automatic or ZERO

    return _Probe(earned, start, step, places)


def _in_input(row: IndicatorResult, name: str, unit: str, places: int) -> Iterator[Margin]:
    item = row.item
    values = dict(item.given.values)
    start = values[name]
    step = Exact(1, 100) if dimension(unit) == "money" else Exact(1)

    def earned(value: Exact) -> Exact:
        changed = values | {name: value}
        bare = replace(item, given=replace(item.given, values=changed), manual=None)
        return score_item(bare, changed, places).automatic or ZERO

    for margin in _search(row, name, unit, _Probe(earned, start, step, places)):
        if margin.kind != "slack":
            yield margin


@dataclass(frozen=True, slots=True)
class _Probe:
    """How a value is tried: what it earns, where it stands now, and the grid it moves on."""

    earned: Callable[[Exact], Exact]
    start: Exact
    step: Exact
    places: int

    def nearest(self, holds: Callable[[Exact], bool], up: bool) -> Exact | None:
        """Return the grid value nearest to the start whose score satisfies ``holds``."""
        return _nearest(lambda value: holds(self.earned(value)), self.start, self.step, up)


def _search(row: IndicatorResult, subject: str, unit: str, probe: _Probe) -> Iterator[Margin]:
    """Look both ways from the start for the nearest better score, full points, and the slack."""
    earned, step, item = probe.earned, probe.step, row.item
    now, full = earned(probe.start), row.points

    def margin(kind: str, value: Exact, up: bool) -> Margin:
        got = earned(value)
        return Margin(item.code, item.name, subject, kind, value, unit, up, got, got - now)

    better = False
    if now < full:
        for up in (True, False):
            reach = probe.nearest(lambda score: score >= full, up)
            if reach is not None:
                better = True
                first = probe.nearest(lambda score: score > now, up)
                if (
                    first is not None
                    and first != reach
                    and _is_step(now, earned(first), probe.places)
                ):
                    yield margin("next", first, up)
                yield margin("full", reach, up)
    if not better or now == full:
        for up in (True, False):
            lost = probe.nearest(lambda score: score < now, up)
            if lost is not None:
                last = lost - step if up else lost + step
                yield Margin(item.code, item.name, subject, "slack", last, unit, not up, now, ZERO)


def _is_step(before: Exact, after: Exact, places: int) -> bool:
    """Whether the score jumps (a band) instead of creeping up by the last printed digit."""
    return after - before > Exact(1, 10**places)


def _nearest(holds: Callable[[Exact], bool], start: Exact, step: Exact, up: bool) -> Exact | None:
    """Return the grid value nearest to ``start`` where ``holds`` turns true, never below 0.

    Doubles the distance until it holds, then halves. Rules are monotonic on either side of a
    target, which is all the halving needs. None when it never holds.
    """
    on_grid = Exact(start // step) * step
    first = on_grid if up else (on_grid if on_grid == start else on_grid + step)
    sign = 1 if up else -1
    near, far = 0, 1
    for _ in range(_STEPS):
        at = first + sign * far * step
        if at < 0:
            if not holds(ZERO):
                return None
            far = int(first / step)
            break
        if holds(at):
            break
        near, far = far, far * 2
    else:
        return None
    while far - near > 1:
        middle = (near + far) // 2
        if holds(first + sign * middle * step):
            far = middle
        else:
            near = middle
    return first + sign * far * step
