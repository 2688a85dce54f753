"""Whole jobs, by keyboard alone, typed as fast as keys can be sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from perfeval.errors import PerfevalError
from perfeval.exchange.package import Package, write
from perfeval.indicators.library import find
from perfeval.numbers import Exact
from perfeval.scoring.engine import score_session
from perfeval.scoring.review import review_diff
from perfeval.scoring.scorecard import Scorecard
from perfeval.session.change import apply, edit, read
from perfeval.session.model import Project, Session
from perfeval.session.pins import pin
from perfeval.session.seal import seal_holds
from perfeval.store import Store, Workspace, workflow
from perfeval.store.workspace import create
from perfeval.tui.actions import BY_ID
from perfeval.tui.app import PerfevalApp
from perfeval.tui.fields import Kind
from perfeval.tui.screens.review import ReviewScreen
from perfeval.tui.screens.table import TableScreen
from perfeval.tui.screens.workbench import WorkbenchScreen
from perfeval.tui.widgets.field import FieldWidget
from perfeval.tui.widgets.form import FieldForm
from tests.tui.conftest import running, saved, settled, shown
from tests.tui.test_fields import empty_session


class Hand:
    """Somebody at the keyboard, who waits for nothing between two keys; what is pressed is counted.

    ``keys`` go about and confirm, ``signs`` are typed into fields, a character each.
    """

    def __init__(self, app: PerfevalApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot
        self.keys = self.signs = 0

    def press(self, *keys: str) -> None:
        """Press keys."""
        self.keys += len(keys)
        for key in keys:
            self.app.post_message(events.Key(key, " " if key == "space" else None))

    def type(self, text: str) -> None:
        """Type a text, the lines of several ended with Enter."""
        self.signs += len(text)
        for sign in text:
            key = "enter" if sign == "\n" else _character_to_key(sign)
            self.app.post_message(events.Key(key, sign))

    async def see(self, until: Callable[[], object] = lambda: True) -> str:
        """Wait until everything is done and ``until`` holds; return what is on the screen."""
        await settled(self.pilot, until)
        return shown(self.app)


# --- 1: a form on paper becomes a session ------------------------------------------------------

ENTERED = (
    "value", "target", "actual", "manual_score", "manual_reason", "name", "points", "elements",
)  # fmt: skip
"""What of a form is typed; notes and sources count for nothing in a score."""


class Clerk:
    """Somebody who types a form on paper into the workbench, place after place."""

    def __init__(self, hand: Hand, paper: Session) -> None:
        self.hand, self.paper = hand, paper

    @property
    def bench(self) -> WorkbenchScreen:
        """The screen they look at."""
        assert isinstance(self.hand.app.screen, WorkbenchScreen)
        return self.hand.app.screen

    def wanted(self, field: FieldWidget) -> str:
        """What stands on the paper for a field that shows something else; else an empty text."""
        path = field.field.path
        if path.rpartition("/")[2] not in ENTERED or field.field.read_only:
            return ""
        try:
            text = str(read(self.paper, path) or "")
        except PerfevalError:
            return ""
        return "" if text == field.field.value else text

    async def new_session(self) -> None:
        """F3 and its questions, the names of the projects among them."""
        hand, paper = self.hand, self.paper
        hand.press("f3")
        hand.type(paper.unit.name)
        hand.press("enter", "enter", "enter", "down", "enter")
        hand.type("\n".join(project.name for _, project in paper.ordered_projects()))
        hand.press("ctrl+n", "enter")
        await hand.see(lambda: isinstance(hand.app.screen, WorkbenchScreen))

    async def base_data(self, names: int = 99) -> None:
        """Figure, Enter, figure, Enter …; an empty Enter where the paper has none."""
        inputs = self.paper.department.inputs  # type: ignore[union-attr]
        waiting = [one.field for one in self.bench.form.fields if one.field.must]
        for field in waiting[:names]:
            name = field.path.split("/")[2]
            self.hand.type(inputs[name].value if name in inputs else "")
            self.hand.press("enter")
        await self.hand.see()

    async def unfilled(self, limit: int = 99) -> None:
        """F4 to each indicator without a score, and there what the paper says. After the last
        figure of 基础数据 Enter has led to the first; after the last indicator F4 leads elsewhere.
        """
        for at in range(limit):
            if at or not self.bench.row:
                self.hand.press("f4")
                await self.hand.see()
            if self.bench.evaluation != "department":
                return
            await self.fill_place()

    async def fill_place(self) -> None:
        """Fill in the fields of a place: ctrl+a for a checklist, arrows to what Enter skips."""
        hand, form = self.hand, self.bench.form
        row = self.bench.row
        if row is not None and row.item.rule.element_names():
            given = read(self.paper, f"{row.path}/elements")
            if given and all(given.values()):
                hand.press("ctrl+a")
                return
        for _ in range(9):
            fields = [one for one in form.fields if one.editor.focusable]
            todo = [one for one in fields if self.wanted(one)]
            if not todo:
                return
            here = form.focused_field
            steps = fields.index(todo[0]) - (fields.index(here) if here in fields else 0)
            hand.press(*(["down"] * steps), *(["up"] * -steps))
            if todo[0].field.value and todo[0].field.kind is not Kind.FIGURE:
                hand.press("shift+home")
            hand.type(self.wanted(todo[0]))
            last = len(todo) == 1 and todo[0].field.path.rpartition("/")[2] != "manual_score"
            if last:
                return
            hand.press("enter")
            await hand.see()

    async def project(self, key: str, project: Project) -> None:
        """Its money, Enter or F4 to each rate; after the last one stands the next project.

        One that takes no part is said so in the list (F5).
        """
        hand = self.hand
        if project.excluded:
            hand.press("f5", BY_ID["exclude_project"].keys[0])  # the list is at the form in view
            hand.type(project.excluded)
            hand.press("enter")
            await hand.see()
            return
        if getattr(hand.app.screen, "evaluation", "") != f"projects/{key}":
            hand.press("f5", "enter")
            await hand.see(lambda: getattr(hand.app.screen, "evaluation", "") == f"projects/{key}")
        hand.press("tab")
        fund = project.funds["total"]
        hand.type(fund.budget)
        hand.press("tab")
        hand.type(fund.executed)
        for rate in project.tier_rates.values():
            hand.press("f4")
            hand.type(rate)
        hand.press("enter")
        await hand.see()


def scores(card: Scorecard) -> dict[str, object]:
    """What a scorecard comes to: every indicator's points, score and state, totals and grades."""
    found: dict[str, object] = {}
    for path, result in card.results:
        found[path] = (result.total_text, result.grade, result.complete)
        for row in result.indicators:
            found[row.path] = (row.points, row.score, row.status, row.value)
    return found


