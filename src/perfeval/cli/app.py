"""The verbs. Each reads, calls the pure rooms, and shows; heavy imports stay inside."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perfeval import __version__
from perfeval.cli import packages
from perfeval.cli.common import (
    FINDINGS,
    FINE,
    WRONG,
    AsJson,
    Command,
    File,
    Group,
    Options,
    files_of_evidence,
    in_chinese,
    print_json,
    session_and_sets,
    tell,
)
from perfeval.cli.saved import VERBS, sessions
from perfeval.errors import Findings, PerfevalError

if TYPE_CHECKING:
    from perfeval.session.model import Session

app = typer.Typer(
    cls=Group, add_completion=False, rich_markup_mode=None, no_args_is_help=True,
    help="预算绩效自评：逐项准确计分、讲清每一分、审核勾稽、导出带公式的 Excel。",
)  # fmt: skip
sets = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="指标体系：查看、检查、比较、添加。",
)
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
    if folder is not None and not folder.is_dir():
        raise PerfevalError(f"--sets：没有文件夹“{folder}”")
    Options.sets, Options.database = folder, database
    if version:
        print(f"perfeval {__version__}")
        raise typer.Exit


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; nothing but a message reaches the user."""
    try:
        result = app(list(arguments), standalone_mode=False, prog_name="perfeval")
    except Findings as error:
        print(error)
        return FINDINGS
    except PerfevalError as error:
        print(error, file=sys.stderr)
        return WRONG
    except (KeyboardInterrupt, typer.Abort):
        print("已中断", file=sys.stderr)
        return WRONG
    except BrokenPipeError:  # `perfeval score … | head`
        sys.stderr.close()
        return FINE
    except Exception as error:
        message = _wrong_use(error) if hasattr(error, "format_message") else _unexpected()
        print(message, file=sys.stderr)
        return WRONG
    return result if isinstance(result, int) else FINE


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


def _wrong_use(error: Any) -> str:
    """Say in Chinese what the argument parser found wrong, and where help is."""
    context = getattr(error, "ctx", None)
    where = context.command_path if context else "perfeval"
    parameter = _parameter(error)
    match type(error).__name__:
        case "NoArgsIsHelpError":
            return in_chinese(error.format_message())
        case "NoSuchOption":
            told = f"没有选项 {error.option_name}"
        case "MissingParameter":
            told = f"缺少{parameter.rstrip() or '参数'}"
        case "BadParameter":
            told = f"{parameter or '参数'}的值不对"
        case "BadOptionUsage" if "requires" in error.message:
            told = f"选项 {error.option_name} 后面要写值"
        case "BadOptionUsage":
            told = f"选项 {error.option_name} 后面不写值"
        case _ if error.message.startswith("No such command"):
            wrong, *meant = re.findall(r"'([^']*)'", error.message)
            told = f"没有命令“{wrong}”" + (f"。是否想写“{meant[0]}”？" if meant else "")
        case _ if found := re.search(r"unexpected extra argument.*? \((.*)\)", error.message):
            told = f"多余的参数 {found[1]}"
        case _:
            told = error.format_message()
    return f"{told}{'' if told.endswith('？') else '。'}用 {where} --help 查看用法"


def _parameter(error: Any) -> str:
    """Name the argument or option an error is about, as the help prints it."""
    parameter = getattr(error, "param", None)
    if parameter is None:
        return ""
    if parameter.param_type_name == "option":
        return f"选项 {parameter.opts[0]} "
    return str(parameter.metavar or "参数")


# --- verbs -----------------------------------------------------------------------------------


@app.command(cls=Command)
def score(file: File, as_json: AsJson = False) -> None:
    """计分：一级、二级、三级指标得分和等级，项目汇总。"""
    from perfeval.cli import data, show
    from perfeval.scoring.engine import score_session

    session, find = session_and_sets(file)
    card = score_session(session, find)
    if as_json:
        print_json(data.scorecard(session, card))
    else:
        show.scorecard(session, card)


@app.command(cls=Command)
def explain(
    file: File,
    what: Annotated[str, typer.Argument(metavar="代码或路径", help="如 B3、projects/p6")],
    as_json: AsJson = False,
) -> None:
    """计分过程：一项得分的公式、代入、规则和依据。"""
    from perfeval.cli import data, show
    from perfeval.scoring.engine import score_session

    session, find = session_and_sets(file)
    card = score_session(session, find)
    found = show.find_results(card, what)
    if as_json:
        print_json([data.indicator(row, result, session) for row, result in found])
    else:
        show.traces(found)


@app.command(cls=Command)
def check(file: File, as_json: AsJson = False) -> int:
    """审核：找出不成立的地方。有“错误”时退出码为 1。"""
    from perfeval.checks import Level, not_assessed, run
    from perfeval.cli import show
    from perfeval.scoring.engine import score_session

    session, find = session_and_sets(file)
    card = score_session(session, find)
    findings = [*run(session, card, find), *files_of_evidence(session)]
    if as_json:
        print_json({"findings": [finding.as_dict() for finding in findings]})
    else:
        show.findings(findings, not_assessed(session, card, find))
    unexplained = [f for f in findings if f.level is Level.ERROR and f.waiver is None]
    return FINDINGS if unexplained else FINE


