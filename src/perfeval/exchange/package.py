"""自评数据包 (``.perfeval``): a session with its journal, pinned sets and evidence, in one file.

A zip whose every byte follows from its content: fixed order, timestamps and compression, JSON in
one way of writing (RFC 8785). So packing twice gives equal bytes, and reading is strict: a package
is taken only when writing it again gives the same container and the same members (compressed
streams alone may differ, as they do between versions of zlib). Whatever hides in the slack of the
format (data in front, comments, extra fields, a second member of one name, links, encryption) does
not survive that, and no size is believed before it is counted.

The members: ``manifest.json``, ``session.json``, ``journal.jsonl`` (a record a line),
``sets/<hash>.json`` and ``evidence/<sha256>``. Nothing is ever unpacked to a disk: names of
members never become file names.

What opening proves is what :func:`perfeval.session.journal.verify` proves: the parts belong
together. Who made the whole is not proven; a 校验码 kept elsewhere does that.
"""

from __future__ import annotations

import json
import re
import stat
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from struct import Struct
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from perfeval import __version__
from perfeval.errors import PerfevalError, Problem, UnreadableInput, printable, reason
from perfeval.session.canonical import canonical, digest
from perfeval.session.journal import Record, verify
from perfeval.session.model import Part, Session
from perfeval.session.pins import Pin

FORMAT = 1
SUFFIX = ".perfeval"
MB = 1024 * 1024
MAX_FILE = 512 * MB
MAX_TOTAL = 512 * MB
MAX_JSON = 32 * MB
"""The journal; what else is JSON is far smaller: see :func:`_limit`."""
MAX_EVIDENCE = 100 * MB
MAX_MEMBERS = 5_000
MAX_RECORDS = 100_000
MAX_RATIO = 200
"""Members that shrink more are stored as they are, so nothing honest reaches the limit."""
MAX_TOLD = 20

_ASK_AGAIN = "请向对方重新索取，不要解压或改动其中的内容"
_Model = TypeVar("_Model", bound=BaseModel)
_Written = TypeVar("_Written", Session, Record)


@dataclass(frozen=True, slots=True)
class Package:
    """What a 自评数据包 holds.

    ``evidence`` are the files by their SHA-256, any part of those the session names. A package
    made for a 责任科室 names it as ``owner`` and says with ``editable`` which paths it may change;
    that is for showing: who takes it back decides again (:func:`.distribute.take_back`).
    ``program`` is the version that wrote it.
    """

    session: Session
    records: Sequence[Record]
    pins: Sequence[Pin]
    evidence: Mapping[str, bytes] = field(default_factory=dict)
    owner: str = ""
    editable: tuple[str, ...] = ()
    program: str = __version__


class Content(Part):
    """A member as the manifest names it."""

    sha256: str
    size: int


class Manifest(Part):
    """清单: what the package says of itself. Everything in it is checked against the content."""

    format: str = f"perfeval-package/{FORMAT}"
    program: str
    session: str
    unit: str
    year: int
    stage: str
    head: str
    records: int
    seal: str
    owner: str
    editable: tuple[str, ...]
    members: dict[str, Content]


# --- writing ---------------------------------------------------------------------------------


def pack(package: Package) -> bytes:
    """Return the bytes of a package; equal content gives equal bytes.

    Raises :class:`PerfevalError` for what no program would open again: a journal that does not
    verify, a set that is missing, evidence that was altered, more than the limits allow.
    """
    if len(package.records) > MAX_RECORDS:
        told = f"修改记录有 {len(package.records)} 条，超过 {MAX_RECORDS} 条"
        cure = "请复制成新任务，修改记录从头记起"
        raise PerfevalError(f"不能保存为自评数据包：{told}。{cure}", act="copy a session")
    try:
        problems = list(_against(package))
        members = [] if problems else list(_members(package))
    except ValueError as error:  # half a character, which no file can hold
        raise PerfevalError("不能保存为自评数据包：有的文字含无效字符。请找到后重填") from error
    if problems:
        told = "\n".join(map(str, problems[:MAX_TOLD]))
        raise PerfevalError(f"不能保存为自评数据包：\n{told}")
    for name, data in members:
        if len(data) > _limit(name):
            told = f"“{_called(name)}”有 {_mb(len(data))}，超过 {_mb(_limit(name))}"
            raise PerfevalError(f"不能保存为自评数据包：{told}。佐证材料可另行报送")
    total = sum(len(data) for _, data in members)
    if total > MAX_TOTAL or len(members) > MAX_MEMBERS:
        told = f"共 {len(members)} 个文件 {_mb(total)}，超过 {MAX_MEMBERS} 个或 {_mb(MAX_TOTAL)}"
        raise PerfevalError(f"不能保存为自评数据包：{told}。请不带佐证材料保存")
    return bundle(members)


