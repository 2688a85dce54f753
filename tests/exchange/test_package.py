"""自评数据包: what is packed comes back byte for byte; everything else is refused in words."""

from __future__ import annotations

import errno
import io
import json
import os
import random
import stat
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval.errors import PerfevalError, UnreadableInput
from perfeval.exchange import package as module
from perfeval.exchange.package import Package, bundle, pack, unpack, write
from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.session.canonical import canonical, digest
from perfeval.session.change import PathError, apply, edit
from perfeval.session.distribute import part_for, take_back
from perfeval.session.files import loads
from perfeval.session.journal import GENESIS, Record, created, link
from perfeval.session.model import Evidence, Session
from perfeval.session.pins import Pin, pin, used_sets
from perfeval.store import Store, Workspace
from perfeval.store.workspace import create

SCAN = b"%PDF-1.7 " + bytes(range(256)) * 4
SHA = sha256(SCAN).hexdigest()


@cache
def a_pin(set_id: str) -> Pin:
    return pin(find(set_id))


def packed_up(session: Session, *edits: tuple[str, Any]) -> Package:
    """The package of a session after ``edits``, each with its record."""
    pins = [a_pin(set_id) for set_id in sorted(used_sets(session))]
    hashes = {one.set_id: one.hash for one in pins}
    session = session.in_stated_order().model_copy(update={"pinned": hashes})
    records = [link(session.id, 1, GENESIS, created(session, "甲"))]
    for path, new in edits:
        change = edit(session, path, new, who="乙")
        session = apply(session, change)
        records.append(link(session.id, len(records) + 1, records[-1].hash, change))
    return Package(session, tuple(records), tuple(pins))


def sample() -> Package:
    """The worked example with an edit and one attached file."""
    session = loads(sample_text())
    scan = Evidence(name="收据.pdf", sha256=SHA, size=len(SCAN), number="B3-1")
    session = session.model_copy(update={"evidence": {"e1": scan}})
    edited = packed_up(session, ("department/inputs/全年执行数/value", "800"))
    return replace(edited, evidence={SHA: SCAN})


SAMPLE = sample()
DATA = pack(SAMPLE)


def members(data: bytes = DATA) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def with_manifest(parts: dict[str, bytes], **stated: Any) -> bytes:
    """A package of ``parts`` whose manifest lists them truly, as a forger would."""
    manifest = json.loads(parts["manifest.json"])
    manifest["members"] = {
        name: {"sha256": sha256(data).hexdigest(), "size": len(data)}
        for name, data in parts.items()
        if name != "manifest.json"
    }
    return bundle((parts | {"manifest.json": canonical(manifest | stated)}).items())


def told(source: bytes | Path) -> str:
    with pytest.raises(UnreadableInput) as refused:
        unpack(source)
    return str(refused.value)


# --- the round trip --------------------------------------------------------------------------


def test_what_is_packed_comes_back_and_packs_to_the_same_bytes() -> None:
    again = unpack(DATA)
    assert again == SAMPLE
    assert pack(again) == DATA
    assert pack(replace(SAMPLE, records=list(SAMPLE.records), pins=SAMPLE.pins[::-1])) == DATA


def test_any_zip_program_can_look_into_it() -> None:
    with zipfile.ZipFile(io.BytesIO(DATA)) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        session = json.loads(opened.read("session.json"))
        lines = opened.read("journal.jsonl").splitlines()
    assert names[:3] == ["manifest.json", "session.json", "journal.jsonl"]
    assert [name.partition("/")[0] for name in names[3:]] == ["sets", "sets", "evidence"]
    assert session["department"]["inputs"]["全年执行数"]["value"] == "800"
    assert Record.model_validate_json(lines[-1]) == SAMPLE.records[-1]


