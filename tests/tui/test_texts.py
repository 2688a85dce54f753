"""单位和报告: who answers for the forms, 表外数字, and what only the unit can write."""

from pathlib import Path

import pytest

from perfeval.exchange.report.context import OPTIONAL, SECTIONS, report
from perfeval.indicators.library import find
from perfeval.scoring.engine import score_session
from perfeval.session.model import Session
from perfeval.tui.app import PerfevalApp
from perfeval.tui.fields import Kind
from perfeval.tui.project_fields import basic_sections, goal_sections
from perfeval.tui.screens.history import HistoryScreen
from perfeval.tui.screens.texts import TextsScreen
from perfeval.tui.texts_view import NOTICE, sections_of, state_text, waiting
from tests.tui.conftest import NARROW, press, running, saved, settled, shown, type_text


def missing(session: Session) -> list[str]:
    """What the 自评报告 says the unit has still to write."""
    return [one.message for one in report(session, score_session(session, find)).missing]


def test_the_texts_stand_in_the_order_of_the_report(sample: Session) -> None:
    sections = sections_of(sample, "2025-03-14")
    fields = [f for one in sections for f in one.fields if f.path.startswith("texts/")]
    names = [field.label for field in fields]
    assert sorted(names) == sorted([*(one.name for one in SECTIONS), *OPTIONAL, NOTICE])
    assert names[:3] == ["前言", "主要职责", "年度总体目标"]
    assert names.index("主要问题") == names.index("改进措施") - 1
    notes = {field.label: field.note for field in fields}
    assert (notes["主要职责"], notes["前言"]) == ("待补充", "可以不写")
    assert len(waiting(sample)) == 9
    assert state_text(sample) == "报告文字还有 9 段待补充"


def test_every_stated_figure_has_its_field_and_the_report_s_own_are_offered(
    sample: Session,
) -> None:
    bare = sample.model_copy(update={"statements": {}})
    assert stated(bare) == ["决算支出", "基本支出决算", "项目支出决算"]
    assert sorted(stated(sample)) == sorted(sample.statements)


def stated(session: Session) -> list[str]:
    """The names of the stated figures that have a field."""
    fields = [field for one in sections_of(session, "") for field in one.fields]
    return [field.label for field in fields if field.path.startswith("statements/")]


def test_what_a_project_will_do_better_stands_beside_its_goal(sample: Session) -> None:
    project = sample.projects["p6"]
    fields = [f for one in goal_sections(sample, project, "projects/p6") for f in one.fields]
    assert fields[-1].path == "texts/projects~1p6~1改进措施"


def test_the_whole_department_and_a_whole_project_take_files(sample: Session) -> None:
    indicators = find(sample.projects["p6"].set)
    sections = basic_sections(sample, sample.projects["p6"], indicators, "projects/p6")
    for those, path in ((sections_of(sample, ""), "department"), (sections, "projects/p6")):
        kinds = [f.path for one in those for f in one.fields if f.kind is Kind.EVIDENCE]
        assert kinds == [f"{path}/evidence"]


def on(app: PerfevalApp, path: str) -> bool:
    """Whether the focus is in the field of a path."""
    screen = app.screen
    assert isinstance(screen, TextsScreen)
    field = screen.form.focused_field
    return field is not None and field.field.path == path


async def test_a_text_is_written_recorded_printed_and_taken_back(sample: Session) -> None:
    assert any("主要职责" in one for one in missing(sample))
    async with running(saved(sample), size=NARROW) as (app, pilot):
        await press(pilot, "shift+f2")
        await settled(pilot, lambda: on(app, "unit/code"))
        app.jump("texts/主要职责")
        await settled(pilot, lambda: on(app, "texts/主要职责"))
        assert "写入“一、（一）单位简介”" in shown(app)
        await type_text(pilot, "开展学术交流")
        await press(pilot, "ctrl+j")
        await type_text(pilot, "普及科学知识")
        await press(pilot, "enter")
        assert app.desk.session.texts == {"主要职责": "开展学术交流\n普及科学知识"}
        assert "还有 8 段待补充" in shown(app)
        written = report(app.desk.session, app.desk.scorecard)
        assert written.words["文字"]["主要职责"] == ["开展学术交流", "普及科学知识"]
        assert not any("主要职责" in one for one in missing(app.desk.session))
        await press(pilot, "f10")
        assert isinstance(app.screen, HistoryScreen)
        assert "报告文字 · 主要职责：（空） ->" in shown(app)
        await press(pilot, "ctrl+z")
        assert not app.desk.session.texts


async def test_an_emptied_text_is_taken_out(sample: Session) -> None:
    session = sample.model_copy(update={"texts": {"主要职责": "科"}})
    async with running(saved(session)) as (app, pilot):
        app.jump("texts/主要职责")
        await settled(pilot, lambda: on(app, "texts/主要职责"))
        await press(pilot, "backspace", "enter")
        await settled(pilot, lambda: not app.desk.session.texts)


@pytest.mark.soak
async def test_the_unit_is_filled_in_and_today_is_offered(sample: Session) -> None:
    unit = sample.unit.model_copy(update={"filled_on": ""})
    async with running(saved(sample.model_copy(update={"unit": unit}))) as (app, pilot):
        app.jump("unit/filled_on")
        await settled(pilot, lambda: on(app, "unit/filled_on"))
        assert "建议 2025-03-14" in shown(app)
        await press(pilot, "ctrl+a")
        await settled(pilot, lambda: app.desk.session.unit.filled_on == "2025-03-14")
        app.jump("unit/phone")
        await settled(pilot, lambda: on(app, "unit/phone"))
        await type_text(pilot, "0373-1234567")
        await press(pilot, "enter")
        assert app.desk.session.unit.phone == "0373-1234567"


async def test_a_finding_about_a_stated_figure_leads_to_its_field(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await settled(pilot, lambda: app.desk.checked)
        stated = next(
            path for one in app.desk.findings for path in one.paths if path.startswith("statements")
        )
        app.jump(stated)
        await settled(pilot, lambda: isinstance(app.screen, TextsScreen) and app.screen.focused)
        assert on(app, f"{stated}/value")


async def test_a_file_of_the_whole_department_is_attached_and_taken_off(
    sample: Session, tmp_path: Path
) -> None:
    file = tmp_path / "决算批复.pdf"
    file.write_bytes(b"%PDF")
    async with running(saved(sample)) as (app, pilot):
        app.jump("unit/phone")
        await settled(pilot, lambda: on(app, "unit/phone"))
        screen = app.screen
        assert isinstance(screen, TextsScreen)
        await screen.take_file("department", file)
        await settled(pilot, lambda: "部门-1 决算批复.pdf" in shown(app))
        (one,) = app.desk.session.evidence.values()
        assert one.paths == ("department",)
        await press(pilot, "ctrl+z")
        assert not app.desk.session.evidence
