"""What every screen looks like: pictures (SVG) beside this file, compared sign by sign.

``pytest tests/tui/test_pictures.py --snapshot-update`` draws them anew; look at what changed before
committing it. A picture shows no real time, no place on a disk and no hash.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.widgets import Input, TextArea

from perfeval import places
from perfeval.session import change, journal
from perfeval.session.model import Project, Session
from perfeval.settings import Settings, save_settings
from perfeval.tui.app import PerfevalApp
from tests.audit import own
from tests.tui.conftest import NARROW, WIDE, press, running, saved, settled, type_text
from tests.tui.test_importing import list_of_projects, returned
from tests.tui.test_kinds import add_set
from tests.tui.test_kinds import session as kinds
from tests.tui.test_review import reviewed

Walk = list[tuple[str, tuple[str, ...]]]
"""What is pressed (``=text`` is typed) and, where it is named, the picture taken then."""

AT_HOME: Walk = [
    ("home-empty", ()),
    ("new-unit", ("f3",)),
    ("new-set", ("=新乡市测试局", "enter", "enter")),
    ("new-source", ("enter",)),
    ("", ("escape", "escape", "escape", "escape")),
    ("settings", ("f12",)),
    ("", ("escape",)),
    ("help", ("f1",)),
    ("help-found", ("=shenhe",)),
]

IN_SESSION: Walk = [
    ("palette", ("ctrl+p", "=sh")),
    ("", ("escape",)),
    ("history", ("f10",)),
    ("submit", ("ctrl+u",)),
    ("base-data", ("f2",)),
    ("projects", ("f5",)),
    ("findings", ("f7",)),
    ("summary-tiers", ("f8",)),
    ("summary-projects", ("ctrl+right",)),
    ("summary-deductions", ("ctrl+right",)),
    ("summary-bars", ("ctrl+right",)),
    ("export", ("f9",)),
    ("review", ("f11",)),
    ("review-all", ("f11",)),
    ("", ("escape", "escape")),
    ("texts", ("shift+f2",)),
    ("", ("escape",)),
    ("table", ("f6",)),
    ("", ("escape",)),
    ("tune", ("f3",)),
    ("", ("escape",)),
    ("project", ("f5", "enter")),
    ("home", ("escape", "escape", "escape")),
]
"""Other screens of an open session: add a line."""


class Svg(SingleFileSnapshotExtension):
    """One SVG file a picture."""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT


@pytest.fixture
def pictures(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """The pictures on the disk."""
    return snapshot.use_extension(Svg)


@pytest.fixture(autouse=True)
def same_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that is called the same on every machine, and a clock that stands still."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PERFEVAL_HOME", "home")
    Path("单位材料").mkdir()
    monkeypatch.setattr(places, "user_documents_path", lambda: Path("单位材料"))

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime(2025, 3, 14, 6, 3, 5, tzinfo=UTC)

    for module in (change, journal):
        monkeypatch.setattr(module, "datetime", Stopped)


def picture(app: PerfevalApp) -> str:
    """Return the screen as an SVG that is the same on every machine and run."""
    for line in app.screen.query(Input):
        line.cursor_blink, line._cursor_visible = False, True
    for text in app.screen.query(TextArea):
        text.cursor_blink = False
    svg = app.export_screenshot()
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    svg = re.sub(r"[0-9a-f]{64}", "0" * 64, svg)
    return re.sub(r"(?<![0-9a-z#])[0-9a-f]{16}(?![0-9a-z])", "0" * 16, svg)


async def walk(
    steps: Walk, open_at_start: str, size: tuple[int, int], pictures: SnapshotAssertion
) -> None:
    """Press what the steps say and compare each picture; all are looked at before one fails."""
    wrong = []
    async with running(open_at_start, size=size) as (app, pilot):
        await settled(pilot, lambda: not open_at_start or app.desk.checked)
        for name, keys in steps:
            for key in keys:
                await (type_text(pilot, key[1:]) if key[0] == "=" else press(pilot, key))
            app.clear_notifications()
            await settled(pilot)
            if name and picture(app) != pictures(name=f"{name}-{size[0]}x{size[1]}"):
                wrong.append(name)
    assert wrong == []


SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


@SIZES
async def test_the_screens_before_a_task_is_open(
    size: tuple[int, int], pictures: SnapshotAssertion
) -> None:
    await walk(AT_HOME, "", size, pictures)


@SIZES
async def test_the_screens_of_an_open_task(
    size: tuple[int, int], pictures: SnapshotAssertion, sample: Session
) -> None:
    save_settings(Settings(export_folder="导出"))
    await walk(IN_SESSION, saved(sample), size, pictures)


COMING_IN: Walk = [
    ("import-file", ("f2",)),
    ("import-where", ("=汇总", "enter")),
    ("import-ledger", ("down", "enter")),
    ("import-every-cell", ("f3",)),
    ("", ("escape",)),
    ("package-known", ("f5", "=来件", "enter")),
    ("merge", ("enter",)),
    ("merge-theirs", ("f3", "down")),
]


@SIZES
async def test_what_comes_in(
    size: tuple[int, int],
    pictures: SnapshotAssertion,
    sample: Session,
) -> None:
    list_of_projects(sample, Path("单位材料"))
    returned(sample, Path("单位材料"))
    await walk(COMING_IN, "", size, pictures)


PUBLISHED: Walk = [
    ("audit", ("f7", "=报告", "enter")),
    ("audit-detail", ("down", "enter")),
    ("", ("escape",)),
    ("audit-coverage", ("f8",)),
    ("", ("escape", "escape")),
    ("audit-kept", ("f7",)),
]


@SIZES
async def test_a_published_report(
    size: tuple[int, int],
    pictures: SnapshotAssertion,
) -> None:
    Path("单位材料/报告.txt").write_text(own.text(), encoding="utf-8")
    await walk(PUBLISHED, "", size, pictures)


KINDS: Walk = [
    ("kind-violations", ()),
    ("kind-election", ("pagedown",)),
    ("kind-checklist", ("pagedown",)),
    ("kind-judged", ("pagedown",)),
    ("kind-date", ("pagedown", "=待定")),
    ("kind-own-ratio", ("escape", "pagedown")),
    ("kind-level", ("pagedown", "down")),
    ("kind-own-rows", ("escape", "up", "up", "enter")),
    ("kind-not-applicable", ("escape", "home", "down", "down", "enter", *["down"] * 4,
                             "=没有此项业务", "tab")),
    ("kind-funds", ("f5", "enter", "escape", "home", "down", "enter", "=42.37")),
]  # fmt: skip
"""A place of each kind of field, in a set that has them all."""


async def test_every_kind_of_field(pictures: SnapshotAssertion) -> None:
    add_set()
    project = Project(set="mof-project-2020", name="科普活动")
    one = kinds().model_copy(update={"projects": {"p1": project}, "project_order": ("p1",)})
    await walk(KINDS, saved(one), NARROW, pictures)


@SIZES
async def test_what_was_returned(
    size: tuple[int, int], pictures: SnapshotAssertion, sample: Session
) -> None:
    session = reviewed(sample).model_copy(update={"stage": "退回修改"})
    await walk([("returned", ())], saved(session), size, pictures)


LOOKS = {"dark": "深色", "contrast": "高对比", "mono": "单色"}


@pytest.mark.parametrize("look", LOOKS)
async def test_the_workbench_in_every_look(
    look: str, pictures: SnapshotAssertion, sample: Session
) -> None:
    save_settings(Settings.model_validate({"theme": LOOKS[look]}))
    await walk([(f"workbench-{look}", ())], saved(sample), WIDE, pictures)
