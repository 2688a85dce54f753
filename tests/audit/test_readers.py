"""One small document in every kind of file offices publish in: the same findings, each in place."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import pytest

from perfeval.audit.auditing import audit
from perfeval.audit.readers import read_bytes
from tests.audit import own
from tests.audit.test_forms import FORM
from tests.exchange.intake.test_formats import as_ods

WRONG = FORM.replace("\t96.17", "\t97.16").replace("16.40\t15.28", "17.40\t15.28")
FOUND = [("资金", "96.40", "97.40万元"), ("总分", "97.16", "96.17分")]


def as_markdown(source: str) -> bytes:
    """Tables by ``|``; empty cells stay."""
    lines: list[str] = []
    inside = False
    for line in source.splitlines():
        if "\t" not in line:
            lines.append(f"## {line}" if "表" in line else line)
            inside = False
            continue
        cells = line.split("\t")
        lines.append("| " + " | ".join(cells) + " |")
        if not inside:
            lines.append("|" + "---|" * len(cells))
        inside = True
    return "\n".join(lines).encode()


def as_sheet(source: str) -> bytes:
    """An .ods: the title's lines above the table."""
    return as_ods([line.split("\t") for line in source.splitlines() if line.strip()])


KINDS: dict[str, Callable[[str], bytes]] = {
    "报告.txt": str.encode,
    "GB 18030.txt": lambda text: text.encode("gb18030"),
    "报告.md": as_markdown,
    "报告.html": own.as_page,
    "报告.docx": own.as_word,
    "报告.xlsx": own.as_workbook,
    "报告.ods": as_sheet,
    "报告.pdf": own.as_pdf,
}
PLACES = {
    "报告.txt": "第9行 第3列", "报告.md": "第10行 第3列", "报告.docx": "表1 C3",
    "报告.html": "第8行 第3列", "报告.ods": "表1 C6", "报告.pdf": "第1页 表1 C3",
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_file_gives_the_same_findings(name: str) -> None:
    if name.endswith("pdf") and find_spec("pdfplumber") is None:
        pytest.skip("perfeval[pdf] is not installed")
    found = audit(read_bytes(KINDS[name](WRONG), name)).findings
    assert [(one.check, one.printed, one.expected) for one in found] == FOUND
    assert str(found[0].place) == PLACES.get(name, str(found[0].place))
