"""合并: what one side changed is taken, what both changed is listed for a choice."""

from __future__ import annotations

from perfeval.samples import sample_text
from perfeval.session.change import apply, edit
from perfeval.session.files import loads
from perfeval.session.merge import difference, three_way
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


def test_a_row_removed_here_and_edited_there_is_a_clash() -> None:
    ours = changed(BASE, department__rows__D1=None)
    theirs = changed(BASE, department__rows__D1__actual="99%")
    clash = three_way(BASE, ours, theirs).clashes[0]
    assert (clash.path, clash.ours, clash.theirs) == ("department/rows/D1/actual", None, "99%")
