"""Verbs that take what others made: ``import``, and tables handed in to ``check`` and ``score``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perfeval.cli.common import (
    FINDINGS,
    FINE,
    As,
    AsJson,
    Chosen,
    Options,
    finder,
    opened_store,
    print_json,
    refuse_existing,
    say,
    short,
    who,
)
from perfeval.errors import PerfevalError

if TYPE_CHECKING:
    from perfeval.checks import Finding
    from perfeval.exchange.intake.handed import Handed
    from perfeval.exchange.intake.ledger import Entry
    from perfeval.handover import Import
    from perfeval.session.model import Session
    from perfeval.store import Workspace


def _sets() -> list[str]:
    """Return the ids of all indicator sets that can be found."""
    from perfeval.indicators.library import set_files

    return list(set_files(Options.sets))


# --- as handed in ----------------------------------------------------------------------------


class HandedIn(Chosen):
    """A workbook or Word form as it was handed in, for the verbs that show a session."""

    def __init__(self, handed: Handed) -> None:
        super().__init__(handed.session, handed.find, None)
        self.handed = handed

    def findings(self) -> list[Finding]:
        """Return what the checks find, and what the printed tables get wrong themselves."""
        return self.handed.findings


def handed_in(path: Path) -> HandedIn:
    """Read a handed-in file. Raises :class:`PerfevalError` with the cause."""
    from perfeval.exchange.intake.handed import open_file

    return HandedIn(open_file(path, finder(path.name), _sets()))


def is_handed_in(path: Path) -> bool:
    """Whether a file's ending is that of a table or a Word form."""
    from perfeval.exchange.intake.containers import is_table_file

    return is_table_file(path)


def show_reading(one: Chosen) -> None:
    """Print how a handed-in file was read: what was found, refused, and how scores were made."""
    if not isinstance(one, HandedIn):
        return
    from perfeval.exchange.intake.reading import refused

    handed = one.handed
    found = "；".join(reading.kinds for reading in handed.readings)
    say(f"\n按交来的样子读：{found}")
    for ledger in handed.ledgers:
        for note in ledger.notes:
            say(f"  {note}")
        for line in refused(ledger)[:10]:
            say(f"  没有采用 {line}")
    rules = Counter(claim.rules[0] if claim.rules else claim.told for claim in handed.claims)
    if rules:
        say("得分的算法（能解释填报得分的最常见算法）：")
        for rule, count in rules.most_common():
            say(f"  {count} 项 {rule}")


def reading_data(one: Chosen) -> dict[str, Any]:
    """Return the same for JSON; nothing for what is no handed-in file."""
    if not isinstance(one, HandedIn):
        return {}
    from perfeval.exchange.intake.reading import refused

    return {
        "read": [reading.kinds for reading in one.handed.readings],
        "refused": [line for ledger in one.handed.ledgers for line in refused(ledger)],
        "claims": [
            {"path": c.path, "name": c.name, "printed": c.printed, "rules": list(c.rules)}
            for c in one.handed.claims
        ],
    }


def check_folder(folder: Path, *, as_json: bool, xlsx: Path | None = None) -> int:
    """Check everything in a folder; print one table, worst first."""
    from perfeval.cli.show import table
    from perfeval.exchange.intake.folder import check_folder as checked
    from perfeval.exchange.intake.folder import points_text, write_review

    if xlsx is not None:
        refuse_existing(xlsx)
    batch = checked(folder, finder(), _sets())
    written = write_review(batch, folder.name, xlsx) if xlsx is not None else None
    if as_json:
        data: dict[str, Any] = {"units": [line.as_dict() for line in batch.lines]}
        print_json(data | ({"file": str(written)} if written else {}))
    else:
        header = ("单位", "自评得分", "核算得分", "差", "等级变化", "错误/警告", "缺材料")
        rows = [
            (
                line.unit,
                points_text(line.claimed),
                points_text(line.computed),
                points_text(line.difference),
                line.grade_change,
                f"{line.errors}/{line.warnings}",
                "、".join(line.missing),
            )
            for line in batch.lines
        ]
        table(header, rows, "<>>><><")
        if batch.unread:
            say(f"\n没有读出的文件 {len(batch.unread)} 个：")
            for one in batch.unread:
                say(f"  {one.file}：{one.cause}")
        if written is not None:
            say(f"\n已写入 {written}")
    return FINDINGS if batch.has_errors else FINE


