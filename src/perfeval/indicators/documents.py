"""Reading a YAML or JSON file into plain data and telling the line of every part of it.

All scalars are kept as the text they were written with (``741.99`` stays a text, ``否`` and
``no`` stay words), so a figure is never touched by a binary float. Duplicate keys, aliases and
oversized files are refused: a file for people to read needs none of them.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from perfeval.errors import Problem, UnreadableInput, nearest, reason
from perfeval.numbers import Exact, decimal_text

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a platform without the C library reads the same files, slower
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 30

Plain = dict[str, Any] | list[Any] | str | None
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data and the line each of its parts stands on."""

    name: str
    data: Plain
    lines: Mapping[Place, int]

    def place(self, where: Place) -> str:
        """Return ``文件:行`` of a part, or of the nearest part around it."""
        found = (where[:n] for n in range(len(where), -1, -1) if where[:n] in self.lines)
        return f"{self.name}:{self.lines[next(found, ())] if () in self.lines else 1}"

    def problem(
        self, where: Place, message: str, cure: str = "", severity: str = "错误"
    ) -> Problem:
        return Problem(self.place(where), message, cure, severity)


def read_document(path: Path) -> Document:
    """Read a ``.yaml`` or ``.json`` file. Raises :class:`UnreadableInput`."""
    name = path.name
    try:
        text = _content(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        told = (f"第 {error.start} 字节处不是 UTF-8 文本", "请另存为 UTF-8 编码")
        if error.object.startswith(b"PK"):  # a workbook, a Word file, a package
            told = ("不是文本文件", "请给出 .yaml 或 .json 文件；Excel 写的指标体系要先读成文件")
        raise UnreadableInput([Problem(name, *told)]) from error
    except FileNotFoundError as error:
        raise UnreadableInput(
            [Problem(str(path), "没有这个文件", "请核对文件名和所在文件夹")]
        ) from error
    except (OSError, ValueError) as error:
        raise UnreadableInput([Problem(str(path), f"读不了：{reason(error)}")]) from error
    return parse_document(text.replace("\r\n", "\n").replace("\r", "\n"), name)


def _content(path: Path) -> bytes:
    """Return the bytes of a regular file, never more than the limit.

    A device or a pipe has no size to look at first, and may never end.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise UnreadableInput([Problem(str(path), "是文件夹", "请给出其中的文件")])
    if not stat.S_ISREG(mode):
        raise UnreadableInput([Problem(str(path), "不是普通文件", "请先存成文件再打开")])
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        told = f"文件超过 {MAX_BYTES // 1024 // 1024} MB，不会是本工具的文件"
        raise UnreadableInput([Problem(path.name, told, "请确认是否选错了文件")])
    return content


_HALVES = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab]..)\\u(d[c-f]..)", re.IGNORECASE)


def _whole_characters(text: str) -> str:
    """Join the two escapes of four digits in which JSON writes a rare character such as 𠮷.

    YAML, which reads the rest of JSON, does not know them.
    """
    if "\\u" not in text:
        return text

    def join(match: re.Match[str]) -> str:
        high, low = int(match[2], 16) - 0xD800, int(match[3], 16) - 0xDC00
        return f"{match[1]}\\U{0x10000 + (high << 10) + low:08x}"

    return _HALVES.sub(join, text)


def parse_document(text: str, name: str) -> Document:
    """Parse YAML (JSON is YAML) text. Raises :class:`UnreadableInput` with the line."""
    builder = _Builder(name)
    try:
        for event in yaml.parse(_whole_characters(text), Loader=_Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise UnreadableInput([_yaml_problem(text, name, error)]) from error
    except yaml.YAMLError as error:
        raise UnreadableInput(
            [Problem(name, "含有 YAML 不允许的字符", "请另存为纯文本")]
        ) from error
    if builder.problems:
        raise UnreadableInput(builder.problems)
    if builder.data is None:
        raise UnreadableInput([Problem(name, "文件是空的")])
    return Document(name, builder.data, builder.lines)


_OPENED = ("while parsing a flow", "while scanning a simple key", "while scanning a quoted")
"""Where the parser notices a mistake only later, the place it began is the one to show."""

_RUN_ON = re.compile(r"[\s-]*\{?[^\s:：\"'{\[]+(：|:\S)")
"""A key whose colon is a Chinese one, or has no space behind it."""


def _yaml_problem(text: str, name: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    if mark and error.context_mark and str(error.context).startswith(_OPENED):
        mark = error.context_mark
    if mark is None:
        return Problem(name, "不是有效的 YAML")
    lines = text.split("\n")
    line = lines[mark.line] if mark.line < len(lines) else ""
    before = lines[mark.line - 1] if mark.line else ""
    place, message = f"{name}:{mark.line + 1}", "不是有效的 YAML"
    if "\t" in line:
        return Problem(place, message, "缩进请用空格，不要用制表符")
    if _RUN_ON.match(line):
        return Problem(place, message, "键和值之间请用英文冒号加空格“: ”")
    if _RUN_ON.match(before):  # taken for a text that goes on in this line
        return Problem(f"{name}:{mark.line}", message, "键和值之间请用英文冒号加空格“: ”")
    if any(sign in line for sign in "[]{}"):
        return Problem(place, message, "方括号、花括号要成对；其中的名称含符号时请加引号")
    return Problem(place, message, "请检查这一行的缩进、冒号和引号；以符号开头的内容请加引号")


class _Builder:
    """Builds plain data from the parser's events, with a stack of its own.

    Recursing over composed nodes (as the library does) overflows the C stack on a hostile file;
    here depth is a number that is checked.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.data: Plain = None
        self.lines: dict[Place, int] = {(): 1}
        self.problems: list[Problem] = []
        self._open: list[dict[str, Any] | list[Any]] = []
        self._where: list[str | int] = []
        self._key: str | None = None
        self._key_line = 0

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            self._refuse(line, "不支持 YAML 的引用（& 和 *）", "请把内容直接写出来")
            raise UnreadableInput(self.problems)
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.CollectionStartEvent):
            if self._expects_key():
                self._refuse(line, "键应是一个词", "请检查缩进")
                raise UnreadableInput(self.problems)
            if len(self._open) >= MAX_DEPTH:
                self._refuse(line, "层次套得太深", "请检查是否选错了文件")
                raise UnreadableInput(self.problems)
            new: dict[str, Any] | list[Any] = (
                {} if isinstance(event, yaml.MappingStartEvent) else []
            )
            self._put(new, line)
            self._open.append(new)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            if self._open:
                self._where.pop()

    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1], dict) and self._key is None

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if self._expects_key():
            self._key, self._key_line = event.value, line
            if not event.value:
                self._refuse(line, "键应是一个词")
            elif event.value in self._open[-1]:
                self._refuse(line, f"“{event.value}”重复出现", "请删去一个")
            return
        empty = event.implicit[0] and event.value in ("", "~", "null")
        self._put(None if empty else event.value, line)
        if self._open:
            self._where.pop()

    def _put(self, value: Plain, line: int) -> None:
        """Place a value in the open collection and remember its line; collections stay open."""
        if not self._open:
            if self.data is not None:
                self._refuse(line, "一个文件里有多份文档", "请拆成几个文件")
            self.data = value
            return
        parent = self._open[-1]
        if isinstance(parent, dict):
            # A block stands where its key stands, not on its first line.
            key, line = self._key or "", self._key_line
            self._key = None
            parent[key] = value
            self._where.append(key)
        else:
            self._where.append(len(parent))
            parent.append(value)
        self.lines[tuple(self._where)] = line

    def _refuse(self, line: int, message: str, cure: str = "") -> None:
        self.problems.append(Problem(f"{self.name}:{line}", message, cure))


