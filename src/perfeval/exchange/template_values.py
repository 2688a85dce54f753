"""What the formulas of a filled blank form give, written beside them as Excel would have.

openpyxl keeps a formula and drops its value, so a reader without a calculator (a preview, another
program) would show nothing. The sums, shares and roundings such forms have are computed here;
what they do not cover is left for Excel to compute when it opens the file, and counted.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from io import BytesIO
from itertools import product
from math import isfinite
from typing import Any

from perfeval.numbers import ZERO, Exact, decimal_text, half_up

Value = Exact | str | bool | None
"""A number, a text, a truth, or nothing (a blank cell)."""
_MOST_CELLS, _DEEPEST = 20_000, 50
_DIGITS = 15
_ADDRESS = re.compile("[A-Z]{1,3}[1-9][0-9]{0,6}")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Unknown(Exception):
    """A formula that is not computed here, or whose result is an error of Excel's."""


def with_values(data: bytes, book: Any, values: Values) -> tuple[bytes, int]:
    """Return a saved workbook with the values of its formulas, and how many have none.

    ``book`` is the openpyxl workbook that was saved as ``data``, ``values`` are those of its cells.
    """
    from lxml import etree  # type: ignore[import-untyped]

    left = 0
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        sheets = {f"xl/worksheets/sheet{n}.xml": s for n, s in enumerate(book.worksheets, 1)}
        for info in old.infolist():
            part = old.read(info)
            if (sheet := sheets.get(info.filename)) is not None and b"<f>" in part:
                root = etree.fromstring(part)
                left += _fill(root, sheet.title, values)
                part = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
            new.writestr(info, part, zipfile.ZIP_DEFLATED)
    return made.getvalue(), left


def _fill(root: Any, sheet: str, values: Values) -> int:
    """Write the value of each formula of a sheet; return how many have none."""
    left = 0
    for cell in root.iter(f"{_MAIN}c"):
        if cell.find(f"{_MAIN}f") is None or (kept := cell.find(f"{_MAIN}v")) is None:
            continue
        try:
            value = values.at(sheet, cell.get("r"))
        except Unknown:
            left += 1
            continue
        if isinstance(value, bool):
            cell.set("t", "b")
            kept.text = str(int(value))
        elif isinstance(value, str):
            cell.set("t", "str")
            kept.text = value
        else:
            kept.text = repr(float(value or ZERO))
    return left


class Values:
    """The values of a workbook's cells; what a formula gives is computed once."""

    def __init__(self, book: Any) -> None:
        self.sheets = {sheet.title: sheet for sheet in book.worksheets}
        self.known: dict[tuple[str, str], Value | Unknown] = {}
        self.begun: set[tuple[str, str]] = set()

    def at(self, sheet: str, address: str) -> Value:
        """Return the value of a cell. Raises :class:`Unknown`."""
        place = sheet, address.replace("$", "").upper()
        if place not in self.known:
            if place in self.begun or len(self.begun) > _DEEPEST:
                raise Unknown("a circle, or too many steps")
            self.begun.add(place)
            try:
                self.known[place] = self._value(*place)
            except Unknown as error:
                self.known[place] = error
            finally:
                self.begun.discard(place)
        found = self.known[place]
        if isinstance(found, Unknown):
            raise found
        return found

    def _value(self, sheet: str, address: str) -> Value:
        if sheet not in self.sheets or not _ADDRESS.fullmatch(address):
            raise Unknown(f"{sheet}!{address}")
        cell = self.sheets[sheet][address]
        value = cell.value
        if cell.data_type == "f":
            if not isinstance(value, str):
                raise Unknown("a table of values")
            return _Formula(value, sheet, self).value()
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, int | float) and isfinite(value):
            return _exact(repr(value))
        raise Unknown("a date")

    def area(self, sheet: str, text: str) -> list[Value]:
        """Return the values of a reference: a cell, or an area by rows. Raises Unknown."""
        from openpyxl.utils.cell import range_boundaries

        if "!" in text:
            name, _, text = text.rpartition("!")
            sheet = name.strip("'").replace("''", "'")
        if ":" not in text:
            return [self.at(sheet, text)]
        try:
            left, top, right, bottom = range_boundaries(text.replace("$", ""))
        except (ValueError, TypeError) as error:
            raise Unknown(text) from error
        if sheet not in self.sheets or not (left and top and right and bottom):
            raise Unknown("whole columns")
        if (right - left + 1) * (bottom - top + 1) > _MOST_CELLS:
            raise Unknown("a large area")
        cells = self.sheets[sheet]
        places = product(range(top, bottom + 1), range(left, right + 1))
        return [self.at(sheet, cells.cell(*place).coordinate) for place in places]


