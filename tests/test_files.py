"""A file is there whole or not at all, through whichever door it is written."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from perfeval.errors import PerfevalError
from perfeval.exchange.writer import write_file
from perfeval.files import replace_file, write_text, write_whole
from perfeval.indicators.library import add, find, user_sets_folder
from perfeval.indicators.tuning import set_text
from perfeval.session import files
from perfeval.session.model import Session, Unit
from perfeval.settings import Settings, save_settings, settings_file

MINE = "unit-2024"


def _session(goal: Path) -> None:
    files.write(Session(id="a", unit=Unit(name="某局"), year=2024), goal)


def _set(goal: Path) -> None:
    own = find("henan-department-2024").model_copy(update={"id": MINE})
    source = goal.parent.parent / "下载.yaml"
    source.write_text(set_text(own), encoding="utf-8")
    add(source)


DOORS: dict[str, tuple[Callable[[], Path], Callable[[Path], object]]] = {
    "settings": (settings_file, lambda _: save_settings(Settings(name="王会计"))),
    "set": (lambda: user_sets_folder() / f"{MINE}.yaml", _set),
    "session": (lambda: settings_file().with_name("a.yaml"), _session),
    "text": (lambda: settings_file().with_name("b.txt"), lambda goal: write_text("新", goal)),
    "workbook": (lambda: settings_file().with_name("c.xlsx"), lambda goal: write_file(goal, b"1")),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_full_disk_leaves_the_older_file_alone_and_is_told(
    door: str, user_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, write = DOORS[door]
    goal = where()
    replace_file(goal, b"older")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(PerfevalError, match="磁盘已满"):
            write(goal)
    assert goal.read_bytes() == b"older"
    assert [one.name for one in goal.parent.iterdir()] == [goal.name]
    write(goal)
    assert goal.read_bytes() != b"older"
    assert [one.name for one in goal.parent.iterdir()] == [goal.name]


def test_what_fails_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    def stops(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path, stops, lambda new: new.replace(tmp_path / "a"))
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path, lambda file: file.write(b"1"), stops)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="permission bits")
def test_a_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    goal = tmp_path / "a"
    write_whole(tmp_path, lambda to: to.write(b"1"), lambda new: new.replace(goal), private=True)
    assert stat.S_IMODE(goal.stat().st_mode) == 0o600


def test_a_name_no_system_takes_is_told(tmp_path: Path) -> None:
    with pytest.raises(PerfevalError, match="名称里有不能用的字符"):
        write_text("新", tmp_path / "a\0b")
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, sys, time
from pathlib import Path
from perfeval.files import replace_file
def wait(handle):
    print("writing", flush=True)
    time.sleep(60)
os.fsync = wait
replace_file(Path(sys.argv[1]), b"new")
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_killed_while_writing_the_older_file_is_untouched(tmp_path: Path) -> None:
    goal = tmp_path / "a.yaml"
    goal.write_bytes(b"older")
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(goal)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.send_signal(signal.SIGKILL)
    assert goal.read_bytes() == b"older"
    assert all(one.name.startswith(".perfeval-") for one in tmp_path.iterdir() if one != goal)
