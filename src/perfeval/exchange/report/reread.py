"""An edited report read back: which of its numbers somebody changed by hand.

A number in a document is a spot: a run in the character style of the numbers, a bookmark that
names what it is, or both. The style stays on what is typed over a number even where Word drops
the bookmark; such a spot is known by its place between its neighbours. Text around the numbers
may be changed at will. Numbers are compared as numbers: 96.4 is still 96.40.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from io import BytesIO
from typing import Any, Literal
from zipfile import BadZipFile, ZipFile

from lxml import etree  # type: ignore[import-untyped]

from perfeval.errors import PerfevalError
from perfeval.exchange.report.figures import Printed
from perfeval.exchange.report.ooxml import BOOKMARK, FIGURE_STYLE, style_of, text_key, text_of, w
from perfeval.numbers import Exact, figure, to_ascii

Kind = Literal["手工改动", "任务已更新", "找不到"]
CONTEXT = 12
"""So many characters on either side are looked for where a number lost its style and bookmark."""

_NAME = re.compile(rf"{BOOKMARK}([0-9a-f]{{16}})_([0-9a-f]{{8}})_[0-9a-f]+")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?[%‰]?")


@dataclass(frozen=True, slots=True)
class Reread:
    """A number that is not what the session says: ``was`` computed, ``now`` in the document.

    手工改动: changed by hand · 任务已更新: untouched, but the session has another number since ·
    找不到: the document no longer has it. ``where`` is the heading above it.
    """

    kind: Kind
    where: str
    name: str
    path: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that holds a number. ``key`` and ``exported`` come from its bookmark, if any."""

    text: str
    where: str
    key: str = ""
    exported: str = ""
    before: str = ""
    after: str = ""
    number: int = 0


def keys_in(data: bytes) -> set[str]:
    """Return the keys of the numbers a document holds, which tell what kind it is.

    Raises :class:`PerfevalError` for a file that is no .docx.
    """
    return {spot.key for spot in _Read(data).spots if spot.key}


def reread(edited: bytes, made: bytes, figures: Mapping[str, Printed]) -> list[Reread]:
    """Return the numbers of ``edited`` that differ from those of ``made``, in reading order.

    ``made`` is the document as the session gives it now, ``figures`` its numbers by key. Raises
    :class:`PerfevalError` for a file that is no .docx.
    """
    ours, theirs = _Read(made), _Read(edited)
    found = list(_paired(ours.spots, theirs.spots))
    lost = [one for one, spot in found if spot is None]
    spots = [spot for spot in theirs.spots if spot.key]
    spots += [_as(one, spot) for one, spot in found if spot is not None and not spot.key]
    changed = [_compared(spot, figures.get(spot.key)) for spot in sorted(spots, key=_order)]
    changed += [_missing(one, figures[one.key], theirs.text) for one in lost]
    return [one for one in changed if one is not None]


def _order(spot: Spot) -> int:
    return spot.number


def _as(ours: Spot, theirs: Spot) -> Spot:
    """Return a spot without a bookmark as what its place says it is."""
    return replace(theirs, key=ours.key, exported=text_key(ours.text))


def _compared(spot: Spot, known: Printed | None) -> Reread | None:
    if known is None:
        return Reread("任务已更新", spot.where, "任务中已没有的数", "", "", spot.text)
    if same(known.text, spot.text):
        return None
    untouched = text_key(spot.text) == spot.exported
    kind: Kind = "任务已更新" if untouched else "手工改动"
    return Reread(kind, spot.where, known.name, known.path, known.text, spot.text)


def _missing(spot: Spot, known: Printed, text: str) -> Reread | None:
    """Look for a number that lost its mark by the words around it."""
    around = [re.escape(words) for words in (spot.before, spot.after)]
    if all(len(words) > 1 for words in (spot.before, spot.after)):
        matches = re.findall(f"{around[0]}(.{{0,40}}?){around[1]}", text)
        if len(matches) == 1:
            now = matches[0].strip()
            if same(known.text, now):
                return None
            return Reread("手工改动", spot.where, known.name, known.path, known.text, now)
    return Reread("找不到", spot.where, known.name, known.path, known.text, "")


# --- pairing ---------------------------------------------------------------------------------


