"""审核: find what does not hold, go there, cure it; or say why it is so."""

from perfeval.checks import Level
from perfeval.numbers import decimal_text
from perfeval.session.model import Session
from perfeval.tui.desk import Desk
from perfeval.tui.screens.findings import FindingsScreen, counts_text, detail_lines
from perfeval.tui.screens.workbench import WorkbenchScreen
from tests.tui.conftest import NARROW, press, running, saved, settled, shown, type_text


async def test_the_list_says_what_where_and_both_numbers(sample: Session) -> None:
    async with running(saved(sample)) as (app, pilot):
        await settled(pilot, lambda: app.desk.checked)
        await press(pilot, "f7")
        text = shown(app)
    assert "错误 6  警告 6  提示 6" in text
    assert "填报：9.84    核算：8.85" in text
    assert "基础数据勾稽" in text


async def test_an_error_is_found_and_cured_at_its_field(sample: Session) -> None:
    """Job (3): 全年预算数 was published as 837.1; Enter leads to the figure it disagrees with."""
    async with running(saved(sample)) as (app, pilot):
        await settled(pilot, lambda: app.desk.checked)
        await press(pilot, "f7")
        screen = app.screen
        assert isinstance(screen, FindingsScreen)
        at = [one.title for one in app.desk.findings].index("基础数据勾稽")
        await press(pilot, *["down"] * at)
        assert screen.finding is not None
        assert "667.77" in screen.finding.message
        await press(pilot, "enter")
        await settled(pilot, lambda: isinstance(app.screen, WorkbenchScreen))
        assert isinstance(app.screen, WorkbenchScreen)


async def test_an_explained_warning_is_no_blocker_and_lapses_when_the_number_changes(
    sample: Session,
) -> None:
    async with running(saved(sample)) as (app, pilot):
        await settled(pilot, lambda: app.desk.checked)
        await press(pilot, "f7")
        screen = app.screen
        assert isinstance(screen, FindingsScreen)
        levels = [one.level for one in app.desk.findings]
        await press(pilot, *["down"] * levels.index(Level.WARNING), "ctrl+n")
        await type_text(pilot, "年末一次性支付，已在决算说明中写明")
        await press(pilot, "enter")
        await settled(pilot, lambda: app.desk.session.waivers)
        waiver = app.desk.session.waivers[0]
        assert waiver.reason == "年末一次性支付，已在决算说明中写明"
        await settled(pilot, lambda: "已说明" in shown(app))
        assert "（另有 1 条已说明）" in shown(app)
        await press(pilot, "ctrl+z")
        await settled(pilot, lambda: not app.desk.session.waivers)


def test_a_session_in_order_is_told_so() -> None:
    assert counts_text([], checked=True) == "审核通过：没有发现对不上的地方"
    assert counts_text([], checked=False) == "正在审核"


async def test_it_fits_a_small_screen(sample: Session) -> None:
    async with running(saved(sample), size=NARROW) as (app, pilot):
        await settled(pilot, lambda: app.desk.checked)
        await press(pilot, "f7")
        lines = shown(app).splitlines()
        first = app.desk.findings[0]
        assert any(line.startswith(" 错误") for line in lines)
        assert any(detail_lines(first)[0] in line for line in lines)
        assert app.desk.scorecard.department is not None
        assert decimal_text(app.desk.scorecard.department.total, 2) in lines[0]


async def test_a_printed_score_is_corrected_and_its_error_is_gone(sample: Session) -> None:
    """The report printed 9.84 for 预算执行率 where its own rule gives 8.85."""
    async with running(saved(sample)) as (app, pilot):
        await settled(pilot, lambda: app.desk.checked)
        await press(pilot, "f7", "f3")
        await settled(pilot, lambda: "改哪一个数？" in shown(app))
        await press(pilot, "enter")
        await settled(pilot, lambda: "改填报数" in shown(app))
        await press(pilot, "end", *["backspace"] * 4)
        await type_text(pilot, "8.85")
        await press(pilot, "enter")
        await settled(
            pilot, lambda: app.desk.session.claimed["department/answers/X1/score"] == "8.85"
        )
        await settled(pilot, lambda: "department/answers/X1/score" not in open_paths(app.desk))
        await press(pilot, "ctrl+z")
        await settled(pilot, lambda: "department/answers/X1/score" in open_paths(app.desk))


def open_paths(desk: Desk) -> set[str]:
    """The places the findings speak of first."""
    return {one.path for one in desk.findings}
