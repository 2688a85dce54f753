"""What every screen does that fills something in: save a field, ask where it must, keep what was
typed when it could not be saved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from perfeval.errors import PerfevalError
from perfeval.session.change import Change, ChangeKind, Conflict, Plain, read, under
from perfeval.session.distribute import require_editable
from perfeval.session.labels import label
from perfeval.session.model import Session
from perfeval.session.seal import seal_holds
from perfeval.tui import actions, edits
from perfeval.tui.fields import Section
from perfeval.tui.messages import FieldCommitted, SessionChanged
from perfeval.tui.outline import BASE
from perfeval.tui.screens.base import SessionScreen
from perfeval.tui.screens.dialogs import Choice, Confirm, Pick

SEALED = ("已上报", "复核中", "已复核")
"""The stages in which the self part is sealed; an edit asks first."""


class EditingScreen(SessionScreen):
    """A screen with fields. What is typed is saved through :meth:`save`, one act after another."""

    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.EDITING)

    def __init__(self) -> None:
        super().__init__()
        self._saving = asyncio.Lock()
        self._may_void = False

    # -- what a screen says of itself -----------------------------------------

    def pending(self) -> Iterator[FieldCommitted]:
        """Yield what is typed and not handed in yet."""
        yield from ()

    def not_saved(self) -> None:
        """Keep what was typed: it was refused."""

    def revert(self) -> None:
        """Give up what was typed."""

    def edits_for(self, path: str, value: Plain) -> list[tuple[str, Plain]]:
        """Return the edits that a committed field means; a new line of a table makes several."""
        return [(path, value)]

    # -- saving ---------------------------------------------------------------

    @on(FieldCommitted)
    async def _committed(self, event: FieldCommitted) -> None:
        event.stop()
        await self.save_field(event)

    async def commit_typing(self) -> None:
        await self.flush()

    async def flush(self) -> bool:
        """Save what is typed and not handed in yet; False where some of it was refused.

        Then everything said before is saved, too.
        """
        saved = [await self.save_field(message) for message in self.pending()]
        async with self._saving:
            return all(saved)

    async def save_field(self, event: FieldCommitted) -> bool:
        """Save a field, unless it now differs from what stood there when the typing began."""
        async with self._saving:
            session = self.desk.session
            found = _text_at(session, event.path)
            if event.seen is not None and found is not None and found.strip() != event.seen.strip():
                self._settle(event, found)
                return False
        return await self.save(self.edits_for(event.path, event.value))

    async def save(
        self, wanted: list[tuple[str, Plain]], *, kind: ChangeKind = "edit", why: str = ""
    ) -> bool:
        """Make edits as one act; False where they were refused, with the reason told."""
        async with self._saving:
            try:
                made = edits.changes(
                    self.desk.session, wanted, who=self.desk.who, kind=kind, why=why
                )
            except PerfevalError as error:
                return self._refused(error)
            if made and not self._may_void and self.desk.session.stage in SEALED:
                if seal_holds(self.desk.session):
                    self._ask_to_void(made)
                    return False
                self._may_void = True
            return await self.apply(made)

    async def apply(self, made: list[Change]) -> bool:
        """Apply changes through the door and have everything repainted."""
        try:
            await self.desk.apply(*made)
        except Conflict as conflict:
            self._choose_one(made, conflict)
            return False
        except PerfevalError as error:
            return self._refused(error)
        self.post_message(SessionChanged())
        if made:
            self.home_app.check_again()
        return True

    def _refused(self, error: PerfevalError) -> bool:
        self.not_saved()
        self.notify(str(error), title="没有保存", severity="error", timeout=12, markup=False)
        return False

    # -- questions ------------------------------------------------------------

    def _ask_to_void(self, made: list[Change]) -> None:
        async def answered(sure: bool | None) -> None:
            if sure:
                self._may_void = True
                await self.apply(made)
            else:
                self.revert()
                self.repaint()

        text = (
            f"本任务{self.desk.session.stage}，内容已锁定。\n"
            "修改以后，上报锁定失效，须重新上报；修改记录会写明改了什么。"
        )
        question = Confirm("修改已上报的内容？", text, yes="修改", no="不改", careful=True)
        self.app.push_screen(question, answered)

    def _settle(self, event: FieldCommitted, found: str) -> None:
        """Let the user choose between what was typed and what somebody else put there meanwhile."""
        mine = self.edits_for(event.path, event.value)
        self._ask_whose(event.path, str(event.value), found, mine)

    def _choose_one(self, made: list[Change], conflict: Conflict) -> None:
        mine = next((str(one.new or "") for one in made if one.path == conflict.path), "")
        wanted = [(one.path, one.new) for one in made]
        self._ask_whose(conflict.path, mine, str(conflict.found or ""), wanted)

    def _ask_whose(
        self, path: str, mine: str, theirs: str, wanted: list[tuple[str, Plain]]
    ) -> None:
        async def answered(take_mine: bool | None) -> None:
            if take_mine:
                await self.save(wanted)
            else:
                self.take_theirs(path, theirs)

        called = label(self.desk.session, self.desk.workspace.find, path)
        choices = [
            Choice(False, f"保留他人的：{theirs or '（空）'}"),
            Choice(True, f"改成我填的：{mine or '（空）'}"),
        ]
        told = f"{called}\n您填写时，这一栏已被改过。请核对后选一个；两个值都留在修改记录里。"
        question: Pick[bool] = Pick("这一栏已被他人改过", choices, help=told)
        self.app.push_screen(question, answered)

    def take_theirs(self, path: str, text: str) -> None:
        """Give up what was typed at ``path`` for what stands there now."""
        self.not_saved()
        self.repaint()


def may_edit(session: Session, path: str) -> bool:
    """Whether this copy may change ``path``; an office's copy only its own part."""
    if not session.editable:
        return True
    try:
        require_editable(session, Change(path=path))
    except PerfevalError:
        return False
    return True


def allowed(session: Session, sections: Iterable[Section]) -> list[Section]:
    """Return the sections, with what this copy may not change only to look at."""
    if not session.editable:
        return list(sections)
    return [
        replace(one, fields=tuple(
            replace(field, read_only=field.read_only or not may_edit(session, field.path))
            for field in one.fields
        ))
        for one in sections
    ]  # fmt: skip


def may_fill(session: Session, place: str) -> bool:
    """Whether this copy may fill in something of a place of the tree."""
    evaluation, *names = place.split("#")
    path = under(evaluation, "inputs") if names == [BASE] else evaluation
    parts = session.editable
    inside = any(f"{path}/".startswith(f"{one}/") for one in parts)
    part = not names or names == [BASE]
    return not parts or inside or (part and any(one.startswith(f"{path}/") for one in parts))


def _text_at(session: Session, path: str) -> str | None:
    """Return the text that stands at ``path``; None for what is no text."""
    try:
        found = read(session, path)
    except PerfevalError:
        return None
    return str(found or "") if found is None or isinstance(found, str) else None
