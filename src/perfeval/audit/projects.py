"""The projects of a self-evaluation: the 自评汇总表, what the text says of each, their sums."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache

from perfeval.audit.document import Paragraph, Place, Table
from perfeval.audit.equations import Register, Term, total
from perfeval.audit.figures import Measure, Mention, cell_figure, figures_in, mention_of
from perfeval.audit.observed import Observed, Severity
from perfeval.exchange.intake.labels import (
    LIST_COLUMNS,
    bare,
    columns_of,
    may_be_labels,
    money_unit,
)
from perfeval.numbers import ZERO, Exact

SCHEMES: tuple[tuple[str, tuple[int, int, int, int]], ...] = (
    ("执行率10、产出50、效益30、满意度10", (10, 50, 30, 10)),
    ("执行率10、产出40、效益40、满意度10", (10, 40, 40, 10)),
    ("执行率10、产出40、效益30、满意度20", (10, 40, 30, 20)),
    ("执行率20、产出40、效益30、满意度10", (20, 40, 30, 10)),
    ("执行率10、产出60、效益30", (10, 60, 30, 0)),
    ("执行率10、产出50、效益40", (10, 50, 40, 0)),
)
"""Weights a 自评汇总表 does not print; rows that tell them apart choose one, else none is used."""
RATES = ("执行率", "产出", "效益", "满意度")
_SAME = re.compile(r"[\s\-—–－_“”\"'‘’《》<>()（）·,，、]+")
_ALIKE = 0.8
MAX_UNNAMED = 60
"""More projects without their like are another list, not misspelt names."""


@lru_cache(maxsize=8192)
def same_name(name: str) -> str:
    """Return a project's name as it is compared: dashes, quotes and spaces do not count."""
    return _SAME.sub("", name).removesuffix("项目")


@dataclass(slots=True)
class ProjectLine:
    """A project as one place of the report has it: figures by column.

    ``printed`` is what that place calls it, where another place has the better ``name``;
    ``reason`` the 偏差原因 it gives, None where it has no room for one.
    """

    name: str
    place: Place
    quote: str
    values: dict[str, Mention]
    is_table: bool
    printed: str = ""
    reason: str | None = None

    @property
    def key(self) -> str:
        return same_name(self.name)


# --- 自评汇总表 -----------------------------------------------------------------------------------

_TIER_RATE = (("产出", "产出"), ("效益", "效益"), ("满意度", "满意度"), ("执行", "执行率"))


def read_summary(table: Table, observed: list[Observed]) -> list[ProjectLine] | None:
    """Return the lines of a list of projects; None for another table."""
    columns: dict[str, int] = {}
    head = -1
    while not (
        {"name", "budget"} <= columns.keys() and ("score" in columns or "executed" in columns)
    ):
        head += 1
        if head >= min(4, len(table.rows)):
            return None
        cells = table.rows[head]
        filled = [(column, cell) for column, cell in enumerate(cells) if cell]
        columns = columns_of(LIST_COLUMNS, filled) if may_be_labels(filled) else {}
    rates: dict[int, str] = {}
    for column, cell in filled:
        if "率" in cell:
            kind = next((k for word, k in _TIER_RATE if word in bare(cell)), "")
            if kind:
                rates[column] = kind
    lines: list[ProjectLine] = []
    for row in range(head + 1, len(table.rows)):
        name = table.text(row, columns["name"])
        if not name or bare(name) in {"合计", "总计", "小计"}:
            continue
        line = ProjectLine(name, table.at(row, 0), f"{name} …", {}, is_table=True)
        if "reason" in columns:
            line.reason = table.text(row, columns["reason"]).strip("/—-无 ")
        for column, cell in enumerate(table.rows[row]):
            if not cell:
                continue
            kind, unit = rates.get(column, ""), "%"
            if column in (columns.get("budget"), columns.get("executed"), columns.get("initial")):
                kind = "全年预算数" if column == columns.get("budget") else "执行数"
                kind = "年初预算数" if column == columns.get("initial") else kind
                unit = money_unit(cells[column]) or "万元"
            elif column == columns.get("score"):
                kind, unit = "得分", "分"
            if kind:
                label = cells[column]
                mention = cell_figure(cell, unit, table.at(row, column), f"{name} {label} {cell}")
                if mention is not None:
                    line.values[kind] = _typed(mention, kind, line, label, observed)
        lines.append(line)
    return lines


