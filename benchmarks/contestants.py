"""Who is timed: perfeval, hand-written Python, expression engines and spreadsheet engines.

Each contestant scores a batch of departments and returns (seconds, departments, totals); what is
made ready before the clock starts is named in its ``note``. A peer that is not installed is absent.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import floor
from benchmarks.department import SET, Department
from benchmarks.formulas import FIGURES, FORMULAS, values
from perfeval.indicators.library import find
from perfeval.indicators.target import target
from perfeval.numbers import decimal_text, figure, half_up
from perfeval.scoring.engine import Context, compute, prepare
from perfeval.scoring.trace import trace

Batch = tuple[float, int, list[str]]
"""Seconds on the clock, departments scored in them, and their totals as printed."""

FLOOR = "by hand, integers (floor)"
"""The name of the contestant the others are compared with."""
WORKBOOK_ROWS = 1000
CONTEXT = Context(year=2024)


@dataclass(frozen=True, slots=True)
class Contestant:
    """A way to score departments: ``run`` scores a batch, ``every`` skips rounds of a slow one."""

    name: str
    version: str
    note: str
    run: Callable[[], Batch]
    every: int = 1


def all_contestants(departments: list[Department], folder: Path) -> Iterator[Contestant | str]:
    """Yield the contestants, and the name of each that is absent."""
    yield from _perfeval(departments)
    yield from _by_hand(departments)
    peers: list[tuple[str, Callable[[list[Department], Path], Contestant]]] = [
        ("simpleeval", _simpleeval),
        ("formulas", _formulas),
        ("ironcalc", _ironcalc),
        ("formualizer", _formualizer),
    ]
    for name, make in peers:
        yield make(departments, folder) if find_spec(name) else name
    office = shutil.which("soffice")
    yield _libreoffice(departments, folder, office) if office else "LibreOffice"


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _totals(hundredths: list[int]) -> list[str]:
    return [f"{total // 100}.{total % 100:02d}" for total in hundredths]


# --- perfeval --------------------------------------------------------------------------------


def _perfeval(departments: list[Department]) -> Iterator[Contestant]:
    indicator_set = find(SET)
    typed = [department.evaluation(indicator_set) for department in departments]
    ready = [prepare(evaluation, indicator_set, CONTEXT) for evaluation in typed]
    rounding = indicator_set.rounding

    def without_traces() -> Batch:
        start = perf_counter()
        results = [compute(prepared) for prepared in ready]
        return perf_counter() - start, len(ready), [result.total_text for result in results]

    def with_traces() -> Batch:
        start = perf_counter()
        results = [compute(prepared) for prepared in ready]
        for result in results:
            for indicator in result.indicators:
                trace(indicator, rounding)
        return perf_counter() - start, len(ready), [result.total_text for result in results]

    def from_texts() -> Batch:
        figure.cache_clear()  # every text is read anew, except those that repeat in the batch
        target.cache_clear()
        start = perf_counter()
        results = [compute(prepare(one, indicator_set, CONTEXT)) for one in typed]
        return perf_counter() - start, len(typed), [result.total_text for result in results]

    mine = _installed("perfeval")
    yield Contestant("perfeval, no traces", mine, "compute; figures already read", without_traces)
    yield Contestant("perfeval, traces", mine, "compute and 28 traces", with_traces)
    yield Contestant(
        "perfeval, from texts", mine, "prepare and compute; caches emptied first", from_texts
    )


# --- by hand ---------------------------------------------------------------------------------


def _by_hand(departments: list[Department]) -> Iterator[Contestant]:
    def timed(score: Callable[[Department], floor.Scores]) -> Callable[[], Batch]:
        def run() -> Batch:
            start = perf_counter()
            results = [score(department) for department in departments]
            spent = perf_counter() - start
            return spent, len(departments), _totals([total for _, _, total, _ in results])

        return run

    yield Contestant(FLOOR, "", "the same formulas and rules", timed(floor.integers))
    yield Contestant("by hand, Fraction", "", "the same formulas and rules", timed(floor.fractions))


# --- expression engines ----------------------------------------------------------------------


def _half_up(value: Any, places: int) -> Any:
    scale = 10**places
    scaled = abs(value) * scale
    units = (scaled + Fraction(1, 2)).__floor__()
    return Fraction(units if value >= 0 else -units, scale)


def _simpleeval(departments: list[Department], folder: Path) -> Contestant:
    import simpleeval

    evaluator = simpleeval.SimpleEval(
        functions={
            "ROUND": _half_up,
            "MIN": min,
            "MAX": max,
            "IF": lambda test, yes, no: yes if test else no,
        }
    )
    parsed = {name: (text, evaluator.parse(text)) for name, text in FORMULAS.items()}
    figures = [_named(department) for department in islice(cycle(departments), 40)]

    def run() -> Batch:
        start = perf_counter()
        totals = []
        for named in figures:
            names: dict[str, Any] = dict(named)
            evaluator.names = names
            for name, (text, tree) in parsed.items():
                names[name] = evaluator.eval(text, previously_parsed=tree)
            totals.append(names["总分"])
        spent = perf_counter() - start
        return spent, len(figures), [decimal_text(half_up(total, 2), 2) for total in totals]

    note = f"{len(FORMULAS)} formulas, parsed before; values are Fractions"
    return Contestant("simpleeval", _installed("simpleeval"), note, run)


def _named(department: Department) -> dict[str, Fraction]:
    pairs = zip(FIGURES, values(department), strict=True)
    return {name: Fraction(value, scale) for name, (value, scale) in pairs}


def _formulas(departments: list[Department], folder: Path) -> Contestant:
    import formulas

    cells = _cells(1)
    parser = formulas.Parser()
    compiled: list[tuple[str, list[str], Any]] = []
    for name, text in FORMULAS.items():
        function = parser.ast("=" + _addressed(text, cells))[1].compile()
        compiled.append((cells[name], list(function.inputs), function))
    figures = []
    for department in islice(departments, 3):
        pairs = zip(FIGURES, values(department), strict=True)
        figures.append({cells[name]: value / scale for name, (value, scale) in pairs})

    def run() -> Batch:
        start = perf_counter()
        totals = []
        for named in figures:
            cell_values: dict[str, Any] = dict(named)
            for cell, inputs, function in compiled:
                cell_values[cell] = function(*(cell_values[name] for name in inputs))
            totals.append(float(cell_values[cells["总分"]]))
        spent = perf_counter() - start
        return spent, len(figures), [_printed(total) for total in totals]

    note = f"{len(FORMULAS)} formulas, compiled before"
    return Contestant("formulas", _installed("formulas"), note, run)


def _printed(total: object) -> str:
    """Print a total that the engine has rounded; a text where there is no number."""
    return f"{total:.2f}" if isinstance(total, float | int) else str(total)


# --- spreadsheet engines ---------------------------------------------------------------------


def _column(index: int) -> str:
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _cells(row: int) -> dict[str, str]:
    return {name: f"{_column(i)}{row}" for i, name in enumerate((*FIGURES, *FORMULAS))}


def _addressed(text: str, cells: dict[str, str]) -> str:
    """Put cell addresses for names; the longest first, since names begin alike."""
    for name in sorted(cells, key=len, reverse=True):
        text = text.replace(name, f"\x00{cells[name]}\x00")
    return text.replace("\x00", "")


def write_workbook(path: Path, departments: list[Department], rows: int) -> None:
    """Write ``rows`` departments, one a row, with live formulas and no cached values."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("部门")
        for row, department in enumerate(islice(cycle(departments), rows)):
            cells = _cells(row + 1)
            for column, (value, scale) in enumerate(values(department)):
                sheet.write_number(row, column, value / scale)
            for column, text in enumerate(FORMULAS.values(), len(FIGURES)):
                # An empty cache: LibreOffice trusts the values of files it takes for Excel's.
                sheet.write_formula(row, column, "=" + _addressed(text, cells), None, "")


