"""The paragraphs and tables of a Word file as one grid, one below the other.

A form cut by a page often is two tables; below one another they are one again.
"""

from __future__ import annotations

import io
from typing import Any

from perfeval.exchange.intake import containers
from perfeval.exchange.intake.containers import Unreadable
from perfeval.exchange.intake.grids import MAX_COLUMNS, MAX_ROWS, Grid, Merge, plain_text


def read(data: bytes, name: str) -> Grid:
    """Read a Word file. Raises :class:`Unreadable`."""
    ready = containers.container(containers.parts_of(data, name, keep_all=True))
    try:
        from docx import Document

        document = Document(io.BytesIO(ready))
        body = document.element.body
    except Exception as error:
        raise Unreadable(f"{name}：Word 文件已损坏，读不了。请另存为 .docx 后再试") from error
    reader = _Paragraphs()
    for element in body.iterchildren():
        kind = element.tag.rpartition("}")[2]
        if kind == "p":
            reader.paragraph(_text_below(element))
        elif kind == "tbl":
            reader.table(element)
        if len(reader.cells) > MAX_ROWS:
            raise Unreadable(f"{name}：内容太多，没有读取。请只留下要交的表")
    return Grid(name, reader.cells, reader.merges, places=reader.places)


class _Paragraphs:
    """Puts the paragraphs and tables of a Word file below one another."""

    def __init__(self) -> None:
        self.cells: list[list[str]] = []
        self.merges: list[Merge] = []
        self.places: list[tuple[str, int]] = []
        self.paragraphs = self.tables = 0

    def paragraph(self, text: str) -> None:
        if text := plain_text(text):
            self.cells.append([text])
            self.places.append(("", self.paragraphs))
        self.paragraphs += 1

    def table(self, table: Any) -> None:
        self.tables += 1
        open_at: dict[int, tuple[int, int]] = {}  # column → row and width of a cell going on down
        rows = [child for child in table.iterchildren() if child.tag.endswith("}tr")]
        for number, row in enumerate(rows):
            at = len(self.cells)
            texts: list[str] = []
            for cell in (child for child in row.iterchildren() if child.tag.endswith("}tc")):
                column = len(texts)
                if column > MAX_COLUMNS:
                    break
                span, going_on = _spans(cell)
                span = min(span, MAX_COLUMNS)
                text = plain_text(_text_below(cell)) if going_on != "continue" else ""
                texts += [text, *[""] * (span - 1)]
                if going_on == "continue" and column in open_at:
                    top, wide = open_at[column]
                    self._extend(top, column, at, column + wide - 1)
                elif going_on == "restart":
                    open_at[column] = at, span
                else:
                    open_at.pop(column, None)
                if span > 1 and going_on != "continue":
                    self.merges.append((at, column, at, column + span - 1))
            self.cells.append(texts)
            self.places.append((f"表{self.tables}", number))

    def _extend(self, top: int, left: int, bottom: int, right: int) -> None:
        self.merges = [one for one in self.merges if one[:2] != (top, left)]
        self.merges.append((top, left, bottom, right))


def _spans(cell: Any) -> tuple[int, str]:
    """Return how many columns a Word cell takes, and whether it begins or goes on downwards."""
    span, going_on = 1, ""
    for part in cell.iterchildren():
        if not part.tag.endswith("}tcPr"):
            continue
        for mark in part.iterchildren():
            kind = mark.tag.rpartition("}")[2]
            value = next((v for k, v in mark.attrib.items() if k.endswith("}val")), "")
            if kind == "gridSpan" and value.isdigit():
                span = max(1, int(value[:4]))
            elif kind == "vMerge":
                going_on = value or "continue"
    return span, going_on


def _text_below(element: Any) -> str:
    """Return the text of a Word element, a line for each paragraph in it."""
    lines: list[str] = []
    for part in element.iter():
        if not isinstance(part.tag, str):
            continue
        kind = part.tag.rpartition("}")[2]
        if kind == "p":
            lines.append("")
        elif kind == "t" and part.text:
            if lines:
                lines[-1] += part.text
            else:
                lines.append(part.text)
        elif kind in {"tab", "br"} and lines and part.getparent().tag.endswith("}r"):
            lines[-1] += " "
    return "\n".join(line for line in lines if line.strip())
