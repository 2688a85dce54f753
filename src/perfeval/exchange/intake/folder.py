"""A folder of what many units handed in: one line a unit, worst first, nothing left out.

A file directly in the folder is a unit of its own; a folder in it is one unit with all its files.
Files may be 自评数据包, task files, workbooks or Word forms. What cannot be read is listed with
the cause and never stops the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from perfeval.checks import Level
from perfeval.errors import PerfevalError
from perfeval.exchange.intake.containers import is_table_file
from perfeval.exchange.intake.handed import Handed, handed_in
from perfeval.exchange.intake.reading import Reading, read
from perfeval.exchange.layout import BODY, HEAD, TEXT, Sheet, title
from perfeval.exchange.package import SUFFIX
from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import ZERO, Exact, decimal_text, figure, half_up
from perfeval.scoring.engine import SetFinder
from perfeval.scoring.scorecard import IndicatorResult, Result, Scorecard
from perfeval.session.model import Session

_TASK = {".yaml", ".yml", ".json"}
MAX_DEPTH = 4
NAME = "复核情况汇总表"


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that could not be read, and why."""

    file: str
    cause: str


@dataclass(slots=True)
class UnitLine:
    """A unit's line: what it claims, what we compute, and how much is wrong or missing.

    ``scope`` says what the two scores are of. A row that only a person can judge counts in
    ``computed`` with the score the unit gave it; None where a score cannot be computed at all.
    """

    unit: str
    year: int = 0
    files: tuple[str, ...] = ()
    scope: str = ""
    claimed: Exact | None = None
    computed: Exact | None = None
    grades: tuple[str, str] = ("", "")
    errors: int = 0
    warnings: int = 0
    refused: int = 0
    missing: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()
    messages: tuple[str, ...] = ()

    @property
    def difference(self) -> Exact | None:
        """Return computed − claimed."""
        if self.claimed is None or self.computed is None:
            return None
        return self.computed - self.claimed

    @property
    def grade_change(self) -> str:
        """Return 优→良 where the grade changes, else an empty text."""
        claimed, computed = self.grades
        return f"{claimed}→{computed}" if claimed and computed and claimed != computed else ""

    @property
    def badness(self) -> tuple[bool, bool, int, Exact, int]:
        """Order lines by: nothing readable, grade changes, errors, difference, warnings."""
        gap = self.difference
        return (
            not self.scope, bool(self.grade_change), self.errors,
            abs(gap) if gap is not None else ZERO, self.warnings,
        )  # fmt: skip

    def as_dict(self) -> dict[str, object]:
        """Return the line as JSON has it, numbers as decimal texts."""
        return {
            "unit": self.unit,
            "year": self.year or None,
            "files": list(self.files),
            "scope": self.scope,
            "claimed": points_text(self.claimed) or None,
            "computed": points_text(self.computed) or None,
            "difference": points_text(self.difference) or None,
            "grade_change": self.grade_change,
            "errors": self.errors,
            "warnings": self.warnings,
            "refused": self.refused,
            "missing": list(self.missing),
            "unread": [{"file": one.file, "cause": one.cause} for one in self.unread],
            "messages": list(self.messages),
        }


def points_text(value: Exact | None) -> str:
    """Print a score with two decimals, an empty text where there is none."""
    return "" if value is None else decimal_text(value, 2)


@dataclass(slots=True)
class Batch:
    """Everything found in a folder, worst first."""

    lines: list[UnitLine] = field(default_factory=list)

    @property
    def unread(self) -> list[Unread]:
        return [one for line in self.lines for one in line.unread]

    @property
    def has_errors(self) -> bool:
        return any(line.errors or line.unread for line in self.lines)


Progress = Callable[[int, int, str], None]


