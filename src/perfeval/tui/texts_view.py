"""单位和报告: who answers for the forms, figures no form holds, and what only the unit can write.

The texts stand in the order of the report, each under the heading it goes to. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from perfeval.exchange.report.context import OPTIONAL, SECTIONS
from perfeval.exchange.report.notice import MEASURES
from perfeval.exchange.report.writing import FINAL, FINAL_BASIC, FINAL_PROJECTS
from perfeval.scoring.scorecard import Result
from perfeval.session.change import join
from perfeval.session.model import Project, Session
from perfeval.tui.claimed_fields import of_whole
from perfeval.tui.fields import Field, Kind, Proposal, Section, prose
from perfeval.tui.indicator_fields import evidence_field
from perfeval.tui.reasons import WRITING

TO_WRITE, MAY_WRITE = "待补充", "可以不写"
NOTICE = "部门评价结果"
"""The text of the 公开说明 that is not in the report."""

_UNIT = (
    ("name", "单位名称", ""),
    ("code", "预算单位编码", ""),
    ("department_in_charge", "主管部门", ""),
    ("parent", "上级单位", ""),
    ("head", "单位负责人", "在表下签字的人"),
    ("prepared_by", "填报人", ""),
    ("phone", "联系电话", "公开版里不出现"),
)
_STATED = (
    (FINAL, "决算报表的支出合计"),
    (FINAL_BASIC, ""),
    (FINAL_PROJECTS, "公开说明用它算覆盖比例"),
)
_OPTIONAL_AT = {
    "前言": ("前言", "不写时用通用的一段"),
    "主要问题": ("五、（一）存在的主要问题", "扣分的原因自动列出，这里写另外的"),
    "其他说明": ("八、其他需要说明的问题", "核实说明和不参评的项目自动列出，这里写另外的"),
}


def sections_of(session: Session, today: str, department: Result | None = None) -> list[Section]:
    """Return everything there is to fill in; ``today`` (2025-03-14) is offered as 填报日期.

    What was printed of the ``department`` as a whole stands beside what it is worth.
    """
    return [
        Section("单位信息", tuple(_unit(session, today))),
        *(_whole(session, department) if session.department else ()),
        Section("表外数字（表里没有、报告要用的数）", tuple(_stated(session))),
        *(Section(heading, (field,)) for heading, field in _texts(session)),
    ]


def _whole(session: Session, department: Result | None) -> list[Section]:
    """Return what belongs to the department as a whole: what was printed of it, its files."""
    files = evidence_field(session, "department")
    printed = of_whole(session, "department", department)
    return [*printed, Section("决算批复、工作总结等整个部门的材料", (files,))]


def _unit(session: Session, today: str) -> Iterator[Field]:
    for name, label, told in _UNIT:
        value = getattr(session.unit, name)
        limit = 200 if name == "name" else 400
        path = join("unit", name)
        yield Field(path, label, Kind.TEXT, value, help=told, must=name != "parent", limit=limit)
    offer = None if session.unit.filled_on else Proposal(today, "今天")
    yield Field(
        join("unit", "filled_on"), "填报日期", Kind.TEXT, session.unit.filled_on,
        help="印在封面上，如 2025-03-14", must=True, proposal=offer,
    )  # fmt: skip


def _stated(session: Session) -> Iterator[Field]:
    known = dict(_STATED)
    for name in dict.fromkeys([*known, *session.statements]):
        stated = session.statements.get(name)
        money = name in known
        yield Field(
            join("statements", name, "value"), name, Kind.FIGURE if money else Kind.TEXT,
            stated.value if stated else "", unit=session.money_unit if money else "",
            note=(stated.source if stated else "")[:12], help=known.get(name, ""),
        )  # fmt: skip


def _texts(session: Session) -> Iterator[tuple[str, Field]]:
    """Yield the texts under their headings, in the order of the report, then the 公开说明."""
    headed = [(one.heading, one.name, True, "") for one in SECTIONS]
    headed += [(*_OPTIONAL_AT[name][:1], name, False, _OPTIONAL_AT[name][1]) for name in OPTIONAL]
    headed.sort(key=lambda one: _place(one[0]))
    headed.append(("公开说明（三）部门评价结果", NOTICE, False, "公开说明用；不公开可以不写"))
    for heading, name, must, told in headed:
        written = session.texts.get(name, "")
        note = "" if written.strip() else TO_WRITE if must else MAY_WRITE
        yield heading, prose(
            join("texts", name), name, written, must=must, note=note,
            help="；".join(filter(None, (f"写入“{heading}”", told))),
            stock=WRITING.get(name, ()),
        )  # fmt: skip


_NUMBERS = "一二三四五六七八九"


def _place(heading: str) -> tuple[int, ...]:
    """Return where a heading stands in the report: 一、（二）2. comes after 一、（一）."""
    found = [_NUMBERS.index(sign) + 1 for sign in heading[:6] if sign in _NUMBERS]
    return (*found, *(int(sign) for sign in heading[:8] if sign.isascii() and sign.isdigit()))


def waiting(session: Session) -> list[str]:
    """Return the parts of the report only the unit can write and has not."""
    return [one.name for one in SECTIONS if not session.texts.get(one.name, "").strip()]


def state_text(session: Session) -> str:
    """Return how far the texts of the report are."""
    count = len(waiting(session))
    return f"报告文字还有 {count} 段待补充" if count else "报告文字都已写好"


def measures_field(session: Session, project: Project, prefix: str) -> Field:
    """Return the field for what a project will do better, which the 公开说明 prints."""
    key = f"{prefix}/{MEASURES}"
    return prose(
        join("texts", key), f"下一步{MEASURES}", session.texts.get(key, ""),
        help="公开说明用；有扣分的项目要写", stock=WRITING[MEASURES],
    )  # fmt: skip