# --- one formula -----------------------------------------------------------------------------

_BINDS = {"=": 1, "<>": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4}
_SIGNED = 5
Later = Callable[[], Value]
"""A part of a formula, computed when it is asked for: a branch not taken never is."""
Argument = Callable[[], list[Value]]


class _Formula:
    """Reads the tokens of one formula into what computes it."""

    def __init__(self, text: str, sheet: str, values: Values) -> None:
        from openpyxl.formula import Tokenizer
        from openpyxl.formula.tokenizer import TokenizerError

        self.text, self.sheet, self.values, self.at = text, sheet, values, 0
        try:
            items = Tokenizer(text).items
        except (TokenizerError, IndexError) as error:
            raise Unknown(text) from error
        self.tokens = [one for one in items if one.type != "WHITE-SPACE"]

    def value(self) -> Value:
        """Return what the formula gives. Raises :class:`Unknown`."""
        whole = self._one(0)
        if self.at < len(self.tokens):
            raise Unknown(self.text)
        return whole()

    def _next(self) -> Any:
        if self.at >= len(self.tokens):
            raise Unknown(self.text)
        self.at += 1
        return self.tokens[self.at - 1]

    def _peek(self) -> Any:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _one(self, least: int) -> Later:
        """Return an expression whose operators bind more than ``least``."""
        token = self._next()
        text = token.value
        match token.type, token.subtype:
            case "OPERAND", "NUMBER":
                found = _constant(_exact(text))
            case "OPERAND", "TEXT":
                found = _constant(text[1:-1].replace('""', '"'))
            case "OPERAND", "LOGICAL":
                found = _constant(text.upper() == "TRUE")
            case "OPERAND", "RANGE":
                found = self._single(text)
            case "OPERATOR-PREFIX", _:
                inner, sign = self._one(_SIGNED), -1 if text == "-" else 1
                found = lambda: _figure(inner()) * sign  # noqa: E731
            case "PAREN", "OPEN":
                found = self._one(0)
                self._close("PAREN")
            case "FUNC", "OPEN":
                found = self._call(text[:-1].upper())
            case _:
                raise Unknown(text)
        while (after := self._peek()) is not None:
            if after.type == "OPERATOR-POSTFIX":
                self.at += 1
                found = _percent(found)
            elif after.type == "OPERATOR-INFIX" and _BINDS.get(after.value, 0) > least:
                self.at += 1
                found = _joined(after.value, found, self._one(_BINDS[after.value]))
            else:
                break
        return found

    def _single(self, text: str) -> Later:
        def one() -> Value:
            cells = self.values.area(self.sheet, text)
            if len(cells) != 1:
                raise Unknown("an area where one value stands")
            return cells[0]

        return one

    def _close(self, kind: str) -> None:
        token = self._next()
        if (token.type, token.subtype) != (kind, "CLOSE"):
            raise Unknown(self.text)

    def _call(self, name: str) -> Later:
        given: list[Argument] = []
        while (token := self._peek()) is not None and token.subtype != "CLOSE":
            if token.type == "SEP":
                self.at += 1
            given.append(self._argument())
        self._close("FUNC")
        if (function := _FUNCTIONS.get(name)) is None:
            raise Unknown(name)
        return lambda: function(given)

    def _argument(self) -> Argument:
        """Return an argument: all values of an area, or the one of an expression."""
        token, after = self._peek(), self.tokens[self.at + 1 : self.at + 2]
        alone = not after or after[0].type == "SEP" or after[0].subtype == "CLOSE"
        if token is not None and (token.type, token.subtype) == ("OPERAND", "RANGE") and alone:
            self.at += 1
            return lambda: self.values.area(self.sheet, token.value)
        one = self._one(0)
        return lambda: [one()]


