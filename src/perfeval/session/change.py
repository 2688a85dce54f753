"""Paths and the one door for edits: a Change is applied to a session and has an inverse.

A path names anything filled in: ``department/inputs/年初预算数/value``,
``projects/p6/rows/r1/actual``, ``claimed/department~1total``. Segments are separated by ``/``;
a segment that itself holds ``/`` or ``~`` is escaped as in JSON Pointer (``~1``, ``~0``).

Adding a row or project is a change from None to its whole value; removing is the reverse.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar
from uuid import uuid4

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from perfeval.errors import PerfevalError, nearest, printable
from perfeval.session.model import Part, Session, in_our_time

MAX_NAME, MAX_SHOWN = 100, 60
PartType = TypeVar("PartType", bound=BaseModel)
Plain = Any
"""JSON-like data: what a part of a session dumps to."""


class PathError(PerfevalError):
    """A path that leads nowhere in this session."""


class Conflict(PerfevalError):
    """The value at the path is not the one the change was made from: both are told."""

    def __init__(self, path: str, expected: Plain, found: Plain) -> None:
        self.path, self.expected, self.found = path, expected, found
        now, then = shown(found), shown(expected)
        super().__init__(f"{path}：已被改为“{now}”（您看到的是“{then}”）。请核对后重填")


def shown(value: Plain) -> str:
    """Return a value at a path as one short line: nothing is 空, a whole thing its texts."""
    if value in (None, "", [], {}):
        return "空"
    match value:
        case bool():
            return "是" if value else "否"
        case dict():
            text = "、".join(map(shown, value.values()))
        case list() | tuple():
            text = "、".join(map(shown, value))
        case _:
            text = str(value)
    line = printable(text)
    return line if len(line) <= MAX_SHOWN else f"{line[:MAX_SHOWN]}…"


ChangeKind = Literal[
    "create", "edit", "undo", "redo", "stage", "waive", "attach", "review", "import", "merge"
]


class Change(Part):
    """One edit: what stood at the path, what stands there now, who, when, why.

    ``group`` ties the changes of one act (an import) so that they are undone at once; ``undoes``
    is the id of the change this one takes back.
    """

    id: str = Field(default_factory=lambda: uuid4().hex)
    group: str = ""
    kind: ChangeKind = "edit"
    path: str
    old: Plain = None
    new: Plain = None
    who: str = ""
    when: Annotated[datetime, AfterValidator(in_our_time)] = Field(
        default_factory=lambda: datetime.now(UTC)
    )
    why: str = ""
    undoes: str = ""

    def inverse(self, *, who: str = "", why: str = "") -> Change:
        """Return the change that takes this one back; an undo taken back is a redo."""
        kind: Literal["undo", "redo"] = "redo" if self.kind == "undo" else "undo"
        return Change(
            kind=kind, path=self.path, old=self.new, new=self.old, who=who, why=why,
            group=self.group, undoes=self.id,
        )  # fmt: skip


def require_name(who: str) -> None:
    """Raise :class:`PerfevalError` for a name that does not show as it is.

    It stands in every list of changes: with line breaks or signs that turn the text round, it
    could pretend to be another line.
    """
    if who != printable(who) or len(who) > MAX_NAME:
        told = "姓名里有换行或看不见的字符，或者太长"
        raise PerfevalError(f"“{printable(who)[:40]}”：{told}。请重新填写姓名")


def split(path: str) -> list[str]:
    """Return the segments of a path. Raises :class:`PathError` for an empty one."""
    segments = path.split("/")
    if not all(segments):
        raise PathError(f"位置“{path}”不完整")
    if "~" not in path:  # nearly always, and paths are split by the hundred thousand
        return segments
    return [part.replace("~1", "/").replace("~0", "~") for part in segments]


def join(*segments: str) -> str:
    """Return the path of ``segments``, escaping what needs it."""
    path = "/".join(segments)
    if "~" not in path and path.count("/") == len(segments) - 1:
        return path
    return "/".join(part.replace("~", "~0").replace("/", "~1") for part in segments)


def under(path: str, *segments: str) -> str:
    """Return the path of ``segments`` below an existing ``path``."""
    return f"{path}/{join(*segments)}"


def read(session: Session, path: str) -> Plain:
    """Return the plain value at ``path``: a text, a mapping, or None where nothing is.

    Raises :class:`PathError` when the path names no field at all.
    """
    here: Any = session
    for segment in split(path):
        if isinstance(here, BaseModel):
            _field(here, segment, path)
            here = getattr(here, segment)
        elif isinstance(here, dict):
            here = here.get(segment)
        else:
            if here is None:
                return None
            raise PathError(f"位置“{path}”在“{segment}”处不通")
    return _plain(here)


def apply(session: Session, change: Change) -> Session:
    """Return the session after ``change``; the given one is unchanged and shared in part.

    Raises :class:`Conflict` when the value at the path is not ``change.old``,
    :class:`PathError` for a path that leads nowhere or a value that does not fit there.
    """
    found = read(session, change.path)
    if found != change.old and not (found in ("", None) and change.old in ("", None)):
        raise Conflict(change.path, change.old, found)
    return _put(session, split(change.path), change.new, change.path)


def edit(session: Session, path: str, new: Plain, *, who: str = "", why: str = "") -> Change:
    """Return the change that sets ``path`` to ``new`` from what stands there now.

    The change holds the value as it will stand there (``838`` for an input becomes its mapping),
    so that its inverse finds it. Raises :class:`PathError` as :func:`apply` does.
    """
    stands = read(_put(session, split(path), new, path), path)
    return Change(path=path, old=read(session, path), new=stands, who=who, why=why)


def _field(model: BaseModel, name: str, path: str) -> FieldInfo:
    fields = type(model).model_fields
    if name not in fields:
        raise PathError(f"位置“{path}”里的“{name}”不是可填的项。{nearest(name, fields)}")
    return fields[name]


def _plain(value: Any) -> Plain:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _put(model: PartType, segments: list[str], value: Plain, path: str) -> PartType:
    name, *rest = segments
    field = _field(model, name, path)
    current = getattr(model, name)
    if not rest:
        if value is None and field.is_required():
            raise PathError(f"{path}：不能为空")
        if value is None:
            new = field.get_default(call_default_factory=True)
        else:
            new = _fit(type(model), name, value, path)
    elif isinstance(current, BaseModel):
        new = _put(current, rest, value, path)
    elif isinstance(current, dict):
        new = _put_item(model, name, rest, value, path)
    else:
        raise PathError(f"位置“{path}”在“{rest[0]}”处不通")
    return model.model_copy(update={name: new})


def _put_item(
    model: BaseModel, name: str, segments: list[str], value: Plain, path: str
) -> dict[str, Any]:
    items: dict[str, Any] = getattr(model, name)
    key, *rest = segments
    current = items.get(key)
    if value is None and (current is None or not rest):
        return {other: item for other, item in items.items() if other != key}
    if current is None or not rest:
        # The first field of a new answer makes the answer, an element's the list of elements.
        for segment in reversed(rest):
            value = {segment: value}
        return {**items, **_fit(type(model), name, {key: value}, path)}
    if not isinstance(current, BaseModel):
        raise PathError(f"位置“{path}”在“{rest[0]}”处不通")
    new = _put(current, rest, value, path)
    if _says_nothing(new):  # an undone first field leaves nothing behind
        return {other: item for other, item in items.items() if other != key}
    return {**items, key: new}


def _says_nothing(model: BaseModel) -> bool:
    """Whether every field is what it is where nothing was filled in."""
    return not any(
        field.is_required() or getattr(model, name) != field.get_default(call_default_factory=True)
        for name, field in type(model).model_fields.items()
    )


@lru_cache(maxsize=256)
def _adapter(owner: type[BaseModel], name: str) -> TypeAdapter[Any]:
    """Return what checks a field's value, with every limit a session file is held to."""
    field = owner.model_fields[name]
    kind: Any = field.annotation
    return TypeAdapter(Annotated[kind, *field.metadata] if field.metadata else kind)


