"""修改记录: a hash chain over the changes of one session, and what it can and cannot prove.

Record *n* holds change *n* and the hash of record *n − 1*; its own hash is the SHA-256 of its
RFC 8785 canonical JSON. The first record holds the session as it was created, so replaying the
chain gives the session as it is.

:func:`verify` proves that the records belong together and that none was altered, removed or
moved. Only a hash or a copy kept elsewhere (a printed 校验码, the file handed in) proves that
nothing was cut from the end or the whole rewritten. A name in a record is a claim, not a login.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal

from perfeval.errors import Problem, printable
from perfeval.session.canonical import digest
from perfeval.session.change import Change, apply, join
from perfeval.session.model import Part, Session
from perfeval.session.seal import seal

GENESIS = "0" * 64
"""What stands before the first record."""


class Record(Part):
    """One link of the chain. ``v`` is the version of this form; ``n`` counts from 1."""

    v: Literal[1] = 1
    session: str
    n: int
    prev: str
    change: Change
    hash: str = ""

    def content_hash(self) -> str:
        """Return the hash this record's content has (``hash`` is what it claims)."""
        return digest(self.model_dump(mode="json", exclude={"hash"}))


def link(session_id: str, n: int, prev: str, change: Change) -> Record:
    """Return record ``n`` after the record whose hash is ``prev``."""
    record = Record(session=session_id, n=n, prev=prev, change=change)
    return record.model_copy(update={"hash": record.content_hash()})


def created(session: Session, who: str, *, when: datetime | None = None, why: str = "") -> Change:
    """Return the change a journal begins with: the whole session as it was created."""
    return Change(
        kind="create",
        path="session",
        new=session.model_dump(mode="json", exclude_defaults=True),
        who=who,
        when=when or datetime.now(UTC),
        why=why,
    )


def replay(records: Iterable[Record]) -> Session:
    """Return the session that the changes add up to.

    Raises ``ValueError`` for a chain that does not begin with a creation, and what
    :func:`.change.apply` raises where a change does not fit.
    """
    session: Session | None = None
    for record in records:
        if record.change.kind == "create":
            session = Session.model_validate(record.change.new)
        elif session is None:
            raise ValueError("修改记录没有从新建开始")
        else:
            session = apply(session, record.change)
    if session is None:
        raise ValueError("修改记录是空的")
    return session


# --- what speaks against it ------------------------------------------------------------------


def verify(
    records: Sequence[Record],
    session: Session,
    *,
    head: str = "",
    against: Sequence[Record] | str = (),
) -> list[Problem]:
    """Return everything that speaks against the chain; an empty list is an unbroken one.

    ``head`` is the hash the session says its last record has. ``against`` is what was kept
    elsewhere and must still be here: a code (a record's 校验码 or a 上报锁定, the beginning of it
    is enough) or the records of a copy.
    """
    problems = list(_links(records, session.id))
    if head and (not records or records[-1].hash != head):
        problems.append(Problem("修改记录", "末尾的记录被删去或改动", "请与留存的数据包核对"))
    sound = not problems
    if sound:
        problems += _content(records, session)
    if isinstance(against, str):
        return problems + (list(_coded(records, session, against)) if against else [])
    return problems + list(_copies(records, against, sound=sound))


def code(text: str) -> str | None:
    """Return a printed 校验码 or 上报锁定 as it is compared, or None for a text that is neither.

    A code is 12 to 64 hexadecimal digits; capitals and spaces between them do not count.
    """
    plain = re.sub(r"\s+", "", text).lower()
    return plain if re.fullmatch("[0-9a-f]{12,64}", plain) else None


def _coded(records: Sequence[Record], session: Session, text: str) -> Iterator[Problem]:
    """What a code kept elsewhere speaks against."""
    if (wanted := code(text)) is None:
        told = f"“{printable(text)[:80]}”不是校验码"
        yield Problem("留存件", told, "校验码是 12 至 64 位数字和字母 a 至 f，请照所留存的填写")
        return
    if any(record.hash.startswith(wanted) for record in records):
        return
    sealed = [one for one in session.submissions if one.seal.startswith(wanted)]
    for one in sealed:
        if not _seals(records, one.head, one.seal):
            told = f"第 {one.number} 次上报的上报锁定与当时的内容不符，上报后被改写"
            yield Problem("上报锁定", told)
    if not sealed:
        yield Problem("修改记录", f"找不到校验码 {wanted}，留存以后被截短或改写")