def test_a_saved_session_goes_into_a_package_and_its_journal_with_it(tmp_path: Path) -> None:
    session = loads(sample_text())
    with Store.open(str(tmp_path / "perfeval.db")) as store:
        made = create(store, session, find, who="甲")
        made.apply(edit(made.session, "department/inputs/全年执行数/value", "800", who="乙"))
        made.undo(who="丙")
        opened = Workspace.open(store, session.id)
    pins = [a_pin(set_id) for set_id in opened.session.pinned]
    again = unpack(pack(Package(opened.session, opened.records, pins)))
    assert again.session == opened.session
    assert again.records == tuple(opened.records)


def test_the_manifest_says_what_is_inside() -> None:
    manifest = json.loads(members()["manifest.json"])
    assert manifest["format"] == "perfeval-package/1"
    assert manifest["session"] == "xinxiang-kexie-2024"
    assert (manifest["unit"], manifest["year"]) == ("新乡市科学技术协会", 2024)
    assert manifest["stage"] == "草稿"
    assert manifest["head"] == SAMPLE.records[-1].hash
    assert (manifest["records"], manifest["seal"]) == (2, "")
    assert manifest["members"][f"evidence/{SHA}"] == {"sha256": SHA, "size": len(SCAN)}


def test_a_package_for_an_owner_says_what_may_be_edited() -> None:
    theirs = replace(SAMPLE, owner="办公室", editable=("department/answers/B3",), program="0.0.9")
    assert unpack(pack(theirs)) == theirs


def test_a_package_goes_out_to_an_owner_and_comes_back() -> None:
    ours = packed_up(loads(sample_text()), ("department/answers/B3/owner", "财务科"))
    part = part_for(ours.session, "财务科", find)
    sent = unpack(pack(replace(ours, owner="财务科", editable=part)))
    assert (sent.owner, sent.editable) == ("财务科", part)
    change = edit(sent.session, "department/answers/B3/deviation_reason", "追加任务", who="乙")
    last = link(sent.session.id, 3, sent.records[-1].hash, change)
    filled = replace(sent, session=apply(sent.session, change), records=(*sent.records, last))
    back = unpack(pack(filled))
    returned = take_back(ours.session, ours.records, back.session, back.records,
                         owner=back.owner, find=find)  # fmt: skip
    assert [one.path for one in returned.merge.changes] == [change.path]
    assert returned.merge.applied(ours.session) == filled.session


def test_evidence_may_stay_behind() -> None:
    assert unpack(pack(replace(SAMPLE, evidence={}))).evidence == {}


PATHS = [
    "department/inputs/全年执行数/value", "department/answers/B3/target",
    "department/answers/B1/elements/相关性", "department/rows/D1", "projects/p6/deviation_reason",
    "projects/p9", "projects/p10", "claimed/department~1total", "unit/head", "year", "source",
]  # fmt: skip
plain = st.one_of(
    st.text(max_size=20),
    st.text('重复0.a\\"\n\t\u2028𠮷', max_size=2_000),
    st.none(),
    st.booleans(),
    st.integers(0, 3_000),
    st.just({"set": "mof-project-2020", "name": "新项目"}),
    st.just({"group": "重点工作任务完成", "name": "四"}),
)


@given(st.lists(st.tuples(st.sampled_from(PATHS), plain), max_size=6))
def test_unpacking_and_packing_gives_the_same_bytes(edits: list[tuple[str, Any]]) -> None:
    session = loads(sample_text())
    fitting = []
    for path, new in edits:
        try:
            session = apply(session, edit(session, path, new))
        except PathError:
            continue  # it fits no such place: another test's matter
        fitting.append((path, new))
    edited = packed_up(loads(sample_text()), *fitting)
    data = pack(edited)
    again = unpack(data)
    assert again == edited
    assert pack(again) == data


def test_what_shrinks_too_well_is_stored_so_that_it_opens_again() -> None:
    edited = packed_up(loads(sample_text()), *[("projects/p6/goal", "甲" * n) for n in
                                               range(20_000, 19_000, -25)])  # fmt: skip
    data = pack(edited)
    assert len(data) > 1_000_000
    assert unpack(data) == edited


