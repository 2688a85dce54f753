"""Findings live on: fingerprints, 核实说明, comparison, and the verb that shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document

from perfeval.cli.app import run
from tests.audit import own


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "报告.txt"
    path.write_text(own.text(), encoding="utf-8")
    return path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = run(["audit", *arguments])
    return code, capsys.readouterr().out


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads(told(capsys, *arguments, "--json")[1])
    return found


def test_the_terminal_shows_both_numbers_the_quote_and_its_line(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = told(capsys, str(report))
    assert code == 1
    assert "不成立 12，待核实 7，无法判断 1" in out
    assert "597.08万元 + 3.32万元 = 600.40万元，印为 604.00万元，相差 3.60万元" in out
    assert "归因：604.00万元→600.40万元" in out
    assert "第292行" in out


def test_json_has_the_stated_keys(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = as_json(capsys, str(report))
    keys = [
        "id",
        "verdict",
        "severity",
        "place",
        "quote",
        "printed",
        "expected",
        "message",
        "blame",
    ]
    assert all(set(keys) <= set(one) for one in data["findings"])
    assert {one["severity"] for one in data["findings"]} == {
        "arithmetic",
        "logic",
        "format",
        "text",
    }
    assert data["coverage"]


def test_a_fingerprint_survives_lines_that_move(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {one["id"] for one in as_json(capsys, str(report))["findings"]}
    moved = own.text().replace("一、部门职责", "说明：新的一段。\n\n\n一、部门职责", 1)
    report.write_text(moved, encoding="utf-8")
    assert {one["id"] for one in as_json(capsys, str(report))["findings"]} == before
    assert len(before) == 20


def test_an_explanation_is_kept_and_lapses_with_its_number(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = str(tmp_path / "记录.json")
    budget = next(
        one for one in as_json(capsys, str(report))["findings"] if one["printed"] == "604.00万元"
    )
    args = (
        "--record",
        record,
        "--explain",
        budget["id"],
        "--why",
        "年底追加 3.6",
        "--as",
        "财务甲",
    )
    _, out = told(capsys, str(report), *args)
    assert "核实说明：年底追加 3.6（财务甲）" in out
    again = as_json(capsys, str(report), "--record", record)["findings"]
    kept = next(one for one in again if one["id"] == budget["id"])
    bound: Any = kept["waiver"]
    assert (bound["reason"], bound["who"]) == ("年底追加 3.6", "财务甲")
    assert (bound["printed"], bound["expected"]) == ("604.00万元", "600.40万元")
    report.write_text(own.text().replace("604.00万元", "605.00万元"), encoding="utf-8")
    _, out = told(capsys, str(report), "--record", record)
    assert "已失效，数字变了：年底追加 3.6（财务甲）" in out


def test_the_corrected_document_closes_findings(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = str(tmp_path / "记录.json")
    told(capsys, str(report), "--record", record)
    corrected = own.text().replace("604.00万元", "600.40万元").replace("我县", "我市")
    corrected = corrected.replace("完成预算的84.87%", "完成预算的94.87%")
    report.write_text(corrected, encoding="utf-8")
    _, out = told(capsys, str(report), "--compare", record)
    assert "已改正 4 条，仍在 16 条，新出现 1 条" in out


def test_excel_and_word(report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    xlsx, word = tmp_path / "结果.xlsx", tmp_path / "结果.docx"
    told(capsys, str(report), "--xlsx", str(xlsx), "--docx", str(word))
    book = openpyxl.load_workbook(xlsx)
    assert book.sheetnames == ["审核结果", "核对范围"]
    cells = [[str(cell.value) for cell in row] for row in book["审核结果"].iter_rows()]
    assert any("604.00万元→600.40万元" in " ".join(row) for row in cells)
    texts = [one.text for one in Document(str(word)).paragraphs]
    assert any("印为 604.00万元" in one for one in texts)
    assert run(["audit", str(report), "--xlsx", str(xlsx)]) == 2  # nothing is overwritten


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"findings": [1]}', "{" * 9_000])
def test_what_is_no_record_is_refused(
    report: Path, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "别的.json"
    record.write_text(text, encoding="utf-8")
    assert run(["audit", str(report), "--record", str(record)]) == 2
    assert "不是审核记录" in capsys.readouterr().err


def test_a_clean_report_ends_with_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "好.txt"
    path.write_text("2023年度支出合计100.00万元。", encoding="utf-8")
    code, out = told(capsys, str(path))
    assert code == 0
    assert "没有发现问题" in out
    assert run(["audit", str(tmp_path / "无.txt")]) == 2


@pytest.mark.parametrize("kind", ["公开说明", "自评报告"])
def test_what_the_program_itself_writes_is_not_accused(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["export", "sample", "--to", str(tmp_path), "--documents", kind])
    capsys.readouterr()
    (written,) = tmp_path.glob("*.docx")
    code, out = told(capsys, str(written))
    assert code == 0, out
    assert "不成立" not in out
