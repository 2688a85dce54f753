"""The table of actions: what it binds nowhere clashes, and everything else is made from it."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import DataTable, Input, OptionList, Select, TextArea, Tree

from perfeval.tui import actions, screens
from perfeval.tui.actions import ACTIONS, BY_ID, as_sent, keymap, manual_table, matches
from perfeval.tui.app import PerfevalApp, all_screens
from perfeval.tui.widgets.keybar import fit

for module in pkgutil.iter_modules(screens.__path__):
    importlib.import_module(f"{screens.__name__}.{module.name}")

MANUAL = Path(__file__).parents[2] / "docs/manual.zh-CN.md"
SCREENS = sorted(set(all_screens()), key=lambda screen: screen.__name__)

GIVEN_UP = {
    "cursor_left_word": "the arrows, Home",
    "cursor_right_word": "the arrows, End",
    "cursor_word_left": "the arrows, Home",
    "cursor_word_right": "the arrows, End",
    "delete_left_all": "Shift+Home, Del",
    "delete_right_all": "Shift+End, Del",
    "delete_left_word": "Ctrl+Shift+Left, Del",
    "delete_to_start_of_line": "Shift+Home, Del",
    "delete_to_end_of_line_or_delete_line": "Shift+End, Del",
    "select_line": "Home, Shift+End",
    "select_all": "Shift and the arrows",
    "undo": "our own undo, of what is saved",
    "redo": "our own redo",
}
"""What a line or a text can no longer do by one key, and how it is done instead."""


def keys_of(node: type) -> dict[str, list[Binding]]:
    """Every key a widget or screen binds, its base classes' included."""
    found: dict[str, list[Binding]] = {}
    for one in node.__mro__:
        for binding in Binding.make_bindings(one.__dict__.get("BINDINGS", ())):
            found.setdefault(binding.key, []).append(binding)
    return found


def test_every_action_has_an_id_a_title_and_a_help_of_its_own() -> None:
    assert len(BY_ID) == len(ACTIONS)
    assert all(action.title and action.help and action.english for action in ACTIONS)


def test_every_function_key_has_a_ctrl_twin_and_no_key_is_a_bare_letter() -> None:
    for action in ACTIONS:
        assert all(len(key) > 1 for key in action.keys)
        if action.keys[0].startswith("f"):
            assert action.keys[1].startswith("ctrl+"), action.id


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_no_two_actions_of_a_screen_share_a_key(screen: type[Screen[object]]) -> None:
    """Ours, the app's and the screen's own: one key, one meaning; no bare letters, all with ids."""
    ours = [
        *keys_of(PerfevalApp).items(),
        *((key, found) for key, found in keys_of(screen).items()),
    ]
    meant: dict[str, set[str]] = {}
    for key, found in ours:
        for binding in found:
            if binding.id is not None:
                meant.setdefault(key, set()).add(binding.action.removeprefix("app."))
                assert len(key) > 1, f"{screen.__name__}: {key} is a letter"
    shared = {key: names for key, names in meant.items() if len(names) > 1}
    assert not {key: names for key, names in shared.items() if not _overridden(screen, key, names)}


def _overridden(screen: type[Screen[object]], key: str, names: set[str]) -> bool:
    """Whether a screen's own key stands in for one of a class it is made from, on purpose."""
    own = {b.action for b in Binding.make_bindings(screen.__dict__.get("BINDINGS", ()))}
    return key in ("escape", "enter") and bool(own & names)


@pytest.mark.parametrize("widget", [Input, TextArea, DataTable, Tree, OptionList, Select])
def test_no_key_takes_from_a_widget_what_it_can_do_by_no_other(widget: type) -> None:
    """Our keys come before a field's; each thing taken has another key or is given up knowingly."""
    ours = {key for a in ACTIONS if a.id not in actions.NOT_FIRST for key in a.keys}
    ways: dict[str, set[str]] = {}
    for key, found in keys_of(widget).items():
        for binding in found:
            ways.setdefault(binding.action, set()).add(key)
    lost = {action for action, keys in ways.items() if keys & ours and not keys - ours - SUPER}
    assert lost <= GIVEN_UP.keys()
    assert not ours & {"ctrl+c", "ctrl+v", "home", "end", "delete", "enter", "backspace"}


