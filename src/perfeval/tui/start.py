"""Where the command line enters the interface."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def run(database: str | None = None, open_at_start: str = "", sets: str = "") -> int:
    """Run the interface until the user leaves; return the exit code.

    ``open_at_start`` is a saved session's id, a file, or ``sample``; ``sets`` the folder whose
    indicator sets come first.
    """
    from perfeval.tui.app import PerfevalApp

    asked, first = ("--sets", sets) if sets else ("PERFEVAL_SETS", os.environ.get("PERFEVAL_SETS"))
    if first and not Path(first).is_dir():
        print(f"{asked}：没有文件夹“{first}”", file=sys.stderr)
        return 2
    if sets:  # as if it had been said for this run: everything that looks for a set sees it
        os.environ["PERFEVAL_SETS"] = sets
    app = PerfevalApp(database, open_at_start)
    try:
        app.run()
    finally:
        app.desk.close()
    return app.return_code or 0
