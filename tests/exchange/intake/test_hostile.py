"""Files that are not what they say, broken, or made to do harm: a clear word, quickly."""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from perfeval.errors import PerfevalError
from perfeval.exchange.intake import containers, grids, worker
from perfeval.exchange.intake.containers import Unreadable
from perfeval.exchange.intake.grids import grids_of, read_grids
from perfeval.exchange.intake.reading import reading_of

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
CONTENT = "xl/worksheets/sheet1.xml"


def form(office: Any) -> bytes:
    """A small form every mutation begins from."""
    made: bytes = office.laid_out(office.cases()["heb_langfang_spxx_nuantong"])
    return made


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {one: archive.read(one) for one in archive.namelist()}


def zipped(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


def with_sheet(office: Any, sheet: bytes) -> bytes:
    return zipped(parts_of(form(office)) | {CONTENT: sheet})


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("空.xlsx", b"", "空文件"),
        ("网页.xls", b"<html><table><tr><td>1", "网页"),
        ("网页.xls", b"\xef\xbb\xbf\r\n <!DOCTYPE html>", "网页"),
        ("表.xlsx", b"%PDF-1.7 ...", "PDF"),
        ("表.xlsx", b"PK\x03\x04" + bytes(50), "损坏"),
        ("表.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("表.xls", OLE + "WordDocument".encode("utf-16-le"), "Word"),
        ("表.xls", OLE, "损坏"),
        ("表.xlsx", b"\x00\x01\x02" * 40, "损坏"),
        ("表.docx", b"{\\rtf1 x}", "RTF"),
        ("压缩.xlsx", zipped({"a.txt": b"x"}), "压缩包"),
        ("表.xlsx", zipped({"xl/workbook.bin": b"x"}), "xlsb"),
        ("表.xml", b"<?xml version='1.0'?><a/>", "XML"),
    ],
)
def test_a_file_that_holds_no_table_is_told_by_name(name: str, data: bytes, told: str) -> None:
    with pytest.raises(Unreadable, match=told) as error:
        grids_of(data, name)
    assert str(error.value).startswith(f"{name}：")
    assert "请" in str(error.value)


def test_a_missing_file_and_old_word(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="没有这个文件"):
        read_grids(tmp_path / "无.xlsx")
    with pytest.raises(Unreadable, match="旧版 Word"):
        read_grids(tmp_path / "表.doc")


def test_a_workbook_called_xls_and_a_text_called_xls_are_read(office: Any) -> None:
    assert grids_of(form(office), "表.xls")[0].text(0, 0) == "项目支出绩效自评表"
    for data in (
        "项目名称,全年预算数\n甲,10".encode("gb18030"),
        "项目名称\t全年预算数\n甲\t10".encode(),
    ):
        assert grids_of(data, "表.xls")[0].text(1, 1) == "10"


