"""What the first screen does with saved sessions: the lines of its table, and new sessions.

Plain functions over a :class:`Store` and plain data; the desk runs those that read or write in
its thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from perfeval.numbers import decimal_text
from perfeval.settings import days_left
from perfeval.tui.actions import matches
from perfeval.tui.widgets.grid import Column, Row

if TYPE_CHECKING:
    from perfeval.session.model import Session
    from perfeval.store import Listing, Store

COLUMNS = (
    Column("单位", 0),
    Column("年度", 4),
    Column("阶段", 10),
    Column("完成度", 6, "right"),
    Column("得分", 9, "right"),
    Column("等级", 4),
    Column("截止", 9, rank=2),
    Column("最近修改", 11, rank=1),
)

HANDED_IN = frozenset({"已上报", "复核中", "已复核"})
"""Stages in which nobody waits for the unit any more."""


def rows_of(found: Sequence[Listing], deadlines: Mapping[str, str], now: datetime) -> list[Row]:
    """Return the table's lines; scores and progress are the cached ones."""
    return [Row(one.id, _cells(one, deadlines, now)) for one in found]


def _cells(one: Listing, deadlines: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    filled, total = one.filled, one.total
    score = ""
    if filled and total is not None:
        score = decimal_text(total, 2) if one.grade else f"暂 {decimal_text(total, 2)}"
    waiting = one.stage not in HANDED_IN
    return (
        one.unit,
        str(one.year),
        one.stage,
        "" if filled is None else f"{decimal_text(filled, 0)}%",
        score,
        one.grade or "",
        days_left(deadlines, one.year, now.date()) if waiting else "",
        when_text(one.changed_at, now),
    )


def found_by(one: Listing, query: str) -> bool:
    """Whether a query means a saved session: parts of unit, year, stage or id, pinyin initials."""
    wanted = query.lower().split()
    texts = (one.unit.lower(), str(one.year), one.stage, one.id.lower())
    return all(
        any(word in text for text in texts) or (word.isascii() and matches(word, one.unit))
        for word in wanted
    )


def when_text(moment: datetime, now: datetime) -> str:
    """Return a moment as briefly as it is clear: 今天 14:03, 03-12 14:03, 2024-12-30."""
    local = moment.astimezone(now.tzinfo)
    if local.date() == now.date():
        return f"今天 {local:%H:%M}"
    return f"{local:%m-%d %H:%M}" if local.year == now.year else f"{local:%Y-%m-%d}"


# --- new sessions ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """What 新建 asked for: whose, which year, which sets, and the projects' names."""

    unit: str
    year: int
    money_unit: Literal["元", "万元"]
    department_set: str = ""
    project_set: str = ""
    projects: tuple[str, ...] = ()


def session_of(draft: Draft, session_id: str) -> Session:
    """Return the new session, with the rows its sets begin with.

    Raises :class:`PerfevalError` for a set that is missing.
    """
    from perfeval.indicators.library import find
    from perfeval.session.model import Evaluation, Project, Session, Unit
    from perfeval.session.starting import started, with_starter_rows

    projects = {}
    for number, name in enumerate(draft.projects, 1):
        project = Project(set=draft.project_set, name=name)
        rows = started(project, find(draft.project_set))
        projects[f"p{number}"] = project.model_copy(
            update={"rows": rows.rows, "row_order": rows.row_order}
        )
    session = Session(
        id=session_id,
        unit=Unit(name=draft.unit),
        year=draft.year,
        money_unit=draft.money_unit,
        department=Evaluation(set=draft.department_set) if draft.department_set else None,
        projects=projects,
        project_order=tuple(projects),
    )
    return with_starter_rows(session, find)


def make(store: Store, draft: Draft, *, who: str) -> str:
    """Save a new session; return its id."""
    from perfeval.indicators.library import find
    from perfeval.session.starting import id_for
    from perfeval.store.listing import free_id
    from perfeval.store.workspace import create

    session_id = free_id(store, id_for(draft.unit, draft.year))
    create(store, session_of(draft, session_id), find, who=who, why="新建")
    return session_id


def make_sample(store: Store, *, who: str) -> str:
    """Save another copy of the worked example; return its id."""
    from perfeval.indicators.library import find
    from perfeval.samples import NAME, sample_text
    from perfeval.session.distribute import own_copy
    from perfeval.session.files import loads
    from perfeval.store.listing import free_id
    from perfeval.store.workspace import create

    session = loads(sample_text(), f"{NAME}.yaml")
    session_id = free_id(store, "example")
    create(store, own_copy(session, session_id), find, who=who, why="示例")
    return session_id


def make_from_last(store: Store, last_id: str, year: int, *, who: str) -> tuple[str, str]:
    """Save next year's session from last year's (提取上年数据); return its id and what it has."""
    from perfeval.session.carry import carry
    from perfeval.session.starting import id_for
    from perfeval.store import Workspace
    from perfeval.store.listing import free_id
    from perfeval.store.workspace import create

    last = Workspace.open(store, last_id)
    session_id = free_id(store, id_for(last.session.unit.name, year))
    session = carry(last.session, session_id=session_id, year=year)
    create(store, session, last.find, who=who, why=f"提取 {last.session.year} 年度的数据")
    return session_id, carried_text(last.session, session)


def carried_text(last: Session, session: Session) -> str:
    """Return what 提取上年数据 took along from ``last``, what it left, and what to do next."""
    evaluations = [*session.projects.values(), *filter(None, [session.department])]
    targets = [one.target for e in evaluations for one in (*e.answers.values(), *e.rows.values())]
    counts = (
        ("指标体系", len({one.set for one in evaluations}), "套"),
        ("项目", len(session.projects), "个（名称、编码、资金来源、年度总体目标）"),
        ("个性指标", sum(len(one.rows) for one in evaluations), "项（名称、分值、单位）"),
        ("年度指标值", sum(map(bool, targets)), "个，请按本年的目标核对"),
        ("报告文字", len(session.texts), "段，请按本年的情况改"),
    )
    lines = ["带出了单位信息，以及："]
    lines += [f"  {name} {count} {unit}" for name, count, unit in counts if count]
    if left := len(last.projects) - len(session.projects):
        lines.append(f"  （上年不参加自评的 {left} 个项目没有带出）")
    lines += [
        "",
        "没有带出：基础数据、资金、完成值、得分、原因、佐证材料、填报数、复核意见。",
        f"{last.year} 年的数只供对照，写在每一栏后面（“上年”），没有填进去。",
        "",
        "下一步：核对项目（F5）和年度指标值，再填基础数据（F2）。",
    ]
    return "\n".join(lines)


def sets_for(scope: str) -> dict[str, str]:
    """Return the titles of the sets for ``department`` or ``project``, by id."""
    from perfeval.errors import PerfevalError
    from perfeval.indicators.library import find, set_files

    titles = {}
    for set_id in set_files():
        try:
            one = find(set_id)
        except PerfevalError:  # a broken file of the user's: `perfeval sets lint` tells what it is
            continue
        if one.scope == scope:
            titles[set_id] = one.title
    return titles
