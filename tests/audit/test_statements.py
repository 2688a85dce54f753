"""Published statements with a known verdict, as equations and as sentences."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from perfeval.audit.auditing import audit
from perfeval.audit.document import Place
from perfeval.audit.equations import Equation, Term, Verdict, computed, holds
from perfeval.audit.figures import Mention, mention_of
from perfeval.audit.model import AuditFinding
from perfeval.audit.observed import Severity
from perfeval.audit.readers import read_bytes
from perfeval.numbers import Exact, Interval, half_up

PUBLISHED = [
    ("62.07/84.82*100", "73.2%", "ok"),
    ("38.97/(62.07-38.97)*100", "168.7%", "ok"),
    ("24.87/(62.07+24.87)*100", "28.6%", "ok"),
    ("27.46/29.6*100", "92.8%", "ok"),
    ("6.32/(27.46-6.32)*100", "29.9%", "ok"),
    ("22.59/43.2*100", "52.3%", "ok"),
    ("20.63/(22.59-20.63)*100", "1055.4%", "within_input_rounding"),
    ("12.02/62.07*100", "19.4%", "ok"),
    ("27.46/62.07*100", "44.2%", "ok"),
    ("22.59/62.07*100", "36.4%", "ok"),
    ("12.02+29.6+43.2", "84.82万元", "ok"),
    ("12.02+27.46+22.59", "62.07万元", "ok"),
    ("881300.39/(881300.39+29700)*100", "96.74%", "ok"),
    ("716052.51/881300.39*100", "81.25%", "ok"),
    ("165247.88/881300.39*100", "18.76%", "wrong"),
    ("809961.19+71339.2", "881300.39元", "ok"),
    ("166271.4/(881300.39+166271.4)*100", "15.87%", "ok"),
    ("13900/(29700+13900)*100", "31.88%", "ok"),
    ("716052.51+165247.88", "881300.39元", "ok"),
    ("809961.19+71339.2", "911000.39元", "wrong"),
    ("11.96/24.5*100", "48.82%", "ok"),
    ("4.02/11.96*100", "89.33%", "wrong"),
    ("7.94/11.96*100", "39.7%", "wrong"),
    ("0.41/(11.96+0.41)*100", "3.34%", "within_input_rounding"),
    ("0.05/(4.02-0.05)*100", "1.26%", "ok"),
    ("0.46/(7.94+0.46)*100", "5.44%", "within_input_rounding"),
    ("4.02+7.94", "11.96万元", "ok"),
    ("0.05-0.46", "-0.41万元", "ok"),
]
"""Three published accounts (a province, a unit, a township): formula, printed, recorded verdict."""

AT = Place(0)


def equation(formula: str, printed: str) -> Equation:
    """Make an equation of a formula; equal numbers in it are one printed number."""
    unit = printed.lstrip("-0123456789.")
    money = "万元" if unit == "%" else unit
    known: dict[str, Mention] = {}

    def terms(node: ast.expr, sign: int = 1) -> Iterator[Term]:
        if isinstance(node, ast.BinOp):
            yield from terms(node.left, sign)
            yield from terms(node.right, sign if isinstance(node.op, ast.Add) else -sign)
        else:
            text = ast.unparse(node)
            one = known.setdefault(text, mention_of(text, money, AT, ""))
            yield Term(Exact(sign), (one,))

    body = ast.parse(formula.removesuffix("*100"), mode="eval").body
    left = mention_of(printed.removesuffix(unit), unit, AT, "")
    if isinstance(body, ast.BinOp) and isinstance(body.op, ast.Div):
        return Equation("占比", "", left, tuple(terms(body.left)), tuple(terms(body.right)))
    return Equation("加总", "", left, tuple(terms(body)))


def verdict(one: Equation) -> str:
    """Judge as the cases are judged: recomputed, possible within the inputs' decimals, or wrong."""
    if not holds(one, lambda mention: mention.interval):
        return "wrong"
    value = computed(one, lambda mention: Interval.point(mention.value))
    assert value is not None
    left = one.left
    return "ok" if half_up(value.low / left.size, left.places) * left.size == left.value else (
        "within_input_rounding"
    )  # fmt: skip


@pytest.mark.parametrize(("formula", "printed", "recorded"), PUBLISHED)
def test_a_published_statement_gets_the_verdict_recorded(
    formula: str, printed: str, recorded: str
) -> None:
    assert verdict(equation(formula, printed)) == recorded


def found_in(text: str) -> list[AuditFinding]:
    document = read_bytes(text.encode(), "报告.txt")
    return [one for one in audit(document).findings if one.verdict is Verdict.FAIL]


PUBLIC = "九、“三公”经费支出决算情况说明\n\n"


@pytest.mark.parametrize(
    "sentence",
    [
        PUBLIC + "2023年度“三公”经费支出决算62.07万元，完成预算84.82万元的73.2%，"
        "比上年增加38.97万元，增长168.7%。",
        PUBLIC + "公务接待费支出决算22.59万元，比上年增加20.63万元，增长1,055.4%。",
        PUBLIC + "公务接待费支出决算22.59万元，比上年增加22.59万元，增长--(基数为0，不可比)。",
        "2023年度支出合计911000.39元，其中：基本支出881300.39元，占96.74%；项目支出29700元，占3.26%。",
        "2023年度支出总计2.5亿元，比上年增加0.3亿元，增长13.6%。",
        "2023年度收入合计100.00万元，其中：财政拨款收入33.33万元，占33.33%；事业收入33.33万元，占33.33%；"
        "其他收入33.33万元，占33.33%。",
    ],
)  # fmt: skip
def test_a_true_sentence_is_not_accused(sentence: str) -> None:
    assert found_in(sentence) == []


WRONG = [
    (
        PUBLIC + "公务接待费支出决算22.59万元，完成预算43.2万元的53.2%。",
        ("53.2%", "52.3%", Severity.ARITHMETIC),
    ),
    (
        "2023年度支出合计911000.39元，其中：基本支出881300.39元，占96.74%；"
        "项目支出29700元，占3.62%。",
        ("3.62%", "3.26%", Severity.ARITHMETIC),
    ),
    (
        "2023年度支出合计881300.39元。\n\n"
        "2023年度一般公共预算财政拨款支出165247.88元，占支出合计的18.76%。",
        ("18.76%", "18.75%", Severity.ROUNDING),
    ),
    (
        "2023年度支出总计2.50亿元，比上年增加0.30亿元，增长16.3%。",
        ("16.3%", "13.6%", Severity.ARITHMETIC),
    ),
]


@pytest.mark.parametrize(("sentence", "told"), WRONG)
def test_a_wrong_sentence_is_shown_with_both_numbers(
    sentence: str, told: tuple[str, str, Severity]
) -> None:
    (found,) = found_in(sentence)
    assert (found.printed, found.expected, found.severity) == told
    assert found.printed in found.quote


def test_more_that_is_called_less() -> None:
    (found,) = found_in("2023年度支出总计250万元，比上年增加30万元，下降13.6%。")
    assert found.check == "方向"


def test_a_sum_carries_its_own_tail() -> None:
    """Ten items of 3.33 make 33.30 to 33.35; 33.36 cannot be."""
    items = "；".join(f"第{n}（类）支出3.33万元，占10.00%" for n in "一二三四五六七八九十")
    text = "2023年度一般公共预算财政拨款支出{}万元，主要用于以下方面：" + items + "。"
    assert [f for f in found_in(text.format("33.35")) if f.check == "加总"] == []
    assert len([f for f in found_in(text.format("33.36")) if f.check == "加总"]) == 1
