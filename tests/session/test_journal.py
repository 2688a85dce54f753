"""修改记录 as a hash chain: every tampering with a single record is found and named."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from perfeval.samples import sample_text
from perfeval.session.change import apply, edit
from perfeval.session.files import loads
from perfeval.session.journal import GENESIS, Record, created, digest, link, replay, verify
from perfeval.session.model import Session

LENGTH = 200


def a_journal(length: int = LENGTH) -> tuple[Session, list[Record]]:
    """A session and the journal of ``length`` records that led to it."""
    session = loads(sample_text())
    records = [link(session.id, 1, GENESIS, created(session, "甲"))]
    for n in range(2, length + 1):
        path = ("department/inputs/全年执行数/value", "projects/p6/deviation_reason")[n % 2]
        change = edit(session, path, f"{n}.5", who="甲")
        session = apply(session, change)
        records.append(link(session.id, n, records[-1].hash, change))
    return session, records


@pytest.fixture(scope="module")
def journal() -> tuple[Session, list[Record]]:
    return a_journal()


def renamed(record: Record) -> Record:
    """The record with another name in it, its hash left as it was."""
    change = record.change.model_copy(update={"who": "乙"})
    return record.model_copy(update={"change": change})


def rehashed(record: Record) -> Record:
    """The record with another name and a hash that fits."""
    forged = renamed(record)
    return forged.model_copy(update={"hash": forged.content_hash()})


def found(records: Sequence[Record], session: Session, head: str) -> list[str]:
    return [str(problem) for problem in verify(records, session, head=head)]


def test_an_untouched_journal_verifies_and_replays(journal: tuple[Session, list[Record]]) -> None:
    session, records = journal
    assert verify(records, session, head=records[-1].hash) == []
    assert replay(records) == session


def test_equal_content_has_one_hash_whatever_the_order_of_its_keys() -> None:
    assert digest({"甲": "1", "b": ["2"]}) == digest({"b": ["2"], "甲": "1"})
    assert digest({"a": "1"}) != digest({"a": "1.0"})


def test_every_single_edit_removal_and_swap_is_found(journal: tuple[Session, list[Record]]) -> None:
    session, records = journal
    head = records[-1].hash
    for at in range(LENGTH):
        edited = [*records[:at], renamed(records[at]), *records[at + 1 :]]
        assert any(f"第 {at + 1} 条记录" in told for told in found(edited, session, head)), at
        forged = [*records[:at], rehashed(records[at]), *records[at + 1 :]]
        assert found(forged, session, head), at
        assert found([*records[:at], *records[at + 1 :]], session, head), at
    for at in range(LENGTH - 1):
        swapped = [*records[:at], records[at + 1], records[at], *records[at + 2 :]]
        assert found(swapped, session, head), at


def test_every_truncation_is_found_by_the_head(journal: tuple[Session, list[Record]]) -> None:
    session, records = journal
    for length in range(LENGTH):
        assert found(records[:length], session, records[-1].hash), length


def test_a_consistent_forgery_is_only_found_against_something_kept(
    journal: tuple[Session, list[Record]],
) -> None:
    """What the chain alone does not prove: its end, cut off together with the head."""
    _, records = journal
    cut = records[:150]
    shorter = replay(cut)
    assert found(cut, shorter, cut[-1].hash) == []
    assert verify(cut, shorter, head=cut[-1].hash, against=records[-1].hash)
    assert verify(cut, shorter, head=cut[-1].hash, against=records[-1].hash[:12])
    told = verify(cut, shorter, head=cut[-1].hash, against=records)
    assert "只有 150 条，留存件有 200 条" in str(told[0])
    assert verify(records, replay(records), against=cut) == []  # an older copy still holds


def test_a_session_changed_past_the_journal_is_found(journal: tuple[Session, list[Record]]) -> None:
    session, records = journal
    changed = session.model_copy(update={"year": 2023})
    assert "绕过记录" in found(records, changed, records[-1].hash)[0]
