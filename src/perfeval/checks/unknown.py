"""Names the indicator set does not know: nothing typed is silently left out (L40, L41)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches

from perfeval.checks.claimed import unplaced
from perfeval.checks.model import Level, Observation
from perfeval.checks.money import FINAL_SPENDING
from perfeval.checks.projects import ALL_PROJECTS, COUNT, COVERAGE, COVERED, PROJECT_SPENDING
from perfeval.checks.registry import beside, check
from perfeval.checks.subject import Evaluated, Subject, is_filled, short
from perfeval.errors import nearest
from perfeval.indicators.model import IndicatorSet
from perfeval.indicators.rules import RuleBase
from perfeval.session.change import PathError, join, read
from perfeval.session.model import Session

FORM = "指标体系和自评数据的名称对照"
SCOPES = {"department": "部门整体", "project": "项目"}


@check("L41", Level.ERROR, "指标体系与评价对象相符", FORM)
def right_scope(subject: Subject) -> Iterator[Observation]:
    """A project is scored by a set for projects, the department by one for departments."""
    for evaluated in subject.evaluated:
        one = evaluated.result.set
        if not _misplaced(evaluated):
            continue
        wanted = "department" if evaluated.project is None else "project"
        yield Observation(
            f"{evaluated.path}/set",
            f"用了{SCOPES[one.scope]}的指标体系“{one.title}”",
            f"请选用{SCOPES[wanted]}的指标体系",
            evaluated.name,
            one.id,
            repeat=f"用了{SCOPES[one.scope]}的指标体系“{one.title}”",
        )


def _misplaced(evaluated: Evaluated) -> bool:
    return (evaluated.project is None) is (evaluated.result.set.scope == "project")


@check("L40", Level.ERROR, "名称在指标体系中", FORM)
def known_names(subject: Subject) -> Iterator[Observation]:
    """A figure under a name the set does not know counts nowhere; a typo must not hide it."""
    for evaluated in subject.evaluated:
        if not _misplaced(evaluated):  # L41
            yield from _inputs(evaluated)
            yield from _answers(evaluated)
            yield from _groups(evaluated)
            yield from _rates(evaluated)
            order, rows = evaluated.evaluation.row_order, evaluated.evaluation.rows
            yield from _order(f"{evaluated.path}/row_order", order, rows, evaluated.name)
    session = subject.session
    for key, project in session.ordered_projects():
        path = join("projects", key, "fund_order")
        yield from _order(path, project.fund_order, project.funds, short(project.name))
    yield from _assumed(session)
    yield from _claimed(subject)


@beside("L40")
def known_names_beside(subject: Subject) -> Iterator[Observation]:
    """The same of what belongs to no evaluation, or points into one."""
    session = subject.session
    yield from _order("project_order", session.project_order, session.projects, "")
    yield from _assumed(session)
    yield from _claimed(subject)
    yield from _statements(session)
    yield from _pointing(subject)


def _unknown(
    path: str, name: str, known: Iterable[str], what: str, *, label: str = "", repeat: str = ""
) -> Observation:
    """Return a finding that a figure counts nowhere, with the nearest known name."""
    cure = nearest(name, known) or "请改正名称或删去"
    return Observation(path, what, cure, label, name, repeat=repeat)


def _misplaced_entry(
    path: str, name: str, known: Iterable[str], what: str, *, label: str = "", repeat: str = ""
) -> Observation:
    """Return a finding that an entry beside the figures belongs to nothing."""
    seen = _unknown(path, name, known, what, label=label, repeat=repeat)
    return replace(seen, level=Level.WARNING)


def _inputs(evaluated: Evaluated) -> Iterator[Observation]:
    known = evaluated.result.set.inputs
    for name, entered in evaluated.evaluation.inputs.items():
        if name not in known:
            text = f"，所填 {entered.value} 没有计入" if is_filled(entered.value) else ""
            yield _unknown(
                f"{evaluated.path}/{join('inputs', name)}",
                name,
                known,
                f"基础数据“{name}”不在指标体系中{text}",
                label=evaluated.name if evaluated.project else "",
                repeat="基础数据的名称不在指标体系中",
            )


def _answers(evaluated: Evaluated) -> Iterator[Observation]:
    """Codes the set does not have, and elements an indicator's rule does not ask for."""
    path, label = evaluated.path, evaluated.name if evaluated.project else ""
    known = {one.code: one for one in evaluated.result.set.all_indicators()}
    for code, answer in evaluated.evaluation.answers.items():
        at = f"{path}/{join('answers', code)}"
        if code not in known:
            what = f"指标代号“{code}”不在指标体系中，所填没有计入"
            repeat = "指标代号不在指标体系中"
            yield _unknown(at, code, known, what, label=label, repeat=repeat)
            continue
        one = known[code]
        rules: list[RuleBase] = [one.rule]
        rules += (other.rule for other in one.alternatives if other.rule)
        yield from _elements(at, label, one.name, answer.elements, rules)
    for row in evaluated.rows:
        if row.item.own and row.item.answer is not None:
            rules = [row.item.rule, *(rule for _, rule, _ in row.item.alternatives)]
            yield from _elements(row.path, label, row.name, row.item.answer.elements, rules)


