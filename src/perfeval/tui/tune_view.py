"""The draft of a unit's own set as it is shown: its indicators, its faults, what it would score."""

from __future__ import annotations

from collections.abc import Sequence

from perfeval.errors import Problem
from perfeval.indicators.model import IndicatorSet
from perfeval.indicators.tuning import Draft, Plain, kind_of
from perfeval.numbers import decimal_text
from perfeval.scoring.engine import context_of, score
from perfeval.scoring.scorecard import IndicatorResult, Result
from perfeval.session.model import Session
from perfeval.tui.widgets.grid import Column, Row

COLUMNS = (
    Column("三级指标", 0, least=18),
    Column("分值", 5, "right"),
    Column("指标值", 8, rank=1),
    Column("改动", 4),
)


def rows_of(draft: Draft) -> list[Row]:
    """Return a row for every indicator of the set, those changed marked."""
    changed = {code for code, _ in draft.edits}
    return [_row_of(one, one["code"] in changed) for one in draft.indicators()]


def _row_of(data: Plain, changed: bool) -> Row:
    points, goal = str(data.get("points", "")), _target(str(data.get("target", "")))
    cells = (data["name"], points, goal, "改" if changed else "")
    return Row(data["code"], cells, "bold" if changed else "")


def _target(text: str) -> str:
    return "单位定" if text == "required" else text


def problem_text(problems: Sequence[Problem]) -> str:
    """Return what the linter finds in the words of the screen, not those of a set's file."""
    told = "\n".join(
        f"{one.message}。{one.cure}" if one.cure else one.message for one in problems[:4]
    )
    for words, plain in _PLAIN:
        told = told.replace(words, plain)
    return told


_PLAIN = (
    ("请写 target，或 target: required 由单位填写", "请填上面的年度指标值"),
    ("cap 大于 1", "上限大于 1"),
    ("“points”", "分值"),
    ("“target”", "年度指标值"),
    ("“standard”", "评分标准"),
)
"""What the linter says to whoever writes a file, and what it means on the screen."""


def effect_text(
    session: Session, path: str, now: Result, made: IndicatorSet | None, code: str
) -> str:
    """Return what the indicator and the whole are worth now and would be by the draft."""
    if made is None:
        return ""
    evaluation = (
        session.department
        if path == "department"
        else session.projects[path.removeprefix("projects/")]
    )
    assert evaluation is not None
    then = score(evaluation, made, context_of(session, path, made))
    before, after = (_row_text(_row(result, code)) for result in (now, then))
    indicator = next(one for one in made.all_indicators() if one.code == code)
    kind = kind_of(indicator.rule.model_dump(mode="json"))
    rule = indicator.rule.explain(indicator.unit) if kind else ""
    return f"{rule}\n本指标 {before} -> {after}    总分 {now.summary} -> {then.summary}"


def _row(result: Result, code: str) -> IndicatorResult | None:
    return next((row for row in result.indicators if row.code == code), None)


def _row_text(row: IndicatorResult | None) -> str:
    if row is None:
        return "（无）"
    earned = "未评" if row.score is None else decimal_text(row.score, 2)
    return f"{earned}/{decimal_text(row.points)}"
