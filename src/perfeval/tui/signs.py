"""Which signs stand on the screen: those of one width in every terminal, for what we say ourselves.

Older terminals of Chinese systems draw ≥ × ÷ in two cells, others in one, and everything behind
them shifts. Traces, rules and findings are made for exports, too, which keep the proper signs; they
are put into plain ones here, where they become text of a screen. What a user typed stays as it is.
"""

from __future__ import annotations

import unicodedata

_PLAIN = str.maketrans(
    {
        "\N{GREATER-THAN OR EQUAL TO}": ">=",
        "\N{LESS-THAN OR EQUAL TO}": "<=",
        "\N{NOT EQUAL TO}": "<>",
        "\N{MULTIPLICATION SIGN}": "x",
        "\N{DIVISION SIGN}": "/",
        "\N{MINUS SIGN}": "-",
        "\N{RIGHTWARDS ARROW}": "->",
        "\N{PLUS-MINUS SIGN}": "+-",
    }
)


def on_screen(text: str) -> str:
    """Return a text of ours in signs that every terminal draws in the same width."""
    return text.translate(_PLAIN)


def may_stand(sign: str) -> bool:
    """Whether a typed sign can be seen or is a space, the wide one of Chinese included."""
    return sign.isprintable() or unicodedata.category(sign) == "Zs"


def pasted_lines(text: str) -> list[str]:
    """Return the lines of a pasted text that hold something, columns apart by a space."""
    return [line.strip() for line in text.replace("\t", " ").splitlines() if line.strip()]
