"""Databases of every released schema are opened; migrations run only where the schema differs."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, create_engine, insert, text

import perfeval.store.database
from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.session.change import edit
from perfeval.session.files import loads
from perfeval.store import Store, StoreError, Workspace
from perfeval.store.database import SCHEMA
from perfeval.store.workspace import create, listings, restore_session

RELEASED = sorted(Path(__file__).with_name("data").glob("schema-*.sql"))
TABLES = ("session", "evaluation", "journal", "pinned_set")


def restored(released: Path, database: str, folder: Path) -> None:
    """Make the database that a released schema's dump was taken of, on either system."""
    file = Path(database) if "://" not in database else folder / "dump.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(released.read_text(encoding="utf-8"))
    if "://" in database:
        copied(file, database, released.stem.removeprefix("schema-"))


def copied(file: Path, database: str, version: str) -> None:
    """Copy a SQLite database of a schema version to PostgreSQL, row by row."""
    engine = create_engine(database)
    config = Config()
    package = Path(perfeval.store.database.__file__).parent
    config.set_main_option("script_location", str(package / "migrations"))
    with engine.begin() as connection, closing(sqlite3.connect(file)) as dump:
        dump.row_factory = sqlite3.Row
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        known = MetaData()
        known.reflect(connection)
        for table in TABLES:
            for row in dump.execute(f"SELECT * FROM {table}"):
                values = {name: typed(name, row[name]) for name in row.keys()}  # noqa: SIM118
                connection.execute(insert(known.tables[table]).values(**values))
    engine.dispose()


def typed(name: str, value: Any) -> Any:
    if name == "document":
        return json.loads(value)
    if name.endswith("_at") and value:
        return datetime.fromisoformat(f"{value}+00:00")
    return value


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
def test_what_a_released_schema_saved_is_opened_and_goes_on(
    released: Path, database: str, tmp_path: Path
) -> None:
    restored(released, database, tmp_path)
    with Store.open(database) as store:
        workspace = Workspace.open(store, "old")
        assert workspace.verify() == []
        assert len(workspace.records) == 6
        assert workspace.session.projects["甲"].rows["r1"].actual == "2"
        assert workspace.session.projects["乙"].funds["t"].executed == "5"
        assert [project.name for project in workspace.scorecard.projects] == ["运转“经费”", "二"]
        assert [line.id for line in listings(store)] == ["old"]
        workspace.redo(who="丙")
        assert workspace.session.source == "一体化系统"
        workspace.undo(who="丙")
        workspace.undo(who="丙")
        assert workspace.session.projects["甲"].rows["r1"].actual == "3"
        assert workspace.verify() == []
        restore_session(store, "gone")
        assert Workspace.open(store, "gone").verify() == []
        with store.reading() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        assert found == SCHEMA


def test_a_copy_is_made_before_migrating(tmp_path: Path) -> None:
    file = tmp_path / "p.db"
    restored(RELEASED[0], str(file), tmp_path)
    before = sqlite3.connect(file)
    content = list(before.iterdump())
    before.close()
    Store.open(str(file)).close()
    (copy,) = (tmp_path / "backups").glob("*.db")
    with closing(sqlite3.connect(copy)) as kept:
        assert list(kept.iterdump()) == content


def test_a_migration_that_fails_changes_nothing(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    restored(RELEASED[0], database, tmp_path)
    upgrade = command.upgrade

    def fail(config: Config, revision: str) -> None:
        upgrade(config, revision)
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(command, "upgrade", fail)
    with pytest.raises(StoreError, match="磁盘已满"):
        Store.open(database)
    engine = create_engine(database if "://" in database else f"sqlite:///{database}")
    with engine.connect() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        assert found == RELEASED[0].stem.removeprefix("schema-")
        assert connection.execute(text("SELECT count(*) FROM journal")).scalar() == 7
    engine.dispose()
    monkeypatch.undo()
    with Store.open(database) as store:
        assert Workspace.open(store, "old").verify() == []


UP_TO_DATE = """
import sys
from perfeval.session.change import edit
from perfeval.store import Store, Workspace
from perfeval.store.workspace import listings

with Store.open(sys.argv[1]) as store:
    workspace = Workspace.open(store, listings(store)[0].id)
    workspace.apply(edit(workspace.session, "source", "甲"))
print([name for name in sys.modules if name.partition(".")[0] in ("alembic", "mako")])
"""


def test_a_database_that_is_up_to_date_needs_no_alembic(tmp_path: Path) -> None:
    file = tmp_path / "p.db"
    with Store.open(str(file)) as store:
        create(store, loads(sample_text()), find, who="甲")
    command = [sys.executable, "-c", UP_TO_DATE, str(file)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said.strip() == "[]"


def test_records_say_which_database_role_wrote_them(store: Store) -> None:
    workspace = create(store, loads(sample_text()), find, who="甲")
    workspace.apply(edit(workspace.session, "source", "甲", who="甲"))
    with store.reading() as connection:
        if connection.dialect.name == "sqlite":
            assert workspace.roles() == {}
            return
        role = connection.execute(text("SELECT CURRENT_USER")).scalar()
    assert workspace.roles() == {1: role, 2: role}


def test_records_of_before_have_no_role(database: str, tmp_path: Path) -> None:
    restored(RELEASED[0], database, tmp_path)
    with Store.open(database) as store:
        assert Workspace.open(store, "old").roles() == {}
