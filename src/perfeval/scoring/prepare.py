"""Reading an evaluation: every raw text becomes an exact figure, a target, a rule, an item.

Nothing here can fail: a figure that cannot be read is a problem at its place. What no input feeds
(a checklist, a typed value, 人工赋分) is scored once here and not again when an input changes.

Given what an earlier state of the same evaluation was read as (``known``), only what has changed
since is read again. Models are frozen, so the very same answer reads as it did before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import is_
from typing import NamedTuple

from perfeval.indicators.formula import Formula
from perfeval.indicators.model import (
    Alternative,
    Evidence,
    Group,
    Indicator,
    IndicatorSet,
    Own,
    Tier,
    tags_of,
)
from perfeval.indicators.rules import (
    Given,
    QualitativeLevels,
    RuleBase,
    TierRatePoints,
    value_places,
)
from perfeval.indicators.target import Operator, Target, day, target
from perfeval.numbers import (
    ZERO,
    Exact,
    Figure,
    FigureState,
    dimension,
    figure,
    half_up,
    money_scale,
)
from perfeval.scoring.compute import (
    NO_SUMS,
    ScoredGroup,
    Sums,
    add_up,
    score_item,
    score_tier,
)
from perfeval.scoring.scorecard import GroupResult, IndicatorResult, Item, Status, TierResult
from perfeval.session.change import under
from perfeval.session.model import Answer, Evaluation, Fund, InputValue, OwnIndicator, Project

MONEY_COLUMNS = {"年初预算数": "initial", "全年预算数": "budget", "全年执行数": "executed"}
"""The inputs that a project's 资金 table gives where they are not typed, and its columns."""
_NOTHING = Answer()
_TIER_RATE = TierRatePoints()


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


# --- what is prepared ------------------------------------------------------------------------


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


def _fed_by(item: Item) -> tuple[str, ...]:
    """Return the inputs an item's formula names, and those of every rule it may be scored by."""
    formulas = [item.formula] if item.formula is not None else []
    formulas += item.rule.formulas()
    for _, rule, _ in item.alternatives:
        formulas += rule.formulas()
    return tuple(dict.fromkeys(name for formula in formulas for name in formula.names))


