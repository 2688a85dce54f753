"""One formula language: parsed once, then one tree gives the exact value, the text and Excel.

A formula reads like the document that prescribes it::

    (全年预算数 - 年初预算数 - 可剔除调整数) / 年初预算数

Names stand as offices write them; a name that holds quotes, brackets or begins with a digit is
written in brackets: ``[“三公”经费预算数]``. Operators are ``+ - × ÷ * /``, comparisons, and a
postfix ``%`` meaning ÷100. Functions are ``min max abs round if`` and, over the session's
projects, ``sum(projects.全年预算数)`` and ``count(projects)``. ``if`` is lazy.

The parser is our own (a Pratt parser) because Python's ``ast`` reads neither these names nor
``%`` and reports columns in bytes. It refuses long and deep formulas before they cost anything.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from perfeval.errors import PerfevalError, nearest
from perfeval.numbers import (
    MAX_FIGURE_LENGTH,
    Exact,
    decimal_text,
    dimension,
    exact,
    half_up,
    to_ascii,
)

Values = Mapping[str, Exact]
Evaluate = Callable[[Values], Exact]
"""Computes a value from the figures put in. Raises ``KeyError`` (its argument is the name) for a
figure that is missing and ``ZeroDivisionError`` for a zero denominator."""

MAX_LENGTH = 2000
MAX_DEPTH = 120


class FormulaError(PerfevalError):
    """A formula that cannot be read; ``column`` counts characters from 1."""

    def __init__(self, message: str, text: str, column: int) -> None:
        self.message, self.text, self.column = message, text, column
        super().__init__(f"公式第 {column} 个字符处：{message}")


# --- tree ------------------------------------------------------------------------------------


class Node:
    """A part of a formula. ``binds`` is how tightly it holds together, for printing brackets."""

    __slots__ = ()
    binds: int = 9

    @property
    def children(self) -> tuple[Node, ...]:
        return ()

    def compile(self) -> Evaluate:
        """Return the function that computes the exact value."""
        raise NotImplementedError

    def text(self, name: Callable[[str], str]) -> str:
        """Print the formula, each name as ``name`` has it: itself, or the number put in."""
        raise NotImplementedError

    def excel(self, name: Callable[[str], str]) -> str:
        """Return the Excel expression, each name as the cell ``name`` gives."""
        raise NotImplementedError

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()


def _wrap(text: str, child: Node, binds: int) -> str:
    return f"({text})" if child.binds < binds else text


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A literal such as ``2`` or ``0.5``."""

    value: Exact

    def compile(self) -> Evaluate:
        value = self.value
        return lambda values: value

    def text(self, name: Callable[[str], str]) -> str:
        return decimal_text(self.value)

    def excel(self, name: Callable[[str], str]) -> str:
        return decimal_text(self.value)


@dataclass(frozen=True, slots=True)
class Name(Node):
    """An input, or a figure over the projects (``sum(projects.全年预算数)``), looked up by name."""

    name: str

    def compile(self) -> Evaluate:
        return operator.itemgetter(self.name)

    def text(self, name: Callable[[str], str]) -> str:
        return name(self.name)

    def excel(self, name: Callable[[str], str]) -> str:
        return name(self.name)


@dataclass(frozen=True, slots=True)
class Percent(Node):
    """``50%`` or ``(a)%``: a postfix that divides by 100."""

    operand: Node
    binds = 8

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.operand,)

    def compile(self) -> Evaluate:
        inner, hundred = self.operand.compile(), Exact(100)
        return lambda values: inner(values) / hundred

    def text(self, name: Callable[[str], str]) -> str:
        return _wrap(self.operand.text(name), self.operand, 8) + "%"

    def excel(self, name: Callable[[str], str]) -> str:
        return f"(({self.operand.excel(name)})/100)"


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """``-a``."""

    operand: Node
    binds = 7

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.operand,)

    def compile(self) -> Evaluate:
        inner = self.operand.compile()
        return lambda values: -inner(values)

    def text(self, name: Callable[[str], str]) -> str:
        return "-" + _wrap(self.operand.text(name), self.operand, 7)

    def excel(self, name: Callable[[str], str]) -> str:
        return f"(-{_wrap(self.operand.excel(name), self.operand, 9)})"


