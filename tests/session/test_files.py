"""A session as one readable file: what was typed comes back, what is unknown is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval.errors import UnreadableInput
from perfeval.samples import sample_text
from perfeval.session.files import dumps, load, loads
from perfeval.session.model import Answer, Evaluation, InputValue, Session, Unit

SAMPLE = loads(sample_text())
SMALL = """\
id: small-2024
unit: {name: 某局}
year: 2024
department:
  set: henan-department-2024
  inputs:
    全年预算数: {value: 838.10}
    全年执行数: 741.990
  answers:
    B3: {target: ≤10%, actual: 25.51%}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(UnreadableInput) as refused:
        loads(text, "任务.yaml")
    return [str(problem) for problem in refused.value.problems]


def test_a_written_session_reads_back_equal() -> None:
    assert loads(dumps(SAMPLE)) == SAMPLE
    assert dumps(loads(dumps(SAMPLE))) == dumps(SAMPLE)


def test_a_written_session_is_for_people_to_read() -> None:
    written = dumps(SAMPLE)
    assert written.startswith("format: perfeval-session/1\nid: xinxiang-kexie-2024\n")
    assert "  name: 新乡市科学技术协会\n" in written
    assert list(SAMPLE.projects)[:2] == ["p1", "p2"]
    assert "&id" not in written


def test_a_session_may_be_json(tmp_path: Path) -> None:
    path = tmp_path / "任务.json"
    data = SAMPLE.model_dump(mode="json", exclude_defaults=True)
    path.write_text(json.dumps(data), encoding="utf-8")
    assert load(path) == SAMPLE


def test_a_figure_keeps_the_text_it_was_typed_with() -> None:
    department = loads(SMALL).department
    assert department is not None
    assert department.inputs["全年预算数"].value == "838.10"
    assert department.inputs["全年执行数"] == InputValue(value="741.990")
    assert department.answers["B3"].actual == "25.51%"
    again = loads(dumps(loads(SMALL))).department
    assert again == department


@pytest.mark.parametrize(
    ("number", "text"), [("838.10", "838.10"), ("5", "5"), ("-0.0", "-0.0"), ("1E2", "1E2")]
)
def test_a_json_number_keeps_its_digits(number: str, text: str) -> None:
    written = (
        f'{{"id": "a", "unit": {{"name": "某局"}}, "year": 2024, "claimed": {{"x": {number}}}}}'
    )
    assert loads(written).claimed == {"x": text}


def test_what_cannot_be_read_as_a_number_is_kept_and_is_no_load_failure() -> None:
    session = loads(SMALL.replace("741.990", "约七百万"))
    assert session.department is not None
    assert session.department.inputs["全年执行数"].value == "约七百万"


words = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n\t"), max_size=60
)


@given(words, words, words)
def test_whatever_is_typed_comes_back(note: str, actual: str, reason: str) -> None:
    session = Session(
        id="a",
        unit=Unit(name="某局", head=note[:100]),
        year=2024,
        department=Evaluation(
            set="henan-department-2024",
            answers={"B3": Answer(actual=actual, manual_reason=reason)},
        ),
        claimed={"department/total": actual},
        assumed={note or "x": reason},
    )
    assert loads(dumps(session)) == session


@pytest.mark.parametrize(
    "text",
    [
        "null", "~", "", "true", "否", "1:30", "2025-03-04", "0123", "1e5", "=1+1", "- 甲",
        "# 甲", "甲: 乙", "&甲", "*甲", "!甲", "%甲", "@甲", "“三公”", "'单'", '"双"', " 前后 ",
        "多\n行\n", "\\", "𠮷",
    ],
)  # fmt: skip
def test_texts_that_yaml_would_take_for_something_else(text: str) -> None:
    session = Session(id="a", unit=Unit(name="某局"), year=2024, claimed={"x": text})
    assert loads(dumps(session)).claimed == {"x": text}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("year: 2024", "yaer: 2024", "任务.yaml:3：不认识“yaer”。是否想写“year”？"),
        ("year: 2024", "yaer: 2024", "任务.yaml:1：缺少“year”。请补上"),
        ("target: ≤10%", "taget: ≤10%", "任务.yaml:10：不认识“taget”。是否想写“target”？"),
        ("year: 2024", "year: 二〇二四", "任务.yaml:3：“year”应是整数"),
        ("year: 2024", "year: 1924", "任务.yaml:3：“year”写成“1924”。不能小于 2000"),
        ("year: 2024", "year: 2024\nmoney_unit: 亿元", "“money_unit”写成“亿元”。只能是 元、万元"),
        ("{name: 某局}", "{}", "任务.yaml:2：缺少“name”。请补上"),
        ("id: small-2024", "id: 小 2024", "任务.yaml:1：“id”写成“小 2024”，格式不对"),
        ("  set: henan-department-2024\n", "", "任务.yaml:4：缺少“set”。请补上"),
        ("  inputs:\n", "  inputs: 无\n  answer:\n", "任务.yaml:6：“inputs”应是“名称: 内容”的形式"),
        ("actual: 25.51%", "actual: [25.51%]", "任务.yaml:10：“actual”应是文字"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_line(old: str, new: str, told: str) -> None:
    assert SMALL.count(old) == 1
    assert any(
        problem.startswith(told) or told in problem for problem in problems(SMALL.replace(old, new))
    )


def test_every_mistake_is_told() -> None:
    text = SMALL.replace("year: 2024", "yaer: 2024").replace("target:", "taget:")
    assert len(problems(text)) == 3


def test_another_format_is_refused() -> None:
    (told,) = problems(f"format: perfeval-session/9\n{SMALL}")
    assert told == "任务.yaml:1：“format”写成“perfeval-session/9”。只能是 perfeval-session/1"


def test_a_key_with_nothing_after_it_is_blank() -> None:
    session = loads(
        "id: x\nunit: {name: 甲, code: }\nyear: 2024\nclaimed:\n"
        "department:\n  set: henan-department-2024\n  answers:\n    A1:\n"
        "  inputs:\n    年初预算数:\n"
    )
    assert session.unit.code == ""
    assert session.department is not None
    assert (session.department.answers, session.department.inputs, session.claimed) == ({}, {}, {})
