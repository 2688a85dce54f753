"""填报数 beside 核算数: what the unit printed or typed, to be corrected where the field is.

Only a session that has 填报数 shows these fields: a unit that fills in its own form has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from perfeval.numbers import decimal_text
from perfeval.scoring.scorecard import IndicatorResult, Result, TierResult, rate_text
from perfeval.session.change import join, under
from perfeval.session.labels import field_name
from perfeval.session.model import Session
from perfeval.tui.fields import Field, Kind, Section

TITLE = "填报数（报告或表上印的）"


def of_row(session: Session, row: IndicatorResult, inputs: Iterable[str] = ()) -> list[Section]:
    """Return the printed score and value of an indicator, whatever else of it was printed, and
    the printed ``inputs`` (names) its formula reads.
    """
    score = "" if row.score is None else decimal_text(row.score, 2)
    places = {"score": score, "actual": row.value_text}
    begins = f"{row.path}/"
    others = (path.removeprefix(begins) for path in session.claimed if path.startswith(begins))
    places |= {name: "" for name in others if name not in places}
    fields = [_field(session, f"{row.path}/{name}", told) for name, told in places.items()]
    evaluation = row.path.rsplit("/", 2)[0]
    return _section(session, [*fields, *_inputs(session, evaluation, inputs)])


def _inputs(session: Session, evaluation: str, names: Iterable[str]) -> Iterator[Field]:
    for name in names:
        for path in (under(evaluation, "inputs", name), under(evaluation, "inputs", name, "value")):
            if path in session.claimed:
                yield _field(session, path, "", label=name)


def of_tier(session: Session, evaluation: str, tier: TierResult) -> list[Section]:
    """Return the printed score and 得分率 of a tier."""
    path = under(evaluation, "tiers", tier.name)
    score = "" if tier.score is None else decimal_text(tier.score, 2)
    fields = [
        _field(session, f"{path}/score", score),
        _field(session, f"{path}/rate", rate_text(tier.printed_rate)),
    ]
    by_rate = under(evaluation, "tier_rates", tier.name)
    if by_rate in session.claimed:
        fields.append(_field(session, by_rate, "", label="得分率（汇总表）"))
    return _section(session, fields)


def of_whole(session: Session, evaluation: str, result: Result | None) -> list[Section]:
    """Return the printed total and grade of an evaluation, and other rates printed of it."""
    grade = (result.grade or "") if result and result.complete else ""
    places = {"total": result.total_text if result and result.filled else "", "grade": grade}
    others = ("rate", "score", "execution_rate")
    places |= {name: "" for name in others if f"{evaluation}/{name}" in session.claimed}
    fields = [
        _field(session, f"{evaluation}/{name}", told, kind=_KINDS.get(name, Kind.FIGURE))
        for name, told in places.items()
    ]
    return _section(session, fields)


_KINDS = {"grade": Kind.TEXT}


def _field(
    session: Session, path: str, computed: str, *, label: str = "", kind: Kind = Kind.FIGURE
) -> Field:
    return Field(
        join("claimed", path),
        label or field_name(path.rpartition("/")[2]),
        kind,
        session.claimed.get(path, ""),
        note=f"核算 {computed}" if computed else "",
        help="照印的填，不改成核算的数；没有印的清空",
    )


def _section(session: Session, fields: list[Field]) -> list[Section]:
    return [Section(TITLE, tuple(fields))] if session.claimed and fields else []
