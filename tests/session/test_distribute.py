"""分发与收回: each 责任科室 changes its own part, and nothing else comes back with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval.errors import PerfevalError
from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.session.change import PathError, apply, edit, read
from perfeval.session.distribute import (
    Return,
    common,
    handed_over,
    owners,
    part_for,
    pending,
    preparing,
    require_editable,
    sending,
    sent_to,
    take_back,
)
from perfeval.session.files import loads
from perfeval.session.journal import GENESIS, Record, created, link, verify
from perfeval.session.merge import Clash
from perfeval.session.model import Session

Edits = Sequence[tuple[str, Any]]
OWNED: Edits = (
    ("department/answers/B3/owner", "财务科"),
    ("department/answers/B1/owner", "办公室"),
    ("department/rows/D1/owner", "科普部"),
    ("projects/p6/owner", "科普部"),
    ("projects/p7/rows/r1", {"group": "产出指标", "name": "场次", "owner": "办公室"}),
)
FILE = {"name": "收据.pdf", "sha256": "a" * 64, "size": 3}


class Copy:
    """A session with its journal, changed in one place."""

    def __init__(self, session: Session, records: Sequence[Record]) -> None:
        self.session, self.records = session, list(records)

    @classmethod
    def new(cls, edits: Edits = OWNED) -> Copy:
        session = loads(sample_text())
        for path, value in edits:
            session = apply(session, edit(session, path, value))
        return cls(session, [link(session.id, 1, GENESIS, created(session, "甲"))])

    def set(self, path: str, value: Any) -> Copy:
        return self.take([edit(self.session, path, value, who="乙")])

    def take(self, changes: Sequence[Any]) -> Copy:
        for change in changes:
            self.session = apply(self.session, change)
            number, head = len(self.records) + 1, self.records[-1].hash
            self.records.append(link(self.session.id, number, head, change))
        return self

    def sent(self) -> Copy:
        return Copy(self.session, self.records)

    def back(self, theirs: Copy, owner: str) -> Return:
        return take_back(self.session, self.records, theirs.session, theirs.records,
                         owner=owner, find=find, who="甲")  # fmt: skip


def paths(returned: Return) -> list[str]:
    return [change.path for change in returned.merge.changes]


# --- the rule --------------------------------------------------------------------------------


def test_everything_belongs_to_whom_it_names() -> None:
    session = Copy.new().session
    assert owners(session) == ("办公室", "财务科", "科普部")
    assert part_for(session, "科普部", find) == ("department/rows/D1", "projects/p6")
    assert "department/answers/B1" in part_for(session, "办公室", find)
    assert "projects/p7/rows/r1" in part_for(session, "办公室", find)
    assert part_for(session, "陌生科", find) == ()


def test_a_figure_belongs_to_an_owner_when_only_their_indicators_use_it() -> None:
    session = Copy.new().session
    # 预算调整率 (B3) alone uses 可剔除调整数; 全年预算数 feeds 预算执行率 as well.
    assert "department/inputs/可剔除调整数" in part_for(session, "财务科", find)
    assert "department/inputs/全年预算数" not in part_for(session, "财务科", find)
    for item in find("henan-department-2024").all_indicators():
        session = apply(session, edit(session, f"department/answers/{item.code}/owner", "财务科"))
    assert "department/inputs/全年预算数" in part_for(session, "财务科", find)


# --- taking back -----------------------------------------------------------------------------


def test_only_the_owner_s_part_comes_back_and_the_rest_is_told() -> None:
    ours = Copy.new()
    theirs = (
        ours.sent()
        .set("department/rows/D1/actual", "99%")
        .set("projects/p6/goal_done", "完成")
        .set("projects/p6/rows/new", {"group": "产出指标", "name": "新"})
        .set("claimed/projects~1p6~1rates~1产出指标", "100%")
        .set("department/inputs/全年执行数/value", "800")
        .set("projects/p7/deviation_reason", "不是他们的")
        .set("year", 2025)
    )
    returned = ours.back(theirs, "科普部")
    assert sorted(paths(returned)) == [
        "claimed/projects~1p6~1rates~1产出指标", "department/rows/D1/actual",
        "projects/p6/goal_done", "projects/p6/rows/new",
    ]  # fmt: skip
    assert {one.path: (one.base, one.ours, one.theirs) for one in returned.refused} == {
        "year": (2024, 2024, 2025),
        "department/inputs/全年执行数/value": ("741.99", "741.99", "800"),
        "projects/p7/deviation_reason": (
            read(ours.session, "projects/p7/deviation_reason"),
            read(ours.session, "projects/p7/deviation_reason"),
            "不是他们的",
        ),
    }
    assert returned.merge.clashes == ()
    merged = ours.take(returned.merge.changes)
    assert merged.session.year == 2024
    assert merged.session.projects["p6"].goal_done == "完成"
    assert verify(merged.records, merged.session) == []
    assert {(one.kind, one.who) for one in returned.merge.changes} == {("merge", "甲")}
    assert len({one.group for one in returned.merge.changes}) == 1


def test_what_was_handed_out_stays_and_stays_theirs() -> None:
    ours = Copy.new()
    theirs = (
        ours.sent()
        .set("projects/p6/owner", "别的科")
        .set("projects/p6/set", "henan-department-2024")
        .set("department/rows/D1", None)
    )
    returned = ours.back(theirs, "科普部")
    assert paths(returned) == []
    assert {one.path for one in returned.refused} == {
        "projects/p6/owner", "projects/p6/set", "department/rows/D1",
    }  # fmt: skip
    gone = ours.back(ours.sent().set("projects/p6", None), "科普部")
    assert [one.path for one in gone.refused] == ["projects/p6"]


def test_a_figure_may_be_filled_for_the_first_time_or_emptied() -> None:
    ours = Copy.new().set("department/inputs/可剔除调整数", None)
    filled = ours.sent().set("department/inputs/可剔除调整数/value", "103.52")
    returned = ours.back(filled, "财务科")
    assert paths(returned) == ["department/inputs/可剔除调整数/value"]
    ours.take(returned.merge.changes)
    emptied = ours.sent().set("department/inputs/可剔除调整数", None)
    assert paths(ours.back(emptied, "财务科")) == ["department/inputs/可剔除调整数"]


def test_what_was_changed_here_meanwhile_is_a_clash_to_choose() -> None:
    ours = Copy.new()
    theirs = ours.sent().set("department/rows/D1/actual", "99%").set("projects/p6/goal", "他们")
    ours.set("department/rows/D1/actual", "98%").set("projects/p6/goal", "他们")
    ours.set("department/inputs/全年执行数/value", "800")
    returned = ours.back(theirs, "科普部")
    (clash,) = returned.merge.clashes
    assert (clash.path, clash.ours, clash.theirs) == ("department/rows/D1/actual", "98%", "99%")
    assert paths(returned) == []
    assert returned.refused == ()


def test_a_second_return_goes_on_from_the_first() -> None:
    ours = Copy.new()
    theirs = ours.sent()
    ours.take([sending(ours.session, "科普部", theirs.records[-1].hash)])
    theirs.set("department/rows/D1/actual", "97%").set("projects/p6/goal", "一")
    theirs.set("department/rows/D1/evidence", ["e"])
    ours.take(ours.back(theirs, "科普部").merge.changes)
    ours.set("projects/p6/goal", "这里改过")
    theirs.set("department/rows/D1/actual", "99%").set("projects/p6/goal", "二")
    returned = ours.back(theirs, "科普部")
    assert paths(returned) == ["department/rows/D1/actual", "sent/科普部/returned"]
    assert [one.path for one in returned.merge.clashes] == ["projects/p6/goal"]
    ours.take(returned.merge.changes)
    assert read(ours.session, "department/rows/D1/actual") == "99%"
    assert paths(ours.back(theirs, "科普部")) == []  # the same return once more changes nothing


def test_a_second_return_that_takes_something_back_is_followed() -> None:
    """What the office changed its mind about stands as before the first return."""
    ours = Copy.new()
    theirs = ours.sent()
    ours.take([sending(ours.session, "科普部", theirs.records[-1].hash)])
    before = read(ours.session, "department/rows/D1/actual")
    theirs.set("department/rows/D1/actual", "97%")
    ours.take(ours.back(theirs, "科普部").merge.changes)
    theirs.set("department/rows/D1/actual", before)
    ours.take(ours.back(theirs, "科普部").merge.changes)
    assert read(ours.session, "department/rows/D1/actual") == before


def test_a_project_removed_here_comes_back_with_nothing_but_the_owner_s_part() -> None:
    ours = Copy.new()
    theirs = (
        ours.sent()
        .set("projects/p7/rows/r1/actual", "12场")
        .set("projects/p7/rows/r1/target", "10场")
        .set("projects/p7/goal", "不是他们的")
    )
    ours.set("projects/p7", None)
    returned = ours.back(theirs, "办公室")
    (clash,) = returned.merge.clashes
    assert (clash.path, clash.ours) == ("projects/p7", None)
    assert clash.theirs["rows"]["r1"]["actual"] == "12场"
    assert "goal" not in clash.theirs
    assert [one.path for one in returned.refused] == ["projects/p7/goal"]


def test_a_refused_change_is_never_taken_with_a_later_return() -> None:
    ours = Copy.new()
    theirs = ours.sent()
    ours.take([sending(ours.session, "办公室", theirs.records[-1].hash)])
    theirs.set("projects/p7/goal", "不是他们的").set("projects/p7/rows/r1/actual", "12场")
    ours.take(ours.back(theirs, "办公室").merge.changes)
    ours.set("projects/p7", None)
    theirs.set("projects/p7/rows/r1/actual", "13场")
    returned = ours.back(theirs, "办公室")
    (clash,) = returned.merge.clashes
    assert clash.theirs["rows"]["r1"]["actual"] == "13场"
    assert "goal" not in clash.theirs
    assert [one.path for one in returned.refused] == ["projects/p7/goal"]


def test_files_that_two_owners_numbered_alike_keep_apart() -> None:
    """Both add the first file of one project's row, each in a copy of its own."""
    ours = Copy.new([*OWNED, ("projects/p7/rows/r2", {"group": "产出指标", "name": "人次",
                                                     "owner": "财务科"})])  # fmt: skip
    copies = [ours.sent(), ours.sent()]
    for copy, letter, row, owner in zip(
        copies, "ab", ("r1", "r2"), ("办公室", "财务科"), strict=True
    ):
        place = f"projects/p7/rows/{row}"
        entry = {**FILE, "sha256": letter * 64, "number": "p7-1", "paths": [place]}
        copy.set(f"evidence/{letter}", entry).set(f"{place}/evidence", [letter])
        returned = ours.back(copy, owner)
        assert returned.merge.clashes == ()
        ours.take(returned.merge.changes)
    assert {key: one.number for key, one in ours.session.evidence.items()} == {
        "a": "p7-1", "b": "p7-2",
    }  # fmt: skip


