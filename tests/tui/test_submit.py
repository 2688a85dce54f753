"""上报: what hinders it, the seal, the way through 复核 and back."""

from __future__ import annotations

import pytest

from perfeval.session import files
from perfeval.session.model import Session, Submission, Unit
from perfeval.session.seal import seal
from perfeval.tui.screens.submit import seals_text, stage_line
from tests.tui.conftest import press, running, saved, settled, shown, type_text

CLEAN = """
id: clean
unit: {name: 某局, code: "101", department_in_charge: 某厅, prepared_by: 甲, phone: "1", head: 乙,
       filled_on: "2025-03-01"}
year: 2024
projects:
  a:
    set: mof-project-2020
    name: 甲项目
    funds: {t: {budget: 10, executed: 10}}
    tier_rates: {产出指标: 100%, 效益指标: 100%, 满意度指标: 100%}
"""


@pytest.mark.parametrize(
    ("stage", "line"),
    [
        ("草稿", "[草稿]  >  已上报  >  复核中  >  已复核"),
        ("财务审核", "草稿  >  [财务审核]  >  已上报  >  复核中  >  已复核"),
        ("退回修改", "草稿  >  已上报  >  复核中  >  [退回修改]  >  已复核"),
    ],
)
def test_the_way_and_where_one_is_on_it(stage: str, line: str) -> None:
    session = Session(id="a", unit=Unit(name="某局"), year=2024, stage=stage)
    assert stage_line(session) == line


def test_a_seal_that_does_not_hold_any_more_is_said_first() -> None:
    session = Session(id="a", unit=Unit(name="某局"), year=2024)
    sealed = session.model_copy(
        update={"submissions": (Submission(number=1, seal=seal(session), head="h", who="甲"),)}
    )
    assert "失效" not in seals_text(sealed, "f" * 64)
    edited = sealed.model_copy(update={"unit": Unit(name="某某局")})
    assert seals_text(edited, "f" * 64).startswith("上报后内容有改动，上报锁定已失效")


async def test_what_hinders_is_listed_and_enter_goes_there(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await settled(pilot, lambda: app.desk.checked)
        await press(pilot, "ctrl+u")
        await settled(pilot, lambda: "还不能上报" in shown(app))
        await press(pilot, "enter")
        assert app.desk.session.stage == "草稿"
        await press(pilot, "enter")
        await settled(pilot, lambda: type(app.screen).__name__ == "WorkbenchScreen")
        assert "预算执行率" in shown(app)


async def test_a_sound_task_is_sealed_returned_and_handed_in_again() -> None:
    async with running(saved(files.loads(CLEAN))) as (app, pilot):
        await settled(pilot, lambda: app.desk.checked)
        await press(pilot, "ctrl+u")
        assert "审核通过，可以上报" in shown(app)
        await press(pilot, "enter", "enter")
        await settled(pilot, lambda: app.desk.session.stage == "已上报" and app.screen.is_modal)
        sealed = app.desk.session.submissions[0].seal
        assert sealed in shown(app)
        assert "导出自评数据包" in shown(app)
        await press(pilot, "escape", "down", "enter")
        assert "退回的理由" in shown(app)
        await press(pilot, "enter")
        assert "请写明理由" in shown(app)
        await type_text(pilot, "请补材料")
        await pilot.press("enter")
        await settled(pilot, lambda: app.desk.session.stage == "退回修改")
        assert app.desk.workspace.records[-1].change.why == "请补材料"
        await settled(pilot, lambda: "[退回修改]" in shown(app))
