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
from benchmarks.contestants import Contestant, all_contestants
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
            sys.exit(f"perfeval 与手写函数不一致：{department}")
        if floor.fractions(department) != floor.integers(department):
            sys.exit(f"两个手写函数不一致：{department}")


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
        f"{processor}，{os.cpu_count()} 核；{platform.system()} {platform.release()}；"
        f"Python {platform.python_version()}，精确数用 {exact}"
    )


def width(text: str) -> int:
    """Return the columns a text takes: a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def padded(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def main() -> None:
    """Check, time in turns, print."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="每家计时的轮数")
    parser.add_argument("--only", default="", help="只跑名称含此词的（下限总是跑）")
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
            if isinstance(one, Contestant) and (options.only in one.name or "下限" in one.name)
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
    print(f"用时 {perf_counter() - begun:.0f} 秒")


def report(
    running: list[Contestant],
    times: dict[str, list[float]],
    wrong: dict[str, int],
    absent: list[str],
) -> None:
    """Print the table and what it stands on."""
    total = floor.integers(EXAMPLE)[2]
    print(f"每个部门（{SET}，27 个三级指标和预算执行率）计分一次的用时，微秒")
    print(
        f"示例 {total // 100}.{total % 100:02d}；{VARIANTS} 个部门轮换，数值各不相同；各家交替计时"
    )
    print(machine())
    base = median(times["手写 整数（下限）"])
    head = ("", "版本", "中位", "最小", "÷下限", "轮", "不同", "计时内容")
    columns = (24, 9, 10, 10, 9, 4, 6, 0)
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
        print(f"{padded(name, columns[0])}未安装")
    print()
    print("不同：总分与手写整数函数不同的部门数（二进制浮点的引擎在恰好半分处可能不同）")


if __name__ == "__main__":
    main()
