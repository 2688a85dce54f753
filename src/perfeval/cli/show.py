"""Scorecards, traces, findings and sets as plain text tables, Chinese columns aligned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from perfeval.cli.common import say
from perfeval.errors import PerfevalError, nearest, printable
from perfeval.indicators.model import Group, IndicatorSet, Input, Own, least_trusted
from perfeval.indicators.rules import percent_or_number
from perfeval.numbers import Exact, decimal_text
from perfeval.scoring.review import ReviewDiff
from perfeval.scoring.scorecard import IndicatorResult, Result, Scorecard, Status, rate_text
from perfeval.scoring.trace import alternative_scores, evidence_text, trace_text
from perfeval.scoring.whatif import grade_distances, margins
from perfeval.session.labels import Finder, label
from perfeval.session.model import Session

if TYPE_CHECKING:
    from perfeval.checks import Finding, NotAssessed

Row = Sequence[str]
_LEFT, _RIGHT = "<", ">"


def table(header: Row, rows: Iterable[Row], align: str) -> None:
    """Print a table; ``align`` has ``<`` or ``>`` for each column."""
    lines = [[printable(cell) for cell in line] for line in (header, *rows)]
    widths = [max(cell_len(line[i]) for line in lines) for i in range(len(header))]
    for number, line in enumerate(lines):
        cells = [
            _pad(text, width, side) for text, width, side in zip(line, widths, align, strict=True)
        ]
        say("  ".join(cells).rstrip())
        if number == 0:
            say("─" * (sum(widths) + 2 * (len(widths) - 1)))


def _pad(text: str, width: int, side: str) -> str:
    space = " " * (width - cell_len(text))
    return text + space if side == _LEFT else space + text


def _clip(text: str, width: int) -> str:
    """Shorten a long name in the middle, so that its telling end stays."""
    if cell_len(text) <= width:
        return text
    head, tail = text[: len(text) // 2], text[len(text) // 2 :]
    while cell_len(head) + cell_len(tail) + 1 > width:
        head, tail = (head[:-1], tail) if cell_len(head) >= cell_len(tail) else (head, tail[1:])
    return f"{head}…{tail}"


def _heading(text: str) -> None:
    say(f"\n{text}")


def _points(value: Exact | None, places: int = 2) -> str:
    return "" if value is None else decimal_text(value, places)


# --- scorecard -------------------------------------------------------------------------------


def scorecard(session: Session, find: Finder, card: Scorecard) -> None:
    """Print the department's tiers and indicators and the projects' 汇总表."""
    say(f"{session.unit.name} · {session.year}年度 · 预算绩效自评")
    if card.department is not None:
        _department(session, card.department)
    if card.projects:
        _projects(session, card)
    _open_points(session, find, card)
    if card.department is None and not card.projects:
        say(NOTHING)


def _department(session: Session, result: Result) -> None:
    claimed = session.claimed
    rows: list[Row] = []
    say(f"部门整体：{result.summary}    指标体系：{result.set.title}")
    for tier in result.tiers:
        reported = claimed.get(f"department/tiers/{tier.name}/score", "")
        score, rate = _points(tier.score), rate_text(tier.printed_rate)
        rows.append(("", tier.name, decimal_text(tier.points), score, rate, "", "", reported, ""))
        for row in tier.indicators:
            rows.append(_indicator_row(session, row))
    points = sum((tier.points for tier in result.tiers), Exact(0))
    total = result.total_text if result.filled else ""
    reported = claimed.get("department/total", "")
    rows.append(("", "合计", decimal_text(points), total, "", "", result.grade or "", reported, ""))
    header = ("代码", "指标", "分值", "得分", "实际完成值", "年度指标值", "状态", "填报", "依据")
    _heading("得分情况（填报：单位报告的得分；依据：该得分所依据内容的可信程度）")
    table(header, rows, "<<>>>><><")


def _indicator_row(session: Session, row: IndicatorResult) -> Row:
    item = row.item
    return (
        item.code,
        f"  {item.name}",
        decimal_text(item.points),
        _points(row.score),
        row.value_text,
        item.target.raw if item.target else "",
        row.status.value,
        session.claimed.get(f"{item.path}/score", ""),
        evidence_text(item),
    )


def _projects(session: Session, card: Scorecard) -> None:
    names = list(dict.fromkeys(name for project in card.projects for name in project.rates))
    titles = [name if name.endswith("率") else f"{name}得分率" for name in names]
    header = (
        "序号",
        "项目名称",
        "全年预算数",
        "执行数",
        *titles,
        "自评得分",
        "等级",
        "填报",
        "依据",
    )
    rows = []
    taking_part = [project for project in card.projects if project.result is not None]
    for number, project in enumerate(taking_part, 1):
        assert project.result is not None
        money = [_points(f.value) if f else "" for f in (project.budget, project.executed)]
        rates = [rate_text(project.rates.get(name)) for name in names]
        result = project.result
        score = result.total_text if result.complete else result.summary
        reported = session.claimed.get(f"{project.path}/score", "")
        name = _clip(project.name, 44)
        rows.append(
            (
                str(number),
                name,
                *money,
                *rates,
                score,
                result.grade or "",
                reported,
                _standing(result),
            )
        )
    _heading(f"项目支出自评汇总（金额单位：{session.money_unit}）")
    table(header, rows, "<<>>" + ">" * len(names) + "><><")
    for project in card.projects:
        if project.excluded:
            say(f"不参加自评：{project.name}——{project.excluded}")


def _standing(result: Result) -> str:
    """Return how far a project's score and grade can be trusted."""
    tags = [row.item.evidence for row in result.indicators]
    scored = least_trusted(tag for tag in tags if tag)
    parts = [scored.label] if scored else []
    if not result.set.grades_evidence.trusted:
        parts.append(f"等级{result.set.grades_evidence.label}")
    return "，".join(parts)


