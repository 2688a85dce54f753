"""The worked example: every known error of the published report, its level and key numbers, and
nothing else. The list is exact, so that a false alarm shows up here.
"""

from __future__ import annotations

import pytest

from perfeval.checks import Finding, Level, not_assessed, run
from perfeval.indicators.library import find
from perfeval.samples import sample_text
from perfeval.scoring.engine import score_session
from perfeval.session.change import apply, edit
from perfeval.session.files import loads

SESSION = loads(sample_text())
FINDINGS = run(SESSION, score_session(SESSION, find), find)
EXPECTED = [
    # level, check, claimed, expected, what the message must show
    ("错误", "L05", "9.84", "8.85", ["预算执行率", "88.53%"]),  # S1
    ("错误", "L07", "97.84", "96.85", ["97.84", "96.85", "96.40"]),  # S2, both totals
    ("错误", "L28", "90.31", "89.82", ["会市合作", "由优变为良", "优≥90"]),  # S8
    ("错误", "L29", "100%", "100", ["卓越工程师"]),  # S9
    ("错误", "L26", "837.1", "838.10", ["667.77＋年中调整数 170.33＝838.10"]),  # S3
    ("错误", "L31", "16", "8", ["8＋8＋0＝16"]),  # S15
    ("警告", "L13", "97.78%", "≤93.19%", ["88.53%", "9.46%"]),  # the 一体化 system marks it red
    ("警告", "L32", "", "", ["参与人员满意度", "20 分", "没有调查样本"]),  # S16
    ("警告", "L33", "实际政府采购金额 2项、政府采购预算数 2项", "万元", ["政府采购执行率"]),  # S14
    ("警告", "L27", "741.99", "741.64", ["相差 0.35"]),  # S5
    ("警告", "L30", "临时科技馆运转经费", "临时科技馆运行经费", ["运转", "运行"]),  # S13
    ("警告", "L31", "100.78%", "98.39%", ["143.55", "142.44", "140.14"]),  # S12
    ("提示", "L04", "25", "24.55", ["年度指标值未列：按 100% 为 24.55，按 ≥95% 为 25.00"]),  # S7
    ("提示", "L32", "", "", ["8 个项目"]),  # S16 in the summary table
    ("提示", "L33", "", "", ["8 项指标", "没有分子、分母"]),
    ("提示", "L37", "", "", ["预算单位编码"]),
    ("提示", "L26", "0", "96.11", ["741.99＝96.11", "741.64 为 96.46", "财政收回数"]),  # S6
    (
        "提示",
        "L31",
        "8",
        "9",
        ["9 个", "不参加自评的 1 个", "96.40 变为 96.07"],
    ),  # a project left out of the count
]


def test_the_list_is_exact() -> None:
    shown = [(str(one.level), one.id, one.claimed, one.expected) for one in FINDINGS]
    assert shown == [expected[:4] for expected in EXPECTED]
    for finding, (*_, parts) in zip(FINDINGS, EXPECTED, strict=True):
        for part in parts:
            assert part in finding.message


def of(id: str, claimed: str) -> Finding:
    return next(one for one in FINDINGS if (one.id, one.claimed) == (id, claimed))


def test_the_computed_total_names_its_assumption() -> None:
    assert of("L07", "97.84").assumption == (
        "全部按现用规则核算为 96.40（计分规则、年度指标值、实际完成值为拟定）"
    )


def test_the_grade_flip_names_the_guessed_cut_offs() -> None:
    assert of("L28", "90.31").assumption == "等级按 优≥90、良≥80、中≥60 划分，未核实"


def test_one_root_cause_is_one_line_with_both_places() -> None:
    assert of("L05", "9.84").paths == (
        "department/answers/X1/score",
        "department/tiers/预算执行情况/score",
    )
    assert of("L04", "25").paths == (
        "department/tiers/产出指标/score",
        "department/rows/D1/score",
        "department/rows/E1/score",
    )


def test_money_left_over_asks_and_does_not_accuse() -> None:
    finding = of("L26", "0")
    assert finding.level is Level.NOTICE
    assert "差额如已由财政收回，请填“财政收回数”" in finding.message


def test_dashes_alone_are_no_other_name() -> None:
    named = [one for one in FINDINGS if one.id == "L30"]
    assert [one.path for one in named] == ["projects/p8/also_named"]


@pytest.mark.parametrize(
    "path",
    [
        # 0.35 of 741.99 against 838.1 is 88.53 %, the 得分率 of a tier that is one rate;
        # 10 points of it are 8.85, which is 88.50 % of 10: both are printed in the field.
        "department/tiers/预算执行情况/rate",
        "department/tiers/投入管理指标/rate",
        "department/answers/B5/actual",
        "projects/p4/score",
        "projects/p7/score",
        "projects/p6/execution_rate",
        "statements/自评资金",
    ],
)
def test_correct_claims_are_left_alone(path: str) -> None:
    assert [one for one in FINDINGS if one.path == path] == []


def test_with_the_money_recovered_entered_nothing_is_asked() -> None:
    session = apply(SESSION, edit(SESSION, "department/inputs/财政收回数", {"value": "96.11"}))
    found = run(session, score_session(session, find), find)
    assert [one.claimed for one in found if one.id == "L26"] == ["837.1"]


def test_what_cannot_be_assessed_is_said() -> None:
    missing = {
        one.id: one.reason for one in not_assessed(SESSION, score_session(SESSION, find), find)
    }
    assert {"L24", "L25", "L34", "L35", "L36"} <= missing.keys()
    assert missing["L24"] == "需要报告全文，自评数据中没有"
    assert missing["L22"] == "没有填写项目起止时间"
    assert "L31" not in missing


def test_all_fingerprints_differ() -> None:
    assert len({one.fingerprint for one in FINDINGS}) == len(FINDINGS)
