"""Whatever people do, in whatever order, from two places: the saved session is the plain model."""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Engine, create_engine, text

from perfeval.errors import PerfevalError
from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.session.change import Change, Conflict, Plain, apply, edit, split
from perfeval.session.files import loads
from perfeval.session.merge import three_way
from perfeval.session.model import Session
from perfeval.store import Store, Workspace
from perfeval.store.workspace import create, listings

ID = "xinxiang-kexie-2024"
TEXTS = st.text(st.sampled_from("甲乙1.%“\\\"'\n🙂u0"), min_size=1, max_size=6)
ROWS = st.builds(
    lambda name, points: {"group": "履职效益", "name": name, "points": points},
    TEXTS,
    st.sampled_from(["1", "2.5", "很多"]),
)
PROJECTS = st.builds(
    lambda name, budget: {
        "set": "mof-project-2020",
        "name": name,
        "funds": {"t": {"budget": budget}},
    },
    TEXTS,
    st.sampled_from(["5", "100万元", "9" * 60]),
)
BLANK = st.none() | TEXTS
EDITS = st.one_of(
    st.tuples(st.just("source"), TEXTS),
    st.tuples(st.just("unit/phone"), BLANK),
    st.tuples(st.just("year"), st.integers(2000, 2100)),
    st.tuples(st.just("money_unit"), st.sampled_from(["元", "万元"])),
    st.tuples(st.just("statements/决算支出/value"), BLANK),
    st.tuples(st.just("department/inputs/全年执行数/value"), TEXTS | st.sampled_from(["1", "800"])),
    st.tuples(st.just("department/inputs/可剔除调整数/value"), BLANK),
    st.tuples(st.just("department/answers/B4/target"), BLANK),
    st.tuples(st.just("department/rows/新"), st.none() | ROWS),
    st.tuples(st.just("projects/p1/goal"), BLANK),
    st.tuples(st.just("projects/p2/excluded"), BLANK),
    st.tuples(st.just("projects/新"), st.none() | PROJECTS),
)
SEVERAL = st.lists(EDITS, min_size=1, max_size=4, unique_by=lambda one: one[0])
WHICH = st.integers(0, 1)


def plain(session: Session) -> dict[str, Any]:
    return session.model_dump(mode="json", exclude_defaults=True)


def put(document: dict[str, Any], path: str, value: Plain) -> dict[str, Any]:
    """Return a plain document with ``value`` at ``path``; nothing empty is left behind."""
    made = copy.deepcopy(document)
    trail, here = [], made
    *above, name = split(path)
    for segment in above:
        trail.append((here, segment))
        here = here.setdefault(segment, {})
    here[name] = copy.deepcopy(value)
    if value is None or (path == "money_unit" and value == "万元"):
        del here[name]
    for parent, segment in reversed(trail):
        if not parent[segment]:
            del parent[segment]
    return made


def at(document: dict[str, Any], path: str) -> Plain:
    here: Any = document
    for segment in split(path):
        here = here.get(segment) if isinstance(here, dict) else None
    return here


def merged(base: Any, ours: Any, theirs: Any, *, choose_theirs: bool) -> Any:
    """Three-way by path, one side's where both changed: the plain meaning of 合并."""
    if theirs in (base, ours):
        return ours
    if ours == base:
        return theirs
    if not (isinstance(base, dict) and isinstance(ours, dict) and isinstance(theirs, dict)):
        return theirs if choose_theirs else ours
    both = {
        key: merged(base.get(key), ours.get(key), theirs.get(key), choose_theirs=choose_theirs)
        for key in dict.fromkeys([*ours, *theirs])
    }
    return {key: value for key, value in both.items() if value not in (None, {})}


