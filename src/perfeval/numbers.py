"""Exact values: reading figures as people print them, 四舍五入, units, printed-number intervals.

Every number on the way to a score is an exact rational (:data:`Exact`). The only roundings are
the named places of an indicator set, and they all go through :func:`half_up`. A binary float
never appears, nor does a chained ``Decimal`` division: 7/48×6 is 0.875 and prints 0.88, where
28 digits of 7/48 would give 0.87.

A **rate is a pure ratio**: ``25.51%`` is 2551/10000. A unit formats and converts, it never
changes what a number means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Exact = Fraction
else:
    try:  # a C rational with Fraction's operators, about twenty times faster
        from gmpy2 import mpq as Exact  # noqa: N812
    except ImportError:  # no wheel for this machine: the same arithmetic, slower
        Exact = Fraction

__all__ = [
    "Exact",
    "Figure",
    "FigureState",
    "Interval",
    "convert",
    "decimal_text",
    "dimension",
    "exact",
    "figure",
    "half_up",
    "to_ascii",
]

ZERO = Exact(0)
ONE = Exact(1)
MAX_FIGURE_LENGTH = 60
"""A longer text is no figure; it is refused before any arithmetic is tried on it."""


# --- rounding and printing -------------------------------------------------------------------

_SCALE = tuple(Exact(10**places).numerator for places in range(40))
"""Powers of ten in the integers the rationals are made of, which saves converting them."""
_PLACE = tuple(Exact(1, 10**places) for places in range(40))
"""One in the last of so many decimals: multiplying by it is quicker than making a fraction."""


def half_up(value: Exact, places: int) -> Exact:
    """四舍五入 to ``places`` decimals: half away from zero (2.5 → 3, −2.5 → −3), exactly.

    The same as Excel's ``ROUND``. ``places`` may be negative (−4 rounds 元 to 万元).
    """
    if places < 0:
        size: int = 10**-places
        return half_up(value / size, 0) * size
    denominator, scale = value.denominator, _SCALE[places]
    if not scale % denominator:  # in lowest terms: it has no more decimals than that
        return value
    numerator = value.numerator
    units = (abs(numerator) * (scale + scale) + denominator) // (denominator + denominator)
    return (units if numerator > 0 else -units) * _PLACE[places]


def round_down(value: Exact, places: int) -> Exact:
    """Cut off after ``places`` decimals (0 or more), toward zero, like Excel's ``ROUNDDOWN``."""
    scale = 10**places
    units = abs(value.numerator) * scale // value.denominator
    return Exact(units if value.numerator >= 0 else -units, scale)


def exact(text: str | int) -> Exact:
    """Return the exact value of a plain decimal text (``"0.05"``, ``"-3"``, ``"10%"``).

    For numbers in program text and indicator sets; people's entries go through :func:`figure`.
    Raises ``ValueError`` for anything else.
    """
    if isinstance(text, int):
        return Exact(text)
    read = figure(text)
    if read.value is None or read.unit not in ("", "%", "‰"):
        raise ValueError(f"不是数值：{text}")
    return read.value


