"""A session (自评任务): one unit × one year, a department evaluation and many projects.

Everything filled in keeps the text it was typed with; numbers are read from it when needed, so
a figure that cannot be read is a finding at its place and never a load failure. Everything has
a path (``department/inputs/年初预算数``, ``projects/p6/rows/r1/actual``), see :mod:`.change`.

Models are frozen: an edit makes a new session that shares every unchanged part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from perfeval.numbers import Exact, Figure, FigureState, figure

MAX_TEXT = 20_000


Raw = Annotated[str, Field(max_length=400, coerce_numbers_to_str=True)]
"""A figure or a short entry, as typed."""

Prose = Annotated[str, Field(max_length=MAX_TEXT)]
Key = Annotated[str, Field(pattern=r"^[^/\s\x00-\x1f]{1,60}$")]
"""A name that can stand in a path."""


def in_our_time(when: datetime) -> datetime:
    """Return a point of time that every clock can show: with its zone, in 2000 to 2100.

    Raises ``PydanticCustomError`` (``moment``) for any other; the first and last years of a
    calendar cannot be moved to another zone.
    """
    if when.tzinfo is None or not 2000 <= when.year <= 2100:
        raise PydanticCustomError("moment", "a time with its zone, in 2000 to 2100")
    return when


def _moment(text: str) -> str:
    if text:
        try:
            in_our_time(datetime.fromisoformat(text))
        except ValueError as error:
            raise PydanticCustomError("moment", "not a time") from error
    return text


Moment = Annotated[str, AfterValidator(_moment)]
"""When an act was done, as ISO 8601 with a zone; empty where nothing is said."""


class Part(BaseModel):
    """A part of a session: unknown keys are refused, edits make a new one."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Unit(Part):
    """预算单位 and who answers for the form. Persons stay in the unit's own files."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    code: str = ""
    department_in_charge: str = ""
    parent: str = ""
    prepared_by: str = ""
    phone: str = ""
    head: str = ""
    filled_on: str = ""


class InputValue(Part):
    """One figure of 基础数据: as typed, with where it is from and when it was taken."""

    value: Raw = ""
    source: str = ""
    date: str = ""
    note: Prose = ""

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, data: Any) -> Any:
        return {"value": data} if isinstance(data, str | int) else data


class Answer(Part):
    """What was filled in for one indicator.

    ``actual`` is the 实际完成值 typed directly: the only value of a row without a formula, and of
    one with a formula a value whose components are not known (未证实). ``manual_score`` is 人工赋分
    with its reason; ``not_applicable`` holds the reason for 不适用; ``owner`` is the 责任科室.
    """

    actual: Raw = ""
    target: Raw = ""
    elements: dict[str, bool] = Field(default_factory=dict)
    level: str = ""
    level_score: Raw = ""
    manual_score: Raw = ""
    manual_reason: Prose = ""
    not_applicable: Prose = ""
    owner: str = ""
    elected: str = ""
    deduction: Raw = ""
    deviation_reason: Prose = ""
    basis: Prose = ""
    evidence: tuple[str, ...] = ()


class OwnIndicator(Answer):
    """个性指标: a row the unit added, with its own name, points and target, in a 二级 group.

    A rate may be given by ``numerator`` and ``denominator``, which prove it; ``actual`` alone is
    a bare statement.
    """

    group: str
    name: Annotated[str, Field(max_length=200)] = ""
    points: Raw = ""
    unit: str = ""
    qualitative: bool = False
    numerator: Raw = ""
    denominator: Raw = ""


class Evaluation(Part):
    """An indicator set applied to inputs, answers and the unit's own rows."""

    set: str
    inputs: dict[Key, InputValue] = Field(default_factory=dict)
    answers: dict[Key, Answer] = Field(default_factory=dict)
    rows: dict[Key, OwnIndicator] = Field(default_factory=dict)
    row_order: tuple[Key, ...] = ()

    def in_stated_order(self) -> Self:
        """Return the evaluation with the order of its rows written out."""
        rank = {key: index for index, key in enumerate(self.row_order)}
        keys = sorted(self.rows, key=lambda key: rank.get(key, len(rank)))
        return self.model_copy(update={"row_order": tuple(keys)})

    def rows_of(self, group: str) -> Iterator[tuple[str, OwnIndicator]]:
        """Yield (id, row) of a group in the unit's order."""
        return iter(self.rows_by_group().get(group, ()))

    def rows_by_group(self) -> dict[str, list[tuple[str, OwnIndicator]]]:
        """Return the (id, row) of every group in the unit's order."""
        rank = {key: index for index, key in enumerate(self.row_order)}
        found: dict[str, list[tuple[str, OwnIndicator]]] = {}
        for key in sorted(self.rows, key=lambda key: (rank.get(key, len(rank)), key)):
            found.setdefault(self.rows[key].group, []).append((key, self.rows[key]))
        return found


