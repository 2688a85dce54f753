"""A real terminal for the interface: a process behind a pty, its bytes read into a screen.

Used by the tests that type what an input method types, and by the latencies of
:mod:`benchmarks.interface`. Textual draws on stderr, so all three streams are the pty.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType

import pyte

PATIENCE = 60.0
"""Seconds after which a condition that never comes true is given up (a failure, not a measure)."""


class Terminal:
    """A program in a terminal of ``columns`` × ``rows``. Leaving the block ends it.

    ``screen`` is what stands there now, ``cursor`` where the terminal's own cursor is
    (column, row). Nothing waits for a time: :meth:`until` waits for what should be seen.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 40,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.started = time.perf_counter()
        self.received = bytearray()
        self.pid, self._master = pty.fork()
        if self.pid == 0:  # pragma: no cover - the child
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            # A size in the environment would stand before the terminal's own.
            kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
            kept |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.execvpe(arguments[0], list(arguments), {**kept, **(environment or {})})
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @classmethod
    def python(cls, *arguments: str, **options: object) -> Terminal:
        """Start this interpreter with ``arguments``."""
        return cls([sys.executable, *arguments], **options)  # type: ignore[arg-type]

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    # -- looking --------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        """The rows of the screen as texts."""
        columns = range(self._screen.columns)
        rows = (self._screen.buffer[row] for row in range(self._screen.lines))
        # A wide sign's second cell is empty; pyte's own display fails where only that one is left.
        return ["".join(row[column].data for column in columns) for row in rows]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    @property
    def cursor(self) -> tuple[int, int]:
        """Where the terminal's cursor stands: (column, row), from 0."""
        return self._screen.cursor.x, self._screen.cursor.y

    def read(self, wait: float = 0.05) -> bool:
        """Take in and draw what the program has written; whether there was anything."""
        data = self._take(wait)
        self._stream.feed(data)
        return bool(data)

    def _take(self, wait: float) -> bytes:
        ready, _, _ = select.select([self._master], [], [], wait)
        data = b""
        if ready:
            with suppress(OSError):  # the program has ended
                data = os.read(self._master, 1 << 16)
        self.received += data
        return data

    def until(self, seen: str | Callable[[Terminal], bool]) -> Terminal:
        """Read until a text stands on the screen or a condition holds. Raises ``TimeoutError``."""
        holds = (lambda terminal: seen in terminal.text) if isinstance(seen, str) else seen
        deadline = time.monotonic() + PATIENCE
        while not holds(self):
            self.read()
            if time.monotonic() > deadline:
                raise TimeoutError(f"not seen: {seen!r}; the screen is\n{self.text}")
        return self

    def until_written(self, text: str, since: int = 0) -> Terminal:
        """Read until a text was written after byte ``since``; the screen is not drawn meanwhile.

        Raises ``TimeoutError``.
        """
        wanted, deadline = text.encode(), time.monotonic() + PATIENCE
        drawn = len(self.received)
        while self.received.find(wanted, since) < 0:
            self._take(0.05)
            if time.monotonic() > deadline:
                raise TimeoutError(f"never written: {text!r}")
        self._stream.feed(bytes(self.received[drawn:]))
        return self

    def settle(self, quiet: float = 0.25) -> Terminal:
        """Read until the program has written nothing for ``quiet`` seconds."""
        while self.read(quiet):
            pass
        return self

    # -- typing ---------------------------------------------------------------

    def send(self, data: str | bytes) -> None:
        """Write bytes as the terminal's user does."""
        os.write(self._master, data.encode() if isinstance(data, str) else data)

    def paste(self, text: str) -> None:
        """Write a bracketed paste."""
        self.send(f"\x1b[200~{text}\x1b[201~")

    def first_byte(self, data: str | bytes) -> float:
        """Write ``data`` and return the seconds until the program writes its first byte."""
        begun = time.perf_counter()
        self.send(data)
        select.select([self._master], [], [], PATIENCE)
        return time.perf_counter() - begun

    # -- the process ----------------------------------------------------------

    def memory(self) -> int:
        """Return the resident bytes of the program (Linux)."""
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End the program at once, as a power cut does."""
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, number)
            os.waitpid(self.pid, 0)
        with suppress(OSError):
            os.close(self._master)

    def ended(self) -> int:
        """Read until the program has ended, and return its exit code."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
        raise TimeoutError(f"still running; the screen is\n{self.text}")


KEYS: Mapping[str, str] = {
    "enter": "\r", "tab": "\t", "escape": "\x1b", "up": "\x1b[A", "down": "\x1b[B",
    "right": "\x1b[C", "left": "\x1b[D", "pageup": "\x1b[5~", "pagedown": "\x1b[6~",
    "backspace": "\x7f", "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS",
    "f5": "\x1b[15~", "f6": "\x1b[17~", "f7": "\x1b[18~", "f8": "\x1b[19~", "f9": "\x1b[20~",
    "f10": "\x1b[21~", "f11": "\x1b[23~", "f12": "\x1b[24~",
    "ctrl+q": "\x11", "ctrl+z": "\x1a", "ctrl+a": "\x01", "ctrl+s": "\x13", "ctrl+p": "\x10",
    "shift+home": "\x1b[1;2H", "shift+tab": "\x1b[Z",
}  # fmt: skip
"""What a terminal sends for the keys the tests press."""