# --- writing ---------------------------------------------------------------------------------


def test_a_written_file_is_whole_and_has_the_ending(tmp_path: Path) -> None:
    path = write(SAMPLE, tmp_path / "v1.2 自评")
    assert path == tmp_path / "v1.2 自评.perfeval"
    assert path.read_bytes() == DATA
    assert write(SAMPLE, path) == path
    assert unpack(path) == SAMPLE
    assert [one.name for one in tmp_path.glob("*")] == [path.name]


@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "磁盘已满"), (errno.EROFS, "只读"), (errno.EACCES, "权限")]
)
def test_a_bad_place_leaves_the_earlier_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    path = write(SAMPLE, tmp_path / "a.perfeval")

    def fail(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(PerfevalError, match=words):
        write(replace(SAMPLE, evidence={}), path)
    assert path.read_bytes() == DATA
    assert list(tmp_path.glob("*")) == [path]


def test_what_nobody_could_open_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.perfeval"
    unpinned = replace(SAMPLE, pins=SAMPLE.pins[:1])
    bypassed = replace(SAMPLE, session=SAMPLE.session.model_copy(update={"year": 2023}))
    altered = replace(SAMPLE, evidence={SHA: SCAN + b"!"})
    unknown = replace(SAMPLE, evidence={sha256(b"?").hexdigest(): b"?"})
    for package, words in (
        (unpinned, "固定的指标体系不一致"), (bypassed, "绕过记录"), (altered, "被改动"),
        (unknown, "没有登记"), (replace(SAMPLE, records=()), "修改记录：是空的"),
        (replace(SAMPLE, records=SAMPLE.records[1:]), "第 1 条记录"),
    ):  # fmt: skip
        with pytest.raises(PerfevalError, match=words):
            write(package, path)
    assert not path.exists()


def test_more_than_could_be_opened_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_EVIDENCE", len(SCAN) - 1)
    with pytest.raises(PerfevalError, match=f"佐证材料 {SHA[:12]}”有 1 MB，超过"):
        pack(SAMPLE)
    monkeypatch.setattr(module, "MAX_EVIDENCE", len(SCAN))
    monkeypatch.setattr(module, "MAX_TOTAL", 1_000)
    with pytest.raises(PerfevalError, match="请不带佐证材料保存"):
        pack(SAMPLE)
    monkeypatch.setattr(module, "MAX_RECORDS", 1)
    with pytest.raises(PerfevalError, match="修改记录有 2 条，超过 1 条"):
        pack(SAMPLE)
    monkeypatch.setattr(module, "MAX_TOTAL", module.MB)
    with pytest.raises(UnreadableInput, match="有 2 条，超过 1 条"):
        unpack(DATA)


# --- what is altered -------------------------------------------------------------------------


def altered(name: str, old: bytes, new: bytes) -> bytes:
    """The package with a change in one member, and a manifest that fits."""
    parts = members()
    assert old in parts[name]
    return with_manifest(parts | {name: parts[name].replace(old, new, 1)})


def journal_of(edit_lines: Callable[[list[bytes]], list[bytes]]) -> bytes:
    parts = members()
    lines = edit_lines(parts["journal.jsonl"].splitlines(keepends=True))
    return with_manifest(parts | {"journal.jsonl": b"".join(lines)})


def test_a_member_altered_behind_the_manifest_is_named() -> None:
    for name, words in (("session.json", "自评数据"), ("journal.jsonl", "修改记录"),
                        (f"evidence/{SHA}", "佐证材料")):  # fmt: skip
        parts = members()
        parts[name] += b" "
        assert f"（{words}" in told(bundle(parts.items()))
        assert "内容与清单不符，被改动过" in told(bundle(parts.items()))
        del parts[name]
        assert "包内缺少这一部分" in told(bundle(parts.items()))
    parts = members() | {"evidence/" + "0" * 64: b"x"}
    assert "不在清单中，是后来加入的" in told(bundle(parts.items()))


def test_a_forged_session_or_journal_is_named() -> None:
    session = altered("session.json", b'"value":"800"', b'"value":"801"')
    assert "数据被绕过记录改动" in told(session)
    assert "第 2 条记录）：内容被改动" in told(
        altered("journal.jsonl", "乙".encode(), "丙".encode())
    )
    assert "第 1 条记录）：编号为 2，应为 1" in told(journal_of(lambda lines: lines[1:]))
    assert "第 1 条记录）：编号为 2" in told(journal_of(lambda lines: lines[::-1]))
    assert "数据被绕过记录改动" in told(journal_of(lambda lines: lines[:1]))
    assert "最后一条不完整" in told(journal_of(lambda lines: [*lines, b"{}"]))
    assert "是空的" in told(journal_of(lambda _: []))
    assert "第 3 条记录" in told(journal_of(lambda lines: [*lines, lines[0]]))


def test_a_manifest_that_lies_is_refused() -> None:
    for stated in ({"stage": "已复核"}, {"head": "0" * 64}, {"unit": "某局"}, {"records": 1},
                   {"seal": "0" * 64}, {"session": "b"}, {"year": 2023}):  # fmt: skip
        assert "（清单）：与包内其他内容不一致" in told(with_manifest(members(), **stated)), stated
    assert "没有这一项" in told(with_manifest(members(), more=1))


def test_a_set_is_what_its_hash_says_and_what_the_session_pins() -> None:
    name = next(name for name in members() if name.startswith("sets/"))
    assert "内容与其校验码不符" in told(altered(name, b'"points": "', b'"points": "1'))
    parts = members()
    del parts[name]
    assert "固定的指标体系不一致" in told(with_manifest(parts))
    content = json.loads(members()[name])
    content["id"] = "another"
    text = json.dumps(content, ensure_ascii=False).encode()
    parts = members() | {f"sets/{digest(content)}.json": text}
    assert told(with_manifest(parts))  # one more than is pinned
    del parts[name]
    assert "固定的指标体系不一致" in told(with_manifest(parts))


def test_evidence_is_what_its_hash_says_and_what_the_session_lists() -> None:
    assert "被改动" in told(altered(f"evidence/{SHA}", b"%PDF", b"%PDX"))
    other = sha256(b"other").hexdigest()
    assert "没有登记" in told(with_manifest(members() | {f"evidence/{other}": b"other"}))


def test_a_newer_package_asks_for_a_newer_program() -> None:
    words = told(with_manifest(members() | {"later.bin": b"?"}, format="perfeval-package/2",
                               program="9.9.0"))  # fmt: skip
    assert (
        words == "自评数据包：由更新的 perfeval 9.9.0 保存，本程序打不开。请升级 perfeval 后再打开"
    )
    assert "不认识的格式“别的”" in told(with_manifest(members(), format="别的"))
    later = json.loads(members()["session.json"]) | {"later": 1}
    newer = with_manifest(members() | {"session.json": canonical(later)}, program="0.9.9")
    assert "（自评数据 later）：没有这一项" in told(newer)
    assert "由 perfeval 0.9.9 保存" in told(newer)


# --- what is made to do harm -----------------------------------------------------------------


def as_session(data: bytes) -> bytes:
    return with_manifest(members() | {"session.json": data})


def test_json_made_to_do_harm_is_refused() -> None:
    session = members()["session.json"]
    for bomb in (b"[" * 1_000_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b"9" * 1_000_000,
                 b'{"year":NaN}', b"\xff\xfe", b"", b'"\\ud800"'):  # fmt: skip
        assert "不是有效的 JSON" in told(as_session(bomb)), bomb[:20]
        assert "第 1 条记录" in told(with_manifest(members() | {"journal.jsonl": bomb + b"\n"}))
    assert "第 1 条记录" in told(altered("journal.jsonl", b'"why":""', b'"why":1e999'))
    assert "第 1 条记录）：写法" in told(altered("journal.jsonl", b'"old":null', b'"old":1e999'))
    assert "第 1 条记录）：不是" in told(
        altered("journal.jsonl", b'"n":1', b'"n":"' + b"9" * 99 + b'"')
    )
    assert "第 1 条记录）：写法" in told(altered("journal.jsonl", b'"n":1', b'"n":"1"'))
    assert "写法" in told(as_session(session.replace(b"{", b"{ ", 1)))
    assert "写法" in told(as_session(session.replace(b'"year":2024', b'"year":1,"year":2024')))
    assert "应是整数" in told(as_session(session.replace(b'"year":2024', b'"year":[]')))
    assert "（自评数据 unit/name）：缺少这一项" in told(
        as_session(canonical(json.loads(session) | {"unit": {}}))
    )
    many = {f"k{n}": 1 for n in range(30)}
    words = told(as_session(canonical(json.loads(session) | many)))
    assert words.count("没有这一项") == 20
    assert "还有 10 处问题" in words
    more = {f"k{n}": 1 for n in range(2_000)}
    assert "有 2000 处内容不合要求" in told(as_session(canonical(json.loads(session) | more)))
    assert told(as_session(b"null"))
    assert told(bundle([("manifest.json", b"[]")]))


WHENS = [
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1999-12-31T23:59:59Z",
    "2101-01-01T00:00:00Z", "2024-05-01T08:00:00", "昨天",
]  # fmt: skip


@pytest.mark.parametrize("when", WHENS)
def test_a_record_of_no_time_that_can_be_shown_is_refused_and_named(when: str) -> None:
    def at(lines: list[bytes]) -> list[bytes]:
        last = json.loads(lines[-1])
        last["change"]["when"] = when
        last["hash"] = digest({key: last[key] for key in last if key != "hash"})
        return [*lines[:-1], canonical(last) + b"\n"]

    assert "（第 2 条记录 change/when）" in told(journal_of(at))


@pytest.mark.parametrize("when", WHENS)
def test_every_other_stored_time_is_held_to_the_same(when: str) -> None:
    for path, value in (
        ("submissions", [{"number": 1, "seal": "a", "head": "b", "when": when}]),
        ("marks", {"department/rows/D1": {"verdict": "认可", "when": when}}),
        ("sent", {"科普部": {"head": "a", "when": when}}),
    ):
        session = json.loads(members()["session.json"]) | {path: value}
        words = told(as_session(canonical(session)))
        assert f"（自评数据 {path}/" in words
        assert "时间应在 2000 至 2100 年之间，并写明时区" in words
        with pytest.raises(PathError, match="时间应在 2000 至 2100 年之间"):
            edit(SAMPLE.session, path, value)


@pytest.mark.parametrize("who", ["甲\u202e乙", "甲\n2024 乙", "\x1b[2K甲", "甲\u200b"])
def test_a_name_that_could_pass_for_another_is_refused(who: str) -> None:
    session = loads(sample_text())
    package = packed_up(session)
    forged = link(session.id, 1, GENESIS, created(package.session, who))
    with pytest.raises(PerfevalError, match="第 1 条记录：修改人的姓名里有看不见的字符"):
        pack(replace(package, records=(forged,)))


def test_what_a_hostile_file_says_of_itself_cannot_steer_the_screen() -> None:
    for words in (
        told(with_manifest(members(), format="\x1b[2J\u202e")),
        told(as_session(canonical({"\x1b[2J\u202e": 1}))),
    ):
        assert all(line.isprintable() for line in words.splitlines()), words


def zipped(name: str, data: bytes = b"x", *, mode: int = 0, raw: bytes = b"") -> bytes:
    """A package that zipfile wrote with one member more. ``raw`` replaces the name afterwards."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as goal:
        for one, content in members().items():
            goal.writestr(one, content)
        extra = zipfile.ZipInfo(name)
        extra.external_attr = mode << 16
        goal.writestr(extra, data)
    return buffer.getvalue().replace(name.encode(), raw) if raw else buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zipped("../../etc/passwd"), "可疑的文件名"),
        (zipped("/etc/passwd"), "可疑的文件名“/etc/passwd”"),
        (zipped("C:/windows/x"), "可疑的文件名"),
        (zipped("sets@..@x", raw=b"sets\\..\\x"), "可疑的文件名"),
        (zipped("sets@x", raw=b"sets\\x"), "可疑的文件名"),
        (zipped("a\nb"), "可疑的文件名“a\\nb”"),
        (zipped("收据.pdf"), "可疑的文件名"),
        (zipped("link", b"/etc/passwd", mode=stat.S_IFLNK | 0o777), "链接或特殊文件"),
        (zipped("pipe", mode=stat.S_IFIFO | 0o666), "链接或特殊文件"),
        (zipped("folder/"), "文件夹"),
        (zipped("more.txt"), "文件结构与本程序所写的不同"),
        (bundle((members() | {"more.txt": b"x"}).items()), "不认识的内容“more.txt”"),
        (bundle([*members().items(), ("session.json", b"{}")]), "包内有两个“session.json”"),
        (bundle([*members().items()][1:]), "第一项不是清单"),
        (bundle([]), "不是自评数据包"),
        (b"", "文件是空的"),
        (b"\x00" * 1000, "不是自评数据包"),
        (b"MZ" + DATA, "不是自评数据包"),
        (DATA + b"more", "末尾夹带"),
        (DATA[:-1], "不完整"),
        (DATA[: len(DATA) // 2], "不完整"),
        (DATA[:-2] + b"\x01\x00!", "末尾夹带"),
        (DATA[:-22] + bytes(100) + DATA[-22:], "文件结构与本程序所写的不同"),
        (DATA + DATA[-22:], "文件结构与本程序所写的不同"),  # a second end behind the first
    ],
)  # fmt: skip
def test_a_container_made_to_do_harm_is_refused(data: bytes, words: str) -> None:
    assert words in told(data)


def patched(field: int, form: str, value: int, *, local: int | None = None) -> bytes:
    """The package with one number of the directory's second entry (session.json) changed."""
    data = bytearray(DATA)
    entry = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    struct.pack_into(form, data, entry + field, value)
    if local is not None:
        struct.pack_into(form, data, data.index(b"PK\x03\x04", 4) + local, value)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (patched(8, "<H", 1, local=6), "是加密的"),
        (patched(10, "<H", 14, local=8), "不支持的压缩方法"),
        (patched(24, "<L", 2**31, local=22), "解开后有 2048 MB，超过 8 MB"),
        (patched(24, "<L", 7 * 2**20, local=22), "压缩得不合常理"),
        (patched(24, "<L", 9_000, local=22), "内容损坏，与其长度或校验不符"),
        (patched(24, "<L", 90_000, local=22), "内容损坏，与其长度或校验不符"),
        (patched(16, "<L", 0, local=14), "内容损坏，与其长度或校验不符"),
        (patched(16, "<L", 0), "文件结构与本程序所写的不同"),
        (patched(20, "<L", 2**32 - 1, local=18), "文件的目录损坏"),
        (patched(42, "<L", 0), "文件结构与本程序所写的不同"),
        (patched(42, "<L", 2**32 - 1), "文件的目录损坏"),
        (patched(28, "<H", 65_535), "文件的目录损坏"),
        (patched(30, "<H", 9), "文件"),
        (DATA[:-12] + struct.pack("<H", 65_535) + DATA[-10:], "文件"),
        (DATA[:-12] + struct.pack("<HL", 5, 1) + DATA[-6:], "文件"),
    ],
)  # fmt: skip
def test_numbers_of_the_container_are_not_believed(data: bytes, words: str) -> None:
    assert words in told(data)


