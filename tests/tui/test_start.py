"""Starting and leaving: what is imported when, what the system's signals do, what an error does."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from textual.color import Color
from textual.widgets import Input

from perfeval.__main__ import Asked, interface_asked_for
from perfeval.indicators.library import find
from perfeval.indicators.tuning import set_text
from perfeval.session.model import Evaluation, Session, Unit
from perfeval.store import Store, Workspace
from perfeval.tui.app import PerfevalApp
from perfeval.tui.shelf import sets_for
from perfeval.tui.start import run
from perfeval.tui.themes import THEMES, theme_at_start, theme_named
from tests.tui.conftest import notices, press, running, saved, settled, shown, type_text


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ([], (None, "")),
        (["demo"], (None, "sample")),
        (["open", "example"], (None, "example")),
        (["open", "某局.perfeval"], (None, "某局.perfeval")),
        (["--database", "a.db"], ("a.db", "")),
        (["--database", "a.db", "open", "x"], ("a.db", "x")),
        (["--sets", "我的"], (None, "", "我的")),
        (["--sets", "我的", "--database", "a.db", "demo"], ("a.db", "sample", "我的")),
        (["--sets"], None),
        (["demo", "--no-tui"], None),
        (["open", "a.perfeval", "--copy", "b"], None),
        (["open", "--help"], None),
        (["open"], None),
        (["score", "sample"], None),
        (["--help"], None),
    ],
)
def test_what_asks_for_the_interface(
    arguments: list[str], asked: tuple[str | None, ...] | None
) -> None:
    found = interface_asked_for(arguments)
    assert found == (None if asked is None else Asked(*asked))  # type: ignore[arg-type]


def test_a_folder_of_sets_comes_first_in_the_interface_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = find("mof-project-2020").model_copy(update={"title": "本局口径"})
    (tmp_path / "mof-project-2020.yaml").write_text(set_text(own), encoding="utf-8")
    monkeypatch.setenv("PERFEVAL_SETS", str(tmp_path))
    assert sets_for("project")["mof-project-2020"] == "本局口径"
    assert run(sets=str(tmp_path / "没有")) == 2
    assert "--sets：没有文件夹" in capsys.readouterr().err
    monkeypatch.setenv("PERFEVAL_SETS", str(tmp_path / "没有"))
    assert run() == 2
    assert "PERFEVAL_SETS：没有文件夹" in capsys.readouterr().err


def python(code: str, home: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code], capture_output=True, encoding="utf-8",
        check=False, env={**os.environ, "PERFEVAL_HOME": str(home)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


FIRST_PAINT = """
import asyncio, json, sys
from perfeval.tui.app import PerfevalApp
seen = []
def begin(self):
    seen.append(sorted({name.partition(".")[0] for name in sys.modules}))
    self.exit()
PerfevalApp.begin = begin
async def main():
    async with PerfevalApp().run_test() as pilot:
        while not seen:
            await pilot.pause()
