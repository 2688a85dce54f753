"""An indicator set as a workbook: one row for each 三级指标, for people who work in Excel.

``to_workbook`` writes it, ``from_workbook`` reads it back; both ways give an equal set. Columns are
found by their headings, in any order; the sheet 说明 documents each. What a set nests deeper than a
row (a rule's parameters, alternatives) stands in one cell as ``名称: 值`` pairs, as in a set file.
Every problem names the cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from perfeval.errors import Problem, UnreadableInput, nearest
from perfeval.exchange.intake.grids import Grid, read_grids
from perfeval.exchange.intake.seen import Seen, seen
from perfeval.exchange.layout import BODY, HEAD, TEXT, Sheet
from perfeval.indicators.documents import Document, Place, parse_document
from perfeval.indicators.library import lint_document
from perfeval.indicators.model import Evidence, IndicatorSet

SETTINGS, ITEMS, HELP = "指标体系", "指标", "说明"
Kind = Literal["text", "flow", "tags", "tag", "yes", "words"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, the key it fills, how its cells are written, what it is for."""

    heading: str
    key: str
    help: str
    kind: Kind = "text"
    words: Mapping[str, str] = field(default_factory=dict)
    width: int = 14


_TAGS = {tag.label: tag.value for tag in Evidence}
_SCORE_FROM = {"印出的率": "printed_rate", "未取整的率": "exact_rate"}
_SCOPES = {"部门整体": "department", "项目": "project"}
_STARTERS = {"定量": "quantitative", "定性": "qualitative"}

_SETTINGS = (
    Column("代号", "id", "小写字母、数字和 -，任务里写的就是它"),
    Column("名称", "title", "指标体系的名称"),
    Column("适用范围", "scope", "部门整体 或 项目", "words", _SCOPES),
    Column("依据", "basis", "所依据的文件"),
    Column("来源", "source", "指标从哪里来"),
    Column("备注", "note", "其他说明"),
    Column("计分所依", "score_from", "印出的率 或 未取整的率", "words", _SCORE_FROM),
    Column("取整", "rounding", "小数位：{rate: 2, score: 2, tier: 2, total: 2}", "flow"),
    Column("等级", "grades", "等级和最低分：[{name: 优, min: 90}, …]", "flow"),
    Column("等级的可信程度", "grades_evidence", "单位文件、公开资料、未核实、拟定", "tag"),
    Column("不适用和缺项", "modifiers", "不适用折算、分值并入", "flow"),
    Column("个性指标", "own_defaults", "单位自设的行怎样计分", "flow"),
    Column("落款", "sign_off", "表下的签字栏：[单位负责人, 填报人]", "flow"),
)
_TIER = (
    Column("一级指标", "name", "同一个一级指标的各行写同一个名称"),
    Column("一级分值", "points", "只写在第一行", width=9),
    Column("计入个数", "counted", "否：不计入“几个一级指标”", "yes", width=9),
    Column("一级可信程度", "evidence", "如 得分率计法：拟定", "tags"),
)
_GROUP = (
    Column("二级指标", "name", "没有二级指标的空着"),
    Column("二级分值", "points", "只写在第一行；不限定的空着", width=9),
    Column("二级自设", "own", "可以个性指标的写 {}，或 {min: 1, max: 10}", "flow"),
)
_ITEM = (
    Column("代码", "code", "字母开头，如 B3", width=8),
    Column("三级指标", "name", "指标名称", width=24),
    Column("分值", "points", "", width=8),
    Column("单位", "unit", "如 %、个、万元", width=8),
    Column("公式", "formula", "用取值项的名称写，如 全年执行数 / 全年预算数", width=30),
    Column("分母为零", "if_zero", "不适用、0、满分、error", width=9),
    Column("年度指标值", "target", "如 ≥90%；由单位填写的写 required"),
    Column("计分规则", "rule.type", "规则名，如 proportional_capped", width=20),
    Column("规则参数", "rule", "如 step: 1%, deduct: 0.2", "flow", width=30),
    Column("备选算法", "alternatives", "标准未定时的其他算法", "flow", width=24),
    Column("计分后处理", "modifiers", "如 [{type: over_fulfilment_flag, at: 1.2}]", "flow"),
    Column("计分所依（单项）", "score_from", "与整套不同时写", "words", _SCORE_FROM),
    Column("达到时写", "met_word", "如 相关、健全"),
    Column("评分标准", "standard", "原文", width=40),
    Column("填报说明", "help", "给填报人看的话", width=30),
    Column("可信程度", "evidence", "如 公式：单位文件、计分规则：拟定", "tags", width=26),
    Column("起始行", "kind", "个性指标的起始行写 定量 或 定性，固定指标空着", "words", _STARTERS),
)
_INPUT = (
    Column("取值项", "", "公式里用的名称", width=30),
    Column("单位", "unit", ""),
    Column("类别", "group", "在基础数据里归在哪一类"),
    Column("缺省值", "default", "没有填时当作多少"),
    Column("还能左右", "controllable", "是：得分测算可以反求它", "yes"),
    Column("说明", "help", "", width=50),
)
_IDENTITY = (
    Column("勾稽关系", "formula", "如 年初预算数 + 年中调整数 = 全年预算数", width=50),
    Column("级别", "level", "错误 或 警告"),
    Column("不符时请填", "ask", "", width=50),
    Column("可信程度", "evidence", "", "tag"),
)
_SCHEME = (
    Column("权重方案", "", "代号", width=20),
    Column("名称", "title", "", width=30),
    Column("各一级分值", "points", "如 {产出指标: 50, 效益指标: 30}", "flow", width=50),
    Column("依据", "basis", "", width=30),
    Column("可信程度", "evidence", "", "tag"),
)
_CHECK = (
    Column("审核参数", "", "名称", width=30),
    Column("界限", "value", "如 20%"),
    Column("停用", "off", "是：不用这条审核", "yes"),
    Column("可信程度", "evidence", "", "tag"),
)
_NAMED = {"取值项": ("inputs", _INPUT), "权重方案": ("weight_schemes", _SCHEME)}
_NAMED |= {"审核参数": ("checks", _CHECK)}
_LISTED = {"勾稽关系": ("identities", _IDENTITY)}
_PARTS = {
    "公式": "formula",
    "计分规则": "rule",
    "年度指标值": "target",
    "要素": "elements",
    "得分率计法": "rate",
    "分值": "points",
    "权重": "weights",
    "名称": "name",
}
"""What a tag is about, as the cells call it; anything else by its own word."""


