"""上报锁定: the seal of what a unit filled in, and whether a value has changed since.

The seal is the SHA-256 of the canonical self part: what the unit entered, its explanations, the
hashes of its evidence and of the pinned sets. Review marks and stage moves are not in it.
"""

from __future__ import annotations

from typing import Any

from perfeval.session.canonical import digest
from perfeval.session.change import read, split
from perfeval.session.model import Session

SELF_PARTS = frozenset(
    {
        "unit",
        "year",
        "money_unit",
        "department",
        "projects",
        "project_order",
        "claimed",
        "statements",
        "texts",
        "assumed",
        "waivers",
        "evidence",
        "pinned",
    }
)
"""The fields of a session that are the unit's own word."""


def is_self_path(path: str) -> bool:
    """Whether a change at ``path`` touches the self part and so voids a seal."""
    return split(path)[0] in SELF_PARTS


def self_part(session: Session) -> dict[str, Any]:
    """Return the sealed content as plain data."""
    return session.model_dump(mode="json", include=set(SELF_PARTS), exclude_defaults=True)


def seal(session: Session) -> str:
    """Return the seal of a session as it is now."""
    return digest(self_part(session))


def seal_holds(session: Session) -> bool | None:
    """Whether the last 上报 still describes the self part; None when nothing was submitted."""
    if not session.submissions:
        return None
    return session.submissions[-1].seal == seal(session)


def value_digest(session: Session, path: str) -> str:
    """Return the digest of what is filled in at ``path`` alone.

    Marks of older programs remember it; today's cover more (:func:`.review.mark_basis`).
    """
    return digest(read(session, path))
