"""Opening a database: place, pragmas, migrations, backups, and errors in words.

SQLite runs in WAL with synchronous=FULL and foreign keys on; every write begins IMMEDIATE, so two
writers queue instead of failing half-way. On PostgreSQL the session's row is locked instead.
A database newer than the program is refused.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from perfeval.errors import PerfevalError

SCHEMA = "0001"
"""The schema this program reads and writes; older ones are migrated, newer ones refused."""
BACKUPS_KEPT = 10
BUSY_SECONDS = 5


class StoreError(PerfevalError):
    """The database cannot be used; says why and what to do."""


def data_folder() -> Path:
    """The user's data folder; ``PERFEVAL_HOME`` moves it."""
    home = os.environ.get("PERFEVAL_HOME")
    return Path(home) if home else user_data_path("perfeval", appauthor=False)


def default_database() -> str:
    """Return ``PERFEVAL_DATABASE``, or the SQLite file in the user's data folder."""
    return os.environ.get("PERFEVAL_DATABASE") or str(data_folder() / "perfeval.db")


class Store:
    """An open database. Use :meth:`open`; close it when done (it is a context manager)."""

    def __init__(self, engine: Engine, file: Path | None) -> None:
        self.engine = engine
        self.file = file

    @classmethod
    def open(cls, database: str | None = None) -> Store:
        """Open a database by file name or URL, creating or migrating it as needed.

        Raises :class:`StoreError` for a place that cannot be used, a file that is no database,
        one that is locked, and one made by a newer program.
        """
        name = database or default_database()
        if "://" in name:
            engine, file = _shared(name), None
        else:
            engine, file = _embedded(Path(name))
        store = cls(engine, file)
        try:
            with told(name):
                store._prepare()
        except BaseException:
            engine.dispose()
            raise
        return store

    def close(self) -> None:
        """Release the database; safe to call twice."""
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection inside one transaction; everything or nothing is kept."""
        with told(self.file or "数据库"), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for reading; it takes no lock, so a writer never hinders it."""
        with told(self.file or "数据库"), self.engine.connect() as connection:
            yield connection.execution_options(reading=True)

    def _prepare(self) -> None:
        with self.reading() as connection:
            found = _schema_version(connection)
        if found == SCHEMA:
            if self.file:
                backup(self.file)
            return
        if found and found > SCHEMA:
            raise StoreError(
                f"数据库的版本是 {found}，比本程序（{SCHEMA}）新。请升级 perfeval 再打开，数据没有改动"
            )
        if found and self.file:
            backup(self.file, always=True)
        _migrate(self.engine)


# --- places ----------------------------------------------------------------------------------


def _embedded(file: Path) -> tuple[Engine, Path]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Only the owner may read what a unit fills in.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            f"{file}：打不开（{error.strerror}）。请用 --database 换一个位置"
        ) from error
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine, file


def _shared(url: str) -> Engine:
    try:
        return create_engine(make_url(url), pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError) as error:
        told = "应为 postgresql+psycopg://用户@主机/库名，或一个文件名"
        raise StoreError(f"数据库地址“{url}”不对：{told}") from error
    except ModuleNotFoundError as error:
        told = "请安装 perfeval[postgres]"
        raise StoreError(f"没有 PostgreSQL 的驱动。{told}") from error


# --- schema ----------------------------------------------------------------------------------


def _schema_version(connection: Connection) -> str:
    tables = connection.dialect.get_table_names(connection)
    if "alembic_version" not in tables:
        if "session" in tables:
            raise StoreError("这个数据库里有别的程序的表。请用 --database 换一个位置")
        return ""
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found or "")


def _migrate(engine: Engine) -> None:
    """Run the migrations; imported here because only a changed schema needs them."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


# --- backups ---------------------------------------------------------------------------------


def backup(file: Path, *, always: bool = False) -> Path | None:
    """Copy a database into ``backups`` beside it, once a day, and keep the last ten.

    Uses SQLite's own backup, so that a copy taken while others write is whole.
    """
    folder = file.parent / "backups"
    today = f"{file.stem}-{datetime.now(UTC):%Y%m%d}"
    if not always and any(folder.glob(f"{today}*.db")):
        return None
    folder.mkdir(exist_ok=True)
    goal = folder / f"{today}-{datetime.now(UTC):%H%M%S}.db"
    os.close(os.open(goal, os.O_RDWR | os.O_CREAT, 0o600))
    source, copy = sqlite3.connect(file), sqlite3.connect(goal)
    try:
        source.backup(copy)
    finally:
        source.close()
        copy.close()
    for old in sorted(folder.glob(f"{file.stem}-*.db"))[:-BACKUPS_KEPT]:
        old.unlink(missing_ok=True)
    return goal


# --- errors ----------------------------------------------------------------------------------

_WORDS = (
    ("database is locked", "正被另一个程序占用。请稍候再试"),
    ("disk is full", "磁盘已满，这次没有保存，以前的数据完好。请腾出空间后再试"),
    ("readonly", "所在位置是只读的。请用 --database 换一个位置，或复制到本机"),
    ("read-only", "所在位置是只读的。请用 --database 换一个位置，或复制到本机"),
    ("unable to open", "打不开。请检查文件夹是否存在、能否写入，或用 --database 换一个位置"),
    (
        "file is not a database",
        "不是数据库文件。请用 --database 换一个位置，或从 backups 文件夹恢复",
    ),
    ("malformed", "已损坏。请从 backups 文件夹恢复最近的一份"),
    ("connection", "连接不上。请检查地址、网络和数据库服务"),
)


@contextmanager
def told(place: object) -> Iterator[None]:
    """Turn what the database raises into a :class:`StoreError` in words."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        said = str(getattr(error, "orig", None) or error)
        cure = next((words for sign, words in _WORDS if sign in said), f"数据库出错：{said}")
        raise StoreError(f"{place}：{cure}") from error
