"""Where the user's files are."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path, user_documents_path


def data_folder() -> Path:
    """The user's data folder: own sets, the database, evidence, the log.

    ``PERFEVAL_HOME`` moves it (a portable installation, a test).
    """
    home = os.environ.get("PERFEVAL_HOME")
    return Path(home) if home else user_data_path("perfeval", appauthor=False)


def sets_folder() -> Path | None:
    """A folder whose indicator sets come before all others, where ``PERFEVAL_SETS`` names one."""
    folder = os.environ.get("PERFEVAL_SETS")
    return Path(folder) if folder else None


def documents_folder() -> Path:
    """Where people keep what they receive: 文档, where the system has it, else their home."""
    documents = user_documents_path()
    return documents if documents.is_dir() else Path.home()


def export_folder() -> Path:
    """Where documents are written unless told otherwise: ``./exports``, else 文档/perfeval."""
    here = Path("exports")
    return here if here.is_dir() else user_documents_path() / "perfeval"
