"""Reading a file: figures stay texts, every part has its line, hostile files cost nothing."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from perfeval.errors import Problem, UnreadableInput
from perfeval.indicators.documents import (
    MAX_BYTES,
    parse_document,
    read_document,
    schema_of,
    validate,
)
from perfeval.indicators.model import IndicatorSet
from perfeval.session.model import Key, Session


def problems(text: str) -> list[str]:
    with pytest.raises(UnreadableInput) as refused:
        parse_document(text, "表.yaml")
    return [str(problem) for problem in refused.value.problems]


def refusal(path: Path) -> Problem:
    with pytest.raises(UnreadableInput) as refused:
        read_document(path)
    (problem,) = refused.value.problems
    return problem


# --- what is read ----------------------------------------------------------------------------


def test_every_scalar_keeps_the_text_it_was_written_with() -> None:
    text = """
支出: 741.990
预算: 838.10
率: 88.53%
编码: 00123
是否: 否
英文: no
日期: 2025-03-04
时间: 1:30
科学: 1e5
空:
引号空: ""
空值: ~
"""
    assert parse_document(text, "表.yaml").data == {
        "支出": "741.990",
        "预算": "838.10",
        "率": "88.53%",
        "编码": "00123",
        "是否": "否",
        "英文": "no",
        "日期": "2025-03-04",
        "时间": "1:30",
        "科学": "1e5",
        "空": None,
        "引号空": "",
        "空值": None,
    }


def test_json_is_read_the_same_and_its_numbers_never_become_floats() -> None:
    written = (
        '{"支出": 741.990, "大": 12345678901234567890.10, "真": true, "空": null, "列": [1, "乙"]}'
    )
    assert parse_document(written, "表.json").data == {
        "支出": "741.990",
        "大": "12345678901234567890.10",
        "真": "true",
        "空": None,
        "列": ["1", "乙"],
    }


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_json_as_programs_write_it(ascii_only: bool, indent: int | str | None) -> None:
    data = {"名称": "𠮷庆街道/“三公”\\ud842\n\t“x”", "行": [{"甲": "1"}, {"乙": "\\\\"}]}
    written = json.dumps(data, ensure_ascii=ascii_only, indent=indent)
    assert parse_document(written, "表.json").data == data


printable = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co", "Zl", "Zp"]), max_size=20
)


@given(st.recursive(printable, lambda inner: st.lists(inner, max_size=3), max_leaves=6))
def test_any_json_text_comes_back(data: object) -> None:
    assert parse_document(json.dumps({"x": data}), "表.json").data == {"x": data}


def test_the_line_of_every_part() -> None:
    text = """# 注
甲: 1
乙:
  - 丙: 2
    丁: [3,
      4]
  - 戊
己: >
  长文
  续
