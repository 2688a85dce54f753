"""``perfeval report``: what the workbench shows, one fact a line, for screen readers and logs."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from perfeval.scoring.scorecard import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Terminal


def test_an_indicator_is_read_out_with_all_that_makes_its_score(do: Terminal) -> None:
    text = do("report", "sample", "--path", "B3")
    for line in (
        "一级指标 投入管理指标：分值 30，得分 28.00，得分率 93.33%，填报数 28",
        "指标 B3 预算调整率：分值 2，得分 0.00，已评",
        "取值 年初预算数：667.77万元，来源 自评报告四（一）1",
        "取值 可剔除调整数：0万元，来源 缺省值",
        "年度指标值：≤10%，读作 不超过 10%",
        "实际完成值：25.51%",
        "可信程度：计分规则拟定、年度指标值拟定",
        "计分过程 2：代入，(838.1-667.77-0)÷667.77",
        "计分过程 7：得分，0.00 / 2",
        "另一种算法：超过的线性扣减，到 2 倍为 0，得 0.00 / 2",
        "依据：报告称超年度指标值",
    ):
        assert line in text.splitlines()
    assert "审核 错误 L26：全年预算数填报 837.1" in text
    assert text.count("\n指标 ") == 1


def test_a_project_is_read_out_with_what_is_said_of_it(do: Terminal) -> None:
    text = do("report", "sample", "--path", "projects/p6")
    assert "赋能行动：89.82 良 按未核实等级" in text
    assert "偏差原因：本项目结项时间为2025年6月，工作逐步完成" in text
    assert "距等级：距“优”还差 0.18 分" in text
    assert "审核 错误 L28：" in text
    assert "取值 全年执行数：26.6万元，来源 项目资金" in text
    assert "指标 产出指标得分率：分值 50，得分 45.95，已评" in text
    assert "项目支出自评汇总" not in text


def test_the_whole_report_holds_every_indicator_project_and_finding_once(do: Terminal) -> None:
    text = do("report", "sample")
    scored = do.json("score", "sample")
    for row in scored["indicators"]:
        assert f"\n指标 {row['code']} {row['name']}：分值 {row['points']}，" in text
    summary = text.partition("项目支出自评汇总，金额单位：万元\n")[2]
    assert len(re.findall(r"^项目 \d ", summary, re.MULTILINE)) == 9
    assert "项目 6 " in summary
    assert "全年预算数 30，全年执行数 26.6，预算执行率 88.67%" in summary
    found = do.json("check", "sample", code=1)["findings"]
    for one in found:
        assert f"审核 {one['level']} {one['id']}：" in text
    assert "其他审核结果：3 条" in text


def test_the_report_needs_no_width_no_boxes_and_no_colour(do: Terminal) -> None:
    text = do("report", "sample")
    assert not re.search(r"[\u2500-\u259f\x1b]", text)
    assert "  " not in text
    assert not re.search(r"department|projects/|answers|inputs", text)
    assert max(map(len, text.splitlines())) > 120


def test_the_report_as_json_is_the_same_content(do: Terminal) -> None:
    data = do.json("report", "sample", "--path", "A2")
    ((tier,),) = [one["tiers"] for one in data["evaluations"]]
    (row,) = tier["indicators"]
    assert row["label"] == "部门整体 · A2 工作任务科学性"
    assert row["elements"][0] == {"name": "工作任务有明确的绩效目标", "met": True}
    assert (row["score"], row["status"], row["reading"]) == ("2.00", "已评", "定性：科学")


def test_a_saved_session_shows_its_evidence_and_its_marks(
    do: Terminal, made: str, tmp_path: Path
) -> None:
    proof = tmp_path / "批文.pdf"
    proof.write_bytes(b"%PDF")
    do("attach", made, "department/answers/B3", str(proof), "--page", "第 2 页")
    do("review", made, "--mark", "B3", "--score", "1", "--opinion", "据批复")
    do("set", made, "department/answers/B3/owner", "财务科")
    text = do("report", made, "--path", "B3")
    assert "佐证材料：1 份，B3-1 批文.pdf（第 2 页）" in text
    assert "复核：核增，复核得分 1，据批复" in text
    assert "责任科室：财务科" in text


def test_an_untouched_session_is_read_out_as_not_filled_in(do: Terminal) -> None:
    do(
        "sessions", "new", "n", "--unit", "某局", "--year", "2024",
        "--set", "henan-department-2024",
    )  # fmt: skip
    text = do("report", "n")
    assert "部门整体：暂 0.00 / 已填 0 分" in text
    assert "取值 全年预算数：未填" in text
    assert f"指标 X1 预算执行率：分值 10，{Status.UNFILLED.value}" in text
    assert "要素：符合国家和本级战略部署及政策，未填" in text


def test_reading_only_the_beginning_of_it_is_fine() -> None:
    command = [sys.executable, "-m", "perfeval", "report", "sample"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "新乡市科学技术协会" in process.stdout.readline().decode()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_a_part_that_is_not_there_is_told(do: Terminal) -> None:
    assert "没有指标或位置“B99”" in do("report", "sample", "--path", "B99", code=2)


@pytest.mark.parametrize("name", ["甲\x1b[2J", "甲\u202e乙", "甲\n审核：没有发现问题"])
def test_a_name_cannot_rewrite_the_report(do: Terminal, made: str, name: str) -> None:
    do("set", made, "projects/p1/name", name)
    text = do("report", made)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\n审核：没有" not in text
