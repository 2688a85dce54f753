"""One handed-in file, or several of one unit: what tables it holds, and the ledger they make.

``read`` finds the forms, ``plan`` places them in a session, ``as_session`` makes the session a
file stands for by itself, so that it can be scored and checked as it was handed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from perfeval.errors import PerfevalError
from perfeval.exchange.book import Material
from perfeval.exchange.intake import own_export
from perfeval.exchange.intake.bare_list import read_bare_list
from perfeval.exchange.intake.department_form import (
    DepartmentPlacer,
    best_set,
    place_accounts,
    place_counts,
)
from perfeval.exchange.intake.evaluation_form import FormReader
from perfeval.exchange.intake.faults import tell_of_sheets
from perfeval.exchange.intake.final_accounts import read_accounts
from perfeval.exchange.intake.grids import Grid, from_text, read_grids
from perfeval.exchange.intake.ledger import Entry, Ledger, Verdict
from perfeval.exchange.intake.opinions import place_opinions
from perfeval.exchange.intake.project_form import ProjectPlacer, ProjectsOf
from perfeval.exchange.intake.project_list import read_counts, read_lists
from perfeval.exchange.intake.remedies import place_remedies
from perfeval.exchange.intake.returned import Returned, read_returned
from perfeval.exchange.intake.rows import COMPUTED
from perfeval.exchange.intake.seen import Form, Seen
from perfeval.exchange.intake.summary_table import place_list
from perfeval.exchange.matters import matters
from perfeval.indicators.model import IndicatorSet
from perfeval.scoring.engine import SetFinder, score_session
from perfeval.session.change import join, split
from perfeval.session.model import Session, Unit

PROJECT_SET = "mof-project-2020"
"""What a new project is scored with where nothing else is said."""


class NothingFound(PerfevalError):
    """A file that holds none of the tables known here."""


@dataclass(slots=True)
class Reading:
    """What was found in a file: its forms, its grids, and whether it is our own export."""

    name: str
    grids: list[Grid]
    forms: list[Form] = field(default_factory=list)
    own: own_export.OwnExport | None = None
    returned: list[Returned] = field(default_factory=list)

    @property
    def kinds(self) -> str:
        """Return what was found, in words: ``项目自评表 2 张、自评汇总表``."""
        told = ["本软件导出的工作簿"] if self.own else []
        words = {"list": "项目汇总表或清单", "accounts": "决算表", "counts": "自评项目统计"}
        counts: dict[str, int] = {}
        for form in self.forms:
            word = words.get(form.kind) or (
                "部门整体自评表" if form.is_department else "项目自评表"
            )
            counts[word] = counts.get(word, 0) + 1
        for table in self.returned:
            counts[table.kind] = counts.get(table.kind, 0) + 1
        return "、".join([*told, *(f"{word} {n} 张" for word, n in counts.items())])


def read(path: Path) -> Reading:
    """Read a file. Raises :class:`.containers.Unreadable`, :class:`NothingFound`."""
    return reading_of(read_grids(path), path.name)


def read_block(text: str) -> Reading:
    """Read a block of cells off the clipboard: projects, own rows or a whole form.

    What the columns of a block without labels are follows from their number (``_HEADINGS``).
    Raises :class:`NothingFound`.
    """
    grid = from_text(text)
    try:
        return reading_of([grid], grid.sheet)
    except NothingFound:
        widths = [len(row) for row in grid.cells if any(row)]
        heading = _HEADINGS.get(max(widths, default=0))
        if heading is None:
            raise
        headed = replace(grid, cells=[list(heading), *grid.cells])
        return reading_of([headed], grid.sheet)


_HEADINGS = {
    7: ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"),
    6: ("二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"),
    5: ("二级指标", "三级指标", "年度指标值", "实际完成值", "分值"),
    4: ("三级指标", "年度指标值", "实际完成值", "分值"),
    3: ("项目名称", "全年预算数", "全年执行数"),
}
"""What the columns of a block without labels are taken for, by their number."""


def reading_of(grids: list[Grid], name: str) -> Reading:
    """Return the forms of grids. Raises :class:`NothingFound`."""
    reading = Reading(name, grids, returned=read_returned(grids))
    if own_export.is_own(grids):
        reading.own = own_export.read(grids)
        reading.forms = [*(one.form for one in reading.own.forms), *reading.own.lists]
        return reading
    apart = {table.sheet for table in reading.returned}
    for grid in grids:
        reading.forms += _forms(grid) if grid.sheet not in apart else ()
    if not reading.forms and not reading.returned:
        reading.forms += [form for grid in grids if (form := read_bare_list(grid))]
    if not reading.forms and not reading.returned:
        sheets = "、".join(grid.sheet for grid in grids[:5])
        raise NothingFound(
            f"{name}：没有找到自评表、汇总表、项目清单或决算表（看过：{sheets}）。"
            "请核对是不是这个文件；表头要有“项目名称”“三级指标”“分值”之类的栏目，"
            "项目清单至少要有“项目名称”和“金额（万元）”或“金额（元）”两栏"
        )
    return reading


def _forms(grid: Grid) -> Iterator[Form]:
    if accounts := read_accounts(grid):
        yield from accounts
        return
    evaluations = FormReader(grid).forms()
    lists = read_lists(grid)
    if lists and not any(form.rows for form in evaluations):
        evaluations = []
    yield from evaluations
    yield from lists
    if not evaluations and not lists:
        yield from read_counts(grid)


# --- placing ---------------------------------------------------------------------------------


def plan(
    session: Session,
    reading: Reading,
    find: SetFinder,
    *,
    project_set: str = PROJECT_SET,
    department_set: str = "",
    sets: Iterable[str] = (),
    choose: Callable[[Form], IndicatorSet] | None = None,
    into: str = "",
    as_handed_in: bool = False,
) -> Ledger:
    """Return what an import of a file into a session would do. Nothing is changed.

    ``sets`` are the ids among which the one for a department's form is looked for, where the
    session has none and ``department_set`` names none. ``choose`` gives the set of a project's
    form; without it that is the project's own, or ``project_set``. ``as_handed_in`` lets what a
    form leaves out be assumed, see :class:`.ledger.Ledger`. ``into`` is the evaluation
    (``department``, ``projects/p1``) that a form which names no project belongs to.
    """
    ledger = Ledger(session, as_handed_in)
    projects = ProjectsOf(ledger, each=reading.own is not None)
    placer = _Placer(ledger, find, project_set, department_set, tuple(sets), choose, into, projects)
    for form in reading.forms:
        placer.place(form)
        if reading.own is not None and placer.last is not None:
            for own in reading.own.forms:
                if own.form is form:
                    own_export.place_lines(own, *placer.last, ledger)
    _returned(reading, ledger, find)
    tell_of_sheets(reading.grids, ledger, ours=_ours(reading))
    ledger.others = partial(_others, reading, ledger.told)
    return ledger


@dataclass(slots=True)
class _Placer:
    """Places one form after another."""

    ledger: Ledger
    find: SetFinder
    project_set: str
    department_set: str
    sets: tuple[str, ...]
    choose: Callable[[Form], IndicatorSet] | None
    into: str
    projects: ProjectsOf
    last: tuple[str, IndicatorSet] | None = None

    def place(self, form: Form) -> None:
        """Place a form; ``last`` tells which evaluation it was about and its set."""
        ledger, self.last = self.ledger, None
        if form.year and form.year != ledger.base.year:
            years = f"表上是 {form.year} 年度，任务是 {ledger.base.year} 年度"
            ledger.notes.append(f"{form.title[:40]}：{years}，请核对")
        if form.kind == "list":
            place_list(form, ledger, self.find(self.project_set), each=self.projects.each)
        elif form.kind == "accounts":
            place_accounts(form, ledger, self._department(None))
        elif form.kind == "counts":
            place_counts(form, ledger)
        elif self._belongs_to_department(form):
            self._whole_department(form)
        else:
            self._project(form)
        for cell, why in form.ignored:
            ledger.ignore(cell, why)
        self._unit(form)

    def _belongs_to_department(self, form: Form) -> bool:
        if "name" in form.heads or not self.into:
            return form.is_department
        return self.into == "department"

    def _project(self, form: Form) -> None:
        ledger = self.ledger
        if "name" not in form.heads and self.into:
            key = split(self.into)[1]
            known = self.find(ledger.base.projects[key].set)
            ProjectPlacer(form, ledger, known, key).place()
            return
        if "name" not in form.heads:
            title = re.sub(r"(项目支出|绩效|自评|表|20\d\d年度?|[（）()])", "", form.title).strip()
            form.heads["name"] = Seen(title or "未写名称的项目")
            ledger.notes.append(f"{form.title[:40]}：没有找到项目名称，请在导入后补填")
        name = form.heads["name"].raw
        code = form.heads["code"].raw if "code" in form.heads else ""
        key = self.projects.key(name, code)
        old = ledger.base.projects.get(key)
        if self.choose is not None:
            chosen = self.choose(form)
        else:
            named = None if old else self._named(form, "project")
            chosen = named or self.find(old.set if old else self.project_set)
        ProjectPlacer(form, ledger, chosen, key).place()
        self.last = join("projects", key), chosen

    def _named(self, form: Form, scope: str) -> IndicatorSet | None:
        """Return the set a form of ours names, where it is known here."""
        found = self.find(form.set_id) if form.set_id in self.sets else None
        return found if found is not None and found.scope == scope else None

    def _whole_department(self, form: Form) -> None:
        chosen = self._department(form)
        if chosen is None:
            told = "没有合用的部门整体指标体系。请先新建任务并选定，或用 --set 指明"
            for cell in form.taken():
                self.ledger.refuse(cell, told)
            return
        DepartmentPlacer(form, self.ledger, chosen).place()
        self.last = "department", chosen

    def _department(self, form: Form | None) -> IndicatorSet | None:
        if self.choose is not None and form is not None:
            return self.choose(form)
        if (department := self.ledger.base.department) is not None:
            return self.find(department.set)
        if self.department_set:
            return self.find(self.department_set)
        if form is None:
            return None
        return self._named(form, "department") or best_set(form, map(self.find, self.sets))

    def _unit(self, form: Form) -> None:
        """Fill what the session does not know of the unit yet; never replace what it knows."""
        ledger = self.ledger
        taken = {"unit": "name", "department": "department_in_charge", "head": "head"}
        taken |= {name: name for name in ("prepared_by", "phone", "filled_on")}
        placed = {"name", "code", "implementing_unit", "category", "start", "end"}
        project = form.kind == "evaluation" and not form.is_department
        for name, cell in form.heads.items():
            if (project and name in placed) or not cell.address:
                continue
            field_name = taken.get(name, "")
            now = getattr(ledger.base.unit, field_name, "") if field_name else ""
            path = join("unit", field_name) if field_name else ""
            same = bool(field_name) and cell.raw == ledger.base.unit.name
            if field_name and not now and path not in ledger.made and not same:
                ledger.accept(cell, path, cell.raw[:200])
            else:
                ledger.ignore(cell, "单位信息以任务里的为准" if field_name else "标题或说明")


def _returned(reading: Reading, ledger: Ledger, find: SetFinder) -> None:
    """Place what came home: it is said of the session the rest of the file leads to."""
    if ledger.as_handed_in:
        return
    for table in reading.returned:
        session = ledger.applied()
        card = score_session(session, find)
        if table.kind == "复核意见表":
            place_opinions(table, ledger, session, card)
        else:
            place_remedies(table, ledger, matters(Material(session, card, find)))


def _ours(reading: Reading) -> set[str]:
    """Return the sheets that this software wrote: what their formulas give is computed anyway."""
    if reading.own is not None:
        return {grid.sheet for grid in reading.grids}
    return {table.sheet for table in reading.returned}


def _others(reading: Reading, noted: Iterable[Entry]) -> Iterator[Entry]:
    """Yield every other cell with content, so that the list is whole."""
    told = {(entry.sheet, entry.address) for entry in noted}
    not_read = own_export.NOT_READ if reading.own else {}
    ours = _ours(reading)
    for grid in reading.grids:
        why = not_read.get(grid.sheet, "标题、栏目名或说明")
        for row in range(len(grid.cells)):
            for column, text in grid.filled(row):
                sheet, address = grid.at(row, column)
                if (sheet, address) not in told:
                    yield Entry(sheet, address, text, Verdict.IGNORED, reason=why)
        for place, text in sorted(grid.faults.items()):
            sheet, address = grid.at(*place)
            unread = COMPUTED if sheet in ours else "没有数值，也不在要读的栏里"
            if (sheet, address) not in told:
                yield Entry(sheet, address, text, Verdict.IGNORED, reason=unread)


# --- as handed in ----------------------------------------------------------------------------


def blank_session(readings: Iterable[Reading], name: str) -> Session:
    """Return the empty session a unit's files stand for: unit, year and money unit as stated."""
    forms = [form for reading in readings for form in reading.forms]
    heads = [form.heads for form in forms]

    def stated(*fields: str) -> str:
        return next(
            (
                " ".join(head[one].raw.split())[:200]
                for one in fields
                for head in heads
                if one in head
            ),
            "",
        )

    year = next((form.year for form in forms if form.year), 0)
    units = [form.money_unit for form in forms if form.money_unit in ("元", "万元")]
    unit = stated("unit", "implementing_unit", "department") or Path(name).stem or name
    digest = sha256("\x1f".join([name, unit]).encode()).hexdigest()[:10]
    return Session(
        id=f"in-{digest}",
        unit=Unit(name=unit, department_in_charge=stated("department")),
        year=year or 2000,
        money_unit="元" if units and units[0] == "元" else "万元",
        source=name,
    )


def refused(ledger: Ledger) -> list[str]:
    """Return what could not be taken, a line for each cell."""
    return [
        f"{entry.place}：“{entry.raw[:30]}”{entry.reason}"
        for entry in ledger.told
        if entry.verdict is Verdict.REFUSED
    ]
