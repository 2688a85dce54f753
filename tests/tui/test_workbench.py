"""Filling in by keyboard alone: what was typed is saved, scored and shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from perfeval.numbers import decimal_text
from perfeval.session.change import apply, edit
from perfeval.session.model import Session
from perfeval.tui import edits
from perfeval.tui.app import PerfevalApp
from perfeval.tui.screens.workbench import OTHERS, WorkbenchScreen
from perfeval.tui.widgets.form import FieldForm
from tests.tui.conftest import (
    NARROW,
    deleted_by_another,
    notices,
    press,
    running,
    saved,
    settled,
    shown,
    type_text,
)
from tests.tui.test_fields import empty_session


def bench(app: PerfevalApp) -> WorkbenchScreen:
    """The workbench, which is on top."""
    assert isinstance(app.screen, WorkbenchScreen)
    return app.screen


async def at(app: PerfevalApp, pilot: Pilot[None], path: str) -> None:
    """Go to a place as a jump from 审核 does."""
    await bench(app).go_to(path)
    await settled(pilot)


async def paste(app: PerfevalApp, pilot: Pilot[None], text: str) -> None:
    """Paste into the focused field, as a terminal hands it over."""
    assert app.focused is not None
    app.focused.post_message(events.Paste(text))
    await settled(pilot)


def score_of(app: PerfevalApp, path: str) -> str:
    """The score of an indicator as printed, or -- where it has none."""
    prefix = path.rsplit("/", 2)[0]
    score = app.desk.result(prefix).indicator(path).score
    return "--" if score is None else decimal_text(score, 2)


def focused_path(app: PerfevalApp) -> str:
    """Where the focused field is saved."""
    field = app.screen.query_one(FieldForm).focused_field
    return field.field.path if field else ""


# --- the common path: figures, targets, checklists ---------------------------------------------


async def test_a_new_session_begins_with_the_figures_and_enter_goes_on() -> None:
    session = empty_session()
    async with running(saved(session)) as (app, pilot):
        assert focused_path(app) == "department/inputs/年初预算数/value"
        await type_text(pilot, "667.77")
        await press(pilot, "enter")
        await type_text(pilot, "170.33")
        await press(pilot, "enter")
        assert focused_path(app) == "department/inputs/全年预算数/value"
        assert "建议 838.1" in shown(app)
        await press(pilot, "ctrl+a")  # taken, saved, and on to the next
        assert focused_path(app) == "department/inputs/全年执行数/value"
        await type_text(pilot, "７４１。９９")
        await press(pilot, "enter")
        department = app.desk.session.department
        assert department is not None
        assert department.inputs["全年预算数"].value == "838.1"
        assert department.inputs["全年执行数"].value == "741.99"
        assert score_of(app, "department/answers/X1") == "8.85"
        assert "暂 8.85" in shown(app).splitlines()[0]
        assert "已保存 14:03:05" in shown(app).splitlines()[0]


async def test_a_checklist_is_one_deliberate_key_and_enter_answers_nothing() -> None:
    async with running(saved(empty_session())) as (app, pilot):
        await at(app, pilot, "department/answers/A1")
        await press(pilot, "enter")
        assert score_of(app, "department/answers/A1") == "--"
        await press(pilot, "ctrl+a")
        assert score_of(app, "department/answers/A1") == "2.00"
        await press(pilot, "enter")
        assert bench(app).place == "department/answers/A2"
        await press(pilot, "space", "down", "space", "space")
        department = app.desk.session.department
        assert department is not None
        assert list(department.answers["A2"].elements.values()) == [True, False]


async def test_the_score_is_shown_while_a_target_is_typed(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await at(app, pilot, "department/answers/B3/target")
        await press(pilot, "home", "delete", "delete", "delete", "delete")
        await type_text(pilot, "<=30%")
        screen = shown(app)
        assert "读作：不超过 30%" in screen
        assert "按此值本项 2.00 / 2 分，总分 98.40" in screen
        assert score_of(app, "department/answers/B3") == "0.00"  # nothing is saved yet
        await press(pilot, "enter")
        assert score_of(app, "department/answers/B3") == "2.00"
        await press(pilot, "ctrl+z")
        assert score_of(app, "department/answers/B3") == "0.00"


async def test_what_cannot_stand_in_a_figure_is_told_and_left_out() -> None:
    async with running(saved(empty_session())) as (app, pilot):
        await type_text(pilot, "1e3")
        assert "“e”不是数值里的字符，没有输入" in shown(app)
        await press(pilot, "escape")
        await paste(app, pilot, "12\n34")
        assert "粘贴了 2 行，这里只填一个数" in shown(app)
        await paste(app, pilot, "8" * 401)
        assert "最多 400 字" in shown(app)
        await press(pilot, "escape", "tab")
        assert app.desk.session.department is not None
        assert not app.desk.session.department.inputs


async def test_escape_takes_back_what_was_typed_and_going_elsewhere_saves_it(
    sample: Session,
) -> None:
    async with running(saved(sample)) as (app, pilot):
        await at(app, pilot, "department/inputs/全年执行数/value")
        await type_text(pilot, "1")
        await press(pilot, "escape")
        assert app.desk.session == sample.model_copy(update={"pinned": app.desk.session.pinned})
        await press(pilot, "escape")
        assert app.focused is bench(app).places

        await at(app, pilot, "department/answers/B3/basis")
        await type_text(pilot, "依据批复")
        await press(pilot, "f4")  # no Enter, no Tab
        assert app.desk.session.department is not None
        assert app.desk.session.department.answers["B3"].basis.endswith("依据批复")


# --- levels, manual scores, reasons, not applicable ---------------------------------------------


@pytest.mark.soak
async def test_a_level_with_a_score_inside_it_and_a_rate_with_its_parts() -> None:
    async with running(saved(empty_session())) as (app, pilot):
        await at(app, pilot, "department/rows/F1/level")
        await press(pilot, "space", "enter")
        assert focused_path(app) == "department/rows/F1/level_score"
        assert "12 至 15" in shown(app)
        await type_text(pilot, "11")
        assert "不能低于 12" in shown(app)
        await press(pilot, "escape", "ctrl+a")
        assert score_of(app, "department/rows/F1") == "15.00"

        await at(app, pilot, "department/rows/D1/numerator")
        await type_text(pilot, "19")
        await press(pilot, "tab")
        await type_text(pilot, "20")
        await press(pilot, "tab")
        result = app.desk.result("department").indicator("D1")
        assert (result.status, result.value_text) == ("已评", "95.00%")


async def test_what_stands_aside_from_the_rule_is_given_with_its_reason(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await at(app, pilot, "department/answers/B7/manual_score")
        await type_text(pilot, "0.5")
        await press(pilot, "enter")  # a manual score asks for its basis
        assert focused_path(app) == "department/answers/B7/manual_reason"
        assert score_of(app, "department/answers/B7") == "0.50"

        await at(app, pilot, "department/answers/B3/deviation_reason")
        await press(pilot, "ctrl+a")  # a stock reason is put in to be edited
        await press(pilot, "down", "enter")
        await type_text(pilot, "已说明。")
        await press(pilot, "enter")
        assert app.desk.session.department is not None
        reason = app.desk.session.department.answers["B3"].deviation_reason
        assert reason.startswith("采购于")
        assert reason.endswith("已说明。")

        await at(app, pilot, "department/answers/B6/not_applicable")
        await type_text(pilot, "本年无采购")
        await press(pilot, "tab")
        assert app.desk.result("department").indicator("B6").status == "不适用"
        await press(pilot, "ctrl+z")
        assert score_of(app, "department/answers/B6") == "2.00"


# --- rows of the unit's own ---------------------------------------------------------------------


async def test_rows_are_added_shared_out_moved_and_deleted() -> None:
    async with running(saved(empty_session())) as (app, pilot):
        await at(app, pilot, "department#产出指标#重点工作任务完成")
        await press(pilot, "down", "down", "down")
        await type_text(pilot, "科普大篷车")
        await press(pilot, "tab")
        evaluation = app.desk.session.department
        assert evaluation is not None
        assert evaluation.rows["D4"].name == "科普大篷车"
        await press(pilot, "ctrl+a")  # in the points column: 均分
        department = app.desk.session.department
        assert department is not None
        assert [row.points for _, row in department.rows_of("重点工作任务完成")] == ["3.75"] * 4
        assert "剩余分值 0" in shown(app)
        await press(pilot, "ctrl+up")
        department = app.desk.session.department
        assert department is not None
        assert [key for key, _ in department.rows_of("重点工作任务完成")] == [
            "D1",
            "D2",
            "D4",
            "D3",
        ]
        await press(pilot, "ctrl+delete")
        department = app.desk.session.department
        assert department is not None
        assert "D4" not in department.rows


# --- projects -----------------------------------------------------------------------------------


async def test_a_project_from_its_money_to_its_rates(sample: Session) -> None:
    from perfeval.session.model import Project

    project = Project(set="mof-project-2020", name="新项目")
    session = sample.model_copy(update={"projects": {"p1": project}, "project_order": ("p1",)})
    async with running(saved(session)) as (app, pilot):
        await bench(app).show_evaluation("projects/p1")
        await settled(pilot)
        assert bench(app).place == "projects/p1#funds"
        await press(pilot, "tab")  # 年初预算数 is empty
        await type_text(pilot, "30")
        await press(pilot, "tab")
        await type_text(pilot, "26.6")
        await press(pilot, "enter")
        assert score_of(app, "projects/p1/answers/P0") == "8.87"
        await at(app, pilot, "projects/p1#产出指标")
        await type_text(pilot, "91.9%")
        await press(pilot, "enter")
        assert (
            decimal_text(app.desk.result("projects/p1").tier("产出指标").score or 0, 2) == "45.95"
        )
        assert "新项目" in shown(app).splitlines()[0]


# --- evidence -----------------------------------------------------------------------------------


@pytest.mark.soak
async def test_a_file_is_attached_and_its_page_noted(sample: Session, tmp_path: Path) -> None:
    file = tmp_path / "批复.pdf"
    file.write_bytes(b"%PDF-1.4 test")
    async with running(saved(sample)) as (app, pilot):
        await at(app, pilot, "department/answers/B3/evidence")
        await press(pilot, "enter")
        await paste(app, pilot, f"'{file}'")
        await press(pilot, "enter")
        await settled(pilot, lambda: app.desk.session.evidence)
        assert "B3-1 批复.pdf" in shown(app)
        await press(pilot, "up", "enter")
        await type_text(pilot, "3")
        await press(pilot, "enter")
        [one] = app.desk.session.evidence.values()
        assert (one.number, one.page) == ("B3-1", "3")
        await press(pilot, "delete", "enter")
        assert not app.desk.session.evidence


# --- panes, and who may change what --------------------------------------------------------------


async def test_panes_fold_into_tabs_on_a_narrow_screen(sample: Session) -> None:
    async with running(saved(sample), size=NARROW) as (app, pilot):
        assert "[填报]" in shown(app)
        await press(pilot, "ctrl+left")
        assert "[指标体系]" in shown(app)
        assert app.focused is bench(app).places
        await press(pilot, "enter")
        assert "[填报]" in shown(app)
        await press(pilot, "ctrl+right")
        assert "[计分过程]" in shown(app)
        assert "公式" in shown(app)


async def test_a_change_by_another_is_shown_with_both_values(sample: Session) -> None:
    session_id = saved(sample)
    async with running(session_id) as (app, pilot):
        await at(app, pilot, "department/inputs/全年执行数/value")
        await type_text(pilot, "750")
        from perfeval.store import Store, Workspace

        with Store.open() as store:
            other = Workspace.open(store, session_id)
            other.apply(
                edit(other.session, "department/inputs/全年执行数/value", "741.64", who="李")
            )
        await press(pilot, "enter")
        await settled(pilot, lambda: "已被他人改过" in shown(app))
        assert "741.64" in shown(app)
        assert "750" in shown(app)
        await press(pilot, "down", "enter")
        assert app.desk.session.department is not None
        assert app.desk.session.department.inputs["全年执行数"].value == "750"


async def test_an_office_sees_others_parts_but_cannot_change_them(sample: Session) -> None:
    part = sample.model_copy(
        update={"working_as": "财务科", "editable": ("department/answers/B3",)}
    )
    async with running(saved(part)) as (app, pilot):
        await at(app, pilot, "department/answers/B3")
        fields = bench(app).form.fields
        figures = [one.field for one in fields if one.field.path.startswith("department/inputs")]
        assert [one.read_only for one in figures] == [True] * 3
        assert not next(f for f in fields if f.field.path.endswith("B3/target")).field.read_only


async def test_a_sealed_session_asks_before_it_is_changed(sample: Session) -> None:
    from perfeval.session.model import Submission
    from perfeval.session.seal import seal, seal_holds

    session_id = saved(sample)
    async with running(session_id) as (app, pilot):
        # As 上报 leaves it: the stage and the seal of what stands there.
        session = app.desk.session
        sent = Submission(number=1, seal=seal(session), head="x")
        changes = [
            edit(session, "submissions", [sent.model_dump(mode="json")]),
            edit(session, "stage", "已上报"),
        ]
        await app.desk.apply(*(c.model_copy(update={"kind": "stage"}) for c in changes))
        await at(app, pilot, "department/inputs/全年执行数/value")
        await type_text(pilot, "750")
        await press(pilot, "enter")
        await settled(pilot, lambda: "修改已上报的内容？" in shown(app))
        await press(pilot, "escape")
        assert seal_holds(app.desk.session)

        # From the last field of a form Enter goes on, but not while a question waits.
        await at(app, pilot, "department/answers/X1/deviation_reason")
        await type_text(pilot, "跨年")
        await press(pilot, "enter")
        await settled(pilot, lambda: "修改已上报的内容？" in shown(app))
        await press(pilot, "escape")
        assert bench(app).place == "department/answers/X1"
        assert seal_holds(app.desk.session)
        await at(app, pilot, "department/inputs/全年执行数/value")
        await type_text(pilot, "750")
        await press(pilot, "enter")
        await settled(pilot, lambda: "修改已上报的内容？" in shown(app))
        await press(pilot, "left", "enter")
        assert seal_holds(app.desk.session) is False


async def test_a_refused_value_stays_to_be_corrected(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await at(app, pilot, "department/inputs/全年执行数/value")
        with deleted_by_another(sample):
            await type_text(pilot, "750")
            await press(pilot, "enter")
            assert any("已被删除" in told for told in notices(app))
        field = bench(app).form.field_at("department/inputs/全年执行数/value")
        assert field is not None
        assert field.text == "750"


@pytest.mark.parametrize("key", ["enter", "f4", "pagedown"])
async def test_nothing_goes_on_from_what_was_refused(sample: Session, key: str) -> None:
    async with running(saved(sample)) as (app, pilot):
        last = "department/answers/X1/deviation_reason"
        await at(app, pilot, last)
        with deleted_by_another(sample):
            await type_text(pilot, "跨年")
            await press(pilot, key)
            assert sum("已被删除" in told for told in notices(app)) == 1
            assert bench(app).place == "department/answers/X1"
            field = bench(app).form.focused_field
            assert field is not None
            assert (field.field.path, field.text[-2:]) == (last, "跨年")
        await press(pilot, key)
        stays = key == "f4"  # nothing else waits to be filled in
        assert (bench(app).place == "department/answers/X1") is stays
        assert app.desk.session.department is not None
        assert app.desk.session.department.answers["X1"].deviation_reason.endswith("跨年")


async def test_an_office_begins_at_its_own_part_and_sees_what_is_not_its(sample: Session) -> None:
    from perfeval.tui.screens.editing import may_fill

    part = ("department/answers/A1", "department/rows/D1")
    copy = sample.model_copy(update={"working_as": "办公室", "editable": part})
    [emptied] = edits.changes(copy, [("department/answers/A1/elements", {})], who="")
    may = {one: may_fill(copy, f"department{one}") for one in ("/answers/A1", "/rows/D2", "#base")}
    assert may == {"/answers/A1": True, "/rows/D2": False, "#base": False}
    async with running(saved(apply(copy, emptied)), size=NARROW) as (app, pilot):
        assert bench(app).place == "department/answers/A1"
        assert OTHERS not in shown(app)
        await press(pilot, "pagedown")
        assert OTHERS in shown(app)
        await press(pilot, "f4", "ctrl+a", "f4")
        assert notices(app)[-1] == "由您填写的都已填完"
        await press(pilot, "f2")
        await type_text(pilot, "5")
        assert shown(app).count("这一格由别的科室填写，这里只读") == 1
