"""``perfeval sessions``: list, make, show, copy, delete, upgrade what is saved."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perfeval.cli.common import (
    As,
    AsJson,
    Column,
    Command,
    Group,
    SavedId,
    changing,
    finder,
    opened,
    opened_store,
    print_json,
    say,
    session_and_sets,
    tell,
    tell_rows,
    who,
)
from perfeval.errors import PerfevalError

if TYPE_CHECKING:
    from perfeval.session.model import Session
    from perfeval.store.workflow import Upgrade

sessions = typer.Typer(
    cls=Group, rich_markup_mode=None, no_args_is_help=True, help="已保存的自评任务。"
)


def local(when: datetime) -> str:
    """Print a moment in the user's own time."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M")


_LISTED = (
    Column("id", "编号"),
    Column("unit", "单位"),
    Column("year", "年度"),
    Column("stage", "阶段"),
    Column("filled", "已填", ">"),
    Column("total", "得分", ">"),
    Column("grade", "等级"),
    Column("changed", "最近修改"),
    Column("by", "修改人"),
)


@sessions.command("list", cls=Command)
def list_sessions(
    as_json: AsJson = False,
    deleted: Annotated[bool, typer.Option("--deleted", help="列出已删除的")] = False,
) -> None:
    """列出已保存的任务，最近修改的在前。"""
    from perfeval.numbers import decimal_text
    from perfeval.store.workspace import listings

    with opened_store() as store:
        found = listings(store, deleted=deleted)
    rows = [
        (
            one.id,
            one.unit,
            str(one.year),
            one.stage,
            "" if one.filled is None else decimal_text(one.filled),
            "" if one.total is None or not one.filled else decimal_text(one.total, 2),
            one.grade or "",
            local(one.changed_at),
            one.changed_by,
        )
        for one in found
    ]
    begin = "还没有保存的任务。用 perfeval sessions new 新建，或 perfeval open 文件 打开"
    tell_rows(as_json, _LISTED, rows, "没有删除的任务" if deleted else begin)


