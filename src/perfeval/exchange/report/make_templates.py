"""Makes the shipped Word templates: ``python -m perfeval.exchange.report.make_templates``.

Layout as official documents have it (A4, 仿宋 三号 body, 黑体 and 楷体 headings), every font said
for East Asian text too. The words in braces are those of :mod:`.context` and :mod:`.notice`. The
result stands in ``templates/``; an office that wants another layout edits a copy in Word and
names it with ``--template``.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from perfeval.exchange.report.ooxml import FIGURE_STYLE

FOLDER = Path(__file__).parent / "templates"
BODY_WIDTH, LANDSCAPE_WIDTH = 15.6, 24.5
CENTER = WD_ALIGN_PARAGRAPH.CENTER


def main() -> None:
    """Write both templates into the package."""
    FOLDER.mkdir(exist_ok=True)
    for name, made in (("report", report_template()), ("notice", notice_template())):
        buffer = BytesIO()
        made.save(buffer)
        (FOLDER / f"{name}.docx").write_bytes(buffer.getvalue())


# --- the two documents -----------------------------------------------------------------------


def report_template() -> Any:
    """Return the template of 部门整体绩效自评报告."""
    made = _new()
    _cover(made)
    _contents(made)
    _each(made, "文字.前言")
    made.add_heading("一、基本情况", 1)
    made.add_heading("（一）单位简介", 2)
    _each(made, "文字.主要职责")
    made.add_heading("（二）年度部门总目标及主要任务", 2)
    for number, name in enumerate(("年度总体目标", "年度主要工作内容"), 1):
        made.add_heading(f"{number}. {name}", 3)
        _each(made, "文字.年度总体目标" if number == 1 else "文字.年度主要任务")
    made.add_heading("3. 部门整体预算绩效目标、绩效指标设定情况", 3)
    made.add_paragraph("{{ 指标设定 }}")
    made.add_heading("二、绩效自评工作开展情况", 1)
    made.add_heading("（一）评价方法", 2)
    _each(made, "文字.评价方法")
    made.add_heading("（二）工作程序", 2)
    _each(made, "文字.工作程序")
    made.add_heading("三、综合评价结论", 1)
    _each(made, "结论")
    made.add_paragraph("得分情况见表 3-1。")
    _score_table(made)
    _chart(made, "得分率")
    _analysis(made)
    made.add_heading("五、发现的主要问题和改进措施", 1)
    made.add_heading("（一）发现的主要问题", 2)
    _each(made, "问题", otherwise="自评没有扣分项。")
    made.add_heading("（二）下一步改进措施", 2)
    _each(made, "文字.改进措施")
    made.add_heading("六、部门整体绩效自评结果拟应用和公开情况", 1)
    _each(made, "文字.结果应用和公开")
    made.add_heading("七、部门整体绩效自评工作的经验、问题和建议", 1)
    _each(made, "文字.经验和建议")
    made.add_heading("八、其他需要说明的问题", 1)
    _each(made, "说明")
    _appendix(made)
    return made


def _analysis(made: Any) -> None:
    made.add_heading("四、绩效目标实现情况分析", 1)
    made.add_heading("（一）部门资金情况分析", 2)
    made.add_heading("1. 资金到位和执行情况", 3)
    _each(made, "资金")
    _chart(made, "支出结构")
    made.add_heading("2. 资金管理情况", 3)
    _each(made, "文字.资金管理情况")
    made.add_heading("（二）绩效指标完成情况分析", 2)
    _tag(made, "for 一级 in 一级指标")
    made.add_heading("{{ 一级.序号 }}. {{ 一级.标题 }}", 3)
    made.add_paragraph("{{ 一级.概述 }}")
    _tag(made, "for 二级 in 一级.二级")
    _tag(made, "if 二级.名称")
    made.add_paragraph("{{ 二级.序号 }}{{ 二级.名称 }}", "二级指标")
    _tag(made, "endif")
    _tag(made, "for 指标 in 二级.指标")
    made.add_paragraph("{{ 指标.标题 }}", "指标")
    _each(made, "指标.内容", "计分过程")
    for _ in range(3):
        _tag(made, "endfor")
    made.add_heading("（三）项目绩效自评情况", 2)
    _each(made, "项目情况")
    _chart(made, "项目等级")


def notice_template() -> Any:
    """Return the template of the 公开说明: the part on performance of the published accounts."""
    made = _new()
    made.add_paragraph("{{ 单位 }}", "封面单位")
    made.add_paragraph("{{ 年度 }} 年度预算绩效情况说明", "封面标题")
    made.add_heading("（一）绩效评价工作开展情况", 2)
    _each(made, "总体")
    made.add_heading("（二）项目绩效自评结果", 2)
    _each(made, "项目", otherwise="本年度没有参加自评的项目。")
    made.add_heading("（三）部门评价结果", 2)
    _each(made, "部门评价结果")
    _page_number(made.sections[0])
    return made


# --- parts -----------------------------------------------------------------------------------


def _cover(made: Any) -> None:
    """The cover; a very long name is set smaller, without the space around it."""
    _tag(made, "if 单位|length < 40")
    for _ in range(4):
        made.add_paragraph("", "封面单位")
    made.add_paragraph("{{ 单位 }}", "封面单位")
    _tag(made, "else")
    made.add_paragraph("{{ 单位 }}", "封面落款")
    _tag(made, "endif")
    made.add_paragraph("{{ 年度 }} 年度部门整体绩效自评报告", "封面标题")
    _tag(made, "if 单位|length < 40")
    for _ in range(6):
        made.add_paragraph("", "封面单位")
    _tag(made, "endif")
    made.add_paragraph("自评单位：{{ 单位 }}", "封面落款")
    made.add_paragraph("日期：{{ 日期 }}", "封面落款")


def _contents(made: Any) -> None:
    """A real table of contents, filled by the program and brought up to date by Word."""
    head = made.add_paragraph("目　录", "目录标题")
    head.paragraph_format.page_break_before = True
    place = made.add_paragraph(style="toc 1")
    _field(place, r'TOC \o "1-2" \h \z \u', "（打开后更新）")
    made.add_paragraph("", "表后").paragraph_format.page_break_before = True


def _score_table(made: Any) -> None:
    made.add_paragraph("表 3-1　部门整体得分情况", "题注")
    widths = (2.6, 0.4, 2.6, 0.4)
    rows = (("一级指标", "名称"), ("权重", "权重"), ("得分率", "得分率"), ("得分", "得分"))
    table = _table(made, len(rows), widths, BODY_WIDTH)
    for row, (heading, word) in zip(table.rows, rows, strict=True):
        texts = (heading, "{%tc for 列 in 得分表 %}", f"{{{{ 列.{word} }}}}", "{%tc endfor %}")
        _fill(row, texts, widths, header=word == "名称", first_bold=True)
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = word != "得分"
    made.add_paragraph("", "表后")


def _appendix(made: Any) -> None:
    section = made.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2.6)
    section.top_margin = section.bottom_margin = Cm(2.4)
    section.different_first_page_header_footer = False
    made.add_heading("附件　部门（单位）项目支出自评汇总表", 1)
    _tag(made, "if not 汇总表.行")
    made.add_paragraph("本年度没有参加自评的项目。")
    _tag(made, "else")
    made.add_paragraph("部门（单位）名称：{{ 单位 }}　　单位：{{ 金额单位 }}", "表头说明")
    widths = (1.1, 6.4, 2.0, 2.0, 0.4, 2.05, 0.4, 1.8, 1.1, 4.2)
    table = _table(made, 5, widths, LANDSCAPE_WIDTH)
    rate = ("{%tc for 率 in 汇总表.率 %}", "{{ 率 }}", "{%tc endfor %}")
    head = ("序号", "项目名称", "全年预算数", "执行数", *rate, "自评得分", "等级", "偏差原因")
    _fill(table.rows[0], head, widths, header=True)
    _fill(table.rows[1], ("{%tr for 行 in 汇总表.行 %}",), widths)
    own = ("{%tc for 率 in 行.率 %}", "{{ 率 }}", "{%tc endfor %}")
    names = ("序号", "名称", "预算", "执行", "得分", "等级", "原因")
    cells = [f"{{{{ 行.{name} }}}}" for name in names]
    _fill(table.rows[2], (*cells[:4], *own, *cells[4:]), widths, left=(1, 9))
    _fill(table.rows[3], ("{%tr endfor %}",), widths)
    none = ("{%tc for 率 in 汇总表.率 %}", "", "{%tc endfor %}")
    sums = ("", "合计", "{{ 汇总表.预算合计 }}", "{{ 汇总表.执行合计 }}", *none, "", "", "")
    _fill(table.rows[4], sums, widths)
    for cell in table.rows[4].cells:  # the notes below are not left alone on a page
        cell.paragraphs[0].paragraph_format.keep_with_next = True
    _tag(made, "endif")
    _each(made, "汇总表.注", "表注")
    _page_number(made.sections[0])


def _chart(made: Any, name: str) -> None:
    """A chart and its caption, where there is one."""
    _tag(made, f"if 图.{name}")
    made.add_paragraph(f"{{{{ 图.{name}.位置 }}}}", "图")
    made.add_paragraph(f"{{{{ 图.{name}.标题 }}}}", "图题")
    _tag(made, "endif")


def _each(made: Any, words: str, style: str | None = None, otherwise: str = "") -> None:
    """A paragraph for each text of a list; ``otherwise`` where the list is empty."""
    _tag(made, f"for 段 in {words}")
    made.add_paragraph("{{ 段 }}", style)
    if otherwise:
        _tag(made, "else")
        made.add_paragraph(otherwise, style)
    _tag(made, "endfor")


def _tag(made: Any, text: str) -> None:
    made.add_paragraph(f"{{%p {text} %}}")


def _table(made: Any, rows: int, widths: Sequence[float], whole: float) -> Any:
    """Add a table ``whole`` cm wide, however many columns it will have."""
    table = made.add_table(rows, len(widths), "Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    said = table._tbl.tblPr.find(qn("w:tblW"))
    said.set(qn("w:type"), "dxa")
    said.set(qn("w:w"), str(Cm(whole).twips))
    return table


def _fill(
    row: Any,
    texts: Sequence[str],
    widths: Sequence[float],
    *,
    header: bool = False,
    first_bold: bool = False,
    left: Sequence[int] = (),
) -> None:
    """Fill a row that is not cut at the foot of a page; a header row is repeated on each."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if header:
        properties.append(OxmlElement("w:tblHeader"))
    for column, (cell, text) in enumerate(zip(row.cells, texts, strict=False)):
        cell.width = Cm(widths[column])
        strong = header or (first_bold and not column)
        cell.paragraphs[0].style = "表头" if strong else "表左" if column in left else "表中"
        cell.paragraphs[0].text = text
        cell.vertical_alignment = 1


