"""One model of a published document, whatever file it came in: paragraphs and tables, with places.

Lines that a page or a hard break cut are joined into one paragraph; every character still knows
the line it was on. Spaces that only spread Chinese text are gone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from perfeval.exchange.intake.labels import bare
from perfeval.exchange.layout import address

MAX_PARAGRAPH = 6_000
"""A joined paragraph is cut here: no sentence of a report comes near it."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands: the line of a text, the page of a PDF, the cell of a table.

    Lines, pages and paragraphs count from 1. ``order`` is its rank in the document.
    """

    order: int
    line: int = 0
    page: int = 0
    paragraph: int = 0
    table: str = ""
    cell: str = ""

    def __str__(self) -> str:
        parts = [
            f"第{self.page}页" if self.page else "",
            f"第{self.line}行" if self.line else "",
            f"第{self.paragraph}段" if self.paragraph else "",
            self.table,
            self.cell,
        ]
        return " ".join(part for part in parts if part) or "正文"


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of a text as a reader gives it, before lines are joined."""

    text: str
    place: Place
    ends: bool = False
    """Whether a paragraph certainly ends here (a paragraph of Word, a heading)."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph: its text, and from which character on it stands at which place."""

    text: str
    starts: tuple[int, ...]
    places: tuple[Place, ...]

    def at(self, offset: int) -> Place:
        """Return the place of a character."""
        return self.places[bisect_right(self.starts, offset) - 1]

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.places[0]

    @property
    def is_heading(self) -> bool:
        """Whether it is short, numbered, and says nothing by itself."""
        text = self.text.rstrip("。")
        return len(text) <= 48 and bool(HEADING.match(text)) and not re.search("[。；，,;]", text)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: texts by row and column, what stood above it, and the place of each row."""

    rows: Sequence[Sequence[str]]
    places: Sequence[Place]
    caption: tuple[str, ...] = ()

    def text(self, row: int, column: int) -> str:
        """Return what stands in a cell, or an empty text."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else ""

    def at(self, row: int, column: int) -> Place:
        """Return the place of a cell."""
        place = self.places[row]
        if place.line:
            return Place(place.order, place.line, place.page, cell=f"第{column + 1}列")
        number = int(place.cell or row + 1) - 1
        return Place(place.order, 0, place.page, table=place.table, cell=address(number, column))


@dataclass(slots=True)
class Document:
    """A whole document in its order."""

    name: str
    blocks: list[Paragraph | Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was met while reading and not read."""

    @property
    def paragraphs(self) -> Iterator[Paragraph]:
        return (block for block in self.blocks if isinstance(block, Paragraph))

    @property
    def tables(self) -> Iterator[Table]:
        return (block for block in self.blocks if isinstance(block, Table))


HEADING = re.compile(
    r"第[一二三四五六七八九十]{1,3}部分|附件|[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]"
    r"|\d{1,2}(?:、|[.．](?:(?!\d)|(?=20\d\d年)))|[(（]\d{1,2}[)）]|[①-⑳]"
)
_BEGINS = re.compile(
    HEADING.pattern + r"|公开\d|单位[:：]|部门名称|注[:：]|说明[:：]|图\d|表\d|序号|日期|自评单位"
    r"|(?:目标|任务)\d[:：]"
)
_ENDS = "。；;：:！!？?”》"
_SPACE = re.compile(r"(?<![0-9A-Za-z])\s+|\s+(?![0-9A-Za-z])")
_WIDE = str.maketrans("０１２３４５６７８９％．，\u3000\u00a0", "0123456789%.，  ")
_UNSEEN = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b\x0e-\x1f]")
_MARKUP = re.compile(r"\*\*|__|</?[A-Za-z][^<>\n]{0,200}>|^[#>]{1,6}\s*|\\(?=[*_#])")


def clean(text: str) -> str:
    """Return a line without markup, unseen signs and the spaces that only spread it."""
    plain = _MARKUP.sub("", _UNSEEN.sub("", text)).translate(_WIDE).strip()
    return _SPACE.sub("", plain)


def _goes_on(before: str, piece: Piece, text: str) -> bool:
    """Whether a line goes on what the line before it left open."""
    return not (
        before[-1] in _ENDS
        or _BEGINS.match(text)
        or piece.text.lstrip()[:1] in "#>|"
        or (HEADING.match(before) and len(before) < 40 and not re.search(r"[，,。：:]", before))
        or before.startswith(("第四部分", "目录"))
    )


def joined(pieces: Iterable[Piece]) -> Iterator[Paragraph]:
    """Join the lines that belong together into paragraphs, in linear time."""
    texts: list[str] = []
    starts: list[int] = []
    places: list[Place] = []
    length, open_ = 0, False
    for piece in (part for one in pieces for part in _cut(one)):
        text = clean(piece.text)
        if not text:
            continue
        if texts and not (open_ and length < MAX_PARAGRAPH and _goes_on(texts[-1], piece, text)):
            yield Paragraph("".join(texts), tuple(starts), tuple(places))
            texts, starts, places, length = [], [], [], 0
        starts.append(length)
        places.append(piece.place)
        texts.append(text)
        length += len(text)
        open_ = not piece.ends
    if texts:
        yield Paragraph("".join(texts), tuple(starts), tuple(places))


def _cut(piece: Piece) -> Iterator[Piece]:
    """Yield a line in parts no longer than a paragraph may be."""
    if len(piece.text) <= MAX_PARAGRAPH:
        yield piece
        return
    for start in range(0, len(piece.text), MAX_PARAGRAPH):
        part = piece.text[start : start + MAX_PARAGRAPH]
        yield Piece(part, piece.place, piece.ends or start + MAX_PARAGRAPH >= len(piece.text))


def caption_of(blocks: Sequence[Paragraph | Table], most: int = 6) -> tuple[str, ...]:
    """Return the texts of the paragraphs just above what follows ``blocks``."""
    above: list[str] = []
    for block in reversed(blocks):
        if isinstance(block, Table) or len(above) == most:
            break
        above.append(block.text)
    return tuple(reversed(above))


def label_of(text: str) -> str:
    """Return a label as it is compared; 收支 tables write their items with numbers."""
    return bare(text)
