"""What the interface works on: the store, the open session and its findings, who is at work.

Everything that reads or writes a file or the database runs in a thread, one at a time and in the
order it was asked for; screens only await it and show what there is afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from perfeval.checks import Finding
    from perfeval.indicators.model import IndicatorSet
    from perfeval.scoring.scorecard import Result, Scorecard
    from perfeval.session.change import Change
    from perfeval.session.model import Evaluation, Session
    from perfeval.store import Store, Workspace

T = TypeVar("T")


class Desk:
    """The state behind the screens. It knows nothing of how it is shown."""

    def __init__(self, database: str | None = None) -> None:
        self.database = database
        self.who = ""
        self.findings: list[Finding] = []
        self.checked = False
        self.saved_at: datetime | None = None
        self.now: Callable[[], datetime] = datetime.now
        self.at_work: Callable[[str], None] = lambda _: None
        self._store: Store | None = None
        self._workspace: Workspace | None = None
        self._turn = asyncio.Lock()
        self._asked = 0

    # -- what is open ---------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether a session is open."""
        return self._workspace is not None

    @property
    def workspace(self) -> Workspace:
        """The open session's workspace."""
        assert self._workspace is not None, "no session is open"
        return self._workspace

    @property
    def store(self) -> Store:
        """The database, opened (and its libraries imported) when first asked for in a thread."""
        if self._store is None:
            from perfeval.store import Store

            self._store = Store.open(self.database)
        return self._store

    @property
    def session(self) -> Session:
        """The open session as it stands."""
        return self.workspace.session

    @property
    def scorecard(self) -> Scorecard:
        """What it is worth."""
        return self.workspace.scorecard

    def evaluation(self, path: str) -> Evaluation:
        """Return the department's evaluation or a project by path. Raises ``KeyError``."""
        if path == "department":
            if self.session.department is None:
                raise KeyError(path)
            return self.session.department
        return self.session.projects[path.removeprefix("projects/")]

    def has(self, path: str) -> bool:
        """Whether the session has the evaluation of ``path``."""
        try:
            self.evaluation(path)
        except KeyError:
            return False
        return True

    def result(self, path: str) -> Result:
        """Return the result of an evaluation by path. Raises ``KeyError``."""
        for prefix, result in self.scorecard.results:
            if prefix == path:
                return result
        raise KeyError(path)

    def set_of(self, path: str) -> IndicatorSet:
        """Return the indicator set an evaluation is scored by."""
        return self.workspace.find(self.evaluation(path).set)

    # -- doing ----------------------------------------------------------------

    async def run(self, work: Callable[[], T], what: str = "正在处理") -> T:
        """Run ``work`` in a thread after everything asked for before, and return its result.

        ``what`` is told to :attr:`at_work` in words for the screen, an empty text when all is done.
        """
        self._asked += 1
        try:
            async with self._turn:
                self.at_work(what)
                return await asyncio.to_thread(work)
        finally:
            self._asked -= 1
            if not self._asked:
                self.at_work("")

    @property
    def busy(self) -> bool:
        """Whether something asked for is not done yet."""
        return self._asked > 0

    async def start(self) -> list[str]:
        """Open the database; return what is to be told."""
        return await self.run(
            lambda: [str(problem) for problem in self.store.problems], "正在打开数据"
        )

    async def open_session(self, session_id: str) -> None:
        """Open a saved session. Raises :class:`PerfevalError` for one that is not there."""

        def opened() -> Workspace:
            from perfeval.store import Workspace

            workspace = Workspace.open(self.store, session_id)
            _ = workspace.scorecard  # scored here, not while painting
            return workspace

        self._workspace = await self.run(opened, "正在打开")
        self.findings, self.checked, self.saved_at = [], False, None

    async def apply(self, *changes: Change) -> None:
        """Save changes through the one door. Raises what ``Workspace.apply`` raises."""
        if changes:
            await self.act(lambda: self.workspace.apply(*changes))

    async def undo(self) -> None:
        """Take back the last act."""
        await self.act(lambda: self.workspace.undo(who=self.who))

    async def redo(self) -> None:
        """Make the last undone act again."""
        await self.act(lambda: self.workspace.redo(who=self.who))

    async def act(self, work: Callable[[], T]) -> T:
        """Run something that changes the open session, and note when it was saved."""
        done = await self.run(work, "正在保存")
        self.saved_at = self.now()
        return done

    async def check(self) -> None:
        """Make the findings of the session as it stands."""

        def found() -> list[Finding]:
            from perfeval.store.workflow import all_findings

            findings = all_findings(self.workspace)
            for finding in findings:
                _ = finding.by_evaluation  # sorted here, not while painting
            return findings

        if self.is_open:
            self.findings = await self.run(found, "正在审核")
            self.checked = True

    def findings_at(self, path: str) -> list[Finding]:
        """Return the findings that speak of ``path`` or of something in it."""
        return findings_at(self.findings, path)

    def troubled(self, evaluation: str) -> set[str]:
        """Return the paths of an evaluation that have an 错误 or a 警告."""
        serious = (finding for finding in self.findings if finding.level.rank < 2)
        return {path for finding in serious for path in finding.by_evaluation.get(evaluation, ())}

    def close(self) -> None:
        """Close the database."""
        self._workspace = None
        if self._store is not None:
            self._store.close()
            self._store = None


def findings_at(findings: Iterable[Finding], path: str) -> list[Finding]:
    """Return those of ``findings`` that speak of ``path`` or of something in it."""
    from perfeval.checks.model import evaluation_of  # the engine comes after the first paint

    evaluation, inside = evaluation_of(path), f"{path}/"
    return [
        finding
        for finding in findings
        if any(f"{one}/".startswith(inside) for one in finding.by_evaluation.get(evaluation, ()))
    ]
