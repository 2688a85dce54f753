"""Verbs that move sessions between people: open, save, merge, pending; and evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perfeval.cli.common import (
    FINDINGS,
    FINE,
    As,
    AsJson,
    Column,
    Command,
    Force,
    SavedId,
    changing,
    finder,
    is_folder,
    kilobytes,
    opened,
    opened_store,
    print_json,
    refuse_existing,
    say,
    tell,
    tell_rows,
    who,
)
from perfeval.cli.shelf import local, sessions
from perfeval.errors import PerfevalError, reason

if TYPE_CHECKING:
    from perfeval.handover import Joining
    from perfeval.session.change import Change
    from perfeval.session.model import Session
    from perfeval.store import Store, Workspace

To = Annotated[Path, typer.Option("--to", metavar="位置", help="写到哪里")]

WithEvidence = Annotated[bool, typer.Option("--evidence/--no-evidence", help="带不带佐证材料")]


def open_file(
    file: Annotated[Path, typer.Argument(metavar="文件", help="自评数据包或任务文件")],
    copy: Annotated[
        str, typer.Option("--copy", metavar="新编号", help="打开副本（修改记录重新开始）")
    ] = "",
    no_tui: Annotated[bool, typer.Option("--no-tui", help="只存入本机，不打开界面")] = False,
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """打开别人送来的自评数据包（.perfeval）或任务文件，存入本机。"""
    # The interface hooks in before this: `perfeval.__main__` starts it for `open` (and for no
    # arguments at all) on a terminal, unless --no-tui is given. The command line never imports it.
    del no_tui
    with opened_store() as store:
        session = _taken_in(store, file, copy, who(name))
    told = f"已打开 {session.id}：{session.unit.name} {session.year} 年度，{session.stage}"
    if session.working_as:
        told += f"。这一份是分发给“{session.working_as}”的，只能改它负责的部分"
    tell(as_json, told, id=session.id, unit=session.unit.name, year=session.year)


def _taken_in(store: Store, file: Path, copy: str, by: str) -> Session:
    """Save what a file holds, under another id where ``copy`` gives one; return it."""
    from perfeval.exchange.intake.containers import is_table_file
    from perfeval.handover import read_arrival, take, take_copy
    from perfeval.session.model import SESSION_ID
    from perfeval.store.listing import exists

    if re.fullmatch(SESSION_ID, str(file)) and not file.exists() and exists(store, str(file)):
        told = f"{file} 已保存在本机，界面要在终端里打开"
        raise PerfevalError(f"{told}。看内容用 perfeval report {file}")
    if is_table_file(file):
        told = f"{file.name}：是表格，不是自评数据包"
        raise PerfevalError(f"{told}。导入用：perfeval import {file} --to 编号")
    arrival = read_arrival(store, file)
    if copy:
        return take_copy(store, arrival, copy, finder(), who=by)
    if arrival.known:
        session_id = arrival.session.id
        ways = [f"打开副本：perfeval open {file} --copy 新编号"]
        if arrival.deleted:
            ways.append(f"恢复已删除的那一个：perfeval sessions restore {session_id}")
        elif arrival.package:
            ways.append(f"合并到它：perfeval merge {session_id} {file}")
        raise PerfevalError(f"已有编号为“{session_id}”的任务。{'；'.join(ways)}")
    return take(store, arrival, finder(), who=by)


def save(
    session_id: SavedId,
    to: To,
    owner: Annotated[
        str, typer.Option("--owner", metavar="科室", help="分发：只让这个责任科室改自己的部分")
    ] = "",
    evidence: WithEvidence = True,
    force: Force = False,
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """保存为自评数据包（.perfeval，可交换可核对），或可读的任务文件（.yaml）。"""
    from perfeval.exchange.package import SUFFIX, write
    from perfeval.handover import packed
    from perfeval.session import files
    from perfeval.session.distribute import preparing, sending

    to = _as_saved(to, session_id)
    if to.suffix.lower() != SUFFIX and owner:
        raise PerfevalError(f"分发要存为自评数据包。请把 {to.name} 换成 {to.stem}{SUFFIX}")
    refuse_existing(to, force=force)
    with opened(session_id) as workspace:
        if owner == workspace.session.working_as:  # its own part goes back: nothing is sent out
            owner = ""
        if owner:
            workspace.apply(preparing(workspace.session, owner, who=who(name)))
        head = workspace.head  # what the package ends at; noting a sending comes after it
        if to.suffix.lower() != SUFFIX:
            files.write(workspace.session, to)
        else:
            to = write(packed(workspace, owner, evidence=evidence), to)
            if owner:
                workspace.apply(sending(workspace.session, owner, head, who=who(name)))
    told = f"已保存 {to}（{kilobytes(to.stat().st_size)}），修改记录校验码 {head[:16]}"
    tell(as_json, told, file=str(to), head=head)


def _as_saved(to: Path, session_id: str) -> Path:
    """Return where to save: in a folder under the session's id, else the file that is named.

    What is not called a package or a YAML file gets a package's ending.
    """
    from perfeval.exchange.package import SUFFIX

    if is_folder(to):
        return to / f"{session_id}{SUFFIX}"
    if to.suffix.lower() in (SUFFIX, ".yaml", ".yml"):
        return to
    return to.with_name(to.name + SUFFIX)


def merge(
    session_id: SavedId,
    file: Annotated[Path, typer.Argument(metavar="文件", help="自评数据包")],
    clash: Annotated[
        str, typer.Option("--clash", metavar="取舍", help="两边都改了的：本机、来件")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看会改什么")] = False,
    as_json: AsJson = False,
    name: As = "",
) -> int:
    """合并同一任务的另一份：只改那边改过的；两边都改了的列出来供取舍。"""
    from perfeval.exchange.package import unpack
    from perfeval.handover import join_in, joining

    if clash not in ("", "本机", "来件"):
        raise PerfevalError("--clash 只能是 本机 或 来件")
    package = unpack(file)
    by = who(name)
    with changing(session_id) as workspace:
        found = joining(workspace, package, who=by)
        waiting = bool(found.clashes) and not clash
        if not as_json:
            _show_merge(workspace, found)
        if dry_run or waiting:
            if as_json:
                print_json(_merged(found, found.changes, done=0))
            elif waiting:
                say("请用 --clash 本机 或 --clash 来件 取舍，现在没有合并")
            return FINDINGS if found.clashes else FINE
        theirs = [one.path for one in found.clashes] if clash == "来件" else []
        made = join_in(workspace, found, theirs, who=by)
        told = f"已合并 {len(made)} 处，可用 perfeval undo {session_id} 一并撤销"
        if not made:
            told = "没有要合并的内容" + ("，已记下交回" if found.noted else "")
        tell(as_json, told, **_merged(found, made, done=len(made)))
    return FINE


def _merged(found: Joining, changes: Iterable[Change], *, done: int) -> dict[str, Any]:
    return {
        "merged": done,
        "changes": [{"path": one.path, "old": one.old, "new": one.new} for one in changes],
        "clashes": [asdict(one) for one in found.clashes],
        "refused": [asdict(one) for one in found.refused],
    }


def _show_merge(workspace: Workspace, found: Joining) -> None:
    from perfeval.session.labels import label, value_label

    def called(path: str) -> str:
        return label(workspace.session, workspace.find, path)

    def said(path: str, value: Any) -> str:
        return value_label(workspace.session, workspace.find, path, value)

    for change in found.changes:
        old, new = said(change.path, change.old), said(change.path, change.new)
        say(f"  取来 {called(change.path)}：{old} → {new}")
    for one in found.clashes:
        base, ours, theirs = (said(one.path, value) for value in (one.base, one.ours, one.theirs))
        say(f"  两边都改 {called(one.path)}：原 {base}，本机 {ours}，来件 {theirs}")
    for one in found.refused:
        theirs = said(one.path, one.theirs)
        say(f"  不取 {called(one.path)}：不属于该科室（来件 {theirs}）")


_PENDING = (
    Column("owner", "责任科室"),
    Column("state", "状态"),
    Column("unfilled", "未填项", ">", lambda paths: str(len(paths))),
    Column("sent", "分发时间", "<", lambda when: local(datetime.fromisoformat(when))),
)


@sessions.command("pending", cls=Command)
def pending_owners(session_id: SavedId, as_json: AsJson = False) -> None:
    """哪些责任科室还没有交回，或还有未填的。"""
    from perfeval.scoring.scorecard import Status
    from perfeval.session.distribute import pending

    with opened(session_id) as workspace:
        unfilled = [
            row.path
            for _, result in workspace.scorecard.results
            for row in result.indicators
            if row.status is Status.UNFILLED
        ]
        found = pending(workspace.session, workspace.find, unfilled)
    rows = [
        (one.owner, one.state, one.unfilled, (one.sent and one.sent.when) or None) for one in found
    ]
    tell_rows(as_json, _PENDING, rows, "没有待交回的科室")


@sessions.command("export-all", cls=Command)
def export_all(
    to: To,
    evidence: WithEvidence = True,
    force: Force = False,
    as_json: AsJson = False,
) -> int:
    """把所有任务各存为一个自评数据包（备份、迁移）。"""
    from perfeval.exchange.package import SUFFIX, write
    from perfeval.handover import packed
    from perfeval.store import Workspace
    from perfeval.store.workspace import listings

    try:
        to.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise PerfevalError(f"{to}：不能用作文件夹（{reason(error)}）。请换一个位置") from error
    files, failed = [], []
    with opened_store() as store:
        goals = {line.id: to / f"{line.id}{SUFFIX}" for line in listings(store)}
        refuse_existing(*goals.values(), force=force)
        for one, goal in goals.items():
            try:  # what is wrong with one must not keep the others from being saved
                package = packed(Workspace.open(store, one), evidence=evidence)
                files.append(str(write(package, goal)))
            except PerfevalError as error:
                failed.append({"id": one, "message": str(error)})
    told = [f"已保存 {file}" for file in files]
    told += [f"没有保存 {one['id']}：{one['message']}" for one in failed]
    if failed:
        told.append(f"{len(failed)} 个任务没有保存。佐证材料不全的，可加 --no-evidence 再存一次")
    tell(as_json, "\n".join(told) or "还没有保存的任务", files=files, failed=failed)
    return FINDINGS if failed else FINE


def attach(
    session_id: SavedId,
    path: Annotated[str, typer.Argument(metavar="代码或位置", help="附在哪里，如 B3、projects/p1")],
    file: Annotated[Path, typer.Argument(metavar="文件", help="佐证材料")],
    page: Annotated[str, typer.Option("--page", metavar="页", help="看哪一页")] = "",
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """添加佐证材料：按内容存一份，编号，附在指标上。"""
    from perfeval.session.labels import label
    from perfeval.store.evidence import attach as attached
    from perfeval.store.evidence import evidence_folder
    from perfeval.store.workflow import place_named

    with changing(session_id) as workspace:
        path = place_named(workspace.scorecard, path)
        folder = evidence_folder(workspace.store)
        done = attached(workspace.session, folder, path, file, page=page, who=who(name))
        if done.changes:
            workspace.apply(*done.changes)
        place = label(workspace.session, workspace.find, path)
        problems = [str(replace(one, place=place)) for one in done.problems]
        known = workspace.session.evidence[done.id]
        told = f"已附 {done.number} {known.name}：{place}" if done.changes else "这里已附过这份文件"
        tell(
            as_json, "\n".join([told, *problems]), number=done.number, id=done.id, problems=problems
        )


_CATALOGUE = (
    Column("number", "编号"),
    Column("name", "名称"),
    Column("size", "大小", ">", kilobytes),
    Column("page", "页"),
    Column("places", "附在", "<", "；".join),
    Column("state", "文件"),
)


def evidence_list(session_id: SavedId, as_json: AsJson = False) -> None:
    """佐证材料目录：编号、名称、页、附在哪里、文件在不在。"""
    from perfeval.session.labels import label
    from perfeval.store.evidence import catalogue, evidence_folder

    with opened(session_id) as workspace:
        session = workspace.session
        found = catalogue(session, evidence_folder(workspace.store))
        places = {
            key: [label(session, workspace.find, path) for path in one.paths]
            for key, one in session.evidence.items()
        }
    rows = [(o.number, o.name, o.size, o.page, places[o.id], o.state) for o in found]
    empty = f"还没有佐证材料。用 perfeval attach {session_id} 位置 文件 添加"
    tell_rows(as_json, _CATALOGUE, rows, empty)


VERBS: dict[str, Callable[..., int | None]] = {
    "open": open_file,
    "save": save,
    "merge": merge,
    "attach": attach,
    "evidence": evidence_list,
}
"""The verbs that move sessions and files, by the names people type."""