def decimal_text(value: Exact | int, places: int | None = None, *, trim: bool = False) -> str:
    """Print ``value`` with ``places`` decimals, 四舍五入; ``trim`` drops trailing zeros.

    Without ``places`` an exact decimal is printed in full, and a value with no finite decimal
    form (1/3) to 12 places.
    """
    value = Exact(value)
    if places is None:
        places, trim = _finite_places(value), True
    rounded = half_up(value, places)
    places = max(places, 0)
    units = abs(int(rounded.numerator * 10**places // rounded.denominator))
    whole, part = divmod(units, 10**places)
    text = f"{whole}.{part:0{places}d}" if places else str(whole)
    if trim and "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"-{text}" if rounded < 0 else text


def _finite_places(value: Exact, most: int = 12) -> int:
    denominator = value.denominator
    for places in range(most):
        if 10**places % denominator == 0:
            return places
    return most


# --- units -----------------------------------------------------------------------------------

_SCALES = {
    # unit: (dimension, size in that dimension's base unit)
    "元": ("money", Exact(1, 10000)),
    "百元": ("money", Exact(1, 100)),
    "千元": ("money", Exact(1, 10)),
    "万元": ("money", ONE),
    "万": ("money", ONE),
    "百万元": ("money", Exact(100)),
    "千万元": ("money", Exact(1000)),
    "亿元": ("money", Exact(10000)),
    "亿": ("money", Exact(10000)),
    "%": ("ratio", Exact(1, 100)),
    "百分比": ("ratio", Exact(1, 100)),
    "百分点": ("ratio", Exact(1, 100)),
    "个百分点": ("ratio", Exact(1, 100)),
    "‰": ("ratio", Exact(1, 1000)),
    "倍": ("ratio", ONE),
    "": ("number", ONE),
}


def dimension(unit: str) -> str:
    """Return ``money``, ``ratio``, ``number`` (no unit) or ``count`` (个, 项, 人, 场 …)."""
    return _SCALES.get(unit, ("count", ONE))[0]


def unit_size(unit: str) -> Exact:
    """Return the size of one ``unit`` in its dimension's base unit (万元, 1, 1)."""
    return _SCALES.get(unit, ("count", ONE))[1]


_COUNTERS = frozenset(
    "个项件人名户家次回场期批起例条篇份册本部套台辆座处所块幅只头笔宗单班支队种类"
) | {
    "人次",
    "人员",
    "场次",
    "批次",
}
"""Words that count one thing each; a form asks for 个 and gets 项. Measures are not among them."""


def convert(value: Exact, unit: str, to: str) -> Exact | None:
    """Convert a *written* number from ``unit`` to ``to``; None when they measure unlike things.

    The result is what one would write in ``to``: 8381 000 元 is 838.1 万元, 0.5 万人 is 5000 人.
    Counting words stand for one another (2项 where 个 is asked); 米 and 公里, 月 and 年 do not.
    """
    if unit == to:
        return value
    kind, wanted = dimension(unit), dimension(to)
    if wanted == "count" and unit in ("万", "亿"):
        return value * _MULTIPLES[unit]
    if kind != wanted:
        return None
    if kind != "count":
        return value * unit_size(unit) / unit_size(to)
    (many, base), (other_many, other_base) = _counted(unit), _counted(to)
    if base != other_base and not {base, other_base} <= _COUNTERS:
        return None
    return value * many / other_many


_MULTIPLES = {"万": Exact(10**4), "亿": Exact(10**8)}


def _counted(unit: str) -> tuple[Exact, str]:
    """Split 万人 into ten thousand and 人."""
    if len(unit) > 1 and unit[0] in _MULTIPLES:
        return _MULTIPLES[unit[0]], unit[1:]
    return ONE, unit


def money_scale(entered: str, unit: str) -> Exact:
    """Return what turns an amount in ``entered`` into one in ``unit`` (元, 万元, 元/人).

    1 for a unit that is no money.
    """
    money = unit.partition("/")[0]
    if dimension(money) != "money":
        return ONE
    return unit_size(entered) / unit_size(money)


# --- figures ---------------------------------------------------------------------------------


class FigureState(StrEnum):
    """未填, 0 and 不适用 are three different things; so is text that is no number."""

    BLANK = "未填"
    NUMBER = "数值"
    NOT_APPLICABLE = "不适用"
    UNREADABLE = "无法识别"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as somebody wrote it: the raw text and, where it can be read, the exact value.

    ``value`` is the written number, except that a percentage is its ratio (``95%`` → 19/20).
    ``places`` counts the printed decimals of the written number (``95.00%`` → 2), which is what
    makes it an interval; below zero the last digits are not known (``838.1万元`` in 元 → −3).
    ``proposal`` is a value offered for a text that only nearly is a number (``200余人`` → 200); it
    is never used without being accepted.
    """

    raw: str
    state: FigureState
    value: Exact | None = None
    unit: str = ""
    places: int = 0
    problem: str = ""
    proposal: Exact | None = None

    def in_unit(self, unit: str) -> Figure:
        """Return the figure as a value in ``unit``, or unreadable with the reason.

        A figure without a unit is taken to be in ``unit`` already: ``95`` in a field whose unit
        is ``%`` is 95 %.
        """
        if self.value is None:
            return self
        size = unit_size(unit) if dimension(unit) == "ratio" else ONE
        if not self.unit:
            return Figure(self.raw, self.state, self.value * size, unit, self.places)
        if self.unit == unit:
            return self
        target = dimension(unit)
        if target == "number":
            return self
        if target == "ratio" and dimension(self.unit) == "ratio":
            return self
        if (converted := convert(self.value, self.unit, unit)) is None:
            message = f"“{self.raw}”的单位是{self.unit}，这里应填{unit}"
            return Figure(self.raw, FigureState.UNREADABLE, None, self.unit, 0, message)
        # 838.1 万元 is exact to ±500 元: in the smaller unit the places fall below zero.
        shift = unit_size(unit) / unit_size(self.unit)
        wider, narrower = len(str(int(shift))) - 1, len(str(int(1 / shift))) - 1
        places = self.places + (wider if shift >= 1 else -narrower)
        return Figure(self.raw, self.state, converted, unit, places)

    @property
    def interval(self) -> Interval:
        """All values that print like this one. Raises ``ValueError`` when there is no value."""
        if self.value is None:
            raise ValueError(f"没有数值：{self.raw}")
        size = unit_size(self.unit) if dimension(self.unit) == "ratio" else ONE
        half = size / 2 / Exact(10) ** self.places
        return Interval(self.value - half, self.value + half)


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_ASCII = _FULL_WIDTH | {
    ord("\u3000"): " ",
    ord("\u00a0"): " ",
    ord("。"): ".",
    ord("−"): "-",
    ord("﹣"): "-",
    ord("﹪"): "%",
    ord("﹢"): "+",
}


def to_ascii(text: str) -> str:
    """Replace full-width digits, letters and signs by their plain forms, character by character.

    One character in, one out, so that columns in messages still point at the right place.
    """
    return text.translate(_ASCII)


_NOT_APPLICABLE = {"不适用", "n/a", "na", "不涉及", "无此项"}
_NO_ENTRY = {"", "/", "//", "-", "--", "—", "——", "–", "*", "…", "……", "无"}
_NUMBER = re.compile(
    r"""(?P<sign>[+-]?)
        (?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)
        \s*(?P<unit>[%‰]|(?:[^\W\d_a-zA-Z]|㎡|°)[^\d%‰]{0,11}|[a-zA-Z]{1,3}\d?)?""",
    re.VERBOSE,
)
_NEARLY = re.compile(
    r"(?:约|近|大约|超过|超|达到|完成)?\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<more>余|多|几)?(?P<unit>\D{0,8})"
)
_LATIN_UNITS = {"km", "m", "m2", "m3", "kg", "t", "h", "GB", "MB", "TB"}


@lru_cache(maxsize=16384)
def figure(text: str) -> Figure:
    """Read a figure the way offices write it. Never raises: what cannot be read says why.

    Full-width characters, thousands separators, ``%`` ``‰`` ``元`` ``万元`` ``亿元`` and counting
    words are understood. ``7,00.0,77``, ``12a3`` and ``1e5`` are refused: a figure is not guessed.
    """
    if len(text) > MAX_FIGURE_LENGTH:
        return Figure(text, FigureState.UNREADABLE, problem=f"“{text[:20]}…”太长，不是数值")
    plain = to_ascii(text).strip()
    if plain.lower() in _NOT_APPLICABLE:
        return Figure(text, FigureState.NOT_APPLICABLE)
    if plain in _NO_ENTRY:
        return Figure(text, FigureState.BLANK)
    match = _NUMBER.fullmatch(plain)
    if match and _unit_known(match["unit"] or ""):
        number = match["number"].replace(",", "")
        whole, _, part = number.partition(".")
        digits = int((whole + part) or "0")
        unit = match["unit"] or ""
        value = Exact(-digits if match["sign"] == "-" else digits, 10 ** len(part))
        if dimension(unit) == "ratio":
            value *= unit_size(unit)
        return Figure(text, FigureState.NUMBER, value, unit, len(part))
    problem = f"“{text}”不是数值"
    proposal = None
    if nearly := _NEARLY.fullmatch(plain):
        sign = nearly["unit"][:1] if nearly["unit"].startswith(("%", "‰")) else ""
        read = nearly["number"] + sign
        proposal = exact(read)
        problem += f"，如按 {read} 计，请直接填 {read}"
    return Figure(text, FigureState.UNREADABLE, problem=problem, proposal=proposal)


def _unit_known(unit: str) -> bool:
    """A unit is %, ‰, a listed Latin unit, or words that do not blur the number (余, 多, 以上)."""
    if unit.isascii():
        return unit in _LATIN_UNITS or unit in ("", "%")
    return not unit.startswith(("余", "多", "几", "左右", "以", "月"))


# --- intervals -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Interval:
    """All values a printed figure may stand for, both ends included.

    Sums, differences, products and quotients of printed figures stay inside the interval of the
    result, so a claimed figure outside it is impossible, whatever was rounded before printing.
    The ends are included although 四舍五入 excludes the upper one: a check must not accuse.
    """

    low: Exact
    high: Exact

    @classmethod
    def point(cls, value: Exact) -> Interval:
        """Return the interval of a value known exactly."""
        return cls(value, value)

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval) -> Interval:
        corners = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(corners), max(corners))

    def __truediv__(self, other: Interval) -> Interval:
        """Raises ``ZeroDivisionError`` when the divisor may be zero."""
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError("除数的可能范围包含 0")
        corners = [a / b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(corners), max(corners))

    def __contains__(self, value: Exact) -> bool:
        return self.low <= value <= self.high

    def meets(self, other: Interval) -> bool:
        """Whether some value belongs to both: the two printed figures can be one number."""
        return self.low <= other.high and other.low <= self.high

    def rounded(self, places: int) -> Interval:
        """Return the interval of the values after 四舍五入 (it keeps the order of its ends)."""
        return Interval(half_up(self.low, places), half_up(self.high, places))
