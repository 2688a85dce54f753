"""上报材料包: what a unit hands in, in numbered folders of one zip.

Names are UTF-8 with the flag that says so, which Windows' own 解压 and the domestic tools read
rightly. The files are said to come from Unix: of one from DOS, unzip on the domestic Linux desktops
believes the code page and not the flag. Times are fixed, so equal content gives equal bytes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from perfeval.errors import PerfevalError, Problem
from perfeval.exchange.book import Material
from perfeval.exchange.documents import DOCUMENTS, made, together
from perfeval.exchange.filenames import file_name, safe_name
from perfeval.exchange.report.documents import WORD_DOCUMENTS, word_file
from perfeval.exchange.writer import render
from perfeval.session.model import Session
from perfeval.settings import FILE_NAME

NAME = "上报材料包"
EVIDENCE = "5 佐证材料目录"
FOLDERS: Mapping[str, tuple[str, ...]] = {
    "1 自评表": ("department", "projects"),
    "2 自评汇总表": ("summary", "scores", "deductions"),
    "3 自评报告": ("report",),
    "4 审核和复核": ("findings", "review", "measures"),
    EVIDENCE: ("evidence",),
}
"""Which documents stand in which folder, by their ids."""
MADE = (2020, 1, 1, 0, 0, 0)
_UNIX, _READABLE = 3, 0o644 << 16


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the package: its folder, its name with the ending, its content."""

    folder: str
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Packed:
    """A package: its bytes, the places in it, and what is still to be written or is missing."""

    data: bytes
    names: tuple[str, ...]
    missing: tuple[Problem, ...]


def material_package(
    material: Material,
    *,
    pattern: str = FILE_NAME,
    template: Path | None = None,
    evidence: Mapping[str, bytes] | None = None,
) -> Packed:
    """Return the 上报材料包 of a session: every document it has something for.

    ``evidence`` are the files by SHA-256; those given are put beside their 目录, those not given
    are told of. Raises :class:`PerfevalError` when there is nothing to hand in.
    """
    members: list[Member] = []
    missing: list[Problem] = []
    sheets = made(material)
    for folder, ids in FOLDERS.items():
        for document in DOCUMENTS:
            if document.id in ids and sheets.get(document.id):
                name = _called(material, document.name, pattern, "xlsx")
                pages = together(sheets, (document,), material.session)
                members.append(Member(folder, name, render(pages, name.removesuffix(".xlsx"))))
        for kind in WORD_DOCUMENTS:
            if kind.id in ids and kind.applies(material.session):
                word = word_file(kind, material, template)
                name = _called(material, kind.name, pattern, "docx")
                members.append(Member(folder, name, word.data))
                missing += word.document.missing
    if not members:
        raise PerfevalError("没有可上报的内容：既没有部门整体自评，也没有项目，请先填写")
    files, absent = _evidence(material.session, evidence or {})
    members += files
    missing += absent
    unique = tuple(_unique(members))
    names = tuple(f"{member.folder}/{member.name}" for member in unique)
    return Packed(zipped(unique), names, tuple(missing))


def zipped(members: Iterable[Member]) -> bytes:
    """Return a zip of members in their order."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            info = zipfile.ZipInfo(f"{member.folder}/{member.name}", MADE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = _UNIX, _READABLE
            archive.writestr(info, member.data)
    return buffer.getvalue()


def _called(material: Material, document: str, pattern: str, ending: str) -> str:
    session = material.session
    return f"{file_name(session.unit, session.year, document, pattern)}.{ending}"


def _evidence(
    session: Session, contents: Mapping[str, bytes]
) -> tuple[list[Member], list[Problem]]:
    """Return the files of evidence that are there, and a problem for each that is not."""
    members, missing = [], []
    for one in session.evidence.values():
        if (data := contents.get(one.sha256)) is None:
            place = f"佐证材料 {one.number} {one.name}".replace("  ", " ")
            missing.append(Problem(place, "没有放入材料包", "请找到原文件后重新添加", "警告"))
            continue
        stem, dot, ending = one.name.rpartition(".")
        name = safe_name(f"{one.number} {stem if dot else one.name}".strip())
        members.append(Member(EVIDENCE, f"{name}.{safe_name(ending)}" if dot else name, data))
    return members, missing


def _unique(members: Iterable[Member]) -> Iterator[Member]:
    """Give files of one name a number; Windows takes 甲.PDF and 甲.pdf for one."""
    used: set[str] = set()
    for member in members:
        stem, dot, ending = member.name.rpartition(".")
        number, name = 1, member.name
        while f"{member.folder}/{name}".casefold() in used:
            number += 1
            name = f"{stem}({number}){dot}{ending}" if dot else f"{member.name}({number})"
        used.add(f"{member.folder}/{name}".casefold())
        yield Member(member.folder, name, member.data)
