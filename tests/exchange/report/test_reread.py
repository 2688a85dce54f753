"""Reading an edited report back: numbers changed by hand are listed, edited text is not."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from perfeval.errors import PerfevalError
from perfeval.exchange.report.documents import WordFile, compare
from perfeval.exchange.report.reread import Reread, reread, same
from perfeval.session.model import Session

Compare = Callable[..., list[Reread]]


@pytest.fixture
def compared(report: WordFile, word: SimpleNamespace) -> Compare:
    """What is found in the sample's report after a change, against the sample or another."""

    def run(change: Callable[[str], str], against: Session | None = None) -> list[Reread]:
        edited = word.edited(report.data, change)
        if against is None:
            return reread(edited, report.data, report.document.figures)
        return compare(edited, word.material(against))

    return run


def typed_over(xml: str, old: str, new: str, *, style: bool = True) -> str:
    """A number selected and typed over: Word drops the bookmark and keeps the style."""
    run = re.search(
        rf"<w:bookmarkStart [^>]*/>(<w:r>(?:(?!</w:r>).)*>){re.escape(old)}(</w:t></w:r>)"
        r"<w:bookmarkEnd [^>]*/>",
        xml,
    )
    assert run, old
    before = run[1] if style else re.sub(r"<w:rStyle [^>]*/>", "", run[1])
    return xml.replace(run[0], f"{before}{new}{run[2]}", 1)


def test_an_untouched_report_has_no_changes(compared: Compare) -> None:
    assert compared(lambda xml: xml) == []


def test_a_number_changed_in_place(compared: Compare) -> None:
    (one,) = compared(lambda xml: xml.replace(">96.40<", ">97.84<", 1))
    assert one == Reread(
        "手工改动", "三、综合评价结论", "部门整体得分", "department/total", "96.40", "97.84"
    )


@pytest.mark.parametrize("style", [True, False], ids=["style kept", "pasted as plain text"])
def test_a_number_typed_over_is_known_by_its_place(compared: Compare, style: bool) -> None:
    (one,) = compared(lambda xml: typed_over(xml, "25.51%", "9.51%", style=style))
    assert one.kind == "手工改动"
    assert (one.path, one.was, one.now) == ("department/answers/B3/actual", "25.51%", "9.51%")


def test_neighbouring_numbers_typed_over_are_told_apart(compared: Compare) -> None:
    def change(xml: str) -> str:
        for old, new in (("667.77", "700"), ("170.33", "138.1")):
            xml = typed_over(xml, old, new)
        return xml

    first, second = compared(change)
    assert (first.path, first.now) == ("department/inputs/年初预算数", "700")
    assert (second.path, second.now) == ("department/inputs/年中调整数", "138.1")


def test_a_number_in_a_table(compared: Compare) -> None:
    (one,) = compared(lambda xml: typed_over(xml, "26.6", "30"))
    assert (one.path, one.was, one.now) == ("projects/p6/funds/executed", "26.6", "30")
    assert one.where == "附件　部门（单位）项目支出自评汇总表"


def test_edited_text_around_the_numbers_is_no_change(compared: Compare) -> None:
    def change(xml: str) -> str:
        xml = xml.replace("年度部门整体绩效自评得分", "年度整体绩效得分（上年 95.10 分）为")
        xml = xml.replace("得分情况见表 3-1。", "新写的一段，完成 12 项任务，得 99 分。")
        return xml.replace(">96.40<", "> 96.4 <")

    assert compared(change) == []


def test_a_tracked_change_counts_as_made(compared: Compare) -> None:
    def change(xml: str) -> str:
        run = re.search(r"<w:r>(?:(?!</w:r>).)*>96\.40</w:t></w:r>", xml)
        assert run
        gone = run[0].replace("w:t>", "w:delText>").replace("<w:t ", "<w:delText ")
        new = run[0].replace("96.40", "98.00")
        return xml.replace(
            run[0], f"<w:del w:id='1'>{gone}</w:del><w:ins w:id='2'>{new}</w:ins>", 1
        )

    (one,) = compared(change)
    assert (one.was, one.now) == ("96.40", "98.00")


