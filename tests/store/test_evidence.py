"""佐证材料: kept once by content, numbered, found again or told; no name ever becomes a path."""

from __future__ import annotations

import errno
import os
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from perfeval.errors import PerfevalError
from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.session.change import apply
from perfeval.session.files import loads
from perfeval.session.model import Evidence, Session
from perfeval.store import Store, Workspace, evidence
from perfeval.store.evidence import (
    Attached,
    attach,
    catalogue,
    content,
    contents,
    detach,
    evidence_folder,
    evidence_problems,
    keep,
    shown_name,
)
from perfeval.store.workspace import create

B3, A1 = "department/answers/B3", "department/answers/A1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "收据 1.pdf"
    path.write_bytes(b"%PDF scan")
    return path


def sample() -> Session:
    return loads(sample_text())


def after(session: Session, attached: Attached) -> Session:
    for change in attached.changes:
        session = apply(session, change)
    return session


def add(session: Session, folder: Path, path: str, data: bytes, page: str = "") -> Session:
    file = folder.parent / "材料.bin"
    file.write_bytes(data)
    return after(session, attach(session, folder, path, file, page=page))


def stored(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def told(session: Session, folder: Path) -> list[str]:
    return [str(problem) for problem in evidence_problems(session, folder)]


# --- attaching -------------------------------------------------------------------------------


def test_a_file_is_kept_by_content_numbered_and_listed(folder: Path, scan: Path) -> None:
    attached = attach(sample(), folder, B3, scan, page="第 3 页", who="甲")
    session = after(sample(), attached)
    hash_ = sha256(b"%PDF scan").hexdigest()
    assert session.evidence[attached.id] == Evidence(
        name="收据 1.pdf", sha256=hash_, size=9, number="B3-1", page="第 3 页", paths=(B3,)
    )
    assert session.department is not None
    assert session.department.answers["B3"].evidence == (attached.id,)
    assert attached.number == "B3-1"
    assert stored(folder) == [f"{hash_[:2]}/{hash_}"]
    assert content(folder, session.evidence[attached.id]) == b"%PDF scan"
    assert {(one.kind, one.who) for one in attached.changes} == {("attach", "甲")}
    assert len({one.group for one in attached.changes}) == 1
    assert evidence_problems(session, folder) == []


@pytest.mark.skipif(os.name != "posix", reason="modes are a thing of POSIX")
def test_only_the_owner_may_read_what_is_kept(folder: Path, scan: Path) -> None:
    attach(sample(), folder, B3, scan)
    modes = [stat.S_IMODE(one.stat().st_mode) for one in [folder, *folder.rglob("*")]]
    assert [mode & 0o077 for mode in modes] == [0, 0, 0]


def test_one_file_serves_many_indicators_under_its_first_number(folder: Path, scan: Path) -> None:
    session = after(sample(), attach(sample(), folder, B3, scan, page="3"))
    second = attach(session, folder, A1, scan, page="7")
    session = after(session, second)
    assert second.number == "B3-1"
    (one,) = session.evidence.values()
    assert (one.paths, one.page) == ((B3, A1), "3；7")
    assert len(stored(folder)) == 1
    assert attach(session, folder, A1, scan, page="7").changes == ()
    assert evidence_problems(session, folder) == []


def test_a_whole_project_and_the_whole_department_have_files_of_their_own(
    folder: Path, scan: Path
) -> None:
    session = after(sample(), attach(sample(), folder, "department", scan))
    session = add(session, folder, "projects/p1", b"approval")
    rows = catalogue(session, folder)
    assert [(row.number, row.places) for row in rows] == [
        ("p1-1", (session.projects["p1"].name,)),
        ("部门-1", ("部门整体",)),
    ]
    assert evidence_problems(session, folder) == []
    key = next(key for key, one in session.evidence.items() if one.number == "部门-1")
    for change in detach(session, key, "department"):
        session = apply(session, change)
    assert [one.number for one in session.evidence.values()] == ["p1-1"]


def test_numbers_count_by_indicator_and_are_not_given_again(folder: Path) -> None:
    session = sample()
    for number in range(1, 12):
        session = add(session, folder, B3, b"file %d" % number)
    session = add(session, folder, "department/rows/D1", b"row")
    session = add(session, folder, "projects/p6", b"project")
    session = add(session, folder, "department/inputs/全年执行数/value", b"figure")
    rows = catalogue(session, folder)
    assert [row.number for row in rows] == [
        *(f"B3-{n}" for n in range(1, 12)), "D1-1", "p6-1", "全年执行数-1",
    ]  # fmt: skip
    assert rows[-1].places == ("全年执行数",)
    assert rows[-2].places == (session.projects["p6"].name,)
    first = next(key for key, one in session.evidence.items() if one.number == "B3-3")
    for change in detach(session, first, B3):
        session = apply(session, change)
    session = add(session, folder, B3, b"one more")
    assert sorted(one.number for one in session.evidence.values())[:3] == ["B3-1", "B3-10", "B3-11"]
    assert "B3-12" in {one.number for one in session.evidence.values()}
    assert evidence_problems(session, folder) == []


def test_attaching_goes_through_the_door_and_is_undone_at_once(store: Store, scan: Path) -> None:
    workspace = create(store, sample(), find, who="甲")
    folder = evidence_folder(store)
    attached = attach(workspace.session, folder, B3, scan, who="甲")
    workspace.apply(*attached.changes)
    again = Workspace.open(store, workspace.session.id)
    assert again.session.evidence[attached.id].number == "B3-1"
    assert again.verify() == []
    again.undo(who="甲")
    assert again.session == sample().in_stated_order().model_copy(
        update={"pinned": again.session.pinned}
    )
    again.redo(who="甲")
    assert again.session.department is not None
    assert again.session.department.answers["B3"].evidence == (attached.id,)
    assert content(folder, again.session.evidence[attached.id]) == b"%PDF scan"


def test_evidence_lies_beside_the_database(tmp_path: Path, user_home: Path) -> None:
    with Store.open(str(tmp_path / "a" / "perfeval.db")) as store:
        assert evidence_folder(store) == tmp_path / "a" / "evidence"
        assert evidence_folder(Store(store.engine, None)) == user_home / "evidence"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("department/answers", "不能附佐证材料"),
        ("department/set", "不能附佐证材料"),
        ("unit/name", "不能附佐证材料"),
        ("projects", "不能附佐证材料"),
        ("projects/none", "没有这一项"),
        ("projects/none/answers/B3", "没有这一项"),
        ("department/rows/none", "没有这一项"),
        ("../evidence", "不能附佐证材料"),
        ("", "不完整"),
        ("department//B3", "不完整"),
    ],
)
def test_a_path_that_leads_nowhere_is_told(folder: Path, scan: Path, path: str, words: str) -> None:
    with pytest.raises(PerfevalError, match=words):
        attach(sample(), folder, path, scan)
    assert not folder.exists()