def _open_points(session: Session, find: Finder, card: Scorecard) -> None:
    """Print what cannot be read and what is missing, so that nobody has to guess."""
    lines = []
    for path, result in card.results:
        for place, problem in result.problems:
            lines.append(f"{label(session, find, place or path)}：{problem}")
        for row in result.indicators:
            if row.status is Status.UNFILLED and row.note:
                lines.append(f"{label(session, find, row.path)}：{row.note}")
    if not lines:
        return
    _heading("未能计分或读不出的")
    for line in lines[:SHOWN]:
        say(f"  {line}")
    if len(lines) > SHOWN:
        say(f"  …还有 {len(lines) - SHOWN} 处，用 perfeval check 查看")


NOTHING = "还没有部门整体自评，也没有项目，没有可以计分的内容"
SHOWN = 12
"""So many open points are listed under a score table."""


# --- trace -----------------------------------------------------------------------------------


def find_results(card: Scorecard, what: str) -> list[tuple[IndicatorResult, Result]]:
    """Return the results a code, a name or a path means, of an indicator or a project.

    Raises :class:`PerfevalError` with the nearest known code or name.
    """
    projects = {name: one.path for one in card.projects for name in (one.key, one.name)}
    what = projects.get(what, what)
    found = []
    known = list(projects)
    for prefix, result in card.results:
        for row in result.indicators:
            here = prefix == "department" and what in (row.code, row.name)
            inside = f"{row.path}/".startswith(f"{what}/") or f"{what}/".startswith(f"{row.path}/")
            if here or inside:
                found.append((row, result))
            known += [row.code, row.name] if prefix == "department" else [prefix]
    if not found:
        cure = nearest(what, known) or "用 perfeval score 查看代码"
        raise PerfevalError(f"没有指标或位置“{what}”。{cure}")
    return found


def traces(found: Sequence[tuple[IndicatorResult, Result]]) -> None:
    """Print the 计分过程 of each result."""
    for row, result in found:
        tags = evidence_text(row.item)
        code = "" if row.code == row.item.tier else f"{row.code} "
        say(
            f"{code}{row.name}（{row.item.path}）  {row.status.value}"
            + (f"  {tags}" if tags else "")
        )
        say("  " + trace_text(row, result.set.rounding).replace("\n", "\n  "))
        for note, score in alternative_scores(row, result.set.rounding.score):
            say(f"  另：{note}，得 {score}")