_BINDS = {"+": 5, "-": 5, "*": 6, "/": 6}
_SIGNS = {"*": "×", "/": "÷", ">=": "≥", "<=": "≤", "<>": "≠"}


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """``a + b``, ``a - b``, ``a × b``, ``a ÷ b``."""

    sign: str
    left: Node
    right: Node

    @property
    def binds(self) -> int:  # type: ignore[override]
        return _BINDS[self.sign]

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)

    def compile(self) -> Evaluate:
        left, right = self.left.compile(), self.right.compile()
        match self.sign:
            case "+":
                return lambda values: left(values) + right(values)
            case "-":
                return lambda values: left(values) - right(values)
            case "*":
                return lambda values: left(values) * right(values)
            case _:
                return lambda values: left(values) / right(values)

    def _join(self, left: str, right: str, sign: str) -> str:
        tighter = self.binds + (self.sign in "-/")
        return _wrap(left, self.left, self.binds) + sign + _wrap(right, self.right, tighter)

    def text(self, name: Callable[[str], str]) -> str:
        sign = _SIGNS.get(self.sign, self.sign)
        return self._join(self.left.text(name), self.right.text(name), sign)

    def excel(self, name: Callable[[str], str]) -> str:
        return self._join(self.left.excel(name), self.right.excel(name), self.sign)


_COMPARE: dict[str, Callable[[Exact, Exact], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "=": operator.eq,
    "<>": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """``a ≥ b`` and its kin: 1 when it holds, else 0."""

    sign: str
    left: Node
    right: Node
    binds = 3

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)

    def compile(self) -> Evaluate:
        left, right, holds = self.left.compile(), self.right.compile(), _COMPARE[self.sign]
        one, zero = Exact(1), Exact(0)
        return lambda values: one if holds(left(values), right(values)) else zero

    def text(self, name: Callable[[str], str]) -> str:
        sign = _SIGNS.get(self.sign, self.sign)
        left, right = self.left.text(name), self.right.text(name)
        return _wrap(left, self.left, 3) + sign + _wrap(right, self.right, 4)

    def excel(self, name: Callable[[str], str]) -> str:
        left, right = self.left.excel(name), self.right.excel(name)
        return f"IF(ROUND({left},12){self.sign}ROUND({right},12),1,0)"


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``min max abs round if`` with their arguments."""

    function: str
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.arguments

    def compile(self) -> Evaluate:
        parts = [argument.compile() for argument in self.arguments]
        match self.function:
            case "min":
                return lambda values: min(part(values) for part in parts)
            case "max":
                return lambda values: max(part(values) for part in parts)
            case "abs":
                return lambda values: abs(parts[0](values))
            case "round":
                places = parts[1] if len(parts) == 2 else lambda values: Exact(0)
                return lambda values: half_up(parts[0](values), int(places(values)))
            case _:
                test, yes, no = parts
                return lambda values: yes(values) if test(values) else no(values)

    def text(self, name: Callable[[str], str]) -> str:
        return f"{self.function}({'，'.join(part.text(name) for part in self.arguments)})"

    def excel(self, name: Callable[[str], str]) -> str:
        parts = [argument.excel(name) for argument in self.arguments]
        if self.function == "round" and len(parts) == 1:
            parts.append("0")
        if self.function == "if":
            parts[0] = f"ROUND({parts[0]},12)<>0"
        return f"{self.function.upper()}({','.join(parts)})"


_ARITY = {"min": (1, 20), "max": (1, 20), "abs": (1, 1), "round": (1, 2), "if": (3, 3)}
_FUNCTIONS = (*_ARITY, "sum", "count")


# --- parser ----------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)
    |\[(?P<quoted>[^\[\]\n]+)\]
    |(?P<name>[^\W\d]\w*(?:\.\w+)?)
    |(?P<sign>>=|<=|<>|!=|==|[-+*/()%,<>=]))""",
    re.VERBOSE,
)
_TWO = {"≥": ">=", "≧": ">=", "≤": "<=", "≦": "<=", "≠": "<>", "!=": "<>", "==": "="}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


