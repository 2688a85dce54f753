"""修改记录 as lines: newest first, an act of many changes as one line that opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perfeval.errors import printable
from perfeval.session.journal import Record
from perfeval.tui.widgets.grid import Column, Row

COLUMNS = (
    Column("时间", 14),
    Column("谁", 10),
    Column("栏目", 0),
    Column("原来", 16),
    Column("改为", 16),
    Column("说明", 12, rank=1),
)

KINDS = {
    "create": "新建", "edit": "修改", "undo": "撤销", "redo": "重做", "stage": "阶段",
    "waive": "核实说明", "attach": "佐证材料", "review": "复核", "import": "导入", "merge": "合并",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """What was done at once: one change, or the changes of an import, newest last."""

    records: tuple[Record, ...]

    @property
    def key(self) -> str:
        """What names it among the lines."""
        return f"act-{self.records[-1].n}"

    @property
    def can_be_reverted(self) -> bool:
        """Whether its inverse is an edit: the creation and the stages are not taken back so."""
        return all(one.change.kind not in ("create", "stage") for one in self.records)


def acts(records: Sequence[Record]) -> list[Act]:
    """Return the acts of a journal, newest first; neighbours of one group and kind are one."""
    found: list[list[Record]] = []
    for record in records:
        change = record.change
        last = found[-1][-1].change if found else None
        if last and change.group and (last.group, last.kind) == (change.group, change.kind):
            found[-1].append(record)
        else:
            found.append([record])
    return [Act(tuple(one)) for one in reversed(found)]


def only(found: Sequence[Act], *, path: str = "", who: str | None = None) -> list[Act]:
    """Return the changes at a path and what lies in it, or of one person, each as its own act."""
    return [
        Act((record,))
        for act in found
        for record in reversed(act.records)
        if (who is None or record.change.who == who)
        and f"{record.change.path}/".startswith(f"{path}/" if path else "")
    ]


def rows_of(
    found: Sequence[Act], opened: set[str], called: Callable[[str], str], now: datetime
) -> Iterator[Row]:
    """Yield the lines of acts, those ``opened`` with each of their changes below."""
    for act in found:
        if len(act.records) == 1:
            yield _row(act.key, act.records[0], called, now)
            continue
        last = act.records[-1].change
        sign = "v" if act.key in opened else ">"
        what = f"{sign} {KINDS[last.kind]} · 一次 {len(act.records)} 处"
        cells = (_when(last.when, now), last.who, what, "", "Enter 展开或收起", printable(last.why))
        yield Row(act.key, cells, "bold")
        if act.key in opened:
            for record in reversed(act.records):
                yield _row(f"one-{record.n}", record, called, now, indent="    ")


def _row(
    key: str, record: Record, called: Callable[[str], str], now: datetime, indent: str = ""
) -> Row:
    change = record.change
    if change.kind == "create":
        what, old, new = "新建自评任务", "", ""
    else:
        what, old, new = called(change.path), value_text(change.old), value_text(change.new)
    kind = "" if change.kind == "edit" else KINDS[change.kind]
    why = "：".join(part for part in (kind, printable(change.why)) if part)
    return Row(key, (_when(change.when, now), change.who, indent + what, old, new, why))


def _when(moment: datetime, now: datetime) -> str:
    local = moment.astimezone(now.tzinfo)
    if local.date() == now.date():
        return f"今天 {local:%H:%M:%S}"
    return f"{local:%m-%d %H:%M}" if local.year == now.year else f"{local:%y-%m-%d %H:%M}"


def value_text(value: Any) -> str:
    """Return a value of a change in a few words: 未填, 是, a text, or what a whole part is."""
    if value is None or value == "":
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        named = value.get("value", value.get("name", value.get("score")))
        return printable(str(named)) if named not in (None, "") else f"{len(value)} 项内容"
    if isinstance(value, list):
        return f"{len(value)} 项" if value else "未填"
    return printable(str(value))
