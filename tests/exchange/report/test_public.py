"""公开版: what is dropped, what is taken from the final accounts, what is refused."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from perfeval.errors import Findings, PerfevalError
from perfeval.exchange.outgoing import Wanted, send_public
from perfeval.exchange.public import KEPT, public, public_session, with_final_accounts
from perfeval.exchange.report.documents import WordFile
from perfeval.exchange.report.ooxml import without_metadata
from perfeval.session import model
from perfeval.session.model import Session

SECRET = "机密"
PRIVATE = {
    "unit/prepared_by": f"{SECRET}甲", "unit/head": f"{SECRET}乙", "unit/phone": f"{SECRET}丙",
    "source": f"{SECRET}来源",
    "department/inputs/年初预算数/note": f"{SECRET}备注",
    "department/inputs/年初预算数/source": f"{SECRET}台账",
    "department/answers/B3/owner": f"{SECRET}科室",
    "department/answers/B3/evidence": [f"{SECRET}.pdf"],
    "projects/p6/owner": f"{SECRET}科",
    "marks/department~1answers~1B3": {
        "verdict": "核减", "score": "0", "opinion": f"{SECRET}意见", "who": f"{SECRET}丁"},
    "feedback/department~1answers~1B3": {"accepted": False, "reason": SECRET, "who": SECRET},
    "evidence/abc": {"name": f"{SECRET}批文.pdf", "sha256": "a" * 64, "size": 1},
    "waivers": [{"check": "L27", "path": "department", "reason": SECRET, "who": SECRET}],
    "submissions": [{"number": 1, "seal": "b" * 64, "head": "c" * 64, "who": SECRET}],
    "sent/财务科": {"head": "e" * 64, "who": SECRET},
    "previous/department~1inputs~1年初预算数~1value": SECRET,
    "claimed/department~1rate": SECRET,
    "assumed/department~1answers~1B3~1target": SECRET,
    "stage": "复核中",
}  # fmt: skip


def internal(session: Session, word: SimpleNamespace) -> Session:
    return word.with_values(session, **PRIVATE)  # type: ignore[no-any-return]


def test_every_field_is_either_published_or_not() -> None:
    """A field that somebody adds is not published until it is named."""
    for kind, kept in KEPT.items():
        assert kept <= set(kind.model_fields), kind
        required = {name for name, field in kind.model_fields.items() if field.is_required()}
        assert required <= kept
    parts = {
        part for part in vars(model).values()
        if isinstance(part, type) and issubclass(part, model.Part) and part is not model.Part
    }  # fmt: skip
    never = {
        model.Evidence, model.Submission, model.ReviewMark, model.Feedback, model.Waiver,
        model.Sent, model.Remedy,
    }  # fmt: skip
    assert parts == set(KEPT) | never


def test_nothing_private_is_left(session: Session, word: SimpleNamespace) -> None:
    full = internal(session, word)
    assert full.model_dump_json().count(SECRET) >= len(PRIVATE) - 2
    shown = public_session(full)
    assert SECRET not in shown.model_dump_json()
    assert shown.stage == "草稿"
    assert shown.unit.name == session.unit.name
    assert set(shown.assumed) == set(full.assumed)


def test_the_public_session_is_worth_the_same(session: Session, word: SimpleNamespace) -> None:
    ours, theirs = word.material(session).card, word.material(public_session(session)).card
    assert ours.department.summary == theirs.department.summary
    assert [one.result and one.result.total for one in ours.projects] == [
        one.result and one.result.total for one in theirs.projects
    ]


def test_final_accounts_take_the_place_and_every_difference_is_listed(
    session: Session, word: SimpleNamespace
) -> None:
    """741.64 in the accounts, 741.99 in the self-evaluation: 88.53 % becomes 88.49 %."""
    told = word.with_values(session, statements__决算支出__note="决算批复后调整 0.35 万元")
    made = public(told, word.find)
    listed = {one.path: (one.internal, one.public, one.reason) for one in made.differing}
    assert listed == {
        "department/inputs/全年执行数": ("741.99", "741.64", "决算批复后调整 0.35 万元"),
        "department/answers/X1/actual": ("88.53%", "88.49%", "按决算数重新计算"),
        "department/tiers/预算执行情况/rate": ("88.53%", "88.49%", "按决算数重新计算"),
    }
    assert not any("没有写明原因" in one.message for one in made.warnings)


def test_a_difference_without_a_reason_is_warned_of(
    session: Session, word: SimpleNamespace
) -> None:
    made = public(session, word.find)
    assert any("741.64" in one.message and "没有写明原因" in one.message for one in made.warnings)


def test_a_project_and_any_input_may_have_final_figures(
    session: Session, word: SimpleNamespace
) -> None:
    told = word.with_values(
        session,
        **{
            "statements/projects~1p6~1决算数": {"value": "27", "note": "补记一笔"},
            "statements/结转结余总额决算数": {"value": "96.46"},
        },
    )
    final, replaced = with_final_accounts(told)
    assert final.projects["p6"].funds["total"].executed == "27"
    assert final.department is not None
    assert final.department.inputs["结转结余总额"].value == "96.46"
    assert replaced["projects/p6/funds/executed"] == "补记一笔"
    listed = {one.path: one for one in public(told, word.find).differing}
    assert listed["projects/p6/total"].internal == "89.82"
    assert listed["projects/p6/total"].public == "89.95"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1—9月份以来，共使用管理的项目8个", "1—9月份以来"),
        ("1-9月完成75%", "1-9月"),
        ("1月至10月支出", "1月至10月"),
        ("实现程度达到时序进度（75%）", "时序进度"),
        ("未达序时进度", "序时进度"),
        ("截至9月底已开展", "截至9月底"),
        ("截止2024年9月30日", "截止2024年9月30日"),
        ("预计年底确定能实现绩效目标", "预计年底"),
        ("有可能实现", "有可能实现"),
        ("联系电话13912345678", "13912345678"),
        ("电话：0373-1234567", "0373-1234567"),
        ("身份证41010119900101123X", "身份证号"),
        ("someone@example.com", "电子邮箱"),
        (r"见 D:\材料\批文.pdf", "文件位置"),
        ("由某某负责", "某某"),
    ],
)
def test_what_must_not_be_published_is_refused_with_its_place(
    session: Session, word: SimpleNamespace, text: str, told: str
) -> None:
    changed = word.with_values(session, unit__head="某某", projects__p6__goal_done=text)
    with pytest.raises(Findings) as caught:
        public(changed, word.find)
    (line,) = str(caught.value).splitlines()[1:2]
    assert session.projects["p6"].name in line
    assert told in line
    assert "projects/" not in line


@pytest.mark.parametrize(
    "text",
    [
        "1—12月全年完成",
        "截至12月31日全部完成",
        "3—5月开展培训",
        "绩效监控完成率100%",
        "支出1390.12万元",
    ],
)
def test_words_about_the_whole_year_are_published(
    session: Session, word: SimpleNamespace, text: str
) -> None:
    public(word.with_values(session, projects__p6__goal_done=text), word.find)


def leaves(value: Any) -> list[str]:
    if isinstance(value, BaseModel):
        return [text for name in type(value).model_fields for text in leaves(getattr(value, name))]
    return [value] if isinstance(value, str) else []


def test_the_public_files_hold_nothing_private_anywhere(
    session: Session, word: SimpleNamespace, tmp_path: Path
) -> None:
    sent = send_public(word.material(internal(session, word)), tmp_path, Wanted())
    assert [file.path.name for file in sent.files] == [
        "新乡市科学技术协会_2024年度_自评报告（公开版）.docx",
        "新乡市科学技术协会_2024年度_公开说明（公开版）.docx",
        "新乡市科学技术协会_2024年度_绩效自评（公开版）.xlsx",
    ]
    for file in sent.files:
        with zipfile.ZipFile(file.path) as archive:
            for name in archive.namelist():
                assert SECRET not in archive.read(name).decode("utf-8", "ignore"), (file, name)
            properties = archive.read("docProps/core.xml").decode()
            assert not re.search("creator|lastModifiedBy|modified", properties)
    assert any(one.path == "department/inputs/全年执行数" for one in sent.differing)


def test_internal_documents_are_not_public(
    session: Session, word: SimpleNamespace, tmp_path: Path
) -> None:
    for name in ("审核报告", "整改台账", "上报材料包"):
        with pytest.raises(PerfevalError, match="不公开"):
            send_public(word.material(session), tmp_path, Wanted((name,)))
    assert list(tmp_path.iterdir()) == []


def test_an_own_template_with_old_monitoring_words_is_refused(
    session: Session, word: SimpleNamespace, tmp_path: Path
) -> None:
    import docx

    made = docx.Document()
    made.add_paragraph("{{ 单位 }}")
    made.add_paragraph("1—9月份以来，达到时序进度。")
    made.save(str(tmp_path / "旧模板.docx"))
    wanted = Wanted(("公开说明",), template=tmp_path / "旧模板.docx")
    with pytest.raises(Findings, match=r"公开说明 第 2 段：“1—9月份以来”"):
        send_public(word.material(session), tmp_path / "out", wanted)
    assert not (tmp_path / "out").exists()


def test_metadata_goes_from_any_office_file(report: WordFile) -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(report.data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("docProps/custom.xml", f"<x>{SECRET}</x>")
        new.writestr("docProps/thumbnail.jpeg", SECRET)
        new.writestr("customXml/item9.xml", f"<x>{SECRET}</x>")
    bare = without_metadata(buffer.getvalue(), "题目")
    with zipfile.ZipFile(BytesIO(bare)) as archive:
        assert not any("custom" in n or "thumbnail" in n for n in archive.namelist())
        assert "题目" in archive.read("docProps/core.xml").decode()
    assert without_metadata(bare, "题目") == bare
