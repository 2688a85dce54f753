"""Projects: one name each, and counts and coverage that agree (L30, L31)."""

from __future__ import annotations

from collections.abc import Iterator

from perfeval.checks.model import Level, Observation
from perfeval.checks.money import column_total
from perfeval.checks.registry import check
from perfeval.checks.subject import Evaluated, Subject, same_name, short
from perfeval.numbers import Exact, Figure, Interval, decimal_text
from perfeval.scoring.engine import context_of, score
from perfeval.scoring.scorecard import rate_text
from perfeval.session.change import join
from perfeval.session.model import InputValue

SEEN = "实际自评材料复核归纳"
ZERO = Exact(0)
COVERED, COVERAGE, PROJECT_SPENDING = "自评资金", "自评资金占项目支出比例", "项目支出决算"
COUNT = "自评项目数"
ALL_PROJECTS = "部门项目总数"
CLASSES = ("确定能", "有可能", "可能", "完全不可能", "不可能")
"""How monitoring sorts projects by whether they will reach their goals; each project once."""


@check(
    "L30",
    Level.WARNING,
    "项目名称一致",
    f"{SEEN}；只比较本次自评数据之内的名称",
    whole=True,
)
def one_name(subject: Subject) -> Iterator[Observation]:
    """A project has one name everywhere; dashes, quotes, spaces and width do not count."""
    codes: dict[str, str] = {}
    for key, project in subject.session.ordered_projects():
        for index, other in enumerate(project.also_named):
            if same_name(other) != same_name(project.name):
                yield Observation(
                    join("projects", key, "also_named"),
                    f"又写作“{other}”",
                    "请统一名称，以批复或项目库为准",
                    short(project.name),
                    other,
                    project.name,
                    repeat="项目名称前后不一致",
                    also=(join("projects", key, "name"),) if index == 0 else (),
                )
        if project.code and (first := codes.setdefault(project.code, project.name)) != project.name:
            yield Observation(
                join("projects", key, "code"),
                f"项目编码 {project.code} 与“{short(first)}”相同",
                "请核对编码",
                short(project.name),
                project.code,
                repeat="项目编码重复",
            )


def _no_counts(subject: Subject) -> str:
    named = (COVERED, COVERAGE, COUNT)
    classes = any(_is_class(name) for name in subject.session.statements)
    if classes or any(subject.session.statement(name).value is not None for name in named):
        return ""
    return f"没有填写{COVERED}、{COUNT}等数"


def _is_class(name: str) -> bool:
    return name.startswith(CLASSES) and name.endswith("项目数")


@check("L31", Level.ERROR, "自评覆盖和项目数", SEEN, needs=_no_counts, whole=True)
def coverage_and_counts(subject: Subject) -> Iterator[Observation]:
    """Coverage is a true share of the spending; every project is counted once."""
    yield from _coverage(subject)
    yield from _covered_money(subject)
    yield from _classes(subject)
    yield from _counts(subject)


def _money(subject: Subject, name: str) -> Figure:
    return subject.session.statement(name).in_unit(subject.session.money_unit)


def _coverage(subject: Subject) -> Iterator[Observation]:
    covered, spent = _money(subject, COVERED), _money(subject, PROJECT_SPENDING)
    printed = subject.session.statement(COVERAGE).in_unit("%")
    if covered.value is None or spent.value is None or spent.value <= 0:
        return
    rate = covered.value / spent.value
    path = join("statements", COVERAGE)
    if printed.value is not None and not printed.interval.meets(covered.interval / spent.interval):
        shown = rate_text(rate)
        yield Observation(
            path,
            f"自评资金占比填报 {printed.raw}，{covered.raw}÷{spent.raw} 为 {shown}",
            "请改正比例或两数",
            claimed=printed.raw,
            expected=shown,
        )
    if rate <= 1:
        return
    what = f"自评资金 {covered.raw} 为项目支出 {spent.raw} 的 {rate_text(rate)}，超过 100%"
    expected = "≤100%"
    if alike := column_total(subject, "executed"):
        paid = (alike.low + alike.high) / 2
        if paid < covered.value:
            like = rate_text(paid / spent.value)
            paid_text = decimal_text(paid, max(0, covered.places))
            budget = column_total(subject, "budget")
            why = "自评资金是预算数，" if budget and budget.meets(covered.interval) else ""
            what += f"；{why}同口径的项目执行数 {paid_text} 为 {like}"
            expected = like
    yield Observation(
        path,
        what,
        "请改用同口径的数或说明",
        claimed=printed.raw or rate_text(rate),
        expected=expected,
        level=Level.WARNING,
        also=(join("statements", COVERED),),
    )