def whatif(session: Session, card: Scorecard) -> None:
    """Print the 测算 of every evaluation."""
    names = _evaluation_names(session)
    if not list(card.results):
        say(NOTHING)
    for path, result in card.results:
        _heading(f"{names.get(path, path)}：{result.summary}")
        for distance in grade_distances(result):
            say(f"  {distance.text}")
        for margin in margins(result):
            whose = "" if margin.subject == margin.name else f"{margin.name}："
            say(f"  {whose}{margin.text}")


def review(session: Session, find: Finder, diffs: Sequence[ReviewDiff]) -> None:
    """Print the self scores beside the reviewed ones, and what the review changed."""
    if not diffs:
        say("还没有复核意见。用 perfeval review 编号 --mark B3 --score 分 --opinion 意见")
    names = _evaluation_names(session)
    for diff in diffs:
        own, reviewed = diff.own, diff.reviewed
        _heading(
            f"{names[diff.path]}：自评 {_total(own)}，复核 {_total(reviewed)}，{diff.net_text}"
        )
        rows = [
            (
                row.code,
                row.name,
                decimal_text(row.points),
                _points(row.own),
                _points(row.reviewed),
                row.mark.verdict + ("（过期）" if row.outdated else ""),
                row.mark.opinion,
            )
            for row in diff.marked
        ]
        table(("代码", "指标", "分值", "自评", "复核", "结论", "意见"), rows, "<<>>><<")
        for path, problem in diff.problems:
            say(f"  {label(session, find, path)}：{problem}")
        say(f"  未复核 {len(diff.unmarked)} 项")


def _total(result: Result) -> str:
    """Print a total with its grade; one that is not complete is only 暂."""
    grade = f" {result.grade}" if result.grade else ""
    return f"{result.total_text}{grade}" if result.complete else f"暂 {result.total_text}"


def _evaluation_names(session: Session) -> dict[str, str]:
    names = {f"projects/{key}": project.name for key, project in session.projects.items()}
    return {"department": "部门整体"} | names


# --- findings --------------------------------------------------------------------------------


def findings(found: Sequence[Finding], unassessed: Sequence[NotAssessed]) -> None:
    """Print the findings, worst first, and what was not checked."""
    levels = Counter(finding.level.value for finding in found)
    counts = "，".join(f"{level} {count}" for level, count in levels.items()) or "没有发现问题"
    _heading(f"审核：{counts}")
    for finding in found:
        say(f"  {finding.level.value} {finding.id} {finding.message}")
        if finding.assumption and finding.assumption not in finding.message:
            say(f"       假定：{finding.assumption}")
        if finding.waiver:
            say(f"       核实说明：{finding.waiver.reason}（{finding.waiver.who}）")
    reasons: dict[str, list[str]] = {}
    for one in unassessed:
        reasons.setdefault(one.reason, []).append(f"{one.id} {one.title}")
    for reason, titles in reasons.items():
        say(f"  未审核（{reason}）：{'、'.join(titles)}")


# --- sets ------------------------------------------------------------------------------------


def scope(indicator_set: IndicatorSet) -> str:
    """Return what a set is for, in words."""
    return "部门整体" if indicator_set.scope == "department" else "项目"


def indicator_set(shown: IndicatorSet) -> None:
    """Print a set: what is measured, how it is scored, how far each part can be trusted."""
    tiers, groups, rows = shown.counted
    say(f"{shown.title}（{shown.id}）")
    say(f"{tiers} 个一级指标、{groups} 个二级指标、{rows} 个三级指标；范围：{scope(shown)}")
    for title, text in (("依据", shown.basis), ("来源", shown.source), ("说明", shown.note)):
        if text:
            say(f"{title}：{text}")
    grades = "，".join(f"{grade.name} ≥{decimal_text(grade.min)}" for grade in shown.grades)
    say(f"等级（{shown.grades_evidence.label}）：{grades}")
    for title, text in _set_wide(shown):
        if text:
            say(f"{title}：{text}")
    lines: list[Row] = []
    for tier in shown.tiers:
        lines.append((tier.name, "", decimal_text(tier.points), "", "", ""))
        for item in tier.all_indicators():
            tags = "、".join(f"{tag.label}" for tag in dict.fromkeys(item.evidence.values()))
            formula = item.formula.text() if item.formula else ""
            name = f"  {item.name}"
            text = f"{formula}；{item.standard_text}" if formula else item.standard_text
            target = "（单位填）" if item.target_required else item.target
            lines.append((name, item.code, decimal_text(item.points), target, tags, text))
        for group in tier.own_groups():
            own = shown.own_of(group)
            tags = "、".join(tag.label for tag in dict.fromkeys(own.evidence.values()))
            for row in own.rows:
                lines.append(
                    (
                        f"  {row.name}",
                        row.code,
                        decimal_text(row.points),
                        row.target,
                        tags,
                        "部门自设",
                    )
                )
            if not own.rows:
                lines.append((f"  {group.name}（自设）", "", "", "", tags, own.standard))
    say("")
    table(("指标", "代码", "分值", "指标值", "依据", "公式和评分标准"), lines, "<<><<<")
    _by_text("备选算法", _alternatives(shown))
    _by_text("计分后的处理", _adjusted(shown))
    for scheme_id, scheme in shown.weight_schemes.items():
        weights = "，".join(
            f"{name} {decimal_text(value)}" for name, value in scheme.points.items()
        )
        say(f"权重方案 {scheme_id}（{scheme.evidence.label}）：{scheme.title}——{weights}")


