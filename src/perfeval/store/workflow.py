"""上报, 退回, 复核: the acts that move a session on, each one group of changes through the door.

上报 runs the checks, refuses on errors that nobody has explained, and seals the self part. Marks
never touch self values; what a mark was given on is remembered, so a later change shows it 过期.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from perfeval.checks import Finding, Level
from perfeval.errors import Findings, PerfevalError, UnreadableInput
from perfeval.indicators.library import Difference, diff
from perfeval.indicators.model import IndicatorSet
from perfeval.scoring.engine import score_session
from perfeval.scoring.review import new_mark, outdated_marks
from perfeval.scoring.scorecard import IndicatorResult, Scorecard
from perfeval.session.change import Change, ChangeKind, Plain, apply, join, read
from perfeval.session.model import Feedback, ReviewMark, Session, Stage, Submission, Waiver
from perfeval.session.pins import Pin, pin, pinning, used_sets
from perfeval.session.seal import seal
from perfeval.session.stages import require_move
from perfeval.store.evidence import evidence_folder, evidence_problems
from perfeval.store.workspace import Finder, Workspace

MISSING_ONLY_NOW = frozenset({"L08"})
"""Checks that matter only when the form is handed in (a reason for lost points)."""


class NotReady(Findings):
    """上报 is refused; ``findings`` are what stands in the way."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        lines = [f"  {one.level.value} {one.id} {one.message}" for one in findings]
        told = f"还不能上报：有 {len(findings)} 处未改正也未说明"
        super().__init__("\n".join([told, *lines]))


def submit(workspace: Workspace, *, who: str, why: str = "") -> Submission:
    """上报: check, seal, and move on. Raises :class:`NotReady` with what stands in the way, and
    :class:`PerfevalError` where nothing is filled in or somebody changes something meanwhile.
    """
    workspace.refresh()
    session = workspace.session
    require_move(session, "已上报")
    if not any(result.filled for _, result in workspace.scorecard.results):
        told = "没有可上报的内容：部门整体和项目都还没有填写"
        raise PerfevalError(f"{told}。请填写后再上报")
    if hindering := blockers(all_findings(workspace)):
        raise NotReady(hindering)
    submission = Submission(
        number=len(session.submissions) + 1,
        seal=seal(session),
        head=workspace.head,
        who=who,
        when=_now(),
    )
    earlier = read(session, "submissions")
    made = [*earlier, submission.model_dump(mode="json")]

    def choose() -> list[Change]:
        if workspace.head != submission.head:  # what was checked and sealed is not what stands
            raise PerfevalError("审核的时候别人又改了内容，没有上报。请核对后再上报一次")
        moved = _stage(session, "已上报")
        return _group("stage", who, why, ("submissions", earlier, made), moved)

    workspace.act(choose)
    return submission


def all_findings(workspace: Workspace) -> list[Finding]:
    """Return what the checks find in a saved session, its evidence files included."""
    folder = evidence_folder(workspace.store)
    return workspace.findings + evidence_findings(workspace.session, folder)


def evidence_findings(session: Session, folder: Path) -> list[Finding]:
    """Return what is wrong with the evidence files as findings (L39), explained ones marked."""
    levels = {"错误": Level.ERROR, "警告": Level.WARNING}
    waived = {(one.check, one.path, one.claimed): one for one in session.waivers}
    return [
        Finding(
            id="L39",
            level=levels[one.severity],
            path=one.place,
            message=f"{one.message}。{one.cure}",
            claimed=one.message,
            title="佐证材料",
            waiver=waived.get(("L39", one.place, one.message)),
        )
        for one in evidence_problems(session, folder)
    ]


def blockers(findings: Iterable[Finding]) -> list[Finding]:
    """Return what stands in the way of 上报: errors and missing reasons nobody has explained."""
    return [
        one
        for one in findings
        if one.waiver is None and (one.level is Level.ERROR or one.id in MISSING_ONLY_NOW)
    ]


def move(workspace: Workspace, to: Stage, *, who: str, why: str = "") -> None:
    """Move to another stage than 已上报 (internal stages, 复核中, 退回修改, 已复核).

    Raises :class:`PerfevalError` for a move there is not, 退回修改 without a reason, and 已上报,
    which only :func:`submit` reaches.
    """
    if to == "已上报":
        raise PerfevalError("上报要先审核再锁定，不能只改阶段。请用“上报”")
    if to == "退回修改" and not why.strip():
        raise PerfevalError("退回修改要写明理由")

    def choose() -> list[Change]:
        require_move(workspace.session, to)
        return _group("stage", who, why, _stage(workspace.session, to))

    workspace.act(choose)


