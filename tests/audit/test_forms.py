"""自评表 inside reports: points, scores, money and totals are tied, in text and in Word."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest

from perfeval.audit.auditing import audit
from perfeval.audit.equations import Verdict
from perfeval.audit.model import AuditFinding
from perfeval.audit.readers import read_bytes
from tests.audit import own

HEADS = "一级指标\t二级指标\t三级指标\t年度指标值\t实际完成值\t分值\t得分\t偏差原因"
FORM = f"""青石市河道管理所 2023 年度部门决算

项目支出绩效自评表

（2023年度）

项目名称\t河道清淤专项经费\t\t主管部门\t青石市水利局\t实施单位\t青石市河道管理所
项目资金（万元）\t年初预算数\t全年预算数\t全年执行数\t分值\t执行率\t得分
年度资金总额\t82.00\t96.40\t91.58\t10\t95.00%\t9.50
其中：当年财政拨款\t82.00\t80.00\t76.30\t\t\t
上年结转资金\t\t16.40\t15.28\t\t\t
其他资金\t\t\t\t\t\t
{HEADS}
产出指标（50分）\t数量指标\t清淤河段长度\t≥12公里\t12.5公里\t20\t20\t
\t质量指标\t断面验收合格率\t100%\t100%\t15\t15\t
\t时效指标\t汛前完工率\t≥95%\t95%\t15\t15\t
效益指标（30分）\t社会效益指标\t受益村庄数\t≥9个\t8个\t30\t26.67\t一个村延期验收
满意度指标（10分）\t服务对象满意度指标\t沿岸居民满意度\t≥90%\t92%\t10\t10\t
总分\t\t\t\t\t100\t96.17\t
"""


def findings(text: str) -> list[AuditFinding]:
    return list(audit(read_bytes(text.encode(), "报告.txt")).findings)


def told(text: str) -> list[tuple[str, Verdict, str, str]]:
    return [(f.check, f.verdict, f.printed, f.expected) for f in findings(text)]


def test_a_form_that_holds_gives_nothing() -> None:
    assert told(FORM) == []
    covered = audit(read_bytes(FORM.encode(), "报告.txt")).coverage
    assert {one.check: one.passed for one in covered} == {
        "一数两值": 0, "资金": 2, "执行率": 1, "得分": 1, "总分": 1, "权重": 4,
    }  # fmt: skip


FAIL, ASK, OPEN = Verdict.FAIL, Verdict.UNCERTAIN, Verdict.NOT_ASSESSABLE


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("\t96.17", "\t97.16", [("总分", FAIL, "97.16", "96.17分")]),
        ("26.67\t一个", "28.67\t一个", [("总分", FAIL, "96.17", "98.17分")]),
        ("95.00%\t9.50", "95.50%\t9.50", [("执行率", FAIL, "95.50%", "95.00%"),
                                          ("得分", ASK, "9.50", "9.55分")]),
        ("95.00%\t9.50", "95.00%\t8.50", [("总分", FAIL, "96.17", "95.17分"),
                                          ("得分", ASK, "8.50", "9.50分")]),
        ("16.40\t15.28", "17.40\t15.28", [("资金", FAIL, "96.40", "97.40万元")]),
        ("15\t15\t\n\t时效", "16\t15\t\n\t时效", [("权重", FAIL, "50", "51分"),
                                           ("权重", FAIL, "100", "101分")]),
        ("15\t15\t\n\t时效", "15\t16\t\n\t时效", [("得分", FAIL, "16", "不超过 15"),
                                           ("总分", FAIL, "96.17", "97.17分")]),
        ("95%\t15\t15", "94%\t15\t15", [("满分", OPEN, "15", "14.84分（按比例）")]),
        ("92%\t10\t10", "\t10\t10", [("依据", ASK, "10", "实际完成值")]),
        ("≥9个\t8个", "≥8个\t8个", []),
    ],
    ids=["total", "row", "rate", "execution", "sources", "weights", "above", "full", "unproven",
         "with a reason"],
)  # fmt: skip
def test_a_planted_error_is_found(
    right: str, wrong: str, expected: list[tuple[str, Verdict, str, str]]
) -> None:
    assert FORM.count(right) == 1
    assert told(FORM.replace(right, wrong)) == expected


def test_points_lost_without_a_reason_are_asked_about() -> None:
    met = FORM.replace("≥9个\t8个", "≥8个\t8个").replace("\t一个村延期验收", "\t")
    (found,) = findings(met)
    assert (found.check, found.verdict) == ("扣分", Verdict.UNCERTAIN)
    assert "受益村庄数" in found.message


def test_form_list_and_text_speak_of_one_project() -> None:
    """全年预算数 in the form, in the 自评汇总表 and in the text is one fact."""
    text = (
        FORM
        + """
部门（单位）项目支出自评汇总表

序号\t项目名称\t全年预算数(万元)\t执行数(万元)\t执行率\t自评得分
1\t河道清淤专项经费\t96.40\t91.85\t95.28%\t96.17
"""
    )
    spent, rate = findings(text)
    assert (spent.check, spent.printed) == ("一数两值", "91.58、91.85")
    assert spent.subject.startswith("项目·河道清淤")
    assert spent.blame == ("91.85→91.58万元，随之 95.28%→95.00%",)
    assert (rate.cause, rate.printed) == (spent.cause, "95.00%、95.28%")


def test_one_weight_is_blamed_for_two_sums_and_ties_are_all_shown() -> None:
    wrong = FORM.replace("15\t15\t\n\t时效", "16\t15\t\n\t时效")
    assert {one.blame for one in findings(wrong)} == {("16→15分", "15→14分", "20→19分")}


def as_merged_word(text: str) -> bytes:
    """The form in Word as offices have it: tiers merged down, the title above the table."""
    made = docx.Document()
    above, _, _ = text.partition("项目名称\t")
    for line in above.splitlines():
        made.add_paragraph(line)
    rows = [line.split("\t") for line in text.splitlines() if "\t" in line]
    width = max(map(len, rows))
    table = made.add_table(rows=len(rows), cols=width)
    last = 0
    for number, cells in enumerate(rows):
        for column, value in enumerate(cells):
            if value:
                table.cell(number, column).text = value
        if cells[0]:
            last = number
        elif "指标" in rows[last][0]:
            table.cell(last, 0).merge(table.cell(number, 0))
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "make", [as_merged_word, own.as_word, own.as_page], ids=["merged", "word", "page"]
)
def test_a_form_in_another_file_is_the_same_form(make: object, tmp_path: Path) -> None:
    assert callable(make)
    wrong = FORM.replace("\t96.17", "\t97.16")
    assert audit(read_bytes(make(FORM), "报告")).findings == ()
    (found,) = audit(read_bytes(make(wrong), "报告")).findings
    assert (found.check, found.printed, found.expected) == ("总分", "97.16", "96.17分")