def _typed(
    mention: Mention, kind: str, line: ProjectLine, label: str, observed: list[Observed]
) -> Mention:
    """Return a score as points where a percentage was printed for it, and say so."""
    if kind != "得分" or mention.measure is not Measure.RATE:
        return mention
    digits = mention.raw.removesuffix("%")
    observed.append(
        Observed(
            "单位", Severity.FORMAT, f"{line.name} 自评得分",
            f"得分栏印为 {mention.raw}，应为 {digits}（分）",
            mention.place, mention.quote, mention.raw, digits,
        )
    )  # fmt: skip
    points = mention_of(digits, "分", mention.place, mention.quote)
    return replace(points, raw=mention.raw)


def require_rows(lines: Sequence[ProjectLine], register: Register) -> None:
    """执行率 = 执行数 ÷ 全年预算数; 得分 = Σ 分值 × 得分率, with the weights the rows show."""
    for line in lines:
        v = line.values
        if "执行率" in v and "执行数" in v and "全年预算数" in v:
            told = f"{line.name}：执行率 = 执行数 ÷ 全年预算数"
            register.require(
                "执行率", told, v["执行率"], total([v["执行数"]]), total([v["全年预算数"]])
            )
    schemes = _schemes(lines)
    for line in lines:
        if "得分" not in line.values:
            continue
        fitting = [
            (name, terms, missed)
            for name, points in schemes
            if (terms := _weighted(line.values, points)) is not None
            for missed in [_missed(line.values, points)]
        ]
        if not fitting:
            continue
        name, terms, _ = next((one for one in fitting if not one[2]), fitting[0])
        told = f"{line.name}：自评得分 = 各项分值 × 得分率之和（{name}，由其余各行得分推出）"
        register.require("得分", told, line.values["得分"], terms, slack=_ROUNDED)


_ROUNDED = Exact(2, 100)
"""Four scores rounded to two decimals before they were added."""
Points = tuple[int, int, int, int]


def _weighted(values: dict[str, Mention], points: Points) -> tuple[Term, ...] | None:
    """Return Σ 分值 × 得分率, or None where a rate is not printed."""
    wanted = [(kind, w) for kind, w in zip(RATES, points, strict=True) if w]
    if any(kind not in values for kind, _ in wanted):
        return None
    return tuple(Term(Exact(w), (values[kind],)) for kind, w in wanted)


def _missed(values: dict[str, Mention], points: Points) -> bool:
    """Whether a row's score is not what these weights give."""
    parts = zip(RATES, points, strict=True)
    should = sum((w * values[kind].value for kind, w in parts if w), ZERO)
    score = values["得分"]
    room = sum(
        (w * values[kind].step / 2 for kind, w in zip(RATES, points, strict=True) if w), ZERO
    )
    return abs(should - score.value) > score.step / 2 + _ROUNDED + room


def _schemes(lines: Sequence[ProjectLine]) -> list[tuple[str, Points]]:
    """Return the weights that most rows' scores follow; none where fewer than two rows tell."""
    rows = [
        line.values for line in lines
        if line.is_table and "得分" in line.values and all(k in line.values for k in RATES)
    ]  # fmt: skip
    telling = [row for row in rows if any(row[k].value != 1 for k in RATES)]
    right = {name: sum(not _missed(row, points) for row in telling) for name, points in SCHEMES}
    most = max(right.values(), default=0)
    if most < 2 or most * 2 <= len(telling):
        return []
    return [(name, points) for name, points in SCHEMES if right[name] == most]


def require_sums(table: Sequence[ProjectLine], register: Register) -> None:
    """The projects of the table add up to what the text says they cost."""
    budgets = [one.values["全年预算数"] for one in table if "全年预算数" in one.values]
    if len(budgets) > 1:
        told = "自评项目涉及资金 = 汇总表各项目全年预算数之和"
        register.require("汇总", told, register.first("自评资金"), total(budgets))
    initial = register.first("年初项目资金")
    added = register.first("追加项目资金")
    whole = register.first("自评资金")
    if initial and added and whole:
        reserved = register.first("预留项目资金")
        told = "自评项目涉及资金 = 年初预算项目 + 新增追加项目 + 科室预留分配项目"
        parts = [one for one in (initial, added, reserved) if one]
        register.require("汇总", told, whole, total(parts))


# --- text ------------------------------------------------------------------------------------

