"""Templates: the shipped ones are what the script makes, an office's own are used with care."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docx
import pytest

from perfeval.errors import PerfevalError
from perfeval.exchange.report import make_templates
from perfeval.exchange.report.documents import word_file
from perfeval.exchange.report.word import shipped
from perfeval.session.model import Session


def own(folder: Path, *paragraphs: str, rows: tuple[tuple[str, ...], ...] = ()) -> Path:
    """A template an office might make in Word."""
    made = docx.Document()
    for text in paragraphs:
        made.add_paragraph(text)
    if rows:
        table = made.add_table(len(rows), len(rows[0]))
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    path = folder / "本局模板.docx"
    made.save(str(path))
    return path


@pytest.mark.parametrize("name", ["report", "notice"])
def test_the_shipped_templates_are_the_ones_the_script_makes(
    name: str, word: SimpleNamespace
) -> None:
    made: Any = getattr(make_templates, f"{name}_template")()
    buffer = BytesIO()
    made.save(buffer)
    assert word.texts(shipped(name)) == word.texts(buffer.getvalue())
    for part in ("word/document.xml", "word/styles.xml"):
        old, new = word.part(shipped(name), part), word.part(buffer.getvalue(), part)
        assert [(e.tag, dict(e.attrib)) for e in old.iter()] == [
            (e.tag, dict(e.attrib)) for e in new.iter()
        ]


def test_an_own_template_takes_the_place_of_the_shipped_one(
    session: Session, tmp_path: Path, word: SimpleNamespace
) -> None:
    path = own(
        tmp_path,
        "{{ 单位 }}{{ 年度 }}年，得分{{ 得分表[-1].得分 }}。",
        "{%p for 一级 in 一级指标 %}",
        "{{ 一级.名称 }}：{{ 一级.概述 }}",
        "{%p endfor %}",
        rows=(
            ("项目", "得分"),
            ("{%tr for 行 in 汇总表.行 %}", ""),
            ("{{ 行.名称 }}", "{{ 行.得分 }}"),
            ("{%tr endfor %}", ""),
        ),
    )
    made = word_file(word.REPORT, word.material(session), path)
    texts = word.texts(made.data)
    assert texts[0] == "新乡市科学技术协会2024年，得分96.40。"
    assert "产出指标：产出指标分值 25 分，得 24.55 分，得分率 98.20%。" in texts
    ((_, *rows),) = word.tables(made.data)
    assert rows[5] == [session.projects["p6"].name, "89.82"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ 得分 }}", "用了没有的名称“得分”。"),
        ("{{ 单位.没有 }}", "用了没有的名称"),
        ("{{ 单位 ", "花括号"),
        ("{%p for 段 in 结论 %}", "写法不对“endfor、else、for”"),
        ("{{ 单位.__class__.__mro__ }}", "不能填写|没有的名称"),
        ("{{ ''.__class__.__base__.__subclasses__() }}", "不能填写|没有的名称"),
        ("{{ 1 / 0 }}", "不能填写"),
        ("{% for i in range(10**9) %}{% endfor %}", "不能填写"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused_by_name(
    session: Session, tmp_path: Path, word: SimpleNamespace, text: str, told: str
) -> None:
    path = own(tmp_path, text)
    with pytest.raises(PerfevalError, match=told) as caught:
        word_file(word.REPORT, word.material(session), path)
    assert "本局模板.docx" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "不是 Word 文档"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 512, "另存为 .docx"),
        (b"PK\x03\x04 cut", "不是 Word 文档"),
    ],
)
def test_a_file_that_is_no_docx_is_no_template(
    session: Session, tmp_path: Path, word: SimpleNamespace, content: bytes, told: str
) -> None:
    path = tmp_path / "旧.doc"
    path.write_bytes(content)
    with pytest.raises(PerfevalError, match=told):
        word_file(word.REPORT, word.material(session), path)
    with pytest.raises(PerfevalError, match="读不了"):
        word_file(word.REPORT, word.material(session), tmp_path / "没有.docx")
