"""Hard entries and hard moments: what the one door takes, what it refuses, what it survives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

import perfeval.store.workspace
from perfeval.errors import PerfevalError
from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.session.change import Change, Conflict, PathError, edit, read
from perfeval.session.files import loads
from perfeval.session.model import MAX_TEXT, Session
from perfeval.session.pins import Pin, pin
from perfeval.store import Store, Workspace
from perfeval.store.database import backup
from perfeval.store.workspace import (
    create,
    delete_session,
    exists,
    listings,
    restore_session,
    take_in,
)

REASON = "projects/p1/deviation_reason"


@pytest.fixture
def workspace(store: Store) -> Workspace:
    return create(store, loads(sample_text()), find, who="甲")


def reread(workspace: Workspace) -> Session:
    again = Workspace.open(workspace.store, workspace.session.id)
    assert again.verify() == []
    assert again.session == workspace.session
    return again.session


# --- texts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        Change(path=REASON, old="", new="甲\0乙"),
        Change(path="claimed/a\0b", new="1"),
        Change(path=REASON, old="", new="甲", why="\0"),
        Change(path="projects/新", new={"set": "mof-project-2020", "name": "\0"}),
    ],
)
def test_a_nul_is_refused_with_its_path_on_both_databases(
    store: Store, workspace: Workspace, change: Change
) -> None:
    before = workspace.session
    with pytest.raises(PathError, match=r"^[\w/\\]+：填写的内容里有不能保存的空字符"):
        workspace.apply(change)
    assert workspace.session == before
    assert len(reread(workspace).projects) == 9
    assert len(workspace.records) == 1


def test_a_nul_in_a_new_session_is_refused(store: Store) -> None:
    session = loads(sample_text()).model_copy(update={"source": "\0"})
    with pytest.raises(PathError, match="不能保存的空字符"):
        create(store, session, find, who="甲")
    assert listings(store) == []


@pytest.mark.parametrize("who", ["甲\0", "甲\n乙", "甲\u202e乙", "\x1b[2K甲", "\ud800", "甲" * 101])
def test_a_name_that_does_not_show_as_it_is_is_refused(
    store: Store, workspace: Workspace, who: str
) -> None:
    """It could pass for another, or for another line of the list."""
    other = workspace.session.model_copy(update={"id": "other"})
    for act in (
        lambda: workspace.apply(edit(workspace.session, REASON, "一", who=who)),
        lambda: workspace.undo(who=who),
        lambda: create(store, other, find, who=who),
    ):
        workspace.apply(edit(workspace.session, REASON, "二", who="甲"))
        with pytest.raises(PerfevalError, match="请重新填写姓名"):
            act()
    assert len(workspace.records) == 4
    assert [one.id for one in listings(store)] == [workspace.session.id]


@pytest.mark.parametrize("what", ["new", "path"])
def test_half_a_character_is_refused(workspace: Workspace, what: str) -> None:
    whole = Change(path="claimed/x", new="1", who="甲")
    bad = {"new": "\ud800", "path": "claimed/\ud800"}[what]
    with pytest.raises(PathError, match=r"不能保存的字符|不合要求"):
        workspace.apply(whole.model_copy(update={what: bad}))
    assert len(workspace.records) == 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
def test_every_other_text_comes_back_as_it_was_typed(workspace: Workspace, said: str) -> None:
    """Also what looks like an escape, a quote, JSON, or a character beyond the first plane."""
    for path in (REASON, "source", "claimed/x"):
        workspace.apply(edit(workspace.session, path, said, who="甲", why=said))
        assert read(reread(workspace), path) == said


def test_a_written_out_escape_is_only_text(workspace: Workspace) -> None:
    workspace.apply(edit(workspace.session, REASON, r"\u0000 \ud800"))
    assert read(reread(workspace), REASON) == r"\u0000 \ud800"


def test_a_very_long_text_is_kept_and_a_longer_one_refused(workspace: Workspace) -> None:
    workspace.apply(edit(workspace.session, REASON, "🙂" * MAX_TEXT))
    assert read(reread(workspace), REASON) == "🙂" * MAX_TEXT
    with pytest.raises(PathError, match="太长"):
        workspace.apply(Change(path=REASON, old="🙂" * MAX_TEXT, new="甲" * (MAX_TEXT + 1)))


def test_a_name_with_a_slash_or_tilde_is_a_key_like_any(workspace: Workspace) -> None:
    workspace.apply(edit(workspace.session, "claimed/department~1~0total", "96"))
    assert reread(workspace).claimed["department/~total"] == "96"


# --- what is recorded ------------------------------------------------------------------------


def test_what_is_recorded_is_the_value_as_it_stands_so_that_undo_finds_it(
    workspace: Workspace,
) -> None:
    start = workspace.session
    path = "department/inputs/全年执行数"
    workspace.apply(Change(path=path, old=read(start, path), new=800))
    workspace.apply(Change(path="statements/新", new=10**20))
    assert workspace.records[1].change.new == {"value": "800"}
    assert workspace.records[2].change.new == {"value": "1" + "0" * 20}
    reread(workspace)
    workspace.undo(who="甲")
    workspace.undo(who="甲")
    assert workspace.session == start


@pytest.mark.parametrize(
    "change",
    [
        Change(path="id", old="xinxiang-kexie-2024", new="other"),
        Change(path="format", old="perfeval-session/1", new="perfeval-session/1"),
        Change(kind="create", path="source", old="", new="甲"),
        Change(path="nothing", new="1"),
        Change(path="projects", old={}, new={}),
    ],
)
def test_what_makes_the_session_another_is_no_edit(workspace: Workspace, change: Change) -> None:
    with pytest.raises(PerfevalError):
        workspace.apply(change)
    reread(workspace)


def test_nothing_to_do_records_nothing(workspace: Workspace) -> None:
    card = workspace.apply()
    assert card.department is not None
    assert len(workspace.records) == 1


def test_a_change_that_calls_itself_an_undo_is_an_act_of_its_own(workspace: Workspace) -> None:
    start = workspace.session
    for kind in ("undo", "redo"):
        workspace.apply(edit(workspace.session, REASON, kind).model_copy(update={"kind": kind}))
    workspace.undo(who="甲")
    workspace.undo(who="甲")
    assert workspace.session == start


VALUES: dict[str, Any] = {
    "unit": {"name": "改名"},
    "year": 2025,
    "money_unit": "元",
    "source": "改",
    "department": None,
    "projects/p1": None,
    "project_order": ["p2", "p1"],
    "claimed": {"department/total": "90"},
    "statements": {"甲": {"value": "1"}},
    "texts": {"主要职责": "科普"},
    "assumed": {"department/answers/B4/target": "改"},
    "waivers": [{"check": "L01", "path": "x", "reason": "有"}],
    "stage": "已上报",
    "submissions": [{"number": 1, "seal": "0", "head": "0"}],
    "marks": {"department/answers/B4": {"verdict": "认可"}},
    "feedback": {"department/answers/B4": {"accepted": True}},
    "remedies": {"department/answers/B3/扣分": {"measure": "按季度通报", "state": "整改中"}},
    "evidence": {"e1": {"name": "a.pdf", "sha256": "0" * 64, "size": 1}},
    "pinned": None,  # see below
    "previous": {"a": "1"},
    "sent": {"财务科": {"head": "0"}},
    "working_as": "财务科",
    "editable": ["department"],
}


def test_every_field_of_a_session_is_known_here() -> None:
    fields = {path.partition("/")[0] for path in VALUES}
    assert fields | {"id", "format"} == set(Session.model_fields)


@pytest.mark.parametrize("path", [path for path in VALUES if path != "pinned"])
def test_every_field_is_saved_scored_anew_and_undone(workspace: Workspace, path: str) -> None:
    start = workspace.session
    other = Workspace.open(workspace.store, start.id)
    assert other.scorecard.department is not None
    change = Change(path=path, old=read(start, path), new=VALUES[path])
    card = workspace.apply(change)
    assert workspace.session != start
    session = reread(workspace)
    fresh = score_session(session, workspace.find)
    assert card == fresh
    other.refresh()
    assert other.scorecard == fresh
    assert listings(workspace.store)[0].total == (fresh.department and fresh.department.total)
    workspace.undo(who="甲")
    assert reread(workspace) == start
    assert workspace.scorecard == score_session(start, workspace.find)


def test_a_session_is_pinned_to_another_set_it_keeps(workspace: Workspace) -> None:
    start = workspace.session
    today = find("henan-department-2024")
    other = today.model_copy(update={"title": "改了的体系"})
    path = f"pinned/{today.id}"
    to_new = Change(path=path, old=start.pinned[today.id], new=pin(other).hash)
    with pytest.raises(PerfevalError, match="没有固定"):
        workspace.apply(to_new)
    assert reread(workspace) == start
    unchanged = Workspace.open(workspace.store, start.id)
    workspace.keep([pin(other)])
    workspace.apply(to_new)
    assert workspace.find(today.id).title == "改了的体系"
    assert workspace.scorecard.department is not None
    assert workspace.scorecard.department.set.title == "改了的体系"
    unchanged.refresh()
    assert unchanged.find(today.id).title == "改了的体系"
    workspace.undo(who="甲")
    assert workspace.find(today.id).title == today.title


def test_a_copy_brings_the_set_it_is_pinned_to(store: Store) -> None:
    """Opened elsewhere, under another id: pinned already, its sets not saved here."""
    today = find("henan-department-2024")
    old = today.model_copy(update={"title": "旧的体系"})
    sample = loads(sample_text())
    pins = {today.id: pin(old).hash, "mof-project-2020": pin(find("mof-project-2020")).hash}
    packed = sample.model_copy(update={"id": "copy", "pinned": pins})
    with pytest.raises(PerfevalError, match="没有固定"):
        create(store, packed, find, who="甲")  # today's set is another one
    assert listings(store) == []
    made = create(store, packed, lambda id_: old if id_ == today.id else find(id_), who="甲")
    assert made.find(today.id).title == "旧的体系"
    assert made.verify() == []


def test_a_session_is_taken_in_with_its_journal(
    store: Store, workspace: Workspace, tmp_path: Path
) -> None:
    for n in range(3):
        workspace.apply(edit(workspace.session, REASON, f"{n}"))
    pins = [pin(workspace.find(set_id)) for set_id in workspace.session.pinned]
    whole = (workspace.session, workspace.records, pins)
    with Store.open(str(tmp_path / "other.db")) as other:
        assert not exists(other, workspace.session.id)
        cut = workspace.records[:-1]
        with pytest.raises(PerfevalError, match="不能存入"):
            take_in(other, workspace.session, cut, pins)
        forged = [Pin(pins[0].set_id, pins[0].hash, pins[0].text.replace("分", "份"))]
        with pytest.raises(PerfevalError, match=r"不能存入.*固定的内容被改动"):
            take_in(other, workspace.session, workspace.records, forged)
        assert listings(other) == []
        taken = take_in(other, *whole)
        assert exists(other, workspace.session.id)
        assert (taken.session, taken.records) == whole[:2]
        assert taken.scorecard == workspace.scorecard
        taken.undo(who="乙")
        assert reread(taken).projects["p1"].deviation_reason == "1"
        assert listings(other)[0].grade == "优"
    with pytest.raises(PerfevalError, match="已有编号"):
        take_in(store, *whole)


# --- order -----------------------------------------------------------------------------------


def test_the_order_of_projects_and_rows_is_kept(store: Store) -> None:
    """A database keeps no order of keys, so the session states it."""
    sample = loads(sample_text())
    keys = ["z", "p10", "p9", "A", "甲", "p1"]
    projects = dict.fromkeys(keys, sample.projects["p1"])
    assert sample.department is not None
    rows = dict(reversed(list(sample.department.rows.items())))
    department = sample.department.model_copy(update={"rows": rows, "row_order": ()})
    update = {"projects": projects, "project_order": (), "department": department}
    made = create(store, sample.model_copy(update=update), find, who="甲")
    again = Workspace.open(store, made.session.id).session
    assert [key for key, _ in again.ordered_projects()] == keys
    assert again.department is not None
    assert again.department.row_order == tuple(rows)


# --- when ------------------------------------------------------------------------------------

CHINA = timezone(timedelta(hours=8))


def test_a_moment_is_the_same_moment_in_every_zone(store: Store, workspace: Workspace) -> None:
    late = datetime(2100, 1, 1, 1, 30, tzinfo=CHINA)  # still 2099 in UTC
    workspace.apply(edit(workspace.session, REASON, "一").model_copy(update={"when": late}))
    (line,) = listings(store)
    assert line.changed_at == late
    assert line.changed_at.tzinfo is not None
    assert line.changed_at.utcoffset() == timedelta(0)
    again = Workspace.open(store, workspace.session.id)
    assert again.records[1].change.when == late
    assert again.verify() == []


def test_the_last_changed_comes_first_whatever_the_zone(store: Store, workspace: Workspace) -> None:
    other = create(store, workspace.session.model_copy(update={"id": "other"}), find, who="甲")
    noon = datetime(2099, 1, 1, 12, tzinfo=UTC)
    earlier = datetime(2099, 1, 1, 19, tzinfo=CHINA)  # 11:00 UTC
    for one, when in ((other, noon), (workspace, earlier)):
        one.apply(edit(one.session, REASON, "一").model_copy(update={"when": when}))
    assert [line.id for line in listings(store)] == ["other", workspace.session.id]


# --- moments ---------------------------------------------------------------------------------


def test_a_deleted_session_can_be_read_but_not_changed(store: Store, workspace: Workspace) -> None:
    delete_session(store, workspace.session.id)
    acts: list[Callable[[], object]] = [
        lambda: workspace.apply(edit(workspace.session, REASON, "一")),
        lambda: workspace.undo(who="甲"),
    ]
    for act in acts:
        with pytest.raises(PerfevalError, match="已被删除，不能再改。请先恢复它"):
            act()
    reread(workspace)
    restore_session(store, workspace.session.id)
    workspace.apply(edit(workspace.session, REASON, "一"))
    reread(workspace)


def test_a_session_that_is_gone_is_told(store: Store, workspace: Workspace) -> None:
    with store.writing() as connection:
        connection.execute(text("DELETE FROM session"))
    acts: list[Callable[[], object]] = [
        lambda: workspace.apply(edit(workspace.session, REASON, "一")),
        workspace.refresh,
        workspace.verify,
    ]
    for act in acts:
        with pytest.raises(PerfevalError, match="没有编号为"):
            act()


def test_a_restored_backup_is_taken_as_it_is(tmp_path: Path) -> None:
    """What this program knew was never there: the saved session counts, not the memory."""
    file = tmp_path / "p.db"
    with Store.open(str(file)) as store:
        workspace = create(store, loads(sample_text()), find, who="甲")
        kept = backup(file, always=True)
        assert kept is not None
        for n in range(3):
            workspace.apply(edit(workspace.session, REASON, f"{n}"))
        assert len(workspace.records) == 4
        store.engine.dispose()
        for suffix in ("-wal", "-shm"):
            file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)
        file.write_bytes(kept.read_bytes())
        with pytest.raises(Conflict):
            workspace.apply(edit(workspace.session, REASON, "四"))
        workspace.refresh()
        assert read(workspace.session, REASON) == read(loads(sample_text()), REASON)
        workspace.apply(edit(workspace.session, REASON, "四"))
        assert len(workspace.records) == 2
        reread(workspace)


def test_another_history_of_the_same_length_is_noticed(store: Store, workspace: Workspace) -> None:
    """Only the head tells: as many records, but not those."""
    session_id = workspace.session.id
    with store.writing() as connection:
        connection.execute(text("DELETE FROM session"))
    other = create(store, workspace.session.model_copy(update={"year": 2020}), find, who="乙")
    workspace.apply(edit(workspace.session, REASON, "一"))
    assert workspace.session.year == 2020
    other.refresh()
    assert reread(workspace) == other.session
    assert workspace.session.id == session_id


def test_a_failure_after_saving_loses_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut short between the commit and adopting it, the next act catches up."""

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    change = edit(workspace.session, REASON, "一")
    with monkeypatch.context() as patched:
        patched.setattr(Workspace, "_adopt", cut)
        with pytest.raises(KeyboardInterrupt):
            workspace.apply(change)
    with pytest.raises(Conflict):
        workspace.apply(change)
    workspace.apply(edit(workspace.session, REASON, "二"))
    assert [record.change.new for record in workspace.records[1:]] == ["一", "二"]
    reread(workspace)


