"""The one door, on both databases: saved, journalled, scored; conflicts; undo across restarts."""

from __future__ import annotations

import gc

import pytest

from perfeval.checks import Finding, run
from perfeval.errors import PerfevalError
from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.session.change import Change, Conflict, PathError, edit
from perfeval.session.files import loads
from perfeval.session.model import Session
from perfeval.store import Store, Workspace
from perfeval.store.workspace import create, delete_session, listings, restore_session

EXCLUDED = "department/inputs/可剔除调整数/value"


def sample() -> Session:
    return loads(sample_text())


def fill(
    workspace: Workspace, path: str, value: object, *, who: str = "甲", group: str = ""
) -> str:
    change = edit(workspace.session, path, value, who=who).model_copy(update={"group": group})
    card = workspace.apply(change)
    assert card.department is not None
    return card.department.total_text


def total(workspace: Workspace) -> str:
    department = workspace.scorecard.department
    assert department is not None
    return department.total_text


@pytest.fixture
def workspace(store: Store) -> Workspace:
    return create(store, sample(), find, who="甲")


def test_a_session_is_read_back_as_it_was_saved(store: Store, workspace: Workspace) -> None:
    again = Workspace.open(store, workspace.session.id)
    assert again.session == workspace.session
    assert again.scorecard.department is not None
    assert again.scorecard.department.total_text == "96.40"
    assert [p.name for p in again.scorecard.projects] == [
        p.name for p in workspace.scorecard.projects
    ]


def test_a_change_is_saved_scored_and_journalled(store: Store, workspace: Workspace) -> None:
    assert fill(workspace, EXCLUDED, "103.52") == "98.40"
    again = Workspace.open(store, workspace.session.id)
    assert again.session == workspace.session
    assert [record.n for record in again.records] == [1, 2]
    assert again.records[1].change.who == "甲"
    assert again.verify() == []


def test_what_moves_no_score_is_saved_too(store: Store, workspace: Workspace) -> None:
    """Nothing is worth anything else after it, yet the document is another."""
    for path in (
        "department/inputs/全年执行数/source",
        "department/answers/B3/basis",
        "projects/p6/goal",
        "projects/p9/name",
        "unit/phone",
    ):
        before = total(workspace)
        fill(workspace, path, "一体化系统")
        assert total(workspace) == before
        assert Workspace.open(store, workspace.session.id).session == workspace.session


def test_findings_follow_the_changes(workspace: Workspace) -> None:
    def found() -> list[Finding]:
        fresh = run(workspace.session, workspace.scorecard, workspace.find)
        assert workspace.findings == fresh
        return fresh

    before = found()
    fill(workspace, "department/inputs/全年执行数/value", "900")
    assert len(found()) != len(before)
    workspace.undo(who="甲")
    assert found() == before


def test_opening_leaves_the_collector_as_it_was(store: Store, workspace: Workspace) -> None:
    assert gc.isenabled()
    gc.disable()
    try:
        Workspace.open(store, workspace.session.id)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_list_shows_the_cached_score(store: Store, workspace: Workspace) -> None:
    fill(workspace, EXCLUDED, "103.52", who="乙")
    (line,) = listings(store)
    assert (line.unit, line.year, line.stage, line.grade) == (
        "新乡市科学技术协会", 2024, "草稿", "优",
    )  # fmt: skip
    assert line.total is not None
    assert (float(line.total), line.changed_by) == (98.4, "乙")


def test_different_fields_of_one_evaluation_both_succeed(
    store: Store, workspace: Workspace
) -> None:
    other = Workspace.open(store, workspace.session.id)
    fill(workspace, EXCLUDED, "103.52", who="甲")
    fill(other, "department/answers/B4/target", "≤20%", who="乙")
    workspace.refresh()
    assert workspace.session == other.session
    assert workspace.verify() == []
    assert len(workspace.records) == 3


def test_in_the_same_field_one_wins_and_the_other_is_told_both_values(
    store: Store, workspace: Workspace
) -> None:
    other = Workspace.open(store, workspace.session.id)
    late = edit(other.session, "department/inputs/全年执行数/value", "750", who="乙")
    fill(workspace, "department/inputs/全年执行数/value", "800")
    with pytest.raises(Conflict, match=r"已被改为“800”（您看到的是“741\.99”）"):
        other.apply(late)
    assert Workspace.open(store, workspace.session.id).verify() == []
    assert len(Workspace.open(store, workspace.session.id).records) == 2


