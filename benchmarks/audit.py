"""Auditing published reports: CPU seconds, and that they grow no faster than the text.

``python -m benchmarks.audit`` writes one table: the project's own report, the user's document where
it is (``PERFEVAL_SEED``), and reports of 75, 150 and 300 pages. A page is 500 characters. The floor
only reads the text into paragraphs and tables and finds the figures in it.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

from benchmarks.measure import RUNS, cpu_seconds
from perfeval.audit.auditing import audit
from perfeval.audit.figures import figures_in
from perfeval.audit.readers import read_bytes
from tests.audit import own
from tests.audit.documents import report
from tests.audit.seed import seed_document

PAGE = 500


def pages(count: int) -> str:
    """Return a report of so many pages: one department, many projects."""
    random = Random(count)
    parts, rows = [report(1).text(), "\n"], []
    for number in range(1, count * 2 + 1):
        budget = random.randint(100, 90_000)
        spent = random.randint(60, 100) * budget // 100
        name = f"业务专项第{number}号保障经费"
        money, used = f"{budget / 100:.2f}", f"{spent / 100:.2f}"
        rate = f"{spent * 10000 // budget / 100:.2f}%"
        parts.append(
            f"{number}、{name}项目绩效自评情况：根据年初设定的绩效目标，项目自评得分为95分。"
            f"项目全年预算数为{money}万元，执行数为{used}万元，完成预算的{rate}。"
            "主要产出和效果：按计划完成全部任务，服务对象没有提出意见。发现的问题及原因：前期准备不足，"
            "支付集中在下半年。下一步改进措施：细化实施方案，按季度通报执行进度，年底前完成验收。\n\n"
        )
        rows.append(f"{number}\t{name}\t{money}\t{used}\t{rate}\t95\n")
    heads = "序号\t项目名称\t全年预算数(万元)\t执行数(万元)\t执行率\t自评得分\n"
    return "".join([*parts, heads, *rows])


def only_read(data: bytes) -> int:
    """Read a text and find its figures."""
    document = read_bytes(data, "报告.txt")
    return sum(1 for block in document.paragraphs for _ in figures_in(block))


def main() -> None:
    """Measure and print."""
    texts: dict[str, bytes] = {"own report": own.text().encode()}
    seed: Path | None = seed_document()
    if seed is not None:
        texts["the user's document"] = seed.read_bytes()
    for count in (75, 150, 300):
        texts[f"{count} pages"] = pages(count).encode()
    print(f"auditing a report, CPU seconds, median of {RUNS}; a page is {PAGE} characters")
    for name, data in texts.items():
        long = len(data.decode())
        floor = cpu_seconds(lambda data=data: only_read(data))  # type: ignore[misc]
        taken = cpu_seconds(lambda data=data: audit(read_bytes(data, "报告.txt")))  # type: ignore[misc]
        print(
            f"  {name:22} {long / PAGE:6.0f} pages {taken:7.2f} s {taken / long * 1e6:6.1f} µs a"
            f" character {taken / floor:6.1f} × reading"
        )


if __name__ == "__main__":
    main()
