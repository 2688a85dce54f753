"""``perfeval report``: all that the workbench shows, as plain text for screen readers and logs.

:func:`reported` makes plain data of a session and its results (what ``--json`` prints, numbers as
decimal texts); :func:`lines` reads it out: one fact a line, named first, no columns, no boxes,
no colour, wrapped at no width.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from perfeval.cli import data
from perfeval.cli.show import find_results
from perfeval.errors import printable
from perfeval.numbers import decimal_text, dimension
from perfeval.scoring.scorecard import (
    IndicatorResult,
    ProjectResult,
    Result,
    Scorecard,
    TierResult,
    quantity_text,
    rate_text,
)
from perfeval.scoring.trace import alternative_scores, evidence_text
from perfeval.scoring.whatif import grade_distances
from perfeval.session.change import under
from perfeval.session.labels import Finder, label
from perfeval.session.model import Evaluation, OwnIndicator, Project, Session

if TYPE_CHECKING:
    from perfeval.checks import Finding

Json = dict[str, Any]


# --- the data --------------------------------------------------------------------------------


def reported(
    session: Session, find: Finder, card: Scorecard, findings: Sequence[Finding], what: str = ""
) -> Json:
    """Return the report of a session; with ``what`` (code, name or path) of that part alone.

    A finding stands with every indicator it speaks of (one by one where the list of 审核 collapses
    them), else with its evaluation, else under ``findings``. Raises :class:`PerfevalError` for a
    part that is not there.
    """
    wanted = {row.path for row, _ in find_results(card, what)} if what else None
    single = [member for one in findings for member in (one.members or (one,))]
    evaluations, told = [], set()
    for path, result in card.results:
        rows = [row for row in result.indicators if wanted is None or row.path in wanted]
        if not rows:
            continue
        on = {row.path: _on(_places(path, row), single) for row in rows}
        if len(rows) == len(list(result.indicators)):  # the whole of it: what else is said of it
            placed = {id(one) for ones in on.values() for one in ones}
            on[path] = [one for one in _on([path], single) if id(one) not in placed]
        told |= {id(one) for ones in on.values() for one in ones}
        evaluations.append(_evaluation(session, find, path, result, on))
    rest = [
        _finding(session, find, one)
        for one in findings
        if any(id(member) not in told for member in (one.members or (one,)))
    ]
    return {
        "session": session.id,
        "unit": session.unit.name,
        "year": session.year,
        "stage": session.stage,
        "money_unit": session.money_unit,
        "evaluations": evaluations,
        "summary": [] if what else [_summary_row(session, one) for one in card.projects],
        "findings": [] if what else rest,
    }


def _evaluation(
    session: Session, find: Finder, path: str, result: Result, on: dict[str, list[Finding]]
) -> Json:
    rounding = result.set.rounding
    whole = path in on
    evaluation = _of(session, path)
    return {
        "path": path,
        "name": label(session, find, path),
        "set": result.set.title,
        "result": result.summary,
        "claimed": session.claimed.get(under(path, "total"))
        or session.claimed.get(under(path, "score")),
        "grades": [one.text for one in grade_distances(result)] if whole else [],
        "goal": getattr(evaluation, "goal", "") or None,
        "goal_done": getattr(evaluation, "goal_done", "") or None,
        "deviation_reason": getattr(evaluation, "deviation_reason", "") or None,
        "tiers": [
            {
                "name": tier.name,
                "points": decimal_text(tier.points),
                "score": None if tier.score is None else decimal_text(tier.score, rounding.tier),
                "rate": rate_text(tier.printed_rate, places=rounding.rate) or None,
                "claimed": session.claimed.get(under(path, "tiers", tier.name, "score")),
                "indicators": [
                    _indicator(session, find, row, result, on[row.path])
                    for row in tier.indicators
                    if row.path in on
                ],
            }
            for tier in result.tiers
            if _has(tier, on)
        ],
        "problems": [
            {"place": label(session, find, place or path), "message": message}
            for place, message in (result.problems if whole else ())
        ],
        "findings": [_finding(session, find, one) for one in on.get(path, ())],
    }


def _has(tier: TierResult, on: dict[str, list[Finding]]) -> bool:
    rows = list(tier.indicators)
    return not rows or any(row.path in on for row in rows)


def _of(session: Session, path: str) -> Evaluation | None:
    if path == "department":
        return session.department
    return session.projects.get(path.removeprefix("projects/"))


def _indicator(
    session: Session, find: Finder, row: IndicatorResult, result: Result, on: Iterable[Finding]
) -> Json:
    """Return one indicator: what ``explain --json`` gives, and what else the workbench shows."""
    item, answer = row.item, row.item.answer
    mark = session.marks.get(row.path)
    texts = {
        "manual_reason": answer.manual_reason if answer else "",
        "not_applicable": answer.not_applicable if answer else "",
        "deviation_reason": answer.deviation_reason if answer else "",
        "basis": answer.basis if answer else "",
        "owner": answer.owner if answer else "",
    }
    return data.indicator(row, result, session) | {
        "label": label(session, find, row.path),
        "trust": evidence_text(item) or None,
        "reading": item.target.reading if item.target and item.target.raw else None,
        "inputs": list(_inputs(session, row, result)),
        "elements": [
            {"name": name, "met": item.given.elements.get(name)}
            for name in item.rule.element_names()
        ],
        "alternatives": [
            {"note": note, "score": score}
            for note, score in alternative_scores(row, result.set.rounding.score)
        ],
        "findings": [_finding(session, find, one) for one in on],
        **{name: text or None for name, text in texts.items()},
        "files": [
            {"number": one.number, "name": one.name, "page": one.page or None}
            for one in session.evidence.values()
            if row.path in one.paths
        ],
        "mark": mark.model_dump(include={"verdict", "score", "opinion", "who"}) if mark else None,
    }


def _names(row: IndicatorResult) -> list[str]:
    """Return the figures the formula and the rule of an indicator read, each once."""
    formulas = [*([row.item.formula] if row.item.formula else []), *row.item.rule.formulas()]
    return list(dict.fromkeys(name for formula in formulas for name in formula.names))


def _inputs(session: Session, row: IndicatorResult, result: Result) -> Iterator[Json]:
    """Yield the figures an indicator is made of, as they were typed, with where they are from."""
    evaluation = _of(session, row.path.partition("/answers/")[0].partition("/rows/")[0])
    for name in _names(row):
        typed = evaluation.inputs.get(name) if evaluation else None
        defined = result.set.inputs.get(name)
        unit = defined.unit if defined else ""
        unit = session.money_unit if dimension(unit) == "money" else unit
        value = result.values.get(name)
        source = typed.source if typed else ""
        if value is not None and not (typed and typed.value):
            source = "缺省值" if defined and defined.default is not None else "项目资金"
        yield {
            "name": name,
            "typed": (typed.value or None) if typed else None,
            "value": None if value is None else quantity_text(value, unit),
            "source": source or None,
            "date": (typed.date or None) if typed else None,
            "note": (typed.note or None) if typed else None,
        }
    if isinstance(answer := row.item.answer, OwnIndicator):
        for name, text in (("分子", answer.numerator), ("分母", answer.denominator)):
            if text:
                yield {"name": name, "typed": text, "value": text}


def _places(path: str, row: IndicatorResult) -> list[str]:
    """Return the paths whose findings belong to an indicator: its own, and of what it is made."""
    return [row.path, *(under(path, "inputs", name) for name in _names(row))]


def _on(places: list[str], findings: Sequence[Finding]) -> list[Finding]:
    return [
        one
        for one in findings
        if any(f"{path}/".startswith(f"{place}/") for path in one.paths for place in places)
    ]


def _finding(session: Session, find: Finder, one: Finding) -> Json:
    return one.as_dict() | {
        "place": label(session, find, one.path),
        "waiver": one.waiver.reason if one.waiver else None,
    }


def _summary_row(session: Session, project: ProjectResult) -> Json:
    """Return a project's line of the 自评汇总表."""
    result = project.result
    told: Project | None = session.projects.get(project.key)
    return {
        "path": project.path,
        "name": project.name,
        "excluded": project.excluded or None,
        "owner": (told.owner or None) if told else None,
        "budget": _money(project.budget),
        "executed": _money(project.executed),
        "rates": {name: rate_text(rate) or None for name, rate in project.rates.items()},
        "result": result.summary if result else None,
        "claimed": session.claimed.get(under(project.path, "score")),
    }


