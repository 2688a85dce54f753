"""Moving sessions between people: save, open, merge, distribute and collect, evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perfeval.cli.app import run

NUMBER = "department/inputs/全年执行数/value"


def do(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert run(arguments) == code, capsys.readouterr().err
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return captured.err if code == 2 else captured.out


@pytest.fixture(autouse=True)
def at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFEVAL_USER", "甲")
    monkeypatch.delenv("PERFEVAL_DATABASE", raising=False)


@pytest.fixture
def made(capsys: pytest.CaptureFixture[str]) -> None:
    do(capsys, "sessions", "new", "kexie", "--from", "sample")


def elsewhere(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Sit down at another computer."""
    monkeypatch.setenv("PERFEVAL_HOME", str(folder))


@pytest.mark.usefixtures("made")
def test_a_package_opens_elsewhere_with_its_journal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    do(capsys, "set", "kexie", NUMBER, "742")
    file = tmp_path / "科协.perfeval"
    do(capsys, "save", "kexie", "--to", str(file))
    elsewhere(monkeypatch, tmp_path / "other")
    assert "已打开 kexie：新乡市科学技术协会 2024 年度" in do(capsys, "open", str(file))
    assert "742" in do(capsys, "history", "kexie")
    do(capsys, "verify", "kexie")
    assert "打开副本" in do(capsys, "open", str(file), code=2)
    do(capsys, "open", str(file), "--copy", "kexie-2")
    ids = {one["id"] for one in json.loads(do(capsys, "sessions", "list", "--json"))}
    assert ids == {"kexie", "kexie-2"}


@pytest.mark.usefixtures("made")
def test_a_file_is_not_overwritten_unless_asked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "a.perfeval"
    do(capsys, "save", "kexie", "--to", str(file))
    assert "已有这个文件" in do(capsys, "save", "kexie", "--to", str(file), code=2)
    do(capsys, "save", "kexie", "--to", str(file), "--force")
    readable = tmp_path / "a.yaml"
    do(capsys, "save", "kexie", "--to", str(readable))
    assert "96.40" in do(capsys, "score", str(readable))


@pytest.mark.usefixtures("made")
def test_two_copies_are_merged_by_what_each_changed(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    user_home: Path,
) -> None:
    file, back = tmp_path / "out.perfeval", tmp_path / "back.perfeval"
    do(capsys, "save", "kexie", "--to", str(file))
    elsewhere(monkeypatch, tmp_path / "other")
    do(capsys, "open", str(file))
    do(capsys, "set", "kexie", "department/answers/B4/target", "≤20%", "--as", "乙")
    do(capsys, "set", "kexie", NUMBER, "750", "--as", "乙")
    do(capsys, "save", "kexie", "--to", str(back))
    elsewhere(monkeypatch, user_home)
    do(capsys, "set", "kexie", NUMBER, "742")
    told = do(capsys, "merge", "kexie", str(back), code=1)
    assert "取来 department/answers/B4/target：≤10% → ≤20%" in told
    assert f"两边都改 {NUMBER}：原 741.99，本机 742，来件 750" in told
    assert "≤20%" not in do(capsys, "history", "kexie")
    assert "已合并 2 处" in do(capsys, "merge", "kexie", str(back), "--clash", "来件")
    assert "750" in do(capsys, "explain", "kexie", "X1")
    do(capsys, "undo", "kexie")
    assert "742" in do(capsys, "explain", "kexie", "X1")


@pytest.mark.usefixtures("made")
def test_distributing_and_collecting(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    user_home: Path,
) -> None:
    do(capsys, "set", "kexie", "department/answers/B3/owner", "财务科")
    assert "没有由“业务科”负责" in do(
        capsys, "save", "kexie", "--to", str(tmp_path / "x"), "--owner", "业务科", code=2
    )
    file, back = tmp_path / "out.perfeval", tmp_path / "back.perfeval"
    told = do(capsys, "save", "kexie", "--to", str(file), "--owner", "财务科")
    assert "前后相接" in do(capsys, "verify", str(file), "--against", told.split()[-1])
    (waiting,) = json.loads(do(capsys, "sessions", "pending", "kexie", "--json"))
    assert (waiting["owner"], waiting["state"]) == ("财务科", "未交回")
    elsewhere(monkeypatch, tmp_path / "other")
    do(capsys, "open", str(file))
    do(capsys, "set", "kexie", "department/answers/B3/target", "≤30%", "--as", "财务科")
    refused = do(capsys, "set", "kexie", "department/answers/B4/target", "≤30%", code=2)
    assert "只能改它负责的部分，其他只读" in refused
    do(capsys, "save", "kexie", "--to", str(back))
    elsewhere(monkeypatch, user_home)
    told = do(capsys, "merge", "kexie", str(back))
    assert "取来 department/answers/B3/target：≤10% → ≤30%" in told
    assert "working_as" not in told
    assert "没有待交回的科室" in do(capsys, "sessions", "pending", "kexie")


@pytest.mark.usefixtures("made")
def test_evidence_is_numbered_listed_and_missed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, user_home: Path
) -> None:
    proof = tmp_path / "批文.pdf"
    proof.write_bytes(b"%PDF-1.7 approval")
    assert "已附 B3-1 批文.pdf" in do(
        capsys, "attach", "kexie", "department/answers/B3", str(proof), "--page", "第 2 页"
    )
    (row,) = json.loads(do(capsys, "evidence", "kexie", "--json"))
    assert (row["number"], row["name"], row["page"], row["state"]) == (
        "B3-1", "批文.pdf", "第 2 页", "在",
    )  # fmt: skip
    assert "不是一项指标" in do(
        capsys, "attach", "kexie", "department/answers/Z9", str(proof), code=2
    )
    kept = next(path for path in (user_home / "evidence").rglob("*") if path.is_file())
    kept.unlink()
    findings = json.loads(do(capsys, "check", "kexie", "--json", code=1))["findings"]
    assert any(one["id"] == "L39" and "批文.pdf" in one["message"] for one in findings)
    assert "L39" in do(capsys, "submit", "kexie", code=1)
    do(capsys, "waive", "kexie", "L39", "原件在档案室")
    assert "L39" not in do(capsys, "submit", "kexie", code=1)


@pytest.mark.usefixtures("made")
def test_all_sessions_are_saved_at_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    do(capsys, "sessions", "copy", "kexie", "kexie-2")
    do(capsys, "sessions", "export-all", "--to", str(tmp_path / "all"))
    names = sorted(path.name for path in (tmp_path / "all").iterdir())
    assert names == ["kexie-2.perfeval", "kexie.perfeval"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x00" * 100])
def test_what_is_no_package_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "x.perfeval"
    file.write_bytes(content)
    assert "x.perfeval" in do(capsys, "open", str(file), code=2)
    assert "还没有保存的任务" in do(capsys, "sessions", "list")