def _seals(records: Sequence[Record], head: str, sealed: str) -> bool:
    """Whether the session was, at the record with the hash ``head``, what ``sealed`` seals.

    The journal of a copy begins after that; then it is what the copy began with.
    """
    number = next((one.n for one in records if one.hash == head), 1)
    try:
        return seal(replay(records[:number])) == sealed
    except Exception:  # whatever a forged record may do
        return False


def _links(records: Sequence[Record], session_id: str) -> Iterator[Problem]:
    prev, expected = GENESIS, 1
    for position, record in enumerate(records, 1):
        place = f"第 {position} 条记录"
        if record.session != session_id:
            yield Problem(place, f"属于另一个任务 {printable(record.session)[:80]}")
        if record.change.kind == "create" and position > 1:
            yield Problem(place, "中途重新新建：前面的修改被整体替换")
        if record.content_hash() != record.hash:
            yield Problem(place, "内容被改动，与其校验码不符")
        if record.n != expected:
            told = f"编号为 {record.n}，应为 {expected}：前面有记录被删去、插入或调换"
            yield Problem(place, told)
        elif record.prev != prev:
            yield Problem(place, "与前一条记录不相接：前一条被改动或替换")
        prev, expected = record.hash, record.n + 1


def _copies(records: Sequence[Record], kept: Sequence[Record], *, sound: bool) -> Iterator[Problem]:
    """What a kept copy speaks against: it goes on where this ends, or they went separate ways."""
    shared = 0
    for mine, other in zip(records, kept, strict=False):
        if mine.hash != other.hash:
            break
        shared += 1
    if shared == len(kept):
        return
    if shared == len(records):
        told = f"只有 {len(records)} 条，留存件有 {len(kept)} 条：末尾被截短，或留存件后来又改过"
        yield Problem("修改记录", told)
    elif not shared:
        yield Problem("第 1 条记录", "与留存件不同，不是同一个任务，或整个被改写")
    elif not sound:
        yield Problem(f"第 {shared + 1} 条记录", "与留存件不同，从这一条起被改写")
    else:
        yield _fork(records, kept, shared)


def _fork(records: Sequence[Record], kept: Sequence[Record], shared: int) -> Problem:
    """Two sound journals with one beginning: as it should be only after a 分发.

    That one is the copy of an office is believed of what was kept; of the other it is believed
    where what was kept notes such a sending.
    """
    place = f"第 {shared + 1} 条记录"
    told = f"从第 {shared + 1} 条起分开：前 {shared} 条相同，以后两边各有修改"
    mine, other = (one[shared].change for one in (records, kept))
    sent = mine.path == "working_as" and any(
        _notes_sending(record.change, mine.new, records[shared - 1].hash) for record in kept
    )
    if not sent and other.path != "working_as":
        return Problem(place, told, "一边是另一边的副本，或者被改写。请核对两边的修改记录")
    owner = printable(str(mine.new if sent else other.new))[:80]
    whose = f"{told}（一边是分发给“{owner}”的那一份）"
    return Problem(place, whose, "可以合并那一份", severity="警告")


def _notes_sending(change: Change, owner: object, head: str) -> bool:
    """Whether a change notes that a package which ends at ``head`` went to ``owner``."""
    noted = change.new.get("head") if isinstance(change.new, dict) else None
    return noted == head and change.path == join("sent", str(owner))


def _content(records: Sequence[Record], session: Session) -> Iterator[Problem]:
    """The chain holds; does it also lead to the session it stands beside?"""
    try:
        replayed = replay(records)
    except Exception as error:  # whatever a forged change may do, it is told, not raised
        yield Problem("修改记录", f"逐条重做不成立（{printable(str(error))[:200]}）")
        return
    if replayed != session:
        yield Problem("自评数据", "与修改记录逐条重做的结果不同，数据被绕过记录改动")
