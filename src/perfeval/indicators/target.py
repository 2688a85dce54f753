"""年度指标值 as people write it: ``≥50个``, ``98%以上``, ``不少于3场``, ``12月底前``, ``效果明显``.

A target is read into an operator, a value and a unit. What was read is always shown to the
person who typed it (:attr:`Target.reading`); where the text leaves something open the reading
says what was assumed. A text that states no number is 定性 and is compared with nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from perfeval.numbers import Exact, Figure, FigureState, decimal_text, dimension, figure, to_ascii
from perfeval.numbers import unit_size as size_of


class Operator(StrEnum):
    """How an actual value is compared with the target."""

    AT_LEAST = "≥"
    MORE = ">"
    AT_MOST = "≤"
    LESS = "<"
    EQUAL = "="
    RANGE = "区间"
    UNSTATED = ""
    QUALITATIVE = "定性"
    BLANK = "未填"

    @property
    def is_upper_limit(self) -> bool:
        """Whether less is better (反向指标)."""
        return self in (Operator.AT_MOST, Operator.LESS)


_WORDS = {
    Operator.AT_LEAST: "不少于",
    Operator.MORE: "多于",
    Operator.AT_MOST: "不超过",
    Operator.LESS: "少于",
    Operator.EQUAL: "等于",
    Operator.UNSTATED: "达到",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A target as read. ``value`` is a ratio for percentages, a day number for dates.

    ``high`` is the upper end of a range. ``note`` tells what the text left open. ``is_date``
    marks a deadline: the actual value is then read by :func:`day`.
    """

    raw: str
    operator: Operator
    value: Exact | None = None
    high: Exact | None = None
    unit: str = ""
    places: int = 0
    note: str = ""
    is_date: bool = False

    @property
    def reading(self) -> str:
        """Return how the text was understood, in Chinese: ``不少于 50 个``."""
        if self.operator is Operator.BLANK:
            return "未填"
        if self.value is None:
            return f"定性：{self.raw}"
        if self.is_date:
            due = date.fromordinal(int(self.value))
            year = f"{due.year}年" if due.year != ANY_YEAR else ""
            return f"不晚于 {year}{due.month}月{due.day}日" + self._noted()
        if self.operator is Operator.RANGE and self.high is not None:
            return f"{self._number(self.value)} 至 {self._number(self.high)}" + self._noted()
        return f"{_WORDS[self.operator]} {self._number(self.value)}" + self._noted()

    def _number(self, value: Exact) -> str:
        written = value / size_of(self.unit) if dimension(self.unit) == "ratio" else value
        gap = " " if self.unit and self.unit not in "%‰" else ""
        return decimal_text(written) + gap + self.unit

    def _noted(self) -> str:
        return f"，{self.note}" if self.note else ""

    def met_by(self, value: Exact) -> bool:
        """Whether ``value`` meets the target; an unstated operator means 达到 (≥).

        Raises ``ValueError`` for a target without a number.
        """
        if self.value is None:
            raise ValueError(f"定性指标值不能比较：{self.raw}")
        match self.operator:
            case Operator.AT_MOST:
                return value <= self.value
            case Operator.LESS:
                return value < self.value
            case Operator.MORE:
                return value > self.value
            case Operator.EQUAL:
                return value == self.value
            case Operator.RANGE if self.high is not None:
                return self.value <= value <= self.high
            case _:
                return value >= self.value


_PREFIXES = {
    Operator.AT_LEAST: ("≥", ">=", "≧", "》=", "大于等于", "不少于", "不低于", "不小于", "至少"),
    Operator.AT_MOST: (
        *("≤", "<=", "≦", "《=", "小于等于", "不超过", "不高于", "不多于", "不大于"),
        *("至多", "控制在"),
    ),
    Operator.MORE: (">", "大于", "高于", "多于", "超过"),
    Operator.LESS: ("<", "小于", "低于", "少于"),
    Operator.EQUAL: ("=", "═", "﹦", "==", "等于"),
    Operator.UNSTATED: ("达到", "达"),
}
_SUFFIXES = {
    Operator.AT_LEAST: ("及以上", "(含)以上", "以上(含)", "以上"),
    Operator.AT_MOST: ("及以下", "(含)以下", "以下(含)", "以下", "以内", "之内", "内"),
}
_OPENED = sorted(
    ((sign, op) for op, signs in _PREFIXES.items() for sign in signs), key=lambda p: -len(p[0])
)
_CLOSED = sorted(
    ((sign, op) for op, signs in _SUFFIXES.items() for sign in signs), key=lambda p: -len(p[0])
)
_CHANGES = ("提升", "提高", "增长", "增加", "上升", "下降", "降低", "减少", "压减", "节约")
_RANGE = re.compile(r"(\d+(?:\.\d+)?%?)\s*(?:-|~|—|–|～|至|到)\s*(\d+(?:\.\d+)?)(\D{0,12})")
_FREQUENCY = re.compile(r"每(年|半年|季度|季|月|周|日|天)(?:不少于|至少)?(\d+)(次|场|期|个|回)")
_PRICE = re.compile(r"(\d+(?:\.\d+)?)((?:元|万元)/[^\d]{1,8})")