# --- whose package it is ---------------------------------------------------------------------


def send(ours: Copy, owner: str) -> Copy:
    """Make a package for an owner as ``save --owner`` does: its record, the file, the note."""
    ours.take([preparing(ours.session, owner, who="甲")])
    theirs = ours.sent()
    ours.take([sending(ours.session, owner, theirs.records[-1].hash, who="甲")])
    return theirs


def whose(ours: Copy, theirs: Copy, said: str = "") -> str:
    head = common(ours.records, theirs.records)[-1].hash
    return sent_to(ours.session, ours.records, head, said)


def test_every_package_ends_at_a_record_of_its_own() -> None:
    ours = Copy.new()
    plain = ours.sent()
    first, second = send(ours, "科普部"), send(ours, "财务科")
    later = ours.sent()
    for copy in (plain, first, second, later):
        copy.set("source", "填了")
    ours.set("year", 2023)
    heads = {common(ours.records, one.records)[-1].hash for one in (plain, first, second, later)}
    assert len(heads) == 4
    assert [whose(ours, one) for one in (plain, first, second, later)] == [
        "", "科普部", "财务科", "",
    ]  # fmt: skip


def test_what_was_noted_here_counts_more_than_what_the_file_says() -> None:
    ours = Copy.new()
    theirs = send(ours, "科普部").set("source", "填了")
    assert whose(ours, theirs, said="财务科") == "科普部"
    send(ours, "科普部")  # sent once more: the first package still is theirs
    assert whose(ours, theirs, said="") == "科普部"
    assert whose(ours, ours.sent(), said="财务科") == "财务科"  # nothing noted here


