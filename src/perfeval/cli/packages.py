"""Verbs that move sessions between people: open, save, merge, pending; and evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perfeval.cli.common import (
    FINDINGS,
    FINE,
    As,
    AsJson,
    Command,
    SavedId,
    finder,
    opened,
    opened_store,
    print_json,
    refuse_existing,
    short,
    tell,
    who,
)
from perfeval.cli.saved import sessions
from perfeval.errors import PerfevalError

if TYPE_CHECKING:
    from perfeval.exchange.package import Package
    from perfeval.session.change import Change
    from perfeval.session.merge import Clash
    from perfeval.store import Workspace

To = Annotated[Path, typer.Option("--to", metavar="位置", help="写到哪里")]


def open_file(
    file: Annotated[Path, typer.Argument(metavar="文件", help="自评数据包或任务文件")],
    copy: Annotated[
        str, typer.Option("--copy", metavar="新编号", help="打开副本（修改记录重新开始）")
    ] = "",
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """打开别人送来的自评数据包（.perfeval）或任务文件，存入本机。"""
    from perfeval.exchange.package import SUFFIX, unpack
    from perfeval.session import files
    from perfeval.session.distribute import handed_over
    from perfeval.store.evidence import evidence_folder, keep
    from perfeval.store.workspace import create, exists, take_in

    with opened_store() as store:
        if file.suffix.lower() != SUFFIX:
            session = files.load(file)
            session = session.model_copy(update={"id": copy or session.id})
            create(store, session, finder(), who=who(name), why=f"打开 {file.name}")
        else:
            package = unpack(file)
            session = package.session
            if not copy and exists(store, session.id):
                copying = f"打开副本：perfeval open {file} --copy 新编号"
                merging = f"合并到它：perfeval merge {session.id} {file}"
                raise PerfevalError(f"已有编号为“{session.id}”的任务。{copying}；{merging}")
            keep(evidence_folder(store), package.evidence)
            if copy:
                session = session.model_copy(update={"id": copy})
                pins = {one.set_id: one for one in package.pins}
                find = lambda set_id: pins[set_id].load()  # noqa: E731
                create(store, session, find, who=who(name), why=f"打开 {file.name} 的副本")
            else:
                workspace = take_in(store, session, package.records, package.pins)
                if package.owner and not session.working_as:
                    workspace.apply(*handed_over(session, package.owner, package.editable))
    told = f"已打开 {session.id}：{session.unit.name} {session.year} 年度，{session.stage}"
    tell(as_json, told, id=session.id, unit=session.unit.name, year=session.year)


def save(
    session_id: SavedId,
    to: To,
    owner: Annotated[
        str, typer.Option("--owner", metavar="科室", help="分发：只让这个责任科室改自己的部分")
    ] = "",
    evidence: Annotated[
        bool, typer.Option("--evidence/--no-evidence", help="带不带佐证材料")
    ] = True,
    force: Annotated[bool, typer.Option("--force", help="已有同名文件时替换它")] = False,
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """保存为自评数据包（.perfeval，可交换可核对），或可读的任务文件（.yaml）。"""
    from perfeval.exchange.package import SUFFIX, write
    from perfeval.session import files
    from perfeval.session.distribute import sending

    to = to if to.suffix else to.with_suffix(SUFFIX)
    if not force:
        refuse_existing(to)
    with opened(session_id) as workspace:
        head = workspace.head  # what the package ends at; noting a sending comes after it
        if to.suffix in (".yaml", ".yml"):
            files.write(workspace.session, to)
        else:
            by = who(name)
            noted = [sending(workspace.session, owner, workspace.head, who=by)] if owner else []
            to = write(_package(workspace, owner, evidence=evidence), to)
            if noted:
                workspace.apply(*noted)
    told = f"已保存 {to}（{to.stat().st_size / 1024:.0f} KB），修改记录校验码 {head[:16]}"
    tell(as_json, told, file=str(to), head=head)


def _package(workspace: Workspace, owner: str, *, evidence: bool) -> Package:
    from perfeval.exchange.package import Package
    from perfeval.session.distribute import part_for
    from perfeval.session.pins import pin
    from perfeval.store.evidence import contents, evidence_folder

    session = workspace.session
    owner = owner or session.working_as
    return Package(
        session=session,
        records=workspace.records,
        pins=[pin(workspace.find(set_id)) for set_id in session.pinned],
        evidence=contents(evidence_folder(workspace.store), session) if evidence else {},
        owner=owner,
        editable=session.editable or (part_for(session, owner, workspace.find) if owner else ()),
    )


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
    from perfeval.session.change import Change
    from perfeval.session.distribute import common, sent_to, take_back
    from perfeval.session.journal import replay
    from perfeval.session.merge import three_way
    from perfeval.store.evidence import evidence_folder, keep

    if clash not in ("", "本机", "来件"):
        raise PerfevalError("--clash 只能是 本机 或 来件")
    package = unpack(file)
    by = who(name)
    with opened(session_id) as workspace:
        session, records = workspace.session, workspace.records
        shared = common(records, package.records)
        owner = sent_to(session, shared[-1].hash, package.owner)
        if owner:
            back = take_back(
                session, records, package.session, package.records,
                owner=owner, find=workspace.find, who=by,
            )  # fmt: skip
            found, refused = back.merge, back.refused
        else:
            base = replay(shared)
            found, refused = three_way(base, session, package.session, who=by), ()
        if not as_json:
            _show_merge(found.changes, found.clashes, refused)
        if dry_run or (found.clashes and not clash):
            if as_json:
                print_json(_merged(found.changes, found.clashes, refused, done=0))
            elif found.clashes:
                print("请用 --clash 本机 或 --clash 来件 取舍，现在没有合并")
            return FINDINGS if found.clashes else FINE
        chosen = found.clashes if clash == "来件" else ()
        changes = [
            *found.changes,
            *(Change(kind="merge", path=c.path, old=c.ours, new=c.theirs, who=by) for c in chosen),
        ]
        keep(evidence_folder(workspace.store), package.evidence)
        if changes:
            group = changes[0].group or changes[0].id
            workspace.apply(*[one.model_copy(update={"group": group}) for one in changes])
    told = f"已合并 {len(changes)} 处，可用 perfeval undo {session_id} 一并撤销"
    tell(as_json, told, **_merged(changes, found.clashes, refused, done=len(changes)))
    return FINE


def _merged(
    changes: Iterable[Change], clashes: Iterable[Clash], refused: Iterable[Clash], *, done: int
) -> dict[str, Any]:
    return {
        "merged": done,
        "changes": [{"path": one.path, "old": one.old, "new": one.new} for one in changes],
        "clashes": [asdict(one) for one in clashes],
        "refused": [asdict(one) for one in refused],
    }


def _show_merge(
    changes: Iterable[Change], clashes: Iterable[Clash], refused: Iterable[Clash]
) -> None:
    for change in changes:
        print(f"  取来 {change.path}：{short(change.old)} → {short(change.new)}")
    for one in clashes:
        print(
            f"  两边都改 {one.path}：原 {short(one.base)}，"
            f"本机 {short(one.ours)}，来件 {short(one.theirs)}"
        )
    for one in refused:
        print(f"  不取 {one.path}：不属于该科室（来件 {short(one.theirs)}）")


@sessions.command("pending", cls=Command)
def pending_owners(session_id: SavedId, as_json: AsJson = False) -> None:
    """哪些责任科室还没有交回，或还有未填的。"""
    from perfeval.cli.show import table
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
    if as_json:
        keys = ("owner", "state", "unfilled", "sent")
        rows = [
            (one.owner, one.state, list(one.unfilled), one.sent and one.sent.when) for one in found
        ]
        print_json([dict(zip(keys, row, strict=True)) for row in rows])
    elif found:
        lines = [
            (one.owner, one.state, str(len(one.unfilled)), one.sent.when if one.sent else "")
            for one in found
        ]
        table(("责任科室", "状态", "未填项", "分发时间"), lines, "<<><")
    else:
        print("没有待交回的科室")


@sessions.command("export-all", cls=Command)
def export_all(
    to: To,
    evidence: Annotated[
        bool, typer.Option("--evidence/--no-evidence", help="带不带佐证材料")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """把所有任务各存为一个自评数据包（备份、迁移）。"""
    from perfeval.exchange.package import SUFFIX, write
    from perfeval.store import Workspace
    from perfeval.store.workspace import listings

    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PerfevalError(f"{to}：不能用作文件夹。请换一个位置") from error
    files: list[str] = []
    with opened_store() as store:
        for line in listings(store):
            package = _package(Workspace.open(store, line.id), "", evidence=evidence)
            files.append(str(write(package, to / f"{line.id}{SUFFIX}")))
    tell(as_json, "\n".join(f"已保存 {file}" for file in files) or "还没有保存的任务", files=files)


def attach(
    session_id: SavedId,
    path: Annotated[str, typer.Argument(metavar="路径", help="附在哪里，如 department/answers/B3")],
    file: Annotated[Path, typer.Argument(metavar="文件", help="佐证材料")],
    page: Annotated[str, typer.Option("--page", metavar="页", help="看哪一页")] = "",
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """添加佐证材料：按内容存一份，编号，附在指标上。"""
    from perfeval.store.evidence import attach as attached
    from perfeval.store.evidence import evidence_folder
    from perfeval.store.workflow import require_place

    with opened(session_id) as workspace:
        require_place(workspace.scorecard, path)
        folder = evidence_folder(workspace.store)
        done = attached(workspace.session, folder, path, file, page=page, who=who(name))
        if done.changes:
            workspace.apply(*done.changes)
    problems = [str(problem) for problem in done.problems]
    told = "\n".join([f"已附 {done.number} {file.name}", *problems])
    tell(as_json, told, number=done.number, id=done.id, problems=problems)


def evidence_list(session_id: SavedId, as_json: AsJson = False) -> None:
    """佐证材料目录：编号、名称、页、附在哪里、文件在不在。"""
    from perfeval.cli.show import table
    from perfeval.store.evidence import catalogue, evidence_folder

    with opened(session_id) as workspace:
        found = catalogue(workspace.session, evidence_folder(workspace.store))
    if as_json:
        keys = ("number", "name", "size", "page", "places", "state")
        print_json([{key: getattr(one, key) for key in keys} for one in found])
    elif found:
        rows = [
            (o.number, o.name, f"{o.size / 1024:.0f} KB", o.page, "、".join(o.places), o.state)
            for o in found
        ]
        table(("编号", "名称", "大小", "页", "附在", "文件"), rows, "<<><<<")
    else:
        print("还没有佐证材料。用 perfeval attach 编号 路径 文件 添加")


VERBS: dict[str, Callable[..., int | None]] = {
    "open": open_file,
    "save": save,
    "merge": merge,
    "attach": attach,
    "evidence": evidence_list,
}
"""The verbs that move sessions and files, by the names people type."""
