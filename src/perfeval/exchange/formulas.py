"""The engine's arithmetic as Excel formulas: value, automatic score, score, tier, total, grade.

Each function mirrors one step of :mod:`perfeval.scoring.engine` and is given the addresses of the
cells it reads, so the same step can be written over the form's cells and, for 核对, over others.

An unfilled figure is an empty cell or text; a step that needs one gives ``""`` (未填), never 0.
Rules that look at their figures one after another (否决, 择一, 分级) get each figure wrapped so
that a missing one is an error where it is looked at, as in the engine, and nowhere else.
Comparisons act on ROUND(x,12): at a threshold all engines then agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from perfeval.exchange.layout import on
from perfeval.indicators.formula import Arithmetic, Call, Formula, Name, Node, Number
from perfeval.indicators.model import IndicatorSet
from perfeval.indicators.rules import (
    AlternativeOf,
    Cells,
    ChecklistGated,
    Judged,
    MilestoneSum,
    MixedWeighted,
    PerPointDeduction,
    TrendLevels,
    VetoZero,
)
from perfeval.indicators.target import Operator
from perfeval.numbers import Exact, decimal_text, figure
from perfeval.scoring.scorecard import Item
from perfeval.session.model import OwnIndicator

NOT_APPLICABLE = "不适用"
_STEPWISE = (
    ChecklistGated,
    VetoZero,
    MixedWeighted,
    AlternativeOf,
    MilestoneSum,
    TrendLevels,
)
"""Rules that may reach a score although a figure is missing, because they stop before it."""

_DAY_ZERO = 693_594
"""Excel's day 0 (1899-12-30) as a day number of the Gregorian calendar."""


@dataclass(slots=True)
class Places:
    """The cells of 基础数据 that hold what one item is given; an empty text where there is none.

    ``value`` is the value typed directly, ``part`` and ``whole`` the two figures of a rate,
    ``computed`` the value of a row whose 实际完成值 shows a word; ``flag`` reads 1 where the row
    is 不适用.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    value: str = ""
    computed: str = ""
    part: str = ""
    whole: str = ""
    flag: str = ""
    target: str = ""
    high: str = ""
    level: str = ""
    level_score: str = ""
    deduction: str = ""
    elected: str = ""
    element: dict[str, str] = field(default_factory=dict)

    def on(self, sheet: str) -> Places:
        """Return the same cells for formulas of other sheets."""
        moved = {
            one.name: on(sheet, held)
            for one in fields(self)
            if isinstance(held := getattr(self, one.name), str)
        }
        names = {name: on(sheet, cell) for name, cell in self.names.items()}
        element = {name: on(sheet, cell) for name, cell in self.element.items()}
        return replace(self, names=names, element=element, **moved)


def serial(day_number: Exact) -> Exact:
    """Return a day as Excel counts it."""
    return day_number - _DAY_ZERO


def has_parts(item: Item) -> bool:
    """Whether the value of a unit's own row is its two figures divided."""
    row = item.answer
    if not isinstance(row, OwnIndicator):
        return False
    top, bottom = (figure(text).in_unit("").value for text in (row.numerator, row.denominator))
    return top is not None and bool(bottom)


def dated(item: Item) -> bool:
    """Whether the value scored is a day (against a deadline); cells hold days as Excel counts."""
    due = item.target is not None and item.target.is_date
    return due and item.formula is None and not has_parts(item)


# --- small pieces ----------------------------------------------------------------------------


def number(value: Exact) -> str:
    """Return a number as a formula has it."""
    return decimal_text(value)


def known(addresses: Iterable[str]) -> str:
    """Return the condition that all of these cells hold a number."""
    tests = [f"ISNUMBER({address})" for address in dict.fromkeys(addresses)]
    return tests[0] if len(tests) == 1 else f"AND({','.join(tests)})"


def shown(address: str) -> str:
    """Return the content of a cell, an empty one as an empty text and not as 0."""
    return f'IF({address}="","",{address})'


def same(left: str, right: str) -> str:
    """Return the condition that two cells hold the same number or the same text."""
    return f"IF({known((left, right))},ROUND({left}-{right},9)=0,{left}={right})"


def _or_error(address: str) -> str:
    return f"IF(ISNUMBER({address}),{address},1/0)" if address else "1/0"


def _or_text(address: str) -> str:
    return address or '""'


def zero(expression: str) -> str:
    """Return the condition that a figure is 0 to twelve decimals."""
    return f"ROUND({expression},12)=0"


def added(cells: Sequence[str], nothing: str = '""') -> str:
    """Return the sum of cells; ``nothing`` where all are empty or one holds a text."""
    usable = ",".join(f'OR(ISNUMBER({cell}),{cell}="")' for cell in cells)
    some = ",".join(f"ISNUMBER({cell})" for cell in cells)
    return f"IF(AND({usable},OR({some})),SUM({','.join(cells)}),{nothing})"