MOST_KEYS = 146
"""Keys for the whole worked example beside the figures and texts themselves: 27 indicators, 23
figures, 9 projects. Every key less is welcome; more is a step back. The manual says the number.
"""


def test_the_manual_says_how_many_keys_it_takes() -> None:
    manual = Path(__file__).parents[2] / "docs" / "manual.zh-CN.md"
    assert f"共按键 {MOST_KEYS} 次" in manual.read_text(encoding="utf-8")


@pytest.mark.soak
async def test_the_worked_example_is_entered_from_nothing(sample: Session) -> None:
    async with running() as (app, pilot):
        hand = Hand(app, pilot)
        clerk = Clerk(hand, sample)
        await clerk.new_session()
        await clerk.base_data()
        await clerk.unfilled()
        for key, project in sample.ordered_projects():
            await clerk.project(key, project)
        assert scores(app.desk.scorecard) == scores(score_session(sample, find))
        assert "96.40 优" in await hand.see()
        print(f"\n{hand.keys} keys beside {hand.signs} signs of text and figures")
        assert hand.keys <= MOST_KEYS


async def test_a_third_of_the_worked_example_is_entered_from_nothing(sample: Session) -> None:
    async with running() as (app, pilot):
        hand = Hand(app, pilot)
        clerk = Clerk(hand, sample)
        await clerk.new_session()
        await clerk.base_data(4)
        await clerk.unfilled(6)
        for key, project in [*sample.ordered_projects()][:3]:
            await clerk.project(key, project)
        made, whole = scores(app.desk.scorecard), scores(score_session(sample, find))
        codes = ("X1", "A1", "A2", "A3", "B1", "B2", "B3")
        paths = [f"department/answers/{code}" for code in codes]
        paths += [path for path in whole if path.startswith(("projects/p1", "projects/p2"))]
        paths += [path for path in whole if path.startswith("projects/p3")]
        assert {path: made[path] for path in paths} == {path: whole[path] for path in paths}
        assert hand.keys <= MOST_KEYS // 3 + 10