_PROJECT = re.compile(
    r"^(?:[(（]?\d{1,3}[)）]?[、.．]?|[(（][一二三四五六七八九十]+[)）])?(?P<name>[^。；：:]{2,90}?)(?:项目)?"
    r"(?:支出)?绩效自评(?:综述|情况|结果)?[:：]"
)
_FIELDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"(?:自评)?(?:得分|综合得分|评价得分)(?:为|是)?$", "得分"),
        (r"全年预算(?:数|资金)?(?:为|是)?$", "全年预算数"),
        (r"(?:执行|支出)(?:数|资金)(?:为|是)?$", "执行数"),
        (r"完成(?:全年|年初)?预算(?:数)?的$|(?:预算)?执行率(?:为|是)?$", "执行率"),
        (r"产出指标(?:得分率|完成率)(?:为|是)?$", "产出"),
        (r"效益指标(?:得分率|完成率)(?:为|是)?$", "效益"),
        (r"满意度(?:指标)?(?:得分率|完成率)(?:为|是)?$", "满意度"),
    )
)
_MONEY_OF = (
    (re.compile(r"项目(?P<n>\d+)个[，,]共?涉及资金"), "自评"),
    (re.compile(r"年初预算项目(?P<n>\d+)个[，,]涉及项目资金"), "年初项目"),
    (re.compile(r"(?:新增)?追加项目(?P<n>\d+)个[，,]涉及项目资金"), "追加项目"),
    (re.compile(r"科室预留分配项目(?P<n>\d+)个[，,]涉及项目资金"), "预留项目"),
    (re.compile(r"确定能实现绩效目标的项目有?(?P<n>\d+)个[，,]涉及资金"), "确定能实现目标的项目"),
    (re.compile(r"有可能实现绩效目标的项目有?(?P<n>\d+)个[，,]涉及资金"), "有可能实现目标的项目"),
    (
        re.compile(r"不可能实现绩效目标的项目有?(?P<n>\d+)个[，,]涉及资金"),
        "完全不可能实现目标的项目",
    ),
    (re.compile(r"(?:使用)?管理的项目(?P<n>\d+)个[，,]涉及项目资金"), "自评"),
)


def read_project(block: Paragraph, register: Register) -> ProjectLine | None:
    """Read a project's paragraph: 得分, 全年预算数, 执行数 and the rates; None for another."""
    project = _PROJECT.match(block.text)
    if project is None:
        return None
    line = ProjectLine(project["name"], block.place, block.text[:60], {}, is_table=False)
    before = project.end()
    for one in figures_in(block):
        register.figures += 1
        if one.start < project.end():
            continue
        label = re.split(r"[，。；：,;:是]", block.text[before : one.start].rstrip("为"))[-1]
        before = one.end
        kind = next((k for pattern, k in _FIELDS if pattern.search(label)), "")
        if not kind:
            continue
        if kind in line.values:  # printed twice in one paragraph: both are the fact
            register.state(f"项目·{line.key}·{kind}", one.mention)
        else:
            line.values[kind] = one.mention
    if "原因" in block.text:
        line.reason = block.text[block.text.rindex("原因") :]
    return line if line.values else None


def read_counts(block: Paragraph, register: Register) -> None:
    """State how many projects of which kind cost how much."""
    for pattern, name in _MONEY_OF:
        for match in pattern.finditer(block.text):
            count = mention_of(match["n"], "个", block.at(match.start("n")), match[0])
            register.state(f"{name}项目数" if name == "自评" else f"{name}数", count)
            rest = re.match(
                r"([\d,]+(?:\.\d+)?)(万元|元)", block.text[match.end() : match.end() + 24]
            )
            if rest:
                money = mention_of(
                    rest[1], rest[2], block.at(match.end()), match[0] + rest[0], rest[0]
                )
                register.state(f"{name}资金", money)


# --- names -----------------------------------------------------------------------------------


def one_name(lines: Sequence[ProjectLine], observed: list[Observed]) -> None:
    """Give a project one name where two places differ by a word, and report it."""
    table = {one.key: one for one in lines if one.is_table}
    texts = [one for one in lines if not one.is_table]
    told = {line.key for line in texts}
    free = [one for key, one in table.items() if key not in told]
    for line in texts:
        if line.key in table or not free or len(free) > MAX_UNNAMED:
            continue
        scored = [
            (SequenceMatcher(None, line.key, one.key).ratio(), at) for at, one in enumerate(free)
        ]
        likeness, at = max(scored)
        if likeness < _ALIKE:
            continue
        other = free.pop(at)
        observed.append(
            Observed(
                "名称", Severity.TEXT, other.name,
                f"同一项目有两个名称：“{line.name}”（{line.place}）和“{other.name}”（{other.place}）",
                line.place, line.quote, line.name, other.name,
            )
        )  # fmt: skip
        line.name, line.printed = other.name, line.name