SUPER = {"super+backspace", "super+z", "super+y", "alt+backspace", "alt+delete"}
"""Keys that not every terminal sends."""


@pytest.mark.parametrize(
    ("query", "title", "english", "found"),
    [
        ("审核", "审核", "check", True),
        ("shenhe", "审核", "check", True),
        ("sh", "审核", "check", True),
        ("check", "审核", "check findings", True),
        ("dbf", "审核", "check", False),
        ("ystzl", "预算调整率", "", True),
        ("调整", "预算调整率", "", True),
        ("B3", "预算调整率", "B3", True),
        ("", "审核", "", True),
    ],
)
def test_an_action_is_found_by_its_word_pinyin_initials_or_english(
    query: str, title: str, english: str, found: bool
) -> None:
    assert matches(query, title, english) is found


# --- the user's own keys ---------------------------------------------------------------------


def test_a_user_may_give_an_action_other_keys() -> None:
    assert keymap({"undo": "F20", "redo": "Ctrl+Shift+Z，shift+f4"}) == (
        {"undo": "f20", "redo": "ctrl+shift+z,shift+f4,f16"},
        [],
    )


def test_shift_and_a_function_key_is_also_bound_as_terminals_send_it() -> None:
    """Most send Shift+F2 as F14: bound by one name alone, it would do nothing there."""
    assert as_sent("shift+f2") == "shift+f2,f14"
    assert as_sent("ctrl+shift+f2") == "ctrl+shift+f2"
    keys = {b.key for b in Binding.make_bindings(actions.bindings(actions.SESSION))}
    assert {"shift+f2", "f14", "alt+w"} <= keys


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"undo": "z"}, "“z”是打字用的键，请写 Ctrl 加字母或功能键，如 ctrl+z、f5"),
        ({"undo": "ctrl+banana"}, "“ctrl+banana”不是按键的写法，请写如 f5、ctrl+z、shift+f2"),
        ({"undo": "ctrl+c"}, "Ctrl+C 是复制键，不能改作他用"),
        ({"undoo": "f20"}, "没有操作“undoo”。是否想写“undo”？"),
        ({"undo": "f7"}, "F7 已经用于“审核”"),
        ({"undo": ""}, "没有写按键"),
    ],
)
def test_a_wrong_key_is_told_and_left_out(wanted: dict[str, str], told: str) -> None:
    good, problems = keymap(wanted)
    assert good == {}
    assert len(problems) == 1
    assert told in problems[0]


def test_two_actions_may_swap_their_keys() -> None:
    swapped = {"findings": "f8,ctrl+k", "summary": "f7,ctrl+g"}
    assert keymap(swapped) == (swapped, [])


# --- the key bar -----------------------------------------------------------------------------


def test_the_key_bar_never_runs_over_and_keeps_what_matters_most() -> None:
    items = [(1, "F1 帮助"), (9, "Ctrl+P 查找"), (2, "F4 下一未填"), (5, "F5 项目")]
    assert fit(items, 80) == [0, 1, 2, 3]
    assert fit(items, 24) == [0, 2]
    assert fit(items, 4) == []


# --- the manual ------------------------------------------------------------------------------


@pytest.mark.parametrize("where", sorted({action.where for action in ACTIONS}))
def test_the_manual_has_the_keys_of_every_place(where: str) -> None:
    """Its tables are this table's; after a change, print manual_table and put it there."""
    assert manual_table(where) in MANUAL.read_text(encoding="utf-8")


def test_the_manual_says_nothing_a_user_would_not() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    assert not re.findall("会话|日志|哈希|路径", text)