def _tokens(text: str) -> list[_Token]:
    plain = to_ascii(text).translate(
        {
            ord("×"): "*",
            ord("✕"): "*",
            ord("÷"): "/",
            ord("【"): "[",
            ord("】"): "]",
            ord("、"): ",",
        }
    )
    tokens, position = [], 0
    while position < len(plain):
        if plain[position].isspace():
            position += 1
            continue
        if sign := _TWO.get(plain[position]):
            tokens.append(_Token("sign", sign, position + 1))
            position += 1
            continue
        match = _TOKEN.match(plain, position)
        if not match:
            raise FormulaError(_stray(text[position]), text, position + 1)
        kind = match.lastgroup or ""
        raw = match[kind]
        # A bracketed name keeps the characters it was written with.
        if kind == "quoted":
            raw = text[match.start(kind) : match.end(kind)].strip()
        if kind == "sign":
            raw = _TWO.get(raw, raw)
        tokens.append(_Token(kind, raw, match.start(kind) + 1))
        position = match.end()
    tokens.append(_Token("end", "", len(text) + 1))
    return tokens


def _stray(character: str) -> str:
    if character in "“”\"'‘’":
        return "名称含引号时要放在方括号里，如 [“三公”经费预算数]"
    if character == "[":
        return "方括号没有闭合"
    return f"不认识“{character}”"


