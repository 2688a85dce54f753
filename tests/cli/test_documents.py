"""``export --documents``, ``--public`` and ``compare-report`` as somebody types them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import docx
import openpyxl


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


def test_a_number_the_session_has_changed_since_is_no_change_by_hand(
    do: Any, tmp_path: Path
) -> None:
    do("sessions", "new", "t", "--from", "sample")
    do("export", "t", "--to", str(tmp_path), "--documents", "自评报告", "--name", "{文种}")
    do("set", "t", "department/inputs/全年执行数/value", "800")
    told = do("compare-report", "t", str(tmp_path / "自评报告.docx"))
    assert "任务已更新" in told
    assert "没有手工改动。以上各处请重新导出报告后核对" in told


def test_a_report_of_an_own_template_is_compared_with_it(do: Any, tmp_path: Path) -> None:
    template = tmp_path / "本局模板.docx"
    document = docx.Document()
    document.add_paragraph("{{ 单位 }}{{ 年度 }}年，得分{{ 得分表[-1].得分 }}。")
    document.save(str(template))
    do(
        "export", "sample", "--to", str(tmp_path), "--documents", "自评报告",
        "--name", "{文种}", "--template", str(template),
    )  # fmt: skip
    report = str(tmp_path / "自评报告.docx")
    told = do("compare-report", "sample", report, "--template", str(template))
    assert told == "报告中的数与任务一致，没有手工改动\n"
    none = str(tmp_path / "没有.docx")
    assert "读不了模板" in do("compare-report", "sample", report, "--template", none, code=2)


def test_the_report_by_its_full_title_and_by_its_template_alone(do: Any, tmp_path: Path) -> None:
    title = "部门整体绩效自评报告"
    data = do.json("export", "sample", "--to", str(tmp_path / "a"), "--documents", title)
    assert [one["documents"] for one in data["files"]] == [["自评报告"]]
    template = tmp_path / "本局模板.docx"
    document = docx.Document()
    document.add_paragraph("{{ 单位 }}得分报告")
    document.save(str(template))
    data = do.json("export", "sample", "--to", str(tmp_path / "b"), "--template", str(template))
    (file,) = data["files"]
    (first, *_) = docx.Document(file["file"]).paragraphs
    assert first.text == "新乡市科学技术协会得分报告"


def test_the_settings_say_where_files_go_and_a_broken_file_is_told(
    do: Any, tmp_path: Path, user_home: Path
) -> None:
    user_home.mkdir()
    settings = user_home / "settings.json"
    settings.write_text(json.dumps({"export_folder": str(tmp_path / "上报")}), encoding="utf-8")
    do("export", "sample", "--documents", "公开说明")
    assert [one.suffix for one in (tmp_path / "上报").iterdir()] == [".docx"]
    settings.write_text("{", encoding="utf-8")
    do("export", "sample", "--documents", "公开说明", "--to", str(tmp_path / "b"))
    (file,) = (tmp_path / "b").iterdir()
    assert file.name == "新乡市科学技术协会_2024年度_公开说明.docx"


def test_the_catalogue_says_of_each_file_of_evidence_whether_it_is_there(
    do: Any, tmp_path: Path, user_home: Path
) -> None:
    do("sessions", "new", "t", "--from", "sample")
    for name in ("甲.pdf", "乙.pdf"):
        (tmp_path / name).write_bytes(name.encode())
        do("attach", "t", "department/answers/B3", str(tmp_path / name))
    (lost,) = (
        one for one in (user_home / "evidence").rglob("*")
        if one.is_file() and one.read_bytes() == "乙.pdf".encode()
    )  # fmt: skip
    lost.unlink()
    data = do.json("export", "t", "--to", str(tmp_path / "out"), "--documents", "佐证材料目录")
    sheet = openpyxl.load_workbook(data["files"][0]["file"]).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(3, 5, max_col=7)]
    assert rows[0][6] == "文件"
    assert {str(row[1]): row[6] for row in rows[1:]} == {"甲.pdf": "在", "乙.pdf": "缺失"}


def test_a_blank_form_of_an_old_kind_is_refused_with_what_to_do(do: Any, tmp_path: Path) -> None:
    old = tmp_path / "县模板.xls"
    old.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "Workbook".encode("utf-16-le")
    )
    told = do("export", "sample", "--template", str(old), "--to", str(tmp_path / "out"), code=2)
    assert "县模板.xls：是 .xls 文件" in told
    assert "请用 Excel 或 WPS 打开，另存为“县模板.xlsx”，再用那一份" in told
    assert not (tmp_path / "out").exists()
