"""Opening a database: its place, its mode, its backups, and every way it cannot be used."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text

from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.session.files import loads
from perfeval.store import Store, StoreError, Workspace, default_database
from perfeval.store.database import BACKUPS_KEPT, SCHEMA, _use_wal, backup, told
from perfeval.store.workspace import create, listings


def test_an_embedded_database_is_durable_and_private(tmp_path: Path) -> None:
    file = tmp_path / "数据" / "perfeval.db"
    with Store.open(str(file)) as store, store.reading() as connection:
        settings = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_default_place_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PERFEVAL_DATABASE", raising=False)
    monkeypatch.setenv("PERFEVAL_HOME", str(tmp_path))
    assert default_database() == str(tmp_path / "perfeval.db")
    monkeypatch.setenv("PERFEVAL_DATABASE", "/elsewhere.db")
    assert default_database() == "/elsewhere.db"


def test_a_newer_database_is_refused_and_left_alone(database: str) -> None:
    with Store.open(database) as store, store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="比本程序（0002）新"):
        Store.open(database)


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE session (x)")
    other.close()
    with pytest.raises(StoreError, match="别的程序"):
        Store.open(str(file))


@pytest.mark.parametrize("content", [b"\x00" * 4096, b"not a database " * 400])
def test_garbage_is_told_and_kept(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.db"
    file.write_bytes(content)
    with pytest.raises(StoreError, match="不是数据库文件"):
        Store.open(str(file))
    assert file.read_bytes() == content


def test_zero_bytes_are_an_empty_database(tmp_path: Path) -> None:
    file = tmp_path / "empty.db"
    file.touch()
    with Store.open(str(file)) as store:
        assert listings(store) == []


@pytest.mark.parametrize("name", ["foo://x", "postgresql+nothing://x/y", "mysql://x"])
def test_an_address_that_is_none_is_told(name: str) -> None:
    with pytest.raises(StoreError, match=r"不支持.*postgresql\+psycopg://"):
        Store.open(name)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("nobody:geheim@127.0.0.1:1/none", r"nobody:\*\*\*@127.0.0.1:1/none：连接不上"),
        ("nobody@127.0.0.1:port/none", "数据库地址不对"),
        ("nobody@no-such-host.invalid/none", "找不到这台主机"),
    ],
)
def test_a_server_that_does_not_answer_is_told(address: str, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        Store.open(f"postgresql+psycopg://{address}")


def test_a_server_that_refuses_says_why(postgres: str) -> None:
    with pytest.raises(StoreError, match="没有这个库或用户"):
        Store.open(make_url(postgres).set(database="none").render_as_string(hide_password=False))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ('FATAL:  password authentication failed for user "jia"', "用户名或口令不对"),
        ("fe_sendauth: no password supplied", "用户名或口令不对"),
        ('致命错误:  用户 "jia" Password 认证失败', "用户名或口令不对"),
        ("something new", "请把这一句转给维护人员：something new"),
    ],
)
def test_what_the_database_says_is_told_in_words(said: str, message: str) -> None:
    with pytest.raises(StoreError, match=message), told("某处"):
        raise sqlite3.OperationalError(said)


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="打不开"):
        Store.open(str(tmp_path))


def test_a_locked_database_is_told_and_stays_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perfeval.store.database.BUSY_SECONDS", 0.1)
    file = tmp_path / "p.db"
    with Store.open(str(file)) as store:
        workspace = create(store, loads(sample_text()), find, who="甲")
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="正被另一个程序占用"), store.writing():
            pass
        assert Workspace.open(store, workspace.session.id).session == workspace.session
        other.execute("ROLLBACK")
        other.close()


def test_a_backup_a_day_and_ten_kept(tmp_path: Path) -> None:
    file = tmp_path / "p.db"
    with Store.open(str(file)) as store:
        create(store, loads(sample_text()), find, who="甲")
    for day in range(1, 15):
        (tmp_path / "backups").mkdir(exist_ok=True)
        (tmp_path / "backups" / f"p-202401{day:02d}-000000.db").touch()
    copy = backup(file)
    assert copy is not None
    assert backup(file) is None  # today's is there
    kept = sorted((tmp_path / "backups").glob("*.db"))
    assert len(kept) == BACKUPS_KEPT
    assert kept[-1] == copy
    with Store.open(str(copy)) as restored:
        assert len(listings(restored)) == 1


def test_the_schema_made_by_migrations_is_the_one_the_tables_state(database: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlmodel import SQLModel

    with Store.open(database) as store, store.reading() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        assert found == SCHEMA
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_turning_wal_on_waits_for_another_that_does_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Busy:
        """A cursor that is locked out twice."""

        def __init__(self, times: int) -> None:
            self.times, self.done = times, ""

        def execute(self, statement: str) -> None:
            if self.times:
                self.times -= 1
                raise sqlite3.OperationalError("database is locked")
            self.done = statement

    busy: Any = Busy(2)
    _use_wal(busy)
    assert busy.done == "PRAGMA journal_mode=WAL"
    monkeypatch.setattr("perfeval.store.database.BUSY_SECONDS", 0)
    for_ever: Any = Busy(10**6)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        _use_wal(for_ever)


def test_backups_of_a_database_with_a_like_name_are_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "p.db"
    Store.open(str(file)).close()
    (tmp_path / "backups").mkdir(exist_ok=True)
    others = [tmp_path / "backups" / f"p-2-202401{day:02d}-000000.db" for day in range(1, 15)]
    for other in others:
        other.touch()
    assert backup(file, always=True) is not None
    assert all(other.exists() for other in others)


def test_a_password_is_never_told() -> None:
    with pytest.raises(StoreError) as told:
        Store.open("postgresql+psycopg://nobody:geheim@127.0.0.1:1/none")
    assert "geheim" not in str(told.value)
