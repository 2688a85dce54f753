"""What the checks look at: the session beside its scores and the figures somebody printed."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, Literal

from perfeval.indicators.formula import (
    Arithmetic,
    Call,
    Formula,
    Name,
    Negative,
    Node,
    Number,
    Percent,
)
from perfeval.indicators.model import CheckSetting, Evidence
from perfeval.indicators.rules import ExecutionRatePoints, TierRatePoints
from perfeval.indicators.target import Operator
from perfeval.numbers import Exact, Figure, FigureState, Interval, dimension, figure, to_ascii
from perfeval.numbers import unit_size as size_of
from perfeval.scoring.engine import MONEY_COLUMNS, SetFinder
from perfeval.scoring.scorecard import IndicatorResult, Item, Result, Scorecard
from perfeval.scoring.trace import PARTS
from perfeval.session.change import join, under
from perfeval.session.model import Evaluation, Fund, OwnIndicator, Project, Session

Column = Literal["initial", "budget", "executed"]
COLUMNS: dict[Column, str] = {
    "initial": "年初预算数",
    "budget": "全年预算数",
    "executed": "全年执行数",
}


def short(name: str) -> str:
    """Return a name short enough for one line; the end tells projects of one programme apart."""
    if len(name) <= 24:
        return name
    own = re.split(r"[—–]+|--+|-", name)[-1].strip()
    return f"…{own}" if 4 <= len(own) <= 26 else f"{name[:8]}…{name[-14:]}"


_ALIKE = str.maketrans(
    dict.fromkeys("—–―─‐‑~", "-")
    | dict.fromkeys("“”„‟'‘’「」『』《》", '"')
    | {"【": "[", "】": "]"}
)


@lru_cache(maxsize=16384)
def same_name(text: str) -> str:
    """Return a name as it is compared: width, dashes, quotes and spaces do not count."""
    plain = "".join(to_ascii(text).split()).casefold().translate(_ALIKE)
    for mark in ("--", '""'):
        while mark in plain:  # several of them are one
            plain = plain.replace(mark, mark[0])
    return plain


def as_points(text: str) -> Figure:
    """Read a printed score. ``100%`` is taken for 100; that it is no score is another finding."""
    read = figure(text)
    if read.value is not None and dimension(read.unit) == "ratio":
        return Figure(text, read.state, read.value / size_of(read.unit), "", read.places)
    return read


def _widened(read: Figure, places: int) -> Figure:
    if read.value is None or places <= read.places:
        return read
    return replace(read, places=places)


@lru_cache(maxsize=16384)
def _points(text: str, places: int) -> Figure:
    return _widened(as_points(text), places)


def printed_places(claimed: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return the finest decimals of printed scores and rates, by form.

    A form prints its figures alike and drops trailing zeros: 25 beside 9.84 stands for 25.00,
    while a form that prints whole points throughout is rounded to whole points. The department's
    tables are one form, the projects' rows of the 汇总表 another.
    """
    finest: dict[str, dict[str, int]] = {}
    for path, text in claimed.items():
        form, kind = path.partition("/")[0], path.rpartition("/")[2]
        read, wanted = figure(text), _KINDS.get(kind, "")
        if read.value is None or wanted not in _TELLING.get(read.unit, ()):
            continue
        here = finest.setdefault(form, {})
        here[wanted] = max(here.get(wanted, 0), read.places)
    return finest


_KINDS = {
    "score": "score",
    "total": "score",
    "rate": "rate",
    "execution_rate": "rate",
    "actual": "rate",
}
_TELLING = {"": ("score",), "分": ("score",), "%": ("rate",)}
"""What a figure with this unit tells about the decimals of its column."""


def is_execution(item: Item) -> bool:
    """Whether the item is 预算执行率, computed from money or given as a rate."""
    rate = isinstance(item.rule, TierRatePoints) and "执行" in item.name
    computed = isinstance(item.rule, ExecutionRatePoints) and item.formula is not None
    return rate or computed


def is_filled(text: str) -> bool:
    """Whether somebody entered something that counts as an entry."""
    return bool(text) and figure(text).state is not FigureState.BLANK


def qualitative(item: Item) -> bool:
    """Whether the item's target is a word, not a number or a date."""
    return item.target is not None and item.target.operator is Operator.QUALITATIVE


def bare_share(text: str, unit: str) -> Exact | None:
    """Return the ratio a rate typed without its % may mean (0.92 or 1), or None.

    It was read as 0.92 %, as the field's unit says; a spreadsheet's 92 % copied as a number
    looks the same.
    """
    read = figure(text)
    if unit != "%" or read.unit or read.value is None or not 0 < read.value <= 1:
        return None
    return read.value


def has_points(row: IndicatorResult) -> bool:
    """Whether a row has points; one of the unit's own may not be given any yet."""
    return not isinstance(row.item.answer, OwnIndicator) or is_filled(row.item.answer.points)