"""
    document = parse_document(text, "表.yaml")
    lines = {
        ("甲",): 2,
        ("乙",): 3,  # a block stands where its key stands
        ("乙", 0): 4,
        ("乙", 0, "丁"): 5,
        ("乙", 0, "丁", 1): 6,
        ("乙", 1): 7,
        ("己",): 8,
        ("乙", 0, "没有"): 4,  # the nearest part around it
        ("没有",): 1,
    }
    assert {where: document.place(where) for where in lines} == {
        where: f"表.yaml:{line}" for where, line in lines.items()
    }


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "表.yaml"
    path.write_bytes("\ufeff甲: 1\r\n乙: 2\r\n".encode())
    document = read_document(path)
    assert document.data == {"甲": "1", "乙": "2"}
    assert document.place(("乙",)) == "表.yaml:2"


# --- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("甲: 1\n乙: 2\n甲: 3\n", "表.yaml:3：“甲”重复出现。请删去一个"),
        ("甲:\n  丙: 1\n  丙: 2\n", "表.yaml:3：“丙”重复出现。请删去一个"),
        ('{"甲": 1, "甲": 2}', "表.yaml:1：“甲”重复出现。请删去一个"),
        ("甲: &x 1\n乙: *x\n", "表.yaml:2：不支持 YAML 的引用（& 和 *）。请把内容直接写出来"),
        ("甲: 1\n---\n乙: 2\n", "表.yaml:3：一个文件里有多份文档。请拆成几个文件"),
        ("? [甲]\n: 1\n", "表.yaml:1：键应是一个词。请检查缩进"),
        ('"": 1\n', "表.yaml:1：键应是一个词"),
        ("", "表.yaml：文件是空的"),
        ("# 只有注释\n", "表.yaml：文件是空的"),
        ("甲: \x00\n", "表.yaml：含有 YAML 不允许的字符。请另存为纯文本"),
        ("甲:\n\t乙: 1\n", "表.yaml:2：不是有效的 YAML。缩进请用空格，不要用制表符"),
        ("甲: 1\n\t乙: 1\n", "表.yaml:2：不是有效的 YAML。缩进请用空格，不要用制表符"),
    ],
)
def test_what_a_file_for_people_needs_none_of(text: str, told: str) -> None:
    assert problems(text) == [told]


@pytest.mark.parametrize(
    ("text", "line", "cure"),
    [
        # a full-width colon makes one long word of key and value: told where it stands
        ("甲: 1\n名称：某局\n乙: 2\n", 2, "英文冒号"),
        ("甲: 1\n名称：某局\n", 2, "英文冒号"),
        ("单位:\n  名称：某局\n  编码: 001\n", 2, "英文冒号"),
        ("甲: 1\n名称:某局\n乙: 2\n", 2, "冒号"),
        # opened and never closed: told where it was opened
        ("甲: 1\n乙: [1, 2\n丙: 3\n", 2, "要成对"),
        ("甲: 1\n乙: {丙: 1\n丁: 3\n", 2, "要成对"),
        ('甲: 1\n乙: "没有完\n丙: 3\n', 2, "引号"),
        ("甲: 1\n  乙: 2\n", 2, "缩进"),
        ("甲: 乙: 丙\n", 1, "冒号"),
        ("甲: >=50个\n", 1, "以符号开头的内容请加引号"),
        ("甲: %5\n", 1, "以符号开头的内容请加引号"),
        ("甲: 1\n- 乙\n", 2, "缩进"),
    ],
)
def test_a_slip_of_writing_is_told_where_it_was_made(text: str, line: int, cure: str) -> None:
    (told,) = problems(text)
    assert told.startswith(f"表.yaml:{line}：不是有效的 YAML。")
    assert cure in told


def test_all_duplicates_are_told_together() -> None:
    assert len(problems("甲: 1\n甲: 2\n乙: 3\n乙: 4\n")) == 2


@pytest.mark.parametrize(
    "bomb",
    ["[" * 100_000, "{甲: " * 100_000, "- " * 100_000, "? " * 5_000, "甲:\n" + " - " * 100],
    ids=lambda bomb: bomb[:5],
)
def test_a_depth_bomb_is_a_message(bomb: str) -> None:
    (told,) = problems(bomb)
    assert "层次套得太深" in told or "键应是一个词" in told


def test_an_alias_bomb_is_a_message() -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    assert problems("\n".join(lines)) == [
        "表.yaml:2：不支持 YAML 的引用（& 和 *）。请把内容直接写出来"
    ]


def test_a_tag_never_makes_an_object() -> None:
    text = "甲: !!python/object/apply:os.system [date]\n乙: !!binary aGk=\n"
    assert parse_document(text, "表.yaml").data == {"甲": ["date"], "乙": "aGk="}


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "大.yaml"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    told = refusal(path)
    assert told.place == "大.yaml"
    assert told.message == f"文件超过 {MAX_BYTES // 1024 // 1024} MB，不会是本工具的文件"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("名称: 某局".encode("gbk"), "不是 UTF-8 文本"),
        ("名称: 某局".encode("utf-16"), "不是 UTF-8 文本"),
        (b"PK\x03\x04\xff\xfe\x00", "不是文本文件"),
        (bytes(range(32)), "不允许的字符"),
        (b"", "文件是空的"),
    ],
)
def test_a_file_that_is_no_text(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "某.yaml"
    path.write_bytes(content)
    assert message in refusal(path).message


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path / "没有.yaml").message == "没有这个文件"
    assert refusal(tmp_path).message == "是文件夹"


def test_a_device_or_a_pipe_is_not_read(tmp_path: Path) -> None:
    """Neither has a size to look at first; reading one may never end."""
    if os.name != "posix":
        pytest.skip("Windows has neither")
    pipe = tmp_path / "管道.yaml"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        assert refusal(path).message == "不是普通文件"


def test_no_more_than_the_limit_is_read_whatever_the_size_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "长.yaml"
    path.write_text("甲: 1\n" * 3, encoding="utf-8")
    monkeypatch.setattr("perfeval.indicators.documents.MAX_BYTES", path.stat().st_size)
    assert "重复" in refusal_text(path)
    monkeypatch.setattr("perfeval.indicators.documents.MAX_BYTES", path.stat().st_size - 1)
    assert "文件超过" in refusal_text(path)


def refusal_text(path: Path) -> str:
    with pytest.raises(UnreadableInput) as refused:
        read_document(path)
    return str(refused.value)


def read_or_told(text: str) -> None:
    told: UnreadableInput | None = None
    try:
        parse_document(text, "表.yaml")
    except UnreadableInput as error:
        told = error
    assert told is None or all(p.place.startswith("表.yaml") for p in told.problems)


@given(st.text(max_size=80))
def test_any_text_is_data_or_a_told_problem(text: str) -> None:
    read_or_told(text)


@given(st.text(alphabet="甲乙:： -\n\t[]{}\"'#&*!|>%@,1~?", max_size=40))
def test_nearly_yaml_is_data_or_a_told_problem(text: str) -> None:
    read_or_told(text)


# --- validation ------------------------------------------------------------------------------


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    count: int = 0


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    parts: list[Part] = []
    named: dict[Key, int] = {}


def test_a_field_of_the_session_in_a_project_is_in_the_wrong_place() -> None:
    text = "id: x\nunit: {name: 甲}\nyear: 2024\nprojects:\n  p1:\n    set: a\n    name: 乙\n"
    with pytest.raises(UnreadableInput) as refused:
        validate(parse_document(text + "    money_unit: 元\n", "表.yaml"), Session)
    (problem,) = refused.value.problems
    assert str(problem) == "表.yaml:8：“money_unit”放错了位置。请顶格写在最外层"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("titel: 甲\ntitle: 乙\n", "表.yaml:1：不认识“titel”。是否想写“title”？"),
        ("title: 甲\nxyz:\n  乙: 1\n", "表.yaml:2：不认识“xyz”。请删去"),
        # only what the part itself may hold is proposed
        (
            "title: 甲\nparts:\n  - name: 乙\n    title: 丙\n",
            "表.yaml:4：“title”放错了位置。请顶格写在最外层",
        ),
        (
            "title: 甲\nname: 乙\n",
            "表.yaml:2：“name”放错了位置。这里可以写：title、parts、named",
        ),
        (
            "title: 甲\nparts:\n  - name: 乙\n    titl: 丙\n",
            "表.yaml:4：不认识“titl”。请删去",
        ),
        (
            "title: 甲\nnamed:\n  a/b: 1\n",
            "表.yaml:3：名称写成“a/b”，格式不对。请不含“/”和空格，最多 60 个字",
        ),
        ("parts: []\n", "表.yaml:1：缺少“title”。请补上"),
        ("title: 甲\nparts:\n  - count: 1\n", "表.yaml:3：缺少“name”。请补上"),
        ("title: 甲\nparts:\n  - name: 乙\n    count: 多\n", "表.yaml:4：“count”应是整数"),
        ("title: 甲\nparts: 乙\n", "表.yaml:2：“parts”应是清单（每行以“- ”开头）"),
        ("title: [甲]\n", "表.yaml:1：“title”应是文字"),
        ("- 甲\n", "表.yaml:1：“文件”应是“名称: 内容”的形式"),
    ],
)
def test_what_does_not_fit_is_told_at_its_line(text: str, told: str) -> None:
    with pytest.raises(UnreadableInput) as refused:
        validate(parse_document(text, "表.yaml"), Whole)
    assert list(map(str, refused.value.problems)) == [told]


def test_every_problem_is_told_not_only_the_first() -> None:
    text = "titel: 甲\nparts:\n  - nmae: 乙\n  - name: 丙\n    count: 多\n"
    with pytest.raises(UnreadableInput) as refused:
        validate(parse_document(text, "表.yaml"), Whole)
    places = sorted(problem.place for problem in refused.value.problems)
    assert places == ["表.yaml:1", "表.yaml:1", "表.yaml:3", "表.yaml:3", "表.yaml:5"]


# --- schema ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "keys"),
    [
        (IndicatorSet, {"id", "title", "scope", "rounding", "grades", "inputs", "tiers"}),
        (Session, {"id", "unit", "year", "department", "projects", "claimed", "statements"}),
    ],
)
def test_a_schema_for_editors(model: type[BaseModel], keys: set[str]) -> None:
    schema = schema_of(model)
    assert keys <= set(schema["properties"])
    assert schema["additionalProperties"] is False
    assert json.loads(json.dumps(schema, ensure_ascii=False)) == schema
    names = set(schema["$defs"])
    assert "title" not in schema
    written = re.findall(r'"description": "([^"]*)"', json.dumps(schema, ensure_ascii=False))
    assert [text for text in written if text.isascii() or "``" in text] == []
    references = {
        part.rpartition("/")[2].rstrip('"}')
        for part in json.dumps(schema).split('"$ref": "')[1:]
        for part in [part.partition('"')[0]]
    }
    assert references <= names
