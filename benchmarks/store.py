"""Saved sessions: opening a large one, and saving one field, as ratios to the bare operations.

``python -m benchmarks.store`` prints one table. The floor of opening is ``json.loads`` of the
very documents, of saving a bare ``sqlite3`` commit of one document and one journal text, with
the same pragmas on the same disk in the same run, turn and turn about.
"""

from __future__ import annotations

import gc
import json
import sqlite3
import statistics
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from time import process_time

from benchmarks.measure import seconds
from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.session.change import edit
from perfeval.session.files import loads
from perfeval.session.model import Fund, OwnIndicator, Project, Session, Unit
from perfeval.store import Store, Workspace
from perfeval.store.database import BUSY_SECONDS
from perfeval.store.workspace import create, score_part

PROJECTS = 1_000
ROWS = 15
OPENINGS = 9
SAVES = 200
EDITS = 20


def large_session(projects: int = PROJECTS, rows: int = ROWS) -> Session:
    """Return a session of so many projects, each with its money and so many indicator rows."""
    groups = ("数量指标", "质量指标", "时效指标", "经济效益指标", "满意度指标")
    return Session(
        id="large",
        unit=Unit(name="某市某局"),
        year=2024,
        projects={
            f"p{p}": Project(
                set="mof-project-2020",
                name=f"专项业务经费项目（{p}）",
                code=f"410700{p:08d}",
                implementing_unit="某市某局机关",
                goal="完成年度任务，保障业务正常开展，服务对象满意。",
                funds={"t": Fund(initial=f"{p}.00", budget=f"{p + 10}.50", executed=f"{p}.25")},
                rows={
                    f"r{r}": OwnIndicator(
                        group=groups[r % len(groups)],
                        name=f"完成任务数量{r}",
                        points="6",
                        unit="%",
                        target="≥90%",
                        actual=f"{80 + (p * r) % 21}.5%",
                    )
                    for r in range(rows)
                },
                row_order=tuple(f"r{r}" for r in range(rows)),
            )
            for p in range(1, projects + 1)
        },
    )


def opening(folder: Path) -> dict[str, float]:
    """Measure opening: the floor, the whole, and validation alone.

    It is all computing, so CPU seconds are taken, and the least of several; once as programs
    run, and once with the collector off for all three, since opening pauses it for itself. What
    it puts off is collected between the works, or it would be charged to the next one, the floor.
    """
    with Store.open(str(folder / "large.db")) as store:
        create(store, large_session(), find, who="甲")
        with sqlite3.connect(folder / "large.db") as bare:
            texts = [row[0] for row in bare.execute("SELECT document FROM evaluation")]
        bare.close()
        whole = large_session().model_dump_json(exclude_defaults=True)
        works: dict[str, Callable[[], object]] = {
            "json.loads": lambda: [json.loads(text) for text in texts],
            "validate": lambda: Session.model_validate_json(whole),
            "open": lambda: Workspace.open(store, "large"),
        }
        times: dict[str, list[float]] = {}
        for collecting in (True, False):
            for _ in range(OPENINGS):
                for name, work in works.items():
                    (gc.enable if collecting else gc.disable)()
                    gc.collect()
                    label = name if collecting else f"{name}, collector off"
                    times.setdefault(label, []).append(seconds(work, process_time))
        gc.enable()
    return {name: min(taken) for name, taken in times.items()}


def saving(folder: Path) -> dict[str, float]:
    """Measure saving one field of the worked example: a bare commit and ``apply`` (medians)."""
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None, timeout=BUSY_SECONDS)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        bare.execute(f"PRAGMA {pragma}")
    bare.execute("CREATE TABLE evaluation (key TEXT PRIMARY KEY, document TEXT)")
    bare.execute("CREATE TABLE journal (n INTEGER PRIMARY KEY, record TEXT)")
    with Store.open(str(folder / "small.db")) as store:
        workspace = create(store, loads(sample_text()), find, who="甲")
        assert workspace.session.department is not None
        document = workspace.session.department.model_dump_json(exclude_defaults=True)
        bare.execute("INSERT INTO evaluation VALUES ('department', ?)", [document])
        record = workspace.records[0].model_dump_json()[:400]
        numbers = count(1)

        def commit() -> None:
            bare.execute("BEGIN IMMEDIATE")
            bare.execute("UPDATE evaluation SET document = ? WHERE key = 'department'", [document])
            bare.execute("INSERT INTO journal VALUES (?, ?)", [next(numbers), record])
            bare.execute("COMMIT")

        def apply(path: str) -> Callable[[], object]:
            return lambda: workspace.apply(
                edit(workspace.session, path, f"{next(numbers)}.5", who="甲")
            )

        works: dict[str, Callable[[], object]] = {
            "commit": commit,
            "department": apply("department/inputs/全年执行数/value"),
            "project": apply("projects/p6/deviation_reason"),
            "scoring": lambda: score_part(workspace.session, "department", workspace.find),
        }
        times: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(SAVES):
            for name, work in works.items():
                times[name].append(seconds(work))
    bare.close()
    return {name: statistics.median(taken) for name, taken in times.items()}


def editing(folder: Path) -> dict[str, float]:
    """Measure one field among 1,000 projects: saving it, and checking the session again."""
    with Store.open(str(folder / "large.db")) as store:
        workspace = Workspace.open(store, "large")
        times: dict[str, list[float]] = {
            "scored": [seconds(lambda: workspace.scorecard)],
            "checked": [seconds(lambda: workspace.findings)],
            "save": [],
            "check": [],
        }
        for n in range(EDITS):
            change = edit(workspace.session, "projects/p500/rows/r3/actual", f"{n}%", who="甲")
            times["save"].append(seconds(lambda made=change: workspace.apply(made)))  # type: ignore[misc]
            times["check"].append(seconds(lambda: workspace.findings))
    return {name: statistics.median(taken) for name, taken in times.items()}


def main() -> None:
    """Print what was measured."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        opened, saved = opening(Path(folder)), saving(Path(folder))
        edited = editing(Path(folder))
    print(f"{f'{PROJECTS} projects x {ROWS} rows':48}{'ms':>9}{'ratio':>8}")
    for state in ("", ", collector off"):
        floor = opened[f"json.loads{state}"]
        for label, name in (
            ("json.loads of the documents", "json.loads"),
            ("validation by pydantic alone", "validate"),
            ("Workspace.open", "open"),
        ):
            taken = opened[f"{name}{state}"]
            print(f"{label + state:48}{taken * 1e3:9.1f}{taken / floor:8.2f}")
    print(f"\n{'one field saved':48}{'ms':>9}{'ratio':>8}")
    for label, name in (
        ("bare sqlite3 commit", "commit"),
        ("Workspace.apply in the department", "department"),
        ("Workspace.apply in a project", "project"),
        ("for comparison: scoring the department anew", "scoring"),
    ):
        print(f"{label:48}{saved[name] * 1e3:9.2f}{saved[name] / saved['commit']:8.2f}")
    print(f"\n{f'{PROJECTS} projects open':48}{'ms':>9}")
    for label, name in (
        ("scoring all of them, once", "scored"),
        ("checking all of them, once", "checked"),
        ("saving one field of one", "save"),
        ("checking again after it", "check"),
    ):
        print(f"{label:48}{edited[name] * 1e3:9.1f}")


if __name__ == "__main__":
    main()
