"""Which fields an indicator, a project or 基础数据 needs, and what is wrong with a text in one.

Pure functions from session and result to plain values; the widgets only show them. One kind of
field, one widget (:mod:`.widgets.field`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from perfeval.indicators.target import Operator, target
from perfeval.numbers import Exact, FigureState, decimal_text, figure
from perfeval.session.change import under

if TYPE_CHECKING:
    from perfeval.indicators.model import IndicatorSet
    from perfeval.scoring.scorecard import IndicatorResult
    from perfeval.session.model import Evaluation, Session


class Kind(StrEnum):
    """What is typed into a field, which decides its widget and its check."""

    FIGURE = "figure"
    TARGET = "target"
    TEXT = "text"
    PROSE = "prose"
    ELEMENT = "element"
    CHOICE = "choice"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: where it is saved, what it is called, what stands there as typed.

    ``note`` stands behind it (用于 3 项指标, 拟定), ``help`` below it while it has the focus.
    ``least`` and ``most`` bound a figure; ``options`` are what a choice offers. ``must`` marks
    what the indicator cannot be scored without.
    """

    path: str
    label: str
    kind: Kind
    value: str = ""
    unit: str = ""
    note: str = ""
    help: str = ""
    options: tuple[str, ...] = ()
    least: Exact | None = None
    most: Exact | None = None
    must: bool = False
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together, under a small heading (or none)."""

    title: str
    fields: tuple[Field, ...]
    note: str = ""


# --- an indicator ----------------------------------------------------------------------------


def sections_of(
    session: Session, evaluation: Evaluation, indicator_set: IndicatorSet, row: IndicatorResult
) -> list[Section]:
    """Return the fields one indicator needs and nothing else, in the order they are filled in."""
    item = row.item
    sections = [
        Section("", tuple(_figures(evaluation, indicator_set, row))),
        Section("", tuple(_answer(row))),
        Section("说明", tuple(_remarks(row))),
    ]
    if item.not_applicable:
        reason = Field(
            under(item.path, "not_applicable"),
            "不适用的理由",
            Kind.PROSE,
            _typed(row, "not_applicable"),
        )
        return [Section("不适用", (reason,))]
    return [section for section in sections if section.fields]


def _figures(
    evaluation: Evaluation, indicator_set: IndicatorSet, row: IndicatorResult
) -> Iterator[Field]:
    """Yield the inputs its formula and rule read, shared ones with how many indicators use them."""
    for name in input_names(row):
        spec = indicator_set.inputs.get(name)
        if spec is None:
            continue
        typed = evaluation.inputs.get(name)
        uses = sum(name in input_names_of_indicator(one) for one in indicator_set.all_indicators())
        yield Field(
            path=f"{_prefix(row)}/{under('inputs', name, 'value')}",
            label=name,
            kind=Kind.FIGURE,
            value=typed.value if typed else "",
            unit=spec.unit,
            note=f"用于 {uses} 项指标" if uses > 1 else "",
            help=spec.help + (f"（空着按 {spec.default}）" if spec.default is not None else ""),
            must=spec.default is None,
        )


def _prefix(row: IndicatorResult) -> str:
    """Return the path of the evaluation an indicator is in."""
    head, *rest = row.path.split("/")
    return f"{head}/{rest[0]}" if head == "projects" else head


def input_names(row: IndicatorResult) -> list[str]:
    """Return the inputs a result's formula and rule read, each once."""
    formulas = [*([row.item.formula] if row.item.formula else []), *row.item.rule.formulas()]
    return list(dict.fromkeys(name for formula in formulas for name in formula.names))


def input_names_of_indicator(indicator: object) -> list[str]:
    """Return the inputs a set's indicator reads."""
    formula, rule = getattr(indicator, "formula", None), getattr(indicator, "rule")  # noqa: B009
    return [
        name for one in [*([formula] if formula else []), *rule.formulas()] for name in one.names
    ]