def test_several_noted_at_one_record_need_the_file_s_word() -> None:
    ours = Copy.new()
    theirs, head = ours.sent(), ours.records[-1].hash
    for owner in ("科普部", "办公室"):
        ours.take([sending(ours.session, owner, head)])
    assert whose(ours, theirs, said="办公室") == "办公室"
    for said in ("", "财务科"):
        with pytest.raises(PerfevalError, match="分发过“科普部”、“办公室”，来件没有说明"):
            whose(ours, theirs, said)


def test_a_package_that_was_never_written_is_not_out() -> None:
    ours = Copy.new()
    ours.take([preparing(ours.session, "科普部")])
    assert [(one.owner, one.state) for one in pending(ours.session, find, ["projects/p6"])] == [
        ("科普部", "未分发")
    ]
    assert pending(ours.session, find) == ()
    ours.take([sending(ours.session, "科普部", ours.records[-1].hash)])
    out = ours.session.sent["科普部"].head
    ours.take([preparing(ours.session, "科普部")])  # a second one that fails: the first is out
    assert ours.session.sent["科普部"].head == out


def test_files_come_with_what_they_are_attached_to() -> None:
    ours = Copy.new()
    theirs = (
        ours.sent()
        .set("evidence/a", {**FILE, "number": "p6-1", "paths": ["projects/p6"]})
        .set("evidence/b", {**FILE, "sha256": "b" * 64, "paths": ["projects/p7"]})
    )
    returned = ours.back(theirs, "科普部")
    assert paths(returned) == ["evidence/a"]
    assert [one.path for one in returned.refused] == ["evidence/b"]