def write(package: Package, path: Path) -> Path:
    """Write a package, whole or not at all; return where it stands (always ``.perfeval``).

    Raises :class:`PerfevalError` as :func:`pack` does, and for a full or read-only place.
    """
    from perfeval.exchange.writer import write_file

    goal = path if path.suffix.lower() == SUFFIX else path.with_name(path.name + SUFFIX)
    return write_file(goal, pack(package))


def _members(package: Package) -> Iterator[tuple[str, bytes]]:
    """Yield the members in their order; the manifest, which comes first, speaks of the others."""
    contents = {
        "session.json": _written(package.session),
        "journal.jsonl": b"".join(_written(record) + b"\n" for record in package.records),
    }
    contents |= {f"sets/{one.hash}.json": one.text.encode() for one in package.pins}
    contents |= {f"evidence/{hash_}": data for hash_, data in package.evidence.items()}
    yield "manifest.json", _stated(package, contents)
    yield from ((name, contents[name]) for name in _order(contents))


def _written(part: Session | Record) -> bytes:
    """Return the one way a session or a record is written; only a session has defaults to omit."""
    return canonical(part.model_dump(mode="json", exclude_defaults=isinstance(part, Session)))


def _order(names: Iterable[str]) -> list[str]:
    """Sort the members: session, journal, sets, evidence."""
    ranks = {"session.json": 0, "journal.jsonl": 1}
    return sorted(names, key=lambda name: (ranks.get(name, 3 - name.startswith("sets/")), name))


def _stated(package: Package, contents: Mapping[str, bytes]) -> bytes:
    """Return the manifest of a package."""
    session = package.session
    manifest = Manifest(
        program=package.program,
        session=session.id,
        unit=session.unit.name,
        year=session.year,
        stage=session.stage,
        head=package.records[-1].hash,
        records=len(package.records),
        seal=session.submissions[-1].seal if session.submissions else "",
        owner=package.owner,
        editable=package.editable,
        members={name: _content(data) for name, data in contents.items()},
    )
    return canonical(manifest.model_dump(mode="json"))


def _content(data: bytes) -> Content:
    return Content(sha256=sha256(data).hexdigest(), size=len(data))


# --- reading ---------------------------------------------------------------------------------


def unpack(source: bytes | Path) -> Package:
    """Return what a package holds, after verifying all of it.

    Raises :class:`UnreadableInput` that says what is wrong and what to do: not a package, cut
    off, altered anywhere, made by a newer program, too large, or made to do harm. It is all or
    nothing: no part of a refused package is returned.
    """
    name = source.name if isinstance(source, Path) else "自评数据包"
    data = _read(source) if isinstance(source, Path) else source
    try:
        return _unpacked(data)
    except _Refused as refused:
        problems = [
            Problem(
                printable(f"{name}（{one.place}）" if one.place else name),
                printable(one.message),
                one.cure,
            )
            for one in refused.problems[:MAX_TOLD]
        ]
        if more := len(refused.problems) - MAX_TOLD:
            problems += [Problem(name, f"还有 {more} 处问题")] if more > 0 else []
        raise UnreadableInput(problems) from refused


