"""What happened, told upwards: past tense, ids and values, never widgets."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message


@dataclass
class FieldTyped(Message):
    """A field holds a text that is not committed yet."""

    path: str
    raw: str


@dataclass
class FieldCommitted(Message):
    """A field was left or confirmed with a new text: it is to be saved."""

    path: str
    value: object


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
