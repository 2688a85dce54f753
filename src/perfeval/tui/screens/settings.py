"""设置, drawn from the model of the settings: a field a line, each with what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, get_args

from pydantic.fields import FieldInfo
from rich.cells import set_cell_size
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Label, Select, Static

from perfeval.errors import PerfevalError
from perfeval.places import data_folder
from perfeval.settings import Settings, changed, pairs_text
from perfeval.tui import actions
from perfeval.tui.screens.base import BaseScreen
from perfeval.tui.widgets.entry import Entry
from perfeval.tui.widgets.keybar import KeyBar


class SettingLine(Entry):
    """A setting that is typed; up and down go to the other ones."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, name: str, value: str) -> None:
        super().__init__(value, id=name, limit=2_000)


class SettingsScreen(BaseScreen):
    """Every setting; what is typed or chosen is saved at once."""

    CSS_PATH = "settings.tcss"
    ALONE = True
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "返回", id="back")]

    def compose(self) -> ComposeResult:
        yield Static(" 设置", id="title", markup=False)
        with VerticalScroll(id="settings", can_focus=False):
            for name, field in Settings.model_fields.items():
                with Vertical(classes="setting"):
                    with Horizontal(classes="setting-line"):
                        yield Label(field.title or name, classes="setting-title", markup=False)
                        yield self._editor(name, field)
                    yield Label(field.description or "", classes="setting-about", markup=False)
                    yield Static("", id=f"said-{name}", classes="setting-said", markup=False)
            yield Static(places_text(self.desk.database), id="places", markup=False)
            yield Static("", id="operations", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        super().on_mount()
        self._show_operations()

    def _show_operations(self) -> None:
        told = operations_text(self.home_app.settings.keys)
        self.query_one("#operations", Static).update(told)

    def _editor(self, name: str, field: FieldInfo) -> Input | Select[str]:
        value = getattr(self.home_app.settings, name)
        options = get_args(field.annotation)
        if value in options:  # one of a few words
            pairs = [(one, one) for one in options]
            return Select(pairs, value=value, id=name, allow_blank=False, compact=True)
        return SettingLine(name, pairs_text(value) if isinstance(value, dict) else value)

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        self._set(event.select.id or "", str(event.value))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._set(event.input.id or "", event.value)
        self.focus_next()

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        event.stop()
        self._set(event.input.id or "", event.value)

    def _set(self, name: str, text: str) -> None:
        """Save one setting and act by it, or say beside it what is wrong."""
        old = self.home_app.settings
        new, problem = changed(old, name, text)
        told = [problem] if problem else []
        if not problem and new != old:
            try:
                told = self.home_app.use_settings(new)
                self._show_operations()
            except PerfevalError as error:
                told = [str(error)]
        said: Static = self.query_one(f"#said-{name}", Static)
        said.update("\n".join(told))
        said.display = bool(told)

    async def commit_typing(self) -> None:
        """Save the setting being typed."""
        if isinstance(self.focused, SettingLine):
            self._set(self.focused.id or "", self.focused.value)

    async def action_back(self) -> None:
        """Save what is being typed and close."""
        await self.commit_typing()
        self.app.pop_screen()


def places_text(database: str | None) -> str:
    """Return where the user's data is: to look at, not to change here."""
    where: Any = database or "perfeval.db"
    return "\n".join(
        [
            f"数据位置    {data_folder()}",
            f"数据库      {where}（换位置：启动时用 --database，或设 PERFEVAL_HOME）",
        ]
    )


def operations_text(keys: Mapping[str, str]) -> str:
    """Return every operation by the id it has in 按键, with its keys as they are now."""
    good, _ = actions.keymap(keys)
    lines = [
        f"{one.id:<22}{set_cell_size(one.title, 16)}{actions.keys_text(one, good)}"
        for one in actions.ACTIONS
    ]
    return "\n".join(["各操作的编号、名称和现在的按键（PgDn 往下看）", "", *lines])
