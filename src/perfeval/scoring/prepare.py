"""Reading an evaluation: every raw text becomes an exact figure, a target, a rule, an item.

Given what an earlier state of the same evaluation was read as (``known``), only what has changed
since is read again. Models are frozen, so the very same answer reads as it did before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from operator import is_
from typing import NamedTuple

from perfeval.indicators.model import Indicator, IndicatorSet, Tier
from perfeval.numbers import Exact, Figure, FigureState, dimension, figure
from perfeval.scoring.items import TIER_RATE, ItemReader
from perfeval.scoring.prepared import (
    Context,
    Prepared,
    PreparedGroup,
    PreparedTier,
    prepared_group,
    prepared_tier,
)
from perfeval.scoring.scorecard import Item
from perfeval.session.change import under
from perfeval.session.model import (
    Answer,
    Evaluation,
    Fund,
    InputValue,
    OwnIndicator,
    Project,
)

MONEY_COLUMNS = {"年初预算数": "initial", "全年预算数": "budget", "全年执行数": "executed"}
"""The inputs that a project's 资金 table gives where they are not typed, and its columns."""
_NOTHING = Answer()


def prepare(
    evaluation: Evaluation,
    indicator_set: IndicatorSet,
    context: Context,
    known: Prepared | None = None,
) -> Prepared:
    """Read every text of the evaluation; those read in ``known`` are not read again."""
    reader = _Reader(evaluation, indicator_set, context, known)
    wanted = "project" if isinstance(evaluation, Project) else "department"
    if indicator_set.scope != wanted:
        kinds = {"project": "项目", "department": "部门整体"}
        told = (
            f"“{indicator_set.title}”是{kinds[indicator_set.scope]}用的，这里要{kinds[wanted]}用的"
        )
        reader.problems.append((under(context.path, "set"), told))
    scheme = reader.scheme
    points = indicator_set.tier_points(scheme)
    tiers = [
        reader.tier(tier, points[tier.name]) for tier in indicator_set.tiers if tier.name in points
    ]
    if known is not None and _same(tiers, known.tiers):
        tiers = known.tiers
    return Prepared(
        evaluation,
        context,
        indicator_set,
        scheme,
        tiers,
        reader.values,
        reader.figures,
        tuple(reader.problems),
    )


class _Entry(NamedTuple):
    """One thing a group is to hold: what was answered (a text: the 得分率), how it is read."""

    code: str
    own: bool
    answer: Answer | str
    read: Callable[[], Item]

    def answers(self, item: Item) -> bool:
        """Whether the item was read from the very same answer."""
        if isinstance(self.answer, str):
            typed = item.answer.actual if item.answer and item.rule is TIER_RATE else None
            return typed == self.answer
        return item.answer is self.answer


def _same(new: Sequence[object], old: Sequence[object]) -> bool:
    """Whether both hold the very same things."""
    return len(new) == len(old) and all(map(is_, new, old))


