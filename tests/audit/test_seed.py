"""The user's document: its seventeen errors are found, and nothing that holds is accused."""

from __future__ import annotations

from functools import cache

from perfeval.audit.auditing import audit_file
from perfeval.audit.equations import Verdict
from perfeval.audit.model import Audit, AuditFinding
from perfeval.audit.observed import Severity
from tests.audit.seed import needs_seed, seed_document

pytestmark = needs_seed


@cache
def audited() -> Audit:
    path = seed_document()
    assert path is not None
    return audit_file(path)


def only(check: str, *words: str) -> AuditFinding:
    """The one finding of a check that says these words."""
    found = [
        one
        for one in audited().findings
        if one.check == check and all(w in one.message for w in words)
    ]
    assert len(found) == 1, [one.message for one in found]
    return found[0]


def test_s1_s2_a_score_is_not_weight_times_rate_and_the_total_follows() -> None:
    found = only("得分", "预算执行")
    assert (found.verdict, found.printed, found.expected) == (Verdict.FAIL, "9.84", "8.85分")
    assert found.place.line == 683
    assert found.blame == ("9.84分→8.85分，随之 97.84分→96.85分、97.84%→96.85%",)


def test_s3_s4_one_misprinted_budget_explains_three_findings() -> None:
    added = only("加总", "667.77")
    assert (added.printed, added.expected, added.place.line) == ("837.1万元", "838.1万元", 691)
    rate = only("预算执行率")
    assert "按 838.1万元（第735行）计才是 88.53%" in rate.message
    two = only("一数两值", "全年预算数")
    assert two.expected == "838.1万元"
    assert {one.blame for one in (added, rate, two)} == {("837.1万元→838.1万元",)}
    assert len({one.cause for one in (added, rate, two)}) == 1


def test_s5_the_self_evaluation_differs_from_the_accounts() -> None:
    found = only("表间", "741.99")
    assert found.verdict is Verdict.UNCERTAIN
    assert "741.64" in found.message
    assert "0.35万元" in found.message


def test_s6_money_left_is_asked_for_and_nobody_accused() -> None:
    found = only("平衡")
    assert found.verdict is Verdict.UNCERTAIN
    assert "96.11万元" in found.message
    assert "收回数" in found.message


def test_s7_full_marks_below_target_need_the_rule() -> None:
    for name, points in (("重点工作1计划完成率", "4.75"), ("年度履职目标1实现率", "3.80")):
        found = next(f for f in audited().findings if f.check == "满分" and f.subject == name)
        assert found.verdict is Verdict.NOT_ASSESSABLE
        assert points in found.message
    assert "未开展" in only("满分", "5分").message


def test_s8_a_projects_score_against_the_weights_the_other_rows_show() -> None:
    found = only("得分", "会市合作")
    assert (found.verdict, found.printed, found.expected) == (Verdict.FAIL, "90.31", "89.82分")
    assert found.blame == ("90.31分→89.82分",)


def test_s9_s11_units() -> None:
    assert only("单位", "100%").severity is Severity.FORMAT
    assert only("单位", "2.46元").expected == "2.46万元"


def test_s10_another_year_another_place_another_period() -> None:
    years = [
        f.place.line for f in audited().findings if f.check == "年度" and f.printed == "2022年"
    ]
    assert sorted(years) == [735, 741, 884]
    assert only("地名", "我县").place.line == 596
    assert only("年度", "1—9月份").verdict is Verdict.UNCERTAIN


def test_s12_coverage_above_the_whole_shows_the_like_for_like_figure() -> None:
    found = only("覆盖")
    assert "100.78%" in found.message
    assert "140.14 ÷ 142.44 = 98.39%" in found.message


def test_s13_one_project_under_two_names() -> None:
    found = only("名称", "运转")
    assert found.expected == "临时科技馆运行经费"
    only("名称", "其他扶贫", "其他巩固脱贫攻坚成果衔接乡村振兴支出")


def test_s14_a_formula_of_amounts_proven_by_items() -> None:
    assert "2项" in only("口径").message


def test_s15_classes_that_overlap() -> None:
    found = only("分类")
    assert (found.verdict, found.printed, found.expected) == (Verdict.FAIL, "16个", "8个")


def test_s16_satisfaction_without_a_sample() -> None:
    assert only("依据").verdict is Verdict.UNCERTAIN


def test_s17_a_number_used_twice() -> None:
    assert only("编号").place.line == 784


def test_one_cause_for_what_misses_by_the_same_amount() -> None:
    found = only("汇总")
    assert found.message.count("2.30") == 2  # the projects, and the 项 they belong to
    assert found.blame[0].startswith("未参加自评的项目支出了 2.30（第583行）")
    assert any("会市合作" in one and "执行数 26.6 应为 28.90" in one for one in found.blame)


def test_what_holds_is_not_accused() -> None:
    """The three 尾差, the five dash pairs and every other identity of the tables and the text."""
    accused = {
        (one.check, one.place.line)
        for one in audited().findings
        if one.severity in {Severity.ARITHMETIC, Severity.ROUNDING}
    }
    assert accused == {
        ("得分", 579),
        ("得分", 683),
        ("加总", 691),
        ("预算执行率", 691),
        ("一数两值", 735),
    }
    assert [f for f in audited().findings if f.check == "合计"] == []
    assert sum(one.passed for one in audited().coverage) > 300
    assert len([f for f in audited().findings if f.check == "名称"]) == 2
