"""Opening a database: place, pragmas, migrations, backups, and errors in words.

SQLite runs in WAL with synchronous=FULL and foreign keys on; every write begins IMMEDIATE, so two
writers queue instead of failing half-way. On PostgreSQL the session's row is locked instead, and
reading sees one moment (REPEATABLE READ), as it does on SQLite.
A database newer than the program is refused. One that cannot be written (a full disk, a locked USB
stick) is opened only to look at.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from glob import escape
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from perfeval.errors import PerfevalError, Problem, printable, reason
from perfeval.places import data_folder

SCHEMA = "0002"
"""The schema this program reads and writes; older ones are migrated, newer ones refused."""
BACKUPS_KEPT = 10
BUSY_SECONDS = 5
_MIGRATING = 7_3337_3825
"""The number of the lock that lets one program at a time migrate a PostgreSQL database."""


class StoreError(PerfevalError):
    """The database cannot be used; says why and what to do."""


def default_database() -> str:
    """Return ``PERFEVAL_DATABASE``, or the SQLite file in the user's data folder."""
    return os.environ.get("PERFEVAL_DATABASE") or str(data_folder() / "perfeval.db")


class _Unwritable(StoreError):
    """The place cannot be written; what is saved there may still be read."""


class Store:
    """An open database. Use :meth:`open`; close it when done (it is a context manager).

    ``problems`` are what does not hinder the work but should be known (no backup could be made).
    ``unwritable`` says why this one is only to look at, if so; nothing can be saved in it.
    """

    def __init__(self, engine: Engine, file: Path | None, unwritable: str = "") -> None:
        self.engine = engine
        self.file = file
        self.place = str(file) if file else engine.url.render_as_string()  # without the password
        self.unwritable = unwritable
        self.problems: list[Problem] = []
        # A reader's later statements must not see more than its first: the head and the journal.
        moment = {} if file else {"isolation_level": "REPEATABLE READ"}
        self._reading = engine.execution_options(reading=True, **moment)

    @classmethod
    def open(cls, database: str | None = None) -> Store:
        """Open a database by file name or URL, creating or migrating it as needed.

        Raises :class:`StoreError` for a place that cannot be used, a file that is no database,
        one that is locked, and one made by a newer program.
        """
        name = database or default_database()
        if "://" in name:
            return cls._opened(_shared(name), None)
        file = Path(name)
        try:
            return cls._opened(*_embedded(file))
        except _Unwritable as error:
            if store := cls._opened_to_look(file, str(error)):
                return store
            raise

    @classmethod
    def _opened(cls, engine: Engine, file: Path | None) -> Store:
        store = cls(engine, file)
        try:
            with told(store.place):
                store._prepare()
        except BaseException:
            engine.dispose()
            raise
        return store

    @classmethod
    def _opened_to_look(cls, file: Path, why: str) -> Store | None:
        """Open a file that cannot be written; None where it cannot be read so either."""
        for engine in _looking(file):
            store = cls(engine, file, why)
            try:
                with store.reading() as connection:
                    found = _schema_version(connection)
            except StoreError:
                found = ""
            if found == SCHEMA:
                store.problems.append(Problem("只能查看，不能修改", why, severity="警告"))
                return store
            engine.dispose()
        return None

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
        if self.unwritable:
            raise StoreError(self.unwritable)
        with told(self.place), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for reading; it takes no lock, so a writer never hinders it."""
        with told(self.place), self._reading.connect() as connection:
            yield connection

    def _prepare(self) -> None:
        with self.reading() as connection:
            found = _schema_version(connection)
        if found == SCHEMA:
            if self.file:
                self._backup(self.file)
            return
        if found and found > SCHEMA:
            newer = f"数据库的版本是 {found}，比本程序（{SCHEMA}）新"
            raise StoreError(f"{newer}。请升级 perfeval 再打开，数据没有改动")
        if found and self.file:
            backup(self.file, always=True)
        _migrate(self.engine)

    def _backup(self, file: Path) -> None:
        """Make the day's backup; a full disk must not keep anybody from what is saved."""
        try:
            backup(file)
        except (OSError, sqlite3.Error) as error:
            cure = "请检查磁盘空间和 backups 文件夹能否写入"
            self.problems.append(Problem(str(file), f"今天的备份没有做成（{error}）", cure, "警告"))


