"""自评表 inside a report: the intake's form reader finds them, their numbers are tied as facts.

A form's funds, points and scores state what the 自评汇总表 and the text state of the same project;
inside the form its points, scores and rates make identities of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from perfeval.audit.account_tables import number_of
from perfeval.audit.document import Document, Place, Table
from perfeval.audit.equations import Register, Term, Verdict, total
from perfeval.audit.figures import Measure, Mention, cell_figure
from perfeval.audit.observed import Observed, Severity
from perfeval.audit.projects import ProjectLine
from perfeval.exchange.intake.evaluation_form import FormReader
from perfeval.exchange.intake.grids import Grid
from perfeval.exchange.intake.labels import bare, points_in
from perfeval.exchange.intake.seen import NOTHING, Form, RowSeen, Seen
from perfeval.indicators.target import Operator, Target, target
from perfeval.numbers import ONE, ZERO, Exact, FigureState, decimal_text, figure

MAX_ROWS = 2_000
"""A table with more rows than this is no 自评表."""


@dataclass(slots=True)
class PlacedGrid(Grid):
    """A table of a document with what stood above it; each cell knows its place there.

    ``above`` are the rows of the caption. An address is the text of the place; ``known`` leads
    from it back to the place.
    """

    table: Table | None = None
    above: int = 0
    known: dict[str, Place] = field(default_factory=dict)

    def at(self, row: int, column: int) -> tuple[str, str]:
        """Return no sheet, and where in the document a cell stands."""
        assert self.table is not None
        place = self.table.at(max(row - self.above, 0), column)
        address = str(place) if row >= self.above else ""
        self.known[address] = place
        return self.sheet, address


def placed_grid(table: Table) -> PlacedGrid:
    """Return a table as the intake reads it, below what stood above it."""
    above = [[text] for text in table.caption if len(text) < 120]
    rows = [list(row) for row in table.rows]
    return PlacedGrid("", [*above, *rows], table=table, above=len(above))


@dataclass(slots=True)
class PlacedForm:
    """A 自评表 found in a report, and where its cells are."""

    form: Form
    known: dict[str, Place]
    made: dict[str, Mention | None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The project it is about; empty for the department's own form."""
        return "" if self.form.is_department else _line(self.form.heads.get("name", NOTHING).raw)

    def mention(self, cell: Seen, unit: str, quote: str) -> Mention | None:
        """Return the figure of a cell, one for each cell; ``unit`` is what its column is in."""
        if (place := self.known.get(cell.address)) is None:
            return None
        if cell.address not in self.made:
            found = cell_figure(cell.printed, unit, place, f"{quote} {cell.raw}"[:80])
            self.made[cell.address] = found
        return self.made[cell.address]

    def points(self, cell: Seen, quote: str) -> Mention | None:
        """Return the 分值 of a cell, which is known exactly: 10 is no rounding of 9.6."""
        found = self.mention(cell, "分", quote)
        if found is not None and found.measure is not Measure.COUNT:
            self.made[cell.address] = found = replace(found, measure=Measure.COUNT)
        return found


def _line(text: str) -> str:
    return " ".join(text.split())


def placed_forms(document: Document) -> Iterator[PlacedForm]:
    """Yield the 自评表 of a document; funds and indicators in two tables are one form."""
    last: PlacedForm | None = None
    for table in document.tables:
        if len(table.rows) > MAX_ROWS or number_of(table):
            continue
        grid = placed_grid(table)
        for form in FormReader(grid).forms():
            is_rest = bool(form.rows) and not form.funds and "name" not in form.heads
            if last is not None and is_rest and not last.form.rows:
                last.form.rows, last.form.total = form.rows, form.total
                last.known |= grid.known
                continue
            if last is not None:
                yield last
            last = PlacedForm(form, grid.known)
    if last is not None:
        yield last