@lru_cache(maxsize=8192)
def target(raw: str, unit: str = "", year: int = 2000) -> Target:
    """Read a target. Never raises: what states no number is 定性.

    ``unit`` is the indicator's, for a number that carries none; ``year`` is the year under
    evaluation, for a deadline that names only month and day.
    """
    text = to_ascii(raw).strip().rstrip(".;")
    state = figure(raw).state
    if state in (FigureState.BLANK, FigureState.NOT_APPLICABLE):
        return Target(raw, Operator.BLANK)
    if due := _deadline(text, year):
        return Target(raw, Operator.AT_MOST, Exact(due[0].toordinal()), note=due[1], is_date=True)
    if match := _FREQUENCY.fullmatch(text):
        return Target(
            raw, Operator.AT_LEAST, Exact(int(match[2])), unit=f"{match[3]}/{match[1]}", note="频次"
        )
    operator, body = _operator(text)
    if match := _RANGE.fullmatch(body):
        ending = "%" if match[1].endswith("%") or match[3].startswith("%") else match[3]
        low = figure(match[1].rstrip("%") + ending).in_unit(unit)
        high = figure(match[2] + ending).in_unit(unit)
        if low.value is not None and high.value is not None and low.value <= high.value:
            return Target(raw, Operator.RANGE, low.value, high.value, low.unit, low.places)
    note = ""
    for word in _CHANGES:
        if body.startswith(word):
            operator = Operator.AT_LEAST if operator is Operator.UNSTATED else operator
            note, body = f"{word}幅度", body.removeprefix(word)
            nested, body = _operator(body)
            operator = nested or operator
    if match := _PRICE.fullmatch(body):
        read = figure(match[1])
        return Target(raw, operator, read.value, unit=match[2], places=read.places, note=note)
    return _numeric(raw, operator, figure(body), unit, note)


def _numeric(raw: str, operator: Operator, read: Figure, unit: str, note: str) -> Target:
    if read.value is None:
        return Target(raw, Operator.QUALITATIVE)
    placed = read.in_unit(unit) if unit else read
    if placed.value is None:
        return Target(raw, Operator.QUALITATIVE, note=placed.problem)
    if operator is Operator.UNSTATED and not note:
        note = "未写符号"
    return Target(raw, operator, placed.value, unit=placed.unit, places=placed.places, note=note)


def _operator(text: str) -> tuple[Operator, str]:
    """Split off the comparison before the number, after it, or both (``达到90%以上``)."""
    opened, rest = Operator.UNSTATED, text
    for sign, operator in _OPENED:
        if text.startswith(sign):
            opened, rest = operator, text.removeprefix(sign).strip()
            break
    if rest[:1].isdigit():
        for sign, operator in _CLOSED:
            if rest.endswith(sign) and opened in (Operator.UNSTATED, operator):
                return operator, rest.removesuffix(sign).strip()
    return opened, rest


# --- deadlines -------------------------------------------------------------------------------

ANY_YEAR = 2000
"""The year of a deadline that names only month and day, when no evaluation year is known."""

_DAY = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)\s*[年./-])?\s*(?P<month>1[0-2]|0?[1-9])\s*[月./-]"
    r"\s*(?:(?P<day>3[01]|[12]\d|0?[1-9])日?|(?P<end>底|末))?\s*(?:之?前|以前|内)?(?:完成)?"
)
_YEAR_END = re.compile(r"(?:(?P<year>(?:19|20)\d\d)?年(?:底|末|内)前?|当年)(?:完成)?")
_SERIALS = range(36526, 73051)
"""Excel date serials from 2000-01-01 to 2099-12-31."""


def _deadline(text: str, this_year: int) -> tuple[date, str] | None:
    """Return the last day that meets the deadline and what had to be assumed."""
    for word in ("不晚于", "不迟于", "≤", "<="):
        text = text.removeprefix(word)
    if match := _YEAR_END.fullmatch(text):
        return date(int(match["year"] or this_year), 12, 31), ""
    match = _DAY.fullmatch(text)
    if not match or not ("月" in text or match["year"]):
        return None
    year, month = int(match["year"] or this_year), int(match["month"])
    if match["day"]:
        try:
            return date(year, month, int(match["day"])), ""
        except ValueError:
            return None
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last, "" if match["end"] else "未写到日，按月底"


def day(text: str, year: int = ANY_YEAR) -> Exact | None:
    """Read the date something was done (``10月``, ``2021年12月31日``, an Excel date number).

    Returns a day number comparable with a deadline read for the same evaluation ``year``, or
    None for a text that is no date.
    """
    plain = to_ascii(text).strip()
    if plain.isdigit() and int(plain) in _SERIALS:
        return Exact(date(1899, 12, 30).toordinal() + int(plain))
    done = _deadline(plain, year)
    return Exact(done[0].toordinal()) if done else None
