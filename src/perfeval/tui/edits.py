"""Acts on an evaluation as changes: rows and funds added, moved, taken away; points shared out.

Pure: each returns the changes to apply through the door as one group, undone at once. Nothing
here is saved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from uuid import uuid4

from perfeval.numbers import ZERO, Exact, decimal_text, figure, half_up, round_down
from perfeval.session.change import Change, ChangeKind, Plain, apply, edit, read, under
from perfeval.session.model import Evaluation, OwnIndicator, Project, Session

Edits = Iterable[tuple[str, Plain]]
"""Paths and what is to stand there, in order."""


_EMPTY: tuple[Plain, ...] = (None, "", [], {})


def evaluation_at(session: Session, prefix: str) -> Evaluation:
    """Return the evaluation at ``department`` or ``projects/<id>``. Raises ``KeyError``."""
    if prefix == "department":
        if session.department is None:
            raise KeyError(prefix)
        return session.department
    return session.projects[prefix.removeprefix("projects/")]


def changes(
    session: Session, edits: Edits, *, who: str, kind: ChangeKind = "edit", why: str = ""
) -> list[Change]:
    """Return the changes that make these edits in turn; those that change nothing fall out.

    Raises :class:`.change.PathError` for what does not fit.
    """
    made: list[Change] = []
    group = uuid4().hex
    for path, new in edits:
        change = edit(session, path, new, who=who, why=why)
        if change.old == change.new or (
            not change.old and not change.new and change.new is not False
        ):
            continue
        change = change.model_copy(update={"kind": kind, "group": group})
        session = apply(session, change)
        made.append(change)
    return made


# --- the unit's own rows ---------------------------------------------------------------------


def next_key(evaluation: Evaluation, group: str, taken: Iterable[str] = ()) -> str:
    """Return an id for a new row of a group: D4 after D1–D3, else r1, r2 …"""
    used = {*evaluation.rows, *taken}
    last = [key for key, row in evaluation.rows_of(group) if re.fullmatch(r"[A-Za-z]+\d+", key)]
    letters = re.sub(r"\d+$", "", last[-1]) if last else "r"
    number = 1
    while f"{letters}{number}" in used:
        number += 1
    return f"{letters}{number}"


def add_rows(
    evaluation: Evaluation, prefix: str, rows: Sequence[OwnIndicator], keys: Sequence[str]
) -> list[tuple[str, Plain]]:
    """Return the edits that append rows; the order is stated once, at the end."""
    ordered = list(evaluation.in_stated_order().row_order)
    edits: list[tuple[str, Plain]] = []
    for key, row in zip(keys, rows, strict=True):
        edits.append(
            (under(prefix, "rows", key), row.model_dump(mode="json", exclude_defaults=True))
        )
        ordered.append(key)
    return [*edits, (under(prefix, "row_order"), ordered)]


def remove_row(session: Session, prefix: str, key: str) -> list[tuple[str, Plain]]:
    """Return the edits that take a row out; its evidence is no longer said to belong there."""
    evaluation = evaluation_at(session, prefix)
    path = under(prefix, "rows", key)
    edits: list[tuple[str, Plain]] = []
    for at, one in session.evidence.items():
        if path in one.paths:
            left = [other for other in one.paths if other != path]
            entry = f"evidence/{at}"
            edits.append((f"{entry}/paths", left) if left else (entry, None))
    order = [one for one in evaluation.in_stated_order().row_order if one != key]
    return [*edits, (under(prefix, "row_order"), order), (path, None)]


def move_row(evaluation: Evaluation, prefix: str, key: str, by: int) -> list[tuple[str, Plain]]:
    """Return the edits that move a row among those of its group; none at the end of it."""
    group = evaluation.rows[key].group
    inside = [one for one, _ in evaluation.rows_of(group)]
    at = inside.index(key)
    if not 0 <= at + by < len(inside):
        return []
    order = list(evaluation.in_stated_order().row_order)
    mine, other = order.index(key), order.index(inside[at + by])
    order[mine], order[other] = order[other], order[mine]
    return [(under(prefix, "row_order"), order)]


def shared_points(points: Exact, count: int) -> list[str]:
    """Return 均分分值: ``points`` in equal parts of two decimals that add up to it exactly.

    What does not divide goes to the first rows, a hundredth each: 10 over 3 is 3.34, 3.33, 3.33.
    """
    if count <= 0:
        return []
    step = Exact(1, 100)
    each = round_down(points / count, 2) if points >= 0 else ZERO
    rest = int(half_up((points - each * count) / step, 0))
    return [decimal_text(each + (step if at < rest else ZERO)) for at in range(count)]


def share_points(
    evaluation: Evaluation, prefix: str, group: str, points: Exact
) -> list[tuple[str, Plain]]:
    """Return the edits that give the rows of a group equal points."""
    keys = [key for key, _ in evaluation.rows_of(group)]
    return [
        (under(prefix, "rows", key, "points"), text)
        for key, text in zip(keys, shared_points(points, len(keys)), strict=True)
    ]


def unused_points(evaluation: Evaluation, group: str, points: Exact) -> Exact:
    """Return 剩余分值: what the rows of a group leave over; below 0 they offer too much."""
    given = (figure(row.points).value or ZERO for _, row in evaluation.rows_of(group))
    return points - sum(given, ZERO)


# --- funds -----------------------------------------------------------------------------------


def next_fund(project: Project) -> str:
    """Return an id for a new source of money."""
    number = 1
    while f"f{number}" in project.funds:
        number += 1
    return f"f{number}"


def add_fund(
    project: Project, prefix: str, source: str, column: str = "", value: str = ""
) -> list[tuple[str, Plain]]:
    """Return the edits that add a source of money, with a first figure perhaps."""
    key = next_fund(project)
    fund: dict[str, str] = {"source": source} if source else {}
    if column:
        fund[column] = value
    order = [*project.in_stated_order().fund_order, key]
    return [(under(prefix, "funds", key), fund), (under(prefix, "fund_order"), order)]


def remove_fund(project: Project, prefix: str, key: str) -> list[tuple[str, Plain]]:
    """Return the edits that take a source of money out."""
    order = [one for one in project.in_stated_order().fund_order if one != key]
    return [(under(prefix, "fund_order"), order), (under(prefix, "funds", key), None)]


def move_fund(project: Project, prefix: str, key: str, by: int) -> list[tuple[str, Plain]]:
    """Return the edits that move a source of money up or down."""
    order = list(project.in_stated_order().fund_order)
    at = order.index(key)
    if not 0 <= at + by < len(order):
        return []
    order[at], order[at + by] = order[at + by], order[at]
    return [(under(prefix, "fund_order"), order)]


# --- answers ---------------------------------------------------------------------------------


def all_met(
    session: Session, path: str, names: Sequence[str], vetoes: Sequence[str] = ()
) -> list[tuple[str, Plain]]:
    """Return the edits of 全部符合: every element yes, a 否决 element (``vetoes``) no."""
    return [
        (under(path, "elements", name), name not in vetoes)
        for name in names
        if read(session, under(path, "elements", name)) is not (name not in vetoes)
    ]
