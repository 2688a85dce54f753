"""What is shown on a screen: one line, nothing hidden in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval.errors import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("预算执行率（%）", "预算执行率（%）"),
        ("张三\n2024-01-01 李四 填写", "张三 2024-01-01 李四 填写"),
        ("一\t二\r\n三", "一 二 三"),
        ("\x1b[31m红\x1b[0m", "[31m红[0m"),
        ("收据\u202efdp.exe", "收据fdp.exe"),
        ("甲\u200b\u2066乙\u2069\ufeff", "甲乙"),
        ("半\ud800个", "半个"),
        ("全\u3000角", "全\u3000角"),
        ("", ""),
    ],
)
def test_what_is_shown_of_a_text(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_it_is_one_line_and_showing_it_again_changes_nothing(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert printable(shown) == shown
    assert "\x1b" not in shown
