"""A change as a sentence: what was done to what, from what to what; 修改记录 is read, not decoded.

Names are those of the session as it stands. What is no longer in it is called by what the change
itself says of it. Nothing here fails: what has no sentence of its own is 栏目：原来 -> 改为.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from perfeval.errors import printable
from perfeval.session.change import Change, PathError, Plain, join, shown, split
from perfeval.session.labels import SEPARATOR, Finder, label, value_label
from perfeval.session.model import Session

NOTHING = "（空）"
_ORDERS = {"row_order": "个性指标", "fund_order": "资金来源", "project_order": "项目"}


def told(session: Session, find: Finder, change: Change, *, whole: bool = False) -> str:
    """Return what a change did, in one line that begins with what matters.

    Unless the ``whole`` is wanted, long texts and names are cut and 部门整体 is left out.
    """
    sign = {"undo": "撤销：", "redo": "重做："}.get(change.kind, "")
    return sign + _Teller(session, find, whole, taken_back=bool(sign)).sentence(change)


def principal(changes: Sequence[Change]) -> list[Change]:
    """Return the changes of an act that say what was done, without those that only follow from it.

    A new row is also a new order of rows, an attached file also a line in the indicator's list, a
    上报 also a stage, a new mark the end of the answer to the one before.
    """
    kinds = {_kind(one) for one in changes}
    follow = {name for cause, names in _FOLLOW.items() if cause in kinds for name in names}
    return [one for one in changes if _kind(one) not in follow] or list(changes)


_FOLLOW = {
    "rows": ("row_order", "file", "evidence list"),
    "funds": ("fund_order",),
    "projects": ("project_order", "pinned", "file"),
    "file": ("evidence list",),
    "submissions": ("stage",),
    "marks": ("answered",),
    "set": ("pinned",),
}
"""What an act of one kind brings along."""


def _kind(change: Change) -> str:
    """Return the kind of thing a change is about, as :data:`_FOLLOW` names it."""
    match _names(change.path):
        case [*_, ("row_order" | "fund_order" | "project_order" | "set") as name]:
            return name
        case [*_, ("rows" | "funds" | "projects") as name, _]:
            return name
        case ["feedback", _]:
            return "answered" if change.new is None else "feedback"
        case ["evidence", *_]:
            return "file"
        case [*_, "evidence"]:
            return "evidence list"
        case [first, *_]:
            return first
    return ""


def _names(path: str) -> list[str]:
    try:
        return split(path)
    except PathError:
        return [path]


class _Teller:
    """Puts changes into words, with the names of one session."""

    def __init__(
        self, session: Session, find: Finder, whole: bool, *, taken_back: bool = False
    ) -> None:
        self.came, self.went = ("恢复", "去掉") if taken_back else ("增加", "删除")
        self.session, self.find, self.whole = session, find, whole
        self.text: Callable[[Plain], str] = _uncut if whole else shown

    def name(self, path: str) -> str:
        called = label(self.session, self.find, path)
        first, separator, rest = called.partition(SEPARATOR)
        if self.whole or not separator:
            return called
        return rest if first == "部门整体" else f"{_both_ends(first)}{separator}{rest}"

    def title(self, set_id: str) -> str:
        return self.name(join("pinned", set_id)).rpartition(SEPARATOR)[2]

    def sentence(self, change: Change) -> str:
        """Return what a change did."""
        if change.kind == "create":
            return "新建自评任务"
        old, new = change.old, change.new
        match _names(change.path):
            case ["stage"]:
                return f"阶段由“{old}”转为“{new}”"
            case ["submissions"]:
                return _submission(old or [], new or [])
            case ["marks", place]:
                return self._mark(self.name(place), old, new)
            case ["feedback", place]:
                return self._feedback(self.name(place), old, new)
            case ["waivers"]:
                return "；".join(self._waivers(old or [], new or [])) or "核实说明未变"
            case ["evidence", key, *rest]:
                return self._file(key, rest, old, new, change.path)
            case ["pinned", set_id]:
                return self._pinned(set_id, old, new)
            case ["sent", owner, *rest]:
                return self._sent(owner, rest, old, new)
            case [*_, ("row_order" | "fund_order" | "project_order") as name]:
                return self._order(change.path, name, old or [], new or [])
            case names:
                return self._part(names, change.path, old, new)

    # -- a part of an evaluation ----------------------------------------------

    def _part(self, names: Sequence[str], path: str, old: Plain, new: Plain) -> str:
        """Tell of a project, a row, a source of money, or of a field in one."""
        where = self.name(path.rpartition("/")[0])
        match names:
            case ["projects", key]:
                return self._came("项目", "", key, old, new)
            case [*above, "rows", key]:
                return self._came("个性指标", self.name(join(*above)), key, old, new)
            case [*above, "funds", key]:
                return self._came("资金来源", self.name(join(*above)), key, old, new)
            case [*_, "evidence"]:
                return self._listed(where, old or [], new or [])
            case ["projects", _, "excluded"]:
                return f"{where}不参加自评：{self.text(new)}" if new else f"{where}恢复参加自评"
            case [*_, "not_applicable"]:
                return f"{where}按不适用处理：{self.text(new)}" if new else f"{where}恢复计分"
            case [*_, "set"]:
                return f"{where}改用指标体系《{self.title(str(new))}》"
        return f"{self.name(path)}：{self._value(path, old)} -> {self._value(path, new)}"

    def _value(self, path: str, value: Plain) -> str:
        if value in (None, "", [], {}):
            return NOTHING
        if isinstance(value, dict | list):
            return value_label(self.session, self.find, path, value)
        return self.text(value)

    def _came(self, what: str, where: str, key: str, old: Plain, new: Plain) -> str:
        """Tell of something that was added, taken away, or put in the place of another."""
        called = _called(new or old, key)
        inside = f"{where} · " if where else ""
        if old and new:
            return f"{inside}{what}“{called}”整个改写"
        points = _mapping(new or old).get("points")
        more = f"（{points} 分）" if points else ""
        return f"{inside}{self.came if new else self.went}{what}“{called}”{more}"

    def _order(self, path: str, name: str, old: Sequence[str], new: Sequence[str]) -> str:
        """Tell which thing went where; of several only that there is another order."""
        inside = self.name(path.rpartition("/")[0]) if "/" in path else ""
        what = f"{inside}{' · ' if inside else ''}{_ORDERS[name]}"
        if sorted(old) == sorted(new) and (moved := _moved(old, new)):
            thing = {"row_order": "rows", "fund_order": "funds"}.get(name, "projects")
            at = join(*split(path)[:-1], thing, moved)
            return f"{what}“{self.name(at).rpartition(' · ')[2]}”移到第 {new.index(moved) + 1} 位"
        return f"{what}的顺序（{len(new)} 项）"

    # -- acts on the whole ----------------------------------------------------

    def _mark(self, on: str, old: Plain, new: Plain) -> str:
        if not new:
            return f"取消复核：{on}，此前{_verdict(old)}"
        opinion = _mapping(new).get("opinion", "")
        said = f"，意见：{self.text(opinion)}" if opinion else ""
        before = f"（此前{_verdict(old)}）" if old else ""
        return f"复核{_verdict(new)}：{on}{said}{before}"

    def _feedback(self, on: str, old: Plain, new: Plain) -> str:
        if not new:
            return f"反馈意见作废：{on}"
        answer = _mapping(new)
        reason = answer.get("reason", "")
        said = f"，理由：{self.text(reason)}" if reason else ""
        return f"反馈意见{'采纳' if answer.get('accepted') else '不采纳'}：{on}{said}"

    def _waivers(self, old: Sequence[Plain], new: Sequence[Plain]) -> Iterator[str]:
        for sign, those, others in (("写", new, old), ("取消", old, new)):
            for one in those:
                if one not in others and isinstance(one, dict):
                    where = self.name(str(one.get("path", "")) or "session")
                    reason = self.text(one.get("reason", ""))
                    yield f"{sign}核实说明（{one.get('check', '')} {where}）：{reason}"

    def _file(self, key: str, rest: Sequence[str], old: Plain, new: Plain, path: str) -> str:
        if not rest:
            one = _mapping(new or old)
            called = f"{one.get('number', '')} {one.get('name', '')}".strip()
            places = self._places(one.get("paths", ()))
            if old and new:
                return f"佐证材料 {called} 的登记改写"
            return f"附上佐证材料 {called}：{places}" if new else f"取下佐证材料 {called}：{places}"
        called = self.name(join("evidence", key)).rpartition(SEPARATOR)[2]
        if rest[0] == "paths":
            added = self._places(one for one in new or () if one not in (old or ()))
            gone = self._places(one for one in old or () if one not in (new or ()))
            told = [f"也附于 {added}" if added else "", f"从 {gone} 取下" if gone else ""]
            return f"佐证材料 {called} {'，'.join(filter(None, told))}"
        return f"{self.name(path)}：{self._value(path, old)} -> {self._value(path, new)}"

    def _places(self, paths: Any) -> str:
        return "、".join(self.name(str(one)) for one in paths)

    def _listed(self, where: str, old: Sequence[str], new: Sequence[str]) -> str:
        """Tell of an indicator's list of files."""
        told = []
        for word, those, others in (("增加", new, old), ("去掉", old, new)):
            names = [
                self.name(join("evidence", one)).rpartition(SEPARATOR)[2]
                for one in those
                if one not in others
            ]
            told += [f"{word} {'、'.join(names)}"] if names else []
        return f"{where} 所列佐证材料：{'，'.join(told) or '未变'}"

    def _pinned(self, set_id: str, old: Plain, new: Plain) -> str:
        title = self.title(set_id)
        if not new:
            return f"不再使用指标体系《{title}》"
        if not old:
            return f"采用指标体系《{title}》，校验码 {str(new)[:16]}"
        return f"更新指标体系《{title}》，校验码 {str(old)[:16]} -> {str(new)[:16]}"

    def _sent(self, owner: str, rest: Sequence[str], old: Plain, new: Plain) -> str:
        if rest == ["returned"]:
            return f"收回“{owner}”交回的部分"
        if not rest:
            return f"分发给“{owner}”" if new else f"取消分发给“{owner}”"
        return f"分发给“{owner}”：记下所附的修改记录"


