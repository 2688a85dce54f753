"""``perfeval``: the command line, and at a terminal the interface.

``--version`` answers before anything heavy is imported; the interface starts without the command
line's libraries, and neither knows the other.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main() -> None:
    """Run what was asked for; exit 0 fine, 1 findings of level 错误, 2 wrong use or bad input."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Chinese on any console, whatever its code page
            stream.reconfigure(encoding="utf-8", errors="replace")
    if sys.argv[1:] == ["--version"]:
        from perfeval import __version__

        print(f"perfeval {__version__}")
        return
    if at_terminal() and (asked := interface_asked_for(sys.argv[1:])):
        from perfeval.tui.start import run as run_interface

        sys.exit(run_interface(*asked))
    from perfeval.cli.app import run

    sys.exit(run(sys.argv[1:]))


def at_terminal() -> bool:
    """Whether a person sits there: nothing is piped in, out or beside."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(stream is not None and stream.isatty() for stream in streams)


def interface_asked_for(arguments: Sequence[str]) -> tuple[str | None, str] | None:
    """Return the database and what to open there, where arguments mean the interface.

    ``perfeval``, ``perfeval open FILE|ID`` and ``perfeval demo`` do; with any further option
    (``--no-tui``, ``--json``, ``--copy``) they are the command line's.
    """
    words = list(arguments)
    database = None
    if words[:1] == ["--database"] and len(words) > 1:
        database, words = words[1], words[2:]
    match words:
        case []:
            return database, ""
        case ["demo"]:
            return database, "sample"
        case ["open", what] if not what.startswith("-"):
            return database, what
    return None


if __name__ == "__main__":
    main()
