"""The project's own report of the national wording: every error put into it is found, no other."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec

import pytest

from perfeval.audit.auditing import audit
from perfeval.audit.equations import Verdict
from perfeval.audit.model import Audit, AuditFinding
from perfeval.audit.observed import Severity
from perfeval.audit.readers import read_bytes
from tests.audit import own

FAIL, ASK, OPEN = Verdict.FAIL, Verdict.UNCERTAIN, Verdict.NOT_ASSESSABLE
ERRORS = [
    ("得分", FAIL, "92.71", "92.17分"),
    ("得分", FAIL, "9.02", "9.20分"),
    ("加总", FAIL, "604.00万元", "600.40万元"),
    ("预算执行率", FAIL, "92.00%", "91.45%"),
    ("一数两值", FAIL, "604.00万元、600.40万元", "600.40万元"),
    ("分类", FAIL, "5个", "4个"),
    ("单位", FAIL, "86.00%", "86.00"),
    ("单位", FAIL, "28.85元", "28.85万元"),
    ("名称", FAIL, "档案库房消防改造", "档案库房消防改建"),
    ("地名", FAIL, "我县", ""),
    ("编号", FAIL, "③", ""),
    ("年度", FAIL, "2021年", "2023年"),
    ("覆盖", ASK, "138.66%", "不超过 100%"),
    ("扣分", ASK, "87.04", "偏差原因"),
    ("表间", ASK, "552.38万元", "552.36万元"),
    ("依据", ASK, "20.0分", "样本量、满意率"),
    ("平衡", ASK, "0万元", "48.02万元 = 结转结余 + 财政收回"),
    ("口径", ASK, "", ""),
    ("附件", ASK, "项目支出绩效自评表", ""),
    ("满分", OPEN, "15.0分", "14.25分（按比例）"),
]


@cache
def audited() -> Audit:
    return audit(read_bytes(own.text().encode(), "own_report.txt"))


def told(found: AuditFinding) -> tuple[str, Verdict, str, str]:
    return found.check, found.verdict, found.printed, found.expected


def test_every_error_is_found_and_nothing_else() -> None:
    assert [told(one) for one in audited().findings] == ERRORS
    assert (audited().year, audited().unit) == (2023, "青石市档案服务中心")


def test_a_finding_gives_its_line_and_its_words() -> None:
    lines = own.text().splitlines()
    for found in audited().findings:
        if found.printed and "、" not in found.printed:
            number = found.printed.removesuffix("分").removesuffix("%")
            assert number in lines[found.place.line - 1] or found.check in {"分类", "名称"}


def test_the_misprinted_score_is_blamed_with_what_follows_from_it() -> None:
    found = next(one for one in audited().findings if one.printed == "9.02")
    assert found.blame[0].startswith("9.02")
    assert "随之" in found.blame[0]
    assert "97.52" in found.blame[0]
    budget = [one.blame for one in audited().findings if one.cause == found.cause][1:]
    assert budget == [("604.00万元→600.40万元",)] * 3


def test_what_was_covered_and_what_was_not() -> None:
    said = audited().as_dict()["coverage"]
    assert sum(one["pass"] for one in said["checks"]) > 250
    assert "没有找到公开07、08表" in said["not_checked"]


# --- the same report as other files ----------------------------------------------------------

ARITHMETIC = {"得分", "加总", "预算执行率", "一数两值", "合计", "横向", "占比", "完成率", "单位"}


@pytest.mark.parametrize("make", [own.as_word, own.as_page], ids=["docx", "html"])
def test_word_and_web_give_the_same_findings(make: Callable[[str], bytes]) -> None:
    found = audit(read_bytes(make(own.text()), "report"))
    assert [told(one) for one in found.findings] == ERRORS


def test_a_workbook_gives_what_its_tables_hold() -> None:
    found = audit(read_bytes(own.as_workbook(own.text()), "report.xlsx"))
    sure = [f for f in found.findings if f.verdict is FAIL and f.severity is not Severity.TEXT]
    assert [(f.check, f.printed, f.expected) for f in sure] == [
        ("得分", "92.71", "92.17分"),
        ("得分", "9.02", "9.20分"),
        ("单位", "86.00%", "86.00"),
    ]
    assert str(found.findings[0].place).endswith("I6")
    assert sum(one.passed for one in found.coverage) > 150


def test_a_pdf_with_a_text_layer() -> None:
    if find_spec("pdfplumber") is None:
        pytest.skip("perfeval[pdf] is not installed")
    found = audit(read_bytes(own.as_pdf(own.text()), "report.pdf"))
    mine = [told(one) for one in found.findings if one.check in ARITHMETIC]
    assert mine == [one for one in ERRORS if one[0] in ARITHMETIC]
    assert found.findings[0].place.page > 1


def test_a_markdown_table_and_a_thousands_separator() -> None:
    text = (
        "公开03表\n\n单位：元\n\n| 项目 | | 本年支出合计 | 基本支出 | 项目支出 |\n"
        "|---|---|---|---|---|\n"
        "| 科目编码 | 科目名称 | | | |\n| 栏次 | | 1 | 2 | 3 |\n"
        "| | 合计 | 1,234,567.89 | 1,000,000.00 | 234,567.98 |\n"
    )
    (found,) = audit(read_bytes(text.encode(), "a.md")).findings
    assert (found.printed, found.expected) == ("1,234,567.89", "1234567.98元")