def _typed(row: IndicatorResult, name: str) -> str:
    return str(getattr(row.item.answer, name, "") or "") if row.item.answer else ""


def _answer(row: IndicatorResult) -> Iterator[Field]:
    """Yield what is typed for the indicator itself."""
    item, path = row.item, row.path
    if item.rule.needs_target or item.target is not None:
        typed = _typed(row, "target")
        raw = typed or (item.target.raw if item.target else "")
        note = "" if typed else "体系缺省值" if raw else "由本单位确定"
        yield Field(
            under(path, "target"), "年度指标值", Kind.TARGET, raw, item.unit, note, must=True
        )
    if item.rule.needs == "elements":
        for name in item.rule.element_names():
            met = item.given.elements.get(name)
            value = "" if met is None else "是" if met else "否"
            yield Field(under(path, "elements", name), name, Kind.ELEMENT, value, must=True)
    if (levels := item.rule.levels_inside) is not None:
        names = tuple(level.name for level in levels.levels)
        chosen = next((level for level in levels.levels if level.name == item.given.level), None)
        yield Field(
            under(path, "level"),
            "完成情况",
            Kind.CHOICE,
            item.given.level,
            options=names,
            must=True,
        )
        least = chosen.min * item.points if chosen else Exact(0)
        most = chosen.max * item.points if chosen else item.points
        yield Field(
            under(path, "level_score"), "档内得分", Kind.FIGURE, _typed(row, "level_score"), "分",
            f"{decimal_text(least)}～{decimal_text(most)} 分", least=least, most=most, must=True,
        )  # fmt: skip
    if item.rule.reads_value or item.rule.needs == "value":
        if item.formula is None:
            yield Field(
                under(path, "actual"),
                "实际完成值",
                Kind.FIGURE,
                _typed(row, "actual"),
                item.unit,
                must=True,
            )
        else:
            yield Field("", "实际完成值", Kind.SHOWN, row.value_text)


def _remarks(row: IndicatorResult) -> Iterator[Field]:
    path, item = row.path, row.item
    low = row.score is not None and row.score < row.points
    yield Field(
        under(path, "deviation_reason"),
        "偏差原因",
        Kind.PROSE,
        _typed(row, "deviation_reason"),
        note="得分低于分值时填写" if low else "",
    )
    yield Field(under(path, "basis"), "评分依据", Kind.PROSE, _typed(row, "basis"))
    yield Field(
        under(path, "manual_score"),
        "人工赋分",
        Kind.FIGURE,
        _typed(row, "manual_score"),
        "分",
        least=Exact(0),
        most=item.points,
        help="只在公式不适用时填写，须写理由",
    )
    if _typed(row, "manual_score") or item.rule.needs == "score":
        yield Field(
            under(path, "manual_reason"),
            "赋分理由",
            Kind.PROSE,
            _typed(row, "manual_reason"),
            must=True,
        )


# --- what is wrong with a text ---------------------------------------------------------------


def problem_with(field: Field, text: str) -> str:
    """Return why a text cannot be used in a field and what to do, or an empty text.

    It warns; nothing is refused at entry, so that no typing is lost.
    """
    if not text.strip():
        return ""
    if field.kind is not Kind.FIGURE:
        return ""
    read = figure(text)
    if read.state is FigureState.UNREADABLE:
        return f"读不懂这个数：{read.problem or text}"
    if read.value is None:
        return ""
    if field.least is not None and read.value < field.least:
        return f"不能低于 {decimal_text(field.least)}"
    if field.most is not None and read.value > field.most:
        return f"不能高于 {decimal_text(field.most)}"
    return ""


def reading_of(field: Field, text: str, year: int) -> str:
    """Return how a target is understood: ``≤10%`` → 不高于 10%; an empty text for other fields."""
    if field.kind is not Kind.TARGET or not text.strip():
        return ""
    read = target(text, field.unit, year)
    return read.reading if read.operator is not Operator.BLANK else ""
