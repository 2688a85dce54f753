"""A PDF with a text layer, read by pdfplumber in a process of its own with limits.

A broken PDF can ask for all memory or never end; so reading it is not done here.
``python -m perfeval.audit.readers.pdf`` takes the file on standard input and gives its pages as
JSON. Install ``perfeval[pdf]`` for it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

from perfeval.audit.document import Document, Piece, Place, Table, caption_of, clean, joined
from perfeval.exchange.intake.containers import Unreadable

MAX_MEMORY = 1_500 * 1024 * 1024
MAX_SECONDS = 120
MAX_PAGES = 600
MAX_OUTPUT = 60_000_000


def read(data: bytes, name: str) -> Document:
    """Read a PDF. Raises :class:`Unreadable`: no text layer, broken, too slow, not installed."""
    if find_spec("pdfplumber") is None:
        raise Unreadable(f"{name}：是 PDF，读它要另装一个部件：pip install 'perfeval[pdf]'")
    command = [sys.executable, "-m", "perfeval.audit.readers.pdf"]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=MAX_SECONDS, check=False
        )
        answer = json.loads(done.stdout[:MAX_OUTPUT])
    except subprocess.TimeoutExpired:
        told = f"{MAX_SECONDS} 秒没有读完，已停止。请拆成几个文件，或索取 Word 文件"
        raise Unreadable(f"{name}：{told}") from None
    except (OSError, ValueError):
        raise Unreadable(f"{name}：PDF 已损坏，读不了。请重新索取，或索取 Word 文件") from None
    if "refused" in answer:
        raise Unreadable(f"{name}：{answer['refused']}")
    return _document(answer["pages"], name)


def _document(pages: list[dict[str, Any]], name: str) -> Document:
    document = Document(name)
    pieces: list[Piece] = []
    order = tables = 0
    for number, page in enumerate(pages, 1):
        for part in page["parts"]:
            order += 1
            if isinstance(part, str):
                pieces.append(Piece(part, Place(order, page=number)))
                continue
            document.blocks.extend(joined(pieces))
            pieces.clear()
            tables += 1
            rows = [[clean((cell or "").replace("\n", "")) for cell in row] for row in part]
            places = [
                Place(order, page=number, table=f"表{tables}", cell=str(row + 1))
                for row in range(len(rows))
            ]
            last = document.blocks[-1] if document.blocks else None
            if isinstance(last, Table) and len(last.rows[-1]) == len(rows[0]):
                document.blocks[-1] = Table(
                    [*last.rows, *rows], [*last.places, *places], last.caption
                )
            else:
                document.blocks.append(Table(rows, places, caption_of(document.blocks)))
    document.blocks.extend(joined(pieces))
    if not document.blocks:
        raise Unreadable(f"{name}：是扫描件，没有文字层，读不了。请索取 Word 文件或带文字层的 PDF")
    return document


# --- in the process apart --------------------------------------------------------------------


def main() -> None:
    """Read standard input, write the pages."""
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    try:
        answer: dict[str, Any] = {"pages": _pages(sys.stdin.buffer.read())}
    except Unreadable as error:
        answer = {"refused": str(error)}
    except Exception:
        answer = {"refused": "PDF 已损坏或设了密码，读不了。请重新索取，或索取 Word 文件"}
    sys.stdout.write(json.dumps(answer, ensure_ascii=True))


def _pages(data: bytes) -> list[dict[str, Any]]:
    """Return each page's lines and tables from top to bottom; page numbers are left out."""
    import io

    from pdfplumber.pdf import PDF

    pages = []
    book = PDF(io.BytesIO(data))
    try:
        if len(book.pages) > MAX_PAGES:
            raise Unreadable(f"有 {len(book.pages)} 页，超过 {MAX_PAGES} 页，没有读取。请拆开")
        for page in book.pages:
            tables = [one for one in page.find_tables() if len(one.rows) > 1]
            parts: list[tuple[float, Any]] = [(one.bbox[1], one.extract()) for one in tables]
            rest = page
            for one in tables:
                rest = rest.outside_bbox(one.bbox)
            for line in rest.extract_text_lines(return_chars=False):
                text = line["text"].strip()
                is_number = text.strip("-—– ").isdigit() and line["top"] > page.height * 0.88
                if text and not is_number:
                    parts.append((line["top"], text))
            parts.sort(key=lambda part: part[0])
            pages.append({"parts": [part for _, part in parts]})
            page.close()
    finally:
        book.close()
    return pages


if __name__ == "__main__":
    main()
