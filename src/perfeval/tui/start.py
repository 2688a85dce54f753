"""Where the command line enters the interface."""

from __future__ import annotations


def run(database: str | None = None, open_at_start: str = "") -> int:
    """Run the interface until the user leaves; return the exit code."""
    from perfeval.tui.app import PerfevalApp

    app = PerfevalApp(database, open_at_start)
    app.run()
    app.desk.close()
    return app.return_code or 0
