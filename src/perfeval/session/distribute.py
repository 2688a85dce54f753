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
from perfeval.session.change import Change, Plain, apply, edit, join, read, split, under
from perfeval.session.journal import Record, replay
from perfeval.session.merge import HANDED, Clash, Merge, difference, three_way
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


def preparing(session: Session, owner: str, *, who: str = "") -> Change:
    """Return the change that a package for ``owner`` ends at: a record of its own.

    It is applied before the package is made, and :func:`sending` after it is written. So no two
    packages end at one record, and the record tells whose came back. Raises
    :class:`PerfevalError` for an owner who has nothing in this session.
    """
    if owner not in (known := owners(session)):
        cure = nearest(owner, known) or f"已登记的责任科室：{'、'.join(known) or '（无）'}"
        raise PerfevalError(f"没有由“{owner}”负责的指标或项目。{cure}")
    if owner in session.sent:  # what is out still counts until the new package is written
        return _act(session, join("sent", owner, "when"), _now(), who)
    sent = Sent(head="", who=who, when=_now())
    return _act(session, join("sent", owner), sent.model_dump(mode="json"), who)


def sending(session: Session, owner: str, head: str, *, who: str = "") -> Change:
    """Return the change that records a package made for ``owner``, which ends at ``head``.

    It is no part of the package. Raises as :func:`preparing` does.
    """
    preparing(session, owner, who=who)
    sent = Sent(head=head, who=who, when=_now())
    return _act(session, join("sent", owner), sent.model_dump(mode="json"), who)


def _act(session: Session, path: str, new: Plain, who: str) -> Change:
    """An act, not an edit: not to be undone."""
    return edit(session, path, new, who=who).model_copy(update={"kind": "stage"})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Return:
    """What a returned package changes. ``merge`` holds what lies in the owner's part (and clashes
    with what was changed here meanwhile); ``refused`` everything else that was changed in it.
    """

    owner: str
    part: tuple[str, ...]
    merge: Merge
    refused: tuple[Clash, ...]


def handed_over(session: Session, owner: str, editable: Sequence[str]) -> list[Change]:
    """Return the changes that make a copy the one of ``owner``: all else is read-only in it."""
    act = {"kind": "stage", "group": uuid4().hex, "who": owner}
    news = {"working_as": owner, "editable": list(editable)}
    return [edit(session, path, new).model_copy(update=act) for path, new in news.items()]


def own_copy(session: Session, session_id: str) -> Session:
    """Return a copy under another id that is nobody's part: all of it may be changed.

    Its journal begins anew, so it takes back nothing that the original has out.
    """
    update = {"id": session_id, "working_as": "", "editable": (), "sent": {}}
    return session.model_copy(update=update)


def require_editable(session: Session, change: Change) -> None:
    """Raise :class:`PerfevalError` for an edit that would not be taken back from the owner."""
    if not session.editable or change.kind == "stage" or change.path in HANDED:
        return
    if not _may(change, session.editable, session):
        told = f"这一份是分发给“{session.working_as}”的"
        if change.path in session.editable:
            raise PerfevalError(f"{change.path}：{told}，只能逐项填写，不能增加、删除或整个替换")
        raise PerfevalError(f"{change.path}：{told}，只能改它负责的部分，其他只读")


def sent_to(session: Session, records: Sequence[Record], head: str, said: str) -> str:
    """Return whose package came back, or nothing for a copy that was handed to nobody.

    ``head`` is the last record both journals have, ``said`` the office the file names. What was
    noted here when it was sent counts, whatever the file says now; only where nothing was noted,
    the file's word does. Raises :class:`PerfevalError` where several were sent at ``head`` and
    the file names none of them.
    """
    made = [owner for owner, sent in session.sent.items() if sent.head == head]
    for record in records:
        change, segments = record.change, split(record.change.path)
        if segments[0] == "sent" and len(segments) == 2 and change.new:
            made += [segments[1]] if change.new.get("head") == head else []
    known = list(dict.fromkeys(made))
    if len(known) > 1 and said not in known:
        told = f"从这里分发过{'、'.join(f'“{owner}”' for owner in known)}"
        raise PerfevalError(f"{told}，来件没有说明是哪一份。请让对方重新保存后送来")
    return known[0] if len(known) == 1 else said


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
        told = "这个数据包不是从本任务保存出去的，不能合并。可以打开副本"
        raise PerfevalError(told, act="open a copy")
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
    allowed, beyond = _allowed(base, theirs, part)
    refused = [
        Clash(change.path, change.old, read(ours, change.path), change.new) for change in beyond
    ]
    # A second return goes on from the first: what still stands here as it was then is no change
    # of ours.
    earlier = _last_return(ours, owner, their_records)
    start = base if earlier is None else _allowed(base, earlier, part)[0]
    merge = three_way(start, ours, allowed, who=who)
    changes = list(merge.changes)
    if owner in ours.sent and ours.sent[owner].returned != their_records[-1].hash:
        changes.append(edit(ours, join("sent", owner, "returned"), their_records[-1].hash))
    act = {"kind": "merge", "group": uuid4().hex, "who": who}
    taken = tuple(change.model_copy(update=act) for change in changes)
    return Return(owner, part, Merge(taken, merge.clashes), tuple(refused))


def _allowed(
    base: Session, theirs: Session, part: Sequence[str]
) -> tuple[Session, tuple[Change, ...]]:
    """Return ``base`` with what of ``theirs`` lies in the part, and the changes that do not."""
    allowed, beyond = base, []
    for change in difference(base, theirs):
        if change.path in HANDED:
            continue
        if _may(change, part, base):
            allowed = apply(allowed, change)
        else:
            beyond.append(change)
    return allowed, tuple(beyond)


def _last_return(ours: Session, owner: str, records: Sequence[Record]) -> Session | None:
    """Return what the owner returned before, if anything."""
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
        case [_] if (change.old is None) != (change.new is None):
            places = set((change.new or change.old).get("paths", ()))
        case [_, "paths"]:
            places = set(change.old or ()) ^ set(change.new or ())
        case [key, "page"] if key in base.evidence:
            places = set(base.evidence[key].paths)
        case _:
            return False
    return bool(places) and all(_lies_in(path, part) for path in places)


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
        if self.sent is None or not self.sent.head:
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
        if mine or (sent and sent.head and not sent.returned):
            found.append(Pending(owner, part, mine, sent))
    return tuple(found)
