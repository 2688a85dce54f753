"""修改记录 as a hash chain: every tampering with a single record is found and named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from perfeval.samples import sample_text
from perfeval.session.canonical import digest
from perfeval.session.change import apply, edit
from perfeval.session.files import loads
from perfeval.session.journal import GENESIS, Record, code, created, link, replay, verify
from perfeval.session.model import Session, Submission
from perfeval.session.seal import seal

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


@pytest.mark.soak
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


def test_numbers_that_skip_are_found_in_an_otherwise_sound_chain() -> None:
    session, records = a_journal(3)
    last = records[-1]
    skipping = [*records[:-1], link(session.id, last.n + 1, last.prev, last.change)]
    assert found(skipping, session, skipping[-1].hash) == [
        "第 3 条记录：编号为 4，应为 3：前面有记录被删去、插入或调换",
    ]


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


# --- against what was kept elsewhere ---------------------------------------------------------


def grown(records: Sequence[Record], *edits: tuple[str, Any]) -> tuple[Session, list[Record]]:
    """The session and journal after further changes."""
    session, longer = replay(records), list(records)
    for path, new in edits:
        change = edit(session, path, new, who="丙")
        session = apply(session, change)
        longer.append(link(session.id, len(longer) + 1, longer[-1].hash, change))
    return session, longer


def against(records: Sequence[Record], kept: Sequence[Record] | str) -> list[str]:
    return [str(problem) for problem in verify(records, replay(records), against=kept)]


def test_journals_that_went_separate_ways_are_told_apart_from_forgery() -> None:
    _, shared = a_journal(5)
    _, ours = grown(shared, ("source", "这里"))
    _, theirs = grown(shared, ("source", "那里"), ("year", 2023))
    (told,) = verify(ours, replay(ours), against=theirs)
    assert "从第 6 条起分开：前 5 条相同，以后两边各有修改" in str(told)
    assert told.severity == "错误"
    # A record that no longer fits its hash is altered, not gone another way.
    altered = [*shared[:3], renamed(shared[3]), *shared[4:]]
    assert any("内容被改动" in one for one in found(altered, replay(shared), ""))
    _, other = a_journal(5)
    assert "第 1 条记录：与留存件不同，不是同一个任务" in against(ours, other)[0]


def test_a_copy_handed_to_an_office_went_its_own_way_by_intent() -> None:
    _, shared = a_journal(5)
    _, ours = grown(shared, ("sent/科普部", {"head": shared[-1].hash}), ("source", "这里"))
    _, theirs = grown(shared, ("working_as", "科普部"), ("source", "那里"))
    for one, other in ((ours, theirs), (theirs, ours)):
        (told,) = verify(one, replay(one), against=other)
        assert "从第 6 条起分开" in told.message
        assert "分发给“科普部”的那一份" in told.message
        assert told.severity == "警告"


@pytest.mark.parametrize(
    "noted",
    [
        ("source", "这里"),  # nothing was handed out
        ("sent/办公室", {"head": "{shared}"}),  # to another office
        ("sent/科普部", {"head": "0" * 64}),  # or earlier
        ("sent/科普部", {"head": ""}),  # never written
    ],
)
def test_a_rewritten_journal_cannot_pass_itself_off_as_an_offices(noted: tuple[str, Any]) -> None:
    _, shared = a_journal(5)
    path, value = noted
    if value == {"head": "{shared}"}:
        value = {"head": shared[-1].hash}
    _, kept = grown(shared, (path, value), ("source", "这里"))
    _, rewritten = grown(shared, ("working_as", "科普部"), ("source", "那里"))
    (told,) = verify(rewritten, replay(rewritten), against=kept)
    assert told.severity == "错误"
    assert "或者被改写" in told.cure


def submitted(records: Sequence[Record], executed: str) -> tuple[Session, list[Record]]:
    """The journal after a 上报, with ``executed`` filled in before it."""
    session, longer = grown(records, ("department/inputs/全年执行数/value", executed))
    one = Submission(number=1, seal=seal(session), head=longer[-1].hash)
    return grown(longer, ("submissions", [one.model_dump(mode="json")]))


def test_a_printed_seal_is_known_and_proves_what_was_handed_in() -> None:
    _, shared = a_journal(3)
    session, records = submitted(shared, "741.99")
    printed = session.submissions[0].seal
    _, later = grown(records, ("source", "上报后改"))
    for text in (printed, printed[:16], printed[:16].upper(), f" {printed[:8]} {printed[8:16]} "):
        assert against(later, text) == []
    # Another content under the printed code: the seal is claimed, not held.
    forged, longer = submitted(shared, "800")
    claims = forged.submissions[0].model_copy(update={"seal": printed}).model_dump(mode="json")
    change = edit(replay(longer[:-1]), "submissions", [claims])
    longer[-1] = link(forged.id, longer[-1].n, longer[-2].hash, change)
    assert "第 1 次上报的上报锁定与当时的内容不符" in against(longer, printed[:16])[0]


def test_a_copy_is_held_to_what_it_began_with() -> None:
    session, _ = submitted(a_journal(3)[1], "741.99")
    printed = session.submissions[0].seal
    copied = session.model_copy(update={"id": "copy"})
    first = [link("copy", 1, GENESIS, created(copied, "甲"))]
    assert against(grown(first, ("source", "副本里改"))[1], printed) == []
    edited = apply(copied, edit(copied, "department/inputs/全年执行数/value", "800"))
    began = [link("copy", 1, GENESIS, created(edited, "甲"))]
    assert "第 1 次上报的上报锁定与当时的内容不符" in against(began, printed)[0]


@pytest.mark.parametrize("text", ["a", "0123456789a", "校验码", "g" * 16, "0" * 65, "../kept", "%"])
def test_what_is_no_code_is_never_taken_for_one(
    journal: tuple[Session, list[Record]], text: str
) -> None:
    session, records = journal
    (told,) = verify(records, session, against=text)
    assert f"“{text}”不是校验码" in str(told)
    assert code(text) is None


def test_a_code_is_compared_without_regard_to_capitals(
    journal: tuple[Session, list[Record]],
) -> None:
    session, records = journal
    assert verify(records, session, against=records[99].hash[:16].upper()) == []
    assert "找不到校验码 " + "f" * 16 in str(verify(records, session, against="F" * 16)[0])
