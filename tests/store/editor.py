"""Another process that edits a session: one command a line on stdin, one answer a line on stdout.

Started by ``conftest.Editor``; not a test itself.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from perfeval.errors import PerfevalError
from perfeval.session.change import Change, Conflict, edit
from perfeval.store import Store, Workspace

COUNTED = ("statements/计数/value", "department/inputs/全年执行数/value", "projects/p1/code")
"""Three fields that lie in three rows of the database, changed together."""


class Editing:
    """What this process has open."""

    def __init__(self) -> None:
        self.store: Store | None = None
        self.workspace: Workspace | None = None

    def open(self, database: str, session: str = "") -> bool:
        """Open a database and perhaps a session in it."""
        self.close()
        self.store = Store.open(database)
        self.workspace = Workspace.open(self.store, session) if session else None
        return True

    def close(self) -> bool:
        if self.store is not None:
            self.store.close()
        self.store = self.workspace = None
        return True

    def race(self, path: str, old: Any, new: Any, who: str) -> dict[str, Any]:
        """Make one change from a given value; a conflict is an answer."""
        assert self.workspace is not None
        try:
            self.workspace.apply(Change(path=path, old=old, new=new, who=who))
        except Conflict as conflict:
            return {"expected": conflict.expected, "found": conflict.found, "told": str(conflict)}
        return {"won": new}

    def edit(self, path: str, times: int, who: str) -> bool:
        """Change one field so many times."""
        assert self.workspace is not None
        for n in range(1, times + 1):
            self.workspace.apply(edit(self.workspace.session, path, f"{n}", who=who))
        return True

    def count(self, database: str, session: str) -> bool:
        """Let a child count on, saving and acknowledging each number, until it is killed."""
        self.close()
        child = os.fork()
        if child == 0:
            _answer({"pid": os.getpid()})
            self.open(database, session)
            assert self.workspace is not None
            n = int(self.workspace.session.statements["计数"].value)
            while True:
                n += 1
                now = self.workspace.session
                changes = [edit(now, path, f"{n}", who="甲") for path in COUNTED]
                group = {"group": f"{n}"}
                self.workspace.apply(*[one.model_copy(update=group) for one in changes])
                _answer({"saved": n})
        os.waitpid(child, 0)
        return True


def _answer(answer: Any) -> None:
    os.write(1, f"{json.dumps(answer, ensure_ascii=False)}\n".encode())


def main() -> None:
    editing = Editing()
    for line in sys.stdin:
        command = json.loads(line)
        try:
            _answer({"done": getattr(editing, command.pop("do"))(**command)})
        except PerfevalError as error:
            _answer({"error": str(error)})


if __name__ == "__main__":
    main()
