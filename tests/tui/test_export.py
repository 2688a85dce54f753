"""导出: what can be written, what cannot and why, and the files that are there afterwards."""

from pathlib import Path

import pytest

from perfeval.exchange.package import unpack
from perfeval.session.model import Session, Unit
from perfeval.store import Store, Workspace
from perfeval.tui.export_view import PACKAGE, Choices, progress_text, reason_against, rows_of
from perfeval.tui.outgoing import Plan, carry_out
from tests.tui.conftest import press, running, saved, settled, shown


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test exports to: ./exports of an empty folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exports").mkdir()
    return tmp_path / "exports"


async def test_the_marked_documents_are_written_and_listed_with_sizes(
    sample: Session, folder: Path
) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f9", "enter")
        await settled(pilot, lambda: "已导出" in shown(app))
        written = [file.name for file in folder.iterdir()]
        assert written == ["新乡市科学技术协会_2024年度_绩效自评.xlsx"]
        assert "KB）" in shown(app)


async def test_the_session_itself_leaves_as_a_package(sample: Session, folder: Path) -> None:
    async with running(saved(sample)) as (app, pilot):
        await press(pilot, "f9")
        names = [row.key for row in rows_of(sample, Choices())]
        marked = [name for name in names if name in Choices().marked]
        for name in marked:
            await press(pilot, "ctrl+home", *["down"] * names.index(name), "space")
        await press(pilot, "ctrl+home", *["down"] * names.index(PACKAGE), "space", "enter")
        await settled(pilot, lambda: "已导出" in shown(app))
        assert [file.suffix for file in folder.iterdir()] == [".perfeval"]


def test_the_package_of_an_offices_copy_says_what_the_office_may_change(
    sample: Session, folder: Path
) -> None:
    """Whoever opens it next sees the same part and is held to it."""
    part = ("department/answers/B3",)
    saved(sample.model_copy(update={"working_as": "财务科", "editable": part}))
    with Store.open() as store:
        plan = Plan.of(Workspace.open(store, sample.id), Choices(folder, marked={PACKAGE}))
        (written,) = carry_out(plan, lambda *_: None).files
    package = unpack(written.path)
    assert (package.owner, package.editable) == ("财务科", part)


def test_what_the_session_has_nothing_for_says_so() -> None:
    empty = Session(id="empty", unit=Unit(name="某局"), year=2024)
    assert reason_against("部门整体自评表", empty, public=False) == "没有部门整体自评"
    assert reason_against(PACKAGE, empty, public=True) == "不公开"
    choices = Choices()
    choices.turn("复核意见表", empty)
    assert "复核意见表" not in choices.marked
    told = {row.key: row.cells for row in rows_of(empty, choices)}
    assert told["复核意见表"][0] == ""
    assert told["复核意见表"][2] == "（还没有复核意见）"


def test_progress_shows_how_far_and_what() -> None:
    assert progress_text(3, 4, "核对", room=8) == "[######  ] 3/4 核对"
    assert progress_text(0, 0, "", room=4) == "[    ] 0/0 "
