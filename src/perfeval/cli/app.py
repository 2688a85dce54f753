"""The verbs. Each reads, calls the pure rooms, and shows; heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from perfeval import __version__
from perfeval.cli import audit, export, filling, handing, imports, packages
from perfeval.cli.common import (
    FINDINGS,
    FINE,
    WRONG,
    AsJson,
    Command,
    File,
    Group,
    Options,
    chosen,
    kilobytes,
    means_folder,
    print_json,
    say,
)
from perfeval.cli.sets import sets
from perfeval.cli.shelf import sessions
from perfeval.cli.usage import told, wrong_use
from perfeval.errors import Findings, PerfevalError

app = typer.Typer(
    cls=Group, add_completion=False, rich_markup_mode=None, no_args_is_help=True,
    help="预算绩效自评：逐项准确计分、讲清每一分、审核勾稽、导出带公式的 Excel。",
)  # fmt: skip
app.add_typer(sets, name="sets")
app.add_typer(sessions, name="sessions")


@app.callback()
def options(
    folder: Annotated[
        Path | None,
        typer.Option("--sets", metavar="文件夹", help="先在这个文件夹里找指标体系"),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option("--database", metavar="位置", help="数据库文件或地址（缺省在数据文件夹）"),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="显示版本。")] = False,
) -> None:
    """What holds for every command."""
    from perfeval.places import sets_folder

    asked, first = ("--sets", folder) if folder else ("PERFEVAL_SETS", sets_folder())
    if first is not None and not first.is_dir():
        raise PerfevalError(f"{asked}：没有文件夹“{first}”")
    Options.sets, Options.database = folder, database
    if version:
        print(f"perfeval {__version__}")
        raise typer.Exit


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; nothing but a message reaches the user."""
    try:
        result = app(list(arguments), standalone_mode=False, prog_name="perfeval")
    except Findings as error:
        say(str(error))
        return FINDINGS
    except PerfevalError as error:
        return _stopped(told(error))
    except (KeyboardInterrupt, typer.Abort):
        return _stopped("已中断")
    except SystemExit as left:  # the parser leaves with 1 when nobody reads on: `… | head`
        if isinstance(left.__context__, BrokenPipeError):
            return FINE
        raise
    except Exception as error:
        return _stopped(wrong_use(error) if hasattr(error, "format_message") else _unexpected())
    return result if isinstance(result, int) else FINE


def _stopped(text: str) -> int:
    say(text, beside=True)
    return WRONG


def _unexpected() -> str:
    """Put what went wrong inside into the log, and say where it is."""
    import traceback

    from perfeval.places import data_folder

    log = data_folder() / "perfeval.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(traceback.format_exc() + "\n")
    except OSError:
        return f"程序出错，没有完成。请把下面的内容发给维护人员：\n{traceback.format_exc(limit=-3)}"
    return f"程序出错，没有完成。详情已记入 {log}，请发给维护人员"


# --- verbs -----------------------------------------------------------------------------------


@app.command(cls=Command)
def score(file: File, as_json: AsJson = False) -> None:
    """计分：一级、二级、三级指标得分和等级，项目汇总。"""
    from perfeval.cli import data, show

    if means_folder(file):
        imports.check_folder(Path(file), as_json=as_json)
        return
    with chosen(file) as one:
        if as_json:
            print_json(data.scorecard(one.session, one.card) | imports.reading_data(one))
        else:
            show.scorecard(one.session, one.find, one.card)
            imports.show_reading(one)


@app.command(cls=Command)
def explain(
    file: File,
    what: Annotated[str, typer.Argument(metavar="代码或位置", help="如 B3、projects/p6")],
    as_json: AsJson = False,
) -> None:
    """计分过程：一项得分的公式、代入、规则和依据。"""
    from perfeval.cli import data, show

    with chosen(file) as one:
        found = show.find_results(one.card, what)
        if as_json:
            print_json([data.indicator(row, result, one.session) for row, result in found])
        else:
            show.traces(found)


@app.command(cls=Command)
def check(
    file: File,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="文件", help="文件夹的复核情况汇总表写到哪里")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """审核：找出不成立的地方。有“错误”时退出码为 1。可给一个装着各单位材料的文件夹。"""
    from perfeval.checks import Level, not_assessed
    from perfeval.cli import show

    if means_folder(file):
        return imports.check_folder(Path(file), as_json=as_json, xlsx=xlsx)
    if xlsx is not None:
        raise PerfevalError("--xlsx 只用于审核一个文件夹")
    with chosen(file) as one:
        findings = one.findings()
        if as_json:
            data = {"findings": [finding.as_dict() for finding in findings]}
            print_json(data | imports.reading_data(one))
        else:
            show.findings(findings, not_assessed(one.session, one.card, one.find))
            imports.show_reading(one)
    unexplained = [f for f in findings if f.level is Level.ERROR and f.waiver is None]
    return FINDINGS if unexplained else FINE


@app.command(cls=Command)
def whatif(file: File, as_json: AsJson = False) -> None:
    """得分测算：哪里还能得分、能让多少、距下一等级还差多少。"""
    from perfeval.cli import data, show

    with chosen(file) as one:
        if as_json:
            print_json(data.whatif(one.card))
        else:
            show.whatif(one.session, one.card)


@app.command(cls=Command)
def report(
    file: File,
    path: Annotated[
        str, typer.Option("--path", metavar="代码或位置", help="只看一项指标或一个项目")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """全部内容的纯文本：逐项填报、计分过程、审核、佐证和汇总，供读屏软件和存档。"""
    from perfeval.cli.report import lines, reported

    with chosen(file) as one:
        found = reported(one.session, one.find, one.card, one.findings(), path)
    if as_json:
        print_json(found)
    else:
        say("\n".join(lines(found)))


app.command("export", cls=Command)(export.export)


@app.command(cls=Command)
def demo(
    no_tui: Annotated[bool, typer.Option("--no-tui", help="只打印，不打开界面")] = False,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="文件夹", help="工作簿写到哪里")
    ] = None,
) -> None:
    """演示：内置示例的得分表、审核结果和导出的工作簿。"""
    from perfeval.checks import not_assessed
    from perfeval.cli import show

    with chosen("sample") as one:
        show.scorecard(one.session, one.find, one.card)
        show.findings(one.findings(), not_assessed(one.session, one.card, one.find))
        path = export.write(one.session, one.card, to)
    say(f"\n已导出 {path}（{kilobytes(path.stat().st_size)}）")
    say("下一步：perfeval explain sample B3 · perfeval whatif sample · perfeval --help")


for _name, _verb in (
    filling.VERBS | handing.VERBS | packages.VERBS | export.VERBS | imports.VERBS | audit.VERBS
).items():
    app.command(_name, cls=Command)(_verb)
