"""Reading one item to be scored: a set's indicator, a row of the unit's own, a tier's 得分率.

Nothing here can fail: a figure that cannot be read is a problem at its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

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
    FigureState,
    dimension,
    figure,
    half_up,
    money_scale,
)
from perfeval.scoring.prepared import Context
from perfeval.scoring.scorecard import Item
from perfeval.session.change import under
from perfeval.session.model import Answer, OwnIndicator

TIER_RATE = TierRatePoints()
"""The rule of a tier whose 得分率 was given in place of its rows."""


@dataclass(slots=True)
class ItemReader:
    """Reads the items of one evaluation under its set and context.

    ``values`` are the figures read so far, by input; ``problems`` collects (path, what is wrong).
    """

    set: IndicatorSet
    context: Context
    scheme: str
    values: Mapping[str, Exact]
    problems: list[tuple[str, str]]
    _owns: dict[str, Own] = field(default_factory=dict)

    def figures_for(self, names: tuple[str, ...]) -> dict[str, Exact]:
        """Return the figures of those inputs that have one."""
        return {name: self.values[name] for name in names if name in self.values}

    def item(
        self, indicator: Indicator, answer: Answer, tier: str, group: str, points: Exact
    ) -> Item:
        """Return an indicator of the set with what was answered for it, worth ``points``."""
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

    def own(self, key: str, row: OwnIndicator, tier: str, group: Group) -> Item:
        """Return a row of the unit's own, under what the set says of such rows."""
        path, own = under(self.context.path, "rows", key), self._own_of(group)
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

    def _own_of(self, group: Group) -> Own:
        if group.name not in self._owns:
            self._owns[group.name] = self.set.own_of(group)
        return self._owns[group.name]

    def _answered(self, item: Item, answer: Answer) -> Item:
        """Put what was answered into the item, each text read in its unit."""
        given = item.given
        if names := _fed_by(item):
            item.fed_by, given.values = names, self.figures_for(names)
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

    def tier_rate(self, tier: Tier, points: Exact, text: str) -> Item:
        """Return a tier whose 得分率 (``text``) was given in place of its rows."""
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
            rule=TIER_RATE,
            given=Given(points=points),
            places=None,
            direct=read.value,
            tags=(*tags_of(tier.evidence), *self._assumed(path, None)),
            problems=problems,
            answer=Answer(actual=text),
            standard=TIER_RATE.explain(),
        )

    def _number(self, path: str, name: str, text: str) -> Exact | None:
        read = figure(text).in_unit("" if name in ("numerator", "denominator") else "分")
        if read.state is FigureState.UNREADABLE:
            self._refuse(path, name, read.problem)
        return read.value

    def _refuse(self, path: str, name: str, problem: str) -> None:
        self.problems.append((f"{path}/{name}", problem))


def _fed_by(item: Item) -> tuple[str, ...]:
    """Return the inputs an item's formula names, and those of every rule it may be scored by."""
    formulas = [item.formula] if item.formula is not None else []
    formulas += item.rule.formulas()
    for _, rule, _ in item.alternatives:
        formulas += rule.formulas()
    return tuple(dict.fromkeys(name for formula in formulas for name in formula.names))


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