class _Refused(Exception):
    """Why a package is not taken: problems whose place is a part of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)


def _refused(place: str, message: str, cure: str = _ASK_AGAIN) -> _Refused:
    return _Refused([Problem(place, message, cure)])


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # a folder; a pipe or device might never end
            told = "是文件夹" if stat.S_ISDIR(mode) else "不是普通文件"
            raise UnreadableInput([Problem(str(path), told, f"请选择 {SUFFIX} 文件")])
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except FileNotFoundError as error:
        cure = "请核对文件名和所在文件夹"
        raise UnreadableInput([Problem(str(path), "没有这个文件", cure)]) from error
    except (OSError, ValueError) as error:
        told = f"读不了：{reason(error)}"
        raise UnreadableInput([Problem(str(path), told, "请复制到本机再打开")]) from error
    return data


def _unpacked(data: bytes) -> Package:
    members = _unbundle(data)
    manifest = _manifest(members)
    _require_members(members, manifest)
    try:
        package = _assembled(members, manifest)
    except _Refused as refused:
        if manifest.program != __version__:
            told = f"由 perfeval {manifest.program[:20]} 保存，本程序是 {__version__}"
            refused.problems.append(Problem("", told, "请先升级到同一版本再试"))
        raise
    if problems := list(_against(package)):
        raise _Refused(problems)
    contents = {name: data for name, data in members.items() if name != "manifest.json"}
    if list(contents) != _order(contents):
        raise _refused("", "各部分的顺序与本程序所写的不同，被改动过")
    if _stated(package, contents) != members["manifest.json"]:
        raise _refused("清单", "与包内其他内容不一致，被改动过")
    return package


def _assembled(members: Mapping[str, bytes], manifest: Manifest) -> Package:
    pins = [_pin(name, members[name]) for name in members if name.startswith("sets/")]
    return Package(
        session=_validated(members["session.json"], Session, "自评数据"),
        records=tuple(_records(members["journal.jsonl"])),
        pins=tuple(sorted(pins, key=lambda one: one.set_id)),
        evidence={
            name.removeprefix("evidence/"): content
            for name, content in members.items()
            if name.startswith("evidence/")
        },
        owner=manifest.owner,
        editable=manifest.editable,
        program=manifest.program,
    )


_PARTS = {"manifest.json": "清单", "session.json": "自评数据", "journal.jsonl": "修改记录"}
_KNOWN = re.compile(r"manifest\.json|session\.json|journal\.jsonl"
                    r"|sets/[0-9a-f]{64}\.json|evidence/[0-9a-f]{64}")  # fmt: skip


def _called(member: str) -> str:
    """What a member is called on the screen."""
    folder, _, rest = member.partition("/")
    kinds = {"sets": "指标体系", "evidence": "佐证材料"}
    return _PARTS.get(member) or f"{kinds.get(folder, folder)} {rest[:12]}".strip()


def _limit(member: str) -> int:
    if member.startswith("evidence/"):
        return MAX_EVIDENCE
    if member.startswith("sets/"):
        return MB
    return MAX_JSON if member == "journal.jsonl" else MAX_JSON // 4


def _mb(size: int) -> str:
    return f"{-(-size // MB)} MB"


def _manifest(members: Mapping[str, bytes]) -> Manifest:
    if next(iter(members), "") != "manifest.json":
        raise _refused("", "不是自评数据包：第一项不是清单", f"请选择本程序保存的 {SUFFIX} 文件")
    plain = _parsed(members["manifest.json"], "清单")
    stated = str(plain.get("format", "")) if isinstance(plain, dict) else ""
    version = re.fullmatch(r"perfeval-package/([1-9][0-9]{0,5})", stated)
    if version is None:
        raise _refused("清单", f"不认识的格式“{stated[:40]}”", "请确认是本程序保存的文件")
    if int(version[1]) > FORMAT:
        told = f"由更新的 perfeval {str(plain.get('program', ''))[:20]} 保存，本程序打不开"
        raise _refused("", told, "请升级 perfeval 后再打开")
    return _model(plain, Manifest, "清单")


def _require_members(members: Mapping[str, bytes], manifest: Manifest) -> None:
    """What is in the package is what the manifest lists, byte for byte."""
    problems = [
        Problem("", f"包内有不认识的内容“{name[:60]}”", _ASK_AGAIN)
        for name in members
        if not _KNOWN.fullmatch(name)
    ]
    present = {name: data for name, data in members.items() if name != "manifest.json"}
    required = {"session.json", "journal.jsonl"} | manifest.members.keys()
    problems += [
        Problem(_called(name), "包内缺少这一部分", _ASK_AGAIN)
        for name in sorted(required - present.keys())
    ]
    for name, data in present.items():
        if name not in manifest.members:
            problems.append(Problem(_called(name), "不在清单中，是后来加入的", _ASK_AGAIN))
        elif manifest.members[name] != _content(data):
            problems.append(Problem(_called(name), "内容与清单不符，被改动过", _ASK_AGAIN))
    if problems:
        raise _Refused(problems)


def _records(data: bytes) -> Iterator[Record]:
    lines = data.split(b"\n")
    if lines.pop():
        raise _refused("修改记录", "最后一条不完整")
    if len(lines) > MAX_RECORDS:
        raise _refused("修改记录", f"有 {len(lines)} 条，超过 {MAX_RECORDS} 条")
    for number, line in enumerate(lines, 1):
        yield _validated(line, Record, f"第 {number} 条记录")


def _pin(name: str, data: bytes) -> Pin:
    """Return the set, loaded once to know that this program can score with it."""
    plain = _parsed(data, _called(name))
    hash_ = name.removeprefix("sets/").removesuffix(".json")
    try:
        sound = isinstance(plain, dict) and digest(plain) == hash_
    except ValueError as error:  # a number that no two programs read alike
        raise _refused(_called(name), _NO_JSON) from error
    if not sound:
        raise _refused(_called(name), "内容与其校验码不符")
    # Canonical JSON would sort the keys, whose order people see; this form keeps it.
    if json.dumps(plain, ensure_ascii=False).encode() != data:
        raise _refused(_called(name), _REWRITTEN)
    one = Pin(str(plain.get("id", "")), hash_, data.decode())
    try:
        loaded = _load(one)
    except UnreadableInput as error:
        raise _Refused(error.problems) from error
    if loaded.id != one.set_id:
        raise _refused(_called(name), "编号写法不明确")
    return one


_load = lru_cache(maxsize=16)(Pin.load)
"""Units of one region send the same sets."""


def _against(package: Package) -> Iterator[Problem]:
    """Yield what speaks against a package: its parts do not belong together."""
    session, records = package.session, package.records
    if not records:
        yield Problem("修改记录", "是空的", _ASK_AGAIN)
        return
    yield from verify(records, session, head=records[-1].hash)
    for record in records:
        if record.change.who != printable(record.change.who):
            told = "修改人的姓名里有看不见的字符，可能冒充别人"
            yield Problem(f"第 {record.n} 条记录", told, _ASK_AGAIN)
    if len(package.pins) != len(session.pinned) or session.pinned != {
        one.set_id: one.hash for one in package.pins
    }:
        yield Problem("指标体系", "与任务所固定的指标体系不一致", _ASK_AGAIN)
    sizes = {one.sha256: one.size for one in session.evidence.values()}
    for hash_, data in package.evidence.items():
        if hash_ not in sizes:
            yield Problem(_called(f"evidence/{hash_}"), "任务里没有登记", "请去掉后再试")
        elif sha256(data).hexdigest() != hash_ or len(data) != sizes[hash_]:
            yield Problem(_called(f"evidence/{hash_}"), "文件内容被改动", "请重新添加这份材料")


# --- JSON from a stranger --------------------------------------------------------------------


_NO_JSON = "不是有效的 JSON，或层次太深、数字太大"
_REWRITTEN = "写法与本程序所写的不同，被改动过"


def _parsed(data: bytes, place: str) -> Any:
    """Parse JSON; the parser limits the depth and the digits of a number."""
    try:
        return from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise _refused(place, _NO_JSON) from error


def _validated(data: bytes, model: type[_Written], place: str) -> _Written:
    """Return a session or a record, if it is written in the one way it is.

    Otherwise it might hold one key twice, or a number as a text, and read differently elsewhere.
    """
    part = _model(_parsed(data, place), model, place)
    try:
        again = _written(part)
    except ValueError as error:
        raise _refused(place, _NO_JSON) from error
    if again != data:
        raise _refused(place, _REWRITTEN)
    return part


def _model(plain: Any, model: type[_Model], place: str) -> _Model:
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        count = error.error_count()
        if count > 1_000:  # a file made of nothing else: no use, and costly, to list them
            raise _refused(place, f"有 {count} 处内容不合要求") from error
        raise _Refused(
            Problem(f"{place} {'/'.join(map(str, item['loc']))}"[:200], _why(item), _ASK_AGAIN)
            for item in error.errors(include_url=False, include_input=False)
        ) from error


_WHY = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项",
    "string_type": "应是文字",
    "string_too_long": "太长",
    "string_too_short": "不能为空",
    "string_pattern_mismatch": "名称或格式不合要求",
    "literal_error": "不是可选的值",
    "int_type": "应是整数",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
    "moment": "时间应在 2000 至 2100 年之间，并写明时区",
}


def _why(item: Any) -> str:
    return _WHY.get(item["type"], "内容不合要求")


# --- the container ---------------------------------------------------------------------------
#
# A zip in its simplest form: no extra fields, no comments, no data descriptors, no zip64. It is
# written and read here rather than by zipfile, which must forgive what others write.

_LOCAL = Struct("<4s5H3L2H")
_CENTRAL = Struct("<4s6H3L5H2L")
_END = Struct("<4s4H2LH")
_STORED, _DEFLATED = 0, 8
_NEEDED = 20
_DATE = (2020 - 1980) << 9 | 1 << 5 | 1
_MADE_ON_UNIX = 3 << 8 | _NEEDED
_PLAIN_FILE = (stat.S_IFREG | 0o644) << 16
_LEVEL = 9

_Buffer = bytes | memoryview


@dataclass(frozen=True, slots=True)
class _Member:
    name: bytes
    method: int
    crc: int
    size: int
    body: _Buffer


def bundle(members: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a zip of ``members`` (name, content), in their order."""
    return b"".join(_pieces([_packed(name, data) for name, data in members]))


