"""Money: sources, identities, spending against budget and final accounts
(L06, L14 – L17, L26, L27, L38).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile

from perfeval.checks.model import Level, Observation
from perfeval.checks.registry import check
from perfeval.checks.subject import (
    COLUMNS,
    Column,
    Evaluated,
    Subject,
    Unbounded,
    interval_of,
    is_total,
    ordered_funds,
    short,
)
from perfeval.checks.subject import total as sum_of
from perfeval.indicators.formula import Compare, Name, Node
from perfeval.indicators.model import Identity
from perfeval.numbers import Exact, Figure, Interval, decimal_text, dimension, figure
from perfeval.scoring.scorecard import rate_text
from perfeval.session.change import join
from perfeval.session.model import Fund, Project

SYSTEM = "一体化系统公开的审核口径"
ACCOUNTS = "公开的决算审核规则"
SEEN = "实际自评材料复核归纳"
ZERO = Exact(0)
SPENT, BUDGET = "全年执行数", "全年预算数"
FINAL_SPENDING = "决算支出"


def _text(value: Exact, *like: Figure) -> str:
    return decimal_text(value, max([0, *(read.places for read in like)]))


# --- budget and spending ---------------------------------------------------------------------


@check("L06", Level.ERROR, "全年预算数不为 0", f"{SYSTEM}：全年预算数为 0 不能计算执行率")
def budget_not_zero(subject: Subject) -> Iterator[Observation]:
    """A budget entered as 0 leaves 执行率 without meaning; an empty one is 未填."""
    for evaluated in subject.evaluated:
        if evaluated.execution is not None and evaluated.money(BUDGET).value == 0:
            yield Observation(
                evaluated.input_path(BUDGET),
                "全年预算数为 0，不能计算预算执行率",
                "请核对预算数；没有预算的请列为不参加自评并写明原因",
                evaluated.name,
                evaluated.money(BUDGET).raw,
                repeat="全年预算数为 0",
            )


@check("L38", Level.ERROR, "全年执行数不大于全年预算数", "预算约束：执行数不得超过调整后预算")
def spending_within_budget(subject: Subject) -> Iterator[Observation]:
    """In no row of money is more spent than the (adjusted) budget."""
    unit = subject.session.money_unit
    for key, project in subject.session.ordered_projects():
        for fund_key, fund in project.funds.items():
            budget, spent = figure(fund.budget).in_unit(unit), figure(fund.executed).in_unit(unit)
            path = join("projects", key, "funds", fund_key, "executed")
            name = short(project.name)
            label = name if len(project.funds) == 1 else f"{name}·{fund.source}"
            yield from _overspent(path, label, budget, spent)
    for one in subject.evaluated:
        if one.project is None or {BUDGET, SPENT} & one.evaluation.inputs.keys():
            budget, spent = one.money(BUDGET), one.money(SPENT)
            yield from _overspent(one.input_path(SPENT), one.name, budget, spent)


def _overspent(path: str, label: str, budget: Figure, spent: Figure) -> Iterator[Observation]:
    if budget.value is None or spent.value is None or spent.value <= budget.value:
        return
    yield Observation(
        path,
        f"全年执行数 {spent.raw or _text(spent.value, spent)} 大于全年预算数 "
        f"{budget.raw or _text(budget.value, budget)}",
        "请核对两数，或将追加的预算计入全年预算数",
        label,
        spent.raw or _text(spent.value, spent),
        f"≤{budget.raw or _text(budget.value, budget)}",
        repeat="全年执行数大于全年预算数",
    )


@check("L14", Level.WARNING, "未支出比例", f"{SYSTEM}（黄色提醒）", threshold="未支出比例")
def unspent(subject: Subject) -> Iterator[Observation]:
    """More of the budget than the set's threshold is left unspent, and nobody says why."""
    for one in subject.evaluated:
        setting, budget, spent = one.setting("未支出比例"), one.money(BUDGET), one.money(SPENT)
        if setting is None or not budget.value or spent.value is None or budget.value < 0:
            continue
        share = 1 - spent.value / budget.value
        assert setting.value is not None
        reason = one.reason(one.execution.item if one.execution else None)
        if share <= setting.value or reason:
            continue
        limit = rate_text(setting.value, trim=True)
        yield Observation(
            one.input_path(SPENT),
            f"全年预算数 {_text(budget.value, budget)}，未支出 {rate_text(share)}，超过 {limit}",
            "请写明原因",
            one.name,
            rate_text(share),
            f"≤{limit}",
            "" if setting.evidence.trusted else f"{limit} 的界限{setting.evidence.label}",
            None if setting.evidence.trusted else Level.NOTICE,
            f"未支出超过 {limit}",
        )


