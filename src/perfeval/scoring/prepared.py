"""What :mod:`.prepare` gives to :mod:`.compute`: the items of an evaluation by tier and group.

What no input feeds (a checklist, a typed value, 人工赋分) is scored once, when it is put here, and
not again when an input changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from perfeval.indicators.model import IndicatorSet, Tier
from perfeval.numbers import ZERO, Exact, Figure
from perfeval.scoring.compute import (
    NO_SUMS,
    ScoredGroup,
    Sums,
    add_up,
    score_item,
    score_tier,
)
from perfeval.scoring.scorecard import GroupResult, IndicatorResult, Item, Status, TierResult
from perfeval.session.model import Evaluation


@dataclass(frozen=True, slots=True)
class Context:
    """What an evaluation needs to know of its session."""

    path: str = "department"
    year: int = 2000
    money_unit: str = "万元"
    assumed: Mapping[str, str] = field(default_factory=dict)
    totals: Mapping[str, Exact] = field(default_factory=dict)

    def reads_like(self, other: Context) -> bool:
        """Whether an answer reads the same under both; the totals only feed formulas."""
        return replace(self, totals=other.totals) == other


@dataclass(slots=True)
class PreparedGroup:
    """The items of one 二级 (or of a tier itself, without a name) and the points they offer.

    ``settled`` holds the result of each item; those at ``fed`` are scored by inputs and stand
    open here. ``sums`` add up the others. ``whole`` is the group's result where nothing is fed.
    """

    name: str
    points: Exact
    offered: Exact
    unused: Exact
    items: list[Item]
    settled: list[IndicatorResult]
    fed: tuple[int, ...]
    sums: Sums
    whole: ScoredGroup | None


@dataclass(slots=True)
class PreparedTier:
    """A tier that counts under the weight scheme, its points there and what its rows offer.

    ``whole`` is its result where no input feeds any of its rows.
    """

    tier: Tier
    points: Exact
    offered: Exact
    unused: Exact
    groups: list[PreparedGroup]
    whole: TierResult | None = None


@dataclass(slots=True)
class Prepared:
    """An evaluation with every text read: what :func:`.compute.compute` needs, and what it was
    read from.
    """

    evaluation: Evaluation
    context: Context
    set: IndicatorSet
    scheme: str
    tiers: list[PreparedTier]
    values: dict[str, Exact]
    inputs: dict[str, Figure]
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def groups(self) -> Iterator[PreparedGroup]:
        return (group for tier in self.tiers for group in tier.groups)

    def scores_like(self, other: Prepared) -> bool:
        """Whether the very same items stand here and there, fed by equal figures."""
        return (
            self.tiers is other.tiers
            and self.inputs == other.inputs
            and self.values == other.values
            and self.problems == other.problems
        )


def prepared_group(
    name: str,
    points: Exact | None,
    items: list[Item],
    places: int,
    known: Sequence[IndicatorResult] = (),
) -> PreparedGroup:
    """Score what nothing feeds, except where ``known`` has the result of the very same item."""
    scored = {id(row.item): row for row in known}
    offered = sum((item.points for item in items), ZERO)
    unused = ZERO if points is None else points - offered
    points = offered if points is None else points
    rows, fed = [], []
    for at, item in enumerate(items):
        row = scored.get(id(item))
        if item.fed_by:
            fed.append(at)
            row = IndicatorResult(item, Status.UNFILLED)
        rows.append(row or score_item(item, {}, places))
    sums = add_up(NO_SUMS, [row for at, row in enumerate(rows) if at not in fed])
    whole = None if fed else (GroupResult(name, points, sums[0], rows, unused), sums)
    return PreparedGroup(name, points, offered, unused, items, rows, tuple(fed), sums, whole)


def prepared_tier(
    indicator_set: IndicatorSet, tier: Tier, points: Exact, groups: list[PreparedGroup]
) -> PreparedTier:
    """Return a tier with its groups, scored once where no input feeds any of them."""
    offered = sum((group.offered for group in groups), ZERO)
    prepared = PreparedTier(tier, points, offered, points - offered, groups)
    scored = [group.whole for group in groups if group.whole is not None]
    if len(scored) == len(groups) and not indicator_set.shifts:
        prepared.whole = score_tier(indicator_set, prepared, points, scored)
    return prepared


def with_items(prepared: Prepared, change: Callable[[Item], Item]) -> Prepared:
    """Return an evaluation whose items are what ``change`` makes of them.

    An item given back as it was keeps its result; the given evaluation stays as it is.
    """
    places = prepared.set.rounding.score
    tiers = []
    for tier in prepared.tiers:
        groups = []
        for group in tier.groups:
            items = [change(item) for item in group.items]
            groups.append(prepared_group(group.name, group.points, items, places, group.settled))
        tiers.append(prepared_tier(prepared.set, tier.tier, tier.points, groups))
    return replace(prepared, tiers=tiers)