def labels(tags: dict[str, Evidence]) -> str:
    """Return ``计分规则、年度指标值为拟定`` for the parts that are not trusted, or nothing."""
    by_tag: dict[str, list[str]] = {}
    for part, tag in tags.items():
        if not tag.trusted:
            names = by_tag.setdefault(tag.label, [])
            if (name := PARTS.get(part, part)) not in names:
                names.append(name)
    return "；".join(f"{'、'.join(names)}为{label}" for label, names in by_tag.items())


@dataclass(frozen=True)
class Evaluated:
    """An evaluation beside its result. ``project`` is None for the department."""

    path: str
    evaluation: Evaluation
    result: Result
    session: Session
    project: Project | None = None
    printed_places: Mapping[str, int] = field(default_factory=dict)
    memory: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    def points(self, text: str) -> Figure:
        """Read a printed score with the decimals its form prints (25 beside 9.84 is 25.00)."""
        return _points(text, self.printed_places.get("score", 0))

    def rate(self, text: str, unit: str) -> Figure:
        """Read a printed rate or 完成值 in its unit, with the decimals its form prints."""
        read = figure(text).in_unit(unit)
        return _widened(read, self.printed_places.get("rate", 0)) if read.unit == "%" else read

    @cached_property
    def name(self) -> str:
        return short(self.project.name) if self.project else "部门整体"

    @cached_property
    def rows(self) -> tuple[IndicatorResult, ...]:
        """Every indicator and row: each check looks at them all."""
        return tuple(self.result.indicators)

    def label(self, item: Item) -> str:
        """Name an item for people: the project first, where it belongs to one."""
        return f"{self.name}·{short(item.name)}" if self.project else item.name

    def setting(self, name: str) -> CheckSetting | None:
        """Return a threshold of the set; None where it has none or switches it off."""
        setting = self.result.set.checks.get(name)
        return None if setting is None or setting.off or setting.value is None else setting

    def claim(self, *segments: str) -> str:
        """Return the printed text at a path below the evaluation, or an empty text."""
        return self.session.claimed.get(under(self.path, *segments), "")

    def reason(self, item: Item | None = None) -> str:
        """Return the 偏差原因: the item's own, that of a manual score, the project's."""
        texts = [self.project.deviation_reason if self.project else ""]
        if item is not None and item.answer is not None:
            texts += [item.answer.deviation_reason, item.answer.manual_reason]
        return "；".join(text for text in texts if text)

    @cached_property
    def execution(self) -> IndicatorResult | None:
        """The result of 预算执行率, where the set has one."""
        return next((row for row in self.rows if is_execution(row.item)), None)

    def money(self, name: str) -> Figure:
        """Return an input's figure; blank where the set does not ask for it."""
        return self.result.inputs.get(name, figure(""))

    def input_path(self, name: str) -> str:
        """Return where an input is filled in: 基础数据, or a project's 资金 table."""
        if self.project and name in MONEY_COLUMNS and name not in self.evaluation.inputs:
            column = MONEY_COLUMNS[name]
            if row := next(iter(fund_rows(self.project)), None):
                return f"{self.path}/{join('funds', row[0], column)}"
            return f"{self.path}/funds"
        return f"{self.path}/{join('inputs', name, 'value')}"

    def input_interval(self, name: str) -> Interval | None:
        """Return all values an input may stand for; a count or a default is exact."""
        read = self.result.inputs.get(name)
        if read is None:
            value = self.result.values.get(name)
            return None if value is None else Interval.point(value)
        if read.value is None:
            return None
        if dimension(self.result.set.inputs[name].unit) == "count":
            return Interval.point(read.value)
        entered = self.evaluation.inputs.get(name)
        if entered is not None and figure(entered.value).state is not FigureState.BLANK:
            return read.interval
        if self.project and name in MONEY_COLUMNS:
            return fund_interval(self.project, MONEY_COLUMNS[name], self.session.money_unit)  # type: ignore[arg-type]
        return Interval.point(read.value)

    def assumed(self, *paths: str) -> str:
        """Return why one of these values was assumed (拟定), or an empty text."""
        return next(
            (self.session.assumed[path] for path in paths if path in self.session.assumed), ""
        )

    def meant(self, item: Item) -> Exact | None:
        """Return what the value scored may have been meant to be: 92 % for a 0.92 without %."""
        if item.unit != "%" or item.answer is None or item.direct is None or item.proven:
            return None
        values = self.result.values
        if item.formula is not None and all(name in values for name in item.formula.names):
            return None
        return bare_share(item.answer.actual, item.unit)

    def doubts(self, item: Item) -> dict[str, Evidence]:
        """Return what an item's score rests on without being trusted, by part."""
        doubts = dict(item.doubts)
        if self.assumed(f"{item.path}/actual"):
            doubts["actual"] = Evidence.PROPOSED
        if self.meant(item) is not None:
            doubts["actual"] = Evidence.UNVERIFIED
        if self.session.assumed and item.formula and item.direct is None:
            inputs = [f"{self.path}/{join('inputs', name)}" for name in item.formula.names]
            if self.assumed(*inputs, *(f"{path}/value" for path in inputs)):
                doubts["input"] = Evidence.PROPOSED
        if self.result.scheme:
            evidence = self.result.set.weight_schemes[self.result.scheme].evidence
            if not evidence.trusted:
                doubts["weights"] = evidence
        return doubts


