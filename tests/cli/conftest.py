"""Somebody at the command line: what they type, what it prints, and with which exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from perfeval.cli.app import run

Elsewhere = Callable[[Path], None]


class Terminal:
    """Runs commands in this process; every one is held to its exit code and shows no traceback."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.beside = ""
        """What the last command said beside its output (warnings, errors)."""

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Run a command; return what it printed, or for exit code 2 what it said was wrong."""
        found = run(arguments)
        captured = self._capsys.readouterr()
        self.beside = captured.err
        assert found == code, captured.err + captured.out
        assert "Traceback" not in captured.err + captured.out
        return captured.err if code == 2 else captured.out

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run a command with ``--json``; return the data it printed."""
        return json.loads(self(*arguments, "--json", code=code))


@pytest.fixture
def do(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


@pytest.fixture(autouse=True)
def at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name who is at work, and let no database of the machine's own be used."""
    monkeypatch.setenv("PERFEVAL_USER", "甲/财务科")
    monkeypatch.delenv("PERFEVAL_DATABASE", raising=False)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """Return what seats you at another computer, by its data folder."""

    def move(folder: Path) -> None:
        monkeypatch.setenv("PERFEVAL_HOME", str(folder))

    return move


@pytest.fixture
def made(do: Terminal) -> str:
    """The worked example, saved; its id."""
    do("sessions", "new", "kexie", "--from", "sample")
    return "kexie"
