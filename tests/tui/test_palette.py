"""查找: commands, indicators, projects and inputs by 汉字, pinyin, initials or English."""

from __future__ import annotations

import pytest

from perfeval.session.model import Session
from perfeval.tui.screens.dialogs import Choice
from perfeval.tui.screens.palette import Found, best
from tests.tui.conftest import press, running, saved, settled, shown, type_text

CHOICES = [
    Choice(Found("action", "findings"), "审核", words="check findings"),
    Choice(Found("indicator", "department/answers/B3"), "预算调整率", words="B3"),
    Choice(Found("indicator", "department/answers/B7"), "决算真实性", words="B7"),
    Choice(Found("project", "projects/p1"), "科普经费"),
]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("审", "findings"),
        ("sh", "findings"),
        ("check", "findings"),
        ("ystz", "department/answers/B3"),
        ("b3", "department/answers/B3"),
        ("调整", "department/answers/B3"),
        ("kepu", "projects/p1"),
        ("juesuan", "department/answers/B7"),
    ],
)
def test_what_begins_with_the_query_comes_first(query: str, first: str) -> None:
    assert best(query, CHOICES)[0].value.name == first


def test_nothing_is_found_for_what_means_nothing() -> None:
    assert best("zzz", CHOICES) == []
    assert best("", CHOICES) == CHOICES


@pytest.mark.soak
async def test_enter_goes_to_an_indicator_a_project_and_a_command(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await settled(pilot, lambda: len(app.screen_stack) > 2)

        async def find(query: str) -> None:
            await press(pilot, "ctrl+p")
            assert app.screen.is_modal
            await type_text(pilot, query)
            await pilot.press("enter")
            await settled(pilot, lambda: not app.screen.is_modal)

        await find("ystzl")
        assert app.screen.place.endswith("/B3")  # type: ignore[attr-defined]
        await find(sample.projects["p1"].name)
        assert app.screen.evaluation == "projects/p1"  # type: ignore[attr-defined]
        await find("history")
        await settled(pilot, lambda: type(app.screen).__name__ == "HistoryScreen")
        await press(pilot, "ctrl+p", "escape")
        assert "共 1 条" in shown(app)
