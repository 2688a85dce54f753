"""自评报告: its outline, its numbers from the scorecard, its layout, and what is still to write."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from types import SimpleNamespace

import pytest

from perfeval.errors import PerfevalError
from perfeval.exchange.report.context import SECTIONS
from perfeval.exchange.report.documents import WordFile
from perfeval.exchange.report.figures import key_of
from perfeval.exchange.report.word import shipped
from perfeval.numbers import decimal_text
from perfeval.scoring.scorecard import Status
from perfeval.session.model import Session

OUTLINE = [
    "一、基本情况",
    "二、绩效自评工作开展情况",
    "三、综合评价结论",
    "四、绩效目标实现情况分析",
    "五、发现的主要问题和改进措施",
    "六、部门整体绩效自评结果拟应用和公开情况",
    "七、部门整体绩效自评工作的经验、问题和建议",
    "八、其他需要说明的问题",
    "附件　部门（单位）项目支出自评汇总表",
]


def headings(data: bytes, word: SimpleNamespace, level: int = 1) -> list[str]:
    style = word.style(data, f"heading {level}").get(f"{word.W}styleId")
    found = []
    for paragraph in word.part(data).iter(f"{word.W}p"):
        held = paragraph.find(f"{word.W}pPr/{word.W}pStyle")
        if held is not None and held.get(f"{word.W}val") == style:
            found.append("".join(t.text or "" for t in paragraph.iter(f"{word.W}t")))
    return found


def test_the_outline_is_that_of_the_published_reports(
    report: WordFile, word: SimpleNamespace
) -> None:
    assert headings(report.data, word) == OUTLINE


def test_the_conclusion_says_score_grade_and_tiers(report: WordFile, word: SimpleNamespace) -> None:
    assert (
        "2024 年度部门整体绩效自评得分 96.40 分，等级为“优”。其中：预算执行情况得 8.85 分，"
        "投入管理指标得 28.00 分，产出指标得 24.55 分，效益指标得 35.00 分。"
    ) in word.texts(report.data)


def test_table_3_1_has_a_column_for_each_tier(report: WordFile, word: SimpleNamespace) -> None:
    scores, _ = word.tables(report.data)
    assert scores == [
        ["一级指标", "预算执行情况", "投入管理指标", "产出指标", "效益指标", "合计"],
        ["权重", "10", "30", "25", "35", "100"],
        ["得分率", "88.53%", "93.33%", "98.20%", "100.00%", "96.40%"],
        ["得分", "8.85", "28.00", "24.55", "35.00", "96.40"],
    ]


def test_an_indicator_shows_formula_figures_result_and_rule(
    report: WordFile, word: SimpleNamespace
) -> None:
    texts = word.texts(report.data)
    at = texts.index("③预算调整率，指标 2 分，得 0.00 分。")
    assert texts[at + 1] == (
        "预算调整率＝(全年预算数-年初预算数-可剔除调整数)÷年初预算数；代入：(838.1-667.77-0)÷667.77；"
        "实际完成值 25.51%；年度指标值 ≤10%（不超过 10%）；"
        "计分规则：不超过年度指标值得满分，超过不得分（拟定）；计分：0。"
    )
    assert texts[at + 2] == "报告称超年度指标值"


def test_every_score_of_the_scorecard_is_printed_from_it(
    session: Session, report: WordFile, word: SimpleNamespace
) -> None:
    result = word.material(session).card.department
    printed = {one.path: one.text for one in report.document.figures.values()}
    rows = list(result.indicators)
    assert len(rows) == 28
    for row in rows:
        assert printed[f"{row.path}/score"] == decimal_text(row.score, 2)
    assert printed["department/total"] == "96.40"
    bookmarks = {
        mark.get(f"{word.W}name") for mark in word.part(report.data).iter(f"{word.W}bookmarkStart")
    }
    for path in (f"{row.path}/score" for row in rows):
        assert any(name.startswith(f"_pf_{key_of(path)}_") for name in bookmarks)


def test_the_template_holds_no_number(word: SimpleNamespace) -> None:
    for name in ("report", "notice"):
        for text in word.texts(shipped(name)):
            plain = re.sub(r"\{[{%].*?[%}]\}", "", text)
            plain = re.sub(r"^\d\. |表 3-1|— 1 —", "", plain)
            assert not re.search(r"\d", plain), text


def test_the_summary_has_every_project_and_the_sums(
    report: WordFile, word: SimpleNamespace
) -> None:
    _, summary = word.tables(report.data)
    assert summary[0][4:8] == ["执行率", "产出指标得分率", "效益指标得分率", "满意度指标得分率"]
    assert summary[6][2:10] == [
        "30",
        "26.6",
        "88.67%",
        "91.90%",
        "83.33%",
        "100.00%",
        "89.82",
        "良",
    ]
    assert summary[9][1:4] == ["合计", "143.55", "140.14"]
    assert any("不参加自评" in text for text in word.texts(report.data))


def test_texts_the_unit_has_not_written_are_marked_and_told(
    session: Session, report: WordFile, word: SimpleNamespace
) -> None:
    texts = word.texts(report.data)
    for section in SECTIONS:
        assert f"【待补充：{section.name}】" in texts
        assert any(f"“{section.name}”" in one.message for one in report.document.missing)


def test_texts_the_unit_has_written_stand_in_their_places(
    session: Session, word: SimpleNamespace
) -> None:
    written = {one.name: f"{one.name}，第一段。\n\n第二段。" for one in SECTIONS}
    made = word.rendered(session.model_copy(update={"texts": written}))
    texts = word.texts(made.data)
    for section in SECTIONS:
        assert texts[texts.index(f"{section.name}，第一段。") + 1] == "第二段。"
        assert not any(f"“{section.name}”" in one.message for one in made.document.missing)


def test_an_unfinished_evaluation_has_no_grade(session: Session, word: SimpleNamespace) -> None:
    made = word.rendered(word.with_values(session, department__answers__A1=None))
    assert any("自评尚未填完" in text and "未评等级" in text for text in word.texts(made.data))
    assert any("没有填完" in problem.message for problem in made.document.missing)


def test_what_is_not_applicable_is_said(session: Session, word: SimpleNamespace) -> None:
    made = word.rendered(
        word.with_values(session, department__answers__B2__not_applicable="没有专项资金")
    )
    row = word.material(
        word.with_values(session, department__answers__B2__not_applicable="没有专项资金")
    ).card.department.indicator("B2")
    assert row.status is Status.NOT_APPLICABLE
    texts = word.texts(made.data)
    at = texts.index("②专项资金细化率，指标 2 分，不适用。")
    assert texts[at + 1] == "不适用：没有专项资金。"


def test_a_waiver_is_printed_under_the_eighth_part(session: Session, word: SimpleNamespace) -> None:
    finding = next(f for f in word.material(session).findings if f.id == "L27")
    waiver = {
        "check": "L27", "path": finding.path, "claimed": finding.claimed,
        "expected": finding.expected, "reason": "决算批复前后口径不同",
    }  # fmt: skip
    made = word.rendered(word.with_values(session, waivers=[waiver]))
    assert any(
        text.startswith("核实说明：") and "决算批复前后口径不同" in text
        for text in word.texts(made.data)
    )


def test_without_a_department_there_is_no_report(session: Session, word: SimpleNamespace) -> None:
    with pytest.raises(PerfevalError, match="没有部门整体自评"):
        word.rendered(session.model_copy(update={"department": None}))


# --- layout ----------------------------------------------------------------------------------


def test_header_rows_are_repeated_and_no_row_is_cut(
    report: WordFile, word: SimpleNamespace
) -> None:
    for table in word.part(report.data).iter(f"{word.W}tbl"):
        first, *rest = table.iter(f"{word.W}tr")
        assert first.find(f"{word.W}trPr/{word.W}tblHeader") is not None
        assert all(row.find(f"{word.W}trPr/{word.W}cantSplit") is not None for row in rest)
        grid = table.find(f"{word.W}tblGrid")
        assert len(grid) == len(list(first.iter(f"{word.W}tc")))


def test_the_longest_name_stays_in_one_row(session: Session, word: SimpleNamespace) -> None:
    made = word.rendered(word.with_projects(session, 2, "很长的名称" * 59 + "{}"))
    _, summary = word.part(made.data).iter(f"{word.W}tbl")
    rows = list(summary.iter(f"{word.W}tr"))
    assert all(row.find(f"{word.W}trPr/{word.W}cantSplit") is not None for row in rows)


def test_every_style_names_an_east_asian_font(report: WordFile, word: SimpleNamespace) -> None:
    for name in (
        "normal",
        "heading 1",
        "heading 2",
        "heading 3",
        "表头",
        "表中",
        "计分过程",
        "图题",
    ):
        fonts = word.style(report.data, name).find(f"{word.W}rPr/{word.W}rFonts")
        assert fonts.get(f"{word.W}eastAsia") in ("仿宋", "黑体", "楷体", "宋体"), name
        assert not [key for key in fonts.keys() if "Theme" in key], name  # noqa: SIM118


def test_pages_are_numbered(report: WordFile, word: SimpleNamespace) -> None:
    with zipfile.ZipFile(BytesIO(report.data)) as archive:
        footers = [name for name in archive.namelist() if name.startswith("word/footer")]
        assert any(b" PAGE " in archive.read(name) for name in footers)


def test_the_contents_hold_every_heading_and_link_to_it(
    report: WordFile, word: SimpleNamespace
) -> None:
    root = word.part(report.data)
    links = {
        link.get(f"{word.W}anchor"): "".join(t.text for t in link.iter(f"{word.W}t"))
        for link in root.iter(f"{word.W}hyperlink")
    }
    marks = {mark.get(f"{word.W}name") for mark in root.iter(f"{word.W}bookmarkStart")}
    assert set(links) <= marks
    assert [text for text in links.values() if text in OUTLINE] == OUTLINE
    instructions = [one.text for one in root.iter(f"{word.W}instrText")]
    assert sum(text.split()[0] == "TOC" for text in instructions) == 1
    assert sum(text.split()[0] == "PAGEREF" for text in instructions) == len(links)
    settings = word.part(report.data, "word/settings.xml")
    assert settings.find(f"{word.W}updateFields") is not None


def test_charts_are_native_and_bring_their_data(report: WordFile, word: SimpleNamespace) -> None:
    assert [chart.title for chart in report.document.charts] == [
        "各一级指标得分率",
        "支出决算结构",
        "项目自评等级分布（个）",
    ]
    with zipfile.ZipFile(BytesIO(report.data)) as archive:
        names = archive.namelist()
        for number in (1, 2, 3):
            assert f"word/charts/perfeval{number}.xml" in names
            xml = archive.read(f"word/charts/perfeval{number}.xml").decode()
            assert 'showSerName val="0"' in xml
            assert 'r:id="rId1"' in xml
            assert (
                "perfeval" in archive.read(f"word/charts/_rels/perfeval{number}.xml.rels").decode()
            )
            assert zipfile.is_zipfile(
                BytesIO(archive.read(f"word/embeddings/perfeval{number}.xlsx"))
            )
    captions = [text for text in word.texts(report.data) if text.startswith("图 ")]
    assert captions == [
        "图 1　各一级指标得分率",
        "图 2　支出决算结构",
        "图 3　项目自评等级分布（个）",
    ]


@pytest.mark.parametrize("count", [0, 1, 60])
def test_any_number_of_projects_makes_a_report(
    session: Session, word: SimpleNamespace, count: int
) -> None:
    made = word.rendered(word.with_projects(session, count))
    found = list(word.tables(made.data))
    assert len(found) == (2 if count else 1)
    if count:
        assert len(found[1]) == count + 2
    captions = [text for text in word.texts(made.data) if text.startswith("图 ")]
    assert len(captions) == (3 if count > 1 else 2)
    # Beyond a few, projects that lost points are told of by number; the 附件 has them all.
    told = [text for text in word.texts(made.data) if re.match(r"项目\d+：自评得分", text)]
    assert len(told) == min(count, 8)


def test_a_long_reason_stands_below_the_table(session: Session, word: SimpleNamespace) -> None:
    reason = "部分活动调整到下年度开展，" * 40
    made = word.rendered(word.with_projects(session, 1, deviation_reason=reason))
    *_, summary = word.tables(made.data)
    assert summary[1][-1] == "见表后"
    assert any(text.startswith("序号 1 的偏差原因：部分活动") for text in word.texts(made.data))


def test_equal_sessions_give_equal_bytes(
    report: WordFile, session: Session, word: SimpleNamespace
) -> None:
    assert word.rendered(session).data == report.data


def test_the_file_says_nothing_of_who_made_it(report: WordFile) -> None:
    with zipfile.ZipFile(BytesIO(report.data)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(2020, 1, 1, 0, 0, 0)}
        properties = archive.read("docProps/core.xml").decode()
        assert not re.search("creator|lastModifiedBy|revision", properties)
        assert "新乡市科学技术协会2024年度部门整体绩效自评报告" in properties
        assert "thumbnail" not in " ".join(archive.namelist())
