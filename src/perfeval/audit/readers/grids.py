"""Workbooks and Word files, read by the intake's bounded readers, as documents."""

from __future__ import annotations

import re
from itertools import groupby

from perfeval.audit.document import Document, Piece, Place, Table, caption_of, clean, joined
from perfeval.exchange.intake.grids import Grid, grids_of


def read(data: bytes, name: str, *, is_word: bool) -> Document:
    """Read a workbook or a Word file. Raises ``containers.Unreadable``."""
    document = Document(name)
    for grid in grids_of(data, name):
        (_word if is_word else _sheet)(document, grid)
    return document


def _rows(grid: Grid, first: int, end: int, order: int) -> tuple[list[list[str]], list[Place]]:
    rows, places = [], []
    for row in range(first, end):
        rows.append([_shown(grid, row, column) for column in range(grid.width(row))])
        table, _ = grid.at(row, 0)
        number = grid.places[row][1] if grid.places else row
        places.append(Place(order + row, table=table, cell=str(number + 1)))
    return rows, places


def _shown(grid: Grid, row: int, column: int) -> str:
    """Return a cell as it is printed: a number in the decimals its format shows."""
    text = clean(grid.text(row, column))
    if not text or grid.shown is None or (row, column) not in grid.numbers:
        return text
    return printed(text, grid.shown(row, column))


def printed(text: str, number_format: str) -> str:
    """Return a number as its format prints it: 0.8853 under ``0.00%`` is 88.53%."""
    from perfeval.numbers import FigureState, decimal_text, figure

    read = figure(text)
    main = number_format.split(";", maxsplit=1)[0]
    if (
        read.state is not FigureState.NUMBER
        or read.value is None
        or not any(c in main for c in "0#")
    ):
        return text
    body = main.partition(".")[2]
    places = len(body) - len(body.lstrip("0")) if body else 0
    if "%" in main:
        return decimal_text(read.value * 100, places) + "%"
    if "." in main or main in ("0", "#,##0"):
        return decimal_text(read.value, places)
    return text


def _word(document: Document, grid: Grid) -> None:
    """Take the paragraphs and tables of a Word file in their order."""
    for table, run in groupby(range(len(grid.cells)), key=lambda row: grid.places[row][0]):
        numbers = list(run)
        if table:
            rows, places = _rows(grid, numbers[0], numbers[-1] + 1, 0)
            document.blocks.append(Table(rows, places, caption_of(document.blocks)))
            continue
        pieces = [
            Piece(line, Place(row, paragraph=grid.places[row][1] + 1), ends=True)
            for row in numbers
            for line in grid.cells[row][0].split("\n")
        ]
        document.blocks.extend(joined(pieces))


_ABOVE = re.compile(
    r"公开\d|附[表件]|表\d|单位[:：]|部门名称|注[:：]|说明[:：]|.*情况表$|.*[总明]细?表$"
)


def _sheet(document: Document, grid: Grid) -> None:
    """Take a sheet as its title lines and its tables; what stands alone in a row is a paragraph."""
    order = sum(len(one.rows) if isinstance(one, Table) else 1 for one in document.blocks)
    inside = False
    runs: list[tuple[bool, list[int]]] = []
    for row in range(len(grid.cells)):
        filled = [text for _, text in grid.filled(row)]
        if not filled:
            continue
        if inside:  # a table's own rows may hold one label; a title names itself, a note is long
            is_title = len(filled) == 1 and (len(filled[0]) > 30 or bool(_ABOVE.match(filled[0])))
        else:  # two cells are a title's (部门名称：… 单位：万元), or begin a table (预算数 决算数)
            is_title = len(filled) == 1 or (
                len(filled) == 2 and any(_ABOVE.match(one) or "：" in one for one in filled)
            )
        inside = not is_title
        if runs and runs[-1][0] is is_title:
            runs[-1][1].append(row)
        else:
            runs.append((is_title, [row]))
    for is_title, numbers in runs:
        if is_title:
            pieces = [
                Piece(text, Place(order + row, table=grid.sheet, cell=grid.at(row, c)[1]), True)
                for row in numbers
                for c, text in grid.filled(row)
            ]
            document.blocks.extend(joined(pieces))
            continue
        cells, places = [], []
        for row in numbers:
            one, at = _rows(grid, row, row + 1, order)
            cells += one
            places += at
        document.blocks.append(Table(cells, places, caption_of(document.blocks)))
