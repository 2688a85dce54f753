"""上报材料包: numbered folders in one zip that Windows opens, every document in its place."""

from __future__ import annotations

import zipfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from perfeval.errors import PerfevalError
from perfeval.exchange.material import FOLDERS, Member, material_package, zipped
from perfeval.exchange.outgoing import Wanted, known_names, send
from perfeval.session.model import Session

FILE = b"%PDF-1.7 scan"


def test_the_folders_and_what_stands_in_them(session: Session, word: SimpleNamespace) -> None:
    evidence = {
        "e1": {
            "name": "批文.pdf", "sha256": sha256(FILE).hexdigest(), "size": len(FILE),
            "number": "B3-1", "paths": ["department/answers/B3"],
        },
        "e2": {"name": "缺的.pdf", "sha256": "b" * 64, "size": 1, "number": "B3-2"},
    }  # fmt: skip
    full = word.with_values(session, evidence=evidence, unit__code="410701")
    packed = material_package(word.material(full), evidence={sha256(FILE).hexdigest(): FILE})
    start = "410701新乡市科学技术协会_2024年度_"
    assert packed.names == (
        f"1 自评表/{start}部门整体自评表.xlsx",
        f"1 自评表/{start}项目支出绩效自评表.xlsx",
        f"2 自评汇总表/{start}自评汇总表.xlsx",
        f"2 自评汇总表/{start}得分情况表.xlsx",
        f"2 自评汇总表/{start}扣分明细表.xlsx",
        f"3 自评报告/{start}自评报告.docx",
        f"4 审核和复核/{start}整改台账.xlsx",
        f"4 审核和复核/{start}审核报告.xlsx",
        f"5 佐证材料目录/{start}佐证材料目录.xlsx",
        "5 佐证材料目录/B3-1 批文.pdf",
    )
    with zipfile.ZipFile(BytesIO(packed.data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == list(packed.names)
        assert archive.read(packed.names[-1]) == FILE
        for info in archive.infolist():
            assert info.flag_bits & 0x800, "Windows reads a name without this flag as GBK"
            assert info.create_system == 3, "unzip on Linux ignores the flag of a file from DOS"
            assert info.external_attr >> 16 == 0o644, "a file from Unix without it is unreadable"
            assert info.date_time == (2020, 1, 1, 0, 0, 0)
    told = [problem for problem in packed.missing if "缺的.pdf" in problem.place]
    assert [problem.message for problem in told] == ["没有放入材料包"]


def test_equal_files_give_an_equal_package() -> None:
    members = [Member("1 自评表", "甲.xlsx", b"1"), Member("3 自评报告", "乙.docx", b"2" * 999)]
    assert zipped(members) == zipped(members)


def test_names_that_clash_or_cannot_be_are_made_good() -> None:
    from perfeval.exchange.material import _unique

    members = [Member("5", name, b"") for name in ("甲.pdf", "甲.PDF", "甲.pdf", "乙")]
    assert [one.name for one in _unique(members)] == ["甲.pdf", "甲(2).PDF", "甲(3).pdf", "乙"]
    assert zipfile.ZipFile(BytesIO(zipped(_unique(members)))).namelist()[1] == "5/甲(2).PDF"


def test_a_hostile_evidence_name_stays_in_its_folder(
    session: Session, word: SimpleNamespace
) -> None:
    evidence = {
        "e": {"name": "../../etc\\x:y.pdf", "sha256": sha256(FILE).hexdigest(), "size": len(FILE)}
    }
    full = word.with_values(session, evidence=evidence)
    packed = material_package(word.material(full), evidence={sha256(FILE).hexdigest(): FILE})
    assert packed.names[-1] == "5 佐证材料目录/.._.._etc_x_y.pdf"


def test_a_session_with_nothing_has_no_package(session: Session, word: SimpleNamespace) -> None:
    empty = session.model_copy(update={"department": None, "projects": {}, "project_order": ()})
    with pytest.raises(PerfevalError, match="没有可上报的内容"):
        material_package(word.material(empty))


def test_every_folder_names_documents_there_are(session: Session) -> None:
    from perfeval.exchange.documents import DOCUMENTS
    from perfeval.exchange.report.documents import WORD_DOCUMENTS

    known = {one.id for one in DOCUMENTS} | {one.id for one in WORD_DOCUMENTS}
    assert {id for ids in FOLDERS.values() for id in ids} <= known


# --- sending by name -------------------------------------------------------------------------


def test_documents_are_sent_by_name_and_called_by_the_pattern(
    session: Session, word: SimpleNamespace, tmp_path: Path
) -> None:
    wanted = Wanted(("自评报告", "公开说明", "自评汇总表"), pattern="{年度}-{单位}-{文种}")
    sent = send(word.material(session), tmp_path, wanted)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "2024-新乡市科学技术协会-公开说明.docx",
        "2024-新乡市科学技术协会-绩效自评.xlsx",
        "2024-新乡市科学技术协会-自评报告.docx",
    ]
    assert any("主要职责" in problem.message for problem in sent.missing)
    with pytest.raises(PerfevalError, match="没有“日期”这一项"):
        send(word.material(session), tmp_path, Wanted(("自评报告",), pattern="{日期}"))


def test_an_unknown_name_is_answered_with_the_nearest(
    session: Session, word: SimpleNamespace, tmp_path: Path
) -> None:
    with pytest.raises(PerfevalError, match="是否想写“自评报告”"):
        send(word.material(session), tmp_path, Wanted(("自评报吿",)))
    assert {"自评报告", "公开说明", "上报材料包", "自评汇总表"} <= set(known_names())
    without = session.model_copy(update={"department": None})
    with pytest.raises(PerfevalError, match="不能导出自评报告：没有部门整体自评"):
        send(word.material(without), tmp_path, Wanted(("自评报告",)))
    assert list(tmp_path.iterdir()) == []
