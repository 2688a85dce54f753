"""Which fields an indicator or a row of the unit's own needs, in the order they are filled in.

Pure: session, set and result in, sections of fields out. What needs no entry is not shown: a
checklist has no 实际完成值 to type, an indicator without a target none to set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from perfeval.indicators.model import Indicator, IndicatorSet
from perfeval.indicators.rules import AlternativeOf, ManualDeduction, PerViolationDeduction
from perfeval.indicators.target import Operator
from perfeval.numbers import Exact, decimal_text, dimension
from perfeval.scoring.prepare import MONEY_COLUMNS
from perfeval.scoring.scorecard import IndicatorResult, Item
from perfeval.session.carry import previous_value
from perfeval.session.change import under
from perfeval.session.model import OwnIndicator, Session
from perfeval.tui.fields import Field, Kind, Proposal, Section, prose
from perfeval.tui.proposals import input_proposals
from perfeval.tui.reasons import DEVIATION, MANUAL, NOT_APPLICABLE
from perfeval.tui.shown import Shown

YES, NO = "是", "否"


def sections_of(shown: Shown, row: IndicatorResult) -> list[Section]:
    """Return the fields one indicator needs and nothing else."""
    reader = _Fields(shown, row)
    if row.item.not_applicable:
        return [Section("", (reader.not_applicable(must=True),)), Section("", reader.files())]
    sections = [
        Section("", tuple(reader.row_itself())),
        Section("", tuple(reader.inputs())),
        Section("", tuple(reader.answer())),
        Section("说明和佐证", tuple(reader.remarks())),
        Section("另行处理", tuple(reader.exceptions())),
    ]
    return [section for section in sections if section.fields]


# --- which inputs feed which indicators ------------------------------------------------------


def inputs_of_item(item: Item) -> list[str]:
    """Return the inputs an item's formula and rule read, each once."""
    formulas = [*([item.formula] if item.formula else []), *item.rule.formulas()]
    return list(dict.fromkeys(name for formula in formulas for name in formula.names))


@lru_cache(maxsize=32)
def uses(indicator_set: IndicatorSet) -> Mapping[str, tuple[Indicator, ...]]:
    """Return which indicators each input feeds, in printed order."""
    found: dict[str, list[Indicator]] = {name: [] for name in indicator_set.inputs}
    for indicator in indicator_set.all_indicators():
        formulas = [*([indicator.formula] if indicator.formula else []), *indicator.rule.formulas()]
        for name in dict.fromkeys(name for formula in formulas for name in formula.names):
            if name in found:
                found[name].append(indicator)
    return {name: tuple(fed) for name, fed in found.items()}


@lru_cache(maxsize=32)
def grouped_inputs(indicator_set: IndicatorSet) -> Mapping[str, tuple[str, ...]]:
    """Return the names of the inputs by their group, groups in the order they first appear."""
    groups: dict[str, list[str]] = {}
    for name, spec in indicator_set.inputs.items():
        groups.setdefault(spec.group, []).append(name)
    return {group: tuple(names) for group, names in groups.items()}


def input_field(shown: Shown, name: str, proposals: Mapping[str, Proposal]) -> Field:
    """Return the field of one figure of 基础数据. Raises ``KeyError`` for one the set has not."""
    spec, session = shown.set.inputs[name], shown.session
    typed = shown.evaluation.inputs.get(name)
    value = typed.value if typed else ""
    fed = len(uses(shown.set)[name])
    path = under(shown.prefix, "inputs", name, "value")
    by_funds = shown.project is not None and name in MONEY_COLUMNS and shown.project.funds
    return Field(
        path,
        name,
        Kind.FIGURE,
        value,
        unit=session.money_unit if dimension(spec.unit) == "money" else spec.unit,
        note=f"用于{fed}项" if fed > 1 else "",
        help=spec.help,
        empty="由资金表合计" if by_funds else f"空着按 {spec.default}" if spec.default else "",
        must=spec.default is None and not by_funds,
        previous=previous_value(session, path),
        proposal=proposals.get(name),
    )


