"""File names that every system accepts: Windows, the domestic Linux desktops, a USB stick."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from perfeval.errors import PerfevalError
from perfeval.session.model import Unit
from perfeval.settings import FILE_NAME

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


def file_name(unit: Unit, year: int, document: str, pattern: str = FILE_NAME) -> str:
    """Return the legal name of a document's file, without its ending.

    ``pattern`` may use 单位编码, 单位, 年度 and 文种 in braces. Raises :class:`PerfevalError` for
    any other name in it.
    """
    words = {"单位编码": unit.code, "单位": unit.name, "年度": str(year), "文种": document}
    unknown = [name for name in re.findall(r"\{([^{}]*)\}", pattern) if name not in words]
    if unknown:
        known = "、".join(f"{{{name}}}" for name in words)
        raise PerfevalError(f"文件名的写法里没有“{unknown[0]}”这一项，可以用 {known}")
    return safe_name(re.sub(r"\{([^{}]*)\}", lambda found: words[found[1]], pattern))


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