@sessions.command("new", cls=Command)
def new_session(
    session_id: Annotated[str, typer.Argument(metavar="编号", help="字母、数字、-、_、.")],
    source: Annotated[
        str, typer.Option("--from", metavar="任务", help="从文件或示例（sample）开始")
    ] = "",
    last_year: Annotated[
        str, typer.Option("--last-year", metavar="编号", help="提取这个任务的上年数据")
    ] = "",
    unit: Annotated[str, typer.Option("--unit", metavar="单位", help="单位名称")] = "",
    year: Annotated[int, typer.Option("--year", metavar="年度", help="如 2024")] = 0,
    department_set: Annotated[
        str, typer.Option("--set", metavar="指标体系", help="部门整体的指标体系代号")
    ] = "",
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """新建任务：空白、从文件、或提取上年数据。"""
    from perfeval.session.carry import carry
    from perfeval.session.distribute import own_copy
    from perfeval.session.model import Evaluation, Unit
    from perfeval.session.starting import with_starter_rows
    from perfeval.store.workspace import create, require_id

    if sum(map(bool, (source, last_year, unit))) != 1:
        raise PerfevalError("请给出 --from、--last-year、--unit 之一")
    require_id(session_id)
    find = finder()
    if source:
        session = own_copy(session_and_sets(source)[0], session_id)
    elif last_year:
        last, find = session_and_sets(last_year)
        goal = year or last.year + 1
        if not 2000 <= goal <= 2100:
            raise PerfevalError("年度应在 2000 至 2100 之间")
        session = carry(last, session_id=session_id, year=goal)
    else:
        if not year:
            raise PerfevalError("请给出年度，如 --year 2024")
        department = Evaluation(set=department_set) if department_set else None
        made = {"id": session_id, "unit": Unit(name=unit), "year": year, "department": department}
        session = with_starter_rows(_valid(made), find)
    with opened_store() as store:
        workspace = create(store, session, find, who=who(name))
        made_id, unit_name = workspace.session.id, workspace.session.unit.name
    tell(
        as_json, f"已新建 {made_id}：{unit_name} {session.year} 年度", id=made_id, year=session.year
    )


def _valid(made: dict[str, Any]) -> Session:
    from pydantic import ValidationError

    from perfeval.session.model import Session

    try:
        return Session.model_validate(made)
    except ValidationError as error:
        words = {"id": "编号", "year": "年度（2000 至 2100）", "unit": "单位名称"}
        wrong = dict.fromkeys(str(one["loc"][0]) for one in error.errors(include_url=False))
        told = "、".join(words.get(name, name) for name in wrong)
        raise PerfevalError(f"{told}不合要求，请改正") from error


@sessions.command("show", cls=Command)
def show_session(session_id: SavedId, as_json: AsJson = False) -> None:
    """显示一个任务：阶段、得分、上报和修改情况。"""
    from perfeval.session.seal import seal_holds

    with opened(session_id) as workspace:
        session, card = workspace.session, workspace.scorecard
        head, changes = workspace.head, len(workspace.records)
    holds = seal_holds(session)
    score = card.department.summary if card.department else None
    if as_json:
        print_json(
            {
                "id": session.id,
                "unit": session.unit.name,
                "year": session.year,
                "stage": session.stage,
                "score": score,
                "projects": len(session.projects),
                "changes": changes,
                "head": head,
                "submissions": [one.model_dump() for one in session.submissions],
                "sealed": holds,
            }
        )
        return
    say(f"{session.unit.name} · {session.year}年度（{session.id}） {session.stage}")
    say(f"部门整体：{score or '（没有）'}；项目 {len(session.projects)} 个")
    say(f"修改记录 {changes} 条，校验码 {head[:16]}")
    if session.working_as:
        say(f"这一份是分发给“{session.working_as}”的，只能改它负责的部分")
    for one in session.submissions:
        when = local(datetime.fromisoformat(one.when)) if one.when else ""
        say(f"第 {one.number} 次上报：{when} {one.who}，上报锁定 {one.seal[:16]}")
    if holds is False:
        say("上报后内容有改动，上报锁定已失效")


@sessions.command("copy", cls=Command)
def copy_session(
    session_id: SavedId,
    new_id: Annotated[str, typer.Argument(metavar="新编号", help="副本的编号")],
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """复制为另一个任务（修改记录重新开始）。"""
    from perfeval.session.distribute import own_copy
    from perfeval.store.workspace import Workspace, create

    with opened_store() as store:
        workspace = Workspace.open(store, session_id)
        copied = own_copy(workspace.session, new_id)
        create(store, copied, workspace.find, who=who(name), why=f"复制自 {session_id}")
    tell(as_json, f"已复制为 {new_id}", id=new_id)


@sessions.command("delete", cls=Command)
def delete_session_(session_id: SavedId, as_json: AsJson = False) -> None:
    """删除任务（可用 sessions restore 恢复）。"""
    from perfeval.store.workspace import delete_session

    with opened_store() as store:
        delete_session(store, session_id)
    told = f"已删除 {session_id}。恢复：perfeval sessions restore {session_id}"
    tell(as_json, told, id=session_id, deleted=True)


@sessions.command("restore", cls=Command)
def restore(session_id: SavedId, as_json: AsJson = False) -> None:
    """恢复删除的任务。"""
    from perfeval.store.workspace import restore_session

    with opened_store() as store:
        restore_session(store, session_id)
    tell(as_json, f"已恢复 {session_id}", id=session_id, deleted=False)


@sessions.command("upgrade", cls=Command)
def upgrade_sets(
    session_id: SavedId,
    apply: Annotated[bool, typer.Option("--apply", help="确认更新")] = False,
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """更新固定的指标体系：先列出有什么不同、得分怎样变，加 --apply 才更新。"""
    from perfeval.store.workflow import upgrade, upgrades

    find = finder()
    with changing(session_id) as workspace:
        found = upgrades(workspace, find)
        if found and apply:
            upgrade(workspace, find, who=who(name))
        if as_json:
            print_json({"applied": bool(found) and apply, "sets": [asdict(one) for one in found]})
        else:
            _show_upgrades(found, applied=apply)


def _show_upgrades(found: list[Upgrade], *, applied: bool) -> None:
    for one in found:
        say(f"{one.set_id}：")
        for difference in one.differences:
            say(f"  {difference.place}：{difference.old} → {difference.new}")
        say(f"  现得分：{one.before}\n  更新后：{one.after}")
    if not found:
        say("固定的指标体系与现在的相同")
    else:
        say("已更新，可用 perfeval undo 撤销" if applied else "加 --apply 确认更新")
