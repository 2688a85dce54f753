"""A report of the project's own with known errors, as the kinds of file offices publish."""

from __future__ import annotations

import html
import io
from pathlib import Path

import docx
import xlsxwriter

OWN = Path(__file__).with_name("own_report.txt")

Block = str | list[list[str]]
"""A paragraph, or a table's rows."""


def text() -> str:
    return OWN.read_text(encoding="utf-8")


CORRECTIONS = (
    ("92.71", "92.17"),
    ("9.02\t", "9.20\t"),
    ("97.52", "97.70"),
    ("604.00", "600.40"),
    ("552.38", "552.36"),
    ("有可能实现绩效目标的项目有2个", "有可能实现绩效目标的项目有1个"),
    ("86.00%\t修", "86.00\t修"),
    ("28.85元", "28.85万元"),
    ("消防改造", "消防改建"),
    ("我县", "我市"),
    ("③资产", "④资产"),
    ("2021年", "2023年"),
    ("258.63万元，占一般公共预算项目支出总额的138.66%", "258.63万元"),
    ("没有收到投诉，", "发放问卷120份，回收118份，满意率98%，"),
    ("年底结余0万元，结转结余率0%", "年底结余48.04万元，结转结余率8.00%"),
    ("计划采购3项，3项均已采购", "计划采购12.00万元，实际采购12.00万元"),
    ("87.04\t", "87.04\t开放天数少于计划"),
    ("2023年度《项目支出绩效自评表》详见“第五部分 附件”。", ""),
    ("②履职目标实现率：95%", "②履职目标实现率：100%"),
    ("下半年的展览因场地原因未举办，此项未开展。", "四次展览均已举办。"),
)
"""Every error of the report, and what should have been printed."""


def corrected() -> str:
    """Return the report with all its errors put right."""
    found = text()
    for wrong, right in CORRECTIONS:
        assert wrong in found, wrong
        found = found.replace(wrong, right)
    return found


def blocks(source: str) -> list[Block]:
    """Split a text into paragraphs and tables by tabs."""
    made: list[Block] = []
    for line in source.splitlines():
        if "\t" in line:
            cells = line.split("\t")
            if made and isinstance(made[-1], list):
                made[-1].append(cells)
            else:
                made.append([cells])
        elif line.strip():
            made.append(line.lstrip("# "))
    return made


def as_word(source: str) -> bytes:
    made = docx.Document()
    for block in blocks(source):
        if isinstance(block, str):
            made.add_paragraph(block)
            continue
        width = max(map(len, block))
        table = made.add_table(rows=len(block), cols=width)
        for row, cells in zip(table.rows, block, strict=True):
            for cell, value in zip(row.cells, [*cells, *[""] * (width - len(cells))], strict=True):
                cell.text = value
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def as_page(source: str) -> bytes:
    parts = ["<html><head><style>p{}</style></head><body><div><table><tr><td>"]
    for block in blocks(source):
        if isinstance(block, str):
            parts.append(f"<p>{html.escape(block)}</p>")
            continue
        parts.append("<table>")
        for cells in block:
            row = "".join(f"<td><span>{html.escape(cell)}</span></td>" for cell in cells)
            parts.append(f"<tr>{row}</tr>")
        parts.append("</table>")
    return "\n".join([*parts, "</td></tr></table></div></body></html>"]).encode()


def as_workbook(source: str) -> bytes:
    """The tables, one sheet each with the lines above it; numbers typed as numbers."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    formats = {
        form: book.add_format({"num_format": form}) for form in ("0.00", "0.00%", "0", "0.0")
    }
    above: list[str] = []
    for number, block in enumerate(blocks(source)):
        if isinstance(block, str):
            above.append(block)
            continue
        page = book.add_worksheet(f"表{number}")
        lines = [[line] for line in above if len(line) < 40][-4:]
        for row, cells in enumerate([*lines, *block]):
            for column, value in enumerate(cells):
                plain = value.removesuffix("%")
                if plain.replace(".", "", 1).isdigit() and not (column == 0 and len(plain) > 2):
                    places = len(plain.partition(".")[2])
                    form = "0.00%" if plain != value else {2: "0.00", 1: "0.0"}.get(places, "0")
                    size = 100 if plain != value else 1
                    page.write_number(row, column, float(plain) / size, formats[form])
                elif value:
                    page.write_string(row, column, value)
        above = []
    book.close()
    return buffer.getvalue()


# --- PDF, with a text layer and no embedded font ---------------------------------------------

_TOP, _BOTTOM, _LEFT, _SIZE, _STEP = 800, 60, 40, 8, 14


def as_pdf(source: str) -> bytes:
    """Return a PDF: text in a predefined Chinese font, tables with ruled cells."""
    pages: list[list[str]] = [[]]
    y = _TOP

    def down() -> None:
        nonlocal y
        y -= _STEP
        if y < _BOTTOM:
            pages.append([])
            y = _TOP - _STEP

    def put(x: float, words: str, size: float = _SIZE) -> None:
        code = words.encode("utf-16-be").hex()
        pages[-1].append(f"BT /F1 {size:.2f} Tf {x} {y + 3} Td <{code}> Tj ET")

    for block in blocks(source):
        if isinstance(block, str):
            for start in range(0, len(block), 58):
                down()
                put(_LEFT, block[start : start + 58])
            continue
        width = max(map(len, block))
        wide = 520 / width
        for cells in block:
            down()
            for column in range(width):
                x = _LEFT + column * wide
                pages[-1].append(f"{x:.1f} {y} {wide:.1f} {_STEP} re S")
                if column < len(cells) and cells[column]:
                    put(round(x + 1, 1), cells[column], min(_SIZE, (wide - 3) / len(cells[column])))
    return _pdf(["\n".join(page).encode() for page in pages])


def _pdf(pages: list[bytes]) -> bytes:
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode(),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H"
        b"/DescendantFonts[4 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000"
        b"/W[1 95 500 814 939 500 7712 7716 500]"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>"
        b"/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/Ascent 880"
        b"/Descent -120/CapHeight 880/ItalicAngle 0/StemV 93/FontBBox[0 -120 1000 880]>>>>",
    ]
    for number, page in enumerate(pages):
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 842]/Contents {6 + 2 * number} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>".encode(),
            b"<</Length %d>>stream\n%b\nendstream" % (len(page), page),
        ]
    made = bytearray(b"%PDF-1.4\n")
    at = []
    for number, body in enumerate(objects, 1):
        at.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % one for one in at)
    made += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(made)
