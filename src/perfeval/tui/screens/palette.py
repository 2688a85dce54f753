"""查找 (Ctrl+P): commands, indicators, projects and inputs by 汉字, pinyin, initials or English."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from textual.screen import Screen

from perfeval.errors import PerfevalError
from perfeval.session.change import under
from perfeval.tui import actions
from perfeval.tui.actions import begins, matches
from perfeval.tui.screens.dialogs import Choice, Pick

if TYPE_CHECKING:
    from perfeval.tui.app import PerfevalApp
    from perfeval.tui.desk import Desk

MOST = 60
"""Lines shown; who wants more types more."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a line stands for: an action's id, or the path of an indicator, project or input."""

    kind: Literal["action", "indicator", "project", "input"]
    name: str


class Palette(Pick[Found]):
    """Everything that can be done or gone to from a screen; Enter does it."""

    def __init__(self, below: Screen[object]) -> None:
        self.below = below
        super().__init__(
            "查找命令、指标、项目、基础数据", choices_of(below), search=True, empty="没有找到",
            keys="输入查找   上下键选择   Enter 执行   Esc 取消",
        )  # fmt: skip
        self.shown = self.find("")

    def on_mount(self) -> None:
        super().on_mount()
        self.run_worker(actions.prepare, thread=True, group="pinyin", exit_on_error=False)

    def find(self, query: str) -> Sequence[Choice[Found]]:
        return best(query, self.choices)[:MOST]

    def dismiss(self, result: Found | None = None):  # type: ignore[no-untyped-def]
        """Close, then do what was found on the screen below."""
        done = super().dismiss(result)
        if result is not None:
            app: PerfevalApp = self.app  # type: ignore[assignment]
            app.call_later(_do, app, self.below, result)
        return done


async def _do(app: PerfevalApp, below: Screen[object], found: Found) -> None:
    if found.kind == "action":
        action = actions.BY_ID[found.name]
        await app.run_action(f"app.{action.id}" if action.on_app else action.id, below)
    elif found.kind == "project":
        app.open_evaluation(found.name)
    else:
        app.jump(found.name)


def best(query: str, choices: Sequence[Choice[Found]]) -> list[Choice[Found]]:
    """Return the choices a query means; those that begin with it first, actions before others."""
    found = [one for one in choices if matches(query, one.text, one.words)]
    return sorted(found, key=lambda one: not begins(query, one.text)) if query else found


def choices_of(screen: Screen[object]) -> list[Choice[Found]]:
    """Return what can be done on a screen and gone to in the open session."""
    from perfeval.tui.app import PerfevalApp
    from perfeval.tui.screens.base import SessionScreen

    app = screen.app
    assert isinstance(app, PerfevalApp)
    active = {one.binding.id for one in screen.active_bindings.values()}
    found = [
        Choice(
            Found("action", one.id), one.title,
            f"{actions.keys_text(one, app.settings.keys)}  {one.help}", f"{one.english} {one.help}",
        )
        for one in actions.ACTIONS
        if one.id in active and one.id != "palette"
    ]  # fmt: skip
    if isinstance(screen, SessionScreen) and app.desk.is_open:
        found += places(app.desk, getattr(screen, "evaluation", "department"))
    return found


def places(desk: Desk, evaluation: str) -> Iterator[Choice[Found]]:
    """Yield the indicators and inputs of the evaluation in view, then the projects."""
    try:
        result, indicator_set = desk.result(evaluation), desk.set_of(evaluation)
    except (KeyError, PerfevalError):
        pass
    else:
        for row in result.indicators:
            yield Choice(Found("indicator", row.path), row.name, f"指标  {row.code}", row.code)
        for name in indicator_set.inputs:
            path = under(f"{evaluation}/inputs", name)
            yield Choice(Found("input", path), name, "基础数据")
    for key, project in desk.session.evaluated_projects():
        yield Choice(Found("project", f"projects/{key}"), project.name, "项目", project.code)
