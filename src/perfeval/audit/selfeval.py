"""The self-evaluation inside a report: its tables, and what the text says of projects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from perfeval.audit.document import Document, Paragraph, Place, Table
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
from perfeval.numbers import ONE, ZERO, Exact

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


def same_name(name: str) -> str:
    """Return a project's name as it is compared: dashes, quotes and spaces do not count."""
    return _SAME.sub("", name).removesuffix("项目")


@dataclass(slots=True)
class ProjectLine:
    """A project as one place of the report has it: figures by column."""

    name: str
    place: Place
    quote: str
    values: dict[str, Mention]
    is_table: bool

    @property
    def key(self) -> str:
        return same_name(self.name)


@dataclass(slots=True)
class SelfEvaluation:
    """What the rest of the audit asks of the self-evaluation."""

    lines: list[ProjectLine] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    """Paragraphs (by ``id``) read here and nowhere else."""
    scored: list[ScoredLine] = field(default_factory=list)
    tiers: dict[str, dict[str, Mention]] = field(default_factory=dict)
    budget_sum: Exact | None = None
    spent_sum: Exact | None = None

    @property
    def table(self) -> list[ProjectLine]:
        return [one for one in self.lines if one.is_table]


@dataclass(slots=True)
class ScoredLine:
    """“①…，指标2分，得2分。”: an indicator's points, score and tier; its rate where stated."""

    name: str
    points: Mention
    score: Mention
    rate: Mention | None
    tier: str
    paragraph: Paragraph
    following: list[Paragraph] = field(default_factory=list)


def read_self_evaluation(
    document: Document, register: Register, observed: list[Observed]
) -> SelfEvaluation:
    """Read the self-evaluation's tables and text into facts and identities."""
    found = SelfEvaluation()
    for table in document.tables:
        if not _summary(table, found, observed):
            _tiers(table, found, register)
    _texts(document, found, register)
    _named(found, observed)
    for line in found.lines:
        for column, mention in line.values.items():
            register.state(f"项目·{line.key}·{column}", mention)
    _rows(found, register)
    _sums(found, register)
    _tier_sums(found, register)
    return found


# --- 自评汇总表 -------------------------------------------------------------------------------

_TIER_RATE = (("产出", "产出"), ("效益", "效益"), ("满意度", "满意度"), ("执行", "执行率"))


def _summary(table: Table, found: SelfEvaluation, observed: list[Observed]) -> bool:
    """Read a list of projects; False for another table."""
    columns: dict[str, int] = {}
    head = -1
    while not (
        {"name", "budget"} <= columns.keys() and ("score" in columns or "executed" in columns)
    ):
        head += 1
        if head >= min(4, len(table.rows)):
            return False
        cells = table.rows[head]
        filled = [(column, cell) for column, cell in enumerate(cells) if cell]
        columns = columns_of(LIST_COLUMNS, filled) if may_be_labels(filled) else {}
    rates: dict[int, str] = {}
    for column, cell in filled:
        if "率" in cell:
            kind = next((k for word, k in _TIER_RATE if word in bare(cell)), "")
            if kind:
                rates[column] = kind
    for row in range(head + 1, len(table.rows)):
        name = table.text(row, columns["name"])
        if not name or bare(name) in {"合计", "总计", "小计"}:
            continue
        line = ProjectLine(name, table.at(row, 0), f"{name} …", {}, is_table=True)
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
        found.lines.append(line)
    return True


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


def _rows(found: SelfEvaluation, register: Register) -> None:
    """执行率 = 执行数 ÷ 全年预算数; 得分 = Σ 分值 × 得分率, with the weights the rows show."""
    for line in found.lines:
        v = line.values
        if "执行率" in v and "执行数" in v and "全年预算数" in v:
            told = f"{line.name}：执行率 = 执行数 ÷ 全年预算数"
            register.require(
                "执行率", told, v["执行率"], total([v["执行数"]]), total([v["全年预算数"]])
            )
    schemes = _schemes(found.lines)
    for line in found.lines:
        fitting = [
            (name, terms, missed)
            for name, points in schemes
            if (terms := _weighted(line.values, points)) is not None
            for missed in [_missed(line.values, points)]
        ]
        if not fitting or "得分" not in line.values:
            continue
        name, terms, _ = next((one for one in fitting if not one[2]), fitting[0])
        told = f"{line.name}：自评得分 = Σ 分值 × 得分率（{name}，由其余各行得分推出）"
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


