"""Where the user's own document lies, on machines that have it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def seed_document() -> Path | None:
    """Return the user's document: PERFEVAL_SEED, or ``shared/seed`` beside the project."""
    named = os.environ.get("PERFEVAL_SEED")
    folder = Path(named) if named else Path(__file__).parents[3] / "shared" / "seed"
    if folder.is_file():
        return folder
    texts = sorted(folder.glob("*.txt")) if folder.is_dir() else []
    return texts[0] if texts else None


needs_seed = pytest.mark.skipif(
    seed_document() is None, reason="the user's document is not on this machine (PERFEVAL_SEED)"
)
