"""What the score would be with the text being typed, before anything is saved. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perfeval.errors import PerfevalError
from perfeval.numbers import decimal_text
from perfeval.scoring.engine import Context, score
from perfeval.scoring.scorecard import IndicatorResult
from perfeval.session.change import Plain, apply, edit
from perfeval.tui.edits import evaluation_at
from perfeval.tui.shown import Shown


def preview(
    shown: Shown, wanted: Sequence[tuple[str, Plain]], context: Context, row: str = ""
) -> str:
    """Return what the indicator at ``row`` and the whole would be worth after some edits.

    Nothing is said where nothing would change, nor of a text that cannot be saved: what is wrong
    with it stands beside its field. ``context`` is the one of the session as it stands.
    """
    session = shown.session
    try:
        for path, value in wanted:
            session = apply(session, edit(session, path, value))
        then = score(evaluation_at(session, shown.prefix), shown.set, context)
    except (PerfevalError, KeyError):
        return ""
    told = []
    now, new = _row(shown.result.indicators, row), _row(then.indicators, row)
    if now is not None and new is not None and (now.score, now.status) != (new.score, new.status):
        told.append(_worth(new))
    if then.total_text != shown.result.total_text:
        told.append(f"总分 {then.total_text}")
    return "，".join(told)


def _row(rows: Iterable[IndicatorResult], path: str) -> IndicatorResult | None:
    return next((one for one in rows if one.path == path), None)


def _worth(row: IndicatorResult) -> str:
    if row.score is None:
        return f"按此本项{row.status}"
    return f"按此值本项 {decimal_text(row.score, 2)} / {decimal_text(row.points)} 分"
