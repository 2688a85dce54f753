"""The interface in a test: an own home, a fixed clock, keys pressed and conditions waited for."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from perfeval.indicators.library import find
from perfeval.samples import NAME, sample_text
from perfeval.session.files import loads
from perfeval.session.model import Session
from perfeval.tui.app import PerfevalApp

NOW = datetime(2025, 3, 14, 14, 3, 5)
WHO = "王会计"
WIDE, NARROW = (120, 40), (80, 24)
GIVE_UP = 60
"""Seconds after which what is waited for will never come, on the slowest machine."""


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run ``async def test_…`` in an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    given = {name: pyfuncitem.funcargs[name] for name in names if name in pyfuncitem.funcargs}
    asyncio.run(pyfuncitem.obj(**given))
    return True


@pytest.fixture(autouse=True)
def at_work(user_home: Path) -> Iterator[Path]:
    """Everybody is 王会计 of an own home in China; nothing of the developer's machine is seen."""
    with pytest.MonkeyPatch.context() as here:
        here.setenv("PERFEVAL_USER", WHO)
        here.setenv("TZ", "Asia/Shanghai")
        here.delenv("PERFEVAL_DATABASE", raising=False)
        if hasattr(time, "tzset"):
            time.tzset()
        yield user_home
    if hasattr(time, "tzset"):
        time.tzset()


@pytest.fixture
def sample() -> Session:
    """The worked example as it is shipped."""
    return loads(sample_text(), f"{NAME}.yaml")


def saved(session: Session) -> str:
    """Save a session into the home of this test; return its id."""
    from perfeval.store import Store
    from perfeval.store.workspace import create

    with Store.open() as store:
        create(store, session, find, who=WHO)
    return session.id


@asynccontextmanager
async def running(
    open_at_start: str = "", *, size: tuple[int, int] = WIDE, notices_shown: bool = False
) -> AsyncIterator[tuple[PerfevalApp, Pilot[None]]]:
    """Run the app in a terminal of ``size``, its clock at :data:`NOW`; it has settled."""
    app = PerfevalApp(None, open_at_start)
    app.desk.now = lambda: NOW
    app.PAUSE = 0
    try:
        async with app.run_test(size=size, notifications=notices_shown) as pilot:
            await settled(pilot)
            yield app, pilot
    finally:
        app.desk.close()


async def settled(pilot: Pilot[None], until: Callable[[], object] = lambda: True) -> None:
    """Wait until no worker runs, everything is painted and ``until`` holds.

    A worker that asks something has settled while its dialog waits for the answer. A condition
    that never comes fails the test; no test depends on how long one takes.
    """
    async with asyncio.timeout(GIVE_UP):
        while True:
            await pilot.pause()
            if pilot.app.screen.is_attached and not _busy(pilot) and until():
                await pilot.pause()
                return


def _busy(pilot: Pilot[None]) -> bool:
    app = pilot.app
    assert isinstance(app, PerfevalApp)
    answers = app.screen._result_callbacks
    asked = bool(answers) and answers[-1].future is not None
    return (
        app.desk.busy
        or app.type_ahead.busy
        or app.message_queue_size > 0
        or any(
            not worker.is_finished and not (worker.group in ("asking", "going") and asked)
            for worker in app.workers
        )
    )


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each when everything the one before it started is done."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def type_text(pilot: Pilot[None], text: str) -> None:
    """Type a text into the focused field, as an input method hands it over: sign by sign."""
    for sign in text:
        key = "enter" if sign == "\n" else _character_to_key(sign)
        pilot.app.post_message(events.Key(key, sign))
    await settled(pilot)


def shown(app: PerfevalApp) -> str:
    """Return the text on the screen, line by line, without trailing spaces."""
    width, height = app.size
    lines = [
        "".join(segment.text for segment in app.screen._compositor.render_strips()[y])
        for y in range(height)
    ]
    assert width
    return "\n".join(line.rstrip() for line in lines)


def notices(app: PerfevalApp) -> list[str]:
    """Return what was told in notifications, oldest first."""
    return [notice.message for notice in app._notifications]


@contextmanager
def deleted_by_another(session: Session) -> Iterator[None]:
    """Somebody else has deleted the task meanwhile: every save is refused until it is restored."""
    from perfeval.store import Store
    from perfeval.store.listing import delete_session, restore_session

    with Store.open() as store:
        delete_session(store, session.id)
        yield
        restore_session(store, session.id)