def test_a_truncated_workbook_at_every_length(office: Any) -> None:
    data = form(office)
    for end in range(0, len(data) - 1, len(data) // 40):
        with pytest.raises(Unreadable):
            grids_of(data[:end], "表.xlsx")


# --- bombs -----------------------------------------------------------------------------------


def bomb(office: Any, stated: int) -> bytes:
    """A sheet that inflates to far more than its directory says, its checksum made to match."""
    real = b"<worksheet>" + b" " * (40 * containers.MB)
    data = bytearray(
        zipped(parts_of(form(office)) | {CONTENT: b"<worksheet>" + b" " * (stated - 11)})
    )
    deflated = zlib.compressobj(1, zlib.DEFLATED, -15)
    stream = deflated.compress(real) + deflated.flush()
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        one = archive.getinfo(CONTENT)
    start = one.header_offset + 30 + len(CONTENT)
    grown = len(stream) - one.compress_size
    made = data[:start] + stream + data[start + one.compress_size :]
    made[one.header_offset + 18 : one.header_offset + 22] = struct.pack("<I", len(stream))
    directory = made.rfind(b"PK\x05\x06")
    where = struct.unpack("<I", made[directory + 16 : directory + 20])[0] + grown
    made[directory + 16 : directory + 20] = struct.pack("<I", where)
    at = where
    while made[at : at + 4] == b"PK\x01\x02":
        length, extra, comment = struct.unpack("<HHH", made[at + 28 : at + 34])
        name = bytes(made[at + 46 : at + 46 + length]).decode()
        offset = struct.unpack("<I", made[at + 42 : at + 46])[0]
        if name == CONTENT:
            made[at + 20 : at + 24] = struct.pack("<I", len(stream))
        elif offset > one.header_offset:
            made[at + 42 : at + 46] = struct.pack("<I", offset + grown)
        at += 46 + length + extra + comment
    return bytes(made)


def test_a_zip_bomb_with_a_lying_directory_is_cut_at_what_it_states(office: Any) -> None:
    data = bomb(office, 2000)
    assert len(data) < containers.MB
    tracemalloc.start()
    parts = containers.parts_of(data, "表.xlsx")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(parts[CONTENT]) == 2000  # and no byte further
    assert most < 10 * containers.MB, "the rest was inflated all the same"


def test_a_zip_bomb_with_an_honest_directory_is_refused(office: Any) -> None:
    data = zipped(parts_of(form(office)) | {CONTENT: b" " * (containers.MAX_PART + 1)})
    assert len(data) < containers.MB
    with pytest.raises(Unreadable, match="超过 160 MB"):
        grids_of(data, "表.xlsx")


@pytest.mark.parametrize("part", [CONTENT, "xl/sharedStrings.xml", "xl/workbook.xml"])
def test_xml_entities_are_refused(office: Any, part: str) -> None:
    lol = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    with pytest.raises(Unreadable, match="XML 实体"):
        grids_of(zipped(parts_of(form(office)) | {part: lol}), "表.xlsx")


def rows(count: int, cell: str = "<c r='A{0}'><v>1</v></c>") -> bytes:
    body = "".join(f"<row r='{n}'>{cell.format(n)}</row>" for n in range(1, count + 1))
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f"<worksheet xmlns='{space}'><sheetData>{body}</sheetData></worksheet>".encode()


@pytest.mark.parametrize(
    "sheet",
    [
        rows(1_000_000),
        rows(1).replace(
            b"</sheetData>", b"<row><c><v>1</v></c></row>" * 1_000_000 + b"</sheetData>"
        ),
        rows(1, "<c r='A1'><v>1</v></c><c r='XFD1048576'><v>1</v></c>"),
        rows(1, "<c r='A1'><v>1</v></c><c r='ZZZ9999999'><v>1</v></c>"),
        rows(50_000, "<c r='ALL{0}'><v>1</v></c>"),
    ],
    ids=["million", "unnumbered", "corner", "beyond", "wide"],
)
def test_a_sheet_far_larger_than_any_form_is_refused_before_room_is_made(
    office: Any, sheet: bytes
) -> None:
    with pytest.raises(Unreadable, match="太大"):
        grids_of(with_sheet(office, sheet), "表.xlsx")


def test_a_million_empty_formatted_rows_are_no_matter(office: Any) -> None:
    sheet = rows(200_000, "<c r='A{0}' s='0'/>").replace(
        b"<c r='A1' s='0'/>", b"<c r='A1' t='inlineStr'><is><t>x</t></is></c>"
    )
    (grid, *_) = grids_of(with_sheet(office, sheet), "表.xlsx")
    assert grid.text(0, 0) == "x"


def test_an_old_workbook_is_read_in_a_process_with_limits(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unreadable, match="损坏"):
        list(worker.read_apart(OLE + b"Workbook", "表.xls"))
    monkeypatch.setattr(worker, "MAX_SECONDS", 0.001)
    with pytest.raises(Unreadable, match="没有读完"):
        list(worker.read_apart(form(office), "表.xls"))


def test_a_process_apart_reads_what_is_read_here(office: Any) -> None:
    data = form(office)
    apart = [grids._grid(sheet) for sheet in worker.read_apart(data, "表.xls")]
    assert [grid.cells for grid in apart] == [grid.cells for grid in grids_of(data, "表.xlsx")]


# --- mutations -------------------------------------------------------------------------------

_PIECES = [b"9999999", b'"', b"<c>", b"&x;", b"\x00", b"-1", b"XFD", b"</row>", b"1e308", b"%"]


def mutated(parts: dict[str, bytes], dice: random.Random) -> bytes:
    """Return a workbook with a part or the whole file changed in a few places."""
    name = dice.choice([one for one in parts if "theme" not in one])
    made = bytearray(parts[name])
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(max(len(made), 1))
        match dice.randrange(5):
            case 0 if made:
                made[at] = dice.randrange(256)
            case 1:
                del made[at : at + dice.randint(1, 60)]
            case 2:
                made[at:at] = dice.choice(_PIECES)
            case 3:
                other = dice.randrange(max(len(made), 1))
                made[at:at] = made[other : other + dice.randint(1, 200)]
            case _:
                made = made[:at] if dice.random() < 0.05 else made
    changed = zipped(parts | {name: bytes(made)}, zipfile.ZIP_STORED)
    if dice.random() < 0.2:
        whole = bytearray(changed)
        for _ in range(dice.randint(1, 5)):
            whole[dice.randrange(len(whole))] = dice.randrange(256)
        changed = bytes(whole)
    return changed


def survives(data: bytes, then: Callable[[bytes], object]) -> bool:
    """Whether a file was taken; anything but a clear refusal is an error."""
    try:
        then(data)
    except PerfevalError:
        return False
    return True


def check_mutations(office: Any, count: int, seed: int) -> None:
    dice = random.Random(seed)
    sources = [
        parts_of(office.laid_out(case))
        for case in office.cases().values()
        if "rows" in case and case["kind"] != "summary"
    ]

    def read(data: bytes) -> object:
        """Read and place every one; the checks, which take longest, look at some."""
        found = office.handed(data)
        return found.findings if dice.random() < 0.2 else found

    taken = sum(survives(mutated(dice.choice(sources), dice), read) for _ in range(count))
    assert count * 0.1 < taken < count  # both kinds are met


def test_mutated_workbooks_never_crash(office: Any) -> None:
    check_mutations(office, 500, seed=5)


@pytest.mark.soak
def test_many_mutated_workbooks_never_crash(office: Any) -> None:
    check_mutations(office, 20_000, seed=6)


def test_texts_that_look_like_formulas_stay_texts(office: Any) -> None:
    nasty = ["=1+1", "+cmd|'/c calc'!A1", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x","y")']
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in [
        ["项目支出绩效自评表"],
        ["项目名称", "甲"],
        ["一级指标", "二级指标", "三级指标", "年度指标值", "分值", "得分"],
    ]:
        page.append(row)
    for number, text in enumerate(nasty, 4):
        for column, value in enumerate(["产出指标", "数量指标", text, "≥1", 10, 10], 1):
            cell = page.cell(number, column)
            cell.value = value  # type: ignore[assignment]
            if isinstance(value, str):
                cell.data_type = "s"
    reading = reading_of(grids_of(office.saved(book), "表.xlsx"), "表.xlsx")
    assert [row.name.raw for form in reading.forms for row in form.rows] == nasty