def test_one_file_that_two_owners_attach_serves_both() -> None:
    ours = Copy.new()
    for owner, place in (("科普部", "projects/p6"), ("财务科", "department/answers/B3")):
        copy = Copy.new()
        copy.records, copy.session = ours.records[:1], Copy.new().session
        theirs = copy.set("evidence/a", {**FILE, "number": place, "paths": [place]})
        returned = ours.back(theirs, owner)
        assert returned.merge.clashes == ()
        ours.take(returned.merge.changes)
    assert ours.session.evidence["a"].paths == ("projects/p6", "department/answers/B3")
    assert ours.session.evidence["a"].number == "projects/p6"
    fewer = ours.sent().set("evidence/a/paths", ["projects/p6"])
    ours.set("evidence/a/paths", ["projects/p6", "department/answers/B3", "department/rows/D1"])
    ours.take(ours.back(fewer, "财务科").merge.changes)
    assert ours.session.evidence["a"].paths == ("projects/p6", "department/rows/D1")


def test_a_package_of_another_session_is_not_taken() -> None:
    ours, other = Copy.new(), Copy.new([*OWNED, ("year", 2025)])
    with pytest.raises(PerfevalError, match="不是从本任务保存出去的"):
        ours.back(other, "科普部")
    with pytest.raises(PerfevalError, match=r"没有由“科普”负责的.*是否想写“科普部”"):
        ours.back(ours.sent(), "科普")
    assert len(common(ours.records, ours.sent().set("year", 2025).records)) == 1


places = st.sampled_from([
    "department/rows/D1/actual", "projects/p6/goal", "department/inputs/可剔除调整数/value",
    "department/answers/B3/target", "projects/p7/goal", "projects/p6/owner", "source",
    "projects/p7/rows/r1/actual", "claimed/department~1answers~1B3", "unit/head",
])  # fmt: skip
some_edits = st.lists(st.tuples(places, st.sampled_from(["1", "2", "3"])), max_size=5)


def among(path: str, clashes: Sequence[Clash]) -> bool:
    """Whether a path, or the whole thing it lies in, is listed."""
    return any(f"{path}/".startswith(f"{one.path}/") for one in clashes)


@given(some_edits, some_edits, st.sampled_from(["财务科", "办公室", "科普部"]))
def test_nothing_outside_the_part_ever_changes(here: Edits, there: Edits, owner: str) -> None:
    ours = Copy.new()
    theirs, before = ours.sent(), ours.session
    for path, value in here:
        ours.set(path, value)
    for path, value in there:
        theirs.set(path, value)
    returned = ours.back(theirs, owner)
    mine, merged = ours.session, returned.merge.applied(ours.session)
    for path, _ in [*here, *there]:
        own = any(f"{path}/".startswith(f"{one}/") for one in returned.part)
        own = own or (path == "claimed/department~1answers~1B3" and owner == "财务科")
        own = own and path != "projects/p6/owner"
        was, is_mine = read(before, path), read(mine, path)
        is_theirs, now = read(theirs.session, path), read(merged, path)
        if not own:
            assert now == is_mine
            assert (is_theirs != was) == among(path, returned.refused)
        elif is_mine == was:
            assert now == is_theirs
        elif is_theirs in (was, is_mine):
            assert now == is_mine
        else:
            assert now == is_mine
            assert among(path, returned.merge.clashes)


