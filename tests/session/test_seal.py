"""上报锁定: it covers whatever is the unit's own word, and nothing that is said of it later."""

from __future__ import annotations

from typing import Any

import pytest

from perfeval.samples import sample_text
from perfeval.session.change import apply, edit
from perfeval.session.files import loads
from perfeval.session.model import Session, Submission
from perfeval.session.seal import is_self_path, seal, seal_holds

FILE = {"name": "批文.pdf", "sha256": "a" * 64, "size": 3}
FINDING = {"check": "L27", "path": "department", "reason": "对账前的数"}
OWN_WORD: list[tuple[str, Any]] = [
    ("unit/head", "丙"),
    ("year", 2023),
    ("money_unit", "元"),
    ("department/inputs/全年执行数/value", "742"),
    ("department/inputs/全年执行数/source", "决算表"),
    ("department/answers/B3/target", "≤30%"),
    ("department/rows/D1/actual", "99%"),
    ("department/row_order", ["D2", "D1"]),
    ("projects/p6/goal_done", "已完成"),
    ("project_order", ["p2", "p1"]),
    ("claimed/department~1total", "96.41"),
    ("statements/决算支出/value", "742"),
    ("texts/主要职责", "科普"),
    ("assumed/department~1total", "推定"),
    ("waivers", [FINDING]),
    ("evidence/f", FILE),
    ("pinned/mof-project-2020", "b" * 64),
]
SAID_AFTERWARDS: list[tuple[str, Any]] = [
    ("stage", "复核中"),
    ("marks/department~1answers~1B3", {"verdict": "认可"}),
    ("feedback/department~1answers~1B3", {"accepted": True}),
    ("remedies/department~1answers~1B3~1扣分", {"measure": "编细预算"}),
    ("remedies/department~1answers~1B3~1扣分", {"measure": "按季度通报", "state": "整改中"}),
    ("submissions", []),
    ("sent/财务科", {"head": "c" * 64}),
    ("previous/department~1total", "95"),
    ("working_as", "财务科"),
    ("editable", ["department/answers/B3"]),
    ("source", "另一份报告"),
]


@pytest.fixture(scope="module")
def sealed() -> Session:
    session = loads(sample_text())
    session = apply(session, edit(session, "evidence/e", FILE))
    done = Submission(number=1, seal=seal(session), head="d" * 64)
    return session.model_copy(update={"submissions": (done,)})


@pytest.mark.parametrize(("path", "new"), OWN_WORD)
def test_whatever_the_unit_changes_voids_the_seal_until_it_is_taken_back(
    sealed: Session, path: str, new: Any
) -> None:
    assert is_self_path(path)
    change = edit(sealed, path, new)
    changed = apply(sealed, change)
    assert seal_holds(changed) is False
    assert seal_holds(apply(changed, change.inverse())) is True


def test_another_file_under_the_same_name_voids_the_seal(sealed: Session) -> None:
    assert seal_holds(apply(sealed, edit(sealed, "evidence/e/sha256", "f" * 64))) is False


@pytest.mark.parametrize(("path", "new"), SAID_AFTERWARDS)
def test_what_is_said_of_it_afterwards_leaves_the_seal(
    sealed: Session, path: str, new: Any
) -> None:
    assert not is_self_path(path)
    assert seal(apply(sealed, edit(sealed, path, new))) == seal(sealed)


def test_every_part_of_a_session_is_one_or_the_other() -> None:
    named = {path.partition("/")[0] for path, _ in [*OWN_WORD, *SAID_AFTERWARDS]}
    assert named | {"format", "id"} == set(Session.model_fields)
