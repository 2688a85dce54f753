"""What every Word document shares: marked numbers, the unit's own texts, what is missing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from perfeval.errors import Problem
from perfeval.exchange.report.charts import Chart
from perfeval.exchange.report.figures import CHART, Figures, Printed, one_line, paragraphs
from perfeval.numbers import ZERO, Exact, Figure, FigureState, decimal_text
from perfeval.scoring.scorecard import ProjectResult, Result, Scorecard, rate_text
from perfeval.session.change import join, under
from perfeval.session.model import Session

Words = dict[str, Any]
"""What a template may name: texts, lists of texts, and mappings of them."""

TO_WRITE = "【待补充：{}】"
FINAL, FINAL_BASIC, FINAL_PROJECTS = "决算支出", "基本支出决算", "项目支出决算"
"""表外数字 (statements) that documents print where they are given."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a Word document says: the words of the template, its numbers, its charts.

    ``missing`` is what the user has still to write, or to know before handing it in.
    """

    title: str
    words: Words
    figures: Mapping[str, Printed]
    charts: tuple[Chart, ...] = ()
    missing: tuple[Problem, ...] = ()


class Writing:
    """What every document shares: marked numbers, the unit's own texts, what is missing."""

    def __init__(self, session: Session, card: Scorecard) -> None:
        self.session, self.card = session, card
        self.figures = Figures()
        self.charts: list[Chart] = []
        self.missing: list[Problem] = []

    def document(self, title: str, words: Words) -> Document:
        """Return the finished document."""
        shown = self.figures.printed
        return Document(one_line(title), words, shown, tuple(self.charts), tuple(self.missing))

    def common(self) -> Words:
        """Return the words about the unit."""
        unit = self.session.unit
        return {
            "单位": one_line(unit.name),
            "单位编码": one_line(unit.code),
            "主管部门": one_line(unit.department_in_charge),
            "年度": str(self.session.year),
            "日期": _day(unit.filled_on) or self.to_write("填报日期", "封面"),
            "金额单位": self.session.money_unit,
        }

    # --- texts ------------------------------------------------------------------------------

    def to_write(self, what: str, where: str) -> str:
        """Return the mark of something not written yet, and remember to tell of it."""
        cure = "请填写后重新导出，或在 Word 中补写"
        self.missing.append(Problem(where, f"还没有写“{what}”", cure, "警告"))
        return TO_WRITE.format(what)

    def text(self, name: str, heading: str = "") -> list[str]:
        """Return the paragraphs of a text of the unit; with a ``heading`` it must be there."""
        written = paragraphs(self.session.texts.get(name, ""))
        return written or ([self.to_write(name, heading)] if heading else [])

    # --- numbers ----------------------------------------------------------------------------

    def money(self, path: str, name: str, read: Figure | None) -> str:
        """Return an amount in the session's unit, with the decimals it has: `` 838.1 万元``."""
        if read is None or read.value is None:
            return ""
        places = read.places if read.places >= 0 else None
        shown = self.figures.mark(path, name, decimal_text(read.value, places))
        return f"{shown} {self.session.money_unit}"

    def statement(self, name: str) -> str:
        """Return a named amount of the unit, or an empty text where it is not given."""
        read = self.session.statement(name).in_unit(self.session.money_unit)
        return self.money(join("statements", name), name, read)

    def rate(self, path: str, name: str, value: Exact | None, places: int = 2) -> str:
        """Return a rate as a percentage with so many decimals."""
        return self.figures.mark(path, name, rate_text(value, places=places))

    def count(self, path: str, name: str, value: int) -> str:
        """Return a number of things."""
        return self.figures.mark(path, name, str(value))

    def total(self, path: str, name: str, result: Result) -> str:
        """Return a total as the set rounds it."""
        return self.figures.mark(under(path, "total"), f"{name}得分", result.total_text)

    def graded(self, path: str, name: str, result: Result) -> str:
        """Return ``，等级为“优”`` where there is a grade."""
        if not result.grade:
            return ""
        return f"，等级为“{self.figures.mark(under(path, 'grade'), f'{name}等级', result.grade)}”"

    def chart(self, chart: Chart) -> Words:
        """Add a chart; return its caption and the mark that holds its place."""
        self.charts.append(chart)
        number = len(self.charts)
        place = f"{CHART}{number - 1}{CHART}"
        return {"位置": place, "标题": f"图 {number}　{chart.title}"}

    # --- projects ---------------------------------------------------------------------------

    @property
    def evaluated(self) -> list[ProjectResult]:
        """The projects that take part."""
        return [project for project in self.card.projects if project.result is not None]

    def column(self, path: str, name: str, figures: Iterable[Figure | None]) -> str:
        """Return the sum of a column of money; empty where nothing is entered."""
        return self.money(path, name, total(figures, self.session.money_unit))

    def excluded(self) -> Iterator[str]:
        """Yield a sentence for each project that takes no part, with the reason."""
        for project in self.card.projects:
            if project.excluded:
                reason = one_line(project.excluded).rstrip("。")
                yield f"{one_line(project.name)}不参加自评：{reason}。"


def total(figures: Iterable[Figure | None], unit: str) -> Figure | None:
    """Return the sum of what is entered, with the most decimals of any; None where nothing is."""
    read = [one for one in figures if one is not None and one.value is not None]
    if not read:
        return None
    value = sum((one.value for one in read if one.value is not None), ZERO)
    return Figure("", FigureState.NUMBER, value, unit, max(one.places for one in read))


def _day(text: str) -> str:
    """Return a date as documents write it: 2025-03-04 → 2025年3月4日; anything else as it is."""
    match = re.fullmatch(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})", text.strip())
    return f"{match[1]}年{int(match[2])}月{int(match[3])}日" if match else one_line(text)