def _elements(
    path: str, label: str, name: str, elements: Iterable[str], rules: Iterable[RuleBase]
) -> Iterator[Observation]:
    known = [element for rule in rules for element in rule.element_names()]
    for element in elements:
        if element not in known:
            yield _unknown(
                f"{path}/{join('elements', element)}",
                element,
                known,
                f"要素“{element}”不是本指标的要素，没有计入",
                label=f"{label}·{name}" if label else name,
                repeat="要素不在指标体系中",
            )


def _groups(evaluated: Evaluated) -> Iterator[Observation]:
    """Rows of the unit's own under a 二级 that is not there, takes none, or has no points."""
    one = evaluated.result.set
    open_groups = {
        group.name: tier.name for tier in one.tiers for group in tier.groups if group.own
    }
    counted = {tier.name for tier in evaluated.result.tiers}
    for key, row in evaluated.evaluation.rows.items():
        tier, name = open_groups.get(row.group), f"“{row.name or key}”"
        at = f"{evaluated.path}/{join('rows', key, 'group')}"
        label = evaluated.name if evaluated.project else ""
        if tier is None:
            why = "不能个性指标" if _has_group(one, row.group) else "不在指标体系中"
            what = f"二级指标“{row.group}”{why}，指标{name}没有计入"
            repeat = "个性指标的二级指标不在指标体系中"
            yield _unknown(at, row.group, open_groups, what, label=label, repeat=repeat)
        elif tier not in counted:
            yield Observation(
                at,
                f"“{tier}”在所用权重方案中没有分值，指标{name}没有计入",
                "请选用有该一级指标的权重方案，或改放其他二级指标",
                label,
                row.group,
                level=Level.WARNING,
                repeat=f"“{tier}”在所用权重方案中没有分值",
            )


def _has_group(one: IndicatorSet, name: str) -> bool:
    return any(group.name == name for tier in one.tiers for group in tier.groups)


def _rates(evaluated: Evaluated) -> Iterator[Observation]:
    project = evaluated.project
    known = [tier.name for tier in evaluated.result.set.tiers]
    counted = {tier.name for tier in evaluated.result.tiers}
    for name, rate in project.tier_rates.items() if project else ():
        at = f"{evaluated.path}/{join('tier_rates', name)}"
        if name not in known:
            what = f"一级指标“{name}”不在指标体系中，得分率 {rate} 没有计入"
            repeat = "得分率的一级指标不在指标体系中"
            yield _unknown(at, name, known, what, label=evaluated.name, repeat=repeat)
        elif name not in counted and is_filled(rate):
            yield Observation(
                at,
                f"“{name}”在所用权重方案中没有分值，得分率 {rate} 没有计入",
                "请核对权重方案",
                evaluated.name,
                rate,
                level=Level.WARNING,
                repeat=f"“{name}”在所用权重方案中没有分值",
            )


def _order(
    path: str, order: Iterable[str], known: Collection[str], label: str
) -> Iterator[Observation]:
    for key in order:
        if key not in known:
            what = f"排列顺序中的“{key}”没有对应的行"
            repeat = "排列顺序中有没有对应行的名称"
            yield _misplaced_entry(path, key, known, what, label=label, repeat=repeat)


def _assumed(session: Session) -> Iterator[Observation]:
    """A 拟定 mark belongs to a value; elsewhere it softens nothing."""
    for path in session.assumed:
        if not _leads_somewhere(session, path):
            what = f"“拟定”标在没有填写的位置“{path}”"
            near = _neighbours(session, path)
            repeat = "“拟定”标在没有填写的位置"
            yield _misplaced_entry(join("assumed", path), path, near, what, repeat=repeat)


