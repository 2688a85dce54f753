"""基础数据: every figure, answer and target that the formulas of a workbook read.

What somebody enters stands here (and 人工赋分 in the form), one line each with unit and source;
everything else is a formula over these cells. The 自评表 of a project has its own beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from perfeval.exchange import formulas as f
from perfeval.exchange.layout import (
    BODY,
    ENTRY,
    HEAD,
    SIDE,
    SUM_TEXT,
    TEXT,
    Choice,
    Live,
    Sheet,
    Value,
    on,
    percent_format,
    title,
)
from perfeval.indicators.rules import (
    AlternativeOf,
    ManualDeduction,
    PerPointDeduction,
    QualitativeLevels,
    RuleBase,
)
from perfeval.indicators.target import Operator, day, target
from perfeval.numbers import Exact, Figure, FigureState, dimension, figure
from perfeval.scoring.scorecard import IndicatorResult, Item, Result, Status
from perfeval.session.model import Evaluation, OwnIndicator, Session

ENTRIES, SUMMARY = "基础数据", "自评汇总表"
ENTRY_WIDTHS = (26, 36, 16, 9, 24, 12, 30)
_HEAD = ("类别 / 指标", "名称", "数值", "单位", "来源", "取数日期", "说明")
NOTHING: Mapping[str, str] = {}
SET, SET_ID, SCHEME = "指标体系", "代号", "权重方案"
UNIT, QUALITATIVE = "计量单位", "定性指标"
"""What makes a workbook alone the session again: its sets, and what its rows do not show."""


@dataclass(slots=True)
class _Entry:
    """One line of 基础数据."""

    group: str
    name: str
    value: Exact | str | None
    unit: str = ""
    source: str = ""
    date: str = ""
    note: str = ""
    number: str = "General"
    formula: str = ""
    choices: tuple[str | int, ...] = ()
    given: bool = False
    """It stands here to be read, not to be typed over."""


def entries_sheet(session: Session) -> Sheet:
    """Return 基础数据, still without a line."""
    sheet = Sheet(ENTRIES, ENTRY_WIDTHS, 7, header=(2, 2))
    title(
        sheet,
        ENTRIES,
        f"部门（单位）名称：{session.unit.name}",
        f"{session.year} 年度    底色单元格为填报内容，其余表按此计算",
    )
    sheet.row(2, _HEAD, HEAD)
    return sheet


class Entries:
    """Every figure, answer and target the formulas of a form read, one line each.

    They stand in 基础数据 or, from the column ``left`` on, beside the form itself.
    """

    def __init__(self, session: Session, sheet: Sheet, left: int = 0) -> None:
        self.session, self.sheet, self.left = session, sheet, left
        self.next = sheet.rows
        if left:
            self.next = 1
            sheet.row(0, _HEAD, SIDE, left)

    def heading(self, text: str) -> None:
        """Write a line over a part of the table; it stays with what follows."""
        if self.left:
            self.sheet.put(self.next, self.left, text, SIDE)
        else:
            self.sheet.wide(self.next, 0, 6, text, SUM_TEXT)
            self.sheet.keep(self.next)
        self.next += 1

    def add(self, entry: _Entry) -> str:
        """Add a line; return the address of its value as the form reads it."""
        sheet, row, left = self.sheet, self.next, self.left
        self.next += 1
        look = SIDE if left else TEXT
        at = left + 2
        write = sheet.put if left else sheet.text
        write(row, left, entry.group, look)
        write(row, left + 1, entry.name, look)
        if entry.formula:
            cell = sheet.live(row, at, Live(entry.formula, entry.value, entry.number), BODY)
        else:
            style = (SIDE if left else BODY) if entry.given else ENTRY.with_number(entry.number)
            cell = sheet.put(row, at, entry.value, style)
        write(row, left + 3, entry.unit, look if left else BODY)
        for column, text in enumerate((entry.source, entry.date, entry.note), left + 4):
            if text or not left:
                write(row, column, text, look)
        words = [str(choice) for choice in entry.choices]
        if words and len(",".join(words)) <= 255 and not any("," in word for word in words):
            sheet.choices.append(Choice(row, at, entry.choices, f"只能填：{'、'.join(words)}"))
        return cell if left else on(ENTRIES, cell)

    # --- one evaluation -----------------------------------------------------------------------

    def evaluation(
        self,
        heading: str,
        evaluation: Evaluation,
        result: Result,
        money: Mapping[str, str],
        direct: Mapping[str, str] = NOTHING,
    ) -> dict[str, f.Places]:
        """Place what an evaluation was given; return the places of each item by its path.

        ``money`` are cells that already hold one of its inputs (全年预算数 …), ``direct`` those in
        which the form itself takes a typed value, by the item's path.
        """
        self.heading(f"{heading}：取值项")
        names = dict(self._inputs(evaluation, result, money))
        self.heading(f"{heading}：指标取值")
        self.add(_Entry(SET, SET_ID, result.set.id, given=True))
        if scheme := getattr(evaluation, "weight_scheme", ""):
            self.add(_Entry(SET, SCHEME, scheme))
        return {
            row.path: self._item(row, names, direct.get(row.path, "")) for row in result.indicators
        }

    def _inputs(
        self, evaluation: Evaluation, result: Result, money: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        for name, definition in result.set.inputs.items():
            entered = evaluation.inputs.get(name)
            read = result.inputs[name]
            unit = definition.unit
            if dimension(unit) == "money":
                unit = self.session.money_unit
            given = entered is not None and bool(entered.value)
            entry = _Entry(definition.group, name, as_cell(read), unit)
            entry.number = _number_format(unit, read)
            entry.note = definition.help
            if entered is not None:
                entry.source, entry.date = entered.source, entered.date
                entry.note = entered.note or entry.note
            if not given and definition.default is not None and read.value is not None:
                entry.source = entry.source or "缺省值"
            if not given and name in money and definition.default is None:
                yield name, money[name]
            else:
                yield name, self.add(entry)
        used = {
            name
            for row in result.indicators
            for formula in (row.item.formula, *row.item.rule.formulas())
            if formula is not None
            for name in formula.names
        }
        for name in sorted(used - set(result.set.inputs)):
            value = result.values.get(name)
            entry = _Entry("项目清单", _told(name), value, "", SUMMARY)
            entry.formula = money.get(name, "")
            yield name, self.add(entry)

    def _item(
        self, result: IndicatorResult, names: Mapping[str, str], direct: str = ""
    ) -> f.Places:
        item = result.item
        answer, given, rule = item.answer, item.given, item.rule
        places = f.Places(names=names)
        group = f"{item.code} {item.name}" if item.code != item.name else item.name

        def add(name: str, value: Value, **more: Any) -> str:
            return self.add(_Entry(group, name, value, **more))

        if isinstance(answer, OwnIndicator):
            told = target(item.target.raw).unit if item.target is not None else ""
            if answer.unit and answer.unit != told:
                add(UNIT, answer.unit)
            if answer.qualitative:
                add(QUALITATIVE, "是", choices=("是", "否"))
        if item.not_applicable:
            reason = answer.not_applicable if answer else ""
            places.flag = add("不适用（1 为不适用）", Exact(1), note=reason, choices=(1, 0))
        due = item.target is not None and item.target.is_date
        parts = isinstance(answer, OwnIndicator) and bool(answer.numerator or answer.denominator)
        if isinstance(answer, OwnIndicator) and (f.has_parts(item) if due else parts):
            top, bottom = (figure(x).in_unit("") for x in (answer.numerator, answer.denominator))
            places.part = add("分子", as_cell(top))
            places.whole = add("分母", as_cell(bottom))
        if direct:
            places.value = direct
        elif typed := typed_value(item, self.session.year, parts=bool(places.part)):
            value, number = typed
            places.value = add("实际完成值（直接填报）", value, unit=item.unit, number=number)
        if f.shows_word(item) and (item.formula is not None or places.part):
            shown = _Entry(group, "实际完成值（计算）", cached_value(result), unit=item.unit)
            shown.formula = f.value_formula(item, places)
            shown.number = percent_format() if dimension(item.unit) == "ratio" else "General"
            places.computed = self.add(shown)
        self._goal(item, places, add)
        for name in rule.element_names():
            met = given.elements.get(name)
            value = None if met is None else Exact(int(met))
            places.element[name] = add(name, value, unit="1是0否", choices=(1, 0))
        if levels := [part for part in _parts(rule) if isinstance(part, QualitativeLevels)]:
            names_of = tuple(level.name for part in levels for level in part.levels)
            places.level = add("达成档次", given.level, choices=names_of)
            places.level_score = add("评定分值", given.level_score, unit="分")
        if electing := [part for part in _parts(rule) if isinstance(part, AlternativeOf)]:
            ways = tuple(member.name for part in electing for member in part.members)
            places.elected = add("选用的计分方式", given.elected, choices=ways)
        if any(isinstance(modifier, ManualDeduction) for modifier in item.modifiers):
            places.deduction = add("另行扣分", given.deduction, unit="分")
        return places

    def _goal(self, item: Item, places: f.Places, add: Callable[..., str]) -> None:
        """Place the numbers of the target, where the rule or a modifier compares with them."""
        goal = item.target
        wanted = any(
            part.needs_target or (isinstance(part, PerPointDeduction) and part.baseline == "target")
            for part in _parts(item.rule)
        )
        if goal is None or not (wanted or (item.modifiers and goal.value is not None)):
            return
        number, low, high = _target_format(item), goal.value, goal.high
        if goal.is_date and low is not None:
            low = f.serial(low)
        ranged = goal.operator is Operator.RANGE
        name = "年度指标值（下限）" if ranged else "年度指标值（数值）"
        places.target = add(name, low, number=number, note=goal.reading)
        if ranged:
            places.high = add("年度指标值（上限）", high, number=number)


def typed_value(item: Item, year: int, *, parts: bool) -> tuple[Value, str] | None:
    """Return what is or may be typed as 实际完成值, with its format; None where nothing is asked.

    ``parts``: the value comes of two figures divided.
    """
    typed = item.answer.actual if item.answer is not None else ""
    asked = item.rule.reads_value and item.formula is None and not parts
    if not (typed or asked):
        return None
    if item.target is not None and item.target.is_date:
        done = day(typed, year)
        return (typed, "General") if done is None else (f.serial(done), "yyyy-mm-dd")
    read = figure(typed).in_unit(item.unit)
    return (typed if read.value is None else read.value), _number_format(item.unit, read)


def takes_value(item: Item) -> bool:
    """Whether the form's 实际完成值 is itself the cell in which the value is typed."""
    answer = item.answer
    if item.formula is not None or item.not_applicable or f.shows_word(item):
        return False
    if isinstance(answer, OwnIndicator) and (answer.numerator or answer.denominator):
        return False
    return item.rule.reads_value or bool(answer is not None and answer.actual)


