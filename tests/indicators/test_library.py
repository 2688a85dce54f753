"""Finding, linting, comparing and adding indicator sets."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from perfeval.errors import PerfevalError, Problem, UnreadableInput
from perfeval.indicators import library
from perfeval.indicators.library import (
    add,
    diff,
    find,
    find_named,
    lint,
    load,
    loads,
    search_folders,
    set_files,
    user_sets_folder,
)
from perfeval.numbers import Exact

SET = """\
format: perfeval-set/1
id: small-department
title: 小单位
scope: department
rounding: {rate: 2, score: 2}
grades:
  - {name: 优, min: 90}
  - {name: 差, min: 0}
modifiers:
  - {type: missing_tier_shift, missing: 效果, to: 管理}
inputs:
  预算数: {unit: 万元}
  支出数: {unit: 万元}
  收回数: {unit: 万元, default: 0}
  结余数: {unit: 万元}
  人数: {unit: 人}
  岗位数: {unit: 人}
identities:
  - formula: 支出数 + 结余数 = 预算数
own_defaults:
  rules:
    at_least: {type: proportional_capped}
    at_most: {type: inverse_linear, zero_at: 2}
    equal: {type: equal_target}
    qualitative: {type: judged}
  evidence: {rule: PROPOSED}
tiers:
  - name: 管理
    points: 40
    indicators:
      - code: A1
        name: 执行率
        points: 10
        unit: "%"
        formula: (支出数 + 收回数) / 预算数
        if_zero: 不适用
        rule: {type: execution_rate_points}
        evidence: {rule: PUBLISHED}
      - code: A2
        name: 在职控制率
        points: 10
        unit: "%"
        formula: 人数 / 岗位数
        if_zero: 满分
        target: "≤100%"
        rule: {type: full_if_at_most}
        evidence: {rule: PROPOSED}
    groups:
      - name: 制度
        points: 20
        indicators:
          - code: A3
            name: 制度健全
            points: 20
            rule:
              type: band_table
              bands:
                - {min: 90%, share: 1}
                - {share: 0.5}
            evidence: {rule: PROPOSED}
  - name: 效果
    points: 60
    groups:
      - name: 效益
        points: 60
        own:
          min: 1
          max: 5
          rows:
            - {code: E1, name: 自设, points: 60, unit: "%", target: "100%"}
weight_schemes:
  light:
    title: 轻
    points: {管理: 30, 效果: 70}