async def test_figures_typed_ahead_of_a_slow_screen_stay_in_their_own_fields(
    sample: Session,
) -> None:
    """Everything in one burst: no key reaches a field it was not meant for."""
    async with running(saved(empty_session())) as (app, pilot):
        hand = Hand(app, pilot)
        hand.type("667.77\n170.33\n838.1\n741.99\n")
        hand.press("f4", "ctrl+a", "f4", "ctrl+a")
        await hand.see()
        department = app.desk.session.department
        assert department is not None
        typed = {name: one.value for name, one in department.inputs.items()}
        assert typed == {
            "年初预算数": "667.77", "年中调整数": "170.33", "全年预算数": "838.1",
            "全年执行数": "741.99",
        }  # fmt: skip
        assert [len(one.elements) for one in department.answers.values()] == [4, 4]


# --- 2: a package is reviewed ------------------------------------------------------------------


def handed_in(sample: Session, folder: Path) -> Path:
    """The package the unit hands in: every finding in the way explained, sealed."""
    with Store.open(str(folder / "unit.db")) as store:
        create(store, sample, find, who="王会计")
        unit = Workspace.open(store, sample.id)
        for finding in workflow.blockers(workflow.all_findings(unit)):
            workflow.explain(unit, finding, "见说明", who="王会计")
        workflow.submit(unit, who="王会计")
        pins = [pin(unit.find(one)) for one in unit.session.pinned]
        package = Package(session=unit.session, records=unit.records, pins=pins)
        return write(package, folder / "上报.perfeval")


async def test_a_package_is_reviewed_and_concluded(sample: Session, tmp_path: Path) -> None:
    changed = {"B3": ("1", "采用另一种算法"), "C1": ("0.5", "缺材料"), "D2": ("4", "按材料核定")}
    async with running(str(handed_in(sample, tmp_path))) as (app, pilot):
        hand = Hand(app, pilot)
        await hand.see(lambda: isinstance(app.screen, ReviewScreen))  # straight into 复核
        own = scores(app.desk.scorecard)
        hand.press("enter")  # the first of all evaluations: the department's
        for row in app.desk.result("department").indicators:
            if row.code in changed:
                score, opinion = changed[row.code]
                hand.press("tab", "shift+home")
                hand.type(f"{score}\n{opinion}\n")
            else:
                hand.press("down")
        hand.press("ctrl+a", "enter")  # everything else is accepted at once
        await hand.see(lambda: len(app.desk.session.marks) == 28)
        hand.press("ctrl+u", "down", "enter", "enter")
        screen = await hand.see(lambda: app.desk.session.stage == "已复核")
        assert "已复核" in screen
        diff = review_diff(app.desk.session, "department", app.desk.workspace.find)
        assert len(diff.changed) == 3
        assert not diff.unmarked
        assert (diff.own.total_text, diff.reviewed.total_text) == ("96.40", "95.90")
        assert diff.own.total + diff.net == diff.reviewed.total
        assert diff.net == Exact(-1, 2)  # +1 -0.5 -1
        assert scores(app.desk.scorecard) == own  # a review never touches the self score
        assert seal_holds(app.desk.session)


# --- 3: an error is found and cured ------------------------------------------------------------


async def test_an_error_is_found_in_the_list_and_cured_in_its_field(sample: Session) -> None:
    """年中调整数 is mistyped: 667.77 + 160.33 is not 838.10."""
    wrong = apply(sample, edit(sample, "department/inputs/年中调整数/value", "160.33"))

    def mistakes(app: PerfevalApp) -> list[int]:
        return [n for n, one in enumerate(app.desk.findings) if "160.33" in one.message]

    async with running(saved(wrong)) as (app, pilot):
        hand = Hand(app, pilot)
        hand.press("f7")
        assert "160.33" in await hand.see(lambda: mistakes(app))
        hand.press(*["down"] * mistakes(app)[0], "enter")
        await hand.see(lambda: isinstance(app.screen, WorkbenchScreen))
        form = app.screen.query_one(FieldForm)
        paths = [one.field.path for one in form.fields]
        here = form.focused_field
        assert here is not None
        steps = paths.index("department/inputs/年中调整数/value") - paths.index(here.field.path)
        assert abs(steps) <= 1
        hand.press(*["down"] * steps, *["up"] * -steps)
        hand.type("170.33\n")
        await hand.see(lambda: not mistakes(app))
        hand.press("f7")
        assert "160.33" not in await hand.see()
        assert app.desk.session.department == sample.department