def _sums(found: SelfEvaluation, register: Register) -> None:
    """The projects of the table add up to what the text says they cost."""
    budgets = [one.values["全年预算数"] for one in found.table if "全年预算数" in one.values]
    spent = [one.values["执行数"] for one in found.table if "执行数" in one.values]
    if len(budgets) > 1:
        found.budget_sum = sum((one.value for one in budgets), ZERO)
        told = "自评项目涉及资金 = 汇总表各项目全年预算数之和"
        register.require("汇总", told, register.first("自评资金"), total(budgets))
    if len(spent) > 1:
        found.spent_sum = sum((one.value for one in spent), ZERO)
    initial = register.first("年初项目资金")
    added = register.first("追加项目资金")
    whole = register.first("自评资金")
    if initial and added and whole:
        reserved = register.first("预留项目资金")
        told = "自评项目涉及资金 = 年初预算项目 + 新增追加项目 + 科室预留分配项目"
        parts = [one for one in (initial, added, reserved) if one]
        register.require("汇总", told, whole, total(parts))


# --- 得分情况表 -------------------------------------------------------------------------------

_KINDS = {"权重": "分值", "分值": "分值", "得分率": "得分率", "得分": "得分", "自评得分": "得分"}


def tier_name(text: str) -> str:
    """Return a tier's name as it is compared: 预算执行情况, 预算执行率 and 执行 are one."""
    plain = bare(text).removesuffix("一项").removesuffix("指标")
    return "预算执行" if "执行" in plain else plain


def _tiers(table: Table, found: SelfEvaluation, register: Register) -> None:
    """Read 得分情况表, tiers across or down."""
    rows: dict[str, list[Mention | None]] = {}
    names: list[str] = []
    heads = [bare(row[0]) if row else "" for row in table.rows]
    if "一级指标" in heads and sum(one in _KINDS for one in heads) >= 2:
        names = [tier_name(cell) for cell in table.rows[heads.index("一级指标")][1:]]
        for row, label in enumerate(heads):
            if kind := _KINDS.get(label):
                unit = "%" if kind == "得分率" else "分"
                rows[kind] = [
                    _pointed(
                        kind,
                        cell_figure(
                            table.text(row, c),
                            unit,
                            table.at(row, c),
                            f"{names[c - 1]} {label} {table.text(row, c)}",
                        ),
                    )
                    for c in range(1, len(names) + 1)
                ]
    else:
        for head, cells in enumerate(table.rows[:3]):
            kinds = {c: _KINDS[bare(cell)] for c, cell in enumerate(cells) if bare(cell) in _KINDS}
            if len(kinds) >= 2 and cells and bare(cells[0]) == "一级指标":
                body = range(head + 1, len(table.rows))
                names = [tier_name(table.text(row, 0)) for row in body]
                rows = {
                    kind: [
                        _pointed(kind, cell_figure(
                            table.text(row, c), "%" if kind == "得分率" else "分",
                            table.at(row, c), f"{table.text(row, 0)} {kind} {table.text(row, c)}",
                        ))
                        for row in body
                    ]
                    for c, kind in kinds.items()
                }  # fmt: skip
                break
    if not rows or not names or len(set(names)) < len(names):
        return
    for kind, mentions in rows.items():
        for name, mention in zip(names, mentions, strict=True):
            if mention is not None:
                found.tiers.setdefault(name, {})[kind] = mention
                register.state(f"一级·{name}·{kind}", mention)
    _tier_table(found, register)


def _pointed(kind: str, mention: Mention | None) -> Mention | None:
    """Return 分值 as a number known exactly: 10 points are no roundings of 9.6."""
    if mention is None or kind != "分值":
        return mention
    return replace(mention, measure=Measure.COUNT)


