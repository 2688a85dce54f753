"""``perfeval sets``: look at indicator sets, check, compare, add, and edit them in Excel."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from perfeval.cli.common import (
    FINDINGS,
    FINE,
    WRONG,
    AsJson,
    Column,
    Command,
    Force,
    Group,
    Options,
    print_json,
    refuse_existing,
    say,
    tell,
    tell_rows,
)
from perfeval.errors import PerfevalError

sets = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="指标体系：查看、检查、比较、添加。",
)

To = Annotated[
    Path | None, typer.Option("--to", metavar="文件", help="写到哪里，缺省以代号为文件名")
]

_LISTED = (
    Column("id", "代号"),
    Column("title", "名称"),
    Column("scope", "范围"),
    Column("file", "文件"),
)


@sets.command("list", cls=Command)
def sets_list(as_json: AsJson = False) -> None:
    """列出能用的指标体系。"""
    from perfeval.cli.show import scope
    from perfeval.indicators.library import load, set_files

    rows = []
    for set_id, path in set_files(Options.sets).items():
        try:
            loaded = load(path)
            rows.append((set_id, loaded.title, scope(loaded), str(path)))
        except PerfevalError as error:
            rows.append((set_id, f"（有问题：{str(error).splitlines()[0]}）", "", str(path)))
    tell_rows(as_json, _LISTED, rows, "没有指标体系")


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
            say(str(error), beside=True)
            code = WRONG
            continue
        for problem in problems:
            say(f"{problem.severity} {problem}")
        if any(problem.severity == "错误" for problem in problems):
            code = max(code, FINDINGS)
        if not problems:
            say(f"{file.name}：没有问题")
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
    old: Annotated[str, typer.Argument(metavar="原体系", help="代号或文件")],
    new: Annotated[str, typer.Argument(metavar="新体系", help="代号或文件")],
) -> None:
    """比较两套指标体系。"""
    from perfeval.indicators.library import diff, find_named

    differences = diff(find_named(old, Options.sets), find_named(new, Options.sets))
    for difference in differences:
        say(f"{difference.place}：{difference.old} → {difference.new}")
    if not differences:
        say("没有差别")


@sets.command("add", cls=Command)
def sets_add(
    file: Annotated[Path, typer.Argument(metavar="文件", help="自己的指标体系文件")],
) -> None:
    """把自己的指标体系装入数据文件夹，以后按代号使用。"""
    from perfeval.indicators.library import add

    added = add(file)
    say(f"已添加 {added.title}：{added.file}")
    for title in added.replaced:
        say(f"替换了原来装入的“{title}”")
    for path in added.hidden:
        say(f"今后用这一份，不再用同代号的 {path}")
    if added.replaced or added.hidden:
        say("已保存的任务仍用原来固定的那一份，要更新的用 perfeval sessions upgrade 编号")


@sets.command("to-excel", cls=Command)
def set_to_excel(
    set_id: Annotated[str, typer.Argument(metavar="指标体系", help="代号或文件")],
    to: To = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """把一套指标体系写成 Excel，一个三级指标一行，改好后用 from-excel 读回。"""
    from perfeval.exchange.set_tables import write_set
    from perfeval.indicators.library import find_named

    found = find_named(set_id, Options.sets)
    target = to or Path(f"{found.id}.xlsx")
    refuse_existing(target, force=force)
    path = write_set(found, target)
    tell(as_json, f"已写入 {path}", file=str(path), id=found.id)


@sets.command("from-excel", cls=Command)
def set_from_excel(
    file: Annotated[Path, typer.Argument(metavar="文件", help="to-excel 那样的工作簿")],
    to: To = None,
    force: Force = False,
    as_json: AsJson = False,
) -> int:
    """从 Excel 读一套指标体系，检查后写成文件；问题指明单元格，有“错误”时不写，退出码为 1。"""
    from perfeval.exchange.set_tables import read_set
    from perfeval.files import write_text
    from perfeval.indicators.library import loads

    text, problems = read_set(file)
    if not as_json:
        for problem in problems:
            say(f"{problem.severity} {problem}")
    if not text:
        if as_json:
            print_json({"problems": [str(one) for one in problems]})
        return FINDINGS
    set_id = loads(text, file.name).id
    target = to or Path(f"{set_id}.yaml")
    refuse_existing(target, force=force)
    write_text(text, target)
    told = f"已写入 {target}。装入后即可使用：perfeval sets add {target}"
    tell(as_json, told, file=str(target), id=set_id, problems=[str(one) for one in problems])
    return FINE
