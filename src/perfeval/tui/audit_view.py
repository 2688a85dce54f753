"""An audit of a published report as lines: the findings, one in full, what was covered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from perfeval.tui.signs import on_screen
from perfeval.tui.widgets.grid import Column, Row

if TYPE_CHECKING:
    from perfeval.audit.model import Audit, AuditFinding
    from perfeval.audit.record import Comparison, KeptAudit

SUFFIXES = (
    *(".txt", ".md", ".docx", ".pdf", ".html", ".htm"),
    *(".xlsx", ".xls", ".et", ".ods", ".xlsm", ".csv"),
)
"""The files offices publish in."""

COLUMNS = (
    Column("结论", 8),
    Column("核对", 10, rank=2),
    Column("位置", 14, rank=1),
    Column("问题", 0, least=32),
    Column("说明", 8),
)
RECORDS = (".json",)


def rows_of(audit: Audit, changed: Comparison | None = None) -> Iterator[Row]:
    """Yield the findings worst first, then what was found the last time and is no more."""
    from perfeval.audit.equations import Verdict
    from perfeval.audit.output import WORDS

    new = {one.fingerprint for one in changed.new} if changed else set()
    for one in audit.findings:
        state = "已说明" if one.waiver else "说明失效" if one.lapsed else ""
        state = state or ("新出现" if one.fingerprint in new else "")
        style = "dim" if one.waiver else "bold" if one.verdict is Verdict.FAIL else ""
        told = on_screen(one.message)
        cells = (WORDS[one.verdict], one.check, str(one.place), told, state)
        yield Row(one.fingerprint, cells, style)
    for gone in changed.closed if changed else ():
        cells = ("已改正", "", "", on_screen(gone.message), "")
        yield Row(f"gone-{gone.fingerprint}", cells, "dim")


def about(audit: Audit, changed: Comparison | None = None) -> str:
    """Return what was found in one line, and what became of the last time's findings."""
    from perfeval.audit.output import headline

    lines = [headline(audit)]
    if changed and (changed.closed or changed.new):
        lines.append(f"与以前相比：{changed.told}")
    return "\n".join(lines)


def heading(audit: Audit) -> str:
    """Return whose report it is."""
    year = f"{audit.year} 年度" if audit.year else ""
    return " · ".join(part for part in ("核对公开稿", audit.unit, year, audit.name) if part)


def detail_lines(finding: AuditFinding) -> list[str]:
    """Return everything there is to say about a finding."""
    from perfeval.audit.output import WORDS, blame_lines, waiver_line

    lines = [
        f"{WORDS[finding.verdict]} · {finding.severity}　{finding.check}　{finding.place}",
        on_screen(finding.message),
        f"原文：{finding.quote}",
    ]
    if finding.printed or finding.expected:
        lines.append(f"印为：{finding.printed or '（无）'}    应为：{finding.expected or '（无）'}")
    lines += [f"归因：{on_screen(line)}" for line in blame_lines(finding)]
    if line := waiver_line(finding):
        lines.append(f"核实说明：{line}")
    return lines


def coverage_text(audit: Audit) -> str:
    """Return what was checked and what was not."""
    lines = [f"{audit.paragraphs} 段、{audit.tables} 张表、{audit.figures} 个数", ""]
    for one in audit.coverage:
        counts = (
            ("成立", one.passed), ("不成立", one.failed), ("待核实", one.uncertain),
            ("无法判断", one.not_assessable),
        )  # fmt: skip
        lines.append(f"{one.check}：" + "，".join(f"{word} {n}" for word, n in counts if n))
    if audit.missing:
        lines += ["", *(f"没有核对：{told}" for told in audit.missing)]
    return "\n".join(lines)


def kept_lines(kept: Iterable[KeptAudit]) -> Iterator[tuple[KeptAudit, str, str]]:
    """Yield the audits kept, each with its name and a note."""
    for one in kept:
        failed = sum(f.verdict == "FAIL" and f.waiver is None for f in one.findings)
        year = f" {one.year} 年度" if one.year else ""
        note = f"{one.when} · 不成立 {failed} 条 · {one.document}"
        yield one, f"{one.unit or one.document}{year}", note


def exported_places(folder: Path, audit: Audit) -> tuple[Path, Path]:
    """Return where an audit's workbook and Word document go; an older one is not replaced."""
    from perfeval.exchange.filenames import numbered, safe_name

    stem = safe_name(f"{audit.unit or Path(audit.name).stem} 公开稿审核结果")
    for path in numbered(folder / f"{stem}.xlsx"):
        if not path.exists() and not path.with_suffix(".docx").exists():
            return path, path.with_suffix(".docx")
    raise AssertionError("names never end")