def _tier_table(found: SelfEvaluation, register: Register) -> None:
    """得分 = 分值 × 得分率; 合计 = Σ, in points and in scores."""
    for name, v in found.tiers.items():
        if {"分值", "得分率", "得分"} <= v.keys():
            if name == "预算执行":
                terms = (Term(ONE, (v["分值"], v["得分率"])),)
                register.require("得分", f"{name}：得分 = 分值 × 得分率", v["得分"], terms)
            else:  # its score is the sum of others, the rate comes from it
                told = f"{name}：得分率 = 得分 ÷ 分值"
                register.require("得分", told, v["得分率"], total([v["得分"]]), total([v["分值"]]))
    whole = found.tiers.get("合计") or found.tiers.get("总分") or found.tiers.get("总计")
    parts = [v for name, v in found.tiers.items() if name not in {"合计", "总分", "总计"}]
    if whole is None:
        return
    for kind in ("分值", "得分"):
        values = [v[kind] for v in parts if kind in v]
        if len(values) == len(parts) and kind in whole:
            register.require(
                "总分", f"{kind}合计 = 各一级指标{kind}之和", whole[kind], total(values), exact=True
            )


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
_LINE = re.compile(
    r"(?P<name>[^，,；;。:：]{2,40}?)(?:[:：](?P<rate>\d+(?:\.\d+)?%))?[，,。]"
    r"(?:指标|分值|满分|权重)(?:分值)?(?P<points>\d+(?:\.\d+)?)分[，,](?:自评)?得(?:分)?(?P<score>\d+(?:\.\d+)?)分"
)
_TIER_TEXT = re.compile(
    r"(?P<name>[^，,。；;：:]{2,20}?)(?:一项)?得分?(?:为)?(?P<score>\d+(?:\.\d+)?)分(?=[，,；;。])"
)
_MONEY_OF = (
    (re.compile(r"项目(?P<n>\d+)个[，,]共?涉及资金"), "自评"),
    (re.compile(r"年初预算项目(?P<n>\d+)个[，,]涉及项目资金"), "年初项目"),
    (re.compile(r"(?:新增)?追加项目(?P<n>\d+)个[，,]涉及项目资金"), "追加项目"),
    (re.compile(r"科室预留分配项目(?P<n>\d+)个[，,]涉及项目资金"), "预留项目"),
    (re.compile(r"(?:使用)?管理的项目(?P<n>\d+)个[，,]涉及项目资金"), "自评"),
)


def _texts(document: Document, found: SelfEvaluation, register: Register) -> None:
    tier = ""
    for block in document.blocks:
        if isinstance(block, Table):
            continue
        text = block.text
        if block.is_heading:
            name = tier_name(
                re.sub(r"完成.*|情况.*", "", re.sub(r"^[^\w]*\d*[.、．)）]?", "", text))
            )
            if text.find("指标") > 0 and ("完成" in text or "分析" in text) and len(name) < 12:
                tier = name
            continue
        if project := _PROJECT.match(text):
            _project(block, project, found, register)
        lines = list(_LINE.finditer(text)) if "得" in text and "分" in text else []
        found.scored += [_scored(block, match, tier) for match in lines]
        if found.scored and not lines and len(found.scored[-1].following) < 4:
            found.scored[-1].following.append(block)
        if "自评得分" in text or "总体得分" in text or "得分情况" in text:
            _tier_text(block, found, register)
        _money(block, register)


def _project(
    block: Paragraph, project: re.Match[str], found: SelfEvaluation, register: Register
) -> None:
    """Read a project's paragraph: 得分, 全年预算数, 执行数 and the rates."""
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
    if line.values:
        found.lines.append(line)
        found.used.add(id(block))


def _scored(block: Paragraph, match: re.Match[str], tier: str) -> ScoredLine:
    def at(group: str, unit: str) -> Mention:
        text = match[group].removesuffix("%")
        return mention_of(text, unit, block.at(match.start(group)), match[0][:80])

    rate = at("rate", "%") if match["rate"] else None
    name = re.sub(r"^[①-⑳\d.、．)）(（]+", "", match["name"])
    points = replace(at("points", "分"), measure=Measure.COUNT)
    return ScoredLine(name, points, at("score", "分"), rate, tier, block)


def _tier_text(block: Paragraph, found: SelfEvaluation, register: Register) -> None:
    """“预算执行率一项得分9.84分，投入管理指标得分28分”."""
    for match in _TIER_TEXT.finditer(block.text):
        mention = mention_of(
            match["score"], "分", block.at(match.start("score")), match[0], match["score"] + "分"
        )
        plain = match["name"]
        if re.search(r"(?:整体|部门|综合|总体|单位).*自评$|总$|自评总$", plain):
            register.state("一级·合计·得分", mention)
        elif tier_name(plain) in found.tiers:
            register.state(f"一级·{tier_name(plain)}·得分", mention)


def _money(block: Paragraph, register: Register) -> None:
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


# --- names and tiers -------------------------------------------------------------------------


def _named(found: SelfEvaluation, observed: list[Observed]) -> None:
    """Give a project one name where two places differ by a word, and report it."""
    table = {one.key: one for one in found.table}
    texts = [one for one in found.lines if not one.is_table]
    free = [one for key, one in table.items() if key not in {line.key for line in texts}]
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
        line.name = other.name


def _tier_sums(found: SelfEvaluation, register: Register) -> None:
    """The indicators under a tier's heading add up to its points and its score."""
    for name, v in found.tiers.items():
        lines = [one for one in found.scored if one.tier == name]
        if not lines:
            continue
        for kind, values in (
            ("分值", [one.points for one in lines]), ("得分", [one.score for one in lines]),
        ):  # fmt: skip
            told = f"{name}指标{kind} = 各三级指标{kind}之和"
            register.require("总分", told, v.get(kind), total(values), exact=True)
