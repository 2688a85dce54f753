"""Lists that go with the forms: 整改台账, 审核报告, 佐证材料目录.

What the session does not know (a measure, a date) is left as a cell to fill in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from perfeval.checks import Finding, Level, not_assessed
from perfeval.exchange.book import Book
from perfeval.exchange.layout import (
    BODY,
    ENTRY_TEXT,
    HEAD,
    SUM,
    SUM_TEXT,
    Choice,
    Limit,
    Live,
    Sheet,
    area,
    title,
)
from perfeval.exchange.matters import STATES, matters
from perfeval.exchange.signoff import sign_off
from perfeval.numbers import Exact
from perfeval.session.labels import label

# --- 整改台账 --------------------------------------------------------------------------------

MEASURES = "整改台账"
_DAYS = Exact(36526), Exact(73050)  # 2000-01-01 … 2099-12-31 as Excel counts


def measures(book: Book) -> list[Sheet]:
    """Return 整改台账: problems from checks, lost points and review, with what is done."""
    session = book.session
    sheet = Sheet(MEASURES, (6, 9, 26, 52, 40, 14, 13, 11, 30), 9, header=(2, 2))
    left = f"部门（单位）名称：{session.unit.name}"
    title(sheet, MEASURES, left, f"{session.year} 年度    底色单元格由责任科室填写")
    head = ("序号", "来源", "对象", "问题", "整改措施", "责任科室", "完成时限", "整改状态", "备注")
    sheet.row(2, head, HEAD)
    for number, matter in enumerate(matters(book.material), 1):
        row = sheet.rows
        sheet.put(row, 0, Exact(number), BODY)
        sheet.text(row, 1, matter.source, BODY)
        sheet.text(row, 2, matter.place)
        sheet.text(row, 3, matter.problem)
        sheet.text(row, 4, matter.measure, ENTRY_TEXT)
        sheet.text(row, 5, matter.owner, ENTRY_TEXT)
        sheet.put(row, 6, _date(matter.due), ENTRY_TEXT.with_number("yyyy-mm-dd"))
        sheet.limits.append(Limit(row, 6, *_DAYS, "请填日期，如 2025-6-30", kind="date"))
        sheet.put(row, 7, matter.state or None, ENTRY_TEXT)
        sheet.choices.append(Choice(row, 7, STATES, f"只能填：{'、'.join(STATES)}"))
        sheet.text(row, 8, matter.note, ENTRY_TEXT)
    if sheet.rows == 3:
        sheet.paragraph("审核、扣分、复核中没有需要整改的问题。")
    sign_off(sheet, next(book.material.sets()).sign_off, session.unit)
    return [sheet]


def _date(text: str) -> Exact | str | None:
    """Return a day as Excel counts it; another text as it is, and None for none."""
    try:
        return Exact((date.fromisoformat(text) - date(1899, 12, 30)).days)
    except ValueError:
        return text or None


# --- 审核报告 --------------------------------------------------------------------------------

FINDINGS = "审核报告"


def findings(book: Book) -> list[Sheet]:
    """Return 审核报告: every finding with both numbers, and what could not be checked."""
    session, found = book.session, book.material.findings
    sheet = Sheet(FINDINGS, (6, 8, 20, 64, 16, 16, 26, 30), 8, header=(3, 3))
    left = f"部门（单位）名称：{session.unit.name}"
    title(sheet, FINDINGS, left, f"{session.year} 年度")
    head = ("序号", "级别", "审核内容", "问题", "填报数", "核算数", "依据", "核实说明")
    sheet.row(3, head, HEAD)
    for number, one in enumerate(found, 1):
        row = sheet.rows
        sheet.put(row, 0, Exact(number), BODY)
        sheet.put(row, 1, one.level.value, BODY)
        sheet.text(row, 2, one.title)
        sheet.text(row, 3, _told(one))
        sheet.text(row, 4, one.claimed, BODY)
        sheet.text(row, 5, one.expected, BODY)
        sheet.text(row, 6, one.basis)
        sheet.text(row, 7, one.waiver.reason if one.waiver else "")
    _counts(sheet, found)
    if not found:
        sheet.paragraph("没有发现问题。")
    open_ = not_assessed(session, book.material.card, book.material.find)
    if open_:
        listed = "；".join(f"{one.title}（{one.reason}）" for one in open_)
        sheet.paragraph(f"未作审核：{listed}。")
    return [sheet]


def _told(one: Finding) -> str:
    """Return the sentence of a finding, the guess it rests on, and each place it stands for."""
    parts = [one.message]
    if one.assumption:
        parts.append(f"（{one.assumption}）")
    if len(one.members) > 1:
        parts += [f"· {member.message}" for member in one.members]
    return "\n".join(parts)


def _counts(sheet: Sheet, found: list[Finding]) -> None:
    """Write above the table how many findings of each level there are."""
    last = max(sheet.rows - 1, 5)  # never a single cell: that is no range to every COUNTIF
    levels = area(1, 4, last)
    sheet.row(2, (None,) * 8, SUM)
    sheet.wide(2, 0, 3, "审核结论", SUM_TEXT)
    for column, level in enumerate(Level, 4):
        count = sum(one.level is level for one in found)
        formula = f'"{level.value} "&COUNTIF({levels},"{level.value}")&" 条"'
        sheet.live(2, column, Live(formula, f"{level.value} {count} 条"), SUM)


# --- 佐证材料目录 ----------------------------------------------------------------------------

EVIDENCE = "佐证材料目录"


def evidence(book: Book) -> list[Sheet]:
    """Return 佐证材料目录 in the order of the numbers, B3-2 before B3-10."""
    session, find, present = book.session, book.material.find, book.material.present
    sheet = Sheet(EVIDENCE, (12, 50, 12, 56, 13, 16, 14), 7, header=(2, 2))
    left = f"部门（单位）名称：{session.unit.name}"
    title(sheet, EVIDENCE, left, f"{session.year} 年度")
    last = "备注" if present is None else "文件"
    head = ("编号", "材料名称", "页码", "证明的指标", "大小", "校验码", last)
    sheet.row(2, head, HEAD)
    kept = sorted(session.evidence.items(), key=lambda item: (natural(item[1].number), item[0]))
    for key, one in kept:
        row = sheet.rows
        sheet.text(row, 0, one.number, BODY)
        sheet.text(row, 1, one.name)
        sheet.text(row, 2, one.page, BODY)
        sheet.text(row, 3, "\n".join(label(session, find, path) for path in one.paths))
        sheet.put(row, 4, size_text(one.size), BODY)
        sheet.put(row, 5, one.sha256[:12], BODY)
        sheet.text(row, 6, present.get(key, "") if present is not None else "", BODY)
    return [sheet]


def size_text(size: int) -> str:
    """Return a size in the unit people read it in: 812 B, 40 KB, 3.2 MB."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1000:.0f} KB"
    return f"{size / 1_000_000:.1f} MB"


def natural(number: str) -> tuple[tuple[int, int, str], ...]:
    """Return what sorts numbers as people do: B3-2 before B3-10."""
    pieces: Iterable[str] = re.findall(r"[0-9]+|[^0-9]+", number)
    return tuple((0, int(one), "") if one.isdecimal() else (1, 0, one) for one in pieces)