asyncio.run(main())
print(json.dumps(seen[0]))
"""


def test_the_first_paint_waits_for_no_engine_and_no_database(user_home: Path) -> None:
    imported = set(json.loads(python(FIRST_PAINT, user_home)))
    assert "textual" in imported
    heavy = {"sqlmodel", "sqlalchemy", "pydantic", "gmpy2", "yaml", "openpyxl", "xlsxwriter"}
    assert not imported & (heavy | {"docx", "alembic", "typer", "pypinyin"})


# --- in a real terminal ----------------------------------------------------------------------


class Terminal:
    """The program in a pseudo-terminal: bytes in, text out."""

    def __init__(self, *arguments: str) -> None:
        ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "perfeval", *arguments],
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "COLUMNS": "100",
                 "LINES": "30"},
        )  # fmt: skip
        os.close(theirs)
        self.ours, self.text = ours, ""

    def wait_for(self, wanted: str) -> None:
        """Read until a text has been written."""
        while wanted not in self.text:
            assert select.select([self.ours], [], [], 60)[0], f"{wanted} never came: {self.text}"
            self.text += os.read(self.ours, 65536).decode("utf-8", "replace")

    def type(self, text: str) -> None:
        os.write(self.ours, text.encode())

    def leave(self, number: int) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        while select.select([self.ours], [], [], 0.2)[0] or self.process.poll() is None:
            try:
                if not os.read(self.ours, 65536):
                    break
            except OSError:
                break
        return self.process.wait(60)


@pytest.mark.parametrize(
    "number",
    [signal.SIGHUP, pytest.param(signal.SIGTERM, marks=pytest.mark.soak)],
    ids=["the window closed", "the system shuts down"],
)
def test_told_to_leave_it_saves_what_is_being_typed(user_home: Path, number: int) -> None:
    terminal = Terminal()
    terminal.wait_for("头三步")
    terminal.type("\x1b[24~")  # F12
    terminal.wait_for("记入修改记录")
    terminal.type("李会计")
    terminal.wait_for("计")
    assert terminal.leave(number) == 0
    assert json.loads((user_home / "settings.json").read_text("utf-8"))["name"] == "李会计"


# --- leaving and errors ----------------------------------------------------------------------


async def test_leaving_saves_the_field_being_typed() -> None:
    unit = Unit(name="某局")
    department = Evaluation(set="henan-department-2024")
    session_id = saved(Session(id="a", unit=unit, year=2024, department=department))
    async with running(session_id) as (app, pilot):
        await settled(pilot, lambda: len(app.screen_stack) > 2)
        field = app.screen.query(Input).first()
        field.focus()
        await settled(pilot)
        await type_text(pilot, "667.77")
        await pilot.press("ctrl+q")
    with Store.open() as store:
        session = Workspace.open(store, session_id).session
    assert session.department is not None
    assert [one.value for one in session.department.inputs.values()] == ["667.77"]


async def test_an_unexpected_error_is_told_and_the_work_goes_on(
    user_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: PerfevalApp) -> None:
        raise ZeroDivisionError("内部")

    monkeypatch.setattr(PerfevalApp, "action_settings", broken)
    async with running() as (app, pilot):
        await press(pilot, "f12")
        assert "程序出错，这一步没有完成" in notices(app)[-1]
        assert "Traceback" not in shown(app)
        await press(pilot, "f1")
        assert "名词解释" in shown(app)
    assert "ZeroDivisionError: 内部" in (user_home / "perfeval.log").read_text(encoding="utf-8")


async def test_a_database_that_cannot_be_used_is_told(user_home: Path) -> None:
    user_home.mkdir()
    (user_home / "perfeval.db").write_bytes(b"no database at all, but long enough to be read")
    async with running() as (app, pilot):
        assert any("perfeval.db" in told for told in notices(app)) or "perfeval.db" in shown(app)
        await press(pilot, "f1")
        assert "名词解释" in shown(app)


# --- looks -----------------------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, as WCAG 2 defines it (4.5 reads well, 7 very well)."""

    def light(colour: str) -> float:
        parts = [part / 255 for part in Color.parse(colour).rgb]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_everything_written_can_be_read(theme: object) -> None:
    inks = ("foreground", "secondary", "accent", "warning", "error", "success")
    least = 7 if getattr(theme, "name") == "高对比" else 4.5  # noqa: B009
    for ink, paper in product(inks, ("background", "surface", "panel")):
        ratio = contrast(getattr(theme, ink), getattr(theme, paper))
        assert ratio >= least, f"{ink} on {paper}: {ratio:.2f}"


def test_a_look_that_is_not_there_is_the_first_one(user_home: Path) -> None:
    assert theme_named("紫色") == theme_at_start() == "浅色"
    user_home.mkdir()
    (user_home / "settings.json").write_text('{"theme": "深色"}', encoding="utf-8")
    assert theme_at_start() == "深色"
    (user_home / "settings.json").write_text("[", encoding="utf-8")
    assert theme_at_start() == "浅色"


def test_our_own_words_use_only_signs_of_fixed_width() -> None:
    """What is drawn two columns wide on some terminals and one on others breaks every table."""
    wide = re.compile("[…×÷→←★●■√①②③△▲○◆]")
    folder = Path(__file__).parents[2] / "src/perfeval/tui"
    found = [
        f"{file.name}: {text}"
        for file in [*folder.rglob("*.py"), folder / "glossary.txt"]
        for text in re.findall(r'"(?:[^"\\\n]|\\.)*"', strip_docs(file.read_text("utf-8")))
        if wide.search(text)
    ]
    assert found == []


def strip_docs(source: str) -> str:
    """Leave out docstrings and comments, which nobody sees on the screen."""
    return re.sub(r"#.*", "", re.sub(r'"""(?:.|\n)*?"""', "", source))
