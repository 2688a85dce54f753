"""复核 as it is shown: self and reviewed score side by side, and what the review changes in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from perfeval.checks import Finding
from perfeval.numbers import Exact, decimal_text
from perfeval.scoring.review import MarkedIndicator, ReviewDiff, outdated_marks, review_diff
from perfeval.scoring.scorecard import IndicatorResult, Result, Scorecard, Status
from perfeval.scoring.trace import trace
from perfeval.session.change import split
from perfeval.session.labels import Finder, label
from perfeval.session.model import Feedback, ReviewMark, Session
from perfeval.store.workflow import open_points
from perfeval.tui.signs import on_screen
from perfeval.tui.widgets.grid import Column, Row

COLUMNS = (
    Column("一级指标", 14, rank=2),
    Column("三级指标", 0, least=20),
    Column("分值", 5, "right"),
    Column("自评", 7, "right"),
    Column("复核", 7, "right"),
    Column("差", 7, "right", rank=1),
    Column("结论", 8),
    Column("意见", 24, rank=3),
    Column("反馈", 6, rank=4),
)

STOCK_OPINIONS = (
    "缺少佐证材料，请补充后再评",
    "佐证材料与填报的完成值不一致，按材料核定",
    "年度指标值设置偏低，请说明依据",
    "实际完成值的计算口径有误，按公式重新计算",
    "满意度没有调查样本，不能按满分计",
    "偏差原因不具体，请写明原因和改进措施",
    "与决算数不一致，按决算数核定",
)
"""Opinions to begin with; each is edited before it is saved."""


def rows_of(session: Session, diff: ReviewDiff) -> list[Row]:
    """Return a row for every indicator of the evaluation under review."""
    marked = {one.path: one for one in diff.marked}
    return [
        _row(row, marked.get(row.path), session.feedback.get(row.path))
        for row in diff.own.indicators
    ]


def _row(row: IndicatorResult, marked: MarkedIndicator | None, answer: Feedback | None) -> Row:
    reviewed = marked.reviewed if marked else None
    verdict = ""
    if marked:
        verdict = "过期" if marked.outdated else marked.mark.verdict
    style = "bold" if marked and (marked.outdated or marked.mark.verdict != "认可") else ""
    return Row(
        row.path,
        (
            row.item.tier,
            row.name,
            decimal_text(row.points),
            _score(row.score),
            _score(reviewed),
            difference_text(marked.difference) if marked and marked.difference else "",
            verdict,
            marked.mark.opinion if marked else "",
            _answer(answer),
        ),
        style,
    )


def _answer(answer: Feedback | None) -> str:
    return "" if answer is None else "采纳" if answer.accepted else "不采纳"


def _score(value: Exact | None) -> str:
    return "" if value is None else decimal_text(value, 2)


def difference_text(value: Exact) -> str:
    """Return a difference with its sign: ``+0.50``, ``-1.15``."""
    return f"{'+' if value > 0 else ''}{decimal_text(value, 2)}"


def overview(session: Session, diff: ReviewDiff) -> str:
    """Return the review of one evaluation in a line: progress, net effect, grade before, after."""
    done, all_ = len(diff.marked), len(diff.marked) + len(diff.unmarked)
    parts = [submitted_text(session), f"已复核 {done}/{all_}"]
    if diff.changed:
        parts.append(f"改动 {len(diff.changed)} 项，{diff.net_text}")
    own, reviewed = diff.own, diff.reviewed
    if diff.marked and own.complete and reviewed.complete:
        parts.append(
            f"{own.total_text} {own.grade or ''} -> {reviewed.total_text} {reviewed.grade or ''}"
        )
    if stale := sum(one.outdated for one in diff.marked):
        parts.append(f"过期 {stale} 项")
    if unanswered := _unanswered(session, diff):
        parts.append(f"待反馈 {unanswered} 项")
    return "  ".join(parts)


def submitted_text(session: Session) -> str:
    """Return how often the task was handed in."""
    times = len(session.submissions)
    return f"第 {times} 次上报" if times else "尚未上报"


def _unanswered(session: Session, diff: ReviewDiff) -> int:
    """Count the marks that do not accept and that the unit has not answered."""
    asked = [one for one in diff.marked if one.mark.verdict != "认可"]
    return sum(one.path not in session.feedback for one in asked)


def detail_lines(
    session: Session, diff: ReviewDiff, path: str, findings: Iterable[Finding] = ()
) -> list[str]:
    """Return what was said of one indicator, what it rests on, what 审核 found, and its trace."""
    row = next((one for one in diff.own.indicators if one.path == path), None)
    if row is None:
        return []
    lines = []
    if (mark := session.marks.get(path)) is not None:
        lines.append(mark_text(mark))
        if any(one.path == path and one.outdated for one in diff.marked):
            lines.append("复核之后填报内容或所用的数改过，复核结论过期，请重新复核")
    if (said := session.feedback.get(path)) is not None:
        lines.append(answer_text(said))
    lines += [f"{one.level}{'（已说明）' if one.waiver else ''}：{one.message}" for one in findings]
    answer = row.item.answer
    for title, text in (
        ("偏差原因", answer.deviation_reason if answer else ""),
        ("人工赋分依据", answer.manual_reason if answer else ""),
        ("评分依据", answer.basis if answer else ""),
        ("佐证材料", "、".join(_files(session, path))),
    ):
        if text:
            lines.append(f"{title}：{text}")
    steps = trace(row, diff.own.set.rounding)
    lines += [f"{n} {step.label} {step.text}" for n, step in enumerate(steps, 1)]
    return [on_screen(line) for line in lines]


def mark_text(mark: ReviewMark) -> str:
    """Return a mark in a line: who, at which 上报, the verdict and the opinion."""
    told = f"{mark.verdict} {mark.score}".strip() + (f"，{mark.opinion}" if mark.opinion else "")
    return f"复核（{mark.who or '未署名'}，第 {mark.round} 次上报）：{told}"


def answer_text(answer: Feedback) -> str:
    """Return what the unit answered to a mark."""
    return f"反馈意见：{'采纳' if answer.accepted else f'不采纳，{answer.reason}'}"


def _files(session: Session, path: str) -> Iterator[str]:
    """Yield the files attached to a path, with the page to look at."""
    for one in session.evidence.values():
        if path in one.paths:
            page = f"（第 {one.page} 页）" if one.page else ""
            yield f"{one.number} {one.name}{page}".strip()


# --- all evaluations -------------------------------------------------------------------------

OVERVIEW = (
    Column("自评表", 0, least=24, ends=True),
    Column("自评", 7, "right"),
    Column("复核", 7, "right"),
    Column("差", 7, "right", rank=1),
    Column("等级", 8),
    Column("已复核", 7, "right"),
    Column("改动", 4, "right", rank=2),
    Column("过期", 4, "right", rank=3),
    Column("待反馈", 6, "right", rank=4),
    Column("审核", 8, rank=5),
)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One evaluation under review; ``diff`` is None where nothing of it has a mark yet."""

    path: str
    name: str
    own: Result
    diff: ReviewDiff | None

    @property
    def open(self) -> int:
        """How many indicators nobody has looked at."""
        if self.diff is not None:
            return len(self.diff.unmarked)
        rows = self.own.indicators
        return sum(row.status is not Status.NOT_APPLICABLE for row in rows)

    @property
    def waiting(self) -> list[str]:
        """The scored indicators nobody has looked at."""
        wanted = None if self.diff is None else set(self.diff.unmarked)
        return [
            row.path
            for row in self.own.indicators
            if row.score is not None
            and row.status is not Status.NOT_APPLICABLE
            and (wanted is None or row.path in wanted)
        ]

    @property
    def stale(self) -> int:
        """How many marks are 过期."""
        return sum(row.outdated for row in self.diff.marked) if self.diff is not None else 0

    @property
    def done(self) -> int:
        """How many indicators have a mark."""
        return len(self.diff.marked) if self.diff is not None else 0


