"""The desk: what is found where, however many projects a finding speaks of."""

from __future__ import annotations

from perfeval.session.model import Session
from tests.tui.conftest import running, saved


async def test_findings_are_told_at_every_place_they_speak_of(sample: Session) -> None:
    async with running(saved(sample)) as (app, _):
        desk = app.desk
        spoken = {path for finding in desk.findings for path in finding.paths}
        places = {"/".join(path.split("/")[:n]) for path in spoken for n in range(1, 9)} - {
            "projects"
        }
        for place in places:
            wanted = [
                one for one in desk.findings
                if any(path == place or path.startswith(f"{place}/") for path in one.paths)
            ]  # fmt: skip
            assert desk.findings_at(place) == wanted, place
        assert desk.findings_at("department/answers/Z9") == []
        troubled = {path for one in desk.findings if one.level.rank < 2 for path in one.paths}
        for evaluation in ("department", "projects/p6"):
            inside = {path for path in troubled if path.startswith(f"{evaluation}/")}
            assert desk.troubled(evaluation) == inside