class _Reader:
    """Reads one evaluation: inputs, then the items of each tier in printed order.

    ``known`` are the tiers as they were read before, by name; none where their texts would read
    otherwise now (another set, weight scheme, year …).
    """

    def __init__(
        self,
        evaluation: Evaluation,
        indicators: IndicatorSet,
        context: Context,
        before: Prepared | None,
    ) -> None:
        self.evaluation, self.set, self.context = evaluation, indicators, context
        self.figures: dict[str, Figure] = {}
        self.problems: list[tuple[str, str]] = []
        self.values: dict[str, Exact] = dict(context.totals)
        self.scheme = self._known_scheme()
        self.items = ItemReader(indicators, context, self.scheme, self.values, self.problems)
        alike = before is not None and before.set is indicators
        if before is None or not alike or not context.reads_like(before.context):
            before = None
        self._read_inputs(before)
        self.known: dict[str, PreparedTier] = {}
        self.same_answers = False
        if before is not None and before.scheme == self.scheme:
            self.known = {tier.tier.name: tier for tier in before.tiers}
            self.same_answers = _same(_answered(evaluation), _answered(before.evaluation))

    def _known_scheme(self) -> str:
        chosen = self.evaluation.weight_scheme if isinstance(self.evaluation, Project) else ""
        if chosen and chosen not in self.set.weight_schemes:
            place = under(self.context.path, "weight_scheme")
            self.problems.append((place, f"没有权重方案“{chosen}”"))
            return ""
        return chosen

    def _read_inputs(self, before: Prepared | None) -> None:
        funds = _funds(self.evaluation)
        same_funds = before is not None and _funds(before.evaluation) is funds
        for name in self.set.inputs:
            entered = self.evaluation.inputs.get(name)
            if before and same_funds and before.evaluation.inputs.get(name) is entered:
                read = before.inputs[name]
            else:
                read = self._input(name, entered)
            if read.state is FigureState.UNREADABLE:
                self.problems.append((self._typed_at(name), read.problem))
            self.figures[name] = read
            if read.value is not None:
                self.values[name] = read.value

    def _input(self, name: str, entered: InputValue | None) -> Figure:
        definition = self.set.inputs[name]
        if entered is not None and entered.value:
            read = figure(entered.value).in_unit(self._entry_unit(definition.unit))
        elif isinstance(self.evaluation, Project) and name in MONEY_COLUMNS:
            column = MONEY_COLUMNS[name]
            read = self.evaluation.fund_total(column, self.context.money_unit)  # type: ignore[arg-type]
        else:
            read = figure("")
        if read.state is FigureState.BLANK and definition.default is not None:
            read = figure(definition.default)
        return read

    def _typed_at(self, name: str) -> str:
        """Return the path at which an unreadable figure of an input was typed."""
        entered = self.evaluation.inputs.get(name)
        if isinstance(self.evaluation, Project) and not (entered and entered.value):
            column = MONEY_COLUMNS[name]
            for key, fund in self.evaluation.funds.items():
                read = figure(getattr(fund, column)).in_unit(self.context.money_unit)
                if read.state is FigureState.UNREADABLE:
                    return under(self.context.path, "funds", key, column)
        return under(self.context.path, "inputs", name, "value")

    def _entry_unit(self, unit: str) -> str:
        """Money is entered in the session's unit, whatever the set calls it."""
        return self.context.money_unit if dimension(unit) == "money" else unit

    def tier(self, tier: Tier, points: Exact) -> PreparedTier:
        """Read a tier; it is the one known where nothing in it has changed."""
        known = self.known.get(tier.name)
        if known and self.same_answers:
            groups = [
                self._group(one.name, one.points, [self._fed(item) for item in one.items], one)
                for one in known.groups
            ]
        else:
            before = {group.name: group for group in known.groups} if known else {}
            groups = [
                self._group(name, stated, self._items(entries, before.get(name)), before.get(name))
                for name, stated, entries in self._entries(tier, points)
            ]
        if known and _same(groups, known.groups):
            return known
        return prepared_tier(self.set, tier, points, groups)

    @cached_property
    def rows(self) -> dict[str, list[tuple[str, OwnIndicator]]]:
        """The unit's own rows by their group."""
        return self.evaluation.rows_by_group()

    def _entries(
        self, tier: Tier, points: Exact
    ) -> Iterator[tuple[str, Exact | None, list[_Entry]]]:
        """Yield the tier's groups, the points each states, and what it holds.

        The tier's own indicators make a group without a name, and so does its 得分率.
        """
        rates = self.evaluation.tier_rates if isinstance(self.evaluation, Project) else {}
        if tier.name in rates:
            read = partial(self.items.tier_rate, tier, points, rates[tier.name])
            yield "", None, [_Entry(tier.name, False, rates[tier.name], read)]
            return
        if tier.indicators:
            scale = points / tier.points if tier.points else Exact(1)
            fixed = [self._entry(i, tier.name, "", i.points * scale) for i in tier.indicators]
            yield "", None, fixed
        for group in tier.groups:
            entries = [self._entry(i, tier.name, group.name, i.points) for i in group.indicators]
            for key, row in self.rows.get(group.name, ()) if group.own else ():
                read = partial(self.items.own, key, row, tier.name, group)
                entries.append(_Entry(key, True, row, read))
            if entries or group.points is not None:
                yield group.name, group.points, entries

    def _entry(self, indicator: Indicator, tier: str, group: str, points: Exact) -> _Entry:
        answer = self.evaluation.answers.get(indicator.code, _NOTHING)
        read = partial(self.items.item, indicator, answer, tier, group, points)
        return _Entry(indicator.code, False, answer, read)

    def _items(self, entries: list[_Entry], known: PreparedGroup | None) -> list[Item]:
        """Read the items of a group, but those that were read from the very same answer."""
        before = {(item.code, item.own): item for item in known.items} if known else {}
        items = []
        for entry in entries:
            item = before.get((entry.code, entry.own))
            stays = item is not None and entry.answers(item)
            items.append(self._fed(item) if item is not None and stays else entry.read())
        return items

    def _fed(self, item: Item) -> Item:
        """Return an item as it was read before; fed by other figures now, it gets them."""
        self.problems += item.problems
        if item.fed_by and item.given.values != (values := self.items.figures_for(item.fed_by)):
            return replace(item, given=replace(item.given, value=None, values=values))
        return item

    def _group(
        self, name: str, points: Exact | None, items: list[Item], known: PreparedGroup | None
    ) -> PreparedGroup:
        if known and _same(items, known.items):
            return known
        rows = known.settled if known else ()
        return prepared_group(name, points, items, self.set.rounding.score, rows)


def _answered(evaluation: Evaluation) -> tuple[object, ...]:
    """Return everything of an evaluation that its items are read from, beside the figures."""
    rates = evaluation.tier_rates if isinstance(evaluation, Project) else None
    return evaluation.answers, evaluation.rows, evaluation.row_order, rates


def _funds(evaluation: Evaluation) -> dict[str, Fund] | None:
    return evaluation.funds if isinstance(evaluation, Project) else None