def under_review(session: Session, card: Scorecard, find: Finder) -> list[Reviewed]:
    """Return every evaluation; only those with a mark are scored again."""
    marked = {"/".join(split(path)[:2]) for path in session.marks}
    marked |= {path.partition("/")[0] for path in session.marks}
    names = {project.path: project.name for project in card.projects}
    return [
        Reviewed(
            path,
            names.get(path, "部门整体"),
            result,
            review_diff(session, path, find) if path in marked else None,
        )
        for path, result in card.results
    ]


def overview_rows(
    session: Session, found: Iterable[Reviewed], findings_at: Callable[[str], list[Finding]]
) -> list[Row]:
    """Return a line for every evaluation: scores and grade before and after, what is open."""
    return [
        Row(one.path, _overview_cells(session, one, findings_at), "" if one.open else "dim")
        for one in found
    ]


def _overview_cells(
    session: Session, one: Reviewed, findings_at: Callable[[str], list[Finding]]
) -> tuple[str, ...]:
    diff, own = one.diff, one.own
    after = diff.reviewed if diff else None
    grade = (own.grade or "") if own.complete else ""
    if diff is not None and diff.grade_changes:
        grade = f"{grade or '无'} -> {diff.reviewed.grade or '无'}"
    troubles = Counter(f.level.value[0] for f in findings_at(one.path) if f.waiver is None)
    trouble = (f"{sign}{troubles[sign]}" for sign in "错警" if troubles[sign])
    return (
        one.name,
        own.total_text if own.filled else "",
        after.total_text if after else "",
        difference_text(diff.net) if diff and diff.net else "",
        grade,
        f"{one.done}/{one.done + one.open}",
        str(len(diff.changed) or "") if diff else "",
        str(one.stale or ""),
        str(_unanswered(session, diff) or "") if diff else "",
        " ".join(trouble),
    )


