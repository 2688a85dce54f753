"""A block copied from a spreadsheet, laid onto a sheet: what it would add and change.

Pure: nothing is saved here. The plan is shown first and then made as one act, undone at once.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from perfeval.numbers import FigureState, figure
from perfeval.scoring.scorecard import IndicatorResult
from perfeval.session.change import Plain, join, under
from perfeval.session.model import OwnIndicator
from perfeval.tui import edits
from perfeval.tui.fields import Field, Kind, problem_with, stored
from perfeval.tui.sheet_view import NEW, SheetView
from perfeval.tui.shown import Shown

MOST_LINES = 2_000
"""More lines than any evaluation has rows are not looked at."""

_TITLES = {
    "group": ("二级指标", "二级"),
    "tier": ("一级指标", "一级"),
    "name": ("三级指标", "三级", "名称", "指标名称", "绩效指标", "取值项", "项目"),
    "points": ("分值", "权重", "分值(权重)"),
    "unit": ("单位", "计量单位", "度量单位"),
    "target": ("年度指标值", "指标值", "目标值", "年度目标值", "计划指标值"),
    "numerator": ("分子",),
    "denominator": ("分母",),
    "actual": ("实际完成值", "完成值", "实际值", "实际完成情况"),
    "qualitative": ("定性",),
    "score": ("得分", "自评得分"),
    "deviation_reason": ("偏差原因", "偏差原因分析及改进措施", "偏差原因分析", "未完成原因"),
    "value": ("数值",),
    "source": ("来源", "数据来源"),
    "date": ("取数日期",),
    "note": ("说明", "备注"),
}
"""What a column is called, in the sheets of offices and in ours, by what it fills in."""

_KINDS = {"新增": "new", "修改": "changed", "不用": "left"}


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line of the block: 新增, 修改 or 不用, what it is about, and what would stand there."""

    what: str
    name: str
    detail: str


@dataclass(slots=True)
class PastePlan:
    """What a block would do: the edits, and every line of it as it is told beforehand."""

    lines: list[PlannedLine] = field(default_factory=list)
    edits: list[tuple[str, Plain]] = field(default_factory=list)
    rows: list[OwnIndicator] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def count(self, what: str) -> int:
        """How many lines are 新增, 修改 or 不用."""
        return sum(line.what == what for line in self.lines)

    @property
    def summary(self) -> str:
        """The plan in one line."""
        counts = ((what, self.count(what)) for what in _KINDS)
        return (
            "，".join(f"{what} {count} 行" for what, count in counts if count) or "没有可用的内容"
        )