def test_a_group_is_all_or_nothing(store: Store, workspace: Workspace) -> None:
    good = edit(workspace.session, EXCLUDED, "1", who="甲")
    stale = Change(path="department/inputs/全年执行数/value", old="0", new="2")
    with pytest.raises(Conflict):
        workspace.apply(good, stale)
    again = Workspace.open(store, workspace.session.id)
    assert again.session == workspace.session
    assert len(again.records) == 1


def test_undo_and_redo_across_restarts(store: Store, workspace: Workspace) -> None:
    start = workspace.session
    fill(workspace, EXCLUDED, "103.52")
    fill(workspace, "department/answers/B4/target", "≤20%")
    changed = workspace.session
    again = Workspace.open(store, start.id)
    again.undo(who="乙")
    Workspace.open(store, start.id).undo(who="乙")
    last = Workspace.open(store, start.id)
    assert last.session == start
    with pytest.raises(PerfevalError, match="没有可以撤销的修改"):
        last.undo(who="乙")
    last.redo(who="乙")
    last.redo(who="乙")
    assert last.session == changed
    with pytest.raises(PerfevalError, match="没有可以重做的修改"):
        last.redo(who="乙")
    assert last.verify() == []


def test_a_group_is_undone_and_redone_at_once(workspace: Workspace) -> None:
    start = workspace.session
    fill(workspace, "projects/p1/deviation_reason", "前")
    before = workspace.session
    fill(workspace, EXCLUDED, "1", group="导入")
    fill(workspace, "department/answers/B4/target", "≤20%", group="导入")
    after = workspace.session
    workspace.undo(who="甲")
    assert workspace.session == before
    workspace.undo(who="甲")
    assert workspace.session == start
    workspace.redo(who="甲")
    workspace.redo(who="甲")
    assert workspace.session == after
    workspace.undo(who="甲")
    assert workspace.session == before


def test_a_new_edit_ends_redoing(workspace: Workspace) -> None:
    fill(workspace, EXCLUDED, "1")
    workspace.undo(who="甲")
    fill(workspace, EXCLUDED, "2")
    with pytest.raises(PerfevalError, match="没有可以重做的修改"):
        workspace.redo(who="甲")


def test_rows_and_projects_are_added_and_removed(store: Store, workspace: Workspace) -> None:
    new = {"set": "mof-project-2020", "name": "新项目", "funds": {"t": {"budget": "5"}}}
    fill(workspace, "projects/p10", new)
    fill(workspace, "projects/p9", None)
    fill(
        workspace, "department/rows/D4", {"group": "重点工作任务完成", "name": "四", "points": "1"}
    )
    again = Workspace.open(store, workspace.session.id)
    assert again.session == workspace.session
    assert "p10" in again.session.projects
    assert "p9" not in again.session.projects
    assert again.verify() == []
    with pytest.raises(PathError, match="逐个"):
        fill(workspace, "projects", {})


def test_a_session_is_scored_with_the_set_it_is_pinned_to(store: Store) -> None:
    workspace = create(store, sample(), find, who="甲")
    again = Workspace.open(store, workspace.session.id)
    pinned_set = again.find("henan-department-2024")
    assert pinned_set == find("henan-department-2024")
    assert set(again.session.pinned) == {"henan-department-2024", "mof-project-2020"}
    with pytest.raises(PerfevalError, match="没有固定"):
        again.find("sichuan-dazhou-department")


def test_tampering_with_a_row_of_the_database_is_found(store: Store, workspace: Workspace) -> None:
    from sqlalchemy import text

    fill(workspace, EXCLUDED, "103.52")
    with store.writing() as connection:
        connection.execute(text("UPDATE journal SET record = replace(record, '103.52', '99.99')"))
    assert "第 2 条记录：内容被改动" in str(workspace.verify()[0])


def test_delete_can_be_taken_back(store: Store, workspace: Workspace) -> None:
    delete_session(store, workspace.session.id)
    assert listings(store) == []
    assert len(listings(store, deleted=True)) == 1
    restore_session(store, workspace.session.id)
    assert len(listings(store)) == 1
    with pytest.raises(PerfevalError, match="没有编号为“no”"):
        delete_session(store, "no")


def test_unknown_and_taken_ids_are_told(store: Store, workspace: Workspace) -> None:
    with pytest.raises(PerfevalError, match="没有编号为“nothing”"):
        Workspace.open(store, "nothing")
    with pytest.raises(PerfevalError, match="已有编号"):
        create(store, workspace.session, find, who="甲")
