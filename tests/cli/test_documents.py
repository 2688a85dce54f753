"""``export --documents``, ``--public`` and ``compare-report`` as somebody types them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import docx


def test_word_documents_and_what_is_still_to_write(do: Any, tmp_path: Path) -> None:
    told = do("export", "sample", "--to", str(tmp_path), "--documents", "自评报告、公开说明")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "新乡市科学技术协会_2024年度_公开说明.docx",
        "新乡市科学技术协会_2024年度_自评报告.docx",
    ]
    assert "一、（一）单位简介：还没有写“主要职责”" in told
    assert told.count("请填写后重新导出，或在 Word 中补写") == 1


def test_a_text_once_written_stands_in_the_next_report(do: Any, tmp_path: Path) -> None:
    do("sessions", "new", "t", "--from", "sample")
    do("set", "t", "texts/主要职责", "普及科学技术知识。")
    data = do.json("export", "t", "--to", str(tmp_path), "--documents", "自评报告")
    (file,) = data["files"]
    assert "普及科学技术知识。" in [p.text for p in docx.Document(file["file"]).paragraphs]
    assert not any("主要职责" in one["message"] for one in data["missing"])


def test_the_package_is_called_as_the_settings_say(
    do: Any, tmp_path: Path, user_home: Path
) -> None:
    user_home.mkdir()
    (user_home / "settings.json").write_text('{"file_name": "{年度}{文种}"}', encoding="utf-8")
    do("export", "sample", "--to", str(tmp_path / "a"), "--documents", "上报材料包")
    with zipfile.ZipFile(tmp_path / "a" / "2024上报材料包.zip") as archive:
        assert "3 自评报告/2024自评报告.docx" in archive.namelist()
    do(
        "export",
        "sample",
        "--to",
        str(tmp_path / "b"),
        "--documents",
        "公开说明",
        "--name",
        "{文种}",
    )
    assert (tmp_path / "b" / "公开说明.docx").exists()


def test_the_public_version_lists_what_differs(do: Any, tmp_path: Path) -> None:
    told = do("export", "sample", "--to", str(tmp_path), "--public", "--documents", "公开说明")
    assert "公开数与上报数不同的 3 处" in told
    assert "全年执行数：上报 741.99，公开 741.64" in told


def test_what_must_not_be_published_is_a_finding(do: Any, tmp_path: Path) -> None:
    do("sessions", "new", "t", "--from", "sample")
    do("set", "t", "projects/p1/goal_done", "1—9月份以来达到时序进度")
    told = do("export", "t", "--to", str(tmp_path), "--public", code=1)
    assert "科普工作经费" in told
    assert "“1—9月份以来”" in told
    assert list(tmp_path.glob("*公开版*")) == []


def test_an_edited_report_is_compared(do: Any, tmp_path: Path) -> None:
    do("export", "sample", "--to", str(tmp_path), "--documents", "自评报告", "--name", "{文种}")
    path = tmp_path / "自评报告.docx"
    assert do("compare-report", "sample", str(path)) == "报告中的数与任务一致，没有手工改动\n"
    document = docx.Document(str(path))
    for paragraph in document.paragraphs:
        for run in paragraph.runs:
            if run.text == "96.40":
                run.text = "97.84"
    document.save(str(path))
    told = do("compare-report", "sample", str(path), code=1)
    assert "手工改动 三、综合评价结论 部门整体得分，任务中为 96.40，报告中为 97.84" in told
    data = do.json("compare-report", "sample", str(path), code=1)
    assert {one["path"] for one in data} == {"department/total"}
    assert "读不了" in do("compare-report", "sample", str(tmp_path / "没有.docx"), code=2)
    assert "不是 Word 文档" in do("compare-report", "sample", str(Path(__file__)), code=2)
