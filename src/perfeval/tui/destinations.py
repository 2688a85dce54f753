"""Where a place of the session is filled in: which screen, and which field there. Pure."""

from __future__ import annotations

from typing import Literal

from perfeval.errors import PerfevalError
from perfeval.session.change import join, split
from perfeval.session.model import Session

Screen = Literal["evaluation", "texts", "projects", ""]
"""The workbench, 单位和报告, 项目, or none."""

WHOLE = ("total", "grade", "rate")
"""What is printed of the department as a whole, which has no place of its own in the workbench."""


def destination(session: Session, path: str) -> tuple[Screen, str]:
    """Return the screen a path is filled in on, and the path of the field there.

    What is said about a place (填报数, 复核, 拟定) leads to it, a file to what it is attached to.
    """
    try:
        first, *rest = split(path)
    except PerfevalError:
        return "", path
    match first, rest:
        case "department", [name] if name in WHOLE:
            return "texts", join("claimed", path)
        case "department" | "projects", [_, *_]:
            return "evaluation", path
        case "department", []:
            return ("evaluation", path) if session.department else ("projects", "")
        case "projects", []:
            return "projects", ""
        case "texts", [name] if name.startswith("projects/"):
            return "evaluation", f"{name.rpartition('/')[0]}/goal"
        case "unit" | "statements" | "texts", _:
            return "texts", path
        case "claimed" | "marks" | "feedback" | "assumed" | "previous" | "remedies", [about, *_]:
            return destination(session, about)
        case "evidence", [key, *_] if key in session.evidence and session.evidence[key].paths:
            return destination(session, session.evidence[key].paths[0])
    return "", path
