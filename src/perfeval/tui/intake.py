"""从 Excel 导入 without a screen: read, plan, apply. The desk runs these in its thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from perfeval.tui.widgets.grid import Column, Row

if TYPE_CHECKING:
    from perfeval.exchange.intake.ledger import Entry, Ledger
    from perfeval.exchange.intake.reading import Reading
    from perfeval.indicators.model import IndicatorSet
    from perfeval.session.change import Change
    from perfeval.session.model import Session
    from perfeval.session.pins import Pin
    from perfeval.store import Store, Workspace

SUFFIXES = (".xlsx", ".xls", ".et", ".ods", ".xlsm", ".docx", ".csv")

COLUMNS = (
    Column("结论", 6),
    Column("表中位置", 14, rank=2),
    Column("表中内容", 20),
    Column("记到", 0),
    Column("记成", 14, rank=1),
    Column("说明", 16, rank=3),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A file that was read and what would become of each cell of it.

    ``saved`` says whether the session it goes into is saved already; else it is a new one.
    """

    file: Path
    reading: Reading
    ledger: Ledger
    saved: bool


def read_file(file: Path) -> Reading:
    """Read a file of tables. Raises :class:`PerfevalError` with the cause."""
    from perfeval.exchange.intake.reading import read

    return read(file)


def blank(reading: Reading, unit: str, year: int) -> Session:
    """Return the empty session a file stands for, with the unit and year that were confirmed."""
    from perfeval.exchange.intake.reading import blank_session
    from perfeval.tui.shelf import id_for

    session = blank_session([reading], reading.name)
    renamed = session.unit.model_copy(update={"name": unit})
    return session.model_copy(update={"id": id_for(unit, year), "unit": renamed, "year": year})


def planned(file: Path, reading: Reading, session: Session, workspace: Workspace | None) -> Plan:
    """Return what importing would do to a session. Nothing is changed."""
    from perfeval.exchange.intake.reading import plan
    from perfeval.indicators.library import find, set_files

    def known(set_id: str) -> IndicatorSet:
        if workspace is not None and set_id in workspace.session.pinned:
            return workspace.find(set_id)
        return find(set_id)

    ledger = plan(session, reading, known, sets=list(set_files()))
    return Plan(file, reading, ledger, workspace is not None)


def apply_plan(store: Store, plan: Plan, workspace: Workspace | None, *, who: str) -> str:
    """Make the changes of an import as one act; return the session's id.

    Raises :class:`PerfevalError` where nothing could be saved, or another changed a value since.
    """
    from perfeval.indicators.library import find
    from perfeval.session.change import apply
    from perfeval.session.pins import pinning
    from perfeval.store.workspace import create
    from perfeval.tui.shelf import free_id

    changes = plan.ledger.changes(who=who, why=f"导入 {plan.file.name}")
    if workspace is None:
        base = plan.ledger.base
        base = base.model_copy(update={"id": free_id(store, base.id)})
        workspace = create(store, base, find, who=who, why=f"为导入 {plan.file.name} 新建")
    made: list[Change] = []
    pins: list[Pin] = []
    session = workspace.session
    for change in changes:
        needed, found = pinning(session, change, find)
        for one in needed:
            made.append(one.model_copy(update={"group": change.group, "kind": "import"}))
            session = apply(session, made[-1])
        pins += found
    if pins:
        workspace.keep(pins)
    if made:
        workspace.apply(*made)
    return workspace.session.id


def rows_of(plan: Plan, *, everything: bool) -> Iterator[Row]:
    """Yield the list's lines: what is taken and refused, or every cell of the file."""
    from perfeval.indicators.library import find
    from perfeval.session.labels import label

    session = plan.ledger.applied()  # what is new has its name only there
    for number, entry in enumerate(plan.ledger.entries):
        if everything or worth_showing(entry):
            where = label(session, find, entry.path) if entry.path else ""
            value = f"{entry.value}（原 {entry.old}）" if entry.old and entry.taken else entry.value
            cells = (entry.verdict.value, entry.place, entry.raw, where, value, entry.reason)
            yield Row(str(number), cells, "" if entry.taken else "dim")


def worth_showing(entry: Entry) -> bool:
    """Whether a cell is one to look at: taken or refused; the rest is titles and equal values."""
    from perfeval.exchange.intake.ledger import Verdict

    return entry.verdict not in (Verdict.IGNORED, Verdict.SAME)
