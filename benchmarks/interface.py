"""The interface in a real terminal: first paint, a key, a committed field, memory.

``python -m benchmarks.interface`` prints one table. The floor of painting and typing is a bare
Textual app with one Input (:mod:`benchmarks.bare`), turn and turn about in the same run. A key is
timed from its byte to the first byte the program writes; a committed field from Enter to its
score on the screen, saved and repainted.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from decimal import Decimal
from pathlib import Path

from benchmarks.store import large_session
from benchmarks.terminal import KEYS, Terminal
from perfeval.indicators.library import find
from perfeval.samples import NAME, sample_text
from perfeval.session.files import loads
from perfeval.session.model import Session
from perfeval.store import Store, Workspace
from perfeval.store.workspace import create

PROJECTS = 1_000
KEYSTROKES = 25
COMMITS = 12

INTERFACE = "from perfeval.tui.start import run; run({database!r}, {open!r})"


def with_department() -> Session:
    """Return the large session with the worked example's department in front of its projects."""
    sample = loads(sample_text(), f"{NAME}.yaml")
    return large_session(PROJECTS).model_copy(update={"department": sample.department})


def interface(home: Path, open_: str = "") -> Terminal:
    """Start the interface on the database in ``home``."""
    code = INTERFACE.format(database=str(home / "perfeval.db"), open=open_)
    return Terminal.python(
        "-c", code, environment={"PERFEVAL_HOME": str(home), "PERFEVAL_USER": "测试"}
    )


def first_paint(home: Path, rounds: int) -> tuple[float, float]:
    """Return the median seconds from start to the first picture: the floor, Home."""
    floor, ours = [], []
    for _ in range(rounds):
        with Terminal.python("-m", "benchmarks.bare") as terminal:
            terminal.until_written("eady to type")
            floor.append(time.perf_counter() - terminal.started)
        with interface(home) as terminal:
            terminal.until_written("自评任务")
            ours.append(time.perf_counter() - terminal.started)
    return statistics.median(floor), statistics.median(ours)


def keys(terminal: Terminal) -> list[float]:
    """Return the seconds to the first byte of each of some digits typed into the field."""
    taken = []
    for at in range(KEYSTROKES):
        terminal.settle()
        taken.append(terminal.first_byte(str(at % 10)))
    return taken


def commits(terminal: Terminal, home: Path) -> list[float]:
    """Return the seconds from Enter to the saved and rescored field on the screen."""
    taken = []
    for at in range(COMMITS):
        executed = f"7{at:02d}.41"
        terminal.send(executed)
        terminal.until(executed).settle()
        begun, written = time.perf_counter(), len(terminal.received)
        terminal.send(KEYS["enter"])
        terminal.until_written(f"{Decimal(executed) / Decimal('8.381'):.2f}%", written)
        taken.append(time.perf_counter() - begun)
        terminal.settle()
        terminal.send(KEYS["up"])  # back to the field, its text selected
        terminal.settle()
    with Store.open(str(home / "perfeval.db")) as store:
        kept = Workspace.open(store, "large").session.department
        assert kept is not None
        assert kept.inputs["全年执行数"].value == executed, "what was shown is not what is saved"
    return taken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.interface")
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with Store.open(str(home / "perfeval.db")) as store:
            create(store, with_department(), find, who="甲")
        paint_floor, paint = first_paint(home, rounds)
        print(f"first paint      {paint_floor * 1e3:7.0f} ms floor {paint * 1e3:7.0f} ms Home"
              f"   ratio {paint / paint_floor:.2f}  (reach 1.3)")  # fmt: skip
        with Terminal.python("-m", "benchmarks.bare") as terminal:
            floor = keys(terminal.until("eady to type"))
            bare_memory = terminal.memory()
        with interface(home, "large") as terminal:
            terminal.until("得 88.53%").settle()
            terminal.send(KEYS["up"] * 2)  # from 偏差原因 to 全年执行数
            typed = keys(terminal)
            terminal.settle().send(KEYS["escape"])
            terminal.settle().send(KEYS["shift+home"])
            memory = terminal.memory()
            told = (f"{statistics.median(one) * 1e3:6.1f} ms" for one in (floor, typed))
            ratio = statistics.median(typed) / statistics.median(floor)
            print(f"key, first byte  {next(told)} floor {next(told)} beside {PROJECTS} projects"
                  f"   ratio {ratio:.2f}  (reach 2)")  # fmt: skip
            saved = commits(terminal, home)
        print(f"field committed  {statistics.median(saved) * 1e3:6.0f} ms median of {COMMITS}"
              f", saved, rescored and repainted  (reach 50)")  # fmt: skip
        print(f"memory           {bare_memory / 1e6:6.0f} MB floor {memory / 1e6:6.0f} MB"
              f"   ratio {memory / bare_memory:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
