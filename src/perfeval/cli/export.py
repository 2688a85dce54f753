"""``export`` and ``compare-report``: what leaves as Excel, Word or zip, and a report read back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perfeval.cli.common import (
    FINDINGS,
    FINE,
    AsJson,
    Chosen,
    File,
    chosen,
    kilobytes,
    print_json,
    say,
)
from perfeval.errors import PerfevalError, Problem, reason

if TYPE_CHECKING:
    from perfeval.exchange.book import Material
    from perfeval.exchange.outgoing import Sent
    from perfeval.exchange.template import Filled
    from perfeval.exchange.workbook import Written
    from perfeval.scoring.scorecard import Scorecard
    from perfeval.session.model import Session


def export(
    file: File,
    to: Annotated[Path | None, typer.Option("--to", metavar="文件夹", help="导出到哪里")] = None,
    documents: Annotated[
        str,
        typer.Option(
            "--documents",
            metavar="名称,…",
            help="导出哪些，如 自评表,自评汇总表；缺省全部 Excel 表",
        ),
    ] = "",
    separate: Annotated[bool, typer.Option("--separate", help="每种表一个文件")] = False,
    public: Annotated[bool, typer.Option("--public", help="公开版，缺省为内部上报版")] = False,
    template: Annotated[
        Path | None,
        typer.Option("--template", metavar="文件", help="填这份空白 .xlsx 表，或用这份 Word 模板"),
    ] = None,
    name: Annotated[
        str,
        typer.Option("--name", metavar="写法", help="文件名的写法，如 {单位}_{年度}年度_{文种}"),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """导出 Excel、Word 和上报材料包：自评表、汇总表、扣分明细、自评报告等；或填财政的空白表。"""
    from perfeval.exchange.outgoing import Wanted, send, send_public
    from perfeval.settings import load_settings

    parts = documents.replace("，", ",").replace("、", ",").split(",")
    names = tuple(part.strip() for part in parts if part.strip())
    settings, wrong = load_settings()
    if wrong:
        say(wrong, beside=True)
    folder, pattern = to or settings.folder, name or settings.file_name
    with chosen(file) as one:
        if template is not None and template.suffix.lower() != ".docx":
            if public or names:
                raise PerfevalError("填空白表时不用 --documents 和 --public。请分两次导出")
            _fill(one, template, folder, pattern, as_json=as_json)
            return
        if template is not None and not names:
            names = ("report",)  # what a Word template is for
        wanted = Wanted(names, separate, pattern, template, _evidence(one, names))
        write_all = send_public if public else send
        _tell(write_all(_material(one, look=True), folder, wanted), as_json=as_json)


def _material(one: Chosen, *, look: bool = False) -> Material:
    """Return what documents are made of; ``look`` sees which evidence of a saved one is there."""
    from perfeval.exchange.book import Material

    if one.workspace is None or not look:
        return Material(one.session, one.card, one.find)
    from perfeval.store.evidence import evidence_folder, states

    there = states(evidence_folder(one.workspace.store), one.session)
    return Material(one.session, one.card, one.find, there)


def _evidence(one: Chosen, names: Iterable[str]) -> dict[str, bytes]:
    """Return the files of evidence by SHA-256, where a package is wanted: those that are there.

    Of the others the package tells; one lost file must not keep all else from being handed in.
    """
    from perfeval.exchange.material import NAME

    if one.workspace is None or not {"package", NAME} & set(names):
        return {}
    from perfeval.store.evidence import evidence_folder, present

    return present(evidence_folder(one.workspace.store), one.session)


# --- what was written ------------------------------------------------------------------------


def _tell(sent: Sent, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "files": [_data(one) for one in sent.files],
                "missing": [_problem(one) for one in sent.missing],
                "differing": [_fields(one) for one in sent.differing],
            }
        )
        return
    for one in sent.files:
        say(told(one))
    for cure, problems in _by_cure(sent.missing).items():
        for problem in problems:
            say(f"{problem.place}：{problem.message}")
        if cure:
            say(cure)
    if sent.differing:
        say(f"公开数与上报数不同的 {len(sent.differing)} 处：")
        for differing in sent.differing:
            numbers = f"上报 {differing.internal}，公开 {differing.public}"
            say(f"  {differing.name}：{numbers}（{differing.reason}）")


def told(one: Written) -> str:
    """Return the line that says a file was written, and where it went instead if it had to."""
    moved = f"。“{one.instead.name}”正由别的程序打开，所以另存" if one.instead else ""
    return f"已导出 {one.path}（{kilobytes(one.size)}）{moved}"


def _data(one: Written) -> dict[str, Any]:
    return {"file": str(one.path), "size": one.size, "documents": list(one.documents)}


def _problem(one: Problem) -> dict[str, str]:
    return {"place": one.place, "message": one.message, "cure": one.cure}


def _fields(one: Any) -> dict[str, str]:
    return {name: getattr(one, name) for name in type(one).__slots__}


def _by_cure(problems: Iterable[Problem]) -> dict[str, list[Problem]]:
    """Return problems by what to do about them, which is then said once."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(problem.cure, []).append(problem)
    return found


# --- a bureau's own form ---------------------------------------------------------------------


def _fill(one: Chosen, template: Path, folder: Path, pattern: str, *, as_json: bool) -> None:
    from perfeval.exchange.template import fill

    filled = fill(_material(one), template, folder, pattern=pattern)
    if as_json:
        print_json({"files": [_filled(form) for form in filled]})
        return
    for form in filled:
        say(f"已填好 {form.path}（填入 {form.placed} 处）")
        for line in form.missing:
            say(f"  没有填入 {line}")
        for line in form.notes:
            say(f"  {line}")


def _filled(form: Filled) -> dict[str, Any]:
    return {
        "file": str(form.path),
        "size": form.size,
        "placed": form.placed,
        "missing": list(form.missing),
        "notes": list(form.notes),
    }


# --- an edited report ------------------------------------------------------------------------


def compare_report(
    file: File,
    report: Annotated[Path, typer.Argument(metavar="报告", help="改过的 Word 报告（.docx）")],
    template: Annotated[
        Path | None,
        typer.Option("--template", metavar="文件", help="导出时用的 Word 模板"),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """比较改过的报告：哪些数与任务不一致。有手工改动时退出码为 1。"""
    from perfeval.exchange.report.documents import compare

    try:
        edited = report.read_bytes()
    except (OSError, ValueError) as error:
        told = f"{report}：读不了，{reason(error)}。请核对位置和文件名"
        raise PerfevalError(told) from error
    with chosen(file) as one:
        found = compare(edited, _material(one), template)
    by_hand = [spot for spot in found if spot.kind == "手工改动"]
    if as_json:
        print_json([_fields(spot) for spot in found])
    else:
        for spot in found:
            place = " ".join(filter(None, (spot.kind, spot.where, spot.name)))
            say(f"{place}，任务中为 {spot.was}，报告中为 {spot.now or '（没有）'}")
        if not found:
            say("报告中的数与任务一致，没有手工改动")
        elif not by_hand:
            say("没有手工改动。以上各处请重新导出报告后核对")
    return FINDINGS if by_hand else FINE


VERBS = {"compare-report": compare_report}


def write(session: Session, card: Scorecard, to: Path | None) -> Path:
    """Write the workbook of a session into ``to``, else where documents go; return its place."""
    from perfeval.exchange.workbook import export_workbook
    from perfeval.places import export_folder

    return export_workbook(session, card, to or export_folder())