things = st.sampled_from([
    "projects/p6", "projects/p7/rows/r1", "department/rows/D1", "department/answers/B3",
    "department/inputs/可剔除调整数", "projects/p6/funds/total", "projects/p6/excluded",
])  # fmt: skip
typed = st.lists(st.tuples(places | things, st.sampled_from(["1", None])), max_size=5)


@given(typed, st.sampled_from(["科普部", "财务科", "办公室"]))
def test_an_office_may_type_in_its_copy_exactly_what_is_taken_back(
    edits: Edits, owner: str
) -> None:
    ours = Copy.new()
    part = part_for(ours.session, owner, find)
    theirs = ours.sent().take(handed_over(ours.session, owner, part))
    for path, value in edits:
        try:
            change = edit(theirs.session, path, value, who=owner)
        except PathError:  # nothing is there (any more)
            continue
        if change.old == change.new:
            continue
        try:
            require_editable(theirs.session, change)
        except PerfevalError:
            refused = ours.back(Copy(theirs.session, theirs.records).take([change]), owner).refused
            assert refused
        else:
            theirs.take([change])
    assert ours.back(theirs, owner).refused == ()


def test_an_office_may_attach_a_file_to_its_part_and_take_it_off_again() -> None:
    ours = Copy.new([*OWNED, ("evidence/c", {**FILE, "paths": ["department/rows/D1"]})])
    part = part_for(ours.session, "科普部", find)
    theirs = ours.sent().take(handed_over(ours.session, "科普部", part))
    for path, value in (
        ("evidence/a", {**FILE, "paths": ["projects/p6"]}),
        ("evidence/a", None),
        ("evidence/c", None),
    ):
        change = edit(theirs.session, path, value, who="乙")
        require_editable(theirs.session, change)
        theirs.take([change])
    returned = ours.back(theirs, "科普部")
    assert (paths(returned), returned.refused) == (["evidence/c"], ())
    elsewhere = edit(theirs.session, "evidence/b", {**FILE, "paths": ["projects/p7"]})
    with pytest.raises(PerfevalError, match="只能改它负责的部分"):
        require_editable(theirs.session, elsewhere)


# --- pending ---------------------------------------------------------------------------------


def test_who_has_not_returned_and_what_is_unfilled() -> None:
    ours = Copy.new()
    unfilled = ["department/rows/D1", "projects/p6/rows/r1", "department/answers/B3",
                "department/answers/A1"]  # fmt: skip
    first = {one.owner: one for one in pending(ours.session, find, unfilled)}
    assert first["科普部"].unfilled == ("department/rows/D1", "projects/p6/rows/r1")
    assert first["财务科"].state == "未分发"
    assert "办公室" not in first  # nothing unfilled, nothing out
    head = ours.records[-1].hash
    theirs = ours.sent()
    for owner in ("科普部", "办公室"):
        ours.take([sending(ours.session, owner, head, who="甲")])
    assert ours.session.sent["科普部"].head == head
    assert {one.owner: one.state for one in pending(ours.session, find, unfilled)} == {
        "财务科": "未分发", "办公室": "未交回", "科普部": "未交回",
    }  # fmt: skip
    theirs.set("department/rows/D1/actual", "99%")
    ours.take(ours.back(theirs, "科普部").merge.changes)
    assert ours.session.sent["科普部"].returned == theirs.records[-1].hash
    after = {one.owner: one.state for one in pending(ours.session, find, unfilled[1:])}
    assert after == {"财务科": "未分发", "办公室": "未交回", "科普部": "未填完"}
    assert "科普部" not in {one.owner for one in pending(ours.session, find)}


def test_a_package_is_made_only_for_an_owner() -> None:
    ours = Copy.new()
    with pytest.raises(PerfevalError, match=r"没有由“财务”负责.*是否想写“财务科”"):
        sending(ours.session, "财务", "0" * 64)
    assert sending(ours.session, "财务科", "0" * 64).kind == "stage"
