"""Four looks. Colour is never the only sign: 单色 shows everything the others do."""

from __future__ import annotations

from textual.theme import Theme

THEMES = (
    Theme(
        name="浅色", dark=False, primary="#1f4e79", secondary="#2e75b6", accent="#c55a11",
        warning="#9c5700", error="#9c0006", success="#1e6b34", foreground="#1b1b1b",
        background="#f7f7f5", surface="#ffffff", panel="#e9edf2",
    ),
    Theme(
        name="深色", dark=True, primary="#2f6da3", secondary="#5b9bd5", accent="#f4b183",
        warning="#ffd966", error="#ff7c80", success="#a9d18e", foreground="#e6e6e6",
        background="#16191d", surface="#1d2127", panel="#272d35",
    ),
    Theme(
        name="高对比", dark=True, primary="#0000cc", secondary="#ffff00", accent="#ffff00",
        warning="#ffff00", error="#ff6060", success="#00ff00", foreground="#ffffff",
        background="#000000", surface="#000000", panel="#202020",
    ),
    Theme(
        name="单色", dark=True, primary="#606060", secondary="#909090", accent="#ffffff",
        warning="#d0d0d0", error="#ffffff", success="#d0d0d0", foreground="#e0e0e0",
        background="#000000", surface="#101010", panel="#202020",
    ),
)  # fmt: skip


def theme_named(name: str) -> str:
    """Return the name of a look that exists; the first one for any other."""
    return name if name in {theme.name for theme in THEMES} else THEMES[0].name
