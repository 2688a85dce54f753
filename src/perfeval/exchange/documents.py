"""What can be exported: one table of documents, for the command line, the interface, the package.

A document is one sheet of the workbook, or one for each project; :func:`sheets_of` makes those of
any choice. What a sheet reads from one that was not chosen stands in it as a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from perfeval.errors import PerfevalError, nearest
from perfeval.exchange import charts, deductions, registers, review_sheet
from perfeval.exchange.book import Book, Material
from perfeval.exchange.layout import PLAIN, Sheet, quoted
from perfeval.session.model import Session
from perfeval.session.seal import seal

Writer = Callable[[Book], Iterable[Sheet]]


@dataclass(frozen=True, slots=True)
class Document:
    """A kind of document: how it is called, when a session has one, and what makes its sheets.

    ``applies`` says whether the session holds anything for it; ``needs`` is what to tell where
    it does not.
    """

    id: str
    name: str
    description: str
    applies: Callable[[Session], bool]
    writer: Writer
    needs: str


def _department(session: Session) -> bool:
    return session.department is not None


def _projects(session: Session) -> bool:
    return bool(session.projects)


def _taking_part(session: Session) -> bool:
    return any(True for _ in session.evaluated_projects())


def _any(session: Session) -> bool:
    return _department(session) or _taking_part(session)


def _one(sheet: Sheet | None) -> list[Sheet]:
    return [] if sheet is None else [sheet]


_NO_DEPARTMENT = "没有部门整体自评"
_NO_PROJECTS = "没有参加自评的项目"
_NOTHING = "没有部门整体自评，也没有参加自评的项目"

DOCUMENTS: tuple[Document, ...] = (
    Document(
        "summary", "自评汇总表", "项目支出自评汇总：预算、执行、各得分率、得分、偏差原因",
        _projects, lambda book: [book.summary.sheet], "没有项目",
    ),
    Document(
        "scores", "得分情况表", "部门整体各一级指标的权重、得分率、得分和等级（表3-1）",
        _department, lambda book: _one(book.scores), _NO_DEPARTMENT,
    ),
    Document(
        "department", "部门整体自评表", "部门整体各级指标的指标值、完成值、得分和偏差原因",
        _department, lambda book: _one(book.department_form), _NO_DEPARTMENT,
    ),
    Document(
        "projects", "项目支出绩效自评表", "每个项目一张：资金、年度目标、各级指标、总分",
        _taking_part, lambda book: book.project_forms, _NO_PROJECTS,
    ),
    Document(
        "charts", "得分图", "各一级指标得分率、各项目得分和等级分布",
        _any, charts.sheets, _NOTHING,
    ),
    Document(
        "deductions", "扣分明细表", "每一处扣分：扣多少、为什么、按什么规则",
        _any, deductions.sheets, _NOTHING,
    ),
    Document(
        "review", "复核意见表", "自评得分、复核得分、差额、复核意见、反馈意见",
        review_sheet.applies, review_sheet.sheets, "还没有复核意见",
    ),
    Document(
        "measures", "整改台账", "审核、扣分、复核中的问题，整改措施、责任科室、时限和状态",
        _any, registers.measures, _NOTHING,
    ),
    Document(
        "findings", "审核报告", "审核发现的错误、警告和提示，填报数与核算数对照",
        _any, registers.findings, _NOTHING,
    ),
    Document(
        "evidence", "佐证材料目录", "佐证材料的编号、名称、页码和所证明的指标",
        lambda session: bool(session.evidence), registers.evidence, "还没有佐证材料",
    ),
    Document(
        "entries", "基础数据", "部门整体自评的全部填报数，各表公式由此取数",
        _department, lambda book: [book.entries], _NO_DEPARTMENT,
    ),
    Document(
        "check", "核对", "各表每个数字另算一遍，逐行核对是否一致",
        _any, lambda book: [book.check.sheet], _NOTHING,
    ),
)  # fmt: skip


def applicable(session: Session) -> tuple[Document, ...]:
    """Return the documents a session has something for, in their order."""
    return tuple(one for one in DOCUMENTS if one.applies(session))


def chosen(session: Session, names: Iterable[str]) -> tuple[Document, ...]:
    """Return the documents called by ``names``: ids, names or their ends (自评表 means both forms).

    Without names, all that apply. Raises :class:`PerfevalError` for a name no document has and
    for one the session holds nothing for.
    """
    wanted = [name.strip() for name in names if name.strip()]
    if not wanted:
        return applicable(session)
    found: set[str] = set()
    for name in wanted:
        meant = [one for one in DOCUMENTS if name in (one.id, one.name)]
        meant = meant or [one for one in DOCUMENTS if one.name.endswith(name)]
        if not meant:
            known = [one.name for one in DOCUMENTS]
            told = nearest(name, known) or f"可选：{'、'.join(known)}"
            raise PerfevalError(f"没有“{name}”这种文件。{told}")
        able = [one for one in meant if one.applies(session)]
        if not able:
            raise PerfevalError(f"不能导出{meant[0].name}：{meant[0].needs}")
        found |= {one.id for one in able}
    return tuple(one for one in DOCUMENTS if one.id in found)


def made(
    material: Material, on_step: Callable[[str], None] = lambda name: None
) -> dict[str, list[Sheet]]:
    """Return the sheets of every document that applies, by its id, not yet finished.

    All of them are made, because 核对 compares what they show with one another.
    """
    book = Book(material, on_step).build()
    sheets = {one.id: list(one.writer(book)) for one in applicable(material.session)}
    book.check.finish()
    return sheets


def together(
    sheets: dict[str, list[Sheet]], documents: Iterable[Document], session: Session
) -> list[Sheet]:
    """Return the sheets of a workbook of ``documents``, with the 校验码 on the last of them."""
    kept = [sheet for one in documents for sheet in sheets.get(one.id, [])]
    if len(kept) < sum(map(len, sheets.values())):
        kept = list(_alone(kept))
    if kept:
        code = seal(session)[:12]
        words = "-".join(code[at : at + 4] for at in range(0, 12, 4))
        kept[-1].paragraph(f"校验码：{words}（由全部填报内容算得，内容改动后不再相同）", PLAIN)
    return [sheet.finish() for sheet in kept]


_SHEET = re.compile(r"('(?:[^']|'')+'|[\u4e00-\u9fff]+)!")


def _alone(kept: list[Sheet]) -> Iterator[Sheet]:
    """Yield the sheets with every formula that reads a sheet not kept replaced by its value."""
    names = {quoted(sheet.name) for sheet in kept}
    for sheet in kept:
        cells = {
            place: cell._replace(formula="")
            if cell.formula and not names.issuperset(_SHEET.findall(cell.formula))
            else cell
            for place, cell in sheet.cells.items()
        }
        yield replace(
            sheet,
            cells=cells,
            merges=list(sheet.merges),
            spans=list(sheet.spans),
            heights=dict(sheet.heights),
            remarks=list(sheet.remarks),
        )
