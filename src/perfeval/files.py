"""A file is written whole or not at all: beside the old one, to the disk, its name last.

A full disk, a pulled stick or a killed program leaves what stood there before, and at the most a
hidden ``.perfeval-….part`` that nothing reads.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from perfeval.errors import PerfevalError, reason


def write_whole(
    folder: Path,
    fill: Callable[[IO[bytes]], object],
    take_name: Callable[[Path], Path],
    *,
    private: bool = False,
) -> Path:
    """Have ``fill`` write a new file in ``folder``, then ``take_name`` give it its place.

    ``take_name`` moves the finished file it is given and returns where it stands now. ``private``
    makes one that only its owner may read. Whatever they raise is raised on, as is ``OSError`` and
    (for a name no system takes) ``ValueError``; then no part of the new file is left.
    """
    new = folder / f".perfeval-{secrets.token_hex(8)}.part"
    try:
        with open(new, "xb", opener=_private if private else None) as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        placed = take_name(new)
    except BaseException:
        with suppress(OSError, ValueError):
            new.unlink(missing_ok=True)
        raise
    _name_to_disk(placed.parent)
    return placed


def replace_file(path: Path, data: bytes) -> Path:
    """Have ``data`` stand at ``path``, in a folder that is made where there is none.

    Raises as :func:`write_whole` does; then what stood there still stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_whole(path.parent, lambda file: file.write(data), lambda new: new.replace(path))


def write_text(text: str, path: Path) -> Path:
    """Write a text the user asked for. Raises :class:`PerfevalError`; see :func:`replace_file`."""
    try:
        return replace_file(path, text.encode())
    except (OSError, ValueError) as error:
        raise PerfevalError(f"{path}：写不了（{reason(error)}）。请换一个位置") from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _name_to_disk(folder: Path) -> None:
    """Make a new name last through a power cut, where the system has a way to."""
    if os.name == "posix":
        with suppress(OSError):  # network drives have none; the content is on the disk already
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
