"""Moving sessions between people: save, open, merge, distribute and collect, evidence."""

from __future__ import annotations

import zipfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Elsewhere, Terminal


NUMBER = "department/inputs/全年执行数/value"


@pytest.mark.usefixtures("made")
def test_a_package_opens_elsewhere_with_its_journal(
    do: Terminal, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    do("set", "kexie", NUMBER, "742")
    file = tmp_path / "科协.perfeval"
    do("save", "kexie", "--to", str(file))
    elsewhere(tmp_path / "other")
    assert "已打开 kexie：新乡市科学技术协会 2024 年度" in do("open", str(file))
    assert "742" in do("history", "kexie")
    do("verify", "kexie")
    assert "打开副本" in do("open", str(file), code=2)
    assert "已保存在本机，界面要在终端里打开" in do("open", "kexie", code=2)
    do("open", str(file), "--copy", "kexie-2")
    ids = {one["id"] for one in do.json("sessions", "list")}
    assert ids == {"kexie", "kexie-2"}


def test_a_package_of_a_deleted_session_tells_how_to_get_it_back(
    do: Terminal, made: str, tmp_path: Path
) -> None:
    file = str(tmp_path / "k.perfeval")
    do("save", made, "--to", file)
    assert f"合并到它：perfeval merge {made}" in do("open", file, code=2)
    do("sessions", "delete", made)
    assert f"恢复已删除的那一个：perfeval sessions restore {made}" in do("open", file, code=2)


@pytest.mark.usefixtures("made")
def test_a_file_is_not_overwritten_unless_asked(do: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "a.perfeval"
    do("save", "kexie", "--to", str(file))
    assert "已有这个文件" in do("save", "kexie", "--to", str(file), code=2)
    do("save", "kexie", "--to", str(file), "--force")
    readable = tmp_path / "a.yaml"
    do("save", "kexie", "--to", str(readable))
    assert "96.40" in do("score", str(readable))


@pytest.mark.usefixtures("made")
def test_two_copies_are_merged_by_what_each_changed(
    do: Terminal,
    elsewhere: Elsewhere,
    tmp_path: Path,
    user_home: Path,
) -> None:
    file, back = tmp_path / "out.perfeval", tmp_path / "back.perfeval"
    do("save", "kexie", "--to", str(file))
    elsewhere(tmp_path / "other")
    do("open", str(file))
    do("set", "kexie", "department/answers/B4/target", "≤20%", "--as", "乙")
    do("set", "kexie", NUMBER, "750", "--as", "乙")
    do("save", "kexie", "--to", str(back))
    elsewhere(user_home)
    do("set", "kexie", NUMBER, "742")
    told = do("merge", "kexie", str(back), code=1)
    assert "取来 部门整体 · B4 结转结余率 · 年度指标值：≤10% → ≤20%" in told
    assert "两边都改 部门整体 · 基础数据 · 全年执行数：原 741.99，本机 742，来件 750" in told
    assert "≤20%" not in do("history", "kexie")
    assert "已合并 2 处" in do("merge", "kexie", str(back), "--clash", "来件")
    assert "750" in do("explain", "kexie", "X1")
    do("undo", "kexie")
    assert "742" in do("explain", "kexie", "X1")


@pytest.mark.usefixtures("made")
def test_distributing_and_collecting(
    do: Terminal,
    elsewhere: Elsewhere,
    tmp_path: Path,
    user_home: Path,
) -> None:
    do("set", "kexie", "department/answers/B3/owner", "财务科")
    assert "没有由“业务科”负责" in do(
        "save", "kexie", "--to", str(tmp_path / "x"), "--owner", "业务科", code=2
    )
    file, back = tmp_path / "out.perfeval", tmp_path / "back.perfeval"
    told = do("save", "kexie", "--to", str(file), "--owner", "财务科")
    assert "前后相接" in do("verify", str(file), "--against", told.split()[-1])
    (waiting,) = do.json("sessions", "pending", "kexie")
    assert (waiting["owner"], waiting["state"]) == ("财务科", "未交回")
    elsewhere(tmp_path / "other")
    do("open", str(file))
    do("set", "kexie", "department/answers/B3/target", "≤30%", "--as", "财务科")
    refused = do("set", "kexie", "department/answers/B4/target", "≤30%", code=2)
    assert "只能改它负责的部分，其他只读" in refused
    do("save", "kexie", "--to", str(back), "--owner", "财务科")  # its own part: as without it
    elsewhere(user_home)
    told = do("merge", "kexie", str(back))
    assert "取来 部门整体 · B3 预算调整率 · 年度指标值：≤10% → ≤30%" in told
    assert "不取" not in told
    assert "没有待交回的科室" in do("sessions", "pending", "kexie")


@pytest.mark.usefixtures("made")
def test_evidence_is_numbered_listed_and_missed(
    do: Terminal, tmp_path: Path, user_home: Path
) -> None:
    proof = tmp_path / "批文.pdf"
    proof.write_bytes(b"%PDF-1.7 approval")
    told = do("attach", "kexie", "B3", str(proof), "--page", "第 2 页")
    assert "已附 B3-1 批文.pdf" in told
    assert "已附过" in do(
        "attach", "kexie", "department/answers/B3", str(proof), "--page", "第 2 页"
    )
    (row,) = do.json("evidence", "kexie")
    assert (row["number"], row["name"], row["page"], row["state"]) == (
        "B3-1", "批文.pdf", "第 2 页", "在",
    )  # fmt: skip
    assert "不是一项指标" in do("attach", "kexie", "department/answers/Z9", str(proof), code=2)
    kept = next(path for path in (user_home / "evidence").rglob("*") if path.is_file())
    kept.unlink()
    findings = do.json("check", "kexie", code=1)["findings"]
    assert any(one["id"] == "L39" and "批文.pdf" in one["message"] for one in findings)
    assert "L39" in do("submit", "kexie", code=1)
    do("waive", "kexie", "L39", "原件在档案室")
    assert "L39" not in do("submit", "kexie", code=1)


def test_a_lost_file_keeps_nothing_else_from_being_handed_in(
    do: Terminal, made: str, tmp_path: Path, user_home: Path
) -> None:
    for name in ("批文.pdf", "合同.pdf"):
        (tmp_path / name).write_text(name, encoding="utf-8")
        do("attach", made, "department/answers/B3", str(tmp_path / name))
    (lost,) = (user_home / "evidence").rglob(sha256("批文.pdf".encode()).hexdigest())
    lost.unlink()
    told = do(
        "export", made, "--to", str(tmp_path), "--documents", "上报材料包", "--name", "{文种}"
    )
    assert "佐证材料 B3-1 批文.pdf：没有放入材料包" in told
    with zipfile.ZipFile(tmp_path / "上报材料包.zip") as archive:
        names = archive.namelist()
    assert "5 佐证材料目录/B3-2 合同.pdf" in names
    assert not any("批文.pdf" in name for name in names)


@pytest.mark.usefixtures("made")
def test_all_sessions_are_saved_at_once(do: Terminal, tmp_path: Path) -> None:
    do("sessions", "copy", "kexie", "kexie-2")
    do("sessions", "export-all", "--to", str(tmp_path / "all"))
    names = sorted(path.name for path in (tmp_path / "all").iterdir())
    assert names == ["kexie-2.perfeval", "kexie.perfeval"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x00" * 100])
def test_what_is_no_package_is_told(do: Terminal, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.perfeval"
    file.write_bytes(content)
    assert "x.perfeval" in do("open", str(file), code=2)
    assert "还没有保存的任务" in do("sessions", "list")


def test_a_table_is_imported_not_opened(do: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "汇总表.xlsx"
    file.write_bytes(b"PK")
    assert f"导入用：perfeval import {file} --to 编号" in do("open", str(file), code=2)


# --- all at once, and copies -----------------------------------------------------------------


def test_one_session_that_cannot_be_saved_does_not_keep_the_others(
    do: Terminal, made: str, tmp_path: Path, user_home: Path
) -> None:
    do("sessions", "copy", made, "a-first")
    proof = tmp_path / "批文.pdf"
    proof.write_bytes(b"%PDF")
    do("attach", "a-first", "department/answers/B3", str(proof))
    next(path for path in (user_home / "evidence").rglob("*") if path.is_file()).unlink()
    goal = tmp_path / "all"
    told = do("sessions", "export-all", "--to", str(goal), code=1)
    assert "没有保存 a-first：佐证材料 B3-1 批文.pdf：文件不在了" in told
    assert "1 个任务没有保存" in told
    assert [path.name for path in goal.iterdir()] == ["kexie.perfeval"]
    told = do("sessions", "export-all", "--to", str(goal), "--no-evidence", code=2)
    assert "kexie.perfeval：已有这个文件" in told
    data = do.json("sessions", "export-all", "--to", str(goal), "--no-evidence", "--force")
    assert (len(data["files"]), data["failed"]) == (2, [])


def handed_out(do: Terminal, elsewhere: Elsewhere, tmp_path: Path) -> Path:
    """Sit down at the office's computer with its part; return the package."""
    do("set", "kexie", "department/answers/B3/owner", "财务科")
    file = tmp_path / "part.perfeval"
    do("save", "kexie", "--to", str(file), "--owner", "财务科")
    elsewhere(tmp_path / "other")
    assert "这一份是分发给“财务科”的" in do("open", str(file))
    return file


@pytest.mark.usefixtures("made")
def test_a_copy_of_an_offices_part_may_be_changed(
    do: Terminal, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    file = handed_out(do, elsewhere, tmp_path)
    assert "只读" in do("set", "kexie", NUMBER, "742", code=2)
    do("sessions", "copy", "kexie", "mine")
    do("open", str(file), "--copy", "opened")
    for copy in ("mine", "opened"):
        do("set", copy, NUMBER, "742")
        assert "分发给" not in do("sessions", "show", copy)
        assert "没有待交回的科室" in do("sessions", "pending", copy)


@pytest.mark.usefixtures("made")
def test_an_office_may_claim_nothing_outside_its_part(
    do: Terminal, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    handed_out(do, elsewhere, tmp_path)
    do("set", "kexie", "claimed/department~1answers~1B3~1score", "1")
    for path in ("claimed/foo", "claimed/department~1total", "assumed/foo"):
        assert "只读" in do("set", "kexie", path, "1", code=2)


@pytest.mark.usefixtures("made")
def test_a_name_with_a_dot_is_not_overwritten_either(do: Terminal, tmp_path: Path) -> None:
    goal = tmp_path / "科协2024.v2"
    assert "科协2024.v2.perfeval" in do("save", "kexie", "--to", str(goal))
    assert "已有这个文件" in do("save", "kexie", "--to", str(goal), code=2)


@pytest.mark.usefixtures("made")
def test_opening_without_the_interface(do: Terminal, elsewhere: Elsewhere, tmp_path: Path) -> None:
    file = tmp_path / "x.perfeval"
    do("save", "kexie", "--to", str(file))
    elsewhere(tmp_path / "other")
    assert "已打开 kexie" in do("open", str(file), "--no-tui")


@pytest.mark.usefixtures("made")
def test_a_merge_that_brings_nothing_says_so(do: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "x.perfeval"
    do("save", "kexie", "--to", str(file))
    assert "没有要合并的内容" in do("merge", "kexie", str(file))


@pytest.mark.usefixtures("made")
def test_a_row_removed_here_comes_back_whole_when_theirs_is_chosen(
    do: Terminal, elsewhere: Elsewhere, tmp_path: Path, user_home: Path
) -> None:
    file, back = tmp_path / "out.perfeval", tmp_path / "back.perfeval"
    do("save", "kexie", "--to", str(file))
    elsewhere(tmp_path / "other")
    do("open", str(file))
    do("set", "kexie", "department/rows/D1/actual", "99%")
    do("save", "kexie", "--to", str(back))
    elsewhere(user_home)
    do("set", "kexie", "department/rows/D1", "")
    assert "两边都改 部门整体 · D1" in do("merge", "kexie", str(back), code=1)
    do("merge", "kexie", str(back), "--clash", "来件")
    assert "99%" in do("explain", "kexie", "D1")
    do("verify", "kexie")


@pytest.mark.usefixtures("made")
def test_packages_of_two_offices_are_told_apart_by_what_was_noted_here(
    do: Terminal, elsewhere: Elsewhere, tmp_path: Path, user_home: Path
) -> None:
    for place, office in (("department/answers/B3", "财务科"), ("department/rows/D1", "科普部")):
        do("set", "kexie", f"{place}/owner", office)
    for office in ("财务科", "科普部"):
        do("save", "kexie", "--to", str(tmp_path / f"{office}.perfeval"), "--owner", office)
    plain = tmp_path / "plain.perfeval"
    do("save", "kexie", "--to", str(plain))
    for name, path in (("科普部", "department/rows/D1/actual"), ("plain", "unit/head")):
        elsewhere(tmp_path / name)
        do("open", str(tmp_path / f"{name}.perfeval"))
        do("set", "kexie", path, "99%")
        do("save", "kexie", "--to", str(tmp_path / f"{name}-back.perfeval"))
    elsewhere(user_home)
    do("merge", "kexie", str(tmp_path / "科普部-back.perfeval"))
    do("merge", "kexie", str(tmp_path / "plain-back.perfeval"))
    assert [one["owner"] for one in do.json("sessions", "pending", "kexie")] == ["财务科"]
    assert do.json("history", "kexie", "--path", "unit/head")[0]["new"] == "99%"


def test_a_project_merged_in_brings_its_own_set(
    do: Terminal, elsewhere: Elsewhere, tmp_path: Path, user_home: Path
) -> None:
    file, back = tmp_path / "out.perfeval", tmp_path / "back.perfeval"
    do("sessions", "new", "b", "--unit", "某局", "--year", "2024", "--set", "henan-department-2024")
    do("save", "b", "--to", str(file))
    elsewhere(tmp_path / "other")
    do("open", str(file))
    do("set", "b", "projects/p1", '{"set": "mof-project-2020", "name": "一"}', "--raw")
    do("save", "b", "--to", str(back))
    elsewhere(user_home)
    do("merge", "b", str(back))
    assert "项目 1 个" in do("sessions", "show", "b")
    do("verify", "b")


def test_a_package_out_without_a_date_is_listed(do: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    text = "{id: s, unit: {name: 某局}, year: 2024, sent: {科: {head: a}}}"
    file.write_text(text, encoding="utf-8")
    do("open", str(file), "--no-tui")
    assert "未交回" in do("sessions", "pending", "s")
