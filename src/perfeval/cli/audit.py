"""``audit``: a published report, every printed number proven or shown wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perfeval.cli.common import (
    FINDINGS,
    FINE,
    As,
    AsJson,
    Options,
    Why,
    finder,
    opened_store,
    print_json,
    refuse_existing,
    say,
    who,
)

if TYPE_CHECKING:
    from perfeval.audit.auditing import Examined
    from perfeval.audit.model import Audit
    from perfeval.audit.record import Comparison
    from perfeval.exchange.intake.ledger import Ledger

Report = Annotated[
    Path,
    typer.Argument(metavar="文件", help="公开的决算或自评报告：文本、Word、Excel、网页、PDF"),
]


def audit(
    file: Report,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record", metavar="文件", help="审核记录写到哪里（核实说明缺省记在数据文件夹）"
        ),
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
    to_session: Annotated[
        str,
        typer.Option(
            "--to-session", metavar="编号", help="按报告建立自评任务；auto 为按单位和年度编号"
        ),
    ] = "",
    as_json: AsJson = False,
) -> int:
    """公开报告审核：逐个核对印出的数字，说明哪里不成立、可能错在哪个数。有不成立时退出码为 1。"""
    from perfeval.audit import output
    from perfeval.audit.auditing import audit_of, examine
    from perfeval.audit.readers import read
    from perfeval.audit.record import (
        compare,
        earlier_record,
        explain_finding,
        load_record,
        record_place,
        save_record,
    )
    from perfeval.exchange.writer import write_file

    refuse_existing(*(path for path in (xlsx, docx) if path is not None))
    earlier = load_record(compare_with) if compare_with is not None else None
    examined = examine(read(file))
    found = audit_of(examined)
    kept = earlier_record(found, record)
    for one in (earlier, kept):
        found = found.explained(one.waivers) if one is not None else found
    if explain:
        found = explain_finding(found, explain, why, who(name))
        record = record or record_place(found)
    changed = compare(found, earlier) if earlier is not None else None
    made = saved(examined, to_session, who(name)) if to_session else None
    if as_json:
        told = found.as_dict()
        told |= {"compared": changed.as_dict()} if changed is not None else {}
        print_json(told | ({"session": made.as_dict()} if made is not None else {}))
    else:
        show(found, changed)
        if made is not None:
            say(f"\n{made.told}")
    if record is not None:
        save_record(found, record, file=file, when=datetime.now())
    for path, make in ((xlsx, output.workbook), (docx, output.word)):
        if path is not None:
            written = write_file(path, make(found))
            say(f"已写成 {written}", beside=as_json)
    return FINDINGS if found.failed else FINE


@dataclass(frozen=True, slots=True)
class Made:
    """The session that was made of a report: its id, how many changes, and every value's place."""

    id: str
    changes: int
    ledger: Ledger

    @property
    def told(self) -> str:
        """Return in words what was made, and what was not taken."""
        left = "".join(f"\n  {note}" for note in self.ledger.notes)
        left += "".join(
            f"\n  没有采用 {entry.place} {entry.raw[:30]}：{entry.reason}"
            for entry in self.ledger.entries
            if str(entry.verdict) == "不采用"
        )
        made = f"已按报告建立自评任务 {self.id}（{self.ledger.summary}）"
        return f"{made}，每个数的出处记在修改记录里{left}"

    def as_dict(self) -> dict[str, Any]:
        """Return the same for JSON."""
        return {"id": self.id, "changes": self.changes, "cells": self.ledger.as_dicts()}


def saved(examined: Examined, session_id: str, name: str) -> Made:
    """Save the session a report stands for. Raises for an id that is taken; nothing is saved."""
    from perfeval.audit.as_session import as_session
    from perfeval.handover import Import, carry_out
    from perfeval.indicators.library import set_files
    from perfeval.session.starting import id_for
    from perfeval.store.listing import free_id
    from perfeval.store.workspace import require_id

    with opened_store() as store:
        if session_id == AUTO:
            session_id = free_id(store, id_for(*examined.of_whom))
        require_id(session_id)
        filled = as_session(examined, session_id, finder(), set_files(Options.sets))
        planned = Import(filled.reading, filled.ledger, None, filled.find)
        made, changes = carry_out(store, planned, who=name)
    return Made(made, changes, filled.ledger)


AUTO = "auto"


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
        say(f"\n与上次相比：{changed.told}")
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