def _field(paragraph: Any, instruction: str, shown: str) -> None:
    """Add a field with the text it shows until Word works it out."""
    for kind in ("begin", "separate", "end"):
        run = paragraph.add_run()
        if kind == "separate":
            text = OxmlElement("w:instrText")
            text.set(qn("xml:space"), "preserve")
            text.text = f" {instruction} "
            run._r.append(text)
            run = paragraph.add_run()
        if kind == "end":
            run.text = shown
            run = paragraph.add_run()
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run._r.append(mark)


def _page_number(section: Any) -> None:
    """— 1 — at the foot of every page but the cover."""
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = CENTER
    paragraph.add_run("— ")
    _field(paragraph, "PAGE", "1")
    paragraph.add_run(" —")


# --- page and styles -------------------------------------------------------------------------


def _new() -> Any:
    made = Document()
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    section.top_margin, section.bottom_margin = Cm(3.2), Cm(3)
    section.different_first_page_header_footer = True
    _fonts_of_defaults(made)
    _style(made, "Normal", "仿宋", 16, indent=2, exact=28)
    _style(made, "Heading 1", "黑体", 16, indent=2, exact=30, next_too=True, before=12)
    _style(made, "Heading 2", "楷体", 16, bold=True, indent=2, exact=30, next_too=True, before=6)
    _style(made, "Heading 3", "仿宋", 16, bold=True, indent=2, exact=28, next_too=True, before=3)
    _style(made, "封面单位", "宋体", 26, bold=True, align=CENTER)
    _style(made, "封面标题", "宋体", 26, bold=True, align=CENTER)
    _style(made, "封面落款", "仿宋", 18, align=CENTER)
    _style(made, "目录标题", "黑体", 18, align=CENTER, after=12)
    for level in (1, 2):
        style = _style(made, f"toc {level}", "仿宋", 14, exact=28)
        style.paragraph_format.left_indent = Pt(28 * (level - 1))
        style.paragraph_format.tab_stops.add_tab_stop(Cm(BODY_WIDTH), 2, 1)
    _style(made, "二级指标", "仿宋", 16, indent=2, exact=28, next_too=True)
    _style(made, "指标", "仿宋", 14, bold=True, indent=2, exact=26, next_too=True, before=3)
    _style(made, "计分过程", "仿宋", 12, indent=2, exact=22)
    _style(made, "题注", "黑体", 12, align=CENTER, next_too=True, before=6, after=3)
    _style(made, "图题", "黑体", 12, align=CENTER, after=6)
    _style(made, "图", "宋体", 12, align=CENTER, next_too=True, before=6)
    _style(made, "表头", "黑体", 10.5, align=CENTER)
    _style(made, "表中", "宋体", 10.5, align=CENTER)
    _style(made, "表左", "宋体", 10.5)
    _style(made, "表头说明", "宋体", 10.5, next_too=True, after=3)
    _style(made, "表注", "宋体", 10.5, indent=2, before=3)
    _style(made, "表后", "宋体", 6)
    made.styles.add_style(FIGURE_STYLE, WD_STYLE_TYPE.CHARACTER)
    made.core_properties.author = ""
    made.core_properties.title = ""
    made.core_properties.comments = ""
    return made


