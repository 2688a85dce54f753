"""Which printed number is wrong: the smallest set of facts whose correction mends everything.

Identities that fail and share a number are mended together. A *root* is a reading that is taken to
be misprinted; what follows from it (a total of a misprinted score) is corrected in consequence.
Fewer roots come first; then a derived number before one printed once before an input printed
repeatedly. What costs the same is a tie and all of it is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from perfeval.audit.equations import Equation, Reading, Values, computed, holds, solved
from perfeval.audit.figures import Mention
from perfeval.numbers import Exact, Interval

MAX_ROOTS = 3
MAX_EQUATIONS = 40
"""A knot of more failing identities than this is not untied."""
MAX_WORK = 40_000
"""Numbers looked at for one knot, and ten times as many for a document: a bound on time."""
MAX_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Correction:
    """A reading and the value it should have printed."""

    reading: Reading
    value: Exact

    @property
    def interval(self) -> Interval:
        """All values that print like the corrected one."""
        half = self.reading.best.step / 2
        return Interval(self.value - half, self.value + half)

    @property
    def unlike(self) -> int:
        """How many signs differ between the printed and the corrected number."""
        best = self.reading.best
        pairs = zip_longest(best.printed(best.value), best.printed(self.value))
        return sum(one != other for one, other in pairs)

    def told(self) -> str:
        """Say it: ``837.1万元→838.1万元``."""
        best = self.reading.best
        return f"{best.raw}→{best.printed(self.value)}"


@dataclass(frozen=True, slots=True)
class Root:
    """A correction and what follows from it."""

    correction: Correction
    following: tuple[Correction, ...]

    def told(self) -> str:
        """Say which numbers become what."""
        said = self.correction.told()
        if self.following:
            said += "，随之 " + "、".join(one.told() for one in self.following)
        return said

    @property
    def readings(self) -> set[int]:
        """The readings it corrects, by ``id``."""
        return {id(one.reading) for one in (self.correction, *self.following)}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Corrections that mend all identities of a knot."""

    roots: tuple[Root, ...]
    cost: Exact

    @property
    def unlike(self) -> int:
        """How many signs of the printed numbers are others in the corrected ones.

        A misprint is mostly a wrong digit or two; of explanations that cost the same the one
        nearest to what is printed is told first.
        """
        return sum(root.correction.unlike for root in self.roots)

    def told(self, concerning: set[int]) -> str:
        """Say which numbers become what, of the roots that concern these readings."""
        near = [one for one in self.roots if one.readings & concerning]
        return "；".join(one.told() for one in near or self.roots)

    def mends(self, equation: Equation, of: dict[Mention, Reading]) -> bool:
        """Whether an identity holds once everything is corrected so."""
        made = {
            id(one.reading): one
            for root in self.roots
            for one in (root.correction, *root.following)
        }
        if not made.keys() & {id(of[one]) for one in equation.mentions}:
            return False

        def at(mention: Mention) -> Interval:
            reading = of[mention]
            changed = made.get(id(reading))
            return reading.interval if changed is None else changed.interval

        return holds(equation, at) is True


