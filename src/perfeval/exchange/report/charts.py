"""Native charts for Word: drawn by Word, WPS and LibreOffice themselves, from values in the file.

xlsxwriter makes a workbook with the values and the chart over them. Its chart part is what Word
needs too, and the workbook goes along as the chart's data, so “编辑数据” works.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Literal

from perfeval.numbers import Exact

FONT = "宋体"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of one series. ``number`` is the Excel format its values are labelled with."""

    title: str
    names: Sequence[str]
    values: Sequence[Exact]
    kind: Literal["bar", "pie"] = "bar"
    number: str = "General"
    high: float | None = None


def chart_parts(chart: Chart) -> tuple[bytes, bytes]:
    """Return the chart's XML, as a Word file holds it, and the workbook of its values."""
    from xlsxwriter import Workbook

    buffer = BytesIO()
    with Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": datetime(2020, 1, 1)})
        page = book.add_worksheet("数据")
        number = book.add_format({"num_format": chart.number})
        page.write_string(0, 1, chart.title)
        for row, (name, value) in enumerate(zip(chart.names, chart.values, strict=True), 1):
            page.write_string(row, 0, name)
            page.write_number(row, 1, float(value), number)
        page.insert_chart("D2", _drawn(book, chart, len(chart.names)))
    workbook = buffer.getvalue()
    with zipfile.ZipFile(BytesIO(workbook)) as archive:
        xml = archive.read("xl/charts/chart1.xml").decode()
    return _with_data(xml).encode(), workbook


def _drawn(book: Any, chart: Chart, count: int) -> Any:
    font = {"name": FONT, "size": 10}
    drawn = book.add_chart({"type": chart.kind})
    drawn.add_series(
        {
            "name": ["数据", 0, 1],
            "categories": ["数据", 1, 0, count, 0],
            "values": ["数据", 1, 1, count, 1],
            "data_labels": {
                "value": chart.kind == "bar",
                "category": chart.kind == "pie",
                "percentage": chart.kind == "pie",
                "separator": "\n",
                "num_format": chart.number,
                "font": font,
                "position": "outside_end",
            },
            **({"fill": {"color": "#4472C4"}, "gap": 60} if chart.kind == "bar" else {}),
        }
    )
    drawn.set_title({"none": True})  # the caption below the chart says it
    drawn.set_legend({"none": True})
    if chart.kind == "bar":
        none = {"visible": False}
        drawn.set_y_axis({"num_font": font, "reverse": True, "major_tick_mark": "none"})
        drawn.set_x_axis({"visible": False, "min": 0, "max": chart.high, "major_gridlines": none})
    drawn.set_chartarea({"border": {"none": True}})
    return drawn


_SHOWN = ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize")


def _with_labels(match: re.Match[str]) -> str:
    """Say of every part of a data label whether it is shown: what is left out would be."""
    labels = match[1]
    shown = "".join(f'<c:show{part} val="{int(f"<c:show{part} " in labels)}"/>' for part in _SHOWN)
    rest = re.sub(r"<c:show\w+ [^>]*/>", "", labels)
    before, separator, after = rest.partition("<c:separator>")
    return f"<c:dLbls>{before}{shown}{separator}{after}</c:dLbls>"


def _with_data(xml: str) -> str:
    """Point the chart to the workbook that stands beside it as its data (relation ``rId1``)."""
    xml = re.sub(r"<c:dLbls>(.*?)</c:dLbls>", _with_labels, xml, flags=re.DOTALL)
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    data = (
        f'<c:externalData xmlns:r="{relations}" r:id="rId1">'
        '<c:autoUpdate val="0"/></c:externalData>'
    )
    without_page = re.sub(r"<c:printSettings>.*?</c:printSettings>", "", xml, flags=re.DOTALL)
    return without_page.replace("</c:chartSpace>", f"{data}</c:chartSpace>")
