"""The worked example: 新乡市科学技术协会 2024, its figures as published."""

from __future__ import annotations

from importlib.resources import files

NAME = "xinxiang-kexie-2024"


def sample_text() -> str:
    """Return the worked example's session file."""
    return (files(__package__) / f"{NAME}.yaml").read_text(encoding="utf-8")
