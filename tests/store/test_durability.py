"""What is acknowledged is kept: a kill at any moment, a full disk, a read-only place."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from perfeval.errors import PerfevalError
from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.session.change import edit, read
from perfeval.session.files import loads
from perfeval.store import Store, StoreError, Workspace
from perfeval.store.workspace import create, listings

if TYPE_CHECKING:
    from tests.store.conftest import Editor

ID = "xinxiang-kexie-2024"
COUNTER = "statements/计数/value"
COUNTED = (COUNTER, "department/inputs/全年执行数/value", "projects/p1/code")
"""What ``editor.py`` counts on: three fields in three rows of the database, in one group."""


def a_session(database: str) -> None:
    with Store.open(database) as store:
        workspace = create(store, loads(sample_text()), find, who="甲")
        workspace.apply(*[edit(workspace.session, path, "0", who="甲") for path in COUNTED])


# --- kill -9 ---------------------------------------------------------------------------------


def killed(editor: Editor, database: str, random: Random) -> int:
    """Let another process count on, kill it, and return the last number it acknowledged."""
    editor.tell("count", database=database, session=ID)
    pid, last = editor.hear()["pid"], -1
    for _ in range(random.randrange(1, 9)):
        last = editor.hear()["saved"]
    for _ in range(random.randrange(100_000)):  # somewhere in the middle of the next one
        pass
    os.kill(pid, signal.SIGKILL)
    while "done" not in (answer := editor.hear()):
        last = answer["saved"]
    return last


def survives_kills(editor: Editor, database: str, seed: int, times: int = 20) -> None:
    random = Random(seed)
    a_session(database)
    for _ in range(times):
        acknowledged = killed(editor, database, random)
        if "://" not in database:
            with closing(sqlite3.connect(database)) as bare:
                assert bare.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        with Store.open(database) as store:
            workspace = Workspace.open(store, ID)
            assert workspace.verify() == []
            found = {int(read(workspace.session, path)) for path in COUNTED}
        assert found in ({acknowledged}, {acknowledged + 1}), "lost, or half saved"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX: the child is forked and killed")
def test_no_acknowledged_change_is_lost_by_kill_9(editor: Editor, database: str) -> None:
    survives_kills(editor, database, seed=1)


@pytest.mark.soak
@pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX: the child is forked and killed")
@pytest.mark.parametrize("seed", range(25))
def test_no_acknowledged_change_is_lost_by_500_kills(
    editor: Editor, database: str, seed: int
) -> None:
    survives_kills(editor, database, seed=seed)


# --- places ----------------------------------------------------------------------------------


def mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB of its own; only root may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    if not mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)):
        pytest.skip("mounting is not allowed here (no CAP_SYS_ADMIN)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def read_only(small_disk: Path) -> Callable[[], None]:
    """Make the small disk read-only."""

    def remount() -> None:
        assert mount("-o", "remount,ro", str(small_disk))

    return remount


def fill(folder: Path) -> None:
    """Leave no byte free."""
    with (folder / "ballast").open("wb", buffering=0) as ballast:
        for size in (65536, 4096, 1):
            try:
                while True:
                    ballast.write(b"x" * size)
            except OSError:
                continue


def test_a_full_disk_is_told_and_what_was_saved_stays(small_disk: Path) -> None:
    file = small_disk / "p.db"
    a_session(str(file))
    with Store.open(str(file)) as store:
        workspace = Workspace.open(store, ID)
        fill(small_disk)
        saved = 0
        told = ""
        while not told:
            try:
                workspace.apply(edit(workspace.session, COUNTER, f"{saved + 1}", who="甲"))
                saved += 1
            except StoreError as error:
                told = str(error)
        assert "磁盘已满，不能保存，以前的数据完好" in told
        assert read(workspace.session, COUNTER) == f"{saved}"
        assert Workspace.open(store, ID).session == workspace.session
        assert workspace.verify() == []
        # With room again, the same workspace goes on.
        (small_disk / "ballast").unlink()
        workspace.apply(edit(workspace.session, "source", "又有空间", who="甲"))
        assert workspace.verify() == []
    with closing(sqlite3.connect(file)) as bare:
        assert bare.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_full_disk_does_not_keep_anybody_from_what_is_saved(small_disk: Path) -> None:
    file = small_disk / "p.db"
    a_session(str(file))
    for made in (small_disk / "backups").glob("*"):
        made.unlink()
    with Store.open(str(file)):  # some other program that has it open, so that its WAL stays
        (small_disk / "backups").mkdir(exist_ok=True)
        for made in (small_disk / "backups").glob("*"):
            made.unlink()
        fill(small_disk)
        with Store.open(str(file)) as store:
            assert "备份没有做成" in str(store.problems[0])
            assert len(listings(store)) == 1
            assert Workspace.open(store, ID).verify() == []
        assert list((small_disk / "backups").iterdir()) == []  # no half of one


def test_a_new_database_on_a_full_disk_is_told(small_disk: Path) -> None:
    fill(small_disk)
    with pytest.raises(StoreError, match=r"磁盘(已满|读写出错)|打不开"):
        Store.open(str(small_disk / "p.db"))


def refuses_and_shows(file: Path, told: str) -> None:
    """What is saved can be looked at, nothing can be changed, and why."""
    with Store.open(str(file)) as store:
        assert "只能查看，不能修改" in str(store.problems[0])
        assert [one.id for one in listings(store)] == [ID]
        workspace = Workspace.open(store, ID)
        assert workspace.verify() == []
        before = workspace.session
        for _ in range(2):
            with pytest.raises(StoreError, match=told):
                workspace.apply(edit(before, COUNTER, "1", who="甲"))
        assert workspace.session == before == Workspace.open(store, ID).session


def test_a_full_disk_lets_anybody_look_at_what_is_saved(small_disk: Path) -> None:
    file = small_disk / "p.db"
    a_session(str(file))
    fill(small_disk)
    refuses_and_shows(file, "磁盘已满或读写出错，不能保存，以前的数据没有动")
    (small_disk / "ballast").unlink()
    with Store.open(str(file)) as store:
        workspace = Workspace.open(store, ID)
        workspace.apply(edit(workspace.session, "source", "又有空间", who="甲"))
        assert workspace.verify() == []


def test_what_was_last_saved_before_a_crash_is_seen_on_a_full_disk(
    small_disk: Path, tmp_path: Path
) -> None:
    a_session(str(tmp_path / "p.db"))
    with Store.open(str(tmp_path / "p.db")) as store:
        workspace = Workspace.open(store, ID)
        workspace.apply(edit(workspace.session, COUNTER, "7", who="甲"))
        for ending in ("", "-wal"):  # as a crash leaves it: the last change lies in the WAL
            name = f"p.db{ending}"
            (small_disk / name).write_bytes((tmp_path / name).read_bytes())
    assert (small_disk / "p.db-wal").stat().st_size
    fill(small_disk)
    with Store.open(str(small_disk / "p.db")) as store:
        assert read(Workspace.open(store, ID).session, COUNTER) == "7"


def test_a_read_only_place_is_told_with_how_to_go_on(
    small_disk: Path, read_only: Callable[[], None], tmp_path: Path
) -> None:
    file = small_disk / "p.db"
    a_session(str(file))
    read_only()
    refuses_and_shows(file, r"位置是只读的.*复制到本机.*--database")
    copy = tmp_path / "p.db"  # as told
    copy.write_bytes(file.read_bytes())
    with Store.open(str(copy)) as store:
        assert store.problems == []
        assert Workspace.open(store, ID).verify() == []


def test_changes_that_wait_in_a_read_only_place_are_never_left_out(
    small_disk: Path, read_only: Callable[[], None], tmp_path: Path
) -> None:
    a_session(str(tmp_path / "p.db"))
    with Store.open(str(tmp_path / "p.db")) as store:
        workspace = Workspace.open(store, ID)
        workspace.apply(edit(workspace.session, COUNTER, "7", who="甲"))
        for name in ("p.db", "p.db-wal"):
            (small_disk / name).write_bytes((tmp_path / name).read_bytes())
    read_only()
    with pytest.raises(StoreError, match="连同同名的 -wal 文件"):
        Store.open(str(small_disk / "p.db"))


def test_a_new_database_in_a_read_only_place_is_told(
    small_disk: Path, read_only: Callable[[], None]
) -> None:
    read_only()
    for file in (small_disk / "p.db", small_disk / "文件夹" / "p.db"):
        with pytest.raises(StoreError, match="位置是只读的。请检查文件夹，或用 --database") as told:
            Store.open(str(file))
        assert "复制" not in str(told.value)  # there is nothing to copy


def test_a_place_that_becomes_read_only_is_told_and_loses_nothing(
    small_disk: Path, read_only: Callable[[], None]
) -> None:
    a_session(str(small_disk / "p.db"))
    with Store.open(str(small_disk / "p.db")) as store:
        workspace = Workspace.open(store, ID)
        before = workspace.session
        store.engine.dispose()  # an open file would hinder the remount
        read_only()
        with pytest.raises(StoreError, match=r"只读|打不开"):
            workspace.apply(edit(before, COUNTER, "1", who="甲"))
        assert workspace.session == before


def test_a_file_without_permission_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "p.db"
    a_session(str(file))

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("perfeval.store.database.os.open", refuse)  # root may open everything
    refuses_and_shows(file, r"没有读写的权限.*复制到本机")


# --- garbage ---------------------------------------------------------------------------------


def test_a_damaged_page_is_told(tmp_path: Path) -> None:
    file = tmp_path / "p.db"
    a_session(str(file))
    with closing(sqlite3.connect(file)) as bare:
        (size,) = bare.execute("PRAGMA page_size").fetchone()
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'evaluation'"
        (page,) = bare.execute(query).fetchone()
    content = bytearray(file.read_bytes())
    content[(page - 1) * size : page * size] = b"\xff" * size
    file.write_bytes(content)
    with Store.open(str(file)) as store, pytest.raises(StoreError, match="已损坏。请从 backups"):
        Workspace.open(store, ID)


def test_a_cut_off_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "p.db"
    a_session(str(file))
    file.write_bytes(file.read_bytes()[: 4096 * 2])
    with pytest.raises(StoreError, match=r"已损坏|不是数据库文件"), Store.open(str(file)) as store:
        Workspace.open(store, ID)


@pytest.mark.parametrize("text", ["not json", '{"unit": 1}', "[]", '{"id": "x", "new": "2"}'])
def test_a_document_that_cannot_be_read_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "p.db"
    a_session(str(file))
    with Store.open(str(file)) as store:
        workspace = Workspace.open(store, ID)
        with closing(sqlite3.connect(file)) as bare, bare:
            bare.execute("UPDATE session SET document = ?", [text])
        with pytest.raises(PerfevalError, match=r"读不出来.*backups"):
            Workspace.open(store, ID)
        assert "读不出来" in str(workspace.verify()[0])
