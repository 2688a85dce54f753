"""调整指标体系: the linter answers while one types; saved as the unit's own set, with 依据."""

import pytest
from textual.widgets import Input

from perfeval.numbers import decimal_text
from perfeval.session.model import Session
from perfeval.tui.screens.tune import TuneScreen
from perfeval.tui.screens.workbench import WorkbenchScreen
from perfeval.tui.widgets.grid import Grid
from tests.tui.conftest import NARROW, press, running, saved, settled, shown, type_text


async def opened(app: object, pilot: object, code: str) -> None:
    """Go to an indicator and open its tuning."""
    app.jump(f"department/answers/{code}")  # type: ignore[attr-defined]
    await settled(pilot, lambda: app.screen.place.endswith(code))  # type: ignore[attr-defined,arg-type]
    await press(pilot, "f3")  # type: ignore[arg-type]
    await settled(pilot, lambda: isinstance(app.screen, TuneScreen))  # type: ignore[attr-defined,arg-type]


async def test_points_that_do_not_add_up_are_told_while_typing(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await opened(app, pilot, "B3")
        await press(pilot, "end", "backspace")
        await type_text(pilot, "3")
        assert "“预算和财务管理”19 分，指标合计 20 分" in shown(app)
        await press(pilot, "f3")
        assert isinstance(app.screen, TuneScreen), "nothing unsound can be saved"


async def test_another_rule_is_chosen_scored_and_saved_as_the_units_own(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await opened(app, pilot, "B3")
        await press(pilot, "f6")
        await type_text(pilot, "越低越好")
        await press(pilot, "enter")
        await settled(pilot, lambda: "减到 0 分处" in shown(app))
        await press(pilot, "end", "backspace")
        await type_text(pilot, "4")
        await settled(pilot, lambda: "0.00/2 -> 0.97/2" in shown(app))
        await press(pilot, "f3")
        await type_text(pilot, "财绩〔2025〕1号")
        await press(pilot, "enter")
        await settled(pilot, lambda: isinstance(app.screen, WorkbenchScreen))
        department = app.desk.scorecard.department
        assert department is not None
        assert department.set.id == "henan-department-2024-own"
        assert department.set.basis == "财绩〔2025〕1号"
        assert decimal_text(department.total, 2) == "97.37"
        await press(pilot, "ctrl+z")
        await settled(pilot, lambda: "96.40" in shown(app))


async def test_leaving_asks_before_a_draft_is_given_up(sample: Session) -> None:
    async with running(saved(sample), size=NARROW) as (app, pilot):
        await opened(app, pilot, "B3")
        await press(pilot, "end")
        await type_text(pilot, ".5")
        await press(pilot, "escape")
        assert "不保存？" in shown(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, TuneScreen)
        await press(pilot, "escape", "enter")
        await settled(pilot, lambda: isinstance(app.screen, WorkbenchScreen))
        assert app.desk.session == app.desk.session.model_copy()
        assert app.desk.set_of("department").id == "henan-department-2024"


async def test_going_elsewhere_asks_before_a_draft_is_given_up(sample: Session) -> None:
    async with running(saved(sample), size=NARROW) as (app, pilot):
        await opened(app, pilot, "B3")
        await press(pilot, "end")
        await type_text(pilot, ".5")
        for key in ("f7", "ctrl+w", "ctrl+q"):
            await press(pilot, key)
            await settled(pilot, lambda: "不保存？" in shown(app))
            await press(pilot, "escape")
            assert isinstance(app.screen, TuneScreen)
        draft = app.screen.draft  # type: ignore[attr-defined]
        assert draft.edits


@pytest.mark.soak
async def test_points_go_from_one_tier_to_another(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await opened(app, pilot, "X1")
        await press(pilot, "end", "backspace", "backspace")
        await type_text(pilot, "abc")
        assert "分值“abc”不是数值" in shown(app)
        for part, code, points in (
            ("points", "X1", "8"), ("tier", "X1", "8"),
            ("points", "B3", "4"), ("group", "B3", "21"), ("tier", "B3", "32"),
        ):  # fmt: skip
            app.screen.query_one(Grid).choose(code)
            await settled(pilot, lambda code=code: f"（{code}）" in shown(app))  # type: ignore[misc]
            field = app.screen.query_one(f"#{part}", Input)
            field.focus()
            await settled(pilot)
            await press(pilot, "end", *["backspace"] * len(field.value))
            await type_text(pilot, points)
        made, problems = app.screen.draft.checked()  # type: ignore[attr-defined]
        assert problems == ()
        assert made is not None
        assert [decimal_text(tier.points) for tier in made.tiers][:2] == ["8", "32"]
