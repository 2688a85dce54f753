"""The department's own scores: 得分情况表, the indicators in the text, and their sums."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from perfeval.audit.document import Paragraph, Table
from perfeval.audit.equations import Register, Term, total
from perfeval.audit.figures import Measure, Mention, cell_figure, mention_of
from perfeval.exchange.intake.labels import bare
from perfeval.numbers import ONE


@dataclass(slots=True)
class ScoredLine:
    """“①…，指标2分，得2分。”: an indicator's points, score and tier; its rate where stated.

    ``group`` is the 二级指标 whose heading it stands under, as printed.
    """

    name: str
    points: Mention
    score: Mention
    rate: Mention | None
    tier: str
    group: str
    paragraph: Paragraph
    following: list[Paragraph] = field(default_factory=list)


# --- 得分情况表 -----------------------------------------------------------------------------------

_KINDS = {"权重": "分值", "分值": "分值", "得分率": "得分率", "得分": "得分", "自评得分": "得分"}


def tier_name(text: str) -> str:
    """Return a tier's name as it is compared: 预算执行情况, 预算执行率 and 执行 are one."""
    plain = bare(text).removesuffix("一项").removesuffix("指标")
    return "预算执行" if "执行" in plain else plain


Tiers = dict[str, dict[str, Mention]]
"""The printed 分值, 得分率 and 得分 of each 一级指标, by its name as compared."""


def read_tiers(table: Table, tiers: Tiers, register: Register) -> None:
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
                tiers.setdefault(name, {})[kind] = mention
                register.state(f"一级·{name}·{kind}", mention)
    _require_tiers(tiers, register)


def _pointed(kind: str, mention: Mention | None) -> Mention | None:
    """Return 分值 as a number known exactly: 10 points are no roundings of 9.6."""
    if mention is None or kind != "分值":
        return mention
    return replace(mention, measure=Measure.COUNT)


def _require_tiers(tiers: Tiers, register: Register) -> None:
    """得分 = 分值 × 得分率; 合计 = Σ, in points and in scores."""
    for name, v in tiers.items():
        if {"分值", "得分率", "得分"} <= v.keys():
            if name == "预算执行":
                terms = (Term(ONE, (v["分值"], v["得分率"])),)
                register.require("得分", f"{name}：得分 = 分值 × 得分率", v["得分"], terms)
            else:  # its score is the sum of others, the rate comes from it
                told = f"{name}：得分率 = 得分 ÷ 分值"
                register.require("得分", told, v["得分率"], total([v["得分"]]), total([v["分值"]]))
    whole = tiers.get("合计") or tiers.get("总分") or tiers.get("总计")
    parts = [v for name, v in tiers.items() if name not in {"合计", "总分", "总计"}]
    if whole is None:
        return
    for kind in ("分值", "得分"):
        values = [v[kind] for v in parts if kind in v]
        if len(values) == len(parts) and kind in whole:
            register.require(
                "总分", f"{kind}合计 = 各一级指标{kind}之和", whole[kind], total(values), exact=True
            )


# --- text ------------------------------------------------------------------------------------

_LINE = re.compile(
    r"(?P<name>[^，,；;。:：]{2,40}?)(?:[:：](?P<rate>\d+(?:\.\d+)?%))?[，,。]"
    r"(?:指标|分值|满分|权重)(?:分值)?(?P<points>\d+(?:\.\d+)?)分[，,](?:自评)?得(?:分)?(?P<score>\d+(?:\.\d+)?)分"
)
_TIER_TEXT = re.compile(
    r"(?P<name>[^，,。；;：:]{2,20}?)(?:一项)?得分?(?:为)?(?P<score>\d+(?:\.\d+)?)分(?=[，,；;。])"
)


def scored_lines(block: Paragraph, tier: str, group: str) -> list[ScoredLine]:
    """Return the indicators a paragraph scores."""
    text = block.text
    if "得" not in text or "分" not in text:
        return []
    return [_scored(block, match, tier, group) for match in _LINE.finditer(text)]


def heading_tier(block: Paragraph) -> str:
    """Return the 一级指标 whose indicators follow a heading, or an empty text."""
    text = block.text
    plain = re.sub(r"^[^\w]*\d*[.、．)）]?", "", text)
    name = tier_name(re.sub(r"完成.*|情况.*", "", plain))
    if text.find("指标") > 0 and ("完成" in text or "分析" in text) and len(name) < 12:
        return name
    return ""


def _scored(block: Paragraph, match: re.Match[str], tier: str, group: str) -> ScoredLine:
    def at(group: str, unit: str) -> Mention:
        text = match[group].removesuffix("%")
        return mention_of(text, unit, block.at(match.start(group)), match[0][:80])

    rate = at("rate", "%") if match["rate"] else None
    name = re.sub(r"^[①-⑳\d.、．)）(（]+", "", match["name"])
    points = replace(at("points", "分"), measure=Measure.COUNT)
    return ScoredLine(name, points, at("score", "分"), rate, tier, group, block)


def read_tier_text(block: Paragraph, tiers: Tiers, register: Register) -> None:
    """“预算执行率一项得分9.84分，投入管理指标得分28分”."""
    if not re.search("自评得分|总体得分|得分情况", block.text):
        return
    for match in _TIER_TEXT.finditer(block.text):
        mention = mention_of(
            match["score"], "分", block.at(match.start("score")), match[0], match["score"] + "分"
        )
        plain = match["name"]
        if re.search(r"(?:整体|部门|综合|总体|单位).*自评$|总$|自评总$", plain):
            register.state("一级·合计·得分", mention)
        elif tier_name(plain) in tiers:
            register.state(f"一级·{tier_name(plain)}·得分", mention)


def require_tier_sums(tiers: Tiers, scored: Sequence[ScoredLine], register: Register) -> None:
    """The indicators under a tier's heading add up to its points and its score."""
    for name, v in tiers.items():
        lines = [one for one in scored if one.tier == name]
        if not lines:
            continue
        for kind, values in (
            ("分值", [one.points for one in lines]), ("得分", [one.score for one in lines]),
        ):  # fmt: skip
            told = f"{name}指标{kind} = 各三级指标{kind}之和"
            register.require("总分", told, v.get(kind), total(values), exact=True)
