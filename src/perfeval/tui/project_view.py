"""Projects as lines: 自评汇总表, and the list that is filtered, sorted and worked through.

Both show the same cells of the same projects, and the same sums below or above them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from perfeval.checks import Finding, Level
from perfeval.numbers import Exact, decimal_text
from perfeval.scoring.scorecard import ProjectResult, Scorecard, rate_text
from perfeval.session.model import Session
from perfeval.tui.actions import matches
from perfeval.tui.widgets.grid import Column, Row

TABLE = (
    Column("序号", 4, "right"),
    Column("项目名称", 0, least=20, ends=True),
    Column("全年预算数", 11, "right"),
    Column("执行数", 11, "right", rank=1),
    Column("执行率", 7, "right"),
    Column("产出", 7, "right", rank=3),
    Column("效益", 7, "right", rank=4),
    Column("满意度", 7, "right", rank=5),
    Column("自评得分", 8, "right"),
    Column("等级", 4),
)
"""自评汇总表."""
COLUMNS = (*TABLE, Column("审核", 8))
"""The list of projects: 自评汇总表 and what 审核 says of each."""

EXCLUDED, UNFINISHED = "不参评", "未填完"


@dataclass(frozen=True, slots=True)
class Line:
    """A project among the others: its 序号 in 自评汇总表 (0 where it takes no part), what it is
    worth, its code, and how many 错误 and 警告 nobody has explained.
    """

    number: int
    project: ProjectResult
    code: str = ""
    errors: int = 0
    warnings: int = 0

    @property
    def key(self) -> str:
        """The project's id."""
        return self.project.key

    @property
    def total(self) -> Exact | None:
        """The score so far; None where nothing is filled in."""
        result = self.project.result
        return result.total if result is not None and result.filled else None

    @property
    def complete(self) -> bool:
        """Whether nothing is left to fill in."""
        return self.project.result is not None and self.project.result.complete

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of :data:`TABLE`."""
        project, result = self.project, self.project.result
        rates = [*list(project.rates.values())[1:4], None, None, None][:3]
        return (
            str(self.number or ""),
            project.name,
            money_text(_value(project, "budget")),
            money_text(_value(project, "executed")),
            rate_text(project.execution_rate),
            *(rate_text(rate) for rate in rates),
            result.total_text if result and result.filled else "",
            (result.grade or "") if result and result.complete else "",
        )

    @property
    def state(self) -> str:
        """What there is to mind: 不参评, the open findings, or 未填完."""
        if self.project.excluded:
            return EXCLUDED
        found = [
            f"{name}{count}"
            for name, count in (("错", self.errors), ("警", self.warnings))
            if count
        ]
        return " ".join(found) or ("" if self.complete else UNFINISHED)

    def found_by(self, query: str) -> bool:
        """Whether a query means this line: part of name or code, pinyin initials, or a state."""
        wanted = query.strip().lower()
        if not wanted or wanted in self.project.name.lower() or wanted in self.code.lower():
            return True
        if not wanted.isascii():
            return wanted in self._states
        return matches(wanted, self.project.name)

    @property
    def _states(self) -> tuple[str, ...]:
        result = self.project.result
        words = (
            (EXCLUDED, bool(self.project.excluded)),
            (UNFINISHED, not self.project.excluded and not self.complete),
            ("错误", self.errors > 0),
            ("警告", self.warnings > 0),
        )
        grade = (result.grade or "") if result and result.complete else ""
        return (*(word for word, holds in words if holds), grade)


def lines_of(session: Session, card: Scorecard, findings: Iterable[Finding] = ()) -> list[Line]:
    """Return every project in the order of 自评汇总表."""
    counts, number, lines = _counts(findings), 0, []
    for project in card.projects:
        number += not project.excluded
        lines.append(
            Line(
                0 if project.excluded else number,
                project,
                session.projects[project.key].code,
                counts[project.key, Level.ERROR],
                counts[project.key, Level.WARNING],
            )
        )
    return lines


def _counts(findings: Iterable[Finding]) -> Counter[tuple[str, Level]]:
    """Count what is open, by project id and level."""
    counts: Counter[tuple[str, Level]] = Counter()
    for finding in findings:
        if finding.waiver is None:
            keys = {path.split("/")[1] for path in finding.paths if path.startswith("projects/")}
            counts.update((key, finding.level) for key in keys)
    return counts


def rows_of(lines: Iterable[Line]) -> list[Row]:
    """Return the rows of the list of projects."""
    return [
        Row(one.key, (*one.cells, one.state), "dim" if one.project.excluded else "")
        for one in lines
    ]


def table_rows(lines: Sequence[Line]) -> list[Row]:
    """Return 自评汇总表: the projects that take part, keyed by their paths, and 合计."""
    taking = [one for one in lines if not one.project.excluded]
    rows = [Row(one.project.path, one.cells) for one in taking]
    if rows:
        sums = [money_text(total(taking, name)) for name in ("budget", "executed")]
        rows.append(Row("合计", ("", "合计", *sums, *[""] * 6), "bold"))
    return rows or [Row("", ("", "还没有项目", *[""] * 8))]


# --- money -----------------------------------------------------------------------------------


def money_text(value: Exact | None) -> str:
    """Return an amount with two decimals; an empty text where there is none."""
    return "" if value is None else decimal_text(value, 2)


def _value(project: ProjectResult, column: str) -> Exact | None:
    found = getattr(project, column)
    return found.value if found is not None else None


def total(lines: Iterable[Line], column: str) -> Exact | None:
    """Return the sum of ``budget`` or ``executed``; None where nothing is entered."""
    values = [value for one in lines if (value := _value(one.project, column)) is not None]
    return sum(values, Exact(0)) if values else None


def totals_text(lines: Sequence[Line], unit: str) -> str:
    """Return how many projects there are, how many take part, and 合计 of their money."""
    if not lines:
        return "还没有项目。按 F4 增加一个"
    taking = [one for one in lines if not one.project.excluded]
    parts = [f"共 {len(lines)} 个项目，{len(taking)} 个参加自评"]
    for title, column in (("预算", "budget"), ("执行", "executed")):
        if (value := total(taking, column)) is not None:
            parts.append(f"{title}合计 {decimal_text(value, 2)} {unit}")
    return "  ".join(parts)


# --- sorting ---------------------------------------------------------------------------------


def _last_where_none(value: Exact | None) -> tuple[bool, Exact]:
    return (value is None, value if value is not None else Exact(0))


def _largest_first(value: Exact | None) -> tuple[bool, Exact]:
    return (value is None, -value if value is not None else Exact(0))


ORDERS: tuple[tuple[str, Callable[[Line], object]], ...] = (
    ("按序号", lambda line: 0),
    ("问题多的在前", lambda line: (-line.errors, -line.warnings)),
    ("得分低的在前", lambda line: _last_where_none(line.total)),
    ("执行率低的在前", lambda line: _last_where_none(line.project.execution_rate)),
    ("预算大的在前", lambda line: _largest_first(_value(line.project, "budget"))),
)
"""The ways to sort the list: what each is called, and its key. Equal ones stay in order."""


def arranged(lines: Iterable[Line], query: str, order: int) -> list[Line]:
    """Return the lines a query means, sorted by one of :data:`ORDERS`."""
    found = [one for one in lines if one.found_by(query)]
    return sorted(found, key=ORDERS[order][1]) if order else found  # type: ignore[arg-type]


def new_key(session: Session) -> str:
    """Return an id no project of the session has: p1, p2 …"""
    number = len(session.projects) + 1
    while f"p{number}" in session.projects:
        number += 1
    return f"p{number}"