def block(text: str) -> list[list[str]]:
    """Return the cells of a pasted text; spreadsheets put a cell with line breaks in quotes."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    rows = list(
        csv.reader(plain.split("\n") if '"' not in plain else _lines(plain), delimiter="\t")
    )
    cells = [[re.sub(r"\s*\n\s*", " ", cell).strip() for cell in row] for row in rows[:MOST_LINES]]
    return [row for row in cells if any(row)]


def _lines(text: str) -> Iterator[str]:
    return iter(text.splitlines(keepends=True))


def _same(text: str) -> str:
    return re.sub(r"[\s（）()：:]", "", text)


def columns_of(
    view: SheetView, rows: Sequence[Sequence[str]], at: int
) -> tuple[dict[int, str], bool]:
    """Return what each column of a block fills in, and whether its first line names them.

    Without such a line the columns are those of the sheet, from the cursor's on.
    """
    known = {_same(title): name for name, titles in _TITLES.items() for title in titles}
    named = (
        {i: known[_same(cell)] for i, cell in enumerate(rows[0]) if _same(cell) in known}
        if rows
        else {}
    )
    if len(named) >= 2:
        return named, True
    titles = [known.get(_same(column.title), "") for column in view.columns]
    width = max((len(row) for row in rows), default=0)
    if width == len(titles):
        at = 0  # whole lines of the sheet
    return {i: titles[at + i] for i in range(width) if at + i < len(titles)}, False


def plan(shown: Shown, view: SheetView, at: tuple[int, int], text: str) -> PastePlan:
    """Return what pasting ``text`` at a cell would do to the evaluation."""
    rows = block(text)
    columns, headed = columns_of(view, rows, at[1])
    rows = rows[1:] if headed else rows
    places = {name: i for i, name in columns.items() if name}
    made = PastePlan()
    by_name = "name" in places and (
        headed or _is_name_column(view, at[1]) or len(columns) == len(view.columns)
    )
    if by_name and any(row.key.startswith(NEW) for row in view.rows):
        _by_name(shown, _group_at(shown, view, at[0]), rows, places, made)
    else:
        _by_place(view, at, rows, made)
    if made.rows:
        made.edits += edits.add_rows(shown.evaluation, shown.prefix, made.rows, made.keys)
    return made


def _is_name_column(view: SheetView, at: int) -> bool:
    return _same(view.columns[at].title) in {_same(one) for one in _TITLES["name"]}


# --- by place: from the cursor down -----------------------------------------------------------


def _by_place(
    view: SheetView,
    at: tuple[int, int],
    rows: Sequence[Sequence[str]],
    made: PastePlan,
) -> None:
    """Fill cells from the cursor down; lines that begin with a name go to the line of that name."""
    lines = [
        i
        for i, row in enumerate(view.rows)
        if i >= at[0] and not row.heading and not row.key.startswith(NEW)
    ]
    names = {_same(_first_text(view, i)): i for i, row in enumerate(view.rows) if not row.heading}
    for n, cells in enumerate(rows):
        first = _same(cells[0]) if cells else ""
        if first in names and len(cells) > 1:
            row, taken, start = names[first], cells[1:], 1
        else:
            row, taken, start = (lines[n] if n < len(lines) else -1), cells, at[1]
        if row < 0:
            made.lines.append(PlannedLine("不用", " ".join(cells)[:30], "下面没有行了"))
            continue
        _fill(view, row, taken, start, made)


def _first_text(view: SheetView, row: int) -> str:
    cell = view.rows[row].cells[0]
    return cell if isinstance(cell, str) else cell.value


def _fill(view: SheetView, row: int, cells: Sequence[str], start: int, made: PastePlan) -> None:
    line, told, refused = view.rows[row], [], []
    for i, text in enumerate(cells):
        at = start + i
        cell = line.cells[at] if at < len(line.cells) else ""
        if not isinstance(cell, Field) or cell.read_only:
            if text and text != (cell if isinstance(cell, str) else cell.value):
                refused.append(f"{text} 没有可填的格")
            continue
        if not text or text == cell.value:
            continue
        if problem := problem_with(cell, text):
            refused.append(problem)
            continue
        made.edits.append((cell.path, stored(cell, text)))
        told.append(
            f"{view.columns[at].title} {cell.value or '（空）'} 改为 {text}"
            if cell.value
            else f"{view.columns[at].title} {text}"
        )
    name = _first_text(view, row) or line.key.rsplit("/", 1)[-1]
    if told or refused:
        made.lines.append(
            PlannedLine("修改" if told else "不用", name, "；".join([*told, *refused]))
        )


# --- by name: rows of a group -----------------------------------------------------------------


def _by_name(
    shown: Shown,
    group: str,
    rows: Sequence[Sequence[str]],
    places: Mapping[str, int],
    made: PastePlan,
) -> None:
    """Match lines with the rows there are by name; the others become rows of the unit's own."""
    known = {(row.item.group, _same(row.name)): row for row in shown.result.indicators}
    names = Counter(_same(row.name) for row in shown.result.indicators)
    anywhere = {_same(r.name): r for r in shown.result.indicators if names[_same(r.name)] == 1}
    own = {one.name for tier in shown.set.tiers for one in tier.own_groups()}
    for cells in rows:
        got = {name: cells[i] for name, i in places.items() if i < len(cells) and cells[i]}
        group = got.get("group", group)
        name = got.get("name", "")
        row = known.get((group, _same(name)))
        if row is None and "group" not in got:
            row = anywhere.get(_same(name))
        if not name:
            made.lines.append(PlannedLine("不用", "（没有名称）", " ".join(cells)[:40]))
        elif row is not None:
            _change(row, got, made)
        elif group in own:
            _add(shown, group, got, made)
        else:
            made.lines.append(
                PlannedLine("不用", name, f"“{group}”下不能个性指标，体系里也没有这一项")
            )