def overview_text(session: Session, found: Sequence[Reviewed]) -> str:
    """Return the review of everything in a line."""
    done, open_ = sum(one.done for one in found), sum(one.open for one in found)
    diffs = [one.diff for one in found if one.diff is not None]
    parts = [submitted_text(session), f"{len(found)} 张自评表", f"已复核 {done}/{done + open_} 项"]
    for word, count in (
        ("改动", sum(len(one.changed) for one in diffs)),
        ("过期", sum(one.stale for one in found)),
        ("待反馈", sum(_unanswered(session, one) for one in diffs)),
    ):
        if count:
            parts.append(f"{word} {count} 项")
    return "  ".join(parts)


def accepting_text(found: Sequence[Reviewed], findings_at: Callable[[str], list[Finding]]) -> str:
    """Return what accepting all the rest would accept, and what speaks against it."""
    paths = [path for one in found for path in one.waiting]
    unfilled = sum(one.open for one in found) - len(paths)
    troubled = sum(
        any(f.waiver is None and f.level.rank < 2 for f in findings_at(path)) for path in paths
    )
    lines = [f"按自评得分认可 {len(paths)} 项；已有复核结论的不变。"]
    if troubled:
        lines.append(f"其中 {troubled} 项有未说明的错误或警告，请先看过。")
    if unfilled:
        lines.append(f"还没有填的 {unfilled} 项不在内。")
    return "\n".join(lines)


# --- what was returned to the unit -----------------------------------------------------------

RETURNED = (
    Column("要改的项", 0, least=24, ends=True),
    Column("自评", 7, "right"),
    Column("复核", 7, "right"),
    Column("结论", 8),
    Column("复核意见", 30, rank=1),
    Column("反馈", 6, rank=2),
)


def returned_rows(session: Session, card: Scorecard, find: Finder) -> list[Row]:
    """Return a line for every indicator the unit is to look at again."""
    scores = {row.path: row.score for _, result in card.results for row in result.indicators}
    stale = set(outdated_marks(session, card))
    wanted, rows = set(open_points(session, card)), []
    for path in filter(wanted.__contains__, scores):
        mark, answer = session.marks[path], session.feedback.get(path)
        cells = (
            label(session, find, path),
            _score(scores[path]),
            mark.score,
            "已修改" if path in stale else mark.verdict,
            mark.opinion,
            _answer(answer),
        )
        rows.append(Row(path, cells, "dim" if path in stale else ""))
    return rows


def next_unmarked(diff: ReviewDiff, path: str) -> str:
    """Return the next indicator without a valid mark after ``path``; empty where all have one."""
    stale = {one.path for one in diff.marked if one.outdated}
    rows = [row.path for row in diff.own.indicators]
    at = rows.index(path) + 1 if path in rows else 0
    wanted: Sequence[str] = [*rows[at:], *rows[:at]]
    return next((one for one in wanted if one in diff.unmarked or one in stale), "")


def next_evaluation(found: Sequence[Reviewed], path: str) -> str:
    """Return the next evaluation after ``path`` with something to look at; empty where none has.

    That is an indicator without a mark, or one whose mark is 过期.
    """
    paths = [one.path for one in found]
    at = paths.index(path) + 1 if path in paths else 0
    wanted = [*found[at:], *found[:at]]
    return next((one.path for one in wanted if one.open or one.stale), "")