def _packed(name: str, data: bytes) -> _Member:
    body, method = data, _STORED
    if not name.startswith("evidence/"):  # scans and office files do not shrink
        squeezer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, 8)
        squeezed = squeezer.compress(data) + squeezer.flush()
        if len(squeezed) < len(data) <= MAX_RATIO * len(squeezed):
            body, method = squeezed, _DEFLATED
    return _Member(name.encode("ascii"), method, zlib.crc32(data), len(data), body)


def _pieces(members: Sequence[_Member]) -> Iterator[_Buffer]:
    """Yield the whole zip, piece by piece."""
    offset, directory = 0, []
    for one in members:
        common = (0, one.method, 0, _DATE, one.crc, len(one.body), one.size, len(one.name))
        directory.append(
            _CENTRAL.pack(
                b"PK\x01\x02", _MADE_ON_UNIX, _NEEDED, *common, 0, 0, 0, 0, _PLAIN_FILE, offset
            )
            + one.name
        )
        head = _LOCAL.pack(b"PK\x03\x04", _NEEDED, *common, 0) + one.name
        yield head
        yield one.body
        offset += len(head) + len(one.body)
    yield from directory
    size, count = sum(map(len, directory)), len(directory)
    yield _END.pack(b"PK\x05\x06", 0, 0, count, count, size, offset, 0)