def test_what_is_no_file_is_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for file, words in (
        (tmp_path / "none.pdf", "没有这个文件"), (tmp_path, "不是文件"),
        (tmp_path / "empty", "是空的"),
        (Path("a\0b"), "读不了"), (tmp_path / ("长" * 300), "读不了"),
    ):  # fmt: skip
        with pytest.raises(PerfevalError, match=words):
            attach(sample(), folder, B3, file)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(PerfevalError, match="不是文件"):
            attach(sample(), folder, B3, tmp_path / "pipe")
    assert not folder.exists()


def test_a_large_file_is_taken_with_a_warning_and_a_huge_one_not(
    folder: Path, scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached = attach(sample(), folder, B3, scan, large=8)
    (warning,) = attached.problems
    assert (warning.place, warning.severity) == (B3, "警告")
    session = after(sample(), attached)
    assert attach(sample(), folder, B3, scan, large=9).problems == ()
    assert [one.severity for one in evidence_problems(session, folder, large=8)] == ["警告"]
    monkeypatch.setattr(evidence, "MAX_SIZE", 8)
    with pytest.raises(PerfevalError, match="文件超过"):
        attach(sample(), folder, B3, scan)
    assert not any(one.endswith(".part") for one in stored(folder))


@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "磁盘已满"), (errno.EROFS, "只读"), (errno.EIO, "没有保存")]
)
def test_a_place_that_fails_leaves_nothing_half_written(
    folder: Path, scan: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    def fail(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(PerfevalError, match=words):
        attach(sample(), folder, B3, scan)
    assert stored(folder) == []


# --- names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/absolute/a.pdf", "a.pdf"),
        ("C:\\Users\\a.pdf", "a.pdf"),
        ("CON", "CON"),
        ("多\n行\r\t名.pdf", "多 行 名.pdf"),
        ("收据\u202efdp.exe", "收据fdp.exe"),
        ("\x00\x1b[31m.pdf", "[31m.pdf"),
        ("a/", "未命名"),
        ("..", ".."),
        ("", "未命名"),
        ("长" * 260 + ".pdf", "长" * 196 + ".pdf"),
        ("." + "长" * 260, "." + "长" * 199),
    ],
)
def test_a_name_is_only_text_to_show(folder: Path, name: str, shown: str) -> None:
    assert shown_name(name) == shown
    data = b"data"
    hash_ = sha256(data).hexdigest()
    entry = Evidence(name=shown, sha256=hash_, size=4, paths=(B3,))
    session = sample().model_copy(update={"evidence": {"e": entry}})
    keep(folder, {hash_: data})
    assert stored(folder) == [f"{hash_[:2]}/{hash_}"]
    assert [(row.name, row.state) for row in catalogue(session, folder)] == [(shown, "在")]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such names")