# --- places ----------------------------------------------------------------------------------


def _embedded(file: Path) -> tuple[Engine, Path]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Only the owner may read what a unit fills in.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise _Unwritable(f"{file}：{_why_not(file, error)}") from error
    engine = create_engine(
        URL.create("sqlite", database=str(file)),
        connect_args={"timeout": BUSY_SECONDS},
        json_serializer=as_json,
    )

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        _use_wal(cursor)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine, file


def _looking(file: Path) -> Iterator[Engine]:
    """Yield the ways to read a file where nothing can be written, not even what WAL needs beside.

    Alone in the file, SQLite keeps that in memory (a full disk). In a read-only place it reads the
    file as it is, which is all there is unless somebody's last changes still lie in the WAL.
    """
    try:
        address, empty = file.resolve().as_uri(), not file.stat().st_size
        waiting = file.with_name(f"{file.name}-wal")
        pending = waiting.exists() and waiting.stat().st_size
    except (OSError, ValueError):
        return
    if empty:
        return
    for query in ("mode=rw", "mode=ro&immutable=1"):
        if query == "mode=rw" or not pending:
            yield _looking_by(f"{address}?{query}")


def _looking_by(address: str) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        return connection

    # Being alone in the file, it has one connection, for which others wait.
    return create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=1,
                         max_overflow=0)  # fmt: skip


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Turn WAL on. SQLite does not wait here when another program is doing just that, so we do."""
    deadline = monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > deadline:
                raise
            sleep(0.01)


def _why_not(file: Path, error: OSError) -> str:
    """Say why a file cannot be opened for writing, and how to get at what is in it."""
    aside = "或用 --database 换一个位置"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        why = "位置是只读的" if error.errno == errno.EROFS else "没有读写的权限"
        if file.exists():
            why += "，不能保存。要继续，请把它（连同同名的 -wal 文件）复制到本机"
            return f"{why}，再用 --database 打开那一份"
        return f"打不开：{why}。请检查文件夹，{aside}"
    if error.errno in (errno.EISDIR, errno.ENOTDIR, errno.EEXIST):
        return f"打不开：要的是文件，这里（或上一级）却不是。请写到文件名为止，{aside}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"打不开：磁盘已满。请腾出空间，{aside}"
    return f"打不开（{reason(error)}）。请检查文件夹，{aside}"


SHARED = "postgresql+psycopg"
"""The one kind of shared database: what its address begins with."""


def _shared(address: str) -> Engine:
    kind = address.partition("://")[0]
    if kind != SHARED:
        told = f"不支持“{printable(kind)}”数据库（--database 或 PERFEVAL_DATABASE）"
        raise StoreError(f"{told}。本机的写文件名，共用的写 {SHARED}://用户@主机/库名")
    try:
        url = make_url(address)
        waiting = {} if "options" in url.query else {"options": f"-c lock_timeout={BUSY_SECONDS}s"}
        return create_engine(url, pool_pre_ping=True, connect_args=waiting, json_serializer=as_json)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:  # a port that is no number
        told = "应为 postgresql+psycopg://用户@主机/库名，或一个文件名"
        raise StoreError(f"数据库地址不对：{told}") from error
    except ModuleNotFoundError as error:
        told = "请安装 perfeval[postgres]"
        raise StoreError(f"没有 PostgreSQL 的驱动。{told}") from error


def as_json(document: Any) -> str:
    """Return a document as the database takes it: JSON text is taken as it is."""
    return document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)


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
        if engine.dialect.name == "postgresql":  # on SQLite the transaction itself is the lock
            lock = text("SELECT pg_advisory_xact_lock(:number)")
            connection.execute(lock, {"number": _MIGRATING})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


# --- backups ---------------------------------------------------------------------------------


def backup(file: Path, *, always: bool = False) -> Path | None:
    """Copy a database into ``backups`` beside it, once a day, and keep the last ten.

    Uses SQLite's own backup, so that a copy taken while others write is whole.
    """
    folder = file.parent / "backups"
    now = datetime.now(UTC)
    if not always and any(folder.glob(f"{escape(file.stem)}-{now:%Y%m%d}-*.db")):
        return None
    folder.mkdir(exist_ok=True)
    goal = folder / f"{file.stem}-{now:%Y%m%d-%H%M%S}.db"
    partial = goal.with_name(f"{goal.name}.{os.getpid()}.part")
    try:
        os.close(os.open(partial, os.O_RDWR | os.O_CREAT, 0o600))
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
        partial.replace(goal)
    finally:
        partial.unlink(missing_ok=True)
    dated = f"{escape(file.stem)}-{'[0-9]' * 8}-{'[0-9]' * 6}.db"  # no other database's backups
    for old in sorted(folder.glob(dated))[:-BACKUPS_KEPT]:
        old.unlink(missing_ok=True)
    return goal


# --- errors ----------------------------------------------------------------------------------

_BUSY = "正被另一个程序占用。请稍候再试"
_FULL = "磁盘已满，不能保存，以前的数据完好。请腾出空间后再试"
_READ_ONLY = (
    "所在位置是只读的，不能保存。要继续，请把它（连同同名的 -wal 文件）复制到本机，"
    "再用 --database 打开那一份"
)
_UNOPENED = "打不开。请检查文件夹是否存在、能否写入，或用 --database 换一个位置"
_FAILED = "磁盘已满或读写出错，不能保存，以前的数据没有动。请检查磁盘空间和磁盘是否完好"
_PASSWORD = "用户名或口令不对。口令写在环境变量 PGPASSWORD 或 .pgpass 文件里"
_NO_DATABASE = "没有这个库或用户。请核对地址，或请管理员建立"
_BROKEN = "已损坏。请从 backups 文件夹恢复最近的一份"
_WORDS = (
    ("database is locked", _BUSY),
    ("disk is full", _FULL),
    ("readonly", _READ_ONLY),
    ("read-only", _READ_ONLY),
    ("unable to open", _UNOPENED),
    (
        "file is not a database",
        "不是数据库文件。请用 --database 换一个位置，或从 backups 文件夹恢复",
    ),
    ("malformed", _BROKEN),
    ("disk I/O", _FAILED),
    ("no password supplied", _PASSWORD),
    ("password authentication failed", _PASSWORD),
    ("认证失败", _PASSWORD),  # a server that speaks Chinese
    ("does not exist", _NO_DATABASE),
    ("不存在", _NO_DATABASE),
    ("resolve host", "找不到这台主机。请核对地址里的主机名和网络"),
    ("connection", "连接不上。请检查地址、网络和数据库服务"),
)
_STATES = {
    "55P03": _BUSY,
    "53100": _FULL,
    "25006": "数据库是只读的，不能保存",
    "42501": "这个用户没有建表或读写的权限。请管理员授权",
}
"""What PostgreSQL calls by a code, whatever language its messages are in."""


@contextmanager
def told(place: str) -> Iterator[None]:
    """Turn what the database raises into a :class:`StoreError` in words."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        cause = getattr(error, "orig", None) or error
        cure = _STATES.get(getattr(cause, "sqlstate", None) or "") or next(
            (words for sign, words in _WORDS if sign in str(cause)),
            f"数据库出错，没有完成。请把这一句转给维护人员：{cause}",
        )
        kind = _Unwritable if cure in (_FULL, _READ_ONLY, _UNOPENED, _FAILED) else StoreError
        raise kind(f"{place}：{cure}") from error