def _unbundle(data: bytes) -> dict[str, bytes]:
    """Return the members of a zip made by :func:`bundle`, by name, in their order."""
    if len(data) > MAX_FILE:
        raise _refused("", f"文件超过 {_mb(MAX_FILE)}", "请确认是否选错了文件")
    view = memoryview(data)
    members = list(_listed(view))
    position = 0
    for piece in _pieces(members):
        if view[position : position + len(piece)] != piece:
            break
        position += len(piece)
    else:
        if position == len(data):
            return {one.name.decode("ascii"): _opened(one) for one in members}
    raise _refused("", "文件结构与本程序所写的不同：被其他程序重新压缩，夹带了内容，或传输中损坏")


def _listed(view: memoryview) -> Iterator[_Member]:
    """Yield the members as the directory at the end tells them, every number bounded."""
    if bytes(view[:4]) != b"PK\x03\x04":
        cure = f"请选择本程序保存的 {SUFFIX} 文件"
        raise _refused("", "不是自评数据包" if len(view) else "文件是空的", cure)
    if len(view) < _END.size or bytes(view[-_END.size :][:4]) != b"PK\x05\x06":
        raise _refused("", "文件不完整，或末尾夹带了别的内容")
    end = len(view) - _END.size
    _, _, _, _, count, _, start, _ = _END.unpack(view[end:])
    if count > MAX_MEMBERS:
        raise _refused("", f"包内有 {count} 个文件，超过 {MAX_MEMBERS} 个")
    total, names, position = 0, set[bytes](), start
    for _ in range(count):
        one, position = _entry(view, position, start, end)
        if one.name in names:
            raise _refused("", f"包内有两个“{_shown(one.name)}”")
        names.add(one.name)
        total += one.size
        if total > MAX_TOTAL:
            raise _refused("", f"解开后超过 {_mb(MAX_TOTAL)}")
        yield one


