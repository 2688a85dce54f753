"""The command line: verbs, JSON, exit codes, and a clear message for every wrong input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from perfeval.samples import sample_text

if TYPE_CHECKING:
    from tests.cli.conftest import Terminal


@pytest.fixture
def sample(tmp_path: Path) -> str:
    path = tmp_path / "科协 2024.yaml"
    path.write_text(sample_text(), encoding="utf-8")
    return str(path)


# --- score -----------------------------------------------------------------------------------


def test_score_prints_the_table(do: Terminal, sample: str) -> None:
    text = do("score", sample)
    assert "部门整体：96.40 优 按拟定规则" in text
    assert "89.82  良    90.31  公开资料，等级未核实" in text
    assert "不参加自评：新乡市科学技术协会第七次代表大会会议经费" in text


def test_score_json(do: Terminal, sample: str) -> None:
    data = do.json("score", sample)
    assert (data["total"], data["grade"], data["complete"]) == ("96.40", "优", True)
    assert data["claimed_total"] == "97.84"
    assert data["evidence"] == "PROPOSED"
    tiers = {tier["name"]: (tier["points"], tier["score"], tier["rate"]) for tier in data["tiers"]}
    assert tiers["投入管理指标"] == ("30", "28.00", "0.9333")
    b3 = next(row for row in data["indicators"] if row["code"] == "B3")
    wanted = {"status": "已评", "points": "2", "score": "0.00", "actual": "25.51%", "claimed": "0"}
    assert wanted.items() <= b3.items()
    assert b3["target"] == "≤10%"
    assert b3["trace"][1] == {"step": "代入", "text": "(838.1-667.77-0)÷667.77", "value": None}
    sixth = data["projects"][5]
    assert (sixth["execution_rate"], sixth["score"], sixth["grade"]) == ("0.8867", "89.82", "良")
    assert sixth["claimed"] == "90.31"
    assert sixth["rates"] == {"产出指标": "0.9190", "效益指标": "0.8333", "满意度指标": "1.0000"}
    assert data["projects"][8]["score"] is None
    assert not any(isinstance(value, float) for value in _leaves(data))


def _leaves(data: Any) -> list[Any]:
    if isinstance(data, dict):
        return [leaf for value in data.values() for leaf in _leaves(value)]
    if isinstance(data, list):
        return [leaf for value in data for leaf in _leaves(value)]
    return [data]


def test_a_session_with_projects_only(do: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    fund = {"t": {"budget": 3, "executed": 2.99}}
    rates = {"产出指标": "100%", "效益指标": "100%", "满意度指标": "100%"}
    project = {"set": "mof-project-2020", "name": "甲", "funds": fund, "tier_rates": rates}
    session = {"id": "x", "unit": {"name": "乙"}, "year": 2024, "projects": {"a": project}}
    path.write_text(json.dumps(session), encoding="utf-8")
    data = do.json("score", str(path))
    assert (data["total"], data["tiers"]) == (None, [])
    assert data["projects"][0]["score"] == "99.97"
    assert "99.97" in do("score", str(path))


# --- explain, whatif -------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["B3", "预算调整率", "department/answers/B3/target"])
def test_explain_finds_a_code_a_name_and_a_path(do: Terminal, sample: str, what: str) -> None:
    assert "(838.1-667.77-0)÷667.77" in do("explain", sample, what)


def test_explain_a_project_shows_all_of_it(do: Terminal, sample: str) -> None:
    text = do("explain", sample, "projects/p6")
    assert "83.33%×30 = 24.999，四舍五入 25.00" in text
    assert "88.67%×10 = 8.867，四舍五入 8.87" in text


def test_explain_an_unknown_code_offers_the_nearest(do: Terminal, sample: str) -> None:
    text = do("explain", sample, "预算调整绿", code=2)
    assert "没有指标或位置“预算调整绿”" in text
    assert "是否想写“预算调整率”？" in text


def test_whatif(do: Terminal, sample: str) -> None:
    text = do("whatif", sample)
    assert "可剔除调整数 ≥ 103.52万元 时得满分（+2.00）" in text
    data = do.json("whatif", sample)
    assert data["evaluations"][0]["grades"][0]["distance"] == "-6.4"


# --- check, export, demo ---------------------------------------------------------------------


def test_check_finds_errors_and_exits_1(do: Terminal, sample: str) -> None:
    text = do("check", sample, code=1)
    assert "9.84" in text
    assert "8.85" in text
    data = do.json("check", sample, code=1)
    keys = {"id", "level", "path", "message", "claimed", "expected", "assumption"}
    assert keys <= set(data["findings"][0])


def test_check_of_an_untouched_session_is_calm(do: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "new.yaml"
    path.write_text(
        "id: n\nunit: {name: 某局}\nyear: 2024\ndepartment: {set: henan-department-2024}\n",
        encoding="utf-8",
    )
    do("check", str(path), code=0)


def test_export_writes_a_workbook(do: Terminal, sample: str, tmp_path: Path) -> None:
    text = do("export", sample, "--to", str(tmp_path / "out"))
    written = list((tmp_path / "out").glob("*.xlsx"))
    assert len(written) == 1
    assert str(written[0]) in text


def test_demo_does_the_main_job(do: Terminal, tmp_path: Path) -> None:
    text = do("demo", "--no-tui", "--to", str(tmp_path))
    assert "96.40 优 按拟定规则" in text
    assert "审核：" in text
    assert list(tmp_path.glob("*.xlsx"))


# --- sets ------------------------------------------------------------------------------------


def test_sets_list_and_show(do: Terminal) -> None:
    listed = do("sets", "list")
    for set_id in ("henan-department-2024", "mof-project-2020", "sichuan-dazhou-department"):
        assert set_id in listed
    shown = do("sets", "show", "henan-department-2024")
    assert "3 个一级指标、7 个二级指标、27 个三级指标" in shown
    assert "拟定" in shown


def test_sets_show_tells_all_that_decides_a_score(do: Terminal) -> None:
    henan = do("sets", "show", "henan-department-2024")
    for told in (
        "可剔除调整数（万元，缺省 0，单位还能左右）",
        "勾稽关系：年初预算数+年中调整数=全年预算数（不符为错误，单位文件）",
        "四舍五入：百分率 2 位、得分 2 位、一级 2 位、总分 2 位小数；按印出的百分率计分",
        "未支出比例 20%（公开资料）",
        "不适用：不适用的指标不计分，本一级指标其余得分按 分值÷适用分值 折算",
        "B3 预算调整率、B4 结转结余率：不超过年度指标值得满分，超过的线性扣减，达到指标值的 2 倍",
        "重点工作任务完成、履职目标实现：指标值 ≥95%",
    ):
        assert told in henan
    project = do("sets", "show", "indicator_sets/mof-project-2020.yaml")
    assert "不适用：满意度指标整体不适用时，其分值并入效益指标" in project
    assert "等 15 项：完成值达到指标值的 130% 时须填偏差原因" in project


def test_sets_lint_says_file_and_line(do: Terminal, tmp_path: Path) -> None:
    do("sets", "lint", "indicator_sets/henan-department-2024.yaml")
    text = Path("indicator_sets/henan-department-2024.yaml").read_text(encoding="utf-8")
    broken = tmp_path / "broken.yaml"
    broken.write_text(text.replace("points: 19", "points: 18"), encoding="utf-8")
    told = do("sets", "lint", str(broken), code=1)
    assert "broken.yaml:" in told
    assert "下级合计" in told


def test_sets_lint_tells_what_is_wrong_from_what_cannot_be_read(
    do: Terminal, tmp_path: Path
) -> None:
    good = "indicator_sets/henan-department-2024.yaml"
    binary = tmp_path / "a.xlsx"
    binary.write_bytes(b"PK\x03\x04\xff\xfe\x00")
    broken = tmp_path / "broken.yaml"
    broken.write_text("id: broken\n", encoding="utf-8")
    assert "没有这个文件" in do("sets", "lint", str(tmp_path / "no.yaml"), code=2)
    assert "是文件夹" in do("sets", "lint", str(tmp_path), code=2)
    assert "不是文本文件" in do("sets", "lint", good, str(binary), str(broken), code=2)
    assert "缺少“title”" in do("sets", "lint", str(broken), good, code=1)


def test_a_session_names_its_set_by_id(
    do: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same session means the same in every folder, also in the one where the set lies."""
    text = Path("indicator_sets/mof-project-2020.yaml").read_text(encoding="utf-8")
    (tmp_path / "ex.yaml").write_text(text, encoding="utf-8")
    session = tmp_path / "s.yaml"
    session.write_text(BASE + "department: {set: ex.yaml}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    told = do("score", str(session), code=2)
    assert "没有指标体系“ex.yaml”。任务里写代号，不写文件名" in told
    shown = do("sets", "show", "ex.yaml")  # on the command line a file is what it is
    assert "项目支出绩效自评表" in shown


def test_sets_add_tells_what_it_replaces_and_hides(do: Terminal, tmp_path: Path) -> None:
    text = Path("indicator_sets/mof-project-2020.yaml").read_text(encoding="utf-8")
    own = tmp_path / "own.yaml"
    title = "项目支出绩效自评表（财预〔2020〕10号口径）"
    for new, old in (("甲", ""), ("乙", "甲")):
        own.write_text(text.replace(f"title: {title}", f"title: {new}"), encoding="utf-8")
        told = do("sets", "add", str(own))
        assert f"已添加 {new}：" in told
        assert (f"替换了原来装入的“{old}”" in told) is bool(old)
        assert "今后用这一份，不再用同代号的" in told
        assert "indicator_sets/mof-project-2020.yaml" in told.replace("\\", "/")
        assert "perfeval sessions upgrade" in told


def test_sets_add_makes_a_set_available(do: Terminal, tmp_path: Path) -> None:
    text = Path("indicator_sets/sichuan-dazhou-department.yaml").read_text(encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text(
        text.replace("id: sichuan-dazhou-department", "id: our-own-set"), encoding="utf-8"
    )
    do("sets", "add", str(own))
    assert "our-own-set" in do("sets", "list")
    assert "没有差别" not in do("sets", "diff", "sichuan-dazhou-department", "our-own-set")


def test_the_folder_given_comes_first(
    do: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = Path("indicator_sets/mof-project-2020.yaml").read_text(encoding="utf-8")
    changed = text.replace("title: 项目支出绩效自评表（财预〔2020〕10号口径）", "title: 本局口径")
    (tmp_path / "mof-project-2020.yaml").write_text(changed, encoding="utf-8")
    assert "本局口径" in do("--sets", str(tmp_path), "sets", "list")
    monkeypatch.setenv("PERFEVAL_SETS", str(tmp_path))
    assert "本局口径" in do("sets", "list")
    monkeypatch.setenv("PERFEVAL_SETS", str(tmp_path / "不在了"))
    assert "PERFEVAL_SETS：没有文件夹" in do("sets", "list", code=2)
    assert "本局口径" in do("--sets", str(tmp_path), "sets", "list")


def test_the_schemas_are_json(do: Terminal) -> None:
    assert "tiers" in json.loads(do("sets", "schema"))["properties"]
    assert "projects" in json.loads(do("sets", "schema", "--session"))["properties"]


# --- bad input -------------------------------------------------------------------------------

BASE = "id: x\nunit: {name: 甲}\nyear: 2024\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BASE + "departmnet: {set: a}\n", "是否想写“department”？"),
        (BASE + "department:\n  set: henan-department-2024\n  inputs:\n    a: [1]\n", "bad.yaml:7"),
        (BASE + "department: {set: henan-2024}\n", "没有指标体系“henan-2024”"),
        ("id: x\nid: y\n", "“id”重复出现"),
        ("unit: [\n", "不是有效的 YAML"),
        ("\x00\x01", "YAML"),
        ("", "文件是空的"),
        ("只是一句话", "“文件”应是“名称: 内容”的形式"),
        (BASE.replace("2024", "二〇二四"), "bad.yaml:3"),
        ("[" * 100_000, "层次套得太深"),
    ],
)
def test_bad_session_files_are_told_and_exit_2(
    do: Terminal, tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    assert told in do("score", str(path), code=2)


def test_missing_files_folders_and_binary_files(do: Terminal, tmp_path: Path) -> None:
    assert "没有这个文件" in do("score", str(tmp_path / "no.yaml"), code=2)
    assert "是文件夹" in do("explain", str(tmp_path), "B3", code=2)
    binary = tmp_path / "a.json"
    binary.write_bytes(b"PK\x03\x04\xff\xfe\x00")
    assert "不是文本文件" in do("score", str(binary), code=2)
    big = tmp_path / "big.yaml"
    with big.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    assert "超过" in do("score", str(big), code=2)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["foo"], "没有命令“foo”。用 perfeval --help 查看用法"),
        (["sets", "lst"], "没有命令“lst”。是否想写“list”？用 perfeval sets --help 查看用法"),
        (["score"], "缺少任务。"),
        (["score", "a", "b"], "多余的参数 b。"),
        (["score", "a", "b", "c"], "多余的参数 b c。"),
        (["score", "sample", "--jsn"], "没有选项 --jsn。"),
        (["score", "sample", "--json=1"], "选项 --json 后面不写值。"),
        (["export", "sample", "--to"], "选项 --to 后面要写值。"),
        (["save", "x"], "缺少选项 --to。"),
        (
            ["sessions", "new", "x", "--unit", "甲", "--year", "今年"],
            "选项 --year 的值不对，应是整数。",
        ),
        (["--sets", "/nowhere/at/all", "sets", "list"], "没有文件夹"),
        (["sets", "show", "henan"], "没有指标体系“henan”"),
    ],
)
def test_wrong_use_is_told_in_chinese(do: Terminal, arguments: list[str], told: str) -> None:
    text = do(*arguments, code=2)
    assert told in text
    for english in ("No such", "Got", "Invalid", "Missing", "'", ". "):
        assert english not in text


def test_what_goes_wrong_inside_is_logged_and_told_in_one_line(
    do: Terminal, monkeypatch: pytest.MonkeyPatch, user_home: Path
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("内部")

    monkeypatch.setattr("perfeval.scoring.engine.score_session", fails)
    told = do("score", "sample", code=2)
    assert told.count("\n") == 1
    assert "RuntimeError: 内部" in (user_home / "perfeval.log").read_text(encoding="utf-8")


def test_help_is_chinese(do: Terminal) -> None:
    for arguments in (["--help"], ["score", "--help"], ["sets", "--help"]):
        text = do(*arguments)
        assert "用法：" in text
        for english in ("Usage", "Options", "Commands", "Show this"):
            assert english not in text
