"""公开说明: the overall paragraph with counts and amounts, then each project."""

from __future__ import annotations

from types import SimpleNamespace

from perfeval.exchange.report.documents import WordFile
from perfeval.session.model import Session


def test_the_overall_paragraph(notice: WordFile, word: SimpleNamespace) -> None:
    """143.55 budgeted, 140.14 spent of 142.44: 98.39 %, where the published text says 100.78 %."""
    texts = word.texts(notice.data)
    assert (
        "根据预算绩效管理要求，本部门对 2024 年度项目支出开展绩效自评。参加自评的项目 8 个，"
        "全年预算数合计 143.55 万元，全年执行数合计 140.14 万元；"
        "自评等级为“优” 7 个、“良” 1 个。"
        "项目执行数占部门项目支出决算 142.44 万元的 98.39%。"
    ) in texts
    assert (
        "按资金来源分（一个项目可有多种来源）：年初项目 3 个，全年预算数 90.55 万元；"
        "追加项目 4 个，全年预算数 50 万元；转移支付项目 4 个，全年预算数 50 万元。"
    ) in texts
    assert (
        "部门整体支出开展绩效自评，涉及部门支出决算 741.64 万元。自评得分 96.40 分，等级为“优”。"
        in texts
    )


def test_a_project_with_its_reason_and_measures(session: Session, word: SimpleNamespace) -> None:
    written = word.with_values(session, **{"texts__projects~1p7~1改进措施": "按实际需要编制预算。"})
    made = word.rendered(written, word.NOTICE)
    assert (
        "7. 2024年驻村工作队保障经费：项目自评得分 99.97 分，等级为“优”。项目全年预算数 3 万元，"
        "执行数 2.99 万元，执行率 99.67%。绩效目标完成情况：产出指标得分率 100.00%，"
        "效益指标得分率 100.00%，满意度指标得分率 100.00%。"
        "发现的主要问题及原因：采购项目比预算节约。下一步改进措施：按实际需要编制预算。"
    ) in word.texts(made.data)
    assert not any("驻村" in problem.place for problem in made.document.missing)


def test_full_marks_need_no_problems(notice: WordFile, word: SimpleNamespace) -> None:
    (text,) = [one for one in word.texts(notice.data) if one.startswith("1. 科普工作经费")]
    assert "发现的主要问题" not in text
    assert "待补充" not in text


def test_missing_measures_are_marked_and_told(notice: WordFile, word: SimpleNamespace) -> None:
    (text,) = [one for one in word.texts(notice.data) if one.startswith("6. ")]
    assert text.endswith("下一步改进措施：【待补充：改进措施】。")
    assert sum("改进措施" in problem.message for problem in notice.document.missing) == 3


def test_without_projects_and_without_department(session: Session, word: SimpleNamespace) -> None:
    made = word.rendered(word.with_projects(session, 0), word.NOTICE)
    assert "本年度没有参加自评的项目。" in word.texts(made.data)
    alone = word.rendered(session.model_copy(update={"department": None}), word.NOTICE)
    assert not any("部门整体支出" in text for text in word.texts(alone.data))


def test_spending_above_the_accounts_is_told(session: Session, word: SimpleNamespace) -> None:
    changed = word.with_values(session, **{"statements__项目支出决算__value": "100"})
    made = word.rendered(changed, word.NOTICE)
    assert any("超过项目支出决算" in problem.message for problem in made.document.missing)
