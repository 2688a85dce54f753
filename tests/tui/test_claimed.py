"""填报数 beside 核算数: entered, corrected and cleared where the field is."""

import pytest

from perfeval.indicators.library import find
from perfeval.scoring.engine import score_session
from perfeval.session.model import Evidence, Session
from perfeval.tui import claimed_fields
from perfeval.tui.destinations import destination
from perfeval.tui.fields import Field, Section
from perfeval.tui.screens.texts import TextsScreen
from perfeval.tui.screens.workbench import WorkbenchScreen
from perfeval.tui.summary_view import tier_rows
from tests.tui.conftest import press, running, saved, settled, shown, type_text

X1 = "department/answers/X1"


def fields(sections: list[Section]) -> dict[str, Field]:
    return {field.label: field for one in sections for field in one.fields}


def test_an_indicator_shows_what_was_printed_beside_what_it_is_worth(sample: Session) -> None:
    card = score_session(sample, find)
    row = next(one for one in card.department.indicators if one.path == X1)  # type: ignore[union-attr]
    found = fields(claimed_fields.of_row(sample, row, ["全年预算数", "全年执行数"]))
    assert (found["得分"].value, found["得分"].note) == ("9.84", "核算 8.85")
    assert (found["实际完成值"].value, found["实际完成值"].note) == ("88.53%", "核算 88.53%")
    assert found["全年预算数"].value == "837.1"
    assert "全年执行数" not in found, "nothing was printed of it"


def test_a_tier_and_a_whole_show_theirs(sample: Session) -> None:
    card = score_session(sample, find)
    assert card.department is not None
    tier = card.department.tiers[0]
    found = fields(claimed_fields.of_tier(sample, "department", tier))
    assert (found["得分"].value, found["得分"].note) == ("9.84", "核算 8.85")
    whole = fields(claimed_fields.of_whole(sample, "department", card.department))
    assert (whole["总分"].value, whole["总分"].note) == ("97.84", "核算 96.40")
    assert (whole["等级"].value, whole["等级"].note) == ("优", "核算 优")
    lines = {row.key: row.cells for row in tier_rows(sample, card)}
    assert lines["department/total"][2:4] == ("96.40", "97.84")


def test_a_unit_that_printed_nothing_is_not_asked(sample: Session) -> None:
    bare = sample.model_copy(update={"claimed": {}})
    card = score_session(bare, find)
    assert claimed_fields.of_whole(bare, "department", card.department) == []


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("department/answers/X1/score", ("evaluation", "department/answers/X1/score")),
        ("department", ("evaluation", "department")),
        ("department/total", ("texts", "claimed/department~1total")),
        ("projects/p6/funds", ("evaluation", "projects/p6/funds")),
        ("projects", ("projects", "")),
        ("unit/phone", ("texts", "unit/phone")),
        ("statements/决算支出", ("texts", "statements/决算支出")),
        ("texts/projects~1p6~1改进措施", ("evaluation", "projects/p6/goal")),
        ("claimed/department~1answers~1X1~1score", ("evaluation", f"{X1}/score")),
        ("marks/department~1answers~1X1", ("evaluation", X1)),
        ("evidence/e1", ("evaluation", "projects/p6")),
        ("evidence/none", ("", "evidence/none")),
        ("stage", ("", "stage")),
        ("", ("", "")),
    ],
)
def test_where_a_place_is_filled_in(sample: Session, path: str, where: tuple[str, str]) -> None:
    file = Evidence(name="a.pdf", sha256="0" * 64, size=1, paths=("projects/p6",))
    assert destination(sample.model_copy(update={"evidence": {"e1": file}}), path) == where


@pytest.mark.soak
async def test_a_finding_leads_to_the_printed_score_which_is_corrected_and_cleared(
    sample: Session,
) -> None:
    async with running(saved(sample)) as (app, pilot):
        await settled(pilot, lambda: app.desk.checked)
        app.jump(f"{X1}/score")
        await settled(pilot, lambda: isinstance(app.screen, WorkbenchScreen))
        screen = app.screen
        assert isinstance(screen, WorkbenchScreen)
        at = "claimed/department~1answers~1X1~1score"
        await settled(pilot, lambda: screen.form.focused_field is screen.form.field_at(at))
        assert "核算 8.85" in shown(app)
        await press(pilot, "end", *["backspace"] * 4)
        await type_text(pilot, "8.85")
        await press(pilot, "enter")
        assert app.desk.session.claimed[f"{X1}/score"] == "8.85"
        await press(pilot, "ctrl+z")
        app.jump(f"{X1}/score")
        await settled(pilot, lambda: screen.form.focused_field is screen.form.field_at(at))
        await press(pilot, "end", *["backspace"] * 4, "enter")
        assert f"{X1}/score" not in app.desk.session.claimed


async def test_a_printed_tier_and_total_are_corrected_where_they_stand(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        tier = "department/tiers/预算执行情况/score"
        app.jump(tier)
        screen = app.screen
        assert isinstance(screen, WorkbenchScreen)
        await settled(pilot, lambda: screen.place == "department#预算执行情况")
        await press(pilot, "f8", "enter")
        await press(pilot, *["backspace"] * 4)
        await type_text(pilot, "8.85")
        await press(pilot, "enter")
        assert app.desk.session.claimed[tier] == "8.85"
        app.jump("department/total")
        await settled(pilot, lambda: isinstance(app.screen, TextsScreen) and app.screen.focused)
        await press(pilot, *["backspace"] * 5, "enter")
        await settled(pilot, lambda: "department/total" not in app.desk.session.claimed)