"""


def check(tmp_path: Path, *replacements: tuple[str, str]) -> list[Problem]:
    text = SET
    for old, new in replacements:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = tmp_path / "small-department.yaml"
    path.write_text(text, encoding="utf-8")
    return lint(path)


def line_of(text: str) -> int:
    """The line of the one place in the set that holds ``text``."""
    assert SET.count(text) == 1, text
    return SET[: SET.index(text)].count("\n") + 1 + text.startswith("\n")


# --- lint ------------------------------------------------------------------------------------


def test_a_sound_set_has_no_problems(tmp_path: Path) -> None:
    assert check(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "at", "told"),
    [
        # points that don't add up, at each level
        ("    points: 40", "    points: 30", "\ntiers:", "各一级指标分值合计 90，应为 100"),
        ("    points: 40", "    points: 30", "points: 40", "“管理”30 分，下级合计 40 分"),
        (
            "name: 制度\n        points: 20",
            "name: 制度\n        points: 25",
            "\n        points: 20",
            "指标合计 20 分",
        ),
        ("points: 60, unit", "points: 50, unit", "          rows:", "起始行合计 50 分"),
        ("效果: 70", "效果: 60", "  light:", "权重方案合计 90，应为 100"),
        ("效果: 70", "效益: 70", "效果: 70", "没有一级指标“效益”。是否想写“效果”？"),
        ("to: 管理", "to: 管里", "to: 管理", "没有一级指标“管里”。是否想写“管理”？"),
        (
            "name: 在职控制率\n        points: 10",
            "name: 在职控制率\n        points: 0",
            'points: 10\n        unit: "%"\n        formula: 人数',
            "“在职控制率”的分值应大于 0",
        ),
        # inputs and formulas
        (
            "人数 / 岗位数",
            "人数 / 岗位",
            "人数 / 岗位数",
            "“岗位”不是已登记的取值项。是否想写“岗位数”？",
        ),
        (
            "  收回数: {unit: 万元, default: 0}",
            "  收回数: {unit: 万元, default: 无数}",
            "default: 0",
            "“收回数”的缺省值“无数”不是数值",
        ),
        (
            "  岗位数: {unit: 人}",
            "  闲置: {unit: 人}\n  岗位数: {unit: 人}",
            "  岗位数: {unit",
            "“闲置”没有公式使用",
        ),
        (
            "支出数 + 结余数 = 预算数",
            "支出数 + 结余 = 预算数",
            "支出数 + 结余数",
            "“结余”不是已登记的取值项。是否想写“结余数”？",
        ),
        ("支出数 + 结余数 = 预算数", "支出数 + 结余数", "支出数 + 结余数", "勾稽关系应是等式"),
        ("支出数 + 结余数 = 预算数", "支出数 + 人数 = 预算数", "支出数 + 结余数", "单位不同"),
        (
            "        if_zero: 满分\n",
            "",
            "code: A2",
            "“在职控制率”没有写分母为 0 时怎么办。请加 if_zero",
        ),
        (
            "formula: 人数 / 岗位数",
            "formula: 人数 / 岗位数 * 100",
            "人数 / 岗位数",
            "百分率不要再乘 100",
        ),
        (
            "formula: 人数 / 岗位数",
            "formula: 人数 / 预算数",
            "人数 / 岗位数",
            "是比率，公式却带单位",
        ),
        (
            "formula: 人数 / 岗位数",
            "formula: (人数 + 支出数) / 岗位数",
            "人数 / 岗位数",
            "单位不同",
        ),
        (
            "formula: 人数 / 岗位数",
            "formula: 人数 / (岗位数",
            "人数 / 岗位数",
            "公式第 10 个字符处：括号没有闭合",
        ),
        (
            "formula: 人数 / 岗位数",
            "formula: __import__('os')",
            "人数 / 岗位数",
            "公式第 12 个字符处",
        ),
        # rules, targets, bands
        (
            "type: full_if_at_most",
            "type: full_if_at_mots",
            "full_if_at_most",
            "没有计分规则“full_if_at_mots”。是否想写“full_if_at_most”？",
        ),
        ("type: full_if_at_most", "cap: 1", "full_if_at_most", "没有写 type"),
        ('        target: "≤100%"\n', "", "code: A2", "计分规则需要年度指标值。请写 target"),
        ('target: "≤100%"', "target: 不高", "≤100%", "指标值“不高”读不出数值"),
        (
            "- {min: 90%, share: 1}",
            "- {min: 90%, share: 1}\n                - {min: 95%, share: 1}",
            "            rule:",
            "分档重叠",
        ),
        ("                - {share: 0.5}\n", "", "            rule:", "分档没有覆盖全部取值"),
        ("- {share: 0.5}", "- {score: 21}", "            rule:", "得分 21 不在 0 至 20 之间"),
        ("zero_at: 2", "zero_at: 1", "zero_at: 2", "zero_at 应大于 1"),
        # names
        (
            "code: A2",
            "code: 二",
            "code: A2",
            "“code”写成“二”，格式不对。请以字母开头，只用字母、数字、“-”、“_”、“.”，"
            "不含空格，最多 20 个字",
        ),
        ("name: 效果", "name: 管理", "tiers:", "一级指标“管理”重复"),
        ("id: small-department", "id: Small", "id: small", "请只用小写字母、数字、“-”，不含空格"),
        # keys and values of the file
        (
            "        if_zero: 满分\n",
            "        if_zreo: 满分\n",
            "if_zero: 满分",
            "不认识“if_zreo”。是否想写“if_zero”？",
        ),
        (
            "        if_zero: 满分\n",
            "        if_zero: 跳过\n",
            "if_zero: 满分",
            "只能是 不适用、0、满分、error",
        ),
        ("zero_at: 2", "zero_to: 2", "zero_at: 2", "不认识“zero_to”。是否想写“zero_at”？"),
        # a name that is right elsewhere is not a slip of writing
        (
            "{min: 90%, share: 1}",
            "{min: 90%, share: 1, points: 1}",
            "min: 90%",
            "“points”放错了位置。这里可以写：score、share、min、max",
        ),
        (
            "        if_zero: 满分\n",
            "        grades: 1\n",
            "if_zero: 满分",
            "“grades”放错了位置。请顶格写在最外层",
        ),
        ("scope: department\n", "", "format:", "缺少“scope”"),
        ("scope: department", "scope: 部门", "scope:", "只能是 department、project"),
        ("points: 40", "points: 四十", "points: 40", "“四十”不是数值"),
        ("rate: 2", "rate: 9", "rate: 2", "“rate”写成“9”。不能大于 6"),
        ("rate: 2", "rate: -1", "rate: 2", "“rate”写成“-1”。不能小于 0"),
        ("{name: 差, min: 0}", "{name: 差, min: 60}", "grades:", "等级没有覆盖 0 分"),
        ("{name: 差, min: 0}", "{name: 差, min: 90}", "grades:", "重复或不在 0 至 100 之间"),
        (
            "evidence: {rule: PUBLISHED}",
            "evidence: {rule: 可信}",
            "rule: PUBLISHED",
            "只能是 USER、PUBLISHED、UNVERIFIED、PROPOSED",
        ),
    ],
)
def test_a_problem_is_told_at_its_line(
    tmp_path: Path, old: str, new: str, at: str, told: str
) -> None:
    found = check(tmp_path, (old, new))
    lines = {problem.place for problem in found if told in str(problem)}
    assert lines == {f"small-department.yaml:{line_of(at)}"}, [str(problem) for problem in found]


def test_a_file_not_named_by_its_id_is_a_warning(tmp_path: Path) -> None:
    path = put(tmp_path, "小单位", "别的.yaml")
    (problem,) = lint(path)
    assert str(problem) == (
        "别的.yaml:2：文件名“别的”与代号“small-department”不同，任务里写的是代号。"
        "请把文件改名为 small-department.yaml，或改 id"
    )
    assert problem.severity == "警告"
    assert load(path).title == "小单位"


def test_both_lines_of_a_duplicate_code_are_told(tmp_path: Path) -> None:
    found = check(tmp_path, ("code: A2", "code: A1"))
    assert [p.place for p in found] == [
        f"small-department.yaml:{line_of('code: A1')}",
        f"small-department.yaml:{line_of('code: A2')}",
    ]


def test_what_all_groups_take_from_the_defaults_is_told_once(tmp_path: Path) -> None:
    found = check(tmp_path, ("zero_at: 2", "zero_at: 1"))
    assert [str(p) for p in found] == [
        f"small-department.yaml:{line_of('zero_at: 2')}：zero_at 应大于 1"
    ]


def test_an_unknown_name_is_not_also_a_unit_problem(tmp_path: Path) -> None:
    assert len(check(tmp_path, ("人数 / 岗位数", "人数 / 岗位"))) == 2  # and 岗位数 is now unused


def test_a_rule_whose_standing_is_not_told_is_a_warning(tmp_path: Path) -> None:
    (problem,) = check(tmp_path, ("        evidence: {rule: PUBLISHED}\n", ""))
    assert problem.severity == "警告"
    assert "可信程度" in problem.message
    assert (
        load(tmp_path / "small-department.yaml").id == "small-department"
    )  # a warning stops nothing


def test_all_problems_are_told_together_and_a_broken_set_is_not_loaded(tmp_path: Path) -> None:
    found = check(
        tmp_path, ("points: 60, unit", "points: 50, unit"), ("人数 / 岗位数", "人数 / 岗位数 * 100")
    )
    assert len(found) == 2
    with pytest.raises(UnreadableInput) as refused:
        load(tmp_path / "small-department.yaml")
    assert list(refused.value.problems) == found


@pytest.mark.parametrize(
    "ratio", ["人数 / 岗位数 × 100%", "人数 / 岗位数 * 100%", "100% × 人数 / 岗位数"]
)
def test_times_a_hundred_percent_is_times_one(tmp_path: Path, ratio: str) -> None:
    assert check(tmp_path, ("formula: 人数 / 岗位数", f"formula: {ratio}")) == []


@pytest.mark.parametrize(
    "ratio", ["100 * 人数 / 岗位数", "人数 * 100 / 岗位数", "(人数 / 岗位数) × 100"]
)
def test_times_a_hundred_is_refused_wherever_it_stands(tmp_path: Path, ratio: str) -> None:
    (problem,) = check(tmp_path, ("formula: 人数 / 岗位数", f"formula: {ratio}"))
    assert "百分率不要再乘 100" in problem.message


def test_every_problem_offers_a_cure_or_says_what_is_allowed(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        ("人数 / 岗位数", "人数 / 岗位数 * 100"),
        ("code: A2", "code: A1"),
        ("        if_zero: 满分\n", ""),
        ("支出数 + 结余数 = 预算数", "支出数 + 结余数"),
        ("  岗位数: {unit: 人}", "  岗位数: {unit: 人}\n  闲置: {unit: 人}"),
    )
    assert len(found) >= 5
    assert all(problem.cure for problem in found)


@pytest.mark.parametrize(
    "inner",
    [
        "{type: veto_zero, veto: [甲], rule: {type: full_if_at_most}}",
        "{type: per_point_deduction, direction: above, deduct: 1}",
        "{type: mixed_weighted, share: 0.5, quantitative: {type: full_if_at_most}, "
        "qualitative: {type: judged}}",
    ],
)
def test_a_target_needed_inside_a_rule_is_asked_for_too(tmp_path: Path, inner: str) -> None:
    found = check(tmp_path, ('        target: "≤100%"\n', ""), ("{type: full_if_at_most}", inner))
    assert [p.place for p in found] == [f"small-department.yaml:{line_of('code: A2')}"]
    assert "需要年度指标值" in found[0].message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    points: 40", "    points:"),
        ("    points: 40", "    points: [40]"),
        ("formula: 人数 / 岗位数", "formula: [人数]"),
        ("formula: 人数 / 岗位数", "formula: {人数: 岗位数}"),
    ],
)
def test_a_number_or_formula_of_the_wrong_kind_is_told(tmp_path: Path, old: str, new: str) -> None:
    found = check(tmp_path, (old, new))
    assert found[0].place == f"small-department.yaml:{line_of(old)}"


@pytest.mark.parametrize("text", ["", "甲: [", "甲: 1\n甲: 2\n", "\x00"])
def test_what_is_no_yaml_cannot_be_linted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableInput, match=r"^x\.yaml"):
        lint(path)


@pytest.mark.parametrize("text", ["只是一句话", "- 甲\n", "a: 1\nb: 2\n"])
def test_a_file_that_is_no_set(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    assert lint(path)
    assert all(re.match(r"x\.yaml(:\d+)?：", str(problem)) for problem in lint(path))


# --- find ------------------------------------------------------------------------------------


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The four places a set may be found in, all empty: --sets, user's, package, repository."""
    monkeypatch.setenv("PERFEVAL_HOME", str(tmp_path / "home"))
    package = tmp_path / "repository" / "src" / "perfeval"
    monkeypatch.setattr(library, "__file__", str(package / "indicators" / "library.py"))
    places = {
        "given": tmp_path / "given",
        "user": tmp_path / "home" / "indicator_sets",
        "package": package / "indicator_sets",
        "repository": tmp_path / "repository" / "indicator_sets",
    }
    for place in places.values():
        place.mkdir(parents=True)
    return places


