"""分发与收回: each 责任科室 gets a package, fills in its part, and only that part is taken back.

The rule of who may change what, on purpose a simple one:

- a project belongs to its owner, with everything in it;
- an indicator or a row of the unit's own belongs to its owner (one inside a project also);
- a figure of 基础数据 belongs to an owner when every indicator that uses it is theirs; what feeds
  indicators of several, or of nobody, stays with the office that sends out;
- what is said *about* those (填报数, 拟定值) and the evidence attached to them goes with them;
- that a thing is there, whose it is, and a project's indicator set stay with the office.

The part is decided by the session as it was sent, not by what a returned file says of itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from perfeval.errors import PerfevalError, nearest
from perfeval.indicators.model import IndicatorSet
from perfeval.session.change import Change, edit, join, read, split, under
from perfeval.session.journal import Record, replay
from perfeval.session.merge import Clash, Merge, difference, overlap
from perfeval.session.model import Evaluation, Sent, Session

Finder = Callable[[str], IndicatorSet]


# --- who may change what ---------------------------------------------------------------------


def owners(session: Session) -> tuple[str, ...]:
    """Return every 责任科室 named in the session, the department's first."""
    return tuple(dict.fromkeys(owner for _, owner in _owned(session)))


def part_for(session: Session, owner: str, find: Finder) -> tuple[str, ...]:
    """Return the paths an owner may change, each with everything below it; empty for a stranger.

    Raises what ``find`` raises where an indicator set is missing.
    """
    whole = [path for path, one in _owned(session) if one == owner]
    figures = [
        under(path, "inputs", name)
        for path, evaluation in _evaluations(session)
        if not _lies_in(path, whole)
        for name in _figures(evaluation, owner, find(evaluation.set))
    ]
    return tuple(path for path in [*figures, *whole] if not _lies_in(path, set(whole) - {path}))


def _evaluations(session: Session) -> Iterator[tuple[str, Evaluation]]:
    if session.department:
        yield "department", session.department
    for key, project in session.ordered_projects():
        yield join("projects", key), project


def _owned(session: Session) -> Iterator[tuple[str, str]]:
    """Yield (path, owner) of everything that names one."""
    for path, evaluation in _evaluations(session):
        if owner := getattr(evaluation, "owner", ""):
            yield path, owner
        for kind, things in (("answers", evaluation.answers), ("rows", evaluation.rows)):
            for key, thing in things.items():
                if thing.owner:
                    yield under(path, kind, key), thing.owner


def _figures(evaluation: Evaluation, owner: str, indicator_set: IndicatorSet) -> list[str]:
    """Return the inputs that feed indicators of ``owner`` and of nobody else."""
    users: dict[str, set[str]] = defaultdict(set)
    for item in indicator_set.all_indicators():
        answer = evaluation.answers.get(item.code)
        formulas = [*([item.formula] if item.formula else []), *item.rule.formulas()]
        for name in (name for formula in formulas for name in formula.names):
            users[name].add(answer.owner if answer else "")
    return [name for name in indicator_set.inputs if users[name] == {owner}]