# --- validation ------------------------------------------------------------------------------

Model = TypeVar("Model", bound=BaseModel)


def validate(document: Document, model: type[Model]) -> Model:
    """Return the model, or raise :class:`UnreadableInput` with every problem at its line."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise UnreadableInput(problems_of(document, error, model)) from error


def problems_of(
    document: Document, error: ValidationError, model: type[BaseModel]
) -> list[Problem]:
    """Translate pydantic's errors into Chinese problems at ``文件:行``."""
    found = []
    for item in error.errors(include_url=False):
        where = _real_place(item["loc"], document)
        message, cure = _translate(item, where, model)
        found.append(document.problem(where, message, cure))
    return found


def _real_place(loc: Iterable[str | int], document: Document) -> Place:
    """Drop the segments pydantic adds for unions (``proportional_capped``), keep real keys."""
    where: Place = ()
    data: Any = document.data
    rest = list(loc)
    for index, part in enumerate(rest):
        if isinstance(data, dict) and isinstance(part, str):
            if part in data:
                where, data = (*where, part), data[part]
            elif index == len(rest) - 1:
                where = (*where, part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            where, data = (*where, part), data[part]
    return where


_TYPE_WORDS = {
    "string_type": "应是文字",
    "int_parsing": "应是整数",
    "int_type": "应是整数",
    "bool_parsing": "应写 true 或 false",
    "bool_type": "应写 true 或 false",
    "dict_type": "应是“名称: 内容”的形式",
    "mapping_type": "应是“名称: 内容”的形式",
    "model_type": "应是“名称: 内容”的形式",
    "model_attributes_type": "应是“名称: 内容”的形式",
    "list_type": "应是清单（每行以“- ”开头）",
    "tuple_type": "应是清单（每行以“- ”开头）",
    "string_too_short": "不能为空",
    "string_too_long": "太长",
    "date_from_datetime_parsing": "应是日期，如 2025-03-04",
}


def _translate(item: Any, where: Place, model: type[BaseModel]) -> tuple[str, str]:
    field = str(where[-1]) if where else "文件"
    context = item.get("ctx") or {}
    match item["type"]:
        case "missing":
            return f"缺少“{field}”", "请补上"
        case "extra_forbidden":
            return _unknown(field, _Fields(model), item["loc"][:-1])
        case "number":
            return f"“{field}”{item['msg']}", "请填数，如 5、0.5、10%"
        case "formula":
            return f"“{field}”{item['msg']}", ""
        case "literal_error" | "enum":
            allowed = str(context.get("expected", "")).replace("'", "").replace(" or ", "、")
            return f"“{field}”写成“{item['input']}”", f"只能是 {allowed.replace(', ', '、')}"
        case "union_tag_invalid":
            tags = [tag.strip("' ") for tag in str(context["expected_tags"]).split(",")]
            wrong = str(context.get("tag", ""))
            return f"没有计分规则“{wrong}”", nearest(wrong, tags) or f"可用：{'、'.join(tags)}"
        case "union_tag_not_found":
            return f"“{field}”没有写 type", "请写明计分规则，如 type: proportional_capped"
        case "string_pattern_mismatch":
            told = "名称" if item["loc"][-1] == "[key]" else f"“{field}”"
            return f"{told}写成“{item['input']}”，格式不对", _allowed(context["pattern"])
        case "value_error":
            return f"“{field}”：{context.get('error', item['msg'])}", ""
        case "greater_than_equal" | "less_than_equal":
            low = context.get("ge")
            cure = f"不能小于 {low}" if low is not None else f"不能大于 {context.get('le')}"
            return f"“{field}”写成“{item['input']}”", cure
        case other:
            return f"“{field}”{_TYPE_WORDS.get(other, item['msg'])}", ""


def _unknown(field: str, fields: _Fields, loc: Place) -> tuple[str, str]:
    """Say of an unknown name whether it is a slip, or right but in the wrong place."""
    here = fields.at(loc)
    if field in fields.at(()):
        return f"“{field}”放错了位置", "请顶格写在最外层"
    if field in fields.anywhere:
        return f"“{field}”放错了位置", _listed(here)
    return f"不认识“{field}”", nearest(field, here) or "请删去"


def _listed(names: list[str]) -> str:
    return f"这里可以写：{'、'.join(names)}" if len(names) < 12 else "请移到它该在的地方，或删去"


class _Fields:
    """The names a file may write, by the place pydantic tells an error at."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._schema = schema_of(model)
        parts = [self._schema, *self._schema.get("$defs", {}).values()]
        self.anywhere = {name for part in parts for name in part.get("properties", ())}

    def at(self, loc: Iterable[str | int]) -> list[str]:
        """Return the names known at a place."""
        nodes = list(self._all_of([self._schema]))
        for part in loc:
            below = [node for one in nodes for node in _below(one, part)]
            # What pydantic says of a union without a tag is no step down.
            nodes = list(self._all_of(below)) or nodes
        return list(dict.fromkeys(name for node in nodes for name in node.get("properties", ())))

    def _all_of(self, nodes: Iterable[Any]) -> Iterator[dict[str, Any]]:
        """Yield schemas and those they refer to or choose from."""
        for node in nodes:
            if not isinstance(node, dict):
                continue
            yield node
            name = node.get("$ref", "").rpartition("/")[2]
            yield from self._all_of([self._schema.get("$defs", {}).get(name)])
            yield from self._all_of(node.get("anyOf", ()))
            yield from self._all_of(node.get("oneOf", ()))


def _below(node: dict[str, Any], part: str | int) -> Iterator[Any]:
    """Yield the schemas of a part: a list's items, a field, a tagged member, a mapping's values."""
    if isinstance(part, int):
        yield node.get("items")
    elif part in node.get("properties", ()):
        yield node["properties"][part]
    elif part in (tagged := node.get("discriminator", {}).get("mapping", {})):
        yield {"$ref": tagged[part]}
    else:
        yield node.get("additionalProperties")
        yield from node.get("patternProperties", {}).values()


_SIGNS = ("-", "_", ".")


def _allowed(pattern: str) -> str:
    """Say in words what a pattern takes, found by trying it: the pattern itself is for programs."""

    def takes(text: str) -> bool:
        return re.fullmatch(pattern, text) is not None

    kinds = {"小写字母": "a", "大写字母": "A", "数字": "0", "汉字": "甲"}
    first = [kind for kind, sign in kinds.items() if takes(sign + "aa") or takes(sign + "00")]
    later = [kind for kind, sign in kinds.items() if takes(f"a{sign}a")]
    signs = [f"“{sign}”" for sign in _SIGNS if takes(f"a{sign}a")]
    if not later:
        return "请核对是否抄错"
    begin = f"以{_joined(first)}开头，" if first != later else ""
    free = "" if takes("a、a") else f"只用{_joined([*later, *signs])}，"
    slash = "" if takes("a/a") or not takes("a、a") else "“/”和"
    longest = max(size for size in range(1, 200) if takes("a" * size))
    return f"请{begin}{free}不含{slash}空格，最多 {longest} 个字"


def _joined(kinds: list[str]) -> str:
    return "、".join(kinds).replace("小写字母、大写字母", "字母")


class _Schema(GenerateJsonSchema):
    """Prints an exact default as its decimal text, which is how a file writes it."""

    def encode_default(self, dft: Any) -> Any:
        return decimal_text(dft) if isinstance(dft, Exact) else super().encode_default(dft)


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a file, for editors that complete and check YAML.

    What pydantic takes from the code (docstrings, class names) is for programmers and left out;
    what a field says of itself stays.
    """
    return _for_users(model.model_json_schema(schema_generator=_Schema))


def _for_users(schema: dict[str, Any]) -> dict[str, Any]:
    kept = {
        key: value
        for key, value in schema.items()
        if key != "title" and not (key == "description" and {"properties", "enum"} & set(schema))
    }
    for key in ("$defs", "properties", "patternProperties"):
        if key in kept:
            kept[key] = {name: _for_users(part) for name, part in kept[key].items()}
    for key in ("anyOf", "oneOf", "prefixItems"):
        if key in kept:
            kept[key] = [_for_users(part) for part in kept[key]]
    for key in ("items", "additionalProperties"):
        if isinstance(kept.get(key), dict):
            kept[key] = _for_users(kept[key])
    return kept
