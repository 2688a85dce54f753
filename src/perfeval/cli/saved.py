"""Verbs on saved sessions: list, make, fill, undo, hand in, review, verify."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
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
    Group,
    SavedId,
    finder,
    opened,
    opened_store,
    print_json,
    session_and_sets,
    short,
    tell,
    who,
)
from perfeval.errors import PerfevalError

if TYPE_CHECKING:
    from perfeval.session.change import Change
    from perfeval.session.journal import Record
    from perfeval.session.model import Session
    from perfeval.store import Workspace

sessions = typer.Typer(
    cls=Group, rich_markup_mode=None, no_args_is_help=True, help="已保存的自评任务。"
)

PathArgument = Annotated[
    str, typer.Argument(metavar="路径", help="如 department/inputs/全年执行数/value")
]
Why = Annotated[str, typer.Option("--why", metavar="说明", help="为什么")]


# --- the shelf -------------------------------------------------------------------------------


@sessions.command("list", cls=Command)
def list_sessions(
    as_json: AsJson = False,
    deleted: Annotated[bool, typer.Option("--deleted", help="列出已删除的")] = False,
) -> None:
    """列出已保存的任务，最近修改的在前。"""
    from perfeval.cli.show import table
    from perfeval.numbers import decimal_text
    from perfeval.store.workspace import listings

    with opened_store() as store:
        found = listings(store, deleted=deleted)
    header = ("编号", "单位", "年度", "阶段", "已填", "得分", "等级", "最近修改", "修改人")
    rows = [
        (
            one.id,
            one.unit,
            str(one.year),
            one.stage,
            "" if one.filled is None else decimal_text(one.filled),
            "" if one.total is None or not one.filled else decimal_text(one.total, 2),
            one.grade or "",
            one.changed_at.astimezone().strftime("%Y-%m-%d %H:%M"),
            one.changed_by,
        )
        for one in found
    ]
    if as_json:
        keys = ("id", "unit", "year", "stage", "filled", "total", "grade", "changed", "by")
        print_json([dict(zip(keys, row, strict=True)) for row in rows])
    elif rows:
        table(header, rows, "<<><>><<<")
    else:
        print("还没有保存的任务。用 perfeval sessions new 新建，或 perfeval open 文件 打开")


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
    from perfeval.session.model import Evaluation, Unit
    from perfeval.session.starting import with_starter_rows
    from perfeval.store.workspace import create, require_id

    if sum(map(bool, (source, last_year, unit))) != 1:
        raise PerfevalError("请给出 --from、--last-year、--unit 之一")
    find = finder()
    if source:
        session, _ = session_and_sets(source)
        session = session.model_copy(update={"id": session_id})
    elif last_year:
        last, find = session_and_sets(last_year)
        goal = year or last.year + 1
        if not 2000 <= goal <= 2100:
            raise PerfevalError("年度应在 2000 至 2100 之间")
        require_id(session_id)
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


@sessions.command("show", cls=Command)
def show_session(session_id: SavedId, as_json: AsJson = False) -> None:
    """显示一个任务：阶段、得分、上报和修改情况。"""
    from perfeval.session.seal import seal_holds

    with opened(session_id) as workspace:
        session, card = workspace.session, workspace.scorecard
        holds = seal_holds(session)
        told = {
            "id": session.id,
            "unit": session.unit.name,
            "year": session.year,
            "stage": session.stage,
            "score": card.department.summary if card.department else None,
            "projects": len(session.projects),
            "changes": len(workspace.records),
            "head": workspace.records[-1].hash,
            "submissions": [one.model_dump() for one in session.submissions],
            "sealed": holds,
        }
    if as_json:
        print_json(told)
        return
    print(f"{told['unit']} · {told['year']}年度（{told['id']}） {told['stage']}")
    print(f"部门整体：{told['score'] or '（没有）'}；项目 {told['projects']} 个")
    print(f"修改记录 {told['changes']} 条，校验码 {str(told['head'])[:16]}")
    for one in session.submissions:
        print(f"第 {one.number} 次上报：{one.when} {one.who}，上报锁定 {one.seal[:16]}")
    if holds is False:
        print("上报后内容有改动，上报锁定已失效")


@sessions.command("copy", cls=Command)
def copy_session(
    session_id: SavedId,
    new_id: Annotated[str, typer.Argument(metavar="新编号", help="副本的编号")],
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """复制为另一个任务（修改记录重新开始）。"""
    from perfeval.store.workspace import Workspace, create

    with opened_store() as store:
        workspace = Workspace.open(store, session_id)
        copied = workspace.session.model_copy(update={"id": new_id})
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
    with opened(session_id) as workspace:
        found = upgrades(workspace, find)
        if found and apply:
            upgrade(workspace, find, who=who(name))
    if as_json:
        print_json({"applied": bool(found) and apply, "sets": [asdict(one) for one in found]})
        return
    for one in found:
        print(f"{one.set_id}：")
        for difference in one.differences:
            print(f"  {difference.place}：{difference.old} → {difference.new}")
        print(f"  现得分：{one.before}\n  更新后：{one.after}")
    if not found:
        print("固定的指标体系与现在的相同")
    else:
        print("已更新，可用 perfeval undo 撤销" if apply else "加 --apply 确认更新")


# --- filling and undoing ---------------------------------------------------------------------


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


_BY_VERB = {
    "stage": "上报用 submit，退回用 return，其他阶段用 move",
    "submissions": "上报用 submit",
    "marks": "复核用 review",
    "feedback": "反馈意见用 feedback",
    "waivers": "核实说明用 waive",
    "pinned": "更新指标体系用 sessions upgrade",
    "sent": "分发用 save --owner",
    "working_as": "分发用 save --owner",
    "editable": "分发用 save --owner",
}


def set_value(
    session_id: SavedId,
    path: PathArgument,
    value: Annotated[str, typer.Argument(metavar="值", help="文字，或 JSON（加 --raw）；空为清空")],
    raw: Annotated[bool, typer.Option("--raw", help="值是 JSON")] = False,
    why: Why = "",
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """填写一项，保存并重新计分。"""
    from perfeval.session.change import edit

    if verb := _BY_VERB.get(path.partition("/")[0]):
        raise PerfevalError(f"“{path}”不能直接填写：{verb}")
    new: Any = _parsed(value) if raw else value or None
    with opened(session_id) as workspace:
        before = _total(workspace)
        workspace.apply(edit(workspace.session, path, new, who=who(name), why=why))
        after = _total(workspace)
        head = workspace.head
    told = f"已保存。{before} → {after}" if before != after else f"已保存。{after}"
    tell(as_json, told, path=path, before=before, after=after, head=head)


def _parsed(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError as error:
        raise PerfevalError(f"值不是有效的 JSON：{error}") from error


def _total(workspace: Workspace) -> str:
    card = workspace.scorecard
    return card.department.summary if card.department else "（没有部门整体自评）"


def history(
    session_id: SavedId,
    path: Annotated[str, typer.Option("--path", metavar="路径", help="只看这一项")] = "",
    as_json: AsJson = False,
) -> None:
    """修改记录：谁、何时、哪一项、由什么改为什么，最近的在前。"""
    with opened(session_id) as workspace:
        changes = [record.change for record in workspace.records]
    chosen = [one for one in reversed(changes) if not path or f"{one.path}/".startswith(f"{path}/")]
    if as_json:
        print_json([one.model_dump(mode="json") for one in chosen])
        return
    for one in chosen:
        print(_history_line(one))


_KINDS = {
    "create": "新建", "edit": "填写", "undo": "撤销", "redo": "重做", "stage": "阶段",
    "waive": "核实说明", "attach": "佐证", "review": "复核", "import": "导入", "merge": "合并",
}  # fmt: skip


def _history_line(change: Change) -> str:
    when = change.when.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    why = f"（{change.why}）" if change.why else ""
    head = f"{when} {change.who} {_KINDS[change.kind]}"
    if change.kind == "create":
        return f"{head}{why}"
    return f"{head} {change.path}：{short(change.old)} → {short(change.new)}{why}"


def undo(session_id: SavedId, as_json: AsJson = False, name: As = "") -> None:
    """撤销最近一次修改（一组修改一起撤销）。"""
    with opened(session_id) as workspace:
        workspace.undo(who=who(name))
        _tell_last(workspace, as_json, "已撤销")


def redo(session_id: SavedId, as_json: AsJson = False, name: As = "") -> None:
    """重做最近一次撤销。"""
    with opened(session_id) as workspace:
        workspace.redo(who=who(name))
        _tell_last(workspace, as_json, "已重做")


def _tell_last(workspace: Workspace, as_json: bool, done: str) -> None:
    change, total = workspace.records[-1].change, _total(workspace)
    told = f"{done}：{change.path} 为 {short(change.new)}。{total}"
    tell(as_json, told, path=change.path, new=change.new, after=total, head=workspace.head)


# --- handing in and reviewing ----------------------------------------------------------------


def submit(session_id: SavedId, why: Why = "", as_json: AsJson = False, name: As = "") -> None:
    """上报：审核通过后锁定自评内容；有未改正也未说明的错误时不能上报。"""
    from perfeval.store.workflow import submit as hand_in

    with opened(session_id) as workspace:
        done = hand_in(workspace, who=who(name), why=why)
    told = f"第 {done.number} 次上报，上报锁定 {done.seal[:16]}，修改记录校验码 {done.head[:16]}"
    tell(as_json, told, **done.model_dump())


def move_stage(
    session_id: SavedId,
    stage: Annotated[
        str, typer.Argument(metavar="阶段", help="科室填报、财务审核、负责人审签、复核中、已复核")
    ],
    why: Why = "",
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """转到另一阶段（上报用 submit，退回用 return）。"""
    from typing import get_args

    from perfeval.errors import nearest
    from perfeval.session.model import Stage
    from perfeval.store.workflow import move

    if stage == "已上报":
        raise PerfevalError("上报用 perfeval submit，它先审核再锁定")
    if stage not in get_args(Stage):
        raise PerfevalError(f"没有阶段“{stage}”。{nearest(stage, get_args(Stage))}")
    with opened(session_id) as workspace:
        move(workspace, stage, who=who(name), why=why)  # type: ignore[arg-type]
    tell(as_json, f"已转为“{stage}”", stage=stage)


def send_back(session_id: SavedId, why: Why = "", as_json: AsJson = False, name: As = "") -> None:
    """退回修改，须写明理由。"""
    from perfeval.store.workflow import move

    with opened(session_id) as workspace:
        move(workspace, "退回修改", who=who(name), why=why)
    tell(as_json, "已退回修改", stage="退回修改")


def review(
    session_id: SavedId,
    path: Annotated[
        str, typer.Option("--mark", metavar="代码或路径", help="要复核的指标，如 B3")
    ] = "",
    score: Annotated[str, typer.Option("--score", metavar="分", help="复核得分；不写为认可")] = "",
    opinion: Annotated[str, typer.Option("--opinion", metavar="意见", help="复核意见")] = "",
    returned: Annotated[bool, typer.Option("--return", help="要求修改这一项")] = False,
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """复核：给一项打分、写意见；不带 --mark 时显示自评与复核的差别。"""
    from perfeval.cli import data, show
    from perfeval.scoring.review import review_diff
    from perfeval.store.workflow import mark

    with opened(session_id) as workspace:
        if path:
            made = mark(
                workspace, path, who=who(name), score=score, opinion=opinion, returned=returned
            )
            if not as_json:
                print(f"{made.verdict} {made.score}")
        session = workspace.session
        paths = ["department"] if session.department else []
        paths += [f"projects/{key}" for key, _ in session.evaluated_projects()]
        diffs = [review_diff(session, one, workspace.find) for one in paths]
    marked = [diff for diff in diffs if diff.marked]
    if as_json:
        print_json([data.review(diff) for diff in marked])
    elif not path:
        show.review(session, marked)


def waive(
    session_id: SavedId,
    check: Annotated[str, typer.Argument(metavar="检查", help="如 L27")],
    reason: Annotated[str, typer.Argument(metavar="说明", help="为什么这样是对的")],
    path: Annotated[str, typer.Option("--path", metavar="路径", help="同一检查有几处时指明")] = "",
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """核实说明：对一条审核结果作出说明；数字变了说明就失效。"""
    from perfeval.store.workflow import all_findings, explain

    with opened(session_id) as workspace:
        found = all_findings(workspace)
        open_ones = [
            one
            for one in found
            if one.id == check and one.waiver is None and path in ("", one.path)
        ]
        if not open_ones:
            raise PerfevalError(f"没有待说明的审核结果 {check}。用 perfeval check 查看")
        if len(open_ones) > 1:
            places = "\n".join(f"  --path {one.path}  {one.message}" for one in open_ones)
            raise PerfevalError(f"{check} 有 {len(open_ones)} 处，请指明：\n{places}")
        for finding in open_ones[0].members or (open_ones[0],):
            explain(workspace, finding, reason, who=who(name))
    tell(as_json, "已记下核实说明", check=check, reason=reason)


# --- trust -----------------------------------------------------------------------------------


def verify(
    what: SavedId,
    against: Annotated[
        str,
        typer.Option("--against", metavar="校验码或文件", help="留存的校验码（可写开头）或数据包"),
    ] = "",
    as_json: AsJson = False,
) -> int:
    """核对修改记录：有没有被改动、删去、调换；对照留存件看有没有被截短。"""
    from perfeval.exchange.package import SUFFIX, unpack
    from perfeval.session import journal

    file = Path(what)
    if file.suffix == SUFFIX and file.exists():
        package = unpack(file)  # verified on opening: its journal, its sets, its session
        problems = journal.verify(package.records, package.session, against=_kept(against))
        records = package.records
    else:
        with opened(what) as workspace:
            problems, records = workspace.verify(_kept(against)), workspace.records
    if as_json:
        print_json(
            {
                "problems": [str(problem) for problem in problems],
                "records": len(records),
                "head": records[-1].hash,
                "against": against or None,
            }
        )
    elif problems:
        for problem in problems:
            print(problem)
    else:
        told = "，与留存件相符" if against else ""
        print(f"修改记录 {len(records)} 条，前后相接，与自评数据一致{told}")
        if not against:
            print("没有对照留存件，不能证明末尾没有被一并截短；请用 --against 给出留存件")
    return FINDINGS if problems else FINE


def _kept(against: str) -> Sequence[Record] | str:
    """Return what was kept elsewhere: the records of a package, or a 校验码."""
    from perfeval.exchange.package import SUFFIX, unpack

    file = Path(against)
    return unpack(file).records if file.suffix == SUFFIX else against


def feedback(
    session_id: SavedId,
    path: Annotated[str, typer.Option("--mark", metavar="代码或路径", help="哪一条复核意见")],
    rejected: Annotated[
        str, typer.Option("--reject", metavar="理由", help="不采纳及理由；不写为采纳")
    ] = "",
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """反馈意见：单位对一条复核意见采纳，或不采纳并写明理由。"""
    from perfeval.store.workflow import answer_mark

    with opened(session_id) as workspace:
        answer_mark(workspace, path, accepted=not rejected, reason=rejected, who=who(name))
    told = f"不采纳：{rejected}" if rejected else "采纳"
    tell(as_json, f"已记下反馈意见（{told}）", path=path, accepted=not rejected)


VERBS: dict[str, Callable[..., int | None]] = {
    "set": set_value,
    "history": history,
    "undo": undo,
    "redo": redo,
    "submit": submit,
    "move": move_stage,
    "return": send_back,
    "review": review,
    "feedback": feedback,
    "waive": waive,
    "verify": verify,
}
"""The verbs that stand beside ``score`` and ``check``, by the names people type."""
