"""Equations between printed numbers, and whether they can hold.

An equation is ``left = Σ over ÷ Σ under``, each term a coefficient times printed numbers. It is
linear in every number, so its range over the intervals of the others is attained at their ends.
It fails only if no values that print as printed satisfy it: sums carry their own 尾差, and a score
may come from the exact or from the printed rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product

from perfeval.audit.figures import Measure, Mention
from perfeval.numbers import ONE, ZERO, Exact, Interval

MAX_CORNERS = 7
"""With more numbers than this in a quotient its range is bounded by interval arithmetic."""


class Verdict(StrEnum):
    """What is said of an identity."""

    PASS = "PASS"
    FAIL = "FAIL"
    UNCERTAIN = "UNCERTAIN"
    NOT_ASSESSABLE = "NOT ASSESSABLE"


@dataclass(slots=True, eq=False)
class Reading:
    """One value of a fact: all mentions of a name that can be the same number.

    ``interval`` is what they have in common. ``fact`` is the name.
    """

    fact: str
    mentions: list[Mention]
    interval: Interval
    derived: bool = False

    @property
    def value(self) -> Exact:
        """The value as printed with the most decimals."""
        return self.best.value

    @property
    def best(self) -> Mention:
        return min(self.mentions, key=lambda one: (one.step, one.place.order))

    @property
    def first(self) -> Mention:
        return min(self.mentions, key=lambda one: one.place.order)


@dataclass(frozen=True, slots=True)
class Term:
    """A coefficient times the product of printed numbers (or alone, a number known exactly)."""

    coefficient: Exact
    factors: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Equation:
    """An identity a document must satisfy.

    ``check`` is the kind, ``told`` says it in words. ``slack`` is rounding between the numbers
    that none of them shows. ``doubt`` says why a miss may be right: then it is asked about, and
    accuses nobody.
    """

    check: str
    told: str
    left: Mention
    over: tuple[Term, ...]
    under: tuple[Term, ...] = ()
    slack: Exact = ZERO
    doubt: str = ""
    exact: bool = False
    """Points and scores add up as printed: 2 and 28 are no roundings of 1.6 and 27.5."""

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """Every number it speaks of, the result first."""
        inputs = [m for term in (*self.over, *self.under) for m in term.factors]
        return (self.left, *dict.fromkeys(inputs))

    def worked(self, sign: str = "") -> str:
        """Return the calculation with the printed numbers in it."""
        over = _terms(self.over)
        if not self.under:
            return over
        divisor = _terms(self.under)
        over = f"({over})" if len(self.over) > 1 else over
        return f"{over} ÷ {f'({divisor})' if len(self.under) > 1 else divisor}{sign}"


def _terms(terms: Sequence[Term]) -> str:
    told = ""
    for term in terms:
        size = abs(term.coefficient)
        factors = [one.raw for one in term.factors]
        if size != 1 or not factors:
            factors.insert(0, str(size))
        sign = "-" if term.coefficient < 0 else "+"
        told += (f" {sign} " if told or sign == "-" else "") + "×".join(factors)
    return told.strip()


def total(mentions: Iterable[Mention], sign: int = 1) -> tuple[Term, ...]:
    """Return terms that add up numbers."""
    return tuple(Term(Exact(sign), (one,)) for one in mentions)


Values = Callable[[Mention], Interval]


def _sum(terms: Sequence[Term], values: Values) -> Interval:
    low = high = ZERO
    for term in terms:
        if len(term.factors) == 1:
            found = values(term.factors[0])
            ends = (found.low * term.coefficient, found.high * term.coefficient)
        else:
            made = Interval.point(term.coefficient)
            for factor in term.factors:
                made = made * values(factor)
            ends = (made.low, made.high)
        low, high = low + min(ends), high + max(ends)
    return Interval(low, high)


_CENT = Exact(1, 200)


def _as_printed(values: Values) -> Values:
    """Narrow numbers to half a cent around their middle."""

    def at(mention: Mention) -> Interval:
        found = values(mention)
        if found.high - found.low <= 2 * _CENT:
            return found
        middle = (found.low + found.high) / 2
        return Interval(middle - _CENT, middle + _CENT)

    return at


def computed(equation: Equation, values: Values) -> Interval | None:
    """Return what the left side may be, or None where the divisor may be zero."""
    if equation.exact:
        values = _as_printed(values)
    if not equation.under:
        found = _sum(equation.over, values)
    else:
        inputs = equation.mentions[1:]
        if len(inputs) > MAX_CORNERS:
            try:
                found = _sum(equation.over, values) / _sum(equation.under, values)
            except ZeroDivisionError:
                return None
        else:
            if _sum(equation.under, values).low <= 0:
                return None
            found = _hull(
                _sum(equation.over, at).low / _sum(equation.under, at).low
                for at in _corners(inputs, values)
            )
    return Interval(found.low - equation.slack, found.high + equation.slack)


def _corners(inputs: Sequence[Mention], values: Values) -> Iterator[Values]:
    """Yield every choice of an end for each number."""
    ends = [(values(one).low, values(one).high) for one in inputs]
    for chosen in product(*ends):
        at = dict(zip(inputs, chosen, strict=True))
        yield lambda one, at=at: Interval.point(at[one])  # type: ignore[misc]


def _hull(found: Iterable[Exact]) -> Interval:
    values = list(found)
    return Interval(min(values), max(values))


def holds(equation: Equation, values: Values) -> bool | None:
    """Whether some values that print as printed satisfy it; None where that cannot be said."""
    found = computed(equation, values)
    if equation.exact:
        values = _as_printed(values)
    return None if found is None else found.meets(values(equation.left))


def solved(equation: Equation, unknown: Sequence[Mention], values: Values) -> Interval | None:
    """Return what the numbers ``unknown`` (printings of one fact) would have to be.

    ``left × (a + b·v) = c + e·v``, so ``v = (c − left·a) ÷ (left·b − e)``. None where no value can
    be told.
    """
    hidden = set(unknown)
    if equation.left in hidden:
        return computed(equation, values)
    if equation.exact:
        values = _as_printed(values)
    c, e = _split(equation.over, hidden)
    a, b = _split(equation.under, hidden) if equation.under else ((Term(ONE),), ())

    def at(values: Values) -> Interval:
        left = values(equation.left)
        try:
            return (_sum(c, values) - left * _sum(a, values)) / (
                left * _sum(b, values) - _sum(e, values)
            )
        except ZeroDivisionError:
            raise _Unsolvable from None

    others = [one for one in equation.mentions if one not in hidden]
    try:
        if len(others) > MAX_CORNERS or not equation.under:
            found = at(values)
        else:
            found = _hull(at(corner).low for corner in _corners(others, values))
    except _Unsolvable:
        return None
    return Interval(found.low - equation.slack, found.high + equation.slack)


class _Unsolvable(ArithmeticError):
    """No single value can be told."""


def _split(
    terms: Sequence[Term], hidden: set[Mention]
) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Split a sum into what is free of the unknown and what multiplies it."""
    free = tuple(one for one in terms if not hidden.intersection(one.factors))
    bound = tuple(
        Term(one.coefficient, tuple(f for f in one.factors if f not in hidden))
        for one in terms
        if hidden.intersection(one.factors)
    )
    return free, bound