def read_forms(
    document: Document, register: Register, observed: list[Observed]
) -> tuple[list[PlacedForm], list[ProjectLine]]:
    """State what the 自评表 of a document say, and require what holds inside each.

    Returns the forms and the projects they are about.
    """
    forms = [one for one in placed_forms(document) if one.form.rows]
    lines = []
    for one in forms:
        reader = _Reader(one, register, observed)
        reader.read()
        if one.name and reader.money:
            place = next(iter(reader.money.values())).place
            lines.append(ProjectLine(one.name, place, one.form.title, reader.money, False))
    return forms, lines


_SOURCES = ("财政拨款", "上年结转", "其他资金")
_OF_DEPARTMENT = {
    "年初预算数": "年初预算数",
    "全年预算数": "全年预算数",
    "执行数": "全年执行数",
    "执行率": "预算执行率",
    "得分": "一级·合计·得分",
}
"""What the figures of the department's own form are called elsewhere in a report."""
_MONEY = {"initial": "年初预算数", "budget": "全年预算数", "executed": "执行数"}


class _Reader:
    """Reads one form."""

    def __init__(self, placed: PlacedForm, register: Register, observed: list[Observed]) -> None:
        self.placed, self.form = placed, placed.form
        self.register, self.observed = register, observed
        self.about = placed.name or "部门整体"
        self.money: dict[str, Mention] = {}
        self.points: list[Mention] = []
        self.scores: list[Mention] = []
        self.stated = {"points": True, "score": True}  # whether every row states them
        self.has_execution = False

    def read(self) -> None:
        """Read money, rows and totals."""
        self.funds()
        for row in self.form.rows:
            self.row(row)
        self.tiers()
        self.totals()
        self.unproven()
        if not self.placed.name:
            for word, mention in self.money.items():
                self.register.state(_OF_DEPARTMENT[word], mention)

    # --- 项目资金 --------------------------------------------------------------------------------

    def funds(self) -> None:
        """执行率 = 执行数 ÷ 全年预算数; 总额 = its sources; 得分 = 分值 × 执行率."""
        if not self.form.funds:
            return
        unit = self.form.money_unit or "万元"
        rows = [
            {
                name: found
                for name, cell in one.cells.items()
                if (found := self.placed.mention(cell, _unit(name, unit), f"{self.about} {name}"))
            }
            for one in self.form.funds
        ]
        first, labels = rows[0], [bare(one.source.raw) for one in self.form.funds]
        self.money = {word: first[name] for name, word in _MONEY.items() if name in first}
        if "rate" in first:
            self.money["执行率"] = first["rate"]
        parts = [at for at, one in enumerate(labels) if any(word in one for word in _SOURCES)]
        for name, word in _MONEY.items() if "总额" in labels[0] else ():
            values = [rows[at][name] for at in parts if name in rows[at]]
            told = f"{self.about}：{word}总额 = 各资金来源之和"
            if len(values) > 1 and len(parts) == len(labels) - 1:
                self.register.require("资金", told, first.get(name), total(values))
            elif name in first:
                self.part_above(word, first[name], values)
        self.execution(first)

    def part_above(self, word: str, whole: Mention, parts: list[Mention]) -> None:
        """Note a source that has more money than all together."""
        for one in parts:
            if one.value - one.step / 2 > whole.value + whole.step / 2:
                self.observed.append(
                    Observed(
                        "资金", Severity.ARITHMETIC, f"{self.about} {word}",
                        f"{self.about}：其中一项的{word} {one.raw} 大于总额 {whole.raw}",
                        whole.place, whole.quote, whole.raw, f"不小于 {one.raw}",
                    )
                )  # fmt: skip

    def execution(self, first: dict[str, Mention]) -> None:
        """The score of 预算执行率 is pro rata, where no standard says otherwise."""
        points, score, rate = (first.get(one) for one in ("points", "score", "rate"))
        if points is None:
            text = figure(self.form.fund_points)
            if text.value is not None and score is not None:
                points = replace(score, raw=text.raw, value=text.value, places=0)
        if points is None or score is None:
            self.stated["score"] = self.stated["score"] and "score" not in self.form.fund_labels
            return
        self.has_execution = True
        points = replace(points, measure=Measure.COUNT)
        self.take(points, score, f"{self.about} 预算执行率")
        if rate is not None and rate.value <= 1 and score.value != points.value:
            told = f"{self.about} 预算执行率：得分 = 分值 × 执行率"
            self.register.require("得分", told, score, (Term(ONE, (points, rate)),), doubt=_BY_BAND)

    # --- 绩效指标 --------------------------------------------------------------------------------

    def row(self, row: RowSeen) -> None:
        """A row's score is at most its points; a target missed rarely earns full marks."""
        name = f"{self.about} {_line(row.name.raw)[:40]}"
        points = self.placed.points(row.cell("points"), f"{name} 分值")
        score = self.placed.mention(row.cell("score"), "分", f"{name} 得分")
        self.stated["points"] = self.stated["points"] and points is not None
        self.stated["score"] = self.stated["score"] and score is not None
        if points is None or score is None:
            self.scores += [score] if score is not None else []
            return
        self.take(points, score, name)
        if score.value == points.value and score.value and (share := _share(row)) is not None:
            self.observed.append(_full_marks(name, row, points, score, share))

    def take(self, points: Mention, score: Mention, name: str) -> None:
        """Keep points and score for the totals, and note a score above its points."""
        self.points.append(points)
        self.scores.append(score)
        if score.value > points.value:
            self.observed.append(
                Observed(
                    "得分", Severity.ARITHMETIC, name,
                    f"{name}：得分 {score.raw} 超过分值 {points.raw}", score.place, score.quote,
                    score.raw, f"不超过 {points.raw}",
                )
            )  # fmt: skip

    def tiers(self) -> None:
        """The points of a tier's rows are what its label says in brackets (产出指标（50分）)."""
        by_tier: dict[str, list[RowSeen]] = defaultdict(list)
        for row in self.form.rows:
            by_tier[row.l1.raw].append(row)
        for label, rows in by_tier.items():
            place = self.placed.known.get(rows[0].l1.address)
            text = points_in(label)
            found = [self.placed.points(row.cell("points"), _line(row.name.raw)) for row in rows]
            parts = [one for one in found if one is not None]
            if not text or place is None or len(parts) != len(rows):
                continue
            left = cell_figure(text, "分", place, _line(label))
            if left is not None:
                told = f"{self.about} {bare(label)}：分值 = 各三级指标分值之和"
                left = replace(left, measure=Measure.COUNT)
                self.register.require("权重", told, left, total(parts), exact=True)

    def totals(self) -> None:
        """总分 is the sum of the scores, and the points add up to what is printed or to 100."""
        about, total_of = self.about, self.form.total
        points = self.placed.points(total_of.get("points", NOTHING), f"{about} 分值合计")
        score = self.placed.mention(total_of.get("score", NOTHING), "分", f"{about} 总分")
        if self.stated["points"] and len(self.points) > 1:
            if points is not None:
                told = f"{about}：分值合计 = 各项分值之和"
                self.register.require("权重", told, points, total(self.points), exact=True)
            else:
                self.hundred()
        if self.stated["score"] and len(self.scores) > 1:
            told = f"{about}：总分 = 各项得分之和"
            self.register.require("总分", told, score, total(self.scores), exact=True)
        if score is not None:
            self.money["得分"] = score

    def hundred(self) -> None:
        """The points add up to 100; what 预算执行率 counts for may stand elsewhere."""
        added = sum((one.value for one in self.points), ZERO)
        usual = added == 100 if self.has_execution else added in (100, 90, 80)
        if usual:
            return
        last = self.points[-1]
        self.observed.append(
            Observed(
                "权重", Severity.ARITHMETIC, f"{self.about} 分值",
                f"{self.about}：各项分值相加为 {decimal_text(added)}，不是 100",
                last.place, last.quote, decimal_text(added), "100",
                Verdict.FAIL if self.has_execution else Verdict.UNCERTAIN,
            )
        )  # fmt: skip

    def unproven(self) -> None:
        """Scores without an 实际完成值, and points lost without a reason: one finding each."""
        rows = [row for row in self.form.rows if figure(row.cell("score").raw).value is not None]
        if any(row.cell("actual") for row in rows):
            self.ask(
                "依据", "实际完成值", "有得分，没有实际完成值",
                [one for one in rows if figure(one.cell("score").raw).value and not _done(one)],
            )  # fmt: skip
        self.ask(
            "扣分", "偏差原因", "达到了年度指标值却扣了分，没有写原因",
            [one for one in rows if _met(one) and _lost(one) and not one.cell("reason")],
        )  # fmt: skip

    def ask(self, check: str, wanted: str, what: str, rows: list[RowSeen]) -> None:
        """Ask about rows that have the same want."""
        if not rows:
            return
        first = rows[0]
        place = self.placed.known[first.cell("score").address]
        names = "、".join(_line(row.name.raw)[:20] for row in rows[:3])
        more = f" 等 {len(rows)} 项" if len(rows) > 3 else ""
        self.observed.append(
            Observed(
                check, Severity.LOGIC, f"{self.about} {wanted}",
                f"{self.about}：{names}{more}{what}", place, _line(first.name.raw)[:80],
                first.cell("score").raw, wanted, Verdict.UNCERTAIN,
            )
        )  # fmt: skip


