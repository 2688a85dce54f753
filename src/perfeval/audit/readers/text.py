"""A text or Markdown file: paragraphs, and tables by tabs or by ``|``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from perfeval.audit.document import (
    Document,
    Paragraph,
    Piece,
    Place,
    Table,
    caption_of,
    clean,
    joined,
)
from perfeval.exchange.intake.containers import Unreadable
from perfeval.exchange.intake.grids import MAX_COLUMNS

MAX_LINES = 400_000
_RULE = re.compile(r"\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?")


def read(text: str, name: str) -> Document:
    """Read a text. Raises :class:`Unreadable` for one that is no report."""
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise Unreadable(f"{name}：有 {len(lines)} 行，太多了，没有读取。请只留下要核对的报告")
    document = Document(name)
    for is_table, run in groupby(_runs(lines), key=lambda one: one[0]):
        numbers = [number for _, number in run]
        if is_table:
            table = _table(lines, numbers, caption_of(document.blocks))
            last = document.blocks[-1] if document.blocks else None
            if isinstance(last, Table) and _goes_on(last, table):
                document.blocks[-1] = Table(
                    [*last.rows, *table.rows], [*last.places, *table.places], last.caption
                )
            else:
                document.blocks.append(table)
        else:
            pieces = (
                Piece(lines[number], Place(number, number + 1), ends=lines[number][:1] == "#")
                for number in numbers
            )
            document.blocks.extend(joined(pieces))
    return document


def _runs(lines: list[str]) -> Iterator[tuple[bool, int]]:
    """Yield for each line that says something whether it is a row of a table, and its number."""
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        cells = line.count("\t") or (line.count("|") - 1 if line.lstrip()[:1] == "|" else 0)
        yield cells >= 1 and (bool(line.strip("\t ")) or cells > 1), number


def _table(lines: list[str], numbers: list[int], caption: tuple[str, ...]) -> Table:
    rows, places = [], []
    for number in numbers:
        line = lines[number]
        if "\t" in line:
            cells = line.split("\t")
        elif _RULE.fullmatch(line.strip()):
            continue
        else:
            cells = line.strip().strip("|").split("|")
        rows.append([clean(cell) for cell in cells[:MAX_COLUMNS]])
        places.append(Place(number, number + 1))
    return Table(rows, places, caption)


def _goes_on(table: Table, rest: Table) -> bool:
    """Whether a table goes on after a page: as wide, with no heading of its own between."""
    return bool(table.rows and rest.rows) and len(table.rows[-1]) == len(rest.rows[0])


def paragraphs(pieces: list[Piece]) -> list[Paragraph]:
    """Return the paragraphs of pieces in order."""
    return list(joined(pieces))
