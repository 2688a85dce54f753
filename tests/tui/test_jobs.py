"""Whole jobs."""

from __future__ import annotations

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from perfeval.session.model import Session
from perfeval.tui.app import PerfevalApp
from tests.tui.conftest import notices, running, saved, settled, shown


class Hand:
    def __init__(self, app: PerfevalApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot
        self.keys = self.signs = 0

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.keys += 1
            self.app.post_message(events.Key(key, None))
            await settled(self.pilot)

    async def type(self, text: str) -> None:
        for sign in text:
            self.signs += 1
            self.app.post_message(events.Key(_character_to_key(sign), sign))
        await settled(self.pilot)



async def test_explore(sample: Session) -> None:
    import time
    from tests.tui.test_fields import empty_session
    t = time.perf_counter()
    async with running(saved(empty_session())) as (app, pilot):
        d = sample.department
        names = ["年初预算数", "年中调整数", "全年预算数", "全年执行数"]
        for n in names:
            for sign in d.inputs[n].value:
                app.post_message(events.Key(_character_to_key(sign), sign))
            app.post_message(events.Key("enter", None))
        await settled(pilot)
        print(shown(app))
        print(app.focused, {k: v.value for k, v in app.desk.session.department.inputs.items()})
        for k in ["f4", "ctrl+a", "f4", "ctrl+a", "f4", "ctrl+a", "f4", "ctrl+a", "f4"]:
            app.post_message(events.Key(k, None))
        await settled(pilot)
        print(shown(app))
        print(time.perf_counter() - t)
