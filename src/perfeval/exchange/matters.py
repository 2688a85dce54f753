"""What 整改台账 lists: every problem to put right, and what the unit says it does about it.

A problem has a key that stays when its numbers change: the path it is about and what found it (a
check, 扣分, 复核). What was recorded under a key stays in the list when nothing finds the problem
any more: that is how a matter put right is told from one that never was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from perfeval.checks import Level
from perfeval.exchange import deductions
from perfeval.exchange.book import FORM, Material
from perfeval.exchange.review_sheet import answered
from perfeval.numbers import decimal_text
from perfeval.scoring.deductions import lacks_points
from perfeval.session.change import split, under
from perfeval.session.labels import label
from perfeval.session.model import Remedy, Session

STATES = ("未整改", "整改中", "已整改", "无需整改")


@dataclass(frozen=True, slots=True)
class Matter:
    """A problem of 整改台账: where it was found, what it is, and what is done about it."""

    key: str
    source: str
    place: str
    problem: str
    measure: str = ""
    owner: str = ""
    due: str = ""
    state: str = ""
    note: str = ""


def matters(material: Material) -> list[Matter]:
    """Return the matters found now and those recorded before, with what is recorded of each.

    First what the checks find above 提示, then lost points, then what review did not accept. The
    findings of one check about one place are one matter.
    """
    found: dict[str, Matter] = {}
    for one in _found(material):
        known = found.get(one.key)
        problem = f"{known.problem}\n{one.problem}" if known else one.problem
        found[one.key] = replace(known or one, problem=problem)
    recorded = material.session.remedies
    for key, remedy in recorded.items():
        found.setdefault(key, Matter(key, remedy.source, remedy.place, remedy.problem))
    return [_with(one, recorded.get(one.key)) for one in found.values()]


def _with(matter: Matter, remedy: Remedy | None) -> Matter:
    """Return a matter with what is recorded of it; its source and problem are as found now."""
    if remedy is None:
        return matter
    told = {name: getattr(remedy, name) for name in ("measure", "owner", "due", "state", "note")}
    return replace(matter, **{name: text for name, text in told.items() if text})


def _found(material: Material) -> Iterator[Matter]:
    session, find = material.session, material.find
    for finding in material.findings:
        if finding.level is not Level.NOTICE:
            path = finding.path
            key = under(path, finding.id) if path else finding.id
            place = label(session, find, path) if path else ""
            note = f"核实说明：{finding.waiver.reason}" if finding.waiver else ""
            owner = owner_of(session, path)
            yield Matter(key, "审核", place, finding.message, owner=owner, note=note)
    for prefix, result in material.card.results:
        name = FORM[:4] if prefix == "department" else session.projects[split(prefix)[1]].name
        for row in result.indicators:
            if row.score is not None and lacks_points(row):
                told = f"扣 {decimal_text(row.points - row.score)} 分：{deductions.why(row)}"
                key, place = under(row.path, "扣分"), f"{name} · {row.name}"
                yield Matter(key, "扣分", place, told, owner=owner_of(session, row.path))
    for path, mark in session.marks.items():
        if mark.verdict in ("退回修改", "核减"):
            told = f"{mark.verdict}：{mark.opinion}" if mark.opinion else mark.verdict
            answer = answered(session.feedback.get(path))
            note = f"反馈意见：{answer}" if answer else ""
            owner, place = owner_of(session, path), label(session, find, path)
            yield Matter(under(path, "复核"), "复核", place, told, owner=owner, note=note)


def owner_of(session: Session, path: str) -> str:
    """Return the 责任科室 of what is at ``path``: the row's, else the project's; "" if none is."""
    first, *rest = path.split("/")
    project = session.projects.get(rest[0]) if first == "projects" and rest else None
    evaluation = project if project is not None else session.department
    below = rest[1:] if project is not None else rest
    own = ""
    if evaluation is not None and len(below) > 1:
        kept = evaluation.answers if below[0] == "answers" else evaluation.rows
        answer = kept.get(below[1]) if below[0] in ("answers", "rows") else None
        own = answer.owner if answer is not None else ""
    return own or (project.owner if project is not None else "")
