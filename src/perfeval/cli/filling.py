"""Verbs that fill in a saved session and look back: set, history, undo, redo."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perfeval.cli.common import (
    As,
    AsJson,
    SavedId,
    Why,
    changing,
    finder,
    opened,
    print_json,
    say,
    short,
    tell,
    who,
)
from perfeval.errors import PerfevalError

if TYPE_CHECKING:
    from perfeval.session.change import Change
    from perfeval.session.model import Evaluation
    from perfeval.store import Workspace

Place = Annotated[str, typer.Argument(metavar="位置", help="如 department/inputs/全年执行数/value")]

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
"""Acts that a verb of their own makes; typed in as values they would be no acts."""


def set_value(
    session_id: SavedId,
    path: Place,
    value: Annotated[str, typer.Argument(metavar="值", help="文字，或 JSON（加 --raw）；空为清空")],
    raw: Annotated[bool, typer.Option("--raw", help="值是 JSON")] = False,
    why: Why = "",
    as_json: AsJson = False,
    name: As = "",
) -> None:
    """填写一项，保存并重新计分。"""
    from perfeval.session.change import Conflict, PathError, edit
    from perfeval.store.workflow import apply_with_sets

    if verb := _BY_VERB.get(path.partition("/")[0]):
        raise PerfevalError(f"“{path}”不能直接填写：{verb}")
    new: Any = _parsed(value) if raw else _typed(path, value)
    with changing(session_id) as workspace:
        before = _worth(workspace, path)
        try:
            change = edit(workspace.session, path, new, who=who(name), why=why)
        except PathError as error:
            if meant := _meant(workspace, path):
                raise PerfevalError(meant) from error
            raise
        try:
            apply_with_sets(workspace, [change], finder())
        except Conflict as error:
            told = f"已被改为“{short(error.found)}”（您看到的是“{short(error.expected)}”）"
            raise PerfevalError(f"{_called(workspace, path)}：{told}。请核对后重填") from error
        after = _worth(workspace, path)
        told = f"已保存。{before} → {after}" if before != after else f"已保存。{after}"
        tell(as_json, told, path=path, before=before, after=after, head=workspace.head)
        if new is not None and (unused := _unused(workspace, path)):
            say(unused, beside=True)


def _typed(path: str, value: str) -> str | bool | None:
    """Return what was typed as the field has it: an element is met, a row is 定性: 是 or 否."""
    if value in ("是", "否") and ("/elements/" in path or path.endswith("/qualitative")):
        return value == "是"
    return value or None


def _parsed(value: str) -> Any:
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        at = f"第 {error.lineno} 行第 {error.colno} 个字符处" if value.strip() else "是空的，"
        told = f"{at}不合 JSON 的写法。文字要加英文双引号，如 '\"文字\"'；只填文字时不加 --raw"
        raise PerfevalError(f"值不是有效的 JSON：{told}") from error
    except (ValueError, RecursionError) as error:  # a number of too many digits, brackets too deep
        raise PerfevalError("值不是有效的 JSON：数字太长或层次套得太深") from error


def _worth(workspace: Workspace, path: str) -> str:
    """Say what the evaluation a path lies in is worth: the project's, else the department's."""
    card = workspace.scorecard
    for project in card.projects:
        if f"{path}/".startswith(f"{project.path}/"):
            return f"{project.name}：{project.result.summary if project.result else '不参加自评'}"
    return card.department.summary if card.department else "（没有部门整体自评）"


def _meant(workspace: Workspace, path: str) -> str:
    """Say where an indicator or a figure is filled in, where its code or name alone was given."""
    from perfeval.session.change import under

    department = workspace.session.department
    if department is None:
        return ""
    used = workspace.find(department.set)
    for item in used.all_indicators():
        if path in (item.code, item.name):
            place = under("department/answers", item.code)
            told = f"{item.code} {item.name}有好几项"
            return f"{told}，请写明填写哪一项，如 {place}/actual、{place}/target"
    if path in used.inputs:
        return f"{path}填写在 {under('department/inputs', path, 'value')}，请照此写位置"
    return ""


def _unused(workspace: Workspace, path: str) -> str:
    """Say so where something was filled in for an indicator or a figure that the set has not."""
    from perfeval.errors import nearest
    from perfeval.session.change import split

    first, *rest = split(path)
    session = workspace.session
    if first == "texts" and "/" not in rest[0]:
        return _unwritten(rest[0])
    evaluation: Evaluation | None = session.department
    if first == "projects":
        evaluation = session.projects.get("".join(rest[:1]))
        rest = rest[1:]
    if first not in ("department", "projects") or evaluation is None or len(rest) < 2:
        return ""
    kind, key = rest[:2]
    used = workspace.find(evaluation.set)
    known = {"answers": [one.code for one in used.all_indicators()], "inputs": list(used.inputs)}
    if kind not in known or key in known[kind]:
        return ""
    cure = nearest(key, known[kind]) or "请核对，可用 perfeval undo 撤销"
    if kind == "answers" and key in evaluation.rows:
        cure = f"{key} 是个性指标，位置写作 {path.replace('/answers/', '/rows/', 1)}"
    return f"指标体系里没有“{key}”，填在这里的不参与计分。{cure}"


def _unwritten(name: str) -> str:
    """Say so where a text was written under a name that no document has."""
    from perfeval.errors import nearest
    from perfeval.exchange.report.context import OPTIONAL, SECTIONS

    known = [*(section.name for section in SECTIONS), *OPTIONAL, "部门评价结果"]
    if name in known:
        return ""
    cure = nearest(name, known) or f"可写：{'、'.join(known)}"
    return f"报告里没有“{name}”这一部分。{cure}"


def _called(workspace: Workspace, path: str) -> str:
    from perfeval.session.labels import label

    return label(workspace.session, workspace.find, path)


def history(
    session_id: SavedId,
    path: Annotated[str, typer.Option("--path", metavar="位置", help="只看这一项")] = "",
    as_json: AsJson = False,
) -> None:
    """修改记录：谁、何时、哪一项、由什么改为什么，最近的在前。"""
    with opened(session_id) as workspace:
        changes = [record.change for record in workspace.records]
        chosen = [
            one for one in reversed(changes) if not path or f"{one.path}/".startswith(f"{path}/")
        ]
        if as_json:
            print_json([one.model_dump(mode="json") for one in chosen])
            return
        for one in chosen:
            say(_history_line(workspace, one))
        if not chosen:
            say(f"{_called(workspace, path)}：没有修改过")


def _history_line(workspace: Workspace, change: Change) -> str:
    from perfeval.session.told import told

    when = change.when.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    why = f"（{short(change.why)}）" if change.why else ""
    kind = {"import": "导入：", "merge": "合并："}.get(change.kind, "")
    said = told(workspace.session, workspace.find, change)
    return f"{when} {short(change.who)} {kind}{said}{why}"


def _value(workspace: Workspace, path: str, value: Any) -> str:
    """Print a value of a change; places and files in it are called by their names."""
    from perfeval.session.labels import value_label

    return value_label(workspace.session, workspace.find, path, value)


def undo(session_id: SavedId, as_json: AsJson = False, name: As = "") -> None:
    """撤销最近一次修改（一组修改一起撤销）。"""
    with changing(session_id) as workspace:
        known = len(workspace.records)
        workspace.undo(who=who(name))
        _tell_since(workspace, known, as_json, "已撤销")


def redo(session_id: SavedId, as_json: AsJson = False, name: As = "") -> None:
    """重做最近一次撤销。"""
    with changing(session_id) as workspace:
        known = len(workspace.records)
        workspace.redo(who=who(name))
        _tell_since(workspace, known, as_json, "已重做")


def _tell_since(workspace: Workspace, known: int, as_json: bool, done: str) -> None:
    """Tell what the records after the first ``known`` changed: the last, and how many."""
    changes = [record.change for record in workspace.records[known:]]
    last = changes[-1]
    worth = _worth(workspace, last.path)
    others = f"（连同另外 {len(changes) - 1} 处）" if len(changes) > 1 else ""
    now = _value(workspace, last.path, last.new)
    told = f"{done}：{_called(workspace, last.path)} 为 {now}{others}。{worth}"
    tell(as_json, told, path=last.path, new=last.new, after=worth, head=workspace.head)


VERBS: dict[str, Callable[..., int | None]] = {
    "set": set_value,
    "history": history,
    "undo": undo,
    "redo": redo,
}
"""The verbs that stand beside ``score`` and ``check``, by the names people type."""
