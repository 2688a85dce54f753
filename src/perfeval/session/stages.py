"""阶段: where a session stands on its way, and which moves there are.

草稿 → 已上报 → 复核中 → 退回修改 / 已复核. Inside the unit 科室填报 → 财务审核 → 负责人审签 may be
recorded; each can be skipped. Nothing is refused at entry: an edit after 上报 voids the seal
visibly, and only 上报 asks for a sound session.
"""

from __future__ import annotations

from perfeval.errors import PerfevalError
from perfeval.session.model import Session, Stage

_MOVES: dict[Stage, tuple[Stage, ...]] = {
    "草稿": ("科室填报", "财务审核", "负责人审签", "已上报"),
    "科室填报": ("草稿", "财务审核", "负责人审签", "已上报"),
    "财务审核": ("草稿", "科室填报", "负责人审签", "已上报"),
    "负责人审签": ("草稿", "科室填报", "财务审核", "已上报"),
    "已上报": ("复核中", "退回修改"),
    "复核中": ("退回修改", "已复核"),
    "退回修改": ("科室填报", "财务审核", "负责人审签", "已上报"),
    "已复核": ("复核中",),
}


def moves(session: Session) -> tuple[Stage, ...]:
    """Return the stages that can follow the session's own."""
    return _MOVES[session.stage]


def require_move(session: Session, to: Stage) -> None:
    """Raise :class:`PerfevalError` unless ``to`` can follow the session's stage."""
    allowed = _MOVES[session.stage]
    if to not in allowed:
        told = "、".join(allowed)
        raise PerfevalError(f"现在是“{session.stage}”，不能转为“{to}”。可转为：{told}")
