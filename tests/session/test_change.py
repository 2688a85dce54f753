"""Paths and the one door for edits: apply, inverse, conflict."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from perfeval.errors import PerfevalError
from perfeval.samples import sample_text
from perfeval.session.change import (
    Change,
    Conflict,
    PathError,
    apply,
    edit,
    join,
    read,
    require_name,
    split,
)
from perfeval.session.files import dumps, loads
from perfeval.session.model import Answer, Project, Session

SAMPLE = loads(sample_text())


def changed(session: Session, path: str, new: Any) -> Session:
    return apply(session, edit(session, path, new))


def back(session: Session, path: str, new: Any) -> Session:
    """Apply an edit and take it back."""
    change = edit(session, path, new)
    return apply(apply(session, change), change.inverse())


# --- paths -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("unit/name", "新乡市科学技术协会"),
        ("department/inputs/全年预算数/value", "838.1"),
        ("department/answers/B3/target", "≤10%"),
        ("department/answers/A1/elements/预算项目与目标密切相关", True),
        ("department/rows/D1/actual", "95%"),
        ("projects/p6/funds/total/executed", "26.6"),
        ("projects/p6/tier_rates/产出指标", "91.9%"),
        ("claimed/department~1total", "97.84"),
        ("statements/决算支出/value", "741.64"),
        ("department/answers/B3/manual_score", ""),  # a field nothing was entered in
        ("department/answers/没有的", None),
        ("department/answers/没有的/target", None),
        ("projects/p99/name", None),
    ],
)
def test_what_stands_at_a_path(path: str, value: object) -> None:
    assert read(SAMPLE, path) == value


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("", "不完整"),
        ("/unit", "不完整"),
        ("unit//name", "不完整"),
        ("unit/name/", "不完整"),
        ("departmnet/inputs", "“departmnet”不是可填的项。是否想写“department”？"),
        ("department/answers/B3/taget", "“taget”不是可填的项。是否想写“target”？"),
        ("unit/name/x", "在“x”处不通"),
        ("waivers/0", "在“0”处不通"),
        ("department/answers/B3/__class__", "“__class__”不是可填的项"),
    ],
)
def test_a_path_that_leads_nowhere(path: str, told: str) -> None:
    with pytest.raises(PathError, match="位置“") as refused:
        read(SAMPLE, path)
    assert told in str(refused.value)
    with pytest.raises(PathError):
        apply(SAMPLE, Change(path=path, old=None, new="x"))


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=5))
def test_any_names_make_a_path_and_come_back(names: list[str]) -> None:
    assert split(join(*names)) == names


def test_a_name_with_a_slash_is_escaped() -> None:
    path = join("claimed", "projects/p6/score~草稿")
    assert path == "claimed/projects~1p6~1score~0草稿"
    after = changed(SAMPLE, path, "90.31")
    assert after.claimed["projects/p6/score~草稿"] == "90.31"


# --- apply -----------------------------------------------------------------------------------


def test_an_edit_makes_a_new_session_and_leaves_the_old_one() -> None:
    after = changed(SAMPLE, "department/inputs/全年预算数/value", "840")
    assert read(after, "department/inputs/全年预算数/value") == "840"
    assert read(SAMPLE, "department/inputs/全年预算数/value") == "838.1"


def test_unchanged_parts_are_shared() -> None:
    after = changed(SAMPLE, "projects/p6/funds/total/executed", "27")
    assert after.department is SAMPLE.department
    assert after.claimed is SAMPLE.claimed
    assert after.projects["p1"] is SAMPLE.projects["p1"]
    assert after.projects["p6"].tier_rates is SAMPLE.projects["p6"].tier_rates
    assert after.projects["p6"] is not SAMPLE.projects["p6"]


def test_the_first_field_of_an_answer_makes_the_answer() -> None:
    after = changed(SAMPLE, "department/answers/C1/target", "≥95%")
    assert after.department is not None
    assert after.department.answers["C1"] == Answer(target="≥95%")
    ticked = changed(SAMPLE, "department/answers/C1/elements/齐全", True)
    assert read(ticked, "department/answers/C1") == {"elements": {"齐全": True}}


def test_an_answer_with_nothing_left_in_it_is_gone() -> None:
    after = changed(SAMPLE, "department/answers/C5/actual", "")
    assert read(after, "department/answers/C5") is None
    assert back(SAMPLE, "department/answers/C5/actual", "") == SAMPLE


def test_adding_changing_and_removing_a_row() -> None:
    row = {"group": "满意度", "name": "单位满意度", "points": "5", "target": "≥90%"}
    added = changed(SAMPLE, "department/rows/G2", row)
    assert read(added, "department/rows/G2") == row
    edited = changed(added, "department/rows/G2/actual", "93%")
    assert read(edited, "department/rows/G2") == row | {"actual": "93%"}
    removed = changed(edited, "department/rows/G2", None)
    assert removed == SAMPLE
    assert removed.department is not None
    assert "G2" not in removed.department.rows


def test_adding_and_removing_a_project() -> None:
    project = {"set": "mof-project-2020", "name": "科技活动周", "funds": {"t": {"budget": "3"}}}
    added = changed(SAMPLE, "projects/p10", project)
    assert added.projects["p10"] == Project.model_validate(project)
    assert changed(added, "projects/p10", None) == SAMPLE
    assert back(SAMPLE, "projects/p9", None) == SAMPLE


def test_the_order_of_projects_is_one_value() -> None:
    order = ["p2", "p1"]
    after = changed(SAMPLE, "project_order", order)
    assert [key for key, _ in after.ordered_projects()][:2] == order
    assert back(SAMPLE, "project_order", order) == SAMPLE


@pytest.mark.parametrize(
    ("path", "new", "told"),
    [
        ("unit/name", None, "不能为空"),
        ("unit/name", "", "不能为空"),
        ("projects/p1/set", None, "不能为空"),
        ("year", 1, "太小"),
        ("year", "今年", "内容不合要求"),
        ("id", "含 空格", "格式不合要求"),
        ("money_unit", "亿元", "内容不合要求"),
        ("department/answers/B3/target", "x" * 401, "太长"),
        ("department/answers/B3/target", ["≤10%"], "应是文字"),
        ("department/answers/A1/elements/甲", "也许", "应是“是”或“否”"),
        ("department/rows/G2", {"name": "没有分组"}, "缺少“group”"),
        ("department/rows/G2/actual", "95%", "缺少“group”"),
        ("department/rows/G2", {"group": "满意度", "nmae": "x"}, "没有“nmae”这一项"),
        ("department/rows/含 空格", {"group": "满意度"}, "格式不合要求"),
        ("projects/p10/name", "没有指标体系", "缺少“set”"),
    ],
)
def test_a_value_that_a_session_file_would_not_hold(path: str, new: Any, told: str) -> None:
    """An edit is held to every limit of the file, or a session could be saved and not read."""
    with pytest.raises(PathError) as refused:
        apply(SAMPLE, Change(path=path, old=read(SAMPLE, path), new=new))
    message = str(refused.value)
    assert message.startswith(f"{path}：")
    assert told in message
    with pytest.raises(PathError):
        edit(SAMPLE, path, new)


def test_a_department_that_is_not_there() -> None:
    empty = SAMPLE.model_copy(update={"department": None})
    with pytest.raises(PathError, match="不通"):
        apply(empty, Change(path="department/answers/B3/target", new="≤10%"))
    whole = read(SAMPLE, "department")
    assert changed(empty, "department", whole) == SAMPLE


@pytest.mark.parametrize("year", [1, 1999, 2101, 9999])
def test_a_change_is_made_in_our_time_and_zone(year: int) -> None:
    for when in (datetime(year, 1, 1, tzinfo=UTC), datetime(2024, 1, 1)):
        with pytest.raises(ValidationError):
            Change(path="source", new="x", when=when)
    assert Change(path="source", when=datetime(2100, 12, 31, tzinfo=UTC)).when.year == 2100


@pytest.mark.parametrize("who", ["甲\n乙", "甲\u202e乙", "\x1b[31m甲", "甲" * 101])
def test_a_name_shows_as_it_is(who: str) -> None:
    with pytest.raises(PerfevalError, match=r"看不见的字符.*请重新填写姓名") as told:
        require_name(who)
    assert str(told.value).isprintable()


@pytest.mark.parametrize("who", ["", "张 三（财务科）", "O'Neil · 财务", "甲" * 100])
def test_any_other_name_will_do(who: str) -> None:
    require_name(who)


# --- conflict --------------------------------------------------------------------------------


def test_a_conflict_tells_both_values() -> None:
    mine = edit(SAMPLE, "department/answers/B3/target", "≤12%")
    theirs = changed(SAMPLE, "department/answers/B3/target", "≤15%")
    with pytest.raises(Conflict) as refused:
        apply(theirs, mine)
    assert (refused.value.expected, refused.value.found) == ("≤10%", "≤15%")
    assert str(refused.value) == (
        "department/answers/B3/target：已被改为“≤15%”（您看到的是“≤10%”）。请核对后重填"
    )


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (None, "空"),
        ("", "空"),
        ([], "空"),
        (False, "否"),
        ({"group": "产出指标", "name": "场次", "qualitative": True}, "产出指标、场次、是"),
        (["a", "b"], "a、b"),
        ("一\n二\u202e", "一 二"),
        ("长" * 100, "长" * 60 + "…"),
    ],
)
def test_a_conflict_shows_any_value_in_one_line(value: Any, line: str) -> None:
    assert f"已被改为“{line}”（您看到的是“空”）" in str(Conflict("source", None, value))


def test_two_people_in_different_fields_both_succeed() -> None:
    mine = edit(SAMPLE, "department/answers/B3/target", "≤12%")
    theirs = edit(SAMPLE, "department/answers/B4/target", "≤5%")
    both = apply(apply(SAMPLE, mine), theirs)
    assert both == apply(apply(SAMPLE, theirs), mine)


def test_the_same_row_added_twice_is_a_conflict() -> None:
    first = edit(SAMPLE, "department/rows/G2", {"group": "满意度", "name": "甲"})
    second = edit(SAMPLE, "department/rows/G2", {"group": "满意度", "name": "乙"})
    with pytest.raises(Conflict):
        apply(apply(SAMPLE, first), second)


def test_nothing_and_an_empty_text_are_the_same_blank() -> None:
    change = Change(path="department/answers/C1/target", old="", new="≥95%")
    assert read(apply(SAMPLE, change), change.path) == "≥95%"


# --- inverse ---------------------------------------------------------------------------------


def test_an_undo_names_what_it_takes_back_and_its_undo_is_a_redo() -> None:
    change = edit(SAMPLE, "unit/phone", "电话甲", who="甲", why="补填").model_copy(
        update={"group": "g1"}
    )
    undo = change.inverse(who="乙", why="填错")
    assert (undo.kind, undo.undoes, undo.group) == ("undo", change.id, "g1")
    assert (undo.old, undo.new, undo.who, undo.why) == ("电话甲", "", "乙", "填错")
    redo = undo.inverse()
    assert (redo.kind, redo.undoes, redo.new) == ("redo", undo.id, "电话甲")
    assert len({change.id, undo.id, redo.id}) == 3


def leaf_paths(session: Session) -> list[str]:
    """Every path of the session file, down to its texts."""

    def walk(value: Any, names: tuple[str, ...]) -> list[str]:
        if isinstance(value, dict):
            return [path for key, item in value.items() for path in walk(item, (*names, key))]
        return [join(*names)]

    return walk(session.model_dump(mode="json", exclude_defaults=True), ())


NEW_PATHS = [
    "department/inputs/财政收回数/value",
    "department/inputs/财政收回数",
    "department/inputs/全年预算数",
    "department/answers/C1/target",
    "department/answers/C1/elements/齐全",
    "department/answers/C1/manual_score",
    "department/rows/D1/numerator",
    "projects/p1/funds/other/budget",
    "projects/p1/tier_rates/成本指标",
    "claimed/department~1rate",
    "statements/新的",
    "statements/新的/note",
    "assumed/department~1rows~1D1~1target",
    "unit/code",
]
texts = st.sampled_from(["", "0", "95%", "不适用", "≥100%", "  ", "=1+1", "838.10", "某"])


@given(st.lists(st.tuples(st.sampled_from(leaf_paths(SAMPLE) + NEW_PATHS), texts | st.none())))
def test_taking_back_gives_the_same_session(edits: list[tuple[str, str | None]]) -> None:
    """Whatever is edited, undoing it in the opposite order restores every session on the way."""
    sessions, changes = [SAMPLE], []
    for path, new in edits:
        try:
            change = edit(sessions[-1], path, new)
            after = apply(sessions[-1], change)
        except PathError:  # a text where a yes or no belongs, a required field emptied
            continue
        assert loads(dumps(after)) == after.in_stated_order()
        sessions.append(after)
        changes.append(change)
    for change, after, before in zip(
        reversed(changes), reversed(sessions), reversed(sessions[:-1]), strict=False
    ):
        assert apply(after, change.inverse()) == before


@given(st.sampled_from([p for p in leaf_paths(SAMPLE) if "/" in p]), texts)
def test_an_undone_edit_can_be_done_again(path: str, new: str) -> None:
    try:
        change = edit(SAMPLE, path, new)
    except PathError:
        return
    after = apply(SAMPLE, change)
    undo = change.inverse()
    assert apply(apply(after, undo), undo.inverse()) == after


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("department/inputs/全年预算数", "840"),  # a bare text becomes the input's mapping
        ("department/rows/G2", {"group": "满意度", "points": 5}),  # a number becomes its text
        ("projects/p1/funds/total/budget", 42),
        ("department", None),
        ("department/answers/A1/elements", {}),
        ("waivers", [{"check": "L05", "path": "department/total", "reason": "已核实"}]),
    ],
)
def test_the_inverse_finds_the_value_as_it_stands(path: str, new: Any) -> None:
    assert back(SAMPLE, path, new) == SAMPLE
