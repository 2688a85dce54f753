"""The lines below a form: who signs, as the set has it; an empty line where nobody is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from perfeval.exchange.layout import PLAIN, Sheet
from perfeval.session.model import Unit

ROOM = 26
"""A signature takes at least so many characters of the printed width."""
LEAST = 20
_LINE = "＿＿＿＿＿"


def sign_off(sheet: Sheet, labels: Sequence[str], unit: Unit) -> None:
    """Write a line of signatures below everything, kept with what stands above it.

    A label in brackets (（盖章）) is a place, not a name: it stands alone.
    """
    texts = list(signatures(labels, unit))
    if not texts:
        return
    sheet.settle_remarks()
    sheet.put(sheet.rows, 0, None, PLAIN)
    sheet.keep(sheet.rows - 1)
    width = sum(sheet.widths[: sheet.printed])
    lines = -(-len(texts) // max(1, min(len(texts), int(width // ROOM))))
    each = -(-len(texts) // lines)
    for start in range(0, len(texts), each):
        row = sheet.rows
        for (first, last), text in zip(
            _parts(sheet, each), texts[start : start + each], strict=False
        ):
            sheet.wide(row, first, last, text, PLAIN)
        sheet.keep(row)


def signatures(labels: Sequence[str], unit: Unit) -> Iterator[str]:
    """Yield each label with what the unit gives for it, or with a line to write on."""
    known = {
        "单位负责人": unit.head,
        "填报人": unit.prepared_by,
        "联系电话": unit.phone,
        "填报日期": unit.filled_on,
    }
    for label in labels:
        place = label.startswith(("（", "("))
        yield label if place else f"{label}：{known.get(label) or _LINE}"


def _parts(sheet: Sheet, count: int) -> list[tuple[int, int]]:
    """Return first and last column of ``count`` parts, as equal as the columns allow.

    No part is narrower than a signature, where that can be had.
    """
    ends = list(accumulate(sheet.widths[: sheet.printed]))
    each = ends[-1] / count
    parts, first, used = [], 0, 0.0
    for part in range(1, count + 1):
        free = range(first, sheet.printed - (count - part))
        wide = [at for at in free if ends[at] - used >= LEAST] or list(free)[-1:]
        last = min(wide, key=lambda at: abs(ends[at] - each * part))
        if part == count:
            last = sheet.printed - 1
        parts.append((first, last))
        first, used = last + 1, ends[last]
    return parts
