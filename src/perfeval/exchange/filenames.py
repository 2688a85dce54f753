"""File names that every system accepts: Windows, the domestic Linux desktops, a USB stick."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\.|$)", re.IGNORECASE)
MAX_BYTES = 180
"""A stem of at most so many UTF-8 bytes (60 汉字), so that ``(2).xlsx`` and a folder still fit."""


def safe_name(text: str, default: str = "未命名") -> str:
    """Return ``text`` as a legal file name without its ending.

    Forbidden characters become ``_``; trailing dots and spaces, which Windows drops, are cut; a
    device name (``CON``, ``com1.2024``) gets a ``_`` in front; a long name is cut between
    characters. A name of which nothing is left becomes ``default``.
    """
    name = _FORBIDDEN.sub("_", text).strip().rstrip(". ")
    if _RESERVED.match(name):
        name = f"_{name}"
    name = name.encode("utf-8")[:MAX_BYTES].decode("utf-8", "ignore").rstrip(". ")
    return name or default


def numbered(path: Path) -> Iterator[Path]:
    """Yield ``名.xlsx``, ``名(2).xlsx``, ``名(3).xlsx`` …"""
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem}({number}){path.suffix}")


def held_open(path: Path) -> bool:
    """Whether an office program says, by its lock file, that it has ``path`` open.

    Excel writes ``~$名.xlsx``, LibreOffice ``.~lock.名.xlsx#``, WPS ``.~名.xlsx``.
    """
    locks = (f"~${path.name}", f".~lock.{path.name}#", f".~{path.name}")
    return any(path.with_name(lock).exists() for lock in locks)
