"""``perfeval``: the command line, and at a terminal the interface.

``--version`` answers before anything heavy is imported; the interface starts without the command
line's libraries, and neither knows the other.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple


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


class Asked(NamedTuple):
    """The interface, as arguments ask for it: the database, what to open there, where sets are."""

    database: str | None = None
    open_at_start: str = ""
    sets: str = ""


def interface_asked_for(arguments: Sequence[str]) -> Asked | None:
    """Return what arguments ask of the interface, None where they mean the command line.

    ``perfeval``, ``perfeval open FILE|ID`` and ``perfeval demo`` mean the interface; with any
    further option (``--no-tui``, ``--json``, ``--copy``) they are the command line's.
    """
    words, asked = list(arguments), Asked()
    while len(words) > 1 and words[0] in ("--database", "--sets"):
        asked = asked._replace(**{words[0].removeprefix("--"): words[1]})
        words = words[2:]
    match words:
        case []:
            return asked
        case ["demo"]:
            return asked._replace(open_at_start="sample")
        case ["open", what] if not what.startswith("-"):
            return asked._replace(open_at_start=what)
    return None


if __name__ == "__main__":
    main()