def _prepared_group(
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


def _prepared_tier(
    indicator_set: IndicatorSet, tier: Tier, points: Exact, groups: list[PreparedGroup]
) -> PreparedTier:
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
            groups.append(_prepared_group(group.name, group.points, items, places, group.settled))
        tiers.append(_prepared_tier(prepared.set, tier.tier, tier.points, groups))
    return replace(prepared, tiers=tiers)


# --- reading ---------------------------------------------------------------------------------


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
            typed = item.answer.actual if item.answer and item.rule is _TIER_RATE else None
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
        self.rows = evaluation.rows_by_group()
        self.owns: dict[str, Own] = {}
        self.values: dict[str, Exact] = dict(context.totals)
        self.scheme = self._known_scheme()
        alike = before is not None and before.set is indicators
        if before is None or not alike or not context.reads_like(before.context):
            before = None
        self._read_inputs(before)
        self.known: dict[str, PreparedTier] = {}
        if before is not None and before.scheme == self.scheme:
            self.known = {tier.tier.name: tier for tier in before.tiers}

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
        before = {group.name: group for group in known.groups} if known else {}
        groups = [
            self._group(name, stated, entries, before.get(name))
            for name, stated, entries in self._entries(tier, points)
        ]
        if known and _same(groups, known.groups):
            return known
        return _prepared_tier(self.set, tier, points, groups)

    def _entries(
        self, tier: Tier, points: Exact
    ) -> Iterator[tuple[str, Exact | None, list[_Entry]]]:
        """Yield the tier's groups, the points each states, and what it holds.

        The tier's own indicators make a group without a name, and so does its 得分率.
        """
        rates = self.evaluation.tier_rates if isinstance(self.evaluation, Project) else {}
        if tier.name in rates:
            read = partial(self._rate_item, tier, points, rates[tier.name])
            yield "", None, [_Entry(tier.name, False, rates[tier.name], read)]
            return
        if tier.indicators:
            scale = points / tier.points if tier.points else Exact(1)
            fixed = [self._entry(i, tier.name, "", i.points * scale) for i in tier.indicators]
            yield "", None, fixed
        for group in tier.groups:
            entries = [self._entry(i, tier.name, group.name, i.points) for i in group.indicators]
            for key, row in self.rows.get(group.name, ()) if group.own else ():
                read = partial(self._own_item, key, row, tier.name, group)
                entries.append(_Entry(key, True, row, read))
            if entries or group.points is not None:
                yield group.name, group.points, entries

    def _entry(self, indicator: Indicator, tier: str, group: str, points: Exact) -> _Entry:
        answer = self.evaluation.answers.get(indicator.code, _NOTHING)
        read = partial(self._item, indicator, answer, tier, group, points)
        return _Entry(indicator.code, False, answer, read)

    def _group(
        self, name: str, points: Exact | None, entries: list[_Entry], known: PreparedGroup | None
    ) -> PreparedGroup:
        before = {(item.code, item.own): item for item in known.items} if known else {}
        items = [self._read(entry, before.get((entry.code, entry.own))) for entry in entries]
        if known and _same(items, known.items):
            return known
        rows = known.settled if known else ()
        return _prepared_group(name, points, items, self.set.rounding.score, rows)

    def _read(self, entry: _Entry, before: Item | None) -> Item:
        """Read an item, or return it as it was read before where its answer is the very same.

        One that is fed by other figures now gets them, and nothing else of it is read again.
        """
        if before is None or not entry.answers(before):
            return entry.read()
        self.problems += before.problems
        if before.fed_by and before.given.values != (values := self._figures_for(before.fed_by)):
            return replace(before, given=replace(before.given, value=None, values=values))
        return before

    def _figures_for(self, names: tuple[str, ...]) -> dict[str, Exact]:
        return {name: self.values[name] for name in names if name in self.values}

    def _item(
        self, indicator: Indicator, answer: Answer, tier: str, group: str, points: Exact
    ) -> Item:
        path = under(self.context.path, "answers", indicator.code)
        text = answer.target or indicator.fixed_target
        goal = target(text, indicator.unit, self.context.year)
        # A target the unit set itself does not rest on what the set proposes.
        tags = [one for one in indicator.tags if one[0] != "target" or not answer.target]
        item = self._answered(
            Item(
                code=indicator.code,
                name=indicator.name,
                path=path,
                tier=tier,
                group=group,
                points=points,
                unit=indicator.unit,
                rule=indicator.rule,
                given=Given(
                    points=points,
                    target=goal,
                    rate_places=_rate_places(self.set, indicator.score_from),
                ),
                formula=indicator.formula,
                if_zero=indicator.if_zero,
                places=_places(self.set, indicator.score_from, indicator.unit),
                modifiers=indicator.modifiers,
                answer=answer,
                scale=money_scale(self.context.money_unit, indicator.unit),
                tags=(*tags, *self._assumed(path, indicator.formula)),
                alternatives=tuple(
                    _alternatives(indicator.alternatives, indicator.rule, goal, indicator.unit)
                ),
                standard=indicator.standard_text,
                met_word=indicator.met_word,
            ),
            answer,
        )
        item.unproven = indicator.formula is not None
        return item

    def _assumed(self, path: str, formula: Formula | None) -> Iterator[tuple[str, Evidence]]:
        """Yield what the session itself only assumed of an item, and the scheme's own standing."""
        assumed = self.context.assumed
        for part in ("target", "actual") if assumed else ():
            if f"{path}/{part}" in assumed:
                yield part, Evidence.PROPOSED
        for name in formula.names if formula and assumed else ():
            at = under(self.context.path, "inputs", name)
            if at in assumed or f"{at}/value" in assumed:
                yield "input", Evidence.PROPOSED
        if self.scheme:
            yield "weights", self.set.weight_schemes[self.scheme].evidence

    def _own_item(self, key: str, row: OwnIndicator, tier: str, group: Group) -> Item:
        path, own = under(self.context.path, "rows", key), self._own(group)
        count = len(self.problems)
        points = self._number(path, "points", row.points) or ZERO
        if points < 0:
            self._refuse(path, "points", "分值不能小于 0")
            points = ZERO
        goal = target(row.target, row.unit, self.context.year)
        assert own.rules is not None  # own_of fills it in
        rule = own.rules.rule_for(goal, row.qualitative)
        item = self._answered(
            Item(
                code=key,
                name=row.name or key,
                path=path,
                tier=tier,
                group=row.group,
                points=points,
                unit=row.unit or goal.unit,
                rule=rule,
                given=Given(points=points, target=goal),
                places=_places(self.set, None, row.unit or goal.unit),
                modifiers=own.modifiers,
                answer=row,
                tags=(*tags_of(own.evidence), *self._assumed(path, None)),
                unscored="" if row.points else "未填分值",
                alternatives=tuple(_alternatives(own.alternatives, rule, goal, row.unit)),
                own=True,
                standard=own.standard or rule.explain(row.unit or goal.unit or "%"),
            ),
            row,
        )
        self._prove(item, row)
        ratio = dimension(item.unit) == "ratio"
        item.unproven = own.parts_expected and ratio and not item.proven
        item.problems = tuple(self.problems[count:])
        return item

    def _prove(self, item: Item, row: OwnIndicator) -> None:
        """Take the value from numerator and denominator where both are given."""
        dated = item.target is not None and item.target.is_date
        if dated or not (row.numerator or row.denominator):
            return
        top = self._number(item.path, "numerator", row.numerator)
        bottom = self._number(item.path, "denominator", row.denominator)
        if top is not None and bottom:
            value = top / bottom
            item.proven = True
            item.direct = half_up(value, item.places) if item.places is not None else value

    def _own(self, group: Group) -> Own:
        if group.name not in self.owns:
            self.owns[group.name] = self.set.own_of(group)
        return self.owns[group.name]

    def _answered(self, item: Item, answer: Answer) -> Item:
        """Put what was answered into the item, each text read in its unit."""
        given = item.given
        if names := _fed_by(item):
            item.fed_by, given.values = names, self._figures_for(names)
        given.elements, given.elected, given.level = answer.elements, answer.elected, answer.level
        count = len(self.problems)
        if isinstance(item.rule, QualitativeLevels) and not answer.level:
            given.level = next((x.name for x in item.rule.levels if x.name == answer.actual), "")
        if answer.level_score:
            given.level_score = self._number(item.path, "level_score", answer.level_score)
        if answer.deduction:
            given.deduction = self._number(item.path, "deduction", answer.deduction) or ZERO
        if answer.manual_score:
            item.manual = self._number(item.path, "manual_score", answer.manual_score)
            if item.manual is not None and not 0 <= item.manual <= item.points:
                self._refuse(item.path, "manual_score", "人工赋分应在 0 与分值之间")
                item.manual = None
        if answer.not_applicable:
            item.not_applicable = True
        elif answer.actual:
            item.direct = self._actual(item, answer.actual)
        item.problems = tuple(self.problems[count:])
        return item

    def _actual(self, item: Item, text: str) -> Exact | None:
        if item.target is not None and item.target.is_date:
            if (done := day(text, self.context.year)) is None:
                self._refuse(item.path, "actual", f"“{text}”不是日期，请填如 11月30日")
            return done
        read = figure(text).in_unit(item.unit)
        if not item.rule.reads_value:
            return read.value  # a word beside a checklist or a level is no figure gone wrong
        if read.state is FigureState.NOT_APPLICABLE:
            self._refuse(item.path, "actual", "请在“不适用”处填写理由")
        elif read.state is FigureState.UNREADABLE:
            qualitative = item.target is not None and item.target.operator is Operator.QUALITATIVE
            if not qualitative:
                self._refuse(item.path, "actual", read.problem)
        return read.value

    def _rate_item(self, tier: Tier, points: Exact, text: str) -> Item:
        path = under(self.context.path, "tier_rates", tier.name)
        read = figure(text).in_unit("%")
        problems = ((path, read.problem),) if read.state is FigureState.UNREADABLE else ()
        self.problems += problems
        return Item(
            code=tier.name,
            name=f"{tier.name}得分率",
            path=path,
            tier=tier.name,
            group="",
            points=points,
            unit="%",
            rule=_TIER_RATE,
            given=Given(points=points),
            places=None,
            direct=read.value,
            tags=(*tags_of(tier.evidence), *self._assumed(path, None)),
            problems=problems,
            answer=Answer(actual=text),
            standard=_TIER_RATE.explain(),
        )

    def _number(self, path: str, name: str, text: str) -> Exact | None:
        read = figure(text).in_unit("" if name in ("numerator", "denominator") else "分")
        if read.state is FigureState.UNREADABLE:
            self._refuse(path, name, read.problem)
        return read.value

    def _refuse(self, path: str, name: str, problem: str) -> None:
        self.problems.append((f"{path}/{name}", problem))


def _funds(evaluation: Evaluation) -> dict[str, Fund] | None:
    return evaluation.funds if isinstance(evaluation, Project) else None


def _alternatives(
    listed: tuple[Alternative, ...], rule: RuleBase, goal: Target, unit: str
) -> Iterator[tuple[str, RuleBase, Target]]:
    for other in listed:
        other_rule: RuleBase = other.rule or rule
        other_goal = target(other.target, unit) if other.target else goal
        yield other.note or other.target or other_rule.explain(unit or "%"), other_rule, other_goal


def _places(indicator_set: IndicatorSet, own: str | None, unit: str) -> int | None:
    """Return the decimals a computed value is rounded to before scoring; None keeps it exact."""
    rate_places = _rate_places(indicator_set, own)
    return None if rate_places is None else value_places(rate_places, unit)


def _rate_places(indicator_set: IndicatorSet, own: str | None) -> int | None:
    printed = (own or indicator_set.score_from) == "printed_rate"
    return indicator_set.rounding.rate if printed else None
