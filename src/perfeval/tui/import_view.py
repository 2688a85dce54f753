"""What an import would do, as lines of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfeval.tui.widgets.grid import Column, Row

if TYPE_CHECKING:
    from perfeval.exchange.intake.ledger import Entry
    from perfeval.handover import Import
    from perfeval.session.model import Session
    from perfeval.store.workspace import Finder

SUFFIXES = (".xlsx", ".xls", ".et", ".ods", ".xlsm", ".docx", ".csv")

COLUMNS = (
    Column("结论", 6),
    Column("表中位置", 16, rank=2, ends=True),
    Column("表中内容", 16),
    Column("记到", 0, least=26, ends=True),
    Column("记成", 16, rank=1),
    Column("说明", 16, rank=3),
)


def rows_of(plan: Import, *, everything: bool) -> list[Row]:
    """Return the list's lines: every cell of the file, or what is refused and taken."""
    session = plan.ledger.applied()  # what is new has its name only there
    return [
        _row(str(number), entry, session, plan.find)
        for number, entry in plan.lines(everything=everything)
    ]


def _row(key: str, entry: Entry, session: Session, find: Finder) -> Row:
    from perfeval.exchange.intake.ledger import Verdict
    from perfeval.session.labels import label

    where = label(session, find, entry.path) if entry.path else ""
    value = f"{entry.value}（原 {entry.old}）" if entry.old and entry.taken else entry.value
    cells = (entry.verdict.value, entry.place, entry.raw, where, value, entry.reason)
    plain = "" if entry.taken else "dim"
    return Row(key, cells, "bold" if entry.verdict is Verdict.REFUSED else plain)


def about(plan: Import) -> str:
    """Return what was read, the counts and the notes; at the end what to press."""
    lines = [f"读到：{plan.reading.kinds}", plan.ledger.summary, *plan.ledger.notes]
    where = "写入这个任务" if plan.workspace else "建立新任务"
    return "\n".join([*lines, f"现在什么都没有改。按 F4 {where}，Esc 不导入"])
