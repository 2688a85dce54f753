"""修改记录 as lines: newest first, an act of many changes as one line that opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from perfeval.errors import printable
from perfeval.session.change import Change
from perfeval.session.journal import Record
from perfeval.session.told import principal
from perfeval.tui.widgets.grid import Column, Row

COLUMNS = (
    Column("时间", 14),
    Column("谁", 10),
    Column("做了什么", 0, least=44),
    Column("说明", 22, rank=1),
)

KINDS = {
    "create": "新建", "edit": "修改", "undo": "撤销", "redo": "重做", "stage": "阶段",
    "waive": "核实说明", "attach": "佐证材料", "review": "复核", "import": "导入", "merge": "合并",
}  # fmt: skip

Telling = Callable[[Change], str]
"""What puts a change into a sentence."""


@dataclass(frozen=True, slots=True)
class Act:
    """What was done at once: one change, or the changes of an import, newest last."""

    records: tuple[Record, ...]

    @property
    def key(self) -> str:
        """What names it among the lines."""
        return f"act-{self.records[-1].n}"

    @property
    def opens(self) -> bool:
        """Whether it is worth opening: several changes that do not just follow from one another."""
        return len(principal([record.change for record in self.records])) > 1

    @property
    def place(self) -> str:
        """The path that was changed; of several changes that of the first one that matters."""
        return principal([record.change for record in self.records])[0].path

    @property
    def can_be_reverted(self) -> bool:
        """Whether its inverse is an edit: the creation and the stages are not taken back so."""
        return all(one.change.kind not in ("create", "stage") for one in self.records)


MOST_TOLD = 6
"""Changes of one act that are told in full below the list."""


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


def rows_of(found: Sequence[Act], opened: set[str], told: Telling, now: datetime) -> Iterator[Row]:
    """Yield the lines of acts, those ``opened`` with each of their changes below."""
    for act in found:
        last = act.records[-1].change
        name = last.who.partition("（")[0]
        cells = (_when(last.when, now), name, sentence(act, told), printable(last.why))
        if not act.opens:
            yield Row(act.key, cells)
            continue
        sign = "v" if act.key in opened else ">"
        yield Row(act.key, (*cells[:2], f"{sign} {cells[2]}", cells[3]), "bold")
        if act.key in opened:
            for record in reversed(act.records):
                one = record.change
                yield Row(f"one-{record.n}", ("", "", f"    {told(one)}", printable(one.why)))


def sentence(act: Act, told: Telling) -> str:
    """Return what an act did: its one change, or of several how many and the first of them."""
    said = principal([record.change for record in act.records])
    last = said[-1]
    kind = f"{KINDS[last.kind]}：" if last.kind in ("import", "merge") else ""
    if len(said) == 1:
        return f"{kind}{told(last)}"
    return f"{KINDS[last.kind]} {len(said)} 处：{'；'.join(map(told, said[:3]))}"


def detail_lines(act: Act, told: Telling) -> list[str]:
    """Return an act in full, for what the columns cut; of very many changes the first ones."""
    changes = [record.change for record in act.records]
    said = principal(changes)
    lines = [told(change) for change in said[:MOST_TOLD]]
    if (more := len(said) - MOST_TOLD) > 0:
        lines.append(f"另有 {more} 处，按 Enter 展开")
    last = changes[-1]
    if why := printable(last.why):
        lines.append(f"说明：{why}")
    return [*lines, f"{last.who or '未署名'}  {last.when.astimezone():%Y-%m-%d %H:%M:%S}"]


def _when(moment: datetime, now: datetime) -> str:
    local = moment.astimezone(now.tzinfo)
    if local.date() == now.date():
        return f"今天 {local:%H:%M:%S}"
    return f"{local:%m-%d %H:%M}" if local.year == now.year else f"{local:%y-%m-%d %H:%M}"
