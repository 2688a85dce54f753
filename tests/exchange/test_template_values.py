"""A filled form shows its own sums to readers that do not compute: as a spreadsheet gives them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from perfeval.exchange.template_values import Values, with_values

FORM: list[tuple[object, ...]] = [
    ("资金", 40, 42.37, 40.87, None),
    ("执行率", "=D1/C1", "=ROUND(D1/C1*100,2)", "=D1/C1*10%", "=IF(B4=0,0,D1/B4)"),
    ("得分", 15, 11.25, "", "≥95%"),
    ("合计", "=SUM(B3:D3)+B1", "=SUM(B1:D1,B3)", "=B4-C4", '="共"&B4&"分"'),
    ("等级", '=IF(B4>=55,"优","良")', "=AVERAGE(B3:E3)", "=MAX(B1:D3)", "=MIN(B1:D1)"),
    ("引用", "=汇总!A1", "='汇 总'!$A$2", "=COUNT(B3:E3)", "=ABS(-B1)"),
]
LEFT_OPEN: list[object] = [
    "=B1/E1",  # by nothing
    "=E3+1",  # a text is no number
    "=TODAY()",
    "=SUM(B:B)",
    "=A99",
    "=VLOOKUP(A1,A1:B3,2,0)",
    "=合计行",
    "=没有!A1",
    "=SUM(",
]


def _book(rows: list[Any]) -> Any:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "表"
    for row in rows:
        sheet.append(row)
    book.create_sheet("汇总")["A1"] = "=表!B4*2"
    book.create_sheet("汇 总")["A2"] = "=汇总!A1+0.1"
    return book


def _filled(book: Any) -> tuple[bytes, int]:
    buffer = BytesIO()
    book.save(buffer)
    return with_values(buffer.getvalue(), book, Values(book))


def _cached(data: bytes, sheet: str, address: str) -> Any:
    return openpyxl.load_workbook(BytesIO(data), data_only=True)[sheet][address].value


def test_every_formula_such_forms_have_stands_with_its_value(tools: Any, tmp_path: Path) -> None:
    data, left = _filled(_book(FORM))
    path = tmp_path / "表.xlsx"
    path.write_bytes(data)
    assert left == 0
    assert tools.differing(path, tools.by_ironcalc) == {}
    assert _cached(data, "表", "B4") == 66.25
    assert _cached(data, "表", "C2") == 96.46
    assert _cached(data, "表", "B5") == "优"
    assert _cached(data, "表", "E4") == "共66.25分"
    assert _cached(data, "汇 总", "A2") == 132.6


@pytest.mark.soak
def test_libreoffice_gives_the_same(tools: Any, tmp_path: Path) -> None:
    data, _ = _filled(_book(FORM))
    path = tmp_path / "表.xlsx"
    path.write_bytes(data)
    assert tools.differing(path, tools.by_libreoffice) == {}


@pytest.mark.parametrize("formula", LEFT_OPEN)
def test_what_is_not_computed_here_is_left_to_excel(formula: str) -> None:
    rows = [*FORM, (formula,)]
    rows[5] = ("引用",)
    book = _book(rows)
    data, left = _filled(book)
    if formula == "=A99":  # a blank cell counts as 0
        assert (left, _cached(data, "表", "A7")) == (0, 0)
        return
    assert left == 1
    assert _cached(data, "表", "A7") is None
    assert openpyxl.load_workbook(BytesIO(data))["表"]["A7"].value == formula


def test_a_circle_and_a_long_chain_end() -> None:
    chain = [("=A2+1",), *((f"=A{n}+1",) for n in range(3, 400)), (1,)]
    data, left = _filled(_book([("=B1", "=A1")]))
    assert left == 2
    data, left = _filled(_book(chain))
    assert left > 0
    data, left = _filled(_book([(1,), *((f"=A{n}+1",) for n in range(1, 400))]))
    assert (_cached(data, "表", "A400"), left) == (400, 0)


NUMBERS = st.sampled_from((0, 1, 2, 3, 10, 0.1, 0.2, 0.3, 66.25, 99.995, 1234.5))


@st.composite
def _formulas(draw: st.DrawFn, depth: int = 2) -> str:
    if depth == 0:
        return draw(st.sampled_from(("A1", "B1", "C1", "2", "0.5", "10%", "$A$1")))
    inner = _formulas(depth - 1)
    kind = draw(st.sampled_from(("+", "-", "*", "SUM", "ROUND", "IF", "()", "-x", "MAX")))
    one, other = draw(inner), draw(inner)
    match kind:
        case "SUM" | "MAX":
            return f"{kind}(A1:C1,{one},{other})"
        case "ROUND":
            return f"ROUND({one},{draw(st.integers(0, 3))})"
        case "IF":
            return f"IF({one}>={other},{other},{one})"
        case "()":
            return f"({one})*({other})"
        case "-x":
            return f"-({one})+{other}"
    return f"{one}{kind}{other}"


@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    numbers=st.tuples(NUMBERS, NUMBERS, NUMBERS),
    formulas=st.lists(_formulas(), min_size=4, max_size=12),
)
def test_any_sum_is_what_a_spreadsheet_gives(
    numbers: tuple[float, ...], formulas: list[str], tmp_path_factory: Any
) -> None:
    from tests.exchange import conftest as tools

    data, left = _filled(_book([numbers, [f"={one}" for one in formulas], (), (0, 1)]))
    path = tmp_path_factory.mktemp("law") / "表.xlsx"
    path.write_bytes(data)
    assert left == 0
    assert tools.differing(path, tools.by_ironcalc) == {}
