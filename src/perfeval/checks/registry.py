"""The register of checks, and how their observations become the list people read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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

    Its function is asked about one evaluation at a time, with what is printed and 拟定 of it; a
    ``whole`` one about the session, because it compares evaluations. ``beside`` looks at what
    stands beside the evaluations: 表外数字, and what is printed of nothing that was scored.
    """

    id: str
    level: Level
    title: str
    basis: str
    function: Function
    threshold: str = ""
    needs: Needs | None = None
    whole: bool = False
    beside: Function | None = None


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
    whole: bool = False,
) -> Callable[[Function], Function]:
    """Register a function as a check."""

    def register(function: Function) -> Function:
        assert id not in CHECKS, id
        CHECKS[id] = Check(id, level, title, basis, function, threshold, needs, whole)
        return function

    return register


def beside(id: str) -> Callable[[Function], Function]:
    """Register what a check says of the session beside its evaluations."""

    def register(function: Function) -> Function:
        CHECKS[id] = replace(CHECKS[id], beside=function)
        return function

    return register


Seen = tuple[Observation, Finding]
"""What a check saw, and the finding made of it."""
Kinds = dict[tuple[object, ...], list[Seen]]
"""What was seen, repeats of one kind together."""


def observed(
    check: Check, function: Function, subject: Subject, waivers: Sequence[Waiver]
) -> Kinds:
    """Return what a function of a check says of a subject, with the 核实说明 that speak of it."""
    assumed = subject.session.assumed
    seen = list(function(subject))
    if not seen:
        return {}
    findings = [_finding(check, one, assumed) for one in seen]
    found: Kinds = {}
    for index, (one, finding) in enumerate(zip(seen, _explained(findings, waivers), strict=True)):
        apart = not one.repeat or finding.lapsed is not None
        alone, alike = (finding.path, index), (finding.level, one.repeat, bool(finding.waiver))
        found.setdefault((check.id, *(alone if apart else alike)), []).append((one, finding))
    return found


def collapsed(parts: Iterable[Kinds]) -> list[Finding]:
    """Return what one check saw as people read it: repeats of one kind in one line."""
    kinds: Kinds = {}
    for part in parts:
        for kind, seen in part.items():
            kinds.setdefault(kind, []).extend(seen)
    return [finding for seen in kinds.values() for finding in _collapsed(seen)]


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return the list people read: 错误, 警告, 提示; what is explained after what is not."""
    return sorted(findings, key=lambda one: (one.level.rank, one.waiver is not None))


def _finding(check: Check, seen: Observation, assumed: Mapping[str, str]) -> Finding:
    level = seen.level or check.level
    assumption, message = seen.assumption, seen.message
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


def _explained(findings: list[Finding], waivers: Sequence[Waiver]) -> Iterator[Finding]:
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


def _collapsed(seen: list[Seen]) -> list[Finding]:
    """Put what is of one kind into one line, except for a few with numbers of their own."""
    numbered = any(finding.expected for _, finding in seen)
    if len(seen) > (SHOWN_APART if numbered else 1):
        return [_one_line(seen, numbered=numbered)]
    return [finding for _, finding in seen]


def _one_line(group: list[Seen], *, numbered: bool) -> Finding:
    first, finding = group[0]
    names = list(dict.fromkeys([seen.label for seen, _ in group if seen.label]))
    listed = "、".join(names[:3]) + (" 等" if len(names) > 3 else "")
    message = f"{first.repeat}：{_counted([seen.path for seen, _ in group])}"
    if numbered:
        message += f"，如 {first.label}：{first.what}"
    elif listed:
        message += f"（{listed}）"
    if first.cure:
        message += f"。{first.cure}"
    members = tuple([member for _, member in group])
    assumptions = dict.fromkeys([member.assumption for member in members])
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
