"""核对公开稿: a published report opened from the interface, explained, mended, made a session."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot

from perfeval.audit.auditing import audit
from perfeval.audit.readers import read_bytes
from perfeval.audit.record import kept_audits, renew
from perfeval.cli.app import run
from perfeval.tui import audit_view
from perfeval.tui.app import PerfevalApp
from perfeval.tui.screens.audits import AuditScreen
from perfeval.tui.screens.home import HomeScreen
from perfeval.tui.screens.workbench import WorkbenchScreen
from tests.audit import own
from tests.tui.conftest import NARROW, NOW, press, running, settled, shown, type_text


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "报告.txt"
    path.write_text(own.text(), encoding="utf-8")
    return path


# --- as lines --------------------------------------------------------------------------------


def test_findings_as_lines_worst_first() -> None:
    found = audit(read_bytes(own.text().encode(), "报告.txt"))
    rows = list(audit_view.rows_of(found))
    assert len(rows) == 20
    assert [row.cells[0] for row in rows][:1] == ["不成立"]
    assert [row.cells[0] for row in rows][-1:] == ["无法判断"]
    lines = audit_view.detail_lines(found.findings[1])
    assert "印为：9.02    应为：9.20分" in lines
    assert lines[0] == "不成立 · 计算　得分　第286行 第2列"
    assert "归因：9.02->9.20分，随之 97.52->97.70分、97.52%->97.70%" in lines
    assert "没有核对：没有找到公开07、08表" in audit_view.coverage_text(found)
    assert audit_view.about(found) == "不成立 12，待核实 7，无法判断 1；288 条勾稽关系成立"


def test_signs_of_two_widths_do_not_stand_on_the_screen() -> None:
    found = audit(read_bytes(own.text().encode(), "报告.txt"))
    ours = [row.cells[3] for row in audit_view.rows_of(found)]
    assert not set("×÷≥≤→Σ") & set("".join(ours))


# --- on the screen ---------------------------------------------------------------------------


async def opened(app: PerfevalApp, pilot: Pilot[None], report: Path) -> None:
    """Choose a report by its place and wait for what was found."""
    await type_text(pilot, str(report))
    await press(pilot, "enter")
    await settled(pilot, lambda: isinstance(app.screen, AuditScreen))


async def test_a_report_is_opened_explained_mended_and_handed_out(
    report: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One morning's work: what cannot be read is told, a number is explained, the report is
    corrected and audited again, compared with the first record, written out, and found again.
    """
    monkeypatch.chdir(tmp_path)
    broken, record = tmp_path / "坏.pdf", tmp_path / "更正前.json"
    broken.write_bytes(b"%PDF-1.7\n" + b"\x00" * 500)
    run(["audit", str(report), "--record", str(record)])
    Path("exports").mkdir()
    async with running(notices_shown=True) as (app, pilot):
        await press(pilot, "f7")
        await type_text(pilot, str(broken))
        await press(pilot, "enter")
        await settled(pilot, lambda: "坏.pdf" in shown(app))
        assert isinstance(app.screen, HomeScreen)
        assert kept_audits() == ([], [])

        await press(pilot, "f7")
        await opened(app, pilot, report)
        await press(pilot, "down")
        assert "不成立 12，待核实 7" in shown(app)
        assert "印为：9.02    应为：9.20分" in shown(app)
        await press(pilot, "f8")
        assert "一数两值：成立 59，不成立 1" in shown(app)
        await press(pilot, "escape", "down", "f4")
        await type_text(pilot, "年底追加 3.6 万元")
        await press(pilot, "enter")
        await settled(pilot, lambda: "已说明" in shown(app))
        assert "核实说明：年底追加 3.6 万元（王会计）" in shown(app)

        report.write_text(own.text().replace("我县", "我市"), encoding="utf-8")
        await press(pilot, "f3")
        await settled(pilot, lambda: "已改正 1 条，仍在 19 条，新出现 0 条" in shown(app))
        assert "已说明" in shown(app)

        report.write_text(own.corrected(), encoding="utf-8")
        await press(pilot, "f3", "f6")
        await type_text(pilot, str(record))
        await press(pilot, "enter")
        await settled(pilot, lambda: "已改正 20 条，仍在 0 条" in shown(app))
        await press(pilot, "f9")
        names = sorted(one.name for one in Path("exports").iterdir())
        stem = "青石市档案服务中心 公开稿审核结果"
        assert names == [f"{stem}.docx", f"{stem}.xlsx"]

        await press(pilot, "escape", "f7")
        assert "2025-03-14 14:03 · 不成立 0 条" in shown(app)


async def test_a_report_becomes_a_session_beside_which_it_is_audited(report: Path) -> None:
    async with running(size=NARROW) as (app, pilot):
        await press(pilot, "f7")
        await opened(app, pilot, report)
        await press(pilot, "f5")
        await settled(pilot, lambda: isinstance(app.screen, WorkbenchScreen))
        assert app.desk.session.unit.name == "青石市档案服务中心"
        assert app.desk.session.claimed["department/total"] == "97.52"
        await settled(pilot, lambda: app.desk.checked)
        assert "L05" in {one.id for one in app.desk.findings}
        await press(pilot, "f7", "f6", "down", "enter")
        await settled(pilot, lambda: isinstance(app.screen, AuditScreen))
        await press(pilot, "escape", "ctrl+z")
        assert app.desk.session.claimed == {}


# --- one record for both ---------------------------------------------------------------------


def test_what_the_command_line_explains_the_interface_knows(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["audit", str(report), "--explain", "3200a70b5ee8", "--why", "区属", "--as", "甲"])
    again = renew(report, when=NOW)
    assert [one.waiver.reason for one in again.audit.findings if one.waiver] == ["区属"]
    assert again.changed is not None
    assert (again.changed.closed, again.changed.new) == ((), ())
    capsys.readouterr()
    assert run(["audit", str(report), "--json"]) == 1
    (kept,) = [f for f in json.loads(capsys.readouterr().out)["findings"] if "waiver" in f]
    assert (kept["printed"], kept["waiver"]["who"]) == ("我县", "甲")


def test_a_record_that_is_damaged_is_told_and_the_others_listed(report: Path) -> None:
    renew(report, when=NOW)
    (kept,), problems = kept_audits()
    assert (kept.unit, kept.year, problems) == ("青石市档案服务中心", 2023, [])
    (kept.place.parent / "z.json").write_text("{", encoding="utf-8")
    (again,), problems = kept_audits()
    assert again.place == kept.place
    assert "不是审核记录" in problems[0]
