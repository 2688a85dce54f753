"""The types of a set's fields: exact numbers, formulas, and the model every part of a set is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from perfeval.indicators.formula import Formula, FormulaError, parse
from perfeval.numbers import ZERO, Exact, decimal_text, exact

_EXACT = type(ZERO)


def _read_number(value: object) -> object:
    if isinstance(value, str | int) and not isinstance(value, bool):
        try:
            return exact(value)
        except ValueError as error:
            raise PydanticCustomError("number", "“{text}”不是数值", {"text": value}) from error
    if isinstance(value, float):
        raise PydanticCustomError("number", "数值不要经过二进制浮点：{text}", {"text": value})
    if not isinstance(value, _EXACT):
        raise PydanticCustomError("number", "应是一个数值", {})
    return value


def _read_formula(value: object) -> object:
    if isinstance(value, str):
        try:
            return parse(value)
        except FormulaError as error:
            raise PydanticCustomError("formula", "{text}", {"text": str(error)}) from error
    if not isinstance(value, Formula):
        raise PydanticCustomError("formula", "应是一行公式", {})
    return value


if TYPE_CHECKING:
    Quantity = Exact
    FormulaField = Formula
else:
    Quantity = Annotated[
        object,
        BeforeValidator(_read_number),
        PlainSerializer(decimal_text),
        WithJsonSchema({"type": ["string", "number"], "description": "数值，如 0.5、10%"}),
    ]
    """An exact number of a set, written as text: ``0.5``, ``10%``."""

    FormulaField = Annotated[
        object,
        BeforeValidator(_read_formula),
        PlainSerializer(lambda formula: formula.source),
        WithJsonSchema({"type": "string", "description": "公式，如 全年执行数 / 全年预算数"}),
    ]
    """A :class:`Formula` of a set, written as its text."""


class SetModel(BaseModel):
    """A part of an indicator set: read once, never changed, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
