"""Verbs that hand a session in, review it and prove it whole: submit, review, verify …"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perfeval.cli.common import (
    FINDINGS,
    FINE,
    As,
    AsJson,
    SavedId,
    Why,
    changing,
    is_file,
    opened,
    opened_store,
    print_json,
    say,
    short,
    tell,
    who,
)
from perfeval.errors import PerfevalError

if TYPE_CHECKING:
    from perfeval.session.journal import Record


def submit(session_id: SavedId, why: Why = "", as_json: AsJson = False, name: As = "") -> None:
    """上报：审核通过后锁定自评内容；有未改正也未说明的错误时不能上报。"""
    from perfeval.store.workflow import submit as hand_in

    with changing(session_id) as workspace:
        done = hand_in(workspace, who=who(name), why=why)
    told = f"第 {done.number} 次上报，上报锁定 {done.seal[:16]}，修改记录校验码 {done.head[:16]}"
    told += f"\n请抄下留存，以后可核对：perfeval verify {session_id} --against {done.seal[:16]}"
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
    with changing(session_id) as workspace:
        move(workspace, stage, who=who(name), why=why)  # type: ignore[arg-type]
    tell(as_json, f"已转为“{stage}”", stage=stage)


def send_back(session_id: SavedId, why: Why = "", as_json: AsJson = False, name: As = "") -> None:
    """退回修改，须写明理由。"""
    from perfeval.store.workflow import move

    with changing(session_id) as workspace:
        move(workspace, "退回修改", who=who(name), why=why)
    tell(as_json, "已退回修改", stage="退回修改")


def review(
    session_id: SavedId,
    path: Annotated[
        str, typer.Option("--mark", metavar="代码或位置", help="要复核的指标，如 B3")
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
                say(f"已记下复核意见：{made.verdict}，复核得分 {made.score or '（未填）'}")
        session = workspace.session
        paths = ["department"] if session.department else []
        paths += [f"projects/{key}" for key, _ in session.evaluated_projects()]
        find = workspace.find
        diffs = [review_diff(session, one, find) for one in paths]
    marked = [diff for diff in diffs if diff.marked]
    if as_json:
        print_json([data.review(diff) for diff in marked])
    elif not path:
        show.review(session, find, marked)


def waive(
    session_id: SavedId,
    check: Annotated[str, typer.Argument(metavar="检查", help="如 L27")],
    reason: Annotated[str, typer.Argument(metavar="说明", help="为什么这样是对的")],
    path: Annotated[str, typer.Option("--path", metavar="位置", help="同一检查有几处时指明")] = "",
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """核实说明：对一条审核结果作出说明；数字变了说明就失效。"""
    from perfeval.store.workflow import all_findings, explain

    with changing(session_id) as workspace:
        found = all_findings(workspace)
        open_ones = [
            one
            for one in found
            if one.id == check.upper() and one.waiver is None and path in ("", one.path)
        ]
        if not open_ones:
            raise PerfevalError(f"没有待说明的审核结果 {check}。用 perfeval check 查看")
        if len(open_ones) > 1:
            places = "\n".join(f"  --path {one.path}  {one.message}" for one in open_ones)
            raise PerfevalError(f"{check} 有 {len(open_ones)} 处，请指明：\n{places}")
        explain(workspace, open_ones[0], reason, who=who(name))
    tell(as_json, "已记下核实说明", check=check, reason=reason)


def feedback(
    session_id: SavedId,
    path: Annotated[str, typer.Option("--mark", metavar="代码或位置", help="哪一条复核意见")],
    rejected: Annotated[
        str | None, typer.Option("--reject", metavar="理由", help="不采纳及理由；不写为采纳")
    ] = None,
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """反馈意见：单位对一条复核意见采纳，或不采纳并写明理由。"""
    from perfeval.store.workflow import answer_mark

    accepted = rejected is None  # an empty reason is no acceptance: it is asked for
    with changing(session_id) as workspace:
        answer_mark(workspace, path, accepted=accepted, reason=rejected or "", who=who(name))
    told = "采纳" if accepted else f"不采纳：{rejected}"
    tell(as_json, f"已记下反馈意见（{told}）", path=path, accepted=accepted)


# --- trust -----------------------------------------------------------------------------------


def verify(
    what: Annotated[
        str, typer.Argument(metavar="编号或数据包", help="已保存任务的编号，或 .perfeval 文件")
    ],
    against: Annotated[
        str,
        typer.Option(
            "--against",
            metavar="校验码或文件",
            help="留存的校验码或上报锁定（可只写开头，不少于 12 位），或留存的数据包",
        ),
    ] = "",
    as_json: AsJson = False,
) -> int:
    """核对修改记录：有没有被改动、删去、调换；对照留存件看有没有被截短。"""
    from perfeval.exchange.package import SUFFIX, unpack
    from perfeval.session import journal
    from perfeval.store.workspace import verified

    file, kept = Path(what), _kept(against)
    if file.suffix.lower() == SUFFIX:
        package = unpack(file)  # verified on opening: its journal, its sets, its session
        problems = journal.verify(package.records, package.session, against=kept)
        records = package.records
    else:
        with opened_store() as store:
            problems, records = verified(store, what, kept)
    # A copy that an office went on with is told, but nothing in it is altered, removed or cut.
    broken = any(one.severity == "错误" for one in problems)
    if as_json:
        print_json(
            {
                "problems": [str(problem) for problem in problems],
                "records": len(records),
                "head": records[-1].hash if records else None,
                "against": against or None,
            }
        )
    else:
        for problem in problems:
            say(str(problem))
        if not broken:
            told = "，与留存件相符" if against and not problems else ""
            say(f"修改记录 {len(records)} 条，前后相接，与自评数据一致{told}")
        if not against and not problems:
            say("没有对照留存件，不能证明末尾没有被一并截短；请用 --against 给出留存件")
    return FINDINGS if broken else FINE


def _kept(against: str) -> Sequence[Record] | str:
    """Return what was kept elsewhere: the records of a package, or a code.

    A file that is there is a file, whatever it is called. Raises :class:`PerfevalError` for what
    is neither.
    """
    from perfeval.exchange.package import unpack
    from perfeval.session.journal import code

    if not against or is_file(Path(against)):
        return unpack(Path(against)).records if against else ""
    if (wanted := code(against)) is None:
        told = f"“{short(against)}”不是校验码，也没有这个文件"
        raise PerfevalError(f"{told}。校验码是 12 至 64 位数字和字母 a 至 f，请照留存的抄写")
    return wanted


VERBS: dict[str, Callable[..., int | None]] = {
    "submit": submit,
    "move": move_stage,
    "return": send_back,
    "review": review,
    "feedback": feedback,
    "waive": waive,
    "verify": verify,
}
"""The verbs that stand beside ``score`` and ``check``, by the names people type."""
