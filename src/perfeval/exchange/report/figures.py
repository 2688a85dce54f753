"""Numbers on their way through a template: marked with where they are from, bookmarked at last.

A marked number is a text between three Unicode noncharacters, which no document holds, so it may
stand alone or inside a sentence and passes through Jinja and XML untouched. :mod:`.ooxml` makes
a bookmark of each mark and :mod:`.reread` reads the bookmarks back. Texts of the user are
cleaned of what XML cannot hold and of these marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

OPEN, KEYED, CLOSE, CHART, GUARD = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3", "\ufdd4"
MARKED = re.compile(f"{OPEN}([0-9a-f]+){KEYED}([^{CLOSE}]*){CLOSE}")

_UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNESCAPED = re.compile(r"(?<=[{}%])_")


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as a document prints it: the ``path`` it is from, its name, its text."""

    path: str
    name: str
    text: str


class Figures:
    """Every number a document prints, by key, in the order of its first mention."""

    def __init__(self) -> None:
        self.printed: dict[str, Printed] = {}

    def mark(self, path: str, name: str, text: str) -> str:
        """Return ``text`` marked as the number at ``path``; an empty text stays empty."""
        text = one_line(text)
        if not text:
            return ""
        key = key_of(path)
        self.printed[key] = Printed(path, name, text)
        return f"{OPEN}{key}{KEYED}{text}{CLOSE}"


def key_of(path: str) -> str:
    """Return the short key a bookmark is named by."""
    return sha256(path.encode("utf-8", "replace")).hexdigest()[:16]


def clean(text: str) -> str:
    """Return a user's text as a document can hold it: no sign that XML refuses, none of ours.

    Signs that turn the direction of writing go too: they would turn the numbers beside them.
    The template engine's own escapes (``{_{``) are kept apart, so that they print as typed.
    """
    plain = _TURNING.sub("", _UNWRITABLE.sub("", _BREAKS.sub("\n", text)))
    return _UNESCAPED.sub(f"{GUARD}_", plain)


def one_line(text: str) -> str:
    """Return a user's text as one line."""
    return " ".join(clean(text).split())


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a user's text, empty lines left out."""
    return [line for part in clean(text).split("\n") if (line := " ".join(part.split()))]


def unmarked(text: str) -> str:
    """Return a text as it will be read, without marks."""
    return MARKED.sub(r"\2", text).replace(GUARD, "")


def marks(text: str) -> Iterator[tuple[str, str]]:
    """Yield (key, text) of the numbers marked in a text."""
    return (match.groups() for match in MARKED.finditer(text))  # type: ignore[misc]
