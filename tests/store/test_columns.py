"""List columns are a cache: labelled, made anew when the label differs, never read as truth."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from perfeval import __version__
from perfeval.indicators.library import find
from perfeval.numbers import Exact
from perfeval.samples import sample_text
from perfeval.session.change import edit
from perfeval.session.files import loads
from perfeval.store import Store, Workspace
from perfeval.store.workspace import create, listings, refresh_columns


@pytest.fixture
def workspace(store: Store) -> Workspace:
    return create(store, loads(sample_text()), find, who="甲")


def columns(store: Store, key: str) -> tuple[object, ...]:
    query = text(
        "SELECT name, budget, executed, total, filled, grade, engine, set_hash"
        " FROM evaluation WHERE key = :key"
    )
    with store.reading() as connection:
        return tuple(connection.execute(query, {"key": key}).one())


def corrupt(store: Store, assignments: str) -> None:
    with store.writing() as connection:
        connection.execute(text(f"UPDATE evaluation SET {assignments}"))


def test_columns_hold_money_in_cents_and_scores_in_ten_thousandths(
    store: Store, workspace: Workspace
) -> None:
    pinned = workspace.session.pinned["henan-department-2024"]
    assert columns(store, "department") == (
        "", None, None, 964000, 1000000, "优", __version__, pinned,
    )  # fmt: skip
    workspace.apply(edit(workspace.session, "projects/p1/funds", {"t": {"budget": "12.345"}}))
    workspace.apply(edit(workspace.session, "projects/p1/name", "改名"))
    name, budget, *_ = columns(store, "projects/p1")
    assert (name, budget) == ("改名", 12_345_000)


@pytest.mark.parametrize("label", ["engine = '0.0.1'", "set_hash = 'other'"])
def test_a_cache_of_another_engine_or_set_is_made_anew_on_listing(
    store: Store, workspace: Workspace, label: str
) -> None:
    kept = columns(store, "department"), columns(store, "projects/p6")
    corrupt(store, f"total = 1, grade = '差', budget = 7, {label}")
    (line,) = listings(store)
    assert (line.total, line.grade) == (Exact(964, 10), "优")
    assert (columns(store, "department"), columns(store, "projects/p6")) == kept
    assert refresh_columns(store) == 0
    assert Workspace.open(store, workspace.session.id).verify() == []


def test_a_cache_is_never_read_as_truth(store: Store, workspace: Workspace) -> None:
    corrupt(store, "total = 1, grade = '差'")
    again = Workspace.open(store, workspace.session.id)
    assert again.scorecard.department is not None
    assert again.scorecard.department.total_text == "96.40"
    assert again.verify() == []
    again.apply(edit(again.session, "department/answers/B4/target", "≤20%"))
    assert columns(store, "department")[3] != 1


def test_a_stale_score_that_cannot_be_made_anew_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perfeval.store.database.BUSY_SECONDS", 0.05)
    file = tmp_path / "p.db"
    with Store.open(str(file)) as store:
        create(store, loads(sample_text()), find, who="甲")
        corrupt(store, "total = 1, grade = '差', engine = '0.0.1'")
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            (line,) = listings(store)
            other.execute("ROLLBACK")
        assert (line.unit, line.total, line.grade) == ("新乡市科学技术协会", None, None)
        assert "得分没有更新" in str(store.problems[0])
        (line,) = listings(store)
        assert line.grade == "优"


def test_a_session_that_cannot_be_scored_hides_no_other(store: Store, workspace: Workspace) -> None:
    other = workspace.session.model_copy(
        update={"id": "other", "department": None, "pinned": {}, "projects": {}}
    )
    create(store, other, find, who="甲")
    with store.writing() as connection:
        connection.execute(text("UPDATE pinned_set SET text = '{}'"))
    corrupt(store, "engine = '0.0.1'")
    lines = {line.id: line for line in listings(store)}
    assert lines.keys() == {"other", workspace.session.id}
    assert lines[workspace.session.id].total is None
    assert "固定的内容被改动" in str(workspace.verify()[0])


def test_a_figure_too_large_for_a_column_is_saved(store: Store, workspace: Workspace) -> None:
    """It is surely mistyped; that is a finding, not a reason to refuse what was typed."""
    huge = "9" * 60
    workspace.apply(edit(workspace.session, "projects/p1/funds", {"t": {"budget": huge}}))
    workspace.apply(edit(workspace.session, "department/rows/D1/points", "9" * 20))
    assert columns(store, "projects/p1")[1] is None
    assert columns(store, "department")[3] is None
    again = Workspace.open(store, workspace.session.id)
    assert again.session.projects["p1"].funds["t"].budget == huge
    assert listings(store)[0].total is None
