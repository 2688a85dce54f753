"""复核意见表 back into a session: the reviewer's marks and the unit's answers to them.

Self scores, points and differences follow from the session and are not read. A mark given on
another self score than today's is refused: what it was given on is gone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date

from perfeval.checks.subject import same_name
from perfeval.errors import PerfevalError
from perfeval.exchange.book import FORM
from perfeval.exchange.intake.ledger import Ledger
from perfeval.exchange.intake.placing import equal
from perfeval.exchange.intake.returned import Returned, ReturnedRow
from perfeval.exchange.intake.rows import COMPUTED
from perfeval.exchange.intake.seen import Seen
from perfeval.exchange.review_sheet import answered
from perfeval.numbers import decimal_text, figure
from perfeval.scoring.review import new_mark
from perfeval.scoring.scorecard import IndicatorResult, Scorecard
from perfeval.session.change import join, under
from perfeval.session.model import ReviewMark, Session

_SAID = ("verdict", "score", "opinion", "who")
_COMPUTED = ("number", "points", "self", "difference", "state")
_DAY = re.compile(r"20\d\d-\d\d-\d\d")


def place_opinions(table: Returned, ledger: Ledger, session: Session, card: Scorecard) -> None:
    """Place the rows of a 复核意见表; ``session`` is what the rest of the file leads to."""
    rows = _Rows(session, card, table.rows)
    for row in table.rows:
        for name in _COMPUTED:
            if cell := row.cell(name):
                ledger.ignore(cell, COMPUTED)
        result, why = rows.result(row)
        if result is None:
            for name in (*_SAID, "feedback"):
                if cell := row.cell(name):
                    ledger.refuse(cell, why)
            continue
        ledger.ignore(row.cell("name"), "指标名称")
        _Row(ledger, session, row, result).place()


class _Rows:
    """Finds the indicator a row is about, by evaluation and name."""

    def __init__(self, session: Session, card: Scorecard, rows: Iterable[ReturnedRow]) -> None:
        self.named: dict[tuple[str, str], list[IndicatorResult]] = {}
        for path, result in card.results:
            project = next((one for one in card.projects if one.path == path), None)
            name = project.name if project else FORM[:4]
            for row in result.indicators:
                self.named.setdefault((same_name(name), same_name(row.name)), []).append(row)
        self.times = Counter(map(_key, rows))
        for key, found in self.named.items():
            if len(found) != self.times[key]:  # of rows of one name the sheet has the marked ones
                self.named[key] = [one for one in found if one.path in session.marks] or found
        self.seen: Counter[tuple[str, str]] = Counter()

    def result(self, row: ReturnedRow) -> tuple[IndicatorResult | None, str]:
        """Return the indicator of a row; of several of one name, in the order of the sheet."""
        key = _key(row)
        found = self.named.get(key, [])
        at, self.seen[key] = self.seen[key], self.seen[key] + 1
        if not found:
            where = f"“{row.heading.raw}”里" if row.heading else "任务里"
            return None, f"{where}没有“{row.cell('name').raw}”这项指标"
        if len(found) != self.times[key]:
            return None, f"有 {len(found)} 项指标都叫“{row.cell('name').raw}”，请在软件里逐项填写"
        return found[at], ""


def _key(row: ReturnedRow) -> tuple[str, str]:
    return same_name(row.heading.raw), same_name(row.cell("name").raw)


class _Row:
    """Places one row: what the reviewer says, then what the unit answers."""

    def __init__(
        self, ledger: Ledger, session: Session, row: ReturnedRow, result: IndicatorResult
    ) -> None:
        self.ledger, self.session, self.row, self.result = ledger, session, row, result
        self.path = join("marks", result.path)
        self.mark = session.marks.get(result.path)

    def place(self) -> None:
        """Place the row's cells."""
        said = [cell for name in _SAID if (cell := self.row.cell(name))]
        changed = bool(said) and not self._as_before()
        if changed:
            try:
                self._new()
            except PerfevalError as error:
                told = str(error)
                for cell in said:
                    self.ledger.refuse(cell, told, self.path)
                changed = False
        else:
            for name in _SAID:
                if self.mark is not None and (cell := self.row.cell(name)):
                    self.ledger.accept(cell, under(self.path, name), self._text(name, self.mark))
        self._answer(marked_anew=changed)

    def _as_before(self) -> bool:
        """Whether the row says what the mark does already."""
        mark, cell = self.mark, self.row.cell
        if mark is None:
            return False
        score = "" if mark.verdict == "认可" else mark.score
        who, _ = self._signed()
        return (
            cell("verdict").raw == mark.verdict
            and (cell("score").raw == score or equal(score, cell("score").raw))
            and equal(mark.opinion, cell("opinion").raw)
            and equal(mark.who, who)
        )

    def _text(self, name: str, mark: ReviewMark) -> str:
        return str(getattr(mark, name))

    def _signed(self) -> tuple[str, str]:
        """Return 复核人 and the day below the name, if it is one."""
        who, _, day = self.row.cell("who").raw.partition("\n")
        when = ""
        if _DAY.fullmatch(day.strip()):
            try:
                when = f"{date.fromisoformat(day.strip())}T00:00:00+08:00"
            except ValueError:
                when = ""
        return " ".join((who if when or not day else f"{who} {day}").split()), when

    def _new(self) -> None:
        """Take what the reviewer says as a mark. Raises :class:`PerfevalError` where it cannot."""
        verdict, score, opinion = (self.row.cell(name) for name in ("verdict", "score", "opinion"))
        own = self.row.cell("self")
        now = self.result.score
        if own and figure(own.raw).value is not None and figure(own.raw).value != now:
            told = "没有得分" if now is None else f"{decimal_text(now)} 分"
            raise PerfevalError(f"复核所据的自评得分是 {own.raw}，现在是 {told}，请重新复核")
        who, when = self._signed()
        mark = new_mark(
            self.result,
            who=who,
            score=score.raw,
            opinion=opinion.raw,
            returned=verdict.raw == "退回修改",
            when=when,
            number=max(len(self.session.submissions), 1),
        )
        if verdict.raw not in ("", mark.verdict):
            cure = f"应是“{mark.verdict}”" if score else "没有复核得分"
            raise PerfevalError(f"复核结论写的是“{verdict.raw}”，按复核得分{cure}，请核对")
        fields = mark.model_dump(mode="json")
        for name in _SAID:
            if cell := self.row.cell(name):
                self.ledger.accept(cell, under(self.path, name), str(fields.pop(name)))
        for name, value in fields.items():
            self.ledger.made[under(self.path, name)] = value

    # --- the answer ----------------------------------------------------------------------------

    def _answer(self, *, marked_anew: bool) -> None:
        """Take the unit's 反馈意见; one given to an earlier mark goes with that mark."""
        cell, path = self.row.cell("feedback"), join("feedback", self.result.path)
        before = self.session.feedback.get(self.result.path)
        same = before is not None and (
            not cell or same_name(answered(before)) == same_name(cell.raw)
        )
        if same and marked_anew:
            self.ledger.made[path] = None
            if cell:
                self.ledger.ignore(cell, "是对原复核意见的反馈，复核意见改了，请重新反馈")
            return
        if not cell:
            return
        accepted, reason = _answer_of(cell)
        if self.mark is None and not marked_anew:
            self.ledger.refuse(cell, "还没有复核意见，不能反馈", path)
        elif accepted is None:
            self.ledger.refuse(cell, "请以“采纳”或“不采纳：理由”填写", path)
        elif not accepted and not reason:
            self.ledger.refuse(cell, "不采纳要写明理由", path)
        else:
            part = {"accepted": accepted, "reason": reason}
            self.ledger.accept_part(cell, path, part, answered(before), same=same)


def _answer_of(cell: Seen) -> tuple[bool | None, str]:
    """Return whether a mark is accepted (None: it does not say) and the reason given."""
    found = re.fullmatch(r"(不\s*采\s*纳|采\s*纳)\s*[：:，,。;；]?\s*(.*)", cell.raw, re.DOTALL)
    if found is None:
        return None, ""
    return not found[1].startswith("不"), found[2].strip()
