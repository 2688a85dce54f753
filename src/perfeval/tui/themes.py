"""Four looks. Colour is never the only sign: 单色 shows everything the others do."""

from __future__ import annotations

import json

from textual.theme import Theme

from perfeval.places import data_folder

THEMES = (
    Theme(
        name="浅色", dark=False, primary="#1f4e79", secondary="#1f5c99", accent="#a3410c",
        warning="#8a4b00", error="#9c0006", success="#1e6b34", foreground="#1b1b1b",
        background="#f7f7f5", surface="#ffffff", panel="#e4e9f0",
    ),
    Theme(
        name="深色", dark=True, primary="#2a5d8c", secondary="#8fc1f0", accent="#f4b183",
        warning="#ffd966", error="#ff8f92", success="#a9d18e", foreground="#e6e6e6",
        background="#16191d", surface="#1d2127", panel="#272d35",
    ),
    Theme(
        name="高对比", dark=True, primary="#0000b0", secondary="#ffff00", accent="#ffff00",
        warning="#ffff00", error="#ff9c9c", success="#00ff00", foreground="#ffffff",
        background="#000000", surface="#000000", panel="#202020",
    ),
    Theme(
        name="单色", dark=True, primary="#484848", secondary="#e0e0e0", accent="#ffffff",
        warning="#e0e0e0", error="#ffffff", success="#e0e0e0", foreground="#e0e0e0",
        background="#000000", surface="#101010", panel="#262626",
    ),
)  # fmt: skip


def theme_named(name: str) -> str:
    """Return the name of a look that exists; the first one for any other."""
    return name if name in {theme.name for theme in THEMES} else THEMES[0].name


def theme_at_start() -> str:
    """Return the look the settings name, read without what checks them: the first paint waits."""
    try:
        settings = json.loads((data_folder() / "settings.json").read_text(encoding="utf-8"))
        return theme_named(str(settings["theme"]))
    except (OSError, ValueError, KeyError, TypeError):
        return THEMES[0].name
