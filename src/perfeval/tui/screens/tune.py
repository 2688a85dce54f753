"""调整指标体系: points, target, standard and rule of an indicator, as the unit's own set."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import DataTable, Input, Label, Select, Static

from perfeval.errors import PerfevalError
from perfeval.indicators.model import IndicatorSet
from perfeval.indicators.tuning import RULE_KINDS, Draft, Parameter, RuleKind, kind_of
from perfeval.store.own_set import adopt
from perfeval.tui import actions
from perfeval.tui.screens.base import SessionScreen
from perfeval.tui.screens.dialogs import Ask, Choice, Confirm, Pick
from perfeval.tui.signs import on_screen
from perfeval.tui.tune_view import COLUMNS, effect_text, problem_text, rows_of
from perfeval.tui.widgets.entry import Entry
from perfeval.tui.widgets.grid import Grid
from perfeval.tui.widgets.text import Told

KEYS = "Tab 到各栏  Enter 下一栏  F6 换计分规则  F3 存为本单位的指标体系  Esc 返回"


class TuneScreen(SessionScreen):
    """The set's indicators on the left, what can be changed of one on the right.

    Nothing is saved before F3: the draft is scored and checked while it is typed.
    """

    CSS_PATH = "tune.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.TUNE)
    TITLE_PART = "调整指标体系"

    def __init__(self, evaluation: str, place: str) -> None:
        super().__init__()
        self.evaluation = evaluation
        self.code = place.rpartition("/")[2] if "/answers/" in place else ""
        self.draft: Draft | None = None
        self.kind: RuleKind | None = None

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="tuning"):
            yield Grid(*COLUMNS, id="set")
            with Vertical(id="editor"):
                yield Told(id="name")
                with VerticalScroll(id="parts", can_focus=False):
                    yield from _line("分值", "points")
                    yield from _line("年度指标值", "target")
                    yield Told(id="kind")
                    yield Vertical(id="parameters")
                    yield from _line("评分标准", "standard")
                    yield from _line("一级指标分值", "tier")
                    yield from _line("二级指标分值", "group")
                yield Told(id="effect")
                yield Told(id="problems")
        yield Static(KEYS, id="keys", markup=False)

    @property
    def indicator_set(self) -> IndicatorSet:
        """The set the evaluation is scored by now."""
        return self.desk.set_of(self.evaluation)

    @property
    def present(self) -> bool:
        return self.desk.has(self.evaluation)

    def show(self) -> None:
        if self.draft is None:
            self.draft = Draft.of(self.indicator_set)
            codes = [one.code for one in self.indicator_set.all_indicators()]
            if self.code not in codes:
                self.code = codes[0] if codes else ""
            self.query_one(Grid).choose(self.code)
            self.query_one(Grid).show(rows_of(self.draft))
            self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        await self._show_indicator()
        self.query_one("#points", Input).focus()

    # -- the indicator at hand ------------------------------------------------

    @on(DataTable.RowHighlighted)
    async def _chosen(self) -> None:
        key = self.query_one(Grid).chosen  # the event may speak of a row the cursor has left
        if key and key != self.code:
            self.code = key
            await self._show_indicator()

    async def _show_indicator(self) -> None:
        if self.draft is None or not self.code:
            return
        data = self.draft.indicator(self.code)
        names = " / ".join(one["name"] for one in self.draft.above(self.code) if one)
        self.query_one("#name", Told).tell(f"{data['name']}（{self.code}）  {names}")
        with self.prevent(Input.Changed):
            for part in ("points", "target", "standard"):
                value = str(data.get(part, ""))
                self.query_one(f"#{part}", Input).value = "" if value == "required" else value
            for part, above in zip(("tier", "group"), self.draft.above(self.code), strict=True):
                field = self.query_one(f"#{part}", Input)
                field.value = str(above.get("points", "")) if above else ""
                field.ancestors[0].set_class(above is None, "-none")
        self.kind = kind_of(data["rule"])
        await self._show_rule(data["rule"])
        self._judge()

    async def _show_rule(self, rule: dict[str, Any]) -> None:
        title = self.kind.title if self.kind else f"“{rule['type']}”（只能在指标体系文件里改）"
        self.query_one("#kind", Told).tell(f"计分规则  {title}")
        place = self.query_one("#parameters", Vertical)
        await place.remove_children()
        if self.kind is not None:
            texts = self.kind.texts(rule)
            with self.prevent(Input.Changed, Select.Changed):
                for parameter in self.kind.parameters:
                    await place.mount(_editor(parameter, texts[parameter.name]))

    # -- editing --------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        part = event.input.id or ""
        if self.draft is None or not self.code:
            return
        if part in ("points", "target", "standard"):
            self.draft.change(self.code, **{part: event.value.strip()})
            self._judge()
        elif part in ("tier", "group"):
            tier, group = (above["name"] if above else "" for above in self.draft.above(self.code))
            self.draft.change_points(tier, event.value.strip(), group if part == "group" else "")
            self._judge()
        else:
            self._take_rule()

    @on(Select.Changed)
    def _selected(self) -> None:
        self._take_rule()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.focus_next()

    def _take_rule(self) -> None:
        """Put the rule as its parameters stand into the draft, or say what is missing."""
        if self.draft is None or self.kind is None:
            return
        texts = {_named(one): one.value for one in self.query("#parameters Input").results(Input)}
        for one in self.query("#parameters Select").results(Select):
            texts[_named(one)] = str(one.value)
        try:
            self.draft.change(self.code, rule=self.kind.rule(texts))
        except PerfevalError as error:
            self.query_one("#problems", Told).tell(str(error))
            return
        self._judge()

    def _judge(self) -> None:
        """Score and check the draft, and say both."""
        assert self.draft is not None
        made, problems = self.draft.checked()
        self.query_one("#problems", Told).tell(problem_text(problems))
        desk = self.desk
        effect = effect_text(
            desk.session, self.evaluation, desk.result(self.evaluation), made, self.code
        )
        self.query_one("#effect", Told).tell(effect)
        self.query_one(Grid).show(rows_of(self.draft))

    def action_choose_rule(self) -> None:
        """Offer the rules in plain Chinese."""
        choices = [Choice(kind, kind.title) for kind in RULE_KINDS]

        async def picked(kind: RuleKind | None) -> None:
            if kind is None or self.draft is None:
                return
            self.kind = kind
            now = self.draft.indicator(self.code)["rule"]
            await self._show_rule(now if kind_of(now) is kind else {"type": kind.type})
            self._take_rule()
            first = self.query("#parameters Input")
            (first.first() if first else self.query_one("#standard")).focus()

        self.app.push_screen(Pick("计分规则", choices, value=self.kind, search=True), picked)

    # -- saving and leaving ---------------------------------------------------

    def action_save_tuning(self) -> None:
        """Ask for the 依据 and make the draft the unit's own set."""
        if self.draft is None:
            return
        if not self.draft.edits:
            self.notify("没有改动，不用保存")
            return
        if self.draft.checked()[1]:
            self.notify("指标体系还有对不上的地方，改好后再保存", severity="error")
            return

        async def based(basis: str | None) -> None:
            if basis:
                await self._save(basis)

        self.app.push_screen(
            Ask("依据", help="按什么文件调整的（名称和文号），印在导出的表上"), based
        )

    async def _save(self, basis: str) -> None:
        desk, draft = self.desk, self.draft
        assert draft is not None
        new = draft.finished(basis, f"{desk.now():%Y-%m-%d}")

        def adopted() -> None:
            adopt(desk.workspace, draft.base.id, new, who=desk.who, why=f"调整指标体系：{basis}")

        if await self.home_app.changed(desk.act(adopted)):
            self.notify(f"已存为“{new.title}”，本任务按它计分；原指标体系没有变")
            self.app.pop_screen()

    async def may_leave(self) -> bool:
        """A draft with changes is given up only after asking; from a worker."""
        if self.draft is None or not self.draft.edits:
            return True
        asked = Confirm("不保存？", "改动还没有保存，离开后就没有了", yes="不保存，离开")
        sure: bool | None = await self.home_app.push_screen_wait(asked)
        return sure is True

    @work(group="asking", exit_on_error=False)
    async def action_back(self) -> None:  # type: ignore[override]
        """Leave; a draft with changes is given up only after asking."""
        if await self.may_leave():
            self.app.call_later(self.app.pop_screen)


def _named(widget: Widget) -> str:
    """Return the parameter a field is for."""
    return (widget.id or "").removeprefix("p-")


def _line(label: str, part: str) -> ComposeResult:
    with Horizontal(classes="line"):
        yield Label(label, classes="label")
        yield Entry(id=part, limit=2_000)


def _editor(parameter: Parameter, value: str) -> Vertical:
    """Return the field of a rule's parameter, its help below it."""
    if parameter.options:
        options = [(words, one) for one, words in parameter.options]
        field: Input | Select[str] = Select(
            options, value=value, id=f"p-{parameter.name}", compact=True, allow_blank=False
        )
    else:
        field = Entry(value, id=f"p-{parameter.name}")
    line = Horizontal(Label(on_screen(parameter.label), classes="label"), field, classes="line")
    if not parameter.help:
        return Vertical(line, classes="parameter")
    told = Static(on_screen(parameter.help), classes="help", markup=False)
    return Vertical(line, told, classes="parameter")
