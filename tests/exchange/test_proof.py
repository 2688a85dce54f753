"""The proof: caches stripped, every formula recomputed elsewhere, zero differing cells."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from perfeval.indicators import rules
from perfeval.session.model import Session

ENGINES = ["by_ironcalc", "by_formualizer"]
ALLOWED = {
    *("IF", "AND", "OR", "NOT", "MIN", "MAX", "SUM", "ABS", "ROUND", "ROUNDUP", "ROUNDDOWN"),
    *("INDEX", "MATCH", "COUNTIF", "IFERROR", "ISNUMBER"),
}
SETS = ["henan-department-2024", "sichuan-dazhou-department", "every-rule"]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_worked_example_recomputes_to_its_caches(
    tools: Any, sample_book: Path, engine: str
) -> None:
    assert len(tools.formula_cells(sample_book)) > 500
    assert tools.differing(sample_book, getattr(tools, engine)) == {}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_corrupted_cache_is_found(tools: Any, sample_book: Path, engine: str) -> None:
    # 预算执行率 8.85 is written as 8.86 beside its formula: an empty proof would read it back.
    changed = tools.rewrite(
        sample_book, lambda xml: xml.replace("</f><v>8.85</v>", "</f><v>8.86</v>", 1)
    )
    found = tools.differing(changed, getattr(tools, engine))
    assert {values[1:] for values in found.values()} == {(8.86, 8.85)}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("set_id", SETS)
def test_made_sessions_recompute_to_their_caches(
    tools: Any, tmp_path: Path, set_id: str, seed: int
) -> None:
    _prove(tools, tmp_path, set_id, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(6, 400))
@pytest.mark.parametrize("set_id", SETS)
def test_many_made_sessions_recompute_to_their_caches(
    tools: Any, tmp_path: Path, set_id: str, seed: int
) -> None:
    _prove(tools, tmp_path, set_id, seed)


def _prove(tools: Any, folder: Path, set_id: str, seed: int) -> None:
    book = tools.write(tools.make_session(set_id, seed), folder)
    for engine in ENGINES:
        assert tools.differing(book, getattr(tools, engine)) == {}
    verdicts = [c for (sheet, _), c in tools.formula_cells(book).items() if sheet == "核对"]
    assert "不一致" not in {cell.cached for cell in verdicts}


def test_libreoffice_recomputes_the_same(tools: Any, full_book: Path) -> None:
    assert tools.differing(full_book, tools.by_libreoffice) == {}


def test_the_set_of_these_tests_uses_every_rule_and_modifier(tools: Any) -> None:
    indicators = list(tools.find("every-rule").all_indicators())
    own = tools.find("every-rule").own_defaults.rules
    used = {part.type for i in indicators for part in tools.parts(i.rule)}
    used |= {rule.type for rule in (own.at_least, own.at_most, own.equal, own.qualitative)}
    known = {rule.model_fields["type"].annotation for rule in get_args(get_args(rules.Rule)[0])}
    assert used == {get_args(literal)[0] for literal in known}
    used = {modifier.type for i in indicators for modifier in i.modifiers}
    known = {m.model_fields["type"].annotation for m in get_args(get_args(rules.Modifier)[0])}
    assert used == {get_args(literal)[0] for literal in known}


@pytest.mark.parametrize("set_id", SETS)
def test_formulas_use_what_every_excel_has(tools: Any, tmp_path: Path, set_id: str) -> None:
    for seed in range(3):
        book = tools.write(tools.make_session(set_id, seed), tmp_path / str(seed))
        for place, cell in tools.formula_cells(book).items():
            plain = re.sub(r'"[^"]*"', '""', cell.formula)
            assert set(re.findall(r"[A-Z]+(?=\()", plain)) <= ALLOWED, place
            assert len(cell.formula) < 8192, place
            assert _depth(plain) <= 64, place
            assert max(map(len, re.findall(r'"([^"]*)"', cell.formula)), default=0) <= 255


def _depth(formula: str) -> int:
    depth = deepest = 0
    for char in formula:
        depth += (char == "(") - (char == ")")
        deepest = max(deepest, depth)
    return deepest


# --- numbers that break arithmetic, each with the score a person gets -------------------------


def _session(answers: dict[str, object], inputs: dict[str, str]) -> Session:
    department = {"set": "every-rule", "inputs": inputs, "answers": answers}
    base = {"id": "one", "unit": {"name": "某某局"}, "year": 2024}
    return Session.model_validate({**base, "department": department})


@pytest.mark.parametrize(
    ("code", "given", "score"),
    [
        # 7/48×6 = 0.875: 28 digits of 7/48 would give 0.87
        ("A4", ({"target": "100%"}, {"甲": "7", "乙": "48"}), "0.88"),
        ("A4", ({"target": "≥95%"}, {"甲": "19", "乙": "20"}), "6"),  # exactly on the target
        ("A1", ({}, {"甲": "94995", "乙": "100000"}), "3"),  # 94.995 % prints 95.00 %: met
        ("A9", ({"actual": "99.27%"}, {}), "3"),  # 不足一个百分点不扣
        ("A9", ({"actual": "99%"}, {}), "2.7"),  # one whole point, 1-0.99 is not 0.01 in binary
        ("A9", ({"actual": "98.99%"}, {}), "2.7"),
        ("A9", ({"actual": "93%"}, {}), "0.9"),
        ("B1", ({}, {"甲": "55", "乙": "100"}), "3.5"),  # one step, exactly
        ("B1", ({}, {"甲": "5501", "乙": "10000"}), "3"),  # a step begun counts
        ("B2", ({"actual": "101.50%"}, {}), "3.78"),  # 4 − 0.225 = 3.775
        ("C1", ({"elements": dict.fromkeys("一二三四五六七八", True) | {"八": False}}, {}), "2.63"),
        ("A6", ({"actual": "16%"}, {}), "1.88"),  # 3×10/16 = 1.875
        ("D5", ({"actual": "100.2分"}, {}), "2.51"),  # 3×100.2/120 = 2.505
        ("A8", ({"actual": "0"}, {}), "3"),
        ("A3", ({}, {"甲": "0", "乙": "0"}), "3"),  # 分母为 0 得满分
        ("A4", ({"target": "100%"}, {"甲": "0", "乙": "0"}), ""),  # 分母为 0 且无规定：不计分
        ("A2", ({"target": "≤10%"}, {"丙": "1", "全年预算数": "0"}), "不适用"),
        ("A2", ({"target": "≤10%"}, {"丙": "10.004", "全年预算数": "100"}), "3"),  # prints 10.00 %
        ("D2", ({"manual_score": "1.005", "manual_reason": "佐证"}, {}), "1.01"),
        ("E2", ({"elected": '按"数量"'}, {"甲": "7"}), "2.63"),  # 3×7/8 = 2.625
        ("C3", ({"elements": {"有目标": False}}, {}), "0"),  # the gate decides, the rest is unasked
        ("C3", ({"elements": {"有目标": True, "相关": True}}, {}), ""),
        ("C5", ({"elements": {"造成损失": True}}, {"甲": "1", "乙": "1"}), ""),
        ("D6", ({}, {"丙": "0"}), "3"),  # the first level holds; the budget is not looked at
    ],
)
def test_a_score_at_the_edge(
    tools: Any,
    tmp_path: Path,
    code: str,
    given: tuple[dict[str, object], dict[str, str]],
    score: str,
) -> None:
    answer, inputs = given
    book = tools.write(_session({code: answer}, inputs), tmp_path)
    cells = tools.formula_cells(book)
    name = tools.find("every-rule").indicator(code).name
    place = tools.score_cell(book, name)
    wanted = score if score in ("", "不适用") else float(score)
    assert cells[place].cached == wanted
    for engine in ENGINES:
        assert tools.differing(book, getattr(tools, engine)) == {}


def test_a_rate_is_printed_before_it_is_scored(tools: Any, tmp_path: Path) -> None:
    # 8864.51/10000 = 88.6451 % prints 88.65 % and earns 8.87; the exact rate would earn 8.86.
    project = {
        "set": "mof-project-2020",
        "name": "项目",
        "funds": {"f": {"budget": "10000", "executed": "8864.51"}},
        "tier_rates": {"产出指标": "100%", "效益指标": "100%", "满意度指标": "100%"},
    }
    base = {"id": "one", "unit": {"name": "某某局"}, "year": 2024}
    book = tools.write(Session.model_validate({**base, "projects": {"p": project}}), tmp_path)
    cells = tools.formula_cells(book)
    assert cells["自评汇总表", "E4"].cached == 0.8865
    assert cells["自评汇总表", "I4"].cached == 98.87
    assert tools.differing(book, tools.by_ironcalc) == {}