@check(
    "L15",
    Level.WARNING,
    "预算调整率较高须说明",
    f"{SYSTEM}；{ACCOUNTS}",
    threshold="预算调整率须说明",
)
def adjustment_explained(subject: Subject) -> Iterator[Observation]:
    """预算调整率 beyond the set's threshold has an explanation."""
    for evaluated, row in subject.rows:
        if row.name != "预算调整率" or row.value is None:
            continue
        if (setting := evaluated.setting("预算调整率须说明")) is None:
            continue
        assert setting.value is not None
        if abs(row.value) <= setting.value or evaluated.reason(row.item):
            continue
        limit = rate_text(setting.value, trim=True)
        yield Observation(
            f"{row.path}/deviation_reason",
            f"预算调整率 {row.value_text}，超过 {limit}，没有说明原因",
            "请说明调整原因，并附批复文号",
            evaluated.label(row.item),
            row.value_text,
            f"≤{limit}",
            "" if setting.evidence.trusted else f"{limit} 的界限{setting.evidence.label}",
            None if setting.evidence.trusted else Level.NOTICE,
        )


@check("L16", Level.WARNING, "“三公”经费决算不超过预算", ACCOUNTS)
def three_public_expenses(subject: Subject) -> Iterator[Observation]:
    """“三公”经费 spent stay within their budget."""
    for one in subject.evaluated:
        names = [name for name in one.result.inputs if "三公" in name]
        spent = next((name for name in names if "支出" in name or "决算" in name), None)
        budget = next((name for name in names if "预算" in name and name != spent), None)
        if spent is None or budget is None:
            continue
        paid, granted = one.money(spent), one.money(budget)
        if paid.value is None or granted.value is None or paid.value <= granted.value:
            continue
        near = paid.interval.meets(granted.interval)
        yield Observation(
            one.input_path(spent),
            f"“三公”经费支出 {paid.raw} 大于预算 {granted.raw}",
            "请核对两数，确有超支的请说明原因",
            claimed=paid.raw,
            expected=f"≤{granted.raw}",
            assumption="差额在所填数字的尾差范围内" if near else "",
            level=Level.NOTICE if near else None,
        )


# --- sources ---------------------------------------------------------------------------------


@check("L17", Level.ERROR, "资金总额等于各来源之和", "公开的绩效指标审核规则")
def sources_add_up(subject: Subject) -> Iterator[Observation]:
    """年度资金总额 is the sum of its sources; each printed figure brings its own 尾差.

    Whether a 其中 row is a source or only details one is left open where the form leaves it
    open; and a list that does not claim to be whole may fall short of the total.
    """
    unit = subject.session.money_unit
    for key, project in subject.session.ordered_projects():
        for total_key, whole, readings in _sources(project):
            for column, name in COLUMNS.items():
                printed = figure(getattr(whole, column)).in_unit(unit)
                if printed.value is None:
                    continue
                columns = [
                    [figure(getattr(fund, column)).in_unit(unit) for fund in parts]
                    for parts in readings
                ]
                if _partial(printed, columns[0]) or any(_adds_up(printed, c) for c in columns):
                    continue
                known = [read for read in columns[0] if read.value is not None]
                added = _text(sum((read.value or ZERO for read in known), ZERO), printed, *known)
                yield Observation(
                    join("projects", key, "funds", total_key, column),
                    f"{name}总额 {printed.raw}，各来源相加为 {added}",
                    "请改正总额或各来源金额",
                    short(project.name),
                    printed.raw,
                    added,
                    repeat="资金总额不等于各来源之和",
                )


def _sources(project: Project) -> Iterator[tuple[str, Fund, list[list[Fund]]]]:
    """Yield the total row and the ways to read which other rows are its sources.

    The national form prints 其中：当年财政拨款 as the first source, right below the total; a 其中
    row further down details the row above it.
    """
    rows = ordered_funds(project)
    at = next((n for n, (_, fund) in enumerate(rows) if is_total(fund)), None)
    if at is None:
        return
    below = [fund for _, fund in rows[at + 1 :] if not is_total(fund)]
    others = [fund for _, fund in rows[:at] if not fund.says_part]
    run = list(takewhile(lambda fund: fund.says_part, below))
    others += [fund for fund in below if not fund.says_part]
    # Of several 其中 rows in a run, all may be sources or only the first.
    readings = [parts for parts in (run + others, run[:1] + others, others) if parts]
    if readings:
        yield (*rows[at], readings)


def _adds_up(printed: Figure, parts: list[Figure]) -> bool:
    known = [part.interval for part in parts if part.value is not None]
    return printed.interval.meets(sum_of(known))


