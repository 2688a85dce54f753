"""Run everybody in turn, several rounds, and print one table: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import gc
import os
import platform
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import floor
from benchmarks.contestants import FLOOR, Contestant, all_contestants
from benchmarks.department import EXAMPLE, SET, departments
from perfeval.indicators.library import find
from perfeval.numbers import Exact
from perfeval.scoring.engine import Context, compute, prepare

VARIANTS = 200
ROUNDS = 12
BUDGET = 75.0
"""Seconds after which no further round is begun."""


def checked(count: int) -> None:
    """Prove on the very departments timed, and on others, that all three count alike."""
    indicator_set = find(SET)
    for department in departments(count, seed=7):
        result = compute(prepare(department.evaluation(indicator_set), indicator_set, Context()))
        scores, _, total, grade = floor.integers(department)
        found = [row.score for row in result.indicators]
        if found != [Exact(score, 100) for score in scores] or (result.total, result.grade) != (
            Exact(total, 100),
            grade,
        ):
            sys.exit(f"perfeval differs from the hand-written function: {department}")
        if floor.fractions(department) != floor.integers(department):
            sys.exit(f"the two hand-written functions differ: {department}")


def machine() -> str:
    """Return the processor, the cores and the Python the run was made with."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    exact = "gmpy2" if Exact.__module__ == "gmpy2" else "fractions"
    return (
        f"{processor}, {os.cpu_count()} cores; {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, exact numbers by {exact}"
    )


def width(text: str) -> int:
    """Return the columns a text takes: a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def padded(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def main() -> None:
    """Check, time in turns, print."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds each is timed")
    parser.add_argument(
        "--only", default="", help="only those whose name has this word, and the floor"
    )
    options = parser.parse_args()
    begun = perf_counter()
    checked(300)
    cases = departments(VARIANTS)
    scored = [floor.integers(case) for case in cases]
    expected = [f"{total // 100}.{total % 100:02d}" for _, _, total, _ in scored]
    times: dict[str, list[float]] = {}
    wrong: dict[str, int] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        everybody = list(all_contestants(cases, Path(name)))
        running = [
            one
            for one in everybody
            if isinstance(one, Contestant) and (options.only in one.name or one.name == FLOOR)
        ]
        for round_ in range(options.rounds):
            for one in running:
                if round_ % one.every or (round_ and perf_counter() - begun > BUDGET):
                    continue
                gc.collect()
                spent, count, totals = one.run()
                times.setdefault(one.name, []).append(spent / count * 1e6)
                asked = (expected[index % len(expected)] for index in range(count))
                wrong[one.name] = sum(a != b for a, b in zip(asked, totals, strict=True))
    absent = [one for one in everybody if isinstance(one, str)]
    report(running, times, wrong, absent)
    print(f"took {perf_counter() - begun:.0f} s")


def report(
    running: list[Contestant],
    times: dict[str, list[float]],
    wrong: dict[str, int],
    absent: list[str],
) -> None:
    """Print the table and what it stands on."""
    total = floor.integers(EXAMPLE)[2]
    print(f"µs to score one department ({SET}: 27 indicators and 预算执行率)")
    print(
        f"the example scores {total // 100}.{total % 100:02d}; "
        f"{VARIANTS} departments with different figures; everybody in turn"
    )
    print(machine())
    base = median(times[FLOOR])
    head = ("", "version", "median", "least", "÷floor", "rounds", "differ", "what is timed")
    columns = (28, 9, 10, 10, 9, 8, 8, 0)
    print()
    print("".join(padded(text, wide) for text, wide in zip(head, columns, strict=True)))
    for one in sorted(running, key=lambda one: median(times[one.name])):
        found = times[one.name]
        cells = (
            one.name,
            one.version or "–",
            f"{median(found):.1f}",
            f"{min(found):.1f}",
            f"{median(found) / base:.1f}",
            str(len(found)),
            str(wrong[one.name]),
            one.note,
        )
        print("".join(padded(text, wide) for text, wide in zip(cells, columns, strict=True)))
    for name in absent:
        print(f"{padded(name, columns[0])}not installed")
    print()
    print("differ: departments whose total is not that of the integers written by hand")
    print("(an engine of binary floats may differ at exact half cents)")


if __name__ == "__main__":
    main()
