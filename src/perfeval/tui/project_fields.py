"""The fields of a project beside its indicators: 基本情况, 资金, 年度总体目标, 各部分得分率."""

from __future__ import annotations

from perfeval.indicators.model import IndicatorSet
from perfeval.numbers import FigureState, decimal_text
from perfeval.session.change import under
from perfeval.session.model import Project, Session
from perfeval.tui.fields import Field, Kind, Section, prose
from perfeval.tui.indicator_fields import evidence_field
from perfeval.tui.reasons import DEVIATION

_BASIC = (
    ("name", "项目名称", ""),
    ("code", "项目编码", "一体化系统里的编码；有编码的按编码认项目"),
    ("budget_unit", "预算单位", ""),
    ("implementing_unit", "实施单位", ""),
    ("owner", "责任科室", ""),
    ("category", "项目类别", "如 特定目标类、其他运转类"),
    ("function_code", "功能科目", ""),
    ("start", "开始日期", ""),
    ("end", "结束日期", ""),
)
NO_SCHEME = "按体系规定"
RATE_HELP = "没有逐项指标时填汇总表的得分率，如 91.9%"


def basic_sections(
    session: Session, project: Project, indicators: IndicatorSet, prefix: str
) -> list[Section]:
    """Return who and what a project is, its weight scheme, and why it takes no part."""
    limit = {"name": 300}
    fields = tuple(
        Field(
            under(prefix, name), label, Kind.TEXT, str(getattr(project, name)), help=told,
            must=name == "name", limit=limit.get(name, 400),
        )
        for name, label, told in _BASIC
    )  # fmt: skip
    origins = Field(
        under(prefix, "fund_origins"), "资金来源类别", Kind.TEXT, "、".join(project.fund_origins),
        help="年初、追加、转移支付、预留、结转，可以多项，用顿号分开",
    )  # fmt: skip
    return [
        Section("", (*fields, origins)),
        Section("立项批复等整个项目的材料", (evidence_field(session, prefix),)),
        Section("计分", tuple(_schemes(project, indicators, prefix))),
        Section("不参加自评", (
            prose(under(prefix, "excluded"), "原因", project.excluded,
                  help="写明原因即不参加自评，资金仍列入汇总表"),
        )),
    ]  # fmt: skip


def _schemes(project: Project, indicators: IndicatorSet, prefix: str) -> list[Field]:
    if not indicators.weight_schemes:
        return []
    titles = tuple(one.title for one in indicators.weight_schemes.values())
    chosen = indicators.weight_schemes.get(project.weight_scheme)
    field = Field(
        under(prefix, "weight_scheme"), "权重方案", Kind.CHOICE,
        chosen.title if chosen else NO_SCHEME, options=(NO_SCHEME, *titles),
        codes=("", *indicators.weight_schemes),
    )  # fmt: skip
    return [field]


def goal_sections(session: Session, project: Project, prefix: str) -> list[Section]:
    """Return 年度总体目标 with its 实际完成情况, the project's own reason for a deviation, and what
    will be done.
    """
    from perfeval.tui.texts_view import measures_field  # the report's rooms come when needed

    deviates = prose(
        under(prefix, "deviation_reason"),
        "偏差原因及改进措施",
        project.deviation_reason,
        stock=DEVIATION,
    )
    return [
        Section("年度总体目标", (
            prose(under(prefix, "goal"), "预期目标", project.goal, must=True),
            prose(under(prefix, "goal_done"), "实际完成情况", project.goal_done, must=True),
        )),
        Section("", (deviates, measures_field(session, project, prefix))),
    ]  # fmt: skip


def rate_field(project: Project, prefix: str, tier: str) -> Field:
    """Return the field for a tier's 得分率, where the project has no rows of its own in it."""
    value = project.tier_rates.get(tier, "")
    return Field(
        under(prefix, "tier_rates", tier), "得分率", Kind.FIGURE, value, unit="%", help=RATE_HELP,
        must=not project.rows,
    )  # fmt: skip


def money_text(project: Project, unit: str) -> str:
    """Return the project's money in one line, with its 执行率."""
    parts = []
    columns = (("initial", "年初"), ("budget", "全年"), ("executed", "执行"))
    found = {}
    for column, label in columns:
        total = project.fund_total(column, unit)  # type: ignore[arg-type]
        if total.state is FigureState.NUMBER and total.value is not None:
            found[column] = total.value
            parts.append(f"{label} {decimal_text(total.value)}")
    if found.get("budget") and "executed" in found:
        parts.append(f"执行率 {decimal_text(found['executed'] / found['budget'] * 100, 2)}%")
    return f"合计（{unit}）：{'，'.join(parts)}" if parts else "还没有填资金"