def _money(figure: Any) -> str | None:
    return None if figure is None or figure.value is None else decimal_text(figure.value)


# --- read out --------------------------------------------------------------------------------


def lines(report: Json) -> Iterator[str]:
    """Yield the report line by line; every name and text in it is made safe to show."""
    for line in _session(report):
        yield printable(line)


def _session(report: Json) -> Iterator[str]:
    yield f"{report['unit']}，{report['year']} 年度，预算绩效自评"
    yield f"阶段：{report['stage']}"
    for one in report["evaluations"]:
        yield ""
        yield from _read_evaluation(one)
    if report["summary"]:
        yield ""
        yield f"项目支出自评汇总，金额单位：{report['money_unit']}"
        for number, project in enumerate(report["summary"], 1):
            yield from _read_summary(number, project)
    if report["findings"]:
        yield ""
        yield f"其他审核结果：{len(report['findings'])} 条"
        for finding in report["findings"]:
            yield from _read_finding(finding)


def _read_evaluation(one: Json) -> Iterator[str]:
    yield f"{one['name']}：{one['result']}"
    yield f"指标体系：{one['set']}"
    yield from _said(("填报数", one["claimed"]), ("年度总体目标", one["goal"]))
    yield from _said(("年度总体目标完成情况", one["goal_done"]))
    yield from _said(("偏差原因", one["deviation_reason"]))
    for text in one["grades"]:
        yield f"距等级：{text}"
    for problem in one["problems"]:
        yield f"没有读出：{problem['place']}，{problem['message']}"
    for finding in one["findings"]:
        yield from _read_finding(finding)
    for tier in one["tiers"]:
        yield ""
        parts = [f"分值 {tier['points']}", f"得分 {tier['score'] or '未填'}"]
        parts += [f"得分率 {tier['rate']}"] if tier["rate"] else []
        parts += [f"填报数 {tier['claimed']}"] if tier["claimed"] else []
        yield f"一级指标 {tier['name']}：{'，'.join(parts)}"
        for row in tier["indicators"]:
            yield from _read_indicator(row)


