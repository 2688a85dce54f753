"""What a path is called on the screen: ``部门整体 · B3 预算调整率 · 年度指标值``.

People see names, never ``department/answers/B3/target``. A label never fails: what is not, or no
longer, in the session is called by its own key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from perfeval.errors import PerfevalError, printable
from perfeval.indicators.model import IndicatorSet
from perfeval.session.change import PathError, Plain, join, shown, split
from perfeval.session.model import Evaluation, Session, Submission, Waiver

Finder = Callable[[str], IndicatorSet]

SEPARATOR = " · "


def label(session: Session, find: Finder, path: str) -> str:
    """Return the name of what is at ``path``, in one line that is safe to show.

    Indicators are called by code and name (``find`` gives the set; a missing one is no error),
    rows and projects by their names, evidence by its number and name. A path kept as a key
    (填报数, 复核) is named after what is said of it: ``填报数 · 部门整体 · 总分``.
    """
    return SEPARATOR.join(filter(None, (printable(word) for word in _words(session, find, path))))


def value_label(session: Session, find: Finder, path: str, value: Plain) -> str:
    """Return a value at ``path`` as one short line; nothing is （空）.

    A mark, a 核实说明, a 上报 are told by what they say; places and files by their names.
    """
    if value in (None, "", [], {}):
        return "（空）"

    def named(places: Sequence[str]) -> str:
        return "、".join(label(session, find, place) for place in places)

    match split(path), value:
        case ["marks", _], {"verdict": verdict, **rest}:
            score, opinion = rest.get("score", ""), rest.get("opinion", "")
            return shown(f"{verdict} {score}".strip() + (f"：{opinion}" if opinion else ""))
        case ["feedback", _], {"accepted": accepted, **rest}:
            return shown("采纳" if accepted else f"不采纳：{rest.get('reason', '')}")
        case ["remedies", _], dict():
            words = (value.get(name) for name in ("state", "measure", "owner", "due", "note"))
            return shown("，".join(filter(None, words)))
        case ["remedies", _], dict():
            said = (value.get(name, "") for name in ("state", "measure", "owner", "due", "note"))
            return shown("，".join(filter(None, said)))
        case ["waivers"], list():
            waivers = (Waiver.model_validate(one) for one in value)
            told = (f"{one.check} {named([one.path])}：{one.reason}" for one in waivers)
            return shown("；".join(told))
        case ["submissions"], list():
            last = Submission.model_validate(value[-1])
            return f"第 {last.number} 次，上报锁定 {last.seal[:16]}"
        case ["sent", _], {"head": head, **rest}:
            return f"截至 {head[:16]}" if head else "准备中"
        case ["sent", _, "returned"], str():
            return value[:16]
        case ["evidence", _], {"name": name, **rest}:
            return shown(f"{rest.get('number', '')} {name}".strip())
        case [*_, "paths" | "editable"], list():
            return named(value)
        case [*_, "evidence"], list():
            return named([join("evidence", key) for key in value])
        case _:
            return shown(value)


def field_name(name: str) -> str:
    """Return what a field is called (``actual``: 实际完成值); what is no field is its own name."""
    return _FIELDS.get(name, name)


def _words(session: Session, find: Finder, path: str) -> Iterator[str]:
    """Yield the parts of a label from the outside in; the empty ones are not said."""
    try:
        first, *rest = split(path)
    except PathError:
        yield path.replace("/", SEPARATOR)
        return
    if first == "department":
        yield "部门整体"
        yield from _evaluation(session.department, find, rest)
    elif first == "projects" and rest:
        project = session.projects.get(rest[0])
        yield project.name if project else f"项目 {rest[0]}"
        yield from _evaluation(project, find, rest[1:])
    elif first in _KEYED_BY_PATH:
        yield _FIELDS[first]
        yield from _words(session, find, rest[0]) if rest else ()
        yield from _named(rest[1:])
    else:
        yield _FIELDS.get(first, first)
        yield from _other(session, find, first, rest)


def _other(session: Session, find: Finder, first: str, rest: Sequence[str]) -> Iterator[str]:
    """Yield the words below a part of the session that belongs to no evaluation."""
    if not rest:
        return
    key, *fields = rest
    if first == "unit":
        yield _UNIT.get(key, key)
    elif first == "evidence":
        known = session.evidence.get(key)
        yield f"{known.number} {known.name}".strip() if known else key
    elif first == "pinned":
        yield _title(find, key)
    else:
        yield key
    yield from _named(fields)


def _evaluation(
    evaluation: Evaluation | None, find: Finder, segments: Sequence[str]
) -> Iterator[str]:
    """Yield the words below a department or a project."""
    if not segments:
        return
    kind, *rest = segments
    if kind == "answers" and rest:
        yield _indicator(evaluation, find, rest[0])
    elif kind == "rows" and rest:
        row = evaluation.rows.get(rest[0]) if evaluation else None
        yield f"{rest[0]} {row.name}" if row and row.name else rest[0]
    elif kind == "inputs":
        yield _FIELDS[kind]
        yield from rest[:1]
    elif kind == "funds" and rest:
        fund = getattr(evaluation, "funds", {}).get(rest[0])
        yield fund.source if fund else f"资金来源 {rest[0]}"
    elif kind == "tier_rates" and rest:
        yield f"{rest[0]}得分率"
    elif kind == "tiers" and rest:
        yield rest[0]
    else:
        yield from _named([kind, *rest[:1]])
    yield from _named(rest[1:])


def _named(segments: Sequence[str]) -> Iterator[str]:
    """Yield the words of fields; what is no field (an element of a checklist) is its own name."""
    return (_FIELDS.get(segment, segment) for segment in segments)


def _indicator(evaluation: Evaluation | None, find: Finder, code: str) -> str:
    if evaluation is None:
        return code
    try:
        return f"{code} {find(evaluation.set).indicator(code).name}"
    except (KeyError, PerfevalError):
        return code


def _title(find: Finder, set_id: str) -> str:
    try:
        return find(set_id).title
    except PerfevalError:
        return set_id


_KEYED_BY_PATH = {"claimed", "texts", "assumed", "marks", "feedback", "remedies", "previous"}
"""The parts whose keys are themselves paths; texts have sections too."""

_UNIT = {
    "name": "单位名称",
    "code": "预算单位编码",
    "department_in_charge": "主管部门",
    "parent": "上级单位",
    "prepared_by": "填报人",
    "phone": "联系电话",
    "head": "单位负责人",
    "filled_on": "填报日期",
}

_FIELDS = {
    # the session
    "session": "整个任务",
    "format": "文件格式",
    "id": "编号",
    "unit": "单位信息",
    "year": "年度",
    "money_unit": "金额单位",
    "department": "部门整体",
    "projects": "项目",
    "project_order": "项目顺序",
    "claimed": "填报数",
    "statements": "表外数字",
    "texts": "报告文字",
    "assumed": "拟定说明",
    "waivers": "核实说明",
    "stage": "阶段",
    "submissions": "上报",
    "marks": "复核",
    "feedback": "反馈意见",
    "remedies": "整改",
    "pinned": "固定的指标体系",
    "previous": "上年数据",
    "sent": "分发",
    "working_as": "分发给",
    "editable": "可以填写的部分",
    # an evaluation
    "set": "指标体系",
    "inputs": "基础数据",
    "answers": "指标填报",
    "rows": "个性指标",
    "row_order": "个性指标顺序",
    "name": "名称",
    "also_named": "又名",
    "code": "项目编码",
    "budget_unit": "预算单位",
    "implementing_unit": "实施单位",
    "category": "项目类别",
    "fund_origins": "资金来源类别",
    "function_code": "功能科目",
    "start": "开始日期",
    "end": "结束日期",
    "goal": "年度总体目标",
    "goal_done": "年度总体目标完成情况",
    "weight_scheme": "权重方案",
    "funds": "资金",
    "fund_order": "资金顺序",
    "tier_rates": "各部分得分率",
    "excluded": "不参加自评的原因",
    # a figure, a fund
    "value": "",
    "source": "来源",
    "date": "取数日期",
    "note": "说明",
    "initial": "年初预算数",
    "budget": "全年预算数",
    "executed": "全年执行数",
    # an indicator
    "actual": "实际完成值",
    "target": "年度指标值",
    "elements": "要素",
    "level": "档次",
    "level_score": "评定分值",
    "manual_score": "人工赋分",
    "manual_reason": "人工赋分依据",
    "not_applicable": "不适用的原因",
    "owner": "责任科室",
    "elected": "选用的计分方式",
    "deduction": "扣分",
    "deviation_reason": "偏差原因",
    "basis": "依据",
    "evidence": "佐证材料",
    "group": "二级指标",
    "points": "分值",
    "qualitative": "定性指标",
    "numerator": "分子",
    "denominator": "分母",
    # what is printed of a result (填报数)
    "total": "总分",
    "grade": "等级",
    "score": "得分",
    "rate": "得分率",
    "execution_rate": "预算执行率",
    "tiers": "一级指标",
    # a line of 整改台账
    "place": "对象",
    "problem": "问题",
    "measure": "整改措施",
    "due": "完成时限",
    "state": "整改状态",
    # a file, a mark, an answer to it, a handing out
    "sha256": "校验码",
    "size": "大小",
    "number": "编号",
    "page": "页",
    "paths": "附在",
    "verdict": "结论",
    "opinion": "意见",
    "who": "署名",
    "when": "时间",
    "round": "第几次上报",
    "on": "复核时的内容",
    "accepted": "是否采纳",
    "reason": "理由",
    "head": "修改记录校验码",
    "returned": "交回",
}
"""Each field as people call it. ``value`` is the thing itself and adds no word."""
