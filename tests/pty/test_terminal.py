"""The program in a real terminal: what input methods send, where the cursor stands, how it ends.

Bytes go in as a terminal sends them and come out into a screen; what was typed is looked up in the
database. Nothing waits for a time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len, set_cell_size

from benchmarks.terminal import KEYS, Terminal
from perfeval.indicators.library import find
from perfeval.session.model import Evaluation, Session
from perfeval.session.starting import with_starter_rows
from perfeval.store import Store, Workspace
from perfeval.store.workspace import create
from perfeval.tui.widgets.field import LABEL, LONG_LABEL

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")

WORD = "有很大差别的十二个汉字呢"
"""Twelve characters: an input method hands over what was chosen in one piece."""

FIRST_STEPS, BASIS = "头三步", "评分依据"


@pytest.fixture
def home(user_home: Path) -> Path:
    """The user's folder, with an empty task ``lx`` of the department in its database."""
    session = Session.model_validate({"id": "lx", "unit": {"name": "某局"}, "year": 2024})
    department = Evaluation(set="henan-department-2024")
    session = with_starter_rows(session.model_copy(update={"department": department}), find)
    with Store.open() as store:
        create(store, session, find, who="王会计")
    return user_home


def perfeval(home: Path, *arguments: str, columns: int = 120, rows: int = 40) -> Terminal:
    """Start the program as people do."""
    environment = {"PERFEVAL_HOME": str(home), "PERFEVAL_USER": "王会计"}
    start = ("-m", "perfeval", *arguments)
    return Terminal.python(*start, columns=columns, rows=rows, environment=environment)


@contextmanager
def workbench(home: Path) -> Iterator[Terminal]:
    """The program with the empty task open, the first figure's field waiting."""
    with perfeval(home, "open", "lx") as terminal:
        terminal.until(lambda one: one.cursor == place_of(one, "年初预算数"))
        yield terminal


def place_of(terminal: Terminal, label: str, typed: str = "") -> tuple[int, int] | None:
    """Where the terminal's cursor belongs: behind ``typed`` in the field of a label in the form."""
    for row, line in enumerate(terminal.lines):
        before, found, _ = line.partition(f"\u2595 {label} ")
        if found:
            return cell_len(before) + 2 + LABEL + cell_len(typed), row
    return None


def at_field(label: str, typed: str = "") -> Callable[[Terminal], bool]:
    """The condition that the terminal's cursor stands in a field, behind what is typed there."""
    return lambda terminal: terminal.cursor == place_of(terminal, label, typed)


def keys(terminal: Terminal, *names: str) -> None:
    """Press keys one after another; nothing is waited for between them."""
    terminal.send("".join(KEYS[name] for name in names))


def department() -> Evaluation:
    """The department as it is saved now, read beside the program."""
    with Store.open() as store:
        found = Workspace.open(store, "lx").session.department
    assert found is not None
    return found


def saved(terminal: Terminal, wanted: Callable[[Evaluation], str | None], text: str) -> None:
    """Wait until the database holds a text; the program is read meanwhile."""
    terminal.until(lambda _: wanted(department()) == text)


def figure(name: str) -> Callable[[Evaluation], str | None]:
    """What is saved as a figure of 基础数据."""
    return lambda one: one.inputs[name].value if name in one.inputs else None


def basis(one: Evaluation) -> str | None:
    """What is saved as the 评分依据 of the first indicator."""
    return one.answers["X1"].basis if "X1" in one.answers else None


# --- what input methods and clipboards send ----------------------------------------------------


def test_a_word_of_an_input_method_arrives_whole(home: Path) -> None:
    """1 to 12 characters in one write each, as raw UTF-8."""
    with workbench(home) as terminal:
        keys(terminal, "f4", *["down"] * 4)
        terminal.until(at_field(BASIS))
        for length in range(1, 13):
            before = terminal.cursor
            terminal.send(WORD[:length])
            terminal.until(lambda one, seen=before: one.cursor != seen)  # type: ignore[misc]
        keys(terminal, "enter")
        saved(terminal, basis, "".join(WORD[:length] for length in range(1, 13)))


def test_full_width_figures_are_figures(home: Path) -> None:
    cases = {
        "年初预算数": ("８５．５", "85.5"),
        "年中调整数": ("85。5", "85.5"),
        "全年预算数": ("１，２３４．５０", "1,234.50"),
    }
    with workbench(home) as terminal:
        for name, (typed, kept) in cases.items():
            terminal.until(at_field(name)).send(typed)
            terminal.until(at_field(name, kept))
            keys(terminal, "enter")
            saved(terminal, figure(name), kept)


def test_a_paste_of_several_lines_stays_several_lines(home: Path) -> None:
    with workbench(home) as terminal:
        terminal.paste("12\r34")  # into a figure: told, and nothing of it taken
        terminal.until("粘贴了 2 行")
        keys(terminal, "f4", *["down"] * 4)
        terminal.until(at_field(BASIS))
        terminal.paste("第一行\r第二行：“引号”\r第三行")
        terminal.until("第三行")
        keys(terminal, "enter")
        saved(terminal, basis, "第一行\n第二行：“引号”\n第三行")
        assert not department().inputs


@pytest.mark.soak
def test_what_is_typed_ahead_in_one_burst_lands_in_its_own_fields(home: Path) -> None:
    with workbench(home) as terminal:
        terminal.send("667.77\r170.33\r838.1\r741.99\r")
        saved(terminal, figure("全年执行数"), "741.99")
        typed = {name: one.value for name, one in department().inputs.items()}
        assert list(typed.values()) == ["667.77", "170.33", "838.1", "741.99"]


