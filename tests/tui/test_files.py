"""Choosing a file: by its name, its pinyin, its place, through the folders; by keyboard."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from perfeval.tui import import_view
from perfeval.tui.app import PerfevalApp
from perfeval.tui.screens import files
from perfeval.tui.screens.files import ChooseFile, listed, looks_like_place, placed
from tests.tui.conftest import NARROW, press, running, settled, shown, type_text


def test_a_folder_lists_folders_then_files_of_the_kind(tmp_path: Path) -> None:
    for name in ("第10个.xlsx", "第2个.xlsx", "a.XLSX", "~$a.xlsx", ".hidden.xlsx", "c.pdf"):
        (tmp_path / name).touch()
    (tmp_path / "往年").mkdir()
    names = [one.name for one in listed(tmp_path, import_view.SUFFIXES)]
    assert names == ["往年", "a.XLSX", "第2个.xlsx", "第10个.xlsx"]


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("'/tmp/我的 表.xlsx'", "/tmp/我的 表.xlsx"),
        ("/tmp/我的\\ 表.xlsx", "/tmp/我的 表.xlsx"),
        ("file:///tmp/表.xlsx", "/tmp/表.xlsx"),
        ("子文件夹/表.xlsx", "/here/子文件夹/表.xlsx"),
    ],
)
def test_a_pasted_place_is_understood_as_terminals_paste_it(typed: str, place: str) -> None:
    assert looks_like_place(typed)
    assert placed(typed, Path("/here")) == Path(place)
    assert not looks_like_place("自评表")


# --- on the screen ---------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What an office has lying about."""
    here = tmp_path / "单位材料"
    (here / "往年").mkdir(parents=True)
    (here / "空的").mkdir()
    for name in ("自评表.xlsx", "项目汇总表（终稿）.xlsx", "往年/自评表2023.xlsx", "批文.pdf"):
        (here / name).touch()
    return here


@asynccontextmanager
async def choosing(
    folder: Path, *endings: str
) -> AsyncIterator[tuple[PerfevalApp, Pilot[None], list[Path | None]]]:
    """The dialog over the first screen; what is chosen is put into the list."""
    chosen: list[Path | None] = []
    async with running(size=NARROW) as (app, pilot):
        app.push_screen(ChooseFile("选文件", endings, folder), chosen.append)
        await settled(pilot)
        yield app, pilot, chosen


async def test_a_file_is_found_by_its_name_or_its_pinyin(folder: Path) -> None:
    async with choosing(folder, ".xlsx") as (app, pilot, chosen):
        screen = shown(app)
        assert "[往年]" in screen
        assert "批文.pdf" not in screen
        await type_text(pilot, "xmhz")
        assert "项目汇总表（终稿）.xlsx" in shown(app)
        assert " 自评表.xlsx" not in shown(app)
        await type_text(pilot, "q")
        assert "没有这样的名称" in shown(app)
        await press(pilot, "backspace", "enter")
        assert chosen == [folder / "项目汇总表（终稿）.xlsx"]


async def test_into_a_folder_and_up_again_with_nothing_but_enter_and_backspace(
    folder: Path,
) -> None:
    async with choosing(folder, ".xlsx") as (app, pilot, chosen):
        await press(pilot, "enter")
        assert "自评表2023.xlsx" in shown(app)
        await press(pilot, "backspace")
        assert "[往年]" in shown(app)
        await press(pilot, "enter")  # the mark stands on the folder one came from
        await press(pilot, "enter")
        assert chosen == [folder / "往年" / "自评表2023.xlsx"]


async def test_an_empty_folder_says_so_and_leads_back(folder: Path) -> None:
    async with choosing(folder / "空的", ".xlsx") as (app, pilot, _):
        assert "这里没有 .xlsx 文件" in shown(app)
        await press(pilot, "enter")
        assert "[空的]" in shown(app)


async def test_all_files_where_any_will_do(folder: Path) -> None:
    async with choosing(folder) as (app, pilot, chosen):
        await type_text(pilot, "批文")
        await press(pilot, "enter")
        assert chosen == [folder / "批文.pdf"]
        assert app.screen.is_modal is False


async def test_a_place_is_typed_and_what_is_wrong_with_it_told_beside_it(folder: Path) -> None:
    async with choosing(folder, ".xlsx") as (app, pilot, chosen):
        for typed, told in (("./没有.xlsx", "没有这个文件"), ("./批文.pdf", "请选 .xlsx 文件")):
            await type_text(pilot, typed)
            await press(pilot, "enter")
            assert told in shown(app)
            await press(pilot, "home", "ctrl+k")
        assert "请选" not in shown(app)
        await type_text(pilot, "./往年/自评表2023.xlsx")
        await press(pilot, "enter")
        assert chosen == [folder / "往年" / "自评表2023.xlsx"]


@pytest.mark.parametrize("wrong", ["gone", "unreadable"])
async def test_a_folder_that_cannot_be_read_is_told_and_another_place_can_be_typed(
    folder: Path, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Path) -> None:
        raise PermissionError(13, os.strerror(13), str(self))

    start = folder / "不在了" if wrong == "gone" else folder
    async with choosing(start, ".xlsx") as (app, pilot, chosen):
        if wrong == "unreadable":
            with monkeypatch.context() as broken:
                broken.setattr(Path, "iterdir", refused)
                await press(pilot, "enter")
        told = {"gone": "没有这个文件或文件夹", "unreadable": "没有权限"}[wrong]
        assert "打不开" in shown(app)
        assert told in "".join(shown(app).split())
        await type_text(pilot, str(folder / "自评表.xlsx"))
        await press(pilot, "enter")
        assert chosen == [folder / "自评表.xlsx"]


async def test_of_very_many_some_are_listed_and_all_can_be_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST", 3)
    for number in range(5):
        (folder / f"表{number}.xlsx").touch()
    async with choosing(folder, ".xlsx") as (app, pilot, chosen):
        await press(pilot, "pagedown", "pagedown")
        assert "还有 6 个没有列出，请输入名称查找" in shown(app)
        await type_text(pilot, "表4")
        await press(pilot, "enter")
        assert chosen == [folder / "表4.xlsx"]


async def test_names_that_would_steer_the_screen_are_shown_harmless(folder: Path) -> None:
    (folder / "a\x1b[31m[b]红\u202e.xlsx").touch()
    async with choosing(folder, ".xlsx") as (app, _, _chosen):
        assert "a[31m[b]红.xlsx" in shown(app)


async def test_what_is_typed_while_a_folder_is_being_read_counts_for_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder on a slow drive: name and Enter come before it is shown."""
    ready = threading.Event()
    read = files.listed

    def slow(place: Path, endings: tuple[str, ...]) -> dict[Path, bool]:
        assert ready.wait(60)
        return read(place, endings)

    monkeypatch.setattr(files, "listed", slow)
    async with running(size=NARROW) as (app, pilot):
        chosen: list[Path | None] = []
        app.push_screen(ChooseFile("选文件", (".xlsx",), folder), chosen.append)
        await pilot.pause()
        for sign in "项目":
            app.post_message(events.Key(_character_to_key(sign), sign))
        app.post_message(events.Key("enter", None))
        await pilot.pause()
        assert chosen == []
        ready.set()
        await settled(pilot, lambda: chosen)
        assert chosen == [folder / "项目汇总表（终稿）.xlsx"]


async def test_esc_chooses_nothing(folder: Path) -> None:
    async with choosing(folder) as (_, pilot, chosen):
        await press(pilot, "escape")
        assert chosen == [None]
