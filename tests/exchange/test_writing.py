"""Names legal everywhere; a file is there whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval.errors import PerfevalError
from perfeval.exchange.filenames import MAX_BYTES, safe_name
from perfeval.exchange.writer import write_file
from perfeval.session.model import Session


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("新乡市科学技术协会2024", "新乡市科学技术协会2024"),
        ('a<b>c:d"e/f\\g|h?i*j', "a_b_c_d_e_f_g_h_i_j"),
        ("办公室\n（二）\x07", "办公室_（二）_"),
        ("某局. . .", "某局"),
        ("CON", "_CON"),
        ("com1.2024", "_com1.2024"),
        ("console", "console"),
        ("...", "未命名"),
        ("", "未命名"),
        ("局" * 200, "局" * 60),
    ],
)
def test_names_are_legal_on_windows(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(st.text(st.characters(), max_size=120))
def test_any_name_can_be_written_and_stays_itself(text: str) -> None:
    name = safe_name(text)
    assert name == safe_name(name)
    assert 0 < len(name.encode("utf-8")) <= MAX_BYTES + 9
    assert not set(name) & set('<>:"/\\|?*')
    assert name == name.rstrip(". ")


def test_the_file_is_called_after_unit_and_year(
    tools: Any, sample: Session, tmp_path: Path
) -> None:
    unit = sample.unit.model_copy(update={"name": "某/局"})
    path = tools.write(sample.model_copy(update={"unit": unit}), tmp_path / "新" / "夹")
    assert path == tmp_path / "新" / "夹" / "某_局_2024年度_绩效自评.xlsx"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_second_export_takes_the_place_of_the_first(tmp_path: Path) -> None:
    assert write_file(tmp_path / "a.xlsx", b"one") == tmp_path / "a.xlsx"
    assert write_file(tmp_path / "a.xlsx", b"two") == tmp_path / "a.xlsx"
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]
    assert (tmp_path / "a.xlsx").read_bytes() == b"two"


@pytest.mark.parametrize("lock", ["~$a.xlsx", ".~lock.a.xlsx#", ".~a.xlsx"])
def test_a_file_open_in_an_office_program_is_left_alone(tmp_path: Path, lock: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"open")
    (tmp_path / lock).touch()
    assert write_file(tmp_path / "a.xlsx", b"new") == tmp_path / "a(2).xlsx"
    assert (tmp_path / "a.xlsx").read_bytes() == b"open"


def test_a_file_held_open_on_windows_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target.name in ("a.xlsx", "a(2).xlsx"):
            raise PermissionError(errno.EACCES, "held open", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    assert write_file(tmp_path / "a.xlsx", b"new") == tmp_path / "a(3).xlsx"
    assert [p.name for p in tmp_path.iterdir()] == ["a(3).xlsx"]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (errno.ENOSPC, "磁盘已满"),
        (errno.EROFS, "只读"),
        (errno.EACCES, "没有写入权限"),
        (errno.EIO, "请换一个文件夹"),
    ],
)
def test_a_failed_write_leaves_nothing_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, told: str
) -> None:
    def fail(handle: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    folder = tmp_path / "导出"
    with pytest.raises(PerfevalError, match=told) as caught:
        write_file(folder / "a.xlsx", b"new")
    assert str(folder) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_survives_a_failed_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"old")

    def fail(handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(PerfevalError):
        write_file(tmp_path / "a.xlsx", b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.xlsx", b"old")]


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "导出").write_text("文件")
    with pytest.raises(PerfevalError, match="不是文件夹"):
        write_file(tmp_path / "导出" / "a.xlsx", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["导出"]
