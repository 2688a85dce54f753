"""修改记录: a hash chain over the changes of one session, and what it can and cannot prove.

Record *n* holds change *n* and the hash of record *n − 1*; its own hash is the SHA-256 of its
RFC 8785 canonical JSON. The first record holds the session as it was created, so replaying the
chain gives the session as it is.

:func:`verify` proves that the records belong together and that none was altered, removed or
moved. Only a hash or a copy kept elsewhere (a printed 校验码, the file handed in) proves that
nothing was cut from the end or the whole rewritten. A name in a record is a claim, not a login.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

import rfc8785

from perfeval.errors import Problem
from perfeval.session.change import Change, apply
from perfeval.session.model import Part, Session

GENESIS = "0" * 64
"""What stands before the first record."""


def canonical(data: Any) -> bytes:
    """Return the RFC 8785 canonical JSON of plain data: one byte string for equal content."""
    return rfc8785.dumps(data)


def digest(data: Any) -> str:
    """Return the SHA-256 of the canonical JSON, in hexadecimal."""
    return sha256(canonical(data)).hexdigest()


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


def verify(
    records: Sequence[Record],
    session: Session,
    *,
    head: str = "",
    against: Sequence[Record] | str = (),
) -> list[Problem]:
    """Return everything that speaks against the chain; an empty list is an unbroken one.

    ``head`` is the hash the session says its last record has. ``against`` is a 校验码 (the hash of
    some record) or the records of a copy kept elsewhere: what they hold must still be here.
    """
    problems = list(_links(records, session.id))
    if head and (not records or records[-1].hash != head):
        problems.append(Problem("修改记录", "末尾的记录被删去或改动", "请与留存的数据包核对"))
    if isinstance(against, str):
        if against and all(not record.hash.startswith(against.lower()) for record in records):
            problems.append(Problem("修改记录", f"找不到校验码为 {against} 的记录，已被截短或改写"))
    else:
        problems += _copies(records, against)
    if not problems:
        problems += _content(records, session)
    return problems


def _links(records: Sequence[Record], session_id: str) -> Iterator[Problem]:
    prev, expected = GENESIS, 1
    for position, record in enumerate(records, 1):
        place = f"第 {position} 条记录"
        if record.session != session_id:
            yield Problem(place, f"属于另一个任务 {record.session}")
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


def _copies(records: Sequence[Record], kept: Sequence[Record]) -> Iterator[Problem]:
    for position, mine in enumerate(kept, 1):
        if position > len(records):
            yield Problem(
                "修改记录", f"只有 {len(records)} 条，留存件有 {len(kept)} 条：末尾被截短"
            )
            return
        if records[position - 1].hash != mine.hash:
            yield Problem(f"第 {position} 条记录", "与留存件不同，从这一条起被改写")
            return


def _content(records: Sequence[Record], session: Session) -> Iterator[Problem]:
    """The chain holds; does it also lead to the session it stands beside?"""
    try:
        replayed = replay(records)
    except Exception as error:  # whatever a forged change may do, it is told, not raised
        yield Problem("修改记录", f"逐条重做不成立（{error}）")
        return
    if replayed != session:
        yield Problem("自评数据", "与修改记录逐条重做的结果不同，数据被绕过记录改动")