# --- the value -------------------------------------------------------------------------------

_Step = tuple[str, str] | tuple[str, list["_Step"], list["_Step"]]


def _steps(node: Node, name: Callable[[str], str]) -> Iterator[_Step]:
    """Yield what can go wrong in a formula, in the order in which the engine meets it.

    ("missing", address), ("zero", divisor), or (condition, steps if so, steps if not).
    """
    match node:
        case Name(called):
            yield "missing", name(called)
        case Call("if", (test, yes, no)):
            yield from _steps(test, name)
            branches = list(_steps(yes, name)), list(_steps(no, name))
            if any(branches):
                yield f"ROUND({test.excel(name)},12)<>0", *branches
        case Arithmetic("/", left, right):
            yield from _steps(left, name)
            yield from _steps(right, name)
            if not (isinstance(right, Number) and right.value):
                yield "zero", right.excel(name)
        case _:
            for child in node.children:
                yield from _steps(child, name)


def _guarded(steps: list[_Step], value: str, missing: str, divided: str) -> str:
    """Return ``value`` behind its steps: ``missing`` without a figure, ``divided`` by zero."""
    at = 0
    while at < len(steps) and steps[at][0] == "missing":
        at += 1
    if at:
        rest = _guarded(steps[at:], value, missing, divided)
        return f"IF({known(str(step[1]) for step in steps[:at])},{rest},{missing})"
    if not steps:
        return value
    rest = _guarded(steps[1:], value, missing, divided)
    first = steps[0]
    if len(first) == 2:
        return f"IF({zero(first[1])},{divided},{rest})"
    test, yes, no = first
    ways = (_guarded(yes, rest, missing, divided), _guarded(no, rest, missing, divided))
    return f"IF({test},{ways[0]},{ways[1]})"


def _computed(item: Item, formula: Formula, places: Places) -> str:
    """Return the value of a formula; what a zero denominator means is the indicator's to say."""
    value = formula.node.excel(places.names.__getitem__)
    if item.scale != 1:
        value = f"({value})*{number(item.scale)}"
    if item.places is not None:
        value = f"ROUND({value},{item.places})"
    at_zero = {"不适用": f'"{NOT_APPLICABLE}"', "0": "0", "满分": "0"}.get(item.if_zero or "", '""')
    typed = f'IF(ISNUMBER({places.value}),{places.value},"")' if places.value else '""'
    steps = list(_steps(formula.node, places.names.__getitem__))
    return _guarded(steps, value, typed, at_zero)


def value_formula(item: Item, places: Places) -> str:
    """Return the formula of the value that is scored (a number, 不适用 or an empty text)."""
    if item.formula is not None:
        formula = _computed(item, item.formula, places)
    elif places.part:
        share = f"{places.part}/{places.whole}"
        if item.places is not None:
            share = f"ROUND({share},{item.places})"
        typed = shown(places.value) if places.value else '""'
        steps: list[_Step] = [("missing", places.part), ("missing", places.whole)]
        formula = _guarded([*steps, ("zero", places.whole)], share, typed, typed)
    else:
        formula = shown(places.value) if places.value else '""'
    return f'IF({places.flag}=1,"{NOT_APPLICABLE}",{formula})' if places.flag else formula


def word_formula(item: Item, places: Places, value: str) -> str:
    """Return 实际完成值 of a checklist (相关, 基本相关, 3/4) or of a chosen level.

    ``value`` is the cell of the value scored, shown where no level is chosen.
    """
    names = item.rule.element_names()
    if names:
        cells = [places.element[name] for name in names]
        met = f"SUM({','.join(cells)})"
        answered = ",".join(f"ISNUMBER({cell})" for cell in cells)
        if item.met_word:
            word, partly, none = (
                Cells.quote(text)
                for text in (item.met_word, f"基本{item.met_word}", f"不{item.met_word}")
            )
            formula = f"IF({met}={len(cells)},{word},IF({met}>0,{partly},{none}))"
        else:
            formula = f'{met}&"/{len(cells)}"'
        formula = f'IF(OR({answered}),{formula},"")'
    else:
        typed = shown(value) if value else '""'
        formula = f'IF({places.level}="",{typed},{places.level})' if places.level else typed
    dropped = _dropped(item, places, value)
    return f'IF({dropped},"{NOT_APPLICABLE}",{formula})' if dropped else formula


def shows_word(item: Item) -> bool:
    """Whether 实际完成值 is a word and the value scored, if any, stands elsewhere."""
    words = bool(item.rule.element_names()) or item.rule.needs == "level"
    return words and not item.rule.reads_value