# --- 5: a rule of the unit's own ---------------------------------------------------------------


async def test_points_and_a_rule_are_changed_on_screen_and_scored_by(sample: Session) -> None:
    """预算调整率 counts for less and loses by steps; 结转结余率 takes the point."""
    async with running(saved(sample)) as (app, pilot):
        hand = Hand(app, pilot)
        hand.press("ctrl+p")
        hand.type("ystzl\n")  # 预算调整率 by its initials
        await hand.see(lambda: getattr(app.screen, "place", "") == "department/answers/B3")
        hand.press("f3", "shift+home")
        hand.type("1")
        assert "指标合计 18 分" in await hand.see()
        hand.press("f6")
        hand.type("每偏离")
        hand.press("enter")
        hand.press("tab", "end", "shift+home")  # from 一步 to 每步扣
        hand.type("0.05")
        hand.press(*["shift+tab"] * 5, "down", "tab", "end", "shift+home")  # 结转结余率, its points
        hand.type("3")
        hand.press("f3")
        hand.type("新财绩〔2024〕1号\n")
        await hand.see(lambda: isinstance(app.screen, WorkbenchScreen))
        own = app.desk.set_of("department")
        assert own.id != "henan-department-2024"
        assert own.basis == "新财绩〔2024〕1号"
        result = app.desk.result("department")
        b3, b4 = (result.indicator(f"department/answers/{code}") for code in ("B3", "B4"))
        # 25.51% is 15 whole steps of 1% above 10%: 1 - 15 x 0.05
        assert (b3.points, b3.score) == (Exact(1), Exact(1, 4))
        assert (b4.points, b4.score) == (Exact(3), Exact(3))
        assert result.total_text == "97.65"  # 96.40 + 0.25 + 1
        assert find("henan-department-2024").indicator("B3").points == 2  # the shipped one stays


# --- 6: rows from a spreadsheet ----------------------------------------------------------------


async def test_thirty_rows_of_a_spreadsheet_are_pasted_and_taken_back_at_once(
    sample: Session,
) -> None:
    """Lines as a spreadsheet copies them: columns by tabs, a heading, a cell with a line break."""
    project = Project(set="mof-project-2020", name="科普活动")
    session = sample.model_copy(update={"projects": {"p1": project}, "project_order": ("p1",)})
    groups = ("数量指标", "质量指标", "时效指标", "社会效益指标", "可持续影响指标")
    lines = ["二级指标\t三级指标\t分值\t年度指标值\t实际完成值"]
    lines += [f'{groups[n % 5]}\t"第{n + 1}项\n工作"\t2.5\t≥{n + 1}场\t{n + 2}' for n in range(30)]
    async with running(saved(session)) as (app, pilot):
        hand = Hand(app, pilot)
        hand.press("f5", "enter", "f6")
        await hand.see(lambda: isinstance(app.screen, TableScreen))
        before = app.desk.session
        app.post_message(events.Paste("\r\n".join(lines)))
        assert "新增 30 行" in await hand.see(lambda: app.screen.is_modal)
        assert app.desk.session == before
        hand.press("enter")
        await hand.see(lambda: app.desk.session.projects["p1"].rows)
        rows = [row for _, row in app.desk.session.projects["p1"].in_stated_order().rows.items()]
        assert len(rows) == 30
        first = next(row for row in rows if row.name == "第1项 工作")
        assert (first.group, first.points, first.target, first.actual) == (
            "数量指标", "2.5", "≥1场", "2",
        )  # fmt: skip
        assert app.desk.result("projects/p1").tier("产出指标").score == Exact(45)  # 18 rows of 2.5
        hand.press("ctrl+z")
        await hand.see()
        assert app.desk.session == before