# --- writing ---------------------------------------------------------------------------------


def to_workbook(indicators: IndicatorSet) -> list[Sheet]:
    """Return the sheets of a set; equal sets give equal sheets."""
    data = indicators.model_dump(mode="json", exclude_unset=True)
    sheets = [_settings_sheet(data), _items_sheet(data)]
    for name, (key, columns) in _NAMED.items():
        rows = [{"": label} | one for label, one in data.get(key, {}).items()]
        sheets.append(_sheet(name, columns, rows))
    for name, (key, columns) in _LISTED.items():
        sheets.append(_sheet(name, columns, data.get(key, [])))
    return [one.finish() for one in [*sheets, _help_sheet()]]


def write_set(indicators: IndicatorSet, path: Path) -> Path:
    """Write a set as an .xlsx file; return where it stands. Raises as any export does."""
    from perfeval.exchange.writer import render, write_file

    return write_file(path, render(to_workbook(indicators), indicators.title))


def _settings_sheet(data: Mapping[str, Any]) -> Sheet:
    sheet = Sheet(SETTINGS, (18, 70, 50), 3)
    sheet.row(0, ("名称", "内容", "说明"), HEAD)
    for row, column in enumerate(_SETTINGS, 1):
        sheet.put(row, 0, column.heading, BODY)
        sheet.put(row, 1, _written(column, data.get(column.key)), TEXT)
        sheet.put(row, 2, column.help, TEXT)
    return sheet


def _sheet(name: str, columns: tuple[Column, ...], rows: list[dict[str, Any]]) -> Sheet:
    sheet = Sheet(name, tuple(float(one.width) for one in columns), len(columns))
    sheet.row(0, [one.heading for one in columns], HEAD)
    for at, row in enumerate(rows, 1):
        for c, column in enumerate(columns):
            sheet.put(at, c, _written(column, row.get(column.key)), TEXT)
    return sheet


