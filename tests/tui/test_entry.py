"""One line to type into, wherever one types: what may stand there, what is told, what covers it."""

from __future__ import annotations

import functools
import re
import threading
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual import events

import perfeval.tui
from perfeval.session.model import Session
from perfeval.tui.app import PerfevalApp
from perfeval.tui.screens.dialogs import Ask, Choice, Pick
from perfeval.tui.signs import may_stand, on_screen, pasted_lines
from perfeval.tui.widgets.entry import Entry
from perfeval.tui.widgets.keybar import KeyBar
from perfeval.tui.widgets.line import LineEditor
from tests.tui.conftest import NARROW, press, running, saved, settled, shown, type_text
from tests.tui.test_fields import empty_session


def test_signs_of_ours_have_one_width_on_the_screen() -> None:
    assert (
        on_screen("年初预算数 × 10% ÷ 2 ≥ 3 − 1 → ≤ 4") == "年初预算数 x 10% / 2 >= 3 - 1 -> <= 4"
    )


@pytest.mark.parametrize(
    ("sign", "stands"),
    [("绩", True), ("\u3000", True), ("\u00a0", True), ("\u200b", False), ("\x07", False)],
)
def test_only_what_cannot_be_seen_is_kept_out(sign: str, stands: bool) -> None:
    assert may_stand(sign) is stands


def test_a_paste_is_one_line_without_its_empty_ones() -> None:
    assert pasted_lines("第一行\r\n\r\n 第二\t行 \n") == ["第一行", "第二 行"]


async def answer(app: PerfevalApp, ask: Ask) -> Entry:
    """Put a question and return the line that waits for the answer."""
    await app.push_screen(ask)
    return app.screen.query_one(Entry)


async def test_a_line_of_a_dialog_loses_nothing_silently() -> None:
    async with running(size=NARROW) as (app, pilot):
        line = await answer(app, Ask("名称", limit=10))
        line.post_message(events.Paste("第一行\n第二行"))
        await settled(pilot, lambda: line.value == "第一行 第二行")
        assert "粘贴的 2 行已连成一行" in shown(app)
        line.post_message(events.Paste("很长" * 1_000))
        await settled(pilot, lambda: "超出 1997 字" in shown(app))
        assert line.value == "第一行 第二行"
        await press(pilot, "end")
        await type_text(pilot, "绩效")
        assert line.value == "第一行 第二行绩效"
        await type_text(pilot, "评价")
        assert "最多 10 字，超出 1 字，刚才的内容没有放入" in shown(app)


async def test_a_figure_refuses_a_paste_that_is_none() -> None:
    """Of 1e5 only 15 would be left, of two lines one; the first figure stays empty until one is."""
    cases = {
        "667.77\n170.33": "粘贴了 2 行，这里只填一个数，没有放入。多行请到表格里粘贴",
        "1e5": "粘贴的内容里有“e”，不是数值，没有放入",
        "9" * 2_000: "最多 400 字，超出 1600 字，刚才的内容没有放入",
        "６６７．７７\r\n": "",
    }
    async with running(saved(empty_session())) as (app, pilot):
        line = app.focused
        assert isinstance(line, LineEditor)
        for pasted, told in cases.items():
            line.post_message(events.Paste(pasted))
            await settled(pilot, functools.partial(_has_told, line, told))
            assert line.value == ("" if told else "667.77")
        await press(pilot, "enter")
        department = app.desk.session.department
        assert department is not None
        assert department.inputs["年初预算数"].value == "667.77"


def _has_told(line: Entry, text: str) -> bool:
    return line.told == text


def test_every_line_that_is_typed_into_is_ours() -> None:
    """Textual's own puts the terminal's cursor, and an input method with it, one cell too far."""
    folder = Path(perfeval.tui.__file__).parent
    found = [
        f"{file.name}: {line.strip()}"
        for file in folder.rglob("*.py")
        if file.name != "entry.py"
        for line in file.read_text("utf-8").splitlines()
        if re.search(r"(?<!\w)Input\(|class \w+\(Input\)", line)
    ]
    assert found == []


# --- what stands below ---------------------------------------------------------------------------


async def test_keys_of_the_screen_below_a_dialog_are_not_offered(sample: Session) -> None:
    async with running(saved(sample), size=NARROW) as (app, pilot):
        bar = app.screen.query_one(KeyBar)
        assert "F7 审核" in str(bar.render())
        await press(pilot, "f3", "f6")
        assert app.screen.is_modal
        assert "F3 保存" not in shown(app)
        await press(pilot, "escape")
        assert "F3 保存" in shown(app)


def last_lines(app: PerfevalApp, count: int) -> list[str]:
    """The last lines of the screen."""
    return shown(app).split("\n")[-count:]


async def test_a_notice_has_lines_of_its_own(sample: Session) -> None:
    """Whatever stood on the screen still stands there, the keys last."""
    async with running(saved(sample), size=NARROW, notices_shown=True) as (app, pilot):
        await press(pilot, "f3")
        before = [line for line in shown(app).split("\n") if "本指标" in line or "Tab 到" in line]
        await press(pilot, "f3")
        await settled(pilot, lambda: "没有改动，不用保存" in shown(app))
        assert all(line in shown(app).split("\n") for line in before)
        notice, keys = last_lines(app, 2)
        assert notice == " 没有改动，不用保存"
        assert "F1 帮助" in keys


async def test_what_takes_long_is_said() -> None:
    """Slow work is held up here until it was seen."""
    async with running(size=NARROW) as (app, pilot):
        go_on = threading.Event()
        app.SAY_AFTER = 0
        working = app.run_worker(app.desk.run(go_on.wait, "正在建立"))
        while "正在建立" not in shown(app):
            await pilot.pause()
        assert last_lines(app, 1)[0].startswith(" [正在建立] F1 帮助")
        go_on.set()
        await working.wait()
        await settled(pilot)
        assert "正在建立" not in shown(app)


async def test_a_list_has_the_lines_there_are_and_its_sentences_stand_whole() -> None:
    async with running(size=NARROW) as (app, pilot):
        long = "受（　）影响，活动延期或取消，已改为其他方式举办，不影响总体目标，下年安排（　）。"
        await app.push_screen(Pick("常用语", [Choice(n, f"第{n}种", long) for n in range(20)]))
        await settled(pilot, lambda: "第2种" in shown(app))
        lines = shown(app).split("\n")
        assert "第0种" in lines[4]
        assert "下年安排（　）。" in "".join(line.strip(" │") for line in lines[4:6])
        assert "Enter 确定" in "".join(lines[-4:])  # nothing stands empty below


async def test_the_first_line_says_whose_form_it_is_and_what_it_is_worth(sample: Session) -> None:
    """However long the unit's name: the score is whole, the form is named, the name gives way."""
    unit = sample.unit.model_copy(update={"name": "新乡市科学技术协会及其所属事业单位" * 4})
    async with running(saved(sample.model_copy(update={"unit": unit})), size=NARROW) as (app, _):
        first = shown(app).split("\n")[0]
        assert first.startswith(" 新乡市科学技术协")
        assert first.endswith(".. · 2024年度 · 草稿 · 部门整体自评 96.40 优 按拟定规则  27/27")
        assert cell_len(first) == 79


async def test_a_window_too_small_says_what_it_needs(sample: Session) -> None:
    async with running(saved(sample), size=(60, 20)) as (app, pilot):
        assert last_lines(app, 1)[0].startswith(" [窗口请拉到 80 列 24 行以上] F1 帮助")
        await pilot.resize_terminal(80, 24)
        await settled(pilot, lambda: "窗口" not in last_lines(app, 1)[0])
