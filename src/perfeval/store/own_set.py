"""The unit's own indicator set: kept as a file for other years, pinned into the session at once."""

from __future__ import annotations

from uuid import uuid4

from perfeval.errors import PerfevalError, reason
from perfeval.files import replace_file
from perfeval.indicators.library import user_sets_folder
from perfeval.indicators.model import IndicatorSet
from perfeval.indicators.tuning import set_text
from perfeval.session.change import edit, join, under
from perfeval.session.model import Session
from perfeval.session.pins import pin
from perfeval.store.workspace import Workspace


def adopt(workspace: Workspace, old: str, new: IndicatorSet, *, who: str, why: str) -> None:
    """Have every evaluation scored by ``old`` scored by ``new``, as one act that can be undone.

    The set is also written into the user's folder, where later sessions find it; a folder that
    cannot be written is told after the session has been changed.
    """
    made = pin(new)
    workspace.keep([made])
    session = workspace.session
    group = uuid4().hex
    edits = [(join("pinned", new.id), made.hash)]
    edits += [(under(path, "set"), new.id) for path in _scored_by(session, old) if old != new.id]
    changes = [edit(session, path, value, who=who, why=why) for path, value in edits]
    workspace.apply(*(change.model_copy(update={"group": group}) for change in changes))
    _write(new)


def _scored_by(session: Session, set_id: str) -> list[str]:
    """Return the evaluations a set scores."""
    paths = ["department"] if session.department and session.department.set == set_id else []
    paths += [join("projects", key) for key, one in session.projects.items() if one.set == set_id]
    return paths


def _write(new: IndicatorSet) -> None:
    goal = user_sets_folder() / f"{new.id}.yaml"
    try:
        replace_file(goal, set_text(new).encode())
    except OSError as error:
        told = f"本任务已按调整后的指标体系计分，但没有存成文件 {goal}"
        raise PerfevalError(
            f"{told}（{reason(error)}）。以后的任务要用，请检查该文件夹能否写入"
        ) from error