def test_no_keyboard_protocol_is_asked_for(home: Path) -> None:
    """With it, a word of five characters or more arrives as numbers, or not at all."""
    with perfeval(home) as terminal:
        terminal.until("自评任务").settle()
        assert b"\x1b[>" not in bytes(terminal.received)


@pytest.mark.parametrize(("own", "off"), [({}, True), ({"TEXTUAL_DISABLE_KITTY_KEY": "0"}, False)])
def test_textual_is_told_before_it_is_imported(own: dict[str, str], off: bool) -> None:
    code = "import perfeval, textual.constants; print(textual.constants.DISABLE_KITTY_KEY)"
    kept = {k: v for k, v in os.environ.items() if k != "TEXTUAL_DISABLE_KITTY_KEY"}
    told = subprocess.run(
        [sys.executable, "-c", code], env=kept | own, capture_output=True, check=True, text=True
    ).stdout
    assert told.strip() == str(off)


@pytest.mark.soak
def test_going_to_another_field_writes_little(home: Path) -> None:
    """Over a slow line a screen painted anew at every Tab (some 20 kB) is felt."""
    with workbench(home) as terminal:
        terminal.settle()
        before = len(terminal.received)
        keys(terminal, "enter")
        terminal.until(at_field("年中调整数")).settle()
        assert 0 < len(terminal.received) - before < 10_000


# --- where the terminal's cursor stands --------------------------------------------------------


def test_the_terminal_cursor_stands_in_the_field(home: Path) -> None:
    """There an input method shows its candidates; Textual alone leaves it where it was."""
    with workbench(home) as terminal:  # after the focus at the start
        terminal.send("667.77")
        terminal.until(at_field("年初预算数", "667.77"))
        keys(terminal, "enter")  # the next field; a proposal and the score move what is below
        terminal.until(at_field("年中调整数"))
        keys(terminal, "ctrl+s")  # a notification above it
        terminal.until("已自动保存").until(at_field("年中调整数"))
        keys(terminal, "f8")  # another screen and back
        terminal.until("得分情况表")
        keys(terminal, "escape")
        terminal.until(at_field("年中调整数"))
        keys(terminal, *["enter"] * 14)  # the form scrolls
        terminal.until(at_field("部门项目总数"))
        keys(terminal, "f4", *["down"] * 3, "ctrl+a")  # a dialog over the reasons, and away
        terminal.until("上下键选择")
        keys(terminal, "escape")
        terminal.until(at_field("偏差原因"))


def behind(text: str) -> Callable[[Terminal], bool]:
    """The condition that the terminal's cursor stands behind a text, where it is seen first."""

    def holds(terminal: Terminal) -> bool:
        for row, line in enumerate(terminal.lines):
            before, found, _ = line.partition(text)
            if found:
                return terminal.cursor == (cell_len(before + text), row)
        return False

    return holds


@pytest.mark.soak
def test_the_terminal_cursor_stands_behind_what_is_typed_in_every_line(home: Path) -> None:
    """A dialog, help, settings and 调整指标体系 have the same line as the fields have."""
    with workbench(home) as terminal:
        for key in ("ctrl+p", "f1"):
            keys(terminal, key)
            terminal.until("查")
            terminal.send("火星绩效")
            terminal.until(behind("火星绩效"))
            keys(terminal, "left", "left")
            terminal.until(lambda one: behind("火星")(one) and "火星绩效" in one.text)
            keys(terminal, "escape")
            terminal.until(at_field("年初预算数"))
        terminal.send(KEYS["f12"])
        terminal.until("姓名")
        terminal.send("火星人")
        terminal.until(behind("火星人"))
        keys(terminal, "escape")
        terminal.until(at_field("年初预算数"))
        keys(terminal, "f3")
        terminal.until(behind("分值          10"))


@pytest.mark.soak
def test_a_notice_leaves_the_field_being_typed_in_where_it_was(home: Path) -> None:
    """At 80 columns, in the last field of a long form: it is neither covered nor scrolled away."""
    with perfeval(home, "open", "lx", columns=80, rows=24) as terminal:
        terminal.until("年初预算数")
        keys(terminal, *["down"] * 25)
        terminal.until("意见建议").send("7")
        label = set_cell_size("提出的意见建议总数", LONG_LABEL)
        terminal.until(behind(f"{label}7"))
        keys(terminal, "ctrl+s", "ctrl+s")
        terminal.until("已自动保存").until(behind(f"{label}7"))


# --- how it ends -------------------------------------------------------------------------------


def test_a_killed_program_loses_at_most_the_field_being_typed(home: Path) -> None:
    with workbench(home) as terminal:
        terminal.send("667.77\r170.33\r838.1")
        terminal.until(at_field("全年预算数", "838.1"))
        saved(terminal, figure("年中调整数"), "170.33")
        terminal.kill()
    with perfeval(home, "open", "lx") as terminal:
        terminal.until("667.77").until("170.33")
        assert [one.value for one in department().inputs.values()] == ["667.77", "170.33"]


def test_told_to_end_it_saves_the_field_being_typed(home: Path) -> None:
    with workbench(home) as terminal:
        terminal.send("667.77")
        terminal.until(at_field("年初预算数", "667.77"))
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.ended() == 0
        assert figure("年初预算数")(department()) == "667.77"
        assert "Traceback" not in terminal.text


def test_alone_it_opens_the_list_and_ctrl_q_leaves(user_home: Path) -> None:
    with perfeval(user_home, columns=80) as terminal:
        terminal.until("自评任务").until(FIRST_STEPS)
        keys(terminal, "ctrl+q")
        assert terminal.ended() == 0
