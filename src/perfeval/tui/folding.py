"""Chinese text in lines: it breaks between any two signs, but not within a figure or a word, and
no line begins with a mark that closes what is before it or ends with one that opens.
"""

from __future__ import annotations

import re

from rich.cells import cell_len

_CLOSING = frozenset("，。；：、！？）”’》】%％")
_OPENING = frozenset("（“‘《【")
_TOKEN = re.compile(r"[\x21-\x7e]+|.", re.DOTALL)


def folded(text: str, width: int, *, first: int = 0, hang: int = 0) -> list[str]:
    """Return ``text`` in lines of at most ``width`` cells.

    The first line begins in column ``first`` (what stands before it is the caller's), every other
    one is indented by ``hang``. A word longer than a line is broken.
    """
    lines: list[list[str]] = [[]]
    used, broken = first, False
    for token in _tokens(text, max(width - max(first, hang), 1)):
        if token == "\n":
            lines.append([])
            used, broken = 0, False
            continue
        if used + cell_len(token) > width and lines[-1]:
            stays = len(lines[-1]) > 1 and (token in _CLOSING or lines[-1][-1] in _OPENING)
            carried = [lines[-1].pop()] if stays else []
            lines.append(([" " * hang] if hang else []) + carried)
            used, broken = cell_len("".join(lines[-1])), not carried
        if token != " " or not broken:  # the space a line was broken at
            lines[-1].append(token)
            used += cell_len(token)
            broken = False
    return ["".join(line).rstrip() for line in lines]


def _tokens(text: str, most: int) -> list[str]:
    found = _TOKEN.findall(text)
    return [
        part
        for token in found
        for part in (token if cell_len(token) > most else [token])
    ]  # fmt: skip