_SCORED_FROM = {"printed_rate": "按印出的百分率计分", "exact_rate": "按未取整的百分率计分"}


def _set_wide(shown: IndicatorSet) -> Iterable[tuple[str, str]]:
    """Yield what holds for the whole set: inputs, identities, rounding, modifiers, checks."""
    yield f"取值项（{len(shown.inputs)}）", "、".join(map(_input, shown.inputs.items()))
    for identity in shown.identities:
        told = f"{identity.formula.text()}（不符为{identity.level}，{identity.evidence.label}）"
        yield "勾稽关系", told
    places = shown.rounding
    yield (
        "四舍五入",
        f"百分率 {places.rate} 位、得分 {places.score} 位、一级 {places.tier} 位、"
        f"总分 {places.total} 位小数；{_SCORED_FROM[shown.score_from]}",
    )
    for modifier in shown.modifiers:
        yield "不适用", modifier.explain()
    yield (
        "审核参数",
        "，".join(
            f"{name} {'不审核' if one.off else percent_or_number(one.value or Exact(0))}"
            f"（{one.evidence.label}）"
            for name, one in shown.checks.items()
        ),
    )


def _input(named: tuple[str, Input]) -> str:
    name, one = named
    default = "" if one.default is None else f"缺省 {one.default}"
    parts = [one.unit, default, "单位还能左右" if one.controllable else ""]
    told = "，".join(part for part in parts if part)
    return f"{name}（{told}）" if told else name


def _alternatives(shown: IndicatorSet) -> list[tuple[str, str]]:
    named = [(f"{i.code} {i.name}", i.unit, i.alternatives) for i in shown.all_indicators()]
    named += [(group.name, "%", own.alternatives) for group, own in _own_parts(shown)]
    return [
        (name, "；".join(filter(None, (goal, rule, one.note))))
        for name, unit, alternatives in named
        for one in alternatives
        for goal in [f"指标值 {one.target}" if one.target else ""]
        for rule in [one.rule.explain(unit) if one.rule else ""]
    ]


def _adjusted(shown: IndicatorSet) -> list[tuple[str, str]]:
    named = [(f"{i.code} {i.name}", i.modifiers, i.score_from) for i in shown.all_indicators()]
    named += [(group.name, own.modifiers, None) for group, own in _own_parts(shown)]
    found = [(name, one.explain()) for name, modifiers, _ in named for one in modifiers]
    return found + [(name, _SCORED_FROM[source]) for name, _, source in named if source]


def _own_parts(shown: IndicatorSet) -> Iterable[tuple[Group, Own]]:
    groups = (group for tier in shown.tiers for group in tier.own_groups())
    return ((group, shown.own_of(group)) for group in groups)


def _by_text(heading: str, told: Iterable[tuple[str, str]]) -> None:
    """Print each text once, with the names of all it holds for."""
    names: dict[str, list[str]] = {}
    for name, text in told:
        names.setdefault(text, []).append(name)
    if names:
        _heading(heading)
    for text, held in names.items():
        few = "、".join(held) if len(held) < 6 else f"{'、'.join(held[:3])} 等 {len(held)} 项"
        say(f"  {few}：{text}")
