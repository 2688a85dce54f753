"""``audit``: a published report, every printed number proven or shown wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perfeval.cli.common import (
    FINDINGS,
    FINE,
    As,
    AsJson,
    Why,
    print_json,
    refuse_existing,
    say,
    who,
)
from perfeval.errors import PerfevalError

if TYPE_CHECKING:
    from perfeval.audit.model import Audit
    from perfeval.audit.record import Comparison

Report = Annotated[
    Path,
    typer.Argument(metavar="文件", help="公开的决算或自评报告：文本、Word、Excel、网页、PDF"),
]


def audit(
    file: Report,
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="文件", help="审核记录：保留核实说明，并写入这次结果"),
    ] = None,
    compare_with: Annotated[
        Path | None, typer.Option("--compare", metavar="文件", help="与更正前的审核记录对比")
    ] = None,
    explain: Annotated[
        str, typer.Option("--explain", metavar="编号", help="给一条写核实说明（记入审核记录）")
    ] = "",
    why: Why = "",
    name: As = "",
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="文件", help="审核结果写成 Excel")
    ] = None,
    docx: Annotated[
        Path | None, typer.Option("--docx", metavar="文件", help="审核结果写成 Word")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """公开报告审核：逐个核对印出的数字，说明哪里不成立、可能错在哪个数。有不成立时退出码为 1。"""
    from perfeval.audit import output
    from perfeval.audit.auditing import audit_file
    from perfeval.audit.record import compare, explain_finding, load_record, save_record, waivers_of
    from perfeval.exchange.writer import write_file

    refuse_existing(*(path for path in (xlsx, docx) if path is not None))
    if explain and record is None:
        raise PerfevalError("核实说明要记入审核记录。请加 --record 文件")
    earlier = load_record(compare_with) if compare_with is not None else []
    kept = load_record(record) if record is not None and record.is_file() else []
    found = audit_file(file).explained(waivers_of(earlier) | waivers_of(kept))
    if explain:
        found = explain_finding(found, explain, why, who(name))
    changed = compare(found, earlier) if compare_with is not None else None
    if as_json:
        told = found.as_dict()
        print_json(told | ({"compared": changed.as_dict()} if changed is not None else {}))
    else:
        show(found, changed)
    if record is not None:
        save_record(found, record)
    for path, make in ((xlsx, output.workbook), (docx, output.word)):
        if path is not None:
            written = write_file(path, make(found))
            say(f"已写成 {written}", beside=as_json)
    return FINDINGS if found.failed else FINE


def show(found: Audit, changed: Comparison | None) -> None:
    """Print an audit: the findings, certain ones first, and what was covered."""
    from perfeval.audit.output import WORDS, blame_lines, headline, waiver_line

    year = f" {found.year} 年度" if found.year else ""
    say(f"{found.name} {found.unit}{year}")
    say(f"审核：{headline(found)}")
    for one in found.findings:
        say(f"\n{one.fingerprint} {WORDS[one.verdict]}·{one.severity} {one.check}　{one.place}")
        say(f"  {one.message}")
        say(f"  原文：{one.quote}")
        for line in blame_lines(one):
            say(f"  归因：{line}")
        if line := waiver_line(one):
            say(f"  核实说明：{line}")
    if changed is not None:
        say(
            f"\n与上次相比：已改正 {len(changed.closed)} 条，仍在 {len(changed.open)} 条，"
            f"新出现 {len(changed.new)} 条"
        )
        for gone in changed.closed:
            say(f"  已改正 {gone.fingerprint} {gone.message}")
        for new in changed.new:
            say(f"  新出现 {new.fingerprint} {new.message}")
    say(f"\n核对范围：{found.paragraphs} 段、{found.tables} 张表、{found.figures} 个数")
    for covered in found.coverage:
        counts = [
            f"{word} {number}"
            for word, number in (
                ("成立", covered.passed), ("不成立", covered.failed),
                ("待核实", covered.uncertain), ("无法判断", covered.not_assessable),
            )
            if number
        ]  # fmt: skip
        say(f"  {covered.check}：{'，'.join(counts)}")
    for told in found.missing:
        say(f"  没有核对：{told}")


VERBS = {"audit": audit}
