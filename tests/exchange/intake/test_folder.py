"""A folder of what units handed in: one line each, worst first, nothing left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from perfeval.cli.app import run
from perfeval.exchange.intake.folder import check_folder
from perfeval.exchange.workbook import export_workbook
from perfeval.indicators.library import find, set_files
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.session.files import loads


@pytest.fixture
def folder(office: Any, tmp_path: Path) -> Path:
    """Three good files, one unit with two files, a task file, and four that cannot be read."""
    made = tmp_path / "交来"
    (made / "某县茶办").mkdir(parents=True)
    cases = office.cases()

    def put(name: str, case: str) -> None:
        (made / name).write_bytes(office.laid_out(cases[case]))

    put("好的.xlsx", "ah_tianchang_slj_fangyu")
    put("总分错.xlsx", "hb_wuhan_fuwumaoyi")
    put("扣分无故.xlsx", "yn_gucheng_weipian")
    put("某县茶办/部门.xlsx", "ah_jinzhai_chagu")
    put("某县茶办/项目.xlsx", "sh_putuo_tyzx_yuandian")
    (made / "示例.yaml").write_text(sample_text(), encoding="utf-8")
    (made / "坏的.xlsx").write_bytes(b"PK\x03\x04 broken")
    (made / "网页.xls").write_text("<html>", encoding="utf-8")
    (made / "通讯录.xlsx").write_bytes(office.workbook([["姓名", "房间"], ["甲", 1]]))
    (made / "~$好的.xlsx").write_bytes(b"lock")
    (made / ".隐藏.xlsx").write_bytes(b"")
    return made


def test_every_unit_has_a_line_and_every_file_a_place(folder: Path) -> None:
    batch = check_folder(folder, find, set_files(None))
    assert len(batch.lines) == 8
    assert {one.file for one in batch.unread} == {"坏的.xlsx", "网页.xls", "通讯录.xlsx"}
    assert all(one.cause for one in batch.unread)
    assert [line.unread != () for line in batch.lines[:3]] == [True] * 3
    named = {line.files: line for line in batch.lines}
    both = named["部门.xlsx", "项目.xlsx"]
    assert both.scope == "部门整体"
    wrong = named["总分错.xlsx",]
    assert (str(wrong.claimed), str(wrong.computed), str(wrong.difference)) == ("100", "120", "20")
    good = named["好的.xlsx",]
    assert good.errors == 0
    assert good.difference == 0
    sample = named["示例.yaml",]
    assert sample.grade_change == ""
    assert sample.difference is not None
    assert round(float(sample.difference), 2) == -1.44


def test_lines_are_worst_first(folder: Path) -> None:
    batch = check_folder(folder, find, set_files(None))
    assert [line.badness for line in batch.lines] == sorted(
        (line.badness for line in batch.lines), reverse=True
    )


def test_the_verb_prints_the_table_and_writes_the_review(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    target = tmp_path / "复核情况汇总表.xlsx"
    assert run(["check", str(folder), "--xlsx", str(target)]) == 1
    told = capsys.readouterr().out
    assert told.splitlines()[0].split() == [
        *("单位", "自评得分", "核算得分", "差", "等级变化", "错误/警告", "缺材料")
    ]
    assert "没有读出的文件 3 个" in told
    assert "坏的.xlsx：文件不完整或已损坏" in told
    page = openpyxl.load_workbook(target).active
    assert page is not None
    assert page["A1"].value == "复核情况汇总表"
    cells = {cell.value for row in page.iter_rows() for cell in row}
    assert {"某某中心", 120, 20} <= cells
    assert run(["check", str(folder), "--xlsx", str(target)]) == 2  # never over another's file


def test_the_verb_answers_in_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(folder), "--json"]) == 1
    units = json.loads(capsys.readouterr().out)["units"]
    wrong = next(one for one in units if one["files"] == ["总分错.xlsx"])
    assert wrong["claimed"] == "100.00"
    assert wrong["computed"] == "120.00"
    assert any("总分填报 100" in message for message in wrong["messages"])


def test_an_empty_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(tmp_path)]) == 2
    assert "里面没有自评表" in capsys.readouterr().err


# --- one file, and import ------------------------------------------------------------------------


def test_check_and_score_take_a_form_as_handed_in(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(folder / "扣分无故.xlsx")
    assert run(["check", path]) == 1
    told = capsys.readouterr().out
    assert "得分填报 9.00，按规则核算为 10.00" in told
    assert "4 项 没有一种常用算法得出这个分" in told
    assert run(["score", path, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["read"] == ["项目自评表 1 张"]
    rules = {one["name"]: one["rules"] for one in data["claims"]}
    assert rules["项目验收合格率"] == []


def test_import_lists_first_applies_when_told_and_is_undone_at_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(folder / "扣分无故.xlsx")
    assert run(["import", path]) == 0
    told = capsys.readouterr().out
    assert "这是试读，什么都没有改" in told
    assert "采用 表1!C3 某项目经费" in told
    assert run(["import", path, "--apply"]) == 2
    assert "--to" in capsys.readouterr().err
    assert run(["import", path, "--to", "t1"]) == 0  # still only a trial
    assert run(["sessions", "show", "t1"]) == 2
    assert run(["import", path, "--to", "t1", "--apply", "--as", "甲"]) == 0
    assert "可用 perfeval undo t1 一并撤销" in capsys.readouterr().out
    assert run(["score", "t1", "--json"]) == 0
    (project,) = json.loads(capsys.readouterr().out)["projects"]
    assert project["name"] == "某项目经费"
    assert run(["import", path, "--to", "t1"]) == 0
    assert "相同" in capsys.readouterr().out
    assert run(["undo", "t1"]) == 0
    capsys.readouterr()
    assert run(["score", "t1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["projects"] == []


def test_import_shows_what_would_be_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = loads(sample_text())
    path = export_workbook(session, score_session(session, find), tmp_path, find)
    assert run(["sessions", "new", "k", "--from", "sample"]) == 0
    assert run(["set", "k", "department/inputs/全年执行数/value", "700"]) == 0
    capsys.readouterr()
    assert run(["import", str(path), "--to", "k", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    (cell,) = [one for one in data["cells"] if one["verdict"] == "将改写"]
    assert (cell["old"], cell["value"]) == ("700", "741.99")
    assert data["applied"] == 0


def test_xlsx_is_for_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "sample", "--xlsx", "x.xlsx"]) == 2
    assert "只用于审核一个文件夹" in capsys.readouterr().err
