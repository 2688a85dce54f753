"""Four processes edit one session at once, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.session.files import loads
from perfeval.store import Store, Workspace
from perfeval.store.workspace import create, listings

if TYPE_CHECKING:
    from tests.store.conftest import Editor

FIELDS = (
    "department/inputs/全年执行数/value",
    "department/inputs/可剔除调整数/value",
    "department/answers/B4/target",
    "department/rows/D1/actual",
)


@pytest.fixture
def four(editors: list[Editor], database: str) -> list[Editor]:
    """The four, each with the sample open, saved before by this process."""
    with Store.open(database) as store:
        create(store, loads(sample_text()), find, who="甲")
    for one in editors:
        one.tell("open", database=database, session="xinxiang-kexie-2024")
    assert [one.hear() for one in editors] == [{"done": True}] * 4
    return editors


@pytest.fixture(autouse=True)
def _closed(editors: list[Editor]) -> object:
    yield
    for one in editors:
        assert one.ask("close")


def different_fields(database: str, four: list[Editor], times: int) -> None:
    for one, path in zip(four, FIELDS, strict=True):
        one.tell("edit", path=path, times=times, who=path)
    assert [one.hear() for one in four] == [{"done": True}] * 4
    with Store.open(database) as store:
        workspace = Workspace.open(store, "xinxiang-kexie-2024")
        assert workspace.verify() == []
        made = [record.change for record in workspace.records[1:]]
        assert [record.n for record in workspace.records] == list(range(1, 4 * times + 2))
        for path in FIELDS:
            assert [c.new for c in made if c.path == path] == [f"{n + 1}" for n in range(times)]


def one_field(database: str, four: list[Editor], rounds: int) -> None:
    path, stands = FIELDS[0], "741.99"
    for n in range(rounds):
        for k, one in enumerate(four):
            one.tell("race", path=path, old=stands, new=f"{n}.{k}", who=f"{k}")
        answers = [one.hear()["done"] for one in four]
        (won,) = [answer["won"] for answer in answers if "won" in answer]
        told = [answer for answer in answers if "told" in answer]
        assert len(told) == 3
        for answer in told:
            assert (answer["expected"], answer["found"]) == (stands, won)
            assert f"“{won}”" in answer["told"]
            assert f"“{stands}”" in answer["told"]
        stands = won
    with Store.open(database) as store:
        workspace = Workspace.open(store, "xinxiang-kexie-2024")
        assert workspace.verify() == []
        assert len(workspace.records) == rounds + 1


def test_different_fields_of_one_evaluation_all_succeed_on_one_chain(
    database: str, four: list[Editor]
) -> None:
    different_fields(database, four, times=10)


def test_in_one_field_exactly_one_wins_and_the_others_are_told_both_values(
    database: str, four: list[Editor]
) -> None:
    one_field(database, four, rounds=10)


@pytest.mark.soak
def test_long_editing_of_different_fields(database: str, four: list[Editor]) -> None:
    different_fields(database, four, times=500)


@pytest.mark.soak
def test_long_racing_for_one_field(database: str, four: list[Editor]) -> None:
    one_field(database, four, rounds=500)


def test_a_database_is_made_once_when_all_open_it_at_once(
    database: str, editors: list[Editor]
) -> None:
    for one in editors:
        one.tell("open", database=database)
    assert [one.hear() for one in editors] == [{"done": True}] * 4
    with Store.open(database) as store:
        assert listings(store) == []