def _group_at(shown: Shown, view: SheetView, at: int) -> str:
    key = view.rows[at].key if 0 <= at < len(view.rows) else ""
    if key.startswith(NEW):
        return key.removeprefix(NEW)
    row = next((one for one in shown.result.indicators if one.path == key), None)
    return row.item.group if row else ""


_OF_ROW = ("points", "unit", "target", "numerator", "denominator", "actual", "deviation_reason")


def _add(shown: Shown, group: str, got: Mapping[str, str], made: PastePlan) -> None:
    values: dict[str, object] = {name: got[name][:400] for name in _OF_ROW if name in got}
    if "deviation_reason" in got:
        values["deviation_reason"] = got["deviation_reason"]
    qualitative = got.get("qualitative") == "是"
    row = OwnIndicator(group=group, name=got["name"][:200], qualitative=qualitative, **values)
    problems = []
    if row.points and figure(row.points).state is not FigureState.NUMBER:
        problems.append(f"分值“{row.points}”不是数值，照录")
    if len(got["name"]) > 200:
        problems.append("名称超过 200 字，只取前 200 字")
    key = edits.next_key(shown.evaluation, group, made.keys)
    made.rows.append(row)
    made.keys.append(key)
    _claim(under(shown.prefix, "rows", key), got, made)
    detail = "，".join(f"{_TITLES[name][0]} {got[name]}" for name in _OF_ROW if name in got)
    made.lines.append(
        PlannedLine(
            "新增", got["name"], f"{group}：{detail}" + "".join(f"（{p}）" for p in problems)
        )
    )


def _change(row: IndicatorResult, got: Mapping[str, str], made: PastePlan) -> None:
    item, told, refused = row.item, [], []
    fields = _OF_ROW if item.own else ("target", "actual", "deviation_reason")
    for name in fields:
        if name not in got:
            continue
        now = str(getattr(item.answer, name, "") or "")
        if (
            not item.own
            and name == "target"
            and item.target is not None
            and item.target.raw == got[name]
        ):
            continue
        if name == "actual" and not item.own and item.formula is not None and row.value_text:
            if row.value_text != got[name]:
                refused.append(f"实际完成值由基础数据计算为 {row.value_text}")
            continue
        if name == "actual" and item.rule.element_names() and not item.rule.reads_value:
            continue
        kind = Kind.FIGURE if name == "points" else Kind.TEXT
        if problem := problem_with(Field("", "", kind, limit=20_000), got[name]):
            refused.append(problem)
        elif now != got[name]:
            made.edits.append((under(row.path, name), got[name]))
            told.append(f"{_TITLES[name][0]} {got[name]}")
    _claim(row.path, got, made)
    if told or refused:
        what = "修改" if told else "不用"
        made.lines.append(PlannedLine(what, row.name, "；".join([*told, *refused])))
    elif "score" in got:
        made.lines.append(PlannedLine("修改", row.name, f"填报得分 {got['score']}"))


def _claim(path: str, got: Mapping[str, str], made: PastePlan) -> None:
    """Keep a pasted 得分 as 填报数, beside what is computed."""
    if "score" in got:
        made.edits.append((join("claimed", f"{path}/score"), got["score"][:400]))