def evidence_field(session: Session, path: str) -> Field:
    """Return the field of the files attached to a path: an indicator, a row, a project …"""
    files = tuple(
        (key, f"{one.number} {one.name}" + (f"  第 {one.page} 页" if one.page else ""))
        for key, one in session.evidence.items()
        if path in one.paths
    )
    value = f"{len(files)} 份" if files else ""
    return Field(under(path, "evidence"), "佐证材料", Kind.EVIDENCE, value, files=files)


# --- one indicator ---------------------------------------------------------------------------


def _stated(item: Item) -> bool:
    """Whether the row has a target, or as a row of the unit's own should have one."""
    return item.own or (item.target is not None and item.target.operator is not Operator.BLANK)


class _Fields:
    """Makes the fields of one indicator."""

    def __init__(self, shown: Shown, row: IndicatorResult) -> None:
        self.shown, self.row, self.session = shown, row, shown.session
        self.item, self.path = row.item, row.path
        self.own = row.item.answer if isinstance(row.item.answer, OwnIndicator) else None

    def typed(self, name: str) -> str:
        """What stands in a field of the answer."""
        return str(getattr(self.item.answer, name, "") or "") if self.item.answer else ""

    def field(self, name: str, label: str, kind: Kind, **more: object) -> Field:
        """Return a field of the answer, with last year's value where it is known."""
        path = under(self.path, name)
        before = previous_value(self.session, path)
        given: dict[str, object] = {"value": self.typed(name), "previous": before, **more}
        return Field(path, label, kind, **given)  # type: ignore[arg-type]

    def row_itself(self) -> Iterator[Field]:
        """Yield what a row of the unit's own is: its name, points, unit."""
        if self.own is None:
            return
        yield self.field("name", "名称", Kind.TEXT, must=True, limit=200)
        yield self.field("points", "分值", Kind.FIGURE, unit="分", least=Exact(0), must=True)
        yield self.field("unit", "单位", Kind.TEXT, help="如 %、个、万元；按比率计的填 %")
        value = YES if self.own.qualitative else NO
        yield self.field("qualitative", "定性指标", Kind.CHOICE, value=value, options=(NO, YES))

    def inputs(self) -> Iterator[Field]:
        """Yield the inputs the formula and the rule read, shared ones with how many use them."""
        names = [name for name in inputs_of_item(self.item) if name in self.shown.set.inputs]
        if not names:
            return
        offers = input_proposals(self.shown)
        for name in names:
            yield input_field(self.shown, name, offers)

    def answer(self) -> Iterator[Field]:
        """Yield what is typed for the indicator itself."""
        item = self.item
        if item.rule.needs_target or _stated(item):
            yield from self._target()
        if isinstance(item.rule, AlternativeOf) and item.rule.choose == "elected":
            names = tuple(member.name for member in item.rule.members)
            yield self.field("elected", "选用的计分方式", Kind.CHOICE, options=names, must=True)
        for name in item.rule.element_names():
            met = item.given.elements.get(name)
            value = "" if met is None else YES if met else NO
            at = under(self.path, "elements", name)
            yield Field(at, name, Kind.ELEMENT, value, must=True)
        yield from self._level()
        yield from self._actual()
        if item.rule.needs == "score":
            yield from self._manual(must=True)

    def _target(self) -> Iterator[Field]:
        item, typed = self.item, self.typed("target")
        fixed = "" if typed or item.target is None else item.target.raw
        if not item.rule.needs_target and self.own is None:
            yield Field("", "年度指标值", Kind.SHOWN, typed or fixed)
            return
        assumed = f"{self.path}/target" in self.session.assumed
        note = "拟定" if assumed else "体系缺省值" if fixed else ""
        yield self.field(
            "target", "年度指标值", Kind.TARGET, unit=item.unit, note=note, empty=fixed,
            must=not fixed, help="" if fixed else "由本单位确定，如 ≥95%、<=10%、12月底前",
        )  # fmt: skip

    def _level(self) -> Iterator[Field]:
        item = self.item
        if (levels := item.rule.levels_inside) is None:
            return
        names = tuple(level.name for level in levels.levels)
        chosen = next((one for one in levels.levels if one.name == item.given.level), None)
        wanted = item.manual is None
        yield self.field(
            "level", "完成情况", Kind.CHOICE, value=item.given.level, options=names, must=wanted
        )
        least = chosen.min * item.points if chosen else Exact(0)
        most = chosen.max * item.points if chosen else item.points
        offer = Proposal(decimal_text(most), "本档最高分") if chosen else None
        yield self.field(
            "level_score", "档内得分", Kind.FIGURE, unit="分", least=least, most=most,
            note=f"{decimal_text(least)} 至 {decimal_text(most)}", must=wanted,
            proposal=offer if not self.typed("level_score") else None,
        )  # fmt: skip

    def _actual(self) -> Iterator[Field]:
        item = self.item
        if not (item.rule.reads_value or item.rule.needs == "value"):
            return
        if self.own is not None and dimension(item.unit) == "ratio" and not self._dated:
            yield self.field("numerator", "分子", Kind.FIGURE, help="分子和分母能证实这个比率")
            yield self.field("denominator", "分母", Kind.FIGURE)
        label = "违规例数" if isinstance(item.rule, PerViolationDeduction) else "实际完成值"
        typed = self.typed("actual")
        if item.proven or (item.formula is not None and self.row.value is not None and not typed):
            yield Field(
                under(self.path, "actual"),
                label,
                Kind.SHOWN,
                self.row.value_text,
                note="由公式计算",
            )
            return
        wordy = item.target is not None and item.target.operator is Operator.QUALITATIVE
        kind = Kind.DATE if self._dated else Kind.TEXT if wordy else Kind.FIGURE
        by_formula = item.formula is not None
        yield self.field(
            "actual", label, kind, unit="" if self._dated else item.unit,
            must=not by_formula and item.manual is None,
            note=f"计算得 {self.row.value_text}" if by_formula and not self.row.note else "",
            help="没有上面的分项数时直接填，记为未证实" if by_formula else "",
        )  # fmt: skip

    @property
    def _dated(self) -> bool:
        return self.item.target is not None and self.item.target.is_date

    def remarks(self) -> Iterator[Field]:
        """Yield reasons, the basis, evidence."""
        low = self.row.score is not None and self.row.score < self.row.points
        asked = any("偏差原因" in one.note(self.item.given) for one in self.item.modifiers)
        note = "得分低于分值，上报前须填写" if low else "超额较多，须填写" if asked else ""
        yield prose(
            under(self.path, "deviation_reason"), "偏差原因", self.typed("deviation_reason"),
            must=low or asked, help=note, stock=DEVIATION,
        )  # fmt: skip
        yield prose(under(self.path, "basis"), "评分依据", self.typed("basis"))
        yield from self.files()

    def files(self) -> tuple[Field, ...]:
        """Return the field of the evidence attached here."""
        return (evidence_field(self.session, self.path),)

    def exceptions(self) -> Iterator[Field]:
        """Yield what stands aside from the rule: 扣分, 人工赋分, 不适用, 责任科室."""
        if any(isinstance(one, ManualDeduction) for one in self.item.modifiers):
            most = self.item.points
            yield self.field("deduction", "扣分", Kind.FIGURE, unit="分", least=Exact(0), most=most)
        if self.item.rule.needs != "score":
            yield from self._manual(must=False)
        yield self.not_applicable()
        yield self.field("owner", "责任科室", Kind.TEXT)

    def _manual(self, *, must: bool) -> Iterator[Field]:
        most = self.item.points
        offer = None if self.typed("manual_score") else Proposal(decimal_text(most), "满分")
        yield self.field(
            "manual_score", "人工赋分", Kind.FIGURE, unit="分", least=Exact(0), most=most,
            must=must, help="" if must else "只在公式不适用时填写，并写明依据",
            proposal=offer if must else None,
        )  # fmt: skip
        if must or self.typed("manual_score"):
            yield prose(
                under(self.path, "manual_reason"), "赋分依据", self.typed("manual_reason"),
                must=True, stock=MANUAL,
            )  # fmt: skip

    def not_applicable(self, *, must: bool = False) -> Field:
        """Return the field for 不适用."""
        return prose(
            under(self.path, "not_applicable"), "不适用", self.typed("not_applicable"),
            help="写明理由即按不适用处理；清空则恢复计分", stock=NOT_APPLICABLE, must=must,
        )  # fmt: skip