class Fund(Part):
    """资金来源 of a project: 年初预算数, 全年预算数 (A), 全年执行数 (B)."""

    source: str = "年度资金总额"
    initial: Raw = ""
    budget: Raw = ""
    executed: Raw = ""

    @property
    def says_part(self) -> bool:
        """Whether the row calls itself a part of one above it (其中：财政拨款)."""
        return self.source.strip().startswith("其中")

    @property
    def is_total(self) -> bool:
        """Whether the row is the sum of the others (年度资金总额)."""
        return not self.says_part and ("总额" in self.source or "合计" in self.source)


class Project(Evaluation):
    """A project: its money and either indicator rows or the rates of a 汇总表 (tier_rates).

    ``excluded`` is the reason it takes no part in the self-evaluation; its money is kept.
    ``also_named`` are the names other tables and texts of the same source call it by.
    """

    name: Annotated[str, Field(min_length=1, max_length=300)]
    also_named: tuple[str, ...] = ()
    code: str = ""
    budget_unit: str = ""
    implementing_unit: str = ""
    owner: str = ""
    category: str = ""
    fund_origins: tuple[str, ...] = ()
    function_code: str = ""
    start: str = ""
    end: str = ""
    goal: Prose = ""
    goal_done: Prose = ""
    weight_scheme: str = ""
    funds: dict[Key, Fund] = Field(default_factory=dict)
    fund_order: tuple[Key, ...] = ()
    tier_rates: dict[Key, Raw] = Field(default_factory=dict)
    deviation_reason: Prose = ""
    excluded: Prose = ""

    def in_stated_order(self) -> Self:
        """Return the project with the order of its rows and funds written out."""
        ordered = super().in_stated_order()
        return ordered.model_copy(update={"fund_order": tuple(self.ordered_funds)})

    @property
    def ordered_funds(self) -> dict[str, Fund]:
        """Return the rows of money in the order the form has them, new ones last."""
        rank = {key: index for index, key in enumerate(self.fund_order)}
        keys = sorted(self.funds, key=lambda key: rank.get(key, len(rank)))
        return {key: self.funds[key] for key in keys}

    @property
    def counted_funds(self) -> dict[str, Fund]:
        """Return the rows that make the total: the total row itself, else every source.

        A 其中 row is part of the source above it and not counted again. With no source above it
        (the form's total was left out) it is a source like the others.
        """
        rows, counted = self.ordered_funds, dict[str, Fund]()
        for key, row in rows.items():
            if row.is_total:
                return {key: row}
            if not row.says_part or all(one.says_part for one in counted.values()):
                counted[key] = row
        return counted

    def fund_total(self, column: Literal["initial", "budget", "executed"], unit: str) -> Figure:
        """Return the sum of a money column over the :attr:`counted_funds`, in ``unit``.

        Blank when nothing is entered, unreadable (with the reason) when any part is.
        """
        rows = self.counted_funds.values()
        figures = [figure(getattr(row, column)).in_unit(unit) for row in rows]
        for read in figures:
            if read.state is FigureState.UNREADABLE:
                return read
        values = [read for read in figures if read.value is not None]
        if not values:
            return figure("")
        total = sum((read.value for read in values if read.value is not None), Exact(0))
        places = max(read.places for read in values)
        raw = values[0].raw if len(values) == 1 else ""
        return Figure(raw, FigureState.NUMBER, total, unit, places)


class Evidence(Part):
    """佐证材料: a file kept by its content, attached to any number of paths.

    ``number`` is what the 佐证材料目录 prints (B3-1), ``page`` where in it to look.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0)]
    number: str = ""
    page: str = ""
    paths: tuple[str, ...] = ()


def next_number(used: Iterable[str], label: str) -> str:
    """Return the first number of 佐证材料目录 after those ``used`` that begins with ``label``."""
    orders = [
        int(order)
        for start, _, order in (number.rpartition("-") for number in used)
        if start == label and re.fullmatch("[0-9]{1,9}", order)
    ]
    return f"{label}-{max(orders, default=0) + 1}"


class Submission(Part):
    """One 上报: its number, the seal of the self part, the journal's head then, who and when."""

    number: int
    seal: str
    head: str
    who: str = ""
    when: Moment = ""


class ReviewMark(Part):
    """复核: a reviewer's score and opinion beside the self score, never in its place.

    ``on`` is the digest of what was filled in when the mark was made: another digest now means
    the mark is 过期. ``round`` is the number of the 上报 it belongs to.
    """

    verdict: Literal["认可", "核增", "核减", "退回修改"]
    score: Raw = ""
    opinion: Prose = ""
    who: str = ""
    when: Moment = ""
    round: int = 1
    on: str = ""