def ordered_funds(project: Project) -> list[tuple[str, Fund]]:
    """Return the rows of a project's 资金 table as the form has them."""
    return list(project.ordered_funds.items())


def fund_rows(project: Project) -> list[tuple[str, Fund]]:
    """Return the rows a project's total is taken from: the total row, else all sources."""
    rows = project.funds if len(project.funds) < 2 else project.counted_funds
    return list(rows.items())


def is_total(fund: Fund) -> bool:
    """Whether a fund row is the sum of the others (年度资金总额)."""
    return fund.is_total


def fund_interval(project: Project, column: Column, unit: str) -> Interval | None:
    """Return all values the sum of a money column may stand for."""
    reads = [figure(getattr(fund, column)).in_unit(unit) for _, fund in fund_rows(project)]
    known = [read.interval for read in reads if read.value is not None]
    return total(known) if known else None


def total(parts: list[Interval]) -> Interval:
    """Return the interval sum: each printed part brings its own 尾差."""
    return Interval(
        sum((part.low for part in parts), Exact(0)), sum((part.high for part in parts), Exact(0))
    )


_ARITHMETIC: dict[str, Callable[[Interval, Interval], Interval]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip


class Unbounded(Exception):
    """The formula has a part whose range cannot be stated."""


def interval_of(node: Node, look: Callable[[str], Interval | None]) -> Interval:
    """Return all values of a formula over the intervals of its names.

    Raises :class:`Unbounded` where a name is missing, a divisor may be zero, or a condition
    decides.
    """
    match node:
        case Number(value):
            return Interval.point(value)
        case Name(name):
            if (known := look(name)) is None:
                raise Unbounded(name)
            return known
        case Percent(operand):
            return interval_of(operand, look) * Interval.point(Exact(1, 100))
        case Negative(operand):
            inner = interval_of(operand, look)
            return Interval(-inner.high, -inner.low)
        case Arithmetic(sign, left, right):
            a, b = interval_of(left, look), interval_of(right, look)
            try:
                return _ARITHMETIC[sign](a, b)
            except ZeroDivisionError as error:
                raise Unbounded(sign) from error
        case Call("min" | "max" as function, arguments):
            parts = [interval_of(argument, look) for argument in arguments]
            choose = min if function == "min" else max
            return Interval(choose(p.low for p in parts), choose(p.high for p in parts))
    raise Unbounded(type(node).__name__)


def formula_interval(evaluated: Evaluated, formula: Formula) -> Interval | None:
    """Return all values of a formula the printed inputs allow; None where that is unknown."""
    try:
        return interval_of(formula.node, evaluated.input_interval)
    except Unbounded:
        return None


@dataclass(frozen=True)
class Subject:
    """A session, its scores, and where to find other sets.

    A part of a session names the ``whole``: how decimals are printed, and what is said of an
    evaluation, is looked up there. ``memory`` may outlive the subject.
    """

    session: Session
    card: Scorecard
    find: SetFinder
    whole: Session | None = None
    places: Mapping[str, Mapping[str, int]] | None = None
    memory: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def evaluated(self) -> tuple[Evaluated, ...]:
        """Every evaluation that was scored: the department first, the projects in order."""
        department = (self.department,) if self.department is not None else ()
        return (*department, *self._projects())

    @cached_property
    def department(self) -> Evaluated | None:
        """The department's evaluation, if there is one."""
        evaluation, result = self.session.department, self.card.department
        if evaluation is None or result is None:
            return None
        places = self._places.get("department", {})
        whole = self.whole or self.session
        return Evaluated("department", evaluation, result, whole, printed_places=places)

    def _projects(self) -> Iterator[Evaluated]:
        whole, places = self.whole or self.session, self._places.get("projects", {})
        for scored in self.card.projects:
            if scored.result is not None:
                project = self.session.projects[scored.key]
                yield Evaluated(scored.path, project, scored.result, whole, project, places)

    @property
    def _places(self) -> Mapping[str, Mapping[str, int]]:
        if self.places is None:
            return printed_places((self.whole or self.session).claimed)
        return self.places

    @property
    def projects(self) -> Iterator[Evaluated]:
        return (one for one in self.evaluated if one.project is not None)

    @cached_property
    def rows(self) -> tuple[tuple[Evaluated, IndicatorResult], ...]:
        """Every indicator and row with the evaluation it belongs to."""
        return tuple((one, row) for one in self.evaluated for row in one.rows)

    def fund_interval(self, key: str, project: Project, column: Column) -> Interval | None:
        """Return :func:`fund_interval` of a project, worked out once while it stays as it is."""
        at = (key, column, self.session.money_unit)
        of, known = self.memory.get(at, (None, None))
        if of is not project:
            known = fund_interval(project, column, self.session.money_unit)
            self.memory[at] = (project, known)
        found: Interval | None = known
        return found

    def own_rows(self) -> Iterator[tuple[Evaluated, IndicatorResult, OwnIndicator]]:
        """Yield the rows the unit added itself."""
        for evaluated, row in self.rows:
            if isinstance(row.item.answer, OwnIndicator):
                yield evaluated, row, row.item.answer
