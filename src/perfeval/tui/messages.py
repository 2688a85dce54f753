"""What happened, told upwards: past tense, ids and values, never widgets."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from textual.message import Message


@dataclass
class FieldTyped(Message):
    """A field holds a text that is not committed yet."""

    path: str
    raw: str


@dataclass
class FieldCommitted(Message):
    """A field was left or confirmed with a new text: it is to be saved.

    ``seen`` is the text that stood there when the typing began; None where that does not matter.
    """

    path: str
    value: object
    seen: str | None = None


@dataclass
class SessionChanged(Message):
    """The open session is another one than before: what is shown is out of date."""


@dataclass
class FindingsChanged(Message):
    """The findings of the open session were made anew."""


@dataclass
class IndicatorChosen(Message):
    """The user went to an indicator, a group or another place of the tree."""

    path: str


@dataclass
class FieldDone(Message):
    """A field was confirmed with Enter: what comes next is wanted."""

    path: str


@dataclass
class FormDone(Message):
    """The last field that had to be filled in was confirmed."""

    path: str = ""


@dataclass
class FileWanted(Message):
    """A file is to be attached where ``path`` says."""

    path: str


@dataclass
class FileChosen(Message):
    """Something is to be done with an attached file: ``page`` (its note) or ``detach``."""

    path: str
    key: str
    what: str


@dataclass
class BlockPasted(Message):
    """Several lines or columns were pasted at a cell."""

    row: int
    column: int
    text: str


@dataclass
class CellMoved(Message):
    """Another cell of a sheet is being filled in."""

    row: int
    column: int


@dataclass
class CellDone(Message):
    """What was typed in a cell is handed in: another cell of the sheet is wanted, once it is saved.

    ``cell`` is that one (row, column); without it, so many lines ``down`` or cells ``right``.
    """

    down: int = 0
    right: int = 0
    cell: tuple[int, int] | None = None


@dataclass
class TypingHandedIn(Message):
    """Everything a field handed in before this was dealt with: whoever waits may go on."""

    dealt_with: asyncio.Event


@dataclass
class IndicatorOpened(Message):
    """The user wants to fill in the place the tree's cursor is on."""

    path: str


@dataclass
class ExportProgressed(Message):
    """An export came so far: ``done`` of ``total`` steps, and what the last one was."""

    done: int
    total: int
    name: str