def test_a_failure_before_saving_changes_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    before = workspace.session
    for name in ("persist", "moved", "linked"):
        with monkeypatch.context() as patched:
            patched.setattr(perfeval.store.workspace, name, cut)
            with pytest.raises(KeyboardInterrupt):
                workspace.apply(edit(before, REASON, "一"))
        assert workspace.session == before
        assert len(workspace.records) == 1
    reread(workspace)


def test_a_reader_sees_one_moment(store: Store, workspace: Workspace) -> None:
    """Else a head read before another's change would not fit the journal read after it."""
    count = text("SELECT count(*) FROM journal")
    with store.reading() as connection:
        assert connection.execute(count).scalar() == 1
        workspace.apply(edit(workspace.session, REASON, "一"))
        assert connection.execute(count).scalar() == 1
    with store.reading() as connection:
        assert connection.execute(count).scalar() == 2


def test_two_undos_take_back_two_acts(store: Store, workspace: Workspace) -> None:
    """The act is chosen under the lock, so that the second does not meet the first one's."""
    other = Workspace.open(store, workspace.session.id)
    start = workspace.session
    for n in range(2):
        workspace.apply(edit(workspace.session, REASON, f"{n}"))
    other.undo(who="乙")
    workspace.undo(who="甲")
    assert reread(workspace) == start
