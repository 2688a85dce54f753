"""帮助: the keys of the screen it was asked from, and what the words mean."""

from __future__ import annotations

import re

from perfeval.tui.screens.help import glossary, help_text
from tests.tui.conftest import NARROW, press, running, shown, type_text

KEYS = [("F7 / Ctrl+G", "审核", "对不上的数", "check findings")]


def test_every_word_has_a_meaning_and_stands_once() -> None:
    names = [term.name for term in glossary()]
    assert len(names) == len(set(names)) > 50
    assert all(term.meaning.endswith("。") for term in glossary())


def test_no_programmers_words() -> None:
    text = "\n".join(term.name + term.meaning for term in glossary())
    assert not re.findall("会话|日志|哈希|路径|数据库|函数", text)


def test_help_finds_keys_and_words_by_pinyin_and_by_their_meaning() -> None:
    assert help_text("", KEYS).plain.startswith("本屏的按键")
    found = help_text("shenhe", KEYS).plain
    assert "F7 / Ctrl+G" in found
    assert "检查各数之间对不对得上" in found
    assert "结转结余资金占预算的比例" in help_text("jzjyl", KEYS).plain
    assert "佐证材料" in help_text("优盘", KEYS).plain
    assert "没有找到“火星文”" in help_text("火星文", KEYS).plain


async def test_help_shows_the_keys_of_the_screen_below() -> None:
    async with running(size=NARROW) as (app, pilot):
        await press(pilot, "f1")
        text = shown(app)
        assert "F2 / Ctrl+B       从 Excel 导入" in text
        assert "下一未填" not in text
        assert "import_excel" not in text  # the ids are for the settings
        await type_text(pilot, "jydj")
        assert "没有找到" in shown(app)
        for _ in range(4):
            await pilot.press("backspace")
        await type_text(pilot, "校验码")
        assert "64 位数字和字母" in shown(app)
        await press(pilot, "f1", "escape")  # no help about help
        assert "头三步" in shown(app)