_BY_BAND = "评分标准不是按比例的，请写明"


def _unit(name: str, money: str) -> str:
    return {"rate": "%", "points": "分", "score": "分"}.get(name, money)


def _done(row: RowSeen) -> bool:
    return figure(row.cell("actual").raw).state is not FigureState.BLANK


def _lost(row: RowSeen) -> bool:
    points, score = (figure(row.cell(one).raw).value for one in ("points", "score"))
    return points is not None and score is not None and score < points


def _reached(row: RowSeen) -> tuple[Target, Exact, Exact] | None:
    """Return target, its value and the 实际完成值 where both are numbers of one kind."""
    goal, actual = target(row.cell("target").entered), figure(row.cell("actual").entered)
    same = goal.unit == actual.unit or not (goal.unit and actual.unit)
    if goal.value is None or actual.value is None or goal.is_date or not same:
        return None
    return goal, goal.value, actual.value


def _met(row: RowSeen) -> bool:
    """Whether a row surely reached its target."""
    if (reached := _reached(row)) is None:
        return False
    goal, _, actual = reached
    return goal.operator is not Operator.UNSTATED and bool(goal.met_by(actual))


def _share(row: RowSeen) -> Exact | None:
    """Return how far a row stayed below its target; None where it met it or that is no number."""
    if (reached := _reached(row)) is None:
        return None
    goal, wanted, actual = reached
    if goal.operator not in (Operator.AT_LEAST, Operator.UNSTATED, Operator.EQUAL) or not wanted:
        return None
    share = actual / wanted
    return share if _LEAST_SHARE < share < 1 else None


_LEAST_SHARE = Exact(1, 20)
"""A share below this is another unit (0.95 beside 95 %), not a target missed."""


def _full_marks(name: str, row: RowSeen, points: Mention, score: Mention, share: Exact) -> Observed:
    pro_rata = decimal_text(points.value * share, 2)
    return Observed(
        "满分", Severity.LOGIC, name,
        f"{name}：年度指标值 {row.cell('target').raw}，实际完成值 {row.cell('actual').raw}，"
        f"得满分 {score.raw}，没有引用评分标准：按比例为 {pro_rata} 分",
        score.place, score.quote, score.raw, f"{pro_rata}分（按比例）", Verdict.NOT_ASSESSABLE,
    )  # fmt: skip
