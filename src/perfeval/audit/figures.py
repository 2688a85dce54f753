"""Printed numbers: what was printed, what it may stand for, and where.

Amounts are kept in 万元, rates as ratios, counts and scores as written. A number is known to half
a unit of its last printed decimal, and to no better; every comparison uses that interval.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from perfeval.audit.document import Paragraph, Place
from perfeval.numbers import ONE, Exact, Interval, decimal_text, dimension, half_up, unit_size


class Measure(StrEnum):
    """What a printed number counts."""

    AMOUNT = "金额"
    RATE = "比率"
    SCORE = "得分"
    COUNT = "数量"
    PLAIN = "数"


@dataclass(frozen=True, slots=True, eq=False)
class Mention:
    """One printing of a number: two mentions are never the same one.

    ``raw`` is the text, ``value`` its exact value in 万元, as a ratio or as written; ``places``
    the printed decimals and ``size`` one written unit in the base unit.
    """

    raw: str
    value: Exact
    places: int
    size: Exact
    unit: str
    measure: Measure
    place: Place
    quote: str

    @property
    def step(self) -> Exact:
        """One unit of the last printed decimal."""
        return self.size / Exact(10) ** self.places

    @property
    def interval(self) -> Interval:
        """All values that print like this. A count is exactly what it says."""
        if self.measure is Measure.COUNT:
            return Interval.point(self.value)
        half = self.step / 2
        return Interval(self.value - half, self.value + half)

    def printed(self, value: Exact, more: int = 0) -> str:
        """Print another value the way this one is printed."""
        return decimal_text(value / self.size, self.places + more) + self.unit

    def nearest(self, value: Exact) -> Exact:
        """Return a value rounded to what could be printed here."""
        return half_up(value / self.size, self.places) * self.size


_NUMBER = r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_UNIT = (
    r"亿元|百万元|千万元|万元|千元|元|%|‰|个百分点|百分点|分|个项目|个单位|项目|人次|批次|个|项|人|辆|台|批"
    r"|家|次|场|年度|年|月|日|号|届|号文|期|多|余|条|款|岁|倍"
)
_MENTION = re.compile(
    rf"(?<![\d.A-Za-z〔\[第０-９+×*=/])(?P<number>{_NUMBER})(?![\d.])(?P<unit>{_UNIT})?(?P<each>/|每)?"
)
_NOT_A_FIGURE = {"年度", "年", "月", "日", "号", "届", "号文", "期", "多", "余", "条", "款", "岁"}


@dataclass(frozen=True, slots=True)
class Found:
    """A number in a paragraph: which characters it takes."""

    mention: Mention
    start: int
    end: int


def mention_of(number: str, unit: str, place: Place, quote: str, raw: str = "") -> Mention:
    """Make a mention of a plain number's text and its unit."""
    plain = number.replace(",", "")
    whole, _, part = plain.partition(".")
    kind = dimension(unit)
    measure = {
        "money": Measure.AMOUNT, "ratio": Measure.RATE, "number": Measure.PLAIN,
    }.get(kind, Measure.SCORE if unit == "分" else Measure.COUNT)  # fmt: skip
    size = unit_size(unit) if kind in {"money", "ratio"} else ONE
    negative = whole.startswith("-")
    digits = int(whole.lstrip("-") + part)
    value = Exact(-digits if negative else digits, 10 ** len(part)) * size
    return Mention(raw or number + unit, value, len(part), size, unit, measure, place, quote)


_CLAUSE = re.compile(r"[。；;]")


def figures_in(paragraph: Paragraph) -> Iterator[Found]:
    """Yield the figures of a paragraph in order; dates, ordinals and 余/多 are none."""
    text = paragraph.text
    ends = [match.end() for match in _CLAUSE.finditer(text)]
    first, at = 0, 0
    for match in _MENTION.finditer(text):
        while at < len(ends) and ends[at] <= match.start():
            first = ends[at]
            at += 1
        unit = match["unit"] or ""
        if not unit or unit in _NOT_A_FIGURE or match["each"] or len(match["number"]) > 24:
            continue
        last = ends[at] if at < len(ends) else len(text)
        quote = _short(text, (first, last), match.span())
        mention = mention_of(
            match["number"], _counted(unit), paragraph.at(match.start()), quote,
            match["number"] + unit,
        )  # fmt: skip
        yield Found(mention, match.start(), match.end())


def _counted(unit: str) -> str:
    return {"个项目": "个", "项目": "个", "个单位": "个", "个百分点": "百分点"}.get(unit, unit)


MAX_QUOTE = 80


def _short(text: str, clause: tuple[int, int], at: tuple[int, int]) -> str:
    """Return the clause a number stands in, cut to what can be read at a glance."""
    first, last = clause
    if last - first <= MAX_QUOTE:
        return text[first:last].strip()
    left, right = max(first, at[0] - MAX_QUOTE // 2), min(last, at[1] + MAX_QUOTE // 4)
    return ("…" if left > first else "") + text[left:right] + ("…" if right < last else "")


_CELL = re.compile(rf"\(?(?P<number>{_NUMBER})\)?(?P<unit>亿元|万元|千元|元|%|‰|分|个|项)?")


def cell_figure(text: str, unit: str, place: Place, quote: str) -> Mention | None:
    """Return the figure of a table's cell; ``unit`` is what its column is in."""
    if not text or not (match := _CELL.fullmatch(text)) or len(text) > 24:
        return None
    return mention_of(match["number"], match["unit"] or unit, place, quote, text)
