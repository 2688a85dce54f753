"""Writing what was chosen in 导出: a plan made from the open session, carried out in a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from perfeval.exchange.book import Material
from perfeval.exchange.filenames import file_name
from perfeval.exchange.material import NAME as MATERIAL_PACKAGE
from perfeval.exchange.outgoing import Sent, Wanted, send, send_public
from perfeval.exchange.package import SUFFIX, write
from perfeval.exchange.workbook import Written
from perfeval.handover import packed
from perfeval.store.evidence import evidence_folder, present, states
from perfeval.tui.export_view import PACKAGE, Choices, reason_against

if TYPE_CHECKING:
    from perfeval.store import Workspace

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Plan:
    """What is to be written: the session as it stood when asked, and the user's choices."""

    workspace: Workspace
    material: Material
    names: tuple[str, ...]
    package: bool
    public: bool
    separate: bool
    pattern: str
    folder: Path

    @classmethod
    def of(cls, workspace: Workspace, choices: Choices) -> Plan:
        """Plan what is marked and can be written."""
        session = workspace.session
        wanted = [
            name
            for name in sorted(choices.marked)
            if not reason_against(name, session, public=choices.public)
        ]
        return cls(
            workspace,
            Material(session, workspace.scorecard, workspace.find),
            tuple(name for name in wanted if name != PACKAGE),
            PACKAGE in wanted,
            choices.public,
            choices.separate,
            choices.pattern,
            choices.folder,
        )


def carry_out(plan: Plan, on_progress: Progress) -> Sent:
    """Write the files of a plan; each is there whole or not at all.

    Raises :class:`PerfevalError` as :func:`.outgoing.send` does; files written before stay.
    """
    files: list[Written] = []
    sent = Sent(())
    if plan.names:
        folder, session = evidence_folder(plan.workspace.store), plan.material.session
        material = replace(plan.material, present=states(folder, session))
        evidence = present(folder, session) if MATERIAL_PACKAGE in plan.names else {}
        wanted = Wanted(plan.names, plan.separate, plan.pattern, None, evidence)
        if plan.public:
            sent = send_public(material, plan.folder, wanted)
        else:
            sent = send(material, plan.folder, wanted, on_progress)
        files += sent.files
    if plan.package:
        files.append(_saved_package(plan))
    return Sent(tuple(files), sent.missing, sent.differing)


def _saved_package(plan: Plan) -> Written:
    """Write the 自评数据包 of the session as it is saved now."""
    session = plan.workspace.session
    name = file_name(session.unit, session.year, PACKAGE, plan.pattern)
    path = write(packed(plan.workspace), plan.folder / f"{name}{SUFFIX}")
    return Written(path, path.stat().st_size, (PACKAGE,))