def _told(name: str) -> str:
    """Return what a formula calls a figure of all projects, in words."""
    if name.startswith("count("):
        return "项目个数"
    return f"各项目{name.removeprefix('sum(projects.').removesuffix(')')}合计"


def blank(value: Exact | None) -> Exact | str:
    """Return what a formula without a number gives."""
    return "" if value is None else value


def cached_value(result: IndicatorResult) -> Exact | str:
    """Return the engine's value as the cell holds it: a number, 不适用, a text or nothing."""
    item = result.item
    if result.status is Status.NOT_APPLICABLE:
        return f.NOT_APPLICABLE
    if result.value is None:
        return item.answer.actual if item.formula is None and item.answer is not None else ""
    return f.serial(result.value) if f.dated(item) else result.value


def as_cell(read: Figure) -> Exact | str | None:
    """Return a figure as a cell holds it: the number, or the text that is none."""
    if read.value is not None:
        return read.value
    return None if read.state is FigureState.BLANK else read.raw


def _parts(rule: RuleBase) -> Iterator[RuleBase]:
    """Yield a rule and the rules inside it."""
    yield rule
    inner = [getattr(rule, name, None) for name in ("rule", "quantitative", "qualitative")]
    inner += [member.rule for member in getattr(rule, "members", ())]
    for part in inner:
        if isinstance(part, RuleBase):
            yield from _parts(part)


def _number_format(unit: str, read: Figure) -> str:
    if dimension(unit) == "ratio" and unit != "倍":
        places = read.places if read.unit == "%" else 2
        return percent_format(max(places, 0))
    return "General"


def _target_format(item: Item) -> str:
    goal = item.target
    if goal is None:
        return "General"
    if goal.is_date:
        return "yyyy-mm-dd"
    if dimension(goal.unit or item.unit) == "ratio" and (goal.unit or item.unit) != "倍":
        return percent_format(goal.places)
    return "General"