def with_sample(database: str) -> str:
    with Store.open(database) as store:
        create(store, loads(sample_text()), find, who="甲")
    return database


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A database with the sample in it, made once and copied for each run."""
    file = tmp_path_factory.mktemp("template") / "p.db"
    Editing.template = with_sample(str(file))


@pytest.fixture(scope="module")
def server_template(postgres: str) -> Iterator[None]:
    """The same on a PostgreSQL, which copies a database itself."""
    server = EditingOnServer
    server.admin = create_engine(postgres, isolation_level="AUTOCOMMIT")
    server.template = "stateful_template"
    server.run(f"CREATE DATABASE {server.template}")
    with_sample(server.address(server.template))
    yield
    server.run(f"DROP DATABASE {server.template} WITH (FORCE)")
    server.admin.dispose()


class Editing(RuleBasedStateMachine):
    """Two open workspaces on one database; the model is a list of documents and where we are."""

    template: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.database = self.copy_of_template()
        self.store = Store.open(self.database)
        self.open = [Workspace.open(self.store, ID) for _ in range(2)]
        session = self.open[0].session
        self.copies = [session]
        self.stage = "草稿"
        self.history = [plain(session)]
        self.now = 0

    def copy_of_template(self) -> str:
        self.folder = tempfile.TemporaryDirectory()
        return str(shutil.copy(self.template, self.folder.name))

    def teardown(self) -> None:
        self.store.close()
        self.discard()

    def discard(self) -> None:
        self.folder.cleanup()

    @property
    def model(self) -> dict[str, Any]:
        return self.history[self.now]

    def acted(self, document: dict[str, Any]) -> None:
        self.history = [*self.history[: self.now + 1], document]
        self.now += 1

    @rule(which=WHICH, one=EDITS)
    def change(self, which: int, one: tuple[str, Plain]) -> None:
        """One change, made from what this workspace last saw."""
        path, value = one
        workspace = self.open[which]
        made = edit(workspace.session, path, value, who="甲")
        stale = at(plain(workspace.session), path) != at(self.model, path)
        if stale:
            with pytest.raises(Conflict) as told:
                workspace.apply(made)
            both = (told.value.expected, told.value.found or None)
            assert both == (made.old, at(self.model, path))
        else:
            workspace.apply(made)
            self.acted(put(self.model, path, value))

    @rule(which=WHICH, several=SEVERAL)
    def group(self, which: int, several: list[tuple[str, Plain]]) -> None:
        """An import: all of it or nothing."""
        workspace = self.open[which]
        before = workspace.session
        group = f"g{self.now}-{len(self.history)}-{id(several)}"
        made = [
            edit(before, path, value, who="甲").model_copy(
                update={"group": group, "kind": "import"}
            )
            for path, value in several
        ]
        stale = any(at(plain(before), path) != at(self.model, path) for path, _ in several)
        if stale:
            with pytest.raises(Conflict):
                workspace.apply(*made)
        else:
            workspace.apply(*made)
            document = self.model
            for path, value in several:
                document = put(document, path, value)
            self.acted(document)

    @rule(which=WHICH)
    def undo(self, which: int) -> None:
        if self.now == 0:
            with pytest.raises(PerfevalError, match="没有可以撤销"):
                self.open[which].undo(who="乙")
        else:
            self.open[which].undo(who="乙")
            self.now -= 1

    @rule(which=WHICH)
    def redo(self, which: int) -> None:
        if self.now == len(self.history) - 1:
            with pytest.raises(PerfevalError, match="没有可以重做"):
                self.open[which].redo(who="乙")
        else:
            self.open[which].redo(who="乙")
            self.now += 1

    @rule(which=WHICH, to=st.sampled_from(["科室填报", "已上报", "退回修改"]))
    def move(self, which: int, to: str) -> None:
        """A stage is no act that can be undone, and hinders no undo."""
        workspace = self.open[which]
        workspace.refresh()
        old = workspace.session.stage
        workspace.apply(Change(kind="stage", path="stage", old=old, new=to))
        self.stage = to

    @rule(which=WHICH)
    def reopen(self, which: int) -> None:
        self.open[which] = Workspace.open(self.store, ID)

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = Store.open(self.database)
        self.open = [Workspace.open(self.store, ID) for _ in range(2)]

    @rule(which=WHICH)
    def hand_out(self, which: int) -> None:
        """Save a copy that somebody takes along."""
        self.copies.append(self.open[which].session)

    @precondition(lambda self: self.copies)
    @rule(which=WHICH, several=SEVERAL, pick=st.integers(0, 10), choose_theirs=st.booleans())
    def merge(
        self, which: int, several: list[tuple[str, Plain]], pick: int, *, choose_theirs: bool
    ) -> None:
        """Somebody edited a copy and brings it back; what both changed goes to either."""
        base = theirs = self.copies[pick % len(self.copies)]
        for path, value in several:
            theirs = apply(theirs, edit(theirs, path, value))
        workspace = self.open[which]
        workspace.refresh()
        found = three_way(base, workspace.session, theirs, who="丙")
        chosen = found.clashes if choose_theirs else ()
        changes = [
            *found.changes,
            *(Change(kind="merge", path=c.path, old=c.ours, new=c.theirs) for c in chosen),
        ]
        group = f"m{len(workspace.records)}"
        workspace.apply(*[one.model_copy(update={"group": group}) for one in changes])
        if changes:
            plains = (self.without_stage(plain(one)) for one in (base, theirs))
            was, now = plains
            self.acted(merged(was, self.model, now, choose_theirs=choose_theirs))

    @staticmethod
    def without_stage(document: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in document.items() if key != "stage"}

    @invariant()
    def saved_is_the_model(self) -> None:
        saved = Workspace.open(self.store, ID)
        assert self.without_stage(plain(saved.session)) == self.model
        assert saved.session.stage == self.stage
        assert saved.verify() == []

    @invariant()
    def scores_and_columns_are_those_of_a_fresh_scoring(self) -> None:
        for workspace in self.open:  # also where it is behind
            card, fresh = workspace.scorecard, score_session(workspace.session, workspace.find)
            assert card.department is not None
            assert fresh.department is not None
            assert card.department.total == fresh.department.total
            assert card.department.grade == fresh.department.grade
            totals = [one.result and one.result.total for one in card.projects]
            assert totals == [one.result and one.result.total for one in fresh.projects]
        (line,) = listings(self.store)
        saved = Workspace.open(self.store, ID).scorecard
        assert saved.department is not None
        assert line.total == saved.department.total


class EditingOnServer(Editing):
    """The same on a PostgreSQL."""

    admin: ClassVar[Engine]

    @classmethod
    def run(cls, statement: str) -> None:
        with cls.admin.connect() as connection:
            connection.execute(text(statement))

    @classmethod
    def address(cls, database: str) -> str:
        return cls.admin.url.set(database=database).render_as_string(hide_password=False)

    def copy_of_template(self) -> str:
        self.name = f"s{uuid4().hex}"
        self.run(f"CREATE DATABASE {self.name} TEMPLATE {self.template}")
        return self.address(self.name)

    def discard(self) -> None:
        self.run(f"DROP DATABASE {self.name} WITH (FORCE)")


class LongEditing(Editing):
    """The same, longer."""


class LongEditingOnServer(EditingOnServer):
    """The same, longer."""


on_file, on_server = (pytest.mark.usefixtures(one) for one in ("template", "server_template"))
TestEditing = on_file(Editing.TestCase)
TestEditing.settings = settings(max_examples=5, stateful_step_count=15)
TestEditingOnServer = on_server(EditingOnServer.TestCase)
TestEditingOnServer.settings = settings(max_examples=3, stateful_step_count=15)
TestLongEditing = pytest.mark.soak(on_file(LongEditing.TestCase))
TestLongEditing.settings = settings(max_examples=500, stateful_step_count=60)
TestLongEditingOnServer = pytest.mark.soak(on_server(LongEditingOnServer.TestCase))
TestLongEditingOnServer.settings = settings(max_examples=60, stateful_step_count=40)
