"""Make the data that a released schema leaves behind; run once for each release, with its code.

python tests/store/released.py > tests/store/data/schema-NNNN.sql
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from perfeval.indicators.library import find
from perfeval.session.change import edit
from perfeval.session.files import loads
from perfeval.store import Store
from perfeval.store.workspace import create, delete_session

SESSION = """
id: old
unit: {name: 某单位}
year: 2024
projects:
  甲: {set: mof-project-2020, name: "运转“经费”", funds: {t: {budget: "10", executed: "9.5"}},
       rows: {r1: {group: 数量指标, name: 次数, points: "50", target: "≥3次", unit: 次,
                   actual: "3"}}}
  乙: {set: mof-project-2020, name: 二, funds: {t: {budget: "5", executed: "5"}}}
"""


def make(file: Path) -> None:
    """Save two sessions: one edited, with a group undone, and one deleted."""
    with Store.open(str(file)) as store:
        workspace = create(store, loads(SESSION), find, who="甲")
        workspace.apply(edit(workspace.session, "projects/甲/rows/r1/actual", "2", who="甲"))
        imported = (("source", "一体化系统"), ("projects/乙/funds/t/executed", "4"))
        group = [edit(workspace.session, path, value, who="乙") for path, value in imported]
        workspace.apply(*[one.model_copy(update={"group": "导入"}) for one in group])
        workspace.undo(who="乙")
        create(store, loads(SESSION.replace("id: old", "id: gone")), find, who="甲")
        delete_session(store, "gone")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "perfeval.db")
        make(made)
        with closing(sqlite3.connect(made)) as connection:
            sys.stdout.write("\n".join([*connection.iterdump(), ""]))
