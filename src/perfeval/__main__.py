"""``perfeval`` on the command line. ``--version`` answers before anything heavy is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; exit 0 fine, 1 findings of level 错误, 2 wrong use or bad input."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Chinese on any console, whatever its code page
            stream.reconfigure(encoding="utf-8", errors="replace")
    if sys.argv[1:] == ["--version"]:
        from perfeval import __version__

        print(f"perfeval {__version__}")
        return
    from perfeval.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
