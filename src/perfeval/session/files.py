"""A session as one readable file (YAML or JSON), the form the command line takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from perfeval.files import write_text
from perfeval.indicators.documents import Document, parse_document, read_document, validate
from perfeval.session.model import Session


def load(path: Path) -> Session:
    """Read a session file. Raises :class:`perfeval.errors.UnreadableInput` with every problem."""
    return _session(read_document(path))


def loads(text: str, name: str = "自评任务") -> Session:
    """Read a session from its text."""
    return _session(parse_document(text, name))


def _session(document: Document) -> Session:
    filled = replace(document, data=_without_blanks(document.data))
    return validate(filled, Session).in_stated_order()


def _without_blanks(data: Any) -> Any:
    """Drop keys with nothing after them (``code:``): they are 未填, not a mistake."""
    if isinstance(data, dict):
        return {key: _without_blanks(item) for key, item in data.items() if item is not None}
    return [_without_blanks(item) for item in data] if isinstance(data, list) else data


def dumps(session: Session) -> str:
    """Return the session as YAML: figures stay texts, keys keep their order."""
    data: dict[str, Any] = session.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(
        {"format": session.format} | data, allow_unicode=True, sort_keys=False, width=100
    )


def write(session: Session, path: Path) -> None:
    """Write a session as YAML, whole or not at all. Raises :class:`PerfevalError`."""
    write_text(dumps(session), path)
