"""An audit as a workbook and as a Word document: the findings, then what was covered."""

from __future__ import annotations

import io
from collections.abc import Iterator

from perfeval.audit.equations import Verdict
from perfeval.audit.model import Audit, AuditFinding
from perfeval.exchange.layout import BODY, HEAD, TEXT, Sheet, title

WORDS = {
    Verdict.FAIL: "不成立",
    Verdict.UNCERTAIN: "待核实",
    Verdict.NOT_ASSESSABLE: "无法判断",
    Verdict.PASS: "成立",
}
"""What a verdict is called on the screen."""
_HEAD = (
    "编号",
    "结论",
    "类别",
    "核对",
    "位置",
    "问题",
    "印出的数",
    "应为",
    "可能之一",
    "原文",
    "核实说明",
)
_COVERED = ("核对", "成立", "不成立", "待核实", "无法判断")


def blame_lines(finding: AuditFinding) -> list[str]:
    """Return the corrections that would mend a finding; several are each one possibility."""
    if len(finding.blame) < 2:
        return list(finding.blame)
    return [f"可能之一：{one}" for one in finding.blame]


def waiver_line(finding: AuditFinding) -> str:
    """Return the 核实说明 of a finding, or that one no longer holds."""
    if finding.waiver is not None:
        return f"{finding.waiver.reason}（{finding.waiver.who}）"
    if finding.lapsed is not None:
        return f"已失效，数字变了：{finding.lapsed.reason}（{finding.lapsed.who}）"
    return ""


def headline(audit: Audit) -> str:
    """Return what was found in one line."""
    counts = [
        f"{word} {number}"
        for verdict, word in WORDS.items()
        if (number := sum(one.verdict is verdict for one in audit.findings))
    ]
    held = sum(one.passed for one in audit.coverage)
    return f"{'，'.join(counts) or '没有发现问题'}；{held} 条勾稽关系成立"


def _cells(finding: AuditFinding) -> tuple[str, ...]:
    return (
        finding.fingerprint,
        WORDS[finding.verdict],
        str(finding.severity),
        finding.check,
        str(finding.place),
        finding.message,
        finding.printed,
        finding.expected,
        "\n".join(blame_lines(finding)),
        finding.quote,
        waiver_line(finding),
    )


def sheets(audit: Audit) -> list[Sheet]:
    """Return the workbook's sheets: 审核结果 and 核对范围."""
    widths = (13.0, 9.0, 6.0, 9.0, 14.0, 56.0, 12.0, 12.0, 26.0, 36.0, 20.0)
    found = Sheet("审核结果", widths, len(widths), header=(2, 2))
    left = f"{audit.name}　{audit.unit}"
    title(found, "公开报告审核结果", left, f"{audit.year or ''}年度".removeprefix("年度"))
    found.row(2, _HEAD, HEAD)
    for row, finding in enumerate(audit.findings, 3):
        for column, text in enumerate(_cells(finding)):
            found.text(row, column, text)
    covered = Sheet("核对范围", (20.0, 10.0, 10.0, 10.0, 10.0), 5, header=(2, 2))
    title(covered, "核对了什么", audit.name, headline(audit))
    covered.row(2, _COVERED, HEAD)
    for row, one in enumerate(audit.coverage, 3):
        counts = (one.passed, one.failed, one.uncertain, one.not_assessable)
        covered.row(row, (one.check, *map(str, counts)), BODY)
    for row, told in enumerate(audit.missing, 4 + len(audit.coverage)):
        covered.wide(row, 0, 4, f"没有核对：{told}", TEXT)
    return [found.finish(), covered.finish()]


def workbook(audit: Audit) -> bytes:
    """Return the audit as an .xlsx file."""
    from perfeval.exchange.writer import render

    return render(sheets(audit), "公开报告审核结果")


def word(audit: Audit) -> bytes:
    """Return the audit as a .docx file."""
    from docx import Document

    made = Document()
    made.add_heading("公开报告审核结果", 0)
    made.add_paragraph(f"{audit.name}　{audit.unit}　{headline(audit)}")
    for number, finding in enumerate(audit.findings, 1):
        made.add_heading(f"{number}. {WORDS[finding.verdict]} · {finding.check}", 2)
        for line in told(finding):
            made.add_paragraph(line)
    made.add_heading("核对范围", 1)
    table = made.add_table(rows=1, cols=5, style="Table Grid")
    for cell, text in zip(table.rows[0].cells, _COVERED, strict=True):
        cell.text = text
    for one in audit.coverage:
        values = (one.check, one.passed, one.failed, one.uncertain, one.not_assessable)
        for cell, value in zip(table.add_row().cells, values, strict=True):
            cell.text = str(value)
    for missing in audit.missing:
        made.add_paragraph(f"没有核对：{missing}")
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def told(finding: AuditFinding) -> Iterator[str]:
    """Yield a finding in lines: what does not hold, where, what would mend it."""
    yield finding.message
    yield f"{finding.place}：{finding.quote}"
    for line in blame_lines(finding):
        yield f"归因 {line}"
    if line := waiver_line(finding):
        yield f"核实说明 {line}"