def check_folder(
    folder: Path, find: SetFinder, sets: Iterable[str], on_progress: Progress | None = None
) -> Batch:
    """Read and check everything in a folder. Raises :class:`PerfevalError` for an empty one."""
    known, find = tuple(sets), cache(find)
    units = list(_units(folder))
    if not units:
        raise PerfevalError(f"{folder}：里面没有自评表、自评数据包或任务文件。请核对文件夹")
    batch = Batch()
    for number, (name, files) in enumerate(units, 1):
        batch.lines.append(_unit(name, files, find, known))
        if on_progress is not None:
            on_progress(number, len(units), name)
    batch.lines.sort(key=lambda line: line.unit)
    batch.lines.sort(key=lambda line: line.badness, reverse=True)
    return batch


def _units(folder: Path) -> Iterator[tuple[str, list[Path]]]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise PerfevalError(f"{folder}：打不开这个文件夹。请核对位置和权限") from error
    for entry in entries:
        if entry.is_symlink() or entry.name.startswith((".", "~$")):
            continue
        if entry.is_dir():
            if files := list(_files(entry, MAX_DEPTH)):
                yield entry.name, files
        elif _is_handed(entry):
            yield entry.stem, [entry]


def _files(folder: Path, depth: int) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.is_symlink() or entry.name.startswith((".", "~$")):
            continue
        if entry.is_dir() and depth:
            yield from _files(entry, depth - 1)
        elif entry.is_file() and _is_handed(entry):
            yield entry


def _is_handed(path: Path) -> bool:
    suffix = path.suffix.lower()
    return is_table_file(path) or suffix == SUFFIX or suffix in _TASK or suffix in (".doc", ".wps")


def _unit(name: str, files: list[Path], find: SetFinder, sets: tuple[str, ...]) -> UnitLine:
    """Return the line of one unit."""
    readings: list[Reading] = []
    unread: list[Unread] = []
    sessions: list[Handed] = []
    for path in files:
        try:
            if is_table_file(path):
                readings.append(read(path))
            else:
                sessions.append(_session(path, find))
        except PerfevalError as error:
            cause = str(error).splitlines()[0].removeprefix(f"{path.name}：")
            unread.append(Unread(path.name, cause))
    try:
        if readings:
            sessions.append(handed_in(readings, find, sets, name))
        line = _line(name, sessions[0]) if sessions else UnitLine(name)
        for other in sessions[1:]:
            line.errors += other.count(Level.ERROR)
            line.warnings += other.count(Level.WARNING)
    except PerfevalError as error:
        line = UnitLine(name)
        unread.append(Unread(name, str(error).splitlines()[0]))
    line.files, line.unread = tuple(path.name for path in files), tuple(unread)
    return line


def _session(path: Path, find: SetFinder) -> Handed:
    """Return the session of a 自评数据包 (with its own sets) or of a task file."""
    if path.suffix.lower() == SUFFIX:
        from perfeval.exchange.package import unpack

        package = unpack(path)
        pins = {one.set_id: one for one in package.pins}

        def pinned(set_id: str) -> IndicatorSet:
            return pins[set_id].load() if set_id in pins else find(set_id)

        return Handed(path.name, package.session, pinned)
    from perfeval.session import files

    return Handed(path.name, files.load(path), find)


def _line(name: str, handed: Handed) -> UnitLine:
    session, card = handed.session, handed.card
    line = UnitLine(session.unit.name or name, session.year if session.year > 2000 else 0)
    scores = list(_scores(session, card))
    if session.department is not None and card.department is not None:
        line.scope = "部门整体"
        scores = [one for one in scores if one[0] == "department"]
    elif scores:
        line.scope = "项目" if len(scores) == 1 else f"{len(scores)} 个项目平均"
    line.claimed = _mean([claimed for _, claimed, _, _ in scores])
    line.computed = _mean([computed for _, _, computed, _ in scores])
    if scores:
        grades = scores[0][3].set
        line.grades = (_grade(grades, line.claimed), _grade(grades, line.computed))
    line.errors, line.warnings = handed.count(Level.ERROR), handed.count(Level.WARNING)
    line.refused = handed.refused
    line.missing = tuple(_missing(session))
    line.messages = tuple(
        f"{one.level.value} {one.message}" for one in handed.findings if one.level is Level.ERROR
    )
    return line