def _items_sheet(data: Mapping[str, Any]) -> Sheet:
    columns = (*_TIER, *_GROUP, *_ITEM)
    sheet = Sheet(ITEMS, tuple(float(one.width) for one in columns), len(columns))
    sheet.row(0, [one.heading for one in columns], HEAD)
    for tier, first, group, opens, item in _lines(data):
        row = sheet.rows
        texts = [_written(one, tier.get(one.key)) for one in _TIER]
        texts[1:] = texts[1:] if first else [None] * (len(_TIER) - 1)
        told = [_written(one, (group or {}).get(one.key)) for one in _GROUP]
        told[1:] = told[1:] if opens else [None] * (len(_GROUP) - 1)
        rest = [_written(one, _of_item(one, item)) for one in _ITEM]
        for c, text in enumerate([*texts, *told, *rest]):
            sheet.put(row, c, text, TEXT)
    return sheet


_Line = tuple[dict[str, Any], bool, dict[str, Any] | None, bool, dict[str, Any]]


def _lines(data: Mapping[str, Any]) -> Iterator[_Line]:
    """Yield each row: its tier and whether it begins there, its group alike, the indicator."""
    for tier in data["tiers"]:
        first = True
        for item in tier.get("indicators", []):
            yield tier, first, None, False, item
            first = False
        for group in tier.get("groups", []):
            plain = dict(group)
            rows = [{"kind": "quantitative"} | one for one in _starters(group)]
            if isinstance(plain.get("own"), dict):
                plain["own"] = {k: v for k, v in plain["own"].items() if k != "rows"}
            items = [*group.get("indicators", []), *rows] or [{}]
            for at, item in enumerate(items):
                yield tier, first, plain, at == 0, item
                first = False
        if first:
            yield tier, True, None, False, {}


def _starters(group: Mapping[str, Any]) -> list[dict[str, Any]]:
    own = group.get("own")
    return list(own.get("rows", [])) if isinstance(own, dict) else []


def _of_item(column: Column, item: Mapping[str, Any]) -> Any:
    rule = item.get("rule")
    if column.key == "rule.type":
        return rule and rule["type"]
    if column.key == "rule":
        return {k: v for k, v in rule.items() if k != "type"} if rule else None
    return item.get(column.key)


def _written(column: Column, value: Any) -> str | None:
    """Return a value as its cell has it."""
    if value is None or (value == {} and column.heading == "规则参数"):
        return None
    match column.kind:
        case "flow":
            text = yaml.safe_dump(
                value, allow_unicode=True, default_flow_style=True, sort_keys=False, width=10**6
            ).strip()
            return text.removeprefix("{").removesuffix("}") if column.key == "rule" else text
        case "tags":
            names = {key: name for name, key in _PARTS.items()}
            parts = (f"{names.get(k, k)}：{Evidence(v).label}" for k, v in value.items())
            return "、".join(parts)
        case "tag":
            return Evidence(value).label
        case "yes":
            return "是" if value else "否"
        case "words":
            return next(word for word, key in column.words.items() if key == value)
        case _:
            return str(value)


def _help_sheet() -> Sheet:
    sheet = Sheet(HELP, (16, 20, 80), 3)
    sheet.row(0, ("表", "栏目", "怎么填"), HEAD)
    tables = {SETTINGS: _SETTINGS, ITEMS: (*_TIER, *_GROUP, *_ITEM)}
    tables |= {name: columns for name, (_, columns) in (_NAMED | _LISTED).items()}
    for name, columns in tables.items():
        for column in columns:
            told = (name, column.heading, column.help or column.heading)
            sheet.row(sheet.rows, told, TEXT)
    return sheet


# --- reading ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CellDocument(Document):
    """A document whose parts stand in cells: problems name ``指标!F7``."""

    cells: Mapping[Place, str] = field(default_factory=dict)

    def place(self, where: Place) -> str:
        """Return the cell of a part, or of the nearest part around it."""
        for n in range(len(where), -1, -1):
            if where[:n] in self.cells:
                return f"{self.name} {self.cells[where[:n]]}"
        inside = [cell for place, cell in self.cells.items() if place[: len(where)] == where]
        return f"{self.name} {inside[0]}" if inside and where else self.name


def read_set(path: Path) -> tuple[str, list[Problem]]:
    """Return the set of a workbook as the text of a set file, and every problem by its cell.

    The text is empty where a problem is an 错误. Raises :class:`PerfevalError` for a file that
    cannot be read.
    """
    document, problems = document_of(read_grids(path), path.name)
    if not problems:
        problems = lint_document(document)
    if any(problem.severity == "错误" for problem in problems):
        return "", problems
    text = yaml.safe_dump(document.data, allow_unicode=True, sort_keys=False, width=100)
    return text, problems