def may_drop_out(item: Item, places: Places) -> bool:
    """Whether the row can become 不适用."""
    return bool(_dropped(item, places, ""))


def _dropped(item: Item, places: Places, value: str) -> str:
    """Return the condition that the row is 不适用, or an empty text where it cannot be."""
    tests = [f"{places.flag}=1"] if places.flag else []
    if item.formula is not None and item.if_zero == "不适用":
        tests.append(f'{value}="{NOT_APPLICABLE}"')
    return f"OR({','.join(tests)})" if len(tests) > 1 else "".join(tests)


# --- the score -------------------------------------------------------------------------------


def automatic_formula(
    item: Item, places: Places, value: str, points: str, decimals: int
) -> str | None:
    """Return the formula of 自动得分, or None where only a person can score.

    ``value`` and ``points`` are the cells that hold the value and the indicator's points.
    """
    if isinstance(item.rule, Judged) or item.unscored:
        return None
    cells = _cells(item, places, value, points)
    stepwise = isinstance(item.rule, _STEPWISE)
    score = item.rule.excel(cells)
    if item.if_zero == "满分" and item.formula is not None:
        steps = list(_steps(item.formula.node, places.names.__getitem__))
        score = f"IF({_guarded(steps, 'FALSE', 'FALSE', 'TRUE')},{points},{score})"
    for modifier in item.modifiers:
        score = modifier.excel(score, cells)
    score = f"ROUND({score},{decimals})"
    if not stepwise:
        score = f'IF({known(_wanted(item, places, value))},{score},"")'
    if places.flag or (may_drop_out(item, places) and item.rule.needs != "value"):
        score = f'IF({_dropped(item, places, value)},"",{score})'
    fallible = stepwise or places.level or re.search(r"/(?!\d)", score)
    return f'IFERROR({score},"")' if fallible else score


def plain_score(item: Item, value: str, points: str, decimals: int) -> str:
    """Return a rule's rounded score where its value is known to be a number."""
    return f"ROUND({item.rule.excel(_cells(item, Places(), value, points))},{decimals})"


def _cells(item: Item, places: Places, value: str, points: str) -> Cells:
    guarded = _or_error if isinstance(item.rule, _STEPWISE) else _or_text
    goal = item.target
    due = goal is not None and goal.is_date
    return Cells(
        value=_shifted(guarded(value), _DAY_ZERO if dated(item) else 0),
        points=points,
        target=_shifted(guarded(places.target), _DAY_ZERO if due else 0),
        high=guarded(places.high),
        operator=goal.operator if goal is not None else Operator.BLANK,
        level=places.level or '""',
        level_score=guarded(places.level_score),
        deduction=places.deduction or "0",
        elected=places.elected or '""',
        element={name: guarded(cell) for name, cell in places.element.items()},
        name={name: _or_error(cell) for name, cell in places.names.items()},
        given=item.given,
    )


def _shifted(expression: str, days: int) -> str:
    return f"({expression}+{days})" if days else expression


def _wanted(item: Item, places: Places, value: str) -> list[str]:
    """Return the cells a rule cannot do without."""
    rule = item.rule
    wanted = {
        "elements": list(places.element.values()),
        "level": [places.level_score],
    }.get(rule.needs, [value])
    if rule.reads_value and value not in wanted:
        wanted.append(value)
    at_target = isinstance(rule, PerPointDeduction) and rule.baseline == "target"
    if rule.needs_target or at_target:
        wanted.append(places.target)
        if item.target is not None and item.target.operator is Operator.RANGE:
            wanted.append(places.high)
    return wanted


def score_formula(
    item: Item, places: Places, value: str, *, automatic: str, manual: str, decimals: int
) -> str:
    """Return the formula of 得分: 不适用, else 人工赋分 where there is one, else 自动得分.

    ``value`` is the cell of the value scored, which reads 不适用 where the row drops out.
    """
    score = f"IF(ISNUMBER({manual}),ROUND({manual},{decimals}),{automatic})"
    if may_drop_out(item, places):
        return f'IF({_dropped(item, places, value)},"{NOT_APPLICABLE}",{score})'
    return score


# --- tiers, total, grade ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TierCells:
    """The cells of a tier's rows (ranges) and of its own line."""

    name: str
    rows: int
    offered: Sequence[str]
    """分值 of the rows."""
    scores: Sequence[str]
    applicable: Sequence[str]
    """参评分值 of the rows: their points, 0 where 不适用."""
    filled: Sequence[str]
    """已评分值 of the rows: their points where there is a score."""
    points_cell: str
    score_cell: str
    applicable_cell: str
    filled_cell: str