def test_a_bomb_is_not_blown_up(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zlib.compress(bytes(10_000_000), 9)
    assert len(bomb) < 10_000
    honest = module._packed("session.json", b"")
    for size in (4_000, 10_000_000):
        squeezed = replace(honest, method=8, size=size, body=bomb[2:-4], crc=0)
        data = b"".join(module._pieces([squeezed]))
        tracemalloc.start()
        assert "自评数据" in told(data)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 1_000_000
    monkeypatch.setattr(module, "MAX_TOTAL", 10_000)
    assert "解开后超过" in told(DATA)
    monkeypatch.setattr(module, "MAX_MEMBERS", 3)
    assert "包内有 6 个文件，超过 3 个" in told(DATA)
    monkeypatch.setattr(module, "MAX_FILE", 1_000)
    assert "文件超过 1 MB" in told(DATA)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "是文件夹" in told(tmp_path)
    assert "没有这个文件" in told(tmp_path / "a.perfeval")
    assert told(Path("a\0b"))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert "不是普通文件" in told(tmp_path / "pipe")
    (tmp_path / "说明.txt").write_text("自评", encoding="utf-8")
    assert told(tmp_path / "说明.txt").startswith("说明.txt：不是自评数据包")


# --- fuzzing ---------------------------------------------------------------------------------

SMALL = replace(
    packed_up(Session.model_validate({
        "id": "a", "unit": {"name": "某局"}, "year": 2024,
        "projects": {"p1": {"set": "mof-project-2020", "name": "甲"}},
        "evidence": {"e1": {"name": "收据.pdf", "sha256": SHA, "size": len(SCAN)}},
    }), ("projects/p1/goal", "好"), ("year", 2025)), evidence={SHA: SCAN},
)  # fmt: skip
SMALL_DATA = pack(SMALL)
ODD: list[Any] = [None, True, -1, 0, 2**53, 1.5, "", "..", "\0", "9" * 400, [], {}, [[]], {"": ""}]


def flip(data: bytes, dice: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 8))):
        if out:
            out[dice.randrange(len(out))] ^= 1 << dice.randrange(8)
    return bytes(out)