class _Parser:
    """Pratt: an operand, then operators as long as they bind tighter than what is open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0
        self.open = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def fail(self, message: str, token: _Token | None = None) -> FormulaError:
        return FormulaError(message, self.text, (token or self.here).column)

    def expect(self, sign: str, message: str) -> None:
        if self.here.text != sign or self.here.kind != "sign":
            raise self.fail(message)
        self.take()

    def whole(self) -> Node:
        node = self.expression(0)
        if self.here.kind != "end":
            raise self.fail(f"多出“{self.here.text}”，前面可能少了运算符")
        if _depth(node) > MAX_DEPTH:
            raise FormulaError("公式太长，请拆成几个指标或取值项", self.text, 1)
        return node

    def expression(self, binds: int) -> Node:
        self.open += 1
        if self.open > MAX_DEPTH // 2:
            raise self.fail("括号套得太深")
        left = self.operand()
        while True:
            sign = self.here.text if self.here.kind == "sign" else ""
            if sign == "%":
                self.take()
                left = Percent(left)
            elif _BINDS.get(sign, 0) > binds:
                self.take()
                left = Arithmetic(sign, left, self.expression(_BINDS[sign]))
            elif sign in _COMPARE and binds < 3:
                self.take()
                left = Compare(sign, left, self.expression(3))
            else:
                self.open -= 1
                return left

    def operand(self) -> Node:
        token = self.take()
        match token.kind:
            case "number":
                if len(token.text) > MAX_FIGURE_LENGTH:
                    raise self.fail("数字太长", token)
                return Number(exact(token.text))
            case "quoted":
                return Name(token.text)
            case "name":
                called = self.here.kind == "sign" and self.here.text == "("
                return self.call(token) if called else self.name(token)
            case "sign" if token.text == "(":
                node = self.expression(0)
                self.expect(")", "括号没有闭合，缺“)”")
                return node
            case "sign" if token.text == "-":
                return Negative(self.expression(7))
            case "sign" if token.text == "+":
                return self.expression(7)
            case "end":
                raise self.fail("公式没有写完", token)
            case _:
                raise self.fail(f"这里应是数或名称，却是“{token.text}”", token)

    def name(self, token: _Token) -> Node:
        if "__" in token.text or "." in token.text:
            raise self.fail(f"“{token.text}”不是可用的名称", token)
        return Name(token.text)

    def call(self, token: _Token) -> Node:
        function = token.text.lower()
        self.take()
        if function in ("sum", "count"):
            inner = self.take()
            wanted = r"projects\.\w+" if function == "sum" else "projects"
            if inner.kind != "name" or not re.fullmatch(wanted, inner.text):
                example = "sum(projects.全年预算数)" if function == "sum" else "count(projects)"
                raise self.fail(f"{function} 只对项目清单使用，如 {example}", inner)
            self.expect(")", "括号没有闭合，缺“)”")
            return Name(f"{function}({inner.text})")
        if function not in _ARITY:
            raise self.fail(f"没有函数“{token.text}”。{nearest(function, _FUNCTIONS)}", token)
        arguments = [self.expression(0)]
        while self.here.kind == "sign" and self.here.text == ",":
            self.take()
            arguments.append(self.expression(0))
        self.expect(")", "括号没有闭合，缺“)”")
        least, most = _ARITY[function]
        if not least <= len(arguments) <= most:
            raise self.fail(f"{function} 的参数个数不对，给了 {len(arguments)} 个", token)
        if function == "round" and len(arguments) == 2 and not _whole_number(arguments[1]):
            raise self.fail("round 的位数应是 0 到 6 的整数", token)
        return Call(function, tuple(arguments))


def _depth(node: Node) -> int:
    """Count the levels of the tree, one level at a time: a deep tree must not cost a deep stack."""
    level, depth = [node], 0
    while level:
        level = [child for parent in level for child in parent.children]
        depth += 1
    return depth


def _whole_number(node: Node) -> bool:
    return isinstance(node, Number) and node.value.denominator == 1 and 0 <= node.value <= 6


# --- formula ---------------------------------------------------------------------------------


class Formula:
    """A parsed formula: the text it came from, its tree, and the function that computes it."""

    __slots__ = ("evaluate", "names", "node", "source")

    def __init__(self, source: str) -> None:
        """Parse ``source``. Raises :class:`FormulaError` with the column of the first mistake."""
        if len(source) > MAX_LENGTH:
            raise FormulaError(f"公式超过 {MAX_LENGTH} 个字符", source, MAX_LENGTH + 1)
        self.source = source
        self.node = _Parser(source).whole()
        self.evaluate: Evaluate = self.node.compile()
        self.names: tuple[str, ...] = tuple(
            dict.fromkeys(node.name for node in self.node.walk() if isinstance(node, Name))
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Formula) and self.source == other.source

    def __hash__(self) -> int:
        return hash(self.source)

    def __repr__(self) -> str:
        return f"Formula({self.source!r})"

    def text(self) -> str:
        """Return the formula as printed: ``(全年预算数-年初预算数)÷年初预算数``."""
        return self.node.text(str)

    def substituted(self, number: Callable[[str], str]) -> str:
        """Return the formula with the numbers put in; negative ones stand in brackets."""

        def put_in(name: str) -> str:
            text = number(name)
            return f"({text})" if text.startswith("-") else text

        return self.node.text(put_in)

    @property
    def divides(self) -> bool:
        """Whether a zero denominator is possible: some divisor is not a plain number."""
        return any(
            isinstance(node, Arithmetic)
            and node.sign == "/"
            and any(isinstance(part, Name) for part in node.right.walk())
            for node in self.node.walk()
        )


@lru_cache(maxsize=4096)
def parse(source: str) -> Formula:
    """Return the parsed formula; equal texts share one. Raises :class:`FormulaError`."""
    return Formula(source)


# --- units -----------------------------------------------------------------------------------

Unit = dict[str, int]
"""Powers of base units: 万元/万元 is {}, 万元 is {"money": 1}."""


def unit_of(node: Node, units: Mapping[str, str]) -> Unit | None:
    """Return the unit of a formula, or None where a literal fits any.

    Raises ``ValueError`` (its text is Chinese) when unlike things are added or compared.
    """
    match node:
        case Number():
            return None
        case Name(name):
            if name.startswith("count("):
                return {"个": 1}
            if name.startswith("sum("):
                return {"money": 1}
            unit = units.get(name, "")
            kind = dimension(unit)
            if kind in ("ratio", "number"):
                return {}
            return {"money" if kind == "money" else unit: 1}
        case Percent(operand):
            unit_of(operand, units)
            return {}
        case Negative(operand):
            return unit_of(operand, units)
        case Arithmetic("*" | "/" as sign, left, right):
            a, b = unit_of(left, units) or {}, unit_of(right, units) or {}
            step = 1 if sign == "*" else -1
            powers = {key: a.get(key, 0) + step * b.get(key, 0) for key in {*a, *b}}
            return {key: power for key, power in powers.items() if power}
        case Call("round", arguments):
            return unit_of(arguments[0], units)
        case Call("if", arguments):
            unit_of(arguments[0], units)
            return _same(arguments[1:], units, node)
        case _:
            same = _same(node.children, units, node)
            return {} if isinstance(node, Compare) else same


def _same(parts: tuple[Node, ...], units: Mapping[str, str], node: Node) -> Unit | None:
    known: Unit | None = None
    literal = False
    for part in parts:
        unit = unit_of(part, units)
        if unit is None:
            literal = literal or not (isinstance(part, Number) and not part.value)
            continue
        if known is not None and unit != known:
            raise ValueError(f"“{node.text(str)}”把单位不同的数放在一起")
        known = unit
    if literal and known is not None and "money" in known:
        # 100 of what? The amounts come in 元 in one office and in 万元 in another.
        raise ValueError(f"“{node.text(str)}”把金额和没有单位的数放在一起")
    return known
