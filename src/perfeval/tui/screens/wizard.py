"""The questions of 新建 and 提取上年数据, one at a time; Esc goes a question back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static, TextArea

from perfeval.tui.screens.dialogs import Ask, Choice, Confirm, Dialog, Pick

if TYPE_CHECKING:
    from typing import ClassVar

    from perfeval.settings import Settings
    from perfeval.store import Listing
    from perfeval.tui.app import PerfevalApp
    from perfeval.tui.shelf import Draft

NONE = ""
LATER, NAMES, EXCEL = "later", "names", "excel"


async def ask_who(app: PerfevalApp, settings: Settings) -> Settings | None:
    """Ask for name and office; None where the user would rather not say."""
    name = await app.push_screen_wait(
        Ask(
            "您是谁", help="姓名和科室记入修改记录，上报时署名。只问这一次，以后在设置里改。",
            placeholder="姓名", keys="Enter 下一步   Esc 以后再填",
        )
    )  # fmt: skip
    if not name:
        return None
    office = await app.push_screen_wait(
        Ask(f"您是谁 · {name}", help="所在科室，可以不填。", placeholder="科室")
    )
    return settings.model_copy(update={"name": name, "office": office or ""})


# --- 新建 ------------------------------------------------------------------------------------


async def ask_draft(
    app: PerfevalApp, unit: str, year: int, money_unit: Literal["元", "万元"]
) -> tuple[Draft | None, bool]:
    """Ask for what a new session needs; return it (None where the user left) and whether the
    figures are to come from Excel next.
    """
    from perfeval.tui.shelf import Draft, sets_for

    departments = await app.desk.run(lambda: sets_for("department"))
    projects = await app.desk.run(lambda: sets_for("project"))
    answers: dict[str, Any] = {"unit": unit, "year": str(year), "names": ()}
    questions: dict[str, Callable[[str], Dialog[Any]]] = {
        "unit": lambda title: _ask_unit(title, answers["unit"]),
        "year": lambda title: _ask_year(title, answers["year"]),
        "department": lambda title: _pick_set(
            title, departments, answers.get("department"), NO_DEPARTMENT
        ),
        "source": lambda title: _pick_source(title, answers.get("source")),
        "names": lambda title: Lines(title, NAMES_HELP, answers["names"]),
        "project_set": lambda title: _pick_set(title, projects, answers.get("project_set")),
        "sure": lambda title: _sure(title, answers, departments | projects, money_unit),
    }
    if len(projects) == 1:  # what has one answer is not asked
        del questions["project_set"]
        answers["project_set"] = next(iter(projects))
    if not await _ask_all(app, questions, answers):
        return None, False
    named = answers["source"] == NAMES
    draft = Draft(
        unit=answers["unit"],
        year=int(answers["year"]),
        money_unit=money_unit,
        department_set=answers["department"],
        project_set=answers["project_set"] if named else "",
        projects=tuple(answers["names"]) if named else (),
    )
    return draft, answers["source"] == EXCEL


async def _ask_all(
    app: PerfevalApp, questions: dict[str, Callable[[str], Dialog[Any]]], answers: dict[str, Any]
) -> bool:
    """Put the questions in turn; Esc goes one back, at the first one it leaves."""
    at = 0
    while at < len(order := _order(questions, answers)):
        title = f"新建自评任务 · 第 {at + 1} 步，共 {len(order)} 步"
        answer = await app.push_screen_wait(questions[order[at]](title))
        if answer is None or answer is False:
            if at == 0:
                return False
            at -= 1
            continue
        answers[order[at]] = answer
        at += 1
    return True


def _order(questions: Iterable[str], answers: dict[str, Any]) -> list[str]:
    """Return the questions that are to be asked: names and their set only where names come."""
    skipped = () if answers.get("source") == NAMES else ("names", "project_set")
    return [name for name in questions if name not in skipped]


def _ask_unit(title: str, unit: str) -> Ask:
    check = lambda text: "" if 0 < len(text) <= 200 else "请填单位名称"  # noqa: E731
    return Ask(
        title, unit, help="单位名称，照预算批复上的写：", check=check,
        keys="Enter 下一步   Esc 不建了",
    )  # fmt: skip


def _ask_year(title: str, year: str) -> Ask:
    return Ask(title, year, help="评价哪个年度：", check=wrong_year, keys=NEXT)


def wrong_year(text: str) -> str:
    """Return what is wrong with a year, or an empty text."""
    good = text.isascii() and text.isdigit() and 2000 <= int(text) <= 2100
    return "" if good else "年度请写四位数，在 2000 至 2100 之间，如 2024"


NEXT = "Enter 下一步   Esc 上一步"
NO_DEPARTMENT = Choice(NONE, "不做部门整体自评，只评项目")
NAMES_HELP = "每行一个项目名称，可以从表格软件整列粘贴："


def _pick_set(title: str, sets: dict[str, str], value: str | None, *more: Choice[str]) -> Pick[str]:
    choices = [*(Choice(one, name, one) for one, name in sets.items()), *more]
    about = "部门整体用哪套指标体系：" if more else "项目用哪套指标体系："
    return Pick(title, choices, help=about, value=value, keys=NEXT)


def _pick_source(title: str, value: str | None) -> Pick[str]:
    return Pick(
        title,
        [
            Choice(LATER, "以后再说", "先填部门整体；项目随时可以在“项目”里增加"),
            Choice(NAMES, "现在录入项目名称", "每行一个，可以整列粘贴"),
            Choice(EXCEL, "从 Excel 导入", "建好以后接着选文件"),
        ],
        help="项目从哪里来：", value=value, keys=NEXT,
    )  # fmt: skip


def _sure(title: str, answers: dict[str, Any], sets: dict[str, str], money_unit: str) -> Confirm:
    lines = [
        f"单位        {answers['unit']}",
        f"年度        {answers['year']}",
        f"部门整体    {sets.get(answers['department'], '不做')}",
    ]
    if answers["source"] == NAMES:
        lines.append(f"项目        {len(answers['names'])} 个，{sets[answers['project_set']]}")
    lines.append(f"金额单位    {money_unit}（在设置里改）")
    return Confirm(title, "\n".join(lines), yes="建立", no="上一步")


class Lines(Dialog[tuple[str, ...] | None]):
    """Several lines to type or paste; empty ones do not count."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n,f4", "take", "下一步", show=False, priority=True)
    ]

    def __init__(self, title: str, help: str, lines: Sequence[str] = ()) -> None:
        super().__init__(title, keys="F4 或 Ctrl+N 下一步   Esc 上一步")
        self.help_text, self.lines = help, lines

    def compose_body(self) -> ComposeResult:
        yield Static(self.help_text, classes="dialog-help", markup=False)
        yield TextArea("\n".join(self.lines), id="lines", tab_behavior="focus")
        yield Static("", classes="dialog-said", markup=False)

    @property
    def typed(self) -> tuple[str, ...]:
        """The lines, without the empty ones and what stands behind a tab."""
        rows = self.query_one(TextArea).text.splitlines()
        return tuple(name for row in rows if (name := row.split("\t")[0].strip()))

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.query_one(".dialog-said", Static).update(f"{len(self.typed)} 个" if self.typed else "")

    def action_take(self) -> None:
        """Take the lines, if there are any."""
        if not self.typed:
            self.query_one(".dialog-said", Static).update("还没有项目名称")
        elif long := [name for name in self.typed if len(name) > 200]:
            self.query_one(".dialog-said", Static).update(f"名称太长：{long[0][:30]}")
        else:
            self.dismiss(self.typed)


# --- 提取上年数据, 恢复 ------------------------------------------------------------------------


async def ask_last_year(
    app: PerfevalApp, found: Sequence[Listing], here: Listing | None
) -> tuple[str, int] | None:
    """Ask which session to carry on from and for which year."""
    pick = Pick(
        "提取上年数据", choices_of(found), help="从哪个任务带出指标、项目和目标（数不带）：",
        value=here.id if here else None, search=len(found) > 10,
    )  # fmt: skip
    if (last := await app.push_screen_wait(pick)) is None:
        return None
    year = next(one.year for one in found if one.id == last) + 1
    ask = Ask("提取上年数据", str(year), help="新任务是哪个年度：", check=wrong_year)
    asked = await app.push_screen_wait(ask)
    return None if asked is None else (last, int(asked))


def choices_of(found: Iterable[Listing]) -> list[Choice[str]]:
    """Return saved sessions to choose from."""
    return [
        Choice(one.id, f"{one.unit} {one.year} 年度", f"{one.stage}  {one.id}") for one in found
    ]