def _leads_somewhere(session: Session, path: str) -> bool:
    try:
        return read(session, path) is not None
    except PathError:
        return False


def _neighbours(session: Session, path: str) -> list[str]:
    """Return the paths beside one that leads nowhere, for the nearest of them."""
    above, name = path, ""
    while "/" in above:
        above, _, segment = above.rpartition("/")
        name = f"/{segment}{name}"
        if _leads_somewhere(session, above):
            here = read(session, above)
            rest = name[1:].partition("/")[2]
            tail = f"/{rest}" if rest else ""
            return [f"{above}/{join(key)}{tail}" for key in here] if isinstance(here, dict) else []
    return []


STATED = (
    FINAL_SPENDING, "基本支出决算", PROJECT_SPENDING, COVERED, COVERAGE, COUNT, ALL_PROJECTS,
)  # fmt: skip
"""The 表外数字 that checks and documents look for by name."""


def _statements(session: Session) -> Iterator[Observation]:
    """表外数字 may be called anything; one that is a slip away from a known name is not used."""
    missing = [name for name in STATED if name not in session.statements]
    for name, stated in session.statements.items():
        if name not in STATED and get_close_matches(name, missing, n=1, cutoff=0.75):
            what = f"表外数字“{name}”（{stated.value}）没有用到"
            repeat = "表外数字的名称不认识"
            yield _misplaced_entry(join("statements", name), name, missing, what, repeat=repeat)


def _pointing(subject: Subject) -> Iterator[Observation]:
    """核实说明 and 佐证材料 of an indicator, a row or a project that is not there."""
    session = subject.session
    if not session.waivers and not session.evidence:
        return
    known = {one.path: set(_things(one)) for one in subject.evaluated}
    excluded = [join("projects", key) for key, one in session.projects.items() if one.excluded]
    for waiver in session.waivers:
        if (near := _astray(waiver.path, known, excluded)) is not None:
            what = f"核实说明（{waiver.check}）所指的“{waiver.path}”没有这一项"
            repeat = "核实说明所指的没有这一项"
            yield _misplaced_entry("waivers", waiver.path, near, what, repeat=repeat)
    for key, one in session.evidence.items():
        for path in one.paths:
            if (near := _astray(path, known, excluded)) is not None:
                what = f"佐证材料 {one.number} {one.name} 附在“{path}”，没有这一项"
                repeat = "佐证材料附在没有的项上"
                at = join("evidence", key, "paths")
                yield _misplaced_entry(at, path, near, what, repeat=repeat)


def _things(evaluated: Evaluated) -> Iterator[str]:
    """Yield the path of everything in an evaluation that something can be said about."""
    path, form, evaluation = evaluated.path, evaluated.result.set, evaluated.evaluation
    kinds: dict[str, Iterable[str]] = {
        "inputs": [*form.inputs, *evaluation.inputs],
        "answers": [*(one.code for one in form.all_indicators()), *evaluation.answers],
        "rows": evaluation.rows,
        "funds": evaluated.project.funds if evaluated.project else (),
    }
    for kind, keys in kinds.items():
        yield from (f"{path}/{join(kind, key)}" for key in keys)


def _astray(
    path: str, known: Mapping[str, Collection[str]], excluded: Collection[str]
) -> list[str] | None:
    """Return what is near to a path that leads to nothing, or None for one that leads on."""
    segments = path.split("/")
    length = {"department": 1, "projects": 2}.get(segments[0])
    if length is None:
        return None
    owner, thing = "/".join(segments[:length]), segments[length : length + 2]
    if owner in excluded:
        return None
    if owner not in known:
        return ["/".join((one, *segments[length:])) for one in known]
    if len(thing) < 2 or thing[0] not in ("inputs", "answers", "rows", "funds"):
        return None
    at = "/".join((owner, *thing))
    if at in known[owner]:
        return None
    return ["/".join((one, *segments[length + 2 :])) for one in sorted(known[owner])]


def _claimed(subject: Subject) -> Iterator[Observation]:
    """A printed figure at a place nothing is computed for is compared with nothing."""
    for path, near in unplaced(subject):
        text = subject.session.claimed[path]
        what = f"填报数 {text} 没有对应的位置“{path}”，不能核对"
        repeat = "填报数没有对应的位置"
        yield _misplaced_entry(path, path, near, what, repeat=repeat)
