"""Saved sessions on the command line: make, fill, undo, hand in, review, verify."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Elsewhere, Terminal


SAMPLE = ("sessions", "new", "kexie", "--from", "sample")
NUMBER = "department/inputs/全年执行数/value"


def test_a_session_is_made_listed_and_scored_by_its_id(do: Terminal) -> None:
    assert "还没有保存的任务" in do("sessions", "list")
    do(*SAMPLE)
    (line,) = do.json("sessions", "list")
    assert (line["id"], line["total"], line["grade"], line["by"]) == (
        "kexie", "96.40", "优", "甲/财务科",
    )  # fmt: skip
    assert "96.40 优 按拟定规则" in do("score", "kexie")
    assert "公式" in do("explain", "kexie", "B3")
    do("check", "kexie", code=1)
    assert "103.52" in do("whatif", "kexie")


def test_filling_undoing_and_looking_back(do: Terminal) -> None:
    do(*SAMPLE)
    path = "department/inputs/可剔除调整数/value"
    told = do("set", "kexie", path, "103.52", "--why", "省里临时交办", "--as", "乙")
    assert told == "已保存。96.40 优 按拟定规则 → 98.40 优 按拟定规则\n"
    assert "乙 基础数据 · 可剔除调整数：（空） -> 103.52" in do("history", "kexie")
    assert "省里临时交办" in do("history", "kexie", "--path", "department/inputs")
    assert "96.40" in do("undo", "kexie")
    assert "98.40" in do("redo", "kexie")
    changes = do.json("history", "kexie")
    assert [one["kind"] for one in changes] == ["redo", "undo", "edit", "create"]


def test_a_whole_row_is_set_as_json(do: Terminal) -> None:
    do(*SAMPLE)
    row = '{"group": "履职目标实现", "name": "四", "points": "0", "actual": "1"}'
    do("set", "kexie", "department/rows/E4", row, "--raw")
    assert "四" in do("score", "kexie")
    do("set", "kexie", "department/rows/E4", "")
    assert "四" not in do("explain", "kexie", "E3")
    assert "不是有效的 JSON" in do("set", "kexie", "department/rows/E5", "{", "--raw", code=2)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["set", "kexie", "department/input/a/value", "1"], "是否想写“inputs”？"),
        (["set", "nowhere", "year", "2023"], "请核对编号：perfeval sessions list"),
        (["review", "kexie", "--mark", "Z9"], "请核对代码：perfeval score 编号"),
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
        (["return", "kexie", "--why", " "], "退回修改要写明理由"),
        (["sessions", "new", "x", "--unit", "某局"], "请给出年度"),
        (["--database", "/proc/none/x.db", "sessions", "list"], "打不开"),
    ],
)
def test_wrong_use_of_saved_sessions_is_told(do: Terminal, arguments: list[str], told: str) -> None:
    do(*SAMPLE)
    assert told in do(*arguments, code=2)


def test_handing_in_is_refused_while_errors_stand(do: Terminal) -> None:
    do(*SAMPLE)
    assert "还不能上报" in do("submit", "kexie", code=1)
    assert "已记下" in do("waive", "kexie", "L27", "对账时点不同")
    assert "核实说明：对账时点不同" in do("check", "kexie", code=1)


def test_reviewing(do: Terminal) -> None:
    do(*SAMPLE)
    assert "还没有复核意见" in do("review", "kexie")
    do("review", "kexie", "--mark", "A1")
    do("review", "kexie", "--mark", "G1", "--score", "10", "--opinion", "没有样本")
    text = do("review", "kexie")
    assert "自评 96.40 优，复核 86.40 良，净核减 10.00 分" in text
    assert "采纳" in do("feedback", "kexie", "--mark", "A1")
    told = do("feedback", "kexie", "--mark", "G1", "--reject", "有回访记录")
    assert "不采纳：有回访记录" in told
    (diff,) = do.json("review", "kexie")
    assert (diff["net"], diff["reviewed_grade"], len(diff["marks"])) == ("-10.00", "良", 2)


def test_verifying_against_a_printed_code(do: Terminal, user_home: Path) -> None:
    do(*SAMPLE)
    head = do.json("sessions", "show", "kexie")["head"]
    do("set", "kexie", "year", "2023")
    assert "与留存件相符" in do("verify", "kexie", "--against", head[:16])
    assert "被截短或改写" in do("verify", "kexie", "--against", "0" * 16, code=1)
    assert (user_home / "perfeval.db").exists()


def test_copy_delete_restore_and_next_year(do: Terminal) -> None:
    do(*SAMPLE)
    do("sessions", "copy", "kexie", "kexie-2")
    do("sessions", "delete", "kexie")
    ids = [one["id"] for one in do.json("sessions", "list")]
    assert ids == ["kexie-2"]
    do("sessions", "restore", "kexie")
    do("sessions", "new", "kexie-2025", "--last-year", "kexie")
    shown = do.json("sessions", "show", "kexie-2025")
    assert (shown["year"], shown["projects"]) == (2025, 8)
    assert "固定的指标体系与现在的相同" in do("sessions", "upgrade", "kexie")


def test_a_new_session_begins_with_the_sets_rows(do: Terminal) -> None:
    do("sessions", "new", "n", "--unit", "某局", "--year", "2024",
        "--set", "henan-department-2024",
    )  # fmt: skip
    data = do.json("score", "n")
    assert len(data["indicators"]) == 28
    assert (data["total"], data["complete"], data["filled"]) == (None, False, "0")


def test_every_act_answers_in_json_too(do: Terminal) -> None:
    assert do.json(*SAMPLE)["id"] == "kexie"
    path = "department/inputs/可剔除调整数/value"
    told = do.json("set", "kexie", path, "103.52")
    assert told["after"] == "98.40 优 按拟定规则"
    assert do.json("undo", "kexie")["path"] == path
    verified = do.json("verify", "kexie")
    assert (verified["problems"], verified["records"]) == ([], 3)
    assert do.json("sessions", "upgrade", "kexie")["sets"] == []
    assert do.json("move", "kexie", "科室填报")["stage"] == "科室填报"


def test_verifying_against_a_kept_package(do: Terminal, tmp_path: Path) -> None:
    do(*SAMPLE)
    kept = str(tmp_path / "kept.perfeval")
    do("save", "kexie", "--to", kept)
    assert "前后相接" in do("verify", kept)
    do("set", "kexie", "year", "2023")
    assert "与留存件相符" in do("verify", "kexie", "--against", kept)
    do("sessions", "new", "other", "--from", "sample")
    assert "与留存件不同" in do("verify", "other", "--against", kept, code=1)


def test_a_refused_id_leaves_nothing_behind(do: Terminal) -> None:
    do(*SAMPLE)
    do("sessions", "copy", "kexie", "../x", code=2)
    assert [one["id"] for one in do.json("sessions", "list")] == ["kexie"]


# --- what a code is --------------------------------------------------------------------------


def test_what_is_neither_a_code_nor_a_file_is_told(do: Terminal, made: str, tmp_path: Path) -> None:
    for against in ("", "没有的文件.perfeval", "abc", "g" * 16, "0" * 65, str(tmp_path)):
        if against:
            told = do("verify", made, "--against", against, code=2)
            assert "不是校验码，也没有这个文件" in told
    note = tmp_path / ("a" * 16)  # a file is a file, also when it is called like a code
    note.write_text("x", encoding="utf-8")
    assert "不是自评数据包" in do("verify", made, "--against", str(note), code=2)


def test_a_code_may_be_copied_in_capitals_and_a_package_be_called_anything(
    do: Terminal, made: str, tmp_path: Path
) -> None:
    head = do.json("sessions", "show", made)["head"]
    assert "与留存件相符" in do("verify", made, "--against", head[:16].upper())
    kept = tmp_path / "留存.perfeval"
    do("save", made, "--to", str(kept))
    renamed = kept.rename(tmp_path / "留存.PERFEVAL")
    assert "前后相接" in do("verify", str(renamed))
    plain = renamed.rename(tmp_path / "留存件")
    assert "与留存件相符" in do("verify", made, "--against", str(plain))


def handed_in(do: Terminal) -> str:
    """Hand in a session without errors; return its 上报锁定 as printed."""
    do("sessions", "new", "n", "--unit", "某局", "--year", "2024")
    rates = '"产出指标": "100%", "效益指标": "100%", "满意度指标": "100%"'
    fund = '"funds": {"t": {"budget": "3", "executed": "3"}}'
    project = f'{{"set": "mof-project-2020", "name": "甲", {fund}, "tier_rates": {{{rates}}}}}'
    do("set", "n", "projects/a", project, "--raw")
    told = do("submit", "n", code=0)
    assert "请抄下留存" in told
    return str(do.json("sessions", "show", "n")["submissions"][0]["seal"][:16])


def test_a_seal_is_a_code_too_and_losing_it_is_told(do: Terminal) -> None:
    sealed = handed_in(do)
    assert "与留存件相符" in do("verify", "n", "--against", sealed)
    do("set", "n", "unit/head", "负责人")
    assert "上报锁定已失效" in do.beside
    assert "上报锁定已失效" in do("sessions", "show", "n")
    do("set", "n", "unit/head", "另一位")
    assert do.beside == ""  # told once
    do("undo", "n")
    do("undo", "n", "--json")
    assert "上报锁定恢复有效" in do.beside
    assert "失效" not in do("sessions", "show", "n")
    do("redo", "n")
    assert "上报锁定已失效" in do.beside
    assert "与留存件相符" in do("verify", "n", "--against", sealed)  # it was sealed so, then


def test_a_code_made_after_the_kept_package_is_not_found_in_it(
    do: Terminal, made: str, tmp_path: Path
) -> None:
    kept = str(tmp_path / "kept.perfeval")
    do("save", made, "--to", kept)
    do("set", made, "year", "2023")
    told = do("verify", kept, "--against", do.json("sessions", "show", made)["head"], code=1)
    assert "找不到校验码" in told


def test_an_offices_copy_is_told_and_is_no_finding_a_fork_is_one(
    do: Terminal, made: str, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    out, back, ours, fork = (str(tmp_path / f"{name}.perfeval") for name in "obhf")
    do("set", made, "department/answers/B3/owner", "财务科")
    do("save", made, "--to", out, "--owner", "财务科")
    do("save", made, "--to", ours)
    elsewhere(tmp_path / "office")
    do("open", out)
    do("set", made, "department/answers/B3/target", "≤30%")
    do("save", made, "--to", back)
    for one, other in ((ours, back), (back, ours)):
        told = do("verify", one, "--against", other)
        assert "一边是分发给“财务科”的那一份" in told
        assert "前后相接，与自评数据一致\n" in told  # and not: 与留存件相符
    elsewhere(tmp_path / "copy")
    do("open", ours)
    do("set", made, "year", "2023")
    do("save", made, "--to", fork)
    elsewhere(tmp_path / "other copy")
    do("open", ours)
    do("set", made, "year", "2022")
    assert "或者被改写" in do("verify", made, "--against", fork, code=1)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE journal SET record = '{' WHERE n = 2", "第 2 条修改记录读不出来"),
        ("UPDATE journal SET record = replace(record, '742', '743')", "第 2 条记录：内容被改动"),
        ("UPDATE evaluation SET document = '{'", "的内容读不出来"),
        ("UPDATE evaluation SET key = 'zz' WHERE key = 'projects/p1'", "的内容读不出来"),
        ("UPDATE session SET document = ''", "的内容读不出来"),
        ("UPDATE session SET records = 99", "有 3 条，而任务记着 99 条"),
        ("UPDATE session SET records = 2", "有 3 条，而任务记着 2 条"),
        ("UPDATE session SET head = 'x'", "末尾的记录被删去或改动"),
        ("DELETE FROM pinned_set", "固定的内容不在数据库里"),
    ],
)
def test_whatever_was_altered_in_the_database_is_a_finding(
    do: Terminal, made: str, user_home: Path, statement: str, told: str
) -> None:
    do("set", made, NUMBER, "742")
    do("set", made, NUMBER, "744")
    with closing(sqlite3.connect(user_home / "perfeval.db")) as bare, bare:
        bare.execute(statement)
    assert told in do("verify", made, code=1)
    assert do.json("verify", made, code=1)["problems"]


@pytest.mark.parametrize("document", ["", "[]", "{", '{"pinned": []}', "[" * 20_000])
def test_a_damaged_session_hides_no_other_from_the_list(
    do: Terminal, made: str, user_home: Path, document: str
) -> None:
    do("sessions", "new", "other", "--unit", "某局", "--year", "2024")
    with closing(sqlite3.connect(user_home / "perfeval.db")) as bare, bare:
        bare.execute("UPDATE session SET document = ? WHERE id = ?", (document, made))
    listed = {one["id"]: one["total"] for one in do.json("sessions", "list")}
    assert listed == {"other": "", made: ""}
    assert "读不出来" in do("score", made, code=2)


# --- sets a change brings in -----------------------------------------------------------------

PROJECT = '{"set": "%s", "name": "新项目", "tier_rates": {"产出指标": "100%%"}}'


def test_a_project_with_a_set_not_used_yet_pins_it_in_the_same_act(do: Terminal) -> None:
    do(
        "sessions", "new", "n", "--unit", "某局", "--year", "2024",
        "--set", "henan-department-2024",
    )  # fmt: skip
    do("set", "n", "projects/p99", PROJECT % "mof-project-2020", "--raw")
    assert "新项目" in do("score", "n")
    assert "前后相接" in do("verify", "n")
    assert "（连同另外 1 处）" in do("undo", "n")
    assert "新项目" not in do("score", "n")
    do("redo", "n")
    assert "新项目" in do("score", "n")
    told = do("set", "n", "projects/p98", PROJECT % "mof-project-2099", "--raw", code=2)
    assert "没有指标体系“mof-project-2099”" in told
    assert "p98" not in do("history", "n")


# --- which session is meant ------------------------------------------------------------------


def test_an_id_with_a_dot_is_an_id(do: Terminal) -> None:
    do("sessions", "new", "a.2024", "--from", "sample")
    assert "96.40" in do("score", "a.2024")
    assert "没有这个文件" in do("score", "a.2023", code=2)


def test_a_folder_called_like_a_session_does_not_hide_it(
    do: Terminal, made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(made).mkdir()
    assert "96.40" in do("score", made)


def test_a_package_is_opened_first(do: Terminal, made: str, tmp_path: Path) -> None:
    file = tmp_path / "x.perfeval"
    do("save", made, "--to", str(file))
    assert f"perfeval open {file}" in do("score", str(file), code=2)


NO_NAMES = ["x" * 5000, "a/" + "x" * 300, "a\0b", "\ud800", ""]


@pytest.mark.parametrize(
    "verb",
    [["score"], ["open"], ["merge", "kexie"], ["sets", "show"], ["verify", "kexie", "--against"]],
)
def test_a_name_no_system_takes_is_told(do: Terminal, made: str, verb: list[str]) -> None:
    for name in NO_NAMES[: -1 if verb[0] == "verify" else None]:
        told = do(*verb, name, code=2)
        assert "程序出错" not in told
        assert len(told) < 6000


def test_the_database_is_opened_once(
    do: Terminal, made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from perfeval.store import Store

    opened: list[str | None] = []
    really = Store.open

    def counted(database: str | None = None) -> Store:
        opened.append(database)
        return really(database)

    monkeypatch.setattr(Store, "open", counted)
    for verb in ("score", "check", "report"):
        opened.clear()
        do(verb, made, code=1 if verb == "check" else 0)
        assert len(opened) == 1, verb


# --- who is at work --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["甲\n乙", "甲\x1b[31m", "甲\u202e", "甲" * 101])
def test_a_name_that_cannot_stand_in_a_record_is_refused(
    do: Terminal, made: str, name: str
) -> None:
    assert "请重新填写姓名" in do("set", made, "year", "2023", "--as", name, code=2)


def test_control_signs_in_a_session_never_reach_the_screen(do: Terminal, made: str) -> None:
    do("set", made, "projects/p1/name", "科普\x1b[2J\x9b31m\u202e经费")
    do("set", made, "department/rows/D1/name", "重点\x07\r工作")
    do("set", made, "unit/name", "某局\x1b]0;x\x07")
    for arguments in (
        ["score", made], ["history", made], ["explain", made, "D1"], ["sessions", "list"],
        ["sessions", "show", made], ["whatif", made], ["score", made, "--json"],
        ["history", made, "--json"], ["sessions", "list", "--json"],
    ):  # fmt: skip
        text = do(*arguments)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text), arguments
    assert do.json("history", made)[0]["new"] == "某局\x1b]0;x\x07"  # escaped, not lost


# --- filling in what is not where one thinks -------------------------------------------------


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        ("B3", "5", "B3 预算调整率有好几项，请写明填写哪一项，如 department/answers/B3/actual"),
        ("预算调整率", "5", "请写明填写哪一项"),
        ("全年执行数", "5", "填写在 department/inputs/全年执行数/value"),
        ("department/answers/B3", "5", "这里有好几项，请逐项填写"),
        ("money_unit", "美元", "只能是 元、万元"),
        ("year", "今年", "应是整数"),
        ("projects/p1/fund_origins", "年初", "应是一列，不是一项"),
    ],
)
def test_a_wrong_place_or_value_is_told_with_the_right_one(
    do: Terminal, made: str, place: str, value: str, told: str
) -> None:
    assert told in do("set", made, place, value, code=2)


def test_what_the_set_does_not_have_is_saved_and_said(do: Terminal, made: str) -> None:
    do("set", made, "department/answers/B33/target", "5")
    assert "指标体系里没有“B33”，填在这里的不参与计分。是否想写“B3”？" in do.beside
    do("set", made, "department/answers/F1/manual_score", "5")
    assert "F1 是个性指标，位置写作 department/rows/F1/manual_score" in do.beside
    do("set", made, "texts/主要职能", "五")
    assert "报告里没有“主要职能”这一部分。是否想写“主要职责”？" in do.beside
    do("set", made, "department/inputs/全年执行/value", "5")
    assert "是否想写“全年执行数”？" in do.beside
    do("set", made, "department/inputs/全年执行/value", "")
    assert do.beside == ""
    do("set", made, "department/answers/B3/target", "≤30%")
    assert do.beside == ""


def test_an_element_is_met_or_not_in_words(do: Terminal, made: str) -> None:
    place = "department/answers/A1/elements/符合战略部署"
    do("set", made, place, "是")
    assert "应是“是”或“否”" in do("set", made, place, "符合", code=2)
    do("set", made, place, "否")
    newest, before, *_ = do.json("history", made)
    assert (before["new"], newest["new"]) == (True, False)


def test_a_change_in_a_project_tells_what_the_project_is_worth(do: Terminal, made: str) -> None:
    told = do("set", made, "projects/p1/funds/total/executed", "40")
    assert told.startswith("已保存。科普工作经费：100.00 优 按未核实等级 → 科普工作经费：99.44 优")
    assert "科普工作经费：100.00 优" in do("undo", made)


def test_a_project_is_explained_by_its_id_or_name(do: Terminal) -> None:
    for what in ("projects/p6", "p6"):
        assert "88.67%×10 = 8.867" in do("explain", "sample", what)
    assert "P0 预算执行率" in do("explain", "sample", "科普工作经费")


def test_an_empty_session_says_that_there_is_nothing_to_score(do: Terminal) -> None:
    do("sessions", "new", "n", "--unit", "某局", "--year", "2024")
    for verb in ("score", "whatif"):
        assert "还没有部门整体自评，也没有项目" in do(verb, "n")


def test_saving_into_a_folder_names_the_file_by_the_id(
    do: Terminal, made: str, tmp_path: Path
) -> None:
    do("save", made, "--to", str(tmp_path))
    assert (tmp_path / "kexie.perfeval").is_file()


def test_a_rejection_without_a_reason_is_no_acceptance(do: Terminal, made: str) -> None:
    do("review", made, "--mark", "G1", "--score", "10", "--opinion", "没有样本")
    assert "不采纳要写明理由" in do("feedback", made, "--mark", "G1", "--reject", "", code=2)


def test_an_unfinished_self_score_is_shown_as_such_in_the_review(do: Terminal, made: str) -> None:
    do("set", made, "department/answers/B3/target", "")
    do("review", made, "--mark", "G1", "--score", "10", "--opinion", "没有样本")
    assert "自评 暂 96.40，复核 暂 86.40，净核减 10.00 分" in do("review", made)


def test_the_history_tells_what_each_act_said(do: Terminal, made: str) -> None:
    do("waive", made, "L05", "按决算表填列")
    do("waive", made, "L27", "对账前的数")
    do("review", made, "--mark", "B3", "--score", "1", "--opinion", "已批复")
    do("feedback", made, "--mark", "B3", "--reject", "批复在后")
    told = [line.split("甲/财务科 ")[1] for line in do("history", made).splitlines()]
    assert told == [
        "反馈意见不采纳：B3 预算调整率，理由：批复在后",
        "复核核增为 1 分：B3 预算调整率，意见：已批复",
        "写核实说明（L27 基础数据 · 全年执行数）：对账前的数",
        "写核实说明（L05 X1 预算执行率 · 得分）：按决算表填列",
        "新建自评任务",
    ]


def test_a_check_may_be_named_in_small_letters(do: Terminal, made: str) -> None:
    assert "已记下核实说明" in do("waive", made, "l27", "对账时点不同")


# --- who signs -------------------------------------------------------------------------------


def test_who_signs_is_who_the_interface_would_sign(
    do: Terminal, made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--as``, else ``PERFEVAL_USER``, else the settings' name, else the computer's account."""
    from perfeval.settings import Settings, save_settings

    def signed(*options: str) -> str:
        do("set", made, "unit/phone", f"{len(do.json('history', made))}", *options)
        return str(do.json("history", made)[0]["who"])

    monkeypatch.setenv("LOGNAME", "pc-0417")
    save_settings(Settings(name="王会计", office="财务科"))
    assert signed("--as", "丙") == "丙"
    assert signed() == "甲/财务科"
    monkeypatch.delenv("PERFEVAL_USER")
    assert signed() == "王会计（财务科）"
    save_settings(Settings())
    assert signed() == "pc-0417"
    monkeypatch.setenv("LOGNAME", "a\u202eb")
    assert "姓名" in do("set", made, "unit/phone", "9", code=2)
