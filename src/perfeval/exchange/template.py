"""A bureau's own blank form filled in place: cells found by their labels, formatting untouched.

A sheet with a list of projects is filled as 自评汇总表, one with 三级指标 and 项目名称 as the
自评表 of a project (a file for each project), one with 三级指标 alone as 部门整体自评表. Rows are
put in where a form has too few. A cell with a formula is left alone, and so is one that somebody
has filled already; what found no place is listed. What formulas give is written beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from perfeval.errors import PerfevalError
from perfeval.exchange.blank_form import Filler, kind_of_sheet
from perfeval.exchange.book import Material
from perfeval.exchange.filenames import file_name
from perfeval.exchange.intake.containers import Kind, content, kind_of, parts_of
from perfeval.exchange.template_values import Unknown, Values, with_values
from perfeval.exchange.writer import write_file
from perfeval.numbers import Exact, decimal_text, half_up
from perfeval.scoring.scorecard import ProjectResult
from perfeval.settings import FILE_NAME


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was filled: the file, how many cells, what found no place and what was lost."""

    path: Path
    size: int
    placed: int
    missing: tuple[str, ...]
    notes: tuple[str, ...] = ()


def fill(
    material: Material,
    template: Path,
    folder: Path,
    *,
    pattern: str = FILE_NAME,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> list[Filled]:
    """Fill a blank form and write it into ``folder``: a file for each project where it is one's.

    Raises :class:`PerfevalError` where the file is no .xlsx or .xlsm, or no form is found in it.
    """
    data = _checked(template)
    kinds = [kind_of_sheet(sheet) for sheet in _loaded(data, template).worksheets]
    if not any(kinds):
        told = "没有找到“三级指标”或“项目名称”等表头。请确认是空白的自评表或汇总表"
        raise PerfevalError(f"{template.name}：{told}")
    ending = ".xlsm" if _keeps_macros(template) else ".xlsx"
    projects: Sequence[ProjectResult | None] = [None]
    if "project" in kinds:
        projects = [one for one in material.card.projects if one.result is not None]
        if not projects:
            raise PerfevalError(f"{template.name}：是项目自评表，但没有参加自评的项目")
    written = []
    for number, project in enumerate(projects, 1):
        name = f"{template.stem}_{number}.{project.name}" if project else template.stem
        title = file_name(material.session.unit, material.session.year, name, pattern)
        written.append(_one(material, data, template, folder / f"{title}{ending}", project))
        if on_progress is not None:
            on_progress(number, len(projects), name)
    return written


def _one(
    material: Material, data: bytes, template: Path, target: Path, project: ProjectResult | None
) -> Filled:
    book = _loaded(data, template)
    fillers = [
        Filler(sheet, material, kind, project)
        for sheet in book.worksheets
        if (kind := kind_of_sheet(sheet))
    ]
    for filler in fillers:
        filler.fill()
    book.calculation.fullCalcOnLoad = True
    buffer = BytesIO()
    book.save(buffer)
    values = Values(book)
    made, without = with_values(buffer.getvalue(), book, values)
    path = write_file(target, made)
    notes = [*_lost(data, template.name)]
    notes += [told for filler in fillers for told in _otherwise(filler, values)]
    if without:
        notes.append(f"模板里有 {without} 个公式要用 Excel 或 WPS 打开、保存后才有结果")
    missing = tuple(dict.fromkeys(told for filler in fillers for told in filler.missing))
    placed = sum(filler.placed for filler in fillers)
    return Filled(path, path.stat().st_size, placed, missing, tuple(notes))


def _otherwise(filler: Filler, values: Values) -> Iterator[str]:
    """Yield where a formula of the form gives another number than the engine.

    A plain sum knows nothing of 不适用折算 or of the places numbers are rounded at.
    """
    for cell, wanted in filler.formulas:
        try:
            found = values.at(filler.sheet.title, cell.coordinate)
        except Unknown:
            continue
        places = max(2, len(decimal_text(wanted).partition(".")[2]))
        if isinstance(found, Exact) and abs(found - wanted) * 10**places * 2 >= 1:
            shown = decimal_text(half_up(found, places), trim=True)
            told = f"模板的公式得 {shown}，核算为 {decimal_text(wanted)}，请核对"
            yield f"{filler.sheet.title}!{cell.coordinate}：{told}"


def _checked(template: Path) -> bytes:
    data = content(template)
    kind = kind_of(data, template.name)
    if kind is Kind.DOCX:
        cure = "请把其中的表复制到 Excel，存为 .xlsx 后再填；或导出本软件的表"
        raise PerfevalError(f"{template.name}：是 Word 文件，填不了。{cure}")
    if kind is not Kind.XLSX:
        cure = f"请用 Excel 或 WPS 打开，另存为“{template.stem}.xlsx”，再用那一份"
        raise PerfevalError(f"{template.name}：是 .{kind.value} 文件，只能填 .xlsx 模板。{cure}")
    parts_of(data, template.name)  # within the limits, and nothing in it that should not be
    return data


def _keeps_macros(template: Path) -> bool:
    return template.suffix.lower() == ".xlsm"


def _loaded(data: bytes, template: Path) -> Any:
    import openpyxl

    try:
        return openpyxl.load_workbook(BytesIO(data), keep_vba=_keeps_macros(template))
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise PerfevalError(f"{template.name}：打不开，文件可能已损坏。请重新索取模板") from error


def _lost(data: bytes, name: str) -> Iterator[str]:
    """Yield what openpyxl does not keep of a workbook."""
    parts = parts_of(data, name, keep_all=True)
    if any(part.startswith(("xl/charts/", "xl/media/", "xl/drawings/drawing")) for part in parts):
        yield "模板里的图片、图形和图表没有保留"
