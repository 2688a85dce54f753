"""Everything that leaves, by the names people call it: Excel, Word, 上报材料包, 公开版.

One function for the command line and the interface; what each kind is made of is in
:mod:`.documents`, :mod:`.report.documents`, :mod:`.material` and :mod:`.public`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from perfeval.errors import PerfevalError, Problem, nearest
from perfeval.exchange import material as handed_in
from perfeval.exchange.book import Material, Progress
from perfeval.exchange.documents import DOCUMENTS, chosen, made, together
from perfeval.exchange.filenames import file_name
from perfeval.exchange.public import (
    PUBLIC_DOCUMENTS,
    Differing,
    public,
    require_publishable,
)
from perfeval.exchange.report.documents import WORD_DOCUMENTS, WordDocument, word_file
from perfeval.exchange.report.ooxml import without_metadata
from perfeval.exchange.workbook import TITLE, Written, export
from perfeval.exchange.writer import render, write_file
from perfeval.settings import FILE_NAME

PACKAGE = handed_in.NAME
PUBLIC = "公开版"


@dataclass(frozen=True, slots=True)
class Sent:
    """What was written, what is still to be written or to be looked at.

    ``differing`` are the numbers a public version has otherwise than the internal one.
    """

    files: tuple[Written, ...]
    missing: tuple[Problem, ...] = ()
    differing: tuple[Differing, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """How documents are to leave.

    ``template`` is the office's own Word template, ``pattern`` how files are called, ``evidence``
    the files of 佐证材料 by SHA-256, for the package. ``separate`` makes a workbook of each form.
    """

    names: tuple[str, ...] = ()
    separate: bool = False
    pattern: str = FILE_NAME
    template: Path | None = None
    evidence: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A file made and not yet written: its 文种, its ending, its content, what is in it."""

    name: str
    ending: str
    data: bytes
    holds: tuple[str, ...] = ()


def known_names() -> tuple[str, ...]:
    """Return the names of everything that can be exported."""
    return (*(one.name for one in DOCUMENTS), *(one.name for one in WORD_DOCUMENTS), PACKAGE)


def send(
    material: Material, folder: Path, wanted: Wanted, on_progress: Progress | None = None
) -> Sent:
    """Write the wanted documents into ``folder``; without names the workbook of all forms.

    Raises :class:`PerfevalError` for an unknown name, for a document the session has nothing for,
    for a folder that cannot be written. Each file is there whole or not at all.
    """
    forms, word, package = _sorted(material, wanted.names)
    files: list[Written] = []
    missing: list[Problem] = []
    ready: list[_Ready] = []
    if forms or not wanted.names:
        files += export(
            material,
            folder,
            forms,
            separate=wanted.separate,
            pattern=wanted.pattern,
            on_progress=on_progress,
        )
    for kind in word:
        one = word_file(kind, material, wanted.template)
        ready.append(_Ready(kind.name, "docx", one.data))
        missing += one.document.missing
    if package:
        packed = handed_in.material_package(
            material,
            pattern=wanted.pattern,
            template=wanted.template,
            evidence=wanted.evidence,
        )
        ready.append(_Ready(PACKAGE, "zip", packed.data, packed.names))
        missing += packed.missing
    files += [_written(material, folder, wanted, one) for one in ready]
    return Sent(tuple(files), tuple(dict.fromkeys(missing)))


def send_public(material: Material, folder: Path, wanted: Wanted) -> Sent:
    """Write the 公开版 of the wanted documents; without names all that are made public.

    Raises :class:`Findings` where a text must not be published, :class:`PerfevalError` as
    :func:`send` does and for a document that is never public.
    """
    forms, word, package = _sorted(material, wanted.names)
    shown = public(material.session, material.find)
    open_material = Material(shown.session, shown.card, material.find)
    if not wanted.names:
        word = [one for one in WORD_DOCUMENTS if one.applies(shown.session)]
        forms = [
            one.name
            for one in DOCUMENTS
            if one.id in PUBLIC_DOCUMENTS and one.applies(shown.session)
        ]
    picked = chosen(shown.session, forms) if forms else ()
    refused = [one.name for one in picked if one.id not in PUBLIC_DOCUMENTS]
    refused += [PACKAGE] if package else []
    if refused:
        raise PerfevalError(f"{refused[0]}不公开，只有内部上报版。请从 --documents 中去掉")
    missing = [*shown.warnings]
    ready: list[_Ready] = []
    for kind in word:
        one = word_file(kind, open_material, wanted.template)
        require_publishable(one.data, kind.name)
        missing += one.document.missing
        ready.append(_Ready(f"{kind.name}（{PUBLIC}）", "docx", one.data))
    if picked:
        name, unit = f"{TITLE}（{PUBLIC}）", shown.session.unit
        title = file_name(unit, shown.session.year, name, wanted.pattern)
        pages = together(made(open_material), picked, shown.session)
        workbook = without_metadata(render(pages, title), title)
        ready.append(_Ready(name, "xlsx", workbook, tuple(one.name for one in picked)))
    files = [_written(open_material, folder, wanted, one) for one in ready]
    return Sent(tuple(files), tuple(dict.fromkeys(missing)), shown.differing)


def _sorted(material: Material, names: Iterable[str]) -> tuple[list[str], list[WordDocument], bool]:
    """Return the names of forms, the Word documents, and whether the package is wanted."""
    forms: list[str] = []
    word: list[WordDocument] = []
    package = False
    for name in (name.strip() for name in names):
        if not name:
            continue
        # The report is asked for by its full title too: 部门整体绩效自评报告.
        mine = [one for one in WORD_DOCUMENTS if name == one.id or name.endswith(one.name)]
        if name in ("package", PACKAGE):
            package = True
        elif mine:
            word += [one for one in mine if one not in word]
        elif any(name == one.id or one.name.endswith(name) for one in DOCUMENTS):
            forms.append(name)
        else:
            told = nearest(name, known_names()) or f"可选：{'、'.join(known_names())}"
            raise PerfevalError(f"没有“{name}”这种文件。{told}")
    for one in word:
        if not one.applies(material.session):
            raise PerfevalError(f"不能导出{one.name}：{one.needs}")
    return forms, word, package


def _written(material: Material, folder: Path, wanted: Wanted, ready: _Ready) -> Written:
    unit, year = material.session.unit, material.session.year
    target = folder / f"{file_name(unit, year, ready.name, wanted.pattern)}.{ready.ending}"
    path = write_file(target, ready.data)
    instead = target if path != target else None
    return Written(path, len(ready.data), ready.holds or (ready.name,), instead)
