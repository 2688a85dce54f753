"""导出 as it is shown: what can be written, what is marked, what was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from perfeval.exchange.documents import DOCUMENTS
from perfeval.exchange.material import NAME as MATERIAL_PACKAGE
from perfeval.exchange.outgoing import Sent
from perfeval.exchange.public import PUBLIC_DOCUMENTS
from perfeval.exchange.report.documents import WORD_DOCUMENTS
from perfeval.session.model import Session
from perfeval.settings import FILE_NAME
from perfeval.tui.widgets.grid import Column, Row

PACKAGE = "自评数据包"
"""The session itself, to be opened elsewhere; it is no document and is never public."""

COLUMNS = (
    Column("选", 4),
    Column("文件", 20),
    Column("内容", 0),
    Column("格式", 10, rank=1),
)

MARKED = frozenset(
    {"自评汇总表", "得分情况表", "部门整体自评表", "项目支出绩效自评表", "基础数据", "核对"}
)
"""What is marked when the screen opens: the forms an office hands in."""


@dataclass
class Choices:
    """What the user decided: which documents, which version, where, together or apart."""

    folder: Path = field(default_factory=Path)
    pattern: str = FILE_NAME
    public: bool = False
    separate: bool = False
    marked: set[str] = field(default_factory=lambda: set(MARKED))

    @property
    def text(self) -> str:
        """The line above the list."""
        version = "公开版" if self.public else "内部上报版"
        how = "每种一个文件" if self.separate else "合成一个 Excel"
        return f"版本 {version}    {how}    位置 {self.folder}"

    def turn(self, name: str, session: Session) -> None:
        """Mark a document or take its mark away; what the session has nothing for stays out."""
        if not name or reason_against(name, session, public=self.public):
            return
        self.marked ^= {name}


def reason_against(name: str, session: Session, *, public: bool) -> str:
    """Return why a document cannot be written now, or an empty text."""
    for form in DOCUMENTS:
        if form.name == name:
            if not form.applies(session):
                return form.needs
            return "不公开" if public and form.id not in PUBLIC_DOCUMENTS else ""
    for word in WORD_DOCUMENTS:
        if word.name == name:
            return "" if word.applies(session) else word.needs
    return "不公开" if public else ""


def _lines() -> Iterator[tuple[str, str, str]]:
    """Yield (name, description, format) of everything that can be written."""
    for form in DOCUMENTS:
        yield form.name, form.description, "Excel"
    for word in WORD_DOCUMENTS:
        yield word.name, word.description, "Word"
    yield PACKAGE, "整个自评任务：可在别处打开、复核、合并，可核对真伪", "perfeval"
    yield MATERIAL_PACKAGE, "按目录编号的全部上报材料，一个压缩包", "zip"


def rows_of(session: Session, choices: Choices) -> list[Row]:
    """Return a line for everything that can be written; what cannot says why."""
    rows = []
    for name, description, format_ in _lines():
        against = reason_against(name, session, public=choices.public)
        mark = "" if against else "[选]" if name in choices.marked else "[  ]"
        told = f"（{against}）" if against else description
        rows.append(Row(name, (mark, name, told, format_), "dim" if against else ""))
    return rows


def progress_text(done: int, total: int, name: str, room: int = 40) -> str:
    """Return how far the export is: a bar, the count, what was just done."""
    filled = room * done // max(total, 1)
    return f"[{'#' * filled}{' ' * (room - filled)}] {done}/{total} {name}"


def told_of(sent: Sent) -> Iterator[str]:
    """Yield what was written, with sizes, and what is still open."""
    for file in sent.files:
        yield f"已导出 {file.path}（{max(file.size // 1024, 1)} KB）"
        if file.instead is not None:
            yield f"  {file.instead.name} 正被别的程序打开，所以另存为 {file.path.name}"
    if sent.missing:
        yield "待补充或留意："
        yield from (f"  {one}" for one in sent.missing)
    if sent.differing:
        yield "公开版与内部上报版不同的数："
        yield from (f"  {one}" for one in sent.differing)