def _read_indicator(row: Json) -> Iterator[str]:
    code = "" if row["code"] == row["tier"] else f"{row['code']} "
    score = f"得分 {row['score']}，" if row["score"] is not None else ""
    yield f"指标 {code}{row['name']}：分值 {row['points']}，{score}{row['status']}"
    if row["automatic"] not in (None, row["score"]):
        yield f"自动得分：{row['automatic']}"
    for one in row["inputs"]:
        yield _read_input(one)
    for one in row["elements"]:
        yield f"要素：{one['name']}，{_MET[one['met']]}"
    goal = row["target"] and f"{row['target']}，读作 {row['reading']}"
    yield from _said(("年度指标值", goal), ("实际完成值", row["actual"]))
    yield from _said(("填报数", row["claimed"]), ("可信程度", row["trust"]))
    for number, step in enumerate(row["trace"], 1):
        yield f"计分过程 {number}：{step['step']}，{step['text']}"
    for other in row["alternatives"]:
        yield f"另一种算法：{other['note']}，得 {other['score']}"
    for finding in row["findings"]:
        yield from _read_finding(finding)
    yield from _said(*((word, row[name]) for name, word in _TEXTS.items()))
    if row["files"]:
        names = "、".join(_file(one) for one in row["files"])
        yield f"佐证材料：{len(row['files'])} 份，{names}"
    if mark := row["mark"]:
        opinion = f"，{mark['opinion']}" if mark["opinion"] else ""
        yield f"复核：{mark['verdict']}，复核得分 {mark['score'] or '未填'}{opinion}"


_MET = {True: "是", False: "否", None: "未填"}
_TEXTS = {
    "manual_reason": "人工赋分依据",
    "not_applicable": "不适用的原因",
    "deviation_reason": "偏差原因",
    "basis": "依据",
    "owner": "责任科室",
}


def _read_input(one: Json) -> str:
    """Read out a figure, what was typed where it cannot be read, and where it is from."""
    parts = [one["value"] or (one["typed"] and f"{one['typed']}，读不出") or "未填"]
    sources = [one.get("source"), one.get("date"), one.get("note")]
    parts += [f"{word} {text}" for word, text in zip(_SOURCES, sources, strict=True) if text]
    return f"取值 {one['name']}：{'，'.join(parts)}"


_SOURCES = ("来源", "取数日期", "说明")


def _file(one: Json) -> str:
    page = f"（{one['page']}）" if one["page"] else ""
    return f"{one['number']} {one['name']}{page}".strip()


def _read_finding(one: Json) -> Iterator[str]:
    yield f"审核 {one['level']} {one['id']}：{one['message']}"
    yield from _said(("假定", one["assumption"]), ("核实说明", one["waiver"]))


def _read_summary(number: int, project: Json) -> Iterator[str]:
    if project["excluded"]:
        yield f"项目 {number} {project['name']}：不参加自评，{project['excluded']}"
        return
    money = f"全年预算数 {project['budget'] or '未填'}，全年执行数 {project['executed'] or '未填'}"
    rates = "".join(f"，{name} {rate or '未填'}" for name, rate in project["rates"].items())
    claimed = f"，填报数 {project['claimed']}" if project["claimed"] else ""
    yield f"项目 {number} {project['name']}：{project['result']}，{money}{rates}{claimed}"


def _said(*told: tuple[str, str | None]) -> Iterator[str]:
    """Yield a line for each text that is there."""
    return (f"{name}：{text}" for name, text in told if text)
