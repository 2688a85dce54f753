"""Evidence and stock reasons: what the workbench asks for in a dialog and puts into a field."""

from __future__ import annotations

from pathlib import Path

from textual import on

from perfeval.places import documents_folder
from perfeval.session.change import join, under
from perfeval.tui.messages import FileChosen, FileWanted
from perfeval.tui.screens.dialogs import Ask, Choice, Confirm, Pick
from perfeval.tui.screens.editing import EditingScreen
from perfeval.tui.screens.files import ChooseFile
from perfeval.tui.widgets.field import FieldWidget


class AttachingScreen(EditingScreen):
    """A screen whose fields take files and sentences to begin with."""

    def take_offer(self, widget: FieldWidget) -> bool:
        """Take what is offered in a field, or let a sentence be chosen to begin its text with;
        whether there is either.
        """
        if (offer := widget.offer()) is not None:
            widget.take_in(offer.text)
            widget.done()
            return True
        if widget.field.stock and not widget.field.read_only:
            self.pick_stock(widget)
            return True
        return False

    def pick_stock(self, widget: FieldWidget) -> None:
        """Put a stock sentence into a long text, to be edited there."""

        def chosen(text: str | None) -> None:
            if text and widget.is_attached:
                widget.take_in(f"{widget.text.strip()}{text}")
                widget.editor.focus()

        choices = [Choice(text, cause, note=text) for cause, text in widget.field.stock]
        told = "选一句放进去再改；（　）处请填实际情况。"
        title = f"{widget.field.label}：常用语"
        self.app.push_screen(Pick(title, choices, help=told), chosen)

    @on(FileWanted)
    async def _wanted(self, event: FileWanted) -> None:
        event.stop()
        await self.flush()
        path = event.path.rpartition("/")[0]

        async def chosen(file: Path | None) -> None:
            if file is not None:
                await self.take_file(path, file)

        self.app.push_screen(ChooseFile("附加佐证材料", (), documents_folder()), chosen)

    async def take_file(self, path: str, file: Path) -> None:
        """Attach a file; it is copied beside the database."""
        from perfeval.store.evidence import Attached, attach, evidence_folder

        desk = self.desk

        def kept() -> Attached:
            return attach(desk.session, evidence_folder(desk.store), path, file, who=desk.who)

        made = await self.home_app.attempt(desk.run(kept))
        if made is None:
            return
        if not made.changes:
            self.notify("这份文件已经附在这里")
        elif await self.apply(list(made.changes)):
            told = [f"已附加，编号 {made.number}", *map(str, made.problems)]
            self.notify("。".join(told), markup=False)

    @on(FileChosen)
    def _file(self, event: FileChosen) -> None:
        event.stop()
        if event.what == "page":
            self._note_page(event.key)
        else:
            self._give_up_file(event.path.rpartition("/")[0], event.key)

    def _note_page(self, key: str) -> None:
        async def answered(page: str | None) -> None:
            if page is not None:
                await self.save([(under(join("evidence", key), "page"), page)])

        one = self.desk.session.evidence[key]
        told = f"{one.number} {one.name}\n注明在第几页可以看到，如 3、5-8"
        self.app.push_screen(Ask("所在页码", one.page, help=told), answered)

    def _give_up_file(self, path: str, key: str) -> None:
        from perfeval.store.evidence import detach

        async def answered(sure: bool | None) -> None:
            if sure:
                await self.apply(list(detach(self.desk.session, key, path, who=self.desk.who)))

        one = self.desk.session.evidence[key]
        text = "只从这一项取下；文件还在，Ctrl+Z 可以撤销。"
        self.app.push_screen(Confirm(f"取下“{one.name}”？", text, yes="取下"), answered)