def _paired(ours: Sequence[Spot], theirs: Sequence[Spot]) -> Iterator[tuple[Spot, Spot | None]]:
    """Yield each of our spots with theirs in the same place, None where there is none."""
    their_keys = [spot.key or f"?{index}" for index, spot in enumerate(theirs)]
    matcher = SequenceMatcher(None, [spot.key for spot in ours], their_keys, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            yield from zip(ours[first:last], theirs[start:end], strict=True)
            continue
        open_spots = [spot for spot in theirs[start:end] if not spot.key]
        elsewhere = {spot.key for spot in theirs[start:end]}
        yield from _by_place(
            [one for one in ours[first:last] if one.key not in elsewhere], open_spots
        )


def _by_place(ours: Sequence[Spot], theirs: list[Spot]) -> Iterator[tuple[Spot, Spot | None]]:
    """Pair spots that lie between the same neighbours: one for one, else by what they say."""
    if len(ours) == len(theirs):
        yield from zip(ours, theirs, strict=True)
        return
    rest = list(theirs)
    for one in ours:
        alike = next((spot for spot in rest if _alike(one, spot)), None)
        if alike is not None:
            rest.remove(alike)
        yield one, alike


def _alike(ours: Spot, theirs: Spot) -> bool:
    around = bool(ours.before or ours.after) and (ours.before, ours.after) == (
        theirs.before,
        theirs.after,
    )
    return around or same(ours.text, theirs.text)


def same(was: str, now: str) -> bool:
    """Whether two texts hold the same numbers; where ``was`` holds none, the same words."""
    ours, theirs = _plain(was), _plain(now)
    if ours == theirs:
        return True
    numbers = list(_numbers(ours))
    if not numbers:
        return bool(ours) and ours in theirs
    whole = re.search(rf"(?<![\d.]){re.escape(ours)}(?![\d.%])", theirs)
    return bool(whole) or numbers == list(_numbers(theirs))


def _plain(text: str) -> str:
    return "".join(to_ascii(text).split())


def _numbers(text: str) -> Iterator[Exact | str]:
    for found in _NUMBER.findall(text):
        value = figure(found).value
        yield found if value is None else value


# --- reading ---------------------------------------------------------------------------------

MB = 1024 * 1024
MAX_XML = 100 * MB
_LOST = frozenset({w("del"), w("moveFrom")})


class _Read:
    """The spots of a document in reading order, and its whole text."""

    def __init__(self, data: bytes) -> None:
        root, styles = _parts(data)
        self.style = _style_id(styles)
        self.headings = _heading_ids(styles)
        self.spots: list[Spot] = []
        lines = []
        where = "封面"
        for paragraph in root.iter(w("p")):
            text = "".join(text for text, _, _ in self._pieces(paragraph))
            lines.append(text)
            if style_of(paragraph) in self.headings and text.strip():
                where = text.strip()
            for spot in self._spots(paragraph, where):
                self.spots.append(replace(spot, number=len(self.spots)))
        self.text = "\n".join(lines)

    def _spots(self, paragraph: Any, where: str) -> Iterator[Spot]:
        """Yield the spots of a paragraph: pieces in style or bookmarked that touch."""
        pieces = list(self._pieces(paragraph))
        whole = "".join(text for text, _, _ in pieces)
        start = 0
        for name, group in _runs(pieces):
            text = "".join(text for text, _, _ in group)
            end = start + len(text)
            if name is not None:
                match = _NAME.fullmatch(name)
                key, exported = match.groups() if match else ("", "")
                before, after = whole[max(0, start - CONTEXT) : start], whole[end : end + CONTEXT]
                yield Spot(text, where, key, exported, before, after)
            start = end

    def _pieces(self, paragraph: Any) -> Iterator[tuple[str, bool, str]]:
        """Yield (text, in the numbers' style, bookmark it lies in) of a paragraph's runs."""
        open_names: dict[str, str] = {}
        for element in paragraph.iter(w("bookmarkStart"), w("bookmarkEnd"), w("r")):
            number = element.get(w("id"), "")
            if element.tag == w("bookmarkStart"):
                if (name := element.get(w("name"), "")).startswith(BOOKMARK):
                    open_names[number] = name
            elif element.tag == w("bookmarkEnd"):
                open_names.pop(number, None)
            elif not any(one.tag in _LOST for one in element.iterancestors()):
                styled = element.find(f"{w('rPr')}/{w('rStyle')}")
                is_figure = styled is not None and styled.get(w("val")) == self.style
                name = next(iter(open_names.values()), "")
                yield text_of(element), is_figure, name


_Piece = tuple[str, bool, str]


def _runs(pieces: Sequence[_Piece]) -> Iterator[tuple[str | None, list[_Piece]]]:
    """Yield (bookmark, pieces) of each spot, and (None, pieces) of the text between.

    Pieces in style that touch a bookmark belong to it; two bookmarks are two spots.
    """
    held: list[_Piece] = []
    name: str | None = None
    for piece in pieces:
        _, styled, bookmark = piece
        now = bookmark if styled or bookmark else None
        if held and not _touch(name, now):
            yield name, held
            held, name = [], None
        name = name or now if held else now
        held.append(piece)
    if held:
        yield name, held


def _touch(name: str | None, other: str | None) -> bool:
    """Whether two pieces side by side are one: both text, or parts of one spot."""
    if name is None or other is None:
        return name is other
    return not name or not other or name == other


def _parts(data: bytes) -> tuple[Any, Any]:
    """Return the parsed document and styles. Raises :class:`PerfevalError` for anything else."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = ("word/document.xml", "word/styles.xml")
            if any(archive.getinfo(name).file_size > MAX_XML for name in names):
                raise PerfevalError(f"文件解开后超过 {MAX_XML // MB} MB，不能读取")
            document, styles = (etree.fromstring(archive.read(name), parser) for name in names)
    except (BadZipFile, KeyError, ValueError, OSError, RuntimeError, etree.XMLSyntaxError) as error:
        told = "不是 Word 文档（.docx），或已加密、损坏"
        raise PerfevalError(f"{told}。请在 Word 中另存为不加密码的 .docx 再试") from error
    return document, styles


def _style_id(styles: Any) -> str:
    for style in styles.iter(w("style")):
        named = style.find(w("name"))
        if named is not None and named.get(w("val")) == FIGURE_STYLE:
            return str(style.get(w("styleId"), ""))
    return ""


def _heading_ids(styles: Any) -> frozenset[str]:
    return frozenset(_headings(styles.iter(w("style"))))


def _headings(styles: Iterable[Any]) -> Iterator[str]:
    for style in styles:
        named = style.find(w("name"))
        if named is not None and named.get(w("val"), "").lower().startswith("heading "):
            yield style.get(w("styleId"), "")
