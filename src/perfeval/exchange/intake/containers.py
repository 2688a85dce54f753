"""What a handed-in file really is, and its content in bounded memory. No name is believed.

A workbook or a Word file is a zip. Before a reader sees it, each part is inflated here, counted
against the limits as it comes, and put uncompressed into a new container of our own: the reader
gets what was counted and nothing else, whatever the original's directory says. Pictures and
other parts that hold no figures are left out.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from enum import Enum
from pathlib import Path

from perfeval.errors import PerfevalError, reason

MB = 1024 * 1024
MAX_FILE = 64 * MB
MAX_PART = 96 * MB
MAX_TOTAL = 160 * MB
MAX_PARTS = 5_000

AGAIN = "请用 Excel 或 WPS 打开，另存为 .xlsx 后再试"


class Kind(Enum):
    """What a file is by its content."""

    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    DOCX = "docx"
    TEXT = "csv"


class Unreadable(PerfevalError):
    """A file that cannot be taken, with the cause and what to do."""


_SUFFIXES = {".xlsx", ".xlsm", ".xls", ".et", ".ods", ".docx", ".csv", ".tsv"}
_OLD_WORD = {".doc", ".wps"}


def is_table_file(path: Path) -> bool:
    """Whether a file's ending is one that tables are handed in with."""
    return path.suffix.lower() in _SUFFIXES


