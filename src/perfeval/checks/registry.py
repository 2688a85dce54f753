"""The register of checks, and how their observations become the list people read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from perfeval.checks.model import Finding, Level, NotAssessed, Observation
from perfeval.checks.subject import Subject
from perfeval.indicators import library
from perfeval.scoring.engine import SetFinder
from perfeval.scoring.scorecard import Scorecard
from perfeval.session.model import Session, Waiver

Function = Callable[[Subject], Iterable[Observation]]
Needs = Callable[[Subject], str]

SHOWN_APART = 3
"""So many findings of one kind are shown one by one when each has numbers of its own."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: ``threshold`` is the key it needs in the set's ``checks:``; ``needs`` returns
    what is missing for it to be made, or an empty text.
    """

    id: str
    level: Level
    title: str
    basis: str
    function: Function
    threshold: str = ""
    needs: Needs | None = None


CHECKS: dict[str, Check] = {}
"""Every check by its id, in the order they are made."""

LATER = {
    "L24": "总体目标提到的内容有指标对应",
    "L25": "偏差原因与得分相符、内容切题",
    "L34": "满分与文中未完成的工作相符",
    "L35": "同一数字在表和文字中一致",
    "L36": "决算各表之间的勾稽",
}
"""Checks that need the text of a document; the session alone cannot tell."""


def check(
    id: str,
    level: Level,
    title: str,
    basis: str,
    *,
    threshold: str = "",
    needs: Needs | None = None,
) -> Callable[[Function], Function]:
    """Register a function as a check."""

    def register(function: Function) -> Function:
        assert id not in CHECKS, id
        CHECKS[id] = Check(id, level, title, basis, function, threshold, needs)
        return function

    return register


def run(session: Session, scorecard: Scorecard, find: SetFinder) -> list[Finding]:
    """Make every check; return the findings, worst first, repeats collapsed.

    A finding whose 核实说明 still holds is kept and marked with it. ``scorecard`` is what the
    session is worth now; ``find`` returns a set by its id.
    """
    subject = Subject(session, scorecard, find)
    findings = [
        (observation, _finding(one, observation, subject))
        for one in CHECKS.values()
        for observation in one.function(subject)
    ]
    explained = _explained([finding for _, finding in findings], session.waivers)
    pairs = zip((observation for observation, _ in findings), explained, strict=True)
    shown = list(_collapsed(list(pairs)))
    return sorted(shown, key=lambda finding: (finding.level.rank, finding.waiver is not None))


def _finding(check: Check, seen: Observation, subject: Subject) -> Finding:
    level = seen.level or check.level
    assumption, message = seen.assumption, seen.message
    assumed = subject.session.assumed
    for path in (seen.path, seen.path.removesuffix("/value")):
        if path in assumed and level is not Level.NOTICE:
            # What was only assumed to be there accuses nobody.
            level, assumption = Level.NOTICE, assumption or f"该值为拟定：{assumed[path]}"
    return Finding(
        check.id,
        level,
        seen.path,
        message,
        seen.claimed,
        seen.expected,
        assumption,
        check.title,
        check.basis,
        seen.also,
    )


# --- waivers ---------------------------------------------------------------------------------


def _explained(findings: list[Finding], waivers: tuple[Waiver, ...]) -> Iterator[Finding]:
    """Mark what a 核实说明 explains; one whose numbers have changed is quoted with the finding."""
    if not waivers:
        yield from findings
        return
    valid = {(one.check, one.path, one.claimed, one.expected): one for one in waivers}
    bound = [(one.id, one.path, one.claimed, one.expected) for one in findings]
    used = valid.keys() & set(bound)
    lapsed = {(key[0], key[1]): waiver for key, waiver in valid.items() if key not in used}
    for finding, key in zip(findings, bound, strict=True):
        if waiver := valid.get(key):
            yield replace(finding, waiver=waiver)
        elif old := lapsed.get((finding.id, finding.path)):
            told = f"{finding.message}。原核实说明“{old.reason}”所依据的数已变，请重新说明"
            yield replace(finding, lapsed=old, message=told)
        else:
            yield finding


# --- repeats ---------------------------------------------------------------------------------


def _collapsed(pairs: list[tuple[Observation, Finding]]) -> Iterator[Finding]:
    """Put repeats of one kind into one line, at the place of the first."""
    groups: dict[tuple[object, ...], list[tuple[Observation, Finding]]] = {}
    for index, (seen, finding) in enumerate(pairs):
        apart = not seen.repeat or finding.lapsed is not None
        kind: tuple[object, ...] = (
            (index,)
            if apart
            else (finding.id, finding.level, seen.repeat, finding.waiver is not None)
        )
        groups.setdefault(kind, []).append((seen, finding))
    for group in groups.values():
        numbered = any(finding.expected for _, finding in group)
        if len(group) > (SHOWN_APART if numbered else 1):
            yield _one_line(group, numbered=numbered)
        else:
            yield from (finding for _, finding in group)


def _one_line(group: list[tuple[Observation, Finding]], *, numbered: bool) -> Finding:
    first, finding = group[0]
    names = list(dict.fromkeys(seen.label for seen, _ in group if seen.label))
    listed = "、".join(names[:3]) + (" 等" if len(names) > 3 else "")
    message = f"{first.repeat}：{_counted([seen.path for seen, _ in group])}"
    if numbered:
        message += f"，如 {first.label}：{first.what}"
    elif listed:
        message += f"（{listed}）"
    if first.cure:
        message += f"。{first.cure}"
    members = tuple(member for _, member in group)
    assumptions = dict.fromkeys(member.assumption for member in members)
    assumption = (
        finding.assumption if len(assumptions) == 1 else "；".join(filter(None, assumptions))
    )
    return replace(
        finding,
        message=message,
        claimed="",
        expected="",
        assumption=assumption if len(assumption) <= 200 else finding.assumption,
        also=(),
        members=members,
    )


def _counted(paths: list[str]) -> str:
    projects = [path.split("/")[1] for path in paths if path.startswith("projects/")]
    owners = len(set(projects))
    if len(projects) == len(paths) and owners > 1:
        return f"{owners} 个项目" + (f" {len(paths)} 处" if owners < len(paths) else "")
    if all("/answers/" in path or "/rows/" in path for path in paths):
        return f"{len(paths)} 项指标"
    return f"{len(paths)} 处"


# --- what could not be checked ---------------------------------------------------------------


def not_assessed(
    session: Session, scorecard: Scorecard, find: SetFinder = library.find
) -> list[NotAssessed]:
    """Return the checks that could not be made on this session, and why."""
    subject = Subject(session, scorecard, find)
    missing = [
        NotAssessed(id, title, "需要报告全文，自评数据中没有") for id, title in LATER.items()
    ]
    for one in CHECKS.values():
        if reason := _missing(one, subject):
            missing.append(NotAssessed(one.id, one.title, reason))
    return sorted(missing, key=lambda one: one.id)


def _missing(check: Check, subject: Subject) -> str:
    key = check.threshold
    if key and not any(one.setting(key) for one in subject.evaluated):
        return f"指标体系没有规定“{key}”"
    return check.needs(subject) if check.needs else ""
