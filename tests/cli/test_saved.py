"""Saved sessions on the command line: make, fill, undo, hand in, review, verify."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perfeval.cli.app import run

SAMPLE = ("sessions", "new", "kexie", "--from", "sample")


def do(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert run(arguments) == code, capsys.readouterr().err
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return captured.err if code == 2 else captured.out


@pytest.fixture(autouse=True)
def at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFEVAL_USER", "甲/财务科")
    monkeypatch.delenv("PERFEVAL_DATABASE", raising=False)


def test_a_session_is_made_listed_and_scored_by_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert "还没有保存的任务" in do(capsys, "sessions", "list")
    do(capsys, *SAMPLE)
    (line,) = json.loads(do(capsys, "sessions", "list", "--json"))
    assert (line["id"], line["total"], line["grade"], line["by"]) == (
        "kexie", "96.40", "优", "甲/财务科",
    )  # fmt: skip
    assert "96.40 优 按拟定规则" in do(capsys, "score", "kexie")
    assert "公式" in do(capsys, "explain", "kexie", "B3")
    do(capsys, "check", "kexie", code=1)
    assert "103.52" in do(capsys, "whatif", "kexie")


def test_filling_undoing_and_looking_back(capsys: pytest.CaptureFixture[str]) -> None:
    do(capsys, *SAMPLE)
    path = "department/inputs/可剔除调整数/value"
    told = do(capsys, "set", "kexie", path, "103.52", "--why", "省里临时交办", "--as", "乙")
    assert told == "已保存。96.40 优 按拟定规则 → 98.40 优 按拟定规则\n"
    assert "乙 填写" in do(capsys, "history", "kexie")
    assert "省里临时交办" in do(capsys, "history", "kexie", "--path", "department/inputs")
    assert "96.40" in do(capsys, "undo", "kexie")
    assert "98.40" in do(capsys, "redo", "kexie")
    changes = json.loads(do(capsys, "history", "kexie", "--json"))
    assert [one["kind"] for one in changes] == ["redo", "undo", "edit", "create"]


def test_a_whole_row_is_set_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    do(capsys, *SAMPLE)
    row = '{"group": "履职目标实现", "name": "四", "points": "0", "actual": "1"}'
    do(capsys, "set", "kexie", "department/rows/E4", row, "--raw")
    assert "四" in do(capsys, "score", "kexie")
    do(capsys, "set", "kexie", "department/rows/E4", "")
    assert "四" not in do(capsys, "explain", "kexie", "E3")
    assert "不是有效的 JSON" in do(
        capsys, "set", "kexie", "department/rows/E5", "{", "--raw", code=2
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["set", "kexie", "department/input/a/value", "1"], "是否想写“inputs”？"),
        (["set", "nowhere", "year", "2023"], "没有编号为“nowhere”"),
        (["undo", "kexie"], "没有可以撤销的修改"),
        (["redo", "kexie"], "没有可以重做的修改"),
        (["move", "kexie", "复核"], "没有阶段“复核”。是否想写“已复核”？"),
        (["move", "kexie", "已复核"], "不能转为“已复核”"),
        (["review", "kexie", "--mark", "B3", "--score", "9", "--opinion", "x"], "应在 0 与分值 2"),
        (["waive", "kexie", "L99", "理由"], "没有待说明的审核结果 L99"),
        (["waive", "kexie", "L31", "理由"], "有 3 处，请指明"),
        (["sessions", "new", "kexie", "--from", "sample"], "已有编号为“kexie”"),
        (["sessions", "new", "x"], "请给出"),
        (["sessions", "new", "a b/..", "--from", "sample"], "不能作编号"),
        (["sessions", "copy", "kexie", "../x"], "不能作编号"),
        (["sessions", "new", "x", "--unit", "某局", "--year", "1999"], "年度（2000 至 2100）"),
        (["sessions", "new", "x", "--last-year", "kexie", "--year", "9999"], "2000 至 2100"),
        (["set", "kexie", "stage", "已上报"], "上报用 submit"),
        (["set", "kexie", "submissions", "[]", "--raw"], "不能直接填写"),
        (["move", "kexie", "已上报"], "上报用 perfeval submit"),
        (["return", "kexie", "--why", " "], "不能转为"),
        (["sessions", "new", "x", "--unit", "某局"], "请给出年度"),
        (["--database", "/proc/none/x.db", "sessions", "list"], "打不开"),
    ],
)
def test_wrong_use_of_saved_sessions_is_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    do(capsys, *SAMPLE)
    assert told in do(capsys, *arguments, code=2)


def test_handing_in_is_refused_while_errors_stand(capsys: pytest.CaptureFixture[str]) -> None:
    do(capsys, *SAMPLE)
    assert "还不能上报" in do(capsys, "submit", "kexie", code=1)
    assert "已记下" in do(capsys, "waive", "kexie", "L27", "对账时点不同")
    assert "核实说明：对账时点不同" in do(capsys, "check", "kexie", code=1)


def test_reviewing(capsys: pytest.CaptureFixture[str]) -> None:
    do(capsys, *SAMPLE)
    assert "还没有复核意见" in do(capsys, "review", "kexie")
    do(capsys, "review", "kexie", "--mark", "A1")
    do(capsys, "review", "kexie", "--mark", "G1", "--score", "10", "--opinion", "没有样本")
    text = do(capsys, "review", "kexie")
    assert "自评 96.40 优，复核 86.40 良，净 -10.00 分" in text
    assert "采纳" in do(capsys, "feedback", "kexie", "--mark", "A1")
    told = do(capsys, "feedback", "kexie", "--mark", "G1", "--reject", "有回访记录")
    assert "不采纳：有回访记录" in told
    (diff,) = json.loads(do(capsys, "review", "kexie", "--json"))
    assert (diff["net"], diff["reviewed_grade"], len(diff["marks"])) == ("-10.00", "良", 2)


def test_verifying_against_a_printed_code(
    capsys: pytest.CaptureFixture[str], user_home: Path
) -> None:
    do(capsys, *SAMPLE)
    head = json.loads(do(capsys, "sessions", "show", "kexie", "--json"))["head"]
    do(capsys, "set", "kexie", "year", "2023")
    assert "与留存件相符" in do(capsys, "verify", "kexie", "--against", head[:16])
    assert "被截短或改写" in do(capsys, "verify", "kexie", "--against", "0" * 16, code=1)
    assert (user_home / "perfeval.db").exists()


def test_copy_delete_restore_and_next_year(capsys: pytest.CaptureFixture[str]) -> None:
    do(capsys, *SAMPLE)
    do(capsys, "sessions", "copy", "kexie", "kexie-2")
    do(capsys, "sessions", "delete", "kexie")
    ids = [one["id"] for one in json.loads(do(capsys, "sessions", "list", "--json"))]
    assert ids == ["kexie-2"]
    do(capsys, "sessions", "restore", "kexie")
    do(capsys, "sessions", "new", "kexie-2025", "--last-year", "kexie")
    shown = json.loads(do(capsys, "sessions", "show", "kexie-2025", "--json"))
    assert (shown["year"], shown["projects"]) == (2025, 8)
    assert "固定的指标体系与现在的相同" in do(capsys, "sessions", "upgrade", "kexie")


def test_a_new_session_begins_with_the_sets_rows(capsys: pytest.CaptureFixture[str]) -> None:
    do(
        capsys, "sessions", "new", "n", "--unit", "某局", "--year", "2024",
        "--set", "henan-department-2024",
    )  # fmt: skip
    data = json.loads(do(capsys, "score", "n", "--json"))
    assert len(data["indicators"]) == 28
    assert (data["total"], data["complete"], data["filled"]) == (None, False, "0")


def test_every_act_answers_in_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(do(capsys, *SAMPLE, "--json"))["id"] == "kexie"
    path = "department/inputs/可剔除调整数/value"
    told = json.loads(do(capsys, "set", "kexie", path, "103.52", "--json"))
    assert told["after"] == "98.40 优 按拟定规则"
    assert json.loads(do(capsys, "undo", "kexie", "--json"))["path"] == path
    verified = json.loads(do(capsys, "verify", "kexie", "--json"))
    assert (verified["problems"], verified["records"]) == ([], 3)
    assert json.loads(do(capsys, "sessions", "upgrade", "kexie", "--json"))["sets"] == []
    assert json.loads(do(capsys, "move", "kexie", "科室填报", "--json"))["stage"] == "科室填报"


def test_verifying_against_a_kept_package(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    do(capsys, *SAMPLE)
    kept = str(tmp_path / "kept.perfeval")
    do(capsys, "save", "kexie", "--to", kept)
    assert "前后相接" in do(capsys, "verify", kept)
    do(capsys, "set", "kexie", "year", "2023")
    assert "与留存件相符" in do(capsys, "verify", "kexie", "--against", kept)
    do(capsys, "sessions", "new", "other", "--from", "sample")
    assert "与留存件不同" in do(capsys, "verify", "other", "--against", kept, code=1)


def test_a_refused_id_leaves_nothing_behind(capsys: pytest.CaptureFixture[str]) -> None:
    do(capsys, *SAMPLE)
    do(capsys, "sessions", "copy", "kexie", "../x", code=2)
    assert [one["id"] for one in json.loads(do(capsys, "sessions", "list", "--json"))] == ["kexie"]
