"""Where the command line enters the interface."""

from __future__ import annotations


def run(database: str | None = None, open_at_start: str = "") -> int:
    """Run the interface until the user leaves; return the exit code.

    ``open_at_start`` is a saved session's id, a file, or ``sample``.
    """
    from perfeval.tui.app import PerfevalApp

    app = PerfevalApp(database, open_at_start)
    try:
        app.run()
    finally:
        app.desk.close()
    return app.return_code or 0
