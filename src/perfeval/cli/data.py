"""Scorecards as JSON: numbers are decimal texts, so nothing is lost on the way."""

from __future__ import annotations

from typing import Any

from perfeval.numbers import Exact, decimal_text
from perfeval.scoring.review import ReviewDiff
from perfeval.scoring.scorecard import IndicatorResult, ProjectResult, Result, Scorecard
from perfeval.scoring.trace import doubts_text, trace
from perfeval.scoring.whatif import grade_distances, margins
from perfeval.session.model import Session

Json = dict[str, Any]


def scorecard(session: Session, card: Scorecard) -> Json:
    """Return a session's scores: ``total grade complete claimed_total tiers indicators projects``.

    Without a department evaluation ``total`` and ``grade`` are null and the lists are empty.
    """
    claimed = session.claimed
    head: Json = {"session": session.id, "unit": session.unit.name, "year": session.year}
    result = card.department
    if result is None:
        head |= {"set": None, "total": None, "grade": None, "complete": False, "evidence": None}
        head |= {"claimed_total": None, "tiers": [], "indicators": []}
    else:
        head |= _evaluation("department", result, session)
        head["claimed_total"] = claimed.get("department/total")
    return head | {"projects": [_project(project, session) for project in card.projects]}


def _evaluation(path: str, result: Result, session: Session) -> Json:
    rounding = result.set.rounding
    return {
        "set": result.set.id,
        "total": _score(result.total, rounding.total) if result.filled else None,
        "grade": result.grade,
        "complete": result.complete,
        "filled": decimal_text(result.filled),
        "evidence": result.evidence.name if result.evidence else None,
        "tiers": [
            {
                "name": tier.name,
                "points": decimal_text(tier.points),
                "score": _score(tier.score, rounding.tier),
                "rate": _ratio(tier.printed_rate, rounding.rate),
                "claimed": session.claimed.get(f"{path}/tiers/{tier.name}/score"),
            }
            for tier in result.tiers
        ],
        "indicators": [indicator(row, result, session) for row in result.indicators],
    }


def indicator(row: IndicatorResult, result: Result, session: Session) -> Json:
    """Return one indicator with its trace."""
    item, rounding = row.item, result.set.rounding
    return {
        "code": item.code,
        "name": item.name,
        "path": item.path,
        "tier": item.tier,
        "group": item.group,
        "status": row.status.value,
        "points": decimal_text(item.points),
        "score": _score(row.score, rounding.score),
        "automatic": _score(row.automatic, rounding.score),
        "actual": row.value_text or None,
        "target": (item.target.raw or None) if item.target else None,
        "claimed": session.claimed.get(f"{item.path}/score"),
        "evidence": item.evidence.name if item.evidence else None,
        "assumption": doubts_text(item) or None,
        "note": row.note or None,
        "trace": [
            {"step": step.label, "text": step.text, "value": _value(step.value)}
            for step in trace(row, rounding)
        ],
    }


def _project(project: ProjectResult, session: Session) -> Json:
    claimed = session.claimed
    data: Json = {"id": project.key, "name": project.name, "excluded": project.excluded or None}
    result = project.result
    places = result.set.rounding.rate if result else 2
    rates = {name: _ratio(rate, places) for name, rate in project.rates.items()}
    execution, *others = rates.items() or [("", None)]
    return data | {
        "execution_rate": execution[1],
        "rates": dict(others),
        "score": _score(result.total, result.set.rounding.total) if result else None,
        "grade": result.grade if result else None,
        "complete": result.complete if result else None,
        "evidence": result.evidence.name if result and result.evidence else None,
        "claimed": claimed.get(f"{project.path}/score"),
    }


def whatif(card: Scorecard) -> Json:
    """Return the margins and the grade distances of every evaluation."""
    return {
        "evaluations": [
            {
                "path": path,
                "total": result.total_text,
                "grade": result.grade,
                "complete": result.complete,
                "evidence": result.evidence.name if result.evidence else None,
                "grades": [
                    {
                        "grade": d.grade,
                        "min": decimal_text(d.minimum),
                        "distance": decimal_text(d.distance),
                    }
                    for d in grade_distances(result)
                ],
                "margins": [
                    {
                        "code": m.code,
                        "subject": m.subject,
                        "kind": m.kind,
                        "value": decimal_text(m.value),
                        "at_least": m.at_least,
                        "score": decimal_text(m.score),
                        "gain": decimal_text(m.gain),
                        "text": m.text,
                    }
                    for m in margins(result)
                ],
            }
            for path, result in card.results
        ]
    }


def review(diff: ReviewDiff) -> Json:
    """Return what the review of one evaluation changed."""
    places = diff.own.set.rounding.total
    return {
        "path": diff.path,
        "total": diff.own.total_text,
        "reviewed": diff.reviewed.total_text,
        "net": decimal_text(diff.net, places),
        "grade": diff.own.grade,
        "reviewed_grade": diff.reviewed.grade,
        "tiers": [
            {"name": tier.name, "net": decimal_text(tier.difference, places)} for tier in diff.tiers
        ],
        "marks": [
            {
                "path": row.path,
                "name": row.name,
                "points": decimal_text(row.points),
                "score": _score(row.own, places),
                "reviewed": _score(row.reviewed, places),
                "verdict": row.mark.verdict,
                "opinion": row.mark.opinion,
                "who": row.mark.who,
                "outdated": row.outdated,
            }
            for row in diff.marked
        ],
        "unmarked": list(diff.unmarked),
    }


def _score(value: Exact | None, places: int) -> str | None:
    return None if value is None else decimal_text(value, places)


def _ratio(value: Exact | None, places: int) -> str | None:
    """A rate is a pure ratio: 88.53 % is ``0.8853``."""
    return None if value is None else decimal_text(value, places + 2)


def _value(value: Exact | None) -> str | None:
    return None if value is None else decimal_text(value)