def _constant(value: Value) -> Later:
    return lambda: value


def _percent(inner: Later) -> Later:
    return lambda: _figure(inner()) / 100


def _exact(text: str) -> Exact:
    return Exact(Decimal(text))


def _figure(value: Value) -> Exact:
    """Return a value as a number: blank counts as 0, a text as none."""
    if isinstance(value, str):
        raise Unknown("a text where a number stands")
    return ZERO if value is None else Exact(int(value)) if isinstance(value, bool) else value


def _joined(sign: str, one: Later, other: Later) -> Later:
    if sign == "&":
        return lambda: _text(one()) + _text(other())
    if (arithmetic := _ARITHMETIC.get(sign)) is not None:
        return lambda: arithmetic(_figure(one()), _figure(other()))
    return lambda: _compared(sign, one(), other())


def _divided(one: Exact, other: Exact) -> Exact:
    if not other:
        raise Unknown("#DIV/0!")
    return one / other


_ARITHMETIC: Mapping[str, Callable[[Exact, Exact], Exact]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
}


def _compared(sign: str, one: Value, other: Value) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        texts = all(isinstance(value, str | None) for value in (one, other))
        if sign not in ("=", "<>") or not texts:
            raise Unknown("a text in an order")
        same = str(one or "").casefold() == str(other or "").casefold()
        return same if sign == "=" else not same
    a, b = _figure(one), _figure(other)
    return {"=": a == b, "<>": a != b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[sign]


def _text(value: Value) -> str:
    if isinstance(value, bool):
        raise Unknown("a truth as a text")
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return decimal_text(value) if value.denominator == 1 else f"{float(value):.{_DIGITS}g}"


# --- functions -------------------------------------------------------------------------------


def _numbers(given: list[Argument]) -> list[Exact]:
    """Return the numbers among arguments: texts and blanks of an area do not count."""
    values = (value for one in given for value in one())
    return [value for value in values if not isinstance(value, str | bool | None)]


def _alone(argument: Argument) -> Value:
    """Return the one value of an argument."""
    values = argument()
    if len(values) != 1:
        raise Unknown("an area where one value stands")
    return values[0]


def _average(given: list[Argument]) -> Exact:
    found = _numbers(given)
    return _divided(sum(found, ZERO), Exact(len(found)))


def _rounded(given: list[Argument]) -> Exact:
    value, places = (_figure(_alone(one)) for one in _exactly(2, given))
    if places.denominator != 1 or abs(places) > _DIGITS:
        raise Unknown("ROUND")
    return half_up(value, int(places))


def _chosen(given: list[Argument]) -> Value:
    condition, then, otherwise = _exactly(3, given)
    return _alone(then if _figure(_alone(condition)) else otherwise)


def _exactly(count: int, given: list[Argument]) -> list[Argument]:
    if len(given) != count:
        raise Unknown("another number of arguments")
    return given


_FUNCTIONS: Mapping[str, Callable[[list[Argument]], Value]] = {
    "SUM": lambda given: sum(_numbers(given), ZERO),
    "COUNT": lambda given: Exact(len(_numbers(given))),
    "MAX": lambda given: max(_numbers(given), default=ZERO),
    "MIN": lambda given: min(_numbers(given), default=ZERO),
    "AVERAGE": _average,
    "ROUND": _rounded,
    "ABS": lambda given: abs(_figure(_alone(_exactly(1, given)[0]))),
    "IF": _chosen,
}
"""What the sums, shares and grades of such forms use."""