def _lies_in(path: str, places: Iterable[str]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


# --- sending and taking back -----------------------------------------------------------------


def sending(session: Session, owner: str, head: str, *, who: str = "") -> Change:
    """Return the change that records a package made for ``owner`` at the journal's ``head``.

    It is no part of the package: the package ends at ``head``. Raises :class:`PerfevalError` for
    an owner who has nothing in this session.
    """
    if owner not in (known := owners(session)):
        cure = nearest(owner, known) or f"已登记的责任科室：{'、'.join(known) or '（无）'}"
        raise PerfevalError(f"没有由“{owner}”负责的指标或项目。{cure}")
    sent = Sent(head=head, who=who, when=datetime.now(UTC).isoformat(timespec="seconds"))
    change = edit(session, join("sent", owner), sent.model_dump(mode="json"), who=who)
    return change.model_copy(update={"kind": "stage"})  # an act, not an edit: not to be undone


@dataclass(frozen=True, slots=True)
class Return:
    """What a returned package changes. ``merge`` holds what lies in the owner's part (and clashes
    with what was changed here meanwhile); ``refused`` everything else that was changed in it.
    """

    owner: str
    part: tuple[str, ...]
    merge: Merge
    refused: tuple[Clash, ...]


HANDED = ("working_as", "editable")
"""The fields that only say whose copy this is; they are not brought back."""


def handed_over(session: Session, owner: str, editable: Sequence[str]) -> list[Change]:
    """Return the changes that make a copy the one of ``owner``: all else is read-only in it."""
    act = {"kind": "stage", "group": uuid4().hex, "who": owner}
    news = {"working_as": owner, "editable": list(editable)}
    return [edit(session, path, new).model_copy(update=act) for path, new in news.items()]


def require_editable(session: Session, change: Change) -> None:
    """Raise :class:`PerfevalError` for an edit outside what was handed to the owner."""
    if not session.editable or change.kind == "stage" or change.path in HANDED:
        return
    lies_in = _lies_in(change.path, session.editable)
    if not lies_in and split(change.path)[0] not in ("evidence", "claimed", "assumed"):
        told = f"这一份是分发给“{session.working_as}”的，只能改它负责的部分"
        raise PerfevalError(f"{change.path}：{told}，其他只读")


def sent_to(session: Session, head: str, said: str) -> str:
    """Return whose package came back: the office it says, else the only one sent at ``head``.

    What comes back from where one package was made is that office's, even when the file no
    longer says so; with several made there the file's own word is needed.
    """
    made = [owner for owner, sent in session.sent.items() if sent.head == head]
    return said or (made[0] if len(made) == 1 else "")


def common(ours: Sequence[Record], theirs: Sequence[Record]) -> tuple[Record, ...]:
    """Return the records two journals begin with in common.

    Raises :class:`PerfevalError` when there are none: they are not of one session.
    """
    shared = 0
    for mine, other in zip(ours, theirs, strict=False):
        if mine.hash != other.hash:
            break
        shared += 1
    if not shared:
        raise PerfevalError("这个数据包不是从本任务保存出去的，不能合并。可用 open 打开副本")
    return tuple(ours[:shared])


def take_back(
    ours: Session,
    our_records: Sequence[Record],
    theirs: Session,
    their_records: Sequence[Record],
    *,
    owner: str,
    find: Finder,
    who: str = "",
) -> Return:
    """Return what to take over from the package that ``owner`` returned.

    ``theirs`` and ``their_records`` are of a package that was verified on opening. Three-way from
    the last record both have. ``merge.changes`` are one group, to be applied through the door in
    their order; they also note the return where the sending was noted. Raises
    :class:`PerfevalError` for a package of another session, or an owner who had no part in it.
    """
    base = replay(common(our_records, their_records))
    part = part_for(base, owner, find)
    if not part:
        cure = nearest(owner, owners(base)) or "请核对科室名称"
        raise PerfevalError(f"分发时没有由“{owner}”负责的指标或项目。{cure}")
    known = _last_return(ours, owner, their_records)
    mine = {change.path: change.new for change in difference(base, ours)}
    changes, clashes, refused = [], [], []
    for change in difference(base, theirs):
        if change.path in HANDED:
            continue
        clash = Clash(change.path, change.old, read(ours, change.path), change.new)
        if not _may(change, part, base):
            refused.append(clash)
        elif not any(overlap(path, change.path) for path in mine):
            changes.append(change)
        elif change.path in mine and mine[change.path] == change.new:
            continue  # both say the same
        elif (shared := _shared_file(clash, ours)) is not None:
            changes.append(shared)
        elif known is not None and read(known, change.path) == clash.ours:
            changes.append(change.model_copy(update={"old": clash.ours}))
        else:
            clashes.append(clash)
    if owner in ours.sent and ours.sent[owner].returned != their_records[-1].hash:
        changes.append(edit(ours, join("sent", owner, "returned"), their_records[-1].hash))
    act = {"kind": "merge", "group": uuid4().hex, "who": who}
    taken = tuple(change.model_copy(update=act) for change in changes)
    return Return(owner, part, Merge(taken, tuple(clashes)), tuple(refused))


def _last_return(ours: Session, owner: str, records: Sequence[Record]) -> Session | None:
    """Return what the owner returned before, if anything: what still stands here as it was then is
    no change of ours, and a second return goes on from it.
    """
    sent = ours.sent.get(owner)
    for number, record in enumerate(records, 1):
        if sent and record.hash == sent.returned:
            return replay(records[:number])
    return None


def _may(change: Change, part: Sequence[str], base: Session) -> bool:
    """Whether a change lies in the part; see the rule above."""
    first, *rest = split(change.path)
    if first == "evidence":
        return _may_attach(change, rest, part, base)
    if first in ("claimed", "assumed") and rest:
        return _lies_in(rest[0], part)
    if change.path in part:
        return rest[-2:-1] == ["inputs"]  # a figure may come and go, an indicator or project not
    owning = {under(path, name) for path in part for name in ("owner", "set")}
    return change.path not in owning and _lies_in(change.path, part)


def _may_attach(change: Change, rest: list[str], part: Sequence[str], base: Session) -> bool:
    """Whether a file is attached to, or taken from, nothing but places in the part."""
    match rest:
        case [_] if change.old is None:
            places = set(change.new.get("paths", ()))
        case [_, "paths"]:
            places = set(change.old or ()) ^ set(change.new or ())
        case [key, "page"]:
            places = set(base.evidence[key].paths)
        case _:
            return False
    return bool(places) and all(_lies_in(path, part) for path in places)


def _shared_file(clash: Clash, ours: Session) -> Change | None:
    """Return the change that joins what both attached: one file may serve indicators of two."""
    first, *rest = split(clash.path)
    if first != "evidence" or rest[0] not in ours.evidence:
        return None
    mine = ours.evidence[rest[0]]
    if rest[1:] == ["paths"]:
        before, after = clash.base or [], clash.theirs or []
    elif len(rest) == 1 and clash.base is None and clash.theirs["sha256"] == mine.sha256:
        before, after = [], clash.theirs.get("paths", [])
    else:
        return None
    kept = [path for path in mine.paths if path in after or path not in before]
    paths = [*kept, *(path for path in after if path not in before and path not in kept)]
    return edit(ours, join("evidence", rest[0], "paths"), paths)


# --- who has not returned --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pending:
    """An owner from whom something is awaited: what is 未填, and where the package stands."""

    owner: str
    part: tuple[str, ...]
    unfilled: tuple[str, ...]
    sent: Sent | None

    @property
    def state(self) -> str:
        """未分发, 未交回 or 未填完."""
        if self.sent is None:
            return "未分发"
        return "未填完" if self.sent.returned else "未交回"


def pending(session: Session, find: Finder, unfilled: Iterable[str] = ()) -> tuple[Pending, ...]:
    """Return the owners who have something 未填, or a package out.

    ``unfilled`` are the paths that the Scorecard shows as 未填; each goes to whose part it is in.
    """
    empty = tuple(dict.fromkeys(unfilled))
    found = []
    for owner in dict.fromkeys([*owners(session), *session.sent]):
        part = part_for(session, owner, find)
        mine = tuple(path for path in empty if _lies_in(path, part))
        sent = session.sent.get(owner)
        if mine or (sent and not sent.returned):
            found.append(Pending(owner, part, mine, sent))
    return tuple(found)