def total_of(ranges: Sequence[str]) -> str:
    """Return the sum of ranges; 0 where there are none."""
    return f"SUM({','.join(ranges)})" if ranges else "0"


def applicable_formula(score: str, points: str) -> str:
    """Return the points of a row that takes part: 0 where it is 不适用."""
    return f'IF({score}="{NOT_APPLICABLE}",0,{points})'


def filled_formula(score: str, points: str) -> str:
    """Return the points of a row that has its score."""
    return f"IF(ISNUMBER({score}),{points},0)"


def _scored(ranges: Sequence[str]) -> str:
    """Return how many cells hold a number. (One cell is no range to every engine's COUNTIF.)"""
    counts = (
        f'COUNTIF({cells},">=0")+COUNTIF({cells},"<0")'
        if ":" in cells
        else f"IF(ISNUMBER({cells}),1,0)"
        for cells in ranges
    )
    return "+".join(counts) or "0"


def _absent(ranges: Sequence[str]) -> str:
    """Return how many cells read 不适用."""
    counts = (
        f'COUNTIF({cells},"{NOT_APPLICABLE}")'
        if ":" in cells
        else f'IF({cells}="{NOT_APPLICABLE}",1,0)'
        for cells in ranges
    )
    return "+".join(counts) or "0"


def tier_points(
    indicator_set: IndicatorSet, tiers: Sequence[TierCells], stated: Mapping[str, Exact]
) -> dict[str, str]:
    """Return each tier's points after a tier wholly 不适用 gave its own away, as expressions.

    Plain numbers, except for the tiers that give and take.
    """
    points = {tier.name: number(stated[tier.name]) for tier in tiers}
    for tier in tiers:
        heir = indicator_set.shifts.get(tier.name, "")
        if heir in points and tier.rows:
            gone = f"{_absent(tier.scores)}={tier.rows}"
            points[heir] = f"{points[heir]}+IF({gone},{points[tier.name]},0)"
            points[tier.name] = f"IF({gone},0,{points[tier.name]})"
    return points


def tier_score(indicator_set: IndicatorSet, tier: TierCells, stated: Exact, rescales: bool) -> str:
    """Return a tier's score: one sum, rescaled where rows dropped out, rounded once.

    ``rescales`` is whether a row may drop out or points may move; else the sum is all there is.
    """
    earned, points = total_of(tier.scores), tier.points_cell
    scored = _scored(tier.scores)
    places = indicator_set.rounding.tier
    if not rescales:
        return f'IF({scored}=0,"",ROUND({earned},{places}))'
    rescaled = indicator_set.not_applicable.excel(earned, tier.applicable_cell, points)
    whole = (
        f"AND(ROUND({tier.applicable_cell},12)=ROUND({total_of(tier.offered)},12),"
        f"ROUND({points},12)=ROUND({number(stated)},12))"
    )
    plain = f"OR(ROUND({tier.applicable_cell}-{points},12)=0,{zero(tier.applicable_cell)})"
    exact = f"IF({plain},{earned},{rescaled})"
    return f'IF({scored}=0,"",ROUND(IF({whole},{earned},{exact}),{places}))'


def rate_formula(score: str, points: str, places: int) -> str:
    """Return 得分率 = 得分 ÷ 分值, of a tier or of the total."""
    return f'IF(ISNUMBER({score}),IF({zero(points)},"",ROUND({score}/{points},{places})),"")'


def tier_complete(tier: TierCells, stated: Exact) -> str:
    """Return 1 when nothing of the tier is left open (or it rightly takes no part), else 0."""
    offered, applicable = total_of(tier.offered), tier.applicable_cell
    absent = f"AND(ROUND({offered},12)<>0,{zero(applicable)})"
    full = (
        f"AND(ROUND({offered}-{number(stated)},12)=0,ROUND({applicable},12)<>0,"
        f"ROUND({tier.filled_cell}-{applicable},12)=0)"
    )
    return f"IF({absent},IF({zero(tier.points_cell)},1,0),IF({full},1,0))"


def total_formula(scores: Sequence[str], places: int) -> str:
    """Return the printed total of the tiers' scores."""
    return f"ROUND({total_of(scores)},{places})"


UNGRADED = "暂不评等级"


def grade_formula(indicator_set: IndicatorSet, total: str, complete: str) -> str:
    """Return the grade of the printed total; none while anything is 未填."""
    *better, last = indicator_set.grades
    grade = Cells.quote(last.name)
    for step in reversed(better):
        at_least = f"ROUND({total},12)>=ROUND({number(step.min)},12)"
        grade = f"IF({at_least},{Cells.quote(step.name)},{grade})"
    return f'IF({complete}=1,{grade},"{UNGRADED}")'
