"""What a field is: where it is saved, how it is typed, and what is wrong with a text in one.

Plain values and pure functions; :mod:`.indicator_fields` and :mod:`.project_fields` say which
fields there are, the widgets only show them. One kind of field, one widget.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from perfeval.indicators.target import Operator, day, target
from perfeval.numbers import Exact, FigureState, decimal_text, figure, to_ascii
from perfeval.session.model import MAX_TEXT
from perfeval.tui.signs import may_stand, on_screen

SHORT = 400
"""The most characters of a figure or a short entry: what a session file allows."""


class Kind(StrEnum):
    """What is typed into a field, which decides its widget and its check."""

    FIGURE = "figure"
    TARGET = "target"
    DATE = "date"
    TEXT = "text"
    PROSE = "prose"
    ELEMENT = "element"
    CHOICE = "choice"
    EVIDENCE = "evidence"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text the program offers for a field, and why; it is taken only by a deliberate key."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field: where it is saved, what it is called, what stands there as typed.

    ``note`` stands behind it (用于 3 项指标, 拟定), ``help`` below it while it has the focus.
    ``least`` and ``most`` bound a figure; ``options`` are what a choice offers, ``codes``
    what is saved for them where that is something else. ``must`` marks
    what Enter leads to: what the score, or an explanation of it, waits for. ``empty`` is shown
    where nothing is entered (a default, a computed value). ``previous`` is last year's value.
    ``stock`` are texts to begin a long one with, by cause. ``places`` are evidence by (id, line).
    """

    path: str
    label: str
    kind: Kind
    value: str = ""
    unit: str = ""
    note: str = ""
    help: str = ""
    empty: str = ""
    options: tuple[str, ...] = ()
    codes: tuple[object, ...] = ()
    least: Exact | None = None
    most: Exact | None = None
    must: bool = False
    read_only: bool = False
    previous: str = ""
    proposal: Proposal | None = None
    stock: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    limit: int = SHORT

    @property
    def waits(self) -> bool:
        """Whether something has to be entered here and is not."""
        return self.must and self._blank and not self.read_only and not self.empty

    @property
    def _blank(self) -> bool:
        """Whether nothing is entered; in a figure a lone dash is nothing, as on a form."""
        if self.kind is Kind.FIGURE:
            return figure(self.value).state is FigureState.BLANK
        return not self.value

    @property
    def shape(self) -> tuple[object, ...]:
        """What makes it another widget; all else is only shown differently."""
        return (self.path, self.kind, self.label, self.options, self.read_only)


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together, under a small heading (or none)."""

    title: str
    fields: tuple[Field, ...]
    note: str = ""


def prose(path: str, label: str, value: str, **more: object) -> Field:
    """Return a field for a long text."""
    return Field(path, label, Kind.PROSE, value, limit=MAX_TEXT, **more)  # type: ignore[arg-type]


# --- what is typed ---------------------------------------------------------------------------

_PART_OF_FIGURES = set("0123456789.,%+-/* ")
_PUNCTUATION = frozenset("、；：“”‘’")


def normalised(field: Field, text: str) -> str:
    """Return a text as it is put into a field: figures have their signs in plain width.

    ``８５．５`` and ``85。5`` become ``85.5`` before they stand there.
    """
    return to_ascii(text) if field.kind in (Kind.FIGURE, Kind.DATE) else text


def refused(field: Field, text: str) -> str:
    """Return the signs of a (normalised) text that can be no part of what the field holds.

    A figure may carry a unit or a word (2项, 200余人, 不适用); Latin letters only where the
    field's own unit has them or the word is ``n/a``.
    """
    if field.kind is not Kind.FIGURE:
        return "".join(sign for sign in text if not may_stand(sign))
    allowed = _PART_OF_FIGURES | set(field.unit) | set("naNA")
    return "".join(
        sign for sign in text
        if not sign.isprintable()
        or sign in _PUNCTUATION
        or (sign.isascii() and sign not in allowed)
    )  # fmt: skip


def problem_with(field: Field, text: str, year: int = 2000) -> str:
    """Return why a text cannot be used in a field and what to do, or an empty text.

    It warns; nothing is refused at entry, so that no typing is lost.
    """
    plain = text.strip()
    if not plain or field.read_only:
        return ""
    if len(plain) > field.limit:
        return f"最多 {field.limit} 字，现有 {len(plain)} 字，请精简"
    if field.kind is Kind.DATE:
        return "" if day(plain, year) is not None else "不是日期，请填如 11月30日"
    if field.kind is Kind.CHOICE and field.options and plain not in field.options:
        return f"请从这几项里选：{'、'.join(field.options)}"
    return _problem_with_figure(field, plain) if field.kind is Kind.FIGURE else ""


def _problem_with_figure(field: Field, text: str) -> str:
    read = figure(text)
    if read.state is FigureState.UNREADABLE:
        return read.problem or f"“{text}”不是数值"
    placed = read.in_unit(field.unit) if field.unit else read
    if placed.state is FigureState.UNREADABLE:
        return placed.problem
    if placed.value is None:
        return ""
    if field.least is not None and placed.value < field.least:
        return f"不能低于 {decimal_text(field.least)}"
    if field.most is not None and placed.value > field.most:
        return f"不能高于 {decimal_text(field.most)}"
    return ""


def reading_of(field: Field, text: str, year: int) -> str:
    """Return how a text is understood, where that is worth saying; else an empty text.

    A target is put in words (``≤10%`` → 不超过 10%), a figure in another unit in the field's own.
    """
    plain = text.strip()
    if field.kind is Kind.TARGET and plain:
        read = target(plain, field.unit, year)
        return f"读作：{read.reading}" if read.operator is not Operator.BLANK else ""
    if field.kind is Kind.FIGURE and plain:
        placed = figure(plain)
        if placed.state is FigureState.BLANK:
            return "按未填计；没有发生的请填 0"
        if placed.state is FigureState.NUMBER and placed.unit and placed.unit != field.unit:
            own = placed.in_unit(field.unit)
            if own.value is not None and own.unit == field.unit != "%":
                return f"读作：{decimal_text(own.value)} {field.unit}"
    return ""


def proposal_for(field: Field, text: str) -> Proposal | None:
    """Return what is offered for the text that stands in a field: ``200余人`` → 200.

    While the field is empty, what the session offers for it.
    """
    plain = text.strip()
    if not plain:
        return field.proposal
    if field.kind is Kind.FIGURE:
        read = figure(plain)
        if read.state is FigureState.UNREADABLE and read.proposal is not None:
            percent = "%" if "%" in plain else ""
            value = read.proposal * 100 if percent else read.proposal
            return Proposal(f"{decimal_text(value)}{percent}", f"“{plain}”按这个数计")
    if field.proposal is not None and field.proposal.text != plain:
        return field.proposal
    return None


def stored(field: Field, text: str) -> object:
    """Return what is saved for a text: an element's yes or no, a list of words, else the text.

    An emptied 得分率 is taken out, so that the tier is scored by its rows again; so is an emptied
    填报数 or text of the report: nothing is said there any more.
    """
    plain = text.strip()
    if field.kind is Kind.ELEMENT:
        return {"是": True, "否": False}.get(plain)
    name = field.path.rsplit("/", 1)[-1]
    if name == "qualitative":
        return plain == "是"
    if name == "fund_origins":
        return [part for part in re.split(r"[、，,；;\s]+", plain) if part]
    if field.codes and plain in field.options:
        return field.codes[field.options.index(plain)]
    if not plain and (
        "/tier_rates/" in field.path or field.path.startswith(("claimed/", "texts/"))
    ):
        return None
    return plain


@dataclass(frozen=True, slots=True)
class Remark:
    """The line below a field: a problem (``wrong``), an offer, a reading, help."""

    text: str = ""
    wrong: bool = False


def remark(field: Field, text: str, year: int, *, focused: bool, key: str = "Ctrl+A") -> Remark:
    """Return what is said below a field holding ``text``; ``key`` takes what is offered."""
    offer = proposal_for(field, text)
    offered = ""
    if offer and not field.read_only:
        offered = f"建议 {offer.text}"
        if focused or offer is not field.proposal:
            offered += f"（{offer.why}），{key} 采用"
    if problem := problem_with(field, text, year):
        cure = offered if offer and offer is not field.proposal else ""
        return Remark(on_screen(f"{problem}。{cure}" if cure else problem), wrong=True)
    said = [offered, reading_of(field, text, year)]
    if focused:
        said += [field.help, f"{key} 选常用语" if field.stock and not text.strip() else ""]
    return Remark(on_screen("；".join(part for part in said if part)))