def document_of(grids: list[Grid], name: str) -> tuple[CellDocument, list[Problem]]:
    """Return the document of a set's sheets, with what could not be read."""
    reader = _Reader(name)
    known = {grid.sheet.strip(): grid for grid in grids}
    for sheet in (SETTINGS, ITEMS):
        if sheet not in known:
            others = known.keys() - {SETTINGS, ITEMS}
            cure = nearest(sheet, others) or "请照写出的样表来填"
            raise UnreadableInput([Problem(name, f"没有工作表“{sheet}”", cure)])
    reader.settings(known[SETTINGS])
    reader.items(known[ITEMS])
    for sheet, (key, columns) in _NAMED.items():
        if sheet in known:
            reader.named(known[sheet], key, columns)
    for sheet, (key, columns) in _LISTED.items():
        if sheet in known:
            reader.listed(known[sheet], key, columns)
    return CellDocument(name, reader.data, {}, reader.cells), reader.problems


class _Reader:
    """Puts the cells of a set's sheets back into plain data, noting where each part stands."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data: dict[str, Any] = {"format": "perfeval-set/1"}
        self.cells: dict[Place, str] = {}
        self.problems: list[Problem] = []

    def _say(self, cell: Seen, message: str, cure: str = "") -> None:
        place = f"{self.name} {cell.sheet}!{cell.address}"
        self.problems.append(Problem(place, message, cure))

    def _columns(self, grid: Grid, columns: tuple[Column, ...]) -> dict[int, Column]:
        """Return the column each heading names; an unknown heading is a problem."""
        by_heading = {one.heading: one for one in columns}
        found = {}
        for c, text in grid.filled(0) if grid.cells else ():
            if text in by_heading:
                found[c] = by_heading[text]
            else:
                self._say(seen(grid, 0, c), f"没有栏目“{text}”", nearest(text, by_heading))
        return found

    def _value(self, column: Column, cell: Seen) -> Any:
        """Return a cell's value as a set file has it; a problem where it cannot be read."""
        text = cell.entered
        match column.kind:
            case "flow":
                return self._flow(column, cell, text)
            case "tags":
                parts = (one.partition("：") for one in text.split("、") if one.strip())
                return {_PARTS.get(k.strip(), k.strip()): self._tag(v, cell) for k, _, v in parts}
            case "tag":
                return self._tag(text, cell)
            case "yes":
                if text not in ("是", "否"):
                    self._say(cell, f"“{text}”不对", "请写 是 或 否")
                return "true" if text == "是" else "false"
            case "words":
                if text not in column.words:
                    self._say(cell, f"“{text}”不对", f"请写 {'、'.join(column.words)} 之一")
                return column.words.get(text, text)
            case _:
                return text

    def _tag(self, text: str, cell: Seen) -> str:
        label = text.strip()
        if label not in _TAGS:
            self._say(cell, f"可信程度“{label}”不对", f"请写 {'、'.join(_TAGS)} 之一")
        return _TAGS.get(label, label)

    def _flow(self, column: Column, cell: Seen, text: str) -> Any:
        if column.key == "rule" and not text.startswith("{"):
            text = f"{{{text}}}"
        try:
            return parse_document(text, f"{cell.sheet}!{cell.address}").data
        except UnreadableInput as error:
            told = error.problems[0].message
            self._say(cell, f"写法不对：{told}", f"如 {column.help}" if column.help else "")
            return {}

    def _put(self, here: dict[str, Any], where: Place, column: Column, cell: Seen) -> None:
        here[column.key] = self._value(column, cell)
        self.cells[*where, column.key] = f"{cell.sheet}!{cell.address}"

    # --- sheets -------------------------------------------------------------------------------

    def settings(self, grid: Grid) -> None:
        """Read 指标体系: a name and its content in each row."""
        by_heading = {one.heading: one for one in _SETTINGS}
        for row in range(1, len(grid.cells)):
            label, cell = grid.text(row, 0), seen(grid, row, 1, formatted=True)
            if label and label not in by_heading:
                self._say(seen(grid, row, 0), f"没有“{label}”这一项", nearest(label, by_heading))
            elif label and cell:
                self._put(self.data, (), by_heading[label], cell)

    def named(self, grid: Grid, key: str, columns: tuple[Column, ...]) -> None:
        """Read a table whose first column names each row."""
        found: dict[str, Any] = {}
        for row, cells in self._rows(grid, columns):
            label = next((cell for column, cell in cells if not column.key), None)
            if label is None:
                self._say(cells[0][1], "这一行没有名称")
                continue
            if label.raw in found:
                self._say(label, f"“{label.raw}”重复了")
            here = found[label.raw] = {}
            self.cells[key, label.raw] = f"{label.sheet}!{label.address}"
            for column, cell in cells:
                if column.key:
                    self._put(here, (key, label.raw), column, cell)
            del row
        if found:
            self.data[key] = found

    def listed(self, grid: Grid, key: str, columns: tuple[Column, ...]) -> None:
        """Read a table whose rows are a list."""
        found: list[dict[str, Any]] = []
        for _, cells in self._rows(grid, columns):
            here: dict[str, Any] = {}
            for column, cell in cells:
                self._put(here, (key, len(found)), column, cell)
            found.append(here)
        if found:
            self.data[key] = found

    def _rows(
        self, grid: Grid, columns: tuple[Column, ...]
    ) -> Iterator[tuple[int, list[tuple[Column, Seen]]]]:
        placed = self._columns(grid, columns)
        for row in range(1, len(grid.cells)):
            cells = [
                (column, cell)
                for c, column in placed.items()
                if (cell := seen(grid, row, c, formatted=True))
            ]
            if cells:
                yield row, cells

    def items(self, grid: Grid) -> None:
        """Read 指标: tiers and groups open where their names change."""
        tiers: list[dict[str, Any]] = []
        self.data["tiers"] = tiers
        tier: dict[str, Any] = {}
        group: dict[str, Any] | None = None
        for _, cells in self._rows(grid, (*_TIER, *_GROUP, *_ITEM)):
            by = {column.heading: (column, cell) for column, cell in cells}
            name = by["一级指标"][1].raw if "一级指标" in by else tier.get("name", "")
            if not name:
                self._say(cells[0][1], "这一行没有一级指标", "请写上一级指标的名称")
                continue
            if name != tier.get("name"):
                tier, group = {}, None
                tiers.append(tier)
            where: Place = ("tiers", len(tiers) - 1)
            self._fill(tier, where, by, _TIER)
            if "二级指标" in by:
                groups = tier.setdefault("groups", [])
                if group is None or by["二级指标"][1].raw != group.get("name"):
                    group = {}
                    groups.append(group)
                at: Place = (*where, "groups", len(groups) - 1)
                self._fill(group, at, by, _GROUP)
            else:
                group, at = None, where
            self._item(by, group if group is not None else tier, at)

    def _fill(
        self,
        here: dict[str, Any],
        where: Place,
        by: Mapping[str, tuple[Column, Seen]],
        columns: tuple[Column, ...],
    ) -> None:
        for one in columns:
            if one.heading in by and one.key not in here:
                self._put(here, where, *by[one.heading])

    def _item(
        self, by: Mapping[str, tuple[Column, Seen]], owner: dict[str, Any], where: Place
    ) -> None:
        cells = [by[one.heading] for one in _ITEM if one.heading in by]
        if not cells:
            return
        starter = "起始行" in by
        if starter and not isinstance(owner.setdefault("own", {}), dict):
            self._say(by["起始行"][1], "这个二级指标没有写“二级自设”")
            return
        rows = (
            owner["own"].setdefault("rows", []) if starter else owner.setdefault("indicators", [])
        )
        at: Place = (*where, *(("own", "rows") if starter else ("indicators",)), len(rows))
        item: dict[str, Any] = {}
        for column, cell in cells:
            if column.key == "rule.type":
                item["rule"] = {"type": cell.raw} | item.get("rule", {})
                self.cells[*at, "rule", "type"] = f"{cell.sheet}!{cell.address}"
                self.cells[*at, "rule"] = f"{cell.sheet}!{cell.address}"
            elif column.key == "rule":
                item["rule"] = item.get("rule", {}) | (self._value(column, cell) or {})
                self.cells[*at, "rule"] = f"{cell.sheet}!{cell.address}"
            else:
                self._put(item, at, column, cell)
        rows.append(item)
