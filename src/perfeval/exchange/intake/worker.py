"""Reads an old workbook (.xls, .ods) in a process of its own, with limits on memory and time.

Damaged files of these formats can make a reader ask for more memory than there is, which ends
the process; so it is not ours. ``python -m perfeval.exchange.intake.worker`` takes the file on
standard input and gives its sheets as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from perfeval.errors import reason
from perfeval.exchange.intake.containers import AGAIN, Unreadable

MAX_MEMORY = 1_500 * 1024 * 1024
MAX_SECONDS = 20


def read_apart(data: bytes, name: str) -> Iterator[tuple[Any, ...]]:
    """Yield the sheets of a workbook as :func:`.grids.read_sheets` does, read elsewhere.

    Raises :class:`Unreadable` where it is refused, damaged, or takes too much time or memory.
    """
    command = [sys.executable, "-m", "perfeval.exchange.intake.worker", name]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=MAX_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(f"{name}：{MAX_SECONDS} 秒没有读完，已停止。{AGAIN}") from None
    except OSError as error:
        raise Unreadable(f"{name}：没有读出来（{reason(error)}）。{AGAIN}") from error
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise Unreadable(f"{name}：文件内容已损坏，读不了。{AGAIN}") from None
    if "refused" in answer:
        raise Unreadable(str(answer["refused"]))
    for sheet, rows, merges, start, hidden in answer["sheets"]:
        yield sheet, rows, [tuple(one) for one in merges], tuple(start), hidden


def main() -> None:
    """Read standard input, write the answer."""
    from perfeval.exchange.intake.grids import read_sheets

    with suppress(ImportError, ValueError, OSError):  # Windows has no such limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    name = sys.argv[1] if len(sys.argv) > 1 else "文件"
    try:
        sheets = list(read_sheets(sys.stdin.buffer.read(), name))
        answer: dict[str, Any] = {"sheets": sheets}
    except Unreadable as error:
        answer = {"refused": str(error)}
    text = json.dumps(answer, ensure_ascii=True, default=_plain)
    sys.stdout.write(text)


def _plain(value: Any) -> str:
    from perfeval.exchange.intake.grids import value_text

    return value_text(value)


if __name__ == "__main__":
    main()
