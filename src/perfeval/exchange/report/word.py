"""Word files from templates: what a document says goes in, a .docx comes out.

docxtpl fills the template with autoescape on, in a sandbox: a template is a file from somewhere,
and a text of the user is never read as a template. What Jinja cannot do is done on the XML
afterwards (:mod:`.ooxml`). Equal content gives equal bytes.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from perfeval.errors import PerfevalError, printable, reason
from perfeval.exchange.report import ooxml
from perfeval.exchange.report.charts import Chart, chart_parts
from perfeval.exchange.report.writing import Document

TEMPLATES = Path(__file__).parent / "templates"
MB = 1024 * 1024
MAX_TEMPLATE, MAX_UNPACKED = 20 * MB, 200 * MB
CHART_WIDTH = 15.0

_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def shipped(name: str) -> bytes:
    """Return a template that comes with the program: ``report`` or ``notice``."""
    return (TEMPLATES / f"{name}.docx").read_bytes()


def read_template(path: Path) -> bytes:
    """Return an office's own template. Raises :class:`PerfevalError` where it is no .docx."""
    try:
        if path.stat().st_size > MAX_TEMPLATE:
            raise PerfevalError(f"{path}：模板超过 {MAX_TEMPLATE // MB} MB。请压缩其中的图片")
        data = path.read_bytes()
    except OSError as error:
        told = f"{path}：读不了模板（{reason(error)}）"
        raise PerfevalError(f"{told}。请检查文件名和所在文件夹") from error
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            sizes = [member.file_size for member in archive.infolist()]
            whole = "word/document.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        whole, sizes = False, []
    if not whole:
        raise PerfevalError(f"{path}：不是 Word 文档（.docx）。.doc 请先在 Word 中另存为 .docx")
    if sum(sizes) > MAX_UNPACKED:
        raise PerfevalError(f"{path}：模板解开后超过 {MAX_UNPACKED // MB} MB，不能使用")
    return data


def render(document: Document, template: bytes, name: str = "模板") -> bytes:
    """Return the .docx of a document. ``name`` is what messages call the template.

    Raises :class:`PerfevalError` for a template that cannot be filled, with the line or word.
    """
    from docxtpl import DocxTemplate  # type: ignore[import-untyped]

    made = DocxTemplate(BytesIO(template))
    _fill(made, document, name)
    word = made.docx  # get_docx() would read the template again
    body = word.element.body
    _add_charts(word, body, document.charts)
    ooxml.bookmark_figures(_roots(word), _figure_style(word))
    ooxml.fit_tables(body)
    levels, entries = _heading_styles(word)
    if ooxml.fill_contents(body, levels, entries):
        _update_when_opened(word)
    buffer = BytesIO()
    made.save(buffer)
    return ooxml.without_metadata(buffer.getvalue(), document.title)


def _quoted(message: str | None) -> str:
    """Return the words of the template that jinja's English quotes: all a reader needs of it."""
    words = re.findall(r"'([^']*)'", message or "")
    return f"“{printable('、'.join(dict.fromkeys(words)))}”" if words else ""


def _fill(made: Any, document: Document, name: str) -> None:
    from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    try:
        made.render(document.words, environment, autoescape=True)
    except UndefinedError as error:
        told = f"{name}：用了没有的名称{_quoted(error.message)}"
        raise PerfevalError(f"{told}。可用的名称见随程序的说明“Word 模板”") from error
    except TemplateSyntaxError as error:
        raise PerfevalError(
            f"{name}：花括号中的写法不对{_quoted(error.message)}。请对照原模板改正"
        ) from error
    except (
        TemplateError,
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise PerfevalError(f"{name}：不能填写（{error}）。请对照原模板改正") from error


def _roots(word: Any) -> list[Any]:
    """Return the body and every header and footer: wherever a number may stand."""
    parts = [
        relation.target_part
        for relation in word.part.rels.values()
        if not relation.is_external and relation.reltype.endswith(("/header", "/footer"))
    ]
    return [word.element.body, *(part.element for part in parts if hasattr(part, "element"))]


def _figure_style(word: Any) -> str:
    """Return the id of the numbers' character style, made where a template has none."""
    from docx.enum.style import WD_STYLE_TYPE

    for style in word.styles:
        if style.name == ooxml.FIGURE_STYLE and style.type == WD_STYLE_TYPE.CHARACTER:
            return str(style.style_id)
    return str(word.styles.add_style(ooxml.FIGURE_STYLE, WD_STYLE_TYPE.CHARACTER).style_id)


def _heading_styles(word: Any) -> tuple[dict[str, int], dict[int, str]]:
    """Return the level of each heading style by id, and the style id of each level's entry."""
    levels, entries = {}, {}
    for style in word.styles.element.findall(ooxml.w("style")):
        named = style.find(ooxml.w("name"))
        words = (named.get(ooxml.w("val"), "") if named is not None else "").lower().split()
        match words:
            case ["heading", level] if level.isdecimal():
                levels[style.get(ooxml.w("styleId"))] = int(level)
            case ["toc", level] if level.isdecimal():
                entries[int(level)] = style.get(ooxml.w("styleId"))
    return levels, entries


def _update_when_opened(word: Any) -> None:
    """Have Word work out page numbers when it opens the file (it asks once)."""
    settings = word.settings.element
    if settings.find(ooxml.w("updateFields")) is None:
        mark = settings.makeelement(ooxml.w("updateFields"), {ooxml.w("val"): "true"})
        after = [settings.find(ooxml.w(name)) for name in _AFTER_UPDATE_FIELDS]
        at = min((settings.index(one) for one in after if one is not None), default=len(settings))
        settings.insert(at, mark)


_AFTER_UPDATE_FIELDS = (
    *(
        "hdrShapeDefaults",
        "footnotePr",
        "endnotePr",
        "compat",
        "docVars",
        "rsids",
        "attachedSchema",
    ),
    *("themeFontLang", "clrSchemeMapping", "shapeDefaults", "decimalSymbol", "listSeparator"),
)
"""What follows in the order the schema has; Word holds a settings part to it."""


def _add_charts(word: Any, body: Any, charts: tuple[Chart, ...]) -> None:
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    relations, sizes = [], []
    for number, chart in enumerate(charts, 1):
        xml, data = chart_parts(chart)
        package = word.part.package
        drawn = Part(PackURI(f"/word/charts/perfeval{number}.xml"), _CHART, xml, package)
        book = Part(PackURI(f"/word/embeddings/perfeval{number}.xlsx"), _XLSX, data, package)
        drawn.relate_to(book, f"{_RELATIONS}/package")
        relations.append(word.part.relate_to(drawn, f"{_RELATIONS}/chart"))
        height = 7.0 if chart.kind == "pie" else min(14.0, 2.0 + 1.1 * len(chart.names))
        sizes.append((CHART_WIDTH, height))
    ooxml.place_charts(body, relations, [chart.title for chart in charts], sizes)