def _grade(indicators: IndicatorSet, total: Exact | None) -> str:
    return "" if total is None else indicators.grade(half_up(total, 2))


_Score = tuple[str, Exact | None, Exact | None, Result]


def _scores(session: Session, card: Scorecard) -> Iterator[_Score]:
    """Yield what was claimed of each evaluation and what is computed, with the result."""
    for path, result in card.results:
        text = session.claimed.get(f"{path}/score") or session.claimed.get(f"{path}/total", "")
        claimed = figure(text.removesuffix("%")).value
        yield path, claimed, recomputed(result, session), result


def recomputed(result: Result, session: Session) -> Exact | None:
    """Return the total by the rules, rows that only a person can judge with their typed score.

    None where a row has neither.
    """
    if result.complete:
        return result.total
    total = ZERO
    for row in result.indicators:
        score = row.score if row.score is not None else _given(row, session)
        if score is None:
            return None
        total += score
    return half_up(total, result.set.rounding.total) if any(result.indicators) else None


def _given(row: IndicatorResult, session: Session) -> Exact | None:
    score = figure(session.claimed.get(f"{row.path}/score", "")).value
    return None if score is None else min(max(score, ZERO), row.points)


def _mean(values: list[Exact | None]) -> Exact | None:
    known = [value for value in values if value is not None]
    return sum(known, ZERO) / len(known) if known and len(known) == len(values) else None


def _missing(session: Session) -> Iterator[str]:
    """Yield which of the usual materials are not there."""
    if session.department is None:
        yield "部门整体自评表"
    projects = list(session.evaluated_projects())
    bare = [key for key, one in projects if not one.rows and not one.answers]
    if not projects:
        yield "项目自评表"
    elif bare:
        yield f"{len(bare)} 个项目的自评表"
    lost = [one.name for one in session.evidence.values() if not one.paths]
    if lost:
        yield f"{len(lost)} 份佐证材料没有对应指标"


# --- 复核情况汇总表 --------------------------------------------------------------------------

HEADER = (
    "序号", "单位", "自评对象", "自评得分", "核算得分", "差", "等级变化", "错误", "警告",
    "没有读出的格", "缺材料", "主要问题、没有读出的文件",
)  # fmt: skip


def review_sheet(batch: Batch, folder: str) -> Sheet:
    """Return 复核情况汇总表 as a sheet."""
    widths = (6, 28, 14, 11, 11, 9, 10, 7, 7, 9, 24, 60)
    sheet = Sheet(NAME, widths, len(widths), header=(2, 2))
    title(sheet, NAME, f"来自：{folder}", f"{len(batch.lines)} 个单位，问题多的在前")
    sheet.row(2, HEADER, HEAD)
    for number, line in enumerate(batch.lines, 1):
        row = sheet.rows
        sheet.put(row, 0, Exact(number), BODY)
        sheet.text(row, 1, line.unit, TEXT)
        sheet.text(row, 2, line.scope, BODY)
        for column, value in enumerate((line.claimed, line.computed, line.difference), 3):
            sheet.put(row, column, value, BODY.with_number("0.00"))
        sheet.text(row, 6, line.grade_change, BODY)
        for column, count in enumerate((line.errors, line.warnings, line.refused), 7):
            sheet.put(row, column, Exact(count), BODY)
        sheet.text(row, 10, "、".join(line.missing), TEXT)
        told = [f"没有读出 {one.file}：{one.cause}" for one in line.unread]
        sheet.text(row, 11, "\n".join([*told, *line.messages[:5]]), TEXT)
    return sheet.finish()


def write_review(batch: Batch, folder: str, path: Path) -> Path:
    """Write 复核情况汇总表 as an .xlsx file; return where it stands. Raises as any export."""
    from perfeval.exchange.writer import render, write_file

    return write_file(path, render([review_sheet(batch, folder)], NAME))