def _uncut(value: Plain) -> str:
    if value in (None, "", [], {}):
        return NOTHING
    return shown(value) if isinstance(value, bool | dict | list) else printable(str(value))


def _mapping(value: Plain) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _verdict(mark: Plain) -> str:
    """Return a reviewer's verdict with its score: 核减为 1 分, 认可 2 分."""
    said = _mapping(mark)
    verdict, score = str(said.get("verdict", NOTHING)), said.get("score", "")
    word = f"{verdict}为" if verdict in ("核增", "核减") else verdict
    return f"{word} {score} 分" if score else verdict


def _both_ends(name: str) -> str:
    """Return a long name with its middle left out: names of projects differ at their end."""
    return name if len(name) <= 16 else f"{name[:5]}..{name[-9:]}"


def _called(value: Plain, key: str) -> str:
    """Return what a removed or added thing calls itself."""
    found = _mapping(value)
    return printable(str(found.get("name") or found.get("source") or key))


def _submission(old: Sequence[Plain], new: Sequence[Plain]) -> str:
    if len(new) > len(old) and isinstance(last := new[-1], Mapping):
        return f"第 {last.get('number')} 次上报，上报锁定 {str(last.get('seal', ''))[:16]}"
    return f"上报记录由 {len(old)} 次改为 {len(new)} 次"


def _moved(old: Sequence[str], new: Sequence[str]) -> str:
    """Return the one thing that was moved; of two neighbours that changed places the one that was
    behind. Empty where more than one moved.
    """
    for one in dict.fromkeys(key for key, other in zip(new, old, strict=True) if key != other):
        if [key for key in old if key != one] == [key for key in new if key != one]:
            return one
    return ""
