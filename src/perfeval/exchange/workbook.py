"""Excel: the documents of a session, every figure a live formula with the engine's value in it.

The lines ``made → together → render → write_file`` are pure, pure, pure, and one write.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from perfeval.errors import PerfevalError
from perfeval.exchange.book import Material, Progress
from perfeval.exchange.documents import Document, applicable, chosen, made, together
from perfeval.exchange.filenames import file_name
from perfeval.exchange.layout import Sheet
from perfeval.exchange.writer import render, write_file
from perfeval.indicators import library
from perfeval.scoring.engine import SetFinder
from perfeval.scoring.scorecard import Scorecard
from perfeval.session.model import Session
from perfeval.settings import FILE_NAME

TITLE = "绩效自评"
"""What the workbook of all documents is called."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written: where it stands, how large it is, what is in it.

    ``instead`` is the place it was meant for, where another program holds that file open.
    """

    path: Path
    size: int
    documents: tuple[str, ...]
    instead: Path | None = None


def export(
    material: Material,
    folder: Path,
    documents: Iterable[str] = (),
    *,
    separate: bool = False,
    pattern: str = FILE_NAME,
    on_progress: Progress | None = None,
) -> list[Written]:
    """Write documents of a session into ``folder``: one workbook, or one for each of them.

    ``documents`` are names as :func:`.documents.chosen` takes them; none means all that apply.
    ``on_progress`` is called after each step; what it raises stops the export, and nothing of the
    file under way is left. Raises :class:`PerfevalError` when there is nothing to write or the
    folder cannot be written.
    """
    session = material.session
    picked = chosen(session, documents)
    if not picked:
        raise PerfevalError("没有可导出的内容：既没有部门整体自评，也没有项目，请先填写")
    files = [(one.name, (one,)) for one in picked] if separate else [(TITLE, picked)]
    steps = _Steps(material, len(files), on_progress)
    written = []
    with _no_collections():
        sheets = made(material, steps)
        for name, parts in files:
            pages = together(sheets, parts, session)
            steps.total += len(pages)
            title = file_name(session.unit, session.year, name, pattern)
            target = folder / f"{title}.xlsx"
            path = write_file(target, render(pages, title, steps))
            names = tuple(one.name for one in parts)
            instead = target if path != target else None
            written.append(Written(path, path.stat().st_size, names, instead))
            steps(path.name)
    return written


@contextmanager
def _no_collections() -> Iterator[None]:
    """Leave the cyclic collector off: a million cells live to the end and none is a cycle.

    It would go through all of them again and again, for a tenth of the time.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _Steps:
    """Counts the steps of an export and tells of each."""

    def __init__(self, material: Material, files: int, on_progress: Progress | None) -> None:
        self.done, self.on_progress = 0, on_progress
        self.total = len(list(material.card.results)) + files

    def __call__(self, name: str) -> None:
        self.done += 1
        if self.on_progress is not None:
            self.on_progress(self.done, max(self.total, self.done), name)


def export_workbook(
    session: Session, scorecard: Scorecard, folder: Path, find: SetFinder = library.find
) -> Path:
    """Write all documents of a session into one workbook and return where it stands.

    ``scorecard`` must be the session's own. Raises as :func:`export` does.
    """
    return export(Material(session, scorecard, find), folder)[0].path


def sheets(session: Session, scorecard: Scorecard, find: SetFinder = library.find) -> list[Sheet]:
    """Return the sheets of all documents as data, in their order."""
    documents: tuple[Document, ...] = applicable(session)
    return together(made(Material(session, scorecard, find)), documents, session)