def test_odd_names_of_real_files_do_not_matter(folder: Path, tmp_path: Path) -> None:
    session = sample()
    for number, name in enumerate(["CON", "a\nb", "\\..\\x", "~$.doc", " ", "%00", "长" * 85]):
        file = tmp_path / name
        file.write_bytes(b"%d" % number)
        session = after(session, attach(session, folder, B3, file))
    assert all(len(one) == 67 for one in stored(folder))
    assert {row.state for row in catalogue(session, folder)} == {"在"}


# --- findings --------------------------------------------------------------------------------


def place_of(folder: Path) -> Path:
    return folder / stored(folder)[0]


def test_missing_and_altered_files_are_findings_at_their_path(folder: Path, scan: Path) -> None:
    session = after(sample(), attach(sample(), folder, B3, scan))
    place = place_of(folder)
    for data in (b"%PDF scam", b"%PDF scan and more", b""):
        place.write_bytes(data)
        assert told(session, folder) == [
            f"{B3}：佐证材料 B3-1 收据 1.pdf：文件内容被改动。请重新添加原来的文件"
        ]
        assert catalogue(session, folder)[0].state == "被改动"
    with pytest.raises(PerfevalError, match="被改动"):
        contents(folder, session)
    place.unlink()
    assert "文件不在了" in told(session, folder)[0]
    assert catalogue(session, folder)[0].state == "缺失"
    with pytest.raises(PerfevalError, match="不在了"):
        content(folder, next(iter(session.evidence.values())))
    attach(session, folder, B3, scan)  # the same file again heals it
    assert told(session, folder) == []


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_nothing_outside_is_read_through_a_link(folder: Path, scan: Path, tmp_path: Path) -> None:
    session = after(sample(), attach(sample(), folder, B3, scan))
    place = place_of(folder)
    outside = tmp_path / "outside"
    outside.mkdir()
    place.rename(outside / place.name)
    place.symlink_to(outside / place.name)
    assert "被改动" in told(session, folder)[0]
    place.unlink()
    place.parent.rmdir()
    place.parent.symlink_to(outside)
    assert "被改动" in told(session, folder)[0]
    (outside / place.name).unlink()
    with pytest.raises(PerfevalError, match="不应是链接"):
        attach(session, folder, B3, scan)
    assert list(outside.iterdir()) == []
    place.parent.unlink()
    place.parent.mkdir()
    os.mkfifo(place)
    assert "被改动" in told(session, folder)[0]


def test_a_session_from_elsewhere_cannot_point_outside(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    with pytest.raises(PerfevalError, match="校验码"):
        keep(folder, {"../secret": b"x"})
    with pytest.raises(PerfevalError, match="不符"):
        keep(folder, {"0" * 64: b"x"})
    forged = Evidence.model_construct(name="x", sha256="../secret", size=6, number="", paths=())
    with pytest.raises(PerfevalError, match="校验码"):
        content(folder, forged)
    endless = Evidence(name="x", sha256="0" * 64, size=10**18, paths=("", "projects", "__class__"))
    session = sample().model_copy(update={"evidence": {"e": endless}})
    (folder / "00").mkdir(parents=True)
    (folder / "00" / ("0" * 64)).write_bytes(b"x")
    assert catalogue(session, folder)[0].state == "被改动"
    assert told(session, folder)


def test_what_does_not_fit_together_is_a_finding(folder: Path, scan: Path) -> None:
    session = after(sample(), attach(sample(), folder, B3, scan))
    (one,) = session.evidence.values()
    loose = one.model_copy(update={"paths": ()})
    assert (
        "没有附在任何地方" in told(session.model_copy(update={"evidence": {"x": loose}}), folder)[0]
    )
    twice = session.model_copy(update={"evidence": session.evidence | {"x": one}})
    assert "编号与另一份重复。请改 evidence/x/number" in told(twice, folder)[0]
    (unlisted,) = told(session.model_copy(update={"evidence": {}}), folder)
    assert unlisted.startswith(f"{B3}：所列佐证材料")


def test_detaching_takes_the_entry_with_the_last_place(folder: Path, scan: Path) -> None:
    session = after(sample(), attach(sample(), folder, B3, scan))
    session = after(session, attach(session, folder, A1, scan))
    (key,) = session.evidence
    for path in (B3, A1):
        for change in detach(session, key, path):
            session = apply(session, change)
        assert told(session, folder) == []
    assert session == sample()
    assert len(stored(folder)) == 1
    with pytest.raises(PerfevalError, match="没有佐证材料"):
        detach(session, key, B3)


def test_what_a_package_carries_is_kept_again_elsewhere(folder: Path, scan: Path) -> None:
    session = after(sample(), attach(sample(), folder, B3, scan))
    other = folder.parent / "other"
    keep(other, contents(folder, session))
    assert told(session, other) == []