def _covered_money(subject: Subject) -> Iterator[Observation]:
    """自评资金 is the sum of the projects' budgets (or of what they spent)."""
    covered = _money(subject, COVERED)
    if covered.value is None:
        return
    sums = [column_total(subject, column) for column in ("budget", "executed")]
    known: list[Interval] = [one for one in sums if one is not None]
    if not known or any(covered.interval.meets(one) for one in known):
        return
    budget = decimal_text((known[0].low + known[0].high) / 2, max(0, covered.places))
    yield Observation(
        join("statements", COVERED),
        f"自评资金 {covered.raw}，项目清单全年预算数合计 {budget}",
        "请核对项目清单或说明口径",
        claimed=covered.raw,
        expected=budget,
        level=Level.WARNING,
    )


def _classes(subject: Subject) -> Iterator[Observation]:
    session = subject.session
    parts = {
        name: value
        for name in session.statements
        if _is_class(name) and (value := session.statement(name).value) is not None
    }
    count = session.statement(COUNT).value
    if len(parts) < 2:
        return
    if count is None:
        count = Exact(len(list(session.evaluated_projects())))
    added = sum(parts.values(), ZERO)
    if added == count or not count:
        return
    listed = "＋".join(decimal_text(value) for value in parts.values())
    whole = decimal_text(count)
    yield Observation(
        join("statements", next(iter(parts))),
        f"按目标实现可能性分的项目数 {listed}＝{decimal_text(added)}，项目共 {whole} 个",
        "每个项目只归一类，请改正",
        claimed=decimal_text(added),
        expected=whole,
        also=tuple(join("statements", name) for name in list(parts)[1:]),
    )


def _effect(subject: Subject, department: Evaluated, projects: int) -> str:
    """Return what the other count would do to the total, where there is one."""
    evaluation = department.evaluation
    inputs = evaluation.inputs | {ALL_PROJECTS: InputValue(value=str(projects))}
    changed = evaluation.model_copy(update={"inputs": inputs})
    context = context_of(subject.session, department.path)
    result = score(changed, subject.find(evaluation.set), context)
    if not result.complete or result.total == department.result.total:
        return ""
    return f"；按 {projects} 个计，总分由 {department.result.total_text} 变为 {result.total_text}"


def _counts(subject: Subject) -> Iterator[Observation]:
    session = subject.session
    listed = len(session.projects)
    evaluated = sum(not project.excluded for project in session.projects.values())
    stated = session.statement(COUNT)
    if stated.value is not None and listed and stated.value != evaluated:
        yield Observation(
            join("statements", COUNT),
            f"自评项目数 {stated.raw}，项目清单参加自评的 {evaluated} 个",
            "请核对项目清单",
            claimed=stated.raw,
            expected=str(evaluated),
            level=Level.WARNING,
        )
    department = subject.department
    if department is None or not listed:
        return
    total = department.money(ALL_PROJECTS)
    if total.value is None or total.value == listed:
        return
    without = total.value == evaluated
    what = f"部门项目总数 {total.raw}，项目清单 {listed} 个"
    if listed > evaluated:
        what += f"（含不参加自评的 {listed - evaluated} 个）"
    if without:
        what += _effect(subject, department, listed)
    yield Observation(
        department.input_path(ALL_PROJECTS),
        what,
        "请核对总数是否应含未实施的项目" if without else "请核对总数或项目清单",
        claimed=total.raw,
        expected=str(listed),
        assumption="按部门项目总数含不参加自评的项目理解" if without else "",
        level=Level.NOTICE if without else Level.WARNING,
    )
