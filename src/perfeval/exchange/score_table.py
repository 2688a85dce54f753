"""得分情况表 (表3-1): the department's tiers with weight, rate, score and grade."""

from __future__ import annotations

from collections.abc import Iterator

from perfeval.exchange import formulas as f
from perfeval.exchange.layout import BODY, HEAD, SUM, Live, Sheet, title
from perfeval.exchange.lines import (
    Scored,
    grade_of,
    tags,
    tier_rate_of,
    tier_score_of,
    total_of,
    total_points,
    total_rate_of,
    trust,
)
from perfeval.exchange.summary import LEGEND, all_tags
from perfeval.scoring.scorecard import Result
from perfeval.session.model import Session

SCORES = "得分情况表"
_FIRST = 3
WEIGHT, RATE, SCORE, TRUST, GRADE = range(_FIRST, _FIRST + 5)
"""The rows of 得分情况表."""


def score_table(session: Session, result: Result, form: Scored) -> Sheet:
    """Return 得分情况表; :func:`table_figures` are what it shows."""
    tiers, last = result.tiers, len(result.tiers) + 1
    widths = (16, *[max(16.0, 100 / last)] * len(tiers), 18)
    sheet = Sheet(SCORES, widths, len(widths), header=(2, 2))
    left = f"部门（单位）名称：{session.unit.name}"
    title(sheet, "表3-1 部门整体得分情况", left, f"{session.year} 年度    单位：分")
    sheet.row(2, ("一级指标", *(tier.name for tier in tiers), "合计"), HEAD)
    for row, label in enumerate(("权重", "得分率", "得分", "可信程度", "评价等级"), WEIGHT):
        sheet.put(row, 0, label, HEAD)
    for column, tier in enumerate(tiers, 1):
        found = [tag for row in tier.indicators for tag in tags(result.set, row.item)]
        sheet.put(TRUST, column, trust(found), BODY)
    sheet.put(TRUST, last, trust(all_tags(result)), SUM)
    for column in range(2, last + 1):
        sheet.put(GRADE, column, None, SUM)
    sheet.merges.append((GRADE, 1, GRADE, last))
    for row, column, live in table_figures(result, form):
        sheet.live(row, column, live, SUM if column == last or row == GRADE else BODY)
    _table_notes(sheet, result)
    return sheet


def table_figures(result: Result, scored: Scored) -> Iterator[tuple[int, int, Live]]:
    """Yield row, column and figure of 得分情况表 out of a form or of its recomputation."""
    for column, tier in enumerate(result.tiers, 1):
        yield WEIGHT, column, Live(scored.tier_points[tier.name], tier.points)
        yield RATE, column, tier_rate_of(result, tier, scored.tier_rates[tier.name])
        yield SCORE, column, tier_score_of(result, tier, scored.tier_scores[tier.name])
    last = len(result.tiers) + 1
    yield WEIGHT, last, Live(scored.total_points, total_points(result))
    yield RATE, last, total_rate_of(result, scored.total_rate)
    yield SCORE, last, total_of(result, scored.total)
    yield GRADE, 1, grade_of(result, scored.grade)


def _table_notes(sheet: Sheet, result: Result) -> None:
    basis = f"，依据：{result.set.basis}" if result.set.basis else ""
    sheet.paragraph(f"计分规则：{result.set.title}{basis}。导出时得分：{result.summary}。")
    grades = "、".join(f"{g.name}（{f.number(g.min)} 分起）" for g in result.set.grades)
    sheet.paragraph(f"等级划分：{grades}，{result.set.grades_evidence.label}。{LEGEND}")
    for problem in dict.fromkeys(told for place, told in result.problems if not place):
        sheet.paragraph(problem)