_REFUSALS = {
    "missing": "缺少“{0}”",
    "extra_forbidden": "没有“{0}”这一项",
    "string_type": "应是文字",
    "string_too_short": "不能为空",
    "string_too_long": "太长",
    "too_long": "太长",
    "bool_type": "应是“是”或“否”",
    "bool_parsing": "应是“是”或“否”",
    "string_pattern_mismatch": "名称或格式不合要求",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
    "int_type": "应是整数",
    "int_parsing": "应是整数",
    "literal_error": "只能是 {1}",
    "model_type": "这里有好几项，请逐项填写",
    "dict_type": "这里有好几项，请逐项填写",
    "tuple_type": "应是一列，不是一项",
    "moment": "时间应在 2000 至 2100 年之间，并写明时区",
}


def _fit(owner: type[BaseModel], name: str, value: Plain, path: str) -> Any:
    """Return ``value`` as the field holds it. Raises :class:`PathError`, in Chinese."""
    try:
        return _adapter(owner, name).validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        last = first["loc"][-1] if first["loc"] else name
        allowed = "、".join(re.findall(r"'(.*?)'", first.get("ctx", {}).get("expected", "")))
        why = _REFUSALS.get(first["type"], "内容不合要求").format(last, allowed)
        raise PathError(f"{path}：填写的内容不合要求（{why}）") from error