@dataclass(slots=True)
class Network:
    """All equations of a document by the readings they speak of."""

    of: dict[Mention, Reading]
    equations: Sequence[Equation]
    work: int = 10 * MAX_WORK
    by_reading: dict[int, list[Equation]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for equation in self.equations:
            if equation.doubt:
                continue
            for key in {id(self.of[one]) for one in equation.mentions}:
                self.by_reading[key].append(equation)

    def around(self, reading: Reading) -> list[Equation]:
        return self.by_reading.get(id(reading), [])

    def readings(self, equation: Equation) -> list[Reading]:
        """Return the readings of an equation, each once."""
        return list({id(self.of[one]): self.of[one] for one in equation.mentions}.values())


def knots(network: Network, failing: Iterable[Equation]) -> list[list[Equation]]:
    """Return failing equations in groups that share a reading."""
    parent: dict[int, int] = {}

    def root(key: int) -> int:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    listed = list(failing)
    for equation in listed:
        keys = [id(one) for one in network.readings(equation)]
        for key in keys[1:]:
            parent[root(key)] = root(keys[0])
    groups: dict[int, list[Equation]] = defaultdict(list)
    for equation in listed:
        groups[root(id(network.readings(equation)[0]))].append(equation)
    return list(groups.values())


def explain(network: Network, knot: Sequence[Equation]) -> list[Explanation]:
    """Return the cheapest explanations of a knot, more than one when they cost the same."""
    if len(knot) > MAX_EQUATIONS:
        return []
    search = _Search(network, knot)
    begun = search.work
    for roots in range(1, MAX_ROOTS + 1):
        search.go((), {}, roots)
        if search.found:
            break
    network.work -= begun - search.work
    if search.work < 0:  # not all was looked at: what was found may not be the least
        return []
    least = min((one.cost for one in search.found), default=Exact(0))
    unique: dict[str, Explanation] = {}
    for one in sorted(search.found, key=lambda found: found.unlike):
        if one.cost == least:
            unique.setdefault("|".join(sorted(root.told() for root in one.roots)), one)
    return list(unique.values())[:MAX_SHOWN]


def _cost(reading: Reading) -> Exact:
    repeated = Exact(min(len(reading.mentions) - 1, 4), 10)
    if reading.derived:
        return 1 + repeated
    return Exact(2) if len(reading.mentions) == 1 else 3 + repeated


Overrides = dict[int, tuple[Reading, Exact]]
Chosen = tuple[tuple[Reading, tuple[int, ...]], ...]
"""The roots so far, each with the readings that follow from it."""


class _Search:
    """Depth-first over the roots, with a bound on the number of tries."""

    def __init__(self, network: Network, knot: Sequence[Equation]) -> None:
        self.network, self.knot = network, knot
        self.found: list[Explanation] = []
        self.work = min(MAX_WORK, network.work)

    def values(self, overrides: Overrides) -> Values:
        of = self.network.of

        def at(mention: Mention) -> Interval:
            reading = of[mention]
            changed = overrides.get(id(reading))
            return reading.interval if changed is None else Correction(*changed).interval

        return at

    def holds(self, equation: Equation, values: Values) -> bool | None:
        """Judge an identity, and count the work."""
        self.work -= len(equation.over) + 4 * len(equation.under)
        return holds(equation, values)

    def go(self, roots: Chosen, overrides: Overrides, left: int) -> None:
        values = self.values(overrides)
        open_ = [one for one in self.knot if self.holds(one, values) is False]
        if not open_:
            self.take(roots, overrides)
            return
        if not left:
            return
        for reading in self.network.readings(open_[0]):
            if id(reading) in overrides:
                continue
            if self.work < 0:
                return
            value = self.proposed(reading, open_, values)
            if value is None or value == reading.best.value or value < 0 <= reading.best.value:
                continue
            changed = overrides | {id(reading): (reading, value)}
            if self.follow(reading, changed, {id(one) for one in open_}):
                after = tuple(key for key in changed if key not in overrides and key != id(reading))
                self.go((*roots, (reading, after)), changed, left - 1)

    def proposed(self, reading: Reading, open_: Sequence[Equation], values: Values) -> Exact | None:
        """Return the value that mends what is open around a reading, as it would be printed."""
        of, best = self.network.of, reading.best
        common: Interval | None = None
        for equation in open_:
            unknown = [one for one in equation.mentions if of[one] is reading]
            if not unknown:
                continue
            found = solved(equation, unknown, values)
            if found is None:
                return None
            half = best.step / 2
            wide = Interval(found.low - half, found.high + half)
            if common is None:
                common = wide
            elif common.meets(wide):
                common = Interval(max(common.low, wide.low), min(common.high, wide.high))
        if common is None:
            return None
        return best.nearest((common.low + common.high) / 2)

    def follow(self, reading: Reading, overrides: Overrides, open_: set[int]) -> bool:
        """Correct what follows from a correction; False where it breaks what held."""
        waiting = [reading]
        while waiting:
            values = self.values(overrides)
            for equation in self.network.around(waiting.pop()):
                if self.holds(equation, values) is not False or id(equation) in open_:
                    continue
                left = self.network.of[equation.left]
                if id(left) in overrides or len(overrides) > 12:
                    return False
                should = computed(equation, values)
                if should is None:
                    return False
                overrides[id(left)] = left, left.best.nearest((should.low + should.high) / 2)
                values = self.values(overrides)
                waiting.append(left)
        return True

    def take(self, roots: Chosen, overrides: Overrides) -> None:
        """Keep what mends everything."""
        values = self.values(overrides)
        for reading, _ in overrides.values():
            if any(self.holds(one, values) is False for one in self.network.around(reading)):
                return
        made = tuple(
            Root(
                Correction(*overrides[id(one)]),
                tuple(Correction(*overrides[key]) for key in after),
            )
            for one, after in roots
        )
        rest = len(overrides) - len(roots)
        cost = sum((_cost(one) for one, _ in roots), Exact(0)) + Exact(rest, 20)
        self.found.append(Explanation(made, cost))
