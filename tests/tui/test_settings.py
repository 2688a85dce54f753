"""设置: drawn from the model, saved at once, wrong values told beside the field."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from perfeval.settings import (
    Settings,
    at_work,
    changed,
    load_settings,
    pairs,
    pairs_text,
    save_settings,
)
from perfeval.tui.actions import ACTIONS
from perfeval.tui.screens.settings import operations_text
from tests.tui.conftest import notices, press, running, shown, type_text


@pytest.mark.parametrize(
    ("name", "typed", "stored"),
    [
        ("name", " 王会计 ", "王会计"),
        (
            "deadlines",
            "2024：2025-4-30；2025: 2026/04/30",
            {"2024": "2025-04-30", "2025": "2026-04-30"},
        ),
        ("deadlines", "", {}),
        ("keys", "undo: f20; redo: ctrl+shift+z", {"undo": "f20", "redo": "ctrl+shift+z"}),
    ],
)
def test_what_is_typed_is_stored(name: str, typed: str, stored: object) -> None:
    settings, problem = changed(Settings(), name, typed)
    assert (getattr(settings, name), problem) == (stored, "")


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("deadlines", "2024: 四月底", "“四月底”不是日期，请写如 2025-04-30"),
        ("deadlines", "2024: 2025-02-30", "不是日期"),
        ("deadlines", "24: 2025-04-30", "年度请写四位数，如 2024"),
        ("deadlines", "2025-04-30", "缺冒号"),
        ("name", "王" * 61, "内容不合要求"),
    ],
)
def test_what_cannot_be_is_told_and_the_old_value_kept(name: str, typed: str, told: str) -> None:
    old = Settings(name="王会计", deadlines={"2024": "2025-04-30"})
    settings, problem = changed(old, name, typed)
    assert settings == old
    assert told in problem


def test_pairs_are_typed_as_they_are_shown() -> None:
    assert pairs(pairs_text({"a": "b", "c": "d"})) == {"a": "b", "c": "d"}


def test_who_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """This run's ``PERFEVAL_USER``, else the settings, else the computer's account."""
    monkeypatch.setenv("LOGNAME", "pc-0417")
    monkeypatch.setenv("PERFEVAL_USER", "李会计（办公室）")
    wang = Settings(name="王会计", office="财务科")
    assert at_work(wang) == at_work(Settings()) == "李会计（办公室）"
    monkeypatch.delenv("PERFEVAL_USER")
    assert at_work(wang) == "王会计（财务科）"
    assert at_work(Settings(office="财务科")) == "pc-0417"


def test_a_broken_file_leaves_the_defaults_and_what_is_right_in_it(user_home: Path) -> None:
    user_home.mkdir()
    file = user_home / "settings.json"
    file.write_text("{", encoding="utf-8")
    assert load_settings()[0] == Settings()
    assert "读不懂" in load_settings()[1]
    file.write_text(json.dumps({"theme": "紫色", "name": "王会计", "later": 1}), encoding="utf-8")
    settings, problem = load_settings()
    assert (settings.theme, settings.name) == ("浅色", "王会计")
    assert "颜色 不对" in problem


def test_settings_are_kept() -> None:
    settings = Settings(name="王会计", keys={"undo": "f20"})
    save_settings(settings)
    assert load_settings() == (settings, "")


async def test_the_screen_saves_at_once_and_the_look_changes(user_home: Path) -> None:
    async with running() as (app, pilot):
        await press(pilot, "f12")
        await type_text(pilot, "王会计")
        await press(pilot, "down", "down", "enter", "down", "enter")
        assert app.theme == "深色"
        kept = json.loads((user_home / "settings.json").read_text(encoding="utf-8"))
        assert (kept["name"], kept["theme"]) == ("王会计", "深色")
        await press(pilot, "tab", "tab")
        await type_text(pilot, "2024: 四月底")
        await press(pilot, "enter")
        assert "“四月底”不是日期" in shown(app)
        await press(pilot, "escape")
        assert app.desk.who == "王会计"


async def test_a_wrong_key_is_told_at_the_start_and_is_not_fatal() -> None:
    save_settings(Settings(keys={"help": "h", "settings": "f20"}))
    async with running() as (app, pilot):
        assert any("“h”是打字用的键" in told for told in notices(app))
        await press(pilot, "f20")
        assert "姓名" in shown(app)
        await press(pilot, "escape", "f1")
        assert "F20" in shown(app)


async def test_every_operation_is_listed_by_the_name_it_is_rebound_by() -> None:
    told = operations_text({"undo": "f20", "help": "h"})
    assert len(told.splitlines()) == 2 + len(ACTIONS)
    assert re.search(r"^undo +撤销 +F20$", told, re.MULTILINE)
    unchanged = r"^help +帮助 +F1 / Ctrl\+L$"  # by a key that cannot be
    assert re.search(unchanged, told, re.MULTILINE)
    async with running() as (app, pilot):
        await press(pilot, "f12", *["pagedown"] * 3)
        assert re.search("quit +退出 +Ctrl", shown(app))
