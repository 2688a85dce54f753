"""What the command modules share: Chinese help, options, and where a session comes from."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from perfeval.errors import PerfevalError

if TYPE_CHECKING:
    from perfeval.checks import Finding
    from perfeval.scoring.engine import SetFinder
    from perfeval.session.model import Session
    from perfeval.store import Store, Workspace

FINE, FINDINGS, WRONG = 0, 1, 2

_HELP_WORDS = {
    "Usage: ": "用法：",
    "[OPTIONS] COMMAND [ARGS]...": "[选项] 命令 [参数]…",
    "[OPTIONS]": "[选项]",
    "Options:\n": "选项：\n",
    "Commands:\n": "命令：\n",
    "Arguments:\n": "参数：\n",
    "Show this message and exit.": "显示本帮助。",
    "[required]": "（必填）",
    "COMMAND": "命令",
    " <str>": "",
    " <path>": "",
    "  [default: evidence]": "",
}


def in_chinese(text: str) -> str:
    """Replace the few words the argument parser prints in English."""
    for english, chinese in _HELP_WORDS.items():
        text = text.replace(english, chinese)
    return text


class Command(TyperCommand):
    """A command whose help is Chinese throughout."""

    def get_help(self, ctx: Any) -> str:
        return in_chinese(super().get_help(ctx))


class Group(TyperGroup):
    """A group of commands whose help is Chinese throughout."""

    def get_help(self, ctx: Any) -> str:
        return in_chinese(super().get_help(ctx))


class Options:
    """What stood before the command: where sets and the database are, and who is at work."""

    sets: Path | None = None
    database: str | None = None
    who: str = ""


File = Annotated[
    str,
    typer.Argument(
        metavar="任务", help="已保存任务的编号，或自评任务文件（YAML、JSON）；sample 为内置示例"
    ),
]
SavedId = Annotated[str, typer.Argument(metavar="编号", help="已保存任务的编号")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，数值为十进制文本")]
As = Annotated[str, typer.Option("--as", metavar="姓名", help="以谁的名义（记入修改记录）")]


def finder(of: str = "") -> SetFinder:
    """Return how sets are found under the given options; ``of`` names who asks, for messages."""
    from perfeval.indicators.library import find

    return partial(find, sets=Options.sets, of=of)


def who(name: str) -> str:
    """Return who is at work: ``--as``, ``PERFEVAL_USER``, else the computer's user name."""
    return name or os.environ.get("PERFEVAL_USER", "") or getpass.getuser()


@contextmanager
def opened_store() -> Iterator[Store]:
    """Open the database the options name."""
    from perfeval.store import Store

    with Store.open(Options.database) as store:
        for problem in store.problems:
            print(problem, file=sys.stderr)
        yield store


def files_of_evidence(session: Session) -> list[Finding]:
    """Return what is wrong with the evidence of a session, kept beside the database."""
    from perfeval.store.evidence import evidence_folder
    from perfeval.store.workflow import evidence_findings

    if not session.evidence:
        return []
    with opened_store() as store:
        return evidence_findings(session, evidence_folder(store))


@contextmanager
def opened(session_id: str) -> Iterator[Workspace]:
    """Open a saved session."""
    from perfeval.store import Workspace

    with opened_store() as store:
        yield Workspace.open(store, session_id)


def session_and_sets(name: str) -> tuple[Session, SetFinder]:
    """Return the session a file, an id or ``sample`` means, and the sets it is scored with.

    A saved session is scored with the sets pinned to it.
    """
    from perfeval.samples import NAME, sample_text
    from perfeval.session import files

    path = Path(name)
    if path.exists():
        return files.load(path), finder(path.name)
    if name == "sample":
        return files.loads(sample_text(), f"{NAME}.yaml"), finder()
    if path.suffix or path.parent != Path():
        return files.load(path), finder()  # says that there is no such file
    with opened(name) as workspace:
        return workspace.session, workspace.find


def print_json(data: Any) -> None:
    """Print plain data as JSON, Chinese as it is."""
    print(json.dumps(data, ensure_ascii=False, indent=2))


def tell(as_json: bool, text: str, **data: Any) -> None:
    """Print what was done: a sentence, or the same as JSON."""
    if as_json:
        print_json(data)
    else:
        print(text)


def refuse_existing(path: Path) -> None:
    """Raise rather than overwrite a file the user may need."""
    if path.exists():
        raise PerfevalError(f"{path}：已有这个文件。请换一个文件名，或先移走它")


def short(value: Any) -> str:
    """Print a plain value of a change in a few characters."""
    if value in (None, "", {}, []):
        return "（空）"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"