def _entry(view: memoryview, position: int, start: int, end: int) -> tuple[_Member, int]:
    """Read the directory's entry at ``position``; return the member and where the next begins."""
    broken = _refused("", "文件的目录损坏")
    after = position + _CENTRAL.size
    if not start <= position or after > end:
        raise broken
    (_, _, _, flags, method, _, _, crc, packed, size, length, _, _, _, _, kind, offset) = (
        _CENTRAL.unpack(view[position:after])
    )
    name = bytes(view[after : after + length])
    body = offset + _LOCAL.size + length
    if after + length > end or body + packed > start:
        raise broken
    _require_plain(name, flags, method, kind)
    shown = _called(_shown(name))
    if size > (limit := _limit(_shown(name))):
        raise _refused(shown, f"解开后有 {_mb(size)}，超过 {_mb(limit)}")
    if size > MAX_RATIO * max(packed, 1) or (method == _STORED and size != packed):
        raise _refused(shown, f"压缩得不合常理（{packed} 字节解开成 {size} 字节）")
    return _Member(name, method, crc, size, view[body : body + packed]), after + length


def _require_plain(name: bytes, flags: int, method: int, kind: int) -> None:
    """Refuse what a package never holds, with the word for it."""
    shown = _shown(name)
    if flags & 1:
        raise _refused("", f"“{shown}”是加密的", "请让对方不加密码保存")
    hostile = shown.startswith(("/", "\\")) or ".." in shown or "\\" in shown or ":" in shown
    if not name.isascii() or hostile or not shown.isprintable():
        raise _refused("", f"包内有可疑的文件名“{shown}”", "请勿使用这个文件，并核实其来源")
    if shown.endswith("/") or stat.S_IFMT(kind >> 16) not in (0, stat.S_IFREG):
        raise _refused("", f"“{shown}”是文件夹、链接或特殊文件", "请勿使用这个文件，并核实其来源")
    if method not in (_STORED, _DEFLATED):
        raise _refused("", f"“{shown}”用了不支持的压缩方法")


def _shown(name: bytes) -> str:
    text = name[:80].decode("ascii", "replace")
    return text if text.isprintable() else ascii(text)[1:-1]


def _opened(one: _Member) -> bytes:
    """Return a member's content, counting what comes out instead of believing its header."""
    data = bytes(one.body)
    if one.method == _DEFLATED:
        squeezed = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            data = squeezed.decompress(data, one.size + 1)
        except zlib.error as error:
            raise _refused(_called(_shown(one.name)), "压缩的内容损坏") from error
        if not squeezed.eof or squeezed.unused_data:
            data = b""
    if len(data) != one.size or zlib.crc32(data) != one.crc:
        raise _refused(_called(_shown(one.name)), "内容损坏，与其长度或校验不符")
    return data