def _stage(session: Session, to: Stage) -> tuple[str, Plain, Plain]:
    return "stage", session.stage, to


# --- marks -----------------------------------------------------------------------------------


def mark(
    workspace: Workspace,
    path: str,
    *,
    who: str,
    score: str = "",
    opinion: str = "",
    returned: bool = False,
) -> ReviewMark:
    """Put a reviewer's score and opinion on an indicator; without a score it is accepted.

    The verdict follows from the scores (核增, 核减, 认可) unless the indicator is returned. The
    unit's answer to an earlier mark there goes.
    Raises :class:`PerfevalError` for a path that is no indicator, a score outside its points,
    and a changed score without an opinion.
    """
    workspace.refresh()
    session = workspace.session
    row = _indicator(workspace.scorecard, path)
    made = new_mark(
        row,
        who=who,
        score=score,
        opinion=opinion,
        returned=returned,
        when=_now(),
        number=max(len(session.submissions), 1),
    )
    workspace.apply(*_group("review", who, "", *_marking(session, row.path, made)))
    return made


def accept(workspace: Workspace, paths: Iterable[str], *, who: str) -> int:
    """认可 the indicators at ``paths``, all of them as one act; return how many.

    What they are worth by themselves is accepted; what is 未填 is left out. Raises
    :class:`PerfevalError` for a path that is no indicator.
    """
    workspace.refresh()
    session, card = workspace.session, workspace.scorecard
    known = {row.path: row for _, result in card.results for row in result.indicators}
    edits: list[tuple[str, Plain, Plain]] = []
    number, when = max(len(session.submissions), 1), _now()
    rows = [known[one] if one in known else _indicator(card, one) for one in paths]
    scored = [row for row in rows if row.score is not None]
    for row in scored:
        made = new_mark(row, who=who, when=when, number=number)
        edits += _marking(session, row.path, made)
    if edits:
        workspace.apply(*_group("review", who, "", *edits))
    return len(scored)


def _marking(session: Session, path: str, made: ReviewMark) -> Iterator[tuple[str, Plain, Plain]]:
    """Yield the edits that put a mark on an indicator; the answer to the one before goes."""
    place, answered = join("marks", path), join("feedback", path)
    yield place, read(session, place), made.model_dump(mode="json")
    if (feedback := read(session, answered)) is not None:
        yield answered, feedback, None


def _indicator(card: Scorecard, path: str) -> IndicatorResult:
    """Return the indicator a path or a department's code means.

    Raises :class:`PerfevalError` for any other; what has indicators of its own tells them.
    """
    for prefix, result in card.results:
        for row in result.indicators:
            inside = f"{path}/".startswith(f"{row.path}/")
            if inside or (prefix == "department" and path == row.code):
                return row
        if path == prefix:
            told = "\n".join(f"  {row.path}  {row.name}" for row in result.indicators)
            raise PerfevalError(f"“{path}”有好几项指标，请指明是哪一项：\n{told}")
    raise PerfevalError(f"“{path}”不是一项指标。请核对代码", act="list indicators")


def place_named(card: Scorecard, named: str) -> str:
    """Return the path of what is named: an indicator by its code, else the path itself.

    Raises :class:`PerfevalError` for an indicator that does not exist.
    """
    if "/" not in named or "/answers/" in named or "/rows/" in named:
        return _indicator(card, named).path
    return named


def answer_mark(
    workspace: Workspace, path: str, *, accepted: bool, reason: str = "", who: str
) -> None:
    """Record the unit's 反馈意见 on a mark; 不采纳 needs a reason."""
    workspace.refresh()
    row = _indicator(workspace.scorecard, path)
    if row.path not in workspace.session.marks:
        raise PerfevalError(f"{row.name}还没有复核意见")
    if not accepted and not reason.strip():
        raise PerfevalError("不采纳要写明理由")
    made = Feedback(accepted=accepted, reason=reason, who=who)
    _set(workspace, join("feedback", row.path), made.model_dump(mode="json"), who, "review")


def open_points(session: Session, card: Scorecard) -> list[str]:
    """Return the paths 退回修改 is about: marks that do not accept, and those 过期."""
    stale = set(outdated_marks(session, card))
    return [path for path, one in session.marks.items() if one.verdict != "认可" or path in stale]


# --- 核实说明 --------------------------------------------------------------------------------


