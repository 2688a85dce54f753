"""The words on the screen: Chinese, names and not paths, and what to do. Never the system's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from perfeval.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from tests.cli.conftest import Terminal

OURS = {
    "perfeval", "json", "JSON", "Schema", "YAML", "yaml", "sample", "Excel", "help", "department",
    "inputs", "answers", "value", "projects", "submit", "return", "sessions", "restore", "apply",
    "merge", "mark", "undo", "new", "open", "raw", "auto", "postgresql", "psycopg",
}  # fmt: skip
"""English that is the program's own: what one types, and names of formats."""


def english(text: str, *known: str) -> set[str]:
    """Return the English words of a text that are not ours, options left out."""
    plain = re.sub(r"--[a-z-]+", "", text)
    for one in known:
        plain = plain.replace(one, "")
    return set(re.findall(r"[A-Za-z]{3,}", plain)) - OURS


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))


ALL = list(commands(get_command(app)))


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_the_help_of_every_command_is_chinese(do: Terminal, command: tuple[str, ...]) -> None:
    text = do(*command, "--help")
    listed = [name for one in ALL for name in one]
    assert english(text, *sorted(listed, key=len, reverse=True)) <= {
        "CSV",
        "docx",
        "xlsx",
        "PDF",
        "Word",
    }
    assert not re.search(r"路径|会话|日志|哈希|default|<\w+>|\.\.\.", text)


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_every_command_says_in_chinese_what_is_wrong_with_its_use(
    do: Terminal, command: tuple[str, ...]
) -> None:
    for wrong in (["--nonsense"], ["a", "b", "c", "d", "e", "f"]):
        if command[0] == "sets" and command[-1] == "lint" and wrong[0] == "a":
            continue  # takes any number
        told = do(*command, *wrong, code=2)
        assert english(told, *command, "nonsense") == set()
        assert "--help 查看用法" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["a'b"], "没有命令“a'b”"),
        (["\x1b[2J"], "没有命令“[2J”"),
        (["sets", "'x' \"y\""], "没有命令“'x' \"y\"”。用 perfeval sets --help"),
        (["score", "sample", "--jason"], "没有选项 --jason。是否想写“--json”？"),
        (["sessions", "new", "x", "--year", "二〇二四"], "选项 --year 的值不对，应是整数"),
        (["score"], "缺少任务"),
        (["waive", "kexie"], "缺少检查"),
        (["score", "我 的", "文件.yaml"], "一个参数里有空格的，要用引号括起来"),
    ],
)
def test_wrong_use_names_the_cure(do: Terminal, arguments: list[str], told: str) -> None:
    assert told in do(*arguments, code=2)


@pytest.mark.parametrize(
    "value", ["{", "", "'a'", "[1,", '{"a": 1} x', "文字", "1" * 5000, "[" * 100_000]
)
def test_json_that_is_none_is_told_in_chinese(do: Terminal, made: str, value: str) -> None:
    told = do("set", made, "department/rows/E5", value, "--raw", code=2)
    assert "值不是有效的 JSON" in told
    assert english(told, value) == set()


def places(tmp_path: Path) -> list[str]:
    """Places nothing can be saved to."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    return [
        "/proc/none/x", str(tmp_path / "file" / "x"), "/dev/full/x", str(tmp_path / ("x" * 300)),
        "a\0b",
    ]  # fmt: skip


@pytest.mark.parametrize("ending", ["", ".perfeval", ".yaml"])
def test_a_place_that_cannot_be_saved_to_is_told_in_chinese(
    do: Terminal, made: str, tmp_path: Path, ending: str
) -> None:
    for place in places(tmp_path):
        told = do("save", made, "--to", place + ending, "--force", code=2)
        assert english(told, str(tmp_path), "save", "proc", "none", "dev", "full", "file") <= {
            "x" * 300
        }, told
        assert "程序出错" not in told


def test_a_folder_that_cannot_be_made_is_told_in_chinese(
    do: Terminal, made: str, tmp_path: Path
) -> None:
    for place in places(tmp_path)[:4]:
        told = do("sessions", "export-all", "--to", place, code=2)
        assert english(told, place, str(tmp_path), "file") == set(), told
    told = do("export", made, "--to", place, code=2)
    assert english(told, place, str(tmp_path), "file") == set(), told


@pytest.mark.parametrize("address", ["mysql://x", "sqlite:///x.db", "://", "postgresql://x/y"])
def test_a_database_of_another_kind_is_told_with_what_is_allowed(
    do: Terminal, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("PERFEVAL_DATABASE", address)
    told = do("sessions", "list", code=2)
    assert "本机的写文件名，共用的写 postgresql+psycopg://" in told


def test_places_are_called_by_their_names(do: Terminal, made: str) -> None:
    do("set", made, "department/inputs/全年执行数/value", "七百")
    do("set", made, "projects/p1/funds/total/executed", "x")
    text = do("history", made)
    assert "基础数据 · 全年执行数：741.99 -> 七百" in text
    assert "科普工作经费 · 年度资金总额 · 全年执行数：42.37 -> x" in text
    assert "已撤销：科普工作经费 · 年度资金总额 · 全年执行数 为 42.37" in do("undo", made)
    assert "部门整体 · 基础数据 · 全年执行数：" in do("score", made)
    assert "部门整体 · B3 预算调整率：没有修改过" in do(
        "history", made, "--path", "department/answers/B3"
    )


BELOW = ("numbers", "session", "scoring", "checks", "store")


def test_what_both_interfaces_show_names_no_command() -> None:
    """Who sits at the interface has none; the command line adds its own (``usage.told``)."""
    from ast import Constant, parse, walk
    from pathlib import Path

    import perfeval

    house = Path(perfeval.__file__).parent
    files = [
        one for room in BELOW for one in [*house.glob(f"{room}.py"), *house.rglob(f"{room}/*.py")]
    ]
    texts = {
        node.value
        for file in files
        for node in walk(parse(file.read_text(encoding="utf-8")))
        if isinstance(node, Constant) and isinstance(node.value, str)
    }
    verbs = "|".join({name for command in ALL for name in command})
    told = [one for one in texts if re.search(rf"[\u4e00-\u9fff] ?(perfeval )?({verbs})\b", one)]
    assert told == []