def test_a_deleted_paragraph_is_told(compared: Compare) -> None:
    def change(xml: str) -> str:
        found = re.search(r"<w:p>(?:(?!</w:p>).)*决算支出(?:(?!</w:p>).)*</w:p>", xml)
        assert found
        return xml.replace(found[0], "", 1)

    missing = compared(change)
    assert {one.kind for one in missing} == {"找不到"}
    assert {one.path for one in missing} == {
        "statements/决算支出", "statements/基本支出决算", "statements/项目支出决算",
    }  # fmt: skip


def test_a_number_that_the_session_changed_since_is_not_blamed_on_anybody(
    session: Session, compared: Compare, word: SimpleNamespace
) -> None:
    later = word.with_values(session, department__inputs__全年执行数__value="741.64")
    changed = compared(lambda xml: xml.replace(">667.77<", ">600<", 1), later)
    by_path = {one.path: one for one in changed}
    assert by_path["department/inputs/全年执行数"].kind == "任务已更新"
    assert by_path["department/inputs/全年执行数"].was == "741.64"
    assert by_path["department/inputs/年初预算数"].kind == "手工改动"
    assert sum(one.kind == "手工改动" for one in changed) == 1


def test_the_statement_is_known_for_what_it_is(
    session: Session, notice: WordFile, word: SimpleNamespace
) -> None:
    data = word.edited(notice.data, lambda xml: xml.replace(">89.82<", ">90.31<", 1))
    (one,) = compare(data, word.material(session))
    assert (one.path, one.was, one.now) == ("projects/p6/total", "89.82", "90.31")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_what_is_no_docx_is_refused(
    session: Session, word: SimpleNamespace, content: bytes
) -> None:
    with pytest.raises(PerfevalError, match="不是 Word 文档"):
        compare(content, word.material(session))


def test_a_report_of_something_else_is_refused(
    session: Session, report: WordFile, word: SimpleNamespace
) -> None:
    other = word.edited(report.data, lambda xml: re.sub(r'w:name="_pf_[^"]*"', 'w:name="x"', xml))
    with pytest.raises(PerfevalError, match="没有本任务的数"):
        compare(other, word.material(session))


@pytest.mark.parametrize(
    ("was", "now", "equal"),
    [
        ("96.40", "96.4", True),
        ("96.40", " 96.40 分", True),
        ("96.40", "９６.４０", True),
        ("96.40", "96.41", False),
        ("10", "10.5", False),
        ("2", "2025", False),
        ("88.53%", "88.53", False),
        ("优", "“优”", True),
        ("优", "良", False),
        ("(838.1-667.77-0)÷667.77", "（838.1 - 667.77 - 0）÷ 667.77", True),
        ("838.1", "837.1", False),
        ("不适用", "", False),
    ],
)
def test_numbers_are_compared_as_numbers(was: str, now: str, equal: bool) -> None:
    assert same(was, now) is equal


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_bookmarks_survive_another_program_and_the_old_format(
    session: Session, report: WordFile, word: SimpleNamespace, tmp_path: Path
) -> None:
    """Saved again by LibreOffice as .docx, and by way of .doc: every number is still known."""
    (tmp_path / "a.docx").write_bytes(report.data)
    place = tmp_path / "a.docx"
    for folder, ending in (("1", "docx"), ("2", "doc"), ("3", "docx")):
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        kind = "docx:MS Word 2007 XML" if ending == "docx" else "doc"
        command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir"]
        subprocess.run(
            [*command, str(tmp_path / folder), str(place)], check=True, capture_output=True
        )
        place = tmp_path / folder / f"a.{ending}"
        if ending == "docx":
            assert compare(place.read_bytes(), word.material(session)) == []
            changed = word.edited(place.read_bytes(), lambda xml: xml.replace(">26.6<", ">30<", 1))
            (one,) = compare(changed, word.material(session))
            assert one.path == "projects/p6/funds/executed"