def cut(data: bytes, dice: random.Random) -> bytes:
    start, end = sorted(dice.randrange(len(data) + 1) for _ in range(2))
    return dice.choice((data[:start], data[start:], data[:start] + data[end:], data[start:end]))


def splice(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.randbytes(dice.choice((1, 4, 30))) + data[at:]


def noise(data: bytes, dice: random.Random) -> bytes:
    return dice.choice((b"", b"PK\x03\x04", data[:60])) + dice.randbytes(dice.randrange(300)) + (
        dice.choice((b"", data[-22:], data[-200:]))
    )  # fmt: skip


def rezip(data: bytes, dice: random.Random) -> bytes:
    """Members swapped, dropped, doubled or altered; a zip that is sound in itself."""
    parts = list(members(data).items())
    for _ in range(dice.randint(1, 2)):
        a, b = (dice.randrange(len(parts)) for _ in range(2))
        match dice.randrange(5):
            case 0:
                parts[a], parts[b] = parts[b], parts[a]
            case 1 if len(parts) > 1:
                del parts[a]
            case 2:
                parts[a] = (parts[a][0], parts[b][1])
            case 3:
                parts.append((parts[a][0], parts[b][1]))
            case _:
                parts[a] = (parts[a][0], dice.choice((flip, cut, splice))(parts[a][1], dice))
    if dice.random() < 0.5 and parts[0][0] == "manifest.json":
        try:
            return with_manifest(dict(parts))
        except ValueError:
            pass
    return bundle(parts)


def spoil(plain: Any, dice: random.Random) -> Any:
    """The data with one odd value, key or gap somewhere in it."""
    if isinstance(plain, dict) and plain and dice.random() < 0.8:
        key = dice.choice(list(plain))
        match dice.randrange(6):
            case 0:
                return {one: value for one, value in plain.items() if one != key}
            case 1:
                return plain | {dice.choice(("x", "a/b", "", "set", "~1")): dice.choice(ODD)}
            case _:
                return plain | {key: spoil(plain[key], dice)}
    if isinstance(plain, list) and plain and dice.random() < 0.8:
        at = dice.randrange(len(plain))
        return [*plain[:at], spoil(plain[at], dice), *plain[at + dice.randrange(2) :]]
    return dice.choice(ODD)


def forge(data: bytes, dice: random.Random) -> bytes:
    """Odd content with every hash made to fit: only the schema and the rules can refuse it."""
    parts = members(data)
    session = json.loads(parts["session.json"])
    lines = [json.loads(line) for line in parts["journal.jsonl"].splitlines()]
    name = next(name for name in parts if name.startswith("sets/"))
    match dice.randrange(3):
        case 0:
            session = spoil(session, dice)
            lines = lines[:1]
            lines[0]["change"]["new"] = session
        case 1:
            at = dice.randrange(len(lines))
            lines[at] = spoil(lines[at], dice)
        case _:
            text = json.dumps(spoil(json.loads(parts.pop(name)), dice), ensure_ascii=False)
            hash_ = digest(json.loads(text))
            parts[f"sets/{hash_}.json"] = text.encode()
            session["pinned"] = {"mof-project-2020": hash_}
            lines[0]["change"]["new"]["pinned"] = session["pinned"]
    prev = GENESIS
    for line in lines:
        if isinstance(line, dict) and "prev" in line:
            line["prev"] = prev
            line["hash"] = prev = digest({key: line[key] for key in line if key != "hash"})
    parts["session.json"] = canonical(session)
    parts["journal.jsonl"] = b"".join(canonical(line) + b"\n" for line in lines)
    stated = {"year": session.get("year")} if isinstance(session, dict) else {}
    return with_manifest(dict(sorted(parts.items(), key=lambda one: one[0][:1] not in "mjs")),
                         head=prev, records=len(lines), **stated)  # fmt: skip


MUTATIONS = (flip, cut, splice, noise, rezip, rezip, forge, forge)


def opened(data: bytes, seed: int) -> Package | None:
    """The package, or None where it was refused: in Chinese, whatever it was."""
    try:
        return unpack(data)
    except UnreadableInput as error:
        words = str(error)
    assert any("一" <= sign <= "鿿" for sign in words), seed
    return None


def fuzz(seeds: range) -> tuple[int, int]:
    """Open mutated packages; each is refused in words or is a sound package. Return the counts."""
    taken = refused = 0
    for seed in seeds:
        dice = random.Random(seed)
        data = SMALL_DATA
        for _ in range(dice.choice((1, 1, 1, 2))):
            if data[:4] == b"PK\x03\x04" and data[-22:-18] == b"PK\x05\x06":
                mutate = dice.choice(MUTATIONS)
            else:
                mutate = dice.choice((flip, cut, splice))
            try:
                data = mutate(data, dice)
            except (ValueError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError,
                    AttributeError, TypeError, EOFError, StopIteration, struct.error,
                    RuntimeError, OSError):  # fmt: skip
                continue  # the mutation could not read what an earlier one had made
        if (package := opened(data, seed)) is None:
            refused += 1
        else:
            # One content has many compressed streams, and a flipped bit may hit upon another.
            assert members(pack(package)) == members(data), seed
            taken += 1
    return taken, refused


def test_mutated_packages_are_refused_or_sound() -> None:
    taken, refused = fuzz(range(500))
    assert refused > 400
    assert taken > 5  # some odd values are allowed where they stand
    assert taken + refused == 500


@pytest.mark.soak
def test_many_mutated_packages_are_refused_or_sound() -> None:
    taken, refused = fuzz(range(500, 20_500))
    assert taken + refused == 20_000
    assert refused > 16_000