def _partial(printed: Figure, parts: list[Figure]) -> bool:
    """Whether the list of sources is visibly only a part: one row, a blank one, or all 0.

    Sources above the total cannot be a part of it.
    """
    known = [part for part in parts if part.value is not None]
    part = len(known) < max(2, len(parts)) or not any(one.value for one in known)
    below = sum_of([one.interval for one in known]).high < printed.interval.low
    return part and (below or not known)


# --- identities ------------------------------------------------------------------------------


@check("L26", Level.ERROR, "基础数据勾稽", "指标体系规定的勾稽关系，如 年初＋调整＝全年")
def identities(subject: Subject) -> Iterator[Observation]:
    """The set's equations hold for the figures entered, and again with each printed one put in."""
    for one in subject.evaluated:
        told: set[str] = set()
        for identity in one.result.set.identities:
            yield from _identity(subject, one, identity)
        for identity in one.result.set.identities:
            for name in identity.formula.names:
                if name not in told and (seen := _claimed_identity(one, identity, name)):
                    told.add(name)
                    yield seen
        for name in one.result.set.inputs:
            if name not in told:
                yield from _two_values(one, name)


def _sides(identity: Identity) -> tuple[Node, Node] | None:
    node = identity.formula.node
    return (node.left, node.right) if isinstance(node, Compare) else None


def _hold(
    one: Evaluated, identity: Identity, put_in: Mapping[str, Interval]
) -> tuple[bool, Exact, Exact] | None:
    """Return whether both sides meet, and each side's value; None while something is missing."""
    sides = _sides(identity)
    if sides is None:
        return None

    def look(name: str) -> Interval | None:
        return put_in.get(name) or one.input_interval(name)

    try:
        left, right = (interval_of(side, look) for side in sides)
    except Unbounded:
        return None
    return left.meets(right), _middle(left), _middle(right)


def _middle(values: Interval) -> Exact:
    """Return the printed value an interval stands around."""
    return (values.low + values.high) / 2


def _level(identity: Identity) -> tuple[Level, str]:
    """An equation that is only proposed accuses nobody."""
    if not identity.evidence.trusted:
        return Level.NOTICE, f"勾稽关系“{identity.formula.text()}”{identity.evidence.label}"
    return Level(identity.level), ""


def _identity(subject: Subject, one: Evaluated, identity: Identity) -> Iterator[Observation]:
    held = _hold(one, identity, {})
    if held is None or held[0]:
        return
    _, left, right = held
    level, assumption = _level(identity)
    sides = _sides(identity)
    assert sides is not None
    names = identity.formula.names
    figures = [one.money(name) for name in names]
    asked = next(node.name for node in sides[1].walk() if isinstance(node, Name))
    expected = _text(left, *figures)
    claimed = one.money(asked).raw if isinstance(sides[1], Name) else decimal_text(right)
    what = f"{_named(one, sides[0])}＝{expected}，而{_named(one, sides[1])}"
    if other := _by_final_accounts(subject, one, identity, figures):
        what += f"；{other}"
    yield Observation(
        one.input_path(asked),
        what,
        identity.ask or "请核对各数",
        one.name if one.project else "",
        claimed,
        expected,
        assumption,
        level,
        "基础数据勾稽不符",
        tuple(one.input_path(name) for name in names if name != asked),
    )


def _named(one: Evaluated, side: Node) -> str:
    """Print a side with names and numbers: 年初预算数 667.77＋年中调整数 170.33."""

    def name(text: str) -> str:
        read = one.result.inputs.get(text)
        value = read.value if read else one.result.values.get(text)
        return f"{text} {decimal_text(value)}" if value is not None else text

    return side.text(name).replace("+", "＋").replace("-", "－")


def _by_final_accounts(
    subject: Subject, one: Evaluated, identity: Identity, figures: list[Figure]
) -> str:
    """Return what the equation gives with 决算支出 in place of 全年执行数, where they differ."""
    final = subject.session.statement(FINAL_SPENDING).in_unit(subject.session.money_unit)
    own = one.money(SPENT)
    if one.project or SPENT not in identity.formula.names or final.value in (None, own.value):
        return ""
    held = _hold(one, identity, {SPENT: final.interval})
    return f"按{FINAL_SPENDING} {final.raw} 为 {_text(held[1], final, *figures)}" if held else ""


def _claimed_input(one: Evaluated, name: str) -> tuple[str, Figure] | None:
    """Return the path and figure of a printed input that is another number than the entered one."""
    text = one.claim("inputs", name) or one.claim("inputs", name, "value")
    definition = one.result.set.inputs.get(name)
    if not text or definition is None:
        return None
    money = dimension(definition.unit) == "money"
    read = figure(text).in_unit(one.session.money_unit if money else definition.unit)
    entered = one.input_interval(name)
    if read.value is None or entered is None or read.interval.meets(entered):
        return None
    return f"{one.path}/{join('inputs', name)}", read