class Feedback(Part):
    """反馈意见 of the unit on a mark: 采纳, or 不采纳 with the reason."""

    accepted: bool
    reason: Prose = ""
    who: str = ""


class Remedy(Part):
    """整改: what is done about one matter of 整改台账: measure, 责任科室, 完成时限, 整改状态.

    ``source``, ``place`` and ``problem`` are the matter's words when it was recorded, so that it
    stays in the list once it is put right and nothing finds it any more.
    """

    source: str = ""
    place: Prose = ""
    problem: Prose = ""
    measure: Prose = ""
    owner: Raw = ""
    due: Raw = ""
    state: str = ""
    note: Prose = ""


class Waiver(Part):
    """核实说明: binds to a finding's check, path and both numbers; lapses when one changes."""

    check: str
    path: str
    claimed: str = ""
    expected: str = ""
    reason: Prose
    who: str = ""


class Sent(Part):
    """分发: the package made for a 责任科室, by the record it ends at (``head``).

    ``head`` is empty while the package is being made, ``returned`` (the head of the package taken
    back) while it is out.
    """

    head: str
    who: str = ""
    when: Moment = ""
    returned: str = ""


Stage = Literal[
    "草稿", "科室填报", "财务审核", "负责人审签", "已上报", "复核中", "退回修改", "已复核"
]


SESSION_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$"
"""What a session may be called: it stands in commands and file names."""


class Session(Part):
    """自评任务: everything that is saved, reloaded and reviewed.

    ``claimed`` (填报数) holds what somebody published or typed, by path; ``statements`` named
    figures no form holds; ``texts`` what the unit writes of itself for its report, by section
    (主要职责) or path (``projects/p6/改进措施``); ``assumed`` the values that are not in the
    source, by path, with the reason they were taken (拟定). ``remedies`` says what is done about
    each matter of 整改台账, by the path it is about and what found it (``…/B10/扣分``).
    ``pinned`` gives the content hash of each indicator set used, ``previous`` last year's values by
    path, for display only; ``sent`` what is out with which 责任科室. In a copy that was handed to
    one, ``working_as`` names it and ``editable`` the paths it may change; the others are read-only
    there.
    """

    format: Literal["perfeval-session/1"] = "perfeval-session/1"
    id: Annotated[str, Field(pattern=SESSION_ID)]
    unit: Unit
    year: Annotated[int, Field(ge=2000, le=2100)]
    money_unit: Literal["元", "万元"] = "万元"
    source: Prose = ""
    department: Evaluation | None = None
    projects: dict[Key, Project] = Field(default_factory=dict)
    project_order: tuple[Key, ...] = ()
    claimed: dict[str, Raw] = Field(default_factory=dict)
    statements: dict[str, InputValue] = Field(default_factory=dict)
    texts: dict[str, Prose] = Field(default_factory=dict)
    assumed: dict[str, Prose] = Field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    stage: Stage = "草稿"
    submissions: tuple[Submission, ...] = ()
    marks: dict[str, ReviewMark] = Field(default_factory=dict)
    feedback: dict[str, Feedback] = Field(default_factory=dict)
    remedies: dict[str, Remedy] = Field(default_factory=dict)
    evidence: dict[Key, Evidence] = Field(default_factory=dict)
    pinned: dict[str, str] = Field(default_factory=dict)
    previous: dict[str, str] = Field(default_factory=dict)
    sent: dict[str, Sent] = Field(default_factory=dict)
    working_as: str = ""
    editable: tuple[str, ...] = ()

    def ordered_projects(self) -> Iterator[tuple[str, Project]]:
        """Yield (id, project) in the order of the 汇总表, the excluded ones too."""
        rank = {key: index for index, key in enumerate(self.project_order)}
        keys = sorted(self.projects, key=lambda key: (rank.get(key, len(rank)), key))
        return ((key, self.projects[key]) for key in keys)

    def in_stated_order(self) -> Session:
        """Return the session with every order written out, for a store that keeps no other."""
        department = self.department.in_stated_order() if self.department else None
        return self.model_copy(
            update={
                "department": department,
                "projects": {key: one.in_stated_order() for key, one in self.projects.items()},
                "project_order": tuple(sorted(self.projects, key=self._rank)),
            }
        )

    def _rank(self, key: str) -> int:
        order = self.project_order
        return order.index(key) if key in order else len(order)

    def evaluated_projects(self) -> Iterator[tuple[str, Project]]:
        """Yield the projects that take part."""
        return ((key, project) for key, project in self.ordered_projects() if not project.excluded)

    def statement(self, name: str) -> Figure:
        """Return a named figure of the unit, in the session's money unit where it is money."""
        stated = self.statements.get(name)
        return figure(stated.value) if stated else figure("")
