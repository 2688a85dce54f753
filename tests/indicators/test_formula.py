"""The formula language: what it reads, what it computes, what it refuses and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from perfeval.indicators.formula import (
    MAX_LENGTH,
    Arithmetic,
    Call,
    Compare,
    Formula,
    FormulaError,
    Name,
    Negative,
    Node,
    Number,
    Percent,
    parse,
    unit_of,
)
from perfeval.numbers import Exact, decimal_text, exact, half_up

SEED = {
    "全年执行数": exact("741.99"),
    "全年预算数": exact("838.1"),
    "年初预算数": exact("667.77"),
    "可剔除调整数": exact("0"),
}


def value(source: str, **names: str) -> Exact:
    return parse(source).evaluate({name: exact(text) for name, text in names.items()})


# --- values ----------------------------------------------------------------------------------


def test_the_rates_of_the_seed() -> None:
    rate = parse("全年执行数 / 全年预算数").evaluate(SEED)
    assert rate == Exact(74199, 83810)
    assert decimal_text(rate * 100, 2) == "88.53"
    adjusted = parse("(全年预算数 - 年初预算数 - 可剔除调整数) / 年初预算数").evaluate(SEED)
    assert decimal_text(adjusted * 100, 2) == "25.51"


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),  # from the left
        ("48 / 4 / 3", "4"),
        ("48 / (4 / 2)", "24"),
        ("2 - (3 - 4)", "3"),
        ("-2 * 3", "-6"),
        ("2 * -3", "-6"),
        ("5 - -3", "8"),
        ("--3", "3"),
        ("+3", "3"),
        ("50%", "0.5"),
        ("-50%", "-0.5"),
        ("200 * 50%", "100"),
        ("(1 + 1)%", "0.02"),
        ("50%%", "0.005"),
        ("1 × 100%", "1"),
        ("7 / 48 * 6", "0.875"),
        ("6 × 7 ÷ 48", "0.875"),
        ("（１＋２）×３－４÷２", "7"),  # full width throughout
        ("1＋50％", "1.5"),
        ("0.1 + 0.2", "0.3"),
        ("3 >= 2", "1"),
        ("3 ≥ 3", "1"),
        ("3≦2", "0"),
        ("3 <> 2", "1"),
        ("3 ≠ 3", "0"),
        ("3 != 2", "1"),
        ("3 == 3", "1"),
        ("1/3 = 2/6", "1"),
        ("1 + 1 = 2", "1"),
        ("3 > 2 > 1", "0"),  # (3>2)=1, and 1>1 does not hold
        ("min(3, 1, 2)", "1"),
        ("max（3，1，2）", "3"),
        ("MAX(1, 2)", "2"),
        ("abs(-2.5)", "2.5"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(1.005, 2)", "1.01"),
        ("round(7/48*6, 2)", "0.88"),
        ("if(3 > 2, 10, 20)", "10"),
        ("if(0, 10, 20)", "20"),
    ],
)
def test_what_a_formula_is_worth(source: str, result: str) -> None:
    assert parse(source).evaluate({}) == exact(result)


def test_only_the_branch_taken_is_computed() -> None:
    assert value("if(分母 = 0, 0, 分子 / 分母)", 分子="5", 分母="0") == 0
    assert value("if(分母 = 0, 0, 分子 / 分母)", 分子="5", 分母="2") == exact("2.5")
    assert value("if(1, 5, 没有这个数)") == 5
    with pytest.raises(ZeroDivisionError):
        value("分子 / 分母", 分子="5", 分母="0")


def test_a_missing_figure_is_named() -> None:
    with pytest.raises(KeyError) as missing:
        value("全年执行数 / 全年预算数", 全年执行数="5")
    assert missing.value.args == ("全年预算数",)


def test_names_as_offices_write_them() -> None:
    formula = parse("[“三公”经费实际支出数] / 【2024年“三公”经费（含追加）】")
    assert formula.names == ("“三公”经费实际支出数", "2024年“三公”经费（含追加）")
    values = {formula.names[0]: exact("2.46"), formula.names[1]: exact("2.6")}
    assert decimal_text(formula.evaluate(values) * 100, 2) == "94.62"


def test_figures_over_the_projects() -> None:
    formula = parse("sum(projects.全年执行数) / sum(projects.全年预算数) * count(projects)")
    assert formula.names == (
        "sum(projects.全年执行数)",
        "sum(projects.全年预算数)",
        "count(projects)",
    )
    figures = dict(zip(formula.names, map(exact, ("140.14", "143.55", "8")), strict=True))
    assert formula.evaluate(figures) == Exact(14014 * 8, 14355)


def test_a_name_is_listed_once_in_the_order_of_reading() -> None:
    assert parse("丙 + 甲 / (丙 - 乙)").names == ("丙", "甲", "乙")


def test_equal_texts_share_one_formula() -> None:
    assert parse("甲 / 乙") is parse("甲 / 乙")
    assert parse("甲 / 乙") == Formula("甲 / 乙")
    assert parse("甲/乙") != parse("甲 / 乙")


@pytest.mark.parametrize(
    ("source", "divides"),
    [("甲 / 乙", True), ("甲 / 2", False), ("甲 / (2 - 乙)", True), ("甲 * 50%", False)],
)
def test_whether_a_zero_denominator_is_possible(source: str, divides: bool) -> None:
    assert parse(source).divides is divides


# --- printing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("(全年预算数 - 年初预算数) / 年初预算数", "(全年预算数-年初预算数)÷年初预算数"),
        ("((甲)) * ((乙))", "甲×乙"),
        ("甲 - (乙 - 丙)", "甲-(乙-丙)"),
        ("甲 - (乙 + 丙)", "甲-(乙+丙)"),
        ("甲 / (乙 * 丙)", "甲÷(乙×丙)"),
        ("甲 + (乙 + 丙)", "甲+乙+丙"),
        ("(甲 + 乙)%", "(甲+乙)%"),
        ("-(甲 + 乙)", "-(甲+乙)"),
        ("甲 >= (乙 >= 丙)", "甲≥(乙≥丙)"),
        ("(甲 >= 乙) >= 丙", "甲≥乙≥丙"),
        ("(甲 <= 乙) * 2", "(甲≤乙)×2"),
        ("if(甲>0, min(甲, 1), 0)", "if(甲>0，min(甲，1)，0)"),
        ("count(projects) * 50%", "count(projects)×50%"),
    ],
)
def test_a_formula_prints_with_the_brackets_it_needs(source: str, text: str) -> None:
    assert parse(source).text() == text


def test_the_numbers_put_in() -> None:
    formula = parse("(全年预算数 - 年初预算数 - 可剔除调整数) / 年初预算数")
    figures = {"全年预算数": "838.1", "年初预算数": "667.77", "可剔除调整数": "-3"}
    assert formula.substituted(figures.__getitem__) == "(838.1-667.77-(-3))÷667.77"


# --- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("", 1, "公式没有写完"),
        ("   ", 4, "公式没有写完"),
        ("全年执行数 /", 8, "公式没有写完"),
        ("全年执行数 / (全年预算数", 15, "括号没有闭合"),
        ("全年执行数) / 2", 6, "多出“)”"),
        ("全年执行数 全年预算数", 7, "前面可能少了运算符"),
        ("2 全年预算数", 3, "前面可能少了运算符"),
        ("甲 ** 2", 4, "这里应是数或名称，却是“*”"),
        ("甲 => 2", 4, "这里应是数或名称，却是“>”"),
        ("甲 / “三公”经费", 5, "方括号"),
        ("甲 / [三公经费", 5, "方括号没有闭合"),
        ("甲 ^ 2", 3, "不认识“^”"),
        ("甲；乙", 2, "不认识“；”"),
        ("mim(甲, 乙)", 1, "没有函数“mim”。是否想写“min”？"),
        ("甲 + ruond(乙)", 5, "没有函数“ruond”。是否想写“round”？"),
        ("abs(甲, 乙)", 1, "abs 的参数个数不对，给了 2 个"),
        ("if(甲, 乙)", 1, "if 的参数个数不对"),
        ("min()", 5, "这里应是数或名称"),
        ("round(甲, 乙)", 1, "位数应是 0 到 6 的整数"),
        ("round(甲, 7)", 1, "位数应是 0 到 6 的整数"),
        ("round(甲, 1.5)", 1, "位数应是 0 到 6 的整数"),
        ("sum(全年预算数)", 5, "sum 只对项目清单使用，如 sum(projects.全年预算数)"),
        ("count(projects.全年预算数)", 7, "count 只对项目清单使用"),
        ("sum(projects.全年预算数", 19, "括号没有闭合"),
        ("projects.全年预算数", 1, "不是可用的名称"),
        ("__import__(1)", 1, "没有函数“__import__”"),
        ("甲 + __class__", 5, "不是可用的名称"),
        ("__import__('os').system('x')", 12, "方括号"),
        ("甲.__class__.__bases__", 12, "不认识“.”"),
        ("lambda: 1", 7, "不认识“:”"),
        ("1" * 61, 1, "数字太长"),
        ("𠮷 + + * 3", 7, "却是“*”"),  # columns count characters, not bytes or UTF-16 units
    ],
)
def test_a_mistake_is_told_at_its_character(source: str, column: int, message: str) -> None:
    with pytest.raises(FormulaError) as refused:
        parse(source)
    assert refused.value.column == column
    assert str(refused.value).startswith(f"公式第 {column} 个字符处：")
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "source",
    [
        "(" * 100_000 + "1" + ")" * 100_000,
        "(" * 900 + "1" + ")" * 900,
        "-" * 1900 + "1",
        "1" + "%" * 1900,
        "+".join(["1"] * 900),
        "1" + "+1" * 100_000,
        "if(1," * 300 + "1" + ",0)" * 300,
        "min(" * 400 + "1" + ")" * 400,
        "甲" * (MAX_LENGTH + 1),
        "sum(" * 400,
    ],
    ids=lambda source: f"{source[:8]}… {len(source)}",
)
def test_long_and_deep_formulas_cost_nothing(source: str) -> None:
    with pytest.raises(FormulaError, match=r"太深|太长|超过|只对项目"):
        Formula(source)


def test_a_formula_of_reasonable_size_is_accepted() -> None:
    assert parse("+".join(["1"] * 100)).evaluate({}) == 100
    assert parse("(" * 40 + "1" + ")" * 40).evaluate({}) == 1
    nested = "if(甲>{0}，{0}，{1})"
    source = "0"
    for step in range(30):
        source = nested.format(step, source)
    assert value(source, 甲="4.5") == 4


def read_or_told(text: str) -> Formula | None:
    """Return the formula, or None where the mistake is told inside the text."""
    mistake: FormulaError | None = None
    try:
        return Formula(text)
    except FormulaError as error:
        mistake = error
    assert 1 <= mistake.column <= len(text) + 1
    return None


@given(st.text(max_size=60))
def test_any_text_is_a_formula_or_a_told_mistake(text: str) -> None:
    read_or_told(text)


@given(st.text(alphabet="甲乙1.0(),+-*/%<>=≥if min[]、“” \n", max_size=40))
def test_nearly_a_formula_is_a_formula_or_a_told_mistake(text: str) -> None:
    parsed = read_or_told(text)
    if parsed is not None and not any("(" in name for name in parsed.names):
        in_brackets = parsed.node.text(lambda name: f"[{name}]")
        assert Formula(in_brackets).names == parsed.names


# --- laws ------------------------------------------------------------------------------------

numbers = st.builds(
    lambda n, places: Number(Exact(n, 10**places)), st.integers(0, 500), st.integers(0, 3)
)
leaves: st.SearchStrategy[Node] = numbers | st.sampled_from(["甲", "乙", "count(projects)"]).map(
    Name
)


def _grow(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return (
        st.builds(Arithmetic, st.sampled_from("+-*/"), inner, inner)
        | st.builds(Compare, st.sampled_from([">=", ">", "<=", "<", "=", "<>"]), inner, inner)
        | st.builds(Negative, inner)
        | st.builds(Percent, inner)
        | st.builds(
            lambda function, parts: Call(function, tuple(parts)),
            st.sampled_from(["min", "max"]),
            st.lists(inner, min_size=1, max_size=3),
        )
        | st.builds(lambda part: Call("abs", (part,)), inner)
        | st.builds(
            lambda part, places: Call("round", (part, Number(Exact(places)))),
            inner,
            st.integers(0, 6),
        )
        | st.builds(lambda *parts: Call("if", parts), inner, inner, inner)
    )


trees: st.SearchStrategy[Node] = st.recursive(leaves, _grow, max_leaves=14)
figures = st.fixed_dictionaries(
    {name: st.fractions(-100, 100, max_denominator=400) for name in ("甲", "乙", "count(projects)")}
)

BY_HAND: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    ">=": lambda a, b: Fraction(a >= b),
    ">": lambda a, b: Fraction(a > b),
    "<=": lambda a, b: Fraction(a <= b),
    "<": lambda a, b: Fraction(a < b),
    "=": lambda a, b: Fraction(a == b),
    "<>": lambda a, b: Fraction(a != b),
}


def by_hand(node: Node, put_in: Mapping[str, Fraction]) -> Fraction:
    """The meaning of a formula a second time: a plain walk over fractions.Fraction."""
    match node:
        case Number(value):
            return Fraction(int(value.numerator), int(value.denominator))
        case Name(name):
            return put_in[name]
        case Percent(part):
            return by_hand(part, put_in) / 100
        case Negative(part):
            return -by_hand(part, put_in)
        case Arithmetic(sign, left, right) | Compare(sign, left, right):
            return BY_HAND[sign](by_hand(left, put_in), by_hand(right, put_in))
        case Call("if", (test, yes, no)):
            return by_hand(yes if by_hand(test, put_in) else no, put_in)
        case Call("round", (part, Number(places))):
            scale = 10 ** int(places)
            scaled = abs(by_hand(part, put_in)) * scale
            units = int(scaled + Fraction(1, 2))
            return Fraction(units if by_hand(part, put_in) > 0 else -units, scale)
        case Call(function, parts):
            known = [by_hand(part, put_in) for part in parts]
            if function == "abs":
                return abs(known[0])
            return min(known) if function == "min" else max(known)
    raise AssertionError(node)


def outcome(compute: Callable[[], object]) -> object:
    try:
        return compute()
    except ZeroDivisionError:
        return "÷0"


@given(trees, figures)
def test_evaluation_equals_a_plain_walk_over_fractions(
    node: Node, put_in: dict[str, Fraction]
) -> None:
    values = {name: Exact(v.numerator, v.denominator) for name, v in put_in.items()}
    assert outcome(lambda: node.compile()(values)) == outcome(lambda: by_hand(node, put_in))


@given(trees, figures)
def test_a_printed_formula_reads_back_to_the_same_value(
    node: Node, put_in: dict[str, Fraction]
) -> None:
    values = {name: Exact(v.numerator, v.denominator) for name, v in put_in.items()}
    text = node.text(str)
    assume(len(text) <= MAX_LENGTH)
    again = parse(text)
    assert outcome(lambda: again.evaluate(values)) == outcome(lambda: node.compile()(values))
    assert again.text() == parse(again.text()).text()


@given(st.integers(-(10**6), 10**6), st.integers(0, 6))
def test_round_is_the_engines_rounding(units: int, places: int) -> None:
    amount = Exact(units, 1024)
    assert parse(f"round(甲, {places})").evaluate({"甲": amount}) == half_up(amount, places)


# --- units -----------------------------------------------------------------------------------

UNITS = {"预算": "万元", "支出": "元", "项目数": "个", "完成率": "%", "天数": "天"}


@pytest.mark.parametrize(
    ("source", "unit"),
    [
        ("预算", {"money": 1}),
        ("预算 + 支出", {"money": 1}),
        ("支出 / 预算", {}),
        ("预算 / 项目数", {"money": 1, "个": -1}),
        ("预算 / 项目数 * 项目数", {"money": 1}),
        ("完成率", {}),
        ("完成率 * 50%", {}),
        ("50%", {}),
        ("2", None),
        ("预算 - 0", {"money": 1}),
        ("预算 > 支出", {}),
        ("if(预算 > 0, 支出, 0)", {"money": 1}),
        ("min(预算, 支出)", {"money": 1}),
        ("round(预算, 2)", {"money": 1}),
        ("-预算", {"money": 1}),
        ("count(projects) / 项目数", {}),
        ("sum(projects.全年预算数) / 预算", {}),
    ],
)
def test_the_unit_of_a_formula(source: str, unit: dict[str, int] | None) -> None:
    assert unit_of(parse(source).node, UNITS) == unit


@pytest.mark.parametrize(
    "source",
    ["预算 + 项目数", "预算 > 项目数", "if(1, 预算, 项目数)", "max(天数, 项目数)", "预算 - 天数"],
)
def test_unlike_things_are_not_added_or_compared(source: str) -> None:
    with pytest.raises(ValueError, match="单位不同"):
        unit_of(parse(source).node, UNITS)
