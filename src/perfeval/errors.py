"""Problems are values; exceptions are for what stops the work. Both say what to do.

Everything a user reads is Chinese. A :class:`Problem` names a place and a cure; a
:class:`PerfevalError` carries one or many of them to whoever shows them (the command line,
a notification, a dialog).
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal
from unicodedata import category


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not hold, where it is, and how to put it right.

    ``place`` is what the reader can go to: ``文件:行``, a field's name, or a session path.
    ``severity`` is ``错误`` (must be put right) or ``警告`` (allowed, worth a look).
    """

    place: str
    message: str
    cure: str = ""
    severity: str = "错误"

    def __str__(self) -> str:
        cure = f"。{self.cure}" if self.cure else ""
        return f"{self.place}：{self.message}{cure}"


Act = Literal["list sessions", "list indicators", "open a copy", "copy a session"]
"""What a user can do about an error, where it is done otherwise in each interface."""


class PerfevalError(Exception):
    """What stops the work: the message is Chinese and says what, where and what to do.

    ``act`` names what helps; the command line adds its command for it, which no room below knows.
    """

    act: Act | None = None

    def __init__(self, message: str = "", *, act: Act | None = None) -> None:
        super().__init__(message)
        if act is not None:
            self.act = act


class Findings(PerfevalError):
    """An act is refused because checks found what must be put right first."""


class UnreadableInput(PerfevalError):
    """A file that cannot be used, with every problem found in it (never only the first)."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``是否想写“…”？`` for the nearest known name, or an empty string."""
    match = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"是否想写“{match[0]}”？" if match else ""


def reason(error: OSError | ValueError) -> str:
    """Return why a file or folder could not be used, in words; never the system's English."""
    number = getattr(error, "errno", None)
    if number is None:  # a name with NUL in it, half a character
        return "名称里有不能用的字符"
    return _REASONS.get(number, f"系统不允许，错误号 {number}")


_REASONS = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.ENOTDIR: "上一级不是文件夹",
    errno.EISDIR: "是文件夹，不是文件",
    errno.EEXIST: "已有同名的文件",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "位置是只读的",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "可用空间已满",
    errno.EFBIG: "文件太大",
    errno.ENAMETOOLONG: "名称太长",
    errno.EINVAL: "名称或位置不合要求",
    errno.ELOOP: "链接互相指向，找不到文件",
    errno.EBUSY: "正被别的程序占用",
    errno.ETXTBSY: "正被别的程序占用",
    errno.EIO: "磁盘读写出错",
    errno.EMFILE: "打开的文件太多",
    errno.ENXIO: "不是普通文件",
    errno.ENODEV: "不是普通文件",
}


def printable(text: str) -> str:
    """Return text as it may be shown on a screen or in a table: one line, nothing hidden in it.

    Line breaks and tabs become one space. Signs that steer the screen, turn the text round or are
    not seen (Unicode Cc, Cf, half characters) go: a name in another's file must not be able to
    rewrite the line it is shown on.
    """
    if text.isprintable():
        return text
    lines = _BREAKS.sub(" ", text)
    return "".join(sign for sign in lines if category(sign) not in _UNSEEN)


_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_UNSEEN = ("Cc", "Cf", "Cs")