def put(folder: Path, title: str, name: str = "small-department.yaml") -> Path:
    path = folder / name
    path.write_text(SET.replace("title: 小单位", f"title: {title}"), encoding="utf-8")
    return path


def test_the_nearest_place_wins(folders: dict[str, Path]) -> None:
    for name in reversed(folders):
        put(folders[name], name)
        assert find("small-department", folders["given"]).title == name
    assert search_folders(folders["given"]) == list(folders.values())
    assert find("small-department").title == "user"  # without --sets


def test_the_command_line_also_names_a_set_by_its_file(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "在文件里", "任意名.yaml")
    put(folders["user"], "按代号")
    monkeypatch.chdir(tmp_path)
    assert find_named(str(path)).title == "在文件里"
    assert find_named("任意名.yaml").title == "在文件里"
    assert find_named("small-department").title == "按代号"
    assert find_named("small-department", tmp_path).title == "在文件里"  # as --sets


def test_a_session_names_its_set_by_id_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path would mean another file, or none, from another folder."""
    put(tmp_path, "在文件里", "任意名.yaml")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PerfevalError, match="任务里写代号，不写文件名"):
        find("任意名.yaml")


def test_an_unknown_set_says_who_asks_for_it(folders: dict[str, Path]) -> None:
    with pytest.raises(PerfevalError, match=r"^科协\.yaml：没有指标体系“small”"):
        find("small", of="科协.yaml")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("other.yaml", SET),
        ("改名 (1).yml", SET.replace("id: small-department", 'id:   "small-department"  # 代号')),
        ("bom.yaml", "\ufeff" + SET.removeprefix("format: perfeval-set/1\n")),
        ("windows.yaml", SET.replace("\n", "\r\n")),
        ("one.json", json.dumps(yaml.safe_load(SET), ensure_ascii=False)),
        ("two.json", json.dumps(yaml.safe_load(SET), indent=2)),
    ],
)
def test_a_set_is_found_by_its_id_whatever_its_file_is_called(
    folders: dict[str, Path], name: str, text: str
) -> None:
    path = folders["given"] / name
    path.write_text(text, encoding="utf-8", newline="")
    put(folders["package"], "随工具带的")
    assert set_files(folders["given"]) == {"small-department": path}
    assert find("small-department", folders["given"]).title == "小单位"


def test_of_two_files_with_one_id_the_one_named_by_it_is_used(folders: dict[str, Path]) -> None:
    put(folders["user"], "副本", "a 副本.yaml")
    put(folders["user"], "正本")
    assert find("small-department").title == "正本"


def test_a_broken_file_is_listed_by_its_name(folders: dict[str, Path]) -> None:
    (folders["user"] / "broken.yaml").write_bytes(b"\xff\x00 title: x")
    (folders["user"] / "folder.yaml").mkdir()
    assert list(set_files()) == ["broken"]


def test_an_unknown_set_names_the_nearest(folders: dict[str, Path]) -> None:
    put(folders["package"], "x")
    with pytest.raises(
        PerfevalError, match="没有指标体系“small-departmnet”。是否想写“small-department”"
    ):
        find("small-departmnet")
    with pytest.raises(PerfevalError, match="可用：small-department"):
        find("甲")


def test_drafts_and_other_files_are_no_sets(folders: dict[str, Path]) -> None:
    put(folders["user"], "x", "_draft.yaml")
    put(folders["user"], "x", ".hidden.yaml")
    put(folders["user"], "x", "readme.md")
    put(folders["user"], "x", "good.yml")
    assert [path.name for path in set_files().values()] == ["good.yml"]


def test_a_changed_file_is_read_again(folders: dict[str, Path]) -> None:
    path = put(folders["user"], "旧")
    assert find("small-department").title == "旧"
    assert find("small-department") is find("small-department")
    path.write_text(SET.replace("title: 小单位", "title: 新的标题"), encoding="utf-8")
    assert find("small-department").title == "新的标题"


# --- add -------------------------------------------------------------------------------------


def test_a_set_is_added_under_its_id(folders: dict[str, Path], tmp_path: Path) -> None:
    added = add(put(tmp_path, "我的", "下载 (1).yaml"))
    assert added.file == user_sets_folder() / "small-department.yaml"
    assert (added.title, added.replaced, added.hidden) == ("我的", (), ())
    assert find("small-department").title == "我的"
    assert [path.name for path in folders["user"].iterdir()] == ["small-department.yaml"]


@pytest.mark.parametrize("name", ["新.yml", "新.YAML", "新.txt", "新.json"])
def test_the_one_added_last_is_the_one_found(
    folders: dict[str, Path], tmp_path: Path, name: str
) -> None:
    put(folders["user"], "旧", "small-department.json")
    put(folders["user"], "旧的", "small-department.yaml")
    assert add(put(tmp_path, "新", name)).replaced == ("旧的", "旧")
    assert find("small-department").title == "新"
    assert len(list(folders["user"].iterdir())) == 1


def test_a_broken_set_is_not_added(folders: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "坏.yaml"
    path.write_text(SET.replace("points: 40", "points: 41"), encoding="utf-8")
    with pytest.raises(UnreadableInput, match=r"坏\.yaml:"):
        add(path)
    assert list(folders["user"].iterdir()) == []


def test_the_users_folder_is_made_when_needed(folders: dict[str, Path], tmp_path: Path) -> None:
    shutil.rmtree(folders["user"])
    assert add(put(tmp_path, "我的", "a.yaml")).file.is_file()


def test_what_an_added_set_hides_is_told(folders: dict[str, Path], tmp_path: Path) -> None:
    shipped = put(folders["package"], "随工具带的")
    named_otherwise = put(folders["user"], "另一份", "另一份.yaml")
    assert add(put(tmp_path, "我的", "a.yaml")).hidden == (named_otherwise, shipped)
    assert find("small-department").title == "我的"


def test_adding_a_set_where_it_is_replaces_nothing(folders: dict[str, Path]) -> None:
    path = put(folders["user"], "我的")
    added = add(path)
    assert (added.file, added.replaced, added.hidden) == (path, (), ())
    assert find("small-department").title == "我的"


# --- diff ------------------------------------------------------------------------------------


def changes(*replacements: tuple[str, str]) -> dict[str, tuple[str, str]]:
    text = SET
    for old, new in replacements:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return {d.place: (d.old, d.new) for d in diff(loads(SET), loads(text))}


def test_a_set_does_not_differ_from_itself() -> None:
    assert changes() == {}
    assert loads(SET) == loads(SET)


def test_what_differs_is_told_indicator_by_indicator() -> None:
    assert changes(("≤100%", "≤95%"), ("min: 90}", "min: 85}")) == {
        "grades/优/min": ("90", "85"),
        "tiers/管理/indicators/A2 在职控制率/target": ("≤100%", "≤95%"),
    }


def test_an_indicator_is_matched_by_its_code_not_its_name_or_place() -> None:
    assert changes(("name: 在职控制率", "name: 人员控制率")) == {
        "tiers/管理/indicators/A2 在职控制率/name": ("在职控制率", "人员控制率")
    }
    first, second = SET.index("      - code: A1"), SET.index("      - code: A2")
    end = SET.index("    groups:\n      - name: 制度")
    swapped = SET[:first] + SET[second:end] + SET[first:second] + SET[end:]
    assert diff(loads(SET), loads(swapped)) == []


NEW = "{code: A4, name: 公开, points: 5, rule: {type: judged}}"


def test_an_added_indicator_is_told_whole() -> None:
    (place,) = changes(
        ("            points: 20\n", "            points: 15\n"),
        ("  - name: 效果\n", f"          - {NEW}\n  - name: 效果\n"),
    ).keys() - {"tiers/管理/groups/制度/indicators/A3 制度健全/points"}
    assert place == "tiers/管理/groups/制度/indicators/A4 公开"


# --- what a set says of itself ---------------------------------------------------------------


def test_what_a_set_says_of_itself() -> None:
    small = loads(SET)
    assert small.counted == (2, 2, 4)
    assert small.tier_points() == {"管理": 40, "效果": 60}
    assert small.tier_points("light") == {"管理": 30, "效果": 70}
    assert small.shifts == {"效果": "管理"}
    assert small.indicator("A2").fixed_target == "≤100%"
    assert small.indicator("A2").standard_text == "不超过年度指标值得满分，超过不得分"
    assert [tag.label for _, tag in small.indicator("A2").tags if not tag.trusted] == ["拟定"]
    assert all(tag.trusted for _, tag in small.indicator("A1").tags)
    for unknown in (small.indicator, small.tier, small.group, small.tier_points):
        with pytest.raises(KeyError):
            unknown("没有")


@pytest.mark.parametrize(
    ("total", "grade"), [("100", "优"), ("90", "优"), ("89.99", "差"), ("0", "差")]
)
def test_grades_are_half_open_on_the_printed_total(total: str, grade: str) -> None:
    """A former production rule used > 90 and < 90: exactly 90.00 had no grade."""
    units = int(total.replace(".", "")) * (1 if "." in total else 100)
    assert loads(SET).grade(Exact(units, 100)) == grade


@pytest.mark.parametrize(
    ("rule", "goal"),
    [("proportional_capped", "≤10%"), ("full_if_at_least", "<10%"), ("inverse_ratio", "≥10%")],
)
def test_a_rule_that_rewards_the_other_direction_is_refused(rule: str, goal: str) -> None:
    text = f"""
id: backwards
title: 反向
scope: department
grades: [{{name: 优, min: 90}}, {{name: 差, min: 0}}]
tiers:
  - name: 一级
    points: 100
    indicators:
      - {{code: A, name: 比率, points: 100, unit: "%", target: "{goal}", rule: {{type: {rule}}},
         evidence: {{rule: USER}}}}
"""
    with pytest.raises(UnreadableInput, match="方向相反"):
        loads(text)