def content(path: Path) -> bytes:
    """Return what stands in a file. Raises :class:`Unreadable`."""
    if path.suffix.lower() in _OLD_WORD:
        raise Unreadable(f"{path.name}：旧版 Word 文件读不了。请另存为 .docx 后再试")
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            raise Unreadable(
                f"{path.name}：有 {size / MB:.0f} MB，超过 {MAX_FILE // MB} MB。请只留下要交的表"
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise Unreadable(f"{path.name}：没有这个文件。请核对文件名和所在文件夹") from None
    except OSError as error:
        raise Unreadable(
            f"{path.name}：打不开（{reason(error)}）。如正在别处打开，请先关闭"
        ) from error


def kind_of(data: bytes, name: str) -> Kind:
    """Return what the bytes are. Raises :class:`Unreadable` for what holds no tables."""
    if not data:
        raise Unreadable(f"{name}：是空文件，请重新索取")
    if data.startswith(b"PK"):
        return _kind_of_zip(data, name)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _kind_of_ole(data, name)
    if data[:2] == b"\x09\x08" or data[:2] == b"\x09\x04":
        return Kind.XLS  # a bare BIFF stream
    head = data[:2048].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<style")):
        raise Unreadable(f"{name}：其实是网页，只是改了扩展名。{AGAIN}")
    if head.startswith((b"<?xml", b"<workbook")):
        raise Unreadable(f"{name}：是 XML 文件，不是表格文件。{AGAIN}")
    if head.startswith(b"%pdf"):
        raise Unreadable(f"{name}：其实是 PDF，读不了。请向填报单位索取 Excel 或 Word 文件")
    if head.startswith(b"{\\rtf"):
        raise Unreadable(f"{name}：是 RTF 文件，读不了。请另存为 .docx 后再试")
    if _is_text(data):
        return Kind.TEXT
    raise Unreadable(f"{name}：不是能识别的表格文件，可能已损坏。{AGAIN}")


def _is_text(data: bytes) -> bool:
    return b"\x00" not in data[:4096] or data[:2] in (b"\xff\xfe", b"\xfe\xff")


def decode(data: bytes, name: str) -> str:
    """Return the text of a CSV file: UTF-8, UTF-16 with its mark, else GB 18030."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(f"{name}：文字编码无法识别。{AGAIN}")


def _kind_of_ole(data: bytes, name: str) -> Kind:
    """Tell an old workbook from an encrypted new one by the names in its directory."""

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage") or holds("EncryptionInfo"):
        raise Unreadable(f"{name}：设了打开密码，读不了。请先取消密码（另存时去掉密码）再交")
    if holds("Workbook") or holds("Book"):
        return Kind.XLS
    if holds("WordDocument"):
        raise Unreadable(f"{name}：是旧版 Word 文件。请另存为 .docx 后再试")
    raise Unreadable(f"{name}：不是能识别的表格文件，可能已损坏。{AGAIN}")


def _opened(data: bytes, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError) as error:
        raise _broken(name) from error


def _kind_of_zip(data: bytes, name: str) -> Kind:
    """Tell workbooks and documents apart by the names in the zip's directory."""
    end = data.rfind(b"PK\x05\x06")
    if end < 0:
        raise _broken(name)
    listed = data[data.rfind(b"PK\x03\x04", 0, end) :]
    if b"xl/workbook.bin" in listed:
        raise Unreadable(f"{name}：是 .xlsb 二进制工作簿。{AGAIN}")
    if b"xl/" in listed:
        return Kind.XLSX
    if b"word/" in listed:
        return Kind.DOCX
    if b"content.xml" in listed:
        return Kind.ODS
    raise Unreadable(f"{name}：是压缩包，不是表格文件。请解压后把里面的表放进一个文件夹再交")


def _broken(name: str) -> Unreadable:
    again = AGAIN
    if name.lower().endswith(".docx"):
        again = "请用 Word 或 WPS 打开，另存为 .docx 后再试"
    return Unreadable(f"{name}：文件不完整或已损坏。请重新索取，或{again[1:]}")


_HOLDS_FIGURES = re.compile(r".*\.(xml|rels)$|mimetype$", re.IGNORECASE)
_BESIDE = re.compile(
    r"(xl|word)/(theme|drawings|charts|media|embeddings|printerSettings|externalLinks|ctrlProps"
    r"|pivotTables|pivotCache|queryTables|tables|diagrams|activeX)/|docProps/|customXml/"
    r"|xl/calcChain|xl/comments|xl/metadata|xl/worksheets/_rels/|Thumbnails/",
    re.IGNORECASE,
)


def parts_of(data: bytes, name: str, *, keep_all: bool = False) -> dict[str, bytes]:
    """Return the parts of a zip, inflated within the limits. Raises :class:`Unreadable`.

    ``keep_all`` keeps parts that hold no figures, for readers that miss them.
    """
    with _opened(data, name) as archive:
        listed = archive.infolist()
        if len(listed) > MAX_PARTS:
            raise Unreadable(f"{name}：里面有 {len(listed)} 个部分，太多了。{AGAIN}")
        wanted = [
            one
            for one in listed
            if not one.is_dir()
            and (_HOLDS_FIGURES.match(one.filename) if not keep_all else True)
            and (keep_all or not _BESIDE.match(one.filename))
        ]
        if sum(one.file_size for one in wanted) > MAX_TOTAL:
            raise _too_big(name)
        room = MAX_TOTAL
        parts: dict[str, bytes] = {}
        for one in wanted:
            parts[one.filename] = found = _inflated(data, one, min(room, MAX_PART), name)
            room -= len(found)
            if b"<!ENTITY" in found or b"<!DOCTYPE" in found[:4096]:
                raise Unreadable(
                    f"{name}：里面有表格文件不该有的内容（XML 实体），没有读取。{AGAIN}"
                )
    return parts


def _too_big(name: str) -> Unreadable:
    return Unreadable(
        f"{name}：解开后超过 {MAX_TOTAL // MB} MB，没有读取。请只留下要交的表，删去空行和图片"
    )


def _inflated(data: bytes, one: zipfile.ZipInfo, room: int, name: str) -> bytes:
    """Return a part, counted as it is inflated: what the directory says is not believed."""
    if one.file_size > room:
        raise _too_big(name)
    if one.flag_bits & 1:
        raise Unreadable(f"{name}：设了密码，读不了。请先取消密码再交")
    try:
        mark, _, flags, *_, label, extra = _LOCAL.unpack_from(data, one.header_offset)
        at = one.header_offset + _LOCAL.size
        called = data[at : at + label].decode("utf-8" if flags & _UTF_8 else "cp437")
        at += label + extra
        packed = data[at : at + one.compress_size]
        if mark != b"PK\x03\x04" or called != one.orig_filename:
            raise _broken(name)
        if one.compress_type == zipfile.ZIP_STORED:
            part = packed
        elif one.compress_type == zipfile.ZIP_DEFLATED:
            # Asked for one byte more than stated, it inflates no further than that.
            part = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, one.file_size + 1)
            part = part[: one.file_size]
        else:
            raise _broken(name)
    except (struct.error, UnicodeDecodeError, zlib.error) as error:
        raise _broken(name) from error
    if zlib.crc32(part) != one.CRC:
        raise _broken(name)
    return part


_UTF_8 = 0x800
"""The flag of a member whose name is UTF-8."""
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_LISTED = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")


def container(parts: dict[str, bytes]) -> bytes:
    """Return a zip of the parts, stored uncompressed: what is read next was counted here."""
    made, listed = bytearray(), bytearray()
    for name, part in parts.items():
        label, check, size, at = name.encode(), zlib.crc32(part), len(part), len(made)
        made += _LOCAL.pack(
            b"PK\x03\x04", 20, _UTF_8, 0, 0, 33, check, size, size, len(label), 0
        ) + label + part  # fmt: skip
        listed += _LISTED.pack(
            b"PK\x01\x02", 20, 20, _UTF_8, 0, 0, 33, check, size, size, len(label),
            0, 0, 0, 0, 0, at,
        ) + label  # fmt: skip
    count, at = len(parts), len(made)
    return bytes(made + listed + _END.pack(b"PK\x05\x06", 0, 0, count, count, len(listed), at, 0))
