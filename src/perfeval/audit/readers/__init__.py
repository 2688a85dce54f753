"""Files of any kind offices publish in → :class:`~perfeval.audit.document.Document`.

No name is believed: the content says what a file is. Everything is bounded before it is read;
PDF is read by a process of its own.
"""

from __future__ import annotations

from pathlib import Path

from perfeval.audit.document import Document
from perfeval.exchange.intake import containers
from perfeval.exchange.intake.containers import MB, Kind, Unreadable

MAX_TEXT = 6 * MB
"""The largest text or web page: a report of more than a thousand pages."""
_PAGES = (b"<html", b"<!doctype html", b"<table", b"<meta", b"<style", b"<head", b"<body", b"<div")


def read(path: Path) -> Document:
    """Read a document. Raises :class:`Unreadable` with the cause and what to do."""
    return read_bytes(containers.content(path), path.name)


def read_bytes(data: bytes, name: str) -> Document:
    """Read a document given as bytes; ``name`` is for messages."""
    head = data[:2048].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if head.startswith(b"%pdf"):
        from perfeval.audit.readers import pdf

        return pdf.read(data, name)
    if head.startswith(_PAGES) or (head.startswith(b"<?xml") and b"<html" in head):
        from perfeval.audit.readers import web

        return web.read(decoded(data, name), name)
    kind = containers.kind_of(data, name)
    if kind is Kind.TEXT:
        from perfeval.audit.readers import text

        return text.read(decoded(data, name), name)
    from perfeval.audit.readers import grids

    return grids.read(data, name, is_word=kind is Kind.DOCX)


def decoded(data: bytes, name: str) -> str:
    """Return the text of a file whose size is bounded. Raises :class:`Unreadable`."""
    if len(data) > MAX_TEXT:
        raise Unreadable(
            f"{name}：有 {len(data) / MB:.0f} MB 文字，超过 {MAX_TEXT // MB} MB，没有读取。"
            "请只留下要核对的报告"
        )
    return containers.decode(data, name)
