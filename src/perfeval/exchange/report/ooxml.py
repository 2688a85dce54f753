"""Finishing touches to the XML of a rendered Word file, and what every Office file hides.

What a template cannot say by itself: bookmarks around numbers, widths of tables whose columns
depend on the set, the entries of the table of contents, charts in their places.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from hashlib import sha256
from io import BytesIO
from itertools import count
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree  # type: ignore[import-untyped]

from perfeval.exchange.report.figures import CHART, GUARD, MARKED

FIGURE_STYLE = "核算数"
"""The character style of every number the program puts in; :mod:`.reread` looks for it."""
BOOKMARK = "_pf_"
"""Bookmarks begin so; Word does not list names that begin with an underscore."""
FIRST_FIGURE, FIRST_HEADING = 1_000_000, 900_000
"""Where the numbers of our bookmarks begin, above those a template has."""
LONG_CELL = 600
"""A row with a text of more characters may be cut: it may not fit on any page."""

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def w(name: str) -> str:
    """Return a WordprocessingML name with its namespace."""
    return f"{{{_W}}}{name}"


def _new(tag: str, /, **attributes: str) -> Any:
    made = etree.Element(w(tag), nsmap={"w": _W})
    for key, value in attributes.items():
        made.set(w(key), value)
    return made


# --- numbers ---------------------------------------------------------------------------------


def bookmark_figures(roots: Iterable[Any], style: str) -> None:
    """Turn every mark into a run of the character ``style`` inside a bookmark.

    The bookmark is named after the number's key and the text it has now, so that a reader can
    tell a number changed by hand from one that is merely out of date. The style stays on what
    somebody types over the number, even where the bookmark is lost.
    """
    numbers = count(FIRST_FIGURE)
    for root in roots:
        for text in list(root.iter(w("t"))):
            if text.text and (MARKED.search(text.text) or GUARD in text.text):
                _replace(text, numbers, style)


def text_key(text: str) -> str:
    """Return the short key of a number's text, as the bookmark's name holds it."""
    return sha256(text.encode()).hexdigest()[:8]


def _replace(text: Any, numbers: Iterator[int], style: str) -> None:
    """Cut the run that holds ``text`` at its marks."""
    run = text.getparent()
    whole = text.text.replace(GUARD, "")
    if not MARKED.search(whole) or run.tag != w("r"):
        text.text = MARKED.sub(r"\2", whole)
        return
    before, after = _copy(run), _copy(run)
    for child in list(run):
        if child is text:
            break
        if child.tag != w("rPr"):
            before.append(child)
    for child in list(text.itersiblings()):
        after.append(child)
    pieces = [before] if len(_content(before)) else []
    end = 0
    for match in MARKED.finditer(whole):
        if plain := whole[end : match.start()]:
            pieces.append(_with_text(run, plain))
        key, shown = match.groups()
        number = next(numbers)
        name = f"{BOOKMARK}{key}_{text_key(shown)}_{number - FIRST_FIGURE:x}"
        figure = _with_text(run, shown)
        properties = figure.find(w("rPr"))
        if properties is None:
            properties = _new("rPr")
            figure.insert(0, properties)
        for old in properties.findall(w("rStyle")):
            properties.remove(old)
        properties.insert(0, _new("rStyle", val=style))
        pieces += [
            _new("bookmarkStart", id=str(number), name=name),
            figure,
            _new("bookmarkEnd", id=str(number)),
        ]
        end = match.end()
    if plain := whole[end:]:
        pieces.append(_with_text(run, plain))
    if len(_content(after)):
        pieces.append(after)
    for piece in pieces:
        run.addprevious(piece)
    run.getparent().remove(run)


def _copy(run: Any) -> Any:
    """Return an empty run that looks like ``run``."""
    made = _new("r")
    if (properties := run.find(w("rPr"))) is not None:
        made.append(deepcopy(properties))
    return made


def _content(run: Any) -> list[Any]:
    return [child for child in run if child.tag != w("rPr")]


def _with_text(run: Any, text: str) -> Any:
    made = _copy(run)
    shown = etree.SubElement(made, w("t"))
    shown.text = text
    shown.set(_XML_SPACE, "preserve")
    return made


# --- tables ----------------------------------------------------------------------------------


def fit_tables(root: Any) -> None:
    """Give each table the grid its rows ask for, and let a row with a very long text be cut.

    A table whose columns were repeated by the template has the widths of its cells, but a grid
    of another number of columns; readers that follow the grid would draw it wrong.
    """
    for table in root.iter(w("tbl")):
        rows = table.findall(w("tr"))
        grid = table.find(w("tblGrid"))
        widest = max(rows, key=lambda row: len(row.findall(w("tc"))), default=None)
        if grid is None or widest is None:
            continue
        _fit(table, rows, widest, grid)
        for row in rows:
            if any(len(text_of(cell)) > LONG_CELL for cell in row.findall(w("tc"))):
                for mark in list(row.iter(w("cantSplit"))):
                    mark.getparent().remove(mark)


def _fit(table: Any, rows: Sequence[Any], widest: Any, grid: Any) -> None:
    if list(table.iter(w("gridSpan"))):
        return
    said = table.find(f"{w('tblPr')}/{w('tblW')}")
    fixed = said is not None and said.get(w("type")) == "dxa"
    columns = sum(int(float(column.get(w("w"), "0"))) for column in grid)
    total = int(float(said.get(w("w"), "0"))) if fixed else columns
    asked = [_width(cell) for cell in widest.findall(w("tc"))]
    if not total or not all(asked):
        return
    widths = [int(width * total / sum(asked)) for width in asked]
    for column in list(grid):
        grid.remove(column)
    grid.extend(_new("gridCol", w=str(width)) for width in widths)
    for row in rows:
        for cell, width in zip(row.findall(w("tc")), widths, strict=False):
            held = cell.find(f"{w('tcPr')}/{w('tcW')}")
            if held is not None:
                held.set(w("w"), str(width))


def _width(cell: Any) -> int:
    held = cell.find(f"{w('tcPr')}/{w('tcW')}")
    return int(float(held.get(w("w"), "0"))) if held is not None else 0


# --- table of contents -----------------------------------------------------------------------


def fill_contents(root: Any, levels: Mapping[str, int], entry_styles: Mapping[int, str]) -> bool:
    """Write the headings into a contents field that stands in one paragraph; say if there is one.

    ``levels`` gives the level of a heading's style id, ``entry_styles`` the style of an entry.
    Page numbers are fields: Word works them out when it opens the file.
    """
    fields = [text for text in root.iter(w("instrText")) if _is_contents(text.text)]
    for field in fields:
        place = next(field.iterancestors(w("p")), None)
        if place is None or len(list(place.iter(w("fldChar")))) != 3:
            continue  # made by Word itself, over many paragraphs: Word will fill it
        headings = [
            (level, paragraph)
            for paragraph in root.iter(w("p"))
            if (level := levels.get(style_of(paragraph), 9)) <= 2 and text_of(paragraph).strip()
        ]
        _entries(place, headings, entry_styles)
    return bool(fields)


def _is_contents(text: str | None) -> bool:
    return (text or "").split()[:1] == ["TOC"]


def style_of(paragraph: Any) -> str:
    """Return the style id of a paragraph, or an empty text."""
    held = paragraph.find(f"{w('pPr')}/{w('pStyle')}")
    return held.get(w("val"), "") if held is not None else ""


def text_of(element: Any) -> str:
    """Return the text of an element as read, deleted text of tracked changes left out."""
    return "".join(part.text or "" for part in element.iter(w("t")))


def _entries(
    place: Any, headings: Sequence[tuple[int, Any]], entry_styles: Mapping[int, str]
) -> None:
    runs = list(place.iter(w("r")))
    start, instruction, separate, *_, end = runs
    lines = []
    for index, (level, heading) in enumerate(headings):
        name = f"_Toc{90_000_000 + index}"
        _bookmark(heading, name, FIRST_HEADING + index)
        lines.append(_entry(level, text_of(heading), name, entry_styles))
    if not lines:
        return
    first = lines[0].find(w("hyperlink"))
    for run in (start, instruction, separate):
        first.addprevious(run)
    lines[-1].append(end)
    for line in lines:
        place.addprevious(line)
    place.getparent().remove(place)


def _bookmark(paragraph: Any, name: str, number: int) -> None:
    start = _new("bookmarkStart", id=str(number), name=name)
    properties = paragraph.find(w("pPr"))
    if properties is not None:
        properties.addnext(start)
    else:
        paragraph.insert(0, start)
    paragraph.append(_new("bookmarkEnd", id=str(number)))


def _entry(level: int, text: str, name: str, styles: Mapping[int, str]) -> Any:
    style = styles.get(level, "")
    shape = f'<w:pPr><w:pStyle w:val="{escape(style)}"/></w:pPr>' if style else ""
    field = "".join(
        f"<w:r>{part}</w:r>"
        for part in (
            "<w:tab/>",
            '<w:fldChar w:fldCharType="begin"/>',
            f'<w:instrText xml:space="preserve"> PAGEREF {name} \\h </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            '<w:fldChar w:fldCharType="end"/>',
        )
    )
    return etree.fromstring(
        f'<w:p xmlns:w="{_W}">{shape}<w:hyperlink w:anchor="{name}" w:history="1">'
        f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>{field}</w:hyperlink></w:p>'
    )


# --- charts ----------------------------------------------------------------------------------

_DRAWING = """<w:drawing xmlns:w="{w}"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>
<wp:docPr id="{id}" name="{name}" descr="{descr}"/><wp:cNvGraphicFramePr/>
<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">
<c:chart r:id="{relation}"/></a:graphicData></a:graphic></wp:inline></w:drawing>"""
EMU_PER_CM = 360_000


def place_charts(
    root: Any, relations: Sequence[str], titles: Sequence[str], sizes: Sequence[tuple[float, float]]
) -> None:
    """Put each chart where its mark stands; ``sizes`` are widths and heights in cm."""
    for text in list(root.iter(w("t"))):
        match = re.search(f"{CHART}([0-9]+){CHART}", text.text or "")
        if match is None:
            continue
        number = int(match[1])
        width, height = sizes[number]
        drawing = _DRAWING.format(
            w=_W,
            width=int(width * EMU_PER_CM),
            height=int(height * EMU_PER_CM),
            id=70_000 + number,
            name=f"图{number + 1}",
            descr=escape(titles[number], {'"': "&quot;"}),
            relation=relations[number],
        )
        text.getparent().replace(text, etree.fromstring(drawing.replace("\n", "")))


# --- what a file hides -----------------------------------------------------------------------

MADE = (2020, 1, 1, 0, 0, 0)
_CORE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    "<cp:coreProperties"
    ' xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{}</dc:title>'
    '<dcterms:created xsi:type="dcterms:W3CDTF">2020-01-01T00:00:00Z</dcterms:created>'
    "</cp:coreProperties>"
)
_APP = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties'
    ' xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
)
_DROPPED = re.compile(r"/?(?:\.\./)*(?:docProps/(?!core\.xml$|app\.xml$)|customXml/)")


def without_metadata(data: bytes, title: str = "") -> bytes:
    """Return an Office file (.docx, .xlsx) that says nothing of who made it, where and when.

    Of its properties only ``title`` is left; custom properties, the preview picture and what a
    document system keeps in the file go. Equal content gives equal bytes.
    """
    buffer = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if _DROPPED.match(name):
                continue
            new.writestr(_member(name), _without(name, old.read(name), title))
    return buffer.getvalue()


def _without(name: str, data: bytes, title: str) -> bytes:
    if name == "docProps/core.xml":
        return _CORE.format(escape(title)).encode()
    if name == "docProps/app.xml":
        return _APP.encode()
    if name.endswith(".rels") or name == "[Content_Types].xml":
        root = etree.fromstring(data)
        for part in list(root):
            target = part.get("Target") or part.get("PartName") or ""
            if _DROPPED.match(target):
                root.remove(part)
        made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        return made
    return data


def _member(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, MADE)
    made.compress_type = zipfile.ZIP_DEFLATED
    made.create_system, made.external_attr = 0, 0
    return made