@app.command(cls=Command)
def whatif(file: File, as_json: AsJson = False) -> None:
    """得分测算：哪里还能得分、能让多少、距下一等级还差多少。"""
    from perfeval.cli import data, show
    from perfeval.scoring.engine import score_session

    session, find = session_and_sets(file)
    card = score_session(session, find)
    if as_json:
        print_json(data.whatif(card))
    else:
        show.whatif(session, card)


@app.command(cls=Command)
def export(
    file: File,
    to: Annotated[Path | None, typer.Option("--to", metavar="文件夹", help="导出到哪里")] = None,
    as_json: AsJson = False,
) -> None:
    """导出 Excel：自评汇总表、得分情况表、部门整体自评表，公式可重算。"""
    from perfeval.scoring.engine import score_session

    session, find = session_and_sets(file)
    path = _write(session, score_session(session, find), to)
    size = path.stat().st_size
    tell(as_json, f"已导出 {path}（{size / 1024:.0f} KB）", file=str(path), size=size)


def _write(session: Session, card: Any, to: Path | None) -> Path:
    from perfeval.exchange.workbook import export_workbook
    from perfeval.places import export_folder

    return export_workbook(session, card, to or export_folder())


@app.command(cls=Command)
def demo(
    no_tui: Annotated[bool, typer.Option("--no-tui", help="只打印，不打开界面")] = False,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="文件夹", help="工作簿写到哪里")
    ] = None,
) -> None:
    """演示：内置示例的得分表、审核结果和导出的工作簿。"""
    from perfeval.checks import not_assessed, run
    from perfeval.cli import show
    from perfeval.scoring.engine import score_session

    session, find = session_and_sets("sample")
    card = score_session(session, find)
    show.scorecard(session, card)
    show.findings(run(session, card, find), not_assessed(session, card, find))
    path = _write(session, card, to)
    print(f"\n已导出 {path}（{path.stat().st_size / 1024:.0f} KB）")
    print("下一步：perfeval explain sample B3 · perfeval whatif sample · perfeval --help")


for _name, _verb in (VERBS | packages.VERBS).items():
    app.command(_name, cls=Command)(_verb)


# --- sets ------------------------------------------------------------------------------------


@sets.command("list", cls=Command)
def sets_list(as_json: AsJson = False) -> None:
    """列出能用的指标体系。"""
    from perfeval.cli import show
    from perfeval.indicators.library import set_files

    show.sets(set_files(Options.sets), as_json)


@sets.command("show", cls=Command)
def sets_show(
    set_id: Annotated[str, typer.Argument(metavar="指标体系", help="代号或文件")],
) -> None:
    """显示一套指标体系：分值、公式、规则、可信程度。"""
    from perfeval.cli import show
    from perfeval.indicators.library import find_named

    show.indicator_set(find_named(set_id, Options.sets))


@sets.command("lint", cls=Command)
def sets_lint(
    files: Annotated[list[Path], typer.Argument(metavar="文件…", help="指标体系文件")],
) -> int:
    """检查指标体系文件，逐条给出行号和改法。有“错误”时退出码为 1，读不了的为 2。"""
    from perfeval.errors import UnreadableInput
    from perfeval.indicators.library import lint

    code = FINE
    for file in files:
        try:
            problems = lint(file)
        except UnreadableInput as error:
            print(error, file=sys.stderr)
            code = WRONG
            continue
        for problem in problems:
            print(f"{problem.severity} {problem}")
        if any(problem.severity == "错误" for problem in problems):
            code = max(code, FINDINGS)
        if not problems:
            print(f"{file.name}：没有问题")
    return code


@sets.command("schema", cls=Command)
def sets_schema(
    session: Annotated[bool, typer.Option("--session", help="改为输出自评任务文件的")] = False,
) -> None:
    """输出指标体系文件的 JSON Schema，供编辑器补全和检查。"""
    from perfeval.indicators.documents import schema_of
    from perfeval.indicators.model import IndicatorSet
    from perfeval.session.model import Session

    print_json(schema_of(Session if session else IndicatorSet))


@sets.command("diff", cls=Command)
def sets_diff(
    old: Annotated[str, typer.Argument(metavar="原", help="代号或文件")],
    new: Annotated[str, typer.Argument(metavar="新", help="代号或文件")],
) -> None:
    """比较两套指标体系。"""
    from perfeval.indicators.library import diff, find_named

    differences = diff(find_named(old, Options.sets), find_named(new, Options.sets))
    for difference in differences:
        print(f"{difference.place}：{difference.old} → {difference.new}")
    if not differences:
        print("没有差别")


@sets.command("add", cls=Command)
def sets_add(
    file: Annotated[Path, typer.Argument(metavar="文件", help="自己的指标体系文件")],
) -> None:
    """把自己的指标体系装入数据文件夹，以后按代号使用。"""
    from perfeval.indicators.library import add

    added = add(file)
    print(f"已添加 {added.title}：{added.file}")
    for title in added.replaced:
        print(f"替换了原来装入的“{title}”")
    for path in added.hidden:
        print(f"今后用这一份，不再用同代号的 {path}")
    if added.replaced or added.hidden:
        print("已保存的任务仍用原来固定的那一份，要更新的用 perfeval sessions upgrade 编号")
