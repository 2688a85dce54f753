"""The engine: an evaluation and its indicator set in, a :class:`Result` out. Pure and exact.

Three steps, so that a figure typed is read once and scored as often as needed::

    prepare   raw texts → exact figures, targets, the rule of each row   (reads)
    compute   figures → values → scores → tiers → total → grade           (scores)
    trace     replays one item through the same functions, with words     (:mod:`.trace`)

Rounding happens only at the set's named places: a rate when ``score_from: printed_rate``, each
score, each tier, the total.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

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
    Unanswered,
    value_places,
)
from perfeval.indicators.target import Operator, Target, day, target
from perfeval.numbers import (
    ONE,
    ZERO,
    Exact,
    Figure,
    FigureState,
    dimension,
    figure,
    half_up,
    money_scale,
)
from perfeval.scoring.scorecard import (
    ZERO_DENOMINATOR,
    ZERO_NOT_APPLICABLE,
    GroupResult,
    IndicatorResult,
    Item,
    ProjectResult,
    Result,
    Scorecard,
    Status,
    TierResult,
)
from perfeval.session.change import join, under
from perfeval.session.model import Answer, Evaluation, OwnIndicator, Project, Session

SetFinder = Callable[[str], IndicatorSet]
MONEY_COLUMNS = {"年初预算数": "initial", "全年预算数": "budget", "全年执行数": "executed"}
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


_Sums = tuple[Exact, Exact, Exact, bool]
"""Scores earned, points of rows 不适用, points of rows 未填, and whether any row is scored."""
NO_SUMS: _Sums = (ZERO, ZERO, ZERO, False)


def _add_up(sums: _Sums, rows: Iterable[IndicatorResult]) -> _Sums:
    earned, absent, unfilled, scored = sums
    for row in rows:
        if row.score is not None:
            earned += row.score
            scored = True
        elif row.status is Status.NOT_APPLICABLE:
            absent += row.item.points
        else:
            unfilled += row.item.points
    return earned, absent, unfilled, scored


@dataclass(slots=True)
class PreparedGroup:
    """The items of one 二级 (or of a tier itself, without a name) and the points they offer.

    ``settled`` holds, item by item, the result of what no input feeds (a checklist, a typed
    value, 人工赋分): it is scored once here and not again when an input changes.
    """

    name: str
    points: Exact
    offered: Exact
    unused: Exact
    items: list[Item]
    settled: list[IndicatorResult | None]
    fed: tuple[int, ...] = field(init=False)
    sums: _Sums = field(init=False)

    def __post_init__(self) -> None:
        self.fed = tuple(at for at, result in enumerate(self.settled) if result is None)
        self.sums = _add_up(NO_SUMS, (result for result in self.settled if result is not None))

    def rows(self, values: Mapping[str, Exact], places: int) -> list[IndicatorResult]:
        """Return the results of all items, those that inputs feed scored with ``values``."""
        rows = self.settled.copy()
        for at in self.fed:
            rows[at] = score_item(self.items[at], values, places)
        return cast("list[IndicatorResult]", rows)


@dataclass(slots=True)
class PreparedTier:
    """A tier that counts under the weight scheme, its points there and what its rows offer."""

    tier: Tier
    points: Exact
    offered: Exact
    unused: Exact
    groups: list[PreparedGroup]


@dataclass(slots=True)
class Prepared:
    """An evaluation with every text read: what :func:`compute` needs and nothing else."""

    set: IndicatorSet
    scheme: str
    tiers: list[PreparedTier]
    values: dict[str, Exact]
    inputs: dict[str, Figure]
    problems: tuple[tuple[str, str], ...] = ()


# --- prepare ---------------------------------------------------------------------------------


def prepare(evaluation: Evaluation, indicator_set: IndicatorSet, context: Context) -> Prepared:
    """Read every text of the evaluation. Nothing here can fail: a bad figure is a problem."""
    reader = _Reader(evaluation, indicator_set, context)
    wanted = "project" if isinstance(evaluation, Project) else "department"
    if indicator_set.scope != wanted:
        kinds = {"project": "项目", "department": "部门整体"}
        told = (
            f"“{indicator_set.title}”是{kinds[indicator_set.scope]}用的，这里要{kinds[wanted]}用的"
        )
        reader.problems.append((under(context.path, "set"), told))
    scheme = reader.scheme
    points = indicator_set.tier_points(scheme)
    tiers = []
    for tier in indicator_set.tiers:
        if tier.name in points:
            groups = list(reader.tier(tier, points[tier.name]))
            offered = sum((group.offered for group in groups), ZERO)
            share = points[tier.name]
            tiers.append(PreparedTier(tier, share, offered, share - offered, groups))
    problems = tuple(reader.problems)
    return Prepared(indicator_set, scheme, tiers, reader.values, reader.figures, problems)


class _Reader:
    """Reads one evaluation: inputs, then the items of each tier in printed order."""

    def __init__(self, evaluation: Evaluation, indicators: IndicatorSet, context: Context) -> None:
        self.evaluation, self.set, self.context = evaluation, indicators, context
        self.figures: dict[str, Figure] = {}
        self.problems: list[tuple[str, str]] = []
        self.values: dict[str, Exact] = dict(context.totals)
        self.scheme = self._known_scheme()
        self._read_inputs()

    def _known_scheme(self) -> str:
        chosen = self.evaluation.weight_scheme if isinstance(self.evaluation, Project) else ""
        if chosen and chosen not in self.set.weight_schemes:
            place = under(self.context.path, "weight_scheme")
            self.problems.append((place, f"没有权重方案“{chosen}”"))
            return ""
        return chosen

    def _read_inputs(self) -> None:
        for name, definition in self.set.inputs.items():
            entered = self.evaluation.inputs.get(name)
            unit = definition.unit
            if entered is not None and entered.value:
                read = figure(entered.value).in_unit(self._entry_unit(unit))
            elif isinstance(self.evaluation, Project) and name in MONEY_COLUMNS:
                column = MONEY_COLUMNS[name]
                read = self.evaluation.fund_total(column, self.context.money_unit)  # type: ignore[arg-type]
            else:
                read = figure("")
            if read.state is FigureState.BLANK and definition.default is not None:
                read = figure(definition.default)
            if read.state is FigureState.UNREADABLE:
                self.problems.append((self._typed_at(name), read.problem))
            self.figures[name] = read
            if read.value is not None:
                self.values[name] = read.value

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

    def tier(self, tier: Tier, points: Exact) -> Iterator[PreparedGroup]:
        """Yield the tier's groups; its own indicators make one without a name."""
        rates = self.evaluation.tier_rates if isinstance(self.evaluation, Project) else {}
        if tier.name in rates:
            yield self._group("", None, [self._rate_item(tier, points, rates[tier.name])])
            return
        if tier.indicators:
            scale = points / tier.points if tier.points else Exact(1)
            fixed = [self._item(i, tier.name, "", i.points * scale) for i in tier.indicators]
            yield self._group("", None, fixed)
        for group in tier.groups:
            items = [self._item(i, tier.name, group.name, i.points) for i in group.indicators]
            if group.own:
                items += self._own_items(tier, group, self.set.own_of(group))
            if items or group.points is not None:
                yield self._group(group.name, group.points, items)

    def _group(self, name: str, points: Exact | None, items: list[Item]) -> PreparedGroup:
        places = self.set.rounding.score
        offered = sum((item.points for item in items), ZERO)
        return PreparedGroup(
            name=name,
            points=offered if points is None else points,
            offered=offered,
            unused=ZERO if points is None else points - offered,
            items=items,
            settled=[None if _fed(item) else score_item(item, {}, places) for item in items],
        )

    def _item(self, indicator: Indicator, tier: str, group: str, points: Exact) -> Item:
        path = under(self.context.path, "answers", indicator.code)
        answer = self.evaluation.answers.get(indicator.code, _NOTHING)
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
                    values=self.values,
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
        for part in ("target", "actual"):
            if f"{path}/{part}" in assumed:
                yield part, Evidence.PROPOSED
        for name in formula.names if formula else ():
            at = under(self.context.path, "inputs", name)
            if at in assumed or f"{at}/value" in assumed:
                yield "input", Evidence.PROPOSED
        if self.scheme:
            yield "weights", self.set.weight_schemes[self.scheme].evidence

    def _own_items(self, tier: Tier, group: Group, own: Own) -> Iterator[Item]:
        for key, row in self.evaluation.rows_of(group.name):
            yield self._own_item(key, row, tier.name, own)

    def _own_item(self, key: str, row: OwnIndicator, tier: str, own: Own) -> Item:
        path = under(self.context.path, "rows", key)
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
                given=Given(points=points, target=goal, values=self.values),
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
        ratio = dimension(item.unit) == "ratio"
        if (row.numerator or row.denominator) and not goal.is_date:
            top = self._number(path, "numerator", row.numerator)
            bottom = self._number(path, "denominator", row.denominator)
            if top is not None and bottom:
                item.proven = True
                value = top / bottom
                item.direct = half_up(value, item.places) if item.places is not None else value
                return item
        item.unproven = own.parts_expected and ratio
        return item

    def _answered(self, item: Item, answer: Answer) -> Item:
        """Put what was answered into the item, each text read in its unit."""
        given = item.given
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
        if read.state is FigureState.UNREADABLE:
            self.problems.append((path, read.problem))
        return Item(
            code=tier.name,
            name=f"{tier.name}得分率",
            path=path,
            tier=tier.name,
            group="",
            points=points,
            unit="%",
            rule=_TIER_RATE,
            given=Given(points=points, values=self.values),
            places=None,
            direct=read.value,
            tags=(*tags_of(tier.evidence), *self._assumed(path, None)),
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


def _fed(item: Item) -> bool:
    """Whether inputs feed the item, so that it must be scored anew when one changes."""
    return item.formula is not None or next(item.rule.formulas(), None) is not None


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


# --- compute ---------------------------------------------------------------------------------


def score_item(item: Item, values: Mapping[str, Exact], places: int) -> IndicatorResult:
    """Score one item: its value, its rule, its modifiers, one rounding to ``places``.

    The only way to a score; the trace and 测算 call it too.
    """
    if item.not_applicable:
        return IndicatorResult(item, Status.NOT_APPLICABLE)
    if item.unscored:
        return IndicatorResult(item, Status.UNFILLED, item.direct, note=item.unscored)
    status, value, note = Status.SCORED, item.direct, ""
    full = False
    if item.formula is not None:
        try:
            value = item.formula.evaluate(values)
            if item.scale is not ONE:
                value *= item.scale
            if item.places is not None:
                value = half_up(value, item.places)
        except KeyError as missing:
            note = f"缺少{missing.args[0]}"
            if item.unproven and value is not None:
                status = Status.UNPROVEN
        except ZeroDivisionError:
            value, full, note = ZERO, item.if_zero == "满分", ZERO_DENOMINATOR
            if item.if_zero == "不适用":
                return IndicatorResult(item, Status.NOT_APPLICABLE, note=ZERO_NOT_APPLICABLE)
            if item.if_zero != "0" and not full:
                value = None
    elif item.unproven and value is not None:
        status = Status.UNPROVEN
    given = item.given
    given.value = value
    automatic: Exact | None = None
    try:
        earned = item.points if full else item.rule.score(given)
        for modifier in item.modifiers:
            earned = modifier.adjust(earned, given)
        automatic = half_up(earned, places)
    except Unanswered as wanted:
        note = note or f"未填{wanted.args[0]}"
    except KeyError as missing:
        note = f"缺少{missing.args[0]}"
    except ZeroDivisionError:
        note = "计算中分母为 0"
    if item.manual is not None:
        score = half_up(item.manual, places)
        return IndicatorResult(item, Status.MANUAL, value, automatic, score, note)
    if automatic is None:
        return IndicatorResult(item, Status.UNFILLED, value, None, None, note)
    return IndicatorResult(item, status, value, automatic, automatic, note)


def compute(prepared: Prepared) -> Result:
    """Score everything prepared: items, tiers (不适用 rescaled or shifted), total, grade."""
    rounding, values, indicator_set = prepared.set.rounding, prepared.values, prepared.set
    places = rounding.score
    scored = [
        (tier, [(group, group.rows(values, places)) for group in tier.groups])
        for tier in prepared.tiers
    ]
    shares = _shifted_points(indicator_set, scored)
    tiers = [_tier_result(indicator_set, tier, shares, groups) for tier, groups in scored]
    lost = any(tier.not_applicable and tier.points for tier in tiers)
    complete = all(tier.not_applicable or tier.complete for tier in tiers)
    total = sum((tier.score for tier in tiers if tier.score is not None), ZERO)
    total = half_up(total, rounding.total)
    problems = prepared.problems
    if lost:
        told = "有一级指标整体不适用，而指标体系没有规定分值并入何处，不评等级"
        problems = (*problems, ("", told))
    return Result(
        set=indicator_set,
        scheme=prepared.scheme,
        tiers=tiers,
        total=total,
        complete=complete,
        grade=indicator_set.grade(total) if complete and not lost else None,
        values=values,
        inputs=prepared.inputs,
        problems=problems,
    )


_Scored = list[tuple[PreparedGroup, list[IndicatorResult]]]


def _shifted_points(
    indicator_set: IndicatorSet, scored: list[tuple[PreparedTier, _Scored]]
) -> dict[str, Exact]:
    """Return each tier's points after a tier wholly 不适用 gave its own away."""
    points = {tier.tier.name: tier.points for tier, _ in scored}
    if not (shifts := indicator_set.shifts):
        return points
    for tier, groups in scored:
        name = tier.tier.name
        rows = [row for _, rows in groups for row in rows]
        gone = bool(rows) and all(row.status is Status.NOT_APPLICABLE for row in rows)
        heir = shifts.get(name, "") if gone else ""
        if heir in points:
            points[heir] += points[name]
            points[name] = ZERO
    return points


def _tier_result(
    indicator_set: IndicatorSet,
    prepared: PreparedTier,
    shares: dict[str, Exact],
    scored: _Scored,
) -> TierResult:
    """Add up a tier: one exact sum, rescaled where rows are 不适用, rounded once."""
    rounding, name = indicator_set.rounding, prepared.tier.name
    points = shares[name]
    earned = absent = unfilled = ZERO
    scored_any = False
    groups = []
    for group, rows in scored:
        subtotal, gone, open_, any_scored = _add_up(group.sums, (rows[at] for at in group.fed))
        scored_any = scored_any or any_scored
        if gone:
            absent += gone
        if open_:
            unfilled += open_
        earned += subtotal
        groups.append(GroupResult(group.name, group.points, subtotal, rows, group.unused))
    applicable = prepared.offered - absent if absent else prepared.offered
    score: Exact | None = None
    if scored_any:
        if absent or points is not prepared.points:
            earned = indicator_set.not_applicable.tier_score(earned, applicable, points)
        score = half_up(earned, rounding.tier)
    return TierResult(
        name=name,
        points=points,
        counted=prepared.tier.counted,
        groups=groups,
        score=score,
        rate_places=rounding.rate + 2,
        applicable=applicable,
        filled=applicable - unfilled if unfilled else applicable,
        unused=prepared.unused,
        not_applicable=not applicable and bool(prepared.offered),
        rescaled=bool(absent) or points is not prepared.points,
    )


def with_items(prepared: Prepared, change: Callable[[Item], Item]) -> Prepared:
    """Return an evaluation whose items are what ``change`` makes of them.

    An item given back as it was keeps its result; the given evaluation stays as it is.
    """
    tiers = []
    for tier in prepared.tiers:
        groups = []
        for group in tier.groups:
            items = [change(item) for item in group.items]
            settled = [
                was if new is old else None
                for old, new, was in zip(group.items, items, group.settled, strict=True)
            ]
            groups.append(replace(group, items=items, settled=settled))
        tiers.append(replace(tier, groups=groups))
    return replace(prepared, tiers=tiers)


def score(evaluation: Evaluation, indicator_set: IndicatorSet, context: Context) -> Result:
    """Read and score an evaluation."""
    return compute(prepare(evaluation, indicator_set, context))


# --- session ---------------------------------------------------------------------------------


def context_of(session: Session, path: str, indicator_set: IndicatorSet | None = None) -> Context:
    """Return the context of an evaluation of ``session``.

    The department's formulas may speak of the projects; their totals are added up unless the
    given set names none of them.
    """
    speaks = indicator_set is None or indicator_set.uses_projects
    totals = _project_totals(session) if path == "department" and speaks else {}
    return Context(path, session.year, session.money_unit, session.assumed, totals)


def _project_totals(session: Session) -> dict[str, Exact]:
    """Figures over the projects that take part, under the names formulas use."""
    projects = [project for _, project in session.evaluated_projects()]
    totals = {"count(projects)": Exact(len(projects))}
    for name, column in MONEY_COLUMNS.items():
        sums = [p.fund_total(column, session.money_unit).value for p in projects]  # type: ignore[arg-type]
        totals[f"sum(projects.{name})"] = sum((v for v in sums if v is not None), ZERO)
    return totals


def score_session(session: Session, find: SetFinder) -> Scorecard:
    """Score a session; ``find`` returns the indicator set of an id (and may raise)."""
    department = score_department(session, find)
    keys = [key for key, _ in session.ordered_projects()]
    return Scorecard(department, [score_project(session, key, find) for key in keys])


def score_department(session: Session, find: SetFinder) -> Result | None:
    """Score the department's evaluation alone; None where the session has none."""
    if session.department is None:
        return None
    indicator_set = find(session.department.set)
    context = context_of(session, "department", indicator_set)
    return score(session.department, indicator_set, context)


def score_project(session: Session, key: str, find: SetFinder) -> ProjectResult:
    """Score one project alone. Raises ``KeyError`` for an unknown one."""
    project = session.projects[key]
    path = join("projects", key)
    budget = project.fund_total("budget", session.money_unit)
    executed = project.fund_total("executed", session.money_unit)
    card = ProjectResult(key, project.name, path, None, project.excluded, budget, executed)
    if project.excluded:
        return card
    card.result = score(project, find(project.set), context_of(session, path))
    card.rates = {tier.name: tier.printed_rate for tier in card.result.tiers}
    return card