def _claimed_identity(one: Evaluated, identity: Identity, name: str) -> Observation | None:
    """Put a printed figure into an equation that holds for the entered ones."""
    sides, claimed = _sides(identity), _claimed_input(one, name)
    if sides is None or claimed is None:
        return None
    path, read = claimed
    held, entered = _hold(one, identity, {name: read.interval}), _hold(one, identity, {})
    if held is None or held[0] or entered is None or not entered[0]:
        return None
    _, left, right = held
    figures = [one.money(other) for other in identity.formula.names]
    level, assumption = _level(identity)
    alone = next((side for side in sides if isinstance(side, Name) and side.name == name), None)
    other = sides[0] if alone is sides[1] else sides[1]
    if alone is not None:
        expected = _text(left if alone is sides[1] else right, read, *figures)
        what = f"{name}填报 {read.raw}，{_named(one, other)}＝{expected}"
    else:
        value = one.money(name).value
        expected = _text(value, read, *figures) if value is not None else ""
        what = f"{name}填报 {read.raw}，与“{identity.formula.text()}”不合，应为 {expected}"
    return Observation(
        path,
        what,
        "请改正填报数，各处保持一致",
        one.name if one.project else "",
        read.raw,
        expected,
        assumption,
        level,
        "填报的基础数据勾稽不符",
    )


def _two_values(one: Evaluated, name: str) -> Iterator[Observation]:
    if claimed := _claimed_input(one, name):
        path, read = claimed
        entered = one.money(name).raw
        yield Observation(
            path,
            f"{name}填报 {read.raw}，基础数据为 {entered}",
            "请核对并统一",
            one.name if one.project else "",
            read.raw,
            entered,
            level=Level.WARNING,
            repeat="填报数与基础数据不一致",
        )


# --- final accounts --------------------------------------------------------------------------


def _no_statements(*names: str) -> str:
    return f"没有填写{'、'.join(names)}"


@check(
    "L27",
    Level.WARNING,
    "自评执行数与决算数一致",
    SEEN,
    needs=lambda subject: (
        ""
        if subject.session.statement(FINAL_SPENDING).value is not None
        else _no_statements(FINAL_SPENDING)
    ),
    whole=True,
)
def final_accounts(subject: Subject) -> Iterator[Observation]:
    """Spending in the self-evaluation is that of the 决算; the 决算's two parts make its whole."""
    session, unit = subject.session, subject.session.money_unit
    final = session.statement(FINAL_SPENDING).in_unit(unit)
    department = subject.department
    if department is not None and final.value is not None:
        own, spent = department.money(SPENT), department.input_interval(SPENT)
        if own.value is not None and spent is not None and not final.interval.meets(spent):
            gap = _text(abs(own.value - final.value), own, final)
            yield Observation(
                department.input_path(SPENT),
                f"全年执行数 {own.raw}，决算支出 {final.raw}，相差 {gap}",
                "请核对口径和取数日期，两数不同的请说明",
                claimed=own.raw,
                expected=final.raw,
                also=("statements/决算支出",),
            )
    parts = [session.statement(name).in_unit(unit) for name in ("基本支出决算", "项目支出决算")]
    known = [part.interval for part in parts if part.value is not None]
    if final.value is not None and len(known) == 2 and not final.interval.meets(sum_of(known)):
        added = _text(sum((part.value or ZERO for part in parts), ZERO), *parts)
        yield Observation(
            "statements/决算支出",
            f"决算支出 {final.raw}，基本支出与项目支出相加为 {added}",
            "请核对；另有经营支出等的请说明",
            claimed=final.raw,
            expected=added,
        )
    yield from _project_spending(subject, parts[1])


def _project_spending(subject: Subject, final: Figure) -> Iterator[Observation]:
    """The projects together spent no more than the 决算 shows for projects."""
    if final.value is None:
        return
    spent = column_total(subject, "executed")
    if spent is None or spent.low <= final.interval.high:
        return
    added = decimal_text(_middle(spent))
    yield Observation(
        "statements/项目支出决算",
        f"各项目全年执行数合计 {added}，大于项目支出决算 {final.raw}",
        "请核对口径，两数不同的请说明",
        claimed=added,
        expected=f"≤{final.raw}",
    )


def column_total(subject: Subject, column: Column) -> Interval | None:
    """Return the sum of a money column over the projects that take part."""
    projects = subject.session.evaluated_projects()
    parts = [subject.fund_interval(key, project, column) for key, project in projects]
    known = [part for part in parts if part is not None]
    return sum_of(known) if known else None
