"""合并: what one side changed is taken, what both changed is listed for a choice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval.samples import sample_text
from perfeval.session.change import Change, PathError, apply, edit, read
from perfeval.session.files import loads
from perfeval.session.merge import Merge, difference, three_way
from perfeval.session.model import Session

BASE = loads(sample_text())


def changed(session: Session, **edits: object) -> Session:
    for path, value in edits.items():
        session = apply(session, edit(session, path.replace("__", "/"), value))
    return session


def test_the_difference_leads_from_one_to_the_other() -> None:
    new = changed(
        BASE,
        department__inputs__全年执行数__value="800",
        department__answers__A1=None,
        projects__p1=None,
        projects__p10={"set": "mof-project-2020", "name": "新项目"},
        year=2025,
    )
    session = BASE
    for change in difference(BASE, new):
        session = apply(session, change)
    assert session == new
    assert difference(new, new) == []


def test_changes_of_one_side_are_taken() -> None:
    ours = changed(BASE, department__inputs__全年执行数__value="800")
    theirs = changed(BASE, department__answers__B3__target="≤30%", projects__p9=None)
    merge = three_way(BASE, ours, theirs, who="乙")
    assert merge.clashes == ()
    merged = merge.applied(ours)
    assert merged.department is not None
    assert merged.department.inputs["全年执行数"].value == "800"
    assert merged.department.answers["B3"].target == "≤30%"
    assert "p9" not in merged.projects


def test_what_both_changed_differently_is_listed_with_all_three_values() -> None:
    ours = changed(BASE, department__inputs__全年执行数__value="800")
    theirs = changed(BASE, department__inputs__全年执行数__value="750")
    merge = three_way(BASE, ours, theirs)
    assert merge.changes == ()
    clash = merge.clashes[0]
    assert clash.path == "department/inputs/全年执行数/value"
    assert (clash.base, clash.ours, clash.theirs) == ("741.99", "800", "750")
    assert merge.applied(ours) == ours


def test_the_same_change_on_both_sides_is_no_clash() -> None:
    ours = changed(BASE, department__inputs__全年执行数__value="800")
    assert three_way(BASE, ours, ours) == three_way(BASE, ours, ours).__class__((), ())


def chosen(merge: Merge, ours: Session) -> Session:
    """What ``--clash 来件`` makes of it: the changes taken, then theirs of every clash."""
    session = merge.applied(ours)
    for one in merge.clashes:
        change = Change(kind="merge", path=one.path, old=one.ours, new=one.theirs)
        session = apply(session, change)
    return session


def test_a_row_removed_here_and_edited_there_can_be_chosen_either_way() -> None:
    ours = changed(BASE, department__rows__D1=None)
    theirs = changed(BASE, department__rows__D1__actual="99%", department__rows__D1__target="98%")
    merge = three_way(BASE, ours, theirs)
    (clash,) = merge.clashes  # one, about the whole row
    assert (clash.path, clash.ours) == ("department/rows/D1", None)
    assert clash.base == read(BASE, "department/rows/D1")
    assert (clash.theirs["actual"], clash.theirs["target"]) == ("99%", "98%")
    assert merge.applied(ours) == ours
    assert chosen(merge, ours) == theirs


@pytest.mark.parametrize(
    ("removed", "edited"),
    [
        ("projects/p6", "projects/p6/funds/total/executed"),
        ("projects/p6/funds/total", "projects/p6/funds/total/executed"),
        ("department/answers/B3", "department/answers/B3/target"),
        ("department/inputs/全年执行数", "department/inputs/全年执行数/value"),
        ("department", "department/inputs/全年执行数/value"),
    ],
)
def test_whatever_was_removed_comes_back_whole(removed: str, edited: str) -> None:
    gone, kept = changed(BASE, **{removed: None}), changed(BASE, **{edited: "1"})
    merge = three_way(BASE, gone, kept)
    assert [one.path for one in merge.clashes] == [removed]
    assert chosen(merge, gone) == kept
    turned = three_way(BASE, kept, gone)  # the same from the other side
    assert [(one.path, one.theirs) for one in turned.clashes] == [(removed, None)]
    assert chosen(turned, kept) == gone


def test_two_first_entries_of_one_answer_do_not_meet() -> None:
    assert read(BASE, "department/answers/B1/basis") in ("", None)
    base = changed(BASE, department__answers__B1=None)
    ours = changed(base, department__answers__B1__basis="三定方案")
    theirs = changed(base, department__answers__B1__deviation_reason="无")
    merge = three_way(base, ours, theirs)
    assert merge.clashes == ()
    assert read(merge.applied(ours), "department/answers/B1") == {
        "basis": "三定方案", "deviation_reason": "无",
    }  # fmt: skip


# --- lists that are sets ---------------------------------------------------------------------


def file(letter: str, number: str, *places: str) -> dict[str, object]:
    return {
        "name": f"{letter}.pdf", "sha256": letter * 64, "size": 3, "number": number,
        "paths": list(places),
    }  # fmt: skip


B3 = "department/answers/B3"


def attached(session: Session, letter: str, number: str) -> Session:
    """The session with one more file at B3, as ``attach`` does it."""
    listed = [*(read(session, f"{B3}/evidence") or []), letter]
    return changed(
        session, **{f"evidence/{letter}": file(letter, number, B3), f"{B3}/evidence": listed}
    )


@pytest.mark.parametrize("base", [BASE, changed(BASE, **{B3: None})], ids=["filled", "empty"])
def test_files_that_both_attached_to_one_indicator_are_all_there(base: Session) -> None:
    base = attached(base, "a", "B3-1")
    ours, theirs = attached(base, "b", "B3-2"), attached(base, "c", "B3-2")
    merge = three_way(base, ours, theirs, who="乙")
    assert merge.clashes == ()
    merged = merge.applied(ours)
    assert read(merged, f"{B3}/evidence") == ["a", "b", "c"]
    assert {key: one.number for key, one in merged.evidence.items()} == {
        "a": "B3-1", "b": "B3-2", "c": "B3-3",
    }  # fmt: skip
    assert {(one.kind, one.who) for one in merge.changes} == {("merge", "乙")}
    again = three_way(base, merged, theirs)  # the same once more changes nothing
    assert (again.changes, again.clashes) == ((), ())


def test_a_file_taken_off_there_is_taken_off_and_what_was_added_here_stays() -> None:
    base = attached(attached(BASE, "a", "B3-1"), "b", "B3-2")
    ours = attached(base, "c", "B3-3")
    theirs = changed(base, **{f"{B3}/evidence": ["b"], "evidence/a": None})
    merged = three_way(base, ours, theirs).applied(ours)
    assert read(merged, f"{B3}/evidence") == ["b", "c"]
    assert sorted(merged.evidence) == ["b", "c"]


def test_one_file_that_both_attached_serves_both_places_with_both_notes() -> None:
    ours = changed(BASE, **{"evidence/a": {**file("a", "B3-1", B3), "page": "3"}})
    theirs = changed(BASE, **{"evidence/a": {**file("a", "B1-1", "projects/p6"), "page": "5"}})
    merged = three_way(BASE, ours, theirs).applied(ours).evidence["a"]
    assert (merged.number, merged.paths, merged.page) == ("B3-1", (B3, "projects/p6"), "3；5")
    other = changed(BASE, **{"evidence/a": {**file("b", "B3-1", B3)}})
    (clash,) = three_way(BASE, ours, other).clashes  # another content is another file
    assert clash.path == "evidence/a"


def explained(session: Session, check: str, reason: str) -> Session:
    one = {"check": check, "path": "department", "reason": reason}
    return changed(session, waivers=[*read(session, "waivers"), one])


def test_explanations_of_both_are_kept_and_two_of_one_finding_are_a_choice() -> None:
    ours, theirs = explained(BASE, "L27", "甲说"), explained(BASE, "L05", "乙说")
    merged = three_way(BASE, ours, theirs).applied(ours)
    assert [one.reason for one in merged.waivers] == ["甲说", "乙说"]
    theirs = explained(BASE, "L27", "乙说")
    assert [one.path for one in three_way(BASE, ours, theirs).clashes] == ["waivers"]


# --- laws ------------------------------------------------------------------------------------


EDITS = st.lists(
    st.tuples(
        st.sampled_from([
            "department/rows/D1", "department/rows/D1/actual", "department/answers/B3",
            "department/answers/B3/target", "department/answers/新/actual",
            "department/answers/新/basis", "department/inputs/全年执行数",
            "department/inputs/全年执行数/value", "projects/p6", "projects/p6/goal",
            "projects/p6/funds/total/executed", "claimed/department~1total", "year",
        ]),
        st.sampled_from([None, "1", "2"]),
    ),
    max_size=6,
)  # fmt: skip


def edited(session: Session, edits: list[tuple[str, str | None]]) -> Session:
    for path, value in edits:
        try:
            session = changed(session, **{path: 2023 if path == "year" else value})
        except PathError:
            continue  # a row without its group, a year of nothing
    return session


@given(EDITS, EDITS)
def test_either_side_can_be_chosen_whatever_both_did(
    here: list[tuple[str, str | None]], there: list[tuple[str, str | None]]
) -> None:
    ours, theirs = edited(BASE, here), edited(BASE, there)
    session = BASE
    for change in difference(BASE, theirs):
        session = apply(session, change)
    assert session == theirs
    merge = three_way(BASE, ours, theirs)
    kept, taken = merge.applied(ours), chosen(merge, ours)
    for one in merge.clashes:
        assert read(kept, one.path) == one.ours
        assert read(taken, one.path) == one.theirs
    for change in merge.changes:
        assert read(taken, change.path) == read(theirs, change.path)
    assert three_way(ours, ours, theirs).applied(ours) == theirs


# --- orders, marks ---------------------------------------------------------------------------

ORDER = "department/row_order"
STANDING = ["D1", "D2", "D3", "E1"]
ANY_ORDER = st.permutations([*STANDING, "新1", "新2"]).flatmap(
    lambda keys: st.integers(0, len(keys)).map(lambda count: keys[:count])
)


def ordered(keys: list[str]) -> Session:
    return changed(BASE, **{ORDER: keys})


def joined(base: list[str], ours: list[str], theirs: list[str]) -> list[str] | None:
    """The order that a merge makes, None where it is left to a choice."""
    here = ordered(ours)
    merge = three_way(ordered(base), here, ordered(theirs))
    if merge.clashes:
        assert merge.changes == ()
        return None
    found = read(merge.applied(here), ORDER)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    ("ours", "theirs", "wanted"),
    [
        # Both add a row: each stands where it was put.
        (["D1", "甲", "D2", "D3", "E1"], ["D1", "D2", "乙", "D3", "E1"],
         ["D1", "甲", "D2", "乙", "D3", "E1"]),
        # One adds at the top or two at the end, the other takes one out.
        (["乙", "D1", "D2", "D3", "E1"], ["D1", "D3", "E1"], ["乙", "D1", "D3", "E1"]),
        (["D2", "D3", "E1"], ["D1", "D2", "D3", "E1", "甲", "乙"], ["D2", "D3", "E1", "甲", "乙"]),
        # One moves, the other adds, in either place.
        (["E1", "D1", "D2", "D3"], ["D1", "乙", "D2", "D3", "E1"], ["E1", "D1", "乙", "D2", "D3"]),
        (["D1", "乙", "D2", "D3", "E1"], ["E1", "D1", "D2", "D3"], ["E1", "D1", "乙", "D2", "D3"]),
        # Both make the same move.
        (["D2", "D1", "D3", "E1"], ["D2", "D1", "D3", "E1"], ["D2", "D1", "D3", "E1"]),
        # Both move, otherwise: a choice.
        (["D2", "D1", "D3", "E1"], ["D1", "D3", "D2", "E1"], None),
    ],
)  # fmt: skip
def test_two_orders_are_joined_unless_both_moved(
    ours: list[str], theirs: list[str], wanted: list[str] | None
) -> None:
    assert joined(STANDING, ours, theirs) == wanted


@given(ANY_ORDER, ANY_ORDER)
def test_a_joined_order_holds_what_either_added_and_neither_took_out(
    ours: list[str], theirs: list[str]
) -> None:
    found = joined(STANDING, ours, theirs)
    if found is None:
        return
    kept = {key for key in STANDING if key in ours and key in theirs}
    assert len(found) == len(set(found))
    assert set(found) == kept | (set(ours) | set(theirs)) - set(STANDING)


MARK = "marks/department~1answers~1B3"


def test_a_mark_is_taken_whole_never_one_s_score_with_another_s_opinion() -> None:
    said = {"verdict": "核增", "score": "1", "opinion": "已批复", "who": "甲"}
    base = changed(BASE, **{MARK: said})
    ours = changed(base, **{MARK: {**said, "verdict": "核减", "score": "0"}})
    theirs = changed(base, **{MARK: {**said, "opinion": "批复在后", "who": "乙"}})
    merge = three_way(base, ours, theirs)
    assert merge.changes == ()
    (clash,) = merge.clashes
    assert (clash.path, clash.ours["opinion"], clash.theirs["score"]) == (MARK, "已批复", "1")
    assert chosen(merge, ours) == theirs
    (taken,) = three_way(base, base, theirs).changes
    assert taken.path == MARK
