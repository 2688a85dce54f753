"""What calamine does not tell of an .xlsx workbook's cells: formats, errors, missing results.

Is 0.95 shown as 95 %? Is a cell that reads as empty ``#DIV/0!``, or a formula never computed? The
few attributes wanted are taken by regular expressions: formats only when a cell is asked for,
the others only from a sheet that has one at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape

from perfeval.exchange.layout import address as cell_address


class Formats:
    """Number formats of an .xlsx workbook, worked out only when a cell is asked for."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        self.parts = parts
        self._codes: list[str] | None = None
        self._sheets: dict[str, str] | None = None
        self._styles: dict[str, dict[bytes, int]] = {}

    def of(self, sheet: str) -> Callable[[int, int], str]:
        """Return what tells the number format of a sheet's cell."""

        def shown(row: int, column: int) -> str:
            try:
                style = self._styles_of(sheet).get(cell_address(row, column).encode(), 0)
                codes = self._all_codes()
                return codes[style] if style < len(codes) else ""
            except (ValueError, KeyError, IndexError):
                return ""

        return shown

    def faults(self, sheet: str) -> dict[tuple[int, int], str]:
        """Return the cells of a sheet without a value: ``#DIV/0!``, or ``=A1`` never computed."""
        part = self.parts.get(self._part_of(sheet), b"")
        found = {}
        failed = b't="e"' in part or b"t='e'" in part
        for attributes, error in _ERROR.findall(part) if failed else ():
            found[_place(attributes)] = _written(error).strip()
        missing = b"si=" in part or _NO_RESULT.search(part) is not None
        for attributes, formula in _NOT_COMPUTED.findall(part) if missing else ():
            if not _TEXT_RESULT.search(attributes):  # an empty text is a result
                found[_place(attributes)] = f"={_written(formula).strip()}"[:_SHOWN]
        found.pop(_NOWHERE, None)
        return found

    def _styles_of(self, sheet: str) -> dict[bytes, int]:
        if sheet not in self._styles:
            part = self._part_of(sheet)
            found = _STYLED.findall(self.parts.get(part, b""))
            self._styles[sheet] = {cell: int(style) for cell, style in found}
        return self._styles[sheet]

    def _part_of(self, sheet: str) -> str:
        """Return the part a sheet stands in, by the workbook's relations."""
        if self._sheets is None:
            self._sheets = {}
            targets = dict(_relations(self.parts.get("xl/_rels/workbook.xml.rels", b"")))
            for label, relation in _sheet_entries(self.parts.get("xl/workbook.xml", b"")):
                target = targets.get(relation, "").lstrip("/")
                self._sheets[label] = target if target.startswith("xl/") else f"xl/{target}"
        return self._sheets.get(sheet, "")

    def _all_codes(self) -> list[str]:
        if self._codes is None:
            self._codes = _number_formats(self.parts.get("xl/styles.xml", b""))
        return self._codes


_STYLED = re.compile(
    rb'c(?<=[<:]c)\s(?:[^>]*?\s)??r="([A-Z]{1,3}\d{1,7})"(?:[^>]*?\s)??s="(\d{1,6})"'
)
_NO_RESULT = re.compile(rb"f>\s*(?:</|<(?:\w+:)?v\s*/?>\s*</)")
"""Looked for first: what ends a formula is followed by no value. One shared has no end of its own.
"""
_ERROR = re.compile(
    rb"<(?:\w+:)?c\s(?=[^<>]*\bt\s*=\s*[\"']e[\"'])([^<>]*)>\s*"
    rb"(?:<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*)?<(?:\w+:)?v>([^<]*)<"
)
_NOT_COMPUTED = re.compile(
    rb"<(?:\w+:)?c\s([^<>]*)>\s*<(?:\w+:)?f\b[^<>]*(?:/>|>([^<]*)</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*(?:/>|>\s*</(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
"""Neither reads past the next ``<`` anywhere, so a damaged sheet takes no longer."""
_TEXT_RESULT = re.compile(rb"\bt\s*=\s*[\"']str[\"']")
_ADDRESS = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")
_NOWHERE = (-1, -1)
_SHOWN = 200
"""So much of a formula is told."""


def _place(attributes: bytes) -> tuple[int, int]:
    """Return row and column of a cell; one that does not say where it is stands nowhere."""
    found = _ADDRESS.search(attributes)
    if found is None:
        return _NOWHERE
    column = 0
    for letter in found[1].upper():
        column = column * 26 + letter - 64
    return int(found[2]) - 1, column - 1


_TAG = re.compile(rb"<(?:\w+:)?(\w+)\b([^>]*)>")
_ATTRIBUTE = re.compile(rb'(?:\w+:)?(\w+)\s*=\s*"([^"]*)"')
_BUILT_IN = {9: "0%", 10: "0.00%"}


def _tags(part: bytes, *names: bytes) -> Iterator[tuple[bytes, dict[bytes, bytes]]]:
    for name, attributes in _TAG.findall(part):
        if name in names:
            yield name, dict(_ATTRIBUTE.findall(attributes))


def _written(value: bytes) -> str:
    return unescape(value.decode("utf-8", "replace"))


def _relations(part: bytes) -> Iterator[tuple[str, str]]:
    for _, attributes in _tags(part, b"Relationship"):
        yield _written(attributes.get(b"Id", b"")), _written(attributes.get(b"Target", b""))


def _sheet_entries(part: bytes) -> Iterator[tuple[str, str]]:
    for _, attributes in _tags(part, b"sheet"):
        yield _written(attributes.get(b"name", b"")), _written(attributes.get(b"id", b""))


def _number_formats(part: bytes) -> list[str]:
    """Return the number format of each cell style, in the styles' order."""
    codes = dict(_BUILT_IN)
    for _, attributes in _tags(part, b"numFmt"):
        codes[int(attributes.get(b"numFmtId", b"0"))] = _written(attributes.get(b"formatCode", b""))
    styles = part.partition(b"cellXfs")[2].partition(b"cellXfs>")[0]
    return [
        codes.get(int(attributes.get(b"numFmtId", b"0")), "")
        for _, attributes in _tags(styles, b"xf")
    ]