def _workbook(departments: list[Department], folder: Path) -> Path:
    path = folder / "departments.xlsx"
    if not path.exists():
        write_workbook(path, departments, WORKBOOK_ROWS)
    return path


_TOTAL = len(FIGURES) + list(FORMULAS).index("总分") + 1


def _ironcalc(departments: list[Department], folder: Path) -> Contestant:
    import ironcalc

    path = _workbook(departments, folder)

    def run() -> Batch:
        model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
        start = perf_counter()
        model.evaluate()
        spent = perf_counter() - start
        totals = [model.get_cell_value(0, row, _TOTAL) for row in range(1, WORKBOOK_ROWS + 1)]
        return spent, WORKBOOK_ROWS, [_printed(total) for total in totals]

    note = f"a workbook of {WORKBOOK_ROWS} rows; opening not counted"
    return Contestant("ironcalc", _installed("ironcalc"), note, run, every=2)


def _formualizer(departments: list[Department], folder: Path) -> Contestant:
    import formualizer

    path = _workbook(departments, folder)

    def run() -> Batch:
        book = formualizer.load_workbook(str(path))
        start = perf_counter()
        book.evaluate_all()
        spent = perf_counter() - start
        totals = [book.get_value("部门", row, _TOTAL) for row in range(1, WORKBOOK_ROWS + 1)]
        return spent, WORKBOOK_ROWS, [_printed(total) for total in totals]

    note = f"a workbook of {WORKBOOK_ROWS} rows; opening not counted"
    return Contestant("formualizer", _installed("formualizer"), note, run, every=2)


def _libreoffice(departments: list[Department], folder: Path, office: str) -> Contestant:
    path = _workbook(departments, folder)
    one = folder / "one.xlsx"
    write_workbook(one, departments, 1)

    def converted(source: Path) -> float:
        out = Path(tempfile.mkdtemp(dir=folder))
        command = [
            office,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            *("--convert-to", "xlsx", "--outdir", str(out), str(source)),
        ]
        start = perf_counter()
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        return perf_counter() - start

    def run() -> Batch:
        from python_calamine import CalamineWorkbook

        if not (folder / "profile").exists():
            converted(one)  # makes the profile
        start_only = converted(one)
        spent = converted(path) - start_only
        latest = max(folder.glob("*/departments.xlsx"), key=os.path.getmtime)
        rows = CalamineWorkbook.from_path(str(latest)).get_sheet_by_index(0).to_python()
        totals = [row[_TOTAL - 1] for row in rows]
        return spent, WORKBOOK_ROWS, [_printed(total) for total in totals]

    told = subprocess.run([office, "--version"], capture_output=True, text=True, check=False)
    number = told.stdout.split()[1] if len(told.stdout.split()) > 1 else ""
    note = f"{WORKBOOK_ROWS} rows less the time of one; with reading and writing"
    return Contestant("LibreOffice", number, note, run, every=4)
