"""Hostile documents are refused, or read, in bounded time and memory; never a traceback."""

from __future__ import annotations

import io
import zipfile
from importlib.util import find_spec
from time import process_time

import pytest

from perfeval.audit.auditing import audit
from perfeval.audit.readers import MAX_TEXT, read_bytes
from perfeval.exchange.intake.containers import Unreadable
from tests.audit import own

PATIENCE = 30
"""CPU seconds nothing may need; the slowest takes a few."""


def taken(text: str) -> int:
    begun = process_time()
    found = audit(read_bytes(text.encode(), "报告.txt"))
    assert process_time() - begun < PATIENCE
    return len(found.findings)


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 200_000,
        "1.01万元，" * 20_000,
        "1辆，其中：" * 20_000,
        "（类）（款）（项）" * 20_000,
        "占" * 200_000 + "5%",
        "“" * 200_000,
        "\n".join("1.00\t" * 40 for _ in range(2_000)),
        "\n".join(f"支出合计{n}.01万元，占{n}%。" for n in range(5_000)),
        "公开05表\n" + "\n".join(f"{n:07}\t名{n}\t1.00\t1.00" for n in range(5_000)),
        "\n".join(f"{n}、项目{n}绩效自评情况：得分为{n}分。" for n in range(5_000)),
    ],
    ids=[
        "digits",
        "money",
        "counts",
        "paths",
        "share",
        "quotes",
        "table",
        "fact",
        "codes",
        "projects",
    ],
)
def test_a_hostile_text_ends(text: str) -> None:
    taken(text)


def test_a_text_of_a_hundred_megabytes_is_refused_unread() -> None:
    with pytest.raises(Unreadable, match="MB"):
        read_bytes(b"1" * 100 * 1024 * 1024, "大.txt")
    with pytest.raises(Unreadable, match="MB"):
        read_bytes(b"<html>" + b"1" * MAX_TEXT, "大.html")


def test_tables_inside_tables_without_end_are_refused() -> None:
    with pytest.raises(Unreadable, match="套"):
        read_bytes(b"<html>" + b"<table><tr><td>" * 100_000, "深.html")


def test_a_web_page_that_spans_beyond_measure_is_refused_or_cut() -> None:
    row = b"<tr>" + b"<td colspan=9999 rowspan=9999>1</td>" * 3 + b"</tr>"
    read_bytes(b"<html><table>" + row * 50 + b"</table>", "宽.html")
    with pytest.raises(Unreadable, match="太大"):
        read_bytes(b"<html><table>" + row * 20_000 + b"</table>", "宽.html")


@pytest.mark.parametrize("text", ["<table><tr>", "<td>1</td></table></table>", "<html><p><b>x", ""])
def test_a_page_left_open_is_read_as_far_as_it_goes(text: str) -> None:
    read_bytes(f"<html>{text}".encode(), "断.html")


def test_a_word_file_that_is_a_bomb_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"<w>" + b" " * 120 * 1024 * 1024)
    with pytest.raises(Unreadable, match="MB"):
        read_bytes(buffer.getvalue(), "炸弹.docx")


def test_what_is_no_document_says_what_to_do() -> None:
    for data in (b"", b"PK\x03\x04broken", b"\x00\x01\x02", own.as_word("一段")[:900]):
        with pytest.raises(Unreadable, match="请"):
            read_bytes(data, "坏.docx")


@pytest.mark.skipif(find_spec("pdfplumber") is None, reason="perfeval[pdf] is not installed")
@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n" + b"\x00" * 1_000,
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj trailer<</Root 1 0 R>>",
        own.as_pdf("一段文字")[:700],
        own.as_pdf(""),
    ],
    ids=["zeros", "own parent", "cut", "no text"],
)
def test_a_broken_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable, match="请"):
        read_bytes(data, "坏.pdf")
