"""The Word documents there are, beside the sheets of :mod:`perfeval.exchange.documents`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from perfeval.errors import PerfevalError
from perfeval.exchange.book import Material
from perfeval.exchange.report.context import report
from perfeval.exchange.report.notice import notice
from perfeval.exchange.report.reread import Reread, keys_in, reread
from perfeval.exchange.report.word import read_template, render, shipped
from perfeval.exchange.report.writing import Document
from perfeval.session.model import Session


@dataclass(frozen=True, slots=True)
class WordDocument:
    """A kind of Word document; ``template`` is the shipped one's name.

    ``applies`` says whether a session holds anything for it; ``needs`` is what to tell where it
    does not.
    """

    id: str
    name: str
    description: str
    applies: Callable[[Session], bool]
    says: Callable[[Material], Document]
    template: str
    needs: str


WORD_DOCUMENTS: tuple[WordDocument, ...] = (
    WordDocument(
        "report",
        "自评报告",
        "部门整体绩效自评报告（Word）：八个部分、表3-1、各指标计分过程、附自评汇总表",
        lambda session: session.department is not None,
        lambda material: report(material.session, material.card, material.findings),
        "report",
        "没有部门整体自评",
    ),
    WordDocument(
        "notice",
        "公开说明",
        "决算公开第十三部分预算绩效情况说明（Word）：总体情况、各项目自评结果",
        lambda session: (
            session.department is not None or any(True for _ in session.evaluated_projects())
        ),
        lambda material: notice(material.session, material.card),
        "notice",
        "没有部门整体自评，也没有参加自评的项目",
    ),
)


@dataclass(frozen=True, slots=True)
class WordFile:
    """A rendered Word document: its bytes and what it says (with what is still ``missing``)."""

    kind: WordDocument
    document: Document
    data: bytes


def word_file(kind: WordDocument, material: Material, template: Path | None = None) -> WordFile:
    """Return the .docx of a document, in the office's ``template`` or the shipped one.

    Raises :class:`PerfevalError` for a session that has nothing for it and for a template that
    cannot be used.
    """
    document = kind.says(material)
    if template is None:
        return WordFile(kind, document, render(document, shipped(kind.template)))
    return WordFile(kind, document, render(document, read_template(template), str(template)))


def compare(edited: bytes, material: Material, template: Path | None = None) -> list[Reread]:
    """Return which numbers of an edited Word document are not what the session says.

    The kind of document is told from the numbers in it; ``template`` is the one it was made with.
    Raises :class:`PerfevalError` for a file that is none of them.
    """
    keys = keys_in(edited)
    shared = {
        kind: len(keys & kind.says(material).figures.keys())
        for kind in WORD_DOCUMENTS
        if kind.applies(material.session)
    }
    kind = max(shared, key=lambda one: shared[one], default=None)
    if kind is None or not shared[kind]:
        told = "这份文件里没有本任务的数：不是由本任务导出的报告，或内容被粘贴到了新文件里"
        raise PerfevalError(f"{told}。请选择导出后直接修改的那份文件")
    made = word_file(kind, material, template)
    return reread(edited, made.data, made.document.figures)