def explain(workspace: Workspace, finding: Finding, reason: str, *, who: str) -> None:
    """Add a 核实说明 to a finding; it lapses when one of the finding's numbers changes.

    A line that stands for several findings explains each of them, in one change. An explanation
    given before for the same numbers, and one that has lapsed, is replaced.
    """
    if not reason.strip():
        raise PerfevalError("核实说明不能为空")
    explained = finding.members or (finding,)
    made = [
        Waiver(
            check=one.id,
            path=one.path,
            claimed=one.claimed,
            expected=one.expected,
            reason=reason,
            who=who,
        )
        for one in explained
    ]
    bound = {_bound(one) for one in [*made, *(one.lapsed for one in explained if one.lapsed)]}

    def choose() -> list[Change]:  # others may be explaining theirs at this moment
        kept = [one for one in workspace.session.waivers if _bound(one) not in bound]
        new = [one.model_dump(mode="json") for one in [*kept, *made]]
        old = read(workspace.session, "waivers")
        return [Change(kind="waive", path="waivers", old=old, new=new, who=who)]

    workspace.act(choose)


def _bound(waiver: Waiver) -> tuple[str, str, str, str]:
    return waiver.check, waiver.path, waiver.claimed, waiver.expected


# --- pinned sets -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What pinning today's set would change: the set's differences, the totals before and after."""

    set_id: str
    differences: list[Difference]
    before: str
    after: str


def upgrades(workspace: Workspace, find: Finder) -> list[Upgrade]:
    """Return what would change if the session were pinned to the sets ``find`` has today."""
    session = workspace.session
    found = []
    for set_id in used_sets(session):
        old, new = workspace.find(set_id), _todays(workspace, find, set_id)
        if differences := diff(old, new):
            mixed = _preferring(workspace.find, new)
            before, after = (_totals(session, use) for use in (workspace.find, mixed))
            found.append(Upgrade(set_id, differences, before, after))
    return found


def upgrade(workspace: Workspace, find: Finder, *, who: str) -> None:
    """Pin the sets ``find`` has today; the change is recorded and can be undone."""
    session = workspace.session
    pins = [pin(_todays(workspace, find, set_id)) for set_id in used_sets(session)]
    changed = [one for one in pins if session.pinned.get(one.set_id) != one.hash]
    if changed:
        workspace.keep(changed)
        edits = [(join("pinned", p.set_id), session.pinned.get(p.set_id), p.hash) for p in changed]
        workspace.apply(*_group("edit", who, "更新指标体系", *edits))


def _todays(workspace: Workspace, find: Finder, set_id: str) -> IndicatorSet:
    """Return a set as ``find`` has it today; as pinned where it came with a package or report."""
    try:
        return find(set_id)
    except UnreadableInput:
        raise
    except PerfevalError:
        return workspace.find(set_id)


def apply_with_sets(workspace: Workspace, changes: Iterable[Change], find: Finder) -> Scorecard:
    """Make changes as one act, pinning the sets of what they bring in (a project, a department).

    Raises as :meth:`.Workspace.apply` does, and :class:`PerfevalError` for a set that ``find`` has
    not; then nothing has changed.
    """
    session = workspace.session
    made: list[Change] = []
    pins: list[Pin] = []
    for change in changes:
        needed, found = pinning(session, change, find)
        for one in needed:
            session = apply(session, one)
        made += needed
        pins += found
    if pins:  # what the changes bring in can only be scored once it is kept
        workspace.keep(pins)
    return workspace.apply(*made)


def _preferring(find: Finder, new: IndicatorSet) -> Finder:
    return lambda set_id: new if set_id == new.id else find(set_id)


def _totals(session: Session, find: Finder) -> str:
    card = score_session(session, find)
    parts = [card.department.summary] if card.department else []
    parts += [f"{one.name} {one.result.total_text}" for one in card.projects if one.result]
    return "；".join(parts)


# --- inside ----------------------------------------------------------------------------------


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _set(workspace: Workspace, path: str, new: Plain, who: str, kind: ChangeKind) -> None:
    old = read(workspace.session, path)
    workspace.apply(Change(kind=kind, path=path, old=old, new=new, who=who))


def _group(kind: ChangeKind, who: str, why: str, *edits: tuple[str, Plain, Plain]) -> list[Change]:
    group = uuid4().hex
    return [
        Change(kind=kind, group=group, path=path, old=old, new=new, who=who, why=why)
        for path, old, new in edits
    ]