# --- import ----------------------------------------------------------------------------------


def import_file(
    file: Annotated[Path, typer.Argument(metavar="文件", help="Excel、Word 表格或 CSV")],
    to: Annotated[
        str, typer.Option("--to", metavar="编号", help="导入到哪个任务；没有的编号为新建")
    ] = "",
    apply: Annotated[bool, typer.Option("--apply", help="确认导入；不加只列出会怎样")] = False,
    project_set: Annotated[
        str, typer.Option("--set", metavar="指标体系", help="新项目或部门整体用的指标体系")
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="连不导入的格也列出")] = False,
    as_json: AsJson = False,
    name: As = "",
) -> int:
    """导入已有的表：先列出每一格采用、不采用的理由，加 --apply 才写入，可一并撤销。"""
    from perfeval.exchange.intake.reading import read
    from perfeval.handover import blank, carry_out, plan_import

    if apply and not to:
        raise PerfevalError("--apply 要和 --to 编号 一起用，指明导入到哪个任务")
    reading = read(file)

    def planned(into: Session | Workspace) -> Import:
        return plan_import(reading, into, finder(), _sets(), project_set)

    if not to:
        return _show(planned(blank(reading, "import")), every=every, as_json=as_json)
    from perfeval.store import Workspace
    from perfeval.store.workspace import exists, require_id

    require_id(to)
    with opened_store() as store:
        saved = exists(store, to)
        plan = planned(Workspace.open(store, to) if saved else blank(reading, to))
        done = carry_out(store, plan, who=who(name))[1] if apply else None
    return _show(plan, done, every=every, as_json=as_json, to=to)


def _show(
    plan: Import, done: int | None = None, *, every: bool, as_json: bool, to: str = ""
) -> int:
    """Print the ledger, and how many changes were made: None where it is only a trial."""
    from perfeval.exchange.intake.ledger import Verdict

    ledger, reading = plan.ledger, plan.reading
    if as_json:
        data = {"read": reading.kinds, "notes": ledger.notes, "cells": ledger.as_dicts()}
        changes = [{"path": c.path, "old": c.old, "new": c.new} for c in ledger.changes()]
        print_json(data | {"changes": changes, "applied": done or 0})
    else:
        say(f"读到：{reading.kinds}")
        say(f"{ledger.summary}")
        for note in ledger.notes:
            say(f"  {note}")
        after = ledger.applied()
        for _, entry in plan.lines(everything=every):
            say(f"  {_line(entry, plan, after)}")
        if done:
            say(f"已导入，{done} 处修改，可用 perfeval undo {to} 一并撤销")
        elif done is not None or not ledger.made:
            say("没有可以导入的新内容，什么都没有改")
        else:
            say(f"这是试读，什么都没有改。确认后加 {'' if to else '--to 编号 '}--apply 导入")
    return FINDINGS if ledger.count(Verdict.REFUSED) else FINE


def _line(entry: Entry, plan: Import, session: Session) -> str:
    from perfeval.session.labels import label

    where = ""
    if entry.path:
        where = f" → {label(session, plan.find, entry.path)}"
    value = f" = {short(entry.value)}" if entry.value and entry.value != entry.raw else ""
    old = f"（原 {short(entry.old)}）" if entry.old and entry.taken else ""
    why = f"，{entry.reason}" if entry.reason else ""
    return f"{entry.verdict} {entry.place} {short(entry.raw)}{value}{old}{where}{why}"


VERBS: dict[str, Callable[..., int | None]] = {"import": import_file}
"""The verbs that take in tables, by the names people type."""
