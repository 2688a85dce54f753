"""Indicator sets in Excel: written and read back equal; what is wrong is told by its cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from perfeval.cli.app import run
from perfeval.exchange.set_tables import read_set, write_set
from perfeval.indicators.library import find, loads

SHIPPED = ("henan-department-2024", "mof-project-2020", "sichuan-dazhou-department")


@pytest.mark.parametrize("set_id", SHIPPED)
def test_a_set_written_and_read_is_equal(set_id: str, tmp_path: Path) -> None:
    text, problems = read_set(write_set(find(set_id), tmp_path / "体系.xlsx"))
    assert [one for one in problems if one.severity == "错误"] == []
    assert loads(text) == find(set_id)


def edited(folder: Path, change: Callable[[Any], None], set_id: str = SHIPPED[0]) -> Path:
    path = write_set(find(set_id), folder / "体系.xlsx")
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def cell_of(page: Any, heading: str, code: str) -> Any:
    """Return the cell of an indicator's row under a heading."""
    headings = [cell.value for cell in page[1]]
    column, codes = headings.index(heading), headings.index("代码")
    return next(row[column] for row in page.iter_rows() if row[codes].value == code)


def test_an_indicator_edited_in_excel(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        page = book["指标"]
        cell_of(page, "年度指标值", "B2").value = "≥95%"
        goal = cell_of(page, "年度指标值", "B6")  # typed as a number shown with %
        goal.value, goal.number_format = 0.9, "0%"
        cell_of(page, "规则参数", "B8").value = "deduct: 0.5"

    text, _ = read_set(edited(tmp_path, change))
    found = loads(text)
    assert found.indicator("B2").target == "≥95%"
    assert found.indicator("B6").target == "90%"
    assert found.indicator("B8").rule.model_dump(mode="json")["deduct"] == "0.5"


@pytest.mark.parametrize(
    ("heading", "code", "value", "told"),
    [
        ("分值", "B3", "两分", "不是"),
        ("分值", "B3", "5", "分值"),
        ("公式", "B3", "全年预算 / 年初预算数", "全年预算"),
        ("公式", "B3", "全年预算数 / (年初预算数", "括号"),
        ("计分规则", "B3", "full_if_at_mots", "full_if_at_mo"),
        ("规则参数", "B8", "deduct: [", "写法不对"),
        ("可信程度", "B3", "公式：大概", "可信程度"),
        ("计入个数", "X1", "不", "是 或 否"),
        ("分母为零", "B3", "随便", "随便"),
    ],
)
def test_a_problem_names_its_cell(
    heading: str, code: str, value: str, told: str, tmp_path: Path
) -> None:
    place: list[str] = []

    def change(book: Any) -> None:
        cell = cell_of(book["指标"], heading, code)
        cell.value = value
        place.append(cell.coordinate)

    text, problems = read_set(edited(tmp_path, change))
    assert text == ""
    found = [one for one in problems if told in f"{one.message}{one.cure}"]
    assert found, [str(one) for one in problems]
    row = place[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if heading != "分值" or value != "5":  # a sum is told where it is stated
        assert found[0].place.startswith("体系.xlsx 指标!")
        assert found[0].place.endswith(row)


def test_an_unknown_heading_and_a_missing_sheet(tmp_path: Path) -> None:
    def rename(book: Any) -> None:
        book["指标"]["A1"].value = "一级指标名"

    _, problems = read_set(edited(tmp_path, rename))
    assert any("是否想写“一级指标”？" in str(one) for one in problems)


def test_the_verbs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["sets", "to-excel", "mof-project-2020"]) == 0
    assert run(["sets", "to-excel", "mof-project-2020"]) == 2
    assert run(["sets", "from-excel", "mof-project-2020.xlsx", "--to", "own.yaml"]) == 0
    assert "perfeval sets add own.yaml" in capsys.readouterr().out
    assert loads(Path("own.yaml").read_text(encoding="utf-8")) == find("mof-project-2020")
    book = openpyxl.load_workbook("mof-project-2020.xlsx")
    page = book["指标"]
    page["B2"].value = "20"
    book.save("bad.xlsx")
    assert run(["sets", "from-excel", "bad.xlsx"]) == 1
    assert "错误" in capsys.readouterr().out
    assert not Path("mof-project-2020.yaml").exists()
