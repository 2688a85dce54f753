"""Every kind of field, in a set that has them all: what is asked, the score while one types."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfeval.indicators.library import load, user_sets_folder
from perfeval.indicators.model import IndicatorSet
from perfeval.scoring.engine import context_of, score
from perfeval.session.change import apply
from perfeval.session.model import Answer, Evaluation, InputValue, OwnIndicator, Session
from perfeval.tui import edits
from perfeval.tui.fields import Field, Kind, remark, stored
from perfeval.tui.preview import preview
from perfeval.tui.screens.workbench import WorkbenchScreen
from perfeval.tui.shown import Shown
from tests.tui.conftest import NARROW, press, running, saved, settled, shown, type_text
from tests.tui.test_fields import fields_at

SET = Path(__file__).with_name("kinds.yaml")


def session() -> Session:
    """All of it filled in: a violation, the way elected that is not met, a row of 95 %."""
    department = Evaluation(
        set="kinds",
        inputs={name: InputValue(value=text)
                for name, text in (("预算", "100"), ("结余", "10"), ("上年结余", "20"))},
        answers={
            "V": Answer(actual="1"),
            "Z": Answer(elected="结余率"),
            "C": Answer(elements={"有财务制度": True, "有内控制度": True}),
            "J": Answer(manual_score="9", manual_reason="材料齐全"),
            "D": Answer(actual="11月30日"),
        },
        rows={
            "r1": OwnIndicator(group="重点工作", name="办结率", points="20", unit="%",
                               target="≥95%", actual="95%"),
            "r2": OwnIndicator(group="重点工作", name="满意程度", points="20", qualitative=True,
                               level="达成", level_score="18"),
        },
        row_order=("r1", "r2"),
    )  # fmt: skip
    bare = Session.model_validate({"id": "lx", "unit": {"name": "某局"}, "year": 2024})
    return bare.model_copy(update={"department": department})


def view_of(one: Session) -> Shown:
    """The department, scored."""
    found: IndicatorSet = load(SET)
    assert one.department is not None
    result = score(one.department, found, context_of(one, "department", found))
    return Shown(one, "department", one.department, found, result)


def test_the_whole_is_what_the_parts_come_to() -> None:
    """10 - 4, 0 of 20 (10% is above 9%), 10, 9, 10, 20, 18."""
    assert view_of(session()).result.total_text == "73.00"


def test_a_count_of_violations_is_asked_as_one() -> None:
    field = fields_at(view_of(session()), "department/answers/V")["违规例数"]
    assert (field.kind, field.value, field.unit, field.must) == (Kind.FIGURE, "1", "例", True)


def test_one_of_two_ways_is_elected() -> None:
    fields = fields_at(view_of(session()), "department/answers/Z")
    chosen = fields["选用的计分方式"]
    assert (chosen.kind, chosen.options, chosen.must) == (
        Kind.CHOICE, ("结余率", "结余变动率"), True,
    )  # fmt: skip
    assert [fields[name].value for name in ("预算", "结余", "上年结余")] == ["100", "10", "20"]


TYPED = [
    ("answers/V/actual", "0", "按此值本项 10.00 / 10 分，总分 77.00"),
    ("answers/V/actual", "9", "按此值本项 0.00 / 10 分，总分 67.00"),
    ("answers/V/actual", "", "按此本项未填，总分 67.00"),
    ("answers/Z/elected", "结余变动率", "按此值本项 20.00 / 20 分，总分 93.00"),
    ("inputs/结余/value", "9", "按此值本项 20.00 / 20 分，总分 93.00"),
    ("inputs/结余/value", "9..9", "按此本项未填"),
    ("answers/C/elements/有内控制度", "否", "按此值本项 5.00 / 10 分，总分 68.00"),
    ("answers/J/manual_score", "7.5", "按此值本项 7.50 / 10 分，总分 71.50"),
    ("answers/D/actual", "2025年1月2日", "按此值本项 0.00 / 10 分，总分 63.00"),
    ("answers/D/target", "10月底前", "按此值本项 0.00 / 10 分，总分 63.00"),
    ("rows/r1/actual", "47.5%", "按此值本项 10.00 / 20 分，总分 63.00"),
    ("rows/r1/target", "≥100%", "按此值本项 19.00 / 20 分，总分 72.00"),
    ("rows/r1/points", "10", "按此值本项 10.00 / 10 分，总分 63.00"),
    ("rows/r2/level", "未达成", ""),  # the score stays as typed; its field says 16 is the most
    ("rows/r2/level_score", "20", "按此值本项 20.00 / 20 分，总分 75.00"),
    ("rows/r1/manual_score", "1", "按此值本项 1.00 / 20 分，总分 54.00"),
    ("answers/V/deviation_reason", "跨年", ""),
]


@pytest.mark.parametrize(("at", "text", "told"), TYPED, ids=[f"{at}={t}" for at, t, _ in TYPED])
def test_the_score_is_said_before_it_is_saved(at: str, text: str, told: str) -> None:
    one = session()
    view, path = view_of(one), f"department/{at}"
    kind = Kind.ELEMENT if "/elements/" in at else Kind.TEXT
    value = stored(Field(path, "", kind), text)
    row = "department/answers/Z" if at.startswith("inputs") else path.rsplit("/", 1)[0]
    row = row.removesuffix("/elements")
    context = context_of(one, "department", view.set)
    assert preview(view, [(path, value)], context, row) == told
    for change in edits.changes(one, [(path, value)], who=""):
        one = apply(one, change)
    if "总分" in told:
        assert view_of(one).result.total_text == told.rpartition(" ")[2]


def test_a_score_outside_its_level_is_told_at_its_field() -> None:
    one = session()
    [change] = edits.changes(one, [("department/rows/r2/level", "未达成")], who="")
    field = fields_at(view_of(apply(one, change)), "department/rows/r2")["档内得分"]
    assert remark(field, field.value, 2024, focused=False).text == "不能高于 16"


def add_set() -> None:
    """Put the set where a user's own ones are."""
    user_sets_folder().mkdir(parents=True)
    (user_sets_folder() / "kinds.yaml").write_text(SET.read_text("utf-8"), "utf-8")


async def test_they_are_filled_in_by_keyboard() -> None:
    """A choice by space, 不适用 by its reason while the score is said, a cell of one's own rows."""
    add_set()
    async with running(saved(session()), size=NARROW) as (app, pilot):
        bench = app.screen
        assert isinstance(bench, WorkbenchScreen)
        await bench.go_to("department/answers/Z/elected")
        await settled(pilot)
        assert "(o) 结余率   ( ) 结余变动率" in shown(app)
        await press(pilot, "space")
        assert "93.00" in shown(app)
        await bench.go_to("department/answers/V/not_applicable")
        await settled(pilot)
        await type_text(pilot, "没有此项业务")
        assert "按此本项不适用" in shown(app)
        await bench.go_to("department#产出#重点工作")
        await settled(pilot)
        await press(pilot, *["tab"] * 3)
        await type_text(pilot, "≥100%")
        assert "按此值本项 19.00 / 20 分" in shown(app)
        await press(pilot, "f2")  # 基础数据: what is typed in its cell is scored, too
        await press(pilot, "down")
        await type_text(pilot, "15")
        assert "总分" in shown(app).split("\n")[-2]