def _style(
    made: Any,
    name: str,
    font: str,
    size: float,
    *,
    bold: bool = False,
    align: Any = None,
    indent: int = 0,
    exact: float = 0,
    before: float = 0,
    after: float = 0,
    next_too: bool = False,
) -> Any:
    """Set a paragraph style, its font for every script; ``indent`` in characters."""
    known = {style.name for style in made.styles}
    style = made.styles[name] if name in known else made.styles.add_style(name, 1)
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    _fonts(style.element.get_or_add_rPr(), font)
    shape = style.paragraph_format
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    shape.first_line_indent = Pt(size * indent)
    shape.keep_with_next, shape.widow_control = next_too, True
    shape.line_spacing_rule = WD_LINE_SPACING.SINGLE
    if exact:
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.AT_LEAST, Pt(exact)
    if align is not None:
        shape.alignment = align
    return style


def _fonts(properties: Any, font: str) -> None:
    """Name a font for East Asian text and Times New Roman for the rest, no theme over them."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    fonts.attrib.clear()
    fonts.set(qn("w:eastAsia"), font)
    for script in ("w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(script), "Times New Roman")


def _fonts_of_defaults(made: Any) -> None:
    defaults = made.styles.element.find(qn("w:docDefaults"))
    properties = defaults.find(qn("w:rPrDefault")).find(qn("w:rPr"))
    _fonts(properties, "仿宋")
    language = properties.find(qn("w:lang"))
    if language is not None:
        language.set(qn("w:eastAsia"), "zh-CN")


if __name__ == "__main__":
    main()