@dataclass(slots=True)
class Register:
    """Everything a document states: facts by name, and the equations between their printings."""

    facts: dict[str, list[Mention]] = field(default_factory=dict)
    equations: list[Equation] = field(default_factory=list)
    names: dict[Mention, str] = field(default_factory=dict)
    figures: int = 0

    def state(self, name: str, mention: Mention | None) -> None:
        """Note that a mention is what a name is stated to be."""
        if mention is not None and mention not in self.names:
            self.facts.setdefault(name, []).append(mention)
            self.names[mention] = name

    def join(self, name: str, other: str) -> None:
        """Take two names for one fact where every printing of both can be one number."""
        both = [*self.facts.get(name, []), *self.facts.get(other, [])]
        if name not in self.facts or other not in self.facts:
            return
        if all(one.interval.meets(both[0].interval) for one in both):
            self.facts[name] = both
            del self.facts[other]
            self.names.update(dict.fromkeys(both, name))

    def first(self, *names: str) -> Mention | None:
        """Return the first mention of the first of these names that is stated."""
        for name in names:
            if found := self.facts.get(name):
                return found[0]
        return None

    def require(
        self, check: str, told: str, left: Mention | None, over: Iterable[Term],
        under: Iterable[Term] = (), *, slack: Exact = ZERO, doubt: str = "", exact: bool = False,
    ) -> None:  # fmt: skip
        """Note an identity; one without its result is none."""
        terms = tuple(over)
        if left is not None and terms:
            self.equations.append(
                Equation(check, told, left, terms, tuple(under), slack, doubt, exact)
            )

    def readings(self) -> tuple[dict[Mention, Reading], list[list[Reading]]]:
        """Group mentions into readings; return them by mention, and the facts with several."""
        of: dict[Mention, Reading] = {}
        several: list[list[Reading]] = []
        for name, mentions in self.facts.items():
            found = _grouped(name, mentions)
            for reading in found:
                of.update(dict.fromkeys(reading.mentions, reading))
            if len(found) > 1:
                several.append(found)
        for equation in self.equations:
            for one in equation.mentions:
                if one not in of:
                    of[one] = Reading("", [one], one.interval)
            of[equation.left].derived = True
        return of, several


MAX_READINGS = 50
"""A fact with more values than this is no fact; further values stand alone."""


def _grouped(name: str, mentions: list[Mention]) -> list[Reading]:
    """Put mentions that can be one number together, the most exact first."""
    readings: list[Reading] = []
    for one in sorted(mentions, key=lambda m: (m.step, m.place.order)):
        for reading in readings[-MAX_READINGS:]:
            both = one.interval
            if reading.interval.meets(both):
                low, high = reading.interval.low, reading.interval.high
                if one.measure is not Measure.COUNT:
                    reading.interval = Interval(max(low, both.low), min(high, both.high))
                reading.mentions.append(one)
                break
        else:
            readings.append(Reading(name, [one], one.interval))
    for reading in readings:
        reading.mentions.sort(key=lambda m: m.place.order)
    return sorted(readings, key=lambda r: r.first.place.order)
