"""公开版: what of a session may be published, and in what the public figures differ.

The internal version (内部上报版) is the session itself. The public one is a session too, made by
naming what is kept: a field nobody named is not published. Final accounts (决算) given as
表外数字 take the place of the figures entered before; every number that changes with them is
listed with its reason. Texts that must not be published are refused, each with its place.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeVar

from lxml import etree  # type: ignore[import-untyped]
from pydantic import BaseModel

from perfeval.errors import Findings, Problem
from perfeval.exchange.report.context import report
from perfeval.exchange.report.figures import Printed
from perfeval.exchange.report.notice import notice
from perfeval.exchange.report.ooxml import text_of, w
from perfeval.exchange.report.writing import FINAL, FINAL_BASIC, FINAL_PROJECTS
from perfeval.scoring.engine import SetFinder, score_session
from perfeval.scoring.scorecard import Scorecard
from perfeval.session.change import join
from perfeval.session.labels import label
from perfeval.session.model import (
    Answer,
    Evaluation,
    Fund,
    InputValue,
    OwnIndicator,
    Project,
    Session,
    Unit,
)
from perfeval.session.seal import seal_holds

_Part = TypeVar("_Part", bound=BaseModel)

_EVALUATION = frozenset({"set", "inputs", "answers", "rows", "row_order"})
_ANSWER = frozenset(Answer.model_fields) - {"owner", "evidence"}
KEPT: Mapping[type[BaseModel], frozenset[str]] = {
    Session: frozenset(
        {
            *("format", "id", "unit", "year", "money_unit", "department", "projects"),
            *("project_order", "statements", "texts", "assumed", "pinned"),
        }
    ),
    Unit: frozenset({"name", "code", "department_in_charge", "parent", "filled_on"}),
    Evaluation: _EVALUATION,
    Project: _EVALUATION
    | {
        *("name", "code", "budget_unit", "implementing_unit", "category", "fund_origins"),
        *("function_code", "start", "end", "goal", "goal_done", "weight_scheme", "funds"),
        *("fund_order", "tier_rates", "deviation_reason", "excluded"),
    },
    Answer: _ANSWER,
    OwnIndicator: _ANSWER | {"group", "name", "points", "unit", "qualitative"}
    | {"numerator", "denominator"},
    InputValue: frozenset({"value"}),
    Fund: frozenset(Fund.model_fields),
}  # fmt: skip
"""What of each part is published; every other field stands empty."""
PUBLIC_DOCUMENTS = ("summary", "scores", "department", "projects")
"""The sheets of a public version, by their ids; the others are for the unit and its reviewers."""
STATEMENTS = frozenset({FINAL, FINAL_BASIC, FINAL_PROJECTS})
"""表外数字 that public documents print."""
SPENT, FINAL_SUFFIX = "全年执行数", "决算数"
"""决算支出 is 全年执行数; ``…决算数`` is an input's, ``projects/p6/决算数`` a project's."""


@dataclass(frozen=True, slots=True)
class Differing:
    """A number that the public version has otherwise than the internal one, and why."""

    path: str
    name: str
    internal: str
    public: str
    reason: str


@dataclass(frozen=True, slots=True)
class Public:
    """The public version of a session: itself, its scorecard, where its numbers differ.

    ``warnings`` say what to look at before publishing.
    """

    session: Session
    card: Scorecard
    differing: tuple[Differing, ...]
    warnings: tuple[Problem, ...]


def public(session: Session, find: SetFinder) -> Public:
    """Return the public version of a session.

    Raises :class:`Findings` with the place of every text that must not be published: wording of
    the monitoring of part of a year, telephone and identity numbers, persons, places of files.
    """
    final, replaced = with_final_accounts(session)
    shown = public_session(final)
    if problems := list(unpublishable(shown, session, find)):
        raise Findings("\n".join(["不能生成公开版：", *map(str, problems)]))
    card = score_session(shown, find)
    differing = tuple(_differing(session, score_session(session, find), shown, card, replaced))
    return Public(shown, card, differing, tuple(_warnings(session, differing)))


def public_session(session: Session) -> Session:
    """Return the session with nothing in it but what may be published. Pure.

    ``assumed`` keeps which values are 拟定 and loses the notes; ``statements`` keeps 决算 figures.
    """
    kept = _kept(session)
    statements = {name: one for name, one in kept.statements.items() if name in STATEMENTS}
    assumed = dict.fromkeys(kept.assumed, "")
    return kept.model_copy(update={"statements": statements, "assumed": assumed})


def _kept(part: _Part) -> _Part:
    values = {
        name: _value(getattr(part, name))
        for name in type(part).model_fields
        if name in KEPT[type(part)]
    }
    return type(part)(**values)


def _value(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return _kept(value)
    if isinstance(value, dict):
        return {key: _value(item) for key, item in value.items()}
    return value


# --- 决算 ------------------------------------------------------------------------------------


def with_final_accounts(session: Session) -> tuple[Session, dict[str, str]]:
    """Return the session with 决算 figures in place of what was entered, where they are given.

    Also the reason of each figure replaced, by path: the note of the 表外数字, else its source.
    """
    replaced: dict[str, str] = {}
    department, projects = session.department, dict(session.projects)
    if department is not None:
        inputs = dict(department.inputs)
        for name, old in department.inputs.items():
            final = session.statements.get(FINAL) if name == SPENT else None
            final = session.statements.get(f"{name}{FINAL_SUFFIX}", final)
            if final is not None and final.value and final.value != old.value:
                inputs[name] = old.model_copy(update={"value": final.value})
                replaced[join("department", "inputs", name)] = _reason(final)
        department = department.model_copy(update={"inputs": inputs})
    for key, project in session.projects.items():
        final = session.statements.get(join("projects", key, FINAL_SUFFIX))
        if final is not None and final.value and len(project.funds) == 1:
            ((name, fund),) = project.funds.items()
            if final.value != fund.executed:
                funds = {name: fund.model_copy(update={"executed": final.value})}
                projects[key] = project.model_copy(update={"funds": funds})
                replaced[join("projects", key, "funds", "executed")] = _reason(final)
    changed = {"department": department, "projects": projects}
    return session.model_copy(update=changed), replaced


_NO_REASON = "，没有写明与自评时不同的原因"


def _reason(final: InputValue) -> str:
    source = f"（{final.source}）" if final.source else ""
    return final.note or f"取决算数{source}{_NO_REASON}"


def _differing(
    session: Session,
    card: Scorecard,
    shown: Session,
    public_card: Scorecard,
    replaced: Mapping[str, str],
) -> Iterator[Differing]:
    """Yield the numbers that documents of both versions print differently."""
    internal, published = _printed(session, card), _printed(shown, public_card)
    followed = "按决算数重新计算"
    for path, one in internal.items():
        other = published.get(path)
        if other is not None and other.text != one.text:
            reason = replaced.get(path, followed)
            yield Differing(path, one.name, one.text, other.text, reason)


def _printed(session: Session, card: Scorecard) -> dict[str, Printed]:
    """Return every number the documents print, by path; steps of a 计分过程 left out."""
    figures = dict(notice(session, card).figures)
    if card.department is not None:
        figures = dict(report(session, card).figures) | figures
    return {one.path: one for one in figures.values() if "/trace/" not in one.path}


def _warnings(session: Session, differing: Iterable[Differing]) -> Iterator[Problem]:
    sealed = seal_holds(session)
    if sealed is None:
        yield Problem("上报", "任务还没有上报，公开数与现在的填报数比较", "", "警告")
    elif not sealed:
        yield Problem("上报", "上报后又改过，公开数与改后的填报数比较", "", "警告")
    for one in differing:
        if one.reason.endswith(_NO_REASON):
            told = f"公开数 {one.public} 与上报数 {one.internal} 不同，没有写明原因"
            yield Problem(one.name, told, "请在表外数字的备注里写明", "警告")


# --- what must not be published --------------------------------------------------------------

_MONITORING = re.compile(
    r"(?<!\d)1\s*月?(?:份)?\s*[—–\-－~～至到]+\s*(?:[2-9]|1[01])\s*月(?:份)?(?:以来)?"
    r"|截[至止]\s*(?:\d{4}\s*年)?\s*(?:[1-9]|1[01])\s*月(?:\s*\d{1,2}\s*日|底|末)"
    r"|(?:时序|序时)进度|预计(?:到)?年底|(?:确定能|有可能|完全不可能)实现|完成可能性|运行监控情况"
)
_PERSONAL = (
    ("电话号码", re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}[-—－ ]?\d{7,8})(?!\d)")),
    (  # with a day of birth in it: a project's code has eighteen digits too
        "身份证号",
        re.compile(
            r"(?<!\d)\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
        ),
    ),
    ("电子邮箱", re.compile(r"[\w.+-]+@[\w-]+\.\w+")),
    ("文件位置", re.compile(r"(?<![A-Za-z])[A-Za-z]:\\|\\\\\w|file:/{2}|(?<!\w)/(?:home|Users)/")),
)


def unpublishable(shown: Session, session: Session, find: SetFinder) -> Iterator[Problem]:
    """Yield every text of a public session that must not be published, with its place.

    ``session`` is the internal one, whose 填报人 and 单位负责人 are looked for.
    """
    persons = [name for name in (session.unit.prepared_by, session.unit.head) if len(name) > 1]
    for path, text in _texts(shown):
        for problem in wording(text, persons):
            yield Problem(label(shown, find, path), *problem)


def wording(text: str, persons: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield (what must not be published in a text, what to do)."""
    for match in _MONITORING.finditer(text):
        told = f"“{match[0]}”是年中绩效监控的说法"
        yield told, "公开的是全年情况，请改写"
    for kind, pattern in _PERSONAL:
        for match in pattern.finditer(text):
            yield f"“{match[0]}”像是{kind}", "请删去"
    for name in persons:
        if name in text:
            yield f"写有填报人或单位负责人的姓名“{name}”", "请删去"


def _texts(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of every text a part holds."""
    if isinstance(value, BaseModel):
        items: Iterable[tuple[str, Any]] = (
            (n, getattr(value, n)) for n in type(value).model_fields
        )
    elif isinstance(value, dict):
        items = value.items()
    else:
        texts = value if isinstance(value, tuple) else (value,)
        yield from ((join(*path), text) for text in texts if isinstance(text, str))
        return
    for name, item in items:
        yield from _texts(item, (*path, name))


def require_publishable(data: bytes, name: str) -> None:
    """Raise :class:`Findings` where a finished Word file says what must not be published.

    An office's own template may: its words are in no session.
    """
    with zipfile.ZipFile(BytesIO(data)) as archive:
        root = etree.fromstring(archive.read("word/document.xml"))
    problems = [
        Problem(f"{name} 第 {number} 段", *problem)
        for number, paragraph in enumerate(root.iter(w("p")), 1)
        for problem in wording(text_of(paragraph))
    ]
    if problems:
        raise Findings("\n".join(["不能生成公开版：", *map(str, problems)]))
