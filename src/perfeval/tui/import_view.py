"""What an import would do, as lines of a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from perfeval.tui.widgets.grid import Column, Row

if TYPE_CHECKING:
    from perfeval.exchange.intake.ledger import Entry
    from perfeval.handover import Import

SUFFIXES = (".xlsx", ".xls", ".et", ".ods", ".xlsm", ".docx", ".csv")

COLUMNS = (
    Column("结论", 6),
    Column("表中位置", 16, rank=2, ends=True),
    Column("表中内容", 18),
    Column("记到", 0, least=26, ends=True),
    Column("记成", 14, rank=1),
    Column("说明", 16, rank=3),
)


def rows_of(plan: Import, *, everything: bool) -> Iterator[Row]:
    """Yield the list's lines: what is taken and refused, or every cell of the file."""
    from perfeval.session.labels import label

    session = plan.ledger.applied()  # what is new has its name only there
    for number, entry in enumerate(plan.ledger.entries):
        if everything or worth_showing(entry):
            where = label(session, plan.find, entry.path) if entry.path else ""
            value = f"{entry.value}（原 {entry.old}）" if entry.old and entry.taken else entry.value
            cells = (entry.verdict.value, entry.place, entry.raw, where, value, entry.reason)
            yield Row(str(number), cells, "" if entry.taken else "dim")


def worth_showing(entry: Entry) -> bool:
    """Whether a cell is one to look at: taken or refused; the rest is titles and equal values."""
    from perfeval.exchange.intake.ledger import Verdict

    return entry.verdict not in (Verdict.IGNORED, Verdict.SAME)


def about(plan: Import) -> str:
    """Return what was read, the counts and the notes; at the end what to press."""
    lines = [f"读到：{plan.reading.kinds}", plan.ledger.summary, *plan.ledger.notes]
    where = "写入这个任务" if plan.workspace else "建立新任务"
    return "\n".join([*lines, f"现在什么都没有改。按 F4 {where}，Esc 不导入"])
